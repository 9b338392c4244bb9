"""Slots of sums from those of their sources, level by level. Must not know prices, factors or where slots are kept."""

import numpy as np

from .allocation import Allocations
from .arrays import BoolArray, FloatArray, IntArray
from .cells import Terms


def add_slots(
    amount: FloatArray,
    slots: FloatArray,
    terms: Terms,
    level: IntArray,
    compute: BoolArray,
    days: int,
    allocations: Allocations | None = None,
) -> None:
    """Compute the slots of sums, in place.

    A source without an amount adds nothing on that day; one with an amount and no slots leaves the sum without slots, and so
    does a sum without an amount. An indicator without terms keeps its slots.

    :param amount: amounts of i indicators on d days, NaN = missing, shape (i, d)
    :param slots: their slots, NaN where unknown or the day is shorter, shape (i, d, s); those of sums are written
    :param terms: terms whose slots add up to their target's, with the factor between the units in ``coefficient``
    :param level: level of each indicator over the terms, shape (i,)
    :param compute: which indicators to compute, shape (i,)
    :param days: ordinal of the first day
    :param allocations: keys by which some indicators take a part of another's slots; None: none
    """
    chosen = np.flatnonzero(np.asarray(compute, dtype=bool)[terms.target])
    depth = level[terms.target[chosen]]
    order = np.lexsort((terms.target[chosen], depth))
    chosen, depth = chosen[order], depth[order]
    ordinals = days + np.arange(amount.shape[1])
    for rows in np.split(chosen, np.flatnonzero(np.diff(depth)) + 1):
        if len(rows):
            target = np.unique(terms.target[rows])
            _add_level(amount, slots, terms, rows, target, ordinals)
            if allocations is not None:
                _take_allocations(amount, slots, target, ordinals, allocations)


def _add_level(
    amount: FloatArray, slots: FloatArray, terms: Terms, rows: IntArray, target: IntArray, ordinals: IntArray
) -> None:
    """Add up the terms ``rows`` of the targets of one level."""
    valid = (terms.first_day[rows, None] <= ordinals) & (ordinals <= terms.last_day[rows, None])
    counted = valid & ~np.isnan(amount[terms.source[rows]])
    fed = np.zeros(amount.shape, dtype=bool)
    np.logical_or.at(fed, terms.target[rows], counted)
    slots[target] = 0.0
    columns = (terms.target[rows], terms.source[rows], terms.coefficient[rows], counted.all(axis=1))
    # Row by row: a day's slots of one source fit in the processor's cache, those of all of them do not.
    for at, (into, source, factor, whole) in enumerate(zip(*(column.tolist() for column in columns), strict=True)):
        taken = slots[source] if factor == 1.0 else slots[source] * factor
        if whole:
            slots[into] += taken
        else:
            slots[into, counted[at]] += taken[counted[at]]
    none = ~fed[target] | np.isnan(amount[target])
    if none.any():
        row, day = np.nonzero(none)
        slots[target[row], day] = np.nan


def _take_allocations(
    amount: FloatArray, slots: FloatArray, target: IntArray, ordinals: IntArray, allocations: Allocations
) -> None:
    """Put what allocation keys give in the place of their targets' sums."""
    value = np.concatenate([amount[..., None], slots], axis=2)
    result = allocations.results(target, value, np.zeros(value.shape, dtype=bool), ordinals)
    if result is not None:
        slots[result.target] = np.where(result.unpriced, np.nan, result.value)[..., 1:]
