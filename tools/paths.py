"""Where everything lies, and the one exception that ends a command with a clear line; must not run anything."""

import hashlib
import os
from collections.abc import Iterable
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
DEV = ROOT / ".dev"
LOGS = DEV / "log"
RUN = DEV / "run"
# Python packages in the versions Odoo 19 names, or with ODOO_DEPS=latest in their newest ones.
LATEST = os.environ.get("ODOO_DEPS") == "latest"
VENV = DEV / ("venv-latest" if LATEST else "venv")
PYTHON = VENV / "bin" / "python"
DATA = DEV / "data"
CONFIG = DEV / "odoo.conf"
ADDONS = ("energy_carbon", "energy_carbon_modbus", "energy_carbon_reports")
INSTALLED_SUFFIXES = {".py", ".xml", ".csv", ".po", ".js", ".scss", ".css", ".xlsx", ".json"}


class Problem(Exception):
    """Something the user must put right; the message says what, in one line."""


def make_folders() -> None:
    """Create the ignored folder; readable by others because PostgreSQL may run as another user."""
    for folder in (DEV, LOGS, RUN, DATA):
        folder.mkdir(mode=0o755, parents=True, exist_ok=True)


def is_root() -> bool:
    return os.geteuid() == 0


def files_hash(files: Iterable[Path], extra: str = "") -> str:
    """Hash the names and contents of files, in name order."""
    digest = hashlib.sha256(extra.encode())
    for file in sorted(files):
        digest.update(f"\0{file}\0".encode())
        digest.update(file.read_bytes())
    return digest.hexdigest()[:12]


def addon_hash(addons: Iterable[str] = ADDONS, with_tests: bool = False) -> str:
    """Hash all that installing these addons reads; tests and the pure libraries' caches do not count."""
    return files_hash(
        file
        for addon in addons
        for file in (ROOT / addon).rglob("*")
        if file.suffix in INSTALLED_SUFFIXES
        and file.is_file()
        and "__pycache__" not in file.parts
        and (with_tests or "tests" not in file.relative_to(ROOT / addon).parts)
    )
