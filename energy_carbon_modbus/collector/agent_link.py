"""The agent's side of the link to Odoo: pushes the spool, fetches the configuration, reports; asks no meter."""

from __future__ import annotations

import logging
import random
import sqlite3
import threading
import time
from collections.abc import Callable
from typing import Any

from .agent_board import CLOCK, VERSION, Board, Swept, report_of, set_alarm
from .agent_settings import Settings, SettingsError
from .push import ANSWERED_NO, OK, OTHER_DATABASE, UNAUTHORIZED, BackOff, LinkFailure, OdooApi, Pusher
from .spool import Spool, SpoolFull

_logger = logging.getLogger(__name__)

CLOCK_TOLERANCE_SECONDS = 30.0
_CONTACT_SECONDS = 60.0  # how exactly the spool knows the time of the last contact: each note is a write to disk


class Uplink:
    """Talks to Odoo, in a thread beside the sweeps, so that a slow link delays no meter.

    :ivar api: how Odoo is reached; its key is read anew before each try
    """

    def __init__(self, settings: Settings, spool: Spool, board: Board, clock: Callable[[], float] = time.time) -> None:
        self.settings = settings
        self.spool = spool
        self.board = board
        self.clock = clock
        self.api = OdooApi(settings.url, "", settings.database, settings.timeout_seconds, settings.ca_file)
        self.pusher = Pusher(spool, self.api, clock)
        self.back_off = BackOff(random.random)
        self.next_fetch = 0.0  # by the monotonic clock; 0 at once

    def start(self) -> threading.Thread:
        """Begin in a thread that does not keep the process alive: a kill at any moment is safe."""
        thread = threading.Thread(target=self._run, name="uplink", daemon=True)
        thread.start()
        return thread

    def _run(self) -> None:
        while not self.board.stop.is_set():
            self.board.stop.wait(self.step())

    def step(self) -> float:
        """Fetch if it is time, and push until the spool is empty.

        :return: seconds to wait for the next step
        """
        try:
            self._talk()
            self._note(OK, "")
        except LinkFailure as failure:
            return self._failed(failure.state, str(failure))
        except SettingsError as error:
            return self._failed(UNAUTHORIZED, str(error))
        except (SpoolFull, sqlite3.Error) as error:
            _logger.error("the spool cannot be written: %s", error)
            return self.back_off.failed()
        except Exception as error:  # whatever it is, the readings stay where they are and it is tried again
            _logger.exception("the link to Odoo failed")
            return self._failed(ANSWERED_NO, f"{type(error).__name__}: {error}")
        self.back_off.succeeded()
        return self.settings.push_seconds

    def _talk(self) -> None:
        self.api.key = self.settings.read_key()
        failure = None
        while not self.board.stop.is_set():
            if time.monotonic() >= self.next_fetch:
                failure = self._fetch_unless_refused()
            if not self.pusher.push_batch():
                break
        if failure:
            raise failure

    def _fetch_unless_refused(self) -> LinkFailure | None:
        """Fetch; a failure that has nothing to do with the readings does not keep them from being sent."""
        try:
            self.fetch()
        except LinkFailure as failure:
            if failure.state != ANSWERED_NO:
                raise
            return failure
        finally:
            self.next_fetch = time.monotonic() + self.settings.fetch_seconds
        return None

    # === CONFIGURATION === #
    def fetch(self) -> None:
        """Report the state, and take over the configuration if it changed.

        :raises LinkFailure: Odoo did not answer, or another database did
        """
        results = self.board.take_results()
        known = self.board.configuration or {}
        try:
            sent = self.clock()
            answer = self.api.call("fetch_configuration", known=known.get("version", ""), report=self._report(results))
            if not isinstance(answer, dict) or not {"database", "now", "version"} <= answer.keys():
                raise LinkFailure(ANSWERED_NO, "Odoo's configuration is not understood")
            self._check_database(answer["database"])
        except LinkFailure:
            self.board.give_back(results)
            raise
        self._compare_clock(answer["now"] - (sent + self.clock()) / 2)
        configuration = {**known, **answer}
        if configuration.get("gateways") is None:
            raise LinkFailure(ANSWERED_NO, "Odoo sent no gateways")
        self.spool.put(database=answer["database"], configuration=configuration)
        # The same object while nothing changed: the sweeps look for another one.
        if known.get("version") == answer["version"]:
            known.update(answer)
        else:
            self.board.configuration = configuration
            _logger.info("configuration %s: %s gateways", answer["version"], len(configuration["gateways"]))

    def _check_database(self, database: str) -> None:
        own = self.spool.get("database")
        if own and own != database:
            raise LinkFailure(
                OTHER_DATABASE,
                "Odoo's database is another one than the readings are for (a copy, or a restored backup). Nothing is sent. "
                "If it shall have them from now on, stop the agent and start it once with --accept-database",
            )

    def _compare_clock(self, ahead: float) -> None:
        wrong = abs(ahead) > CLOCK_TOLERANCE_SECONDS
        detail = f"it differs from Odoo's by {-ahead:+.0f} s" if wrong else ""
        if (detail or CLOCK in self.board.alarms) and set_alarm(self.board, CLOCK, detail):
            self.spool.put(alarms=dict(self.board.alarms))

    # === REPORT === #
    def _report(self, results: list[Swept]) -> dict[str, Any]:
        spool = self.spool
        return {
            "version": VERSION,
            "clock": self.clock(),
            "spool_readings": spool.count(),
            "spool_share": spool.used_bytes() / spool.limit_bytes,
            "oldest": spool.oldest(),
            "dead_letters": spool.dead_count(),
            "alarms": {word.partition(" ")[0]: detail for word, detail in self.board.alarms.items()},
            "results": {str(swept.result.key): report_of(swept) for swept in results},
        }

    # === STATE === #
    def _failed(self, state: str, message: str) -> float:
        self._note(state, message)
        return self.back_off.failed()

    def _note(self, state: str, message: str) -> None:
        """Keep the link's state for ``--status``; the log tells every change."""
        now = self.clock()
        old = self.spool.get("link", {})
        changed = old.get("state") != state or old.get("message") != message
        if changed:
            log = _logger.info if state == OK else _logger.error
            log("link to Odoo: %s %s", state, message)
        since = old.get("since") if old.get("state") == state else now
        kept = {"link": {"state": state, "message": message, "since": since}} if changed else {}
        contact = self.spool.get("last_contact") or 0.0
        if state == OK and not contact <= now < contact + _CONTACT_SECONDS:
            kept["last_contact"] = now
        try:
            if kept:
                self.spool.put(**kept)
        except (SpoolFull, sqlite3.Error) as error:
            _logger.error("the link's state could not be written: %s", error)
