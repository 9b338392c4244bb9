"""Build indicators from the tree."""

from odoo import models


class EnergyNodeBuild(models.Model):
    """Units and devices whose indicators and formulas are proposed bottom-up (user flow X1)."""

    _inherit = "energy.node"

    def action_build_indicators(self):
        """Show what indicators and formulas these nodes and what is below them ask for; without any, all that one sees."""
        self._ensure_asked()
        return self.env["energy.build"]._open(self)
