"""An indicator: one figure that is collected, typed or computed at one node."""

from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tools import SQL

from ..tools.inner_step import is_within
from ..tools.selections import FLOWS
from ..tools.uom import uom_factor

# While indicators are made together with their formulas, whoever makes them marks their days, once.
MARKED_LATER = "energy_indicators_marked_later"


class EnergyIndicator(models.Model):
    """An indicator template put on a node of the management tree, with its flow direction and formula.

    Kept by Energy managers; its values are written by the calculation only.
    """

    _name = "energy.indicator"
    _inherit = ["energy.wall.mixin", "energy.node.panel.mixin"]
    _description = "Energy Indicator"
    _order = "node_id, template_id, id"
    _rec_names_search = ["template_id.name", "template_id.code", "node_id.name", "node_id.code"]

    node_id = fields.Many2one("energy.node", required=True, index=True, ondelete="restrict")
    template_id = fields.Many2one(
        "energy.indicator.template", required=True, index=True, ondelete="restrict"
    )
    product_id = fields.Many2one(
        "product.product",
        index="btree_not_null",
        ondelete="restrict",
        help="The product whose output is counted, or that the ratio is about.",
    )
    name = fields.Char(compute="_compute_name")
    active = fields.Boolean(default=True)
    flow = fields.Selection(
        FLOWS,
        string="Flow Direction",
        required=True,
        compute="_compute_from_template",
        store=True,
        readonly=False,
        precompute=True,
        help="How the energy crosses the node's boundary; totals add what flows in and subtract what is sold.",
    )
    use = fields.Selection(
        [
            ("industrial", "Industrial production"),
            ("raw_material", "Raw material"),
            ("non_industrial", "Non-industrial production"),
            ("transport", "Transport"),
        ],
        default="industrial",
        required=True,
    )
    source = fields.Selection(
        [("collected", "Collected"), ("entered", "Entered"), ("computed", "Computed")],
        required=True,
        compute="_compute_from_template",
        store=True,
        readonly=False,
        precompute=True,
        help="Collected: readings of the meter. Entered: typed by people. Computed: by its formula.",
    )
    entry_mode = fields.Selection(
        [("amount", "Amount of the day"), ("register", "Register at the end of the day")],
        default="amount",
        required=True,
        string="Typed as",
    )
    uom_id = fields.Many2one(
        "uom.uom",
        string="Unit of Measure",
        compute="_compute_from_template",
        store=True,
        readonly=False,
        precompute=True,
        ondelete="restrict",
    )
    unit_label = fields.Char(compute="_compute_unit_label", string="Unit")
    secondary_side = fields.Boolean(
        string="Secondary-side Registers",
        help="The register counts on the secondary side of the transformers: amounts are multiplied by CT x PT.",
    )
    missing_policy = fields.Selection(
        [("partial", "Sum what is there, show the coverage"), ("blank", "Blank when an input is missing")],
        default="partial",
        required=True,
        string="When an Input is Missing",
        help="With an expression a missing input leaves the figure blank either way, unless the expression puts something "
        "in its place with coalesce(x, 0); “Blank” then keeps it blank even so.",
    )
    date_from = fields.Date(string="Counts From", help="Days before this date are not expected to have a value.")
    whole_company = fields.Boolean(
        string="Sources from the Whole Company",
        help="Sources are normally chosen at this node and below. Switch on for shared meters or a boiler house.",
    )
    term_ids = fields.One2many("energy.indicator.term", "indicator_id", string="Formula", copy=True)
    used_in_term_ids = fields.One2many("energy.indicator.term", "source_id", string="Used In")

    company_id = fields.Many2one(related="node_id.company_id", store=True, index=True, precompute=True)
    currency_id = fields.Many2one(related="company_id.currency_id")
    energy_type_id = fields.Many2one(
        related="template_id.energy_type_id", store=True, index="btree_not_null", precompute=True
    )
    kind = fields.Selection(related="template_id.kind", store=True, precompute=True)
    indicator_class = fields.Selection(related="template_id.indicator_class", store=True, precompute=True)
    measure = fields.Selection(related="template_id.measure", store=True, precompute=True)
    main_total = fields.Boolean(related="template_id.main_total")
    scope = fields.Selection(related="template_id.scope")
    node_kind = fields.Selection(related="node_id.kind", store=True, precompute=True, string="Node Kind")

    last_reading_time = fields.Datetime(compute="_compute_last_reading", string="Last Reading")
    last_register = fields.Float(compute="_compute_last_reading", digits=(16, 4))
    last_date = fields.Date(compute="_compute_last_value", string="Last Day")
    last_value = fields.Float(compute="_compute_last_value", digits=(16, 3))

    # A product is optional, and NULLs never collide in a plain unique constraint: hence the coalesce.
    _unique_key = models.UniqueIndex(
        "(node_id, template_id, flow, COALESCE(product_id, 0))",
        "This node already has an indicator of that template, flow direction and product.",
    )

    # === COMPUTE METHODS === #
    @api.depends("template_id.name", "product_id.display_name")
    @api.depends_context("lang")
    def _compute_name(self):
        for indicator in self:
            name = indicator.template_id.name or ""
            if indicator.product_id:
                # Without its code, which Odoo puts in brackets, too.
                product = indicator.product_id.with_context(display_default_code=False)
                name = f"{name} [{product.display_name}]"
            indicator.name = name

    @api.depends("name", "node_id.name")
    @api.depends_context("lang")
    def _compute_display_name(self):
        for indicator in self:
            indicator.display_name = f"{indicator.node_id.name or ''} / {indicator.name}"

    @api.depends("template_id", "product_id")
    def _compute_from_template(self):
        for indicator in self:
            template = indicator.template_id
            indicator.flow = template.default_flow or "consumption"
            indicator.uom_id = template.uom_id or indicator.product_id.uom_id
            indicator.source = indicator._default_source()

    def _default_source(self) -> str:
        """Where the figures of this indicator come from when nobody says otherwise."""
        template = self.template_id
        if template.code and template.code.startswith("OUT."):
            return "entered"
        if template.indicator_class != "collected":
            return "computed"
        typed = template.kind in ("amount", "stock") or self.node_id.collection == "typed"
        return "entered" if typed else "collected"

    @api.depends("uom_id", "template_id.unit_text", "product_id.uom_id", "company_id.currency_id")
    @api.depends_context("lang")
    def _compute_unit_label(self):
        for indicator in self:
            indicator.unit_label = indicator._unit_text()

    def _unit_text(self) -> str:
        """The unit as people read it: 'own', 'currency' and '/unit' stand for the product's and the company's."""
        if self.uom_id and self.kind != "ratio":
            return self.uom_id.name
        text = self.template_id.unit_text or ""
        text = text.replace("currency", self.company_id.currency_id.name or "")
        return text.replace("/unit", f"/{self.product_id.uom_id.name}" if self.product_id else "")

    def _compute_last_reading(self):
        last = self.env["energy.reading"]._last_readings(self.ids)
        for indicator in self:
            time, register = last.get(indicator.id, (False, 0.0))
            indicator.last_reading_time = time
            indicator.last_register = register

    def _compute_last_value(self):
        rows = self.env["energy.value"]._last_values(self)
        for indicator in self:
            indicator.last_date, indicator.last_value = rows.get(indicator.id, (False, 0.0))

    # === CONSTRAINT METHODS === #
    @api.constrains("uom_id", "template_id")
    def _check_uom(self):
        for indicator in self:
            if indicator.template_id.uom_id and indicator.uom_id != indicator.template_id.uom_id:
                uom_factor(indicator.uom_id, indicator.template_id.uom_id)

    @api.constrains("product_id", "template_id")
    def _check_product(self):
        for indicator in self:
            if indicator.template_id.scope == "product" and not indicator.product_id:
                raise ValidationError(
                    self.env._(
                        "%(template)s at %(node)s needs a product: choose the product it is about.",
                        template=indicator.template_id.name,
                        node=indicator.node_id.name,
                    )
                )

    @api.constrains("source", "template_id")
    def _check_source(self):
        for indicator in self:
            if indicator.source == "collected" and indicator.kind in ("derived", "ratio"):
                raise ValidationError(
                    self.env._("%(name)s is computed by rule and cannot be collected.", name=indicator.display_name)
                )

    # === CRUD METHODS === #
    @api.model_create_multi
    def create(self, vals_list):
        indicators = super().create(vals_list)
        if not is_within(self.env, MARKED_LATER):
            self.env["energy.calculation"]._mark(indicators)
        return indicators

    def write(self, vals):
        moved = {"node_id", "template_id"} & vals.keys()
        if moved and any(indicator._has_values() for indicator in self):
            raise UserError(
                self.env._(
                    "Node and template of an indicator with values cannot change. Archive it and add a new one instead."
                )
            )
        result = super().write(vals)
        if {"flow", "source", "uom_id", "secondary_side", "missing_policy", "date_from", "active"} & vals.keys():
            self.env["energy.calculation"]._mark(self)
        return result

    def unlink(self):
        """Remove what is to be computed and the rows that say "nothing is known" as well; they have no foreign key."""
        ids = self.ids
        result = super().unlink()
        for table in ("energy_dirty", "energy_value", "energy_value_month", "energy_profile"):
            self.env.cr.execute(SQL("DELETE FROM %s WHERE indicator_id = ANY(%s)", SQL.identifier(table), ids))
        return result

    @api.ondelete(at_uninstall=False)
    def _unlink_except_used(self):
        for indicator in self:
            users = indicator.used_in_term_ids.indicator_id - self
            if users:
                raise UserError(
                    self.env._(
                        "%(name)s is used in the formulas of: %(users)s. Take it out of them first, or archive it.",
                        name=indicator.display_name,
                        users=", ".join(users.sudo().mapped("display_name")),
                    )
                )
            if indicator._has_values():
                raise UserError(
                    self.env._(
                        "%(name)s has readings, entries or values; nothing collected is thrown away. Archive it instead.",
                        name=indicator.display_name,
                    )
                )

    def _has_values(self) -> bool:
        """Whether readings or entries exist, or values that are more than a note that nothing is there."""
        self.ensure_one()
        entry = self.env["energy.entry"].sudo().search_count([("indicator_id", "=", self.id)], limit=1)
        domain = [("indicator_id", "=", self.id), ("value", "!=", False)]
        value = self.source != "computed" and self.env["energy.value"].sudo().search_count(domain, limit=1)
        return bool(entry or value or self.env["energy.reading"]._exist_for(self))

    def _refuse_as_stranger(self):
        """What keeps a reader from a cost at a node that he sees is the right to see prices."""
        cost = all(indicator.measure == "cost" for indicator in self.sudo())
        nodes = self.sudo().node_id.sudo(False)
        if cost and nodes.has_access("read") and not self.env.user.has_group("energy_carbon.group_see_prices"):
            raise AccessError(self.env._("Cost and prices are shown only with the right “See prices”."))
        return super()._refuse_as_stranger()

    # === ACTION METHODS === #
    def action_explain(self):
        """Open the explanation of the last month that has values."""
        self._ensure_asked_one()
        return self.env["energy.value"]._explain_action(self, self.last_date or fields.Date.context_today(self))

    def action_open_values(self):
        self._ensure_asked_one()
        action = self.env["ir.actions.act_window"]._for_xml_id("energy_carbon.energy_value_action")
        return dict(action, domain=[("indicator_id", "=", self.id)], context={})

    def action_open_readings(self):
        self._ensure_asked_one()
        action = self.env["ir.actions.act_window"]._for_xml_id("energy_carbon.energy_reading_action")
        return dict(action, domain=[("indicator_id", "=", self.id)], context={})
