"""Balances made from the topology: main and sub-meters, billing and check meters, the tree of the day."""

from collections import defaultdict

from odoo import api, models
from odoo.exceptions import UserError

from ..tools.uom import uom_factor

MARKED = "energy_balance_companies"
# A boiler house's gas is transformation input; where both exist, what is simply consumed comes first.
OWN_FLOWS = ("consumption", "transformation_in")

# The total of a meter: of several, the one of its own energy type that counts everything.
METERS = """
    SELECT DISTINCT ON (n.id) n.id, n.main_meter_id, n.meter_role, n.parent_id, n.energy_type_id, i.id, i.uom_id
      FROM energy_node n
      JOIN energy_indicator i ON i.node_id = n.id
      JOIN energy_indicator_template t ON t.id = i.template_id
     WHERE n.company_id = %s AND n.kind = 'meter' AND t.main_total AND t.energy_type_id = n.energy_type_id
     ORDER BY n.id, i.active DESC, t.locked DESC, i.id
"""
CONSUMPTIONS = """
    SELECT DISTINCT ON (i.node_id, i.energy_type_id) i.node_id, i.energy_type_id, i.id, i.uom_id
      FROM energy_indicator i JOIN energy_indicator_template t ON t.id = i.template_id
     WHERE i.company_id = %s AND i.indicator_class = 'efficiency' AND i.kind = 'amount' AND i.measure = 'amount'
       AND i.flow = ANY(%s) AND i.product_id IS NULL AND i.energy_type_id IS NOT NULL
     ORDER BY i.node_id, i.energy_type_id, i.active DESC, ARRAY_POSITION(%s, i.flow::text),
              (t.code LIKE '%%.CONS') DESC, t.locked DESC, i.id
"""
PLACES = """
    SELECT p.node_id, p.parent_id, p.date_from, p.date_to FROM energy_node_parent p
      JOIN energy_node n ON n.id = p.node_id WHERE n.company_id = %s AND n.kind <> 'meter' ORDER BY p.node_id, p.date_from
"""


class EnergyBalance(models.Model):
    """Keeps the generated balances in step with meters, tree and indicators, once a transaction."""

    _inherit = "energy.balance"

    @api.model
    def _mark(self, companies):
        """Bring the balances of these companies up to date before the transaction commits."""
        precommit = self.env.cr.precommit
        if MARKED not in precommit.data:
            precommit.data[MARKED] = set()
            precommit.add(self.env["energy.balance"].sudo()._sync_before_commit)
        precommit.data[MARKED].update(companies.ids)

    def _sync_before_commit(self):
        marked = self.env.cr.precommit.data.pop(MARKED, ())
        self._sync(self.env["res.company"].browse(sorted(marked)).exists())

    @api.model
    def _sync_all(self):
        """Make the balances of all companies that have nodes; at installation and update."""
        nodes = self.env["energy.node"].sudo().with_context(active_test=False)
        self.sudo()._sync(self.env["res.company"].union(*(row[0] for row in nodes._read_group([], ["company_id"]))))

    @api.model
    def _sync(self, companies):
        """Make, change and remove generated balances so that they are what the topology says."""
        self.env.flush_all()
        for company in companies:
            wanted = self._wanted_meters(company) | self._wanted_tree(company)
            self.sudo()._replace_generated(company, wanted)

    # === WHAT THE TOPOLOGY SAYS === #
    def _wanted_meters(self, company) -> dict[tuple, set[tuple]]:
        """Balances of meters: (node, energy type, kind) -> {(side, indicator, first day, last day)}."""
        self.env.cr.execute(METERS, [company.id])
        meters = {row[0]: row for row in self.env.cr.fetchall()}
        billing = defaultdict(list)
        for node, _main, role, parent, energy_type, *_rest in meters.values():
            if role == "billing":
                billing[parent, energy_type].append(node)
        wanted: dict[tuple, set[tuple]] = defaultdict(set)
        for node, main, role, parent, energy_type, indicator, uom in meters.values():
            if role == "check":
                # Beside the billing meter it names, or the only one at the same place.
                beside = billing[parent, energy_type]
                main = main or (beside[0] if len(beside) == 1 else None)
            if main not in meters or main == node or not self._comparable(uom, meters[main][6]):
                continue
            key = (main, energy_type, "check" if role == "check" else "main_sub")
            wanted[key] |= {("in", meters[main][5], None, None), ("out", indicator, None, None)}
        return wanted

    def _wanted_tree(self, company) -> dict[tuple, set[tuple]]:
        """Balances of units and devices with what hangs directly below them, each at its parent of the day."""
        self.env.cr.execute(CONSUMPTIONS, [company.id, list(OWN_FLOWS), list(OWN_FLOWS)])
        own = {(node, energy_type): (indicator, uom) for node, energy_type, indicator, uom in self.env.cr.fetchall()}
        types = defaultdict(list)
        for node, energy_type in own:
            types[node].append(energy_type)
        self.env.cr.execute(PLACES, [company.id])
        wanted: dict[tuple, set[tuple]] = defaultdict(set)
        for node, parent, first, last in self.env.cr.fetchall():
            for energy_type in types[node]:
                indicator, uom = own[node, energy_type]
                above, above_uom = own.get((parent, energy_type), (None, None))
                if above and self._comparable(uom, above_uom):
                    wanted[parent, energy_type, "tree"] |= {
                        ("in", above, None, None),
                        ("out", indicator, first, last),
                    }
        return wanted

    def _comparable(self, uom_id, other_id) -> bool:
        """Whether amounts in these units can be compared; steam in t and in GJ cannot."""
        uom = self.env["uom.uom"]
        try:
            uom_factor(uom.browse(uom_id), uom.browse(other_id))
        except UserError:
            return False
        return True

    # === WRITING === #
    def _replace_generated(self, company, wanted: dict[tuple, set[tuple]]):
        generated = self.with_context(active_test=False).search(
            [("company_id", "=", company.id), ("kind", "!=", "own")]
        )
        by_key = {(b.node_id.id, b.energy_type_id.id, b.kind): b for b in generated}
        gone = generated.browse(b.id for key, b in by_key.items() if key not in wanted)
        gone.unlink()
        self.create(
            [
                {"node_id": node, "kind": kind, "part_ids": [(0, 0, values) for values in _part_values(parts)]}
                for (node, energy_type, kind), parts in wanted.items()
                if (node, energy_type, kind) not in by_key
            ]
        )
        for key, balance in by_key.items():
            if key in wanted:
                balance._replace_parts(wanted[key])

    def _replace_parts(self, wanted: set[tuple]):
        stored = {(p.side, p.indicator_id.id, p.date_from or None, p.date_to or None): p for p in self.part_ids}
        if wanted == stored.keys():
            return
        added = [(0, 0, values) for values in _part_values(wanted - stored.keys())]
        removed = [(2, stored[key].id) for key in stored.keys() - wanted]
        self.write({"part_ids": [*added, *removed]})


def _part_values(parts: set[tuple]) -> list[dict]:
    """Values of part records, what goes in first."""
    names = ("side", "indicator_id", "date_from", "date_to")
    ordered = sorted(parts, key=lambda part: (part[0], part[1], str(part[2] or "")))
    return [dict(zip(names, part, strict=True)) for part in ordered]
