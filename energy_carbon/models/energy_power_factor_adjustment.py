"""By how much a bill rises or falls with the power factor."""

from decimal import Decimal

from odoo import api, fields, models

STANDARDS = [("0.90", "0.90"), ("0.85", "0.85"), ("0.80", "0.80")]


class EnergyPowerFactorAdjustment(models.Model):
    """One line of the published tables; ships with those of (83)水电财字第215号, kept by Energy managers."""

    _name = "energy.power.factor.adjustment"
    _inherit = ["energy.wall.mixin"]
    _description = "Power Factor Adjustment"
    _order = "standard desc, power_factor desc, id"
    _rec_name = "power_factor"

    standard = fields.Selection(
        STANDARDS, required=True, default="0.90", help="Power factor that the account has to keep."
    )
    power_factor = fields.Float(required=True, digits=(3, 2), aggregator=None)
    adjustment = fields.Float(
        string="Adjustment (%)", required=True, digits=(6, 2), aggregator=None, help="Above zero: the bill rises."
    )

    _unique_line = models.UniqueIndex(
        "(standard, power_factor)", "This table already has a line for that power factor: change it there."
    )

    @api.model
    def _percent_by_factor(self, standard: str) -> dict[Decimal, float]:
        """Per cent by power factor with two decimals."""
        rows = self.search_read([("standard", "=", standard)], ["power_factor", "adjustment"])
        return {Decimal(f"{row['power_factor']:.2f}"): row["adjustment"] for row in rows}
