"""Explain: the readings behind a figure, and what the calculation made of those that are out of the ordinary."""

from datetime import UTC, datetime

from odoo import fields, models

from ..calculation.company_graph import indicator_rows
from ..calculation.leaves import counter_report
from ..engine.calendar import day_borders

# Readings listed in an explanation; a day of quarter-hours fits, longer periods show their first and last ones.
MOST_READINGS = 100

READINGS = """
    SELECT time, value, quality FROM energy_reading_raw
     WHERE indicator_id = %(id)s
       AND time >= COALESCE((SELECT MAX(time) FROM energy_reading_raw WHERE indicator_id = %(id)s
           AND time <= to_timestamp(%(begin)s) AT TIME ZONE 'UTC'), to_timestamp(%(begin)s) AT TIME ZONE 'UTC')
       AND time <= COALESCE((SELECT MIN(time) FROM energy_reading_raw WHERE indicator_id = %(id)s
           AND time >= to_timestamp(%(end)s) AT TIME ZONE 'UTC'), to_timestamp(%(end)s) AT TIME ZONE 'UTC')
  ORDER BY time
"""


class EnergyIndicator(models.Model):
    """Readings of a collected indicator, with who corrected them and which of them do not count."""

    _inherit = "energy.indicator"

    def _explain_readings(self, first, last) -> tuple[list[dict], list[str]]:
        """Readings of the period and the ones just before and after it, and notes.

        The middle of a long list is left out, but for what is out of the ordinary.
        """
        company = self.company_id
        borders = day_borders(first, last, company.energy_timezone, company.energy_start_hour)
        self.env.cr.execute(READINGS, {"id": self.id, "begin": int(borders[0]), "end": int(borders[-1])})
        rows = self.env.cr.fetchall()
        remarks, ignored = self._reading_remarks(first, last) if rows else ({}, set())
        left_out = sum(time in ignored for time, _value, _quality in rows)
        if len(rows) > MOST_READINGS:
            edge = MOST_READINGS // 2
            rows = rows[:edge] + [row for row in rows[edge:-edge] if row[0] in remarks] + rows[-edge:]
        corrected = self._corrections_by_time()
        labels = dict(self.env["energy.reading"]._fields["quality"]._description_selection(self.env))
        notes = []
        if left_out:
            notes.append(self.env._("Readings left out because they do not fit those around them: %s", left_out))
        return [
            {
                "time": fields.Datetime.to_string(time),
                "register": value,
                "quality": ". ".join(
                    filter(None, [corrected.get(time) or labels.get(str(quality), ""), remarks.get(time)])
                ),
            }
            for time, value, quality in rows
        ], notes

    def _reading_remarks(self, first, last) -> tuple[dict, set]:
        """What is out of the ordinary about a counter's readings by their UTC time, and the times of those left out."""
        rows = [row for row in indicator_rows(self.env, self.company_id) if row.id == self.id]
        if self.kind != "counter" or not rows:
            return {}, set()
        seconds, report, gaps = counter_report(self.env, self.company_id, rows[0], first, last)
        times = [datetime.fromtimestamp(at, UTC).replace(tzinfo=None) for at in seconds.tolist()]
        remarks = {
            times[at]: sentence
            for found, sentence in (
                (gaps, self.env._("After a gap: the amount since the reading before is spread evenly, an estimate")),
                (report.rollovers, self.env._("The register passed its highest figure")),
                (report.drops, self.env._("Lower than before: counted once somebody confirms what happened to the meter")),
                (report.jumps, self.env._("Higher than possible: counted once somebody confirms what happened to the meter")),
                (report.pending, self.env._("Not counted yet: the next reading decides")),
                (report.ignored, self.env._("Left out: it does not fit the readings around it")),
            )
            for at in found.tolist()
        }
        return remarks, {times[at] for at in report.ignored.tolist()}

    def _corrections_by_time(self) -> dict:
        """What each corrected reading became, by whom and why."""
        corrections = self.env["energy.reading.correction"].search([("indicator_id", "=", self.id)])
        return {
            correction.time: self.env._(
                "Corrected to %(value)s by %(user)s: %(reason)s",
                value=self.env._("nothing") if correction.ignore else f"{correction.value:g}",
                user=correction.sudo().user_id.name,
                reason=correction.reason,
            )
            for correction in corrections
        }
