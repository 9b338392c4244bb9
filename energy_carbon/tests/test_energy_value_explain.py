"""Explain from a cell of a pivot or a point of a graph."""

from datetime import date, timedelta

from odoo.exceptions import AccessError
from odoo.fields import Command
from odoo.tests import new_test_user, tagged

from .plant import PlantCase

JULY = date(2026, 7, 1)


@tagged("post_install", "-at_install")
class TestEnergyValueExplain(PlantCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.power = cls.add(cls.plant, "EL.CONS", source="entered")
        cls.gas = cls.add(cls.plant, "NG.CONS", source="entered")
        for number in range(4):
            for indicator in (cls.power, cls.gas):
                cls.enter(indicator, JULY + timedelta(number), 10.0)
        cls.compute()

    def cell(self, *domain, model="energy.value", measure="value", user=None):
        values = self.env[model].with_user(user) if user else self.env[model]
        return values.explain_cell([("company_id", "=", self.company.id), *domain], measure)

    def test_one_indicator_and_day(self):
        action = self.cell(("template_id.code", "=", "EL.CONS"), ("date", "=", "2026-07-02"))
        self.assertEqual(action["tag"], "energy_carbon.explain")
        self.assertEqual(
            action["params"], {"indicator_id": self.power.id, "date_from": "2026-07-02", "date_to": "2026-07-02"}
        )

    def test_one_indicator_and_month_or_stretch(self):
        power = ("template_id.code", "=", "EL.CONS")
        self.assertEqual(self.cell(power)["params"]["date_to"], "2026-07-04")
        month = self.cell(power, ("month", "=", JULY), model="energy.value.month")
        self.assertEqual((month["params"]["date_from"], month["params"]["date_to"]), ("2026-07-01", "2026-07-31"))

    def test_standard_coal_of_the_same_energy(self):
        action = self.cell(("template_id.code", "=", "EL.CONS"), measure="coal")
        self.assertEqual(action["params"]["measure"], "coal")

    def test_several_indicators_or_days_apart_are_no_one_figure(self):
        self.assertFalse(self.cell())
        apart = ("date", "in", ["2026-07-01", "2026-07-03"])
        self.assertFalse(self.cell(("template_id.code", "=", "EL.CONS"), apart))
        self.assertFalse(self.cell(("date", "=", "2027-01-01")))

    def test_a_balance(self):
        shop = self.node("Shop", "unit", self.plant, unit_type="workshop")
        self.enter(self.add(shop, "EL.CONS", source="entered"), JULY, 8.0)
        self.compute()
        self.env["energy.balance"]._sync(self.company)
        tree = ("kind", "=", "tree")
        action = self.cell(tree, ("date", "=", JULY), model="energy.balance.line", measure="difference")
        balance = self.env["energy.balance"].search([("node_id", "=", self.plant.id)])
        self.assertEqual(
            action["params"], {"balance_id": balance.id, "date_from": "2026-07-01", "date_to": "2026-07-01"}
        )
        month = self.cell(tree, model="energy.balance.month", measure="share")
        self.assertEqual(month["params"]["date_to"], "2026-07-31")

    def test_walls(self):
        viewer = new_test_user(
            self.env,
            "cell_viewer",
            "energy_carbon.group_viewer",
            company_id=self.company.id,
            company_ids=[Command.set(self.company.ids)],
        )
        self.assertFalse(self.cell(("template_id.code", "=", "EL.CONS"), user=viewer))
        viewer.energy_node_ids = self.plant
        self.assertTrue(self.cell(("template_id.code", "=", "EL.CONS"), user=viewer))
        with self.assertRaises(AccessError):
            self.env["energy.value"].with_user(self.env.ref("base.public_user")).explain_cell([])
