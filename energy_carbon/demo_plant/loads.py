"""Who in the demo plant uses how much power, gas and water when. Knows no meters.

A load's month is whole steps of a tenth of kWh or m3, shared out over the quarter-hours of each tariff period, so that
July 2026 is Example P to the last digit in every period, however believable the days look.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

import numpy as np

from .calendar import JULY, SLOTS, Month, days_of, is_holiday, is_workday, slot_periods
from .shares import allocate, noise

DAY_SPREAD, SLOT_SPREAD, MONTH_SPREAD = 0.05, 0.06, 0.02
# How busy each month is, January to December, July being 1; years before and after differ a little.
PRODUCTION = (0.97, 0.74, 1.02, 1.01, 0.98, 1.0, 1.0, 1.01, 1.02, 0.91, 1.03, 1.04)
HEATING = (1.55, 1.32, 1.22, 1.02, 0.94, 0.97, 1.0, 1.0, 0.98, 1.0, 1.22, 1.48)
OFFICE = (1.08, 0.8, 0.9, 0.78, 0.82, 0.92, 1.0, 1.02, 0.9, 0.76, 0.85, 1.05)
LIVING = (1.12, 0.66, 0.84, 0.7, 0.68, 0.88, 1.0, 1.03, 0.84, 0.66, 0.8, 1.06)
GROWTH = 0.03  # a year

# Share of the highest load in each hour of a working day and of a day of rest.
TWO_SHIFTS = (
    (0.34, 0.32, 0.31, 0.31, 0.32, 0.36, 0.48, 0.72, 0.92, 0.97, 1.0, 0.9)
    + (0.74, 0.94, 0.99, 1.0, 0.95, 0.88, 0.86, 0.84, 0.8, 0.7, 0.52, 0.4)
)  # fmt: skip
AT_REST = (0.3,) * 7 + (0.34, 0.4, 0.42, 0.42, 0.4, 0.36, 0.4, 0.4, 0.4, 0.38, 0.34) + (0.31,) * 6
ROUND_THE_CLOCK = (0.86,) * 7 + (0.92,) + (1.0,) * 12 + (0.95,) * 2 + (0.88,) * 2
OFFICE_HOURS = (
    (0.1,) * 6 + (0.14, 0.32, 0.82, 1.0, 0.98, 0.9, 0.66, 0.92, 1.0, 0.98, 0.94, 0.7)
    + (0.36, 0.24, 0.4, 0.2, 0.12, 0.1)
)  # fmt: skip
OFFICE_CLOSED = (0.1,) * 8 + (0.16,) * 10 + (0.1,) * 6
EVENINGS = (
    (0.8, 0.72, 0.66, 0.62, 0.6, 0.62, 0.66, 0.5, 0.3, 0.26, 0.26, 0.34)
    + (0.38, 0.3, 0.28, 0.28, 0.32, 0.44, 0.66, 0.84, 0.96, 1.0, 1.0, 0.92)
)  # fmt: skip
AT_HOME = tuple(max(share, 0.5) for share in EVENINGS)
FORKLIFTS_AT_NIGHT = (0.7,) * 6 + (0.5, 0.5) + (0.8, 1.0, 1.0, 0.9, 0.7, 0.9) + (0.9,) * 4 + (0.6, 0.5, 0.4, 0.4, 0.5, 0.6)


@dataclass(frozen=True)
class Load:
    """Something that draws power, gas or water.

    :ivar july: tenths of kWh or m3 in July 2026: by tariff period, or one figure for all hours
    :ivar months: how much each month is, January to December
    :ivar workday: share of the highest load in each hour; rest: the same on a day of rest
    :ivar step: smallest part, in tenths
    """

    name: str
    july: tuple[int, ...]
    months: tuple[float, ...]
    workday: tuple[float, ...]
    rest: tuple[float, ...]
    step: int = 5

    def month_tenths(self, month: Month) -> tuple[int, ...]:
        """The month's tenths, as :attr:`july`; whole steps."""
        if month == JULY:
            return self.july
        busy = self.months[month[1] - 1] * (1 + GROWTH * (month[0] - JULY[0]))
        spread = 1 + MONTH_SPREAD * noise(f"{self.name} {month}", len(self.july))
        steps = np.rint(np.array(self.july) * busy * spread / self.step)
        return tuple(int(one) * self.step for one in steps)

    def slot_tenths(self, month: Month) -> np.ndarray:
        """Tenths in each quarter-hour of a month, shape (days * SLOTS,)."""
        return _slot_tenths(self, month)


