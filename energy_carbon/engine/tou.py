"""The day of a time-of-use tariff: periods by the minute, and how long each slot lies in which. Must not know prices' tables.

A tariff states bands of the local wall clock. A day's *course* is the period of each of its 1,440 minutes, so half-hour
bounds, bands across midnight and overlays are settled once a day and not once a slot.

A date has *classes*, the most particular first: ``("national_day", "holiday", "workday")`` is National Day on a Thursday.
Bands hold on the most particular class that one of them names; a holiday that no band names is the workday or weekend it
is by the week, and a workday moved to a Sunday is a workday.
"""

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from enum import IntEnum
from zoneinfo import ZoneInfo

import numpy as np

from .arrays import BoolArray, FloatArray, IntArray
from .calendar import EPOCH_ORDINAL, SECONDS_PER_DAY

MINUTES = 1440
HOLE = -1
ALL_MONTHS = frozenset(range(1, 13))
ALL = "all"
WORKDAY, WEEKEND, HOLIDAY, ANNOUNCED = "workday", "weekend", "holiday", "announced"
DayClasses = tuple[str, ...]
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

    :ivar day_class: ``all``, ``workday``, ``weekend``, ``holiday``, ``announced`` or the name of a holiday
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


@dataclass
class Edition:
    """The periods of the day from a date on: bands, and the dates that are special where the tariff holds.

    :ivar first_day: ordinal of the first date
    :ivar default: period of the minutes without a band; None: they are holes
    :ivar standard_clock: the bands are hours of standard time all year, as on a meter whose clock knows no summer time
    :ivar specials: special days by ordinal, as in :func:`day_classes`
    """

    first_day: int
    default: Period | None
    standard_clock: bool = False
    specials: Mapping[int, str] = field(default_factory=dict)
    bands: list[Band] = field(default_factory=list)
    courses: dict[tuple[int, DayClasses], IntArray] = field(default_factory=dict, repr=False)

    def classes(self, day: date) -> DayClasses:
        """Classes of a date, special days considered."""
        return day_classes(day, self.specials.get(day.toordinal()))

    def course(self, day: date, ahead: int = 0) -> IntArray:
        """Period of each minute of a date's wall clock, found once a month and kind of day.

        :param ahead: minutes by which the wall clock is ahead of standard time
        :return: shape (1440,), int8
        """
        if self.standard_clock and ahead:
            before = self._course(date.fromordinal(day.toordinal() - 1))
            return np.concatenate([before[MINUTES - ahead :], self._course(day)[: MINUTES - ahead]])
        return self._course(day)

    def course_of(self, month: int, classes: DayClasses) -> IntArray:
        """Period of each minute of a day of a month and kind, on the tariff's own clock."""
        if (month, classes) not in self.courses:
            self.courses[month, classes] = day_course(self.bands, month, classes, self.default)
        return self.courses[month, classes]

    def _course(self, day: date) -> IntArray:
        return self.course_of(day.month, self.classes(day))


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
    return WEEKEND if day.weekday() >= 5 else WORKDAY


def day_classes(day: date, special: str | None = None) -> DayClasses:
    """Classes of a date, the most particular first.

    :param special: what the table of special days says: ``workday`` for a moved workday, ``weekend`` for a day off in
        lieu, ``announced`` for a day the grid company announced, else the name of a holiday; None: an ordinary day
    """
    week = weekday_class(day)
    if special is None:
        return (week,)
    if special in (WORKDAY, WEEKEND):
        return (special,)
    return (special, week) if special == ANNOUNCED else (special, HOLIDAY, week)


def kinds_of_day(bands: Iterable[Band]) -> list[DayClasses]:
    """Kinds of days that bands tell apart: workday, weekend, and each class they name on a workday and on a weekend."""
    named = dict.fromkeys(band.day_class for band in bands if band.day_class not in (ALL, WORKDAY, WEEKEND))
    kinds: list[DayClasses] = [(WORKDAY,), (WEEKEND,)]
    for name in named:
        particular = (name,) if name in (HOLIDAY, ANNOUNCED) else (name, HOLIDAY)
        kinds += [(*particular, WORKDAY), (*particular, WEEKEND)]
    return kinds


def bands_of_day(bands: Iterable[Band], month: int, classes: DayClasses) -> tuple[list[Band], list[Band]]:
    """Plain bands and overlays that hold on a day.

    Each of the two takes the most particular of the day's classes that one of its bands of the month names, so a deep
    valley on a holiday lies on the holiday's own bands where there are any and else on the day's by the week.

    :param month: 1 to 12; classes: as from :func:`day_classes`
    """
    layers = []
    for overlays in (False, True):
        layer = [band for band in bands if month in band.months and (band.overlay is not None) == overlays]
        named = {band.day_class for band in layer}
        own = next((one for one in classes if one in named), ALL)
        layers.append([band for band in layer if band.day_class in (ALL, own)])
    return layers[0], layers[1]


