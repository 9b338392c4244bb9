"""Indicators that targets are about."""

from odoo import api, models


class EnergyTargetIndicator(models.Model):
    """A new indicator takes the targets that were waiting for it."""

    _inherit = "energy.indicator"

    @api.model_create_multi
    def create(self, vals_list):
        indicators = super().create(vals_list)
        waiting = (
            self.env["energy.target"]
            .sudo()
            .search([("indicator_id", "=", False), ("node_id", "in", indicators.node_id.ids)])
        )
        for target in waiting:
            found = indicators.filtered(
                lambda one, target=target: (
                    (one.node_id, one.template_id, one.product_id)
                    == (target.node_id, target.template_id, target.product_id)
                )
            )
            target.indicator_id = found[:1]
        return indicators
