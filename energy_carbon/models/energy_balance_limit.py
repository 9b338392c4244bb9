"""How large an unexplained difference may be: the company's limit, and a node's own."""

from odoo import fields, models


class ResCompany(models.Model):
    _inherit = "res.company"

    energy_balance_limit = fields.Float(
        string="Limit of Balances (%)",
        default=5.0,
        digits=(16, 4),
        help="Largest share that the difference of a metering balance may have of what goes in. A node or a balance may "
        "have a limit of its own.",
    )
    _energy_balance_limit_range = models.Constraint(
        "CHECK (energy_balance_limit >= 0)",
        "The limit of balances is a share of what goes in: enter a percentage that is not negative.",
    )


class ResConfigSettings(models.TransientModel):
    _inherit = "res.config.settings"

    energy_balance_limit = fields.Float(related="company_id.energy_balance_limit", readonly=False)


class EnergyNode(models.Model):
    _inherit = "energy.node"

    balance_limit = fields.Float(
        string="Limit of Balances (%)",
        digits=(16, 4),
        aggregator=None,
        tracking=True,
        help="Largest share that the difference of this node's balances may have of what goes in. 0: the company's limit.",
    )
    _balance_limit_range = models.Constraint(
        "CHECK (balance_limit >= 0)",
        "The limit of balances is a share of what goes in: enter a percentage that is not negative.",
    )
