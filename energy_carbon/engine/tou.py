"""The day of a time-of-use tariff: periods by the minute, and how long each slot lies in which. Must not know prices' tables.

A tariff states bands of the local wall clock. A day's *course* is the period of each of its 1,440 minutes, so half-hour
bounds, bands across midnight and overlays are settled once a day and not once a slot.
"""

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime
from enum import IntEnum
from zoneinfo import ZoneInfo

import numpy as np

from .arrays import BoolArray, FloatArray, IntArray
from .calendar import EPOCH_ORDINAL, SECONDS_PER_DAY

MINUTES = 1440
HOLE = -1
ALL_MONTHS = frozenset(range(1, 13))
DAY_CLASSES = ("workday", "weekend", "holiday")
# No country changes its clocks twice within this time.
OFFSET_STEP = 6 * 3600


class Period(IntEnum):
    """Periods from the dearest to the cheapest; the columns of shares and prices."""

    SHARP = 0
    PEAK = 1
    FLAT = 2
    VALLEY = 3
    DEEP_VALLEY = 4


@dataclass(frozen=True)
class Band:
    """Minutes of the wall clock that lie in a period, on the days of some months and one class.

    A band whose end is not after its start runs across midnight: it covers the end and the beginning of each of its days.

    :ivar day_class: one of :data:`DAY_CLASSES`, or ``all``
    :ivar start_minute: first minute, 0 to 1439; end_minute: the minute after the last one, 0 to 1440
    :ivar overlay: the band lies only where this period would be (sharp hours inside the peak); None: it lies everywhere
    """

    months: frozenset[int]
    day_class: str
    period: Period
    start_minute: int
    end_minute: int
    overlay: Period | None = None

    def __post_init__(self):
        if not (0 <= self.start_minute < MINUTES and 0 <= self.end_minute <= MINUTES):
            raise ValueError("A band lies between 00:00 and 24:00.")
        if self.start_minute == self.end_minute:
            raise ValueError("A band must not end where it starts.")

    def holds(self, month: int, day_class: str) -> bool:
        """Whether the band holds on days of this month and class."""
        return month in self.months and self.day_class in ("all", day_class)

    def minutes(self) -> BoolArray:
        """Minutes covered, shape (1440,)."""
        minute = np.arange(MINUTES)
        if self.start_minute < self.end_minute:
            return (minute >= self.start_minute) & (minute < self.end_minute)
        return (minute >= self.start_minute) | (minute < self.end_minute)


@dataclass(frozen=True)
class Flaw:
    """Minutes of a day that have no period, or more than one band.

    :ivar periods: periods of the bands that meet there; empty for a hole
    """

    start_minute: int
    end_minute: int
    periods: tuple[Period, ...]


@dataclass(frozen=True)
class Pieces:
    """Slots cut where the period or the date changes; every array has shape (p,).

    :ivar slot: index of the slot; share: part of the slot's time, the shares of a slot add up to 1
    :ivar day: calendar date on the local wall clock, as ordinal
    :ivar period: :class:`Period`, or :data:`HOLE`
    """

    slot: IntArray
    share: FloatArray
    day: IntArray
    period: IntArray


def parse_months(text: str | None) -> frozenset[int]:
    """Months of a text such as ``6-8,12``; a range may run across the turn of the year (``11-2``).

    :param text: numbers and ranges with commas between them; empty: all months
    :raises ValueError: the text is no list of months; the message is the part that is not understood
    """
    if not text or not text.strip():
        return ALL_MONTHS
    months: set[int] = set()
    for part in re.split(r"[,，、;；\s]+", text.strip().strip(",，、;；")):
        match = re.fullmatch(r"(\d{1,2})(?:[-–~](\d{1,2}))?", part, re.ASCII)
        first, last = (int(match[1]), int(match[2] or match[1])) if match else (0, 0)
        if not {first, last} <= ALL_MONTHS:
            raise ValueError(part)
        months.update((first - 1 + step) % 12 + 1 for step in range((last - first) % 12 + 1))
    return frozenset(months)


def weekday_class(day: date) -> str:
    """Workday or weekend, as the week alone has it."""
    return "weekend" if day.weekday() >= 5 else "workday"


def day_course(bands: Iterable[Band], month: int, day_class: str, default: Period | None = None) -> IntArray:
    """Period of each minute of a day: plain bands over the default, then overlays where their period lies.

    :param bands: bands of a tariff's version
    :param month: 1 to 12; day_class: one of :data:`DAY_CLASSES`
    :param default: period of the minutes without a band; None: they are holes
    :return: :class:`Period` of each minute, :data:`HOLE` where there is none, shape (1440,), int8
    """
    today = [band for band in bands if band.holds(month, day_class)]
    course = np.full(MINUTES, HOLE if default is None else default, np.int8)
    for band in today:
        if band.overlay is None:
            course[band.minutes()] = band.period
    plain = course.copy()
    for band in today:
        if band.overlay is not None:
            course[band.minutes() & (plain == band.overlay)] = band.period
    return course


