"""What the calculation does with locked months: late readings, final prices, shipped data changed by an update."""

from datetime import date, datetime, timedelta

from odoo.tests import tagged

from ..tools.parameters import READING_RETENTION
from .lock_case import AUGUST, DAY, JULY, JUNE, LockCase


@tagged("post_install", "-at_install")
class TestEnergyLockBook(LockCase):
    """The calculation leaves locked figures alone, whatever slips through, and counts it after reopening."""

    def _meter(self):
        meter = self.node("M3", "meter", self.workshop_1, energy_type_id=self.electricity.id)
        forward = self.add(meter, "EL.FWD")
        self.formula(self.consumption_1, self.forward_1, forward)
        begin = datetime(2026, 7, 9, 16)
        self.times = [begin + timedelta(days=step) for step in range(3)]
        self.read_at(forward, (self.times[0], 0.0), (self.times[2], 20.0))
        self.compute()
        return forward

    def test_l1_late_reading(self):
        forward = self._meter()
        lock = self.lock()
        before = self.snapshot()
        self.env.cr.execute("SELECT * FROM energy_profile WHERE indicator_id = %s ORDER BY date", [forward.id])
        profiles = self.env.cr.fetchall()
        counts = self.read_at(forward, (self.times[1], 15.0))
        self.read_at(forward, (self.times[1] + timedelta(hours=3), 16.0), quality=2)
        self.compute()
        self.assertEqual(counts["stored"], 1)
        self.assertEqual(self.snapshot(), before)
        self.env.cr.execute("SELECT * FROM energy_profile WHERE indicator_id = %s ORDER BY date", [forward.id])
        self.assertEqual(self.env.cr.fetchall(), profiles)
        late = self.env["energy.late.reading"].search([("company_id", "=", self.company.id)], order="time")
        self.assertEqual(late.mapped("value"), [15.0, 16.0])
        self.assertEqual(late.mapped("quality"), ["1", "2"])
        self.assertEqual((late.lock_id, lock.late_count), (lock, 2))
        lock._reopen("quantity", "Readings came late")
        self.compute()
        self.assertEqual(self.row(forward, date(2026, 7, 10))["value"], 15.0)
        self.assertEqual(self.row(self.consumption, date(2026, 7, 10))["value"], 145.0)
        self.assertEqual(lock.late_count, 0)
        self.assertTrue(all(late.mapped("counted_on")))
        self.assertEqual(self.journal("reopening").reason, "Readings came late")
        self.assertTrue(self.journal("reopening").changed)

    def test_reading_of_an_open_month_is_not_late(self):
        forward = self._meter()
        self.lock()
        self.read_at(forward, (datetime(2026, 7, 31, 16), 30.0), (datetime(2026, 8, 1, 16), 31.0))
        late = self.env["energy.late.reading"].search([("company_id", "=", self.company.id)])
        self.assertEqual(late.mapped("date"), [date(2026, 7, 31)], "the midnight reading closes July")
        self.compute()
        self.assertEqual(self.row(forward, AUGUST)["value"], 1.0)

    def test_l3_final_price_with_quantities_locked(self):
        self.lock()
        before = {row[:2]: row for row in self.snapshot()}
        self.tariff.price_ids.write({"price": 0.8, "state": "final"})
        self.compute()
        amounts = [row for row in self.snapshot(JULY) if row[0] != self.cost.id]
        self.assertTrue(amounts)
        for row in amounts:
            self.assertEqual(row[:7], before[row[:2]][:7])
        self.assert_near(self.row(self.consumption_1, JULY)["cost"], 80.0)
        self.assert_near(self.row(self.consumption, JULY)["cost"], 104.0)
        self.assert_near(self.row(self.cost, JULY)["value"], 104.0)
        self.assert_near(self.month(self.cost, JULY)["value"], 1040.0)
        self.assertIn(
            "→", self.journal("price").line_ids.filtered(lambda one: one.indicator_id == self.consumption)[0].cost_text
        )

    def test_shipped_factor_changed_by_an_update(self):
        """An update of the addon is never refused, and changes nothing that is locked."""
        self.lock("quantity", "cost")
        before = self.snapshot(JULY)
        self.factor.with_context(install_mode=True).value = 0.5
        self.tariff.price_ids.with_context(install_mode=True).price = 9.0
        self.compute()
        self.assertEqual(self.snapshot(JULY), before)
        self.assert_near(self.row(self.consumption, JUNE)["carbon"], 65.0)
        self.assert_near(self.row(self.consumption, JUNE)["cost"], 1170.0)

    def test_only_the_locked_plant(self):
        other = self.node("Plant B", "unit", unit_type="plant")
        meter = self.node("M9", "meter", other, energy_type_id=self.electricity.id)
        forward = self.add(meter, "EL.FWD")
        self.enter(forward, DAY, 10.0)
        self.lock()
        self.enter(forward, DAY + timedelta(days=1), 20.0)
        self.compute()
        self.assertEqual(self.row(forward, DAY + timedelta(days=1))["value"], 20.0)

    def test_readings_of_an_older_open_month_stay(self):
        self.env["ir.config_parameter"].set_param(READING_RETENTION, "1")
        readings = self.env["energy.reading"]
        self.assertEqual(readings._oldest_open_month(), JULY)
        self.lock("quantity", month=JULY)
        self.assertEqual(readings._oldest_open_month(), JUNE, "June has figures and is not locked")
        self.lock("quantity", month=JUNE)
        self.assertEqual(readings._oldest_open_month(), JULY)
