"""Stored figures of days, and the months they add up to. Must not know tables, units or prices.

A day that is known to have no figure has a row without a value; a day nobody computed has none.
"""

from dataclasses import dataclass, fields

import numpy as np

from .arrays import BoolArray, FloatArray, IntArray
from .cells import N_MEASURES
from .quality import Quality, Reason

NO_DAY = 2**31 - 1
"""Ordinal that stands for "never": later than every date."""


@dataclass
class DayRows:
    """Rows of n indicators on d days; ``value`` and the like are NaN where blank.

    :ivar value: amounts and companions, shape (n, d, C), float64
    :ivar numerator: of ratios, shape (n, d); denominator: likewise
    :ivar expected: source-days expected, shape (n, d), int32; present: those with a value
    :ivar quality: :class:`.quality.Quality`; reason: :class:`.quality.Reason`, shape (n, d), int8
    :ivar origin: code of the origin, 0 for none; a month has the highest of its days, shape (n, d), int8
    :ivar basis: id of the factors and prices used, 0 for none, shape (n, d), int32
    :ivar depth: depth of the node in the tree of the day, shape (n, d), int32
    :ivar exists: whether there is a row, mask (n, d)
    """

    value: FloatArray
    numerator: FloatArray
    denominator: FloatArray
    expected: IntArray
    present: IntArray
    quality: IntArray
    reason: IntArray
    origin: IntArray
    basis: IntArray
    depth: IntArray
    exists: BoolArray

    @classmethod
    def blank(cls, n: int, n_days: int) -> "DayRows":
        """No rows at all."""
        shape = (n, n_days)

        def whole(kind: type) -> IntArray:
            return np.zeros(shape, dtype=kind)

        return cls(
            value=np.full((*shape, N_MEASURES), np.nan),
            numerator=np.full(shape, np.nan),
            denominator=np.full(shape, np.nan),
            expected=whole(np.int32),
            present=whole(np.int32),
            quality=np.full(shape, Quality.MISSING, dtype=np.int8),
            reason=whole(np.int8),
            origin=whole(np.int8),
            basis=whole(np.int32),
            depth=whole(np.int32),
            exists=whole(np.bool_),
        )

    def take(self, rows: IntArray) -> "DayRows":
        """The rows of some indicators, by position or mask."""
        return DayRows(*(getattr(self, field.name)[rows] for field in fields(self)))

    def put(self, part: "DayRows", column: int) -> None:
        """Write the days of another block of the same indicators, from a column on."""
        days = slice(column, column + part.exists.shape[1])
        for field in fields(self):
            getattr(self, field.name)[:, days] = getattr(part, field.name)

    def differs(self, other: "DayRows") -> BoolArray:
        """Where another block of the same shape has another row, shape (n, d)."""
        found = np.zeros(self.exists.shape, dtype=bool)
        for field in fields(self):
            mine, theirs = getattr(self, field.name), getattr(other, field.name)
            unlike = mine != theirs
            if mine.dtype.kind == "f":
                unlike &= ~(np.isnan(mine) & np.isnan(theirs))
            found |= unlike.any(axis=2) if unlike.ndim == 3 else unlike
        return found


@dataclass(frozen=True)
class MonthRules:
    """How n indicators add up to a month; every array has shape (n,).

    :ivar how: "sum", "ratio", "mean", "max", "min" or "last"
    :ivar unpriced_blanks: one day's missing price or factor blanks the month (the cost of one energy type), mask
    :ivar total: a total over several energy types: the sum of what is priced, mask
    :ivar first: ordinal of the first day that counts, NO_DAY when there never was one
    :ivar leaves: source-days a day expects
    """

    how: np.ndarray
    unpriced_blanks: BoolArray
    total: BoolArray
    first: IntArray
    leaves: IntArray


