"""The value of an indicator on one local energy day."""

from odoo import fields, models

from ..tools.fields import LooseMany2one


class EnergyValue(models.Model):
    """A row per indicator and local date, written by the calculation only.

    A day that is known to have no figure has a row without a value.
    """

    _name = "energy.value"
    _inherit = ["energy.value.mixin"]
    _description = "Daily Energy Value"
    _order = "date desc, indicator_id"
    _rec_name = "indicator_id"
    _log_access = False

    date = fields.Date(required=True, readonly=True)
    basis_id = LooseMany2one("energy.basis", readonly=True)

    _unique_day = models.UniqueIndex("(indicator_id, date)")
    _by_date = models.Index("(date, template_id, company_id)")

    def _period(self):
        return self.date, self.date

    def _last_values(self, indicators) -> dict:
        """Last day with a figure of each indicator -> (date, value)."""
        self.env.cr.execute(
            """SELECT i.id, v.date, v.value
                 FROM unnest(%s) AS i(id)
           CROSS JOIN LATERAL (SELECT date, value FROM energy_value
                                WHERE indicator_id = i.id AND value IS NOT NULL
                             ORDER BY date DESC LIMIT 1) v""",
            [indicators.ids],
        )
        return {row[0]: (row[1], row[2]) for row in self.env.cr.fetchall()}
