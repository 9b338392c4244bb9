"""Placing nodes in the management tree, or moving them, as of a day."""

from odoo import api, fields, models
from odoo.exceptions import UserError


class EnergyNodeMove(models.TransientModel):
    """Asks where nodes go and from which day on; figures of the days before stay with the old place."""

    _name = "energy.node.move"
    _inherit = ["energy.wall.mixin"]
    _description = "Place or Move Nodes"

    node_ids = fields.Many2many("energy.node", string="Nodes", required=True)
    company_id = fields.Many2one("res.company", compute="_compute_company_id")
    parent_id = fields.Many2one("energy.node", string="New Place", help="Empty: taken out of the tree.")
    only_under_units = fields.Boolean(compute="_compute_only_under_units")
    first_place = fields.Boolean(compute="_compute_first_place")
    date = fields.Date(
        string="As of",
        compute="_compute_date",
        store=True,
        readonly=False,
        help="First day at the new place.",
    )

    @api.model
    def default_get(self, fields_list):
        values = super().default_get(fields_list)
        if "node_ids" in fields_list and not values.get("node_ids"):
            values["node_ids"] = [fields.Command.set(self.env.context.get("active_ids", []))]
        return values

    @api.depends("node_ids")
    def _compute_company_id(self):
        for wizard in self:
            wizard.company_id = wizard.node_ids[:1].company_id

    @api.depends("node_ids")
    def _compute_only_under_units(self):
        for wizard in self:
            wizard.only_under_units = any(node.kind != "meter" for node in wizard.node_ids)

    @api.depends("node_ids")
    def _compute_first_place(self):
        for wizard in self:
            wizard.first_place = not wizard.node_ids.filtered("placed")

    @api.depends("node_ids")
    def _compute_date(self):
        for wizard in self:
            wizard.date = False if wizard.first_place else fields.Date.context_today(wizard)

    def action_move(self):
        """Move the nodes; the membership rows follow from the day given."""
        self._ensure_asked_one()
        if not self.node_ids:
            raise UserError(self.env._("No node is selected: select the nodes to be placed in the list first."))
        if units := self.node_ids.filtered(lambda n: n.kind == "unit" and not self.parent_id):
            raise UserError(
                self.env._("%(unit)s is a unit: choose the unit it is to hang under.", unit=units[0].complete_name)
            )
        self.node_ids.with_context(energy_move_date=self.date).write({"parent_id": self.parent_id.id})
        return {"type": "ir.actions.act_window_close"}
