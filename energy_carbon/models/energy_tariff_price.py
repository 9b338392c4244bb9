"""Dated prices of a tariff."""

from datetime import date, timedelta

from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError

from ..tools.inner_step import is_within
from ..tools.selections import PERIODS
from ..tools.uom import uom_factor

# Set while a tariff writes the prices that it builds of its components; nobody else changes those.
BUILDING = "energy_tariff_building"
# What decides cost; everything else of a price, even whether it is final, is a remark.
DECIDING = {"tariff_id", "date_from", "period", "price", "uom_id"}


class EnergyTariffPrice(models.Model):
    """A price per unit of measure, from a date on until the next row of the same period of the tariff.

    As published, with or without VAT as the tariff says, or built of its components. Provisional until the bill is in; kept
    by Energy managers and Energy accountants.
    """

    _name = "energy.tariff.price"
    _description = "Energy Price"
    _inherit = ["energy.tariff.price.mixin"]
    _order = "tariff_id, date_from desc, id"

    _key_fields = ("tariff_id", "date_from", "period")

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
    period = fields.Selection(
        PERIODS,
        string="Tariff Period",
        help="Period of a time-of-use tariff. Empty: the price of every period without a line of its own, and of "
        "amounts of which only the day's total is known.",
    )
    price = fields.Float(help="Per unit of measure; net of VAT unless the tariff says that its prices include it.")
    price_net = fields.Float(
        string="Net of VAT",
        compute="_compute_price_net",
        store=True,
        aggregator=None,
        help="What enters cost, per unit of measure.",
    )
    price_gross = fields.Float(string="With VAT", compute="_compute_price_gross", help="Per unit of measure.")
    built = fields.Boolean(
        readonly=True, copy=True, help="Built of the tariff's components: it changes with their prices."
    )
    parts = fields.Json(readonly=True, copy=False, help="Contribution of each component, per unit of measure.")

    _date_unique = models.UniqueIndex(
        "(tariff_id, date_from, (COALESCE(period, '')))",
        "This tariff already has a price from that day on: change it there.",
    )

    # === COMPUTE METHODS === #
    @api.depends("tariff_id.name", "date_from", "period")
    @api.depends_context("lang")
    def _compute_display_name(self):
        for row in self:
            row.display_name = ", ".join(filter(None, (row.tariff_id.name, str(row.date_from), row._period_label())))

    @api.depends("tariff_id.energy_type_id")
    def _compute_uom_id(self):
        for row in self:
            row.uom_id = row.tariff_id.energy_type_id.uom_id

    @api.depends("price", "tariff_id.prices_include_vat", "tariff_id.vat_rate")
    def _compute_price_net(self):
        for row in self:
            row.price_net = row.price * row.tariff_id._net_share()

    @api.depends("price_net", "tariff_id.vat_rate")
    def _compute_price_gross(self):
        for row in self:
            tariff = row.tariff_id
            row.price_gross = row.price if tariff.prices_include_vat else row.price * (1 + tariff.vat_rate / 100)

    # === CONSTRAINT METHODS === #
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

    # === CRUD METHODS === #
    @api.model_create_multi
    def create(self, vals_list):
        prices = super().create(vals_list)
        if not is_within(self.env, BUILDING):
            prices.tariff_id._refuse_hand_prices(prices)
            prices._mark_changed()
        return prices

    def write(self, vals):
        if is_within(self.env, BUILDING):
            return super().write(vals)
        if (DECIDING | {"state"}) & vals.keys():
            self._refuse_built()
        if not DECIDING & vals.keys():
            return super().write(vals)
        if {"tariff_id", "date_from", "period"} & vals.keys():
            self._mark_changed()
        result = super().write(vals)
        self.tariff_id._refuse_hand_prices(self)
        self._mark_changed()
        return result

    def unlink(self):
        if not is_within(self.env, BUILDING):
            self._refuse_built()
            self._mark_changed()
        return super().unlink()

    def _refuse_built(self):
        for row in self:
            if row.built:
                raise UserError(
                    self.env._(
                        "%(price)s is built of components: change the price of the component.", price=row.display_name
                    )
                )

    # === BUSINESS METHODS === #
    def _mark_changed(self):
        """Tell the calculation which types are to be computed again, and on which days."""
        self._mark_ranges(self._ranges())

    def _ranges(self) -> set[tuple]:
        """Where these prices hold: (tariff, first day, last day or None), until the next price of the same period."""
        found = set()
        for tariff, rows in self.grouped("tariff_id").items():
            starts: dict[str, list[date]] = {}
            for row in tariff.price_ids | rows:
                starts.setdefault(row.period, []).append(row.date_from)
            for row in rows:
                later = [start for start in starts[row.period] if start > row.date_from]
                found.add((tariff, row.date_from, min(later) - timedelta(days=1) if later else None))
        return found

    def _built_values(self) -> dict:
        """What building a price writes, as it is now."""
        self.ensure_one()
        return {
            "price": self.price,
            "state": self.state,
            "uom_id": self.uom_id.id,
            "built": self.built,
            "parts": self.parts,
        }

    def _differs(self, values: dict) -> bool:
        """Whether these values make another cost or another explanation of it."""
        self.ensure_one()
        return any(self._built_values()[name] != values[name] for name in ("price", "uom_id", "parts"))

    @api.model
    def _mark_ranges(self, ranges: set[tuple]):
        """An energy day that starts at 08:00 ends with hours of the next date, so the day before counts too."""
        for tariff, first, last in sorted(ranges, key=lambda one: (one[0].id, one[1])):
            company = tariff.company_id
            begin = first - timedelta(days=1) if company.energy_start_hour else first
            self.env["energy.calculation"]._mark_types(tariff.energy_type_id, begin, company, last)

    def _key_owner(self, key: dict) -> str:
        name, period = super()._key_owner(key), key["period"]
        return f"{name}, {self._period_labels().get(period, period)}" if period else name

    def _period_labels(self) -> dict:
        return dict(self._fields["period"]._description_selection(self.env))

    def _period_label(self) -> str:
        self.ensure_one()
        return self._period_labels().get(self.period, "")

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
