"""Runs Odoo's own commands with one configuration file; must not know what the databases are for."""

import os
import re
import socket
import subprocess
from pathlib import Path

from . import odoo_tree
from .cluster import Server
from .paths import CONFIG, DATA, LOGS, PYTHON, ROOT, Problem
from .progress import must_run, run_logged

SETTINGS = """\
[options]
db_host = {host}
db_port = {port}
db_user = {role}
data_dir = {data}
addons_path = {addons}
http_interface = 127.0.0.1
max_cron_threads = 1
workers = 0
list_db = False
"""


def write_config(server: Server) -> None:
    """Write the configuration every Odoo command uses; replaced at once, so a running command never reads half."""
    addons = f"{odoo_tree.apps()},{ROOT}"
    text = SETTINGS.format(host=server.host, port=server.port, role=server.role, data=DATA, addons=addons)
    if not CONFIG.exists() or CONFIG.read_text() != text:
        fresh = CONFIG.with_suffix(f".{os.getpid()}")
        fresh.write_text(text)
        fresh.replace(CONFIG)


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def is_port_free(port: int) -> bool:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        return probe.connect_ex(("127.0.0.1", port)) != 0


def command(*arguments: object) -> list[str]:
    """Return the words that run an Odoo command (`i18n export` is one) with our configuration."""
    first, *rest = (str(argument) for argument in arguments)
    return [str(PYTHON), "-m", "odoo", *first.split(), "-c", str(CONFIG), *rest]


def server_command(database: str, *options: object) -> list[str]:
    return command("server", "-d", database, *options)


def update(database: str, *options: object, log: str) -> None:
    """Install or update addons in a database without serving."""
    port = f"--http-port={free_port()}"
    words = server_command(database, port, "--no-http", "--max-cron-threads=0", "--stop-after-init", *options)
    code = run_logged(words, log)
    reason = first_error(LOGS / log) or (f"exit code {code}" if code else "")
    if reason:
        raise Problem(f"Odoo failed on database {database}: {reason} (log: {(LOGS / log).relative_to(ROOT)})")


def run_script(database: str, script: str, log: str) -> None:
    """Run a script in Odoo's shell on a database; it commits what it wants kept."""
    words = command("shell", "-d", database, "--no-http", "--log-level=warn")
    with (LOGS / log).open("wb") as sink:
        done = subprocess.run(words, cwd=ROOT, input=script.encode(), stdout=sink, stderr=sink, check=False)
    if done.returncode:
        raise Problem(f"Odoo's shell failed on database {database} (log: {(LOGS / log).relative_to(ROOT)})")


def first_error(log: Path) -> str:
    """Return the exception of the first error with a traceback, else the first line whose level is an error's."""
    first, failing = "", False
    for line in log.read_text(errors="replace").splitlines():
        if re.match(r"\d{4}-\d\d-\d\d ", line):
            failing = line.split(" ")[3:4] in (["ERROR"], ["CRITICAL"])
            first = first or (line if failing else "")
        elif failing and re.match(r"[\w.]+(Error|Exception|Warning)\b", line):
            return line
    return first


def has_loaded(log: Path) -> bool:
    return " odoo.registry: Registry loaded in " in log.read_text(errors="replace")


def duplicate(source: str, target: str) -> None:
    advice = f"cannot copy database {source}"
    must_run(command("db", "duplicate", source, target), f"duplicate-{target}.log", advice)


def drop(database: str) -> None:
    run_logged(command("db", "drop", database), f"drop-{database}.log")
