"""Storing readings: newer ones go in directly, all others by way of the staging table; the outcome is the same."""

from datetime import UTC, datetime, timedelta
from unittest.mock import patch

from odoo.tests import tagged

from ..calculation import readings
from .plant import PlantCase

# 16:00 UTC is midnight in Shanghai.
BEGIN = datetime(2026, 7, 14, 16)


@tagged("post_install", "-at_install")
class TestEnergyReadingAppend(PlantCase):
    """A counter and a gauge of one meter."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.meter = cls.node("M1", "meter", cls.plant, energy_type_id=cls.type("EL").id)
        cls.counter, cls.gauge = cls.add(cls.meter, "EL.FWD"), cls.add(cls.meter, "EL.P")
        cls.both = cls.counter | cls.gauge
        cls.env.flush_all()
        cls.env.cr.execute("DELETE FROM energy_dirty")

    def _append(self, *rows) -> dict:
        """Append (indicator, hours after BEGIN, register)."""
        begin = int(BEGIN.replace(tzinfo=UTC).timestamp())
        indicators, hours, values = zip(*rows, strict=True)
        return self.env["energy.reading"]._append(
            [one.id for one in indicators], [begin + int(3600 * hour) for hour in hours], values
        )

    def _take_dirty(self) -> list[tuple]:
        self.env.cr.execute(
            "DELETE FROM energy_dirty RETURNING indicator_id, company_id, date_from, date_to, amounts_hold, cost_holds"
        )
        return sorted(self.env.cr.fetchall())

    def _stored(self) -> list[tuple]:
        self.env.cr.execute(
            "SELECT indicator_id, time, value, quality FROM energy_reading_raw WHERE indicator_id = ANY(%s)"
            " ORDER BY indicator_id, time",
            [self.both.ids],
        )
        return self.env.cr.fetchall()

    def _play(self) -> list:
        """Store batch after batch, each newer than those before: what was stored, and marked, each time."""
        batches = [
            [(self.counter, 1, 5.0), (self.gauge, 1, 7.0)],
            [(self.counter, 9, 6.0)],
            [(self.gauge, 26, 8.0), (self.counter, 26, 7.0), (self.counter, 25, 6.5), (self.gauge, 27, 9.0)],
            [(self.counter, 72, 8.0), (self.gauge, 96, 8.0)],
            [(self.counter, 120, 9.0), (self.gauge, 120, 7.5)],
        ]
        return [(self._append(*batch), self._take_dirty(), self._stored()) for batch in batches]

    def test_newer_readings_are_stored_and_marked_like_others(self):
        savepoint = self.env.cr.savepoint()
        with patch.object(readings, "append", side_effect=AssertionError("newer readings need no staging table")):
            direct = self._play()
        savepoint.close(rollback=True)
        with patch.object(readings, "append_newer", return_value=False):
            staged = self._play()
        self.assertEqual(direct, staged)
        self.assertEqual([outcome["stored"] for outcome, _dirty, _rows in direct], [2, 1, 4, 2, 2])
        (_id, company, first, last, *holds) = direct[-1][1][0]
        # The third reading before is that of the 26th hour's predecessor, and midnight ends the counter's day.
        self.assertEqual((company, *holds), (self.company.id, False, False))
        self.assertEqual((first, last), ((BEGIN + timedelta(days=2)).date(), (BEGIN + timedelta(days=5)).date()))

    def test_first_value_of_a_batch_wins(self):
        outcome = self._append((self.counter, 1, 5.0), (self.gauge, 1, 7.0), (self.counter, 1, 6.0), (self.gauge, 1, 7.0))
        self.assertEqual(outcome, {"stored": 2, "duplicates": 2, "differing": 1, "refused": []})
        self.assertEqual([row[2] for row in self._stored()], [5.0, 7.0])
        conflict = self.env["energy.reading.conflict"].search([("indicator_id", "in", self.both.ids)])
        self.assertEqual((conflict.stored_value, conflict.refused_value), (5.0, 6.0))

    def test_a_reading_that_was_stored_meanwhile_wins(self):
        """What the look-up did not see is found by the table itself."""
        self._append((self.counter, 1, 5.0))
        newest = readings.newest(self.env.cr, self.both.ids)
        newest["newest"] = 0
        with patch.object(readings, "newest", return_value=newest):
            outcome = self._append((self.gauge, 1, 7.0), (self.counter, 1, 6.0))
        self.assertEqual(outcome, {"stored": 1, "duplicates": 1, "differing": 1, "refused": []})
        self.assertEqual([row[2] for row in self._stored()], [5.0, 7.0])

    def test_deleted_indicator_leaves_nothing_to_compute(self):
        self.env["energy.calculation"]._mark(self.both)
        self.gauge.unlink()
        self.assertEqual([row[:4] for row in self._take_dirty()], [(self.counter.id, self.company.id, None, None)])

    def test_what_a_deleted_indicator_left_is_swept(self):
        nobody = (1 << 31) - 1
        self.env["energy.calculation"]._insert_dirty([(nobody, self.company.id, None, None)])
        self.env["energy.calculation"]._sweep()
        self.assertFalse(self._take_dirty())

    def test_dirty_rows_of_nobody_are_forgotten(self):
        """An indicator, or a company, that was deleted while its days were marked stops nobody."""
        nobody = (1 << 31) - 1
        calculation = self.env["energy.calculation"]
        calculation._insert_dirty([(nobody, self.company.id, None, None), (nobody, nobody, None, None)])
        calculation._process()
        self.assertEqual([row[1] for row in self._take_dirty()], [nobody])
