"""Journal of the months whose readings were dropped."""

from odoo import api, fields, models


class EnergyReadingRetention(models.Model):
    """A month of energy days whose readings were kept long enough and are gone, for all companies.

    Written by the daily scheduled action. The values computed from the readings stay; Explain tells when they went.
    """

    _name = "energy.reading.retention"
    _inherit = ["energy.wall.mixin"]
    _description = "Dropped Readings"
    _order = "month desc"
    _rec_name = "month"
    _log_access = False

    month = fields.Date(required=True, readonly=True, help="First day of the month.")
    dropped_on = fields.Datetime(required=True, readonly=True)
    readings = fields.Integer(string="Number of Readings", readonly=True, aggregator="sum")

    _unique_month = models.UniqueIndex("(month)")

    @api.model
    def _sentences(self, indicator, date_from, date_to) -> list[str]:
        """What was dropped of an indicator's readings of the days date_from to date_to."""
        months = self.env["energy.reading"]._dropped_months(indicator, date_from, date_to)
        return [
            self.env._(
                "Readings of %(month)s were dropped on %(date)s.",
                month=f"{row.month:%Y-%m}",
                date=fields.Date.to_string(fields.Datetime.context_timestamp(self, row.dropped_on).date()),
            )
            for row in months
        ]
