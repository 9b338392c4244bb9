"""Time-of-use tariffs: cost by slot, on the local wall clock."""

from datetime import date, datetime, timedelta

from odoo.fields import Command
from odoo.tests import tagged

from .tou_case import DAY, PLANT_A, PLANT_A_PRICES, TouCase


@tagged("post_install", "-at_install")
class TestEnergyTariffTou(TouCase):
    """What a meter's slots cost."""

    # === COST === #
    def test_example_5_cost_by_period(self):
        self.company.energy_slot_minutes = "60"
        self.tou(
            [{"period": "valley", "start": 0.0, "end": 8.0}, {"period": "peak", "start": 8.0, "end": 18.0}],
            {"flat": 0.6400, "peak": 0.9566, "valley": 0.3828},
        )
        self.load(DAY, [30_000 / 8] * 8 + [3_000.0] * 10 + [40_000 / 6] * 6)
        for indicator in (self.forward, self.consumption):
            row = self.row(indicator, DAY)
            self.assert_near(row["value"], 100_000.0)
            self.assert_near(row["cost"], 65_782.00)
        self.assert_near(self.row(self.cost, DAY)["value"], 65_782.00)
        self.assert_near(self.month(self.cost, date(2026, 7, 1))["value"], 65_782.00)

    def test_p_4_cost_of_plant_a(self):
        self.company.energy_slot_minutes = "60"
        self.tou(PLANT_A, PLANT_A_PRICES)
        period = ["valley"] * 8 + ["peak"] * 3 + ["flat"] * 5 + ["peak"] * 3 + ["sharp"] * 2 + ["flat"] * 2 + ["valley"]
        month = {"sharp": 60_000, "peak": 180_000, "flat": 210_000, "valley": 150_000}
        self.load(date(2026, 7, 1), [month[one] / period.count(one) / 31 for one in period] * 31)
        july = self.month(self.consumption, date(2026, 7, 1))
        self.assert_near(july["value"], 600_000.0)
        self.assert_near(july["cost"], 423_345.00)
        self.assert_near(self.month(self.cost, date(2026, 7, 1))["value"], 423_345.00)

    def test_t1_price_changes_at_half_past_eight(self):
        bands = [{"period": "peak", "start": 8.5, "end": 12.0}]
        self.company.energy_slot_minutes = "30"
        self.tou(bands, {"peak": 1.0, "flat": 0.5})
        self.load(DAY, [10.0] * 16 + [100.0, 200.0] + [10.0] * 30, minutes=30)
        self.assert_near(self.costs(), 0.5 * (160 + 100) + 1.0 * (200 + 60) + 0.5 * 240)

    def test_t1_hourly_slots_are_half_and_half(self):
        self.company.energy_slot_minutes = "60"
        self.tou([{"period": "peak", "start": 8.5, "end": 12.0}], {"peak": 1.0, "flat": 0.5})
        self.load(DAY, [0.0] * 8 + [300.0] + [0.0] * 15)
        self.assert_near(self.costs(), 300.0 * 0.75)

    def test_t2_both_clock_changes_of_berlin(self):
        self.company.energy_timezone = "Europe/Berlin"
        self.tou([{"period": "valley", "start": 22.0, "end": 6.0}], {"valley": 0.4, "peak": 1.0}, default="peak")
        for day, hours, night in ((date(2026, 3, 29), 23, 7), (date(2026, 10, 25), 25, 9)):
            forward = self.add(self.node(f"M {day}", "meter", self.plant, energy_type_id=self.electricity.id), "EL.FWD")
            self.load(day, [10.0] * (4 * hours), minutes=15, zone="Europe/Berlin", indicator=forward)
            row = self.row(forward, day)
            self.assert_near(row["value"], 40.0 * hours)
            self.assert_near(row["cost"], 40.0 * (night * 0.4 + 16 * 1.0))
            answer = self.env["energy.indicator"].explain(forward.id, day, day)
            amounts = {line["period"]: line["amount"] for line in answer["prices"]}
            self.assert_near(amounts["valley"], 40.0 * night)
            self.assert_near(sum(amounts.values()), row["value"])

    def test_t3_band_across_midnight_and_day_from_eight(self):
        """The energy day of a Friday from 08:00 ends with eight hours of Saturday, at Saturday's periods."""
        self.company.write({"energy_start_hour": 8, "energy_slot_minutes": "60"})
        self.tou(
            [
                {"period": "valley", "start": 22.0, "end": 6.0, "day_class": "workday"},
                {"period": "deep_valley", "start": 22.0, "end": 6.0, "day_class": "weekend"},
            ],
            {"valley": 0.3, "deep_valley": 0.1, "flat": 0.6},
        )
        friday = date(2026, 7, 17)
        self.load(datetime(2026, 7, 17, 8), [10.0] * 24)
        self.assert_near(self.row(self.forward, friday)["value"], 240.0)
        self.assert_near(self.costs(friday), 10 * (14 * 0.6 + 2 * 0.3 + 6 * 0.1 + 2 * 0.6))

    def test_t3_price_of_the_next_date_in_a_day_from_eight(self):
        self.company.write({"energy_start_hour": 8, "energy_slot_minutes": "60"})
        tariff = self.tou([], {"flat": 0.6})
        tariff.price_ids = [Command.create({"date_from": DAY + timedelta(days=1), "period": "flat", "price": 0.9})]
        self.load(datetime(2026, 7, 15, 8), [10.0] * 24)
        self.assert_near(self.costs(), 160 * 0.6 + 80 * 0.9)
        answer = self.env["energy.indicator"].explain(self.forward.id, DAY, DAY)
        self.assertEqual([(line["price"], line["amount"]) for line in answer["prices"]], [(0.6, 160.0), (0.9, 80.0)])

    # === WHAT IS NOT KNOWN === #
    def test_typed_day_has_no_cost_without_a_price_for_all_periods(self):
        tariff = self.tou(PLANT_A, PLANT_A_PRICES)
        self.enter(self.forward, DAY, 1_000.0)
        self.compute()
        self.assert_near(self.row(self.consumption, DAY)["value"], 1_000.0)
        self.assertIsNone(self.costs())
        row = self.row(self.cost, DAY)
        self.assertEqual((row["value"], row["reason"]), (None, "no_price"))
        tariff.price_ids = [Command.create({"date_from": date(2026, 1, 1), "price": 0.7})]
        self.compute()
        self.assert_near(self.row(self.cost, DAY)["value"], 700.0)
        answer = self.env["energy.indicator"].explain(self.forward.id, DAY, DAY)
        self.assertEqual([line["price"] for line in answer["prices"]], [0.7])

    def test_company_tariff_does_not_step_in_for_a_typed_day(self):
        self.price("EL", 0.5)
        self.tou(PLANT_A, PLANT_A_PRICES, node_id=self.plant.id)
        self.enter(self.forward, DAY, 1_000.0)
        self.compute()
        self.assertIsNone(self.costs())

    def test_registers_typed_once_a_day_tell_no_time_of_use(self):
        self.tou(PLANT_A, PLANT_A_PRICES)
        self.forward.write({"source": "entered", "entry_mode": "register"})
        for offset in range(3):
            self.enter(self.forward, DAY + timedelta(days=offset), 960.0 * offset, mode="register")
        self.compute()
        tomorrow = DAY + timedelta(days=1)
        self.assert_near(self.row(self.forward, tomorrow)["value"], 960.0)
        self.assertIsNone(self.costs(tomorrow))
        self.assertEqual(self.row(self.cost, tomorrow)["reason"], "no_price")

    def test_missing_slot_adds_nothing(self):
        self.company.energy_slot_minutes = "60"
        self.tou([], {"flat": 0.5})
        self.load(DAY, [10.0] * 20)
        row = self.row(self.forward, DAY)
        self.assertEqual(row["quality"], "partial")
        self.assert_near(row["value"], 200.0)
        self.assert_near(row["cost"], 100.0)

    def test_one_period_without_price_blanks_the_day(self):
        self.company.energy_slot_minutes = "60"
        tariff = self.tou(PLANT_A, {"peak": 0.95, "flat": 0.622, "valley": 0.3555})
        self.load(DAY, [10.0] * 24)
        self.assertIsNone(self.costs())
        self.assertEqual(self.row(self.cost, DAY)["reason"], "no_price")
        tariff.price_ids = [Command.create({"date_from": DAY, "period": "sharp", "price": 1.14})]
        self.compute()
        self.assert_near(self.costs(), 10 * (2 * 1.14 + 6 * 0.95 + 7 * 0.622 + 9 * 0.3555))

    def test_day_overridden_keeps_its_shape(self):
        self.company.energy_slot_minutes = "60"
        self.tou([{"period": "valley", "start": 0.0, "end": 12.0}], {"flat": 1.0, "valley": 0.5})
        self.load(DAY, [10.0] * 12 + [30.0] * 12)
        self.enter(self.forward, DAY, 960.0)
        self.compute()
        self.assert_near(self.costs(), 240 * 0.5 + 720 * 1.0)

    # === CHANGES === #
    def test_new_price_of_one_period_recomputes(self):
        self.company.energy_slot_minutes = "60"
        tariff = self.tou([{"period": "valley", "start": 0.0, "end": 8.0}], {"flat": 1.0, "valley": 0.5})
        self.load(DAY, [10.0] * 24)
        self.assert_near(self.costs(), 80 * 0.5 + 160)
        tariff.price_ids.filtered(lambda row: row.period == "valley").price = 0.25
        self.compute()
        self.assert_near(self.row(self.cost, DAY)["value"], 80 * 0.25 + 160)
        tariff.version_ids.band_ids.end = 12.0
        self.compute()
        self.assert_near(self.row(self.cost, DAY)["value"], 120 * 0.25 + 120)

    def test_new_version_holds_from_its_day(self):
        self.company.energy_slot_minutes = "60"
        tariff = self.tou([], {"flat": 0.6, "valley": 0.3})
        self.load(DAY, [10.0] * 48)
        self.env["energy.tariff.version"].create(
            {
                "tariff_id": tariff.id,
                "date_from": DAY + timedelta(days=1),
                "default_period": False,
                "band_ids": [
                    Command.create({"period": "valley", "start": 12.0, "end": 0.0}),
                    Command.create({"period": "flat", "start": 0.0, "end": 12.0}),
                ],
            }
        )
        self.compute()
        self.assert_near(self.costs(), 240 * 0.6)
        self.assert_near(self.costs(DAY + timedelta(days=1)), 120 * 0.6 + 120 * 0.3)

    def test_overlay_lies_on_its_period_in_its_months(self):
        self.company.energy_slot_minutes = "30"
        self.tou(
            [
                {"period": "peak", "start": 14.0, "end": 22.0},
                {"period": "sharp", "start": 19.5, "end": 22.5, "overlay": "peak", "months": "7-8"},
            ],
            {"flat": 0.5, "peak": 1.0, "sharp": 2.0},
        )
        self.load(DAY, [1.0] * 48, minutes=30)
        self.assert_near(self.costs(), 32 * 0.5 + 11 * 1.0 + 5 * 2.0)
        self.load(date(2026, 6, 17), [1.0] * 48, minutes=30, indicator=self._second_meter())
        self.assert_near(self.row(self.second, date(2026, 6, 17))["cost"], 32 * 0.5 + 16 * 1.0)

    def _second_meter(self):
        self.second = self.add(self.node("M2", "meter", self.plant, energy_type_id=self.electricity.id), "EL.FWD")
        return self.second

    def test_price_without_period_serves_periods_without_their_own(self):
        self.company.energy_slot_minutes = "60"
        self.tou([{"period": "valley", "start": 0.0, "end": 8.0}], {None: 0.6, "valley": 0.3})
        self.load(DAY, [10.0] * 24)
        self.assert_near(self.costs(), 160 * 0.6 + 80 * 0.3)

    def test_price_per_megawatt_hour(self):
        self.company.energy_slot_minutes = "60"
        tariff = self.tou([], {"flat": 600.0})
        tariff.price_ids.uom_id = self.env.ref("energy_carbon.uom_mwh")
        self.load(DAY, [10.0] * 24)
        self.assert_near(self.costs(), 240 * 0.6)

    # === EXPLAIN === #
    def test_basis_and_explain_name_each_period(self):
        self.company.energy_slot_minutes = "60"
        tariff = self.tou(PLANT_A, PLANT_A_PRICES)
        self.load(DAY, [10.0] * 48)
        basis = self.env["energy.basis"].browse(self.row(self.forward, DAY)["basis_id"])
        self.assertEqual((basis.detail["tariff"], basis.detail["version"]), (tariff.id, tariff.version_ids.id))
        sharp = tariff.price_ids.filtered(lambda row: row.period == "sharp")
        self.assertEqual(basis.detail["periods"]["sharp"], {"id": sharp.id, "per_unit": 1.14})
        self.assertEqual(set(basis.detail["periods"]), {"sharp", "peak", "flat", "valley"})
        answer = self.env["energy.indicator"].explain(self.forward.id, DAY, DAY + timedelta(days=1), "cost")
        lines = [(line["period"], line["price"], line["amount"]) for line in answer["prices"]]
        self.assertEqual(
            lines,
            [("sharp", 1.14, 40.0), ("peak", 0.95, 120.0), ("flat", 0.622, 140.0), ("valley", 0.3555, 180.0)],
        )
        self.assert_near(sum(price * amount for _period, price, amount in lines), answer["value"])
