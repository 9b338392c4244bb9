"""What a sweep is given and what it gives back: plain records; knows nothing of how the asking is done."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import compress, repeat
from typing import Any, NamedTuple

from .codec import GOOD
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
BUSY = "busy"  # the gateway lets nobody in, or hangs up at once: it serves somebody else


@dataclass(slots=True)
class Gateway:
    """What to ask of one gateway.

    :ivar key: the caller's id
    :ivar points: points of all its slaves
    :ivar health: state by unit id; units not in it are fresh
    :ivar bad: (unit, function, address) found to be refused; see ``plan.WHOLE_FUNCTION``
    :ivar cost: the line behind the gateway
    :ivar max_registers: most registers a read, by unit id; 125 when not said
    :ivar even: rule for the number of registers a read, by unit id: one of ``plan.EVEN_RULES``
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
    even: dict[int, str] = field(default_factory=dict)
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


class Batch(NamedTuple):
    """What became of some points at one moment: an answer's values, or why there are none.

    Kept by the answer and not by the point: a sweep of a hundred gateways has thousands of answers, but a hundred
    thousand points, and so many objects cost more time than the asking.

    :ivar keys: of the points
    :ivar time: as ``PointResult.time``
    :ivar values: of each point; empty after an error
    :ivar qualities: of each point; empty after an error
    :ivar error: as ``PointResult.error``, of all of them
    :ivar registers: the answer's
    :ivar slices: where each point's registers lie in it
    """

    keys: Sequence[int]
    time: int
    values: Sequence[float | None] = ()
    qualities: Sequence[str] = ()
    error: str | None = None
    registers: tuple[int, ...] = ()
    slices: Sequence[slice] = ()

    def points(self) -> Iterator[PointResult]:
        """The same, point by point."""
        if self.error is not None:
            return (PointResult(key, self.time, None, MISSING, self.error, ()) for key in self.keys)
        raws = map(self.registers.__getitem__, self.slices)
        return map(PointResult, self.keys, repeat(self.time), self.values, self.qualities, repeat(None), raws)


@dataclass
class GatewayResult:
    """What a gateway gave: one ``PointResult`` for each point asked for, whatever happened.

    :ivar ok: connected, and every slave had its turn
    :ivar error: ``connect``, ``busy``, ``deadline`` or None
    :ivar points: one for each point; a sweep has them made only when somebody wants them
    :ivar slaves: how each slave fared, by unit id
    :ivar requests: requests sent
    :ivar seconds: from its start to its end
    :ivar bad: the refused places now known
    :ivar health: state by unit id, to be handed to the next sweep
    :ivar next_unit: first unit not reached before the deadline, else None
    :ivar reason: why there was no connection, a word of ``wire.REASONS``; None when there was
    :ivar batches: what the points are made of; of no use once there are points
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
    reason: str | None = None
    batches: list[Batch] = field(default_factory=list, init=False, repr=False, compare=False)

    @classmethod
    def of_batches(cls, batches: list[Batch], **values: Any) -> GatewayResult:
        """A result whose points are made when they are wanted.

        :param values: all other fields
        """
        result = cls(points=[], **values)
        result.batches = batches
        del result.points
        return result

    @property
    def round_trip(self) -> float | None:
        """Mean seconds from request to answer of the slaves that answered; None when none did."""
        times = [slave.rtt for slave in self.slaves.values() if slave.rtt is not None]
        return sum(times) / len(times) if times else None

    def __getattr__(self, name: str) -> Any:
        if name != "points":
            raise AttributeError(name)
        self.points = [point for batch in self.batches for point in batch.points()]
        return self.points

    def good(self) -> tuple[list[int], list[int], list[float]]:
        """Keys, times and values of the good readings."""
        if "points" in vars(self):
            rows = [(point.key, point.time, point.value) for point in self.points if _is_good(point)]
            return tuple(map(list, zip(*rows, strict=True))) if rows else ([], [], [])
        keys, times, values = [], [], []
        for batch in self.batches:
            chosen = batch.keys, batch.values
            if batch.error is not None:
                continue
            if batch.qualities.count(GOOD) != len(batch.keys):
                flags = [quality == GOOD for quality in batch.qualities]
                chosen = list(compress(batch.keys, flags)), list(compress(batch.values, flags))
            keys += chosen[0]
            values += chosen[1]
            times += [batch.time] * len(chosen[0])
        return keys, times, values

    def last_good(self, units: Mapping[int, int]) -> dict[int, int]:
        """When each slave gave its last good reading, by unit id; without those that gave none.

        :param units: unit id of each point's key
        """
        if "points" in vars(self):
            moments = [(units[point.key], point.time) for point in self.points if _is_good(point)]
        else:  # an answer is one slave's
            answers = (batch for batch in self.batches if batch.error is None and GOOD in batch.qualities)
            moments = [(units[batch.keys[0]], batch.time) for batch in answers]
        found: dict[int, int] = {}
        for unit, moment in moments:
            found[unit] = max(moment, found.get(unit, moment))
        return found

    def failed(self) -> Iterator[PointResult]:
        """The points without a good reading."""
        if "points" in vars(self):
            yield from (point for point in self.points if not _is_good(point))
            return
        for batch in self.batches:
            if batch.error is not None or batch.qualities.count(GOOD) != len(batch.keys):
                yield from (point for point in batch.points() if not _is_good(point))


def _is_good(point: PointResult) -> bool:
    return point.error is None and point.quality == GOOD
