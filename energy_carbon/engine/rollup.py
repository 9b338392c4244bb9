"""Values of all indicators over a block of days, level by level. Must not know units, prices or what a node is.

A cell is one indicator on one day. It holds an amount and *companions* (coal, carbon, cost): the same sum over the same
sources, each source at its own factor and price of the day. Errors are values: NaN with a reason, never 0.
"""

from dataclasses import dataclass
from enum import IntEnum

import numpy as np

from .arrays import BoolArray, FloatArray, IntArray
from .quality import Quality, Reason

__all__ = [
    "N_MEASURES",
    "Cells",
    "Kind",
    "Measure",
    "Quality",
    "Reason",
    "Role",
    "Terms",
    "aggregate",
    "coverage",
    "evaluate",
    "price_reason",
    "put_leaves",
]


class Measure(IntEnum):
    """Columns of a cell."""

    AMOUNT = 0
    """In the indicator's own unit."""
    COAL = 1
    """Standard coal, calorific."""
    COAL_EQUIVALENT = 2
    """Standard coal, equivalent; never added to calorific."""
    CARBON = 3
    """Carbon, location-based."""
    CARBON_MARKET = 4
    """Carbon, market-based; never added to location-based."""
    COST = 5
    """Cost in the company's currency."""


N_MEASURES = len(Measure)


class Role(IntEnum):
    """What a term does in its target."""

    SUM = 0
    NUMERATOR = 1
    DENOMINATOR = 2


class Kind(IntEnum):
    """How an indicator is computed."""

    SUM_PARTIAL = 0
    """Weighted sum of the sources present; missing ones are left out and the value is PARTIAL."""
    SUM_BLANK = 1
    """Weighted sum, blank when any source is missing. Needed wherever something is subtracted (unmetered loss)."""
    RATIO = 2
    """Sum of numerator terms over sum of denominator terms."""


@dataclass
class Terms:
    """Terms of all formulas; every array has shape (t,).

    A plain term adds coefficient x the source's ``source_column`` to the target's ``target_column``. A carrying term
    takes the amount and all companions along, each into its own column. Numerators and denominators take
    ``source_column`` and ignore ``target_column``.

    :param target: indicator that the term belongs to, int
    :param source: indicator that is taken, int
    :param source_column: :class:`Measure` taken from the source, int8
    :param target_column: :class:`Measure` added to in the target, int8
    :param coefficient: factor, float64
    :param first_day: first valid day as ordinal (``date.toordinal``), int
    :param last_day: last valid day, inclusive, int
    :param role: :class:`Role`, int8
    :param carries: companions are taken along; only for sums of amounts into amounts, bool
    :raises ValueError: arrays of different length, or a carrying term that is no sum of amounts
    """

    target: IntArray
    source: IntArray
    source_column: IntArray
    target_column: IntArray
    coefficient: FloatArray
    first_day: IntArray
    last_day: IntArray
    role: IntArray
    carries: BoolArray

    def __post_init__(self) -> None:
        types = {"coefficient": np.float64, "carries": np.bool_}
        for name in self.__dataclass_fields__:
            setattr(self, name, np.asarray(getattr(self, name), dtype=types.get(name, np.int64)))
        if len({len(getattr(self, name)) for name in self.__dataclass_fields__}) > 1:
            raise ValueError("All columns of terms must have the same length.")
        if (self.carries & ((self.role != Role.SUM) | (self.source_column != 0) | (self.target_column != 0))).any():
            raise ValueError("Only a sum of amounts can carry companions along.")


@dataclass
class Cells:
    """Values of i indicators over d days.

    :param value: amounts and companions, NaN = missing, shape (i, d, C), float64
    :param expected: leaf source-days that should have a value, shape (i, d), int32
    :param present: leaf source-days that have one, shape (i, d), int32
    :param quality: :class:`.quality.Quality`, shape (i, d), int8
    :param numerator: of ratios, NaN elsewhere, shape (i, d)
    :param denominator: of ratios, NaN elsewhere, shape (i, d)
    :param missing_price: some input had an amount but no factor or price for the column, shape (i, d, C), bool
    :param reason: :class:`.quality.Reason` of the amount, shape (i, d), int8
    """

    value: FloatArray
    expected: IntArray
    present: IntArray
    quality: IntArray
    numerator: FloatArray
    denominator: FloatArray
    missing_price: BoolArray
    reason: IntArray

    @classmethod
    def blank(cls, n_indicators: int, n_days: int, n_columns: int = N_MEASURES) -> "Cells":
        """Cells that know nothing and expect nothing.

        :param n_indicators: number of indicators i
        :param n_days: number of days d
        :param n_columns: number of columns C
        :return: cells with NaN values and quality MISSING
        """
        flat, deep = (n_indicators, n_days), (n_indicators, n_days, n_columns)
        return cls(
            value=np.full(deep, np.nan),
            expected=np.zeros(flat, dtype=np.int32),
            present=np.zeros(flat, dtype=np.int32),
            quality=np.full(flat, Quality.MISSING, dtype=np.int8),
            numerator=np.full(flat, np.nan),
            denominator=np.full(flat, np.nan),
            missing_price=np.zeros(deep, dtype=bool),
            reason=np.zeros(flat, dtype=np.int8),
        )


