"""Where a person's part of the management tree begins."""

from odoo import api, fields, models
from odoo.fields import Domain


class EnergyNodeTop(models.Model):
    """The level at which figures are shown first: plants to a manager, the own workshop to its clerk.

    Figures of several levels must not be added up, so screens begin with one of them.
    """

    _inherit = "energy.node"

    is_my_top = fields.Boolean(
        string="Top of What I See", compute="_compute_is_my_top", search="_search_is_my_top", compute_sudo=True
    )

    @api.depends_context("uid")
    def _compute_is_my_top(self):
        top = self._my_top()
        for node in self:
            node.is_my_top = node in top

    def _search_is_my_top(self, operator, value):
        if operator != "in":
            return NotImplemented
        domain = Domain("id", "in", self._my_top().ids)
        return domain if True in value else ~domain

    def _named_to_reader(self):
        """And what the reader's own nodes hang under."""
        named = super()._named_to_reader()
        if named == self:
            return self
        above = {int(part) for node in self.env.user.sudo().energy_node_ids for part in node.parent_path.split("/") if part}
        return self.filtered(lambda node: node in named or node._origin.id in above)

    def _track_filter_for_display(self, tracking_values):
        """Leave out of the log where a node was moved from or to, for who may not know that place."""
        shown = super()._track_filter_for_display(tracking_values)
        places = shown.filtered(lambda value: value.field_id.relation == self._name)
        ids = {*places.mapped("old_value_integer"), *places.mapped("new_value_integer")} - {0}
        hidden = self.sudo().browse(ids).exists()
        hidden -= hidden._named_to_reader()
        return shown - places.filtered(lambda value: {value.old_value_integer, value.new_value_integer} & set(hidden.ids))

    @api.model
    def _my_top(self):
        """The user's allowed nodes that do not lie below another of them."""
        allowed = self.env.user.sudo().energy_node_ids
        ids = set(allowed.ids)
        return allowed.filtered(lambda node: not ids & {int(part) for part in node.parent_path.split("/")[:-2]})
