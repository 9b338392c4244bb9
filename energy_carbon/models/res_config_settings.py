"""Settings page of the energy application."""

from odoo import fields, models


class ResConfigSettings(models.TransientModel):
    _inherit = "res.config.settings"

    energy_timezone = fields.Selection(related="company_id.energy_timezone", readonly=False)
    energy_slot_minutes = fields.Selection(related="company_id.energy_slot_minutes", readonly=False)
    energy_start_hour = fields.Integer(related="company_id.energy_start_hour", readonly=False)
    energy_coal_basis = fields.Selection(related="company_id.energy_coal_basis", readonly=False)
    energy_metering_level = fields.Selection(related="company_id.energy_metering_level", readonly=False)
    energy_industry = fields.Char(related="company_id.energy_industry", readonly=False)
