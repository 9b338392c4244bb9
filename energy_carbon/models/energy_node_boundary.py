"""What a unit is decides what its energy may be added to."""

from odoo import models


class EnergyNodeBoundary(models.Model):
    """What an auxiliary service makes counts once, as the energy it took in; a tenant's bill leaves no plant."""

    _inherit = "energy.node"

    def write(self, vals):
        result = super().write(vals)
        if "unit_type" in vals:
            self.use_ids._mark_changed()
            self._mark_below()
        return result
