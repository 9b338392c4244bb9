"""Who is offered *Archive* on the screens: only those who may write."""

from odoo import api, models


class EnergyArchiveMixin(models.AbstractModel):
    """Tells the client that ``active`` is read-only for somebody who may not write.

    Odoo's lists and forms offer *Archive* and *Unarchive* to everybody as long as the field can be written at all, so
    an auditor would find an action that only fails.
    """

    _name = "energy.archive.mixin"
    _description = "Archiving by Right"

    @api.model
    def fields_get(self, allfields=None, attributes=None):
        fields = super().fields_get(allfields, attributes)
        if "active" in fields and not self.has_access("write"):
            fields["active"]["readonly"] = True
        return fields


class EnergyType(models.Model):
    _name = "energy.type"
    _inherit = ["energy.type", "energy.archive.mixin"]


class EnergyTariff(models.Model):
    _name = "energy.tariff"
    _inherit = ["energy.tariff", "energy.archive.mixin"]


class EnergyTariffCalendar(models.Model):
    _name = "energy.tariff.calendar"
    _inherit = ["energy.tariff.calendar", "energy.archive.mixin"]


class EnergyNode(models.Model):
    _name = "energy.node"
    _inherit = ["energy.node", "energy.archive.mixin"]


class EnergyIndicatorTemplate(models.Model):
    _name = "energy.indicator.template"
    _inherit = ["energy.indicator.template", "energy.archive.mixin"]


class EnergyIndicator(models.Model):
    _name = "energy.indicator"
    _inherit = ["energy.indicator", "energy.archive.mixin"]


class ProductProduct(models.Model):
    _name = "product.product"
    _inherit = ["product.product", "energy.archive.mixin"]
