"""Meters that the poll calls silent, in the picture of the management tree."""

from odoo import models
from odoo.tools.misc import format_datetime


class EnergyNodeTree(models.Model):
    _inherit = "energy.node"

    def _tree_silent(self, indicators):
        """The poll knows within minutes what readings show after a day."""
        silent = super()._tree_silent(indicators)
        for meter in self.search([("id", "in", self.ids), ("modbus_state", "=", "silent")]):
            if meter._is_modbus_read():
                silent[meter] = meter._tree_silent_text()
        return silent

    def _tree_silent_text(self) -> str:
        if not self.modbus_last_success:
            return self.env._("Has never answered")
        since = format_datetime(self.env, self.modbus_last_success, dt_format="short")
        return self.env._("Silent since %(time)s", time=since)
