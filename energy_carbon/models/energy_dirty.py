"""What has to be computed again."""

from odoo import fields, models


class EnergyDirty(models.Model):
    """An indicator and the days whose values no longer hold; the calculation's only trigger.

    Inserted by whoever changed something, deleted by id by whoever computed them.
    """

    _name = "energy.dirty"
    _description = "Values to Recompute"
    _log_access = False

    indicator_id = fields.Many2one("energy.indicator", required=True, index=True, ondelete="cascade")
    company_id = fields.Many2one("res.company", required=True, index=True, ondelete="cascade")
    date_from = fields.Date(help="Empty: from the first day with data.")
    date_to = fields.Date(help="Empty: to the last day with data.")
    amounts_hold = fields.Boolean(
        default=False, required=True, help="Only a factor or price changed: amounts hold as they are stored."
    )
    cost_holds = fields.Boolean(
        default=False, required=True, help="Only a factor changed: amounts and cost hold as they are stored."
    )
    error = fields.Text(readonly=True, help="Why these days could not be computed; they wait for a new row or a manager.")
