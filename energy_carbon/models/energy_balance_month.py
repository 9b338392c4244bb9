"""Balances by month."""

from datetime import date

from dateutil.relativedelta import relativedelta

from odoo import api, fields, models
from odoo.tools import SQL

from .energy_balance_line_mixin import PERIODS

# Last day of the month, and the part's days in it.
LAST = SQL("(d.day + INTERVAL '1 month')::date - 1")
BEGIN, END = SQL("GREATEST(d.day, p.first)"), SQL("LEAST(%s, p.last)", LAST)


class EnergyBalanceMonth(models.Model):
    """A balance in one calendar month.

    A device that moved within it counts at either parent with the days it hung there.
    """

    _name = "energy.balance.month"
    _inherit = ["energy.balance.line.mixin"]
    _description = "Balance of a Month"
    _auto = False
    _order = "month desc, balance_id"
    _depends = {
        "energy.balance": ["active", "own_limit"],
        "energy.balance.part": ["indicator_id", "side", "factor", "date_from", "date_to"],
        "energy.value": ["value", "present", "expected", "quality"],
        "energy.value.month": ["value", "present", "expected", "quality"],
        "energy.indicator": ["active", "date_from"],
        "energy.node": ["active", "balance_limit", "meter_state"],
        "res.company": ["energy_balance_limit"],
    }

    month = fields.Date(readonly=True, help="First day of the month.")
    _period_field = "month"

    @property
    def _table_query(self):
        return self._lines_sql(
            "month",
            SQL(
                "b.id::bigint * %s"
                " + (EXTRACT(YEAR FROM line.day)::int - 2000) * 12 + EXTRACT(MONTH FROM line.day)::int",
                PERIODS,
            ),
            SQL(
                """SELECT DISTINCT m.balance_id, v.month AS day
                     FROM energy_balance_part m JOIN energy_value_month v ON v.indicator_id = m.indicator_id"""
            ),
            SQL("p.first <= %s AND (p.last IS NULL OR p.last >= d.day)", LAST),
            self._values_sql(),
        )

    def _values_sql(self) -> SQL:
        """Figures of a part: of the month, or of the days on which it counts when it begins or ends within the month."""
        whole = SQL(
            "(p.first <= d.day OR p.first <= (SELECT date FROM energy_value WHERE indicator_id = p.indicator_id"
            " AND value IS NOT NULL ORDER BY date LIMIT 1)) AND (p.last IS NULL OR p.last >= %s)",
            LAST,
        )
        return SQL(
            """SELECT value, present, expected, %(quality)s AS quality FROM energy_value_month
                WHERE indicator_id = p.indicator_id AND month = d.day AND %(whole)s
            UNION ALL
               SELECT SUM(value), SUM(present), SUM(expected) + MAX(expected) * GREATEST(0,
                      LEAST(%(end)s, CURRENT_DATE - 1) - %(begin)s + 1 - COUNT(*) FILTER (WHERE date < CURRENT_DATE)),
                      MAX(%(quality)s)
                 FROM energy_value
                WHERE indicator_id = p.indicator_id AND date BETWEEN %(begin)s AND %(end)s AND NOT (%(whole)s)
               HAVING COUNT(*) > 0""",
            quality=self._quality_position("quality"),
            whole=whole,
            begin=BEGIN,
            end=END,
        )

    @api.model
    def _period_of(self, number):
        return date(2000 + (number - 1) // 12, (number - 1) % 12 + 1, 1)

    def _period(self):
        return self.month, self.month + relativedelta(months=1, days=-1)
