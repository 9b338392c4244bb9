"""Calibrations of meters."""

from odoo import api, fields, models


class EnergyMeterCalibration(models.Model):
    """One calibration of a meter: when, with what result, and when the next is due.

    Kept by Energy managers and Instrument engineers.
    """

    _name = "energy.meter.calibration"
    _inherit = ["energy.wall.mixin"]
    _description = "Meter Calibration"
    _order = "date desc, id desc"

    node_id = fields.Many2one(
        "energy.node", string="Meter", required=True, index=True, ondelete="cascade", domain="[('kind', '=', 'meter')]"
    )
    company_id = fields.Many2one(related="node_id.company_id", store=True, index=True, precompute=True)
    date = fields.Date(string="Calibrated On", required=True, default=fields.Date.context_today)
    next_date = fields.Date(string="Next Due")
    result = fields.Selection(
        [("passed", "Passed"), ("limited", "Passed with limits"), ("failed", "Failed")],
        required=True,
        default="passed",
    )
    certificate = fields.Char(string="Certificate No.")
    attachment = fields.Binary(string="Certificate File", attachment=True)
    attachment_name = fields.Char()

    _dates_in_order = models.Constraint(
        "CHECK (next_date IS NULL OR next_date > date)",
        "The next calibration must be after this one: correct its date.",
    )

    @api.depends("node_id.name", "date")
    def _compute_display_name(self):
        for calibration in self:
            calibration.display_name = f"{calibration.node_id.name}, {calibration.date}"
