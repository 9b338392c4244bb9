"""Prices that rise with the volume of a month or a year."""

from datetime import date, timedelta

from odoo.exceptions import ValidationError
from odoo.fields import Command
from odoo.tests import tagged

from .tou_case import TouCase

JULY = date(2026, 7, 1)
BANDS = [{"period": "peak", "start": 8.0, "end": 12.0}]


@tagged("post_install", "-at_install")
class TestEnergyTariffTier(TouCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.gas = cls.type("NG")
        cls.used = cls.add(cls.plant, "NG.CONS", source="entered")
        cls.gas_cost = cls.add(cls.plant, "NG.COST")

    def tiered(self, *tiers, **values):
        """Gas at 3.00, and above volumes: (volume, kind, price)."""
        return self.env["energy.tariff"].create(
            {
                "name": "Gas",
                "energy_type_id": self.gas.id,
                "company_id": self.company.id,
                "price_ids": [Command.create({"date_from": "2020-01-01", "price": 3.0})],
                "tier_ids": [
                    Command.create({"date_from": "2020-01-01", "above": above, "kind": kind, "price": price})
                    for above, kind, price in tiers
                ],
                **values,
            }
        )

    def draw(self, indicator, *amounts, first=JULY):
        for at, amount in enumerate(amounts):
            self.enter(indicator, first + timedelta(days=at), amount)
        self.compute()

    def gas_costs(self, indicator, days, first=JULY):
        return [self.row(indicator, first + timedelta(days=at))["cost"] for at in range(days)]

    def assert_costs(self, indicator, expected, first=JULY):
        for found, wanted in zip(self.gas_costs(indicator, len(expected), first), expected, strict=True):
            self.assert_near(found, wanted)

    def test_days_sum_to_the_bill_of_the_month(self):
        self.tiered((100.0, "price", 4.0), (250.0, "price", 5.0))
        self.draw(self.used, 80.0, 70.0, 120.0, 30.0)
        self.assert_costs(self.used, [240.0, 20 * 3 + 50 * 4, 100 * 4 + 20 * 5, 30 * 5])
        self.assert_near(self.month(self.used, JULY)["cost"], 100 * 3 + 150 * 4 + 50 * 5)
        self.assert_near(self.month(self.gas_cost, JULY)["value"], 1_150.0)

    def test_surcharge_comes_on_top_of_the_price_of_the_day(self):
        tariff = self.tiered((100.0, "surcharge", 0.5))
        tariff.price_ids = [Command.create({"date_from": "2026-07-03", "price": 3.3})]
        self.draw(self.used, 80.0, 70.0, 10.0)
        self.assert_costs(self.used, [240.0, 70 * 3 + 50 * 0.5, 10 * 3.8])

    def test_change_of_an_early_day_restates_the_later_ones(self):
        self.tiered((100.0, "price", 4.0))
        self.draw(self.used, 80.0, 20.0, 10.0)
        self.assert_costs(self.used, [240.0, 60.0, 40.0])
        entry = self.env["energy.entry"].search([("indicator_id", "=", self.used.id), ("date_from", "=", JULY)])
        entry.value = 110.0
        self.compute()
        self.assert_costs(self.used, [300 + 40.0, 80.0, 40.0])
        self.assert_near(self.month(self.gas_cost, JULY)["value"], 460.0)
        entry.value = 80.0
        self.compute()
        self.assert_costs(self.used, [240.0, 60.0, 40.0])

    def test_year_counts_over_months_and_begins_anew(self):
        self.tiered((100.0, "price", 4.0), tier_counting="year")
        for day in (date(2025, 12, 31), date(2026, 1, 15), date(2026, 3, 2), date(2026, 9, 9)):
            self.enter(self.used, day, 60.0)
        self.compute()
        costs = [
            self.row(self.used, day)["cost"]
            for day in (date(2025, 12, 31), date(2026, 1, 15), date(2026, 3, 2), date(2026, 9, 9))
        ]
        for found, wanted in zip(costs, [180.0, 180.0, 40 * 3 + 20 * 4, 240.0], strict=True):
            self.assert_near(found, wanted)
        self.enter(self.used, date(2026, 2, 1), 40.0)
        self.compute()
        self.assert_near(self.row(self.used, date(2026, 3, 2))["cost"], 240.0)
        self.assert_near(self.row(self.used, date(2026, 9, 9))["cost"], 240.0)

    def test_month_from_the_closing_day(self):
        self.tiered((100.0, "price", 4.0), closing_day=2)
        self.draw(self.used, 90.0, 20.0, 90.0, 20.0)
        self.assert_costs(self.used, [270.0, 30 + 40.0, 270.0, 30 + 40.0])

    def test_billing_meter_counts_for_all(self):
        """Two consumers under one account: each pays the account's tiers of the day in proportion, together its bill."""
        other = self.add(self.node("W2", parent=self.plant, unit_type="workshop"), "NG.CONS", source="entered")
        account = self.add(self.node("GM", "meter", self.plant, energy_type_id=self.gas.id), "NG.STD", source="entered")
        self.tiered((100.0, "price", 4.0), account_indicator_id=account.id)
        self.draw(self.used, 40.0, 30.0)
        self.draw(other, 40.0, 30.0)
        self.draw(account, 80.0, 60.0)
        self.assert_costs(self.used, [120.0, 30 * (20 * 3 + 40 * 4) / 60])
        self.assert_near(sum(self.gas_costs(self.used, 2) + self.gas_costs(other, 2)), 100 * 3 + 40 * 4)
        self.env["energy.entry"].search([("indicator_id", "=", account.id), ("date_from", "=", JULY)]).value = 100.0
        self.compute()
        self.assert_costs(other, [120.0, 30 * 4.0])

    def test_surcharge_under_prices_by_period(self):
        self.company.energy_slot_minutes = "60"
        self.tou(
            BANDS,
            {"peak": 1.0, "flat": 0.5},
            tier_ids=[Command.create({"date_from": "2020-01-01", "above": 100.0, "price": 0.1})],
        )
        day = date(2026, 7, 15)
        self.load(day, [10.0] * 24)
        base = 240 * 0.5 + 10 * sum(b["end"] - b["start"] for b in BANDS) * 0.5
        self.assert_near(self.costs(day), base + 140 * 0.1)

    def test_explain_names_the_tiers(self):
        self.tiered((100.0, "price", 4.0))
        self.draw(self.used, 80.0, 70.0)
        answer = self.env["energy.indicator"].explain(self.used.id, JULY, JULY + timedelta(days=1), "cost")
        tier = answer["prices"][-1]
        self.assertIn("100", tier["label"])
        self.assert_near(tier["price"], 4.0)
        self.assert_near(tier["amount"], 50.0)

    def test_new_tiers_restate_and_back(self):
        tariff = self.tiered()
        self.draw(self.used, 80.0, 70.0)
        before = self.gas_costs(self.used, 2)
        tariff.tier_ids = [Command.create({"date_from": "2026-01-01", "above": 100.0, "kind": "price", "price": 4.0})]
        self.compute()
        self.assert_costs(self.used, [240.0, 260.0])
        tariff.tier_ids.unlink()
        self.compute()
        self.assertEqual(self.gas_costs(self.used, 2), before)

    def test_bad_tiers_are_refused(self):
        with self.assert_refused(ValidationError, "Gas, tiers from 2020-01-01 on: 100 m³ follows 250 m³"):
            self.tiered((250.0, "price", 4.0), (100.0, "price", 5.0))
        with self.assert_refused(ValidationError, "Gas, above 100 m³.*below zero"):
            self.tiered((100.0, "price", -4.0))
        with self.assert_refused(ValidationError, "Gas, above 0 m³.*greater than zero"):
            self.tiered((0.0, "price", 4.0))
        with self.assert_refused(ValidationError, "10 kV has prices by period"):
            self.tou(BANDS, {"flat": 0.5}, tier_ids=[Command.create({"above": 100.0, "kind": "price", "price": 0.9})])
        with self.assert_refused(ValidationError, "Gas: a bill closes"):
            self.tiered(closing_day=31)
