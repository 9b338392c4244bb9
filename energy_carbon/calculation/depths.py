"""Place and depth of nodes in the tree of the day. Reads dated parents; knows no values."""

from __future__ import annotations

from collections import defaultdict

import numpy as np

MOVES = """
    SELECT p.node_id, p.parent_id, p.date_from, p.date_to
      FROM energy_node_parent p JOIN energy_node n ON n.id = p.node_id
     WHERE n.company_id = %s
       AND EXISTS (SELECT FROM energy_node_parent o WHERE o.node_id = p.node_id AND o.id <> p.id)
"""
PARENTS = "SELECT id, parent_id, main_meter_id, kind FROM energy_node WHERE company_id = %s"


class Depths:
    """Depth of every node of a company; a sub-meter lies below its main meter, so that their sum is never shown."""

    def __init__(self, env, company):
        env.cr.execute(PARENTS, [company.id])
        self.parent, self.main, self.kind = {}, {}, {}
        for node, parent, main, kind in env.cr.fetchall():
            self.parent[node], self.main[node], self.kind[node] = parent, main, kind
        env.cr.execute(MOVES, [company.id])
        self.moves = env.cr.fetchall()
        self._known: dict[bytes, list] = {}

    def of(self, nodes: list[int], days: np.ndarray) -> np.ndarray:
        """Depths of nodes on days given as ordinals, shape (n, d)."""
        result = np.empty((len(nodes), len(days)), np.int64)
        for parent, on in self._trees(days):
            result[:, on] = np.array(self._depths(nodes, parent), np.int64)[:, None]
        return result

    def paths(self, path: list[int], days: np.ndarray) -> list[tuple[list[int], np.ndarray]]:
        """Where a node hangs on each day: ids from the top down to it, and the days, mask (d,).

        :param path: ids from the top down to the node today
        """
        everywhere = np.ones(len(days), bool)
        if not path or not self.moves:
            return [(path, everywhere)]
        found: dict[tuple[int, ...], np.ndarray] = {}
        for parent, on in self._trees(days):
            own = [path[-1]]
            while (above := parent.get(own[0])) and above not in own:
                own.insert(0, above)
            found[tuple(own)] = found.get(tuple(own), ~everywhere) | on
        return [(list(own), on) for own, on in found.items()]

    def _trees(self, days: np.ndarray) -> list[tuple[dict[int, int | None], np.ndarray]]:
        """The different trees of the days: parent of every node, and the days on which they are so, mask (d,)."""
        key = days.tobytes()
        if key not in self._known:
            found: dict[tuple, list[int]] = defaultdict(list)
            for column, day in enumerate(days.tolist()):
                places = tuple(
                    (node, parent)
                    for node, parent, first, last in self.moves
                    if (first is None or first.toordinal() <= day) and (last is None or day <= last.toordinal())
                )
                found[places].append(column)
            self._known = {
                key: [
                    ({**self.parent, **dict(places)}, np.isin(np.arange(len(days)), columns))
                    for places, columns in found.items()
                ]
            }
        return self._known[key]

    def _depths(self, nodes: list[int], parent: dict[int, int | None]) -> list[int]:
        depth: dict[int, int] = {}

        def of(node: int) -> int:
            if node not in depth:
                above = parent.get(node)
                depth[node] = of(above) + 1 if above else int(self.kind.get(node) == "unit")
            return depth[node]

        return [of(node) + self._main_meters(node) for node in nodes]

    def _main_meters(self, node: int) -> int:
        """How many main meters lie above a sub-meter."""
        seen = {node}
        while (node := self.main.get(node)) and node not in seen:
            seen.add(node)
        return len(seen) - 1
