"""Metering balances: what goes in against what is measured behind it."""

from odoo import api, fields, models
from odoo.exceptions import ValidationError

from ..tools.uom import uom_factor

KINDS = [
    ("main_sub", "Main meter and sub-meters"),
    ("check", "Billing meter and check meter"),
    ("tree", "Node and what is directly below"),
    ("own", "Own comparison"),
]


class EnergyBalance(models.Model):
    """What is compared with what (计量平衡): one side goes in, the other side should account for it.

    Those of meters and of the tree are made from the topology by :meth:`_sync`; Energy managers add their own.
    """

    _name = "energy.balance"
    _inherit = ["energy.wall.mixin", "energy.node.panel.mixin", "energy.archive.mixin"]
    _description = "Metering Balance"
    _order = "node_id, kind, energy_type_id, id"
    _rec_names_search = ["name", "node_id.name", "node_id.code"]
    _check_company_auto = True

    name = fields.Char(help="What an own comparison is called. The others are called after their node.")
    kind = fields.Selection(KINDS, required=True, readonly=True, default="own", string="Compares")
    node_id = fields.Many2one(
        "energy.node",
        required=True,
        index=True,
        ondelete="cascade",
        check_company=True,
        help="The node it is about: who may see this node sees the balance.",
    )
    company_id = fields.Many2one(related="node_id.company_id", store=True, index=True, precompute=True)
    active = fields.Boolean(default=True)
    part_ids = fields.One2many("energy.balance.part", "balance_id", string="Indicators", copy=True)
    uom_id = fields.Many2one(
        "uom.uom", string="Unit of Measure", compute="_compute_from_parts", store=True, ondelete="restrict"
    )
    energy_type_id = fields.Many2one(
        "energy.type", compute="_compute_from_parts", store=True, ondelete="restrict", index="btree_not_null"
    )
    own_limit = fields.Float(
        string="Own Limit (%)",
        digits=(16, 4),
        aggregator=None,
        help="Largest share that the difference may have of what goes in. 0: the limit of the node, or else the "
        "company's.",
    )
    limit = fields.Float(string="Limit (%)", compute="_compute_limit", digits=(16, 4), aggregator=None)

    _key_unique = models.UniqueIndex("(node_id, energy_type_id, kind) WHERE kind <> 'own'")
    _limit_range = models.Constraint(
        "CHECK (own_limit >= 0)", "A limit is a share of what goes in: enter a percentage that is not negative."
    )

    # === COMPUTE METHODS === #
    @api.depends("name", "kind", "node_id.name", "energy_type_id.name")
    @api.depends_context("lang")
    def _compute_display_name(self):
        kinds = dict(self._fields["kind"]._description_selection(self.env))
        for balance in self:
            parts = [balance.node_id.name, balance.name or kinds[balance.kind], balance.energy_type_id.name]
            balance.display_name = " · ".join(part for part in parts if part)

    @api.depends("part_ids.side", "part_ids.sequence", "part_ids.indicator_id.uom_id")
    def _compute_from_parts(self):
        """Unit and energy type of what goes in."""
        for balance in self:
            first = balance.part_ids.filtered(lambda part: part.side == "in")[:1].indicator_id
            balance.uom_id = first.uom_id
            balance.energy_type_id = first.energy_type_id

    @api.depends("own_limit", "node_id.balance_limit", "company_id.energy_balance_limit")
    def _compute_limit(self):
        for balance in self:
            balance.limit = (
                balance.own_limit or balance.node_id.balance_limit or balance.company_id.energy_balance_limit
            )

    # === CONSTRAINT METHODS === #
    @api.constrains("name", "kind", "part_ids")
    def _check_own(self):
        for balance in self.filtered(lambda b: b.kind == "own"):
            if not balance.name:
                raise ValidationError(self.env._("An own comparison needs a name: what does it compare?"))
            sides = set(balance.part_ids.mapped("side"))
            if sides != {"in", "out"}:
                raise ValidationError(
                    self.env._(
                        "%(balance)s needs at least one indicator on either side: what goes in, and what accounts for "
                        "it.",
                        balance=balance.name,
                    )
                )

    # === CRUD METHODS === #
    def copy_data(self, default=None):
        """A copy is an own comparison: the topology has each of its balances once."""
        vals_list = super().copy_data(default)
        for balance, vals in zip(self, vals_list, strict=True):
            vals.update(kind="own", name=self.env._("%(name)s (copy)", name=balance.display_name))
        return vals_list

    # === ACTION METHODS === #
    def action_open_months(self):
        """Open the balance month by month."""
        self._ensure_asked_one()
        return self._open_lines("energy_carbon.energy_balance_month_action")

    def action_open_days(self):
        """Open the balance day by day."""
        self._ensure_asked_one()
        return self._open_lines("energy_carbon.energy_balance_line_action")

    def _open_lines(self, xml_id: str) -> dict:
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id(xml_id)
        return dict(action, domain=[("balance_id", "=", self.id)], context={}, display_name=self.display_name)

    # === BUSINESS METHODS === #
    def _uom_factor_of(self, indicator) -> float:
        """What an indicator's amount is multiplied by to be in the unit of what goes in."""
        return uom_factor(indicator.uom_id, self.uom_id) if self.uom_id and indicator.uom_id else 1.0
