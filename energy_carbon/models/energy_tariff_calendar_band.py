"""Bands of the day in a published calendar."""

from odoo import fields, models


class EnergyTariffCalendarBand(models.Model):
    """Hours that lie in a period by a published document; shipped, or kept by those who keep tariffs."""

    _name = "energy.tariff.calendar.band"
    _description = "Published Time-of-Use Band"
    _inherit = ["energy.wall.mixin", "energy.tariff.band.mixin"]
    _order = "calendar_id, overlay desc, months, day_class, start, id"

    calendar_id = fields.Many2one("energy.tariff.calendar", required=True, index=True, ondelete="cascade")

    def _owners(self):
        return self.calendar_id
