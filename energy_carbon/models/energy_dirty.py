"""What has to be computed again."""

from odoo import fields, models

from ..tools.fields import LooseMany2one


class EnergyDirty(models.Model):
    """An indicator and the days whose values no longer hold; the calculation's only trigger.

    Inserted by whoever changed something, deleted by id by whoever computed them.
    """

    _name = "energy.dirty"
    _inherit = ["energy.wall.mixin"]
    _description = "Values to Recompute"
    _log_access = False

    # Every reading stored makes a row, which is soon gone: foreign keys and indexes would cost more than they save. A row
    # of an indicator that is gone changes nothing, and is deleted when it is claimed.
    indicator_id = LooseMany2one("energy.indicator", required=True)
    company_id = LooseMany2one("res.company", required=True)
    date_from = fields.Date(help="Empty: from the first day with data.")
    date_to = fields.Date(help="Empty: to the last day with data.")
    amounts_hold = fields.Boolean(
        default=False, required=True, help="Only a factor or price changed: amounts hold as they are stored."
    )
    cost_holds = fields.Boolean(
        default=False, required=True, help="Only a factor changed: amounts and cost hold as they are stored."
    )
    error = fields.Text(readonly=True, help="Why these days could not be computed; they wait for a new row or a manager.")
