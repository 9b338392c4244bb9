"""A changed price or factor: amounts hold as they are stored, only what is made of them is computed."""

from datetime import timedelta
from unittest.mock import patch

from odoo.fields import Command
from odoo.tests import tagged

from ..calculation import readings
from .tou_case import DAY, PLANT_A, PLANT_A_PRICES, TouCase

COLUMNS = "indicator_id, date, value, coal, carbon, cost, expected, present, quality, origin, reason, depth"


@tagged("post_install", "-at_install")
class TestStoredAmounts(TouCase):
    """What is computed without reading the meters again is the same as with."""

    def setUp(self):
        super().setUp()
        self.company.energy_slot_minutes = "60"
        self.tariff = self.tou(PLANT_A, PLANT_A_PRICES)
        self.load(DAY, [float(hour % 24) for hour in range(72)])
        self.enter(self.forward, DAY + timedelta(days=1), 500.0, reason="The display was misread.")
        self.compute()

    def rows(self):
        self.env.cr.execute(f"SELECT {COLUMNS} FROM energy_value WHERE company_id = %s ORDER BY 1, 2", [self.company.id])
        days = self.env.cr.fetchall()
        months = COLUMNS.replace("date", "month")
        self.env.cr.execute(f"SELECT {months} FROM energy_value_month WHERE company_id = %s ORDER BY 1, 2", [self.company.id])
        return days + self.env.cr.fetchall()

    def profiles(self):
        self.env.cr.execute("SELECT indicator_id, date, slots FROM energy_profile ORDER BY 1, 2")
        return self.env.cr.fetchall()

    def without_readings(self):
        return patch.object(readings, "load", side_effect=AssertionError("The meters were read again."))

    def test_r1_a_price_by_period_needs_no_readings(self):
        before, profiles = self.rows(), self.profiles()
        sharp = self.tariff.price_ids.filtered(lambda price: price.period == "sharp")
        with self.without_readings():
            sharp.price = 2.0
            self.compute()
        after = self.rows()
        self.assertNotEqual(after, before)
        self.assertEqual(self.profiles(), profiles)
        self.env["energy.calculation"]._mark(self.forward)
        self.compute()
        self.assertEqual(self.rows(), after, "read again, the figures are the same")
        with self.without_readings():
            sharp.price = PLANT_A_PRICES["sharp"]
            self.compute()
        self.assertEqual(self.rows(), before, "restated and restated back")

    def test_a_row_written_again_uses_up_no_id(self):
        """There are two thousand million; a large plant computes rows anew tens of millions of times a year."""
        before, ids = self.rows(), self.last_ids()
        self.tariff.price_ids.filtered(lambda price: price.period == "sharp").price = 2.0
        self.compute()
        self.assertNotEqual(self.rows(), before)
        self.assertEqual(self.last_ids(), ids)

    def last_ids(self):
        self.env.cr.execute("SELECT a.last_value, b.last_value FROM energy_value_id_seq a, energy_value_month_id_seq b")
        return self.env.cr.fetchone()

    def test_r2_a_factor_needs_no_readings(self):
        before = self.rows()
        with self.without_readings():
            factor = self.env["energy.factor"].create(
                {
                    "energy_type_id": self.electricity.id,
                    "kind": "coal_calorific",
                    "value": 0.2,
                    "uom_id": self.electricity.uom_id.id,
                    "company_id": self.company.id,
                    "date_from": DAY,
                    "document": "Test",
                }
            )
            self.compute()
            row = self.row(self.consumption, DAY)
            self.assert_near(row["coal"], 0.2 * row["value"])
            factor.unlink()
            self.compute()
        self.assertEqual(self.rows(), before)

    def test_price_and_reading_at_once(self):
        self.env["energy.calculation"]._mark(self.forward, DAY, DAY)
        self.tariff.price_ids.filtered(lambda price: price.period == "sharp").price = 2.0
        self.env.cr.execute("UPDATE energy_value SET value = value + 1 WHERE indicator_id = %s", [self.forward.id])
        self.compute()
        first = self.rows()
        self.env["energy.calculation"]._mark(self.forward)
        self.compute()
        self.assertEqual(self.rows(), first, "a leaf with changed readings was read again for the whole block")

    def test_typed_registers_are_priced_as_before(self):
        meter = self.node("Typed", "meter", self.plant, energy_type_id=self.electricity.id, collection="typed")
        register = self.add(meter, "EL.FWD", source="entered", entry_mode="register")
        self.tariff.price_ids = [Command.create({"price": 0.5, "date_from": DAY.replace(year=2020)})]
        for offset, value in enumerate((100.0, 340.0, 580.0)):
            self.enter(register, DAY + timedelta(days=offset), value, mode="register")
        self.compute()
        before = self.row(register, DAY + timedelta(days=1))
        self.assert_near(before["cost"], 240 * 0.5)
        sharp = self.tariff.price_ids.filtered(lambda price: price.period == "sharp")
        sharp.price = 2.0
        self.compute()
        self.assert_near(self.row(register, DAY + timedelta(days=1))["cost"], 240 * 0.5)

    def test_r4_the_tariff_of_the_place_of_the_day(self):
        workshop = self.node("W", "unit", self.plant, unit_type="workshop")
        self.env["energy.tariff"].create(
            {
                "name": "Of the workshop",
                "energy_type_id": self.electricity.id,
                "company_id": self.company.id,
                "node_id": workshop.id,
                "price_ids": [Command.create({"price": 3.0, "date_from": DAY.replace(year=2020)})],
            }
        )
        before = self.row(self.forward, DAY)["cost"]
        moved = self.forward.node_id
        moved.with_context(energy_move_date=DAY + timedelta(days=1)).parent_id = workshop
        self.compute()
        self.assert_near(self.row(self.forward, DAY)["cost"], before)
        self.assert_near(self.row(self.forward, DAY + timedelta(days=1))["cost"], 500.0 * 3.0)
