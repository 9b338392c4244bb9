"""Periods of a tariff and locked months."""

from datetime import timedelta

from odoo import models


class EnergyTariffVersionLock(models.Model):
    """Bands changed would change locked cost, or cost of the past."""

    _inherit = "energy.tariff.version"

    def _mark_changed(self):
        for version in self:
            later = version.tariff_id.version_ids.filtered(lambda one, own=version: one.date_from > own.date_from)
            end = min(later.mapped("date_from"), default=None)
            version.tariff_id._restate_cost(version, version.date_from, end and end - timedelta(days=1))
        return super()._mark_changed()
