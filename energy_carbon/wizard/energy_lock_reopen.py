"""Reopen locked months, with a reason."""

from odoo import fields, models
from odoo.exceptions import UserError


class EnergyLockReopen(models.TransientModel):
    """What is to be reopened and why; only for those who have the right to reopen."""

    _name = "energy.lock.reopen"
    _inherit = ["energy.wall.mixin"]
    _description = "Reopen Month"

    lock_ids = fields.Many2many("energy.lock", string="Months", required=True, domain=[("state", "!=", "open")])
    quantity = fields.Boolean(string="Quantities", default=True)
    cost = fields.Boolean(default=True)
    reason = fields.Char(required=True, help="Kept in the log and in the journal of restatements.")

    def action_reopen(self):
        """Reopen; what came while the months were locked is calculated now."""
        self._ensure_asked_one()
        chosen = [name for name in ("quantity", "cost") if self[name]]
        if not any(lock[f"{name}_locked"] for lock in self.lock_ids for name in chosen):
            raise UserError(self.env._("Nothing of what you chose is locked in these months."))
        for name in chosen:
            self.lock_ids._reopen(name, self.reason)
        return {"type": "ir.actions.act_window_close"}
