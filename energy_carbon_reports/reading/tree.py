"""The management tree as it stood on a day, below one unit, as far as the user may see it."""

from __future__ import annotations

from datetime import date

from ..report.data import Unit

# How deep a report goes below its unit, and which kinds of node it lists.
LEVELS = {
    "unit": (0, ("unit",)),
    "children": (1, ("unit",)),
    "units": (99, ("unit",)),
    "devices": (99, ("unit", "device")),
}


def units_below(root, levels: str, day: date) -> tuple[list[Unit], list]:
    """Units of the report in the order of the tree.

    :param root: the ``energy.node`` that the report is about
    :param levels: a key of LEVELS
    :param day: last day of the report; units stand where they stood then
    :return: units, and the nodes they stand for in the same order
    """
    depth, kinds = LEVELS[levels]
    children = _children_on(root, kinds, day) if depth else {}
    units, nodes = [], []

    def walk(node, level: int, parent: str) -> None:
        units.append(Unit(str(node.id), node.name, node.code or "", level, parent))
        nodes.append(node)
        if level < depth:
            for child in children.get(node.id, ()):
                walk(child, level + 1, str(node.id))

    walk(root, 0, "")
    return units, nodes


def _children_on(root, kinds: tuple[str, ...], day: date) -> dict:
    """Node id -> its children on that day, in the order of the tree; archived ones too, for their earlier figures."""
    env = root.env
    nodes = (
        env["energy.node"]
        .with_context(active_test=False)
        .search([("company_id", "=", root.company_id.id), ("kind", "in", kinds), ("id", "!=", root.id)])
    )
    places = env["energy.node.parent"].search(
        [
            ("node_id", "in", nodes.ids),
            "|",
            ("date_from", "=", False),
            ("date_from", "<=", day),
            "|",
            ("date_to", "=", False),
            ("date_to", ">=", day),
        ]
    )
    parent_of = {place.node_id.id: place.parent_id.id for place in places}
    children: dict[int, list] = {}
    for node in nodes:
        parent = parent_of.get(node.id)
        if parent:
            children.setdefault(parent, []).append(node)
    return children


def moved_between(nodes, first: date, last: date):
    """Nodes that changed their parent after the first day of the report: their earlier days counted elsewhere."""
    if not nodes:
        return nodes
    places = nodes.env["energy.node.parent"].search(
        [("node_id", "in", nodes.ids), ("date_from", ">", first), ("date_from", "<=", last)]
    )
    earlier = nodes.env["energy.node.parent"].search(
        [("node_id", "in", places.node_id.ids), ("date_to", ">=", first), ("date_to", "<", last)]
    )
    return places.node_id & earlier.node_id
