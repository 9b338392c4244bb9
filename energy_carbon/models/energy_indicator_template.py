"""Indicator templates: the common set that indicators are picked from."""

import re

from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError

from ..tools.selections import FLOWS, MEASURES

# Once indicators exist these stay: values were counted, added up and converted by them.
FIXED_IN_USE = {"energy_type_id", "kind", "aggregation", "uom_id", "scope", "measure"}
# The only field of a shipped template that users may write.
WRITABLE_WHEN_LOCKED = {"active"}


class EnergyIndicatorTemplate(models.Model):
    """What an indicator counts and how its figures add up (指标模版).

    The shipped ones are locked and can be copied; Energy managers add their own.
    """

    _name = "energy.indicator.template"
    _inherit = ["energy.wall.mixin"]
    _description = "Indicator Template"
    _order = "indicator_class, sequence, id"
    _rec_names_search = ["name", "code"]
    _check_company_auto = True

    name = fields.Char(required=True, translate=True)
    code = fields.Char(required=True, copy=False, help="Short code, unique in the company: EL.FWD, T.TCE.")
    sequence = fields.Integer(default=1000)
    indicator_class = fields.Selection(
        [("collected", "Collected"), ("efficiency", "Efficiency")],
        string="Class",
        required=True,
        default="efficiency",
        help="Collected: read from a meter or typed. Efficiency: consumption, standard coal, carbon, cost and ratios.",
    )
    scope = fields.Selection(
        [
            ("type", "One energy type"),
            ("total", "All energy types"),
            ("product", "A product"),
            ("none", "Other"),
        ],
        string="About",
        required=True,
        default="type",
    )
    energy_type_id = fields.Many2one("energy.type", index="btree_not_null", ondelete="restrict", check_company=True)
    uom_id = fields.Many2one(
        "uom.uom",
        string="Unit of Measure",
        ondelete="restrict",
        help="Empty where the unit is the product's, the company's currency, or a ratio of two units.",
    )
    unit_text = fields.Char(
        string="Unit",
        help="The unit in words: kWh, kgce/unit. “currency” stands for the company's currency, “own” and “unit” for the "
        "product's unit.",
    )
    unit_label = fields.Char(compute="_compute_unit_label", string="Shown Unit")
    kind = fields.Selection(
        [
            ("counter", "Counter"),
            ("amount", "Amount"),
            ("gauge", "Gauge"),
            ("stock", "Stock"),
            ("derived", "Derived"),
            ("ratio", "Ratio"),
        ],
        required=True,
        default="amount",
        help="Counter: a register that counts up. Amount: what was used in a time. Gauge: a reading of the moment "
        "(power, temperature). Stock: what lies in store. Derived: computed from the same sources as the "
        "consumption. Ratio: one sum divided by another.",
    )
    aggregation = fields.Selection(
        [
            ("sum", "Sum"),
            ("mean", "Mean"),
            ("max", "Maximum"),
            ("min", "Minimum"),
            ("last", "Last"),
            ("ratio", "Ratio of sums"),
        ],
        string="Over Time",
        required=True,
        default="sum",
        help="How the figure of a month comes from its days. A ratio is always the ratio of the sums.",
    )
    main_total = fields.Boolean(help="The one to choose first for a meter of this energy type: it counts everything.")
    tou_role = fields.Selection(
        [
            ("split", "Split by period"),
            ("sharp", "Sharp"),
            ("peak", "Peak"),
            ("flat", "Flat"),
            ("valley", "Valley"),
            ("deep_valley", "Deep valley"),
        ],
        string="Time-of-Use Role",
    )
    measure = fields.Selection(
        MEASURES,
        required=True,
        default="amount",
        help="What a derived figure takes of its sources. Figures of cost are shown only with the right to see prices.",
    )
    default_flow = fields.Selection(FLOWS, string="Flow Direction", help="Flow direction a new indicator starts with.")
    locked = fields.Boolean(
        string="Shipped", readonly=True, copy=False, help="Came with installation: cannot be changed, but copied."
    )
    active = fields.Boolean(default=True)
    company_id = fields.Many2one("res.company", index=True, ondelete="cascade", help="Empty: shared by all companies.")
    note = fields.Text()
    indicator_ids = fields.One2many("energy.indicator", "template_id", string="Indicators")

    _code_unique = models.UniqueIndex(
        "(code, COALESCE(company_id, 0))", "There is already an indicator template with this code: choose another."
    )

    # === COMPUTE METHODS === #
    @api.depends("unit_text")
    @api.depends_context("lang")
    def _compute_unit_label(self):
        """What stands for a unit of the company or the product, in the reader's words."""
        product_unit = self.env._("product unit")
        words = {
            "currency": self.env._("currency"),
            "own": product_unit,
            "unit": product_unit,
            "10⁴ yuan": self.env._("10⁴ yuan"),
        }
        pattern = r"\b(?:" + "|".join(words) + r")\b"
        for template in self:
            template.unit_label = re.sub(pattern, lambda found: words[found[0]], template.unit_text or "")

    # === ONCHANGE METHODS === #
    @api.onchange("energy_type_id")
    def _onchange_energy_type_id(self):
        if self.energy_type_id and not self.uom_id and self.kind in ("counter", "amount"):
            self.uom_id = self.energy_type_id.uom_id

    @api.onchange("uom_id")
    def _onchange_uom_id(self):
        if self.uom_id:
            self.unit_text = self.uom_id.name

    @api.onchange("kind")
    def _onchange_kind(self):
        defaults = {"gauge": "mean", "stock": "last", "ratio": "ratio"}
        self.aggregation = defaults.get(self.kind, "sum")

    # === CONSTRAINT METHODS === #
    @api.constrains("kind", "aggregation", "scope", "energy_type_id")
    def _check_meaning(self):
        for template in self:
            if message := template._meaning_problem():
                raise ValidationError(
                    self.env._(
                        "%(template)s: %(problem)s", template=f"{template.code} {template.name}", problem=message
                    )
                )

    # === CRUD METHODS === #
    def write(self, vals):
        if not self.env.su and vals.keys() - WRITABLE_WHEN_LOCKED and (shipped := self.filtered("locked")):
            raise UserError(
                self.env._(
                    "%(template)s came with installation and cannot be changed. Copy it and change the copy; you may "
                    "archive the original.",
                    template=shipped[0].name,
                )
            )
        if FIXED_IN_USE & vals.keys():
            self._check_fixed_fields(vals)
        return super().write(vals)

    def copy_data(self, default=None):
        vals_list = super().copy_data(default)
        for template, vals in zip(self, vals_list, strict=True):
            if "name" not in (default or {}):
                vals["name"] = self.env._("%(name)s (copy)", name=template.name)
            vals.setdefault("code", template._free_code())
        return vals_list

    @api.ondelete(at_uninstall=False)
    def _unlink_except_used(self):
        for template in self:
            indicators = template.sudo().with_context(active_test=False).indicator_ids
            if indicators:
                raise UserError(
                    self.env._(
                        "%(template)s cannot be deleted: %(count)s indicators use it, such as %(indicator)s. Archive "
                        "it instead.",
                        template=template.name,
                        count=len(indicators),
                        indicator=indicators[0].display_name,
                    )
                )
            if template.locked and not self.env.su:
                raise UserError(
                    self.env._(
                        "%(template)s came with installation and cannot be deleted on its own: archive it. It goes "
                        "when its unused energy type is deleted.",
                        template=template.name,
                    )
                )

    # === BUSINESS METHODS === #
    def _meaning_problem(self) -> str | None:
        """Return what does not fit in this template and what to do, or None."""
        self.ensure_one()
        if self.scope == "type" and not self.energy_type_id:
            return self.env._("choose the energy type it is about, or another choice under About.")
        if self.scope in ("total", "product") and self.energy_type_id and self.kind == "derived":
            return self.env._("a total over all energy types has no energy type of its own: clear it.")
        if self.kind == "ratio" and self.aggregation != "ratio":
            return self.env._("a ratio over time is the ratio of the sums: choose that under Over Time.")
        if self.kind == "gauge" and self.aggregation == "sum":
            return self.env._("readings of the moment are never added up: choose mean, minimum, maximum or last.")
        if self.kind in ("counter", "derived") and self.aggregation != "sum":
            return self.env._("amounts counted over time are added up: choose sum under Over Time.")
        return None

    def _check_fixed_fields(self, vals: dict):
        """Refuse to change what existing values rest on."""
        for template in self.sudo().with_context(active_test=False):
            changed = [
                template._fields[name]
                for name in FIXED_IN_USE & vals.keys()
                if template._fields[name].convert_to_write(template[name], template) != (vals[name] or False)
            ]
            if changed and template.indicator_ids:
                labels = sorted(field._description_string(self.env) for field in changed)
                raise UserError(
                    self.env._(
                        "%(template)s is used by %(count)s indicators: %(field)s cannot change any more. Copy the "
                        "template and change the copy.",
                        template=template.name,
                        count=len(template.indicator_ids),
                        field=", ".join(labels),
                    )
                )

    def _free_code(self) -> str:
        """Return the code of this template with the first number that is free."""
        self.ensure_one()
        every = self.sudo().with_context(active_test=False)
        taken = set(every.search([("code", "=like", f"{self.code}-%")]).mapped("code"))
        number = 2
        while f"{self.code}-{number}" in taken:
            number += 1
        return f"{self.code}-{number}"
