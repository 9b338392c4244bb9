"""Adding indicators to a node from the tree of templates: class > energy type > template."""

from odoo import api, models

from ..tools.asked import asked_record, asked_records

# What hangs on what: meters are read, devices, units and the plant are computed.
CLASS_OF_KIND = {"meter": "collected", "device": "efficiency", "unit": "efficiency"}


class EnergyIndicatorPicker(models.Model):
    """Choosing templates for a node and making their indicators with the usual source and formula."""

    _inherit = "energy.indicator"

    @api.model
    def picker_tree(self, node_id) -> dict:
        """The templates as a tree; the class that suits the node comes first, the main total first in its type."""
        node = asked_record(self.env["energy.node"], node_id)
        templates = self.env["energy.indicator.template"].search([("code", "not in", self._per_product_codes(node))])
        present = self.search([("node_id", "=", node.id)]).template_id
        suits = CLASS_OF_KIND.get(node.kind, "efficiency")
        labels = templates._fields["indicator_class"]._description_selection(self.env)
        classes = [
            {"key": key, "label": label, "types": self._picker_types(templates, key, present)}
            for key, label in sorted(labels, key=lambda item: item[0] != suits)
        ]
        return {
            "node": {
                "id": node.id,
                "name": node.display_name,
                "kind": node.kind,
                "energy_type_id": node.energy_type_id.id,
            },
            "classes": [one for one in classes if one["types"]],
        }

    def _per_product_codes(self, node) -> list[str]:
        """Templates that need a product are offered through the unit's products, not here."""
        return [] if node.kind == "unit" and node.product_ids else ["OUT.QTY", "OUT.OK"]

    def _picker_types(self, templates, indicator_class, present) -> list[dict]:
        mine = templates.filtered(lambda t: t.indicator_class == indicator_class)
        types = []
        for energy_type, found in sorted(
            mine.grouped("energy_type_id").items(), key=lambda item: (not item[0], item[0].sequence, item[0].id)
        ):
            ordered = found.sorted(lambda t: (not t.main_total, t.code.endswith(".CONS") is False, t.id))
            types.append(
                {
                    "id": energy_type.id,
                    "label": energy_type.name or self.env._("All energy types, products and ratios"),
                    "templates": [
                        {
                            "id": template.id,
                            "code": template.code,
                            "name": template.name,
                            "unit": template.uom_id.name or template.unit_label,
                            "kind": template.kind,
                            "main_total": template.main_total,
                            "present": template in present,
                        }
                        for template in ordered
                    ],
                }
            )
        return types

    @api.model
    def picker_add(self, node_id, template_ids) -> list[int]:
        """Make the indicators with default flow, source and formula; totals find the amounts made with them.

        :return: ids of the new indicators
        """
        self.check_access("create")
        node = asked_record(self.env["energy.node"], node_id)
        templates = asked_records(self.env["energy.indicator.template"], template_ids)
        values = []
        for template in templates.sorted("id"):
            products = node.product_ids if template.scope == "product" else [self.env["product.product"]]
            values += [
                {"node_id": node.id, "template_id": template.id, "product_id": product.id or False}
                for product in products
            ]
        made = self.create(values)
        made._set_default_terms()
        return made.ids
