"""Prices that rise with the volume of a month or a year. Must not know tariffs' tables, units or indicators.

The volume counts from the day after the bill's closing day. What a day draws is cut where the volume passes from one
tier into the next, so the days of a period add up to the bill on its total. Days are ordinals (``date.toordinal``).
"""

from datetime import date

import numpy as np

from .arrays import FloatArray, IntArray
from .calendar import EPOCH_ORDINAL

MONTH_END = 0
"""Closing day of bills that close with the calendar month."""


def counting_keys(days: IntArray, by_year: bool, closing_day: int = MONTH_END) -> IntArray:
    """Key of the period in which the volume of each day counts: days with the same key count together.

    :param days: ordinals, shape (d,)
    :param by_year: a year counts, else a month
    :param closing_day: last day of a bill's month, 1 to 28; 0: the calendar month's last day
    :return: months since the year 1970, or years since, shape (d,)
    """
    day = (np.asarray(days, np.int64) - EPOCH_ORDINAL).astype("datetime64[D]")
    month = day.astype("datetime64[M]")
    number = month.astype(np.int64)
    if closing_day != MONTH_END:
        number = number + ((day - month.astype("datetime64[D]")).astype(np.int64) >= closing_day)
    return number // 12 if by_year else number


def counting_bounds(key: int, by_year: bool, closing_day: int = MONTH_END) -> tuple[int, int]:
    """First and last day of the period of a key of :func:`counting_keys`, as ordinals."""
    month, length = (key * 12, 12) if by_year else (key, 1)
    first, after = _first_of(month), _first_of(month + length)
    if closing_day != MONTH_END:
        first, after = _first_of(month - 1) + closing_day, _first_of(month + length - 1) + closing_day
    return first, after - 1


def _first_of(month: int) -> int:
    return date(1970 + month // 12, month % 12 + 1, 1).toordinal()


def volumes_before(amounts: FloatArray, keys: IntArray, before: FloatArray) -> FloatArray:
    """Volume that counts already when each day begins.

    :param amounts: of consecutive days, NaN where nothing is known (it adds nothing), shape (n, d)
    :param keys: period of each day, ascending, shape (d,)
    :param before: volume of the first day's period on days before the block, shape (n,)
    :return: shape (n, d)
    """
    known = np.nan_to_num(amounts)
    run = np.cumsum(known, axis=1) - known
    start = np.searchsorted(keys, keys)  # first day of each day's period within the block
    own = start == 0
    return run - np.where(own, 0.0, run[:, start]) + np.where(own, before[:, None], 0.0)


def tier_amounts(before: FloatArray, amounts: FloatArray, bounds: FloatArray) -> FloatArray:
    """What of each amount lies in each tier.

    :param before: volume that counts already, shape (...,)
    :param amounts: what comes on top, of any sign; NaN stays NaN, shape (...,)
    :param bounds: volumes above which a higher tier begins, ascending, shape (k,)
    :return: adds up to the amounts along the last axis; the lowest tier first, shape (..., k + 1)
    """
    low = np.concatenate([[-np.inf], bounds])
    high = np.concatenate([bounds, [np.inf]])
    before, after = np.asarray(before)[..., None], (np.asarray(before) + amounts)[..., None]
    return np.clip(after, low, high) - np.clip(before, low, high)


def tier_of(volume: FloatArray, bounds: FloatArray) -> IntArray:
    """Tier in which the next unit after a volume lies, 0 for the lowest, shape as the volume."""
    return np.searchsorted(bounds, volume, side="right")
