"""One price of a month in the wizard that asks for them."""

from odoo import api, fields, models
from odoo.fields import Command


class EnergyTariffMonthPricesLine(models.TransientModel):
    """The price of a component, or a provisional price, with the figure that is to hold."""

    _name = "energy.tariff.month.prices.line"
    _inherit = ["energy.wall.mixin"]
    _description = "Price of a Month"

    wizard_id = fields.Many2one("energy.tariff.month.prices", required=True, ondelete="cascade")
    tariff_id = fields.Many2one("energy.tariff", required=True, readonly=True, ondelete="cascade")
    component_id = fields.Many2one("energy.tariff.component", readonly=True, ondelete="cascade")
    price_id = fields.Many2one("energy.tariff.price", readonly=True, ondelete="cascade")
    component_price_id = fields.Many2one("energy.tariff.component.price", readonly=True, ondelete="cascade")
    label = fields.Char(compute="_compute_label", string="Price of")
    date_from = fields.Date(string="Valid From", readonly=True)
    old_price = fields.Float(string="Until Now", readonly=True, aggregator=None)
    price = fields.Float(string="New Price", required=True, aggregator=None)

    @api.depends("component_id", "price_id")
    @api.depends_context("lang")
    def _compute_label(self):
        for line in self:
            period = line.price_id._period_label() if line.price_id else ""
            line.label = line.component_id.name or period or self.env._("All periods")

    def _price_command(self, state: str):
        return Command.update(self.price_id.id, self._values(self.price_id, state))

    def _component_command(self, state: str):
        if self.component_price_id:
            return Command.update(self.component_price_id.id, self._values(self.component_price_id, state))
        return Command.create({"date_from": self.date_from, "price": self.price, "state": state})

    def _values(self, row, state: str) -> dict:
        """Only what differs, so that the days of a price that stays are not computed again."""
        return {"state": state, **({"price": self.price} if self.price != row.price else {})}
