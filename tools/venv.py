"""Makes the Python environment Odoo and the tests run in, one with Odoo's versions and one with the newest (ODOO_DEPS=latest).

Must not know databases.
"""

import shutil
from pathlib import Path

from . import odoo_tree
from .paths import DEV, LATEST, PYTHON, ROOT, VENV, Problem, files_hash
from .progress import must_run, output_of, step

SYSTEM_PYTHON = Path("/usr/bin/python3.11")
PINS = ROOT / "tools/odoo19-python311.txt"
STAMP = VENV.with_suffix(".stamp")


def system_python() -> str:
    """Return Python 3.11: Debian's own when present, because a root's private build may be unreadable to others."""
    python = str(SYSTEM_PYTHON) if SYSTEM_PYTHON.exists() else shutil.which("python3.11")
    if not python:
        raise Problem("Python 3.11 is missing: install it (Debian 12: `apt-get install python3.11 python3.11-venv`)")
    return python


def ensure() -> None:
    """Make or renew the environment when the requirement files changed since it was made."""
    files = [PINS, ROOT / "requirements.txt", ROOT / "requirements-dev.txt"]
    stamp = files_hash(files, f"{LATEST}{system_python()}")
    if not STAMP.exists() or STAMP.read_text() != stamp:
        STAMP.unlink(missing_ok=True)
        with step(f"make the Python environment {VENV.name}"):
            build(newest_versions() if LATEST else PINS, files[1:])
        STAMP.write_text(stamp)
    link_odoo()


def build(pins: Path, requirements: list[Path]) -> None:
    create = [system_python(), "-m", "venv", "--clear", VENV]
    must_run(create, "venv.log", "cannot make a Python environment: install python3.11-venv")
    install = [PYTHON, "-m", "pip", "install", "--no-input", "-q"]
    for file in (pins, *requirements):
        install += ["-r", file]
    must_run(install, "venv.log", "pip cannot install the Python packages: check the network", append=True)


def newest_versions() -> Path:
    """Write the pins without their versions; lxml_html_clean is apart since lxml 5.2."""
    names = [line.split("==")[0] for line in PINS.read_text().splitlines() if line.strip()]
    target = DEV / "odoo19-latest.txt"
    target.write_text("\n".join([*names, "lxml_html_clean"]) + "\n")
    return target


def link_odoo() -> None:
    """Let the environment import odoo from the tree in use (ODOO_HOME may differ from call to call)."""
    line = f"{odoo_tree.library()}\n"
    pth = VENV / "lib/python3.11/site-packages/odoo.pth"
    if not pth.exists() or pth.read_text() != line:
        pth.write_text(line)


def version(package: str) -> str:
    code = "import sys, importlib.metadata as m; print(m.version(sys.argv[1]))"
    return output_of([PYTHON, "-c", code, package]).strip()
