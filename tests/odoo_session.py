"""Lets end-to-end tests and benchmarks use a real Odoo from outside: copies of a database, scripts in Odoo's shell.

`make test` and `make bench` set variables, so nothing here looks for programs: EC_ODOO_PYTHON (a Python that imports
odoo), EC_ODOO_CONF (Odoo's configuration, with the database server in it), EC_TEMPLATE_DB (a database with the three
addons installed, without demo data, English and Chinese) and EC_BASE_DB (the same without the addons).
"""

import contextlib
import itertools
import os
import subprocess
from collections.abc import Iterator

NUMBERS = itertools.count(1)


def is_available() -> bool:
    return "EC_TEMPLATE_DB" in os.environ


def odoo_command(command: str, *arguments: str) -> list[str]:
    """Return the words that run an Odoo command (server, shell, db ...) with the environment's configuration."""
    return [os.environ["EC_ODOO_PYTHON"], "-m", "odoo", command, "-c", os.environ["EC_ODOO_CONF"], *arguments]


def run_odoo(command: str, *arguments: str, script: str = "") -> str:
    """Run an Odoo command to its end and return what it prints; its log is in the error's text when it fails."""
    words = odoo_command(command, *arguments)
    done = subprocess.run(words, input=script, capture_output=True, text=True, check=False)
    if done.returncode:
        raise AssertionError(f"{' '.join(words)} ended with {done.returncode}:\n{done.stdout}\n{done.stderr}")
    return done.stdout


@contextlib.contextmanager
def database(source: str | None = None) -> Iterator[str]:
    """Give a fresh copy of a database, the template by default (3 s), dropped afterwards."""
    name = f"ec_session_{os.getpid()}_{next(NUMBERS)}"
    run_odoo("db", "duplicate", source or os.environ["EC_TEMPLATE_DB"], name)
    try:
        yield name
    finally:
        run_odoo("db", "drop", name)


def run_script(name: str, code: str) -> str:
    """Run code in Odoo's shell on a database (`env` is there; call env.cr.commit()) and return what it prints."""
    return run_odoo("shell", "-d", name, "--no-http", "--log-level=warn", script=code)
