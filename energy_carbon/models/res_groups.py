"""Granting an energy group from the group's side has the same consequences as from the user's: allowed nodes, login."""

from odoo import api, models


class ResGroups(models.Model):
    _inherit = "res.groups"

    @api.model_create_multi
    def create(self, vals_list):
        before = self._energy_users()
        groups = super().create(vals_list)
        self._grant_energy_since(*before)
        return groups

    def write(self, vals):
        if not {"user_ids", "implied_ids", "implied_by_ids"} & vals.keys():
            return super().write(vals)
        before = self._energy_users()
        result = super().write(vals)
        self._grant_energy_since(*before)
        return result

    @api.model
    def _energy_users(self):
        """Users with a role, and those of them who work on whole companies."""
        users = self.env["res.users"]
        return users._energy_role().all_user_ids, users._energy_company_wide_groups().all_user_ids

    @api.model
    def _grant_energy_since(self, before, before_company_wide):
        """Do for the users who hold a role now and did not before what follows from it, and give them their root units."""
        now, now_company_wide = self._energy_users()
        (now - before)._on_energy_role()
        (now_company_wide - before_company_wide)._grant_energy_roots(self.env["res.users"], {})
