"""Special days: holidays, moved workdays, days off in lieu, announced days."""

from datetime import timedelta

from odoo import api, fields, models
from odoo.exceptions import ValidationError

# Days so near to each other are computed again in one stretch.
NEAR = timedelta(days=7)


class EnergyDay(models.Model):
    """A date that is not what the week says, for the tariffs of a country or of one company.

    Typed or filled from the holidays library by Energy managers and Energy accountants. A holiday has the bands that
    name it, else those of any holiday, else those of its weekday. A moved workday is a workday, a day off in lieu is a
    weekend, whatever day of the week it is. A company's own day goes before that of its country.
    """

    _name = "energy.day"
    _description = "Special Day"
    _inherit = ["energy.wall.mixin", "energy.twin.mixin"]
    _order = "date desc, id"
    _key_fields = ("date", "company_id", "country_id")

    date = fields.Date(required=True, index=True)
    kind = fields.Selection(
        [
            ("holiday", "Holiday"),
            ("workday", "Moved Workday"),
            ("weekend", "Day Off in Lieu"),
            ("announced", "Announced Day"),
        ],
        required=True,
        default="holiday",
        help="Moved workday: a Saturday or Sunday that is worked, and billed, as a workday. Day off in lieu: a weekday "
        "billed as a weekend. Announced day: a day for which the grid company announced other hours, such as great heat.",
    )
    holiday = fields.Selection(
        selection="_holidays", help="Tariffs may name the holidays on which hours hold. Others are added under Holidays."
    )
    name = fields.Char(string="Published Name")
    country_id = fields.Many2one(
        "res.country",
        index=True,
        ondelete="restrict",
        default=lambda self: self.env.company.country_id,
        help="For all companies of this country.",
    )
    company_id = fields.Many2one(
        "res.company",
        string="Only for Company",
        index="btree_not_null",
        ondelete="cascade",
        help="A day of one company goes before that of the country: for a province or a works holiday.",
    )
    document = fields.Char(string="Source", help="Announcement or library the day was taken from.")

    _country_unique = models.UniqueIndex(
        "(date, country_id) WHERE company_id IS NULL", "This date is already entered for the country: change it there."
    )
    _company_unique = models.UniqueIndex(
        "(date, company_id) WHERE company_id IS NOT NULL",
        "This date is already entered for the company: change it there.",
    )
    _holiday_named = models.Constraint(
        "CHECK ((kind = 'holiday') = (holiday IS NOT NULL))",
        "A holiday needs its name, and no other day has one.",
    )
    _place_known = models.Constraint(
        "CHECK (country_id IS NOT NULL OR company_id IS NOT NULL)",
        "A special day is for a country or for a company: choose one.",
    )

    @api.model
    def _holidays(self) -> list[tuple[str, str]]:
        return self.env["energy.holiday"]._labels()

    # === COMPUTE METHODS === #
    @api.depends("date", "kind", "holiday", "name")
    def _compute_display_name(self):
        for day in self:
            day.display_name = f"{day.date} {day.name or day._text()}"

    @api.onchange("kind")
    def _onchange_kind(self):
        if self.kind != "holiday":
            self.holiday = False

    # === CONSTRAINT METHODS === #
    @api.constrains("kind", "date")
    def _check_kind(self):
        """Only a Saturday or Sunday can be moved to be a workday, only a weekday to be off."""
        for day in self:
            at_weekend = day.date.weekday() >= 5
            if (day.kind == "workday" and not at_weekend) or (day.kind == "weekend" and at_weekend):
                raise ValidationError(
                    self.env._(
                        "%(date)s cannot be entered as %(kind)s: by the week it is one already. Correct the date.",
                        date=day.date,
                        kind=self._label("kind", day.kind),
                    )
                )

    # === CRUD METHODS === #
    @api.model_create_multi
    def create(self, vals_list):
        days = super().create([self._without_stale_name(vals) for vals in vals_list])
        days._mark_changed()
        return days

    def write(self, vals):
        if not {"date", "kind", "holiday", "country_id", "company_id"} & vals.keys():
            return super().write(vals)
        self._mark_changed("old")
        result = super().write(self._without_stale_name(vals))
        self._mark_changed()
        return result

    def unlink(self):
        self._mark_changed("old")
        return super().unlink()

    # === BUSINESS METHODS === #
    def _key(self, vals: dict) -> tuple:
        """A company's own day is one whatever the country."""
        date, company, country = super()._key(vals)
        return date, company, False if company else country

    def _twin_text(self, key: dict) -> str:
        day = self.new(key)
        return self.env._(
            "%(date)s is already entered for %(place)s: change it there.",
            date=day.date,
            place=day.company_id.name or day.country_id.name or "?",
        )

    @api.model
    def _without_stale_name(self, vals: dict) -> dict:
        """A day that is no holiday keeps no holiday's name."""
        return {**vals, "holiday": False} if vals.get("kind", "holiday") != "holiday" else vals

    @api.model
    def _label(self, field: str, value: str) -> str:
        return dict(self._fields[field]._description_selection(self.env)).get(value, "")

    def _mark_changed(self, noted: str = "new"):
        """Tell the calculation to compute the days again for tariffs whose bands tell days apart.

        :param noted: whether this is what the days were ("old") or what they are ("new")
        """
        for company, days in self._by_company().items():
            indicators = self._priced_indicators(company)
            runs = _stretches(days._spans(company))
            rows = [(one, company.id, *run) for run in runs for one in indicators.ids]
            self.env["energy.calculation"]._mark_rows(rows, amounts_hold=True)

    def _spans(self, company) -> list[tuple]:
        """First and last energy day that each date lies in: one that starts at 08:00 ends with hours of the next date."""
        before = timedelta(days=1 if company.energy_start_hour else 0)
        return [(day.date - before, day.date) for day in self]

    def _text(self) -> str:
        """What the day is, as the journal has it."""
        self.ensure_one()
        return self._label("holiday", self.holiday) if self.holiday else self._label("kind", self.kind)

    def _by_company(self) -> dict:
        """The days that concern each company."""
        found = {}
        for (country, company), days in self.grouped(lambda day: (day.country_id, day.company_id)).items():
            concerned = company or self.env["res.company"].sudo().search([("partner_id.country_id", "=", country.id)])
            for one in concerned:
                found[one] = found.get(one, self.browse()) | days
        return found

    @api.model
    def _priced_indicators(self, company):
        """Sources of the types of which a tariff's bands tell days apart."""
        bands = self.env["energy.tariff.band"].sudo()
        types = (
            bands.search([("company_id", "=", company.id), ("day_class", "!=", "all")])
            .version_id.tariff_id.filtered("active")
            .energy_type_id
        )
        return (
            self.env["energy.indicator"]
            .sudo()
            .search(
                [("energy_type_id", "in", types.ids), ("source", "!=", "computed"), ("company_id", "=", company.id)]
            )
        )


def _stretches(spans: list[tuple]) -> list[tuple]:
    """Runs of days from first to last; days near to each other are one run."""
    runs: list[tuple] = []
    for first, last in sorted(spans):
        if runs and first - runs[-1][1] <= NEAR:
            runs[-1] = (runs[-1][0], last)
        else:
            runs.append((first, last))
    return runs
