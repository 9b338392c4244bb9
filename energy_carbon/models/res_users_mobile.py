"""A mobile number as the login of an Energy user: one spelling, unique, and found however it is typed; no mail needed.

Users without a role in the Energy application are left alone.
"""

from __future__ import annotations

from odoo import api, models
from odoo.exceptions import ValidationError
from odoo.fields import Domain

from ..tools import mobile

ROLE = "energy_carbon.group_viewer"  # every role implies it


class ResUsers(models.Model):
    _inherit = "res.users"

    # === CRUD METHODS === #
    @api.model_create_multi
    def create(self, vals_list):
        users = super().create([self._with_energy_login(vals) for vals in vals_list])
        users._filter_energy()._notify_in_odoo()
        return users

    def write(self, vals):
        granted = "group_ids" in vals
        if "login" in vals and (self._filter_energy() or (granted and self._grants_energy(vals))):
            vals = {**vals, "login": self._checked_login(vals["login"])}
        before = self._filter_energy() if granted else self
        result = super().write(vals)
        if granted:
            (self._filter_energy() - before)._on_energy_role()
        return result

    # === LOGGING IN === #
    @api.model
    def _get_login_domain(self, login):
        """Find an Energy user by the number in any spelling, when nobody has just this login."""
        exact = super()._get_login_domain(login)
        number = mobile.normalized(login)
        if number in (None, login) or self.sudo().search_count(exact, limit=1):
            return exact
        return super()._get_login_domain(number) & Domain("all_group_ids", "in", self._energy_role().ids)

    @api.model
    def _energy_has_mobile_logins(self) -> bool:
        """Whether the login page should speak of mobile numbers."""
        number = Domain("login", "=like", "1__________") | Domain("login", "=like", "+%")
        energy = Domain("all_group_ids", "in", self._energy_role().ids)
        return any(mobile.normalized(user.login) for user in self.sudo().search(number & energy))

    # === SPELLING === #
    @api.model
    def _with_energy_login(self, vals: dict) -> dict:
        """Values of a new user, with the kept spelling of a number if it is an Energy user's; also as his phone."""
        if not mobile.is_meant(vals.get("login")) or not self._grants_energy(vals):
            return vals
        login = self._checked_login(vals["login"])
        phone = {} if vals.get("phone") or vals.get("partner_id") else {"phone": login}
        return {**vals, **phone, "login": login}

    def _checked_login(self, login: object) -> object:
        """A login of these users as it is kept.

        :raises ValidationError: it is meant as a mobile number and is none, or is somebody else's in any spelling
        """
        if not mobile.is_meant(login):
            return login
        number = self._number_of(login)
        if self._others_with(number):
            raise ValidationError(
                self.env._(
                    "%(number)s is the login of another user already, perhaps in another spelling or of an archived user. "
                    "A mobile number belongs to one person.",
                    number=number,
                )
            )
        return number

    @api.model
    def _number_of(self, text: object) -> str:
        """The kept spelling of what must be a mobile number.

        :raises ValidationError: it is none
        """
        if number := mobile.normalized(text):
            return number
        raise ValidationError(
            self.env._(
                "“%(text)s” is no mobile number. Write a Chinese one with its 11 digits (13812345678), one of another "
                "country with + and the country code (+4915112345678).",
                text=text,
            )
        )

    def _others_with(self, number: str):
        """Users beside these whose login is this number in any spelling, archived ones too."""
        every = self.sudo().with_context(active_test=False)
        like = Domain("login", "=like", "%" + "%".join(number.removeprefix("+")) + "%")
        return every.search(like & Domain("id", "not in", self.ids)).filtered(
            lambda user: mobile.normalized(user.login) == number
        )

    # === ROLE === #
    @api.model
    def _energy_role(self):
        # Not there yet while the addon's first groups are made.
        return self.env.ref(ROLE, raise_if_not_found=False) or self.env["res.groups"]

    def _filter_energy(self):
        """Those of these users who have a role in the Energy application."""
        return self.filtered(lambda user: user.sudo().has_group(ROLE))

    @api.model
    def _grants_energy(self, vals: dict) -> bool:
        """Whether a user with these values has a role; without groups he gets those of new users."""
        groups = vals if "group_ids" in vals else self.default_get(["group_ids"])
        return self.sudo().new({"group_ids": groups.get("group_ids")})._has_group(ROLE)

    def _on_energy_role(self):
        """What follows from a role that was just granted. It is never refused because of an old login."""
        for user in self:
            number = mobile.normalized(user.login)
            if number not in (None, user.login) and not user._others_with(number):
                user.login = number
        if not self.env.context.get("install_mode"):
            self._notify_in_odoo()

    # === WITHOUT MAIL === #
    def _notify_in_odoo(self):
        """Who has no address finds messages in Odoo's inbox; mail to him would only fail."""
        self.filtered(lambda user: not user.email and not user.share).notification_type = "inbox"

    def _notify_security_setting_update(self, subject, content, mail_values=None, **kwargs):
        """Tell nobody by mail of a new password or login who has no address."""
        told = self
        if not (mail_values or {}).get("email_to") and not kwargs.get("force_email"):
            told -= self._filter_energy().filtered(lambda user: not user.email)
        return super(ResUsers, told)._notify_security_setting_update(subject, content, mail_values, **kwargs)
