"""Leaf amounts that hold as they are stored: of dropped readings, of locked months, where only a price changed."""

from __future__ import annotations

from datetime import date, timedelta

import numpy as np

from ..engine.quality import Quality
from ..tools.selections import ORIGINS, QUALITIES
from ..tools.uom import uom_factor
from . import profiles
from .bulk import copy_out
from .readings import TABLE as READINGS
from .readings import TYPED

STORED = """
    SELECT v.indicator_id, (v.date - %s::date)::int4, COALESCE(v.value, 'NaN'),
           ARRAY_POSITION(%s::varchar[], v.quality)::int4, ARRAY_POSITION(%s::varchar[], v.origin)::int4,
           COALESCE(v.uom_id, 0)::int4
      FROM energy_value v WHERE v.indicator_id = ANY(%s) AND v.date BETWEEN %s AND %s
"""
COLLECTED = [key for key, _label in ORIGINS].index("collected") + 1


def take_stored(env, rows: list, held: np.ndarray, first: date, result, with_slots: bool = True) -> None:
    """Put stored amounts, quality and origin, and slots, in the place of what was computed.

    :param rows: leaf indicators, one a row of the result
    :param held: cells to be taken as they are stored, mask of the result's shape; blank where no row is stored
    :param first: day of the result's first column
    :param result: :class:`.leaves.LeafDays`, written in place
    :param with_slots: whether anybody needs the slots
    """
    chosen = np.flatnonzero(held.any(axis=1))
    if not len(chosen):
        return
    ids = [rows[row].id for row in chosen]
    factor = _put_amounts(env, rows, ids, chosen, held, first, result)
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


def _put_amounts(env, rows: list, ids: list[int], chosen: np.ndarray, held, first: date, result) -> np.ndarray:
    """Amount, quality and origin of the cells.

    :param ids: indicators; chosen: their rows of the result, shape (c,)
    :return: factor from the unit stored to today's, 1 where nothing is stored, shape (c, d)
    """
    keys = ([key for key, _label in labelled] for labelled in (QUALITIES, ORIGINS))
    n_days = result.amount.shape[1]
    stored = copy_out(
        env.cr,
        STORED,
        [first, *keys, ids, first, first + timedelta(days=n_days - 1)],
        {"id": "i4", "day": "i4", "value": "f8", "quality": "i4", "origin": "i4", "uom": "i4"},
    )
    order = np.argsort(ids)
    at = order[np.searchsorted(np.array(ids)[order], stored["id"])]
    wanted = held[chosen[at], stored["day"]]
    stored, at = stored[wanted], at[wanted]
    uoms = np.array([rows[row].uom_id or 0 for row in chosen])
    factor = np.ones((len(ids), n_days))
    factor[at, stored["day"]] = _conversion(env, stored["uom"], uoms[at])
    result.amount[held], result.quality[held] = np.nan, Quality.MISSING
    cell = chosen[at], stored["day"]
    result.amount[cell] = stored["value"] * factor[at, stored["day"]]
    result.quality[cell], result.origin[cell] = stored["quality"], stored["origin"]
    result.even[held] &= result.origin[held] != COLLECTED
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
