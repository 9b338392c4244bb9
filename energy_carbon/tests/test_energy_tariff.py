"""Tariffs and dated prices."""

from freezegun import freeze_time

from odoo.exceptions import UserError, ValidationError
from odoo.fields import Command
from odoo.tests import Form, tagged

from .common import EnergyCommon


@tagged("post_install", "-at_install")
class TestEnergyTariff(EnergyCommon):
    def _create_tariff(self, *prices, **values):
        return self.env["energy.tariff"].create(
            {
                "name": "10 kV industrial",
                "energy_type_id": self.el.id,
                "price_ids": [Command.create({"date_from": day, "price": price}) for day, price in prices],
                **values,
            }
        )

    @freeze_time("2026-07-15")
    def test_latest_price_holds(self):
        tariff = self._create_tariff(("2026-01-01", 0.60), ("2026-07-01", 0.64), ("2026-08-01", 0.70))
        self.assertEqual(tariff.current_price, "0.64 CNY/kWh (provisional)")
        self.assertEqual(self.el.current_price, "0.64 CNY/kWh (provisional)")
        tariff.price_ids.state = "final"
        self.assertEqual(tariff.current_price, "0.64 CNY/kWh")

    @freeze_time("2026-07-15")
    def test_no_price_is_no_price(self):
        tariff = self._create_tariff(("2026-08-01", 0.70))
        self.assertEqual(tariff.current_price, "no price")

    def test_accountant_fills_the_form(self):
        with Form(self.env["energy.tariff"].with_user(self.accountant)) as form:
            form.name = "Gas 2026"
            form.energy_type_id = self.ng
            with form.price_ids.new() as line:
                line.date_from = "2026-01-01"
                line.price = 3.35
        price = form.record.price_ids
        self.assertEqual(price.uom_id, self.ng.uom_id)
        self.assertEqual(price.currency_id.name, "CNY")
        self.assertEqual(price.company_id, self.company)

    def test_price_per_a_larger_unit(self):
        tariff = self._create_tariff(("2026-01-01", 640.0))
        tariff.price_ids.uom_id = self.env.ref("energy_carbon.uom_mwh")
        self.assertIn("640 CNY/MWh", tariff.price_ids._label())
        with self.assert_refused(UserError, "no common reference"):
            tariff.price_ids.uom_id = self.env.ref("uom.product_uom_ton")

    def test_one_price_a_day_and_never_negative(self):
        tariff = self._create_tariff(("2026-01-01", 0.6))
        with self.assert_refused(ValidationError, "10 kV industrial already has a price from 2026-01-01 on"):
            tariff.price_ids = [Command.create({"date_from": "2026-01-01", "price": 0.7})]
        with self.assert_refused(ValidationError, "10 kV industrial, 2026-02-01: -0.7 is below zero"):
            tariff.price_ids = [Command.create({"date_from": "2026-02-01", "price": -0.7})]

    def test_one_tariff_a_place(self):
        self._create_tariff()
        with self.assert_refused(ValidationError, "already the tariff"):
            self._create_tariff(name="Second")
        self._create_tariff(name="Of the plant", node_id=self.plant.id)
        self._create_tariff(name="Old", active=False)

    def test_currency_of_the_company(self):
        with self.assert_refused(ValidationError, "CNY"):
            self._create_tariff(currency_id=self.env.ref("base.USD").id)

    def test_type_with_a_tariff_is_in_use(self):
        gasoline = self.env.ref("energy_carbon.type_ga")
        self._create_tariff(energy_type_id=gasoline.id)
        with self.assert_refused(UserError, "10 kV industrial"):
            gasoline.unlink()

    def test_change_asks_for_recalculation(self):
        indicator = self.env["energy.indicator"].create(
            {"node_id": self.meter_1.id, "template_id": self.env.ref("energy_carbon.template_el_fwd").id}
        )
        tariff = self._create_tariff(("2026-05-01", 0.6))
        for change in (
            lambda: tariff.price_ids.write({"price": 0.7}),
            lambda: tariff.write({"active": False}),
            lambda: tariff.unlink(),
        ):
            self.env.cr.execute("DELETE FROM energy_dirty WHERE indicator_id = %s", [indicator.id])
            change()
            self.env.flush_all()
            self.env.cr.execute("SELECT min(date_from)::text FROM energy_dirty WHERE indicator_id = %s", [indicator.id])
            self.assertEqual(self.env.cr.fetchone()[0], "2026-05-01")