def day_course(bands: Iterable[Band], month: int, classes: DayClasses, default: Period | None = None) -> IntArray:
    """Period of each minute of a day: plain bands over the default, then overlays where their period lies.

    :param bands: bands of a tariff's version
    :param month: 1 to 12; classes: as from :func:`day_classes`
    :param default: period of the minutes without a band; None: they are holes
    :return: :class:`Period` of each minute, :data:`HOLE` where there is none, shape (1440,), int8
    """
    return _course(*bands_of_day(list(bands), month, classes), default)


def _course(plain: list[Band], overlays: list[Band], default: Period | None) -> IntArray:
    base = np.full(MINUTES, HOLE if default is None else default, np.int8)
    for band in plain:
        base[band.minutes()] = band.period
    course = base.copy()
    for band in overlays:
        course[band.minutes() & (base == band.overlay)] = band.period
    return course


def check_day(bands: Iterable[Band], month: int, classes: DayClasses, default: Period | None = None) -> list[Flaw]:
    """Holes and overlaps of a day: where not exactly one period holds.

    Two plain bands must not meet, nor two overlays where both take effect; parameters as in :func:`day_course`.

    :return: in order of time, each as long as the same bands meet
    """
    plain, over = bands_of_day(list(bands), month, classes)
    base = _course(plain, [], default)
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


def pieces(slot_edges: IntArray, timezone: str, course_of_date: Callable[[date, int], IntArray]) -> Pieces:
    """Cut slots where the local clock passes into another period or date.

    :param slot_edges: borders of consecutive slots, UTC seconds, ascending, shape (s + 1,)
    :param timezone: IANA name
    :param course_of_date: (date, minutes the wall clock is ahead of standard time) -> course, as :meth:`Edition.course`
    """
    edges = np.asarray(slot_edges, np.int64)
    marks, days, periods = _clock(int(edges[0]), int(edges[-1]), ZoneInfo(timezone), course_of_date)
    cuts = np.union1d(edges, marks)
    slot = np.searchsorted(edges, cuts[:-1], side="right") - 1
    at = np.searchsorted(marks, cuts[:-1], side="right") - 1
    return Pieces(slot, np.diff(cuts) / np.diff(edges)[slot], days[at], periods[at])


def period_shares(slot_edges: IntArray, timezone: str, course_of_date: Callable[[date, int], IntArray]) -> FloatArray:
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


def highest_by_period(parts: Pieces, power: FloatArray) -> FloatArray:
    """Highest power of the slots that touch each period: what a demand price by period is multiplied with.

    :param parts: the slots' pieces
    :param power: mean power of each slot, NaN where it is not known, shape (s,)
    :return: NaN for a period in which no slot's power is known, shape (5,)
    """
    known = (parts.period != HOLE) & ~np.isnan(power[parts.slot])
    highest = np.full(len(Period), -np.inf)
    np.maximum.at(highest, parts.period[known], power[parts.slot[known]])
    return np.where(np.isneginf(highest), np.nan, highest)


def _clock(begin: int, end: int, zone: ZoneInfo, course_of_date) -> tuple[IntArray, IntArray, IntArray]:
    """Instants from ``begin`` on at which period or date change, with the date and period that begin there."""
    marks, days, periods = [], [], []
    for start, stop, offset in _offsets(begin, end, zone):
        ahead = _ahead(start, offset, zone)
        for day in range((start + offset) // SECONDS_PER_DAY, (stop - 1 + offset) // SECONDS_PER_DAY + 1):
            course = course_of_date(date.fromordinal(EPOCH_ORDINAL + day), ahead)
            changes = np.flatnonzero(np.diff(course, prepend=np.int8(HOLE - 1)))
            at = day * SECONDS_PER_DAY + changes * 60 - offset
            kept = (np.append(at[1:], (day + 1) * SECONDS_PER_DAY - offset) > start) & (at < stop)
            marks.append(np.maximum(at[kept], start))
            periods.append(course[changes[kept]])
            days.append(np.full(int(kept.sum()), EPOCH_ORDINAL + day))
    return np.concatenate(marks), np.concatenate(days), np.concatenate(periods)


def _ahead(instant: int, offset: int, zone: ZoneInfo) -> int:
    """Minutes by which an offset is ahead of the year's standard time (the lesser of those of January and July)."""
    year = datetime.fromtimestamp(instant, UTC).year
    offsets = [datetime(year, month, 1, tzinfo=zone).utcoffset().total_seconds() for month in (1, 7)]
    return max(0, offset - int(min(offsets))) // 60


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
