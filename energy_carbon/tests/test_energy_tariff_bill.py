"""The monthly bill of an account."""

from datetime import date, datetime

from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.fields import Command
from odoo.tests import new_test_user, tagged

from .tou_case import PLANT_A, PLANT_A_PRICES, TouCase

JULY = date(2026, 7, 1)
LAST = date(2026, 7, 31)


@tagged("post_install", "-at_install")
class TestEnergyTariffBill(TouCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.company.energy_slot_minutes = "60"
        cls.reactive = cls.add(cls.meter, "EL.QF")

    def account(self, bands, prices, **values):
        return self.tou(bands, prices, account_indicator_id=self.forward.id, **values)

    def lines(self, bill, section="energy"):
        return {
            line["label"]: (round(line["amount"], 6), round(line["cost"], 6))
            for line in bill["lines"]
            if line["section"] == section
        }

    # === EXAMPLES === #
    def test_example_6_high_voltage_bill(self):
        """150 kW x 223.6 and three periods: 33 540 + 76 228 = 109 768."""
        bands = [{"period": "peak", "start": 8.0, "end": 18.0}, {"period": "valley", "start": 22.0, "end": 6.0}]
        tariff = self.account(
            bands,
            {"peak": 3.13, "flat": 1.97, "valley": 1.35},
            charge_ids=[
                Command.create({"kind": "demand", "date_from": "2026-01-01", "quantity": 150.0, "price": 223.6})
            ],
        )
        day = [13_000 / 31 / 8] * 6 + [5_000 / 31 / 6] * 2 + [15_600 / 31 / 10] * 10 + [5_000 / 31 / 6] * 4
        self.load(JULY, (day + [13_000 / 31 / 8] * 2) * 31)
        bill = tariff._month_bill(JULY)
        self.assertEqual(
            self.lines(bill), {"Peak": (15_600.0, 48_828.0), "Flat": (5_000.0, 9_850.0), "Valley": (13_000.0, 17_550.0)}
        )
        self.assert_near(bill["basic"], 33_540.0)
        self.assert_near(bill["energy"], 76_228.0)
        self.assert_near(bill["net"], 109_768.0)
        self.assertEqual(bill["notes"], [])

    def test_example_3_power_factor_adjustment(self):
        """Basic 20 000 + energy 100 000 - funds 3 000, cos phi 0.85 at 0.90: +2.5 % = 2 925.00."""
        tariff = self._two_part_account()
        self._month_of(200_000.0, 123_949.0)
        bill = tariff._month_bill(JULY)
        self.assert_near(bill["basic"], 20_000.0)
        self.assert_near(bill["energy"], 100_000.0)
        self.assert_near(bill["funds"], 3_000.0)
        self.assertEqual((bill["cos_phi"], bill["percent"]), (0.85, 2.5))
        self.assert_near(bill["adjustment"], 2_925.0)
        self.assert_near(bill["net"], 122_925.0)

    def test_example_3_power_factor_at_its_standard(self):
        tariff = self._two_part_account()
        self._month_of(200_000.0, 96_875.0)
        bill = tariff._month_bill(JULY)
        self.assertEqual((bill["cos_phi"], bill["percent"], bill["adjustment"]), (0.9, 0.0, 0.0))

    def test_example_others_power_factor_of_plant_a(self):
        tariff = self._two_part_account()
        self._month_of(600_000.0, 250_000.0)
        self.assertEqual(tariff._month_bill(JULY)["cos_phi"], 0.92)

    def _two_part_account(self):
        return self.env["energy.tariff"].create(
            {
                "name": "Two-part",
                "energy_type_id": self.electricity.id,
                "company_id": self.company.id,
                "price_mode": "components",
                "component_ids": [
                    Command.create({"kind": kind, "price_ids": [Command.create({"date_from": JULY, "price": price})]})
                    for kind, price in (("purchase", 0.485), ("funds", 0.015))
                ],
                "charge_ids": [
                    Command.create({"kind": "capacity", "date_from": JULY, "quantity": 800.0, "price": 25.0})
                ],
                "account_indicator_id": self.forward.id,
                "reactive_indicator_id": self.reactive.id,
                "power_factor_standard": "0.90",
            }
        )

    def _month_of(self, active, reactive):
        begin, end = datetime(2026, 6, 30, 16), datetime(2026, 7, 31, 16)
        for indicator, amount in ((self.forward, active), (self.reactive, reactive)):
            self.read_at(indicator, (begin, 0.0), (end, amount))
        self.compute()

    def test_example_p_4_as_a_bill(self):
        tariff = self.account(PLANT_A, PLANT_A_PRICES)
        period = ["valley"] * 8 + ["peak"] * 3 + ["flat"] * 5 + ["peak"] * 3 + ["sharp"] * 2 + ["flat"] * 2 + ["valley"]
        month = {"sharp": 60_000, "peak": 180_000, "flat": 210_000, "valley": 150_000}
        self.load(JULY, [month[one] / period.count(one) / 31 for one in period] * 31)
        bill = tariff._month_bill(date(2026, 7, 20))
        self.assert_near(bill["net"], 423_345.0)
        self.assert_near(bill["net"], self.month(self.cost, JULY)["value"])

    # === DAYS OF THE BILL === #
    def test_t3_bill_from_midnight_to_midnight_in_a_day_from_eight(self):
        """The energy day starts at 08:00; the bill still runs from 00:00 of the 1st to 24:00 of the 31st."""
        self.company.energy_start_hour = 8
        tariff = self.account(
            [{"period": "valley", "start": 22.0, "end": 6.0}], {"valley": 0.3, "flat": 0.6}, closing_day=15
        )
        # Bill of July: 16 June 00:00 to 15 July 24:00, 1 kWh an hour; 100 outside of it.
        self.load(datetime(2026, 6, 15, 8), [100.0] * 16 + [1.0] * (30 * 24) + [100.0] * 8)
        self.assert_near(self.row(self.forward, date(2026, 7, 15))["value"], 16 + 8 * 100.0)
        bill = tariff._month_bill(JULY)
        self.assertEqual((bill["first"], bill["last"]), (date(2026, 6, 16), date(2026, 7, 15)))
        self.assertEqual(self.lines(bill), {"Flat": (480.0, 288.0), "Valley": (240.0, 72.0)})
        self.assertEqual(bill["notes"], [])

    def test_bill_of_a_month_with_a_clock_change(self):
        self.company.energy_timezone = "Europe/Berlin"
        tariff = self.account([], {"flat": 0.5})
        self.load(date(2026, 10, 1), [1.0] * (31 * 24 + 1), zone="Europe/Berlin")
        self.assertEqual(self.lines(tariff._month_bill(date(2026, 10, 1))), {"Flat": (745.0, 372.5)})

    def test_typed_days_have_the_price_without_period(self):
        tariff = self.account(PLANT_A, {**PLANT_A_PRICES, None: 0.7})
        self.enter(self.forward, JULY, 31_000.0, LAST)
        self.compute()
        bill = tariff._month_bill(JULY)
        self.assertEqual(self.lines(bill), {"Without period": (31_000.0, 21_700.0)})
        self.assertIn("744 hours", bill["notes"][0])

    def test_bill_with_tiers(self):
        tariff = self.env["energy.tariff"].create(
            {
                "name": "Flat",
                "energy_type_id": self.electricity.id,
                "company_id": self.company.id,
                "account_indicator_id": self.forward.id,
                "price_ids": [Command.create({"date_from": JULY, "price": 0.5})],
                "tier_ids": [Command.create({"date_from": JULY, "above": 3_100.0, "kind": "price", "price": 0.8})],
            }
        )
        self.load(JULY, [10.0] * 24 * 31)
        bill = tariff._month_bill(JULY)
        self.assert_near(bill["energy"], 3_100 * 0.5 + 4_340 * 0.8)
        self.assert_near(bill["energy"], self.month(self.cost, JULY)["value"])

    def test_vat_and_measured_demand(self):
        demand = self.add(self.meter, "EL.MD", source="entered")
        tariff = self.account(
            [],
            {"flat": 1.13},
            prices_include_vat=True,
            vat_rate=13.0,
            charge_ids=[
                Command.create({"kind": "demand", "date_from": JULY, "indicator_id": demand.id, "price": 22.6}),
                Command.create({"kind": "fixed", "date_from": JULY, "price": 11.3}),
            ],
        )
        self.load(JULY, [10.0] * 24 * 31)
        self.assertIsNone(tariff._month_bill(JULY)["net"], "the demand is not measured yet")
        self.enter(demand, date(2026, 7, 9), 120.0)
        self.enter(demand, date(2026, 7, 20), 150.0)
        self.compute()
        bill = tariff._month_bill(JULY)
        self.assert_near(bill["net"], 7_440 + 150 * 20 + 10)
        self.assert_near(bill["gross"], bill["net"] * 1.13)

    # === WHAT IS NOT KNOWN === #
    def test_n3_bill_without_price_has_no_total(self):
        tariff = self.account(PLANT_A, {"peak": 0.95, "flat": 0.622, "valley": 0.3555})
        self.load(JULY, [10.0] * 24)
        bill = tariff._month_bill(JULY)
        self.assertEqual((bill["energy"], bill["net"], bill["gross"]), (None, None, None))
        self.assertIn("24 of 744 hours are known.", bill["notes"])

    def test_refusals_name_the_tariff(self):
        tariff = self.tou([], {"flat": 0.5})
        with self.assert_refused(UserError, "10 kV has no billing meter"):
            tariff.action_month_bill()
        with self.assert_refused(ValidationError, "10 kV: to adjust the bill"):
            tariff.power_factor_standard = "0.90"
        with self.assert_refused(ValidationError, "cannot be the billing meter of 10 kV"):
            tariff.account_indicator_id = self.consumption
        with self.assert_refused(ValidationError, "10 kV, Demand .* already has a price from 2026-07-01"):
            tariff.charge_ids = [Command.create({"kind": "demand", "date_from": JULY, "price": 1.0})] * 2

    def test_bill_of_a_meter_behind_a_wall(self):
        """An accountant of one plant sees the tariff of the company, but no other plant's bill."""
        tariff = self.account([], {"flat": 0.5})
        other = self.node("Plant B", "unit", unit_type="plant")
        accountant = new_test_user(
            self.env,
            "bill_accountant",
            "energy_carbon.group_accountant",
            company_id=self.company.id,
            company_ids=self.company.ids,
        )
        accountant.energy_node_ids = other
        with self.assertRaises(AccessError):
            tariff.with_user(accountant).action_month_bill()
        accountant.energy_node_ids = self.plant
        self.assertEqual(tariff.with_user(accountant)._month_bill(JULY)["first"], JULY)

    def test_bill_on_screen(self):
        tariff = self.account([], {"flat": 0.5}, vat_rate=13.0)
        self.load(JULY, [10.0] * 24 * 31)
        action = tariff.action_month_bill()
        wizard = self.env[action["res_model"]].with_context(**action["context"]).create({"month": JULY})
        for text in ("2026-07-01 00:00", "7,440.00 kWh", "3,720.00", "4,203.60"):
            self.assertIn(text, wizard.bill)
