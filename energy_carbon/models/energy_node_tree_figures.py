"""Figures of the management tree in a month: which of a node's indicators stand for it. Must not know the screen."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from datetime import date

from odoo import models
from odoo.fields import Domain
from odoo.tools import SQL

from .energy_balance_topology import OWN_FLOWS

# Total energy by the company's coal basis; the other one where that is not kept.
TOTALS = {"calorific": ("T.TCE", "T.TCEQ"), "equivalent": ("T.TCEQ", "T.TCE")}
# A unit's or device's own consumption of an energy type, as the balances of the tree compare it; else what it makes.
FLOWS = (*OWN_FLOWS, "transformation_out")
AMOUNTS = Domain(
    [
        ("indicator_class", "=", "efficiency"),
        ("kind", "=", "amount"),
        ("measure", "=", "amount"),
        ("flow", "in", FLOWS),
        ("product_id", "=", False),
        ("energy_type_id", "!=", False),
    ]
)
STANDING = Domain("template_id.main_total", "=", True) | Domain("template_id.code", "in", TOTALS["calorific"]) | AMOUNTS


@dataclass
class TreeIndicators:
    """The indicators that stand for nodes.

    :ivar totals: unit or device id -> indicator of its total energy
    :ivar amounts: (node id, energy type id) -> indicator of that energy
    :ivar counted: ids of nodes that have any indicator, whatever it counts
    """

    totals: dict = field(default_factory=dict)
    amounts: dict = field(default_factory=dict)
    counted: set = field(default_factory=set)


class EnergyNodeTreeFigures(models.Model):
    _inherit = "energy.node"

    def _tree_indicators(self) -> TreeIndicators:
        """Which indicators stand for these nodes; those of cost never do."""
        model = self.env["energy.indicator"]
        found = TreeIndicators()
        found.counted = {node.id for (node,) in model._read_group([("node_id", "in", self.ids)], ["node_id"])}
        names = ("node_id", "template_id", "energy_type_id", "flow", "source", "kind", "uom_id", "product_id", "company_id")
        every = model.search_fetch(Domain("node_id", "in", self.ids) & STANDING, names)
        ranks: dict = {}
        for one in sorted(every, key=lambda one: (_rank(one, ranks), one.id)):
            if one.template_id.scope == "total" and one.node_id.kind != "meter":
                found.totals.setdefault(one.node_id.id, one)
            elif one._stands_for_node():
                found.amounts.setdefault((one.node_id.id, one.energy_type_id.id), one)
        return found

    def _tree_figures(self, indicators: TreeIndicators, first: date) -> dict:
        """Figures of the month by indicator. They were found as the reader, who may see each of them."""
        standing = self.env["energy.indicator"].union(*indicators.totals.values(), *indicators.amounts.values())
        rows = self.env.execute_query(
            SQL(
                """SELECT indicator_id, value, quality, present, expected FROM energy_value_month
                    WHERE indicator_id = ANY(%s) AND month = %s AND value IS NOT NULL""",
                standing.ids,
                first,
            )
        )
        known = {indicator: found for indicator, *found in rows}
        units: dict = {}
        figures = {}
        for one in standing:
            # Thousands of indicators have a handful of templates and units.
            kept_as = one.template_id, one.uom_id, one.company_id
            if kept_as not in units:
                units[kept_as] = one.with_prefetch().unit_label or ""
            value, quality, present, expected = known.get(one.id, (None, False, 0, 0))
            figures[one] = {
                "indicator_id": one.id,
                "template_id": one.template_id.id,
                "value": value,
                "unit": units[kept_as],
                "quality": quality,
                "coverage": quality == "partial" and {"present": present, "expected": expected},
            }
        return figures

    def _tree_rows(self, indicators: TreeIndicators, figures: dict, balances: dict) -> dict[int, list[dict]]:
        """Energy types of each node, how it uses them, how much of each, and what of it is not metered below."""
        used = self._tree_types(indicators)
        return {
            node.id: [
                {
                    "type": energy_type,
                    "roles": roles,
                    "figure": figures.get(indicators.amounts.get((node.id, energy_type))),
                    "balance": balances.get((node.id, energy_type)),
                }
                for energy_type, roles in used[node.id].items()
            ]
            for node in self
        }

    def _tree_types(self, indicators: TreeIndicators) -> dict[int, dict[int, str]]:
        """Node id -> energy type id -> roles in the reader's words: as the ledger has them, then what else is counted."""
        labels = dict(self.env["energy.node.use"]._fields["role"]._description_selection(self.env))
        roles: dict = defaultdict(lambda: defaultdict(list))
        for use in self.env["energy.node.use"].search([("node_id", "in", self.ids)]):
            roles[use.node_id.id][use.energy_type_id.id].append(labels[use.role])
        for node in self.filtered(lambda node: node.kind == "device"):
            for energy_type in node.energy_type_ids:
                roles[node.id][energy_type.id] = []
        for node in self.filtered("energy_type_id"):
            roles[node.id][node.energy_type_id.id] = []
        for node_id, energy_type in indicators.amounts:
            roles[node_id].setdefault(energy_type, [])
        return defaultdict(
            dict, {node: {one: ", ".join(words) for one, words in types.items()} for node, types in roles.items()}
        )

    def _tree_balances(self, first: date) -> dict[tuple, dict]:
        """(node id, energy type id) -> what is not accounted for below; nothing where figures are missing."""
        domain = [("month", "=", first), ("node_id", "in", self.ids), ("kind", "in", ("tree", "main_sub"))]
        names = ("node_id", "balance_id", "energy_type_id", "share", "amount_in", "state")
        return {
            (line.node_id.id, line.energy_type_id.id): {
                "balance_id": line.balance_id.id,
                "share": line.share,
                "over": line.state == "over",
            }
            for line in self.env["energy.balance.month"].search_fetch(domain, names)
            if line.state != "incomplete" and line.amount_in
        }


class EnergyIndicator(models.Model):
    _inherit = "energy.indicator"

    def _stands_for_node(self) -> bool:
        """Whether this is what its node measures or uses of an energy type."""
        node = self.node_id
        if node.kind == "meter":
            return bool(self.template_id.main_total) and self.energy_type_id == node.energy_type_id
        return self.kind == "amount"


def _rank(indicator, ranks: dict) -> tuple:
    """Of several indicators that could stand for a node, the first does.

    :param ranks: those worked out so far; a handful, whatever the number of indicators
    """
    template, flow, company = key = indicator.template_id, indicator.flow, indicator.company_id
    if key not in ranks:
        basis = TOTALS[company.energy_coal_basis]
        ranks[key] = (
            basis.index(template.code) if template.code in basis else 0,
            FLOWS.index(flow) if flow in FLOWS else len(FLOWS),
            not (template.code or "").endswith(".CONS"),
            not template.locked,
        )
    return ranks[key]
