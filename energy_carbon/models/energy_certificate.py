"""Certificates and green power contracts: purchased energy with a carbon factor of its own."""

from odoo import api, fields, models
from odoo.exceptions import ValidationError

from ..calculation.plant_figures import PlantFigures
from ..tools.uom import uom_factor

# A share that changes by less than this leaves every figure as it is.
SAME_SHARE = 1e-12


class EnergyCertificate(models.Model):
    """A certificate or contract that gives a part of a plant's purchase in a period its own market-based factor.

    Written by Energy managers from the registry's or supplier's document. The part it covers is the same on every day of
    the period; the calculation works it out from what was bought. Location-based carbon is never touched.
    """

    _name = "energy.certificate"
    _description = "Energy Certificate"
    _inherit = ["energy.wall.mixin", "mail.thread"]
    _order = "date_from desc, id desc"
    _check_company_auto = True

    name = fields.Char(string="Number", required=True, tracking=True)
    kind = fields.Selection(
        [
            ("certificate", "Green electricity certificate"),
            ("contract", "Green power contract"),
            ("supplier", "Supplier's own factor"),
        ],
        required=True,
        default="certificate",
        tracking=True,
    )
    energy_type_id = fields.Many2one(
        "energy.type",
        required=True,
        index=True,
        ondelete="restrict",
        check_company=True,
        domain="[('scope', '=', '2')]",
        default=lambda self: self.env.ref("energy_carbon.type_el", raise_if_not_found=False),
    )
    node_id = fields.Many2one(
        "energy.node",
        string="Plant",
        required=True,
        index=True,
        ondelete="restrict",
        check_company=True,
        domain="[('kind', '=', 'unit')]",
        help="The unit whose purchase it covers, with everything below it.",
    )
    company_id = fields.Many2one(related="node_id.company_id", store=True, index=True, precompute=True)
    date_from = fields.Date(string="From", required=True, tracking=True)
    date_to = fields.Date(string="To", required=True, tracking=True)
    quantity = fields.Float(required=True, digits=(16, 3), tracking=True, aggregator=None)
    uom_id = fields.Many2one(
        "uom.uom",
        string="Unit of Measure",
        required=True,
        ondelete="restrict",
        compute="_compute_uom_id",
        store=True,
        readonly=False,
        precompute=True,
    )
    factor = fields.Float(
        string="Carbon Factor",
        digits=(16, 6),
        tracking=True,
        help="In kgCO₂ per unit of measure; 0 for wind, solar and water power.",
    )
    document = fields.Char(
        required=True, tracking=True, help="Registry and numbers of the certificates, or the contract and its annex."
    )
    note = fields.Text()
    covered_share = fields.Float(
        readonly=True, copy=False, help="Part of the period's purchase that is covered; kept by the calculation."
    )
    purchase = fields.Float(compute="_compute_purchase", string="Purchase of the Period", digits=(16, 3))
    surplus = fields.Float(compute="_compute_purchase", string="More than Was Bought", digits=(16, 3))

    _date_order = models.Constraint("CHECK (date_from <= date_to)", "A certificate's period ends before it begins.")
    _quantity_positive = models.Constraint("CHECK (quantity > 0)", "A certificate's quantity must be greater than zero.")

    # === COMPUTE METHODS === #
    @api.depends("energy_type_id")
    def _compute_uom_id(self):
        for certificate in self:
            certificate.uom_id = certificate.energy_type_id.uom_id

    @api.depends("energy_type_id", "node_id", "date_from", "date_to", "quantity", "uom_id")
    def _compute_purchase(self):
        for certificate in self:
            certificate.node_id.check_access("read")  # a form not saved yet may name any plant
            bought = certificate._bought() if certificate.node_id and certificate.date_from and certificate.date_to else 0.0
            certificate.purchase = bought
            certificate.surplus = max(certificate.quantity - bought, 0.0) if bought else 0.0

    # === CONSTRAINT METHODS === #
    @api.constrains("energy_type_id", "uom_id", "factor", "document")
    def _check_figures(self):
        for certificate in self:
            if message := certificate._problem():
                raise ValidationError(
                    self.env._("Certificate %(name)s: %(problem)s", name=certificate.name, problem=message)
                )

    def _problem(self) -> str | None:
        """What is wrong with this certificate and what to do, or None."""
        if self.energy_type_id.scope != "2":
            return self.env._("%(type)s is not bought from a grid; choose electricity or heat.", type=self.energy_type_id.name)
        if not self.document.strip():
            return self.env._("it names no document: state the registry's numbers or the contract.")
        if self.factor < 0:
            return self.env._("the factor cannot be negative.")
        if not self.uom_id._has_common_reference(self.energy_type_id.uom_id):
            return self.env._(
                "%(unit)s does not convert to %(own)s, in which %(type)s is kept.",
                unit=self.uom_id.name,
                own=self.energy_type_id.uom_id.name,
                type=self.energy_type_id.name,
            )
        return None

    # === CRUD METHODS === #
    @api.model_create_multi
    def create(self, vals_list):
        certificates = super().create(vals_list)
        certificates._refresh()
        return certificates

    def write(self, vals):
        if not vals.keys() & {"energy_type_id", "node_id", "date_from", "date_to", "quantity", "uom_id", "factor"}:
            return super().write(vals)
        self._mark()
        result = super().write(vals)
        self._refresh()
        self._mark()
        return result

    def unlink(self):
        self._mark()
        return super().unlink()

    # === BUSINESS METHODS === #
    def _bought(self) -> float:
        """What the plant bought in the period, in the certificate's unit."""
        self.ensure_one()
        plant = self.sudo().node_id
        sources = PlantFigures(plant | plant.child_ids).purchase(plant, self.sudo().energy_type_id)
        convertible = sources.filtered(lambda source: source.uom_id._has_common_reference(self.uom_id))
        figures = self.env["energy.indicator"]._period_figures(convertible.ids, self.date_from, self.date_to)
        return sum(
            (figures.get(source.id, {}).get("value") or 0.0) * uom_factor(source.uom_id, self.uom_id)
            for source in convertible
        )

    def _refresh(self) -> bool:
        """Work out the covered shares again and mark what changes with them; whether anything did."""
        changed = self.browse()
        for certificate in self.sudo():
            bought = certificate._bought()
            share = min(certificate.quantity / bought, 1.0) if bought > 0 else 0.0
            if abs(share - certificate.covered_share) > SAME_SHARE:
                models.Model.write(certificate, {"covered_share": share})
                changed |= certificate
        changed._mark()
        return bool(changed)

    def _mark(self):
        """The market-based carbon of the plant's figures in the period no longer holds."""
        for certificate in self.sudo():
            rows = [(one, certificate.company_id.id, first, last) for one, first, last in certificate._covered_days()]
            self.env["energy.calculation"]._mark_rows(rows)

    def _covered_days(self) -> list[tuple]:
        """Sources whose purchase may be covered, each for the days: (indicator id, first day, last day)."""
        self.ensure_one()
        return self.node_id._source_days(self.energy_type_id, self.date_from, self.date_to)
