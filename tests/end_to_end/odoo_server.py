"""An Odoo that answers over HTTP on a port of the loopback, for tests and benchmarks that talk to it from outside."""

from __future__ import annotations

import contextlib
import subprocess
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path

from tests import odoo_session
from tests.peers import free_port

START_SECONDS = 120.0


class OdooServer:
    """A server of one database, without scheduled actions; may be killed and started again on the same port."""

    def __init__(self, database: str, log: Path) -> None:
        self.database = database
        self.log = log
        self.port = free_port()
        self.process: subprocess.Popen | None = None

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def start(self) -> None:
        """Start and wait until it answers."""
        words = odoo_session.odoo_command(
            "server", "-d", self.database, f"--http-port={self.port}", "--max-cron-threads=0", "--log-level=warn"
        )
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(words, stdout=log, stderr=log)
        end = time.monotonic() + START_SECONDS
        while not self._answers():
            assert self.process.poll() is None and time.monotonic() < end, (
                f"Odoo did not start:\n{self.log.read_text()}"
            )
            time.sleep(0.2)

    def kill(self) -> None:
        """End it as a power cut would."""
        if self.process:
            self.process.kill()
            self.process.wait()

    def _answers(self) -> bool:
        try:
            with urllib.request.urlopen(f"{self.url}/web/health", timeout=5):
                return True
        except urllib.error.HTTPError:
            return True
        except OSError:
            return False


@contextlib.contextmanager
def server(database: str, folder: Path) -> Iterator[OdooServer]:
    """A running server, killed in the end.

    :param folder: where its log goes
    """
    odoo = OdooServer(database, folder / "odoo.log")
    try:
        odoo.start()
        yield odoo
    finally:
        odoo.kill()
