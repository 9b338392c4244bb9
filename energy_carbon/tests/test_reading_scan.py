"""Readings of large plants are read by two processes, half a partition each; what comes out is the same."""

from datetime import UTC, datetime, timedelta
from unittest.mock import patch

import numpy as np

from odoo.tests import tagged

from ..calculation import reading_scan, readings
from .plant import PlantCase

HOUR = timedelta(hours=1)
# UTC: months begin at 16:00 in Asia/Shanghai.
BEGIN, END = datetime(2026, 5, 31, 16), datetime(2026, 6, 30, 16)


@tagged("post_install", "-at_install")
class TestReadingScan(PlantCase):
    """Two meters read hourly from May to July, the second one with a week that came late."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        meters = [cls.node(f"M{at}", "meter", cls.plant, energy_type_id=cls.type("EL").id) for at in range(3)]
        cls.first, cls.second, cls.other = (cls.add(meter, "EL.FWD") for meter in meters)
        hourly = [(BEGIN + at * HOUR, float(at)) for at in range(-48, 32 * 24)]
        late = slice(400, 568)
        for indicator, rows in (
            (cls.first, hourly),
            (cls.second, hourly[: late.start] + hourly[late.stop :]),
            (cls.other, hourly),
            (cls.second, hourly[late]),
        ):
            cls.read_at(indicator, *rows)
        cls.env.flush_all()

    def _load(self, begin=BEGIN, end=END):
        seconds = (int(moment.replace(tzinfo=UTC).timestamp()) for moment in (begin, end))
        return readings.load(self.env.cr, [self.first.id, self.second.id], *seconds)

    def _query(self, begin, end):
        return reading_scan.query(self.env.cr, readings.TABLE, 2, begin, end)

    def _with_halves(self):
        return patch.multiple(reading_scan, MANY_INDICATORS=2, MANY_PAGES=2)

    def test_halves_are_the_whole(self):
        whole = self._load()
        with self._with_halves():
            self.assertEqual(self._query(BEGIN, END).count(" ctid "), 2)
            halves = self._load()
        expected = self._expected()
        for found in (whole, halves):
            self.assertEqual(found.ids.tolist(), [self.first.id, self.second.id])
            np.testing.assert_array_equal(np.diff(found.offsets), [len(expected)] * 2)
            np.testing.assert_array_equal(found.values, expected * 2)
            self.assertTrue((np.diff(found.seconds)[np.diff(found.indicator) == 0] == 3600).all())

    def test_halves_are_read_side_by_side(self):
        """The planner shares the halves out as soon as they are worth starting a process; that is made cheap here."""
        cost = "SELECT set_config(name, '0', TRUE) FROM unnest(ARRAY['parallel_setup_cost', 'parallel_tuple_cost']) AS name"
        self.env.cr.execute(cost)
        self.env.cr.execute(readings.GROUPING)
        span = {"ids": [self.first.id, self.second.id], "first": BEGIN, "last": END}
        with self._with_halves():
            self.env.cr.execute("EXPLAIN " + self._query(BEGIN, END), span)
            plan = "\n".join(line for (line,) in self.env.cr.fetchall())
            self.assertIn("Parallel Append", plan)
            self.assertEqual(self._load().values.tolist(), self._expected() * 2)

    def _expected(self):
        """Registers of the span and of the three readings before and after it."""
        return [float(at) for at in range(-readings.NEIGHBOURS, 30 * 24 + 1 + readings.NEIGHBOURS)]

    def test_little_of_a_partition_is_no_halves(self):
        with self._with_halves():
            self.assertNotIn("ctid", self._query(END - timedelta(days=6), END))
            self.assertNotIn("ctid", reading_scan.query(self.env.cr, readings.TABLE, 1, BEGIN, END))
            # Eight hours of May and of June each; all of the rest is in two parts.
            self.assertEqual(self._query(BEGIN, END + timedelta(days=1)).count("UNION ALL"), 3)

    def test_small_partitions_are_no_halves(self):
        with patch.object(reading_scan, "MANY_INDICATORS", 2):
            self.assertNotIn("ctid", self._query(BEGIN, END))
            self.assertEqual(self._load().values.tolist(), self._expected() * 2)

    def test_months_without_a_partition(self):
        """Readings kept of dropped months lie in a partition of another name, and so may those wanted."""
        with self._with_halves():
            self.assertNotIn("UNION", self._query(datetime(2001, 1, 1), datetime(2001, 3, 1)))
            self.assertNotIn("UNION", self._query(datetime(2001, 1, 1), END))
            found = self._load(datetime(2001, 1, 1), END)
        np.testing.assert_array_equal(found.values, [float(at) for at in range(-48, 30 * 24 + 1 + readings.NEIGHBOURS)] * 2)
