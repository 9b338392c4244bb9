"""Check tariff: the proof that a year of a tariff is complete, or what is wrong with it and when."""

from datetime import date
from itertools import groupby

import numpy as np

from odoo import api, fields, models
from odoo.exceptions import UserError

from ..engine.calendar import day_borders
from ..engine.factors import valid_on
from ..engine.tou import HOLE, Period, pieces
from ..engine.tou_check import YearCheck, check_year, idle_overlays
from ..models.energy_holiday import NAMELESS

SHOWN_DATES = 6


class EnergyTariffCheck(models.TransientModel):
    """Looks at each minute of each day of a year: exactly one period, a version and a price. Changes nothing."""

    _name = "energy.tariff.check"
    _inherit = ["energy.wall.mixin"]
    _description = "Check Tariff"

    tariff_id = fields.Many2one("energy.tariff", required=True, ondelete="cascade")
    year = fields.Integer(required=True, default=lambda self: fields.Date.context_today(self).year)
    # Not as superuser: who checks a tariff must be allowed to read it.
    line_ids = fields.One2many(
        "energy.tariff.check.line",
        "check_id",
        compute="_compute_line_ids",
        store=True,
        compute_sudo=False,
        string="Findings",
    )
    is_complete = fields.Boolean(compute="_compute_line_ids", store=True, compute_sudo=False)
    verdict = fields.Char(compute="_compute_line_ids", store=True, compute_sudo=False)
    hours = fields.Char(string="Hours of the Year", compute="_compute_line_ids", store=True, compute_sudo=False)

    @api.depends("tariff_id", "year")
    def _compute_line_ids(self):
        for check in self:
            if not 1900 <= check.year <= 2200:
                raise UserError(self.env._("%(year)s is no year to check: enter one such as 2026.", year=check.year))
            lines, hours = check._findings()
            check.line_ids = [fields.Command.clear(), *(fields.Command.create(line) for line in lines)]
            check.is_complete = not any(line["is_flaw"] for line in lines)
            check.verdict = check._verdict(lines)
            check.hours = hours

    # === CRUD METHODS === #
    @api.model_create_multi
    def create(self, vals_list):
        checks = super().create(vals_list)
        checks._check_readable()
        return checks

    def write(self, vals):
        result = super().write(vals)
        self._check_readable()
        return result

    # === ACTION METHODS === #
    def action_check(self):
        """Check again, for the year now chosen, and stay open."""
        self._ensure_asked_one()
        self._compute_line_ids()
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Check Tariff"),
            "res_model": self._name,
            "res_id": self.id,
            "views": [(False, "form")],
            "target": "new",
            "context": {"dialog_size": "extra-large"},
        }

    # === BUSINESS METHODS === #
    def _check_readable(self):
        """A finding tells of prices: only of tariffs the user may read. What is computed may be so as superuser."""
        self.tariff_id.check_access("read")

    def _findings(self) -> tuple[list[dict], str]:
        """Values of the lines, by first day, and the hours of each period as text."""
        tariff = self.tariff_id
        if tariff.kind != "tou":
            found = YearCheck([], date(self.year, 1, 1).toordinal(), self._all_day_flat(), np.zeros(0, int))
            return self._price_lines(found), ""
        editions = tariff._editions()
        found = check_year(editions, self.year)
        lines = [self._flaw_line(finding) for finding in found.findings] + self._price_lines(found)
        lines.sort(key=lambda line: line["date_from"])
        if editions:
            lines += self._hint_lines(editions, found)
        return lines, self._hours_text(editions, found)

    def _all_day_flat(self) -> np.ndarray:
        """A flat tariff needs one price a day; which period carries it does not matter."""
        days = (date(self.year + 1, 1, 1) - date(self.year, 1, 1)).days
        return np.arange(len(Period))[None, :] == np.full((days, 1), Period.FLAT)

    def _flaw_line(self, finding) -> dict:
        """Line of a hole, an overlap, or of days before the first version."""
        if finding.edition < 0:
            text = self.env._("No periods: the tariff's first version starts later. Add a version from an earlier day.")
            return self._line("no_version", text, finding.days)
        version = self.tariff_id.version_ids.sorted("date_from")[finding.edition]
        names = {
            "version": version.date_from,
            "day": version._class_label(finding.classes[0]),
            "hours": version._flaw_hours(finding.flaw),
            "periods": ", ".join(version._period_labels()[period] for period in finding.flaw.periods),
        }
        if finding.flaw.periods:
            text = self.env._(
                "%(day)s, %(hours)s: in more than one band (%(periods)s) of the version from %(version)s on.", **names
            )
            return self._line("overlap", text, finding.days)
        text = self.env._("%(day)s, %(hours)s: no period in the version from %(version)s on.", **names)
        return self._line("hole", text, finding.days)

    def _price_lines(self, found: YearCheck) -> list[dict]:
        """Lines of the days on which a period occurs that has no price."""
        days = found.first_day + np.arange(len(found.used))
        labels = dict(self.env["energy.tariff.price"]._fields["period"]._description_selection(self.env))
        lines = []
        for period in Period:
            missing = days[found.used[:, period] & ~self._priced(period, days)]
            if not len(missing):
                continue
            if self.tariff_id.kind == "tou":
                text = self.env._(
                    "%(period)s has no price: its hours have no cost.", period=labels[period.name.lower()]
                )
            else:
                text = self.env._("No price: these days have no cost.")
            lines.append(self._line("no_price", text, missing.tolist()))
        return lines

    def _priced(self, period: Period, days: np.ndarray) -> np.ndarray:
        """Whether a period has a price on each day: its own, or the one without period."""
        priced = np.zeros(len(days), bool)
        for own in (period.name.lower(), False):
            rows = self.tariff_id.price_ids.filtered(
                lambda row, own=own: row.date_from and (row.period or False) == own
            )
            starts = np.array([row.date_from.toordinal() for row in rows], np.int64)
            priced |= valid_on(days, starts, np.zeros(len(rows))) >= 0
        return priced

    def _hint_lines(self, editions: list, found: YearCheck) -> list[dict]:
        """What is no flaw but most likely not meant: bands for holidays nobody entered, overlays without effect."""
        held = {one for day, one in editions[0].specials.items() if 0 <= day - found.first_day < len(found.used)}
        holidays = {code for code, _name in self.env["energy.holiday"]._labels()} - {NAMELESS}
        lines, versions = {}, self.tariff_id.version_ids.sorted("date_from")
        for index in sorted(set(found.editions[found.editions >= 0].tolist())):
            version, edition = versions[index], editions[index]
            named = {band.day_class for band in edition.bands} & holidays
            for name in sorted(named - held):
                text = self.env._(
                    "%(day)s: a band names it, but %(year)s has no such day in Special Days. Enter the days there.",
                    day=version._class_label(name),
                    year=str(self.year),
                )
                lines[text] = self._line("unknown_holiday", text, [], is_flaw=False)
            for band in idle_overlays(edition):
                text = self.env._(
                    "%(band)s in the version from %(version)s on never holds: the period it lies on is at other hours.",
                    band=version.band_ids[band]._hours_label(),
                    version=version.date_from,
                )
                lines[text] = self._line("idle", text, [], is_flaw=False)
        return list(lines.values())

    def _line(self, kind: str, text: str, days, is_flaw: bool = True) -> dict:
        return {
            "kind": kind,
            "name": text,
            "is_flaw": is_flaw,
            "date_from": date.fromordinal(days[0]) if days else False,
            "days": len(days),
            "dates": _dates_text(days),
        }

    def _verdict(self, lines: list[dict]) -> str:
        """One sentence: proven, or how many findings."""
        days = (date(self.year + 1, 1, 1) - date(self.year, 1, 1)).days
        names = {"tariff": self.tariff_id.name, "year": str(self.year), "days": days}
        if flaws := [line for line in lines if line["is_flaw"]]:
            return self.env._("%(tariff)s is not complete in %(year)s. Findings: %(count)s.", count=len(flaws), **names)
        if self.tariff_id.kind != "tou":
            return self.env._("%(tariff)s has a price on each of the %(days)s days of %(year)s.", **names)
        return self.env._(
            "%(tariff)s: on each of the %(days)s days of %(year)s every minute has exactly one period, and every period a "
            "price.",
            **names,
        )

    def _hours_text(self, editions: list, found: YearCheck) -> str:
        """Hours of each period, clock changes counted as they pass: 8,760 or 8,784 altogether."""
        if not editions or (found.editions < 0).any():
            return ""
        zone = self.tariff_id.company_id.energy_timezone
        borders = np.asarray(day_borders(date(self.year, 1, 1), date(self.year, 12, 31), zone, 0))

        def course(day: date, ahead: int) -> np.ndarray:
            at = min(max(day.toordinal() - found.first_day, 0), len(found.editions) - 1)
            return editions[found.editions[at]].course(day, ahead)

        parts = pieces(borders, zone, course)
        kept = parts.period != HOLE
        seconds = (parts.share * np.diff(borders)[parts.slot])[kept]
        hours = np.bincount(parts.period[kept], seconds, len(Period)) / 3600
        labels = list(dict(self.env["energy.tariff.price"]._fields["period"]._description_selection(self.env)).values())
        return " · ".join(f"{labels[period]} {hours[period]:,.6g} h" for period in Period if hours[period])


def _dates_text(days) -> str:
    """Stretches of days, the first few of them: ``2026-01-01 – 2026-01-31, 2026-03-04 …``."""
    stretches = []
    for _key, run in groupby(enumerate(days), lambda pair: pair[1] - pair[0]):
        run = [date.fromordinal(day).isoformat() for _at, day in run]
        stretches.append(run[0] if len(run) == 1 else f"{run[0]} – {run[-1]}")
    return ", ".join(stretches[:SHOWN_DATES]) + (" …" if len(stretches) > SHOWN_DATES else "")
