"""The management tree as the plant screen draws it: what each node is, and what it lacks. Must not change anything."""

from datetime import timedelta

from odoo import api, models
from odoo.exceptions import AccessError
from odoo.tools.misc import format_datetime

from ..tools.asked import asked_day

# Who keeps which kinds of nodes, as the record rules have it; what is not placed yet is theirs, too.
KEPT_KINDS = {"energy_carbon.group_manager": ("unit", "device", "meter"), "energy_carbon.group_engineer": ("device", "meter")}
# A meter that is read by itself and gave nothing for a whole day is worth a look.
SILENT_AFTER = timedelta(days=1)
LABELLED = ("unit_type", "metering_level", "meter_role", "meter_state")
# What the cards show; fetched in one query.
CARD_FIELDS = (
    *("name", "code", "kind", "parent_id", "company_id", "placed"),
    *("unit_type", "energy_type_id", "metering_level", "meter_role", "meter_state", "main_meter_id"),
)


class EnergyNodeTree(models.Model):
    """The picture of units, devices and meters (能管关系图), read as the person who looks at it.

    Everything is asked for by sets: the number of queries does not follow the number of nodes.
    """

    _inherit = "energy.node"

    # === SCREEN === #
    @api.model
    @api.readonly
    def plant_tree(self, month: str, root_id: int | bool = False) -> dict:
        """The reader's tree with the figures of a month.

        :param month: YYYY-MM
        :param root_id: one of the nodes where the reader's tree begins; any other: all of them
        :return: ``roots`` to choose from, ``root_id``, ``nodes`` in order, parents before or after their children (a node
            without ``parent`` begins a tree, or is not ``placed``), names of ``types`` and ``templates`` by id, ``labels`` of
            selections, and the kinds of nodes that the reader ``keeps``
        :raises AccessError: the person has no role in the energy app
        :raises UserError: that is no month
        """
        if not self.env.user.has_group("energy_carbon.group_viewer"):
            raise AccessError(self.env._("The management tree is shown to users of the Energy application only."))
        first = asked_day(self.env, f"{month}-01").replace(day=1)
        roots = self.search([("is_my_top", "=", True)])
        root = roots.filtered(lambda node: node.id == root_id)
        nodes = self._tree_nodes(root)
        cards = nodes._tree_cards(first)
        rows = [row for card in cards for row in card["rows"]]
        figures = [card["total"] for card in cards] + [row["figure"] for row in rows]
        templates = {figure["template_id"] for figure in figures if figure}
        return {
            "roots": [{"id": node.id, "name": node.display_name} for node in roots],
            "root_id": root.id,
            "nodes": cards,
            "types": self._tree_names("energy.type", {row["type"] for row in rows}),
            "templates": self._tree_names("energy.indicator.template", templates),
            "labels": self._tree_labels(),
            "keeps": self._tree_kept_kinds(),
        }

    @api.model
    def _tree_names(self, model: str, ids: set[int]) -> dict[int, str]:
        return {record.id: record.name for record in self.env[model].browse(ids)}

    @api.model
    def _tree_labels(self) -> dict[str, dict[str, str]]:
        """Words of the selections that cards show, in the reader's language."""
        labelled = [self._fields[name] for name in LABELLED] + [self.env["energy.value"]._fields["quality"]]
        return {field.name: dict(field._description_selection(self.env)) for field in labelled}

    @api.model
    def _tree_kept_kinds(self) -> list[str]:
        """Kinds of nodes that the reader may create, place and move."""
        kept = {kind for group, kinds in KEPT_KINDS.items() if self.env.user.has_group(group) for kind in kinds}
        return sorted(kept)

    @api.model
    def _tree_nodes(self, root):
        """The nodes below a root, or all; and what is not placed yet, for those who place it."""
        domain = [("id", "child_of", root.ids)] if root else []
        nodes = self.search_fetch([("placed", "=", True), *domain], CARD_FIELDS)
        return nodes | self.search_fetch([("placed", "=", False)], CARD_FIELDS)

    def action_open_tree(self) -> dict:
        """Show where this node stands in the picture."""
        self._ensure_asked_one()
        action = self.env["ir.actions.client"]._for_xml_id("energy_carbon.energy_node_tree_action")
        return {**action, "params": {"node_id": self.id}}

    # === CARDS === #
    def _tree_cards(self, first) -> list[dict]:
        """What the screen shows of each of these nodes in the month that begins with a day."""
        indicators = self._tree_indicators()
        figures = self._tree_figures(indicators, first)
        rows = self._tree_rows(indicators, figures, self._tree_balances(first))
        marks, above, shown = self._tree_marks(indicators), self._tree_above(), set(self.ids)
        return [
            {
                **node._tree_card(shown),
                "above": above.get(node.id, ""),
                "total": figures.get(indicators.totals.get(node.id)),
                "rows": rows[node.id],
                "marks": list(marks[node.id].values()),
            }
            for node in self
        ]

    def _tree_card(self, shown: set[int]) -> dict:
        """What a node is. Its main meter has a name as far as the reader may know it."""
        main = self.main_meter_id
        return {
            "id": self.id,
            "parent": self.parent_id.id if self.parent_id.id in shown else False,
            "placed": self.placed,
            "kind": self.kind,
            "company_id": self.company_id.id,
            "unit_type": self.unit_type,
            "name": self.name,
            "code": self.code or "",
            "metering_level": self.metering_level,
            "meter_role": self.meter_role,
            "meter_state": self.meter_state,
            "main_meter": bool(main) and {"id": main.id in shown and main.id, "name": main.sudo().display_name},
        }

    def _tree_above(self) -> dict[int, str]:
        """Where the reader's tree begins below something else: what that is called."""
        shown = set(self.ids)
        tops = self.filtered(lambda node: node.parent_id and node.parent_id.id not in shown)
        return {node.id: node.parent_id.sudo().display_name for node in tops}

    # === MARKS === #
    def _tree_marks(self, indicators) -> dict[int, dict[str, dict]]:
        """What is amiss or missing: node id -> key -> level (danger, warning or info) and text in the reader's words.

        :param indicators: what :meth:`_tree_indicators` found
        """
        marks = {node.id: node._tree_state_mark() for node in self}
        lacking = self.search([("id", "in", self.ids), ("lacks_meter", "=", True)])
        for node in lacking:
            marks[node.id]["meter"] = _mark("info" if node.kind == "device" else "warning", self.env._("Without meter"))
        for node in self - lacking:
            if node.id not in indicators.counted and node.meter_state not in ("spare", "scrapped"):
                level = "warning" if node.kind == "meter" else "info"
                marks[node.id]["indicator"] = _mark(level, self.env._("No indicator"))
        for node, text in self._tree_silent(indicators).items():
            marks[node.id]["silent"] = _mark("danger", text)
        return marks

    def _tree_state_mark(self) -> dict[str, dict]:
        """The state of a meter that is not simply in use."""
        if not self.meter_state or self.meter_state == "in_use":
            return {}
        label = dict(self._fields["meter_state"]._description_selection(self.env))[self.meter_state]
        return {"state": _mark("danger" if self.meter_state == "faulty" else "info", label)}

    def _tree_silent(self, indicators) -> dict:
        """Meters in use whose readings should come by themselves and do not: node -> what to say."""
        collected = {
            one.id: one.node_id
            for one in indicators.amounts.values()
            if one.source == "collected" and one.node_id.meter_state == "in_use"
        }
        last = self.env["energy.reading"]._last_readings(list(collected))
        border = self.env.cr.now() - SILENT_AFTER
        return {
            node: self.env._("No reading since %(time)s", time=format_datetime(self.env, last[one][0], dt_format="short"))
            for one, node in collected.items()
            if one in last and last[one][0] < border
        }


def _mark(level: str, text: str) -> dict:
    return {"level": level, "text": text}
