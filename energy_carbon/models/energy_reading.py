"""Readings of meters, as they came."""

from datetime import UTC, datetime, timedelta

import numpy as np

from odoo import api, fields, models
from odoo.tools import SQL

from ..calculation import profiles, readings
from ..calculation.leaves import affected_days

# Times outside these limits are a device's broken clock, not a reading.
OLDEST = datetime(2000, 1, 1, tzinfo=UTC)
AHEAD = timedelta(days=1)


class EnergyReading(models.Model):
    """Read-only view of the raw readings: what a meter's register showed at a moment.

    Acquisition appends with :meth:`_append`; nobody changes or deletes a reading, corrections are records of their own.
    """

    _name = "energy.reading"
    _inherit = ["energy.node.panel.mixin"]
    _description = "Meter Reading"
    _auto = False
    _order = "time desc, id desc"
    _rec_name = "indicator_id"

    indicator_id = fields.Many2one("energy.indicator", readonly=True)
    node_id = fields.Many2one("energy.node", readonly=True)
    company_id = fields.Many2one("res.company", readonly=True)
    time = fields.Datetime(readonly=True)
    value = fields.Float(string="Register", readonly=True, aggregator=None)
    quality = fields.Selection([("1", "Good"), ("2", "Typed"), ("3", "Doubtful")], readonly=True)

    @property
    def _table_query(self):
        return SQL(
            """SELECT r.id, r.indicator_id, i.node_id, i.company_id, r.time, r.value, r.quality::varchar AS quality
                 FROM energy_reading_raw r JOIN energy_indicator i ON i.id = r.indicator_id"""
        )

    def init(self):
        # The table refers to the indicators' one, which may be created later in the same update.
        self.env.registry.post_init(readings.create_table, self.env.cr)
        self.env.registry.post_init(profiles.create_table, self.env.cr)

    # === APPENDING === #
    @api.model
    def _append(self, indicator_ids, times, values, quality=1) -> dict:
        """Store readings; the first value of a moment wins, nothing stored is changed.

        :param indicator_ids: indicator of each reading, shape (n,)
        :param times: UTC epoch seconds, shape (n,)
        :param values: register values as the meter shows them, before CT x PT, shape (n,)
        :param quality: 1 good, 2 typed, 3 doubtful; one figure or shape (n,)
        :return: counts ``stored``, ``duplicates`` (already known), ``differing`` (known with another value) and
            ``refused``, a list of (indicator id, time, message)
        """
        indicator = np.asarray(indicator_ids, np.int64)
        seconds, value = np.asarray(times, np.int64), np.asarray(values, np.float64)
        quality = np.broadcast_to(np.asarray(quality, np.int16), value.shape)
        good, refused = self._accept(indicator, seconds, value)
        if not good.any():
            return {"stored": 0, "duplicates": 0, "differing": 0, "refused": refused}
        readings.ensure_partitions(self.env.cr, seconds[good].min(), seconds[good].max())
        result = readings.append(self.env.cr, indicator[good], seconds[good], value[good], quality[good])
        self._mark_appended(result.pop("inserted"))
        return dict(result, refused=refused)

    def _accept(self, indicator, seconds, value):
        """Which readings can be stored, and why the others cannot."""
        self.env.flush_all()
        self.env.cr.execute("SELECT id FROM energy_indicator WHERE id = ANY(%s)", [np.unique(indicator).tolist()])
        known = np.isin(indicator, [row[0] for row in self.env.cr.fetchall()])
        latest = (datetime.now(UTC) + AHEAD).timestamp()
        in_time = (seconds >= OLDEST.timestamp()) & (seconds <= latest)
        finite = np.isfinite(value)
        good = known & in_time & finite
        refused = []
        for place in np.flatnonzero(~good):
            if not known[place]:
                why = self.env._("There is no such indicator.")
            elif not finite[place]:
                why = self.env._("The value is no number.")
            else:
                why = self.env._("The time lies more than a day ahead, or before the year 2000.")
            refused.append((int(indicator[place]), int(seconds[place]), why))
        return good, refused

    def _mark_appended(self, inserted: list[tuple]):
        """Mark the days that new readings can change, neighbours included."""
        if not inserted:
            return
        reach = readings.neighbours(self.env.cr, [row[:3] for row in inserted])
        indicators = self.env["energy.indicator"].sudo().browse(reach)
        rows = []
        for indicator in indicators:
            first, last = affected_days(indicator.company_id, *reach[indicator.id])
            rows.append((indicator.id, indicator.company_id.id, first, last))
        self.env["energy.calculation"]._mark_rows(rows)

    @api.model
    def _mark_around(self, indicators, time):
        """Mark the days that a change of the reading or of the meter at a moment can touch."""
        moment = int(time.replace(tzinfo=UTC).timestamp())
        self._mark_appended([(indicator, moment, moment) for indicator in indicators.ids])

    # === READING === #
    @api.model
    def _last_readings(self, indicator_ids: list[int]) -> dict:
        """Last reading of each indicator -> (UTC time, register)."""
        self.env.cr.execute(
            """SELECT i.id, r.time, r.value FROM unnest(%s::int4[]) AS i(id) CROSS JOIN LATERAL (
                   SELECT time, value FROM energy_reading_raw WHERE indicator_id = i.id ORDER BY time DESC LIMIT 1) r""",
            [[identifier for identifier in indicator_ids if identifier]],
        )
        return {row[0]: (row[1], row[2]) for row in self.env.cr.fetchall()}

    @api.model
    def _exist_for(self, indicator) -> bool:
        self.env.cr.execute("SELECT 1 FROM energy_reading_raw WHERE indicator_id = %s LIMIT 1", [indicator.id])
        return bool(self.env.cr.fetchone())
