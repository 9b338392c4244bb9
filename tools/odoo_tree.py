"""Gets Odoo 19 from Debian's archive into a folder, without touching the system; must not know databases or addons."""

import os
import re
import shutil
from pathlib import Path

from . import debian
from .paths import DEV, Problem
from .progress import must_run, output_of, step

PREFIX = DEV / "odoo"
READY = DEV / "odoo.ready"
PACKAGES = (
    *(f"{name}/sid" for name in ("odoo-19", "libjs-jquery", "libjs-jquery-form", "libjs-underscore")),
    *(f"{name}/sid" for name in ("fonts-roboto-unhinted", "fonts-montserrat", "fonts-ocr-b")),
    # sid's Font Awesome 7 and Inconsolata 3 lack the files Odoo's links point to
    "fonts-font-awesome/bookworm",
    "fonts-inconsolata/bookworm",
)
SELFIE = "selfie_segmentation"
APT_CONFIG = """\
Dir::State::lists "{apt}/lists";
Dir::Cache "{apt}/cache";
Dir::Etc::sourcelist "/dev/null";
Dir::Etc::sourceparts "{apt}/sources";
"""
APT_SOURCES = """\
Types: deb
URIs: {mirror}
Suites: sid bookworm
Components: main
Signed-By: /usr/share/keyrings/debian-archive-keyring.gpg
"""


def library() -> Path:
    """Return the folder that holds the Python package ``odoo``: ODOO_HOME's, or the one got from Debian."""
    home = os.environ.get("ODOO_HOME")
    if not home:
        return PREFIX / "usr/lib/python3/dist-packages"
    for folder in (Path(home), Path(home) / "usr/lib/python3/dist-packages"):
        if (folder / "odoo/release.py").exists():
            check_version(folder / "odoo/release.py")
            return folder.resolve()
    raise Problem(f"ODOO_HOME={home} holds no odoo/release.py: name a checkout of Odoo's 19.0 branch")


def apps() -> Path:
    """Return the folder of Odoo's own apps: Debian moves them beside base, a checkout keeps them apart."""
    packaged = library() / "odoo/addons"
    return packaged if (packaged / "mail").exists() else library() / "addons"


def check_version(release: Path) -> None:
    if not re.search(r"^version_info\s*=\s*\(\s*19\s*,", release.read_text(), re.MULTILINE):
        raise Problem(f"{release} is not Odoo 19: name a checkout of Odoo's 19.0 branch in ODOO_HOME")


def ensure(for_tests: bool) -> None:
    """Get the tree unless it is there; put back the one script Debian strips, which browser tests need."""
    if not os.environ.get("ODOO_HOME") and not READY.exists():
        shutil.rmtree(PREFIX, ignore_errors=True)
        with step("download Odoo 19 (130 MB)"):
            download()
        with step("unpack Odoo 19 (1.3 GB)"):
            unpack()
        READY.touch()
    restore_selfie(for_tests)


def download() -> None:
    apt = DEV / "apt"
    for folder in ("lists/partial", "cache/archives/partial", "sources", "packages"):
        (apt / folder).mkdir(parents=True, exist_ok=True)
    uri = debian.mirror()
    if not shutil.which("apt-get"):
        raise Problem("apt-get is missing: set ODOO_HOME to an existing Odoo 19 tree")
    (apt / "apt.conf").write_text(APT_CONFIG.format(apt=apt))
    (apt / "sources" / "debian.sources").write_text(APT_SOURCES.format(mirror=uri))
    advice = f"cannot get Odoo from {uri}: check the network, or set ODOO_HOME to an existing Odoo 19 tree"
    apt_get = ["apt-get", "-q", "-c", apt / "apt.conf"]
    must_run([*apt_get, "update", "--error-on=any"], "odoo-download.log", advice)
    must_run([*apt_get, "download", *PACKAGES], "odoo-download.log", advice, append=True, cwd=apt / "packages")


def unpack() -> None:
    for package in sorted((DEV / "apt/packages").glob("*.deb")):
        advice = f"cannot unpack {package.name}: run make clean"
        must_run(["dpkg-deb", "-x", package, PREFIX], "odoo-unpack.log", advice)
    broken = output_of(["find", PREFIX, "-xtype", "l"])
    if broken:
        raise Problem(f"Odoo's tree has a broken link ({broken.splitlines()[0]}): run make clean and try again")
    shutil.rmtree(DEV / "apt")


def restore_selfie(for_tests: bool) -> None:
    """Fetch mail's video script; without it each page logs an error, which only browser tests count as a failure."""
    target = apps() / f"mail/static/lib/{SELFIE}/{SELFIE}.js"
    if target.exists():
        return
    if not shutil.which("npm") and not for_tests:
        print("  note: npm is missing, so mail's video calls lack a script (install npm and start again)")
        return
    with step(f"fetch {SELFIE}.js with npm"):
        work = DEV / "npm"
        work.mkdir(exist_ok=True)
        advice = "npm cannot fetch @mediapipe/selfie_segmentation: check the network"
        must_run(["npm", "pack", "--silent", f"@mediapipe/{SELFIE}"], "npm.log", advice, cwd=work)
        archive = next(work.glob("*.tgz"))
        must_run(["tar", "-xzf", archive, "-C", work], "npm.log", f"cannot unpack {archive.name}", append=True)
        install = ["install", "-D", "-m", "644", work / f"package/{SELFIE}.js", target]
        must_run(install, "npm.log", f"cannot write {target}: make ODOO_HOME writable", append=True)
        shutil.rmtree(work)
