"""The computed bill of an account, on screen."""

from dateutil.relativedelta import relativedelta
from markupsafe import Markup

from odoo import api, fields, models
from odoo.tools.misc import formatLang


class EnergyTariffMonthBill(models.TransientModel):
    """Shows what the supplier will charge for a month; nothing is kept of it."""

    _name = "energy.tariff.month.bill"
    _inherit = ["energy.wall.mixin"]
    _description = "Monthly Bill"

    tariff_id = fields.Many2one("energy.tariff", required=True, ondelete="cascade")
    month = fields.Date(required=True, default=lambda self: self._last_month(), help="Any day of the bill's month.")
    bill = fields.Html(compute="_compute_bill", sanitize=False)

    @api.model
    def _last_month(self):
        return fields.Date.context_today(self).replace(day=1) - relativedelta(months=1)

    @api.depends("tariff_id", "month")
    @api.depends_context("lang")
    def _compute_bill(self):
        for wizard in self:
            wizard.bill = wizard._bill_table() if wizard.tariff_id and wizard.month else False

    def _bill_table(self) -> Markup:
        """The lines of the bill as a table, then its notes."""
        bill = self.tariff_id._month_bill(self.month)
        unit = self.tariff_id.account_indicator_id.uom_id.name
        rows = [
            self._row(line["label"], line["amount"], line["unit"], line["price"], line["cost"])
            for line in bill["lines"]
        ]
        if bill["cos_phi"] is not None:
            label = self.env._(
                "Power factor %(factor)s: %(percent)s %% of %(base)s",
                factor=f"{bill['cos_phi']:.2f}",
                percent=f"{bill['percent']:+.2f}",
                base=self.env._("basic charge and energy without funds"),
            )
            rows.append(self._row(label, None, "", None, bill["adjustment"]))
        for label, cost in self._sums(bill):
            rows.append(self._row(label, None, "", None, cost, strong=True))
        head = (self.env._("Item"), self.env._("Amount"), self.env._("Price net of VAT"), self.env._("Net of VAT"))
        heads = Markup().join(
            Markup('<th class="%s">%s</th>') % ("text-end" if at else "", text) for at, text in enumerate(head)
        )
        days = Markup("<p>%s</p>") % self.env._(
            "%(first)s 00:00 to %(last)s 24:00, %(meter)s (%(unit)s)",
            first=bill["first"],
            last=bill["last"],
            meter=self.tariff_id.account_indicator_id.display_name,
            unit=unit,
        )
        notes = Markup().join(Markup('<p class="text-warning mb-1">%s</p>') % note for note in bill["notes"])
        return days + Markup('<table class="table table-sm"><thead><tr>%s</tr></thead><tbody>%s</tbody></table>%s') % (
            heads,
            Markup().join(rows),
            notes,
        )

    def _sums(self, bill: dict) -> list[tuple]:
        rate = f"{self.tariff_id.vat_rate:g}"
        sums = [(self.env._("Total net of VAT"), bill["net"])]
        if self.tariff_id.vat_rate:
            sums += [(self.env._("VAT %(rate)s %%", rate=rate), bill["vat"]), (self.env._("Total"), bill["gross"])]
        return sums

    def _row(self, label, amount, unit, price, cost, strong=False) -> Markup:
        money = (
            self.env._("not known")
            if cost is None
            else formatLang(self.env, cost, currency_obj=self.tariff_id.currency_id)
        )
        cells = [
            "" if amount is None else f"{amount:,.2f} {unit}",
            "" if price is None else f"{price:.6g}",
            money,
        ]
        ends = Markup().join(Markup('<td class="text-end">%s</td>') % cell for cell in cells)
        return Markup('<tr class="%s"><td>%s</td>%s</tr>') % ("fw-bold" if strong else "", label, ends)
