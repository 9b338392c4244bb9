"""The value of an indicator in one calendar month."""

from dateutil.relativedelta import relativedelta

from odoo import fields, models


class EnergyValueMonth(models.Model):
    """Kept by the writer of the daily values; what pivots, dashboards and reports of whole months read."""

    _name = "energy.value.month"
    _inherit = ["energy.value.mixin"]
    _description = "Monthly Energy Value"
    _order = "month desc, indicator_id"
    _rec_name = "indicator_id"
    _log_access = False

    month = fields.Date(required=True, readonly=True, help="First day of the month.")

    _unique_month = models.UniqueIndex("(indicator_id, month)")
    _by_month = models.Index("(month, template_id, company_id)")
    _by_node = models.Index("(node_id, month)")

    def _period(self):
        return self.month, self.month + relativedelta(months=1, days=-1)
