"""Search panels over the management tree for users who see only a part of it."""

from odoo import api, models


class EnergyNodePanelMixin(models.AbstractModel):
    """Shows the allowed nodes of a user as roots in the search panel.

    Odoo drops a category whose parent cannot be read, so a clerk of one workshop would find the panel empty.
    """

    _name = "energy.node.panel.mixin"
    _description = "Search Panel over Allowed Nodes"

    @api.model
    def _search_panel_sanitized_parent_hierarchy(self, records, parent_name, ids):
        readable = {record["id"] for record in records}
        for record in records:
            if record[parent_name] and record[parent_name][0] not in readable:
                record[parent_name] = False
        return super()._search_panel_sanitized_parent_hierarchy(records, parent_name, ids)
