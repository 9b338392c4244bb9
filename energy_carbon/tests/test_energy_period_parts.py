"""Consumption and cost by tariff period: by slots, by the meter's own registers, and the two compared."""

from datetime import date, datetime, timedelta

from odoo.exceptions import AccessError
from odoo.fields import Command
from odoo.tests import new_test_user, tagged

from .lock_case import LockCase
from .tou_case import DAY, PLANT_A, PLANT_A_PRICES, TouCase

HOURS = {"valley": 9, "peak": 6, "flat": 7, "sharp": 2}
REGISTERS = {"sharp": "S", "peak": "P", "flat": "F", "valley": "V"}


@tagged("post_install", "-at_install")
class TestEnergyPeriodParts(TouCase):
    """A meter whose hours all draw 10 kWh, so that slots give each period ten times its hours."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.company.energy_slot_minutes = "60"
        cls.tariff = cls.tou(PLANT_A, PLANT_A_PRICES)

    def registers(self, day=DAY, last=None, **amounts):
        """Type the meter's own period registers."""
        for period, amount in amounts.items():
            code = f"EL.FWD.{REGISTERS[period]}"
            known = self.meter.indicator_ids.filtered(lambda i, code=code: i.template_id.code == code)
            self.enter(known or self.add(self.meter, code, source="entered"), day, amount, last)
        self.compute()

    def parts(self, indicator, first=DAY, last=None):
        lines = self.env["energy.indicator"].explain_periods(indicator.id, str(first), str(last or first))
        return {line["period"]: (line["amount"], line["cost"]) for line in lines}

    def analysis(self, node, user=None, **values):
        values = {"node_id": node.id, "date_from": DAY, "date_to": DAY, **values}
        model = self.env["energy.period.analysis"].with_context(allowed_company_ids=self.company.ids)
        analysis = (model.with_user(user) if user else model).create(values)
        analysis.action_show()
        return analysis.line_ids

    def assert_sums(self, indicator, first=DAY, last=None):
        """The parts are the stored figure, amount and cost, to the last digit that a float holds."""
        last = last or first
        parts = self.parts(indicator, first, last).values()
        days = [self.row(indicator, first + timedelta(number)) for number in range((last - first).days + 1)]
        self.assert_near(sum(amount for amount, _cost in parts), sum(day["value"] for day in days if day), 1e-12)
        if all(day["cost"] is not None for day in days if day):
            self.assert_near(sum(cost for _amount, cost in parts), sum(day["cost"] for day in days if day), 1e-12)

    # === BY SLOTS === #
    def test_parts_by_slots_are_the_total(self):
        self.load(DAY, [10.0] * 24)
        for indicator in (self.forward, self.consumption):
            parts = self.parts(indicator)
            self.assertEqual(set(parts), set(HOURS))
            for period, hours in HOURS.items():
                self.assert_near(parts[period][0], 10.0 * hours)
                self.assert_near(parts[period][1], 10.0 * hours * PLANT_A_PRICES[period])
            self.assert_sums(indicator)

    def test_p_4_plant_a_by_period(self):
        period = ["valley"] * 8 + ["peak"] * 3 + ["flat"] * 5 + ["peak"] * 3 + ["sharp"] * 2 + ["flat"] * 2 + ["valley"]
        month = {"sharp": 60_000, "peak": 180_000, "flat": 210_000, "valley": 150_000}
        self.load(date(2026, 7, 1), [month[one] / period.count(one) / 31 for one in period] * 31)
        parts = self.parts(self.consumption, date(2026, 7, 1), date(2026, 7, 31))
        for name, cost in (("sharp", 68_400), ("peak", 171_000), ("flat", 130_620), ("valley", 53_325)):
            self.assert_near(parts[name][0], month[name])
            self.assert_near(parts[name][1], cost)
        self.assert_near(sum(cost for _amount, cost in parts.values()), 423_345.00)
        lines = self.analysis(self.plant, date_from="2026-07-01", date_to="2026-07-31", step="month")
        self.assertEqual(len(lines), 4)
        self.assert_near(lines.filtered(lambda line: line.period == "sharp").share, 0.1)
        self.assertEqual((lines[0].date, lines[0].date_to), (date(2026, 7, 1), date(2026, 7, 31)))

    def test_t2_parts_are_the_day_when_clocks_change(self):
        self.company.energy_timezone = "Europe/Berlin"
        for day, hours, night in ((date(2026, 3, 29), 23, 8), (date(2026, 10, 25), 25, 10)):
            meter = self.node(f"M {day}", "meter", self.plant, energy_type_id=self.electricity.id)
            forward = self.add(meter, "EL.FWD")
            self.load(day, [10.0] * hours, zone="Europe/Berlin", indicator=forward)
            self.assert_near(self.parts(forward, day)["valley"][0], 10.0 * night)
            self.assert_sums(forward, day)

    def test_day_from_eight_at_the_next_dates_price(self):
        self.company.energy_start_hour = 8
        self.tariff.price_ids = [Command.create({"date_from": date(2026, 7, 16), "period": "valley", "price": 1.0})]
        self.load(datetime(2026, 7, 15, 8), [10.0] * 24)
        valley = self.parts(self.forward)["valley"]
        self.assert_near(valley[0], 90.0)
        self.assert_near(valley[1], 10.0 * PLANT_A_PRICES["valley"] + 80.0 * 1.0)
        self.assert_sums(self.forward)

    def test_sum_over_two_tariffs_adds_each_at_its_own(self):
        shop = self.node("Shop", "unit", self.plant, unit_type="workshop")
        other = self.add(self.node("M2", "meter", shop, energy_type_id=self.electricity.id), "EL.FWD")
        self.formula(self.consumption, self.forward, (other, 2.0))
        self.tou([{"period": "peak", "start": 0.0, "end": 12.0}], {"peak": 2.0, "flat": 1.0}, node_id=shop.id)
        self.load(DAY, [10.0] * 24)
        self.load(DAY, [1.0] * 24, indicator=other)
        parts = self.parts(self.consumption)
        self.assert_near(parts["peak"][0], 60.0 + 2 * 12.0)
        self.assert_near(parts["peak"][1], 60.0 * 0.95 + 2 * 24.0)
        self.assert_near(parts["flat"][0], 70.0 + 2 * 12.0)
        self.assert_sums(self.consumption)

    def test_what_lies_in_no_period_is_listed_as_not_split(self):
        typed = self.add(self.node("M3", "meter", self.plant, energy_type_id=self.electricity.id), "EL.FWD", source="entered")
        self.formula(self.consumption, self.forward, typed)
        self.load(DAY, [10.0] * 24)
        self.enter(typed, DAY, 50.0)
        self.compute()
        self.assert_near(self.parts(self.consumption)["none"][0], 50.0)
        self.assertIsNone(self.parts(self.consumption)["valley"][1], "50 kWh have no price: the cost is not known")
        self.assert_sums(self.consumption)

    def test_a_shared_meters_consumers_have_their_share_of_each_period(self):
        shops = [self.node(name, "unit", self.plant, unit_type="workshop") for name in ("W1", "W2")]
        key = self.env["energy.allocation"].create(
            {
                "source_id": self.forward.id,
                "basis": "fixed",
                "line_ids": [Command.create({"node_id": s.id, "share": n}) for s, n in zip(shops, (0.6, 0.3), strict=True)],
            }
        )
        self.load(DAY, [10.0] * 24)
        first, second = key.line_ids.indicator_id
        self.assert_near(self.parts(first)["peak"][0], 36.0)
        self.assert_near(self.parts(second)["valley"][0], 27.0)
        self.assert_near(self.parts(key.remainder_id)["sharp"][0], 2.0)
        for indicator in (first, second, key.remainder_id):
            self.assertNotIn("none", self.parts(indicator))
            self.assert_sums(indicator)

    def test_no_tariff_no_period(self):
        self.tariff.active = False
        self.load(DAY, [10.0] * 24)
        self.assertEqual(self.parts(self.forward), {"none": (240.0, None)})

    # === BY REGISTERS === #
    def test_own_registers_are_used_by_default(self):
        self.load(DAY, [10.0] * 24)
        self.registers(sharp=21.0, peak=59.0, flat=70.0, valley=89.5)
        parts = self.parts(self.forward)
        self.assert_near(parts["sharp"][0], 21.0)
        self.assert_near(parts["valley"][0], 89.5)
        self.assert_near(parts["none"][0], 0.5)
        self.assert_sums(self.forward)
        self.assert_near(self.parts(self.consumption)["sharp"][0], 21.0)
        self.assert_sums(self.consumption)

    def test_cost_follows_the_registers_as_the_bill_does(self):
        self.load(DAY, [10.0] * 24)
        by_slots = self.costs()
        self.registers(sharp=21.0, peak=59.0, flat=70.0, valley=90.0)
        cost = 21 * 1.14 + 59 * 0.95 + 70 * 0.622 + 90 * 0.3555
        self.assert_near(self.costs(), cost)
        self.assert_near(self.row(self.cost, DAY)["value"], cost)
        self.meter.period_source = "slots"
        self.compute()
        self.assert_near(self.costs(), by_slots)
        self.meter.period_source = "registers"
        self.compute()
        self.assert_near(self.costs(), cost)

    def test_p_4_typed_period_registers_have_their_cost(self):
        """A month typed from the bill has no slots; its own registers tell its periods."""
        first, last = date(2026, 7, 1), date(2026, 7, 31)
        self.enter(self.forward, first, 600_000.0, last)
        self.registers(first, last, sharp=60_000.0, peak=180_000.0, flat=210_000.0, valley=150_000.0)
        self.assert_near(self.month(self.cost, first)["value"], 423_345.00)
        parts = self.parts(self.consumption, first, last)
        self.assert_near(parts["sharp"][1], 68_400.0)
        self.assert_near(parts["valley"][1], 53_325.0)
        self.assert_sums(self.consumption, first, last)

    def test_flat_hours_without_a_register_are_what_the_others_leave(self):
        self.enter(self.forward, DAY, 240.0)
        self.registers(sharp=21.0, peak=59.0, valley=90.0)
        self.assert_near(self.parts(self.forward)["flat"][0], 70.0)
        self.assert_sums(self.forward)

    def test_slots_on_request(self):
        self.load(DAY, [10.0] * 24)
        self.registers(sharp=21.0, peak=59.0, flat=70.0, valley=89.5)
        self.meter.period_source = "slots"
        self.compute()
        parts = self.parts(self.forward)
        self.assert_near(parts["sharp"][0], 20.0)
        self.assertNotIn("none", parts)
        self.assert_sums(self.forward)

    def test_a_day_without_all_registers_is_split_by_slots(self):
        self.load(DAY, [10.0] * 48)
        self.registers(sharp=21.0, peak=59.0, flat=70.0, valley=90.0)
        parts = self.parts(self.forward, DAY, DAY + timedelta(1))
        self.assert_near(parts["sharp"][0], 21.0 + 20.0)
        self.assert_sums(self.forward, DAY, DAY + timedelta(1))

    def test_registers_against_slots_by_day_and_month(self):
        self.load(DAY, [10.0] * 48)
        for day in (DAY, DAY + timedelta(1)):
            self.registers(day, sharp=21.0, peak=59.0, flat=70.0, valley=90.0)
        lines = self.analysis(self.meter, date_to=DAY + timedelta(1))
        self.assertEqual(len(lines), 8)
        sharp = lines.filtered(lambda line: line.period == "sharp")[0]
        self.assertTrue(sharp.compared)
        self.assertEqual((sharp.origin, sharp.by_registers), ("registers", 21.0))
        self.assert_near(sharp.by_slots, 20.0)
        self.assert_near(sharp.difference, 1.0)
        self.assert_near(sharp.difference_share, 1 / 21)
        month = self.analysis(self.meter, date_to=DAY + timedelta(1), step="month")
        peak = month.filtered(lambda line: line.period == "peak")
        self.assert_near(peak.difference, -2.0)
        self.assert_near(peak.difference_share, -2 / 118)

    # === SCREENS === #
    def test_children_and_meters_are_listed(self):
        self.load(DAY, [10.0] * 24)
        self.assertEqual(self.analysis(self.plant, listed="meters").node_id, self.meter)
        self.assertFalse(self.analysis(self.plant, listed="children").indicator_id - self.forward)
        self.assertEqual(self.analysis(self.plant).indicator_id, self.consumption)

    def test_levels_are_not_added(self):
        self.load(DAY, [10.0] * 24)
        lines = self.analysis(self.plant, listed="meters") | self.analysis(self.plant)
        total = self.env["energy.period.line"]._read_group([("id", "in", lines.ids)], [], ["amount:sum"])
        self.assertFalse(total[0][0])

    def test_cost_needs_the_right_and_the_node(self):
        self.load(DAY, [10.0] * 24)
        viewer = new_test_user(
            self.env,
            "period_viewer",
            "energy_carbon.group_viewer",
            company_id=self.company.id,
            company_ids=[Command.set(self.company.ids)],
        )
        with self.assertRaises(AccessError):
            self.env["energy.indicator"].with_user(viewer).explain_periods(self.forward.id, str(DAY), str(DAY))
        with self.assertRaises(AccessError):
            self.analysis(self.plant, viewer)
        viewer.energy_node_ids = self.plant
        lines = self.analysis(self.plant, viewer)
        self.assert_near(sum(lines.mapped("amount")), 240.0)
        with self.assertRaises(AccessError):
            lines.read(["cost"])
        with self.assertRaises(AccessError):
            lines._read_group([], ["period"], ["cost:sum"])
        answer = self.env["energy.indicator"].with_user(viewer).explain_periods(self.forward.id, str(DAY), str(DAY))
        self.assertFalse([line for line in answer if "cost" in line])
        theirs = self.analysis(self.plant)
        with self.assertRaises(AccessError):
            theirs.with_user(viewer).read(["amount"])


@tagged("post_install", "-at_install")
class TestEnergyPeriodSourceLock(LockCase):
    def test_another_choice_of_periods_in_a_locked_month_is_refused(self):
        """It changes the cost of all days: locked quantities alone do not mind."""
        self.lock("quantity")
        self.meter_1.period_source = "slots"
        self.lock("cost")
        with self.refused("the cost of Plant A is locked"):
            self.meter_1.period_source = "registers"
        self.assertEqual(self.meter_1.period_source, "slots")
