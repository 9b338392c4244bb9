"""Services and transformation of Example P (P-2, P-3), through the models."""

from datetime import date

from odoo.exceptions import AccessError, UserError
from odoo.tests import new_test_user, tagged

from .example_p import JULY, JULY_END, ExampleP
from .plant import PlantCase


class TransformationCase(PlantCase):
    def user(self, login, role, node=None):
        user = new_test_user(
            self.env, login, groups=f"energy_carbon.group_{role}", company_id=self.company.id,
            company_ids=[(6, 0, self.company.ids)],
        )  # fmt: skip
        if node:
            user.energy_node_ids = node
        return user

    def report(self, plant=None, measure="coal", first=JULY, last=JULY_END, user=None):
        model = self.env["energy.transformation"]
        if user:
            model = model.with_user(user)
        return model.report((plant or self.plant).id, str(first), str(last), measure)

    def service(self, report, name):
        return next(one for one in report["services"] if one["name"] == name)

    def own_coefficient(self, report, name):
        return self.service(report, name)["products"][0]["own_coefficient"]

    def figures(self, report, key):
        return {row["name"]: row[key] for row in report["units"]}


LOSS = "Loss, not metered at any unit"


@tagged("post_install", "-at_install")
class TestEnergyTransformation(TransformationCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.example = ExampleP(cls)
        cls.example.total("", "T.TCE")
        cls.compute()

    def test_p2_boiler_house(self):
        report = self.report()
        boiler, station = self.service(report, "Boiler house"), self.service(report, "Air station")
        steam, air = boiler["products"][0], station["products"][0]
        self.assert_near(boiler["fuel"], 97_144.0)
        self.assert_near(boiler["auxiliary"], 3_687.0)
        self.assert_near(steam["output"], 85_300.0)
        self.assert_near(steam["conversion_loss"], 11_844.0)
        self.assertEqual(round(steam["efficiency"], 2), 87.81)
        self.assert_near(steam["network_loss"], 50.0)
        self.assert_near(steam["network_loss_value"], 1_706.0)
        self.assert_near(steam["own_coefficient"], 100_831 / 2_450)
        self.assertEqual(round(steam["own_coefficient"], 4), 41.1555)
        self.assert_near(boiler["at_source"], 3_687 + 11_844 + 1_706)
        self.assert_near(station["fuel"], 72_000 * 0.1229)
        self.assert_near(air["own_coefficient"], 72_000 * 0.1229 / 800_000)
        self.assertEqual(round(air["own_coefficient"], 6), 0.011061)
        self.assert_near(air["source_coefficient"], air["own_coefficient"])  # 0.0400 is for purchased air
        self.assertIsNone(air["efficiency"])

    def test_p2_loss_at_source(self):
        report = self.report()
        expected = {
            "W1": 85_985.28, "W2": 52_957.52, "Office": 8_067.60, "Dormitory": 2_212.20, "Tenant": 1_474.80,
            LOSS: 2_949.60, "Boiler house": 17_237.00, "Air station": 0.0,
        }  # fmt: skip
        shown = self.figures(report, "at_source")
        self.assertEqual(set(shown), set(expected))
        for name, value in expected.items():
            self.assert_near(shown[name], value)
        self.assert_near(report["totals"]["at_source"], 170_884.0)

    def test_p2_passed_on(self):
        report = self.report()
        expected = {
            "W1": 96_538.545, "W2": 58_585.928, "Office": 9_122.927, "Dormitory": 2_212.20, "Tenant": 1_474.80,
            LOSS: 2_949.60, "Boiler house": 0.0, "Air station": 0.0,
        }  # fmt: skip
        shown = self.figures(report, "passed_on")
        for name, value in expected.items():
            self.assertAlmostEqual(shown[name], value, places=3)
        self.assert_near(report["totals"]["passed_on"], 170_884.0)
        self.assert_near(report["plant_total"]["value"], 170_884.0)

    def test_p3_products_passed_on_and_with_common_use(self):
        report = self.report()
        products = {line["name"]: line for line in report["products"]}
        self.assertEqual(round(products["P3"]["passed_on"], 4), 23.4344)
        self.assertEqual(round(products["P3"]["with_common"], 4), 25.2581)
        self.assert_near(report["totals"]["with_common"], 170_884.0)
        common = self.figures(report, "with_common")
        self.assert_near(common["Office"], 0.0)
        self.assert_near(common["Dormitory"], 2_212.20)
        self.assert_near(common["Tenant"], 1_474.80)
        # W1 is not split between P1 and P2.
        self.assertIsNone(products["P1"]["passed_on"])
        self.assertIn("several products", products["P1"]["note"])

    def test_p3_ratios_of_sums_over_any_period(self):
        """Half of July's figures were typed for the whole month: the coefficients of ten days are the month's."""
        part = self.report(last=date(2026, 7, 10))
        self.assertEqual(round(self.own_coefficient(part, "Boiler house"), 4), 41.1555)
        self.assert_near(part["totals"]["passed_on"], 170_884.0 * 10 / 31)
        # Another steam figure on one day changes that day's weight, not a mean of daily coefficients.
        self.enter(self.example.typed["W1", "ST.CONS"], JULY, 548.387096774194)
        self.compute()
        report = self.report()
        delivered = 2_450 - 1500 / 31 + 548.387096774194
        self.assert_near(self.own_coefficient(report, "Boiler house"), 100_831 / delivered)

    def test_p2_other_measures_add_up(self):
        """Carbon, market-based carbon and equivalent coal at every unit, both presentations; cost where prices are."""
        self.price("EL", 0.7)
        self.compute()
        for measure in ("coal_equivalent", "carbon", "carbon_market"):
            report = self.report(measure=measure)
            whole = sum(self.figures(report, "direct").values())
            self.assertGreater(whole, 0)
            for key in ("at_source", "passed_on", "with_common"):
                self.assert_near(sum(self.figures(report, key).values()), whole)
        carbon = self.service(self.report(measure="carbon"), "Boiler house")
        gas = 80_000 * 273.15 / 293.15 * 389.31e-4 * 0.0153 * 0.99 * 44 / 12 * 1000
        self.assert_near(carbon["fuel"], gas, 1e-6)
        # The fuel's carbon is charged with the fuel's energy that is in the steam; the rest is loss.
        self.assert_near(carbon["products"][0]["output"], gas * 85_300 / 97_144, 1e-6)
        cost = self.report(measure="cost")
        shown = self.figures(cost, "passed_on")
        self.assertIsNone(shown["W1"])  # the gas has no price: no price, never 0
        self.assert_near(shown["Dormitory"], 18_000 * 0.7)
        self.price("NG", 3.0)
        self.compute()
        cost = self.report(measure="cost")
        self.assert_near(cost["totals"]["passed_on"], 600_000 * 0.7 + 240_000)
        self.assert_near(cost["totals"]["at_source"], 600_000 * 0.7 + 240_000)

    def test_nested_service_and_steam_driven_station(self):
        """The air station hangs under W1, uses steam, and heats the boiler's burner air: all is still counted once."""
        station = self.example.units["Air station"]
        station.with_context(energy_move_date=JULY).parent_id = self.example.units["W1"]
        self.enter(self.add(station, "ST.CONS", source="entered"), JULY, 100.0, JULY_END)
        self.enter(self.add(self.example.units["Boiler house"], "CA.CONS", source="entered"), JULY, 80_000.0, JULY_END)
        # The meter of W1 feeds the station, too.
        self.env["energy.entry"].search([("indicator_id", "=", self.example.power["W1"].id)]).write(
            {"value": 312_000.0, "reason": "Station behind this meter"}
        )
        self.compute()
        report = self.report()
        direct = self.figures(report, "direct")
        self.assert_near(direct["W1"], 240_000 * 0.1229)
        self.assert_near(direct["Air station"], 72_000 * 0.1229)
        self.assert_near(report["totals"]["passed_on"], 170_884.0)
        self.assert_near(report["totals"]["at_source"], 170_884.0)
        steam, air = (self.own_coefficient(report, name) for name in ("Boiler house", "Air station"))
        # The 100 GJ of the station are in the 1 500 GJ of W1, where it hangs.
        self.assert_near(steam * 2_450, 100_831 + 80_000 * air)
        self.assert_near(air * 880_000, 72_000 * 0.1229 + 100 * steam)

    def test_sold_steam_and_missing_output(self):
        self.enter(self.add(self.plant, "ST.SOLD", source="entered"), JULY, 40.0, JULY_END)
        self.example.typed["Boiler house", "ST.GEN"].active = False
        self.compute()
        report = self.report()
        self.assert_near(self.figures(report, "at_source")["Sold to others"], 40 * 34.12)
        self.assert_near(report["totals"]["passed_on"], 170_884.0)
        boiler = self.service(report, "Boiler house")["products"][0]
        self.assertIsNone(boiler["efficiency"])
        self.assertIn("losses of the network count as losses of conversion", report["notes"][0])
        # A meter of what goes out says it as well.
        meter = self.node("M steam", "meter", self.example.units["Boiler house"], energy_type_id=self.type("ST").id)
        heat = self.add(meter, "ST.HEAT", source="entered", flow="transformation_out")
        self.enter(heat, JULY, 2_500.0, JULY_END)
        self.compute()
        boiler = self.service(self.report(), "Boiler house")["products"][0]
        self.assertEqual(round(boiler["efficiency"], 2), 87.81)

    def test_bought_and_own_steam_in_one_network(self):
        """A tenth of the steam is bought: one own coefficient, and the sums are the plant's total again."""
        self.example.plant.use_ids.create(
            {"node_id": self.plant.id, "energy_type_id": self.type("ST").id, "role": "purchased"}
        )
        bought = self.add(self.plant, "ST.BUY", source="entered")
        self.enter(bought, JULY, 250.0, JULY_END)
        total = self.example.total("", "T.TCE")
        self.env["energy.indicator.term"].create({"indicator_id": total.id, "source_id": bought.id})
        self.compute()
        report = self.report()
        whole = 170_884 + 250 * 34.12
        self.assert_near(report["plant_total"]["value"], whole)
        for key in ("at_source", "passed_on", "with_common"):
            self.assert_near(report["totals"][key], whole)
        self.assert_near(self.own_coefficient(report, "Boiler house"), (100_831 + 250 * 34.12) / 2_450)
        self.assert_near(self.figures(report, "passed_on")["Bought for the same network"], 0.0)

    def test_units_stand_where_they_stood(self):
        """A station that moved to another plant in August is still Plant A's in July; who may not go there reads no name."""
        before = self.report()
        viewer = self.user("transformation_past", "viewer", self.plant)
        other = self.node("Plant B", "unit", unit_type="plant")
        self.example.units["Tenant"].with_context(energy_move_date=date(2026, 8, 1)).parent_id = other
        self.compute()
        after = self.report()
        after, before = (self.figures(report, "passed_on") for report in (after, before))
        self.assertEqual(set(after), set(before))
        for name, value in before.items():
            self.assert_near(after[name], value)
        shown = self.figures(self.report(user=viewer), "passed_on")
        self.assertNotIn("Tenant", shown)
        self.assert_near(shown["other units"], 1_474.80)

    def test_explain_shows_the_own_coefficient_and_its_inputs(self):
        steam = self.example.typed["W1", "ST.CONS"]
        period = (steam.id, "2026-07-01", "2026-07-31")
        answer = self.env["energy.indicator"].explain(*period, "coal")
        self.assert_near(answer["value"], 1_500 * 100_831 / 2_450)
        line = answer["factors"][-1]
        self.assert_near(line["value"], 100_831 / 2_450)
        self.assertIn("100,831.00 kgce into Boiler house / 2,450.00 GJ delivered", line["document"])
        inputs = {line["label"]: line["value"] for line in answer["lines"]}
        self.assert_near(inputs["Natural gas consumption"], 97_144.0)
        self.assert_near(inputs["Electricity consumption"], 3_687.0)
        # The amount keeps its figure and shows every coefficient; a clerk of W1 learns no name and no cost.
        clerk = self.user("transformation_explain", "clerk", self.example.units["W1"])
        answer = self.env["energy.indicator"].with_user(clerk).explain(*period)
        self.assert_near(answer["value"], 1_500.0)
        measures = [line["measure"] for line in answer["factors"]]
        self.assertIn("carbon", measures)
        self.assertNotIn("cost", measures)
        self.assertNotIn("Boiler house", str(answer))
        coal = self.env["energy.indicator"].with_user(clerk).explain(*period, "coal")
        self.assertNotIn("Boiler house", str(coal))
        self.assertEqual({line["label"] for line in coal["lines"]}, {"other units"})

    def test_walls_and_rights(self):
        clerk = self.user("transformation_clerk", "clerk", self.example.units["W1"])
        with self.assertRaises(AccessError):
            self.report(user=clerk)
        self.assertFalse(self.env["energy.transformation"].with_user(clerk).plants())
        viewer = self.user("transformation_viewer", "viewer", self.plant)
        self.assert_near(self.report(user=viewer)["totals"]["passed_on"], 170_884.0)
        with self.assertRaises(AccessError):
            self.report(user=viewer, measure="cost")
        self.assertNotIn("cost", [one["id"] for one in self.env["energy.transformation"].with_user(viewer).measures()])
        accountant = self.user("transformation_accountant", "accountant", self.plant)
        self.report(user=accountant, measure="cost")
        stranger = new_test_user(self.env, "transformation_stranger", groups="base.group_user")
        with self.assertRaises(AccessError):
            self.report(user=stranger)

    def test_bad_input(self):
        for values in ({"first": JULY_END, "last": JULY}, {"measure": "amount"}, {"plant": self.example.main_meter}):
            with self.assertRaises(UserError):
                self.report(**values)

    def test_a_plant_without_services_or_values(self):
        empty = self.node("Plant B", "unit", unit_type="plant")
        self.node("W", "unit", empty)
        report = self.report(empty)
        self.assertEqual(report["services"], [])
        self.assertEqual(report["totals"]["passed_on"], 0.0)


@tagged("post_install", "-at_install")
class TestTransformationWithPv(TransformationCase):
    def test_example_v_carbon_of_the_mix(self):
        """Own PV is everybody's: the units' carbon adds up to that of what was bought."""
        bought = self.add(self.plant, "EL.BUY", source="entered")
        made = self.add(self.plant, "EL.GEN", source="entered")
        sold = self.add(self.plant, "EL.SOLD", source="entered")
        for indicator, amount in ((bought, 500_000.0), (made, 120_000.0), (sold, 20_000.0)):
            self.enter(indicator, JULY, amount)
        self.formula(self.add(self.plant, "EL.CONS"), bought, made, (sold, -1.0))
        for name, amount in (("W1", 400_000.0), ("W2", 170_000.0)):
            self.enter(self.add(self.node(name, "unit", self.plant), "EL.CONS", source="entered"), JULY, amount)
        self.compute()
        report = self.report(measure="carbon")
        carbon = self.row(bought, JULY)["carbon"]
        self.assert_near(report["totals"]["passed_on"], carbon)
        direct = self.figures(report, "direct")
        self.assert_near(direct["W1"], carbon * 400 / 600)
        self.assert_near(direct[LOSS], carbon * 30 / 600)
