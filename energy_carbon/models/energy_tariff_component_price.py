"""Dated prices of a component of a tariff."""

from odoo import api, fields, models

from .energy_tariff_component import MAY_BE_NEGATIVE


class EnergyTariffComponentPrice(models.Model):
    """What a component costs from a date on, usually a month's first day, until its next row.

    Provisional until the month's notice or bill is in; kept by Energy managers and Energy accountants.
    """

    _name = "energy.tariff.component.price"
    _description = "Price of a Component"
    _inherit = ["energy.tariff.price.mixin"]
    _order = "component_id, date_from desc, id"

    _key_fields = ("component_id", "date_from")

    component_id = fields.Many2one("energy.tariff.component", required=True, index=True, ondelete="cascade")
    tariff_id = fields.Many2one(related="component_id.tariff_id", store=True, index=True, precompute=True)
    company_id = fields.Many2one(related="component_id.company_id", store=True, index=True, precompute=True)
    currency_id = fields.Many2one(related="component_id.tariff_id.currency_id")
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
    date_from = fields.Date(default=lambda self: fields.Date.context_today(self).replace(day=1))
    price = fields.Float(help="Per unit of measure; net of VAT unless the tariff says that its prices include it.")

    _date_unique = models.UniqueIndex(
        "(component_id, date_from)", "This component already has a price from that day on: change it there."
    )

    # === COMPUTE METHODS === #
    @api.depends("component_id.name", "component_id.tariff_id.name", "date_from")
    def _compute_display_name(self):
        for row in self:
            component = row.component_id
            row.display_name = f"{component.tariff_id.name}, {component.name}, {row.date_from}"

    @api.depends("component_id.tariff_id.energy_type_id")
    def _compute_uom_id(self):
        for row in self:
            row.uom_id = row.component_id.tariff_id.energy_type_id.uom_id

    # === CRUD METHODS === #
    @api.model_create_multi
    def create(self, vals_list):
        prices = super().create(vals_list)
        prices.component_id.tariff_id._finish_prices()
        return prices

    def write(self, vals):
        tariffs = self.component_id.tariff_id
        result = super().write(vals)
        (tariffs | self.component_id.tariff_id)._finish_prices()
        return result

    def unlink(self):
        tariffs = self.component_id.tariff_id
        result = super().unlink()
        tariffs._finish_prices()
        return result

    # === BUSINESS METHODS === #
    def _key_owner(self, key: dict) -> str:
        component = self.env["energy.tariff.component"].browse(key["component_id"])
        return f"{component.tariff_id.name}, {component.name}"

    def _may_be_negative(self) -> bool:
        return self.component_id.kind in MAY_BE_NEGATIVE

    def _label(self) -> str:
        """Return e.g. ``0.4152 CNY/kWh (provisional)``."""
        self.ensure_one()
        text = f"{self.price:.6g} {self.currency_id.name}/{self.uom_id.name}"
        return self.env._("%(price)s (provisional)", price=text) if self.state == "provisional" else text
