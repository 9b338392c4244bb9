"""A consumer of an allocation key."""

from datetime import date

from odoo import api, fields, models
from odoo.exceptions import ValidationError

from ..calculation.allocation_book import LEDGER
from ..tools.uom import uom_factor
from .energy_allocation import ALLOCATED

# Bases whose figures are read from an indicator of each consumer.
MEASURED = ("output", "hours", "submeter")


class EnergyAllocationLine(models.Model):
    """A unit or device that takes part in an allocation, with its share or its figure; kept by Energy managers."""

    _name = "energy.allocation.line"
    _inherit = ["energy.wall.mixin"]
    _description = "Consumer of an Allocation"
    _check_company_auto = True
    _order = "allocation_id, sequence, id"

    allocation_id = fields.Many2one("energy.allocation", required=True, index=True, ondelete="cascade")
    sequence = fields.Integer(default=10)
    node_id = fields.Many2one(
        "energy.node",
        string="Consumer",
        required=True,
        index=True,
        ondelete="restrict",
        domain="[('kind', 'in', ('unit', 'device')), ('company_id', '=', company_id)]",
    )
    share = fields.Float(help="Part of the whole. Shares below 100 % together leave the rest at the source.")
    figure = fields.Float(
        digits=(16, 2),
        help="Floor area in m² or number of heads on these days. 0: that of the unit's ledger, on all days.",
    )
    ledger_figure = fields.Float(compute="_compute_ledger_figure", digits=(16, 2), string="In the Ledger")
    basis_id = fields.Many2one(
        "energy.indicator",
        check_company=True,
        string="Figure Read From",
        index="btree_not_null",
        ondelete="restrict",
        compute="_compute_basis_id",
        store=True,
        readonly=False,
        precompute=True,
        domain="[('company_id', '=', company_id), ('kind', 'in', ('counter', 'amount'))]",
        help="Output, running hours or sub-meter of this consumer; its figure of each day decides the share.",
    )
    date_from = fields.Date(string="Valid From")
    date_to = fields.Date(string="Valid To", help="Last day on which this consumer takes part like this.")
    indicator_id = fields.Many2one(
        "energy.indicator",
        check_company=True,
        string="Allocated",
        required=True,
        readonly=True,
        index=True,
        ondelete="restrict",
        help="The indicator at the consumer that shows what it was allocated.",
    )
    basis = fields.Selection(related="allocation_id.basis")
    company_id = fields.Many2one(related="allocation_id.company_id", store=True, index=True, precompute=True)

    _dates_in_order = models.Constraint(
        "CHECK (date_from IS NULL OR date_to IS NULL OR date_from <= date_to)",
        "A consumer's days cannot end before they begin: correct the dates.",
    )
    _figure_positive = models.Constraint(
        "CHECK (figure >= 0)", "Floor area and heads of a consumer cannot be below zero."
    )

    # === COMPUTE METHODS === #
    @api.depends("node_id", "allocation_id.name")
    def _compute_display_name(self):
        for line in self:
            line.display_name = f"{line.allocation_id.name}: {line.node_id.name or ''}"

    @api.depends("node_id.floor_area", "node_id.headcount", "allocation_id.basis")
    def _compute_ledger_figure(self):
        for line in self:
            name = LEDGER.get(line.allocation_id.basis)
            line.ledger_figure = line.node_id[name] if name else 0.0

    @api.depends("node_id", "allocation_id.basis", "allocation_id.source_id")
    def _compute_basis_id(self):
        """The consumer's only indicator that fits; what somebody chose stays as long as it fits."""
        for line in self:
            domain = line._basis_domain()
            if domain is None:
                line.basis_id = False
            elif not line.basis_id or not line.basis_id.filtered_domain(domain):
                found = self.env["energy.indicator"].search(domain, limit=2)
                line.basis_id = found if len(found) == 1 else False

    def _basis_domain(self) -> list | None:
        """Which indicators of the consumer can be the basis; None where none is read."""
        key = self.allocation_id
        if key.basis not in MEASURED or not self.node_id:
            return None
        domain = [("node_id", "=", self.node_id._origin.id)]
        if key.basis == "submeter":
            below = ("node_id", "child_of", self.node_id._origin.id)
            return [below, ("node_id.kind", "=", "meter"), ("kind", "=", "counter"),
                    ("template_id.main_total", "=", True), ("id", "!=", key.source_id._origin.id)]  # fmt: skip
        code = "OUT.QTY" if key.basis == "output" else "OP.H"
        return [*domain, ("template_id.code", "=", code)]

    # === CONSTRAINT METHODS === #
    @api.constrains("node_id", "share", "basis_id", "date_from", "date_to", "allocation_id", "indicator_id")
    def _check_line(self):
        self._check_consumer()
        self.allocation_id._check_lines()

    def _check_consumer(self):
        """Refuse consumers that cannot take part, or that do so twice on a day."""
        for line in self:
            line._check_node()
            if not 0 <= line.share <= 1 + 1e-9:
                raise ValidationError(
                    self.env._(
                        "%(node)s in %(name)s: a share lies between 0 and 100 %%.",
                        node=line.node_id.name,
                        name=line.allocation_id.name,
                    )
                )
            twins = line.allocation_id.line_ids.filtered(
                lambda other, line=line: (
                    other != line
                    and other.node_id == line.node_id
                    and other._begin() <= line._end()
                    and line._begin() <= other._end()
                )
            )
            if twins:
                raise ValidationError(
                    self.env._(
                        "%(node)s is twice in %(name)s on the same day: end the first line before the second begins.",
                        node=line.node_id.name,
                        name=line.allocation_id.name,
                    )
                )
            if line.allocation_id.basis in MEASURED:
                line._check_basis()

    def _check_node(self):
        key = self.allocation_id
        if self.node_id == key.node_id:
            raise ValidationError(
                self.env._(
                    "%(node)s cannot be allocated to itself in %(name)s: what is not allocated stays there anyway. "
                    "Take it out.",
                    node=self.node_id.name,
                    name=key.name,
                )
            )
        if self.node_id.kind == "meter":
            raise ValidationError(
                self.env._(
                    "%(node)s is a meter: energy is allocated to units and devices. Choose what hangs at the meter.",
                    node=self.node_id.name,
                )
            )
        if self.node_id.company_id != key.company_id:
            raise ValidationError(
                self.env._("%(node)s belongs to another company than %(name)s.", node=self.node_id.name, name=key.name)
            )

    def _check_basis(self):
        """The figures of all consumers are amounts of one kind, so that they can be set in proportion."""
        key, basis = self.allocation_id, self.basis_id
        if not basis:
            raise ValidationError(
                self.env._(
                    "Choose for %(node)s in %(name)s the indicator whose figures decide its share.",
                    node=self.node_id.name,
                    name=key.name,
                )
            )
        if basis.kind not in ("counter", "amount") or basis == key.source_id or basis.company_id != key.company_id:
            raise ValidationError(
                self.env._(
                    "%(basis)s cannot decide a share in %(name)s: choose an amount of the consumer (output, hours or a "
                    "sub-meter).",
                    basis=basis.display_name,
                    name=key.name,
                )
            )
        first = key.line_ids.basis_id[:1]
        if first.uom_id != basis.uom_id:
            uom_factor(basis.uom_id, first.uom_id)

    # === CRUD METHODS === #
    @api.model_create_multi
    def create(self, vals_list):
        lines = super().create([self._with_indicator(vals) for vals in vals_list])
        lines._mark_all()
        return lines

    def write(self, vals):
        before = self.allocation_id._targets()
        result = super().write(vals)
        if {"node_id", "allocation_id"} & vals.keys():
            self._renew_indicators()
        self.allocation_id._mark_changed(before)
        return result

    def unlink(self):
        keys, targets = self.allocation_id, self.allocation_id._targets()
        result = super().unlink()
        keys.exists()._mark_changed(targets)
        return result

    def _with_indicator(self, vals: dict) -> dict:
        key = self.env["energy.allocation"].browse(vals.get("allocation_id"))
        node = self.env["energy.node"].browse(vals.get("node_id"))
        if not (key.source_id and node):
            return vals  # refused by name
        return dict(vals, indicator_id=key.source_id._ensure_allocated(node, ALLOCATED).id)

    def _renew_indicators(self):
        for line in self:
            indicator = line.allocation_id.source_id._ensure_allocated(line.node_id, ALLOCATED)
            if line.indicator_id != indicator:
                line.indicator_id = indicator

    # === BUSINESS METHODS === #
    def _begin(self) -> date:
        return max(self.date_from or date.min, self.allocation_id._begin())

    def _end(self) -> date:
        return min(self.date_to or date.max, self.allocation_id._end())

    def _holds_on(self, day) -> bool:
        return (self.date_from or date.min) <= day <= (self.date_to or date.max)

    def _mark_all(self):
        """A consumer's figure decides what all of them get."""
        self.allocation_id._mark_changed()

    def _add_to_consumption(self):
        """Make what was allocated a term of the consumer's consumption."""
        allocated = self.indicator_id
        totals = self.env["energy.indicator"].search(
            [
                ("node_id", "=", self.node_id.id),
                ("energy_type_id", "=", allocated.energy_type_id.id),
                ("indicator_class", "=", "efficiency"),
                ("kind", "=", "amount"),
                ("flow", "=", "consumption"),
                ("source", "=", "computed"),
                ("expression", "=", False),
            ]
        )
        self.env["energy.indicator.term"].create(
            [
                {"indicator_id": total.id, "source_id": allocated.id}
                for total in totals
                if allocated not in total.term_ids.source_id
            ]
        )
