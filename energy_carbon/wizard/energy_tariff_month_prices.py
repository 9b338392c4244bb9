"""Prices of a month at once: what the notice or the bill says."""

from dateutil.relativedelta import relativedelta

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Command


class EnergyTariffMonthPrices(models.TransientModel):
    """Asks for a month's prices: of the components, and of what is still provisional; the cost of the month follows."""

    _name = "energy.tariff.month.prices"
    _inherit = ["energy.wall.mixin"]
    _description = "Prices of a Month"

    month = fields.Date(required=True, default=lambda self: fields.Date.context_today(self).replace(day=1))
    tariff_ids = fields.Many2many(
        "energy.tariff",
        string="Tariffs",
        default=lambda self: self._default_tariffs(),
        domain="[('active', '=', True)]",
    )
    final = fields.Boolean(
        string="The Bill Is In", default=True, help="These prices are final; else they stay provisional."
    )
    line_ids = fields.One2many(
        "energy.tariff.month.prices.line",
        "wizard_id",
        string="Prices",
        compute="_compute_line_ids",
        store=True,
        readonly=False,
    )

    @api.model
    def _default_tariffs(self):
        """The tariffs selected in the list, else all that have something provisional."""
        if self.env.context.get("active_model") == "energy.tariff":
            return self.env["energy.tariff"].browse(self.env.context.get("active_ids", []))
        return self.env["energy.tariff"].search(
            ["|", ("price_ids.state", "=", "provisional"), ("price_mode", "=", "components")]
        )

    @api.depends("month", "tariff_ids")
    def _compute_line_ids(self):
        for wizard in self:
            wizard.line_ids = [Command.clear(), *(Command.create(values) for values in wizard._lines())]

    def _lines(self) -> list[dict]:
        if not self.month:
            return []
        first = self.month.replace(day=1)
        last = first + relativedelta(months=1, days=-1)
        found = []
        for tariff in self.tariff_ids._origin:
            found += [self._component_line(one, first, last) for one in tariff.component_ids]
            found += [
                {
                    "tariff_id": tariff.id,
                    "price_id": row.id,
                    "date_from": row.date_from,
                    "old_price": row.price,
                    "price": row.price,
                }
                for row in tariff.price_ids.filtered(
                    lambda row: first <= row.date_from <= last and not row.built and row.state == "provisional"
                )
            ]
        return found

    @staticmethod
    def _component_line(component, first, last) -> dict:
        """The component's price of the month, or the latest one as a proposal for it."""
        earlier = component.price_ids.filtered(lambda row: row.date_from <= last).sorted("date_from")[-1:]
        own = earlier.filtered(lambda row: row.date_from >= first)
        return {
            "tariff_id": component.tariff_id.id,
            "component_id": component.id,
            "component_price_id": own.id,
            "date_from": own.date_from or first,
            "old_price": earlier.price,
            "price": earlier.price,
        }

    def action_apply(self):
        """Write the prices; those of a tariff at once, so that its months are built and computed once."""
        self._ensure_asked_one()
        if not self.line_ids:
            raise UserError(self.env._("There is no provisional price in this month: choose another month or tariff."))
        state = "final" if self.final else "provisional"
        for tariff, lines in self.line_ids.grouped("tariff_id").items():
            tariff.check_access("write")
            commands = [line._price_command(state) for line in lines if line.price_id]
            components = {}
            for line in lines - lines.filtered("price_id"):
                components.setdefault(line.component_id.id, []).append(line._component_command(state))
            tariff.write(
                {
                    **({"price_ids": commands} if commands else {}),
                    **(
                        {
                            "component_ids": [
                                Command.update(one, {"price_ids": rows}) for one, rows in components.items()
                            ]
                        }
                        if components
                        else {}
                    ),
                }
            )
        return {"type": "ir.actions.act_window_close"}
