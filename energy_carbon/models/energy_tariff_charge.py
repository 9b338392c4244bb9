"""Charges of a tariff beside energy: capacity, demand and fixed sums by the month."""

from odoo import api, fields, models
from odoo.exceptions import ValidationError


class EnergyTariffCharge(models.Model):
    """The basic charge of a two-part tariff, from a date on until the next row of its kind.

    Kept by Energy managers and Energy accountants. It is part of the account's monthly bill, not of the cost of a day.
    """

    _name = "energy.tariff.charge"
    _description = "Basic Charge"
    _inherit = ["energy.wall.mixin", "energy.tariff.dated.mixin"]
    _order = "tariff_id, date_from desc, id"

    _key_fields = ("tariff_id", "date_from", "kind")

    tariff_id = fields.Many2one("energy.tariff", required=True, index=True, ondelete="cascade")
    company_id = fields.Many2one(related="tariff_id.company_id", store=True, index=True, precompute=True)
    currency_id = fields.Many2one(related="tariff_id.currency_id")
    kind = fields.Selection(
        [("capacity", "Capacity (kVA)"), ("demand", "Demand (kW)"), ("fixed", "Fixed")],
        required=True,
        default="capacity",
    )
    quantity = fields.Float(
        default=1.0,
        aggregator=None,
        help="Capacity of the transformers in kVA, or contracted demand in kW. A measured demand goes before it.",
    )
    indicator_id = fields.Many2one(
        "energy.indicator",
        string="Measured Demand",
        index="btree_not_null",
        ondelete="restrict",
        domain="[('company_id', '=', company_id), ('kind', '=', 'gauge')]",
        help="Maximum demand in kW: the highest figure of the bill's month counts. Empty: the contracted demand.",
    )
    price = fields.Float(
        string="Price a Month",
        required=True,
        aggregator=None,
        help="Per kVA or kW and month, or the fixed sum; with or without VAT as the tariff says.",
    )

    _date_unique = models.UniqueIndex(
        "(tariff_id, date_from, kind)", "This tariff already has such a charge from that day on: change it there."
    )

    # === COMPUTE METHODS === #
    @api.depends("tariff_id.name", "kind", "date_from")
    @api.depends_context("lang")
    def _compute_display_name(self):
        for charge in self:
            charge.display_name = f"{charge.tariff_id.name}, {charge._kind_label()}, {charge.date_from}"

    # === CONSTRAINT METHODS === #
    @api.constrains("price", "quantity", "indicator_id", "kind")
    def _check_charge(self):
        for charge in self:
            if charge.price < 0 or charge.quantity < 0:
                raise ValidationError(
                    self.env._(
                        "%(price)s: %(figure)s is below zero. Enter zero or more.",
                        price=charge.display_name,
                        figure=f"{min(charge.price, charge.quantity):.6g}",
                    )
                )
            if charge.indicator_id and charge.kind != "demand":
                raise ValidationError(
                    self.env._(
                        "%(charge)s: only demand is measured. Empty the measured demand, or choose the kind Demand.",
                        charge=charge.display_name,
                    )
                )

    # === BUSINESS METHODS === #
    def _kind_label(self) -> str:
        return dict(self._fields["kind"]._description_selection(self.env)).get(self.kind, "")

    def _key_owner(self, key: dict) -> str:
        labels = dict(self._fields["kind"]._description_selection(self.env))
        return f"{super()._key_owner(key)}, {labels.get(key['kind'], '')}"

    def _quantity(self, first, last) -> float | None:
        """What the charge is paid for in a month: the highest measured demand, the contract, or one; None: not measured.

        :param first: first day of the bill; last: last day
        """
        self.ensure_one()
        if self.kind == "fixed":
            return 1.0
        if not self.indicator_id:
            return self.quantity
        self.env["energy.value"].flush_model()
        self.env.cr.execute(
            "SELECT MAX(value) FROM energy_value WHERE indicator_id = %s AND date BETWEEN %s AND %s",
            [self.indicator_id.id, first, last],
        )
        return self.env.cr.fetchone()[0]
