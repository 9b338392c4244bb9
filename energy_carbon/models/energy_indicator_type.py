"""Indicators that change their energy type with everything they have kept."""

from odoo import models
from odoo.tools import SQL

# What a template only proposes.
KEPT = ("flow", "uom_id", "source")


class EnergyIndicatorType(models.Model):
    """Only *Replace energy type* gives an indicator with values another template: one of the same kind and unit."""

    _inherit = "energy.indicator"

    def _take_template(self, template):
        """Re-point indicators to a template of another energy type; source, flow and unit stay as they were chosen.

        The way round :meth:`write`, which refuses a new template where values exist.

        :param template: says the same as the old one about another energy type
        """
        for indicator in self:
            kept = {name: indicator._fields[name].convert_to_write(indicator[name], indicator) for name in KEPT}
            models.Model.write(indicator, {"template_id": template.id, **kept})
        self._relabel_values(template)
        self.env["energy.balance"]._mark(self.company_id)

    def _relabel_values(self, template):
        """The rows of values name template and energy type themselves, so that lists and pivots need not look them up."""
        for model in ("energy.value", "energy.value.month"):
            self.env[model].flush_model()
            self.env.cr.execute(
                SQL(
                    "UPDATE %s SET template_id = %s, energy_type_id = %s WHERE indicator_id = ANY(%s)",
                    SQL.identifier(self.env[model]._table),
                    template.id,
                    template.energy_type_id.id,
                    self.ids,
                )
            )
            self.env[model].invalidate_model()
