"""Recomputation of what is dirty in one company: which cells, in which order. Knows no SQL of values or readings."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

import numpy as np

from odoo import fields

from ..engine.day_rows import NO_DAY, DayRows, MonthRules
from ..engine.graph import NEVER_FIRST, NEVER_LAST, dependants
from ..engine.rollup import Cells, Kind, Terms, evaluate, put_leaves
from . import store
from .company_graph import CompanyGraph
from .depths import Depths
from .factor_book import FactorBook
from .frozen_cells import FrozenCells
from .leaf_prices import LeafPrices
from .leaves import ORIGIN, LeafDays, leaf_days
from .lock_book import LockBook
from .profile_rollup import roll_up
from .register_costs import RegisterBook
from .stored_leaves import with_typed_registers
from .tier_costs import TierBook

DATA_SPAN = """
    SELECT i.id, LEAST(v.first, e.first, r.first), GREATEST(v.last, e.last, r.last)
      FROM unnest(%(ids)s::int4[]) AS i(id)
CROSS JOIN LATERAL (SELECT MIN(date) AS first, MAX(date) AS last FROM energy_value WHERE indicator_id = i.id) v
CROSS JOIN LATERAL (SELECT MIN(date_from) AS first, MAX(date_to) AS last FROM energy_entry
                     WHERE indicator_id = i.id AND state <> 'draft') e
CROSS JOIN LATERAL (SELECT MIN(time) AS first, MAX(time) - INTERVAL '1 second' AS last FROM energy_reading_raw
                     WHERE indicator_id = i.id) t
CROSS JOIN LATERAL (SELECT (t.first AT TIME ZONE 'UTC' AT TIME ZONE %(zone)s - %(hour)s * INTERVAL '1 hour')::date AS first,
                           (t.last AT TIME ZONE 'UTC' AT TIME ZONE %(zone)s - %(hour)s * INTERVAL '1 hour')::date AS last) r
