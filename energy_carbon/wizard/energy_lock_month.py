"""Lock several plants and months at once."""

from dateutil.relativedelta import relativedelta

from odoo import api, fields, models
from odoo.exceptions import UserError

# Months that one act of locking may span.
MOST_MONTHS = 36


class EnergyLockMonth(models.TransientModel):
    """Plants and months to lock, with what is still missing in them; filled in by Energy managers and accountants."""

    _name = "energy.lock.month"
    _inherit = ["energy.wall.mixin"]
    _description = "Lock Month"

    plant_ids = fields.Many2many(
        "energy.node",
        string="Plants",
        required=True,
        domain=[("kind", "=", "unit"), ("parent_id", "=", False)],
        default=lambda self: self._default_plants(),
    )
    month_from = fields.Date(string="From Month", required=True, default=lambda self: self._last_month())
    month_to = fields.Date(string="To Month", required=True, default=lambda self: self._last_month())
    quantity = fields.Boolean(
        string="Quantities", default=lambda self: self.env.user.has_group("energy_carbon.group_manager")
    )
    cost = fields.Boolean(default=lambda self: self.env.user.has_group("energy_carbon.group_accountant"))
    lock_ids = fields.Many2many("energy.lock", compute="_compute_lock_ids", string="Months")

    @api.model
    def _default_plants(self):
        self.env["energy.lock"]._make_months()
        return self.env["energy.node"].search([("kind", "=", "unit"), ("parent_id", "=", False)])

    @api.model
    def _last_month(self):
        return fields.Date.start_of(fields.Date.context_today(self), "month") - relativedelta(months=1)

    @api.depends("plant_ids", "month_from", "month_to")
    def _compute_lock_ids(self):
        """The rows there are; a month without figures has none yet."""
        for wizard in self:
            wizard.lock_ids = self.env["energy.lock"].search(
                [
                    ("node_id", "in", wizard.plant_ids._origin.ids),
                    ("month", ">=", wizard.month_from and fields.Date.start_of(wizard.month_from, "month")),
                    ("month", "<=", wizard.month_to),
                ]
            )

    def _months(self) -> list:
        """First days of the months asked for.

        :raises UserError: none, or too many to be meant
        """
        first = fields.Date.start_of(self.month_from, "month")
        months = []
        while first <= self.month_to and len(months) <= MOST_MONTHS:
            months.append(first)
            first += relativedelta(months=1)
        if not months or len(months) > MOST_MONTHS:
            raise UserError(
                self.env._("Choose from one to %(most)s months: the first is not after the last.", most=MOST_MONTHS)
            )
        return months

    def action_lock(self):
        """Lock what was chosen, and show the months; what is locked already stays as it is."""
        self._ensure_asked_one()
        if not (self.quantity or self.cost):
            raise UserError(self.env._("Choose what to lock: the quantities, the cost, or both."))
        self.plant_ids.check_access("read")
        self.env["energy.lock"].check_access("read")
        locks = self.env["energy.lock"]._rows(self.plant_ids, self._months())
        if self.quantity:
            locks.action_lock_quantity()
        if self.cost:
            locks.action_lock_cost()
        return locks.action_open_months()
