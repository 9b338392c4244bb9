"""Dated factors: standard coal, heating value, emissions and physical conversion of an energy type."""

import math
from datetime import timedelta

from odoo import api, fields, models
from odoo.exceptions import ValidationError

from ..tools.inner_step import is_within
from .energy_type import GAS_REFERENCES

# Set while a fuel batch keeps its own factors: by hand they are changed at the batch.
OF_BATCH = "energy_fuel_batch"
KINDS = [
    ("coal_calorific", "Standard coal, calorific basis"),
    ("coal_equivalent", "Standard coal, equivalent basis"),
    ("ncv", "Net calorific value"),
    ("co2", "CO₂"),
    ("ch4", "CH₄"),
    ("n2o", "N₂O"),
    ("co2e", "CO₂ equivalent"),
    ("physical", "Physical conversion"),
]
LEVELS = [
    ("batch", "Batch"),
    ("plant", "Plant"),
    ("company", "Company"),
    ("province", "Province"),
    ("grid", "Grid"),
    ("country", "Country"),
    ("standard", "Standard"),
]
# What one unit of measure of the energy type is worth, by kind; a physical factor names its own target unit.
VALUE_UNITS = {
    "coal_calorific": "kgce",
    "coal_equivalent": "kgce",
    "ncv": "GJ",
    "co2": "kgCO₂",
    "ch4": "kgCH₄",
    "n2o": "kgN₂O",
    "co2e": "kgCO₂e",
}
# Mass of CO2 per mass of carbon.
CO2_PER_CARBON = 44 / 12
# Writing any of these changes results; the others (document, note, mark) only change what is shown.
CALCULATION_FIELDS = {
    "energy_type_id", "kind", "basis", "value", "uom_id", "target_uom_id", "ncv", "carbon_content", "oxidation",
    "gas_reference", "date_from", "date_end", "company_id", "node_id", "region_id",
}  # fmt: skip


