"""Measured heating values of fuel batches."""

from odoo import api, fields, models
from odoo.exceptions import ValidationError

from ..engine.factors import fuel_carbon, fuel_standard_coal
from ..tools.inner_step import within
from .energy_factor import OF_BATCH
from .energy_type import GAS_REFERENCES

# kgce/t of anthracite is about 900, of diesel 1 457, of hydrogen 4 100: nothing burns with more (GJ per kg).
HIGHEST_GJ_PER_KG = 0.15


class EnergyFuelBatch(models.Model):
    """A batch of fuel burnt in a period at a plant, with the heating value and carbon content of its analysis.

    Written by Energy managers from the laboratory's report. Standard coal and carbon of the plant's fuel follow the
    analysis on these days; before and after, the usual factors hold.
    """

    _name = "energy.fuel.batch"
    _description = "Fuel Batch"
    _inherit = ["energy.wall.mixin", "mail.thread"]
    _order = "date_from desc, id desc"
    _check_company_auto = True

    name = fields.Char(string="Batch", required=True, tracking=True, help="Number of the delivery or of the sample.")
    energy_type_id = fields.Many2one(
        "energy.type",
        required=True,
        index=True,
        ondelete="restrict",
        check_company=True,
        domain="[('scope', '=', '1')]",
        tracking=True,
    )
    node_id = fields.Many2one(
        "energy.node",
        string="Plant",
        required=True,
        index=True,
        ondelete="restrict",
        check_company=True,
        domain="[('kind', '=', 'unit')]",
        help="Where it is burnt: this unit and what is below it.",
    )
    company_id = fields.Many2one(related="node_id.company_id", store=True, index=True, precompute=True)
    date_from = fields.Date(string="Burnt From", required=True, tracking=True)
    date_to = fields.Date(string="Burnt To", required=True, tracking=True)
    ncv = fields.Float(
        string="Net Calorific Value", required=True, digits=(16, 6), tracking=True, help="As fired, in GJ per unit of measure."
    )
    uom_id = fields.Many2one(
        "uom.uom",
        string="Per",
        required=True,
        ondelete="restrict",
        compute="_compute_from_type",
        store=True,
        readonly=False,
        precompute=True,
    )
    gas_reference = fields.Selection(
        GAS_REFERENCES,
        compute="_compute_from_type",
        store=True,
        readonly=False,
        precompute=True,
        help="Condition that a unit of volume refers to in the analysis.",
    )
    carbon_content = fields.Float(
        digits=(16, 8),
        compute="_compute_from_type",
        store=True,
        readonly=False,
        precompute=True,
        tracking=True,
        help="In tC/GJ. Until it is measured, that of the fuel's usual factor.",
    )
    oxidation = fields.Float(
        string="Carbon Oxidation Rate",
        digits=(16, 6),
        compute="_compute_from_type",
        store=True,
        readonly=False,
        precompute=True,
        help="Share of the carbon that burns, 0 to 1.",
    )
    coal = fields.Float(compute="_compute_figures", string="Standard Coal", help="kgce per unit of measure.")
    carbon = fields.Float(compute="_compute_figures", help="kgCO₂ per unit of measure.")
    document = fields.Char(string="Analysis Report", required=True, help="Number and laboratory of the report.")
    note = fields.Text()
    factor_ids = fields.One2many("energy.factor", "batch_id", string="Factors", readonly=True)

    _date_order = models.Constraint("CHECK (date_from <= date_to)", "A fuel batch ends before it begins.")

    # === COMPUTE METHODS === #
    @api.depends("energy_type_id")
    def _compute_from_type(self):
        for batch in self:
            usual = batch.energy_type_id.factor_ids.filtered("carbon_content")._best_today("co2")
            batch.uom_id = batch.energy_type_id.uom_id
            batch.gas_reference = batch.energy_type_id.gas_reference
            batch.carbon_content = usual.carbon_content
            batch.oxidation = usual.oxidation

    @api.depends("ncv", "carbon_content", "oxidation")
    def _compute_figures(self):
        for batch in self:
            batch.coal = fuel_standard_coal(batch.ncv)
            batch.carbon = 1000 * fuel_carbon(batch.ncv, batch.carbon_content, batch.oxidation)

    # === CONSTRAINT METHODS === #
    @api.constrains("ncv", "carbon_content", "oxidation", "energy_type_id", "uom_id", "document")
    def _check_figures(self):
        for batch in self:
            if message := batch._figure_problem():
                raise ValidationError(self.env._("Fuel batch %(batch)s: %(problem)s", batch=batch.name, problem=message))

    def _figure_problem(self) -> str | None:
        """What is wrong with this analysis and what to do, or None."""
        if self.energy_type_id.scope != "1":
            return self.env._("%(type)s is not burnt; choose a fuel.", type=self.energy_type_id.name)
        if not self.document.strip():
            return self.env._("it names no analysis report: state its number and laboratory.")
        if self.ncv <= 0:
            return self.env._("the net calorific value must be greater than zero.")
        kilogram = self.env.ref("uom.product_uom_kgm")
        if self.uom_id._has_common_reference(kilogram):
            per_kilogram = self.ncv / self.uom_id._compute_quantity(1.0, kilogram, round=False)
            if per_kilogram > HIGHEST_GJ_PER_KG:
                return self.env._(
                    "%(value)s GJ per %(unit)s is more than any fuel has: check the unit of measure.",
                    value=f"{self.ncv:g}",
                    unit=self.uom_id.name,
                )
        if self.carbon_content < 0 or not 0 <= self.oxidation <= 1:
            return self.env._("the carbon content is zero or more, the oxidation rate a share from 0 to 1, such as 0.93.")
        return None

    @api.constrains("energy_type_id", "node_id", "date_from", "date_to")
    def _check_overlap(self):
        for batch in self:
            other = self.search(
                [
                    ("energy_type_id", "=", batch.energy_type_id.id),
                    ("node_id", "=", batch.node_id.id),
                    ("date_from", "<=", batch.date_to),
                    ("date_to", ">=", batch.date_from),
                    ("id", "!=", batch.id),
                ],
                limit=1,
            )
            if other:
                raise ValidationError(
                    self.env._(
                        "Fuel batch %(batch)s is burnt on days on which %(other)s is (%(first)s to %(last)s): a day has "
                        "one batch of %(type)s at a plant.",
                        batch=batch.name,
                        other=other.name,
                        first=other.date_from,
                        last=other.date_to,
                        type=batch.energy_type_id.name,
                    )
                )

    # === CRUD METHODS === #
    @api.model_create_multi
    def create(self, vals_list):
        batches = super().create(vals_list)
        batches._write_factors()
        return batches

    def write(self, vals):
        result = super().write(vals)
        if vals.keys() - {"note"}:
            self._write_factors()
        return result

    def unlink(self):
        within(self.factor_ids, OF_BATCH).unlink()
        return super().unlink()

    # === BUSINESS METHODS === #
    def _write_factors(self):
        """Keep one factor of standard coal and, where the carbon is known, one of CO2 for each batch."""
        for batch in within(self, OF_BATCH):
            present = {factor.kind: factor for factor in batch.factor_ids}
            for kind, values in batch._factor_values().items():
                if kind in present:
                    present.pop(kind).write(values)
                else:
                    batch.env["energy.factor"].create({**values, "kind": kind, "batch_id": batch.id})
            for left in present.values():
                left.unlink()

    def _factor_values(self) -> dict[str, dict]:
        """Kind -> values of the factors this analysis gives."""
        common = {
            "energy_type_id": self.energy_type_id.id,
            "node_id": self.node_id.id,
            "company_id": self.company_id.id,
            "uom_id": self.uom_id.id,
            "gas_reference": self.gas_reference,
            "date_from": self.date_from,
            "date_end": self.date_to,
            "document": self.document,
            "edition": self.name,
        }
        found = {"coal_calorific": {**common, "value": self.coal}}
        if self.carbon_content and self.oxidation:
            carbon = {"ncv": self.ncv, "carbon_content": self.carbon_content, "oxidation": self.oxidation}
            found["co2"] = {**common, **carbon, "value": self.carbon}
        return found
