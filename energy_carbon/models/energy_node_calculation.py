"""What changes in the tree changes the values."""

from datetime import timedelta

from odoo import fields, models

# Fields of a node that decide amounts or factors of what hangs at it and below.
DECIDING = {
    "ct_primary",
    "ct_secondary",
    "pt_primary",
    "pt_secondary",
    "register_maximum",
    "register_step",
    "rated_power",
    "gas_reference",
    "region_id",
    "main_meter_id",
    "parent_id",
}


class EnergyNodeCalculation(models.Model):
    """Nodes tell the calculation what changed, and take their formula terms along when they move."""

    _inherit = "energy.node"

    def write(self, vals):
        above = {node.id: node._ancestors() for node in self} if "parent_id" in vals else {}
        old = {node.id: node.parent_id for node in self} if "parent_id" in vals else {}
        result = super().write(vals)
        for node in self:
            if old.get(node.id) and old[node.id] != node.parent_id:
                node._move_terms(old[node.id], above[node.id] - node._ancestors())
        if DECIDING & vals.keys():
            self._mark_below()
        return result

    def _ancestors(self):
        """The nodes above this one, today."""
        self.ensure_one()
        return self.browse(int(part) for part in (self.parent_path or "").split("/") if part) - self

    def _mark_below(self):
        """The figures at these nodes and below no longer hold."""
        indicators = self.env["energy.indicator"].sudo().search([("node_id", "child_of", self.ids)])
        self.env["energy.calculation"]._mark(indicators | self.sudo()._sources_between())

    def _move_terms(self, old_parent, left):
        """Close the formula terms by which the places left counted this node, and open them at the new place.

        :param old_parent: the place directly above until now
        :param left: all nodes above until now that are above no longer
        """
        day = self._given_move_date() or fields.Date.context_today(self)
        terms = self.env["energy.indicator.term"].sudo()
        leaving = terms.search(
            [
                ("source_id.node_id", "child_of", self.id),
                ("indicator_id.node_id", "in", left.ids),
                "|",
                ("date_to", "=", False),
                ("date_to", ">=", day),
            ]
        )
        opened = [
            values
            for term in leaving.filtered(lambda t: t.indicator_id.node_id == old_parent)
            if (values := self._term_at_new_place(term, day))
        ]
        begun_later = leaving.filtered(lambda t: t.date_from and t.date_from >= day)
        (leaving - begun_later).write({"date_to": day - timedelta(days=1)})
        begun_later.unlink()
        terms.create(opened)

    def _term_at_new_place(self, term, day) -> dict | None:
        """The same term at the new place, if its indicator is there and does not count the source yet."""
        target = term.indicator_id
        counterpart = (
            self.env["energy.indicator"]
            .sudo()
            .search(
                [
                    ("node_id", "=", self.parent_id.id),
                    ("template_id", "=", target.template_id.id),
                    ("flow", "=", target.flow),
                    ("product_id", "=", target.product_id.id),
                    ("source", "=", "computed"),
                ],
                limit=1,
            )
        )
        if not counterpart or term.source_id in counterpart.term_ids.filtered(lambda t: not t.date_to).source_id:
            return None
        return {
            "indicator_id": counterpart.id,
            "source_id": term.source_id.id,
            "coefficient": term.coefficient,
            "role": term.role,
            "date_from": max(filter(None, (day, term.date_from))),
            "date_to": term.date_to,
        }
