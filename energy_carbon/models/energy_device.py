"""Ledger of devices: energy-using equipment."""

from odoo import api, fields, models
from odoo.exceptions import ValidationError


class EnergyNode(models.Model):
    _inherit = "energy.node"

    specification = fields.Char(help="Specification or size, as on the name plate.")
    manufacturer = fields.Char()
    in_service_date = fields.Date(string="In Service Since")
    energy_type_ids = fields.Many2many(
        "energy.type",
        "energy_node_energy_type_rel",
        "node_id",
        "energy_type_id",
        string="Energy Types Used",
        check_company=True,
    )
    rated_power = fields.Float(string="Rated Power (kW)", digits=(16, 3), aggregator=None)
    key_equipment = fields.Boolean(
        string="Main Energy-using Equipment", help="Above the threshold from which a device needs a meter of its own."
    )

    @api.constrains("rated_power")
    def _check_rated_power(self):
        for node in self:
            if node.rated_power < 0:
                raise ValidationError(self.env._("%(node)s: the rated power cannot be negative.", node=node.name))
