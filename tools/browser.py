"""A headless Chromium driven by its DevTools protocol: open, wait, look, take a picture. Must not know Odoo.

Needs websocket-client, so it runs in the Python environment of Odoo.
"""

from __future__ import annotations

import base64
import contextlib
import json
import subprocess
import tempfile
import time
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import websocket

SWITCHES = (
    "--headless=new",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-dev-shm-usage",
    "--disable-background-networking",
    "--no-first-run",
    "--no-default-browser-check",
    "--mute-audio",
    "--hide-scrollbars",
    "--force-prefers-reduced-motion",
    "--lang=en-US",
    "--remote-debugging-port=0",
)
START_LIMIT = 60  # seconds until the browser must tell its port
ANSWER_LIMIT = 60  # seconds until the browser must answer a command
POLL = 0.1
# A page left while it holds unsaved input would ask its user.
IGNORED_ERRORS = ("favicon.ico", "Blocked attempt to show a 'beforeunload'")


@dataclass
class Request:
    """One call a page made to its server.

    :ivar name: the last parts of the address
    :ivar milliseconds: from the call to its answer's last byte, None while it runs
    """

    name: str
    started: float
    milliseconds: float | None = None


@dataclass
class Page:
    """The one tab of the browser, with what went wrong and what was asked since an address was opened.

    :ivar document: identifies what was opened last; what the page before still asks is no matter
    """

    socket: websocket.WebSocket
    number: int = 0
    document: str = ""
    errors: list[str] = field(default_factory=list)
    requests: dict[str, Request] = field(default_factory=dict)

    # === PROTOCOL === #
    def send(self, method: str, **parameters) -> dict:
        """Have a command done and return its result; what happens meanwhile is noted."""
        self.number += 1
        self.socket.send(json.dumps({"id": self.number, "method": method, "params": parameters}))
        while True:
            message = json.loads(self.socket.recv())
            if message.get("id") == self.number:
                if "error" in message:
                    raise RuntimeError(f"{method}: {message['error']['message']}")
                return message["result"]
            self._note(message)

    def _note(self, message: dict) -> None:
        happened = getattr(self, "_on_" + message.get("method", "").replace(".", "_"), None)
        if happened:
            happened(message["params"])

    def _on_Runtime_exceptionThrown(self, given: dict) -> None:  # noqa: N802 - named for the protocol's event
        details = given["exceptionDetails"]
        self.errors.append(details.get("exception", {}).get("description") or details["text"])

    def _on_Runtime_consoleAPICalled(self, given: dict) -> None:  # noqa: N802
        if given["type"] == "error":
            words = [one.get("description") or str(one.get("value", "")) for one in given["args"]]
            self.errors.append(" ".join(words))

    def _on_Log_entryAdded(self, given: dict) -> None:  # noqa: N802
        entry = given["entry"]
        text = f"{entry['text']} {entry.get('url', '')}".strip()
        if entry["level"] == "error" and not any(known in text for known in IGNORED_ERRORS):
            self.errors.append(text)

    def _on_Network_requestWillBeSent(self, given: dict) -> None:  # noqa: N802
        if given["loaderId"] == self.document and not given["request"]["url"].startswith(("data:", "blob:")):
            name = "/".join(given["request"]["url"].split("?")[0].split("/")[3:])
            self.requests[given["requestId"]] = Request(name, given["timestamp"])

    def _on_Network_loadingFinished(self, given: dict) -> None:  # noqa: N802
        if request := self.requests.get(given["requestId"]):
            request.milliseconds = 1000 * (given["timestamp"] - request.started)

    _on_Network_loadingFailed = _on_Network_loadingFinished  # noqa: N815

    # === WHAT A USER DOES === #
    def show_as(self, width: int, height: int) -> None:
        """Take the size of a screen; a narrow one is a phone's."""
        phone = width < 768
        self.send(
            "Emulation.setDeviceMetricsOverride", width=width, height=height, deviceScaleFactor=1, mobile=phone
        )
        self.send("Emulation.setTouchEmulationEnabled", enabled=phone)

    def set_cookies(self, url: str, cookies: dict[str, str]) -> None:
        self.send("Network.clearBrowserCookies")
        for name, value in cookies.items():
            self.send("Network.setCookie", url=url, name=name, value=value)

    def open(self, url: str) -> None:
        """Go to an address; whatever is noted from now on is of that page."""
        self.document = ""
        self.document = self.send("Page.navigate", url=url)["loaderId"]
        self.errors.clear()
        self.requests.clear()

    def evaluate(self, expression: str):
        """What an expression gives in the page; None while the page is being replaced."""
        try:
            result = self.send("Runtime.evaluate", expression=expression, returnByValue=True, awaitPromise=True)
        except RuntimeError as error:
            if "context" in str(error) or "navigated" in str(error):
                return None
            raise
        return result["result"].get("value")

    def unanswered(self) -> list[str]:
        return [request.name for request in self.requests.values() if request.milliseconds is None]

    def wait(self, ready: str, seconds: float) -> bool:
        """Wait until nothing is being asked and the expression is true twice in a row; False when time is up."""
        limit, times = time.monotonic() + seconds, 0
        while time.monotonic() < limit:
            times = times + 1 if self.evaluate(ready) is True and not self.unanswered() else 0
            if times == 2:
                return True
            time.sleep(POLL)
        return False

    def picture(self, path: Path) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(base64.b64decode(self.send("Page.captureScreenshot", format="png")["data"]))


@contextlib.contextmanager
def browser(program: str) -> Iterator[Page]:
    """A running browser with one empty page, ended afterwards."""
    with tempfile.TemporaryDirectory(prefix="ec_chromium_", ignore_cleanup_errors=True) as folder:
        command = [program, *SWITCHES, f"--user-data-dir={folder}", "about:blank"]
        with Path(folder, "log").open("wb") as log:
            process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=log, stderr=log)
        try:
            yield connect(process, Path(folder))
        finally:
            process.terminate()
            process.wait()


def connect(process: subprocess.Popen, folder: Path) -> Page:
    """The page of a browser that was just started."""
    limit, ports = time.monotonic() + START_LIMIT, folder / "DevToolsActivePort"
    while not (ports.exists() and ports.read_text().count("\n")):
        if process.poll() is not None or time.monotonic() > limit:
            raise RuntimeError(f"the browser does not start: {(folder / 'log').read_text(errors='replace')[-2000:]}")
        time.sleep(POLL)
    port = ports.read_text().split()[0]
    with urllib.request.urlopen(f"http://127.0.0.1:{port}/json/list", timeout=ANSWER_LIMIT) as answer:
        target = next(one for one in json.load(answer) if one["type"] == "page")
    socket = websocket.create_connection(
        target["webSocketDebuggerUrl"], timeout=ANSWER_LIMIT, suppress_origin=True
    )
    page = Page(socket)
    for domain in ("Page", "Runtime", "Log", "Network"):
        page.send(f"{domain}.enable")
    return page
