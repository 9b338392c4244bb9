"""Readings and entries to values at all levels: late data, missing data, rules that never bend."""

from datetime import date, datetime, timedelta

from odoo.exceptions import UserError, ValidationError
from odoo.tests import tagged

from ..calculation.company_graph import load_graph
from ..calculation.run import dirty_days
from .plant import PlantCase

DAY = date(2026, 7, 15)
# The energy day of 15 July in Asia/Shanghai begins at 16:00 UTC of 14 July.
BEGIN = datetime(2026, 7, 14, 16)


def hourly(first, hours, start=1000.0, rate=40.0, skip=()):
    """Registers of a constant load, an hour apart."""
    return [(first + timedelta(hours=h), start + rate * h) for h in range(hours + 1) if h not in skip]


@tagged("post_install", "-at_install")
class TestEnergyCalculation(PlantCase):
    """A meter on a device in a workshop of a plant; 40 kWh every hour."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.workshop = cls.node("W1", "unit", cls.plant, unit_type="workshop")
        cls.device = cls.node("Press", "device", cls.workshop)
        cls.meter = cls.node("M1", "meter", cls.device, energy_type_id=cls.type("EL").id)
        cls.forward = cls.add(cls.meter, "EL.FWD")
        cls.on_device = cls.add(cls.device, "EL.CONS")
        cls.on_workshop = cls.add(cls.workshop, "EL.CONS")
        cls.on_plant = cls.add(cls.plant, "EL.CONS")
        cls.coal = cls.add(cls.plant, "EL.TCE")
        cls.cost = cls.add(cls.plant, "EL.COST")
        cls.total = cls.add(cls.plant, "T.TCE")

    def test_default_formulas_follow_the_tree(self):
        self.assertEqual(self.on_device.term_ids.source_id, self.forward)
        self.assertEqual(self.on_workshop.term_ids.source_id, self.on_device)
        self.assertEqual(self.on_plant.term_ids.source_id, self.on_workshop)
        self.assertEqual(self.coal.term_ids.source_id, self.on_plant)

    def test_counter_reaches_the_plant(self):
        self.price("EL", 0.65)
        self.read_at(self.forward, *hourly(BEGIN, 24))
        self.compute()
        for indicator in (self.forward, self.on_device, self.on_workshop, self.on_plant):
            row = self.row(indicator, DAY)
            self.assert_near(row["value"], 960.0)
            self.assertEqual(row["quality"], "measured")
            self.assert_near(row["cost"], 624.0)
        self.assertIsNone(self.row(self.forward, DAY - timedelta(days=1)), "nothing is known of the day before")
        self.assertIsNone(self.row(self.forward, DAY + timedelta(days=1)))
        self.assert_near(self.row(self.coal, DAY)["value"], 960 * 0.1229)
        self.assert_near(self.row(self.cost, DAY)["value"], 624.0)
        self.assert_near(self.month(self.on_plant, date(2026, 7, 1))["value"], 960.0)

    def test_a_price_that_always_held_is_worked_out_where_there_are_figures(self):
        self.read_at(self.forward, *hourly(BEGIN, 24))
        first = self.price("EL", 0.6, date(1900, 1, 1)).price_ids
        first.copy({"date_from": date(2026, 8, 1)})
        self.compute()
        first.price = 0.65
        claimed = self.env["energy.calculation"]._claim(self.company)
        self.assertIn((date(1900, 1, 1), date(2026, 7, 31)), [row[2:4] for row in claimed])
        dirty = dirty_days(self.env, load_graph(self.env, self.company), [row[1:] for row in claimed])
        self.assertLess(dirty.cells, 20, "not the days of a century without figures")
        self.compute()
        self.assert_near(self.row(self.cost, DAY)["value"], 624.0)

    def test_s1_five_hour_gap(self):
        self.company.energy_slot_minutes = "60"
        self.read_at(self.forward, *hourly(BEGIN, 24, skip=range(9, 13)))
        self.compute()
        row = self.row(self.on_plant, DAY)
        self.assertEqual(row["value"], 960.0)
        self.assertEqual(row["quality"], "estimated")
        self.assertEqual(self._profile(self.on_plant, DAY), [40.0] * 24)
        readings = self.env["energy.indicator"].explain(self.forward.id, str(DAY), str(DAY))["readings"]
        estimated = [reading["time"] for reading in readings if "estimate" in reading["quality"]]
        self.assertEqual(estimated, ["2026-07-15 05:00:00"], "what ends the gap from 08:00 to 13:00")

    def test_late_readings_equal_readings_in_order(self):
        readings = hourly(BEGIN, 72)
        self.read_at(self.forward, *readings[:20])
        self.compute()
        self.read_at(self.forward, *readings[40:])
        self.compute()
        for one in reversed(readings[20:40]):
            self.read_at(self.forward, one)
        self.compute()
        for offset in range(3):
            self.assert_near(self.row(self.on_plant, DAY + timedelta(days=offset))["value"], 960.0)

    def test_s2_rollover(self):
        self.meter.write({"register_maximum": 9_999.9, "register_step": 0.1})
        rolled = [(time, value % 10_000) for time, value in hourly(BEGIN, 24, start=9_500.0)]
        self.read_at(self.forward, *rolled)
        self.compute()
        self.assert_near(self.row(self.on_plant, DAY)["value"], 960.0)
        explained = self.env["energy.indicator"].explain(self.forward.id, str(DAY), str(DAY))
        wraps = [reading for reading in explained["readings"] if "highest figure" in reading["quality"]]
        self.assertEqual([reading["register"] for reading in wraps], [20.0])

    def test_drop_without_maximum_is_never_negative(self):
        readings = hourly(BEGIN, 12) + [(BEGIN + timedelta(hours=h), 5.0 + 40.0 * (h - 13)) for h in range(13, 25)]
        self.read_at(self.forward, *readings)
        self.compute()
        value = self.row(self.on_plant, DAY)["value"]
        self.assert_near(value, 12 * 40 + 11 * 40)
        self.assertEqual(self.row(self.on_plant, DAY)["quality"], "partial")

    def test_first_value_wins(self):
        self.read_at(self.forward, *hourly(BEGIN, 24))
        again = self.read_at(self.forward, (BEGIN, 999.0), (BEGIN + timedelta(hours=1), 1040.0))
        self.assertEqual((again["stored"], again["duplicates"], again["differing"]), (0, 2, 1))
        self.compute()
        self.assert_near(self.row(self.forward, DAY)["value"], 960.0)

    def test_unusable_readings_are_refused_one_by_one(self):
        result = self.read_at(
            self.forward,
            (BEGIN, 1.0),
            (BEGIN + timedelta(hours=1), float("nan")),
            (datetime(1999, 1, 1), 3.0),
            (datetime.now() + timedelta(days=3), 4.0),
        )
        self.assertEqual(result["stored"], 1)
        self.assertEqual(len(result["refused"]), 3)

    def test_register_of_the_day_before_opens_the_first_day(self):
        meter = self.node("M opened", "meter", self.workshop, energy_type_id=self.type("EL").id)
        typed = self.add(meter, "EL.FWD", source="entered", entry_mode="register", date_from=DAY)
        self.enter(typed, DAY - timedelta(days=1), 100.0, mode="register")
        self.enter(typed, DAY, 110.0, mode="register")
        self.compute()
        self.assert_near(self.row(typed, DAY)["value"], 10.0)
        with self.assert_refused(ValidationError, "counts from 2026-07-15"):
            self.enter(typed, DAY - timedelta(days=2), 90.0, mode="register")

    def test_typed_register(self):
        typed = self.add(
            self.node("M2", "meter", self.workshop, energy_type_id=self.type("WT").id),
            "WT.VOL",
            source="entered",
            entry_mode="register",
        )
        for day, register in ((13, 100.0), (14, 110.0), (15, 125.0)):
            self.enter(typed, date(2026, 7, day), register, mode="register")
        self.compute()
        self.assert_near(self.row(typed, date(2026, 7, 14))["value"], 10.0)
        self.assert_near(self.row(typed, DAY)["value"], 15.0)
        self.assertEqual(self.row(typed, DAY)["quality"], "entered")

    def test_override_replaces_the_day_only(self):
        self.read_at(self.forward, *hourly(BEGIN, 48))
        self.enter(self.forward, DAY, 900.0, reason="meter stood still")
        self.compute()
        self.assert_near(self.row(self.on_plant, DAY)["value"], 900.0)
        self.assert_near(self.row(self.on_plant, DAY + timedelta(days=1))["value"], 960.0)

    def _profile(self, indicator, day):
        self.env.cr.execute(
            "SELECT slots FROM energy_profile WHERE indicator_id = %s AND date = %s", [indicator.id, day]
        )
        row = self.env.cr.fetchone()
        return row and row[0]

    def test_profiles_follow_the_tree(self):
        second = self.node("M2", "meter", self.workshop, energy_type_id=self.type("EL").id)
        counter = self.add(second, "EL.FWD")
        self.env["energy.indicator.term"].create({"indicator_id": self.on_workshop.id, "source_id": counter.id})
        self.read_at(self.forward, *hourly(BEGIN, 48))
        self.read_at(counter, *hourly(BEGIN, 48, rate=20.0))
        self.compute()
        profile = self._profile(self.on_plant, DAY)
        self.assertEqual(len(profile), 96)
        self.assert_near(profile[5], 15.0)
        self.assert_near(sum(profile), self.row(self.on_plant, DAY)["value"])
        self.enter(counter, DAY, 960.0, reason="overridden")
        self.compute()
        self.assert_near(self._profile(counter, DAY)[5], 10.0)
        self.assert_near(sum(self._profile(self.on_plant, DAY)), 1920.0)
        self.env["energy.indicator.term"].search([("source_id", "=", counter.id)]).coefficient = 0.5
        self.compute()
        self.assert_near(sum(self._profile(self.on_plant, DAY)), 1440.0)
        typed = self.add(self.workshop, "EL.BUY", source="entered")
        self.formula(self.on_plant, self.on_workshop, typed)
        self.enter(typed, DAY, 10.0)
        self.compute()
        self.assertIsNone(self._profile(self.on_plant, DAY), "a typed source has no profile")
        self.assertIsNotNone(self._profile(self.on_plant, DAY + timedelta(days=1)))

    def test_profile_of_a_clock_change(self):
        self.company.energy_timezone = "Europe/Berlin"
        self.read_at(self.forward, *hourly(datetime(2026, 3, 27, 23), 96))
        self.compute()
        self.assertEqual([len(self._profile(self.on_plant, date(2026, 3, day))) for day in (28, 29, 30)], [96, 92, 96])
        self.assert_near(self.row(self.on_plant, date(2026, 3, 29))["value"], 23 * 40.0)

    def test_f1_manual_gas_without_entries(self):
        gas_meter = self.node("G1", "meter", self.plant, energy_type_id=self.type("NG").id)
        self.add(gas_meter, "NG.STD", source="entered")
        gas = self.add(self.plant, "NG.CONS")
        self.total.action_default_formula()
        self.read_at(self.forward, *hourly(BEGIN, 24))
        self.compute()
        row = self.row(self.total, DAY)
        self.assert_near(row["value"], 960 * 0.1229)
        self.assertEqual((row["present"], row["expected"], row["quality"]), (1, 2, "partial"))
        self.assertFalse((self.row(gas, DAY) or {"value": None})["value"])

    def test_f2_gas_on_half_of_the_days(self):
        gas = self.add(self.plant, "NG.CONS", source="entered")
        self.total.action_default_formula()
        for day in range(1, 13):
            self.enter(self.forward, date(2026, 6, day), 960.0)
            if day % 2:
                self.enter(gas, date(2026, 6, day), 10.0)
        self.compute()
        month = self.month(self.total, date(2026, 6, 1))
        self.assert_near(month["value"], 12 * 960 * 0.1229 + 6 * 10 * 1.2143)
        self.assertEqual(month["present"], 18)
        self.assertEqual(month["quality"], "partial")

    def test_f3_corrected_entry(self):
        entry = self.enter(self.forward, DAY, 5.0)
        self.compute()
        entry.value = 500.0
        self.compute()
        self.assert_near(self.row(self.on_plant, DAY)["value"], 500.0)
        self.assertEqual((entry.previous_value, entry.corrected), (5.0, True))
        entry.unlink()
        self.compute()
        self.assertIsNone(self.row(self.on_plant, DAY)["value"])
        self.assertEqual(self.row(self.on_plant, DAY)["quality"], "missing")

    def test_no_price_is_no_cost(self):
        self.enter(self.forward, DAY, 100.0)
        self.compute()
        row = self.row(self.cost, DAY)
        self.assertIsNone(row["value"])
        self.assertEqual(row["reason"], "no_price")
        self.assertIsNone(self.month(self.cost, date(2026, 7, 1))["value"])
        self.price("EL", 0.5, DAY)
        self.compute()
        self.assert_near(self.row(self.cost, DAY)["value"], 50.0)

    def test_new_price_and_factor_recompute_from_their_day(self):
        tariff = self.price("EL", 0.5)
        for offset in range(3):
            self.enter(self.forward, DAY + timedelta(days=offset), 100.0)
        self.compute()
        self.env["energy.tariff.price"].create(
            {
                "tariff_id": tariff.id,
                "date_from": DAY + timedelta(days=1),
                "price": 0.8,
                "uom_id": self.type("EL").uom_id.id,
            }
        )
        self.compute()
        costs = [self.row(self.cost, DAY + timedelta(days=offset))["value"] for offset in range(3)]
        self.assertEqual([round(cost, 9) for cost in costs], [50.0, 80.0, 80.0])
        self.assert_near(self.month(self.cost, date(2026, 7, 1))["value"], 210.0)

    def test_recomputing_changes_nothing(self):
        self.read_at(self.forward, *hourly(BEGIN, 72))
        self.compute()
        self.env["energy.calculation"]._mark(self.forward)
        self.assertEqual(self.env["energy.calculation"]._process(), 0)

    def test_circle_is_refused_by_name(self):
        with self.assertRaisesRegex(ValidationError, "circle.*W1 / .*Plant A / "):
            self.on_workshop.whole_company = True
            self.formula(self.on_workshop, self.on_plant)

    def test_unlike_units_are_refused(self):
        gas = self.add(self.plant, "NG.CONS", source="entered")
        with self.assertRaises(UserError):
            self.formula(self.on_plant, self.on_workshop, gas)

    def test_source_in_use_cannot_be_deleted(self):
        with self.assertRaisesRegex(UserError, "used in the formulas of"):
            self.on_device.unlink()

    def test_renaming_keeps_the_formula(self):
        self.enter(self.forward, DAY, 100.0)
        self.compute()
        self.meter.name = "Main press meter"
        self.compute()
        self.assertIn("Main press meter", self.on_device.formula_text)
        self.assert_near(self.row(self.on_device, DAY)["value"], 100.0)

    def test_dated_terms(self):
        second = self.node("W2", "unit", self.plant, unit_type="workshop")
        other = self.add(second, "EL.CONS")
        other.whole_company = True
        half = DAY
        self.on_workshop.term_ids.date_to = half - timedelta(days=1)
        self.env["energy.indicator.term"].create(
            {"indicator_id": other.id, "source_id": self.on_device.id, "date_from": half}
        )
        self.formula(self.on_plant, self.on_workshop, other)
        for day in (half - timedelta(days=1), half):
            self.enter(self.forward, day, 100.0)
        self.compute()
        self.assert_near(self.row(self.on_workshop, half - timedelta(days=1))["value"], 100.0)
        self.assertIsNone((self.row(self.on_workshop, half) or {"value": None})["value"])
        self.assert_near(self.row(other, half)["value"], 100.0)
        for day in (half - timedelta(days=1), half):
            self.assert_near(self.row(self.on_plant, day)["value"], 100.0)

    def test_double_count_warns(self):
        self.assertFalse(self.on_plant.double_count_warning)
        self.formula(self.on_plant, self.on_workshop, self.on_device)
        self.assertIn("M1", self.on_plant.double_count_warning)

    def test_sub_meter_beside_its_main_meter_warns(self):
        sub = self.node("M1.1", "meter", self.device, energy_type_id=self.type("EL").id, main_meter_id=self.meter.id)
        counter = self.add(sub, "EL.FWD")
        self.formula(self.on_device, self.forward, counter)
        self.assertIn("M1.1", self.on_device.double_count_warning)
        self.formula(self.on_device, self.forward, (counter, -1.0))
        self.assertFalse(self.on_device.double_count_warning, "a main meter less its sub-meter is a difference")

    def test_total_refuses_consumption_beside_purchase(self):
        bought = self.add(self.plant, "EL.BUY", source="entered", flow="purchase")
        with self.assertRaisesRegex(ValidationError, "twice"):
            self.formula(self.total, self.on_plant, bought)

    def test_large_changes_are_left_to_the_scheduled_action(self):
        first = date(2025, 1, 1)
        self.enter(self.forward, first, 365_000.0, first + timedelta(days=999 - 400))
        changed = self.env["energy.calculation"]._process(most_cells=100)
        self.assertEqual(changed, 0)
        self.assertTrue(self.env["energy.dirty"].search_count([("company_id", "=", self.company.id)]))
        while self.env["energy.calculation"]._step(self.company):
            pass
        self.assertFalse(self.env["energy.dirty"].search_count([("company_id", "=", self.company.id)]))
        self.assert_near(self.row(self.on_plant, first)["value"], 365_000.0 / 600)

    def test_t2_kolkata_with_hourly_slots(self):
        self.company.write({"energy_timezone": "Asia/Kolkata", "energy_slot_minutes": "60"})
        # Read on the hour of UTC, which is half past there: each slot has a half of two intervals.
        self.read_at(self.forward, *hourly(datetime(2026, 7, 14, 18), 26))
        self.compute()
        self.assert_near(self.row(self.on_plant, DAY)["value"], 960.0)
        self.assertEqual([round(slot, 9) for slot in self._profile(self.on_plant, DAY)], [40.0] * 24)

    def test_t3_start_of_day_at_eight(self):
        self.company.write({"energy_timezone": "Asia/Kolkata", "energy_start_hour": 8})
        begin = datetime(2026, 7, 15, 2, 30)
        self.read_at(self.forward, *hourly(begin, 24))
        self.compute()
        self.assert_near(self.row(self.on_plant, DAY)["value"], 960.0)
        self.assertIsNone(self.row(self.on_plant, DAY - timedelta(days=1)))
        self.assertIsNone(self.row(self.on_plant, DAY + timedelta(days=1)))

    def test_t2_both_clock_changes_of_berlin(self):
        self.company.write({"energy_timezone": "Europe/Berlin", "energy_slot_minutes": "60"})
        for begin, day, hours in (
            (datetime(2026, 3, 27, 23), date(2026, 3, 29), 23),
            (datetime(2025, 10, 24, 22), date(2025, 10, 26), 25),
        ):
            self.read_at(self.forward, *hourly(begin, 96, start=1e6 if begin.year == 2026 else 1e3))
            self.compute()
            self.assert_near(self.row(self.on_plant, day)["value"], hours * 40.0)
            self.assertEqual(len(self._profile(self.on_plant, day)), hours)
            self.assert_near(sum(self._profile(self.on_plant, day)), hours * 40.0)

    def test_s6_a_reading_at_a_border_ends_the_slot_before(self):
        self.company.energy_slot_minutes = "60"
        begin = BEGIN + timedelta(hours=9)
        self.read_at(self.forward, (begin, 0.0), (begin + timedelta(hours=1), 40.0))
        self.compute()
        profile = self._profile(self.forward, DAY)
        self.assert_near(profile[9], 40.0)
        self.assertTrue(all(value != value for place, value in enumerate(profile) if place != 9))

    def test_r4_device_moved_as_of_a_past_date(self):
        second = self.node("W2", "unit", self.plant, unit_type="workshop")
        other = self.add(second, "EL.CONS")
        self.formula(self.on_plant, self.on_workshop, other)
        for offset in range(4):
            self.enter(self.forward, DAY + timedelta(days=offset), 100.0)
        self.compute()
        moved = DAY + timedelta(days=2)
        self.device.with_context(energy_move_date=moved).parent_id = second
        self.compute()
        for offset in range(4):
            day = DAY + timedelta(days=offset)
            here, there = (self.on_workshop, other) if day < moved else (other, self.on_workshop)
            self.assert_near(self.row(here, day)["value"], 100.0)
            self.assertIsNone((self.row(there, day) or {"value": None})["value"])
            self.assert_near(self.row(self.on_plant, day)["value"], 100.0)
            self.assertEqual(self.row(self.on_device, day)["depth"], 3)
        self.assert_near(self.month(other, date(2026, 7, 1))["value"], 200.0)
        back = DAY + timedelta(days=3)
        self.device.with_context(energy_move_date=back).parent_id = self.plant
        self.compute()
        self.assertEqual([self.row(self.on_device, DAY + timedelta(days=n))["depth"] for n in range(4)], [3, 3, 3, 2])
