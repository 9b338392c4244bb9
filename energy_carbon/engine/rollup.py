"""Values of all indicators over a block of days, level by level. Must not know units, prices or what a node is.

Errors are values: NaN with a reason, never 0.
"""

from dataclasses import dataclass

import numpy as np

from .allocation import Allocations
from .arrays import BoolArray, FloatArray, IntArray
from .cells import MOST_COUNTED, N_MEASURES, Cells, Kind, Measure, Role, Terms, put_leaves
from .formula import Formulas
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
    "evaluate",
    "put_leaves",
]


def evaluate(
    cells: Cells,
    terms: Terms,
    level: IntArray,
    kind: IntArray,
    compute: BoolArray,
    days: int,
    partial_total: BoolArray | None = None,
    formulas: Formulas | None = None,
    allocations: Allocations | None = None,
) -> None:
    """Compute indicators from their terms, in place, level by level, for all days at once.

    A term outside its validity does not count on that day, not even as expected. A source that is missing is left out
    or blanks the target (:class:`Kind`). Where a source has an amount but no companion, the target's companion is
    blank, or for a *partial total* the sum of the others; both are marked in ``missing_price``. Ratios have no
    companions. An indicator with a formula is computed by it from its terms' amounts; the companions of its carrying
    terms are summed where it has a value. The target of an allocation key takes its part of the source instead of a sum;
    its terms only say what it depends on. Only indicators that are marked and have terms are written; computing twice
    gives the same cells.

    :param cells: values of leaves and of everything not computed; computed ones are written
    :param terms: terms of all formulas (those of indicators not computed are skipped)
    :param level: level of each indicator over the terms (:func:`.graph.levels`), shape (i,)
    :param kind: :class:`Kind` of each indicator, shape (i,)
    :param compute: which indicators to compute, shape (i,)
    :param days: ordinal of the block's first day
    :param partial_total: totals over several energy types: sum what is priced, shape (i,); None: none of them
    :param formulas: of the indicators that are no plain weighted sum; None: none of them
    :param allocations: keys by which some indicators take a part of another; None: none
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
            if formulas is not None:
                sums.take_formulas(cells, terms, rows, ordinals, formulas)
            if allocations is not None:
                sums.take_allocations(cells, allocations, ordinals)
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
    reason: IntArray

    @classmethod
    def of_level(cls, cells: Cells, terms: Terms, rows: IntArray, ordinals: IntArray) -> "_Sums":
        """Sum the terms ``rows`` (sorted by target) over all days ``ordinals``."""
        target, starts = np.unique(terms.target[rows], return_index=True)
        valid = _validity(terms, rows, ordinals)
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
            reason=np.zeros(shape[:2], dtype=np.int8),
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
        value[..., 0] *= terms.conversion[rows, None]
        self.total[at, :, into] += np.add.reduceat(value, starts, axis=0)
        self.count[at, :, into] += np.add.reduceat(known, starts, axis=0, dtype=np.int32)
        self.unpriced[at, :, into] |= np.logical_or.reduceat(unpriced, starts, axis=0)

    def take_formulas(self, cells: Cells, terms: Terms, rows: IntArray, ordinals: IntArray, formulas: Formulas) -> None:
        """Put the results of formulas in the place of their targets' sums; no value, no companions."""
        rows = rows[formulas.tree[terms.target[rows]] >= 0]
        if not len(rows):
            return
        factor = terms.coefficient[rows] * terms.conversion[rows]
        given = cells.value[terms.source[rows], :, terms.source_column[rows]] * factor[:, None]
        valid = _validity(terms, rows, ordinals)
        targets, result = formulas.results(terms.target[rows], formulas.variable[rows], given, valid)
        at = np.searchsorted(self.target, targets)
        self.total[at, :, 0], self.count[at, :, 0], self.reason[at] = result.value, 1, result.reason
        self.total[at] = np.where(np.isnan(result.value)[..., None], np.nan, self.total[at])

    def take_allocations(self, cells: Cells, allocations: Allocations, ordinals: IntArray) -> None:
        """Put what allocation keys give in the place of their targets' sums."""
        result = allocations.results(self.target, cells.value, cells.missing_price, ordinals)
        if result is None:
            return
        at = np.searchsorted(self.target, result.target)
        n_columns = cells.value.shape[2]
        self.total[at, :, :n_columns] = np.nan_to_num(result.value)
        self.count[at, :, :n_columns] = ~np.isnan(result.value)
        self.unpriced[at, :, :n_columns] = result.unpriced
        self.reason[at] = result.reason


def _validity(terms: Terms, rows: IntArray, ordinals: IntArray) -> BoolArray:
    """On which days terms are valid, shape (r, d)."""
    return (terms.first_day[rows, None] <= ordinals) & (ordinals <= terms.last_day[rows, None])


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
    cells.expected[sums.target] = np.minimum(sums.expected, MOST_COUNTED)
    cells.present[sums.target] = np.minimum(sums.present, MOST_COUNTED)
    blank = np.isnan(value[..., 0])
    zero = (under == 0) & ~np.isnan(over)
    incomplete = (sums.present < sums.expected) | (sums.absent > 0) | unpriced[..., 0]
    quality = np.where(incomplete, np.maximum(sums.quality, Quality.PARTIAL), sums.quality)
    cells.quality[sums.target] = np.where(blank & ~zero, Quality.MISSING, quality)
    reason = _reason(blank, zero | (sums.reason == Reason.ZERO_DENOMINATOR), unpriced[..., 0])
    own = (sums.reason == Reason.NO_BASIS) | (blank & (sums.reason == Reason.OVERFLOW))
    cells.reason[sums.target] = np.where(own, sums.reason, reason)


def _divide(over: FloatArray, under: FloatArray) -> FloatArray:
    """Quotient, NaN where the denominator is zero or either is missing."""
    return np.divide(over, under, out=np.full(over.shape, np.nan), where=under != 0)


def _reason(blank: BoolArray, zero: BoolArray, unpriced: BoolArray) -> IntArray:
    """Reason code of amounts."""
    blank_reason = np.where(zero, Reason.ZERO_DENOMINATOR, np.where(unpriced, Reason.NO_PRICE, Reason.MISSING_INPUT))
    full_reason = np.where(unpriced, Reason.PARTIAL_PRICE, Reason.NONE)
    return np.where(blank, blank_reason, full_reason).astype(np.int8)
