"""What a consumer of an allocation key gets, for the form."""

from odoo import api, fields, models


class EnergyAllocationLinePreview(models.Model):
    """A consumer's share of the preview day and amount of last month."""

    _inherit = "energy.allocation.line"

    preview_share = fields.Float(compute="_compute_preview", string="Share Today")
    preview_known = fields.Boolean(compute="_compute_preview")
    last_month_amount = fields.Float(compute="_compute_preview", string="Allocated Last Month", digits=(16, 3))
    last_month_known = fields.Boolean(compute="_compute_preview")

    @api.depends("allocation_id.preview_date", "allocation_id.last_month", "share", "figure", "basis_id")
    def _compute_preview(self):
        for key, lines in self.grouped(lambda line: line.allocation_id._origin).items():
            month = key and key._figures(key.last_month, fields.Date.end_of(key.last_month, "month"))
            day = key.preview_date if key else False
            shares = key._shares_on(day) if day else {}
            for line in lines:
                share, amount = shares.get(line._origin.id), month and month.given.get(line._origin.id)
                line.preview_known, line.preview_share = share is not None, share or 0.0
                line.last_month_known, line.last_month_amount = amount is not None, amount or 0.0
