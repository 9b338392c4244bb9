"""Allowed nodes of users: the subtrees of the management tree that a user sees and touches."""

from odoo import api, fields, models

# Who works on whole companies and so gets their root units when the group is granted.
COMPANY_WIDE_GROUPS = (
    "energy_carbon.group_manager",
    "energy_carbon.group_engineer",
    "energy_carbon.group_accountant",
    "energy_carbon.group_auditor",
)


class ResUsers(models.Model):
    _inherit = "res.users"

    energy_node_ids = fields.Many2many(
        "energy.node",
        "energy_node_res_users_rel",
        "user_id",
        "node_id",
        string="Allowed Nodes",
        context={"active_test": False},  # an archived plant must stay in reach of those who may restore it
        domain="[('company_id', 'in', company_ids)]",
        help="Energy data of these nodes and what is below them can be seen; none set means none. Managers, engineers, "
        "accountants and auditors get the plants of their companies.",
    )

    # === CRUD METHODS === #
    @api.model_create_multi
    def create(self, vals_list):
        users = super().create(vals_list)
        users._grant_energy_roots(self.browse(), {})
        return users

    def write(self, vals):
        if not {"group_ids", "company_ids"} & vals.keys():
            return super().write(vals)
        before = self._filter_energy_company_wide()
        companies = {user.id: user.company_ids for user in self}
        result = super().write(vals)
        self._grant_energy_roots(before, companies)
        return result

    @api.model
    def _get_invalidation_fields(self):
        # Record rules are evaluated once a user and cached: new allowed nodes must show at once.
        return super()._get_invalidation_fields() | {"energy_node_ids"}

    # === BUSINESS METHODS === #
    @api.model
    def _energy_company_wide_groups(self):
        groups = [self.env.ref(xmlid, raise_if_not_found=False) for xmlid in COMPANY_WIDE_GROUPS]
        return self.env["res.groups"].sudo().union(*filter(None, groups))

    @api.model
    def _energy_company_wide(self, company):
        """Return the users who work on the whole of a company."""
        return self.search(
            [
                ("all_group_ids", "in", self._energy_company_wide_groups().ids),
                ("company_ids", "in", company.ids),
            ]
        )

    def _filter_energy_company_wide(self):
        """Return those of these users who hold a group that works on whole companies."""
        groups = self._energy_company_wide_groups()
        return self.filtered(lambda user: user.sudo().all_group_ids & groups)

    def _grant_energy_roots(self, before, companies):
        """Add the root units that come with a group or company these users have just been given.

        Only what is new is added: nodes an administrator took from a user stay taken.

        :param before: those of these users who held such a group already
        :param companies: {user id: companies the user had before}
        """
        none = self.env["res.company"]
        nodes = self.env["energy.node"].sudo()
        for user in self.sudo()._filter_energy_company_wide():
            held = companies.get(user.id, none) if user in before else none
            new = user.company_ids - held
            roots = nodes.search([("kind", "=", "unit"), ("parent_id", "=", False), ("company_id", "in", new.ids)])
            if missing := roots - user.energy_node_ids:
                user.write({"energy_node_ids": [fields.Command.link(node.id) for node in missing]})
