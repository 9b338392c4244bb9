"""Targets: what an indicator should come to in a year or month."""

from datetime import timedelta
from decimal import Decimal

import numpy as np

from odoo import api, fields, models
from odoo.exceptions import ValidationError

from ..engine.allocation import divide

# Kinds of indicators whose periods are added up; others have one figure for the whole period.
ADDED_UP = ("counter", "amount", "derived")
TARGET_KINDS = (*ADDED_UP, "ratio", "gauge")
# More of these is better.
MADE_FLOWS = ("own_generation", "recovery", "sale")
MONTHS = 12


class EnergyTarget(models.Model):
    """A plan, quota or baseline for one figure of a unit, device or product in a year or month (目标).

    Kept by Energy managers, on the ground of a document; the figure reached stands beside it.
    """

    _name = "energy.target"
    _description = "Energy Target"
    _inherit = ["energy.wall.mixin", "mail.thread", "energy.node.panel.mixin", "energy.twin.mixin"]
    _order = "date_from desc, node_id, template_id, period desc, kind, id"
    _key_fields = ("node_id", "template_id", "product_id", "kind", "period", "date_from")

    indicator_id = fields.Many2one(
        "energy.indicator",
        index="btree_not_null",
        ondelete="set null",
        tracking=True,
        domain="[('kind', 'in', ('counter', 'amount', 'derived', 'ratio', 'gauge'))]",
        help="The figure the target is about. A target for a figure that is not kept yet takes a unit and a template; its "
        "indicator is found as soon as there is one.",
    )
    node_id = fields.Many2one("energy.node", required=True, index=True, ondelete="restrict")
    template_id = fields.Many2one(
        "energy.indicator.template",
        string="Figure",
        required=True,
        index=True,
        ondelete="restrict",
        domain="[('kind', 'in', ('counter', 'amount', 'derived', 'ratio', 'gauge'))]",
    )
    product_id = fields.Many2one("product.product", index="btree_not_null", ondelete="restrict")
    company_id = fields.Many2one(related="node_id.company_id", store=True, index=True, precompute=True)
    energy_type_id = fields.Many2one(related="template_id.energy_type_id", store=True, precompute=True)
    kind = fields.Selection(
        [("plan", "Plan"), ("quota", "Quota"), ("baseline", "Baseline")], required=True, default="plan", tracking=True
    )
    period = fields.Selection([("year", "Year"), ("month", "Month")], required=True, default="year")
    date_from = fields.Date(
        string="Begin",
        required=True,
        default=lambda self: fields.Date.start_of(fields.Date.context_today(self), "year"),
        help="Any day of the year or month: the target holds for all of it.",
    )
    date_to = fields.Date(string="End", compute="_compute_date_to", store=True, precompute=True)
    value = fields.Float(string="Target", required=True, tracking=True, aggregator=None, digits=(16, 3))
    unit_label = fields.Char(compute="_compute_unit_label", string="Unit")
    direction = fields.Selection(
        [("at_most", "At most"), ("at_least", "At least")],
        required=True,
        compute="_compute_direction",
        store=True,
        readonly=False,
        precompute=True,
        help="At most: consumption, carbon, cost. At least: output, own generation, recovery.",
    )
    document = fields.Char(string="Source Document", tracking=True, help="Letter, contract or resolution it rests on.")
    note = fields.Text()
    parent_id = fields.Many2one(
        "energy.target", string="Part of the Year", readonly=True, index=True, ondelete="cascade"
    )
    month_ids = fields.One2many("energy.target", "parent_id", string="Months")
    split_by = fields.Selection(
        [("profile", "Last year's profile"), ("days", "Days of the months"), ("same", "The same in every month")],
        readonly=True,
        copy=False,
    )
    months_total = fields.Float(compute="_compute_months_total", string="Months Together", digits=(16, 3))

    _unique_target = models.UniqueIndex(
        "(node_id, template_id, COALESCE(product_id, 0), kind, period, date_from)",
        "There is already a target of this kind for this figure and period: change that one.",
    )

    # === COMPUTE METHODS === #
    @api.depends("node_id.name", "template_id.name", "kind", "date_from", "period")
    @api.depends_context("lang")
    def _compute_display_name(self):
        kinds = dict(self._fields["kind"]._description_selection(self.env))
        for target in self:
            day = target.date_from and f"{target.date_from:%Y}" + (
                f"-{target.date_from:%m}" * (target.period == "month")
            )
            names = filter(None, (target.node_id.name, target.template_id.name))
            name = target.indicator_id.display_name or " / ".join(names)
            what = f"{kinds.get(target.kind, '')} {day or ''}"
            target.display_name = f"{name}: {what}" if name else what

    @api.depends("date_from", "period")
    def _compute_date_to(self):
        for target in self:
            target.date_to = target.date_from and fields.Date.end_of(target.date_from, target.period or "year")

    @api.depends("indicator_id.unit_label", "template_id.unit_label", "template_id.uom_id")
    def _compute_unit_label(self):
        for target in self:
            template = target.template_id
            target.unit_label = target.indicator_id.unit_label or template.uom_id.name or template.unit_label

    @api.depends("template_id", "indicator_id")
    def _compute_direction(self):
        for target in self:
            flow = target.indicator_id.flow or target.template_id.default_flow
            made = (target.template_id.code or "").startswith("OUT.") or flow in MADE_FLOWS
            target.direction = "at_least" if made else "at_most"

    @api.depends("month_ids.value")
    def _compute_months_total(self):
        for target in self:
            target.months_total = float(sum(Decimal(repr(value)) for value in target.month_ids.mapped("value")))

    # === ONCHANGE METHODS === #
    @api.onchange("indicator_id")
    def _onchange_indicator_id(self):
        if self.indicator_id:
            self.update(self._place(self.indicator_id))

    # === CONSTRAINT METHODS === #
    @api.constrains("indicator_id", "node_id", "template_id", "product_id")
    def _check_figure(self):
        for target in self:
            if target.template_id.kind not in TARGET_KINDS:
                raise ValidationError(
                    self.env._(
                        "%(template)s is a stock: what lies in store at one moment has no target of a period. Choose "
                        "another figure.",
                        template=target.template_id.name,
                    )
                )
            one = target.indicator_id
            if one and (one.node_id, one.template_id, one.product_id) != (
                target.node_id,
                target.template_id,
                target.product_id,
            ):
                raise ValidationError(
                    self.env._(
                        "%(name)s is another figure than the target names: clear the indicator, or the node, figure and "
                        "product.",
                        name=one.display_name,
                    )
                )
            if target.template_id.scope == "product" and not target.product_id:
                raise ValidationError(
                    self.env._("A target for %(template)s needs a product.", template=target.template_id.name)
                )

    @api.constrains("value", "template_id")
    def _check_value(self):
        for target in self:
            if target.value < 0:
                raise ValidationError(self.env._("%(name)s: a target cannot be below zero.", name=target.display_name))

    # === CRUD METHODS === #
    @api.model_create_multi
    def create(self, vals_list):
        return super().create([self._completed(vals) for vals in vals_list])

    def write(self, vals):
        if not {"indicator_id", "node_id", "template_id", "product_id", "date_from", "period"} & vals.keys():
            return super().write(vals)
        for target in self:
            names = ("node_id", "template_id", "product_id", "period", "date_from")
            before = {name: target._fields[name].convert_to_write(target[name], target) for name in names}
            super(EnergyTarget, target).write(self._completed({**before, **vals}))
        return True

    def _completed(self, vals: dict) -> dict:
        """The values with the indicator's place, or the place's indicator, and the first day of the period."""
        vals = dict(vals)
        if vals.get("indicator_id"):
            vals.update(self._place(self.env["energy.indicator"].browse(vals["indicator_id"])))
        elif vals.get("node_id") and vals.get("template_id"):
            vals["indicator_id"] = self._find_indicator(vals).id
        day = fields.Date.to_date(vals.get("date_from")) or self.default_get(["date_from"])["date_from"]
        vals["date_from"] = fields.Date.start_of(fields.Date.to_date(day), vals.get("period") or "year")
        return vals

    def _twin_text(self, key: dict) -> str:
        return self.env._("There is already a target “%(target)s”: change that one.", target=self.new(key).display_name)

    @api.model
    def _place(self, indicator) -> dict:
        return {
            "node_id": indicator.node_id.id,
            "template_id": indicator.template_id.id,
            "product_id": indicator.product_id.id,
        }

    @api.model
    def _find_indicator(self, place: dict):
        """The indicator of a node, template and product; of several flows the one the template starts with."""
        found = self.env["energy.indicator"].search(
            [(name, "=", place.get(name) or False) for name in ("node_id", "template_id", "product_id")]
        )
        return found.sorted(lambda one: one.flow != one.template_id.default_flow)[:1]

    # === MONTHS OF A YEAR === #
    def action_split(self):
        """Split a year's target into months by last year's profile, without one by days; together exactly the year."""
        self._ensure_asked()
        self.check_access("write")
        for target in self.filtered(lambda one: one.period == "year"):
            begin = [target.date_from.replace(month=month + 1) for month in range(MONTHS)]
            target.split_by, values = target._month_values(begin)
            present = {one.date_from: one for one in target._months_present()}
            for day, value in zip(begin, values, strict=True):
                if day in present:
                    present[day].write({"value": value, "parent_id": target.id})
                else:
                    self.create(target._month_vals(day, value))
        return True

    def _months_present(self):
        return self.search(
            [
                *((name, "=", self[name].id) for name in ("node_id", "template_id", "product_id")),
                ("kind", "=", self.kind),
                ("period", "=", "month"),
                ("date_from", ">=", self.date_from),
                ("date_to", "<=", self.date_to),
            ]
        )

    def _month_vals(self, day, value: float) -> dict:
        return {
            **{name: self[name].id for name in ("indicator_id", "node_id", "template_id", "product_id")},
            "kind": self.kind,
            "period": "month",
            "date_from": day,
            "value": value,
            "direction": self.direction,
            "document": self.document,
            "parent_id": self.id,
        }

    def _month_values(self, begin: list) -> tuple[str, list[float]]:
        """How the year is split, and the value of every month."""
        if self.template_id.kind not in ADDED_UP:
            return "same", [self.value] * MONTHS
        weights = self._last_year(begin)
        if weights is None:
            days = [(fields.Date.end_of(day, "month") - day).days + 1 for day in begin]
            return "days", _split(self.value, np.array(days, float))
        return "profile", _split(self.value, weights)

    def _last_year(self, begin: list) -> np.ndarray | None:
        """Figures of the twelve months a year before, None unless all of them are known and make more than nothing."""
        before = [fields.Date.subtract(day, years=1) for day in begin]
        self.env["energy.value.month"].flush_model()
        self.env.cr.execute(
            """SELECT month, value FROM energy_value_month
                WHERE indicator_id = %s AND month = ANY(%s) AND value IS NOT NULL""",
            [self.indicator_id.id or 0, before],
        )
        found = dict(self.env.cr.fetchall())
        weights = np.array([found.get(day, -1.0) for day in before])
        return weights if (weights >= 0).all() and weights.sum() > 0 else None

    # === ACTIONS === #
    def action_explain(self):
        """How the figure reached came about."""
        self._ensure_asked_one()
        yesterday = fields.Date.context_today(self) - timedelta(days=1)
        last = max(self.date_from, min(self.date_to, yesterday))
        return self.env["energy.value"]._explain_action(self.indicator_id, self.date_from, last)


def _split(value: float, weights: np.ndarray) -> list[float]:
    """Split a value in proportion to weights, at 0.001 of the unit; the last one takes what is below, so the sum is exact."""
    share = (weights / weights.sum())[:, None]
    parts = divide(np.array([value]), share, np.arange(len(weights)), np.array([0]))
    values = [Decimal(repr(float(part))) for part in parts.amount[:, 0]]
    values[-1] += Decimal(repr(float(parts.rest[0])))
    return [float(part) for part in values]
