"""What the demo plant's meters show at any moment. Knows no protocol and no database.

A counter runs linearly within a quarter-hour, so readings of any two moments agree with each other, whoever makes them.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from functools import cache

import numpy as np

from . import loads
from .calendar import (
    FIRST,
    PERIODS,
    SLOT,
    Month,
    day_at,
    days_of,
    month_of,
    next_month,
    previous_month,
    slot_periods,
    start_of,
)
from .loads import Load

TENTHS = 10


@dataclass(frozen=True)
class Counter:
    """The total of a meter.

    :ivar code: of the meter in the demo data
    :ivar loads: what runs through it
    :ivar opening: register at the beginning of the history: one figure, or one a tariff period in the meter's own registers
    :ivar ratio: CT x PT where the register counts on the secondary side
    :ivar swap: when the meter was replaced by one that began at 0, seconds since the epoch
    """

    code: str
    loads: tuple[Load, ...]
    opening: tuple[float, ...]
    ratio: float = 1.0
    swap: int | None = None

    def registers(self, seconds: np.ndarray, period: str | None = None) -> np.ndarray:
        """Register at each moment, rounded to what the meter keeps, shape (n,).

        :param seconds: since the epoch, shape (n,)
        :param period: of a tariff period's register; None: the total
        """
        seconds = np.asarray(seconds, np.float64)
        shown = self._first_meter(seconds, period)
        if self.swap is not None:
            shown -= np.where(seconds >= self.swap, self.closing(period), 0.0)
        return np.round(shown, 6)

    def closing(self, period: str | None = None) -> float:
        """What the old meter showed when it was taken off."""
        return float(self._first_meter(np.array([float(self.swap)]), period)[0])

    def power(self, seconds: float) -> float:
        """kW, or m3/h, at a moment."""
        if seconds < start_of(FIRST):
            return 0.0
        month = month_of(day_at(seconds))
        slot = int((seconds - start_of(date(*month, 1))) // SLOT)
        return sum(int(load.slot_tenths(month)[slot]) for load in self.loads) / TENTHS * (3600 / SLOT)

    def _first_meter(self, seconds: np.ndarray, period: str | None) -> np.ndarray:
        tenths = amounts(self.loads, seconds, period)
        opening = self.opening[PERIODS.index(period)] if period else sum(self.opening)
        return opening + tenths / (TENTHS * self.ratio)


def amounts(drawn: tuple[Load, ...], seconds: np.ndarray, period: str | None = None) -> np.ndarray:
    """Tenths of kWh or m3 from the beginning of the history to each moment, shape (n,).

    :param period: only what was drawn in this tariff period
    """
    days = [day_at(second) for second in (seconds.min(), seconds.max())]
    found, month = np.zeros(len(seconds)), month_of(max(days[0], FIRST))
    while month <= month_of(days[1]):
        first, last = start_of(date(*month, 1)), start_of(date(*next_month(month), 1))
        own = (seconds >= first) & (seconds < last)
        if own.any():
            found[own] = _within(drawn, month, seconds[own] - first, period)
        month = next_month(month)
    return found


def _within(drawn: tuple[Load, ...], month: Month, since: np.ndarray, period: str | None) -> np.ndarray:
    """Tenths at moments of a month, given in seconds since it began."""
    course = _course(drawn, month, period)
    slot = (since // SLOT).astype(np.int64)
    part = since / SLOT - slot
    return _before(drawn, month, period) + course[slot] + part * (course[slot + 1] - course[slot])


@cache
def _course(drawn: tuple[Load, ...], month: Month, period: str | None) -> np.ndarray:
    """Tenths since the month began at each slot border, shape (slots + 1,)."""
    slots = sum(load.slot_tenths(month) for load in drawn)
    if period:
        slots = np.where(slot_periods(len(days_of(month))) == PERIODS.index(period), slots, 0)
    return np.concatenate([[0], np.cumsum(slots)])


@cache
def _before(drawn: tuple[Load, ...], month: Month, period: str | None) -> int:
    """Tenths from the beginning of the history to that of a month."""
    if month <= month_of(FIRST):
        return 0
    before = previous_month(month)
    used = [load.month_tenths(before) for load in drawn]
    added = sum(one[PERIODS.index(period)] if period else sum(one) for one in used)
    return added + _before(drawn, before, period)


# The furnace's meter was replaced on 18 March 2026 at 10:00 o'clock.
SWAP = start_of(date(2026, 3, 18)) + 10 * 3600
COUNTERS = {
    counter.code: counter
    for counter in (
        Counter("E-01", loads.PLANT, (118_240.0, 361_500.0, 442_070.0, 318_190.0)),
        Counter("E-02", (loads.WORKSHOP_1,), (52_310.0, 155_240.0, 181_450.0, 131_000.0)),
        Counter("E-03", (loads.WORKSHOP_2,), (412_806.0,)),
        Counter("E-04", (loads.AIR_STATION,), (287_415.5,)),
        Counter("E-05", (loads.BOILER_HOUSE,), (31_210.4,), ratio=20.0),
        Counter("E-06", (loads.OFFICES,), (96_204.0,)),
        Counter("E-07", (loads.DORMITORY,), (71_880.5,)),
        Counter("E-08", (loads.TENANT,), (40_127.0,)),
        Counter("E-11", (loads.PRESSES,), (151_902.5,)),
        Counter("E-12", (loads.FURNACE,), (204_311.0,), swap=SWAP),
        Counter("E-13", (loads.MOULDING,), (173_020.5,)),
        Counter("E-14", (loads.PAINT_LINE,), (38_455.0,)),
        Counter("E-41", (loads.COMPRESSOR,), (210_690.0,)),
        Counter("G-01", (loads.GAS,), (402_116.0,)),
        Counter("W-01", (loads.WATER,), (88_340.0,)),
        Counter("H-01", (loads.HEATING_LOOP,), (64_020.0,)),
    )
}
