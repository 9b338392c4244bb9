"""What Check tariff found."""

from odoo import fields, models


class EnergyTariffCheckLine(models.TransientModel):
    """One thing that is wrong, or most likely not meant, with the days on which it is."""

    _name = "energy.tariff.check.line"
    _inherit = ["energy.wall.mixin"]
    _description = "Finding of Check Tariff"
    _order = "id"

    check_id = fields.Many2one("energy.tariff.check", required=True, index=True, ondelete="cascade")
    kind = fields.Selection(
        [
            ("no_version", "No Version"),
            ("hole", "Hole"),
            ("overlap", "Overlap"),
            ("no_price", "No Price"),
            ("unknown_holiday", "Holiday Not Entered"),
            ("idle", "Without Effect"),
        ]
    )
    is_flaw = fields.Boolean()
    name = fields.Text(string="Finding")
    date_from = fields.Date(string="First Day")
    days = fields.Integer(string="Number of Days")
    dates = fields.Text()
