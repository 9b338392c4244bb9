"""What a run of the scheduled action knows of a gateway, as plain objects that outlive a commit. Imports no odoo."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, tzinfo
from typing import Any

from ..collector.codec import GOOD
from ..collector.health import SlaveHealth, still_refused
from ..collector.history import Frozen, History
from ..collector.plan import Place
from ..collector.point import Point
from ..collector.results import Gateway, GatewayResult, PointResult
from .batch_spool import BatchSpool
from .plausibility import Expectation


@dataclass(slots=True)
class Run:
    """One run of the scheduled action.

    :ivar owner: by what name it holds its leases
    :ivar now: seconds since the epoch, by the database's clock, which all hosts share; or the injected time
    :ivar clock: for the collector
    :ivar begun: the monotonic clock at the start
    :ivar group: collection group whose gateways are read; None for those without
    :ivar spool: where readings are kept that PostgreSQL did not take
    :ivar lost: PostgreSQL is gone, and with it this run's connection
    """

    owner: str
    now: float
    clock: Callable[[], float]
    begun: float
    group: int | None
    spool: BatchSpool
    lost: bool = False

    @property
    def moment(self) -> datetime:
        """``now`` as Odoo stores it."""
        return utc(self.now)


@dataclass(slots=True)
class Plan:
    """What to ask of a gateway, and what the answers mean.

    :ivar key: gateway's id
    :ivar interval: seconds from poll to poll
    :ivar company: company id
    :ivar gateway: for the collector, points keyed by indicator id; None when it could not be made
    :ivar stored: the gateway's health as it was stored, for whoever plans
    :ivar meters: node id by unit address
    :ivar names: point name by indicator id
    :ivar units: unit address by indicator id
    :ivar identity: (node id, purpose, point) by key of what meters are asked about themselves; no readings
    :ivar said: by node id, when a meter first answered (seconds since the epoch) and its answers to those by purpose: the
        point and its registers
    :ivar expected: what is plausible, by indicator id of counters
    :ivar gaps: since when (seconds since the epoch) nothing was read of a meter that keeps records, by unit address
    :ivar histories: the records such a meter keeps, and the zone of its clock, by unit address
    :ivar frozen: the values of those records, as read now
    :ivar problems: what keeps points from being read, as messages
    :ivar refused_since: when (seconds since the epoch) each refused place was found
    :ivar outcome: what the collector made of it, or the error; None when there was nothing to ask
    """

    key: int
    interval: int
    company: int
    gateway: Gateway | None = None
    stored: dict[str, Any] = field(default_factory=dict)
    meters: dict[int, int] = field(default_factory=dict)
    names: dict[int, str] = field(default_factory=dict)
    units: dict[int, int] = field(default_factory=dict)
    identity: dict[int, tuple[int, str, Point]] = field(default_factory=dict)
    said: dict[int, tuple[int, dict[str, tuple[Point, tuple[int, ...]]]]] = field(default_factory=dict)
    expected: dict[int, Expectation] = field(default_factory=dict)
    gaps: dict[int, float] = field(default_factory=dict)
    histories: dict[int, tuple[list[History], tzinfo]] = field(default_factory=dict)
    frozen: list[Frozen] = field(default_factory=list)
    problems: list[str] = field(default_factory=list)
    refused_since: dict[Place, float] = field(default_factory=dict)
    outcome: GatewayResult | Exception | None = None

    @property
    def asks(self) -> bool:
        """Whether there is anything to read."""
        return bool(self.gateway and self.gateway.points)


@dataclass(slots=True)
class Ending:
    """How a gateway's poll ended.

    :ivar state: the gateway's; detail: what to say about it
    :ivar journal: figures of the poll; None when nothing was asked, which is not worth a line
    :ivar health: what the next run must know; None: as before
    """

    plan: Plan
    state: str
    detail: dict[str, Any]
    journal: dict[str, Any] | None
    health: dict[str, Any] | None = None

    @property
    def told(self) -> dict[str, Any] | bool:
        """What to say about it as Odoo stores it: False where there is nothing to say."""
        return self.detail if any(self.detail.values()) else False


def failure_word(point: PointResult) -> str | None:
    """The word for why a point gave no reading; None when it gave one."""
    return point.error or (None if point.quality == GOOD else point.quality)


def load_health(stored: dict[str, Any] | None, now: float) -> tuple[dict[int, SlaveHealth], dict[Place, float]]:
    """State by unit address and since when each place is refused, from what ``dump_health`` gave.

    :param now: seconds since the epoch; places refused long ago are left out
    """
    stored = stored or {}
    slaves = {int(unit): SlaveHealth.from_dict(state) for unit, state in stored.get("slaves", {}).items()}
    refused = {(unit, function, address): since for unit, function, address, since in stored.get("refused", [])}
    return slaves, still_refused(refused, now)


def dump_health(plan: Plan, result: GatewayResult, now: float) -> dict[str, Any]:
    """What the next run must know, as JSON."""
    return {
        "slaves": {str(unit): state.to_dict() for unit, state in result.health.items()},
        "refused": [[*place, plan.refused_since.get(place, now)] for place in sorted(result.bad)],
        "next_unit": result.next_unit,
        "gaps": {str(unit): since for unit, since in plan.gaps.items()},
    }


def is_due(next_poll: datetime | bool, now: float, interval: int) -> bool:
    """Whether a gateway's time has come.

    A clock that was set back keeps nobody waiting longer than an interval.

    :param next_poll: as Odoo stores it; False for at once
    :param now: seconds since the epoch
    """
    if not next_poll:
        return True
    wait = next_poll.replace(tzinfo=UTC).timestamp() - now
    return not 0 < wait <= interval


def next_poll(now: float, interval: int) -> datetime:
    """The next whole multiple of the interval: an hourly or quarter-hourly poll falls on the clock, never drifts."""
    return utc((now // interval + 1) * interval)


def utc(seconds: float) -> datetime:
    """Seconds since the epoch as Odoo stores a time: UTC, whole seconds, without a zone."""
    return datetime.fromtimestamp(int(seconds), UTC).replace(tzinfo=None)
