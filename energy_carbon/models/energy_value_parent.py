"""The parent of the day: where a figure's node hung when the figure came about."""

from odoo import api, fields, models
from odoo.fields import Domain
from odoo.tools import SQL
from odoo.tools.query import Query


class EnergyValueMixin(models.AbstractModel):
    """Read from the dated places when asked for, so that a move as of a past date rewrites no row.

    A parent that the reader may not see is none to him.
    """

    _inherit = "energy.value.mixin"

    parent_id = fields.Many2one(
        "energy.node",
        string="Parent of the Day",
        compute="_compute_parent_id",
        search="_search_parent_id",
        help="Where the node hung on that day; of a month only where it hung all month.",
    )

    # === COMPUTE METHODS === #
    @api.depends("node_id")
    def _compute_parent_id(self):
        query = self._search([("id", "in", self.ids)])
        found = dict(
            self.env.execute_query(
                query.select(SQL.identifier(self._table, "id"), self._field_to_sql(self._table, "parent_id", query))
            )
        )
        for row in self:
            row.parent_id = found.get(row.id)

    def _search_parent_id(self, operator, value):
        if operator != "in":
            return NotImplemented
        ids = [one for one in value if one]
        query = self._search([])
        parent = self._field_to_sql(self._table, "parent_id", query)
        condition = SQL("%s = ANY(%s)", parent, ids)
        if len(ids) < len(value):
            condition = SQL("(%s OR %s IS NULL)", condition, parent)
        query.add_where(condition)
        return Domain("id", "in", query)

    # === READING === #
    def _day_range(self, alias: str) -> tuple[SQL, SQL]:
        """First and last day of a row."""
        day = SQL.identifier(alias, "date")
        return day, day

    def _field_to_sql(self, alias: str, field_expr: str, query: Query | None = None) -> SQL:
        """The parent of the day joins the place that holds on all days of the row: at most one."""
        if field_expr != "parent_id" or query is None:
            return super()._field_to_sql(alias, field_expr, query)
        place = query.make_alias(alias, "place")
        first, last = self._day_range(alias)
        condition = SQL(
            "%(at)s.node_id = %(value)s.node_id AND (%(at)s.date_from IS NULL OR %(at)s.date_from <= %(first)s)"
            " AND (%(at)s.date_to IS NULL OR %(at)s.date_to >= %(last)s)",
            at=SQL.identifier(place),
            value=SQL.identifier(alias),
            first=first,
            last=last,
        )
        if not self.env.su:
            nodes = self.env["energy.node"].with_context(active_test=False)._search([])
            condition = SQL("%s AND %s IN %s", condition, SQL.identifier(place, "parent_id"), nodes.subselect())
        query.add_join("LEFT JOIN", place, "energy_node_parent", condition)
        return SQL.identifier(place, "parent_id")


class EnergyValueMonth(models.Model):
    _inherit = "energy.value.month"

    def _day_range(self, alias: str) -> tuple[SQL, SQL]:
        month = SQL.identifier(alias, "month")
        return month, SQL("(%s + INTERVAL '1 month')::date - 1", month)
