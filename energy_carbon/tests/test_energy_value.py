"""Rule 7 in lists, pivots and graphs: what must not be added is never added."""

from datetime import date

from odoo.tests import tagged

from .plant import PlantCase

DAYS = [date(2026, 7, 1), date(2026, 7, 2)]


@tagged("post_install", "-at_install")
class TestEnergyValue(PlantCase):
    """Two workshops with power and gas, and a plant above them."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.units = [cls.node(name, "unit", cls.plant, unit_type="workshop") for name in ("W1", "W2")]
        for unit in cls.units:
            for code in ("EL.CONS", "NG.CONS"):
                indicator = cls.add(unit, code, source="entered")
                for day in DAYS:
                    cls.enter(indicator, day, 100.0)
        cls.power = cls.add(cls.plant, "EL.CONS")
        cls.gas = cls.add(cls.plant, "NG.CONS")
        cls.compute()

    def _total(self, domain, model="energy.value"):
        domain = [("company_id", "=", self.company.id), *domain]
        return self.env[model]._read_group(domain, [], ["value:sum"])[0][0]

    def test_no_sum_over_kwh_and_m3(self):
        level = [("depth", "=", 2)]
        self.assertFalse(self._total(level))
        self.assertEqual(self._total([*level, ("template_id.code", "=", "EL.CONS")]), 400.0)
        self.assertFalse(self._total(level, "energy.value.month"))

    def test_no_sum_over_parent_and_child(self):
        power = [("template_id.code", "=", "EL.CONS")]
        self.assertFalse(self._total(power))
        self.assertEqual(self._total([*power, ("depth", "=", 1)]), 400.0)

    def test_no_sum_over_main_and_sub_meter(self):
        main = self.node("Main", "meter", self.plant, energy_type_id=self.type("EL").id)
        sub = self.node("Sub", "meter", self.plant, energy_type_id=self.type("EL").id, main_meter_id=main.id)
        for meter in (main, sub):
            self.enter(self.add(meter, "EL.FWD"), DAYS[0], 50.0)
        self.compute()
        self.assertFalse(self._total([("template_id.code", "=", "EL.FWD")]))

    def test_pivot_and_its_grand_total(self):
        groups = self.env["energy.value"].formatted_read_group(
            [("company_id", "=", self.company.id), ("depth", "=", 2)], ["energy_type_id"], ["value:sum"]
        )
        self.assertEqual([group["value:sum"] for group in groups], [400.0, 400.0])
        sets = self.env["energy.value"].formatted_read_grouping_sets(
            [("company_id", "=", self.company.id), ("depth", "=", 2)], [[], ["node_id"]], ["value:sum"]
        )
        self.assertFalse(sets[0][0]["value:sum"], "the grand total mixes kWh and m3")
        self.assertFalse([group["value:sum"] for group in sets[1] if group["value:sum"]])

    def test_companions_follow_the_same_rule(self):
        coal = self.env["energy.value"]._read_group(
            [("company_id", "=", self.company.id), ("template_id.code", "=", "EL.CONS"), ("depth", "=", 2)],
            [],
            ["coal:sum"],
        )
        self.assert_near(coal[0][0], 400 * 0.1229)
        mixed = self.env["energy.value"]._read_group([("company_id", "=", self.company.id)], [], ["coal:sum"])
        self.assertFalse(mixed[0][0])

    def test_gauges_and_ratios(self):
        meter = self.node("M", "meter", self.plant, energy_type_id=self.type("EL").id)
        power = self.add(meter, "EL.P")
        self.read_at(power, *[(1782835200 + hour * 3600, 10.0 + hour) for hour in range(24)])
        self.compute()
        mean = self.env["energy.value"]._read_group([("indicator_id", "=", power.id)], [], ["value:sum"])
        days = [row["value"] for row in (self.row(power, day) for day in DAYS) if row and row["value"] is not None]
        self.assertTrue(days)
        self.assert_near(mean[0][0], sum(days) / len(days))
