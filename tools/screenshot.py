"""`make screenshot`: pictures of all main screens of a database, in both languages, as wide as a desk's and a phone's.

They are taken on a copy of the database with a login for each role, so the database stays as it is. Must not know
which screens there are.
"""

import os
import shutil
import subprocess
from pathlib import Path

from . import databases, demo, odoo
from .cluster import Server
from .paths import DEV, LOGS, PYTHON, ROOT, Problem
from .processes import end
from .progress import step

FOLDER = DEV / "screenshots"
LOGINS = ROOT / "tools/role_logins.py"
FAILED = 3  # what tools/take_screenshots.py ends with when a screen showed an error


def run(server: Server, database: str) -> int:
    """Take the pictures into .dev/screenshots/DATABASE.

    :return: 1 when a screen showed an error, which is named then
    """
    folder = FOLDER / database
    if not os.environ.get("ONLY"):
        shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True, exist_ok=True)
    with databases.copy(server, database) as name:
        odoo.run_script(name, LOGINS.read_text(), "screenshot-logins.log")
        return take(name, folder)


def take(name: str, folder: Path) -> int:
    """Serve the copy and take its pictures."""
    port, started = odoo.free_port(), []
    url = f"http://127.0.0.1:{port}"
    try:
        words = odoo.server_command(name, f"--http-port={port}", "--max-cron-threads=0", "--log-level=warn")
        with step("start Odoo"):
            process = demo.start(words, "screenshot-odoo.log", started)
            demo.wait_for_page(f"{url}/web/login", process, LOGS / "screenshot-odoo.log")
        command = [PYTHON, "-m", "tools.take_screenshots", url, name, folder]
        code = subprocess.run([str(word) for word in command], cwd=ROOT, check=False).returncode
    finally:
        for process in started:
            end(process)
    if code not in (0, FAILED):
        raise Problem(f"the pictures could not be taken (log of Odoo: {(LOGS / 'screenshot-odoo.log').relative_to(ROOT)})")
    print(f"  pictures, calls.csv, english_in_chinese.txt, failures.txt: {folder.relative_to(ROOT)}")
    return 1 if code else 0
