"""The management tree as it stood on a day. Reads dated parents; knows no values."""

from __future__ import annotations

from collections import defaultdict


class TreeOfDay:
    """Who hung under whom on a day, in the company of a node; where nothing was dated, today's place holds."""

    def __init__(self, node, day):
        self._nodes = node.browse()
        places = node.with_context(active_test=False).search_fetch(
            [("company_id", "=", node.company_id.id)], ["parent_id"]
        )
        self._parent = {one.id: one.parent_id.id for one in places}
        dated = node.env["energy.node.parent"].search([("company_id", "=", node.company_id.id)])
        self._parent.update(dict.fromkeys(dated.node_id.ids, False))
        for row in dated:
            if (not row.date_from or row.date_from <= day) and (not row.date_to or row.date_to >= day):
                self._parent[row.node_id.id] = row.parent_id.id
        self._children = defaultdict(list)
        for one, above in self._parent.items():
            self._children[above].append(one)

    def parent(self, node):
        """What a node hung under."""
        return self._nodes.browse(self._parent.get(node.id) or ())

    def children(self, node):
        """What hung directly under a node."""
        return self._nodes.browse(self._children[node.id])

    def below(self, node):
        """Everything under a node, without itself."""
        found, waiting = {node.id: None}, [node.id]
        while waiting:
            fresh = [one for one in self._children[waiting.pop()] if one not in found]
            found.update(dict.fromkeys(fresh))
            waiting.extend(fresh)
        return self._nodes.browse([one for one in found if one != node.id])
