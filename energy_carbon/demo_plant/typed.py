"""What people of the demo plant type: steam, air and water by day, output, registers read by eye. Knows no indicators."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from functools import cache

import numpy as np

from .calendar import JULY, Month, days_of, is_holiday, is_workday, month_of, start_of
from .counters import COUNTERS
from .loads import GAS, GROWTH, HEATING, MONTH_SPREAD, PRODUCTION
from .shares import allocate, noise

DAY_SPREAD, FOLLOWING_SPREAD = 0.05, 0.008


@dataclass(frozen=True)
class Daily:
    """A figure a day.

    :ivar july: steps in July 2026: Example P
    :ivar digits: decimals of a step
    :ivar rest: how much a day of rest is of a working day
    :ivar follows: name of the load whose months' ups and downs it shares
    """

    name: str
    july: int
    digits: int
    months: tuple[float, ...]
    rest: float
    follows: str = ""

    def month_steps(self, month: Month) -> int:
        if month == JULY:
            return self.july
        busy = self.months[month[1] - 1] * (1 + GROWTH * (month[0] - JULY[0]))
        (own,) = noise(f"{self.name} {month}", 1)
        if not self.follows:
            return round(self.july * busy * (1 + MONTH_SPREAD * own))
        (leading,) = noise(f"{self.follows} {month}", 1)
        return round(self.july * busy * (1 + MONTH_SPREAD * leading) * (1 + FOLLOWING_SPREAD * own))

    def steps(self, month: Month) -> np.ndarray:
        """Whole steps of each day of a month, shape (days,)."""
        return _daily_steps(self, month)


@cache
def _daily_steps(daily: Daily, month: Month) -> np.ndarray:
    days = days_of(month)
    weights = np.array([1.0 if is_workday(day) else daily.rest * (0.75 if is_holiday(day) else 1.0) for day in days])
    return allocate(daily.month_steps(month), weights * (1 + DAY_SPREAD * noise(f"{daily.name} {month}", len(days))))


STEAM_1 = Daily("steam W1", 150_000, 2, HEATING, 0.42, GAS.name)
STEAM_2 = Daily("steam W2", 80_000, 2, HEATING, 0.42, GAS.name)
STEAM_OFFICE = Daily("steam office", 15_000, 2, HEATING, 0.5, GAS.name)
STEAM_LOSS = Daily("steam network", 5_000, 2, HEATING, 0.95, GAS.name)
AIR_1 = Daily("air W1", 480_000, 0, PRODUCTION, 0.42)
AIR_2 = Daily("air W2", 320_000, 0, PRODUCTION, 0.42)
# Typed figures by code: of a meter, of a product, or of what is typed at a unit; a sum is what comes together there.
FIGURES: dict[str, tuple[Daily, ...]] = {
    "S-01": (STEAM_1, STEAM_2, STEAM_OFFICE, STEAM_LOSS),
    "S-02": (STEAM_1,),
    "S-03": (STEAM_2,),
    "OF steam": (STEAM_OFFICE,),
    "A-01": (AIR_1, AIR_2),
    "A-02": (AIR_1,),
    "A-03": (AIR_2,),
    "W-02": (Daily("water W1", 52_000, 1, PRODUCTION, 0.36),),
    "W-03": (Daily("make-up water", 10_800, 1, HEATING, 0.45),),
    "P1": (Daily("P1", 40_000, 1, PRODUCTION, 0.34),),
    "P2": (Daily("P2", 10_000, 1, PRODUCTION, 0.34),),
    "P3": (Daily("P3", 25_000, 1, PRODUCTION, 0.34),),
}


def day_figure(code: str, day: date) -> float:
    """What is typed for a day: GJ, m3, t.

    >>> days = days_of(JULY)
    >>> [round(sum(day_figure(code, day) for day in days), 2) for code in ("S-01", "A-01", "P3")]
    [2500.0, 800000.0, 2500.0]
    """
    parts = FIGURES[code]
    steps = sum(int(part.steps(month_of(day))[day.day - 1]) for part in parts)
    return steps / 10 ** parts[0].digits


def check_register(day: date, ratio: float) -> float:
    """The check meter's register at the end of a day: it counts 0.3 % more than the billing meter."""
    end = COUNTERS["E-01"].registers(np.array([start_of(day) + 86_400.0]))[0]
    return round(0.4 + 1.003 * (end - sum(COUNTERS["E-01"].opening)) / ratio, 2)
