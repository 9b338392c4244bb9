"""What a sweep is given and what it gives back: plain records; knows nothing of how the asking is done."""

from __future__ import annotations

from dataclasses import dataclass, field

from .health import SlaveHealth
from .link import LinkSettings
from .plan import LineCost, Place
from .point import Point
from .prepare import Prepared

MISSING = "missing"
NOT_REACHED = "not reached"
BACK_OFF = "back-off"
UNSUPPORTED = "unsupported"
DEADLINE = "deadline"


@dataclass(slots=True)
class Gateway:
    """What to ask of one gateway.

    :ivar key: the caller's id
    :ivar points: points of all its slaves
    :ivar health: state by unit id; units not in it are fresh
    :ivar bad: (unit, function, address) found to be refused
    :ivar cost: the line behind the gateway
    :ivar max_registers: most registers a read, by unit id; 125 when not said
    :ivar cycle_seconds: time from sweep to sweep, the unit of back-off
    :ivar first_unit: unit id to begin with, to go on where a sweep's deadline ended the last
    :ivar prepared: plans kept from the last sweep; a caller who keeps the object saves their making
    """

    key: int
    settings: LinkSettings
    points: list[Point]
    health: dict[int, SlaveHealth] = field(default_factory=dict)
    bad: set[Place] = field(default_factory=set)
    cost: LineCost = field(default_factory=LineCost)
    max_registers: dict[int, int] = field(default_factory=dict)
    cycle_seconds: float = 60.0
    first_unit: int | None = None
    prepared: Prepared | None = field(default=None, init=False, repr=False, compare=False)


@dataclass(slots=True)
class PointResult:
    """A reading, or why there is none.

    :ivar time: seconds since the epoch, UTC, when the answer came (or failed to), whole and never moved
    :ivar value: in the point's unit (raw x scale + offset); None when there is none
    :ivar quality: one of ``codec.QUALITIES``, or ``missing`` with an error
    :ivar error: None, a word of ``link.ERRORS`` (``exception 4`` with its code), ``unsupported`` (exception 1),
        ``back-off`` or ``not reached``
    :ivar raw: the point's registers or bit
    """

    key: int
    time: int
    value: float | None
    quality: str
    error: str | None
    raw: tuple[int, ...]


@dataclass(slots=True)
class SlaveResult:
    """How a slave fared.

    :ivar ok: it answered and its turn was not ended by a failure
    :ivar error: the first failure, in the words of ``PointResult.error``
    :ivar rtt: mean seconds from request to answer; None without an answer
    """

    ok: bool
    error: str | None = None
    rtt: float | None = None


@dataclass(slots=True)
class GatewayResult:
    """What a gateway gave: one ``PointResult`` for each point asked for, whatever happened.

    :ivar ok: connected, and every slave had its turn
    :ivar error: ``connect``, ``deadline`` or None
    :ivar requests: requests sent
    :ivar seconds: from its start to its end
    :ivar bad: the refused places now known
    :ivar health: state by unit id, to be handed to the next sweep
    :ivar next_unit: first unit not reached before the deadline, else None
    """

    key: int
    ok: bool
    error: str | None
    points: list[PointResult]
    slaves: dict[int, SlaveResult]
    requests: int
    seconds: float
    bad: set[Place]
    health: dict[int, SlaveHealth]
    next_unit: int | None = None
