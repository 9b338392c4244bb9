"""The management tree: units, devices and meters in one model; each kind adds its ledger in a file of its own."""

from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError

KINDS = [("unit", "Unit"), ("device", "Device"), ("meter", "Meter")]
# What may hang under what (user flow I5); a device or meter may also be registered before it is placed.
PARENT_KINDS = {"unit": ("unit",), "device": ("unit",), "meter": ("unit", "device")}


class EnergyNode(models.Model):
    """A place in the management tree (能管关系): a plant, workshop or process, a device, or a meter.

    Kept by Energy managers; Instrument engineers keep devices and meters. A device or meter may be registered first
    and placed later. Membership is dated: ``parent_id`` is today's, ``energy.node.parent`` keeps the days before.
    """

    _name = "energy.node"
    _description = "Energy Node"
    _inherit = ["energy.wall.mixin", "mail.thread", "mail.activity.mixin", "energy.node.panel.mixin"]
    _order = "sequence, complete_name, id"
    _parent_store = True
    _rec_names_search = ["complete_name", "code"]
    _check_company_auto = True

    name = fields.Char(required=True, tracking=True)
    code = fields.Char(tracking=True, copy=False, help="Number in your ledger, unique in the company.")
    kind = fields.Selection(KINDS, required=True, default="unit", index=True)
    sequence = fields.Integer(default=10)
    active = fields.Boolean(default=True, tracking=True)
    company_id = fields.Many2one(
        "res.company",
        required=True,
        index=True,
        ondelete="cascade",
        compute="_compute_company_id",
        store=True,
        readonly=False,
        precompute=True,
    )
    parent_id = fields.Many2one(
        "energy.node", string="Under", index=True, ondelete="restrict", check_company=True, tracking=True
    )
    parent_path = fields.Char(index=True)
    child_ids = fields.One2many("energy.node", "parent_id", string="Directly Below")
    complete_name = fields.Char(
        string="Full Name", compute="_compute_complete_name", store=True, recursive=True, precompute=True
    )
    depth = fields.Integer(
        string="Tree Level",
        compute="_compute_depth",
        store=True,
        recursive=True,
        precompute=True,
        aggregator=None,
        help="1 for a plant, 2 for what is directly below it, 0 while not placed.",
    )
    placed = fields.Boolean(
        compute="_compute_placed", store=True, precompute=True, help="Hangs in the tree, or is its root."
    )
    location = fields.Char()
    note = fields.Html()
    properties = fields.Properties(
        string="Own Properties", definition="company_id.energy_node_properties_definition", copy=True
    )
    lacks_meter = fields.Boolean(
        string="Without Meter",
        compute="_compute_lacks_meter",
        search="_search_lacks_meter",
        help="No meter hangs here although the metering level kept by the company asks for one.",
    )
    indicator_ids = fields.One2many("energy.indicator", "node_id", string="Indicators")
    indicator_count = fields.Integer(compute="_compute_indicator_count", string="Number of Indicators")

    _code_unique = models.UniqueIndex(
        "(company_id, code) WHERE code IS NOT NULL",
        "This code is already used by another unit, device or meter of the company: choose another.",
    )

    # === COMPUTE METHODS === #
    @api.depends("parent_id")
    def _compute_company_id(self):
        for node in self:
            node.company_id = node.company_id or node.parent_id.company_id or self.env.company

    @api.depends("name", "parent_id.complete_name")
    def _compute_complete_name(self):
        for node in self:
            parts = [node.parent_id.complete_name, node.name]
            node.complete_name = " / ".join(part for part in parts if part)

    @api.depends("name", "complete_name")
    @api.depends_context("hierarchical_naming")
    def _compute_display_name(self):
        """Full name, or the bare name where the tree itself is shown (search panels)."""
        hierarchical = self.env.context.get("hierarchical_naming", True)
        for node in self:
            node.display_name = node.complete_name if hierarchical else node.name

    @api.depends("kind", "parent_id.depth")
    def _compute_depth(self):
        for node in self:
            if node.parent_id:
                node.depth = node.parent_id.depth + 1
            else:
                node.depth = 1 if node.kind == "unit" else 0

    @api.depends("kind", "parent_id")
    def _compute_placed(self):
        for node in self:
            node.placed = node.kind == "unit" or bool(node.parent_id)

    @api.depends("kind", "depth", "child_ids.kind", "child_ids.meter_state", "company_id.energy_metering_level")
    def _compute_lacks_meter(self):
        lacking = self.filtered_domain(self._lacks_meter_domain())
        for node in self:
            node.lacks_meter = node in lacking

    def _search_lacks_meter(self, operator, value):
        if operator != "in":
            return NotImplemented
        domain = fields.Domain(self._lacks_meter_domain())
        return domain if True in value else ~domain

    def _lacks_meter_domain(self):
        """Return the domain of nodes without a meter that their company's metering level asks for."""
        asking = fields.Domain.FALSE
        for company in self.env.companies:
            level = int(company.energy_metering_level)
            nodes = fields.Domain("kind", "=", "unit") & fields.Domain("depth", "<=", 1 if level == 1 else 1000)
            if level >= 3:
                nodes |= fields.Domain("kind", "=", "device") & fields.Domain("placed", "=", True)
            asking |= fields.Domain("company_id", "=", company.id) & nodes
        meters = [("kind", "=", "meter"), ("meter_state", "!=", "scrapped")]
        return asking & fields.Domain("child_ids", "not any", meters)

    @api.depends("indicator_ids")
    def _compute_indicator_count(self):
        counts = dict(self.env["energy.indicator"]._read_group([("node_id", "in", self.ids)], ["node_id"], ["__count"]))
        for node in self:
            node.indicator_count = counts.get(node, 0)

    # === CONSTRAINT METHODS === #
    @api.constrains("parent_id", "kind")
    def _check_placement(self):
        for node in self | self.child_ids:
            parent = node.parent_id
            if parent and parent.kind not in PARENT_KINDS[node.kind]:
                raise ValidationError(node._placement_problem())

    @api.constrains("active", "parent_id")
    def _check_active_chain(self):
        """What is hidden must not keep visible nodes below it: they would drop out of the tree."""
        for node in self:
            if not node.active and (visible := node.child_ids.filtered("active")):
                raise ValidationError(
                    self.env._(
                        "%(node)s cannot be archived: %(children)s below it are still active. Archive them as well, "
                        "or move them first.",
                        node=node.name,
                        children=", ".join(visible[:5].mapped("name")),
                    )
                )
            if node.active and node.parent_id and not node.parent_id.active:
                raise ValidationError(
                    self.env._(
                        "%(node)s hangs under %(parent)s, which is archived: restore that first, or choose another "
                        "place.",
                        node=node.name,
                        parent=node.parent_id.complete_name,
                    )
                )

    # === CRUD METHODS === #
    @api.model_create_multi
    def create(self, vals_list):
        vals_list = [self._normalized(vals) for vals in vals_list]
        self._check_parents_placed([vals["parent_id"] for vals in vals_list if vals.get("parent_id")])
        return super().create(vals_list)

    def write(self, vals):
        vals = self._normalized(vals)
        if "kind" in vals:
            self._check_kind_free(vals["kind"])
        if "company_id" in vals:
            self._check_company_free(vals["company_id"])
        if vals.get("parent_id"):
            self._check_no_circle(self.browse(vals["parent_id"]))
            self._check_parents_placed([vals["parent_id"]])
        result = super().write(vals)
        if {"kind", "parent_id", "company_id"} & vals.keys():
            # Rules were asked before the change; the new place must lie within the user's walls, too.
            self.check_access("write")
        return result

    @api.ondelete(at_uninstall=False)
    def _unlink_except_used(self):
        """Refuse to delete what others hang on, saying on what; archiving keeps everything."""
        every = self.sudo().with_context(active_test=False)
        below = every.child_ids - every
        if below:
            raise UserError(
                self.env._(
                    "%(node)s cannot be deleted: %(count)s nodes hang below it (%(names)s). Move or delete them first, "
                    "or archive them together.",
                    node=below[0].parent_id.complete_name,
                    count=len(below),
                    names=", ".join(below[:5].mapped("name")),
                )
            )
        if indicators := every.indicator_ids:
            raise UserError(
                self.env._(
                    "%(node)s cannot be deleted: it has %(count)s indicators (%(names)s) whose values would be lost. "
                    "Delete the indicators first, or archive the node.",
                    node=indicators[0].node_id.complete_name,
                    count=len(indicators.filtered(lambda i: i.node_id == indicators[0].node_id)),
                    names=", ".join(indicators[:5].mapped("name")),
                )
            )

    # === ACTIONS === #
    def action_view_indicators(self):
        """Open the indicators of this node and of what is below it."""
        self._ensure_asked_one()
        action = self.env["ir.actions.act_window"]._for_xml_id("energy_carbon.energy_indicator_action")
        title = self.env._("Indicators of %(node)s", node=self.name)
        return dict(
            action,
            name=title,
            display_name=title,
            domain=[("node_id", "child_of", self.id)],
            context={"default_node_id": self.id},
        )

    # === BUSINESS METHODS === #
    @api.model
    def _normalized(self, vals: dict) -> dict:
        """Return the values with a code of blanks as no code, so that it does not count for uniqueness."""
        if "code" not in vals:
            return vals
        return {**vals, "code": (vals["code"] or "").strip() or False}

    def _placement_problem(self) -> str:
        """Say what this node may hang under."""
        self.ensure_one()
        kinds = dict(self._fields["kind"]._description_selection(self.env))
        return self.env._(
            "%(node)s (%(kind)s) cannot hang under %(parent)s (%(parent_kind)s): it may hang under %(allowed)s.",
            node=self.name,
            kind=kinds[self.kind],
            parent=self.parent_id.complete_name,
            parent_kind=kinds[self.parent_id.kind],
            allowed=", ".join(kinds[kind] for kind in PARENT_KINDS[self.kind]),
        )

    @api.model
    def _check_parents_placed(self, parent_ids: list[int]):
        """Say in words what the walls refuse: below an unplaced device lies nobody's part of the tree."""
        parents = self.sudo().browse(parent_ids)
        if not self.env.su and (lost := parents.filtered(lambda node: node.kind == "device" and not node.placed)):
            raise UserError(
                self.env._(
                    "%(parent)s is not placed in the tree yet: place it first, then what hangs under it.",
                    parent=lost[0].name,
                )
            )

    def _check_no_circle(self, parent):
        """Refuse to hang a node under itself or what is below it, before the ORM says so in fewer words."""
        path = set((parent.sudo().parent_path or "").split("/"))
        for node in self:
            if str(node.id) in path:
                raise UserError(
                    self.env._(
                        "%(node)s cannot hang under %(parent)s, which is itself or below it: choose another place.",
                        node=node.name,
                        parent=parent.sudo().complete_name,
                    )
                )

    def _check_kind_free(self, kind: str):
        """A kind is fixed once indicators exist: their templates and formulas rest on it."""
        fixed = self.sudo().with_context(active_test=False).filtered(lambda n: n.kind != kind and n.indicator_ids)
        if fixed:
            raise UserError(
                self.env._(
                    "%(node)s has indicators, so it stays what it is. Register a new node of the other kind instead.",
                    node=fixed[0].complete_name,
                )
            )

    def _check_company_free(self, company_id: int):
        """A node with indicators stays in its company: their values lie behind its wall."""
        fixed = self.sudo().with_context(active_test=False)
        fixed = fixed.filtered(lambda n: n.company_id.id != company_id and (n.indicator_ids or n.child_ids))
        if fixed:
            raise UserError(
                self.env._(
                    "%(node)s has indicators or nodes below it and cannot change to another company. Create it anew "
                    "there.",
                    node=fixed[0].complete_name,
                )
            )
