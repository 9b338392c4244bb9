"""What changes in the tree change in the values."""

from odoo import models

# Fields of a node that decide amounts or factors of what hangs at it and below.
DECIDING = {
    "ct_primary",
    "ct_secondary",
    "pt_primary",
    "pt_secondary",
    "register_maximum",
    "register_step",
    "rated_power",
    "gas_reference",
    "region_id",
    "main_meter_id",
    "parent_id",
}


class EnergyNodeCalculation(models.Model):
    """Nodes tell the calculation when their ledger changed a figure."""

    _inherit = "energy.node"

    def write(self, vals):
        result = super().write(vals)
        if DECIDING & vals.keys():
            self._mark_below()
        return result

    def _mark_below(self):
        """The figures at these nodes and below no longer hold."""
        indicators = self.env["energy.indicator"].sudo().search([("node_id", "child_of", self.ids)])
        self.env["energy.calculation"]._mark(indicators)
