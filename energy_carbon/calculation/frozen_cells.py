"""Figures that stay in a calculation, locked or left alone: what is stored takes the place of what would be computed.

Sources keep their stored amounts and slots before they are priced, and every locked cell its stored row before anything is
written. So nothing locked changes, whatever slipped past the refusals: a late reading, shipped data changed by an update.
"""

from __future__ import annotations

import hashlib
import json
from datetime import date

import numpy as np

from ..engine.cells import Cells, Measure
from ..engine.day_rows import DayRows
from ..engine.quality import Quality
from . import store
from .company_graph import CompanyGraph
from .lock_book import LockBook
from .stored_leaves import take_stored

BASES = "SELECT id, factors, detail FROM energy_basis WHERE id = ANY(%s)"


def cost_rows(graph: CompanyGraph) -> np.ndarray:
    """Indicators whose amount is a cost or made of one (a unit cost): they are locked with the cost, mask (n,)."""
    cost = np.array([row.measure == "cost" for row in graph.rows], bool)
    terms = graph.terms
    for level in range(1, int(graph.level.max(initial=0)) + 1):
        own = graph.level[terms.target] == level
        takes = cost[terms.source[own]] | (terms.source_column[own] == Measure.COST)
        cost[terms.target[own][takes]] = True
    return cost


class FrozenCells:
    """The locked cells of one block of days.

    :ivar quantity: cells whose amounts, coal and carbon stay, mask (n, d); for costs these are the cells locked in cost
    :ivar cost: cells whose cost stays, mask (n, d)
    """

    def __init__(self, env, graph: CompanyGraph, members: np.ndarray, first: date, stored: DayRows, masks):
        self.env, self.company, self.first = env, graph.company, first
        self.graph, self.members = graph, members
        self.quantity, self.cost = masks
        of_cost = cost_rows(graph)[members]
        self.quantity = np.where(of_cost[:, None], self.cost, self.quantity)
        self.rows = np.flatnonzero((self.quantity | self.cost).any(axis=1))
        self.stored = stored.take(self.rows)
        self.stored.quality[~self.stored.exists] = Quality.MISSING

    @classmethod
    def find(
        cls,
        env,
        graph: CompanyGraph,
        book: LockBook,
        members: np.ndarray,
        first: date,
        stored: DayRows,
        cost_holds: np.ndarray,
    ) -> FrozenCells | None:
        """The locked cells of some indicators, None when nothing is locked and no cost holds.

        :param members: positions in the graph, shape (n,); first: first day; stored: their stored rows, shape (n, d)
        :param cost_holds: sources whose cost stays as it is, because only a factor changed, mask (n,)
        """
        shape = stored.exists.shape
        days = first.toordinal() + np.arange(shape[1])
        masks = book.masks([graph.rows[position] for position in members], days) if book else None
        if cost_holds.any():
            quantity, cost = masks or (np.zeros(shape, bool),) * 2
            masks = quantity, cost | cost_holds[:, None]
        return masks and cls(env, graph, members, first, stored, masks)

    # Two steps, in the order in which a block is computed.
    def put_leaves(self, places: np.ndarray, rows: list, leaves) -> None:
        """Sources take their stored amounts and slots before they are priced.

        :param places: rows of these leaves among the members, shape (k,); rows: their graph rows, k of them
        :param leaves: :class:`.leaves.LeafDays` of k rows, written in place
        """
        held = self.quantity[places]
        if held.any():
            stored = self.stored.take(np.searchsorted(self.rows, places[held.any(axis=1)]))
            take_stored(self.env, rows, held, self.first, stored, leaves)

    def put_cells(self, cells: Cells) -> None:
        """Locked cells take their stored figures.

        :param cells: of all members, written in place
        """
        rows, quantity, cost = self.rows, self.quantity[self.rows], self.cost[self.rows]
        held = np.repeat(quantity[..., None], cells.value.shape[2], axis=2)
        held[..., Measure.COST] = cost
        cells.value[rows] = np.where(held, self.stored.value, cells.value[rows])
        for name in ("expected", "present", "quality", "numerator", "denominator", "reason"):
            target = getattr(cells, name)
            target[rows] = np.where(quantity, getattr(self.stored, name), target[rows])
        blank = np.isnan(cells.value[rows]) & ~np.isnan(cells.value[rows][..., :1])
        cells.missing_price[rows] = np.where(held, blank, cells.missing_price[rows])

    def put_rows(self, origin: np.ndarray, basis: np.ndarray, depth: np.ndarray) -> None:
        """What else a stored row holds; shapes (n, d), written in place."""
        rows, stored = self.rows, self.stored
        quantity, cost = self.quantity[rows], self.cost[rows]
        held = quantity & stored.exists & (stored.depth != store.STALE)
        origin[rows] = np.where(held, stored.origin, origin[rows])
        depth[rows] = np.where(held, stored.depth, depth[rows])
        computed = basis[rows]
        basis[rows] = self._merged(np.where(quantity, stored.basis, computed), np.where(cost, stored.basis, computed))

    def _merged(self, factors: np.ndarray, price: np.ndarray) -> np.ndarray:
        """Basis rows with the factors of one and the price of another, made where there is none; ids of any shape."""
        result = factors.copy()
        differ = factors != price
        if not differ.any():
            return result
        pairs, inverse = np.unique(np.stack([factors[differ], price[differ]]), axis=1, return_inverse=True)
        self.env.cr.execute(BASES, [np.unique(pairs).tolist()])
        known = {row[0]: row[1:] for row in self.env.cr.fetchall()}
        ids = [self._basis(*pair, known) for pair in pairs.T.tolist()]
        result[differ] = np.array(ids, np.int64)[inverse.reshape(-1)]
        return result

    def _basis(self, factors: int, price: int, known: dict) -> int:
        """Id of the basis row with these factors and this price; rows without either have none."""
        if factors not in known or price not in known:
            return factors if factors in known else price
        if known[factors][0] == known[price][0]:
            return price
        both = [known[factors][0], known[price][1]]
        key = hashlib.sha256(json.dumps(both, sort_keys=True).encode()).hexdigest()
        self.env.cr.execute(
            """INSERT INTO energy_basis (company_id, key, factors, detail) VALUES (%s, %s, %s, %s)
               ON CONFLICT (company_id, key) DO UPDATE SET key = EXCLUDED.key RETURNING id""",
            [self.company.id, key, json.dumps(both[0]), json.dumps(both[1]) if both[1] else None],
        )
        return self.env.cr.fetchone()[0]
