"""What screens over the management tree share: the search panel of who sees only a part of it, and the first step."""

from markupsafe import Markup

from odoo import api, models

# By this class the browser knows the hint from the help of a screen.
SETUP_HINT = Markup(
    '<p class="o_view_nocontent_smiling_face o_energy_setup_hint">{title}</p><p>{text}</p>'
)
SETUP_LINK = Markup('<p><a class="btn btn-primary" href="/odoo/energy-setup">{label}</a></p>')


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

    @api.model
    def get_empty_list_help(self, help_message):
        """Lead to the setup as long as the companies have no plant: what else to do comes after it."""
        setup = self.env["energy.setup"]
        if not setup._is_needed():
            return super().get_empty_list_help(help_message)
        if not setup._may_set_up():
            return SETUP_HINT.format(
                title=self.env._("Nothing is set up yet"),
                text=self.env._("An administrator and an Energy manager set up the company and its plants first."),
            )
        hint = SETUP_HINT.format(
            title=self.env._("Set up your company first"),
            text=self.env._("Name and energy profile of the company, the people, and the plants with their regions: one screen."),
        )
        return hint + SETUP_LINK.format(label=self.env._("Set Up"))
