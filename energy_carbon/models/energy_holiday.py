"""Holidays that tariffs may name: a table that people extend."""

from uuid import uuid4

from odoo import api, fields, models
from odoo.exceptions import UserError

# Days that are no ordinary ones but carry no name of their own.
NAMELESS = "other"
# Codes of the holidays that people add begin so; those of shipped ones are known to the holidays library's words.
OWN = "own_"


class EnergyHoliday(models.Model):
    """A class of days such as Spring Festival. Which dates it has is told by Special Days; bands of tariffs name it.

    The usual ones are shipped; Energy managers and Energy accountants add those that their supplier's document names.
    """

    _name = "energy.holiday"
    _inherit = ["energy.wall.mixin"]
    _description = "Holiday"
    _order = "sequence, id"

    name = fields.Char(required=True, translate=True, help="As the library or the announcement names it, in English.")
    code = fields.Char(required=True, readonly=True, copy=False, default=lambda self: f"{OWN}{uuid4().hex[:12]}")
    sequence = fields.Integer(default=100)

    _code_unique = models.UniqueIndex("(code)", "There is already a holiday of this code.")

    # === CONSTRAINT METHODS === #
    @api.ondelete(at_uninstall=False)
    def _unlink_except_used(self):
        for holiday in self:
            if not holiday.code.startswith(OWN):
                raise UserError(self.env._("%(holiday)s is shipped and cannot be deleted.", holiday=holiday.name))
            if user := holiday._user():
                raise UserError(
                    self.env._("%(holiday)s is named by %(user)s: change that first.", holiday=holiday.name, user=user)
                )

    # === BUSINESS METHODS === #
    @api.model
    def _labels(self) -> list[tuple[str, str]]:
        """Code and name of each holiday, for selections."""
        return [(holiday.code, holiday.name) for holiday in self.sudo().search([])]

    @api.model
    def _own_words(self) -> dict[str, str]:
        """Code of each holiday that people added, by its English name in small letters."""
        own = self.sudo().with_context(lang="en_US").search([("code", "=like", f"{OWN}%")])
        return {holiday.name.strip().lower(): holiday.code for holiday in own}

    def _user(self) -> str:
        """Name of a special day, tariff or published calendar that names this holiday; empty when none does."""
        self.ensure_one()
        day = self.env["energy.day"].sudo().search([("holiday", "=", self.code)], limit=1)
        band = [("day_class", "=", self.code)]
        version = self.env["energy.tariff.band"].sudo().search(band, limit=1).version_id
        calendar = self.env["energy.tariff.calendar.band"].sudo().search(band, limit=1).calendar_id
        return day.display_name or version.display_name or calendar.display_name or ""
