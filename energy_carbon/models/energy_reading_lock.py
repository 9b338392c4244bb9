"""Readings and locked months, and the journal of readings that came late."""

from datetime import UTC, datetime, timedelta

from odoo import api, models

from ..calculation import readings
from ..calculation.affected_days import affected_days

# A reading of a day before today that comes later than this after its time restates what people have seen already.
LATE = timedelta(hours=24)
NEXT_TO = f"""
    SELECT EXTRACT(epoch FROM COALESCE((SELECT MAX(time) FROM {readings.TABLE} WHERE indicator_id = %(id)s AND time < %(time)s),
                                       %(time)s))::int8,
           EXTRACT(epoch FROM COALESCE((SELECT MIN(time) FROM {readings.TABLE} WHERE indicator_id = %(id)s AND time > %(time)s),
                                       %(time)s))::int8
"""


class EnergyReadingLock(models.Model):
    """Readings are stored whatever is locked; correcting them, or the meter's events, is refused there."""

    _inherit = "energy.reading"

    @api.model
    def _days_around(self, indicator, time):
        """First and last day whose figures depend on the reading, or the meter's event, at a moment.

        :param time: UTC, without zone
        """
        company, moment = indicator.company_id, int(time.replace(tzinfo=UTC).timestamp())
        if indicator.kind != "counter":
            return affected_days(company, moment, moment, False)
        self.env.cr.execute(NEXT_TO, {"id": indicator.id, "time": time})
        before, after = self.env.cr.fetchone()
        return affected_days(company, before, after, True)

    @api.model
    def _refuse_locked(self, indicators, time, record):
        """Refuse a change at a moment whose day, or a figure of the days it decides, is locked."""
        lock, moment = self.env["energy.lock"], int(time.replace(tzinfo=UTC).timestamp())
        if not lock._any():
            return
        for indicator in indicators:
            day = affected_days(indicator.company_id, moment, moment, indicator.kind == "counter")[1]
            lock._refuse(record, indicator, day, day, own_days=True)
            lock._refuse(record, indicator, *self._days_around(indicator, time))

    @api.model
    def _note_late(self, spans):
        """Note readings that came more than a day late, a line a plant and batch.

        :param spans: of the new readings, records of ``readings.SPAN``
        """
        late = spans[spans["first"] < int((datetime.now(UTC) - LATE).timestamp())].tolist()
        if not late:
            return
        reach = readings.neighbours(self.env.cr, [row[:3] for row in late])
        count = {row[0]: row[3] for row in late}
        indicators = self.env["energy.indicator"].sudo().browse(count)
        for plant, own in indicators.grouped(lambda one: (one.node_id.parent_path or "").split("/")[0]).items():
            spans = zip(*(reach[indicator] for indicator in own.ids), strict=True)
            firsts, lasts = affected_days(own.company_id, *spans, [kind == "counter" for kind in own.mapped("kind")])
            text = self.env._(
                "Readings: %(readings)s, indicators: %(indicators)s",
                readings=sum(count[one.id] for one in own),
                indicators=len(own),
            )
            self.env["energy.restatement"]._note(
                "reading",
                self.env["energy.node"].browse(int(plant)) if plant else own[0].node_id,
                "",
                text,
                min(firsts),
                max(lasts),
                indicators=own,
            )