"""


# A price or a place that holds since 1900 is one that always held: longer ranges end where the data do.
LONG = 366

Ranges = tuple[np.ndarray, np.ndarray]


@dataclass(frozen=True)
class DirtyDays:
    """The days of every indicator that have to be computed: first and last as ordinals, first > last where none, (n,) each.

    :ivar everything: all that changed
    :ivar cost: where more changed than factors
    :ivar amount: where more changed than factors and prices
    """

    everything: Ranges
    cost: Ranges
    amount: Ranges

    @property
    def cells(self) -> int:
        """Number of indicators x days."""
        first, last = self.everything
        return int((last - first + 1).clip(0).sum())

    def within(self, begin: date, end: date) -> list[np.ndarray]:
        """Indicators to compute in a block of days, those whose cost, and those whose amount does not hold, masks (n,)."""
        return [
            (first <= end.toordinal()) & (last >= begin.toordinal())
            for first, last in (self.everything, self.cost, self.amount)
        ]


def dirty_days(env, graph: CompanyGraph, dirty: list[tuple]) -> DirtyDays:
    """What has to be computed for dirty rows.

    :param dirty: (indicator id, first date or None, last date or None, whether the stored amounts hold, whether the cost
        does); None: from or to where there are data
    """
    found = [_ranges(env, graph, [row[:3] for row in dirty])]
    for holds in (4, 3):
        rows = [row[:3] for row in dirty if not row[holds]]
        found.append(found[0] if len(rows) == len(dirty) else _ranges(env, graph, rows))
    return DirtyDays(*found)


def _ranges(env, graph: CompanyGraph, dirty: list[tuple]) -> tuple[np.ndarray, np.ndarray]:
    """First and last day of every indicator that depends on dirty rows (indicator id, first date, last date)."""
    n = len(graph.rows)
    first, last = np.full(n, NEVER_FIRST, np.int64), np.full(n, NEVER_LAST, np.int64)
    open_ended = []
    for indicator, date_from, date_to in dirty:
        position = graph.index.get(indicator)
        if position is None:
            continue
        if date_from is None or date_to is None or (date_to - date_from).days > LONG:
            open_ended.append((position, date_from, date_to))
        else:
            first[position] = min(first[position], date_from.toordinal())
            last[position] = max(last[position], date_to.toordinal())
    _add_open_ended(env, graph, open_ended, first, last)
    RegisterBook(env, graph.company).extend(graph, first, last)
    TierBook(env, graph.company).extend(graph, first, last)
    terms = graph.terms
    return dependants(n, terms.source, terms.target, first, last, terms.first_day, terms.last_day)


def _add_open_ended(env, graph: CompanyGraph, open_ended: list, first, last) -> None:
    """Close open and long ranges by the days for which the leaves below, or the indicator itself, have data."""
    if not open_ended:
        return
    company = graph.company
    span = {"ids": graph.ids.tolist(), "zone": company.energy_timezone, "hour": company.energy_start_hour}
    env.cr.execute(DATA_SPAN, span)
    n = len(graph.rows)
    own_first, own_last = np.full(n, NEVER_FIRST, np.int64), np.full(n, NEVER_LAST, np.int64)
    for indicator, begin, end in env.cr.fetchall():
        if begin:
            position = graph.index[indicator]
            own_first[position], own_last[position] = begin.toordinal(), end.toordinal()
    # What lies below flows up to the indicator: its span is the hull of its own and its leaves'.
    below_first, below_last = dependants(n, graph.terms.source, graph.terms.target, own_first, own_last)
    for position, date_from, date_to in open_ended:
        begin = max(below_first[position], date_from.toordinal()) if date_from else below_first[position]
        end = min(below_last[position], date_to.toordinal()) if date_to else below_last[position]
        if begin <= end:
            first[position], last[position] = min(first[position], begin), max(last[position], end)


def blocks(first: np.ndarray, last: np.ndarray) -> list[tuple[date, date]]:
    """Blocks of at most a calendar month that together cover the ranges, in order of time.

    A block is computed at once; a month keeps the arrays of a large plant small.
    """
    some = first <= last
    if not some.any():
        return []
    days = np.zeros(int(last[some].max() - first[some].min()) + 2, np.int64)
    origin = int(first[some].min())
    np.add.at(days, first[some] - origin, 1)
    np.add.at(days, last[some] - origin + 1, -1)
    covered = np.flatnonzero(np.cumsum(days)[:-1] > 0) + origin
    found: list[list[date]] = []
    for ordinal in covered.tolist():
        day = date.fromordinal(ordinal)
        if found and found[-1][1].toordinal() == ordinal - 1 and found[-1][1].month == day.month:
            found[-1][1] = day
        else:
            found.append([day, day])
    return [(begin, end) for begin, end in found]


class Run:
    """One recomputation: the graph and the factors of a company, loaded once."""

    def __init__(self, env, graph: CompanyGraph):
        self.env, self.graph, self.company = env, graph, graph.company
        self.book = FactorBook(env, graph.company)
        self.registers = RegisterBook(env, graph.company)
        self.ids = graph.ids
        self.is_leaf = graph.is_leaf
        self.depths = Depths(env, graph.company)
        self.locks = LockBook(env, graph.company)
        self.today = fields.Date.context_today(env.user.with_context(tz=graph.company.energy_timezone))

    def compute(self, affected: np.ndarray, priced: np.ndarray, fresh: np.ndarray, first: date, last: date) -> int:
        """Compute and store the affected indicators for the days first..last.

        :param affected: mask over the graph's indicators
        :param priced: those whose cost may have changed, not only a factor, mask
        :param fresh: those whose amounts may have changed, not only a factor or price, mask
        :return: number of daily rows that changed
        """
        graph, terms = self.graph, self.graph.terms
        needed = affected.copy()
        needed[terms.source[affected[terms.target]]] = True
        members = np.flatnonzero(needed)
        local = np.full(len(needed), -1)
        local[members] = np.arange(len(members))
        n_days = (last - first).days + 1
        cells = Cells.blank(len(members), n_days)
        origin = np.full((len(members), n_days), ORIGIN["computed"], np.int8)
        basis = np.full((len(members), n_days), store.NO_BASIS, np.int64)
        self._expect(cells, members, first)
        stored = store.read_rows(self.env.cr, store.DAYS, self.ids[members], first, last)
        sources = np.flatnonzero(~affected[members])
        store.put_cells(cells, sources, stored.take(sources))
        cost_holds = (affected & ~priced & self.is_leaf)[members]
        frozen = FrozenCells.find(self.env, graph, self.locks, members, first, stored, cost_holds)
        places, leaves = self._leaves(cells, members, affected, priced, fresh, first, last, origin, basis, stored, frozen)
        own = affected[terms.target]
        own_terms = Terms(
            local[terms.target[own]],
            local[terms.source[own]],
            *(getattr(terms, name)[own] for name in Terms.__dataclass_fields__ if name not in ("target", "source")),
        )
        allocations = graph.allocations and graph.allocations.part(local, affected)
        evaluate(
            cells,
            own_terms,
            graph.level[members],
            self._kinds(members),
            affected[members] & ~self.is_leaf[members],
            first.toordinal(),
            np.array([graph.rows[position].scope == "total" for position in members], bool),
            graph.formulas and graph.formulas.part(members, own),
            allocations,
        )
        if fresh.any():  # profiles are of amounts
            roll_up(
                self.env.cr,
                self.ids[members],
                np.array([graph.rows[position].is_amount for position in members], bool),
                fresh[members],
                places,
                leaves,
                cells,
                own_terms,
                graph.level[members],
                first,
                allocations,
            )
        return self._store(cells, members, affected, first, origin, basis, stored, frozen)

    def _kinds(self, members: np.ndarray) -> np.ndarray:
        rows = (self.graph.rows[position] for position in members)
        return np.array(
            [
                Kind.RATIO
                if row.kind == "ratio"
                else Kind.SUM_BLANK
                if row.missing_policy == "blank"
                else Kind.SUM_PARTIAL
                for row in rows
            ]
        )

    def _expect(self, cells: Cells, members: np.ndarray, first: date) -> None:
        """What a source without a stored row is expected to have: its leaves, from its first day on."""
        days = first.toordinal() + np.arange(cells.expected.shape[1])
        begin = np.array(
            [row.date_from.toordinal() if row.date_from else 0 for row in map(self.graph.rows.__getitem__, members)]
        )
        cells.expected[:] = self.graph.leaf_count[members][:, None] * (days >= begin[:, None])

    def _leaves(
        self,
        cells: Cells,
        members,
        affected,
        priced,
        fresh,
        first: date,
        last: date,
        origin,
        basis,
        stored: DayRows,
        frozen: FrozenCells | None,
    ) -> tuple[np.ndarray, LeafDays]:
        chosen = np.flatnonzero(affected[members] & self.is_leaf[members])
        rows = [self.graph.rows[position] for position in members[chosen]]
        held = self._held(rows, fresh[members[chosen]], cells.value.shape[1])
        by_slot = self.book.tariffs.any_by_slot and bool(priced[members[chosen]].any())
        leaves = leaf_days(self.env, self.company, rows, first, last, held, stored.take(chosen), by_slot)
        if frozen:
            frozen.put_leaves(chosen, rows, leaves)
        days = first.toordinal() + np.arange(cells.value.shape[1])
        prices = LeafPrices(self.book, self.registers, rows, leaves, days).compute(self.depths)
        basis[chosen] = prices.basis
        expected = cells.expected[chosen].copy()
        put_leaves(cells, chosen, leaves.amount, leaves.quality, prices.companions)
        cells.expected[chosen] = np.maximum(expected, cells.present[chosen])
        origin[chosen] = leaves.origin
        if frozen:
            frozen.put_cells(cells)
        return chosen, leaves

    def _held(self, rows: list, fresh: np.ndarray, n_days: int) -> np.ndarray:
        """Leaf cells whose stored amounts hold, mask (n, d).

        Where registers are typed, which days have a profile to price by shows in the readings only.
        """
        held = ~fresh
        if held.any():
            typed = with_typed_registers(self.env.cr, [row.id for row in rows])
            held &= [row.id not in typed for row in rows]
        return np.repeat(held[:, None], n_days, axis=1)

    def _store(
        self, cells: Cells, members, affected, first: date, origin, basis, stored: DayRows, frozen: FrozenCells | None
    ) -> int:
        kept = np.flatnonzero(affected[members])
        positions, days = members[kept], first.toordinal() + np.arange(cells.value.shape[1])
        depth = np.zeros(basis.shape, np.int64)
        depth[kept] = self.depths.of([self.graph.rows[p].node_id for p in positions], days)
        if frozen:
            frozen.put_cells(cells)
            frozen.put_rows(origin, basis, depth)
        rows = store.rows_of(_rows(cells, kept), origin[kept], basis[kept], depth[kept])
        changed = store.write_days(
            self.env.cr, self.ids[positions], first, rows, stored.take(kept), self._month_rules(positions), self.today
        )
        self.env["energy.restatement"]._count(self.company, first, date.fromordinal(int(days[-1])), changed)
        return changed

    def _month_rules(self, positions: np.ndarray) -> MonthRules:
        """How indicators add up to a month."""
        rows = [self.graph.rows[position] for position in positions]
        return MonthRules(
            how=np.array([_how(row) for row in rows], dtype="U5"),
            unpriced_blanks=np.array([row.kind == "derived" and row.scope != "total" for row in rows], bool),
            total=np.array([row.scope == "total" for row in rows], bool),
            first=np.array([row.date_from.toordinal() if row.date_from else NO_DAY for row in rows], np.int64),
            leaves=self.graph.leaf_count[positions],
        )


def _how(row) -> str:
    """How the days of an indicator become a month (:class:`MonthRules`)."""
    if row.kind == "gauge":
        return row.aggregation if row.aggregation in ("max", "min") else "mean"
    return {"ratio": "ratio", "stock": "last"}.get(row.kind, "sum")


def _rows(cells: Cells, rows: np.ndarray) -> Cells:
    return Cells(*(getattr(cells, name)[rows] for name in Cells.__dataclass_fields__))