class EnergyFactor(models.Model):
    """A figure by which an amount of energy becomes standard coal, carbon or another unit, from a date on.

    It holds until the next row of the same key (type, kind, basis, plant, company, region). The figure nearest to the
    plant wins: batch, plant, company, province, grid, country, standard. Shipped from published sources; Energy managers add
    rows, usually one a year.
    """

    _name = "energy.factor"
    _description = "Energy Factor"
    _inherit = ["energy.wall.mixin", "mail.thread", "energy.twin.mixin"]
    _order = "energy_type_id, kind, basis, date_from desc, id"
    _check_company_auto = True
    _key_fields = (
        "energy_type_id", "kind", "basis", "company_id", "node_id", "region_id", "batch_id", "uom_id", "target_uom_id",
        "date_from",
    )  # fmt: skip

    energy_type_id = fields.Many2one("energy.type", required=True, index=True, ondelete="cascade", check_company=True)
    kind = fields.Selection(KINDS, required=True, default="coal_calorific", tracking=True)
    basis = fields.Selection(
        [
            ("location", "Location-based"),
            ("market", "Market-based"),
            ("fossil", "Fossil power"),
            ("footprint", "Product footprint"),
        ],
        help="Only for the carbon of electricity. The bases are never added. Leave it empty for fuels and heat.",
    )
    value = fields.Float(
        compute="_compute_value",
        store=True,
        readonly=False,
        precompute=True,
        tracking=True,
        help="Standard coal in kgce, heating value in GJ, emissions in kg, each per one unit of measure. Computed when "
        "heating value, carbon content and oxidation are given.",
    )
    uom_id = fields.Many2one(
        "uom.uom", string="Per", required=True, ondelete="restrict", help="The unit of measure the value is given per."
    )
    target_uom_id = fields.Many2one(
        "uom.uom",
        string="Converted To",
        ondelete="restrict",
        help="Only for a physical conversion: 1 m³ of water is 1 t.",
    )
    value_unit = fields.Char(compute="_compute_value_unit", string="Unit")
    ncv = fields.Float(string="Net Calorific Value", help="GJ per unit of measure, at the gas reference condition.")
    carbon_content = fields.Float(help="Carbon content per heating value, in tC/GJ.")
    oxidation = fields.Float(string="Carbon Oxidation Rate", help="Share of the carbon that burns, 0 to 1.")
    gas_reference = fields.Selection(GAS_REFERENCES, help="Condition that a unit of volume refers to in this figure.")
    date_from = fields.Date(string="Valid From", required=True, index=True, default=fields.Date.context_today)
    date_to = fields.Date(compute="_compute_date_to", string="Valid To")
    data_year = fields.Integer(help="Year the figure was measured or published for.")
    company_id = fields.Many2one(
        "res.company",
        index=True,
        ondelete="cascade",
        compute="_compute_company_id",
        store=True,
        readonly=False,
        precompute=True,
        default=lambda self: self.env.company,
        help="Empty: for all companies.",
    )
    node_id = fields.Many2one(
        "energy.node",
        string="Plant",
        index="btree_not_null",
        ondelete="restrict",
        check_company=True,
        domain="[('kind', '=', 'unit')]",
        help="Only for this unit and what is below it.",
    )
    region_id = fields.Many2one(
        "energy.region",
        index="btree_not_null",
        ondelete="restrict",
        help="Only for plants in this region.",
    )
    batch_id = fields.Many2one(
        "energy.fuel.batch",
        string="Fuel Batch",
        index="btree_not_null",
        ondelete="cascade",
        readonly=True,
        help="The batch of fuel whose analysis this figure is taken from: change it there.",
    )
    date_end = fields.Date(string="Last Day", readonly=True, help="Last day on which the fuel of this batch was burnt.")
    level = fields.Selection(LEVELS, compute="_compute_level", store=True, precompute=True)
    document = fields.Char(help="Standard, announcement or certificate the figure is taken from.")
    edition = fields.Char(help="Edition or table of the document.")
    to_be_checked = fields.Boolean(
        tracking=True,
        help="The source gives a range or is uncertain: replace the figure by the one that holds for you, then clear "
        "this mark.",
    )
    note = fields.Text()

    # Every nullable column is coalesced: NULLs would otherwise let the same key in twice.
    _key_unique = models.UniqueIndex(
        "(energy_type_id, kind, COALESCE(basis, ''), COALESCE(company_id, 0), COALESCE(node_id, 0),"
        " COALESCE(region_id, 0), COALESCE(batch_id, 0), (CASE WHEN kind = 'physical' THEN uom_id ELSE 0 END),"
        " (CASE WHEN kind = 'physical' THEN target_uom_id ELSE 0 END), date_from)",
        "There is already a factor of this kind that starts on the same day: change its value, or give this one "
        "another date.",
    )
    _lookup = models.Index("(energy_type_id, kind, date_from)")

    # === COMPUTE METHODS === #
    @api.depends("energy_type_id", "kind", "basis", "date_from")
    def _compute_display_name(self):
        kinds = dict(self._fields["kind"]._description_selection(self.env))
        bases = dict(self._fields["basis"]._description_selection(self.env))
        for factor in self:
            parts = [factor.energy_type_id.name, kinds.get(factor.kind), bases.get(factor.basis)]
            parts.append(str(factor.date_from) if factor.date_from else None)
            factor.display_name = ", ".join(part for part in parts if part)

    @api.depends("kind", "ncv", "carbon_content", "oxidation")
    def _compute_value(self):
        """Carbon of a fuel from its heating value and carbon, unrounded; any other value stays as typed."""
        for factor in self:
            if factor.kind == "co2" and factor.ncv and factor.carbon_content and factor.oxidation:
                factor.value = factor.ncv * factor.carbon_content * factor.oxidation * CO2_PER_CARBON * 1000
            else:
                factor.value = factor.value or 0.0

    @api.depends("kind", "uom_id", "target_uom_id")
    def _compute_value_unit(self):
        for factor in self:
            of = factor.target_uom_id.name if factor.kind == "physical" else VALUE_UNITS.get(factor.kind)
            factor.value_unit = f"{of or '?'}/{factor.uom_id.name or '?'}"

    @api.depends("date_from", "kind", "basis", "energy_type_id", "company_id", "node_id", "region_id", "date_end")
    def _compute_date_to(self):
        """A row ends the day before the next one of its key starts, that of a batch with the batch."""
        starts = {}
        siblings = self.sudo().search([("energy_type_id", "in", self.energy_type_id.ids)])
        for sibling in siblings:
            starts.setdefault(sibling._series(), []).append(sibling.date_from)
        for factor in self:
            later = [day for day in starts.get(factor._series(), []) if factor.date_from and day > factor.date_from]
            factor.date_to = min(later) - timedelta(days=1) if later else factor.date_end

    @api.depends("node_id")
    def _compute_company_id(self):
        for factor in self:
            factor.company_id = factor.node_id.company_id or factor.company_id

    @api.depends("node_id", "company_id", "region_id.level", "batch_id")
    def _compute_level(self):
        for factor in self:
            if factor.batch_id:
                factor.level = "batch"
            elif factor.node_id:
                factor.level = "plant"
            elif factor.company_id:
                factor.level = "company"
            else:
                factor.level = factor.region_id.level or "standard"

    # === ONCHANGE METHODS === #
    @api.onchange("energy_type_id")
    def _onchange_energy_type_id(self):
        if self.energy_type_id:
            self.uom_id = self.energy_type_id.uom_id
            self.gas_reference = self.energy_type_id.gas_reference

    # === CONSTRAINT METHODS === #
    @api.constrains(
        "energy_type_id", "kind", "basis", "uom_id", "target_uom_id", "value", "ncv", "carbon_content", "oxidation", "document"
    )
    def _check_figures(self):
        for factor in self:
            if message := factor._figure_problem():
                raise ValidationError(
                    self.env._("%(factor)s: %(problem)s", factor=factor.display_name, problem=message)
                )

    @api.constrains("company_id", "region_id")
    def _check_single_level(self):
        for factor in self:
            if factor.region_id and factor.company_id:
                raise ValidationError(
                    self.env._(
                        "%(factor)s has both a company and a region. A published figure of a region is for all "
                        "companies: leave the company empty. A figure of your own needs no region.",
                        factor=factor.display_name,
                    )
                )

    # === CRUD METHODS === #
    @api.model_create_multi
    def create(self, vals_list):
        for vals in vals_list:
            self._refuse_without_unit(vals.get("uom_id"), vals.get("energy_type_id"))
        factors = super().create(vals_list)
        self.invalidate_model(["date_to"])  # those before end now
        factors._mark_changed()
        return factors

    def write(self, vals):
        self._refuse_of_batch()
        if "uom_id" in vals:
            self._refuse_without_unit(vals["uom_id"], self.energy_type_id[:1].id)
        if not CALCULATION_FIELDS & vals.keys():
            return super().write(vals)
        # The days from the old start on, and those from the new one, are both to be computed again.
        self._mark_changed()
        result = super().write(vals)
        self.invalidate_model(["date_to"])
        self._mark_changed()
        return result

    def unlink(self):
        self._refuse_of_batch()
        self._mark_changed()
        result = super().unlink()
        self.env["energy.factor"].invalidate_model(["date_to"])
        return result

    # === BUSINESS METHODS === #
    def _refuse_of_batch(self):
        """Figures of a batch follow its analysis and are changed there."""
        batch = self.batch_id[:1]
        if batch and not is_within(self.env, OF_BATCH):
            raise ValidationError(
                self.env._("This figure belongs to the fuel batch %(batch)s: change it there.", batch=batch.name)
            )

    def _key(self, vals: dict) -> tuple:
        """Units tell only physical factors apart."""
        *key, uom, target, day = super()._key(vals)
        return (*key, *((uom, target) if key[1] == "physical" else (False, False)), day)

    def _twin_text(self, key: dict) -> str:
        return self.env._(
            "There is already a factor “%(factor)s” at this place: change its value, or give this one another date.",
            factor=self.new(key).display_name,
        )

    def _series(self) -> tuple:
        """Return what two rows share when the later one supersedes the earlier."""
        return self._key({})[:-1]

    def _refuse_without_unit(self, uom_id, energy_type_id):
        """Say in the user's words what the database would refuse in its own."""
        if not uom_id:
            raise ValidationError(
                self.env._(
                    "The factor of %(type)s has no unit of measure: state under “Per” what the value is given per.",
                    type=self.env["energy.type"].browse(energy_type_id).name or "?",
                )
            )

    def _figure_problem(self) -> str | None:
        """Return what is wrong with the figures of this factor and what to do, or None."""
        self.ensure_one()
        if not (self.document or "").strip():
            return self.env._("it names no document. State the standard, announcement or analysis it is taken from.")
        if not math.isfinite(self.value) or self.value < 0:
            return self.env._("the value is negative. A factor is zero or more.")
        if not 0 <= self.oxidation <= 1:
            return self.env._("the oxidation rate is a share from 0 to 1, such as 0.93.")
        if self.ncv < 0 or self.carbon_content < 0:
            return self.env._("heating value and carbon content cannot be negative.")
        if self.kind == "physical" and (not self.target_uom_id or self.target_uom_id == self.uom_id):
            return self.env._("a physical conversion needs a unit to convert to, other than the one it is given per.")
        if self.kind == "physical" and not self.value:
            return self.env._("a physical conversion needs a value greater than zero.")
        if self.kind != "physical" and self.target_uom_id:
            return self.env._("only a physical conversion has a unit under Converted To: clear it.")
        return self._kind_problem() or self._unit_problem()

    def _kind_problem(self) -> str | None:
        """Kinds and bases are kept apart: a life-cycle figure must never be taken for what a plant emits."""
        if self.basis and self.kind not in ("co2", "ch4", "n2o", "co2e"):
            return self.env._("only emission factors have a basis: clear it.")
        if self.basis == "footprint" and self.kind != "co2e":
            return self.env._(
                "a product footprint counts the whole life cycle and is never a factor of scope 2: choose the kind "
                "CO₂ equivalent, or the basis the document states."
            )
        return None

    def _unit_problem(self) -> str | None:
        """The unit must lead to the one the energy type is kept in, directly or by a physical factor."""
        if self.kind == "physical":
            return None
        physical = self.search([("energy_type_id", "=", self.energy_type_id.id), ("kind", "=", "physical")])
        units = self.energy_type_id.uom_id | physical.uom_id | physical.target_uom_id
        if any(self.uom_id._has_common_reference(unit) for unit in units):
            return None
        return self.env._(
            "%(unit)s does not convert to %(own)s, in which %(type)s is kept. Choose a unit that does, or add a physical "
            "conversion between the two first.",
            unit=self.uom_id.name,
            own=self.energy_type_id.uom_id.name,
            type=self.energy_type_id.name,
        )

    def _mark_changed(self):
        """Tell the calculation which types are to be computed again, and from which day."""
        for date_from, factors in self.grouped("date_from").items():
            companies = factors.company_id if all(factor.company_id for factor in factors) else None
            # Units are brought to those of a price by physical factors; the other kinds concern no cost.
            no_physical = "physical" not in factors.mapped("kind")
            self.env["energy.calculation"]._mark_types(
                factors.energy_type_id, date_from, companies, cost_holds=no_physical
            )

    def _best_today(self, kind: str, basis: str | bool = False):
        """Return the factor of a kind that holds today for the current company, nearest level first.

        For display only, so without grids and provinces: the calculation looks up by the plant's own region.
        """
        today = fields.Date.context_today(self)
        levels = [level for level, _label in LEVELS]
        valid = self.filtered(
            lambda f: (
                f.kind == kind
                and (f.basis or False) == basis
                and f.date_from <= today
                and f.level not in ("grid", "province")
                and f.company_id in (self.env.company, self.env["res.company"])
            )
        )
        return valid.sorted(lambda f: (levels.index(f.level), -f.date_from.toordinal()))[:1]

    def _label(self, unit: str) -> str | bool:
        """Return e.g. ``0.1229 kgce/kWh`` with the mark of a figure to be checked, or False without a factor."""
        if not self:
            return False
        text = f"{self.value:.6g} {unit}/{self.uom_id.name}"
        return self.env._("%(figure)s (to be checked)", figure=text) if self.to_be_checked else text
