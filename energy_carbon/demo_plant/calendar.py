"""The demo plant's clock: months, working days and the hours of its tariff. Knows no loads."""

from __future__ import annotations

import calendar
from datetime import UTC, date, datetime, timedelta, timezone

import numpy as np

CHINA = timezone(timedelta(hours=8))
FIRST = date(2025, 7, 1)  # the first day of the history
JULY = (2026, 7)  # the month of Example P
SLOT = 900  # seconds
SLOTS = 96  # a day; China knows no summer time
PERIODS = ("sharp", "peak", "flat", "valley")
# Hours that are not flat: (period, first, end), as in Jiangsu's summer tariff for 315 kVA and more.
BANDS = (
    ("valley", 0, 8),
    ("peak", 8, 11),
    ("sharp", 14, 15),
    ("peak", 17, 20),
    ("sharp", 20, 21),
    ("peak", 21, 22),
)
# Days on which the plant rests: (month, day) every year; Spring Festival by year.
_HOLIDAYS = {(1, 1), (5, 1), (5, 2), (5, 3), *((10, day) for day in range(1, 6))}
_SPRING_FESTIVAL = {2026: date(2026, 2, 15), 2027: date(2027, 2, 5), 2028: date(2028, 1, 25), 2029: date(2029, 2, 12)}
_SPRING_DAYS = 8

Month = tuple[int, int]


def month_of(day: date) -> Month:
    return day.year, day.month


def next_month(month: Month) -> Month:
    return (month[0] + month[1] // 12, month[1] % 12 + 1)


def previous_month(month: Month) -> Month:
    return (month[0] - (month[1] == 1), (month[1] - 2) % 12 + 1)


def days_of(month: Month) -> list[date]:
    return [date(*month, day) for day in range(1, calendar.monthrange(*month)[1] + 1)]


def start_of(day: date) -> int:
    """Seconds since the epoch at which a day begins in China."""
    return int(datetime(day.year, day.month, day.day, tzinfo=CHINA).timestamp())


def day_at(seconds: float) -> date:
    """The day in China at a moment."""
    return datetime.fromtimestamp(seconds, UTC).astimezone(CHINA).date()


def is_holiday(day: date) -> bool:
    """Whether the plant rests, beyond its weekends.

    >>> [is_holiday(day) for day in (date(2026, 10, 1), date(2026, 2, 17), date(2026, 7, 6))]
    [True, True, False]
    """
    spring = _SPRING_FESTIVAL.get(day.year)
    in_spring = spring is not None and 0 <= (day - spring).days < _SPRING_DAYS
    return in_spring or (day.month, day.day) in _HOLIDAYS


def is_workday(day: date) -> bool:
    return day.weekday() < 5 and not is_holiday(day)


def hour_periods() -> np.ndarray:
    """Index into PERIODS of each hour of a day, shape (24,).

    >>> "".join(PERIODS[at][0] for at in hour_periods())
    'vvvvvvvvpppfffsffpppspff'
    """
    hours = np.full(24, PERIODS.index("flat"))
    for period, first, end in BANDS:
        hours[first:end] = PERIODS.index(period)
    return hours


def slot_periods(n_days: int) -> np.ndarray:
    """Index into PERIODS of each slot of some days, shape (n_days * SLOTS,)."""
    return np.tile(np.repeat(hour_periods(), SLOTS // 24), n_days)
