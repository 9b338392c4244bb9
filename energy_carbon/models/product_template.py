"""What energy accounting wants to know of a product beside its name and unit of measure."""

from odoo import fields, models


class ProductTemplate(models.Model):
    _inherit = "product.template"

    energy_specification = fields.Char(
        string="Specification", help="Grade, size or model, as energy per product is compared by it."
    )
