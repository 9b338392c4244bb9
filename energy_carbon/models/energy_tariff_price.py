"""Dated prices of a tariff."""

from odoo import api, fields, models

from ..tools.uom import uom_factor


class EnergyTariffPrice(models.Model):
    """A price net of VAT per unit of measure, from a date on until the next row of the tariff.

    Provisional until the bill is in; kept by Energy managers and Energy accountants.
    """

    _name = "energy.tariff.price"
    _description = "Energy Price"
    _order = "tariff_id, date_from desc, id"

    tariff_id = fields.Many2one("energy.tariff", required=True, index=True, ondelete="cascade")
    company_id = fields.Many2one(related="tariff_id.company_id", store=True, index=True, precompute=True)
    currency_id = fields.Many2one(related="tariff_id.currency_id")
    uom_id = fields.Many2one(
        "uom.uom",
        string="Per",
        required=True,
        ondelete="restrict",
        compute="_compute_uom_id",
        store=True,
        readonly=False,
        precompute=True,
    )
    date_from = fields.Date(string="Valid From", required=True, default=fields.Date.context_today)
    price = fields.Float(required=True, aggregator=None, help="Net of VAT, per unit of measure.")
    state = fields.Selection([("provisional", "Provisional"), ("final", "Final")], required=True, default="provisional")
    note = fields.Char()

    _date_unique = models.UniqueIndex(
        "(tariff_id, date_from)", "This tariff already has a price from that day on: change it there."
    )
    _price_positive = models.Constraint("CHECK (price >= 0)", "A price cannot be negative: enter zero or more.")

    @api.depends("tariff_id.name", "date_from")
    def _compute_display_name(self):
        for row in self:
            row.display_name = f"{row.tariff_id.name}, {row.date_from}"

    @api.depends("tariff_id.energy_type_id")
    def _compute_uom_id(self):
        for row in self:
            row.uom_id = row.tariff_id.energy_type_id.uom_id

    @api.constrains("uom_id", "tariff_id")
    def _check_uom(self):
        """A price must be convertible to the unit in which consumption is kept."""
        for row in self:
            uom_factor(row.uom_id, row.tariff_id.energy_type_id.uom_id)

    @api.model_create_multi
    def create(self, vals_list):
        prices = super().create(vals_list)
        prices._mark_changed()
        return prices

    def write(self, vals):
        if not {"tariff_id", "date_from", "price", "uom_id", "state"} & vals.keys():
            return super().write(vals)
        self._mark_changed()
        result = super().write(vals)
        self._mark_changed()
        return result

    def unlink(self):
        self._mark_changed()
        return super().unlink()

    def _mark_changed(self):
        """Tell the calculation which types are to be computed again, and from which day."""
        for date_from, prices in self.grouped("date_from").items():
            self.env["energy.calculation"]._mark_types(prices.tariff_id.energy_type_id, date_from)

    def _label(self) -> str:
        """Return e.g. ``0.622 CNY/kWh (provisional)``."""
        self.ensure_one()
        text = f"{self.price:.6g} {self.currency_id.name}/{self.uom_id.name}"
        return self.env._("%(price)s (provisional)", price=text) if self.state == "provisional" else text
