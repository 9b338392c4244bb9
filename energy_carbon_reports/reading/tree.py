"""The management tree of a period below one unit, as far as the user may see it: every node at its parent of the day."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable
from datetime import date

from ..report.data import Unit
from ..report.periods import Span, common

# How deep a report goes below its unit, and which kinds of node it lists.
LEVELS = {
    "unit": (0, ("unit",)),
    "children": (1, ("unit",)),
    "units": (99, ("unit",)),
    "devices": (99, ("unit", "device")),
}


class Tree:
    """Units of a report in the order of the tree; one that moved is listed at each place, with its days there.

    :ivar units: the units; nodes: the ``energy.node`` each stands for, in the same order
    """

    def __init__(self, root, levels: str, span: Span, days_label: Callable[[list[Span]], str]):
        """
        :param root: the ``energy.node`` that the report is about
        :param levels: a key of LEVELS
        :param span: days of the report
        :param days_label: names the days on which a moved unit hung at a place
        """
        self.units: list[Unit] = []
        self.nodes: list = []
        self._span, self._days_label = span, days_label
        self._depth, kinds = LEVELS[levels]
        self._children = _children(root, kinds) if self._depth else {}
        # Unit key -> the places on its way down from the root, each the stretches (from, to) of one node at one parent.
        self._ways: dict[str, list[list[tuple]]] = {}
        self._walk(root, 0, None, [])

    def spans_of(self, key: str, span: Span) -> list[Span]:
        """Days of any period on which a unit hung at its place, the places above it included; none is none."""
        return _days_on(self._ways[key], span)

    def _walk(self, node, level: int, parent: Unit | None, way: list[list[tuple]]) -> None:
        spans = _days_on(way, self._span)
        if not spans:
            return
        moved = spans != [self._span]
        key = f"{node.id}@{parent.key}" if moved else str(node.id)
        self._ways[key] = way
        name = f"{node.name} ({self._days_label(spans)})" if moved else node.name
        unit = Unit(key, name, node.code or "", level, parent.key if parent else "", spans=tuple(spans) if moved else ())
        self.units.append(unit)
        self.nodes.append(node)
        if level < self._depth:
            for child, places in self._children.get(node.id, ()):
                self._walk(child, level + 1, unit, [*way, places])


def _days_on(way: list[list[tuple]], span: Span) -> list[Span]:
    """Days of a span on which all places of a way hold."""
    spans = [span]
    for places in way:
        spans = [found for one in spans for place in places if (found := common(one, *place))]
    return spans


def _children(root, kinds: tuple[str, ...]) -> dict[int, list[tuple]]:
    """Parent id -> (node, stretches there) in the order of the tree; archived ones too, for their earlier figures."""
    env = root.env
    nodes = (
        env["energy.node"]
        .with_context(active_test=False)
        .search([("company_id", "=", root.company_id.id), ("kind", "in", kinds), ("id", "!=", root.id)])
    )
    stretches: dict[tuple[int, int], list[tuple]] = defaultdict(list)
    parents: dict[int, list[int]] = defaultdict(list)
    places = env["energy.node.parent"].search([("node_id", "in", nodes.ids)])
    for place in places.sorted(lambda place: place.date_from or date.min):
        node, parent = place.node_id.id, place.parent_id.id
        stretches[node, parent].append((place.date_from or date.min, place.date_to or date.max))
        if parent not in parents[node]:
            parents[node].append(parent)
    children: dict[int, list[tuple]] = defaultdict(list)
    for node in nodes:
        for parent in parents[node.id]:
            children[parent].append((node, stretches[node.id, parent]))
    return children


def moved_between(nodes, first: date, last: date):
    """Nodes that changed their parent after the first day of the report: they are listed at each of their places."""
    if not nodes:
        return nodes
    places = nodes.env["energy.node.parent"].search(
        [("node_id", "in", nodes.ids), ("date_from", ">", first), ("date_from", "<=", last)]
    )
    earlier = nodes.env["energy.node.parent"].search(
        [("node_id", "in", places.node_id.ids), ("date_to", ">=", first), ("date_to", "<", last)]
    )
    return places.node_id & earlier.node_id
