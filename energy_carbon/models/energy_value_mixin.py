"""What a day's value and a month's value have in common."""

from odoo import api, fields, models
from odoo.tools import SQL

from ..tools.fields import LooseMany2one
from ..tools.selections import COMPANIONS, FLOWS, ORIGINS, QUALITIES, REASONS

# Figures whose plain sum over any rows would be meaningless (DESIGN.md, rule 7).
SUMMED = ("value", *COMPANIONS)


class EnergyValueMixin(models.AbstractModel):
    """Columns of a computed figure and the rule that nothing is added that must not be added.

    Rows are written by the calculation with bulk SQL only; people read them.
    """

    _name = "energy.value.mixin"
    _inherit = ["energy.wall.mixin", "energy.node.panel.mixin"]
    _description = "Energy Value Columns"

    indicator_id = LooseMany2one("energy.indicator", required=True, readonly=True)
    node_id = LooseMany2one("energy.node", string="Node", required=True, readonly=True)
    template_id = LooseMany2one(
        "energy.indicator.template", string="Template", required=True, readonly=True, ondelete="restrict"
    )
    product_id = fields.Many2one(related="indicator_id.product_id")
    energy_type_id = LooseMany2one("energy.type", string="Energy Type", readonly=True)
    company_id = LooseMany2one("res.company", string="Company", required=True, readonly=True)
    uom_id = LooseMany2one("uom.uom", string="Unit of Measure", readonly=True)
    flow = fields.Selection(FLOWS, string="Flow Direction", readonly=True)
    depth = fields.Integer(readonly=True, aggregator=None, help="Depth of the node in the tree on that day.")
    kind = fields.Selection(related="template_id.kind")
    value = fields.Float(readonly=True)
    coal = fields.Float(string="Standard Coal (kgce)", readonly=True)
    coal_equivalent = fields.Float(string="Standard Coal, Equivalent Basis (kgce)", readonly=True)
    carbon = fields.Float(string="Carbon (kgCO2)", readonly=True)
    carbon_market = fields.Float(string="Carbon, Market-based (kgCO2)", readonly=True)
    cost = fields.Float(readonly=True, groups="energy_carbon.group_see_prices")
    numerator = fields.Float(readonly=True, aggregator=None)
    denominator = fields.Float(readonly=True, aggregator=None)
    expected = fields.Integer(readonly=True, string="Expected Source-days", aggregator=None)
    present = fields.Integer(readonly=True, string="Source-days with a Value", aggregator=None)
    coverage = fields.Float(compute="_compute_coverage", aggregator=None)
    quality = fields.Selection(QUALITIES, readonly=True)
    origin = fields.Selection(ORIGINS, readonly=True)
    reason = fields.Selection(REASONS, readonly=True)
    value_text = fields.Char(compute="_compute_value_text", string="Figure")
    unit_label = fields.Char(related="indicator_id.unit_label", string="Unit")

    def init(self):
        """Leave room on the pages: rows are updated often, and where the new one fits beside the old no index changes.

        A change of a month's factors is stored in a third of the time (PostgreSQL's manual, "Heap-Only Tuples").
        """
        if not self._abstract:
            self.env.cr.execute(SQL("ALTER TABLE %s SET (fillfactor = 50)", SQL.identifier(self._table)))

    # === COMPUTE METHODS === #
    @api.depends("expected", "present")
    def _compute_coverage(self):
        for row in self:
            row.coverage = row.present / row.expected if row.expected else 0.0

    def _compute_value_text(self):
        """Blank is not zero: a missing figure shows as nothing."""
        blank = self._blank_ids("value")
        for row in self:
            row.value_text = "" if row.id in blank else f"{row.value:,.3f}"

    def _blank_ids(self, column: str) -> set[int]:
        """Ids of these rows whose column holds no figure; the ORM shows NULL as 0.0."""
        if not self.ids:
            return set()
        rows = self.env.execute_query(
            SQL(
                "SELECT id FROM %s WHERE id = ANY(%s) AND %s IS NULL",
                SQL.identifier(self._table),
                list(self.ids),
                SQL.identifier(column),
            )
        )
        return {row[0] for row in rows}

    # === AGGREGATION === #
    @api.model
    def _read_group_select(self, aggregate_spec, query):
        fname, _sep, func = aggregate_spec.partition(":")
        if fname not in SUMMED or func not in ("sum", "avg"):
            return super()._read_group_select(aggregate_spec, query)
        super()._read_group_select(aggregate_spec, query)  # refuses a field the user may not read
        table = self._table
        kind = query.left_join(table, "template_id", "energy_indicator_template", "id", "template_id")
        column = SQL.identifier(table, fname)
        total = SQL("SUM(%s)", column)
        if fname == "value":
            total = SQL(
                "CASE MIN(%(kind)s) WHEN 'ratio' THEN SUM(%(numerator)s) / NULLIF(SUM(%(denominator)s), 0)"
                " WHEN 'gauge' THEN AVG(%(column)s) WHEN 'stock' THEN NULL ELSE SUM(%(column)s) END",
                kind=SQL.identifier(kind, "kind"),
                numerator=SQL.identifier(table, "numerator"),
                denominator=SQL.identifier(table, "denominator"),
                column=column,
            )
        return SQL(
            "CASE WHEN MIN(%(template)s) = MAX(%(template)s) AND MIN(%(depth)s) = MAX(%(depth)s)"
            " AND MIN(%(flow)s) = MAX(%(flow)s) AND MIN(COALESCE(%(uom)s, 0)) = MAX(COALESCE(%(uom)s, 0))"
            " THEN %(total)s END",
            template=SQL.identifier(table, "template_id"),
            depth=SQL.identifier(table, "depth"),
            flow=SQL.identifier(table, "flow"),
            uom=SQL.identifier(table, "uom_id"),
            total=total,
        )

    # === ACTION METHODS === #
    def action_explain(self):
        self._ensure_asked_one()
        first, last = self._period()
        return self._explain_action(self.indicator_id, first, last)

    @api.model
    def _explain_action(self, indicator, first, last=None):
        """The client action that explains an indicator's figure of the days first..last."""
        return {
            "type": "ir.actions.client",
            "tag": "energy_carbon.explain",
            "name": self.env._("Explain"),
            "params": {
                "indicator_id": indicator.id,
                "date_from": fields.Date.to_string(first),
                "date_to": fields.Date.to_string(last or first),
            },
        }
