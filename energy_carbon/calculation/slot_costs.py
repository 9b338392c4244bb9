"""Cost of leaves under a time-of-use tariff: slot amounts times the prices of the slots. Knows no tables."""

import numpy as np

from ..engine.intervals import METERS_AT_ONCE
from .leaves import LeafDays
from .tariff_book import SlotPrices


def slot_costs(leaves: LeafDays, places: np.ndarray, prices: SlotPrices) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Cost by day of the leaves that have slots.

    A slot that is missing adds nothing, as to the day's amount. A slot with an amount and no price blanks its day.

    :param places: leaves of the same context, shape (p,)
    :param prices: of the slots, for this context
    :return: the leaves that have slots, shape (k,); their cost, shape (k, d); the days on which that is their cost, mask
        (k, d): the others have no profile, or a flat tariff
    """
    at = np.flatnonzero(np.isin(leaves.slot_rows, places))
    shape = (len(at), len(prices.by_slot))
    cost, known = np.full(shape, np.nan), np.zeros(shape, bool)
    starts = np.flatnonzero(np.diff(leaves.day_index, prepend=-1))
    days = leaves.day_index[starts]
    for begin in range(0, len(at) if len(starts) else 0, METERS_AT_ONCE):
        some = slice(begin, begin + METERS_AT_ONCE)
        slots = leaves.slots[at[some]]
        missing = np.isnan(slots)
        slots *= prices.price
        slots[missing] = 0.0
        cost[some, days] = np.add.reduceat(slots, starts, axis=1)
        known[some, days] = ~np.logical_and.reduceat(missing, starts, axis=1)
    return leaves.slot_rows[at], cost, known & prices.by_slot & ~leaves.even[leaves.slot_rows[at]]
