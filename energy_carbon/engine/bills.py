"""The arithmetic of a monthly electricity bill beside energy: power factor and its adjustment. Knows no meters or tariffs."""

import math
from collections.abc import Mapping
from decimal import ROUND_HALF_UP, Decimal

CENT = Decimal("0.01")
BELOW_TABLE_STEP = 2.0
"""Per cent added for each 0.01 below the last line of the table: (83)水电财字第215号, the tables' closing remark."""


def power_factor(active: float, reactive: float) -> float | None:
    """Mean power factor of a period from its energies, unrounded: P / sqrt(P2 + Q2).

    :param active: kWh; reactive: kvarh, of the same period
    :return: 0 to 1; None when nothing was drawn
    """
    apparent = math.hypot(active, reactive)
    return abs(active) / apparent if apparent else None


def rounded_power_factor(value: float) -> Decimal:
    """A power factor as the adjustment tables are entered with: two decimals, half up.

    The twelfth decimal settles what only the binary representation leaves below a half.
    """
    return Decimal(str(round(value, 12))).quantize(CENT, ROUND_HALF_UP)


def adjustment_percent(rounded: Decimal, table: Mapping[Decimal, float]) -> float:
    """Per cent by which the bill rises (+) or falls (-).

    :param rounded: power factor with two decimals
    :param table: per cent by power factor with two decimals
    :raises ValueError: the table is empty, or has no line for a power factor within its range
    """
    if not table:
        raise ValueError("The table of power factor adjustments is empty.")
    lowest, highest = min(table), max(table)
    if rounded < lowest:
        return table[lowest] + BELOW_TABLE_STEP * float((lowest - rounded) / CENT)
    if min(rounded, highest) not in table:
        raise ValueError(f"The table of power factor adjustments has no line for {rounded}.")
    return table[min(rounded, highest)]
