"""Debian packages this machine lacks: installs them as root, else names them; must not know databases."""

import os
import re
import shutil
from dataclasses import dataclass
from pathlib import Path

from .paths import Problem, is_root
from .progress import must_run, step

PG_BIN = Path("/usr/lib/postgresql/15/bin")
CLUSTER_SETTINGS = Path("/etc/postgresql-common/createcluster.d")


@dataclass(frozen=True)
class Need:
    """A Debian package, why it is wanted, and a file or program that proves it is there."""

    package: str
    reason: str
    proof: str

    def is_met(self) -> bool:
        return Path(self.proof).exists() if self.proof.startswith("/") else shutil.which(self.proof) is not None


POSTGRESQL = Need("postgresql-15", "the database server", str(PG_BIN / "initdb"))
VENV = Need("python3.11-venv", "Python's virtual environments", "/usr/lib/python3.11/ensurepip/__init__.py")
NPM = Need("npm", "a script the Debian package of Odoo leaves out", "npm")
CHROMIUM = Need("chromium", "browser tests", "chromium")
WKHTMLTOPDF = Need("wkhtmltopdf", "PDF tests", "wkhtmltopdf")
CJK_FILE = "/usr/share/fonts/opentype/noto/NotoSansCJK-Regular.ttc"
CHINESE_FONT = Need("fonts-noto-cjk", "Chinese text in screenshots and PDF", CJK_FILE)
GCC = Need("gcc", "the libmodbus test peers", "gcc")
LIBC = Need("libc6-dev", "the libmodbus test peers", "/usr/include/stdio.h")
LIBMODBUS = Need("libmodbus-dev", "the libmodbus test peers", "/usr/include/modbus/modbus.h")

FOR_RUN = (POSTGRESQL, VENV)
FOR_TESTS = (*FOR_RUN, NPM, CHROMIUM, WKHTMLTOPDF, CHINESE_FONT, GCC, LIBC, LIBMODBUS)


def ensure(needs: tuple[Need, ...]) -> None:
    """Install what is missing as root, saying what and why; otherwise say which packages are missing."""
    missing = [need for need in needs if not need.is_met()]
    if not missing:
        return
    names = " ".join(need.package for need in missing)
    if not is_root():
        raise Problem(f"missing Debian packages: ask an administrator for `apt-get install {names}`")
    for need in missing:
        print(f"  installing {need.package}: {need.reason}")
    with step("apt-get update"):
        must_run(["apt-get", "update", "-q"], "apt.log", "apt-get update failed: check the network and apt's sources")
    if POSTGRESQL in missing:
        with step("apt-get install postgresql-15 (without a system cluster)"):
            install_postgresql()
    rest = [need.package for need in missing if need is not POSTGRESQL]
    if rest:
        with step("apt-get install " + " ".join(rest)):
            apt_install(rest)


def apt_install(packages: list[str]) -> None:
    command = ["apt-get", "install", "-y", "-q", "--no-install-recommends", *packages]
    advice = f"apt-get install {' '.join(packages)} failed: install it by hand"
    must_run(command, "apt.log", advice, append=True, env={**os.environ, "DEBIAN_FRONTEND": "noninteractive"})


def install_postgresql() -> None:
    """Install the server; its package would else create and start a cluster of its own on port 5432."""
    apt_install(["postgresql-common"])
    CLUSTER_SETTINGS.mkdir(parents=True, exist_ok=True)
    setting = CLUSTER_SETTINGS / "energy-carbon-development.conf"
    setting.write_text("create_main_cluster = false\n")
    try:
        apt_install([POSTGRESQL.package])
    finally:
        setting.unlink()


def mirror() -> str:
    """Return the address of the Debian archive this machine uses (not the security one)."""
    apt = Path("/etc/apt")
    files = [apt / "sources.list", *sorted(apt.glob("sources.list.d/*.list")), *apt.glob("sources.list.d/*.sources")]
    for file in files:
        text = file.read_text() if file.exists() else ""
        lines = [line for line in text.splitlines() if not line.lstrip().startswith("#")]
        found = re.search(r"\S+(?:/debian/?|/mirrors/debian\.list)(?=\s|$)", "\n".join(lines))
        if found:
            return found.group()
    raise Problem("apt's sources name no address ending in /debian: set ODOO_HOME to an existing Odoo 19 tree")
