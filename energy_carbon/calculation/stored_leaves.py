"""Leaf amounts that hold as they are stored: of dropped readings, of locked months, where only a price changed."""

from __future__ import annotations

from datetime import date, timedelta

import numpy as np

from ..engine.day_rows import DayRows
from ..engine.quality import Quality
from ..tools.selections import ORIGINS
from ..tools.uom import uom_factor
from . import profiles
from .readings import TABLE as READINGS
from .readings import TYPED
from .store import STALE

UOMS = """
    SELECT indicator_id, (date - %s::date)::int4, COALESCE(uom_id, 0)
      FROM energy_value WHERE indicator_id = ANY(%s) AND date BETWEEN %s AND %s
"""
COLLECTED = [key for key, _label in ORIGINS].index("collected") + 1


def take_stored(
    env, rows: list, held: np.ndarray, first: date, stored: DayRows, result, with_slots: bool = True
) -> None:
    """Put stored amounts, quality and origin, and slots, in the place of what was computed.

    :param rows: leaf indicators, one a row of the result
    :param held: cells to be taken as they are stored, mask of the result's shape; blank where no row is stored
    :param first: day of the result's first column
    :param stored: stored rows of the indicators of which any cell is held
    :param result: :class:`.leaves.LeafDays`, written in place
    :param with_slots: whether anybody needs the slots
    """
    chosen = np.flatnonzero(held.any(axis=1))
    ids = [rows[row].id for row in chosen]
    own = held[chosen]
    factor = _conversions(env, [rows[row] for row in chosen], own & (stored.depth == STALE), first)
    for name, figures in (
        ("amount", stored.value[..., 0] * factor),
        ("quality", np.where(stored.exists, stored.quality, Quality.MISSING)),
        ("origin", np.where(stored.exists, stored.origin, result.origin[chosen])),
        ("even", result.even[chosen] & (stored.origin != COLLECTED)),
    ):
        target = getattr(result, name)
        target[chosen] = np.where(own, figures, target[chosen])
    if with_slots:
        _put_slots(env.cr, ids, chosen, held, first, result, factor)


def with_typed_registers(cursor, ids: list[int]) -> set[int]:
    """Those of the indicators of which registers were ever typed."""
    cursor.execute(
        f"""SELECT indicator_id FROM energy_entry WHERE mode = 'register' AND indicator_id = ANY(%(ids)s)
             UNION SELECT indicator_id FROM {READINGS} WHERE quality = {TYPED} AND indicator_id = ANY(%(ids)s)""",
        {"ids": ids},
    )
    return {row[0] for row in cursor.fetchall()}


def _conversions(env, rows: list, stale: np.ndarray, first: date) -> np.ndarray:
    """Factor from the unit stored to today's, 1 where they are the same, shape (c, d).

    :param rows: c leaves; stale: cells stored in another unit or for another flow, mask (c, d)
    """
    factor = np.ones(stale.shape)
    if not stale.any():
        return factor
    place = {row.id: at for at, row in enumerate(rows)}
    env.cr.execute(UOMS, [first, list(place), first, first + timedelta(days=stale.shape[1] - 1)])
    found = [(place[indicator], day, uom) for indicator, day, uom in env.cr.fetchall() if stale[place[indicator], day]]
    at, day, uom = (np.array(column) for column in zip(*found, strict=True))
    factor[at, day] = _conversion(env, uom, np.array([rows[one].uom_id or 0 for one in at]))
    return factor


def _conversion(env, stored: np.ndarray, wanted: np.ndarray) -> np.ndarray:
    """Factor from the unit a figure is stored in to the unit the indicator has today; both are ids or 0, shape (n,)."""
    pairs, inverse = np.unique(np.stack([stored, wanted]), axis=1, return_inverse=True)
    uom = env["uom.uom"]
    factors = [
        uom_factor(uom.browse(int(before)), uom.browse(int(after))) if before and after else 1.0
        for before, after in pairs.T
    ]
    return np.array(factors, np.float64)[inverse.reshape(-1)]


def _put_slots(cursor, ids: list[int], chosen: np.ndarray, held: np.ndarray, first: date, result, factor) -> None:
    """Slots of the cells, NaN where no profile is stored."""
    n_days = held.shape[1]
    found = profiles.read_rows(cursor, ids, first, n_days)
    if result.slots is None and not found:
        return
    slot_row = _slot_rows(result, chosen)
    result.slots[slot_row] = np.where(held[chosen][:, result.day_index], np.nan, result.slots[slot_row])
    per_day = np.bincount(result.day_index, minlength=n_days)
    start = np.concatenate([[0], np.cumsum(per_day)])
    for at, day, slots in found:
        for length in np.unique(per_day[day]).tolist():
            own = (per_day[day] == length) & held[chosen[at], day]
            columns = start[day[own]][:, None] + np.arange(length)
            result.slots[slot_row[at[own]][:, None], columns] = (
                regrid(slots[own], length) * factor[at[own], day[own]][:, None]
            )


def _slot_rows(result, chosen: np.ndarray) -> np.ndarray:
    """Where the rows ``chosen`` of the result have their slots; places are made for those that have none, shape (c,)."""
    if result.slots is None:
        result.slots, result.slot_rows = np.empty((0, len(result.day_index))), np.empty(0, np.int64)
    new = np.setdiff1d(chosen, result.slot_rows)
    result.slots = np.concatenate([result.slots, np.full((len(new), len(result.day_index)), np.nan)])
    result.slot_rows = np.concatenate([result.slot_rows, new])
    order = np.argsort(result.slot_rows)
    return order[np.searchsorted(result.slot_rows[order], chosen)]


def regrid(slots: np.ndarray, n: int) -> np.ndarray:
    """Spread days' slots over another number of slots, conserving what they add up to.

    :param slots: amounts, NaN where unknown, shape (k, m)
    :param n: slots that the days have now
    :return: amounts, NaN where any part is unknown, shape (k, n)
    """
    if slots.shape[1] == n:
        return slots
    old, new = np.linspace(0.0, 1.0, slots.shape[1] + 1), np.linspace(0.0, 1.0, n + 1)

    def spread(amounts: np.ndarray) -> np.ndarray:
        return np.diff(np.interp(new, old, np.concatenate([[0.0], np.cumsum(amounts)])))

    unknown = np.isnan(slots)
    known = np.where(unknown, 0.0, slots)
    return np.array(
        [
            np.where(spread(gaps.astype(np.float64)) > 1e-9, np.nan, spread(own))
            for gaps, own in zip(unknown, known, strict=True)
        ]
    ).reshape(-1, n)
