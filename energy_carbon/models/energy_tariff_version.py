"""Versions of a time-of-use tariff: which hours lie in which period, from a date on."""

from odoo import api, fields, models
from odoo.exceptions import ValidationError

from ..engine.tou import DAY_CLASSES, MINUTES, Flaw, Period, check_day, day_course
from ..tools.selections import PERIODS

# Set while a version writes its bands line by line: only the finished day is checked.
UNFINISHED = "energy_tariff_version_unfinished"
# Classes of days a version is checked for; a class no band names has the same day as another.
CHECKED_CLASSES = [name for name in DAY_CLASSES if name != "holiday"]


class EnergyTariffVersion(models.Model):
    """The periods of the day as one published document states them, until the next version of the tariff.

    Kept by Energy managers and Energy accountants. Every minute of every day has exactly one period.
    """

    _name = "energy.tariff.version"
    _description = "Time-of-Use Periods"
    _order = "tariff_id, date_from desc, id"

    tariff_id = fields.Many2one("energy.tariff", required=True, index=True, ondelete="cascade")
    company_id = fields.Many2one(related="tariff_id.company_id", store=True, index=True, precompute=True)
    date_from = fields.Date(string="Valid From", required=True, default=fields.Date.context_today)
    default_period = fields.Selection(
        PERIODS,
        default="flat",
        help="Period of the hours that no band covers. Empty: the bands must cover the whole day.",
    )
    document = fields.Char(help="Number of the published document.")
    note = fields.Text()
    band_ids = fields.One2many("energy.tariff.band", "version_id", string="Bands", copy=True)
    summary = fields.Text(compute="_compute_summary", string="Hours by Period")

    _date_unique = models.UniqueIndex(
        "(tariff_id, date_from)", "This tariff already has periods from that day on: change them there."
    )

    # === COMPUTE METHODS === #
    @api.depends("tariff_id.name", "date_from")
    def _compute_display_name(self):
        for version in self:
            version.display_name = f"{version.tariff_id.name}, {version.date_from}"

    @api.depends(
        "default_period",
        "band_ids.months",
        "band_ids.day_class",
        "band_ids.period",
        "band_ids.start",
        "band_ids.end",
        "band_ids.overlay",
    )
    def _compute_summary(self):
        """The day in words, months with the same day together: what a person compares with the document."""
        for version in self:
            try:
                version.summary = version._summary_text()
            except (ValidationError, ValueError):
                version.summary = False

    # === CONSTRAINT METHODS === #
    @api.constrains("band_ids", "default_period")
    def _check_days(self):
        """Each minute of the day of each month and class has exactly one period."""
        for version in self:
            bands, default = version._engine_bands(), version._engine_default()
            for month in range(1, 13):
                for day_class in CHECKED_CLASSES:
                    flaws = check_day(bands, month, day_class, default)
                    if flaws:
                        raise ValidationError(version._flaw_text(flaws[0], month, day_class))

    # === CRUD METHODS === #
    @api.model_create_multi
    def create(self, vals_list):
        versions = super(EnergyTariffVersion, self.with_context(**{UNFINISHED: True})).create(vals_list)
        versions = versions.with_env(self.env)
        versions._mark_changed()
        return versions

    def write(self, vals):
        if not {"tariff_id", "date_from", "default_period", "band_ids"} & vals.keys():
            return super().write(vals)
        self._mark_changed()
        result = super(EnergyTariffVersion, self.with_context(**{UNFINISHED: True})).write(vals)
        self._mark_changed()
        return result

    def unlink(self):
        self._mark_changed()
        return super().unlink()

    # === BUSINESS METHODS === #
    def _finish(self):
        """Check the days and tell the calculation after bands changed, unless the version writes more of them."""
        if not self.env.context.get(UNFINISHED):
            versions = self.exists()
            versions._check_days()
            versions._mark_changed()

    def _mark_changed(self):
        """Tell the calculation which types are to be computed again, and from which day."""
        for date_from, versions in self.grouped("date_from").items():
            self.env["energy.calculation"]._mark_types(
                versions.tariff_id.energy_type_id, date_from, versions.tariff_id.company_id
            )

    def _engine_bands(self) -> list:
        self.ensure_one()
        return [band._engine_band() for band in self.band_ids]

    def _engine_default(self) -> Period | None:
        return Period[self.default_period.upper()] if self.default_period else None

    def _period_labels(self) -> dict:
        return dict(self._fields["default_period"]._description_selection(self.env))

    def _class_label(self, day_class: str) -> str:
        return dict(self.env["energy.tariff.band"]._fields["day_class"]._description_selection(self.env))[day_class]

    def _flaw_text(self, flaw: Flaw, month: int, day_class: str) -> str:
        """One sentence that names the tariff, the day, the hours and what is wrong with them."""
        labels = list(self._period_labels().values())
        names = dict(
            tariff=self.tariff_id.name,
            date=self.date_from,
            month=month,
            day=self._class_label(day_class),
            start=clock(flaw.start_minute),
            end=clock(flaw.end_minute),
            periods=", ".join(labels[period] for period in flaw.periods),
        )
        if flaw.periods:
            return self.env._(
                "%(tariff)s, periods from %(date)s on: in month %(month)s (%(day)s) the hours %(start)s–%(end)s lie in "
                "more than one band: %(periods)s. Each minute has exactly one period.",
                **names,
            )
        return self.env._(
            "%(tariff)s, periods from %(date)s on: in month %(month)s (%(day)s) the hours %(start)s–%(end)s have no "
            "period. Add a band, or choose the period of the other hours.",
            **names,
        )

    def _summary_text(self) -> str:
        """Lines such as ``7, 8 · Workday: Sharp 14:00–15:00 · Peak 15:00–22:00``."""
        bands, default, days = self._engine_bands(), self._engine_default(), {}
        for day_class in CHECKED_CLASSES:
            for month in range(1, 13):
                course = day_course(bands, month, day_class, default)
                days.setdefault(course.tobytes(), (course, {}))[1].setdefault(day_class, []).append(month)
        lines = []
        for course, classes in days.values():
            months = next(iter(classes.values()))
            every = len(classes) == len(CHECKED_CLASSES) and all(own == months for own in classes.values())
            for day_class, own in [("all", months)] if every else classes.items():
                when = ", ".join(map(str, own)) if len(own) < 12 else "1–12"
                lines.append(f"{when} · {self._class_label(day_class)}: {self._hours_text(course)}")
        return "\n".join(lines)

    def _hours_text(self, course) -> str:
        """Hours of each period of a course, dearest period first."""
        hours = {}
        changes = [0, *(minute for minute in range(1, MINUTES) if course[minute] != course[minute - 1]), MINUTES]
        for start, end in zip(changes[:-1], changes[1:], strict=True):
            hours.setdefault(int(course[start]), []).append(f"{clock(start)}–{clock(end)}")
        labels = list(self._period_labels().values())
        return " · ".join(f"{labels[period]} {', '.join(hours[period])}" for period in sorted(hours) if period >= 0)


def clock(minute: int) -> str:
    """Minute of the day as ``HH:MM``; 1440 is 24:00."""
    return f"{minute // 60:02}:{minute % 60:02}"
