"""Dated prices of a tariff."""

from odoo import api, fields, models
from odoo.exceptions import ValidationError

from ..tools.selections import PERIODS
from ..tools.uom import uom_factor


class EnergyTariffPrice(models.Model):
    """A price net of VAT per unit of measure, from a date on until the next row of the same period of the tariff.

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
    period = fields.Selection(
        PERIODS,
        help="Period of a time-of-use tariff. Empty: the price of every period without a line of its own, and of "
        "amounts of which only the day's total is known.",
    )
    price = fields.Float(required=True, aggregator=None, help="Net of VAT, per unit of measure.")
    state = fields.Selection([("provisional", "Provisional"), ("final", "Final")], required=True, default="provisional")
    note = fields.Char()

    _date_unique = models.UniqueIndex(
        "(tariff_id, date_from, (COALESCE(period, '')))",
        "This tariff already has a price from that day on: change it there.",
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

    @api.constrains("period", "tariff_id")
    def _check_period(self):
        """A price by period needs a tariff that says when the period is."""
        for row in self:
            if row.period and row.tariff_id.kind != "tou":
                raise ValidationError(
                    self.env._(
                        "The tariff %(tariff)s is flat: its price from %(date)s on cannot be for the period %(period)s "
                        "only. Choose the kind Time of Use, or empty the period.",
                        tariff=row.tariff_id.name,
                        date=row.date_from,
                        period=row._period_label(),
                    )
                )

    @api.model_create_multi
    def create(self, vals_list):
        prices = super().create(vals_list)
        prices._mark_changed()
        return prices

    def write(self, vals):
        if not {"tariff_id", "date_from", "period", "price", "uom_id", "state"} & vals.keys():
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
            self.env["energy.calculation"]._mark_types(
                prices.tariff_id.energy_type_id, date_from, prices.tariff_id.company_id
            )

    def _period_label(self) -> str:
        self.ensure_one()
        return dict(self._fields["period"]._description_selection(self.env)).get(self.period, "")

    def _label(self) -> str:
        """Return e.g. ``0.622 CNY/kWh (provisional)``."""
        self.ensure_one()
        text = f"{self.price:.6g} {self.currency_id.name}/{self.uom_id.name}"
        return self.env._("%(price)s (provisional)", price=text) if self.state == "provisional" else text

    def _range_label(self) -> str:
        """Label of one price, or from the lowest to the highest of several."""
        if len(self) == 1:
            return self._label()
        cheap, dear = (chosen(self, key=lambda row: row._per_own_unit()) for chosen in (min, max))
        return (
            f"{cheap._per_own_unit():.6g} – {dear._per_own_unit():.6g} {dear.currency_id.name}/{dear._own_uom().name}"
        )

    def _own_uom(self):
        return self.tariff_id.energy_type_id.uom_id

    def _per_own_unit(self) -> float:
        """Price per unit of the energy type, so that prices per kWh and per MWh compare."""
        return self.price * uom_factor(self._own_uom(), self.uom_id)
