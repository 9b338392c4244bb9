"""Prices of a tariff that are built of components, and the table of what came out."""

from datetime import date

from markupsafe import Markup

from odoo import api, fields, models
from odoo.exceptions import ValidationError

from ..engine.prices import BuiltPrice, DatedFloat, DatedPrice, build_prices
from ..tools.inner_step import is_within, within
from ..tools.selections import PERIODS
from ..tools.uom import uom_factor
from .energy_tariff_price import BUILDING

# Set while a tariff or a component writes its rows line by line: prices are built once, of the finished set.
UNFINISHED = "energy_tariff_prices_unfinished"
# Months of the table of prices.
MOST_MONTHS = 24


class EnergyTariffBuild(models.Model):
    """A tariff as published, or built of components of which only some float by period.

    What is built is written as prices of the tariff, so that cost, Explain and people see the figures of the notice.
    """

    _inherit = "energy.tariff"

    price_mode = fields.Selection(
        [("published", "As Published"), ("components", "Built of Components")],
        required=True,
        default="published",
        tracking=True,
        help="As published: enter the price of each period. Built of components: enter what the notice lists, purchase, "
        "line loss, transmission and so on; the prices by period follow.",
    )
    component_ids = fields.One2many("energy.tariff.component", "tariff_id", string="Components", copy=True)
    float_ids = fields.One2many("energy.tariff.float", "tariff_id", string="Floats", copy=True)
    price_table = fields.Html(compute="_compute_price_table", sanitize=False, string="Prices by Month and Period")

    # === COMPUTE METHODS === #
    @api.depends("price_ids.price", "price_ids.date_from", "price_ids.period", "price_ids.state", "kind")
    @api.depends_context("lang")
    def _compute_price_table(self):
        for tariff in self:
            tariff.price_table = tariff._table_of_prices() if tariff.price_ids else False

    # === CRUD METHODS === #
    @api.model_create_multi
    def create(self, vals_list):
        tariffs = super(EnergyTariffBuild, self._unfinished(self)).create(vals_list).with_env(self.env)
        tariffs._finish_prices()
        return tariffs

    def write(self, vals):
        result = super(EnergyTariffBuild, self._unfinished(self)).write(vals)
        if {"price_mode", "component_ids", "float_ids", "price_ids", "kind"} & vals.keys():
            self._finish_prices()
        return result

    # === BUSINESS METHODS === #
    @api.model
    def _unfinished(self, records):
        """The records in a context in which prices are not built yet."""
        return within(records, UNFINISHED)

    def _finish_prices(self):
        """Build the prices of components and tell the calculation what changed, unless more of them follows."""
        if is_within(self.env, UNFINISHED):
            return
        for tariff in self.exists():
            if tariff.price_mode == "components":
                tariff._check_components()
                tariff._write_built(tariff._build_prices())
            else:
                within(tariff.price_ids.filtered("built"), BUILDING).write({"built": False})

    def _build_prices(self) -> list[BuiltPrice]:
        """Prices in the energy type's unit, of all components and floats."""
        self.ensure_one()
        own_uom = self.energy_type_id.uom_id
        prices = [
            DatedPrice(
                row.component_id.id,
                row.date_from.toordinal(),
                row.price * uom_factor(own_uom, row.uom_id),
                row.state == "final",
            )
            for row in self.component_ids.price_ids
        ]
        floats = [DatedFloat(row.period, row.date_from.toordinal(), row.method, row.value) for row in self.float_ids]
        by_hand = self.price_ids.filtered(lambda row: not row.built and row.period)
        floating = frozenset(self.component_ids.filtered("floats").ids)
        return build_prices(prices, floating, floats, sorted(set(by_hand.mapped("period"))))

    def _write_built(self, found: list[BuiltPrice]):
        """Write what differs from the prices that are there, so that nothing else is computed again."""
        wanted = {(date.fromordinal(one.first_day), one.period or False): self._built_values(one) for one in found}
        self._refuse_hand_prices(self.price_ids, min((day for day, _period in wanted), default=None))
        rows = within(self.price_ids, BUILDING)
        have = {(row.date_from, row.period): row for row in rows.filtered("built")}
        gone = rows.browse([row.id for key, row in have.items() if key not in wanted])
        changed = rows.browse(
            [row.id for key, row in have.items() if key in wanted and row._built_values() != wanted[key]]
        )
        ranges = (gone | changed.filtered(lambda row: row._differs(wanted[row.date_from, row.period])))._ranges()
        gone.unlink()
        for row in changed:
            now, new = row._built_values(), wanted[row.date_from, row.period]
            row.write({name: value for name, value in new.items() if value != now[name]})
        fresh = rows.create(
            [
                {"tariff_id": self.id, "date_from": key[0], "period": key[1], **values}
                for key, values in wanted.items()
                if key not in have
            ]
        )
        rows._mark_ranges(ranges | fresh._ranges())

    def _built_values(self, built: BuiltPrice) -> dict:
        if built.price < 0:
            raise ValidationError(
                self.env._(
                    "%(tariff)s, %(period)s, from %(date)s on: the components add up to %(price)s, which is below zero. "
                    "Check the floats.",
                    tariff=self.name,
                    period=self._period_name(built.period),
                    date=date.fromordinal(built.first_day),
                    price=f"{built.price:.6g}",
                )
            )
        return {
            "price": built.price,
            "state": "final" if built.final else "provisional",
            "uom_id": self.energy_type_id.uom_id.id,
            "built": True,
            "parts": [{"component": part.component, "price": part.price, "base": part.base} for part in built.parts],
        }

    def _refuse_hand_prices(self, prices, begin=None):
        """From the first day that is built on, nobody enters a price beside.

        :param begin: that day; None: as the prices have it that are there
        """
        for tariff in self:
            first = begin or min(tariff.price_ids.filtered("built").mapped("date_from"), default=None)
            beside = [
                row for row in prices if row.tariff_id == tariff and not row.built and first and row.date_from >= first
            ]
            if beside:
                raise ValidationError(
                    self.env._(
                        "%(tariff)s: prices are built of components from %(date)s on. Delete the price entered for "
                        "%(day)s, or enter it as a component.",
                        tariff=tariff.name,
                        date=first,
                        day=beside[0].date_from,
                    )
                )

    # === CHECKS === #
    def _check_components(self):
        """Each component has a price from the tariff's first day on, and floats have something to float."""
        self.ensure_one()
        starts = self.component_ids.price_ids.mapped("date_from")
        for component in self.component_ids if starts else ():
            own = component.price_ids.mapped("date_from")
            if not own or min(own) > min(starts):
                raise ValidationError(
                    self.env._(
                        "%(tariff)s: the component %(component)s has no price from %(date)s on, where the others begin. "
                        "Enter one, 0 for months in which it was not charged.",
                        tariff=self.name,
                        component=component.name,
                        date=min(starts),
                    )
                )
        if self.float_ids and self.kind != "tou":
            raise ValidationError(
                self.env._(
                    "The tariff %(tariff)s is flat: nothing floats by period. Choose the kind Time of Use, or remove the "
                    "floats.",
                    tariff=self.name,
                )
            )
        by_ratio = self.float_ids.filtered(lambda row: row.method != "amount")
        if by_ratio and self.component_ids and not any(self.component_ids.mapped("floats")):
            raise ValidationError(
                self.env._(
                    "%(tariff)s: no component floats, so the floats by period change nothing. Tick the components "
                    "that float.",
                    tariff=self.name,
                )
            )

    # === TABLE === #
    def _period_name(self, period) -> str:
        labels = dict(self.env["energy.tariff.price"]._fields["period"]._description_selection(self.env))
        return labels.get(period) or (self.env._("All periods") if self.kind == "tou" else self.env._("Price"))

    def _table_of_prices(self) -> Markup:
        """One line a day of change, one column a period: what the clerk compares with the published notice."""
        rows = self.price_ids.filtered("date_from").sorted("date_from")
        used = {row.period or None for row in rows}
        periods = [period for period in (None, *(key for key, _label in PERIODS)) if period in used]
        heads = [self.env._("From"), *(self._period_name(period) for period in periods)]
        lines, held = [], dict.fromkeys(periods)
        for day, own in rows.grouped("date_from").items():
            held = {**held, **{row.period or None: row for row in own}}
            lines.append((day, [self._cell(held[period]) for period in periods]))
        cell = Markup('<td class="text-end">%s</td>')
        body = Markup().join(
            Markup("<tr><td>%s</td>%s</tr>") % (day, Markup().join(cell % text for text in texts))
            for day, texts in reversed(lines[-MOST_MONTHS:])
        )
        head = Markup().join(
            Markup('<th class="%s">%s</th>') % ("text-end" if at else "", text) for at, text in enumerate(heads)
        )
        table = Markup('<table class="table table-sm w-auto"><thead><tr>%s</tr></thead><tbody>%s</tbody></table>')
        return table % (head, body)

    def _cell(self, price) -> Markup:
        if not price:
            return Markup()
        text = f"{price._per_own_unit():.6g}"
        if price.state == "provisional":
            return Markup('%s <span class="text-warning" title="%s">*</span>') % (text, self.env._("Provisional"))
        return Markup("%s") % text
