"""Take-over of readings from another system (user flow C4): a file, first looked at, then stored."""

from __future__ import annotations

import base64
from datetime import UTC, datetime

import numpy as np

from odoo import api, fields, models
from odoo.addons.base.models.res_partner import _tz_get
from odoo.exceptions import AccessError, UserError

from ..calculation import readings
from ..calculation.bulk import copy_in, pg_timestamp
from ..tools.asked import LARGEST_FLOAT
from .energy_reading_import_file import MOST_PROBLEMS, Problem, ReadingFile, UnreadableFile, from_frame, parse

BLOCK = 100_000  # readings stored by one statement
MOST_ROWS = 100_000  # of one call of the API
STAGING = "energy_reading_import_staging"
CREATE = f"""
    CREATE TEMP TABLE IF NOT EXISTS {STAGING}
           (indicator_id integer, time timestamp(0), value double precision) ON COMMIT DROP
"""
EMPTY = f"TRUNCATE {STAGING}"
KNOWN = f"""
    SELECT COUNT(*), COUNT(*) FILTER (WHERE r.value <> s.value)
      FROM {STAGING} s JOIN {readings.TABLE} r USING (indicator_id, time)
"""


def _is_row(row) -> bool:
    """Whether another program sent what could be a row: four texts or numbers."""
    return isinstance(row, list) and len(row) == 4 and all(
        isinstance(cell, str | None) or (isinstance(cell, int | float) and not abs(cell) > LARGEST_FLOAT) for cell in row
    )


