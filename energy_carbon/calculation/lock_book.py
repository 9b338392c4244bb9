"""Which plants' months are locked, for the nodes and days of a calculation. Reads locks and dated places; knows no value."""

from __future__ import annotations

from datetime import date

import numpy as np

LOCKS = """
    SELECT id, node_id, month, quantity_locked, cost_locked FROM energy_lock
     WHERE company_id = %s AND (quantity_locked OR cost_locked) ORDER BY month, id
"""
PLACES = """
    SELECT p.node_id, p.parent_id, p.date_from, p.date_to
      FROM energy_node_parent p JOIN energy_node n ON n.id = p.node_id
     WHERE n.company_id = %s
       AND EXISTS (SELECT FROM energy_node_parent o WHERE o.node_id = p.node_id AND o.id <> p.id)
"""
PARENTS = "SELECT id, parent_id FROM energy_node WHERE company_id = %s"


class PlantBook:
    """The plant (top of the tree) of every node of a company on any day."""

    def __init__(self, env, company):
        env.cr.execute(PARENTS, [company.id])
        self._parents = dict(env.cr.fetchall())
        env.cr.execute(PLACES, [company.id])
        self._places = env.cr.fetchall()

    def plants(self, nodes: list[int], days: np.ndarray) -> np.ndarray:
        """The node at the top above each node on each day.

        :param nodes: node ids, n of them; days: ordinals, shape (d,)
        :return: node ids, shape (n, d)
        """
        unique, inverse = np.unique(np.asarray(nodes, np.int64), return_inverse=True)
        result = np.zeros((len(unique), len(days)), np.int64)
        known: dict[tuple, np.ndarray] = {}
        for column, ordinal in enumerate(days.tolist()):
            moved = self._moved_on(ordinal)
            if moved not in known:
                known[moved] = self._tops(unique.tolist(), moved)
            result[:, column] = known[moved]
        return result[inverse]

    def _moved_on(self, ordinal: int) -> tuple[tuple[int, int], ...]:
        """Nodes that hung at several places in the course of time, with the one of this day."""
        return tuple(
            (node, parent)
            for node, parent, first, last in self._places
            if (first is None or first.toordinal() <= ordinal) and (last is None or ordinal <= last.toordinal())
        )

    def _tops(self, nodes: list[int], moved: tuple) -> np.ndarray:
        """Top of each node, given where the moved ones hung, shape (n,)."""
        parents = {**self._parents, **dict(moved)}
        top: dict[int, int] = {}

        def of(node: int) -> int:
            if node not in top:
                above = parents.get(node)
                top[node] = of(above) if above else node
            return top[node]

        return np.array([of(node) for node in nodes], np.int64)


class LockBook:
    """Locks of one company; a figure is locked with the plant its node hung in on that day.

    :ivar months: first days of the months in which something is locked, ascending
    """

    def __init__(self, env, company):
        env.cr.execute(LOCKS, [company.id])
        self._locks: dict[date, dict[int, tuple[int, bool, bool]]] = {}
        for lock, plant, month, quantity, cost in env.cr.fetchall():
            self._locks.setdefault(month, {})[plant] = (lock, bool(quantity), bool(cost))
        self.months = sorted(self._locks)
        self._plants = PlantBook(env, company) if self.months else None

    def __bool__(self) -> bool:
        """Whether anything is locked at all."""
        return bool(self.months)

    def masks(self, rows: list, days: np.ndarray) -> tuple[np.ndarray, np.ndarray] | None:
        """Which cells must keep their stored figures; None when no cell is locked.

        :param rows: graph rows, of which ``node_id`` is used, n of them
        :param days: ordinals, shape (d,)
        :return: quantities locked, cost locked; masks of shape (n, d)
        """
        if not self._concerns(days):
            return None
        _lock, quantity, cost = self.locks([row.node_id for row in rows], days)
        return (quantity, cost) if quantity.any() or cost.any() else None

    def locks(self, nodes: list[int], days: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """The lock of every node and day.

        :param nodes: node ids, n of them; days: ordinals, shape (d,)
        :return: ids of locks or 0, quantities locked, cost locked; shape (n, d)
        """
        shape = (len(nodes), len(days))
        lock, quantity, cost = np.zeros(shape, np.int64), np.zeros(shape, bool), np.zeros(shape, bool)
        if not self._concerns(days) or not nodes:
            return lock, quantity, cost
        plants = self._plants.plants(nodes, days)
        month_of = [date.fromordinal(int(day)).replace(day=1) for day in days]
        for month in {month for month in month_of if month in self._locks}:
            columns = np.array([one == month for one in month_of])
            for plant, found in self._locks[month].items():
                at = (plants == plant) & columns
                lock[at], quantity[at], cost[at] = found
        return lock, quantity, cost

    def _concerns(self, days: np.ndarray) -> bool:
        """A quick look whether any of the days lies in a locked month."""
        if not self.months or not len(days):
            return False
        first, last = (date.fromordinal(int(day)).replace(day=1) for day in (days[0], days[-1]))
        return any(first <= month <= last for month in self.months)
