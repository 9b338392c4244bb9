"""The periods of the day by bands: what a tariff's version and a published calendar have in common."""

from itertools import pairwise

import numpy as np

from odoo import api, fields, models
from odoo.exceptions import ValidationError

from ..engine.tou import ALL, MINUTES, WEEKEND, WORKDAY, DayClasses, Edition, Flaw, Period, check_day, kinds_of_day
from ..tools.inner_step import is_within
from ..tools.selections import PERIODS
from .energy_tariff_band_mixin import clock

# Set while a record writes its bands line by line: only the finished day is checked.
UNFINISHED = "energy_tariff_version_unfinished"
MONTHS = range(1, 13)


class EnergyTariffPeriodsMixin(models.AbstractModel):
    """Which hours lie in which period, as one published document states it. Needs ``band_ids``.

    Every minute of every day has exactly one period.
    """

    _name = "energy.tariff.periods.mixin"
    _description = "Time-of-Use Periods"

    default_period = fields.Selection(
        PERIODS,
        default="flat",
        help="Period of the hours that no band covers. Empty: the bands must cover the whole day.",
    )
    clock = fields.Selection(
        [("local", "Local time"), ("standard", "Standard time all year")],
        string="Hours Are in",
        required=True,
        default="local",
        help="Standard time: the meter's clock knows no summer time, so in summer the bands lie an hour later on the "
        "local clock.",
    )
    document = fields.Char(help="Number of the published document.")
    note = fields.Text()
    summary = fields.Text(compute="_compute_summary", string="Hours by Period")
    day_plan = fields.Json(compute="_compute_day_plan", string="Hours of the Day")

    # === COMPUTE METHODS === #
    @api.depends(lambda self: self._depends_of_days())
    def _compute_summary(self):
        """The day in words, months with the same day together: what a person compares with the document."""
        for record in self:
            try:
                record.summary = record._summary_text()
            except (ValidationError, ValueError):
                record.summary = False

    @api.depends(lambda self: self._depends_of_days())
    @api.depends_context("lang")
    def _compute_day_plan(self):
        """The day of each month and kind of day, for the picture of the calendar."""
        for record in self:
            try:
                record.day_plan = record._plan()
            except (ValidationError, ValueError):
                record.day_plan = False

    def _depends_of_days(self) -> list[str]:
        fields_of_band = ("months", "day_class", "period", "start", "end", "overlay")
        return ["default_period", *(f"band_ids.{name}" for name in fields_of_band)] if not self._abstract else []

    # === CONSTRAINT METHODS === #
    @api.constrains("band_ids", "default_period")
    def _check_days(self):
        """Each minute of the day of each month and kind of day has exactly one period."""
        for record in self:
            bands, default = record._engine_bands(), record._engine_default()
            for month in MONTHS:
                for classes in kinds_of_day(bands):
                    flaws = check_day(bands, month, classes, default)
                    if flaws:
                        raise ValidationError(record._flaw_text(flaws[0], month, classes))

    # === BUSINESS METHODS === #
    def _finish(self):
        """Check the days after bands changed, unless the record writes more of them."""
        if not is_within(self.env, UNFINISHED):
            records = self.exists()
            records._check_days()
            records._bands_changed()

    def _bands_changed(self):
        """Tell others that the day is another one."""

    def _engine_bands(self) -> list:
        self.ensure_one()
        return [band._engine_band() for band in self.band_ids]

    def _engine_default(self) -> Period | None:
        return Period[self.default_period.upper()] if self.default_period else None

    def _edition(self, specials: dict[int, str] | None = None, first_day: int = 1) -> Edition:
        """The periods as the engine sees them.

        :param specials: special days by ordinal; None: ordinary weeks only
        """
        self.ensure_one()
        standard = self.clock == "standard"
        return Edition(first_day, self._engine_default(), standard, specials or {}, self._engine_bands())

    # === WORDS === #
    def _period_labels(self) -> list[str]:
        return list(dict(self._fields["default_period"]._description_selection(self.env)).values())

    def _class_label(self, day_class: str) -> str:
        return dict(self.band_ids._fields["day_class"]._description_selection(self.env))[day_class]

    def _flaw_hours(self, flaw: Flaw) -> str:
        return f"{clock(flaw.start_minute)}–{clock(flaw.end_minute)}"

    def _flaw_text(self, flaw: Flaw, month: int, classes: DayClasses) -> str:
        """One sentence that names the record, the day, the hours and what is wrong with them."""
        labels = self._period_labels()
        names = dict(
            record=self._flaw_owner(),
            month=month,
            day=self._class_label(classes[0]),
            hours=self._flaw_hours(flaw),
            periods=", ".join(labels[period] for period in flaw.periods),
        )
        if flaw.periods:
            return self.env._(
                "%(record)s: in month %(month)s (%(day)s) the hours %(hours)s lie in more than one band: %(periods)s. "
                "Each minute has exactly one period.",
                **names,
            )
        return self.env._(
            "%(record)s: in month %(month)s (%(day)s) the hours %(hours)s have no period. Add a band, or choose the "
            "period of the other hours.",
            **names,
        )

    def _flaw_owner(self) -> str:
        return self.display_name

    def _columns(self) -> list[tuple[str, list[np.ndarray]]]:
        """Kinds of days that differ in some month: label, and the course of each month.

        Kinds that are the same all year share a column; days that never differ are *All Days*.
        """
        edition = self._edition()
        kinds = kinds_of_day(edition.bands)
        year = {classes: np.array([edition.course_of(month, classes) for month in MONTHS]) for classes in kinds}
        columns: dict[bytes, tuple[list[str], list[np.ndarray]]] = {}
        for classes, courses in year.items():
            labels = columns.setdefault(courses.tobytes(), ([], list(courses)))[0]
            label = self._class_label(classes[0])
            if len(classes) > 1 and not np.array_equal(year[(*classes[:-1], WORKDAY)], year[(*classes[:-1], WEEKEND)]):
                label = f"{label} ({self._class_label(classes[-1])})"
            if label not in labels:
                labels.append(label)
        if len(columns) == 1:
            return [(self._class_label(ALL), courses) for _labels, courses in columns.values()]
        return [(", ".join(labels), courses) for labels, courses in columns.values()]

    def _plan(self) -> dict:
        """The picture's data: distinct courses as pieces, and which of them each month and column has."""
        courses: dict[bytes, int] = {}
        pieces, months, columns = [], [[] for _month in MONTHS], self._columns()
        for _label, own in columns:
            for month, course in enumerate(own):
                if course.tobytes() not in courses:
                    courses[course.tobytes()] = len(pieces)
                    pieces.append([[start, end, period] for start, end, period in _pieces(course)])
                months[month].append(courses[course.tobytes()])
        used = {period for course in pieces for _start, _end, period in course}
        labels = self._period_labels()
        return {
            "periods": [{"index": int(one), "label": labels[one]} for one in Period if one in used],
            "columns": [label for label, _own in columns],
            "courses": pieces,
            "months": months,
        }

    def _summary_text(self) -> str:
        """Lines such as ``7, 8 · Workday: Sharp 14:00–15:00 · Peak 15:00–22:00``."""
        days, columns = {}, self._columns()
        for label, own in columns:
            for month, course in zip(MONTHS, own, strict=True):
                days.setdefault(course.tobytes(), (course, {}))[1].setdefault(label, []).append(month)
        lines = []
        for course, by_label in days.values():
            months = next(iter(by_label.values()))
            every = len(by_label) == len(columns) and all(own == months for own in by_label.values())
            for label, own in [(self._class_label(ALL), months)] if every else by_label.items():
                when = ", ".join(map(str, own)) if len(own) < 12 else "1–12"
                lines.append(f"{when} · {label}: {self._hours_text(course)}")
        return "\n".join(lines)

    def _hours_text(self, course) -> str:
        """Hours of each period of a course, dearest period first."""
        hours, labels = {}, self._period_labels()
        for start, end, period in _pieces(course):
            hours.setdefault(period, []).append(f"{clock(start)}–{clock(end)}")
        return " · ".join(f"{labels[period]} {', '.join(hours[period])}" for period in sorted(hours) if period >= 0)


def _pieces(course: np.ndarray) -> list[tuple[int, int, int]]:
    """Stretches of a day: (first minute, minute after the last, period or HOLE)."""
    changes = [0, *(np.flatnonzero(np.diff(course)) + 1).tolist(), MINUTES]
    return [(start, end, int(course[start])) for start, end in pairwise(changes)]
