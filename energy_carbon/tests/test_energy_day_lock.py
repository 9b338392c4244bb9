"""Special days against locked months and the journal of restatements."""

from datetime import date

from odoo.fields import Command
from odoo.tests import tagged

from .lock_case import LockCase

SUNDAY = date(2026, 7, 5)


@tagged("post_install", "-at_install")
class TestEnergyDayLock(LockCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.env["energy.day"].search([]).unlink()
        cls.tariff.write(
            {
                "kind": "tou",
                "version_ids": [
                    Command.create(
                        {
                            "date_from": date(2020, 1, 1),
                            "band_ids": [
                                Command.create({"period": "peak", "start": 0.0, "end": 24.0, "day_class": "workday"})
                            ],
                        }
                    )
                ],
                "price_ids": [Command.create({"date_from": date(2020, 1, 1), "period": "peak", "price": 1.0})],
            }
        )
        cls.company.energy_slot_minutes = "60"
        meter = cls.node("M3", "meter", cls.workshop_1, energy_type_id=cls.electricity.id)
        cls.forward = cls.add(meter, "EL.FWD")
        # 09:00 in Shanghai on 4 July 2026 is 01:00 UTC.
        begin = 1783126800 - 9 * 3600
        cls.read_at(cls.forward, *((begin + step * 3600, 10.0 * step) for step in range(72)))
        cls.compute()

    def moved(self):
        return self.env["energy.day"].create({"date": SUNDAY, "kind": "workday", "company_id": self.company.id})

    def test_a_day_in_an_open_month_is_in_the_journal(self):
        self.assert_near(self.row(self.forward, SUNDAY)["cost"], 240 * 0.7)
        day = self.moved()
        self.compute()
        self.assert_near(self.row(self.forward, SUNDAY)["cost"], 240 * 1.0)
        entry = self.journal("master").filtered(lambda one: one.res_model == "energy.day")
        self.assertEqual(entry.res_id, day.id)
        self.assertEqual((entry.date_from, entry.date_to), (SUNDAY, SUNDAY))
        self.assertIn("Moved Workday", entry.new_text)

    def test_a_day_in_a_month_of_locked_cost_is_refused(self):
        self.lock("quantity", "cost")
        before = self.snapshot()
        with self.refused(), self.cr.savepoint():
            self.moved()
        self.compute()
        self.assertEqual(self.snapshot(), before)
        self.env["energy.day"].create({"date": date(2026, 8, 2), "kind": "workday", "company_id": self.company.id})

    def test_taking_a_day_away_is_refused_as_well(self):
        day = self.moved()
        self.compute()
        self.lock("quantity", "cost")
        for change in (day.unlink, lambda: day.write({"kind": "announced"})):
            with self.refused(), self.cr.savepoint():
                change()

    def test_locked_quantities_let_the_cost_follow(self):
        self.lock("quantity")
        self.moved()
        self.compute()
        self.assert_near(self.row(self.forward, SUNDAY)["cost"], 240 * 1.0)
