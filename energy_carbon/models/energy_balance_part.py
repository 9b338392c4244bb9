"""One indicator of a metering balance."""

from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError


class EnergyBalancePart(models.Model):
    """An indicator on one side of a balance, with the days on which it counts there.

    Written with the topology for generated balances (a device counts at its parent of the day), by Energy managers for
    their own ones.
    """

    _name = "energy.balance.part"
    _inherit = ["energy.wall.mixin"]
    _description = "Indicator of a Balance"
    _order = "balance_id, side, sequence, id"

    balance_id = fields.Many2one("energy.balance", required=True, index=True, ondelete="cascade")
    sequence = fields.Integer(default=10)
    side = fields.Selection(
        [("in", "In"), ("out", "Out")],
        required=True,
        default="out",
        help="In: what is supplied. Out: what should account for it.",
    )
    indicator_id = fields.Many2one(
        "energy.indicator",
        required=True,
        index=True,
        ondelete="cascade",
        domain="[('kind', 'in', ('counter', 'amount')), ('measure', '=', 'amount')]",
    )
    node_id = fields.Many2one(related="indicator_id.node_id", store=True, index=True)
    company_id = fields.Many2one(related="balance_id.company_id", store=True, index=True)
    coefficient = fields.Float(default=1.0, required=True)
    factor = fields.Float(
        compute="_compute_factor", store=True, help="Coefficient, and conversion into the unit of the balance."
    )
    date_from = fields.Date(string="From", help="Empty: from the beginning.")
    date_to = fields.Date(string="To", help="Empty: until further notice.")

    # === COMPUTE METHODS === #
    @api.depends("coefficient", "indicator_id.uom_id", "balance_id.uom_id")
    def _compute_factor(self):
        for part in self:
            try:
                part.factor = part.coefficient * part.balance_id._uom_factor_of(part.indicator_id)
            except UserError:
                part.factor = 0.0  # the constraint refuses it; a computed field must not

    # === CONSTRAINT METHODS === #
    @api.constrains("indicator_id", "balance_id")
    def _check_indicator(self):
        for part in self:
            indicator, balance = part.indicator_id, part.balance_id
            if indicator.company_id != balance.company_id:
                raise ValidationError(
                    self.env._(
                        "%(indicator)s belongs to another company than the balance %(balance)s.",
                        indicator=indicator.display_name,
                        balance=balance.display_name,
                    )
                )
            if not indicator._is_amount():
                raise ValidationError(
                    self.env._(
                        "%(indicator)s is no amount: only amounts of energy are balanced. Choose a consumption or a "
                        "meter's total.",
                        indicator=indicator.display_name,
                    )
                )
            try:
                balance._uom_factor_of(indicator)
            except UserError as error:
                raise ValidationError(
                    self.env._("%(indicator)s: %(problem)s", indicator=indicator.display_name, problem=error)
                ) from error

    @api.constrains("date_from", "date_to")
    def _check_dates(self):
        for part in self:
            if part.date_from and part.date_to and part.date_from > part.date_to:
                raise ValidationError(
                    self.env._(
                        "%(indicator)s cannot count until %(last)s, before it begins to on %(first)s: correct the dates.",
                        indicator=part.indicator_id.display_name,
                        last=part.date_to,
                        first=part.date_from,
                    )
                )
