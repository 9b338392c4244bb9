"""Which of a meter's two ways of knowing its periods is used: its own registers, or the slots."""

from odoo import fields, models


class EnergyNode(models.Model):
    _inherit = "energy.node"

    period_source = fields.Selection(
        [("registers", "Own period registers"), ("slots", "Slots and tariff calendar")],
        string="Periods From",
        default="registers",
        tracking=True,
        help="Own registers: the meter counts sharp, peak, flat and valley itself; used on days on which all of them have a "
        "figure. Slots: the total is split by the tariff's calendar. A meter without period registers is always split "
        "by its slots.",
    )

    def write(self, vals):
        """The cost of a meter follows its periods."""
        result = super().write(vals)
        if "period_source" in vals:
            indicators = self.sudo().indicator_ids.filtered(lambda i: i.template_id.tou_role == "split")
            self.env["energy.calculation"]._mark(indicators)
        return result
