"""Readings of meters, as they came."""

import logging
from datetime import UTC, date, datetime, timedelta

import numpy as np
import psycopg2
from dateutil.relativedelta import relativedelta

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools import SQL

from ..calculation import profiles, readings, retention
from ..calculation.affected_days import affected_days, affected_spans
from ..tools.parameters import READING_RETENTION

# Times outside these limits are a device's broken clock, not a reading.
OLDEST = datetime(2000, 1, 1, tzinfo=UTC)
AHEAD = timedelta(days=1)
# How long dropping waits for those who use the readings; everybody else waits meanwhile.
LOCK_TIMEOUT = "5s"

_logger = logging.getLogger(__name__)


class EnergyReading(models.Model):
    """Read-only view of the raw readings: what a meter's register showed at a moment.

    Acquisition appends with :meth:`_append`; nobody changes or deletes a reading, corrections are records of their own.
    """

    _name = "energy.reading"
    _inherit = ["energy.wall.mixin", "energy.node.panel.mixin"]
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
        self.env.flush_all()
        newest = readings.newest(self.env.cr, indicator)
        good, refused = self._accept(indicator, seconds, value, newest)
        if not good.any():
            return {"stored": 0, "duplicates": 0, "differing": 0, "refused": refused}
        result = self._store(newest, indicator[good], seconds[good], value[good], quality[good])
        return dict(result, refused=refused)

    def _store(self, newest, indicator, seconds, value, quality) -> dict:
        """Store what was accepted, list what is late, mark what it changes.

        :param newest: as ``readings.newest`` found it before
        :return: counts as for :meth:`_append`
        """
        readings.ensure_partitions(self.env.cr, seconds.min(), seconds.max())
        late = self.env["energy.late.reading"].sudo()
        last_id = late._begin(seconds)
        met = newest[np.searchsorted(newest["indicator"], indicator)]
        is_newer = last_id is None and (seconds > met["newest"]).all()
        if is_newer and readings.append_newer(self.env.cr, indicator, seconds, value, quality):
            inserted = readings.spans(indicator, seconds)
            self._note_late(inserted)
            self._mark_newer(newest, inserted)
            return {"stored": len(value), "duplicates": 0, "differing": 0}
        result = readings.append(self.env.cr, indicator, seconds, value, quality)
        late._list(last_id)
        self._note_late(result["inserted"])
        self._mark_appended(result.pop("inserted"))
        return result

    def _accept(self, indicator, seconds, value, newest):
        """Which readings can be stored, and why the others cannot.

        :param newest: what ``readings.newest`` found of the indicators
        """
        known, company = self._companies(indicator, newest)
        latest = (datetime.now(UTC) + AHEAD).timestamp()
        in_time = (seconds >= OLDEST.timestamp()) & (seconds <= latest)
        finite = np.isfinite(value)
        kept = self._in_kept_months(seconds, company)
        good = known & in_time & finite & kept
        refused = []
        for place in np.flatnonzero(~good):
            if not known[place]:
                why = self.env._("There is no such indicator.")
            elif not finite[place]:
                why = self.env._("The value is no number.")
            elif not kept[place]:
                why = self.env._("The readings of that month were dropped; it is closed, and nothing can be added.")
            else:
                why = self.env._("The time lies more than a day ahead, or before the year 2000.")
            refused.append((int(indicator[place]), int(seconds[place]), why))
        return good, refused

    @staticmethod
    def _companies(indicator, newest):
        """Which of the indicators exist, and the companies of those; shape (n,) each."""
        if not len(newest):
            return np.zeros(len(indicator), bool), np.zeros(len(indicator), np.int64)
        place = np.minimum(np.searchsorted(newest["indicator"], indicator), len(newest) - 1)
        return newest["indicator"][place] == indicator, newest["company"][place]

    def _mark_appended(self, spans):
        """Mark the days that new readings can change, neighbours included.

        :param spans: records of ``readings.SPAN``
        """
        if not len(spans):
            return
        reach = readings.neighbours(self.env.cr, spans[["indicator", "first", "last"]].tolist())
        self.env.flush_all()
        # In SQL: a sweep brings a reading each of very many indicators, too many to load as records.
        self.env.cr.execute("SELECT id, company_id, kind = 'counter' FROM energy_indicator WHERE id = ANY(%s)", [list(reach)])
        rows = self.env.cr.fetchall()
        self._mark_spans(*np.array([(*row, *reach[row[0]]) for row in rows], np.int64).T)

    def _mark_newer(self, newest, spans):
        """Mark the days that readings can change behind which there are none: no neighbours need to be looked up.

        :param newest: what ``readings.newest`` found before they were stored
        :param spans: records of ``readings.SPAN``
        """
        met = newest[np.searchsorted(newest["indicator"], spans["indicator"])]
        first = np.minimum(spans["first"], met["reach"])
        self._mark_spans(spans["indicator"], met["company"], met["counter"], first, spans["last"])

    def _mark_spans(self, indicator, company, counter, first, last):
        """Mark the days between moments.

        :param indicator: ids, shape (n,); company: theirs; counter: whether they count; first, last: UTC epoch seconds
        """
        companies = self.env["res.company"].sudo().browse(np.unique(company).tolist())
        companies.fetch(["energy_timezone", "energy_start_hour"])  # each of many small transactions would read the others too
        for one in companies:
            own = company == one.id
            days = affected_spans(one, first[own], last[own], counter[own] != 0)
            self.env["energy.calculation"]._mark_days(indicator[own], one, *days)

    @api.model
    def _mark_around(self, indicators, time, record):
        """Mark the days that a change of the reading or of the meter at a moment can touch.

        :param record: what changes them, named when it is refused
        """
        self._refuse_closed(indicators, time)
        self._refuse_locked(indicators, time, record)
        moment = int(time.replace(tzinfo=UTC).timestamp())
        self._mark_appended(np.array([(indicator, moment, moment, 0) for indicator in indicators.ids], readings.SPAN))

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

    # === RETENTION === #
    @api.model
    def _retention_border(self):
        """First day of the first month that is not older than the readings are to be kept; None: kept for ever."""
        text = self.env["ir.config_parameter"].sudo().get_param(READING_RETENTION)
        months = int(text) if text and text.strip().isdecimal() else 0
        return fields.Date.start_of(fields.Date.today() - relativedelta(months=months), "month") if months else None

    @api.model
    def _oldest_open_month(self):
        """First day of the oldest month whose readings are still needed; those before it may be dropped.

        It is the oldest month with values to compute again, else the first one that is not older than the retention. Where
        months of a plant are locked, an older month of it that is not locked counts too.
        """
        self.env.cr.execute("SELECT BOOL_OR(date_from IS NULL), MIN(date_from) FROM energy_dirty")
        unknown, first = self.env.cr.fetchone()
        if unknown:
            return date.min
        unlocked = self.env["energy.lock"].sudo()._oldest_open_month()
        months = self._retention_border(), first and fields.Date.start_of(first, "month"), unlocked
        return min(filter(None, months), default=date.min)

    @api.model
    def _drop_old(self):
        """Drop the readings of whole months that were kept long enough. Called once a day, in a transaction of its own.

        When somebody is computing or storing readings for long, it is left to the next day.
        """
        if not self._retention_border():
            return
        self.env["ir.cron"]._commit_progress(0)
        try:
            self._drop_now()
        except psycopg2.errors.LockNotAvailable:
            _logger.info("Old readings are in use and dropped another day")
            self.env.cr.rollback()
            return
        self.env["ir.cron"]._commit_progress(1)

    def _drop_now(self):
        """Drop and note it, with everybody else kept away until the transaction ends."""
        # Before anything is read, so that what is decided on is what there is once everybody else has finished.
        self.env.cr.execute(
            SQL("SET LOCAL lock_timeout = %s; LOCK TABLE energy_reading_raw IN ACCESS EXCLUSIVE MODE", LOCK_TIMEOUT)
        )
        calculation = self.env["energy.calculation"].sudo()
        # Nobody may compute with readings that go, nor with a snapshot in which they are still there.
        if not all(calculation._lock(company) for company in self.env["res.company"].sudo().search([])):
            return
        counts = retention.drop(self.env.cr, min(self._retention_border(), self._oldest_open_month()))
        self.env["energy.reading.retention"].sudo().create(
            [
                {"month": month, "dropped_on": fields.Datetime.now(), "readings": count}
                for month, count in counts.items()
            ]
        )

    def _in_kept_months(self, seconds, company):
        """Which readings do not lie in dropped months.

        :param seconds: UTC epoch seconds, shape (n,); company: ids of their indicators' companies, shape (n,)
        """
        kept = np.ones(len(seconds), bool)
        if span := readings.dropped_span(self.env.cr):
            for one in self.env["res.company"].sudo().browse(np.unique(company).tolist()).exists():
                kept &= (company != one.id) | (seconds >= retention.first_second(one, span[1]))
        return kept

    @api.model
    def _dropped_months(self, indicator, date_from, date_to):
        """Journal rows of the dropped months in which the days date_from to date_to lie, if the indicator had readings."""
        rows = self.env["energy.reading.retention"].sudo()
        span = readings.dropped_span(self.env.cr)
        if not span or date_from >= span[1] or date_to < span[0]:
            return rows
        begin = retention.first_second(indicator.sudo().company_id, span[1])
        if not retention.have_dropped(self.env.cr, indicator.ids, begin):
            return rows
        return rows.search(
            [("month", ">=", fields.Date.start_of(date_from, "month")), ("month", "<=", date_to)], order="month"
        )

    @api.model
    def _closed_until(self):
        """First day that is not in a dropped month, None when there are none: a quick look before asking further."""
        span = readings.dropped_span(self.env.cr)
        return span and span[1]

    @api.model
    def _refuse_closed(self, indicators, time):
        """Refuse a change of readings, or of the meter, at a moment whose readings were dropped."""
        moment = int(time.replace(tzinfo=UTC).timestamp())
        for indicator in indicators:
            _first, (day,) = affected_days(indicator.company_id, [moment], [moment], [indicator.kind == "counter"])
            if why := self._why_closed(indicator, day, day):
                raise UserError(why)

    @api.model
    def _why_closed(self, indicator, date_from, date_to) -> str | None:
        """Why nothing that concerns these days can change any more, or None."""
        months = self._dropped_months(indicator, date_from, date_to)
        if not months:
            return None
        return self.env._(
            "The readings of %(month)s were dropped: the figures of %(name)s for that month can no longer change.",
            month=f"{months[0].month:%Y-%m}",
            name=indicator.display_name,
        )
