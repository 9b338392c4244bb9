"""How much of an amount lies in which tariff period, and what it cost there. Reads stored values, profiles and bases.

Computed when asked for, from what the calculation stored: the tariff version and the prices are those the day was
computed with. Knows no rights: the caller has checked who may see the indicators, and the cost.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date

import numpy as np

from ..engine.calendar import day_borders, slot_borders
from ..engine.tou import HOLE, Period, pieces
from . import profiles
from .bulk import copy_out
from .company_graph import CompanyGraph, load_graph
from .register_costs import RegisterBook, day_prices

N_PERIODS = len(Period)
NOT_SPLIT = N_PERIODS
# Prices of a basis row: of the day's own date and, where an energy day reaches into it, of the next one.
DATES = 2

VALUES = """
    SELECT indicator_id, (date - %s::date)::int4, COALESCE(value, 'NaN'), COALESCE(cost, 'NaN'), COALESCE(basis_id, 0)
      FROM energy_value WHERE indicator_id = ANY(%s) AND date BETWEEN %s AND %s
"""


@dataclass
class Parts:
    """Amounts and costs by period of n indicators over d days; the last column is what is in no period.

    :ivar value: stored amount, cost: stored cost, NaN where there is none, shape (n, d)
    :ivar amount_by, cost_by: by :class:`Period`, then :data:`NOT_SPLIT`; they add up to the stored figure and are NaN where
        there is none, shape (n, d, 6)
    :ivar slots, registers: the same amounts by the slots and by the meter's own period registers, NaN where that is not
        known, shape (n, d, 5)
    :ivar from_registers: days whose amounts by period are those of the registers, mask (n, d)
    """

    value: np.ndarray
    cost: np.ndarray
    amount_by: np.ndarray
    cost_by: np.ndarray
    slots: np.ndarray
    registers: np.ndarray
    from_registers: np.ndarray

    @classmethod
    def blank(cls, n: int, d: int) -> Parts:
        return cls(
            np.full((n, d), np.nan),
            np.full((n, d), np.nan),
            np.zeros((n, d, N_PERIODS + 1)),
            np.zeros((n, d, N_PERIODS + 1)),
            np.full((n, d, N_PERIODS), np.nan),
            np.full((n, d, N_PERIODS), np.nan),
            np.zeros((n, d), bool),
        )


def period_parts(env, company, ids: list[int], first: date, last: date, course_used: Callable) -> Parts:
    """Amount and cost by period of indicators that are amounts.

    A sum's parts are the sums of its sources' parts, each at its own tariff. What cannot be put into a period (a typed day
    without period registers, a flat tariff) is in none, so that the parts always add up to the stored figure.

    :param ids: indicators of the company, in the order of the result
    :param course_used: (details of bases by ordinal of the day) -> course of a date, as :func:`engine.tou.pieces` takes it
    """
    graph = load_graph(env, company)
    asked = np.array([graph.index[identifier] for identifier in ids], np.int64)
    terms = graph.terms
    summed = np.flatnonzero(terms.carries)  # amounts into amounts, with what they cost
    needed = _below(graph, asked, summed)
    members = np.flatnonzero(needed)
    leaves = members[graph.is_leaf[members]]
    n_days = (last - first).days + 1
    parts = Parts.blank(len(members), n_days)
    place = np.full(len(graph.rows), -1)
    place[members] = np.arange(len(members))
    _read_values(env, graph.ids[members], first, last, parts)
    _fill_leaves(env, company, graph.ids[leaves], place[leaves], first, parts, course_used)
    shared = _shared(graph)
    for term in summed[np.argsort(graph.level[terms.target[summed]], kind="stable")].tolist():
        source, target = place[terms.source[term]], place[terms.target[term]]
        if source >= 0 and target >= 0:
            allocated = (int(terms.source[term]), int(terms.target[term])) in shared
            _add(parts, terms, term, source, target, first.toordinal() + np.arange(n_days), allocated)
    parts = _taken(parts, place[asked])
    _put_rest(parts)
    return parts


def _below(graph: CompanyGraph, asked: np.ndarray, summed: np.ndarray) -> np.ndarray:
    """Mask of the indicators asked for and of all amounts they are sums of."""
    needed = np.zeros(len(graph.rows), bool)
    needed[asked] = True
    source, target = graph.terms.source[summed], graph.terms.target[summed]
    while True:
        found = source[needed[target] & ~needed[source]]
        if not len(found):
            return needed
        needed[found] = True


def _shared(graph: CompanyGraph) -> set[tuple[int, int]]:
    """Pairs (source, target) of allocation keys: the target takes a share of the source, another one each day."""
    keys = graph.allocations.keys if graph.allocations else []
    return {(int(key.source), int(at)) for key in keys for at in (*key.target, key.remainder) if at >= 0}


def _add(parts: Parts, terms, term: int, source: int, target: int, days: np.ndarray, allocated: bool) -> None:
    """Add a source's parts to its sum's on the days on which the term counts.

    :param allocated: the target has a share of the source, the same of every slot: what it was given tells how much
    """
    on = (days >= terms.first_day[term]) & (days <= terms.last_day[term]) & ~np.isnan(parts.value[source])
    amount, cost = (np.full(len(days), terms.coefficient[term] * one) for one in (terms.conversion[term], 1.0))
    if allocated:
        with np.errstate(invalid="ignore", divide="ignore"):
            amount = np.nan_to_num(parts.value[target] / parts.value[source], posinf=0.0, neginf=0.0)
            cost = np.nan_to_num(parts.cost[target] / parts.cost[source], posinf=0.0, neginf=0.0)
    parts.amount_by[target, on, :N_PERIODS] += parts.amount_by[source, on, :N_PERIODS] * amount[on, None]
    parts.cost_by[target, on, :N_PERIODS] += parts.cost_by[source, on, :N_PERIODS] * cost[on, None]
    parts.from_registers[target] |= on & parts.from_registers[source]


def _taken(parts: Parts, rows: np.ndarray) -> Parts:
    return Parts(*(getattr(parts, name)[rows] for name in Parts.__dataclass_fields__))


def _put_rest(parts: Parts) -> None:
    """What no period has of the stored figures; rounding of binary fractions is none."""
    for stored, by in ((parts.value, parts.amount_by), (parts.cost, parts.cost_by)):
        rest = stored - by[..., :N_PERIODS].sum(axis=2)
        scale = np.abs(by[..., :N_PERIODS]).sum(axis=2)
        by[..., NOT_SPLIT] = np.where(np.abs(rest) <= 1e-9 * np.maximum(scale, np.abs(stored)), 0.0, rest)
        by[np.isnan(stored)] = np.nan


def _read_values(env, ids: np.ndarray, first: date, last: date, parts: Parts) -> np.ndarray:
    """Fill in what is stored; return the basis rows, 0 for none, shape (n, d)."""
    basis = np.zeros(parts.value.shape, np.int64)
    if not len(ids):
        return basis
    kinds = {"id": "i4", "day": "i4", "value": "f8", "cost": "f8", "basis": "i4"}
    rows = copy_out(env.cr, VALUES, [first, ids.tolist(), first, last], kinds)
    order = np.argsort(ids)
    at = order[np.searchsorted(ids[order], rows["id"])], rows["day"]
    parts.value[at], parts.cost[at], basis[at] = rows["value"], rows["cost"], rows["basis"]
    return basis


def _fill_leaves(env, company, ids: np.ndarray, rows: np.ndarray, first: date, parts: Parts, course_used) -> None:
    """Split the leaves: by their slots, and by their own registers where these are to be used."""
    own = _taken(parts, rows)
    n_days = parts.value.shape[1]
    last = date.fromordinal(first.toordinal() + n_days - 1)
    basis = _read_values(env, ids, first, last, own)
    details = _details(env, basis)
    borders = day_borders(first, last, company.energy_timezone, company.energy_start_hour)
    edges, day_index = slot_borders(borders, int(company.energy_slot_minutes))
    within = np.arange(len(day_index)) - np.searchsorted(day_index, day_index)
    priced = np.flatnonzero(np.isin(basis, list(details)).any(axis=1))
    slots = profiles.read(env.cr, ids[priced].tolist(), first, n_days, int(within.max()) + 1)[:, day_index, within]
    groups, inverse = np.unique(basis[priced], axis=0, return_inverse=True)
    for number, used in enumerate(groups.tolist()):
        at = np.flatnonzero(inverse.reshape(-1) == number)
        by_day = {first.toordinal() + day: details[one] for day, one in enumerate(used) if one in details}
        cut = pieces(edges, company.energy_timezone, course_used(by_day))
        _split(own, priced[at], slots[at], day_index, cut, first.toordinal(), by_day)
    _take_registers(env, company, ids, first, own, basis, details)
    for name in Parts.__dataclass_fields__:
        getattr(parts, name)[rows] = getattr(own, name)


def _details(env, basis: np.ndarray) -> dict[int, dict]:
    """Basis rows with prices by period: id -> detail."""
    env.cr.execute(
        "SELECT id, detail FROM energy_basis WHERE id = ANY(%s) AND detail ? 'periods'", [np.unique(basis).tolist()]
    )
    return dict(env.cr.fetchall())


def _prices(by_day: dict[int, dict], first: int, n_days: int) -> np.ndarray:
    """Price of each period on the day's own date and on the next one, NaN where there is none, shape (d, 2, 5)."""
    price = np.full((n_days, DATES, N_PERIODS), np.nan)
    for ordinal, detail in by_day.items():
        for later, part in enumerate((detail, detail.get("next_date") or detail)):
            for name, used in (part.get("periods") or {}).items():
                price[ordinal - first, later, Period[name.upper()]] = used["per_unit"]
    return price


