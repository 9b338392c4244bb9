"""Which units and devices still lack a meter for the metering level the company keeps, and the way to one."""

from odoo import api, fields, models


class EnergyNode(models.Model):
    _inherit = "energy.node"

    company_metering_level = fields.Selection(
        related="company_id.energy_metering_level",
        string="Level Kept by the Company",
        help="How deep metering goes: at plants, at workshops and other units too, or at each device in the tree as well.",
    )
    used_type_ids = fields.Many2many(
        "energy.type",
        string="Energy Used",
        compute="_compute_used_type_ids",
        help="Energy types a unit buys, uses, makes, sells or recovers, or that a device uses: what a meter here would measure.",
    )

    # === COMPUTE METHODS === #
    @api.depends("use_ids.energy_type_id", "energy_type_ids")
    def _compute_used_type_ids(self):
        for node in self:
            node.used_type_ids = node.use_ids.energy_type_id | node.energy_type_ids

    # === ACTIONS === #
    @api.model
    def action_open_lacking(self):
        """The list of units and devices without a meter, named after the level kept."""
        self.check_access("read")
        action = self.env["ir.actions.act_window"]._for_xml_id("energy_carbon.energy_node_action_lacking")
        levels = set(self.env.companies.mapped("energy_metering_level"))
        if len(levels) == 1:
            labels = dict(self.env["res.company"]._fields["energy_metering_level"]._description_selection(self.env))
            title = self.env._("Without a Meter (level kept: %(level)s)", level=labels[levels.pop()])
            action.update(name=title, display_name=title)
        return action

    def action_add_meter(self):
        """A new meter at this unit or device, of the level and, where it is plain, the energy type it needs."""
        self._ensure_asked_one()
        context = {
            "default_kind": "meter",
            "default_parent_id": self.id,
            "default_company_id": self.company_id.id,
            "default_metering_level": "3" if self.kind == "device" else "1" if self.depth == 1 else "2",
        }
        if len(self.used_type_ids) == 1:
            context["default_energy_type_id"] = self.used_type_ids.id
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("New Meter at %(node)s", node=self.name),
            "res_model": "energy.node",
            "views": [(self.env.ref("energy_carbon.energy_node_view_form_meter").id, "form")],
            "target": "new",
            "context": context,
        }
