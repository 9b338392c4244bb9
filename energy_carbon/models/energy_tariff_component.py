"""Components of a tariff's price."""

from odoo import api, fields, models

COMPONENT_KINDS = [
    ("purchase", "Purchase Price"),
    ("line_loss", "Line Loss"),
    ("transmission", "Transmission and Distribution"),
    ("system", "System Operation"),
    ("funds", "Funds and Surcharges"),
    ("other", "Other"),
]
# Settlement differences and rebates are published below zero under these names.
MAY_BE_NEGATIVE = {"system", "other"}


class EnergyTariffComponent(models.Model):
    """One part of the price a notice publishes, such as the purchase price; kept by Energy managers and accountants.

    In most provinces only some components rise and fall by period.
    """

    _name = "energy.tariff.component"
    _inherit = ["energy.wall.mixin"]
    _description = "Price Component"
    _order = "tariff_id, sequence, id"

    tariff_id = fields.Many2one("energy.tariff", required=True, index=True, ondelete="cascade")
    company_id = fields.Many2one(related="tariff_id.company_id", store=True, index=True, precompute=True)
    sequence = fields.Integer(default=10)
    kind = fields.Selection(COMPONENT_KINDS, required=True, default="purchase")
    name = fields.Char(
        required=True, compute="_compute_name", store=True, readonly=False, precompute=True, translate=False
    )
    floats = fields.Boolean(help="It rises and falls by period, as the floats of the tariff say.")
    price_ids = fields.One2many("energy.tariff.component.price", "component_id", string="Prices", copy=True)
    current_price = fields.Char(compute="_compute_current_price", string="Price Today")

    # === COMPUTE METHODS === #
    @api.depends("kind")
    def _compute_name(self):
        labels = dict(self._fields["kind"]._description_selection(self.env))
        for component in self:
            if not component.name or component.name in labels.values():
                component.name = labels.get(component.kind)

    @api.depends("price_ids.price", "price_ids.date_from", "price_ids.state", "price_ids.uom_id")
    def _compute_current_price(self):
        today = fields.Date.context_today(self)
        for component in self:
            rows = component.price_ids.filtered(lambda p: p.date_from and p.date_from <= today).sorted("date_from")
            component.current_price = rows[-1]._label() if rows else self.env._("no price")

    # === CRUD METHODS === #
    @api.model_create_multi
    def create(self, vals_list):
        components = super(EnergyTariffComponent, self.env["energy.tariff"]._unfinished(self)).create(vals_list)
        components = components.with_env(self.env)
        components.tariff_id._finish_prices()
        return components

    def write(self, vals):
        tariffs = self.tariff_id
        result = super(EnergyTariffComponent, self.env["energy.tariff"]._unfinished(self)).write(vals)
        (tariffs | self.tariff_id)._finish_prices()
        return result

    def unlink(self):
        tariffs = self.tariff_id
        result = super().unlink()
        tariffs._finish_prices()
        return result
