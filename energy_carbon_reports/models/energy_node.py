"""From a unit to its report."""

from odoo import models


class EnergyNode(models.Model):
    _inherit = "energy.node"

    # === ACTION METHODS === #
    def action_energy_report(self):
        """Open the energy report of this unit."""
        self._ensure_asked_one()
        action = self.env["ir.actions.client"]._for_xml_id("energy_carbon_reports.energy_report_action")
        return dict(action, params={"node_id": self.id})