def check_day(bands: Iterable[Band], month: int, day_class: str, default: Period | None = None) -> list[Flaw]:
    """Holes and overlaps of a day: where not exactly one period holds.

    Two plain bands must not meet, nor two overlays where both take effect; parameters as in :func:`day_course`.

    :return: in order of time, each as long as the same bands meet
    """
    today = [band for band in bands if band.holds(month, day_class)]
    plain = [band for band in today if band.overlay is None]
    over = [band for band in today if band.overlay is not None]
    base = day_course(plain, month, day_class, default)
    layers = [
        (plain, np.array([band.minutes() for band in plain], bool).reshape(-1, MINUTES)),
        (over, np.array([band.minutes() & (base == band.overlay) for band in over], bool).reshape(-1, MINUTES)),
    ]
    flawed = (base == HOLE) | np.any([cover.sum(axis=0) > 1 for _bands, cover in layers], axis=0)
    meeting = np.concatenate([layers[0][1], layers[1][1], flawed[None]])
    starts = np.flatnonzero(np.append(True, (meeting[:, 1:] != meeting[:, :-1]).any(axis=0)))
    ends = np.append(starts[1:], MINUTES)
    return [
        Flaw(start, end, _meeting(layers, start))
        for start, end in zip(starts.tolist(), ends.tolist(), strict=True)
        if flawed[start]
    ]


def _meeting(layers: list[tuple[list[Band], BoolArray]], minute: int) -> tuple[Period, ...]:
    """Periods of the first layer of bands of which several cover a minute."""
    for bands, cover in layers:
        met = tuple(band.period for band, on in zip(bands, cover[:, minute], strict=True) if on)
        if len(met) > 1:
            return met
    return ()


def pieces(slot_edges: IntArray, timezone: str, course_of_date: Callable[[date], IntArray]) -> Pieces:
    """Cut slots where the local clock passes into another period or date.

    :param slot_edges: borders of consecutive slots, UTC seconds, ascending, shape (s + 1,)
    :param timezone: IANA name
    :param course_of_date: course (:func:`day_course`) of a calendar date
    """
    edges = np.asarray(slot_edges, np.int64)
    marks, days, periods = _clock(int(edges[0]), int(edges[-1]), ZoneInfo(timezone), course_of_date)
    cuts = np.union1d(edges, marks)
    slot = np.searchsorted(edges, cuts[:-1], side="right") - 1
    at = np.searchsorted(marks, cuts[:-1], side="right") - 1
    return Pieces(slot, np.diff(cuts) / np.diff(edges)[slot], days[at], periods[at])


def period_shares(slot_edges: IntArray, timezone: str, course_of_date: Callable[[date], IntArray]) -> FloatArray:
    """Share of each slot in each period; parameters as in :func:`pieces`.

    :return: rows add up to 1; NaN for a slot that touches a hole, shape (s, 5)
    """
    parts, n_slots = pieces(slot_edges, timezone, course_of_date), len(slot_edges) - 1
    hole = parts.period == HOLE
    key = parts.slot * len(Period) + np.where(hole, 0, parts.period)
    shares = np.bincount(key, np.where(hole, np.nan, parts.share), n_slots * len(Period)).reshape(n_slots, -1)
    shares[parts.slot[hole]] = np.nan
    return shares


def slot_prices(parts: Pieces, prices: FloatArray, first_day: int, n_slots: int) -> FloatArray:
    """Price of a unit drawn evenly over each slot.

    :param parts: the slots' pieces
    :param prices: price of each period on each date from ``first_day`` on, NaN where there is none, shape (d, 5)
    :param first_day: ordinal of the first row
    :return: NaN for a slot of which a part has no price, shape (n_slots,)
    """
    price = np.where(parts.period == HOLE, np.nan, prices[parts.day - first_day, parts.period])
    return np.bincount(parts.slot, parts.share * price, n_slots)


def _clock(begin: int, end: int, zone: ZoneInfo, course_of_date) -> tuple[IntArray, IntArray, IntArray]:
    """Instants from ``begin`` on at which period or date change, with the date and period that begin there."""
    marks, days, periods = [], [], []
    for start, stop, offset in _offsets(begin, end, zone):
        for day in range((start + offset) // SECONDS_PER_DAY, (stop - 1 + offset) // SECONDS_PER_DAY + 1):
            course = course_of_date(date.fromordinal(EPOCH_ORDINAL + day))
            changes = np.flatnonzero(np.diff(course, prepend=np.int8(HOLE - 1)))
            at = day * SECONDS_PER_DAY + changes * 60 - offset
            kept = (np.append(at[1:], (day + 1) * SECONDS_PER_DAY - offset) > start) & (at < stop)
            marks.append(np.maximum(at[kept], start))
            periods.append(course[changes[kept]])
            days.append(np.full(int(kept.sum()), EPOCH_ORDINAL + day))
    return np.concatenate(marks), np.concatenate(days), np.concatenate(periods)


def _offsets(begin: int, end: int, zone: ZoneInfo) -> list[tuple[int, int, int]]:
    """Stretches of constant offset: (start, stop, seconds east of UTC)."""

    def offset(instant: int) -> int:
        return int(datetime.fromtimestamp(instant, UTC).astimezone(zone).utcoffset().total_seconds())

    found, start, current = [], begin, offset(begin)
    for instant in [*range(begin + OFFSET_STEP, end, OFFSET_STEP), end]:
        if offset(instant) != current:
            low, high = instant - OFFSET_STEP if instant - OFFSET_STEP > begin else begin, instant
            while high - low > 1:
                middle = (low + high) // 2
                low, high = (middle, high) if offset(middle) == current else (low, middle)
            found.append((start, high, current))
            start, current = high, offset(instant)
    if start < end:
        found.append((start, end, current))
    return found
