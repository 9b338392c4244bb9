"""What a value was computed with."""

from odoo import fields, models


class EnergyBasis(models.Model):
    """The factors and the price a day's value used: ids and figures, kept so that results stay explained.

    Written by the calculation; one row for each combination that ever occurred.
    """

    _name = "energy.basis"
    _inherit = ["energy.wall.mixin"]
    _description = "Basis of a Value"
    _log_access = False

    company_id = fields.Many2one("res.company", required=True, readonly=True, index=True, ondelete="restrict")
    key = fields.Char(required=True, readonly=True)
    detail = fields.Json(readonly=True, groups="energy_carbon.group_see_prices")
    factors = fields.Json(readonly=True)

    _unique_key = models.UniqueIndex("(company_id, key)")
