"""Bands of the day in a time-of-use tariff."""

from odoo import fields, models


class EnergyTariffBand(models.Model):
    """Hours of a tariff's version that lie in a period; kept by Energy managers and Energy accountants."""

    _name = "energy.tariff.band"
    _description = "Time-of-Use Band"
    _inherit = ["energy.wall.mixin", "energy.tariff.band.mixin"]
    _order = "version_id, overlay desc, months, day_class, start, id"

    version_id = fields.Many2one("energy.tariff.version", required=True, index=True, ondelete="cascade")
    company_id = fields.Many2one(related="version_id.company_id", store=True, index=True, precompute=True)

    def _owners(self):
        return self.version_id