def put_leaves(
    cells: Cells, rows: IntArray, amount: FloatArray, quality: IntArray, companions: FloatArray | None = None
) -> None:
    """Write leaves: each expects one value a day and has it where the amount is not NaN.

    :param cells: written in place
    :param rows: indicators that are leaves, shape (r,)
    :param amount: amounts in each indicator's unit, NaN = missing, shape (r, d)
    :param quality: quality of the amounts, shape (r, d); MISSING is written where the amount is NaN
    :param companions: companions in the order of :class:`Measure` from COAL on, shape (r, d, C - 1); None: none
    """
    known = np.isfinite(amount)
    cells.value[rows, :, 0] = amount
    cells.value[rows, :, 1:] = np.nan if companions is None else np.where(known[..., None], companions, np.nan)
    cells.expected[rows], cells.present[rows] = 1, known
    cells.quality[rows] = np.where(known, quality, Quality.MISSING)
    cells.numerator[rows] = cells.denominator[rows] = np.nan
    cells.missing_price[rows] = False
    cells.reason[rows] = np.where(known, Reason.NONE, Reason.MISSING_INPUT)


def coverage(present: IntArray, expected: IntArray) -> FloatArray:
    """Share of the expected leaf source-days that have a value, unweighted.

    :param present: source-days with a value, any shape
    :param expected: source-days expected, same shape
    :return: 0 to 1, NaN where nothing is expected
    """
    expected = np.asarray(expected, dtype=np.float64)
    return np.divide(present, expected, out=np.full(expected.shape, np.nan), where=expected > 0)


def price_reason(cells: Cells) -> IntArray:
    """Why a column is blank or incomplete for want of a factor or price.

    :param cells: computed cells
    :return: :class:`.quality.Reason` NONE, NO_PRICE (blank) or PARTIAL_PRICE (sum of the others), shape (i, d, C), int8
    """
    reason = np.where(np.isnan(cells.value), Reason.NO_PRICE, Reason.PARTIAL_PRICE)
    return np.where(cells.missing_price, reason, Reason.NONE).astype(np.int8)


def evaluate(
    cells: Cells,
    terms: Terms,
    level: IntArray,
    kind: IntArray,
    compute: BoolArray,
    days: int,
    partial_total: BoolArray | None = None,
) -> None:
    """Compute indicators from their terms, in place, level by level, for all days at once.

    A term outside its validity does not count on that day, not even as expected. A source that is missing is left out
    or blanks the target (:class:`Kind`). Where a source has an amount but no companion, the target's companion is
    blank, or for a *partial total* the sum of the others; both are marked in ``missing_price``. Ratios have no
    companions. Only indicators that are marked and have terms are written; computing twice gives the same cells.

    :param cells: values of leaves and of everything not computed; computed ones are written
    :param terms: terms of all formulas (those of indicators not computed are skipped)
    :param level: level of each indicator over the terms (:func:`.graph.levels`), shape (i,)
    :param kind: :class:`Kind` of each indicator, shape (i,)
    :param compute: which indicators to compute, shape (i,)
    :param days: ordinal of the block's first day
    :param partial_total: totals over several energy types: sum what is priced, shape (i,); None: none of them
    :raises ValueError: a term's source is not on a lower level than its target
    """
    if (level[terms.source] >= level[terms.target]).any():
        raise ValueError("The levels do not belong to these terms.")
    partial_total = np.zeros(len(level), dtype=bool) if partial_total is None else np.asarray(partial_total)
    chosen = np.flatnonzero(np.asarray(compute, dtype=bool)[terms.target])
    depth = level[terms.target[chosen]]
    order = np.lexsort((terms.target[chosen], depth))
    chosen, depth = chosen[order], depth[order]
    ordinals = days + np.arange(cells.value.shape[1])
    for rows in np.split(chosen, np.flatnonzero(np.diff(depth)) + 1):
        if len(rows):
            sums = _Sums.of_level(cells, terms, rows, ordinals)
            _write_level(cells, sums, np.asarray(kind)[sums.target], partial_total[sums.target])


