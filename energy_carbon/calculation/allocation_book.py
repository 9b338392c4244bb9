"""Allocation keys of a company as the engine takes them. Reads tables; computes no value."""

from __future__ import annotations

from collections import defaultdict
from types import SimpleNamespace

import numpy as np

from odoo.exceptions import UserError

from ..engine.allocation import Allocations, Key
from ..engine.cells import Role
from ..tools.uom import uom_factor

FIRST_DAY, LAST_DAY = 1, 3_652_059  # date.min and date.max as ordinals
# Bases whose figures are kept on the line or in the unit's ledger; the others are read from indicators.
FIXED = "fixed"
LEDGER = {"area": "floor_area", "headcount": "headcount"}

KEYS = """
    SELECT id, source_id, remainder_id, basis, date_from, date_to
      FROM energy_allocation WHERE company_id = %s AND active ORDER BY id
"""
# The node is the rank among equals: it stays whatever the order on the screen, and whoever else joins.
LINES = """
    SELECT l.id, l.allocation_id, l.indicator_id, l.basis_id, l.share, l.figure, l.date_from, l.date_to, l.node_id,
           n.floor_area, n.headcount
      FROM energy_allocation_line l
      JOIN energy_allocation a ON a.id = l.allocation_id
      JOIN energy_node n ON n.id = l.node_id
     WHERE a.company_id = %s AND a.active ORDER BY l.node_id, l.id
"""

# What is computed from what, and when: formula terms, and parts of allocation keys with what decides them.
DEPENDENCIES = """(
    SELECT source_id, indicator_id, date_from, date_to FROM energy_indicator_term
     UNION ALL
    SELECT a.source_id, l.indicator_id, GREATEST(a.date_from, l.date_from), LEAST(a.date_to, l.date_to)
      FROM energy_allocation a JOIN energy_allocation_line l ON l.allocation_id = a.id WHERE a.active
     UNION ALL
    SELECT source_id, remainder_id, date_from, date_to FROM energy_allocation WHERE active AND remainder_id IS NOT NULL
     UNION ALL
    SELECT b.basis_id, l.indicator_id, GREATEST(a.date_from, l.date_from), LEAST(a.date_to, l.date_to)
      FROM energy_allocation a JOIN energy_allocation_line l ON l.allocation_id = a.id
      JOIN energy_allocation_line b ON b.allocation_id = a.id
     WHERE a.active AND b.basis_id IS NOT NULL AND a.basis NOT IN ('fixed', 'area', 'headcount'))"""


