"""Tariffs: what a unit of an energy type costs, from which day on."""

from odoo import api, fields, models
from odoo.exceptions import ValidationError

# Fields of a tariff that decide for whom and how its prices hold.
DECIDING = {
    "energy_type_id",
    "company_id",
    "node_id",
    "active",
    "currency_id",
    "kind",
    "prices_include_vat",
    "vat_rate",
}


class EnergyTariff(models.Model):
    """The price list of one energy type for a company, or for one node and what is below it.

    Kept by Energy managers and Energy accountants. Without a price there is no cost, never a cost of zero.
    """

    _name = "energy.tariff"
    _description = "Energy Tariff"
    _inherit = ["energy.wall.mixin", "mail.thread"]
    _order = "energy_type_id, sequence, id"
    _check_company_auto = True

    name = fields.Char(required=True, tracking=True)
    sequence = fields.Integer(default=10)
    energy_type_id = fields.Many2one(
        "energy.type",
        required=True,
        index=True,
        ondelete="restrict",
        check_company=True,
        tracking=True,
    )
    kind = fields.Selection(
        [("flat", "Flat price"), ("tou", "Time of Use")],
        required=True,
        default="flat",
        tracking=True,
        help="Flat price: one price at all hours, changing by date. Time of use: a price for each period of the day, by "
        "the amounts of the slots.",
    )
    company_id = fields.Many2one(
        "res.company", required=True, index=True, ondelete="cascade", default=lambda self: self.env.company
    )
    currency_id = fields.Many2one(
        "res.currency",
        required=True,
        ondelete="restrict",
        compute="_compute_currency_id",
        store=True,
        readonly=False,
        precompute=True,
    )
    uom_id = fields.Many2one(related="energy_type_id.uom_id", string="Price per")
    node_id = fields.Many2one(
        "energy.node",
        string="Applies To",
        index="btree_not_null",
        ondelete="restrict",
        check_company=True,
        tracking=True,
        help="Only for this unit, device or meter and what is below it. Empty: for the whole company. Of several tariffs "
        "that of the nearest holds, where it stood on the day.",
    )
    prices_include_vat = fields.Boolean(
        string="Prices Include VAT",
        tracking=True,
        help="The figures of this tariff include VAT, as on most published notices. Cost is always net of VAT.",
    )
    vat_rate = fields.Float(
        string="VAT (%)", tracking=True, aggregator=None, help="To show prices with and without VAT, such as 13."
    )
    price_ids = fields.One2many("energy.tariff.price", "tariff_id", string="Prices", copy=True)
    version_ids = fields.One2many("energy.tariff.version", "tariff_id", string="Periods", copy=True)
    current_price = fields.Char(compute="_compute_current_price", string="Price Today")
    active = fields.Boolean(default=True, tracking=True)
    note = fields.Text()

    # === COMPUTE METHODS === #
    @api.depends("company_id")
    def _compute_currency_id(self):
        for tariff in self:
            tariff.currency_id = tariff.company_id.currency_id

    @api.depends(
        "price_ids.price",
        "price_ids.date_from",
        "price_ids.period",
        "price_ids.uom_id",
        "price_ids.state",
        "currency_id",
    )
    def _compute_current_price(self):
        for tariff in self:
            prices = tariff._prices_today()
            tariff.current_price = prices._range_label() if prices else self.env._("no price")

    # === CONSTRAINT METHODS === #
    @api.constrains("currency_id", "company_id")
    def _check_currency(self):
        """Costs are added up in the company's currency; a tariff in another would need an exchange rate a day."""
        for tariff in self:
            if tariff.currency_id != tariff.company_id.currency_id:
                raise ValidationError(
                    self.env._(
                        "The tariff %(tariff)s is in %(currency)s, but %(company)s keeps its cost in %(own)s. Enter "
                        "the prices in %(own)s.",
                        tariff=tariff.name,
                        currency=tariff.currency_id.name,
                        company=tariff.company_id.name,
                        own=tariff.company_id.currency_id.name,
                    )
                )

    @api.constrains("energy_type_id", "company_id", "node_id", "active")
    def _check_single(self):
        """Two active tariffs of one type at one place would leave open which price holds."""
        for tariff in self.filtered("active"):
            twin = self.search(
                [
                    ("energy_type_id", "=", tariff.energy_type_id.id),
                    ("company_id", "=", tariff.company_id.id),
                    ("node_id", "=", tariff.node_id.id),
                    ("id", "!=", tariff.id),
                ],
                limit=1,
            )
            if twin:
                raise ValidationError(
                    self.env._(
                        "%(twin)s is already the tariff for %(type)s at %(place)s: add the price there, or archive it "
                        "first.",
                        twin=twin.name,
                        type=tariff.energy_type_id.name,
                        place=tariff.node_id.complete_name or tariff.company_id.name,
                    )
                )

    @api.constrains("vat_rate", "prices_include_vat")
    def _check_vat(self):
        for tariff in self:
            if not 0 <= tariff.vat_rate < 100:
                raise ValidationError(
                    self.env._(
                        "%(tariff)s: VAT of %(rate)s %% is impossible. Enter a rate such as 13.",
                        tariff=tariff.name,
                        rate=f"{tariff.vat_rate:g}",
                    )
                )
            if tariff.prices_include_vat and not tariff.vat_rate:
                raise ValidationError(
                    self.env._(
                        "%(tariff)s: its prices include VAT, so enter the rate. Cost is computed net of VAT.",
                        tariff=tariff.name,
                    )
                )

    @api.constrains("kind")
    def _check_kind(self):
        """A flat tariff cannot keep prices by period."""
        self.price_ids._check_period()

    # === CRUD METHODS === #
    def write(self, vals):
        if not DECIDING & vals.keys():
            return super().write(vals)
        before = {tariff.id: tariff._terms_label() for tariff in self}
        self._mark_terms(before)
        result = super().write(vals)
        self._mark_terms(before)
        return result

    def unlink(self):
        self._mark_terms({tariff.id: tariff._terms_label() for tariff in self})
        return super().unlink()

    # === BUSINESS METHODS === #
    def _mark_terms(self, before: dict[int, str]):
        """Tell the calculation and the journal that all prices of the tariff hold otherwise.

        :param before: what it said, by id
        """
        self.price_ids._mark_changed()
        for tariff in self.filtered("price_ids"):
            first = min(tariff.price_ids.mapped("date_from"))
            self.env["energy.restatement"]._note(
                "price",
                tariff,
                before[tariff.id],
                tariff._terms_label(),
                first,
                key=tariff,
                **tariff._journal_scope(first),
            )

    def _terms_label(self) -> str:
        """For whom and how the prices hold, in one line."""
        self.ensure_one()
        names = dict(self._fields["kind"]._description_selection(self.env))
        vat = self.env._("with %(rate)s %% VAT", rate=f"{self.vat_rate:g}") if self.prices_include_vat else ""
        parts = [self.energy_type_id.name, self.node_id.complete_name, names.get(self.kind), vat]
        if not self.active:
            parts.append(self.env._("archived"))
        return ", ".join(filter(None, parts))

    def _net_share(self) -> float:
        """What the figures of the tariff are multiplied by to be net of VAT."""
        self.ensure_one()
        return 1 / (1 + self.vat_rate / 100) if self.prices_include_vat else 1.0

    def _prices_today(self):
        """Return the price rows that hold today: the latest of each period."""
        today = fields.Date.context_today(self)
        rows = self.price_ids.filtered(lambda p: p.date_from <= today).sorted("date_from")
        return rows.browse({row.period: row.id for row in rows}.values())
