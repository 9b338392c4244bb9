"""Settings page of the energy application."""

from odoo import api, fields, models
from odoo.exceptions import ValidationError

from ..tools.parameters import READING_RETENTION


class ResConfigSettings(models.TransientModel):
    _inherit = "res.config.settings"

    energy_timezone = fields.Selection(related="company_id.energy_timezone", readonly=False)
    energy_slot_minutes = fields.Selection(related="company_id.energy_slot_minutes", readonly=False)
    energy_start_hour = fields.Integer(related="company_id.energy_start_hour", readonly=False)
    energy_has_figures = fields.Boolean(related="company_id.energy_has_figures")
    energy_coal_basis = fields.Selection(related="company_id.energy_coal_basis", readonly=False)
    energy_metering_level = fields.Selection(related="company_id.energy_metering_level", readonly=False)
    energy_reading_retention_months = fields.Integer(
        string="Months of Readings", config_parameter=READING_RETENTION, help="0: readings are kept for ever."
    )
    energy_industry = fields.Char(related="company_id.energy_industry", readonly=False)
    # Named after the addons they install, as Odoo's settings do: these are no applications and are easily missed among Apps.
    module_energy_carbon_modbus = fields.Boolean(string="Modbus Collection")
    module_energy_carbon_reports = fields.Boolean(string="Energy Reports")

    @api.constrains("energy_reading_retention_months")
    def _check_energy_reading_retention_months(self):
        for settings in self:
            if settings.energy_reading_retention_months < 0:
                raise ValidationError(self.env._("Readings are kept for a number of months; 0 keeps them for ever."))
