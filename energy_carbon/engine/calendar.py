"""Energy days and slots on the local wall clock. Must not know what is measured in them.

An *energy day* starts at a company's start hour, local time, and ends where the next one starts, so the days of a
daylight saving change have 23 or 25 hours by themselves. Instants are UTC seconds since the epoch (int64).
"""

from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

import numpy as np

from .arrays import DayArray, IntArray

SECONDS_PER_DAY = 86_400
EPOCH_ORDINAL = date(1970, 1, 1).toordinal()


def day_borders(first: date, last: date, timezone: str, start_hour: int = 0) -> IntArray:
    """Starts of the energy days ``first`` to ``last`` (inclusive) and the end of the last one.

    When a clock change makes the start hour happen twice, the day starts at its first occurrence; when the start hour
    is skipped, the day starts at the first instant after the hole. A date that a country skipped altogether (Samoa,
    2011-12-30) is a day of no length.

    :param first: first energy day
    :param last: last energy day, not before ``first``
    :param timezone: IANA name, for example ``Asia/Shanghai``
    :param start_hour: local hour at which the energy day starts, 0 to 23
    :return: UTC seconds since the epoch, ascending, shape (n_days + 1,), int64
    :raises ValueError: the start hour is outside 0 to 23, or ``last`` is before ``first``
    :raises zoneinfo.ZoneInfoNotFoundError: unknown time zone
    """
    if not 0 <= start_hour <= 23:
        raise ValueError(f"The start hour of the day must be 0 to 23, not {start_hour}.")
    if last < first:
        raise ValueError(f"The last day {last} is before the first day {first}.")
    zone = ZoneInfo(timezone)
    start = datetime(first.year, first.month, first.day, start_hour)
    n_borders = (last - first).days + 2
    borders = (_first_instant(start + timedelta(days=day), zone) for day in range(n_borders))
    return np.fromiter(borders, dtype=np.int64, count=n_borders)


def _first_instant(wall: datetime, zone: ZoneInfo) -> int:
    """First instant at which local clocks show ``wall`` or, where that is skipped, a later time."""
    earlier = wall.replace(tzinfo=zone)
    later = earlier.replace(fold=1)
    before, after = earlier.utcoffset(), later.utcoffset()
    instant = int(earlier.timestamp())
    if before >= after:
        return instant
    # Inside a hole: with fold=1 the instant lies before the change, with fold=0 after it (PEP 495); halve the stretch.
    low, high = int(later.timestamp()), instant
    while high - low > 1:
        middle = (low + high) // 2
        if datetime.fromtimestamp(middle, zone).utcoffset() == after:
            high = middle
        else:
            low = middle
    return high


def slot_borders(day_borders: IntArray, slot_minutes: int) -> tuple[IntArray, IntArray]:
    """Cut consecutive days into slots of elapsed time, counted from each day's start.

    A day of 23 hours has 92 quarter-hours. Where a day is no multiple of the slot (Lord Howe's half-hour change with
    hourly slots), its last slot is shorter.

    :param day_borders: starts of consecutive days and the end of the last, UTC seconds, shape (n_days + 1,)
    :param slot_minutes: length of a slot in minutes, a divisor of 60 (15, 30, 60)
    :return: slot borders in UTC seconds, shape (s + 1,), and the day index of each slot, shape (s,)
    :raises ValueError: the slot length is no divisor of 60 minutes, or the borders are not ascending
    """
    if slot_minutes <= 0 or 60 % slot_minutes:
        raise ValueError(f"A slot must be a divisor of 60 minutes, not {slot_minutes}.")
    day_borders = np.asarray(day_borders, dtype=np.int64)
    lengths = np.diff(day_borders)
    if len(day_borders) < 2 or (lengths < 0).any():
        raise ValueError("Day borders must be ascending and hold at least one day.")
    seconds = slot_minutes * 60
    counts = -(-lengths // seconds)
    day_index = np.repeat(np.arange(len(counts)), counts)
    within = np.arange(len(day_index)) - np.repeat(np.cumsum(counts) - counts, counts)
    starts = day_borders[day_index] + within * seconds
    return np.append(starts, day_borders[-1]), day_index


def day_of_instant(epoch_seconds: IntArray, timezone: str, start_hour: int = 0) -> DayArray:
    """Energy day that instants fall into; an instant exactly at a border belongs to the day that begins.

    Use it for events and for asking "which day is it now".

    :param epoch_seconds: UTC seconds since the epoch, any order, shape (n,)
    :param timezone: IANA name
    :param start_hour: local hour at which the energy day starts, 0 to 23
    :return: energy days, shape (n,), datetime64[D]
    :raises ValueError: the start hour is outside 0 to 23
    """
    return _day_by_borders(epoch_seconds, timezone, start_hour, side="right")


def local_date(epoch_seconds: IntArray, timezone: str, start_hour: int = 0) -> DayArray:
    """Energy day that counter readings belong to; a reading exactly at a border *ends* the day before.

    A register read at 24:00 closes the day: its increment lies before the stamp. For events see :func:`day_of_instant`.

    :param epoch_seconds: UTC seconds since the epoch, any order, shape (n,)
    :param timezone: IANA name
    :param start_hour: local hour at which the energy day starts, 0 to 23
    :return: energy days, shape (n,), datetime64[D]
    :raises ValueError: the start hour is outside 0 to 23
    """
    return _day_by_borders(epoch_seconds, timezone, start_hour, side="left")


def _day_by_borders(epoch_seconds: IntArray, timezone: str, start_hour: int, side: str) -> DayArray:
    """Energy days by searching the borders around the instants; ``side`` as in :func:`numpy.searchsorted`."""
    epoch_seconds = np.asarray(epoch_seconds, dtype=np.int64)
    if not epoch_seconds.size:
        return np.empty(epoch_seconds.shape, dtype="datetime64[D]")
    # Two days of margin: UTC offsets reach from -12 to +14 hours, and the day may start as late as 23:00.
    first = date.fromordinal(EPOCH_ORDINAL + int(epoch_seconds.min()) // SECONDS_PER_DAY - 2)
    last = date.fromordinal(EPOCH_ORDINAL + int(epoch_seconds.max()) // SECONDS_PER_DAY + 2)
    borders = day_borders(first, last, timezone, start_hour)
    index = np.searchsorted(borders, epoch_seconds, side=side) - 1
    return np.datetime64(first, "D") + index
