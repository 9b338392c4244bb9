"""Readings from other programs, answered row by row. Extends energy.reading."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Any

import numpy as np

from odoo import api, models
from odoo.addons.energy_carbon.tools.asked import LARGEST_ID
from odoo.exceptions import AccessError, UserError

from ..collector.spool import DIFFERING, KNOWN, REFUSED, STORED
from ..tools.reading_rows import NO_ZONE, NOT_A_NUMBER, NOT_A_ROW, NOT_A_TIME, Rows, read_rows
from .energy_calculation import CALCULATE_LATER

MOST_ROWS = 10_000
_LAST_ID = "SELECT last_value FROM energy_reading_raw_id_seq"
_NOW_STORED = """
    SELECT given.place, raw.id, raw.value
      FROM unnest(%s::int4[], %s::int4[], %s::int8[]) AS given (place, indicator, seconds)
      JOIN energy_reading_raw raw
        ON raw.indicator_id = given.indicator AND raw.time = to_timestamp(given.seconds) AT TIME ZONE 'UTC'
"""


class _DryRun(Exception):
    """Undoes what was stored to see what would be."""


class EnergyReading(models.Model):
    """What an edge agent pushes, and what another system's readings are taken over with."""

    _inherit = "energy.reading"

    # === TAKING OVER === #
    @api.model
    def take_over(self, rows: list[dict[str, Any]], dry_run: bool = False) -> dict[str, Any]:
        """Take over readings of another system, for the JSON-2 API; the first value of a moment wins.

        :param rows: at most 10,000 of ``{"indicator": id, "time": ..., "value": ...}``, or with ``meter`` (its code) and
            ``template`` (the indicator template's code) in the place of ``indicator``; time as UTC epoch seconds or ISO
            8601 text with its distance to UTC, value as the register shows it
        :param dry_run: only say what would become of each row
        :return: ``answers``, one of ``stored``, ``known``, ``differing``, ``refused`` a row; ``reasons``, why, by place
            of the refused rows; ``counts`` by answer
        """
        if not self.env.user.has_group("energy_carbon.group_engineer"):
            raise AccessError(self.env._("Only Instrument engineers and Energy managers take over readings."))
        self._check_number(rows)
        indicators = self._visible_indicators(rows)
        lines = [self._line(row, indicators) for row in rows]
        allowed = {indicator for indicator in indicators.values() if indicator}
        return self.sudo()._append_answered(lines, allowed, self._unknown_text(), dry_run)

    def _visible_indicators(self, rows: list) -> dict[Any, int | None]:
        """Indicator ids by what rows call them, of those the user may see; None where a name fits several."""
        rows = [row for row in rows if isinstance(row, dict)]
        ids = {one for row in rows if type(one := row.get("indicator")) is int and 0 < one <= LARGEST_ID}
        codes = {one for row in rows if isinstance(one := row.get("meter"), str) and "\0" not in one}
        domain = [("source", "=", "collected"), "|", ("id", "in", list(ids)), ("node_id.code", "in", list(codes))]
        found: dict[Any, int | None] = {}
        for indicator in self.env["energy.indicator"].with_context(active_test=False).search(domain):
            name = (indicator.node_id.code, indicator.template_id.code)
            found[indicator.id] = indicator.id
            found[name] = None if name in found else indicator.id
        return found

    def _line(self, row: Any, indicators: dict[Any, int | None]) -> Any:
        """A row as [indicator id, time, value]; what is no row stays as it is."""
        if not isinstance(row, dict):
            return row
        name = row.get("indicator") or (row.get("meter"), row.get("template"))
        known = indicators.get(name) if isinstance(name, int | tuple) and _is_hashable(name) else None
        # One nobody has, so that it is refused with the reason for those.
        return [known or (name if isinstance(name, int) else _NOBODY), row.get("time"), row.get("value")]

    def _unknown_text(self) -> str:
        return self.env._(
            "There is no such collected indicator, you may not see it, or the meter's code fits several: name the "
            "indicator by its ID."
        )

    # === APPENDING === #
    def _check_number(self, rows: Any):
        if not isinstance(rows, list) or len(rows) > MOST_ROWS:
            raise UserError(self.env._("Send a list of at most %(rows)s readings a call.", rows=MOST_ROWS))

    @api.model
    def _append_answered(
        self, rows: Sequence[Any], allowed: Collection[int], stranger: str, dry_run: bool = False
    ) -> dict[str, Any]:
        """Append readings and say of each what became of it; values are computed later.

        :param rows: [indicator id, time, value] each, as ``tools.reading_rows`` reads them
        :param allowed: indicators that may be appended to
        :param stranger: reason for refusing another one
        :param dry_run: store nothing
        :return: as :meth:`take_over`
        """
        read = read_rows(rows)
        texts = self._row_texts()
        reasons = {place: texts[word] for place, word in read.problems.items()}
        good = np.isin(read.indicator, list(allowed))
        reasons |= {int(place): stranger for place in np.flatnonzero(~good) if int(place) not in reasons}
        answers = [STORED] * len(rows)
        if dry_run:
            try:
                with self.env.cr.savepoint():
                    self._append_good(read, np.flatnonzero(good), answers, reasons)
                    self.env.flush_all()
                    raise _DryRun
            except _DryRun:
                self.env.invalidate_all()
        else:
            self._append_good(read, np.flatnonzero(good), answers, reasons)
        for place in reasons:
            answers[place] = REFUSED
        counts = {word: answers.count(word) for word in (STORED, KNOWN, DIFFERING, REFUSED)}
        return {
            "answers": answers,
            "reasons": {str(place): reasons[place] for place in sorted(reasons)},
            "counts": counts,
        }

    def _append_good(self, read: Rows, places: np.ndarray, answers: list[str], reasons: dict[int, str]):
        """Append the rows at some places; writes what became of them into ``answers`` and ``reasons``."""
        self.env.cr.execute(_LAST_ID)
        [last_id] = self.env.cr.fetchone()
        outcome = self.with_context(**{CALCULATE_LATER: True})._append(
            read.indicator[places], read.seconds[places], read.value[places]
        )
        refused = {(indicator, seconds): str(message) for indicator, seconds, message in outcome["refused"]}
        if refused:
            keys = zip(read.indicator[places].tolist(), read.seconds[places].tolist(), strict=True)
            reasons |= {int(place): refused[key] for place, key in zip(places, keys, strict=True) if key in refused}
        if outcome["duplicates"]:
            self._answer_duplicates(read, places, last_id, answers)
        if outcome["stored"]:
            self.env["energy.calculation"].sudo()._trigger()

    def _answer_duplicates(self, read: Rows, places: np.ndarray, last_id: int, answers: list[str]):
        """Tell the rows that were stored from those whose moment had a value already, in the store or in these rows.

        A row of another transaction that we see was numbered before ours began, so a higher number is our own.
        """
        self.env.cr.execute(
            _NOW_STORED, [places.tolist(), read.indicator[places].tolist(), read.seconds[places].tolist()]
        )
        own: set[int] = set()
        for place, reading_id, value in sorted(self.env.cr.fetchall()):
            if reading_id > last_id and reading_id not in own:
                own.add(reading_id)
            else:
                answers[place] = KNOWN if value == read.value[place] else DIFFERING

    def _row_texts(self) -> dict[str, str]:
        return {
            NOT_A_ROW: self.env._("This is no reading: send the indicator's ID, the time and the value."),
            NOT_A_TIME: self.env._("The time is neither UTC seconds since 1970 nor a date and time in ISO 8601."),
            NO_ZONE: self.env._("The time does not say how far it is from UTC: write +08:00 or Z behind it."),
            NOT_A_NUMBER: self.env._("The value is no number."),
        }


# No indicator has this id: PostgreSQL's serial numbers reach it last.
_NOBODY = (1 << 31) - 1


def _is_hashable(name: Any) -> bool:
    try:
        hash(name)
    except TypeError:
        return False
    return True
