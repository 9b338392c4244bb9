"""Keeps calculation out of the transaction that stores collected readings. Extends energy.calculation."""

from odoo import models

# In the context of whoever stores readings and lets the values follow in a transaction of their own.
CALCULATE_LATER = "energy_modbus_calculate_later"


class EnergyCalculation(models.Model):
    """Collected readings are stored whatever becomes of the calculation: nothing collected is lost."""

    _inherit = "energy.calculation"

    def _process_before_commit(self):
        if self.env.context.get(CALCULATE_LATER):
            return None
        return super()._process_before_commit()
