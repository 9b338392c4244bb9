"""A small server on the loopback that takes an agent's calls as Odoo does, and fails as told."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

PREFIX = "/json/2/energy.modbus.agent/"
DROP = "drop"  # does the work and closes the connection without an answer
FAULTS = (DROP, 500, 502, 429, 401, 403, "garbage", "short answer", "before")


class FakeOdoo:
    """Keeps the first value of a moment, answers row by row, and misbehaves once for each entry of ``faults``.

    :ivar stored: value by (indicator, time)
    :ivar arrivals: how often each (indicator, time, value) was stored, which must never be above 1
    :ivar faults: what happens to the next calls, the first first; None answers well
    """

    def __init__(self, key: str = "k", database: str = "db-1") -> None:
        self.key = key
        self.database = database
        self.gateways: list[dict] = []
        self.version = "v1"
        self.ahead = 0.0
        self.stored: dict[tuple[int, int], float] = {}
        self.arrivals: dict[tuple[int, int, float], int] = {}
        self.known = 0
        self.differing = 0
        self.refuse: Callable[[list], str | None] = lambda row: None
        self.most_rows = 10_000
        self.faults: list[Any] = []
        self.calls: list[str] = []
        self.reports: list[dict] = []
        self._lock = threading.Lock()
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), self._handler())
        self._server.daemon_threads = True
        self.port = self._server.server_address[1]
        self._thread = threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
        self._thread.start()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()

    def __enter__(self) -> FakeOdoo:
        return self

    def __exit__(self, *_exc: object) -> None:
        self.close()

    # === CALLS === #
    def answer(self, method: str, body: dict, key: str) -> tuple[int, Any]:
        """Status and answer of a call; None to give none."""
        with self._lock:
            self.calls.append(method)
            fault = self.faults.pop(0) if self.faults else None
            if key != f"Bearer {self.key}":
                return 401, {"message": "Invalid apikey"}
            if isinstance(fault, int):
                return fault, {"message": f"fault {fault}"}
            if fault == "before":
                return 0, None
            status, answer = self._work(method, body)
            if fault == DROP:
                return 0, None
            if fault == "garbage":
                return 200, "nonsense"
            if fault == "short answer" and "answers" in (answer or {}):
                answer["answers"] = answer["answers"][:-1]
            return status, answer

    def _work(self, method: str, body: dict) -> tuple[int, Any]:
        if method == "append_readings":
            return self._append(**body)
        self.reports.append(body.get("report"))
        answer = {
            "database": self.database,
            "now": time.time() + self.ahead,
            "key_expiry": time.time() + 100 * 86_400,
            "version": self.version,
        }
        return 200, answer if body.get("known") == self.version else {**answer, "gateways": self.gateways}

    def _append(self, rows: list, database: str) -> tuple[int, Any]:
        if len(rows) > self.most_rows:
            return 413, {"message": "too large"}
        if database != self.database:
            return 200, {"error": "database"}
        answers, reasons = [], {}
        for place, row in enumerate(rows):
            if reason := self.refuse(row):
                reasons[str(place)] = reason
                answers.append("refused")
                continue
            known = self.stored.get((row[0], row[1]))
            if known is None:
                self.stored[row[0], row[1]] = row[2]
                self.arrivals[tuple(row)] = self.arrivals.get(tuple(row), 0) + 1
            answers.append("stored" if known is None else "known" if known == row[2] else "differing")
        self.known += answers.count("known")
        self.differing += answers.count("differing")
        return 200, {"answers": answers, "reasons": reasons}

    def _handler(fake) -> type:  # noqa: N805 - the handler below has the name self
        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_POST(self) -> None:
                body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
                method = self.path.removeprefix(PREFIX)
                status, answer = fake.answer(method, body, self.headers["Authorization"])
                if answer is None:
                    self.close_connection = True
                    return
                data = answer.encode() if isinstance(answer, str) else json.dumps(answer).encode()
                self.send_response(status)
                self.send_header("Content-Type", "application/json")
                self.send_header("Content-Length", str(len(data)))
                self.end_headers()
                self.wfile.write(data)

            def log_message(self, *_arguments: Any) -> None:
                pass

        return Handler
