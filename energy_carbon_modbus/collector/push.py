"""From the spool to Odoo: one call of the JSON-2 API at a time, and what becomes of its answer; knows no meters.

Exactly once follows from two things: Odoo keeps the first value of a moment and answers *known* to a repetition, and a
reading leaves the spool only with its answer. So a lost answer, or a process killed before it could note one, sends the
batch again, and nothing is stored twice.
"""

from __future__ import annotations

import http.client
import json
import ssl
import urllib.error
import urllib.request
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from .spool import Spool

MODEL = "energy.modbus.agent"
MOST_ROWS = 10_000  # of one call; Odoo refuses more
FIRST_WAIT_SECONDS = 1.0
LONGEST_WAIT_SECONDS = 300.0

OK = "ok"
UNREACHABLE = "unreachable"
UNAUTHORIZED = "unauthorized"
FORBIDDEN = "forbidden"
ANSWERED_NO = "answered no"
OTHER_DATABASE = "other database"
LINK_STATES = (OK, UNREACHABLE, UNAUTHORIZED, FORBIDDEN, ANSWERED_NO, OTHER_DATABASE)


class LinkFailure(Exception):
    """A call came to nothing. The spool is as it was.

    :ivar state: one of ``LINK_STATES``
    :ivar too_large: Odoo, or what stands before it, takes no request of this size
    """

    def __init__(self, state: str, message: str, too_large: bool = False) -> None:
        super().__init__(message)
        self.state = state
        self.too_large = too_large


class _NoRedirect(urllib.request.HTTPRedirectHandler):
    """The key is for the address in the configuration and follows nobody elsewhere."""

    def redirect_request(self, *_args: Any) -> None:
        return None


@dataclass
class OdooApi:
    """Odoo's JSON-2 API as the agent sees it.

    :ivar url: address of Odoo, such as ``https://odoo.example.com``
    :ivar key: the agent's API key
    :ivar database: name of the database; None where the server has but one
    :ivar timeout: seconds to wait for a connection and for each part of an answer
    :ivar ca_file: certificates to trust besides the system's, for an own authority
    """

    url: str
    key: str
    database: str | None = None
    timeout: float = 60.0
    ca_file: str | None = None

    def __post_init__(self) -> None:
        context = ssl.create_default_context(cafile=self.ca_file)
        self._opener = urllib.request.build_opener(_NoRedirect, urllib.request.HTTPSHandler(context=context))

    def call(self, method: str, **parameters: Any) -> Any:
        """Call a method of ``energy.modbus.agent``.

        :raises LinkFailure: whatever else than an answer came of it
        """
        headers = {"Authorization": f"Bearer {self.key}", "Content-Type": "application/json; charset=utf-8"}
        if self.database:
            headers["X-Odoo-Database"] = self.database
        body = json.dumps(parameters, allow_nan=False).encode()
        request = urllib.request.Request(f"{self.url.rstrip('/')}/json/2/{MODEL}/{method}", body, headers)
        try:
            with self._opener.open(request, timeout=self.timeout) as response:
                return json.loads(response.read())
        except urllib.error.HTTPError as error:
            raise _failure(error) from error
        except (OSError, http.client.HTTPException, ValueError) as error:
            raise LinkFailure(UNREACHABLE, f"{self.url}: {error or type(error).__name__}") from error


def _failure(error: urllib.error.HTTPError) -> LinkFailure:
    with error:
        try:
            message = str(json.loads(error.read(1_000_000))["message"])
        except (OSError, http.client.HTTPException, ValueError, LookupError, TypeError):
            message = error.reason or ""
    text = f"HTTP {error.code}: {message}"
    if error.code == 401:
        return LinkFailure(UNAUTHORIZED, text)
    if error.code == 403:
        return LinkFailure(FORBIDDEN, text)
    # 408, 425 and 429 ask to come back later, as all of 5xx do.
    if error.code >= 500 or error.code in (408, 425, 429):
        return LinkFailure(UNREACHABLE, text)
    return LinkFailure(ANSWERED_NO, text, too_large=error.code == 413)


@dataclass
class BackOff:
    """How long to wait after failures in a row: 1, 2, 4 ... seconds, at most five minutes, each spread by chance.

    :ivar spread: gives a number from 0 to 1, so that many agents do not come back in the same second
    """

    spread: Callable[[], float]
    failures: int = 0

    def failed(self) -> float:
        """Count a failure.

        :return: seconds to wait
        """
        wait = min(FIRST_WAIT_SECONDS * 2 ** min(self.failures, 16), LONGEST_WAIT_SECONDS)
        self.failures += 1
        return wait * (0.5 + 0.5 * self.spread())

    def succeeded(self) -> None:
        """Begin anew after an answer."""
        self.failures = 0


class Pusher:
    """Sends the spool's oldest readings until none is left.

    :ivar most_rows: readings of the next call; smaller after a call was too large
    """

    def __init__(self, spool: Spool, api: OdooApi, clock: Callable[[], float]) -> None:
        self.spool = spool
        self.api = api
        self.clock = clock
        self.most_rows = MOST_ROWS

    def push_batch(self) -> int:
        """Send one batch and settle it.

        :return: readings answered for; 0 when none waits
        :raises LinkFailure: no answer, or one that does not fit; the readings stay
        :raises SpoolFull: the answer could not be noted; the readings stay
        """
        batch = self.spool.batch(self.most_rows)
        if not batch:
            return 0
        try:
            answer = self.api.call(
                "append_readings", rows=[one.row for one in batch], database=self.spool.get("database", "")
            )
        except LinkFailure as failure:
            if failure.too_large:
                self.most_rows = max(len(batch) // 2, 1)
            raise
        self._settle(batch, answer)
        return len(batch)

    def _settle(self, batch: list, answer: Any) -> None:
        if isinstance(answer, dict) and answer.get("error") == "database":
            raise LinkFailure(OTHER_DATABASE, "Odoo answers from another database than the one the readings are for")
        try:
            reasons = {int(place): str(reason) for place, reason in answer["reasons"].items()}
            self.spool.settle(batch, answer["answers"], reasons, self.clock())
        except (KeyError, TypeError, AttributeError, ValueError) as error:
            raise LinkFailure(ANSWERED_NO, f"Odoo's answer is not understood: {error}") from error