@dataclass
class _Sums:
    """Sums of one level over its u targets; the last axis is C columns, then numerator and denominator."""

    target: IntArray
    total: FloatArray
    count: IntArray
    unpriced: BoolArray
    absent: IntArray
    expected: IntArray
    present: IntArray
    quality: IntArray

    @classmethod
    def of_level(cls, cells: Cells, terms: Terms, rows: IntArray, ordinals: IntArray) -> "_Sums":
        """Sum the terms ``rows`` (sorted by target) over all days ``ordinals``."""
        target, starts = np.unique(terms.target[rows], return_index=True)
        valid = (terms.first_day[rows, None] <= ordinals) & (ordinals <= terms.last_day[rows, None])
        source = terms.source[rows]
        # A term into a companion only (own coefficient of a service) is no further input of the amount.
        counting = valid & ((terms.role[rows] != Role.SUM) | (terms.target_column[rows] == 0))[:, None]
        missing = np.isnan(cells.value[source, :, 0])
        quality = np.where(counting, np.minimum(cells.quality[source], Quality.PARTIAL), 0)
        shape = (len(target), len(ordinals), cells.value.shape[2] + 2)
        sums = cls(
            target=target,
            total=np.zeros(shape),
            count=np.zeros(shape, dtype=np.int32),
            unpriced=np.zeros(shape, dtype=bool),
            absent=np.add.reduceat(missing & counting, starts, axis=0, dtype=np.int32),
            expected=np.add.reduceat(cells.expected[source] * counting, starts, axis=0),
            present=np.add.reduceat(cells.present[source] * counting, starts, axis=0),
            quality=np.maximum.reduceat(quality, starts, axis=0),
        )
        sums._add_groups(cells, terms, rows, valid)
        return sums

    def _add_groups(self, cells: Cells, terms: Terms, rows: IntArray, valid: BoolArray) -> None:
        """Add terms group by group; a group takes the same columns to the same columns (a few groups at most)."""
        n_columns = cells.value.shape[2]
        role = terms.role[rows]
        column = np.where(role == Role.SUM, terms.target_column[rows], n_columns - 1 + role)
        key = np.where(terms.carries[rows], -1, terms.source_column[rows] * (n_columns + 2) + column)
        for one in np.unique(key).tolist():
            picked = key == one
            taken, into = slice(0, n_columns), slice(0, n_columns)
            if one >= 0:
                taken, into = (slice(at, at + 1) for at in divmod(one, n_columns + 2))
            self._add(cells, terms, rows[picked], valid[picked], taken, into)

    def _add(self, cells: Cells, terms: Terms, rows: IntArray, valid: BoolArray, taken: slice, into: slice) -> None:
        """Add coefficient x columns ``taken`` of the terms' sources to columns ``into`` of their targets."""
        targets, starts = np.unique(terms.target[rows], return_index=True)
        at = np.searchsorted(self.target, targets)
        source = terms.source[rows]
        value = cells.value[source, :, taken]
        has_amount = valid & ~np.isnan(cells.value[source, :, 0])
        known = ~np.isnan(value) & valid[..., None]
        unpriced = (~known & has_amount[..., None]) | (cells.missing_price[source, :, taken] & valid[..., None])
        value = np.where(known, value * terms.coefficient[rows, None, None], 0.0)
        self.total[at, :, into] += np.add.reduceat(value, starts, axis=0)
        self.count[at, :, into] += np.add.reduceat(known, starts, axis=0, dtype=np.int32)
        self.unpriced[at, :, into] |= np.logical_or.reduceat(unpriced, starts, axis=0)