class EnergyReadingImport(models.TransientModel):
    """One file of readings. A dry run counts what would become of it; nothing is stored before the second button.

    For Energy managers and Instrument engineers, and for the indicators they may see.
    """

    _name = "energy.reading.import"
    _inherit = ["energy.wall.mixin"]
    _description = "Take Over Readings"

    file = fields.Binary(required=True, attachment=False, help="CSV (UTF-8 or GB 18030) or XLSX.")
    filename = fields.Char()
    timezone = fields.Selection(
        _tz_get,
        string="Time Zone of the File",
        required=True,
        default=lambda self: self.env.company.energy_timezone,
        help="Of times that name none themselves. When the clock was set back, the second of two equal times is the later.",
    )
    decimal = fields.Selection(
        [("point", "1,234.56"), ("comma", "1.234,56")], string="Numbers Look Like", required=True, default="point"
    )
    order = fields.Selection(
        [("year", "2026-01-31"), ("day", "31.01.2026"), ("month", "01/31/2026")],
        string="Dates Look Like",
        required=True,
        default="year",
    )
    state = fields.Selection(
        [("draft", "Not Checked"), ("checked", "Checked"), ("done", "Stored")], default="draft", readonly=True
    )
    line_ids = fields.One2many("energy.reading.import.line", "import_id", string="Problems", readonly=True)
    row_count = fields.Integer(string="Readings in the File", readonly=True)
    series_count = fields.Integer(string="Meters and Indicators", readonly=True)
    blank_count = fields.Integer(string="Empty Cells", readonly=True, help="Cells without a value: no readings.")
    new_count = fields.Integer(string="New", readonly=True)
    duplicate_count = fields.Integer(
        string="Known Already", readonly=True, help="Of the same time and with the same value; the file's twins count too."
    )
    differing_count = fields.Integer(
        string="Differing",
        readonly=True,
        help="Another value is known for that time, in the database or earlier in the file. The first one stays; those "
        "that differ from stored ones are listed under Differing Readings.",
    )
    refused_count = fields.Integer(string="Refused", readonly=True)
    problem_count = fields.Integer(string="Cells with Problems", readonly=True)
    period = fields.Char(compute="_compute_period")
    first_time = fields.Datetime(readonly=True)
    last_time = fields.Datetime(readonly=True)

    @api.depends("first_time", "last_time")
    @api.depends_context("tz")
    def _compute_period(self):
        for wizard in self:
            times = [time for time in (wizard.first_time, wizard.last_time) if time]
            shown = [f"{fields.Datetime.context_timestamp(self, time):%Y-%m-%d %H:%M}" for time in times]
            wizard.period = " - ".join(shown)

    # === ONCHANGE METHODS === #
    @api.onchange("file", "timezone", "decimal", "order")
    def _onchange_file(self):
        """What was checked is not what would be stored now."""
        self.state, self.line_ids = "draft", [fields.Command.clear()]

    # === ACTION METHODS === #
    def action_check(self):
        """The dry run: read the file, find meters and indicators, count, store nothing."""
        self._ensure_asked_one()
        self._check_rights()
        found, indicators = self._read()
        arrays = self._arrays(found, indicators)
        counts = self._foresee(*arrays)
        self._show(found, counts, "checked")
        return self._reopen()

    def action_import(self):
        """Store the readings. Cells with problems are left out, known times keep their first value."""
        self._ensure_asked_one()
        self._check_rights()
        if self.state != "checked":
            raise UserError(self.env._("Check the file first."))
        found, indicators = self._read()
        arrays = self._arrays(found, indicators)
        counts = self._store(*arrays, found)
        self._show(found, counts, "done")
        return self._reopen()

    @api.model
    def import_readings(self, rows, timezone: str | None = None, dry_run: bool = True) -> dict:
        """Take over readings from another program, over JSON-2: ``/json/2/energy.reading.import/import_readings``.

        :param rows: at most 100,000 lists of meter (code, serial number or name), indicator (template's code or name, or
            empty for the meter's total), time (ISO 8601) and value
        :param timezone: of times that name none; the company's when not said
        :param dry_run: count only
        :return: ``new``, ``duplicates``, ``differing``, ``refused``, and ``problems``: row (0 the first), column, message
        """
        self._check_rights()
        import pandas as pd

        if not isinstance(rows, list) or len(rows) > MOST_ROWS or not all(map(_is_row, rows)):
            raise UserError(
                self.env._(
                    "rows is a list of at most %(count)s lists: meter, indicator, time, value.", count=MOST_ROWS
                )
            )
        texts = [["" if cell is None or cell != cell else cell for cell in row] for row in rows]
        cells = [["meter", "indicator", "time", "value"], *texts]
        zone = timezone or self.env.company.energy_timezone
        if not isinstance(zone, str) or zone not in dict(self._fields["timezone"]._description_selection(self.env)):
            raise UserError(self.env._("%(zone)s is no time zone.", zone=zone))
        if not rows:
            return {"new": 0, "duplicates": 0, "differing": 0, "refused": 0, "problems": []}
        found = from_frame(pd.DataFrame(cells, dtype=object), zone)
        indicators = self._find_indicators(found)
        arrays = self._arrays(found, indicators)
        counts = self._foresee(*arrays) if dry_run else self._store(*arrays, found)
        counts["problems"] = [
            {"row": one.line - 2, "column": one.column, "message": self._message(one)} for one in found.problems
        ]
        return counts

    # === THE FILE === #
    @api.model
    def _check_rights(self):
        if not self.env.user.has_group("energy_carbon.group_engineer"):
            raise AccessError(self.env._("Only Energy managers and Instrument engineers take over readings."))

    def _read(self) -> tuple[ReadingFile, np.ndarray]:
        """The file's readings, and the indicator id of each series (0 where there is none)."""
        data = base64.b64decode(self.with_context(bin_size=False).file or b"")
        try:
            found = parse(data, self.filename or "", self.timezone, self.decimal, self.order)
        except UnreadableFile as error:
            raise UserError(self._unreadable(*error.args)) from error
        return found, self._find_indicators(found)

    def _unreadable(self, word: str, text: str = "") -> str:
        reasons = {
            "format": self.env._("The file can not be read as CSV or XLSX: %(text)s", text=text),
            "too_big": self.env._(
                "A workbook of more than %(text)s cells takes too long to read. Save it as CSV, or in parts.", text=text
            ),
            "empty": self.env._("The file has no readings: a head and at least one row with two columns are needed."),
            "no_time": self.env._(
                "No column is headed Time, Date, 时间 or 日期. The first row must hold the heads. Found: %(text)s", text=text
            ),
            "no_value": self.env._(
                "There is a column of meters, but none of values headed Value, Reading, 读数 or 示数. Found: %(text)s",
                text=text,
            ),
        }
        return reasons[word]

    def _find_indicators(self, found: ReadingFile) -> np.ndarray:
        """Indicator of each series; what is not found, or found twice, is a problem of the file."""
        meters = self._meters()
        ids = np.zeros(len(found.series), np.int64)
        for place, (meter, name) in enumerate(found.series):
            nodes = meters.get(meter.casefold(), self.env["energy.node"])
            indicators = self._indicators_of(nodes, name) if len(nodes) == 1 else self.env["energy.indicator"]
            if len(indicators) == 1:
                ids[place] = indicators.id
                continue
            word = ("no_meter", "two_meters")[len(nodes) > 1] if len(nodes) != 1 else "no_indicator"
            text = f"{meter} / {name}" if name and len(nodes) == 1 else meter
            column = found.columns[place]
            lines = np.array([1]) if found.wide else found.line[found.code == place][:1]
            if len(lines):
                found.complain(lines, column or 1, word, [text])
        return ids

    def _meters(self) -> dict:
        """Meters the user may see, by code, serial number, name and full name; the nearer meaning first."""
        nodes = self.env["energy.node"].search([("kind", "=", "meter"), ("company_id", "in", self.env.companies.ids)])
        known: dict = {}
        for name in ("code", "serial_number", "name", "complete_name"):
            named: dict = {}
            for node in nodes:
                if text := (node[name] or "").strip().casefold():
                    named[text] = named.get(text, nodes.browse()) | node
            for text, those in named.items():
                known.setdefault(text, those)
        return known

    def _indicators_of(self, meter, name: str):
        """The meter's collected indicators of that code or name; without a name its total."""
        indicators = meter.indicator_ids.filtered(lambda one: one.source == "collected" and one.active)
        if not name:
            return indicators.filtered(lambda one: one.main_total and one.kind == "counter")
        wanted = name.casefold()
        languages = [code for code, _label in self.env["res.lang"].get_installed()]
        return indicators.filtered(
            lambda one: wanted
            in {
                (one.template_id.code or "").casefold(),
                *(one.with_context(lang=lang).template_id.name.casefold() for lang in languages),
            }
        )

    def _arrays(self, found: ReadingFile, indicators: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Indicator, seconds and value of the readings whose indicator is known."""
        indicator = indicators[found.code] if len(found.code) else np.zeros(0, np.int64)
        known = indicator > 0
        return indicator[known], found.seconds[known], found.values[known]

    # === DRY RUN AND STORING === #
    def _foresee(self, indicator: np.ndarray, seconds: np.ndarray, values: np.ndarray) -> dict:
        """What would become of the readings."""
        self.env.flush_all()
        newest = readings.newest(self.env.cr, indicator)
        good, refused = self.env["energy.reading"].sudo()._accept(indicator, seconds, values, newest)
        indicator, seconds, values = indicator[good], seconds[good], values[good]
        first, twins, other = _first_of_each(indicator, seconds, values)
        known = differing = 0
        self.env.cr.execute(CREATE)
        for block in np.array_split(first, max(-(-len(first) // BLOCK), 1)):
            self.env.cr.execute(EMPTY)
            columns = {"indicator_id": indicator[block].astype(np.int32), "time": pg_timestamp(seconds[block])}
            copy_in(self.env.cr, STAGING, {**columns, "value": values[block]})
            self.env.cr.execute(KNOWN)
            counts = self.env.cr.fetchone()
            known, differing = known + counts[0] - counts[1], differing + counts[1]
        return {
            "new": len(first) - known - differing,
            "duplicates": known + twins,
            "differing": differing + other,
            "refused": len(refused),
        }

    def _store(self, indicator: np.ndarray, seconds: np.ndarray, values: np.ndarray, found: ReadingFile) -> dict:
        """Append in blocks, all in one transaction: a file is taken over whole or not at all."""
        counts = {"new": 0, "duplicates": 0, "differing": 0, "refused": 0}
        # In order of time, so that the calculation sees whole stretches.
        order = np.lexsort((seconds, indicator))
        append = self.env["energy.reading"].sudo()._append
        for start in range(0, len(order), BLOCK):
            block = order[start : start + BLOCK]
            outcome = append(indicator[block], seconds[block], values[block])
            counts["new"] += outcome["stored"]
            counts["duplicates"] += outcome["duplicates"] - outcome["differing"]
            counts["differing"] += outcome["differing"]
            counts["refused"] += len(outcome["refused"])
            for _indicator, time, message in outcome["refused"][: MOST_PROBLEMS - len(found.problems)]:
                moment = f"{datetime.fromtimestamp(time, UTC):%Y-%m-%d %H:%M} UTC"
                found.problems.append(Problem(0, 0, "refused", f"{moment}: {message}"))
        return counts

    # === WHAT IS SHOWN === #
    def _show(self, found: ReadingFile, counts: dict, state: str):
        stamps = found.seconds
        self.line_ids.unlink()
        self.write(
            {
                "state": state,
                "row_count": len(found.values),
                "series_count": len(found.series),
                "blank_count": found.blank,
                "problem_count": found.problem_count,
                **{f"{name}_count": counts[key] for name, key in _COUNTS.items()},
                "first_time": _stored_time(stamps.min()) if len(stamps) else False,
                "last_time": _stored_time(stamps.max()) if len(stamps) else False,
                "line_ids": [fields.Command.create(self._line(problem)) for problem in found.problems],
            }
        )

    def _line(self, problem: Problem) -> dict:
        return {
            "line": problem.line,
            "cell": f"{_column_name(problem.column)}{problem.line}" if problem.column else "",
            "text": self._message(problem),
        }

    def _message(self, problem: Problem) -> str:
        texts = {
            "number": self.env._("“%(text)s” is no number: is the decimal sign the one chosen above?"),
            "time": self.env._("“%(text)s” is no time: is the order of day and month the one chosen above?"),
            "no_such_time": self.env._("%(text)s did not exist: the clock was set forward over it. Check the time zone."),
            "blank_time": self.env._("The time is missing.%(text)s"),
            "blank_meter": self.env._("The meter is missing.%(text)s"),
            "no_meter": self.env._("There is no meter with the code, serial number or name “%(text)s”, or you may not see it."),
            "two_meters": self.env._("“%(text)s” is the name of several meters: use their codes."),
            "no_indicator": self.env._(
                "“%(text)s”: the meter has no such collected indicator. Name it by its code or name; without a name the "
                "meter's total counter is meant."
            ),
            "refused": "%(text)s",
        }
        blank = problem.word in ("blank_time", "blank_meter")
        return texts[problem.word] % {"text": "" if blank else problem.text}

    def _reopen(self) -> dict:
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Take Over Readings"),
            "res_model": self._name,
            "res_id": self.id,
            "view_mode": "form",
            "target": "new",
            "context": {"dialog_size": "extra-large"},
        }


_COUNTS = {"new": "new", "duplicate": "duplicates", "differing": "differing", "refused": "refused"}


def _first_of_each(indicator: np.ndarray, seconds: np.ndarray, values: np.ndarray) -> tuple[np.ndarray, int, int]:
    """Places of the first reading of each moment, and how many later ones equal it or differ from it."""
    order = np.lexsort((seconds, indicator))
    fresh = np.ones(len(order), bool)
    same = (np.diff(indicator[order]) == 0) & (np.diff(seconds[order]) == 0)
    fresh[1:] = ~same
    heads = order[np.maximum.accumulate(np.where(fresh, np.arange(len(order)), 0))] if len(order) else order
    equal = values[order] == values[heads]
    return np.sort(order[fresh]), int((~fresh & equal).sum()), int((~fresh & ~equal).sum())


def _stored_time(seconds) -> datetime:
    return datetime.fromtimestamp(int(seconds), UTC).replace(tzinfo=None)


def _column_name(place: int) -> str:
    """The letters of a workbook's column, 1 the first."""
    name = ""
    while place:
        place, rest = divmod(place - 1, 26)
        name = chr(65 + rest) + name
    return name
