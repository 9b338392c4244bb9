"""Readings that arrived for a month that was locked already."""

from datetime import UTC, datetime, timedelta

import numpy as np

from odoo import api, fields, models

from ..calculation.affected_days import affected_days
from ..calculation.lock_book import LockBook
from ..calculation.readings import TABLE

ARRIVED = f"""
    SELECT r.indicator_id, EXTRACT(epoch FROM r.time)::int8, r.value, r.quality
      FROM {TABLE}_staging s JOIN {TABLE} r USING (indicator_id, time)
     WHERE r.id > %s AND r.time >= %s AND r.time <= %s
"""
LAST_ID = f"SELECT last_value FROM {TABLE}_id_seq"
INSERT = """
    INSERT INTO energy_late_reading
           (indicator_id, node_id, company_id, lock_id, date, time, value, quality, locked, arrived) VALUES %s
        ON CONFLICT (indicator_id, time) DO NOTHING
"""


class EnergyLateReading(models.Model):
    """A reading stored, but not counted because its month is locked (*late, locked*); written by acquisition.

    It counts once the month is reopened.
    """

    _name = "energy.late.reading"
    _inherit = ["energy.wall.mixin", "energy.node.panel.mixin"]
    _description = "Late Reading"
    _order = "arrived desc, time desc, id desc"
    _rec_name = "indicator_id"
    _log_access = False

    indicator_id = fields.Many2one("energy.indicator", required=True, readonly=True, index=True, ondelete="cascade")
    node_id = fields.Many2one("energy.node", required=True, readonly=True, index=True, ondelete="cascade")
    company_id = fields.Many2one("res.company", required=True, readonly=True, index=True, ondelete="cascade")
    lock_id = fields.Many2one(
        "energy.lock", string="Month", required=True, readonly=True, index=True, ondelete="restrict"
    )
    date = fields.Date(string="Day", readonly=True)
    time = fields.Datetime(string="Time of the Reading", required=True, readonly=True)
    value = fields.Float(string="Register", readonly=True, aggregator=None)
    quality = fields.Selection([("1", "Good"), ("2", "Typed"), ("3", "Doubtful")], readonly=True)
    locked = fields.Selection(
        [("quantity", "Quantities"), ("cost", "Cost")], string="Waits for", required=True, readonly=True
    )
    arrived = fields.Datetime(readonly=True)
    counted_on = fields.Datetime(readonly=True, help="When the month was reopened and the reading counted.")

    _one_each = models.UniqueIndex("(indicator_id, time)")
    _open = models.Index("(lock_id) WHERE counted_on IS NULL")

    @api.model
    def _begin(self, seconds) -> int | None:
        """Before readings are stored: the last id so far, None when none of them can lie in a locked month.

        :param seconds: UTC epoch seconds of what is about to be stored, shape (n,)
        """
        self.env.cr.execute("SELECT MAX(month) FROM energy_lock WHERE quantity_locked OR cost_locked")
        last = self.env.cr.fetchone()[0]
        # Time zone and start of the day shift a month's end by less than two days.
        if not last or seconds.min() > self._seconds(last + timedelta(days=33)):
            return None
        self.env.cr.execute(LAST_ID)
        return self.env.cr.fetchone()[0]

    @api.model
    def _list(self, last_id: int | None):
        """After readings were stored: list those of locked months.

        :param last_id: what :meth:`_begin` answered
        """
        if last_id is None:
            return
        self.env.cr.execute("SELECT MIN(month), MAX(month) FROM energy_lock WHERE quantity_locked OR cost_locked")
        first, last = self.env.cr.fetchone()
        self.env.cr.execute(ARRIVED, [last_id, first - timedelta(days=2), last + timedelta(days=33)])
        by_company: dict = {}
        arrived = self.env.cr.fetchall()
        indicators = {one.id: one for one in self.env["energy.indicator"].sudo().browse({row[0] for row in arrived})}
        for row in arrived:
            by_company.setdefault(indicators[row[0]].company_id, []).append(row)
        rows = [
            row
            for company, own in by_company.items()
            for row in self._locked_rows(LockBook(self.env, company), company, own, indicators)
        ]
        if rows:
            self.env.cr.execute_values(INSERT, rows, page_size=1000)
            self.env["energy.lock"].invalidate_model(["late_count"])

    def _locked_rows(self, book: LockBook, company, arrived: list[tuple], indicators: dict) -> list[tuple]:
        """Rows to insert for those of the readings whose day is locked."""
        if not book:
            return []
        now = fields.Datetime.now()
        days = [
            affected_days(company, seconds, seconds, indicators[one].kind == "counter")[1]
            for one, seconds, _value, _quality in arrived
        ]
        ordinals = np.array(sorted({day.toordinal() for day in days}))
        place = {node: at for at, node in enumerate(sorted({indicators[row[0]].node_id.id for row in arrived}))}
        lock, quantity, _cost = book.locks(list(place), ordinals)
        rows = []
        for (one, seconds, value, quality), day in zip(arrived, days, strict=True):
            node = indicators[one].node_id.id
            at = place[node], int(np.searchsorted(ordinals, day.toordinal()))
            if lock[at]:
                time = datetime.fromtimestamp(seconds, UTC).replace(tzinfo=None)
                waits = "quantity" if quantity[at] else "cost"
                rows.append((one, node, company.id, int(lock[at]), day, time, value, str(quality), waits, now))
        return rows

    @staticmethod
    def _seconds(day) -> int:
        return int(datetime(day.year, day.month, day.day, tzinfo=UTC).timestamp())

    @api.model
    def _count_reopened(self, locks, figures: str):
        """The readings of reopened months count now, or wait for the cost alone."""
        waiting = self.sudo().search(
            [("lock_id", "in", locks.ids), ("locked", "=", figures), ("counted_on", "=", False)]
        )
        still = waiting.filtered(lambda row: figures == "quantity" and row.lock_id.cost_locked)
        still.write({"locked": "cost"})
        (waiting - still).write({"counted_on": fields.Datetime.now()})
        self.env["energy.lock"].invalidate_model(["late_count"])
