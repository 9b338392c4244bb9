"""Who locked or reopened a month, when and why."""

from odoo import fields, models


class EnergyLockLog(models.Model):
    """One act of locking or reopening; written by the lock itself, never changed."""

    _name = "energy.lock.log"
    _inherit = ["energy.wall.mixin"]
    _description = "Log of Locks"
    _order = "date desc, id desc"
    _rec_name = "lock_id"
    _log_access = False

    lock_id = fields.Many2one("energy.lock", required=True, readonly=True, index=True, ondelete="restrict")
    node_id = fields.Many2one(related="lock_id.node_id", store=True, index=True)
    company_id = fields.Many2one(related="lock_id.company_id", store=True, index=True)
    month = fields.Date(related="lock_id.month", store=True)
    figures = fields.Selection(
        [("quantity", "Quantities"), ("cost", "Cost")], string="What", required=True, readonly=True
    )
    act = fields.Selection([("lock", "Locked"), ("reopen", "Reopened")], required=True, readonly=True)
    user_id = fields.Many2one("res.users", string="Done By", required=True, readonly=True)
    date = fields.Datetime(string="Done On", required=True, readonly=True, default=fields.Datetime.now)
    reason = fields.Char(readonly=True)
