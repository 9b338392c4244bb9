"""Tiers of a tariff: prices that change with the volume drawn in a month or a year."""

from odoo import api, fields, models
from odoo.exceptions import ValidationError

from ..tools.uom import uom_factor


class EnergyTariffTier(models.Model):
    """What is drawn above a volume costs another price, or so much more; below the first tier the tariff's prices hold.

    Tiers with the same first day belong together and hold until the next such set. Kept by Energy managers and accountants.
    """

    _name = "energy.tariff.tier"
    _inherit = ["energy.wall.mixin"]
    _description = "Price Tier"
    _order = "tariff_id, date_from desc, sequence, id"

    tariff_id = fields.Many2one("energy.tariff", required=True, index=True, ondelete="cascade")
    company_id = fields.Many2one(related="tariff_id.company_id", store=True, index=True, precompute=True)
    currency_id = fields.Many2one(related="tariff_id.currency_id")
    sequence = fields.Integer(default=10)
    date_from = fields.Date(
        string="Valid From", required=True, default=lambda self: fields.Date.context_today(self).replace(month=1, day=1)
    )
    above = fields.Float(string="Above Volume", required=True, aggregator=None, help="Volume of the month or year.")
    uom_id = fields.Many2one(
        "uom.uom",
        string="Unit",
        required=True,
        ondelete="restrict",
        compute="_compute_uom_id",
        store=True,
        readonly=False,
        precompute=True,
    )
    kind = fields.Selection(
        [("price", "Price"), ("surcharge", "Surcharge")],
        string="What Changes",
        required=True,
        default="surcharge",
        help="Price: what lies above costs this price. Surcharge: it costs so much more than the price of its hour and day.",
    )
    price = fields.Float(required=True, aggregator=None, help="With or without VAT as the tariff says.")
    price_net = fields.Float(
        string="Net of VAT", compute="_compute_price_net", store=True, aggregator=None, help="What enters cost."
    )

    # === COMPUTE METHODS === #
    @api.depends("tariff_id.name", "above", "uom_id.name", "date_from")
    def _compute_display_name(self):
        for tier in self:
            tier.display_name = self.env._(
                "%(tariff)s, above %(volume)s %(unit)s, %(date)s",
                tariff=tier.tariff_id.name,
                volume=f"{tier.above:g}",
                unit=tier.uom_id.name,
                date=tier.date_from,
            )

    @api.depends("tariff_id.energy_type_id")
    def _compute_uom_id(self):
        for tier in self:
            tier.uom_id = tier.tariff_id.energy_type_id.uom_id

    @api.depends("price", "tariff_id.prices_include_vat", "tariff_id.vat_rate")
    def _compute_price_net(self):
        for tier in self:
            tier.price_net = tier.price * tier.tariff_id._net_share()

    # === CONSTRAINT METHODS === #
    @api.constrains("above", "price", "kind", "uom_id")
    def _check_tier(self):
        for tier in self:
            uom_factor(tier.uom_id, tier.tariff_id.energy_type_id.uom_id)
            if tier.above <= 0:
                raise ValidationError(
                    self.env._(
                        "%(tier)s: a tier begins above a volume greater than zero; below it the prices of the tariff hold.",
                        tier=tier.display_name,
                    )
                )
            if tier.price < 0:
                raise ValidationError(
                    self.env._(
                        "%(price)s: %(figure)s is below zero. Enter zero or more.",
                        price=tier.display_name,
                        figure=f"{tier.price:.6g}",
                    )
                )

    # === CRUD METHODS === #
    @api.model_create_multi
    def create(self, vals_list):
        tiers = super().create(vals_list)
        tiers.tariff_id._finish_tiers(min(tiers.mapped("date_from"), default=None))
        return tiers

    def write(self, vals):
        first, tariffs = min(self.mapped("date_from"), default=None), self.tariff_id
        result = super().write(vals)
        days = [*self.mapped("date_from"), *([first] if first else [])]
        (tariffs | self.tariff_id)._finish_tiers(min(days, default=None))
        return result

    def unlink(self):
        first, tariffs = min(self.mapped("date_from"), default=None), self.tariff_id
        result = super().unlink()
        tariffs._finish_tiers(first)
        return result

    # === BUSINESS METHODS === #
    def _volume(self) -> float:
        """The bound in the energy type's unit."""
        return self.above * uom_factor(self.uom_id, self.tariff_id.energy_type_id.uom_id)
