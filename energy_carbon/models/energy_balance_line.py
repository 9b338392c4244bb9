"""Balances by day."""

from datetime import date, timedelta

from odoo import api, fields, models
from odoo.tools import SQL

from .energy_balance_line_mixin import PERIODS

# The day with the number 0 in ids.
FIRST = date(2000, 1, 1)


class EnergyBalanceLine(models.Model):
    """A balance on one local energy day."""

    _name = "energy.balance.line"
    _inherit = ["energy.balance.line.mixin"]
    _description = "Balance of a Day"
    _auto = False
    _order = "date desc, balance_id"
    _depends = {
        "energy.balance": ["active", "own_limit"],
        "energy.balance.part": ["indicator_id", "side", "factor", "date_from", "date_to"],
        "energy.value": ["value", "present", "expected", "quality"],
        "energy.indicator": ["active", "date_from"],
        "energy.node": ["active", "balance_limit", "meter_state"],
        "res.company": ["energy_balance_limit"],
    }

    date = fields.Date(readonly=True)
    _period_field = "date"

    @property
    def _table_query(self):
        return self._lines_sql(
            "date",
            SQL("b.id::bigint * %s + (line.day - DATE '2000-01-01')", PERIODS),
            SQL(
                """SELECT DISTINCT m.balance_id, v.date AS day
                     FROM energy_balance_part m JOIN energy_value v ON v.indicator_id = m.indicator_id"""
            ),
            SQL("p.first <= d.day AND (p.last IS NULL OR p.last >= d.day)"),
            SQL(
                "SELECT value, present, expected, %s AS quality FROM energy_value"
                " WHERE indicator_id = p.indicator_id AND date = d.day",
                self._quality_position("quality"),
            ),
        )

    @api.model
    def _period_of(self, number):
        return FIRST + timedelta(number)

    def _period(self):
        return self.date, self.date
