"""Days whose readings were dropped: the amounts computed from them are taken from where they are stored."""

from __future__ import annotations

from datetime import date, timedelta

import numpy as np

from ..engine.quality import Quality
from ..tools.selections import ORIGINS, QUALITIES
from ..tools.uom import uom_factor
from .bulk import copy_out
from .profiles import TABLE as PROFILES
from .readings import dropped_span
from .retention import first_second, have_dropped

STORED = """
    SELECT v.indicator_id, (v.date - %s::date)::int4, COALESCE(v.value, 'NaN'),
           ARRAY_POSITION(%s::varchar[], v.quality)::int4, ARRAY_POSITION(%s::varchar[], v.origin)::int4,
           COALESCE(v.uom_id, 0)::int4
      FROM energy_value v WHERE v.indicator_id = ANY(%s) AND v.date BETWEEN %s AND %s
"""
COLLECTED = [key for key, _label in ORIGINS].index("collected") + 1
SLOTS = f"SELECT indicator_id, date - %s::date, slots FROM {PROFILES} WHERE indicator_id = ANY(%s) AND date BETWEEN %s AND %s"


def put_stored(env, company, rows: list, first: date, result) -> None:
    """Put stored amounts in the place of what can no longer be computed.

    :param rows: leaf indicators, one a row of the result
    :param first: day of the result's first column; its days do not lie in several months
    :param result: :class:`.leaves.LeafDays`, written in place
    """
    span = dropped_span(env.cr)
    if not span or not span[0] <= first < span[1]:
        return
    n_days = min((span[1] - first).days, result.amount.shape[1])
    place = {row.id: at for at, row in enumerate(rows)}
    ids = have_dropped(env.cr, list(place), first_second(company, span[1]))
    if not ids:
        return
    chosen = np.array([place[indicator] for indicator in ids])
    factor = _put_amounts(env, rows, ids, chosen, first, n_days, result)
    _put_slots(env.cr, ids, chosen, first, n_days, result, factor)


def _put_amounts(env, rows: list, ids: list[int], chosen: np.ndarray, first: date, n_days: int, result) -> np.ndarray:
    """Amount, quality and origin of the days.

    :param ids: indicators; chosen: their rows of the result, shape (c,)
    :return: factor from the unit stored to today's, 1 where nothing is stored, shape (c, n_days)
    """
    keys = ([key for key, _label in labelled] for labelled in (QUALITIES, ORIGINS))
    stored = copy_out(
        env.cr,
        STORED,
        [first, *keys, ids, first, first + timedelta(days=n_days - 1)],
        {"id": "i4", "day": "i4", "value": "f8", "quality": "i4", "origin": "i4", "uom": "i4"},
    )
    order = np.argsort(ids)
    at = order[np.searchsorted(np.array(ids)[order], stored["id"])]
    wanted = np.array([rows[row].uom_id or 0 for row in chosen])
    factor = np.ones((len(ids), n_days))
    factor[at, stored["day"]] = _conversion(env, stored["uom"], wanted[at])
    result.amount[chosen, :n_days], result.quality[chosen, :n_days] = np.nan, Quality.MISSING
    cell = chosen[at], stored["day"]
    result.amount[cell] = stored["value"] * factor[at, stored["day"]]
    result.quality[cell], result.origin[cell] = stored["quality"], stored["origin"]
    result.even[chosen, :n_days] &= result.origin[chosen, :n_days] != COLLECTED
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


def _put_slots(cursor, ids: list[int], chosen: np.ndarray, first: date, n_days: int, result, factor) -> None:
    """Slots of the days, NaN where no profile is stored."""
    cursor.execute(SLOTS, [first, ids, first, first + timedelta(days=n_days - 1)])
    found = cursor.fetchall()
    if result.slots is None and not found:
        return
    slot_row = _slot_rows(result, chosen)
    per_day = np.bincount(result.day_index, minlength=result.amount.shape[1])
    start = np.concatenate([[0], np.cumsum(per_day)])
    result.slots[slot_row, : start[n_days]] = np.nan
    place = {indicator: at for at, indicator in enumerate(ids)}
    for indicator, day, slots in found:
        at = place[indicator]
        own = slice(start[day], start[day + 1])
        result.slots[slot_row[at], own] = regrid(np.array(slots, np.float64), per_day[day]) * factor[at, day]


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
    """Spread a day's slots over another number of slots, conserving what they add up to.

    :param slots: amounts, NaN where unknown, shape (m,)
    :param n: slots that the day has now
    :return: amounts, NaN where any part is unknown, shape (n,)
    """
    if len(slots) == n:
        return slots
    old, new = np.linspace(0.0, 1.0, len(slots) + 1), np.linspace(0.0, 1.0, n + 1)

    def spread(amounts: np.ndarray) -> np.ndarray:
        return np.diff(np.interp(new, old, np.concatenate([[0.0], np.cumsum(amounts)])))

    unknown = np.isnan(slots)
    return np.where(spread(unknown.astype(np.float64)) > 1e-9, np.nan, spread(np.where(unknown, 0.0, slots)))
