"""Granting an energy group from the group's side gives the same allowed nodes as from the user's."""

from odoo import api, models


class ResGroups(models.Model):
    _inherit = "res.groups"

    @api.model_create_multi
    def create(self, vals_list):
        before = self._energy_company_wide_users()
        groups = super().create(vals_list)
        self._grant_energy_roots_since(before)
        return groups

    def write(self, vals):
        if not {"user_ids", "implied_ids", "implied_by_ids"} & vals.keys():
            return super().write(vals)
        before = self._energy_company_wide_users()
        result = super().write(vals)
        self._grant_energy_roots_since(before)
        return result

    @api.model
    def _energy_company_wide_users(self):
        return self.env["res.users"]._energy_company_wide_groups().all_user_ids

    @api.model
    def _grant_energy_roots_since(self, before):
        """Give root units to the users who hold a company-wide energy group now and did not before."""
        (self._energy_company_wide_users() - before)._grant_energy_roots(self.env["res.users"], {})
