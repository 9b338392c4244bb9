"""Service users of edge agents log in nowhere. Extends res.users."""

from odoo import models
from odoo.exceptions import AccessDenied

from .energy_modbus_agent import AGENT_GROUP


class ResUsers(models.Model):
    """An edge agent's key opens the JSON-2 API, where ir.http watches what it calls; nothing else takes it."""

    _inherit = "res.users"

    def _check_credentials(self, credential, env):
        if self.env.user.has_group(AGENT_GROUP):
            raise AccessDenied
        return super()._check_credentials(credential, env)

    def _remove_agent_keys(self):
        """End all keys of service users; called when an agent gets a new one, or goes."""
        self.env["res.users.apikeys"].sudo().search([("user_id", "in", self.ids)])._remove()
