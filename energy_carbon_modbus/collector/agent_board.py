"""What the parts of the agent tell one another, and the state of all that ``--status`` shows; does no work itself."""

from __future__ import annotations

import json
import logging
import threading
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import Any

from . import push
from .agent_wire import to_wire
from .codec import GOOD
from .point import Point
from .results import GatewayResult, PointResult
from .spool import Reading, Spool

_logger = logging.getLogger(__name__)

VERSION = "1.0"  # of the agent, shown in Odoo

FULL, NO_DISK, CLOCK, DAMAGED, UNKNOWN_MEANING, MISTAKE = "full", "disk", "clock", "damaged", "newer", "mistake"
ALARMS = {
    FULL: "the spool is full: the meters are not asked until Odoo takes readings, or spool_limit_mb is raised",
    NO_DISK: "the readings cannot be written to disk: the meters are not asked until they can",
    CLOCK: "this computer's clock is wrong: set it (time synchronisation)",
    DAMAGED: "the spool was damaged and set aside under another name; a new one was begun",
    UNKNOWN_MEANING: "Odoo asks for something this agent does not know: update the agent",
    MISTAKE: "a gateway could not be asked because of a mistake in this program; the log says more",
}
NEAR_FULL = 0.8
KEY_WARNING_SECONDS = 30 * 86_400
FINE, WARNING, ALARM = 0, 1, 2
# An Odoo that does not answer is for a while nothing but a warning: the spool is there for it.
_LINK_LEVELS = {push.OK: FINE, push.UNREACHABLE: WARNING}


@dataclass(frozen=True, slots=True)
class Swept:
    """The last sweep of a gateway.

    :ivar start: seconds since the epoch
    :ivar points: what was asked
    """

    start: float
    result: GatewayResult
    points: list[Point]


@dataclass
class Board:
    """What the sweeps and the link to Odoo share.

    :ivar stop: set when the agent shall end
    :ivar configuration: what Odoo sent last
    :ivar alarms: detail by word of ``ALARMS``
    """

    stop: threading.Event = field(default_factory=threading.Event)
    configuration: dict[str, Any] | None = None
    alarms: dict[str, str] = field(default_factory=dict)
    _results: dict[int, Swept] = field(default_factory=dict)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def note_result(self, swept: Swept) -> None:
        """Keep the last sweep of a gateway for the next report."""
        with self._lock:
            self._results[swept.result.key] = swept

    def take_results(self) -> list[Swept]:
        """The last sweep of each gateway since this was asked before."""
        with self._lock:
            results, self._results = self._results, {}
        return list(results.values())

    def give_back(self, results: list[Swept]) -> None:
        """Results that could not be reported; those that came meanwhile are newer."""
        with self._lock:
            self._results = {**{swept.result.key: swept for swept in results}, **self._results}


def readings_of(result: GatewayResult) -> list[Reading]:
    """The readings to be stored; keys below 0 are what a meter says of itself, and text is no reading."""
    rows = zip(*result.good(), strict=True)
    return [(key, moment, float(value)) for key, moment, value in rows if key > 0 and isinstance(value, int | float)]


def report_of(swept: Swept) -> dict[str, Any]:
    """A sweep as JSON values, without readings and with no more points than its meters' states need.

    Of a slave: each point that failed, if it answered at all, and the latest good one. Beside them what the meters said
    of themselves, by place: which key stands for it may differ by the time it arrives.
    """
    result = swept.result
    known = {point.key: point for point in swept.points}
    latest: dict[int, PointResult] = {}
    failed, identity = [], []
    for point in result.points:
        asked = known[point.key]
        good = point.error is None and point.quality == GOOD
        if point.key < 0:
            identity += [[asked.unit_id, asked.function, asked.address, point.time, list(point.raw)]] if good else []
        elif not good:
            failed += [point] if result.slaves[asked.unit_id].ok else []
        elif asked.unit_id not in latest or point.time >= latest[asked.unit_id].time:
            latest[asked.unit_id] = point
    readings = len(readings_of(result))
    points = [replace(point, value=None, raw=()) for point in (*failed, *latest.values())]
    return {
        "start": swept.start,
        "points_ok": readings,
        "points_failed": sum(point.key > 0 for point in result.points) - readings,
        "identity": identity,
        "result": to_wire(replace(result, points=points, bad=set())),
    }


def set_alarm(board: Board, word: str, detail: str) -> bool:
    """Set or end an alarm on the board and log it.

    :param detail: empty to end it
    :return: whether anything changed
    """
    if board.alarms.get(word, "") == detail:
        return False
    alarms = {other: text for other, text in board.alarms.items() if other != word}
    if detail:
        _logger.critical("ALARM %s: %s", word, detail)
        alarms[word] = detail
    elif word != DAMAGED:
        _logger.warning("alarm %s is over", word)
    board.alarms = alarms
    return True


def status(spool: Spool, now: float, running: bool) -> tuple[int, dict[str, Any]]:
    """The agent's state.

    :param now: seconds since the epoch
    :param running: whether an agent works with the spool
    :return: 0 fine, 1 warning, 2 alarm; and the figures
    """
    link = spool.get("link", {})
    alarms = spool.get("alarms", {})
    expiry = (spool.get("configuration") or {}).get("key_expiry")
    share = spool.used_bytes() / spool.limit_bytes
    dead = spool.dead_count()
    warns = share >= NEAR_FULL or dead or not running or (expiry and expiry - now < KEY_WARNING_SECONDS)
    level = max(_LINK_LEVELS.get(link.get("state"), ALARM), ALARM if alarms else FINE, WARNING if warns else FINE)
    return level, {
        "state": ("ok", "warning", "ALARM")[level],
        "running": running,
        "link": link.get("state", "never tried"),
        "link since": _moment(link.get("since")),
        "link says": link.get("message", ""),
        "last contact": _moment(spool.get("last_contact")),
        "key expires": _moment(expiry),
        "readings waiting": spool.count(),
        "oldest of them": _moment(spool.oldest()),
        "spool used": f"{100 * share:.1f} % of {spool.limit_bytes >> 20} MB",
        "answered": spool.totals(),
        "dead letters": dead,
        "alarms": [f"{ALARMS.get(word.partition(' ')[0], word)} ({detail})" for word, detail in alarms.items()],
    }


def status_text(figures: dict[str, Any]) -> str:
    """The figures of ``status``, a line each."""
    return "\n".join(
        f"{name + ':':18}{value if isinstance(value, str) else json.dumps(value)}" for name, value in figures.items()
    )


def _moment(seconds: float | None) -> str:
    return "-" if seconds is None else f"{datetime.fromtimestamp(seconds, UTC):%Y-%m-%d %H:%M:%S} UTC"
