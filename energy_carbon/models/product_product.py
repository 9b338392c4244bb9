"""Products and the units that make them."""

from odoo import api, fields, models


class ProductProduct(models.Model):
    _inherit = "product.product"

    energy_unit_ids = fields.Many2many(
        "energy.node",
        "energy_node_product_rel",
        "product_id",
        "node_id",
        string="Made By",
        domain=[("kind", "=", "unit")],
        groups="energy_carbon.group_viewer",
        help="Units that make this product. Each gets an indicator for its output.",
    )

    @api.model_create_multi
    def create(self, vals_list):
        products = super().create(vals_list)
        products.filtered(lambda p: p.sudo().energy_unit_ids)._ensure_energy_outputs()
        return products

    def write(self, vals):
        result = super().write(vals)
        if "energy_unit_ids" in vals:
            self._ensure_energy_outputs()
        return result

    def _ensure_energy_outputs(self):
        """Give the units chosen on the product its output indicator, as if the product had been chosen on the unit."""
        for product in self:
            for node in product.energy_unit_ids:
                self.env["energy.indicator"]._ensure_output(node, product)
