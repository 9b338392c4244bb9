"""Records a meter froze by itself, day by day: where they lie, and what they tell of the time nobody asked.

A meter that keeps such records fills the gap an outage leaves. Pure: knows nothing of sockets, Odoo or indicators; the
caller reads ``record_points`` like any others and hands the registers back to ``decode_records``.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, tzinfo
from typing import NamedTuple

from .codec import GOOD, decode
from .point import Point

# Clocks a record may carry, by name: (registers it takes, what they say). Years are counted from 2000.
YEAR_MONTH_DAY_HOUR = "year_month_day_hour"
CLOCKS: dict[str, tuple[int, Callable[[Sequence[int]], tuple[int, ...]]]] = {
    # Acrel ADL400: high byte year, low byte month; high byte day, low byte hour
    YEAR_MONTH_DAY_HOUR: (
        2,
        lambda words: (2000 + (words[0] >> 8), words[0] & 0xFF, words[1] >> 8, words[1] & 0xFF),
    ),
}


class Frozen(NamedTuple):
    """A register value the meter kept by itself.

    :ivar key: of the value's point
    :ivar time: seconds since the epoch, UTC, when the meter froze it
    :ivar value: in the point's unit
    """

    key: int
    time: int
    value: float


@dataclass(frozen=True, slots=True)
class History:
    """How a meter keeps its records.

    :ivar unit_id: slave address
    :ivar function: 3 or 4
    :ivar address: first register of record 1, where its clock lies
    :ivar stride: registers from one record to the next
    :ivar records: how many there are
    :ivar clock: one of ``CLOCKS``
    :ivar values: the values of record 1, behind its clock, with their addresses there
    :raises ValueError: no such clock, or a value outside the record
    """

    unit_id: int
    function: int
    address: int
    stride: int
    records: int
    clock: str
    values: tuple[Point, ...]

    def __post_init__(self) -> None:
        if self.clock not in CLOCKS:
            raise ValueError(f"{self.clock!r} is no clock of a record: {', '.join(CLOCKS)}")
        if self.records < 1 or not CLOCKS[self.clock][0] <= self.stride <= 125:
            raise ValueError(f"{self.records} records of {self.stride} registers cannot be read")
        for value in self.values:
            if not self.address <= value.address or value.end > self.address + self.stride:
                raise ValueError(f"the value at {value.address} lies outside the first record")

    @property
    def length(self) -> int:
        """Registers of a record that are read: up to its last value."""
        clock = self.address + CLOCKS[self.clock][0]
        return max([clock, *(value.end for value in self.values)]) - self.address


def record_points(history: History, newest: int | None = None) -> list[Point]:
    """One raw point a record, keyed by the record's number, to be planned and read like any other.

    A record is one point and never cut, so that its clock and its values are of one moment; how many records share a
    request is the plan's business.

    :param newest: only so many from record 1 on; None for all
    """
    count = min(newest or history.records, history.records)
    return [
        Point(
            key=number,
            unit_id=history.unit_id,
            function=history.function,
            address=history.address + (number - 1) * history.stride,
            datatype="string",
            length=history.length,
        )
        for number in range(1, count + 1)
    ]


def decode_records(history: History, records: Mapping[int, Sequence[int]], zone: tzinfo) -> list[Frozen]:
    """What some records tell.

    Records never written (all zeros or all ones), with an impossible date, and values that are none are left out; of
    two values of one time the first record's counts.

    :param records: registers by record number, as read
    :param zone: the time zone the meter's clock is set to
    :return: by time, then in the order of ``history.values``
    """
    found: dict[tuple[int, int], Frozen] = {}
    for _number, registers in sorted(records.items()):
        moment = _moment(history, registers, zone)
        if moment is None:
            continue
        for value in history.values:
            part = registers[value.address - history.address :][: value.count]
            decoded = decode(value, part) if len(part) == value.count else None
            if decoded and decoded.quality == GOOD:
                found.setdefault((moment, value.key), Frozen(value.key, moment, decoded.value))
    order = {value.key: place for place, value in enumerate(history.values)}
    return sorted(found.values(), key=lambda frozen: (frozen.time, order[frozen.key]))


def filling(
    frozen: Iterable[Frozen],
    before: Mapping[int, tuple[int, float]],
    after: Mapping[int, tuple[int, float]],
    step: float = 0.1,
) -> list[Frozen]:
    """Those values that fill a gap of a counter: between its last reading before and its first reading after it.

    Both in time and in height, and never falling: a record of another quantity, of another side of the transformers or
    of another meter does not pass, so that the gap's total stays what the two readings say.

    :param before: (seconds since the epoch, register) by key of the last reading before the gap
    :param after: the same of the first reading after it
    :param step: of the coarser of register and record, which may show a digit less; a value beyond a neighbour by no
        more is taken for the neighbour's
    :return: in order of time; values without a reading on both sides are left out
    """
    kept: list[Frozen] = []
    height: dict[int, float] = {}
    for one in sorted(frozen, key=lambda value: value.time):
        if one.key not in before or one.key not in after:
            continue
        (first, lowest), (last, highest) = before[one.key], after[one.key]
        lowest = height.get(one.key, lowest)
        if first < one.time < last and lowest - step <= one.value <= highest + step:
            value = min(max(one.value, lowest), highest)
            height[one.key] = value
            kept.append(one._replace(value=value))
    return kept


def scaled(history: History, factors: Mapping[int, float]) -> History:
    """The same records with values multiplied, as when they are frozen on the secondary side and counted on the primary.

    :param factors: by key of the value; 1 when not said
    """
    values = tuple(
        replace(value, scale=value.scale * factor, offset=value.offset * factor)
        for value in history.values
        for factor in (factors.get(value.key, 1.0),)
    )
    return replace(history, values=values)


def records_back(history: History, seconds: float) -> int:
    """How many records reach so far back when one is frozen each day and record 1 is the newest.

    :param seconds: length of the gap
    """
    return min(math.ceil(seconds / 86_400) + 1, history.records)


def _moment(history: History, registers: Sequence[int], zone: tzinfo) -> int | None:
    words, read = CLOCKS[history.clock]
    if len(registers) < words or set(registers[:words]) in ({0}, {0xFFFF}):
        return None
    try:
        return int(datetime(*read(registers), tzinfo=zone).timestamp())
    except ValueError:  # no such day: a record the meter never wrote, or another layout
        return None
