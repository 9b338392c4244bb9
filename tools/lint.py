"""Runs the checkers, each counted as one test; must not know databases."""

import os
from pathlib import Path

from . import guards
from .paths import ADDONS, DEV, LOGS, ROOT, files_hash
from .progress import must_run, run_logged, step
from .results import Tally, single
from .venv import system_python

VENV = DEV / "lint"
STAMP = DEV / "lint.stamp"
REQUIREMENTS = ROOT / "requirements-lint.txt"
# missing-readme: one README.md at the root serves the three addons
# bad-builtin-groupby: engine/ and collector/ import no odoo, so they cannot use odoo.tools.groupby
ODOOLINT_DISABLED = "--disable=missing-readme,bad-builtin-groupby,consider-merging-classes-inherited"
# consider-merging-classes-inherited: a large model is spread over files, each named after what it adds
# Checks of oca-checks that make no sense here, and why:
# po-pretty-format empties translations that equal their source (kWh, XLSX), and the coverage test wants them written;
# xml-header-wrong wants a form of the XML header other than Odoo's own; prefer-readme-rst wants one README an addon
PO_DISABLED = "--disable=po-pretty-format"
OCA_DISABLED = "--disable=xml-header-wrong,prefer-readme-rst"


def ensure() -> None:
    stamp = files_hash([REQUIREMENTS], system_python())
    if STAMP.exists() and STAMP.read_text() == stamp:
        return
    with step("make the checkers' Python environment"):
        must_run([system_python(), "-m", "venv", "--clear", VENV], "lint-venv.log", "cannot make a Python environment")
        install = [VENV / "bin/python", "-m", "pip", "install", "--no-input", "-q", "-r", REQUIREMENTS]
        must_run(install, "lint-venv.log", "pip cannot install the checkers: check the network", append=True)
    STAMP.write_text(stamp)


def po_files() -> list[Path]:
    return [file for addon in ADDONS for file in sorted((ROOT / addon / "i18n").glob("*.po*"))]


def checks() -> dict[str, list]:
    """Return each checker's name and command."""
    programs = VENV / "bin"
    found = {
        "ruff": [programs / "ruff", "check", "--output-format=concise", "."],
        "pylint-odoo": [programs / "pylint", "--rcfile=.pylintrc", ODOOLINT_DISABLED, *ADDONS],
        "oca-checks-odoo-module": [programs / "oca-checks-odoo-module", OCA_DISABLED, *ADDONS],
    }
    if files := po_files():
        found["oca-checks-po"] = [programs / "oca-checks-po", PO_DISABLED, *files]
    return found


def run() -> Tally:
    """Run every checker even when one fails, and print what the failed ones say."""
    tally = Tally()
    environment = {**os.environ, "PATH": f"{VENV / 'bin'}:{os.environ['PATH']}"}
    for name, command in checks().items():
        with step(name):
            code = run_logged(command, f"lint-{name}.log", env=environment)
        if code:
            print((LOGS / f"lint-{name}.log").read_text())
        tally += single(f"lint: {name}", code == 0)
    for name, complaints in guards.all_complaints(ROOT).items():
        for complaint in complaints:
            print(f"  {complaint}")
        tally += single(f"lint: {name}", not complaints)
    return tally


def fix() -> None:
    """Let ruff and oca-checks put right what they can."""
    run_logged([VENV / "bin/ruff", "check", "--fix", "-q", "."], "fix.log")
    run_logged([VENV / "bin/oca-checks-odoo-module", OCA_DISABLED, "--fix", "--no-exit", *ADDONS], "fix.log")
    if files := po_files():
        run_logged([VENV / "bin/oca-checks-po", PO_DISABLED, "--fix", "--no-exit", *files], "fix.log")
