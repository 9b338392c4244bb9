"""N2: an energy type replaced by another, everything re-pointed and every value kept."""

from datetime import date

from odoo.exceptions import AccessError, UserError
from odoo.tests import new_test_user, tagged

from .example_p import JULY, ExampleP
from .plant import PlantCase

DAY = date(2026, 7, 15)


@tagged("post_install", "-at_install")
class TestEnergyTypeReplace(PlantCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.gas = cls.type("NG")
        cls.biogas = cls.env["energy.type"].create(
            {
                "name": "Biogas",
                "code": "OWN",
                "category": "primary",
                "uom_id": cls.gas.uom_id.id,
                "scope": "1",
                "gas_reference": "t20",
                "equivalent_from_calorific": True,
                "company_id": cls.company.id,
            }
        )
        cls.manager = new_test_user(
            cls.env, "replace_manager", groups="energy_carbon.group_manager", company_id=cls.company.id,
            company_ids=[(6, 0, cls.company.ids)],
        )  # fmt: skip
        common = {"energy_type_id": cls.biogas.id, "uom_id": cls.gas.uom_id.id, "company_id": cls.company.id}
        cls.env["energy.factor"].create(
            [
                {**common, "kind": kind, "value": value, "date_from": date(2020, 1, 1), "document": "Analysis"}
                for kind, value in (("coal_calorific", 0.7), ("co2", 0.0))
            ]
        )

    def replace(self, user=None, **values):
        model = self.env["energy.type.replace"].with_user(user or self.manager)
        wizard = model.with_context(allowed_company_ids=self.company.ids).create(
            {"type_id": self.gas.id, "new_type_id": self.biogas.id, **values}
        )
        wizard.action_replace()
        return wizard

    def test_n2_everything_is_re_pointed_and_values_stay(self):
        example = ExampleP(self)
        meter = self.node("M gas", "meter", example.units["Boiler house"], energy_type_id=self.gas.id)
        tariff = self.price("NG", 3.0)
        coal, total = example.total("", "NG.TCE"), example.total("", "T.TCE")
        self.compute()
        burnt = example.typed["Boiler house", "NG.CONS"]
        before = self.month(burnt, JULY)
        self.assert_near(self.month(coal, JULY)["value"], 97_144.0)
        wizard = self.replace()
        self.compute()
        self.assertEqual(meter.energy_type_id | tariff.energy_type_id, self.biogas)
        self.assertNotIn(self.gas, self.plant.use_ids.energy_type_id | example.units["Boiler house"].use_ids.energy_type_id)
        self.assertEqual((burnt | coal).energy_type_id, self.biogas)
        self.assertEqual(burnt.template_id.code, "OWN.CONS")
        self.assertEqual(burnt.template_id.name, "Biogas consumption")
        self.assertFalse(burnt.template_id.locked)
        after = self.month(burnt, JULY)
        self.assertEqual(after["value"], before["value"])
        for row in (after, self.row(burnt, DAY)):
            self.assertEqual((row["template_id"], row["energy_type_id"]), (burnt.template_id.id, self.biogas.id))
        self.assert_near(after["coal"], 56_000.0)
        self.assert_near(self.month(coal, JULY)["value"], 56_000.0)
        self.assert_near(self.month(total, JULY)["value"], 73_740 + 56_000.0)
        self.assert_near(after["cost"], 240_000.0)
        # Nothing of the company uses the old type any more.
        self.assertFalse(wizard._indicators() or wizard._records())

    def test_n2_one_template_only(self):
        burnt = self.add(self.plant, "NG.CONS", source="entered")
        sold = self.add(self.plant, "NG.SOLD", source="entered")
        use = self.env["energy.node.use"].create({"node_id": self.plant.id, "energy_type_id": self.gas.id})
        self.replace(template_id=sold.template_id.id)
        self.assertEqual(sold.energy_type_id, self.biogas)
        self.assertEqual(burnt.energy_type_id | use.energy_type_id, self.gas)

    def test_n2_existing_uses_are_not_doubled(self):
        uses = self.env["energy.node.use"].create(
            [
                {"node_id": self.plant.id, "energy_type_id": one.id, "role": role}
                for one, role in ((self.gas, "used"), (self.gas, "purchased"), (self.biogas, "used"))
            ]
        )
        self.replace()
        self.assertEqual(len(uses.exists()), 2)
        self.assertEqual(uses.exists().energy_type_id, self.biogas)

    def test_n2_refusals(self):
        for values, message in (
            ({"new_type_id": self.type("DI").id}, r"kept in m³, Diesel in kg"),
            ({"new_type_id": self.gas.id}, "cannot replace itself"),
            ({"template_id": self.env.ref("energy_carbon.template_el_fwd").id}, "is not about Natural gas"),
        ):
            with self.assertRaisesRegex(UserError, message):
                self.replace(**values)
        self.biogas.gas_reference = "t0"
        with self.assertRaisesRegex(UserError, "different conditions"):
            self.replace()
        clerk = new_test_user(
            self.env, "replace_clerk", groups="energy_carbon.group_clerk", company_id=self.company.id,
            company_ids=[(6, 0, self.company.ids)],
        )  # fmt: skip
        with self.assertRaises(AccessError):
            self.replace(user=clerk)

    def test_n2_other_companies_keep_their_type(self):
        other = self.env["res.company"].create({"name": "Other Works"})
        plant = self.env["energy.node"].create({"name": "P", "kind": "unit", "unit_type": "plant", "company_id": other.id})
        theirs = self.env["energy.indicator"].create(
            {"node_id": plant.id, "template_id": self.env.ref("energy_carbon.template_ng_cons").id, "source": "entered"}
        )
        self.replace()
        self.assertEqual(theirs.energy_type_id, self.gas)