class AllocationBook:
    """The allocation keys of one company and what they depend on.

    :ivar keys: id of a key -> what the engine takes; consumers in the order of :attr:`lines`
    :ivar lines: id of a key -> ids of its lines
    :ivar problems: id of an indicator that a key cannot compute -> why
    """

    def __init__(self, env, company, rows: list, index: dict[int, int]):
        """Read the keys.

        :param rows: the graph's indicators; index: indicator id -> position
        """
        self.env, self.rows, self.index = env, rows, index
        self.problems: dict[int, str] = {}
        self._conversions: dict[tuple[int | None, int | None], float] = {}
        lines = defaultdict(list)
        for line in self._read(LINES, company):
            if line.indicator_id in index:
                lines[line.allocation_id].append(line)
        self.lines = {key: [line.id for line in found] for key, found in lines.items()}
        self.keys = {
            key.id: self._key(key, lines[key.id]) for key in self._read(KEYS, company) if key.source_id in index
        }

    def _read(self, query: str, company) -> list[SimpleNamespace]:
        self.env.cr.execute(query, [company.id])
        names = [column.name for column in self.env.cr.description]
        return [SimpleNamespace(**dict(zip(names, values, strict=True))) for values in self.env.cr.fetchall()]

    def _key(self, key, lines: list) -> Key:
        """One key with positions in the place of ids."""
        span = _days(key)
        basis = [self.index.get(line.basis_id, -1) for line in lines]
        measured = key.basis != FIXED and key.basis not in LEDGER
        source = self.rows[self.index[key.source_id]]
        targets = [self.index[line.indicator_id] for line in lines]
        remainder = self.index.get(key.remainder_id, -1)
        figure = self._basis_units(lines, basis) if measured else [ledger_figure(key.basis, line) for line in lines]
        return Key(
            source=self.index[key.source_id],
            target=np.array(targets, np.int64),
            remainder=remainder,
            basis=np.array(basis, np.int64),
            figure=np.array(figure, float),
            fixed=key.basis == FIXED,
            measured=measured,
            first_day=np.array([_days(line)[0] for line in lines], np.int64),
            last_day=np.array([_days(line)[1] for line in lines], np.int64),
            span=span,
            rank=np.arange(len(lines)),
            conversion=np.array([self._convert(source, self.rows[at]) for at in (*targets, remainder)]),
        )

    def _basis_units(self, lines: list, basis: list[int]) -> list[float]:
        """Factors that make the figures of all consumers one unit: that of the first."""
        units = [self.rows[at] for at in basis if at >= 0]
        return [
            self._convert(self.rows[at], units[0], line.indicator_id) if at >= 0 else np.nan
            for line, at in zip(lines, basis, strict=True)
        ]

    def _convert(self, source, target, blamed: int | None = None) -> float:
        """Factor between the units of two indicators; NaN, and a problem noted, for unlike ones."""
        pair = source.uom_id, target.uom_id
        if not all(pair) or pair[0] == pair[1]:
            return 1.0
        uom = self.env["uom.uom"]
        try:
            return uom_factor(uom.browse(pair[0]), uom.browse(pair[1]))
        except UserError as error:
            self.problems[blamed or target.id] = str(error)
            return np.nan

    def drop(self, indicators: set[int]) -> None:
        """Leave the keys out that give to these indicators: they stand in a circle."""
        positions = {self.index[one] for one in indicators}
        self.keys = {
            name: key for name, key in self.keys.items() if positions.isdisjoint([*key.target.tolist(), key.remainder])
        }

    def allocations(self) -> Allocations | None:
        """What the engine takes."""
        return Allocations(list(self.keys.values())) if self.keys else None

    def terms(self) -> list[tuple]:
        """What each target depends on, in the order of :class:`engine.cells.Terms`.

        The source goes along with its companions (and slots); the figures of all consumers only decide the shares.
        """
        found = {}
        for key in self.keys.values():
            targets = [*zip(key.target.tolist(), key.first_day.tolist(), key.last_day.tolist(), strict=True)]
            targets.append((key.remainder, *key.span))
            for target, first, last in targets:
                begin, end = max(first, key.span[0]), min(last, key.span[1])
                if target >= 0 and begin <= end:
                    found[target, key.source, begin, end] = _term(target, key.source, begin, end, carries=True)
                    found.update(_basis_terms(key, target, begin, end))
        return list(found.values())


def ledger_figure(basis: str, line) -> float:
    """A constant figure of a consumer: its fixed share, the one typed, or the unit's ledger.

    :param line: anything with the columns of a line and of its unit's ledger
    """
    if basis == FIXED:
        return line.share or 0.0
    return line.figure or getattr(line, LEDGER[basis]) or 0.0


def _basis_terms(key: Key, target: int, begin: int, end: int) -> dict[tuple, tuple]:
    """The figures of all consumers that take part on some day of a target's."""
    found = {}
    for basis, first, last in zip(key.basis.tolist(), key.first_day.tolist(), key.last_day.tolist(), strict=True):
        first, last = max(begin, first), min(end, last)
        if key.measured and basis >= 0 and first <= last:
            found[target, basis, first, last] = _term(target, basis, first, last, carries=False)
    return found


def _term(target: int, source: int, first: int, last: int, carries: bool) -> tuple:
    return (target, source, 0, 0, 1.0, first, last, int(Role.SUM), carries, 1.0)


def _days(row) -> tuple[int, int]:
    """First and last day of a validity as ordinals."""
    return (
        row.date_from.toordinal() if row.date_from else FIRST_DAY,
        row.date_to.toordinal() if row.date_to else LAST_DAY,
    )