def _write_level(cells: Cells, sums: _Sums, kind: IntArray, partial_total: BoolArray) -> None:
    """Turn the sums of a level into cells of its targets."""
    total = np.where(sums.count > 0, sums.total, np.nan)
    total[sums.unpriced & ~partial_total[:, None, None]] = np.nan
    total[(kind == Kind.SUM_BLANK)[:, None] & (sums.absent > 0)] = np.nan
    value, over, under = total[..., :-2], total[..., -2], total[..., -1]
    ratio = (kind == Kind.RATIO)[:, None]
    over, under = np.where(ratio, over, np.nan), np.where(ratio, under, np.nan)
    value = np.where(ratio[..., None], np.nan, value)
    value[..., 0] = np.where(ratio, _divide(over, under), value[..., 0])
    unpriced = sums.unpriced[..., :-2].copy()
    unpriced[..., 0] |= sums.unpriced[..., -2:].any(axis=-1)
    cells.value[sums.target], cells.missing_price[sums.target] = value, unpriced
    cells.numerator[sums.target], cells.denominator[sums.target] = over, under
    cells.expected[sums.target], cells.present[sums.target] = sums.expected, sums.present
    blank = np.isnan(value[..., 0])
    zero = (under == 0) & ~np.isnan(over)
    incomplete = (sums.present < sums.expected) | (sums.absent > 0) | unpriced[..., 0]
    quality = np.where(incomplete, np.maximum(sums.quality, Quality.PARTIAL), sums.quality)
    cells.quality[sums.target] = np.where(blank & ~zero, Quality.MISSING, quality)
    cells.reason[sums.target] = _reason(blank, zero, unpriced[..., 0])


def _divide(over: FloatArray, under: FloatArray) -> FloatArray:
    """Quotient, NaN where the denominator is zero or either is missing."""
    return np.divide(over, under, out=np.full(over.shape, np.nan), where=under != 0)


def _reason(blank: BoolArray, zero: BoolArray, unpriced: BoolArray) -> IntArray:
    """Reason code of amounts."""
    blank_reason = np.where(zero, Reason.ZERO_DENOMINATOR, np.where(unpriced, Reason.NO_PRICE, Reason.MISSING_INPUT))
    full_reason = np.where(unpriced, Reason.PARTIAL_PRICE, Reason.NONE)
    return np.where(blank, blank_reason, full_reason).astype(np.int8)


def aggregate(cells: Cells, groups: IntArray) -> Cells:
    """Add days up to periods: amounts and companions are summed, ratios are ratios of sums.

    A period's sum is that of its known days, with coverage present / expected; quality is the worst of the days on
    which anything was expected, PARTIAL where some are missing. Ratios are known by their numerators and denominators.

    :param cells: cells over d days
    :param groups: period of each day, 0 to g - 1, any order, shape (d,)
    :return: cells over g periods, g = max(groups) + 1
    """
    groups = np.asarray(groups)
    order = np.argsort(groups, kind="stable")
    n_groups = int(groups.max()) + 1 if len(groups) else 0
    index, starts = np.unique(groups[order], return_index=True)
    result = Cells.blank(cells.value.shape[0], n_groups, cells.value.shape[2])
    if not len(groups):
        return result
    ratio = (np.isfinite(cells.numerator) | np.isfinite(cells.denominator)).any(axis=1)
    result.value[:, index] = _known_sum(cells.value[:, order], starts)
    result.numerator[:, index] = _known_sum(cells.numerator[:, order], starts)
    result.denominator[:, index] = _known_sum(cells.denominator[:, order], starts)
    result.value[ratio, :, 0] = _divide(result.numerator[ratio], result.denominator[ratio])
    result.missing_price[:, index] = np.logical_or.reduceat(cells.missing_price[:, order], starts, axis=1)
    for name in ("expected", "present"):
        getattr(result, name)[:, index] = np.add.reduceat(getattr(cells, name)[:, order], starts, axis=1)
    _aggregate_quality(cells, result, order, starts, index)
    return result


def _aggregate_quality(cells: Cells, result: Cells, order: IntArray, starts: IntArray, index: IntArray) -> None:
    """Write quality and reason of periods."""
    nothing_due = (cells.expected == 0) & np.isnan(cells.value[..., 0])
    daily = np.where(nothing_due, 0, np.minimum(cells.quality, Quality.PARTIAL)).astype(np.int8)
    worst = np.maximum.reduceat(daily[:, order], starts, axis=1)
    blank = np.isnan(result.value[..., 0])
    zero = (result.denominator == 0) & ~np.isnan(result.numerator)
    result.quality[:, index] = np.where((blank & ~zero)[:, index], Quality.MISSING, worst)
    result.reason[:] = _reason(blank, zero, result.missing_price[..., 0])


def _known_sum(values: FloatArray, starts: IntArray) -> FloatArray:
    """Sums of runs along axis 1 over what is not NaN; NaN where nothing is."""
    known = ~np.isnan(values)
    total = np.add.reduceat(np.where(known, values, 0.0), starts, axis=1)
    return np.where(np.logical_or.reduceat(known, starts, axis=1), total, np.nan)
