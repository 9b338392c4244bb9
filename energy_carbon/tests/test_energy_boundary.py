"""What crosses the plant's boundary: generation, storage, sale and resale (Example V)."""

from datetime import date

from odoo.tests import tagged

from .build_case import BuildCase

DAY = date(2026, 7, 15)
COAL = 0.1229


@tagged("post_install", "-at_install")
class TestEnergyBoundary(BuildCase):
    def typed(self, node, code, amount, **values):
        indicator = self.add(node, code, source="entered", **values)
        self.enter(indicator, DAY, amount)
        return indicator

    def use(self, node, code, role):
        return self.env["energy.node.use"].create(
            {"node_id": node.id, "energy_type_id": self.type(code).id, "role": role}
        )

    def value(self, indicator):
        return self.row(indicator, DAY)["value"]

    def test_example_v_own_pv(self):
        """Import 500 000, PV 120 000, export 20 000, with the uses stated and storage beside it."""
        self.use(self.plant, "EL", "purchased")
        self.use(self.node("PV roof", "unit", self.plant, unit_type="process"), "EL", "made")
        bought = self.typed(self.plant, "EL.BUY", 500_000.0)
        made = self.typed(self.plant, "EL.GEN", 120_000.0)
        sold = self.typed(self.plant, "EL.SOLD", 20_000.0)
        consumption = self.formula(self.add(self.plant, "EL.CONS"), bought, made, (sold, -1.0))
        total, carbon, market = (self.add(self.plant, code) for code in ("T.TCE", "T.CO2L", "T.CO2M"))
        self.formula(total, bought, made, sold)
        self.formula(carbon, bought, made, sold)
        self.formula(market, bought, made, sold)
        self.compute()
        self.assert_near(self.value(consumption), 600_000.0)
        self.assert_near(self.value(total), 600_000 * COAL)
        # PV carries no carbon and export is never deducted.
        self.assert_near(self.value(carbon), self.row(bought, DAY)["carbon"])
        self.assertGreater(self.value(carbon), 0)
        self.assert_near(self.value(market), self.row(bought, DAY)["carbon_market"])

    def test_example_v_storage_is_neutral(self):
        """What storage takes and gives back is inside the plant; its loss stays in what was bought."""
        bought = self.typed(self.plant, "EL.BUY", 500_000.0)
        total = self.formula(self.add(self.plant, "T.TCE"), bought)
        self.compute()
        self.assert_near(self.value(total), 500_000 * COAL)
        storage = self.node("Storage", "unit", self.plant, unit_type="process")
        meter = self.node("M storage", "meter", storage, energy_type_id=self.type("EL").id)
        charged = self.typed(meter, "ES.CHG", 10_000.0)
        discharged = self.typed(meter, "ES.DIS", 9_000.0)
        self.formula(total, bought, charged, discharged)
        workshop = self.typed(self.node("W1", "unit", self.plant), "EL.CONS", 499_000.0)
        # 500 000 bought, 10 000 into storage and 9 000 out of it again: 499 000 used, 1 000 lost in storage.
        lost = self.formula(self.add(self.plant, "EL.LOSS"), bought, (charged, -1.0), discharged, (workshop, -1.0))
        self.compute()
        self.assert_near(self.value(total), 500_000 * COAL)
        self.assert_near(self.value(lost), 0.0)

    def test_resale_is_deducted_only_across_the_boundary(self):
        bought = self.typed(self.plant, "EL.BUY", 500_000.0)
        outside = self.typed(self.plant, "EL.SOLD", 20_000.0)
        tenant = self.node("Tenant", "unit", self.plant, unit_type="tenant")
        inside = self.typed(tenant, "EL.SOLD", 30_000.0)
        total = self.formula(self.add(self.plant, "T.TCE"), bought, outside, inside)
        self.compute()
        self.assert_near(self.value(total), 480_000 * COAL)
        lines = self.env["energy.indicator"].explain(total.id, "2026-07-15", "2026-07-15")["lines"]
        self.assertIn("Does not cross the boundary", [line["note"] for line in lines])
        tenant.unit_type = "workshop"
        self.compute()
        self.assert_near(self.value(total), 450_000 * COAL)

    def test_own_steam_never_adds_but_what_is_sold_leaves(self):
        boiler = self.node("Boiler house", "unit", self.plant, unit_type="service")
        self.use(boiler, "ST", "made")
        gas = self.typed(boiler, "NG.CONS", 80_000.0)
        made = self.typed(boiler, "ST.GEN", 2_500.0)
        used = self.typed(self.node("W1", "unit", self.plant), "ST.CONS", 2_000.0)
        sold = self.typed(self.plant, "ST.SOLD", 400.0)
        total = self.formula(self.add(self.plant, "T.TCE"), gas, made, used, sold)
        self.compute()
        self.assert_near(self.value(total), 97_144.0 - 400 * 34.12)
        self.assertIsNone(self.row(used, DAY)["coal"])

    def test_own_air_is_neither_energy_nor_a_purchased_medium(self):
        station = self.node("Air station", "unit", self.plant, unit_type="service")
        self.use(station, "CA", "made")
        power = self.typed(station, "EL.CONS", 72_000.0)
        sources = [power, self.typed(station, "CA.GEN", 800_000.0), self.typed(self.plant, "CA.SOLD", 1_000.0)]
        sources.append(self.typed(self.node("W1", "unit", self.plant), "CA.CONS", 799_000.0))
        sources.append(self.typed(self.plant, "WT.CONS", 12_000.0))
        total = self.formula(self.add(self.plant, "T.TCE"), *sources)
        media = self.formula(self.add(self.plant, "T.MED"), *sources)
        self.compute()
        self.assert_near(self.value(total), 72_000 * COAL)
        self.assert_near(self.value(media), 3_085.2)

    def test_a_tenant_inside_living_quarters_is_taken_off_once(self):
        """Of 500 kWh the dormitory has 100, of which the shop in it has 40; a tenant elsewhere has 30."""
        dormitory = self.node("Dormitory", "unit", self.plant, unit_type="living")
        shop = self.node("Shop", "unit", dormitory, unit_type="tenant")
        tenant = self.node("Tenant", "unit", self.node("W1", "unit", self.plant), unit_type="tenant")
        self.typed(self.plant, "EL.CONS", 500.0)
        self.typed(shop, "EL.CONS", 40.0)
        self.typed(tenant, "EL.CONS", 30.0)
        self.add(shop, "T.TCE")
        indicators = self.env["energy.indicator"].with_user(self.manager)
        template = self.env["energy.indicator.template"].search([("code", "=", "T.NBS")])
        statistics = indicators.browse(indicators.picker_add(self.plant.id, template.ids))
        # As the dormitory gets its figures: none, only an amount, its own total.
        for code, living in ((None, 40), ("EL.CONS", 100), ("T.TCE", 100)):
            if code == "EL.CONS":
                self.typed(dormitory, code, 100.0)
            elif code:
                self.add(dormitory, code)
            statistics.action_default_formula()
            self.assertFalse(statistics.double_count_warning)
            self.compute()
            self.assert_near(self.value(statistics), (500 - living - 30) * COAL)
