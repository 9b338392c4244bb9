"""Filling a year's special days from the Python package holidays, where it is installed."""

from datetime import date

from odoo import api, fields, models
from odoo.exceptions import UserError

from ..tools.holiday_days import Special, special_days


class EnergyDayFill(models.TransientModel):
    """Asks for a year and a country; dates that are entered already are left as they are."""

    _name = "energy.day.fill"
    _inherit = ["energy.wall.mixin"]
    _description = "Fill Special Days"

    year = fields.Integer(required=True, default=lambda self: fields.Date.context_today(self).year)
    country_id = fields.Many2one("res.country", required=True, default=lambda self: self.env.company.country_id)
    subdivision = fields.Char(
        string="State or Province",
        help="Code the library knows, such as BY for Bavaria. Days of a part of the country are entered for the company "
        "only.",
    )
    company_id = fields.Many2one(
        "res.company",
        string="Only for Company",
        compute="_compute_company_id",
        store=True,
        readonly=False,
        domain=lambda self: [("id", "in", self.env.companies.ids)],
        help="Empty: for all companies of the country.",
    )
    whole_period = fields.Boolean(
        string="With the Weekends in It",
        default=True,
        help="Where days off in lieu make a holiday longer, its Saturdays and Sundays are entered as that holiday too: "
        "documents that say “during the holiday” mean all of its days.",
    )

    @api.depends("subdivision")
    def _compute_company_id(self):
        for wizard in self:
            wizard.company_id = wizard.company_id or (wizard.subdivision and self.env.company)

    # === ACTION METHODS === #
    def action_fill(self):
        """Enter the year's days that are missing and show them."""
        self._ensure_asked_one()
        found = self._published_days()
        place = (
            [("company_id", "=", self.company_id.id)]
            if self.company_id
            else [("company_id", "=", False), ("country_id", "=", self.country_id.id)]
        )
        days = self.env["energy.day"]
        held = set(days.search([*place, ("date", "in", list(found))]).mapped("date"))
        days.create([self._values(day, *found[day]) for day in sorted(found) if day not in held])
        action = self.env["ir.actions.act_window"]._for_xml_id("energy_carbon.energy_day_action")
        year = str(self.year)
        return {**action, "domain": [*place, ("date", ">=", f"{year}-01-01"), ("date", "<=", f"{year}-12-31")]}

    # === BUSINESS METHODS === #
    def _values(self, day: date, kind: str, holiday: str | None, name: str) -> dict:
        return {
            "date": day,
            "kind": kind,
            "holiday": holiday,
            "name": name,
            "country_id": self.country_id.id,
            "company_id": self.company_id.id,
            "document": self.env._("Python package holidays"),
        }

    def _published_days(self) -> dict[date, Special]:
        """Kind, holiday and name of each date of the year that the library knows.

        :raises UserError: the library is not installed, or does not know the place
        """
        try:
            import holidays
        except ImportError:
            raise UserError(
                self.env._(
                    "The Python package holidays is not installed. Ask the administrator to run “pip install holidays” "
                    "for the Python that runs Odoo and to restart it, or type the days in the list."
                )
            ) from None
        code, part = self.country_id.code, (self.subdivision or "").strip() or None
        try:
            language = "en_US" if "en_US" in holidays.country_holidays(code).supported_languages else None
            calendar = holidays.country_holidays(code, subdiv=part, years=self.year, language=language)
        except NotImplementedError:
            place = f"{self.country_id.name} {part or ''}".strip()
            raise UserError(
                self.env._(
                    "The package holidays does not know %(place)s. Correct the state, or type the days in the list.",
                    place=place,
                )
            ) from None
        moved = [day for day in getattr(calendar, "weekend_workdays", ()) if day.year == self.year]
        named = {day: name for day, name in calendar.items() if day.year == self.year}
        return special_days(named, moved, self.whole_period, self.env["energy.holiday"]._own_words())
