"""Targets and what was reached of them, for pivots and charts."""

from odoo import api, fields, models
from odoo.tools import SQL

from ..tools.fields import LooseMany2one

# A row a target; what was reached is that of the months of its period.
ROWS = """
    SELECT t.id, t.id AS target_id, t.node_id, t.template_id, t.product_id, t.company_id, t.kind, t.period, t.date_from,
           t.value AS target, n.depth, i.uom_id, a.actual
      FROM energy_target t
      JOIN energy_node n ON n.id = t.node_id
      JOIN energy_indicator_template p ON p.id = t.template_id
 LEFT JOIN energy_indicator i ON i.id = t.indicator_id
 LEFT JOIN LATERAL (
           SELECT CASE p.kind WHEN 'ratio' THEN SUM(v.numerator) / NULLIF(SUM(v.denominator), 0)
                              WHEN 'gauge' THEN AVG(v.value)
                              ELSE CASE WHEN BOOL_OR(v.reason = 'no_price') THEN NULL ELSE SUM(v.value) END END AS actual
             FROM energy_value_month v
            WHERE v.indicator_id = t.indicator_id AND v.month BETWEEN t.date_from AND t.date_to) a ON TRUE
"""


class EnergyTargetAnalysis(models.Model):
    """Targets beside what was reached; nobody writes it."""

    _name = "energy.target.analysis"
    _inherit = ["energy.wall.mixin", "energy.node.panel.mixin"]
    _description = "Targets and Actuals"
    _auto = False
    _order = "date_from desc, id"
    _rec_name = "target_id"

    target_id = LooseMany2one("energy.target", string="Target Record", readonly=True)
    node_id = LooseMany2one("energy.node", string="Node", readonly=True)
    template_id = LooseMany2one("energy.indicator.template", string="Figure", readonly=True)
    product_id = LooseMany2one("product.product", string="Product", readonly=True)
    company_id = LooseMany2one("res.company", string="Company", readonly=True)
    uom_id = LooseMany2one("uom.uom", string="Unit of Measure", readonly=True)
    kind = fields.Selection([("plan", "Plan"), ("quota", "Quota"), ("baseline", "Baseline")], readonly=True)
    period = fields.Selection([("year", "Year"), ("month", "Month")], readonly=True)
    date_from = fields.Date(string="Begin", readonly=True)
    depth = fields.Integer(readonly=True, aggregator=None)
    target = fields.Float(readonly=True, digits=(16, 3))
    actual = fields.Float(readonly=True, digits=(16, 3))

    @property
    def _table_query(self):
        self.env["energy.target"].flush_model()
        return ROWS

    @api.model
    def _read_group_select(self, aggregate_spec, query):
        """Add up only what may be added: one figure, unit and level, one kind of target, amounts (DESIGN.md, rule 7)."""
        name, _sep, function = aggregate_spec.partition(":")
        if name not in ("target", "actual") or function not in ("sum", "avg"):
            return super()._read_group_select(aggregate_spec, query)
        table = self._table
        kind = query.left_join(table, "template_id", "energy_indicator_template", "id", "template_id")
        alike = SQL(" AND ").join(
            SQL("MIN(COALESCE(%(column)s, %(none)s)) = MAX(COALESCE(%(column)s, %(none)s))",
                column=SQL.identifier(table, column), none=none)
            for column, none in (("template_id", 0), ("product_id", 0), ("uom_id", 0), ("depth", 0), ("kind", ""), ("period", ""))
        )  # fmt: skip
        return SQL(
            "CASE WHEN COUNT(*) = 1 THEN MIN(%(column)s)"
            " WHEN %(alike)s AND MIN(%(kind)s) NOT IN ('ratio', 'gauge') THEN SUM(%(column)s) END",
            column=SQL.identifier(table, name),
            alike=alike,
            kind=SQL.identifier(kind, "kind"),
        )