def month_rows(days: DayRows, rules: MonthRules, month: int, today: int) -> DayRows:
    """Figures of a month from those of its days.

    Days count from the first one with a figure on, whether a row says that nothing is known or there is none: what a
    month expects does not depend on which days happened to be computed. A companion is blank when some day has an
    amount but no factor or price: a part of a cost is no cost. Days are added in order of date, so the same month has
    the same last digit however it was computed.

    :param days: all days of the month, shape (n, d)
    :param month: ordinal of the month's first day
    :param today: ordinal of the day that is running: it and later ones are not expected yet
    :return: one column; ``exists`` where any day has a row, ``basis`` 0
    """
    n, n_days = days.exists.shape
    result = DayRows.blank(n, 1)
    dates = month + np.arange(n_days)
    known = days.exists & ~np.isnan(days.value[..., 0])
    begun = (rules.first[:, None] != NO_DAY) & (dates >= rules.first[:, None])
    due = days.exists & (begun | known)
    result.exists[:, 0] = days.exists.any(axis=1)
    result.expected[:, 0] = _expected(days, rules, due, begun, dates, month, today)
    result.present[:, 0] = np.where(days.exists, days.present, 0).sum(axis=1)
    result.numerator[:, 0], result.denominator[:, 0] = _sum(days.numerator), _sum(days.denominator)
    result.value[:, 0] = _values(days, rules, known, result)
    result.quality[:, 0] = _quality(days, known, due, result)
    result.reason[:, 0] = _reason(days, rules, known, result)
    result.origin[:, 0] = np.where(days.exists, days.origin, 0).max(axis=1, initial=0)
    last = n_days - 1 - np.argmax(days.exists[:, ::-1], axis=1)
    result.depth[:, 0] = np.take_along_axis(days.depth, last[:, None], axis=1)[:, 0]
    return result


def _sum(values: FloatArray) -> FloatArray:
    """Sum of what is known along the days, one after another; NaN where nothing is, shape (n, ...)."""
    total = np.zeros(values.shape[:1] + values.shape[2:])
    for day in range(values.shape[1]):
        total += np.nan_to_num(values[:, day], nan=0.0, posinf=np.inf, neginf=-np.inf)
    return np.where((~np.isnan(values)).any(axis=1), total, np.nan)


def _expected(days: DayRows, rules: MonthRules, due, begun, dates, month: int, today: int) -> IntArray:
    """Source-days expected: those of the rows, and those of past days that have none."""
    from_rows = np.where(due, days.expected, 0).sum(axis=1)
    start = np.where(rules.first == NO_DAY, month, np.maximum(month, rules.first))
    past = np.maximum(min(month + len(dates), today) - start - (days.exists & begun & (dates < today)).sum(axis=1), 0)
    return from_rows + rules.leaves * past


def _values(days: DayRows, rules: MonthRules, known: BoolArray, result: DayRows) -> FloatArray:
    """Amount and companions, shape (n, C)."""
    values = _sum(days.value)
    unpriced = (known[..., None] & np.isnan(days.value)).any(axis=1)
    values[:, 1:][unpriced[:, 1:]] = np.nan
    amount, over, under = values[:, 0], result.numerator[:, 0], result.denominator[:, 0]
    ratio = rules.how == "ratio"
    amount[ratio] = np.divide(over, under, out=np.full(len(over), np.nan), where=under != 0)[ratio]
    for row in np.flatnonzero(~np.isin(rules.how, ("sum", "ratio")) & known.any(axis=1)):
        own = days.value[row, known[row], 0]
        amount[row] = {"mean": own.mean, "max": own.max, "min": own.min, "last": lambda own=own: own[-1]}[rules.how[row]]()
    no_price = (days.exists & (days.reason == Reason.NO_PRICE)).any(axis=1)
    amount[rules.unpriced_blanks & no_price] = np.nan
    return values


def _quality(days: DayRows, known: BoolArray, due: BoolArray, result: DayRows) -> IntArray:
    """Worst quality of the days that count; PARTIAL where some are missing."""
    some_missing = (due & (days.quality == Quality.MISSING)) | (days.exists & (days.quality == Quality.PARTIAL))
    partial = some_missing.any(axis=1) | (result.present[:, 0] < result.expected[:, 0])
    worst = np.where(due, days.quality, 0).max(axis=1, initial=0)
    return np.where(~known.any(axis=1), Quality.MISSING, np.where(partial, Quality.PARTIAL, worst))


def _reason(days: DayRows, rules: MonthRules, known: BoolArray, result: DayRows) -> IntArray:
    """Why the month is blank or incomplete."""
    no_price = (days.exists & (days.reason == Reason.NO_PRICE)).any(axis=1)
    partly = no_price | (days.exists & (days.reason == Reason.PARTIAL_PRICE)).any(axis=1)
    zero = (rules.how == "ratio") & (result.denominator[:, 0] == 0)
    first = np.where(days.exists & (days.reason > 0), days.reason, np.iinfo(np.int8).max).min(axis=1, initial=127)
    blank = np.where(~known.any(axis=1) & (first < 127), first, Reason.NONE)
    return np.select(
        [no_price & ~rules.total, partly, zero], [Reason.NO_PRICE, Reason.PARTIAL_PRICE, Reason.ZERO_DENOMINATOR], blank
    )
