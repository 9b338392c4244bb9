"""Floats of a tariff: by how much its floating components rise or fall in a period."""

from odoo import api, fields, models
from odoo.exceptions import ValidationError

from ..tools.selections import PERIODS


class EnergyTariffFloat(models.Model):
    """What the floating components of a tariff cost in a period, from a date on until the next row of the period.

    A period without a row does not float. Kept by Energy managers and Energy accountants.
    """

    _name = "energy.tariff.float"
    _description = "Float by Period"
    _inherit = ["energy.wall.mixin", "energy.tariff.dated.mixin"]
    _order = "tariff_id, date_from desc, id"

    _key_fields = ("tariff_id", "date_from", "period")

    tariff_id = fields.Many2one("energy.tariff", required=True, index=True, ondelete="cascade")
    company_id = fields.Many2one(related="tariff_id.company_id", store=True, index=True, precompute=True)
    period = fields.Selection(PERIODS, string="Tariff Period", required=True)
    method = fields.Selection(
        [("ratio", "Times"), ("percentage", "Per Cent"), ("amount", "Amount per Unit")],
        required=True,
        default="percentage",
        help="Times: 1.8 makes 0.40 into 0.72. Per cent: +80 does the same. Amount per unit: +0.32 too.",
    )
    value = fields.Float(required=True, aggregator=None, help="Falls are negative per cents or amounts: -65.")

    _date_unique = models.UniqueIndex(
        "(tariff_id, date_from, period)", "This period already floats from that day on: change it there."
    )

    # === COMPUTE METHODS === #
    @api.depends("tariff_id.name", "period", "date_from")
    @api.depends_context("lang")
    def _compute_display_name(self):
        labels = dict(self._fields["period"]._description_selection(self.env))
        for row in self:
            row.display_name = f"{row.tariff_id.name}, {labels.get(row.period, '')}, {row.date_from}"

    # === CONSTRAINT METHODS === #
    @api.constrains("method", "value")
    def _check_value(self):
        for row in self:
            if (row.method == "ratio" and row.value < 0) or (row.method == "percentage" and row.value < -100):
                raise ValidationError(
                    self.env._(
                        "%(float)s: %(value)s would make the floating components cost less than nothing.",
                        float=row.display_name,
                        value=f"{row.value:g}",
                    )
                )

    # === CRUD METHODS === #
    @api.model_create_multi
    def create(self, vals_list):
        floats = super().create(vals_list)
        floats.tariff_id._finish_prices()
        return floats

    def write(self, vals):
        tariffs = self.tariff_id
        result = super().write(vals)
        (tariffs | self.tariff_id)._finish_prices()
        return result

    def unlink(self):
        tariffs = self.tariff_id
        result = super().unlink()
        tariffs._finish_prices()
        return result

    # === BUSINESS METHODS === #
    def _key_owner(self, key: dict) -> str:
        labels = dict(self._fields["period"]._description_selection(self.env))
        return f"{super()._key_owner(key)}, {labels.get(key['period'], '')}"

    def _twin_text(self, key: dict) -> str:
        return self.env._(
            "%(owner)s already floats from %(date)s on: change it there.",
            owner=self._key_owner(key),
            date=key["date_from"],
        )
