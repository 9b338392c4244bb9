"""Measured heating values of batches: coal and carbon follow; precedence of factors; physical factors (G1)."""

from datetime import date

from odoo.exceptions import ValidationError
from odoo.tests import Form, new_test_user, tagged

from .plant import PlantCase

DAY = date(2026, 7, 15)
JULY, JULY_END = date(2026, 7, 1), date(2026, 7, 31)


@tagged("post_install", "-at_install")
class TestEnergyFuelBatch(PlantCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.coal = cls.type("CO")
        cls.burnt = cls.add(cls.plant, "CO.CONS", source="entered")

    def batch(self, **values):
        return self.env["energy.fuel.batch"].create(
            {
                "name": "Delivery 17",
                "energy_type_id": self.coal.id,
                "node_id": self.plant.id,
                "date_from": date(2026, 7, 10),
                "date_to": date(2026, 7, 20),
                "ncv": 22.0,
                "document": "Laboratory report 17",
                **values,
            }
        )

    def factor(self, value, day=date(2020, 1, 1), **values):
        return self.env["energy.factor"].create(
            {
                "energy_type_id": self.coal.id,
                "kind": "coal_calorific",
                "value": value,
                "uom_id": self.env.ref("uom.product_uom_kgm").id,
                "date_from": day,
                "document": "Test",
                "company_id": self.company.id,
                **values,
            }
        )

    def test_coal_and_carbon_follow_the_analysis(self):
        for day in (9, 10, 20, 21):
            self.enter(self.burnt, date(2026, 7, day), 100.0)
        self.compute()
        usual = self.row(self.burnt, date(2026, 7, 9))
        self.assert_near(usual["coal"], 71_430.0)
        batch = self.batch()
        self.compute()
        for day in (10, 20):
            row = self.row(self.burnt, date(2026, 7, day))
            self.assert_near(row["coal"], 100 * 22_000 / 29.3076)
            self.assert_near(row["coal_equivalent"], row["coal"])
            # Carbon content and oxidation were not measured: those of the usual factor with the measured heating value.
            self.assert_near(row["carbon"], 100_000 * 22.0 * 0.02618 * 0.93 * 44 / 12)
        for day in (9, 21):
            row = self.row(self.burnt, date(2026, 7, day))
            self.assert_near(row["coal"], usual["coal"])
            self.assert_near(row["carbon"], usual["carbon"])
        batch.carbon_content = 0.0262
        batch.date_to = date(2026, 7, 15)
        self.compute()
        self.assert_near(
            self.row(self.burnt, date(2026, 7, 10))["carbon"], 100_000 * 22.0 * 0.0262 * 0.93 * 44 / 12
        )
        self.assert_near(self.row(self.burnt, date(2026, 7, 20))["coal"], usual["coal"])
        batch.unlink()
        self.compute()
        self.assert_near(self.row(self.burnt, date(2026, 7, 10))["carbon"], usual["carbon"])

    def test_precedence_is_complete(self):
        """batch > plant > company > province > country > standard: each next level is added and wins."""
        self.enter(self.burnt, DAY, 1.0)
        country = self.env.ref("energy_carbon.region_cn")
        province = self.env.ref("energy_carbon.region_cn_js")
        self.plant.region_id = province
        levels = [
            ("standard", None),
            ("country", {"company_id": False, "region_id": country.id}),
            ("grid", {"company_id": False, "region_id": province.parent_id.id}),
            ("province", {"company_id": False, "region_id": province.id}),
            ("company", {}),
            ("plant", {"node_id": self.plant.id}),
            ("batch", None),
        ]
        expected = 714.3
        for at, (level, values) in enumerate(levels):
            if level == "batch":
                self.assertEqual(set(self.batch().factor_ids.mapped("level")), {"batch"})
                expected = 22_000 / 29.3076
            elif values is not None:
                factor = self.factor(0.1 * at, **values)
                self.assertEqual(factor.level, level)
                expected = 100.0 * at
            self.compute()
            self.assert_near(self.row(self.burnt, DAY)["coal"], expected)

    def test_explain_names_the_batch(self):
        self.enter(self.burnt, DAY, 1.0)
        self.batch()
        self.compute()
        lines = self.env["energy.indicator"].explain(self.burnt.id, "2026-07-15", "2026-07-15", "coal")["factors"]
        self.assertEqual([(line["document"], line["level"]) for line in lines], [("Laboratory report 17", "Batch")])

    def test_bad_input(self):
        for values, message in (
            ({"ncv": 0.0}, "must be greater than zero"),
            ({"ncv": 22_000.0}, "more than any fuel has"),
            ({"document": " "}, "no analysis report"),
            ({"oxidation": 93.0}, "0.93"),
            ({"energy_type_id": self.type("EL").id}, "not burnt"),
        ):
            with self.assertRaisesRegex(ValidationError, message), self.env.cr.savepoint():
                self.batch(**values)
        self.batch()
        with self.assertRaisesRegex(ValidationError, "Delivery 18 is burnt on days on which Delivery 17"):
            self.batch(name="Delivery 18", date_from=date(2026, 7, 20), date_to=date(2026, 7, 25))
        factor = self.env["energy.factor"].search([("batch_id.name", "=", "Delivery 17")], limit=1)
        with self.assertRaisesRegex(ValidationError, "belongs to the fuel batch Delivery 17"):
            factor.value = 1.0

    def test_form_and_rights(self):
        manager, viewer = (
            new_test_user(
                self.env, f"batch_{role}", groups=f"energy_carbon.group_{role}", company_id=self.company.id,
                company_ids=[(6, 0, self.company.ids)],
            )
            for role in ("manager", "viewer")
        )  # fmt: skip
        self.assertIn(self.plant, manager.energy_node_ids)
        with Form(self.env["energy.fuel.batch"].with_user(manager)) as form:
            form.name, form.energy_type_id, form.node_id = "Delivery 19", self.coal, self.plant
            form.date_from, form.date_to, form.ncv, form.document = JULY, JULY_END, 21.0, "Report 19"
            self.assertAlmostEqual(form.carbon_content, 0.02618)
        self.assertEqual(len(form.record.factor_ids), 2)
        self.assertFalse(self.env["energy.fuel.batch"].with_user(viewer).search([]))


@tagged("post_install", "-at_install")
class TestPhysicalFactors(PlantCase):
    """G1: what is bought by volume or mass becomes what the factors are given per."""

    def physical(self, type_code, uom, target, **values):
        return self.env["energy.factor"].create(
            {
                "energy_type_id": self.type(type_code).id,
                "kind": "physical",
                "uom_id": self.env.ref(uom).id,
                "target_uom_id": self.env.ref(target).id,
                "date_from": date(2020, 1, 1),
                "document": "Supply contract",
                "company_id": self.company.id,
                **values,
            }
        )

    def bought(self, code, uom, amount, **values):
        template = self.env["energy.indicator.template"].search([("code", "=", code)]).copy(
            {"code": f"X.{code}", "uom_id": self.env.ref(uom).id, "locked": False}
        )
        indicator = self.env["energy.indicator"].create(
            {"node_id": self.plant.id, "template_id": template.id, "source": "entered", **values}
        )
        self.enter(indicator, DAY, amount)
        return indicator

    def test_g1_gas_at_20_degrees(self):
        gas = self.add(self.plant, "NG.CONS", source="entered")
        self.enter(gas, DAY, 80_000.0)
        self.compute()
        row = self.row(gas, DAY)
        self.assert_near(row["coal"], 97_144.0)  # the coal factor refers to 20 °C, too
        self.assert_near(row["carbon"] / 1000, 161.1740, 1e-6)
        self.assert_near(row["carbon"] / 1000, 80_000 * 273.15 / 293.15 * 389.31e-4 * 0.0153 * 0.99 * 44 / 12)

    def test_g1_steam_by_typed_enthalpy(self):
        factor = self.physical(
            "ST", "uom.product_uom_ton", "energy_carbon.uom_gj", steam_enthalpy=2768.4, feed_water_enthalpy=83.74
        )
        self.assert_near(factor.value, 2.68466)
        steam = self.bought("ST.CONS", "uom.product_uom_ton", 1000.0)
        self.compute()
        self.assert_near(self.row(steam, DAY)["coal"] / 1000, 91.6005992)
        self.assert_near(self.row(steam, DAY)["carbon"], 2684.66 * 110)

    def test_g1_steam_by_pressure_and_temperature(self):
        with Form(self.env["energy.factor"].with_context(default_kind="physical")) as form:
            form.energy_type_id = self.type("ST")
            form.uom_id, form.target_uom_id = self.env.ref("uom.product_uom_ton"), self.env.ref("energy_carbon.uom_gj")
            form.document, form.date_from = "Supply contract", date(2020, 1, 1)
            form.steam_pressure = 0.8
            self.assertAlmostEqual(form.steam_enthalpy, 2768.3, delta=0.2)
            self.assertIn("170.4", form.saturation_note)
            form.steam_temperature, form.feed_water_temperature = 250.0, 20.0
            self.assertAlmostEqual(form.feed_water_enthalpy, 84.0, delta=0.2)
        self.assertAlmostEqual(form.record.value, 2.95038 - 0.08401, delta=2e-4)
        steam = self.bought("ST.CONS", "uom.product_uom_ton", 1000.0)
        self.compute()
        self.assert_near(self.row(steam, DAY)["coal"], 1000 * form.record.value * 34.12)

    def test_g1_litres_of_diesel_by_dated_density(self):
        diesel = self.bought("DI.CONS", "uom.product_uom_litre", 1000.0)
        self.compute()
        self.assert_near(self.row(diesel, DAY)["coal"], 840 * 1.4571)
        self.physical("DI", "uom.product_uom_litre", "uom.product_uom_kgm", value=0.83, date_from=DAY)
        self.enter(diesel, date(2026, 7, 14), 1000.0)
        self.compute()
        self.assert_near(self.row(diesel, DAY)["coal"], 830 * 1.4571)
        self.assert_near(self.row(diesel, date(2026, 7, 14))["coal"], 840 * 1.4571)
        # A newer standard figure never displaces the company's own.
        self.physical("DI", "uom.product_uom_litre", "uom.product_uom_kgm", value=0.86, date_from=DAY, company_id=False)
        self.compute()
        self.assert_near(self.row(diesel, DAY)["coal"], 830 * 1.4571)

    def test_bad_steam(self):
        units = ("ST", "uom.product_uom_ton", "energy_carbon.uom_gj")
        for values, message in (
            ({"steam_pressure": 0.8, "steam_temperature": 120.0}, "no steam at 0.8 MPa absolute and 120 °C"),
            ({"steam_temperature": 200.0, "steam_enthalpy": 2800.0}, "needs its pressure"),
            ({"steam_enthalpy": 2768.4, "feed_water_enthalpy": 2800.0}, "below that of the steam"),
        ):
            with self.assertRaisesRegex(ValidationError, message), self.env.cr.savepoint():
                self.physical(*units, **values)
