"""Ledger of units: plants, workshops, processes, auxiliary services, offices, living quarters, tenants."""

from odoo import api, fields, models
from odoo.exceptions import ValidationError


class EnergyNode(models.Model):
    _inherit = "energy.node"

    unit_type = fields.Selection(
        [
            ("plant", "Plant"),
            ("workshop", "Workshop"),
            ("process", "Process"),
            ("service", "Auxiliary service"),
            ("office", "Office"),
            ("living", "Living quarters"),
            ("tenant", "Tenant"),
        ],
        compute="_compute_unit_type",
        store=True,
        readonly=False,
        precompute=True,
        tracking=True,
        help="An auxiliary service (boiler house, air station) turns energy into other energy. Living quarters and "
        "tenants count in the plant's total but not in production.",
    )
    region_id = fields.Many2one(
        "energy.region",
        index="btree_not_null",
        ondelete="restrict",
        compute="_compute_region_id",
        store=True,
        readonly=False,
        precompute=True,
        tracking=True,
        help="Grid region whose emission factors hold for this plant and what is below it.",
    )
    floor_area = fields.Float(string="Floor Area (m²)", digits=(16, 2), aggregator=None)
    headcount = fields.Integer(aggregator=None)
    use_ids = fields.One2many("energy.node.use", "node_id", string="Energy Uses", copy=True)
    product_ids = fields.Many2many(
        "product.product",
        "energy_node_product_rel",
        "node_id",
        "product_id",
        string="Products",
        domain="['|', ('company_id', '=', False), ('company_id', '=', company_id)]",
        help="Products this unit makes. Each gets an indicator for its output.",
    )
    unit_ids = fields.One2many("energy.node", "parent_id", string="Units Below", domain=[("kind", "=", "unit")])
    device_ids = fields.One2many("energy.node", "parent_id", string="Devices", domain=[("kind", "=", "device")])
    meter_ids = fields.One2many("energy.node", "parent_id", string="Meters", domain=[("kind", "=", "meter")])

    # === COMPUTE METHODS === #
    @api.depends("kind")
    def _compute_unit_type(self):
        for node in self:
            if node.kind != "unit":
                node.unit_type = False
            else:
                node.unit_type = node.unit_type or ("workshop" if node.parent_id else "plant")

    @api.depends("kind", "company_id")
    def _compute_region_id(self):
        """A new plant starts with its company's country; what a user chose stays."""
        for node in self:
            if node.kind == "unit" and not node.parent_id and not node.region_id:
                node.region_id = self.env["energy.region"]._default_for_company(node.company_id)
            else:
                node.region_id = node.region_id

    # === ONCHANGE METHODS === #
    @api.onchange("parent_id")
    def _onchange_parent_id(self):
        """A new unit starts as a plant; under a parent it is a workshop and has its parent's region, unless chosen."""
        if self._origin or self.kind != "unit" or not self.parent_id:
            return
        if self.unit_type == "plant":
            self.unit_type = "workshop"
        if self.region_id == self.env["energy.region"]._default_for_company(self.company_id):
            self.region_id = False

    # === CONSTRAINT METHODS === #
    @api.constrains("floor_area", "headcount")
    def _check_sizes(self):
        for node in self:
            if node.floor_area < 0 or node.headcount < 0:
                raise ValidationError(
                    self.env._("%(node)s: floor area and headcount cannot be negative.", node=node.name)
                )

    @api.constrains("kind", "product_ids", "use_ids")
    def _check_unit_only(self):
        for node in self:
            if node.kind != "unit" and (node.product_ids or node.use_ids):
                raise ValidationError(
                    self.env._(
                        "%(node)s is no unit: products and energy uses are kept on plants, workshops and other units.",
                        node=node.name,
                    )
                )

    # === CRUD METHODS === #
    @api.model_create_multi
    def create(self, vals_list):
        nodes = super().create(vals_list)
        nodes._grant_roots()
        for node in nodes.filtered("product_ids"):
            node._ensure_outputs()
        return nodes

    def write(self, vals):
        result = super().write(vals)
        if {"parent_id", "kind"} & vals.keys():
            self._grant_roots()
        if "product_ids" in vals:
            for node in self:
                node._ensure_outputs()
        return result

    # === VIEWS === #
    @api.model
    def _get_view_cache_key(self, view_id=None, view_type="form", **options):
        key = super()._get_view_cache_key(view_id, view_type, **options)
        return (*key, self.env.user.has_group("energy_carbon.group_manager"))

    @api.model
    def _get_view(self, view_id=None, view_type="form", **options):
        """Show units read-only to Instrument engineers, who keep only devices and meters."""
        arch, view = super()._get_view(view_id, view_type, **options)
        unit_view = "o_energy_unit" in (arch.get("class") or "").split()
        if unit_view and not self.env.user.has_group("energy_carbon.group_manager"):
            for right in ("create", "edit", "delete", "import"):
                arch.set(right, "0")
        return arch, view

    def get_formview_id(self, access_uid=None):
        """Open each kind of node with the form of its ledger."""
        self._ensure_asked_one()
        return self.env.ref(f"energy_carbon.energy_node_view_form_{self.kind}").id

    # === BUSINESS METHODS === #
    def _grant_roots(self):
        """Open new root units to those who work on whole companies (managers, engineers, accountants, auditors)."""
        roots = self.filtered(lambda node: node.kind == "unit" and not node.parent_id)
        for company, units in roots.grouped("company_id").items():
            users = self.env["res.users"].sudo()._energy_company_wide(company)
            users.write({"energy_node_ids": [fields.Command.link(unit.id) for unit in units]})

    def _ensure_outputs(self):
        """Give each product of this unit its output indicator; those of products taken away stay, with their values."""
        self.ensure_one()
        if self.product_ids:
            self.env["energy.indicator"]._ensure_output(self, self.product_ids)
