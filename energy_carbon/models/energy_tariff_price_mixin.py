"""What every dated price has in common: published prices of a tariff and prices of its components."""

from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError

from ..tools.uom import uom_factor


class EnergyTariffPriceMixin(models.AbstractModel):
    """A price from a date on until the next row of the same key; provisional until the bill is in.

    A model that inherits it has a `tariff_id` and a `uom_id`.
    """

    _name = "energy.tariff.price.mixin"
    _description = "Energy Price"
    _inherit = ["energy.wall.mixin", "energy.tariff.dated.mixin"]

    price = fields.Float(required=True, aggregator=None)
    state = fields.Selection([("provisional", "Provisional"), ("final", "Final")], required=True, default="provisional")
    note = fields.Char()

    # === CONSTRAINT METHODS === #
    @api.constrains("uom_id", "tariff_id")
    def _check_uom(self):
        """A price must be convertible to the unit in which consumption is kept."""
        for row in self:
            uom_factor(row.uom_id, row.tariff_id.energy_type_id.uom_id)

    @api.constrains("price")
    def _check_price(self):
        for row in self:
            if row.price < 0 and not row._may_be_negative():
                raise ValidationError(
                    self.env._(
                        "%(price)s: %(figure)s is below zero. Enter zero or more.",
                        price=row.display_name,
                        figure=f"{row.price:.6g}",
                    )
                )

    def _may_be_negative(self) -> bool:
        return False

    # === ACTION METHODS === #
    def action_make_final(self):
        """The bill is in: the price is what it says."""
        self._ensure_asked()
        self.check_access("write")
        provisional = self.filtered(lambda row: row.state == "provisional")
        if not provisional:
            raise UserError(self.env._("%(price)s is final already.", price=self[:1].display_name))
        provisional.write({"state": "final"})
        return True
