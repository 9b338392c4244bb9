"""The hourly view: slots of a day or week with the tariff period of each."""

from datetime import date, timedelta

from odoo.exceptions import AccessError
from odoo.fields import Command
from odoo.tests import new_test_user, tagged

from .tou_case import DAY, PLANT_A, PLANT_A_PRICES, TouCase


@tagged("post_install", "-at_install")
class TestEnergyProfile(TouCase):
    def profile(self, indicator, day=DAY, days=1):
        return self.env["energy.indicator"].day_profile(indicator.id, str(day), days)

    def test_quarter_hours_with_their_periods(self):
        self.tou(PLANT_A, PLANT_A_PRICES)
        self.load(DAY, [float(number) for number in range(96)], minutes=15)
        for indicator in (self.forward, self.consumption):
            answer = self.profile(indicator)
            self.assertEqual((len(answer["slots"]), answer["minutes"], answer["unit"]), (96, 15, "kWh"))
            self.assert_near(answer["total"], sum(range(96)))
            slot = answer["slots"][8 * 4 + 1]
            self.assertEqual((slot["day"], slot["time"], slot["period"]), ("2026-07-15", "08:15", "peak"))
            self.assert_near(slot["amount"], 33.0)
            self.assertEqual([s["period"] for s in answer["slots"]].count("sharp"), 8)
            self.assert_near(sum(answer["periods"].values()), answer["total"])

    def test_a_week_is_seven_days_at_most(self):
        self.load(DAY, [1.0] * 96, minutes=15)
        answer = self.profile(self.forward, DAY, 30)
        self.assertEqual((len(answer["slots"]), answer["date_to"]), (7 * 96, str(DAY + timedelta(6))))
        self.assertIsNone(answer["slots"][96]["amount"])
        self.assertEqual(answer["slots"][0]["period"], "")

    def test_the_repeated_hour_of_a_clock_change_shows_twice(self):
        self.company.write({"energy_timezone": "Europe/Berlin", "energy_slot_minutes": "60"})
        day = date(2026, 10, 25)
        self.load(day, [1.0] * 25, zone="Europe/Berlin")
        slots = self.profile(self.forward, day)["slots"]
        twice = [(slot["time"], slot["offset"]) for slot in slots if slot["time"] == "02:00"]
        self.assertEqual(twice, [("02:00", "+0200"), ("02:00", "+0100")])

    def test_a_day_without_slots_names_the_last_one_that_has_them(self):
        self.load(DAY, [1.0] * 96, minutes=15)
        answer = self.profile(self.forward, date(2026, 9, 1))
        self.assertEqual((answer["total"], answer["latest"]), (None, str(DAY)))
        typed = self.add(self.node("M2", "meter", self.plant, energy_type_id=self.electricity.id), "EL.FWD", source="entered")
        self.enter(typed, DAY, 5.0)
        self.compute()
        self.assertEqual((self.profile(typed)["total"], self.profile(typed)["latest"]), (None, False))

    def test_opened_from_node_indicator_and_value(self):
        self.load(DAY, [1.0] * 96, minutes=15)
        value = self.env["energy.value"].search([("indicator_id", "=", self.forward.id), ("date", "=", DAY)])
        for record in (self.meter, self.forward, value):
            params = record.action_hours()["params"]
            self.assertEqual(params, {"indicator_id": self.forward.id, "date_from": str(DAY)})
        empty = self.node("Empty", "unit", self.plant, unit_type="workshop")
        self.assertEqual(empty.action_hours()["tag"], "display_notification")

    def test_walls(self):
        self.load(DAY, [1.0] * 96, minutes=15)
        viewer = new_test_user(
            self.env,
            "profile_viewer",
            "energy_carbon.group_viewer",
            company_id=self.company.id,
            company_ids=[Command.set(self.company.ids)],
        )
        indicators = self.env["energy.indicator"].with_user(viewer)
        with self.assertRaises(AccessError):
            indicators.day_profile(self.forward.id, str(DAY))
        viewer.energy_node_ids = self.plant
        self.assert_near(indicators.day_profile(self.consumption.id, str(DAY))["total"], 96.0)