def _split(own: Parts, rows: np.ndarray, slots: np.ndarray, day_index, cut, first: int, by_day: dict[int, dict]) -> None:
    """Put the slots of leaves with the same bases into the periods of the days that were priced by slot.

    :param slots: amounts one after another, NaN where unknown, shape (m, s)
    """
    n_days = own.value.shape[1]
    day = day_index[cut.slot]
    later = np.clip(cut.day - first - day, 0, DATES - 1)
    key = (day * DATES + later) * (N_PERIODS + 1) + np.where(cut.period == HOLE, NOT_SPLIT, cut.period)
    order = np.argsort(key, kind="stable")
    keys, starts = np.unique(key[order], return_index=True)
    amount = np.zeros((len(rows), n_days * DATES * (N_PERIODS + 1)))
    drawn = np.nan_to_num(slots)[:, cut.slot[order]] * cut.share[order]
    amount[:, keys] = np.add.reduceat(drawn, starts, axis=1)
    amount = amount.reshape(len(rows), n_days, DATES, N_PERIODS + 1)[..., :N_PERIODS]
    known = np.zeros((len(rows), n_days), bool)
    begins = np.flatnonzero(np.diff(day_index, prepend=-1))
    known[:, day_index[begins]] = np.logical_or.reduceat(~np.isnan(slots), begins, axis=1)
    known &= np.isin(first + np.arange(n_days), list(by_day))
    cost = (amount * np.nan_to_num(_prices(by_day, first, n_days))).sum(axis=2)
    amount = amount.sum(axis=2)
    own.slots[rows] = np.where(known[..., None], amount, np.nan)
    own.amount_by[rows, :, :N_PERIODS] = np.where(known[..., None], amount, 0.0)
    own.cost_by[rows, :, :N_PERIODS] = np.where(known[..., None], cost, 0.0)


def _take_registers(env, company, ids: np.ndarray, first: date, own: Parts, basis: np.ndarray, details: dict) -> None:
    """Read the meters' own period registers, and use them where the meter says so and all of them have a figure."""
    book = RegisterBook(env, company)
    days = first.toordinal() + np.arange(own.value.shape[1])
    for row, total in enumerate(ids.tolist()):
        if total not in book.registers:
            continue
        own.registers[row] = book.amounts(total, own.value[row], days, {})
        on = ~np.isnan(own.registers[row]).all(axis=1) & ~np.isnan(own.value[row])
        if total not in book.used or not on.any():
            continue
        price = day_prices([details.get(one) for one in basis[row].tolist()])
        amount = np.nan_to_num(own.registers[row])
        own.amount_by[row, on, :N_PERIODS] = amount[on]
        own.cost_by[row, on, :N_PERIODS] = (amount * np.nan_to_num(price))[on]
        own.from_registers[row] = on
