"""Slot profiles of sums from those of their sources. Knows no factor and no price."""

from __future__ import annotations

from datetime import date

import numpy as np

from ..engine.allocation import Allocations
from ..engine.rollup import Cells, Terms
from ..engine.slot_sums import add_slots
from . import profiles
from .leaves import LeafDays


def roll_up(
    cursor,
    ids: np.ndarray,
    amounts: np.ndarray,
    affected: np.ndarray,
    leaf_places: np.ndarray,
    leaves: LeafDays,
    cells: Cells,
    terms: Terms,
    level: np.ndarray,
    first: date,
    allocations: Allocations | None = None,
) -> None:
    """Compute and store the profiles of the affected amounts.

    A sum has a profile on days on which it has a value and every source with an amount has a profile; a typed figure
    and an expression that is no weighted sum have none.

    :param ids: indicator of each row of the cells, shape (n,)
    :param amounts: rows that are amounts, mask (n,); affected: rows to compute, mask (n,)
    :param leaf_places: rows of the leaves just computed, shape (k,)
    :param leaves: what they are
    :param terms: formula terms between the rows; level: of each row
    :param first: date of the first column
    :param allocations: keys by which some rows take a part of another, and of its slots
    """
    n_days = cells.value.shape[1]
    last = date.fromordinal(first.toordinal() + n_days - 1)
    if leaves.slots is None and not profiles.any_stored(cursor, ids[amounts].tolist(), first, last):
        return
    per_day = np.bincount(leaves.day_index, minlength=n_days)
    slots = np.full((len(ids), n_days, int(per_day.max())), np.nan)
    if leaves.slots is not None:
        slots[leaf_places[leaves.slot_rows]] = _by_day(leaves.slots, per_day)
    stored = np.flatnonzero(amounts & ~affected)
    slots[stored] = profiles.read(cursor, ids[stored].tolist(), first, n_days, slots.shape[2])
    carried = np.flatnonzero(terms.carries)
    part = Terms(*(getattr(terms, name)[carried] for name in Terms.__dataclass_fields__))
    part.coefficient = part.coefficient * part.conversion  # slots are amounts like the day's, not companions
    wanted = amounts & affected
    amount = cells.value[..., 0]
    add_slots(amount, slots, part, level, wanted, first.toordinal(), allocations)
    slots[np.isnan(amount)] = np.nan
    profiles.write(cursor, ids, first, slots, per_day, wanted)


def _by_day(slots: np.ndarray, per_day: np.ndarray) -> np.ndarray:
    """Slots one after another -> one row a day, NaN behind the end of short days, shape (m, d, longest)."""
    longest = int(per_day.max())
    if (per_day == longest).all():
        return slots.reshape(len(slots), len(per_day), longest)
    result = np.full((len(slots), len(per_day), longest), np.nan)
    start = 0
    for day, count in enumerate(per_day.tolist()):
        result[:, day, :count] = slots[:, start : start + count]
        start += count
    return result