@cache
def _slot_tenths(load: Load, month: Month) -> np.ndarray:
    weights, tenths = _weights(load, month), load.month_tenths(month)
    periods = slot_periods(len(weights) // SLOTS) if len(tenths) > 1 else np.zeros(len(weights), int)
    slots = np.zeros(len(weights), np.int64)
    for period, amount in enumerate(tenths):
        own = periods == period
        slots[own] = allocate(amount // load.step, weights[own]) * load.step
    return slots


def _weights(load: Load, month: Month) -> np.ndarray:
    """How much of a month lies in each of its slots, shape (days * SLOTS,)."""
    days = days_of(month)
    by_day = 1 + DAY_SPREAD * noise(f"{load.name} {month} days", len(days))
    hours = np.array([load.workday if is_workday(day) else load.rest for day in days])
    hours *= (by_day * [0.75 if is_holiday(day) else 1.0 for day in days])[:, None]
    slots = np.repeat(hours, SLOTS // 24, axis=1).ravel()
    return slots * (1 + SLOT_SPREAD * noise(f"{load.name} {month} slots", len(slots)))


def _power(name: str, thousands: tuple[float, ...], *shape, share: float = 1.0, step: int = 5) -> Load:
    """A load of electricity by thousands of kWh a period; share: of the thousands."""
    return Load(name, tuple(round(10_000 * share * one / step) * step for one in thousands), *shape, step=step)


# Sharp, peak, flat, valley of July in thousands of kWh: Example P.
_W1, _W2, _AIR = (24, 72, 84, 60), (18, 60, 63, 39), (7.2, 19.8, 25.2, 19.8)
_TWO, _ALWAYS = (PRODUCTION, TWO_SHIFTS, AT_REST), (PRODUCTION, ROUND_THE_CLOCK, ROUND_THE_CLOCK)
WORKSHOP_1 = _power("W1", _W1, *_TWO)
WORKSHOP_2 = _power("W2", _W2, *_TWO)
BOILER_HOUSE = _power("boiler house", (3, 9, 10.5, 7.5), HEATING, ROUND_THE_CLOCK, AT_REST, step=2)
AIR_STATION = _power("air station", _AIR, *_TWO)
OFFICES = _power("office", (3.6, 7.2, 10.8, 2.4), OFFICE, OFFICE_HOURS, OFFICE_CLOSED)
DORMITORY = _power("dormitory", (0.6, 2.4, 4.5, 10.5), LIVING, EVENINGS, AT_HOME)
TENANT = _power("tenant", (1.2, 2.4, 3.6, 4.8), PRODUCTION, FORKLIFTS_AT_NIGHT, FORKLIFTS_AT_NIGHT)
LOSS = _power("loss", (2.4, 7.2, 8.4, 6), *_TWO)
PLANT = (WORKSHOP_1, WORKSHOP_2, BOILER_HOUSE, AIR_STATION, OFFICES, DORMITORY, TENANT, LOSS)
# Parts of the workshops and of the air station that have meters of their own.
PRESSES = _power("presses", _W1, *_TWO, share=0.22)
FURNACE = _power("furnace", _W1, *_ALWAYS, share=0.2)
PAINT_LINE = _power("paint line", _W1, *_TWO, share=0.08)
MOULDING = _power("moulding", _W2, *_TWO, share=0.45)
COMPRESSOR = _power("compressor", _AIR, *_TWO, share=0.72)
GAS = Load("gas", (800_000,), HEATING, ROUND_THE_CLOCK, AT_REST)
WATER = Load("water", (120_000,), PRODUCTION, TWO_SHIFTS, AT_REST, step=10)
HEATING_LOOP = Load("heating loop", (90_000,), HEATING, ROUND_THE_CLOCK, ROUND_THE_CLOCK, step=10)
