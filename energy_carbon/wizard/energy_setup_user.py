"""A person whom the setup gives a login and a role."""

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Command

from ..tools import mobile

# Those who work on whole companies; clerks and viewers also need their units, and are made under Settings > Users.
ROLES = ("manager", "engineer", "accountant", "auditor")


class EnergySetupUser(models.TransientModel):
    """One line of *Other People*: a mobile number as login and a first password, handed over without mail."""

    _name = "energy.setup.user"
    _description = "Person in the Energy Setup"
    _inherit = ["energy.wall.mixin"]
    _transient_max_hours = 0.2

    setup_id = fields.Many2one("energy.setup", required=True, ondelete="cascade", index=True)
    name = fields.Char(string="Person's Name", required=True)
    mobile = fields.Char(string="Mobile Number", required=True, help="The login.")
    role = fields.Selection(selection="_selection_role", required=True, default="manager")
    password = fields.Char(string="First Password", help="Tell it to the person, who changes it in the own preferences.")

    @api.model
    def _selection_role(self):
        """Roles with the names of their groups."""
        return [(role, self.env.ref(f"energy_carbon.group_{role}").sudo().name) for role in ROLES]

    @api.onchange("mobile")
    def _onchange_mobile(self):
        self.mobile = mobile.normalized(self.mobile) or self.mobile

    def _create_users(self):
        """Make a user of each line, with the rights of whoever set up, and forget the passwords."""
        users = self.env["res.users"].with_context(no_reset_password=True)
        for line in self:
            if not line.password:
                raise UserError(self.env._("Type a first password for %(name)s: nobody is sent one.", name=line.name))
            users |= users.create(line._user_values())
        self.password = False
        return users

    def _user_values(self) -> dict:
        company = self.setup_id.company_id
        role = self.env.ref(f"energy_carbon.group_{self.role}")
        return {
            "name": self.name,
            "login": self.env["res.users"]._number_of(self.mobile),
            "password": self.password,
            "lang": self.env.user.lang,
            "tz": company.energy_timezone,
            "company_id": company.id,
            "company_ids": [Command.set(company.ids)],
            "group_ids": [Command.set((self.env["res.users"]._default_groups() | role).ids)],
        }
