"""What a point table says about an indicator. Extends energy.indicator."""

from odoo import api, models


class EnergyIndicator(models.Model):
    """An indicator of a meter with a point table knows from it which side of the transformers is counted."""

    _inherit = "energy.indicator"

    @api.model_create_multi
    def create(self, vals_list):
        indicators = super().create(vals_list)
        indicators.node_id.filtered("modbus_map_id")._apply_modbus_map()
        return indicators
