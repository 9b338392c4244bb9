"""Allocation keys: who takes which part of what a shared meter counted."""

from datetime import date, timedelta

from odoo import api, fields, models
from odoo.exceptions import ValidationError

# Code endings of the templates: what a consumer got, and what was left at the source.
ALLOCATED, REMAINDER = "ALLOC", "REST"
FLOW = "transfer"
# Fixed shares of 1/3 make one but for the last bit.
ROUNDING = 1e-9


class EnergyAllocation(models.Model):
    """The key by which the amount of a shared meter or unit is shared out among its consumers (分摊), for some days.

    Kept by Energy managers. The calculation writes what each consumer got and what was left at the source.
    """

    _name = "energy.allocation"
    _description = "Energy Allocation"
    _check_company_auto = True
    _inherit = ["energy.wall.mixin", "mail.thread", "energy.node.panel.mixin", "energy.archive.mixin"]
    _order = "node_id, source_id, date_from desc, id"

    name = fields.Char(
        compute="_compute_name", store=True, readonly=False, precompute=True, required=True, tracking=True
    )
    source_id = fields.Many2one(
        "energy.indicator",
        string="What Is Allocated",
        required=True,
        index=True,
        ondelete="restrict",
        tracking=True,
        domain="[('kind', 'in', ('counter', 'amount')), ('energy_type_id', '!=', False), ('node_id.placed', '=', True)]",
        help="The consumption of a shared meter or unit. What is not allocated stays there and shows there.",
    )
    basis = fields.Selection(
        [
            ("fixed", "Fixed shares"),
            ("area", "Floor area"),
            ("headcount", "Headcount"),
            ("output", "Output"),
            ("hours", "Running hours"),
            ("submeter", "Sub-meters"),
        ],
        string="Shared Out By",
        required=True,
        default="fixed",
        tracking=True,
        help="Fixed shares: as typed; what they leave open stays at the source. All others: in proportion to the "
        "consumers' figures of the day, together the whole. A day without any figure allocates nothing.",
    )
    date_from = fields.Date(string="Valid From", tracking=True, help="Empty: from the beginning.")
    date_to = fields.Date(string="Valid To", tracking=True, help="Last day, included. Empty: until further notice.")
    line_ids = fields.One2many("energy.allocation.line", "allocation_id", string="Consumers", copy=True)
    remainder_id = fields.Many2one(
        "energy.indicator",
        check_company=True,
        string="Left at the Source",
        readonly=True,
        copy=False,
        index=True,
        ondelete="restrict",
        help="What was not allocated: it keeps what fixed shares leave open and what lies below 0.001 of the unit.",
    )
    node_id = fields.Many2one(
        related="source_id.node_id", string="Shared Meter or Unit", store=True, index=True, precompute=True
    )
    company_id = fields.Many2one(related="source_id.company_id", store=True, index=True, precompute=True)
    energy_type_id = fields.Many2one(related="source_id.energy_type_id")
    unit_label = fields.Char(related="source_id.unit_label", string="Unit")
    active = fields.Boolean(default=True, tracking=True)
    note = fields.Text()
    share_total = fields.Float(compute="_compute_share_total", string="Shares Together")

    _dates_in_order = models.Constraint(
        "CHECK (date_from IS NULL OR date_to IS NULL OR date_from <= date_to)",
        "An allocation cannot end before it begins: correct the dates.",
    )

    # === COMPUTE METHODS === #
    @api.depends("source_id")
    def _compute_name(self):
        for key in self:
            key.name = key.name or key.source_id.display_name or False

    @api.depends("line_ids.share", "line_ids.date_from", "line_ids.date_to", "basis")
    def _compute_share_total(self):
        today = fields.Date.context_today(self)
        for key in self:
            valid = key.line_ids.filtered(lambda line: line._holds_on(today))
            key.share_total = sum(valid.mapped("share")) if key.basis == "fixed" else 0.0

    # === CONSTRAINT METHODS === #
    @api.constrains("source_id")
    def _check_source(self):
        for key in self:
            source = key.source_id
            if source.kind not in ("counter", "amount") or not source.energy_type_id:
                raise ValidationError(
                    self.env._(
                        "%(name)s is no amount of energy and cannot be allocated: choose the consumption of a meter or "
                        "unit.",
                        name=source.display_name,
                    )
                )

    @api.constrains("source_id", "date_from", "date_to", "active")
    def _check_single(self):
        """Two keys for one source on one day would allocate it twice."""
        for key in self.filtered("active"):
            others = self.sudo().search([("source_id", "=", key.source_id.id), ("id", "!=", key.id)])
            twin = next((one for one in others if one._begin() <= key._end() and key._begin() <= one._end()), None)
            if twin:
                raise ValidationError(
                    self.env._(
                        "%(source_name)s is already allocated by %(twin)s on some of these days: end that allocation "
                        "before this one begins.",
                        source_name=key.source_id.display_name,
                        twin=twin.name,
                    )
                )

    @api.constrains("source_id", "basis", "date_from", "date_to", "line_ids", "active")
    def _check_lines(self):
        self.line_ids._check_consumer()
        for key in self:
            key._check_shares()
        self._check_no_circle()

    def _check_shares(self):
        """Fixed shares make at most the whole, on each day."""
        if self.basis != "fixed":
            return
        lines = self.line_ids
        for begin in sorted({line._begin() for line in lines}):
            total = sum(line.share for line in lines if line._begin() <= begin <= line._end())
            if total > 1 + ROUNDING:
                raise ValidationError(
                    self.env._(
                        "The shares of %(name)s as of %(day)s make %(total)s %%: more than the whole cannot be "
                        "allocated. Lower a share.",
                        name=self.name,
                        day=begin if begin > date.min else self.env._("the beginning"),
                        total=f"{100 * total:.10g}",
                    )
                )

    def _check_no_circle(self):
        """Refuse a key that needs its own result, naming the circle."""
        for key in self.filtered("active"):
            if key.remainder_id == key.source_id or key.source_id in key.line_ids.indicator_id:
                raise ValidationError(
                    self.env._(
                        "%(name)s would be allocated to itself: choose another source.",
                        name=key.source_id.display_name,
                    )
                )
        self.source_id._check_circle()

    # === CRUD METHODS === #
    @api.model_create_multi
    def create(self, vals_list):
        keys = super().create([self._with_remainder(vals) for vals in vals_list])
        keys._mark_changed()
        return keys

    def write(self, vals):
        before = self._targets()
        if vals.get("source_id"):
            vals = self._with_remainder(vals)
        result = super().write(vals)
        if "source_id" in vals:
            self.line_ids._renew_indicators()
        if {"source_id", "basis", "date_from", "date_to", "active", "line_ids"} & vals.keys():
            self._mark_changed(before)
        return result

    def unlink(self):
        targets = self._targets()
        result = super().unlink()
        self.env["energy.calculation"]._mark(targets.exists())
        return result

    def copy_data(self, default=None):
        """A copy begins where the original ends: two keys of one source cannot hold on the same day."""
        vals_list = super().copy_data(default)
        for key, vals in zip(self, vals_list, strict=True):
            if "active" not in (default or {}):
                vals["active"] = False
            vals["name"] = self.env._("%(name)s (copy)", name=key.name)
        return vals_list

    def _with_remainder(self, vals: dict) -> dict:
        source = self.env["energy.indicator"].browse(vals.get("source_id"))
        if not source.energy_type_id:
            return vals  # refused by name
        return dict(vals, remainder_id=source._ensure_allocated(source.node_id, REMAINDER).id)

    # === BUSINESS METHODS === #
    def _begin(self) -> date:
        return self.date_from or date.min

    def _end(self) -> date:
        return self.date_to or date.max

    def _targets(self):
        """The indicators that these keys compute."""
        return (self.line_ids.indicator_id | self.remainder_id).sudo()

    def _mark_changed(self, before=None):
        """What consumers got of this source no longer holds."""
        targets = self._targets() | (before.exists() if before else self.env["energy.indicator"])
        self.env["energy.calculation"]._mark(targets)

    # === ACTIONS === #
    def action_equal_shares(self):
        """Give every consumer that takes part today the same share of the whole."""
        self._ensure_asked()
        today = fields.Date.context_today(self)
        for key in self:
            lines = key.line_ids.filtered(lambda line: line._holds_on(today))
            key.write({"line_ids": [fields.Command.update(line.id, {"share": 1 / len(lines)}) for line in lines]})

    def action_new_version(self):
        """End this key with the month and begin a copy with the next one, to be changed there."""
        self._ensure_asked_one()
        end = fields.Date.end_of(max(self._begin(), fields.Date.context_today(self)), "month")
        self.date_to = min(self._end(), end)
        begin = self.date_to + timedelta(days=1)
        copy = self.copy({"active": True, "date_from": begin, "date_to": False})
        copy.name = self.name
        return dict(self.env["ir.actions.act_window"]._for_xml_id("energy_carbon.energy_allocation_action"),
                    view_mode="form", views=[(False, "form")], res_id=copy.id)  # fmt: skip

    def action_add_to_consumption(self):
        """Let the consumption of every consumer take what it was allocated, where it does not yet."""
        self._ensure_asked()
        for line in self.line_ids:
            line._add_to_consumption()

    def action_open_values(self):
        """The days of what was allocated and what was left."""
        self._ensure_asked_one()
        action = self.env["ir.actions.act_window"]._for_xml_id("energy_carbon.energy_value_action")
        shown = self.source_id | self._targets()
        return dict(action, domain=[("indicator_id", "in", shown.ids)], context={})
