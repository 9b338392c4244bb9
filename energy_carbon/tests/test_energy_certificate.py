"""Scope 2, location- and market-based side by side; certificates."""

from datetime import date

from odoo.exceptions import ValidationError
from odoo.tests import new_test_user, tagged

from .plant import PlantCase

DAY = date(2023, 6, 1)
FIRST, LAST = date(2023, 1, 1), date(2023, 12, 31)


@tagged("post_install", "-at_install")
class TestEnergyCertificate(PlantCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.plant.region_id = cls.env.ref("energy_carbon.region_cn")
        cls.workshop = cls.node("W1", "unit", cls.plant)
        cls.used = cls.add(cls.workshop, "EL.CONS", source="entered")
        cls.whole = cls.add(cls.plant, "EL.CONS")
        cls.totals = {
            (node, code): cls.add(node, code) for node in (cls.workshop, cls.plant) for code in ("T.CO2L", "T.CO2M")
        }

    def certificate(self, **values):
        return self.env["energy.certificate"].create(
            {
                "name": "GEC 2023-1",
                "node_id": self.plant.id,
                "date_from": FIRST,
                "date_to": LAST,
                "quantity": 300_000.0,
                "document": "Registry 2023-1 to 300",
                **values,
            }
        )

    def year(self, node, code):
        indicator = self.totals[node, code]
        self.env.cr.execute("SELECT SUM(value) FROM energy_value WHERE indicator_id = %s", [indicator.id])
        return self.env.cr.fetchone()[0]

    def test_example_10_scope_2(self):
        certificate = self.certificate()
        for day, amount in ((DAY, 400_000.0), (date(2023, 11, 1), 600_000.0)):
            self.enter(self.used, day, amount)
            self.compute()
        self.assert_near(certificate.covered_share, 0.3)
        for node in (self.workshop, self.plant):  # side by side at every level
            self.assert_near(self.year(node, "T.CO2L") / 1000, 530.6)
            self.assert_near(self.year(node, "T.CO2M") / 1000, 426.72)
        row = self.row(self.used, DAY)
        self.assert_near(row["carbon"], 400_000 * 0.5306)
        self.assert_near(row["carbon_market"], 400_000 * 0.7 * 0.6096)

    def test_example_10_by_entries_before_the_certificate(self):
        self.enter(self.used, DAY, 1_000_000.0)
        self.compute()
        self.assert_near(self.year(self.plant, "T.CO2M") / 1000, 609.6)
        certificate = self.certificate()
        self.compute()
        self.assert_near(self.year(self.plant, "T.CO2M") / 1000, 426.72)
        self.assert_near(self.year(self.plant, "T.CO2L") / 1000, 530.6)
        certificate.factor = 0.1
        self.compute()
        self.assert_near(self.year(self.plant, "T.CO2M") / 1000, 426.72 + 30.0)
        certificate.unlink()
        self.compute()
        self.assert_near(self.year(self.plant, "T.CO2M") / 1000, 609.6)

    def test_several_never_cover_more_than_was_bought(self):
        self.enter(self.used, DAY, 1_000_000.0)
        self.compute()
        self.certificate(quantity=800_000.0)
        second = self.certificate(name="GPC 7", kind="contract", quantity=500_000.0, factor=0.02, date_from=DAY)
        self.compute()
        # The contract fills up what the first leaves: 200 000 kWh at 0.02.
        self.assert_near(self.year(self.plant, "T.CO2M"), 200_000 * 0.02)
        large = self.certificate(name="GEC 2", quantity=2_000_000.0)
        self.assert_near(large.purchase, 1_000_000.0)
        self.assert_near(large.surplus, 1_000_000.0)
        self.assert_near(second.surplus, 0.0)

    def test_only_the_purchase_and_the_period_are_covered(self):
        bought = self.add(self.plant, "EL.BUY", source="entered")
        made = self.add(self.plant, "EL.GEN", source="entered")
        self.enter(bought, DAY, 500_000.0)
        self.enter(made, DAY, 500_000.0)
        self.enter(bought, date(2024, 1, 1), 100.0)
        certificate = self.certificate()
        self.compute()
        self.assert_near(certificate.covered_share, 0.6)
        self.assert_near(self.row(bought, DAY)["carbon_market"], 200_000 * 0.6096)
        self.assert_near(self.row(made, DAY)["carbon_market"], 0.0)
        self.assert_near(self.row(bought, date(2024, 1, 1))["carbon_market"], 60.96)

    def test_explain_names_the_certificate(self):
        self.enter(self.used, DAY, 1_000_000.0)
        self.certificate()
        self.compute()
        explain = self.env["energy.indicator"].explain
        market = explain(self.used.id, "2023-06-01", "2023-06-01", "carbon_market")["factors"]
        self.assertEqual(len(market), 1)
        self.assert_near(market[0]["value"], 0.7 * 0.6096)
        self.assertIn("30 % covered by GEC 2023-1 (Registry 2023-1 to 300) at 0 kg", market[0]["document"])
        location = explain(self.used.id, "2023-06-01", "2023-06-01", "carbon")["factors"]
        self.assertNotIn("GEC", location[0]["document"])

    def test_explain_names_the_certificate_of_the_day(self):
        """Two certificates cover half a year each, wholly: the factor is 0 on both days, the certificate another."""
        later = date(2023, 8, 1)
        for day in (DAY, later):
            self.enter(self.used, day, 1_000.0)
        self.certificate(name="GEC 1", date_to=date(2023, 6, 30))
        self.certificate(name="GEC 2", date_from=date(2023, 7, 1))
        self.compute()
        explain = self.env["energy.indicator"].explain
        for day, name in ((DAY, "GEC 1"), (later, "GEC 2")):
            lines = explain(self.used.id, str(day), str(day), "carbon_market")["factors"]
            self.assertEqual([line["value"] for line in lines], [0.0])
            self.assertIn(f"100 % covered by {name} ", lines[0]["document"])

    def test_bad_input_and_rights(self):
        for values, message in (
            ({"energy_type_id": self.type("NG").id, "uom_id": self.type("NG").uom_id.id}, "not bought from a grid"),
            ({"document": " "}, "no document"),
            ({"factor": -0.1}, "cannot be negative"),
            ({"uom_id": self.env.ref("uom.product_uom_kgm").id}, "does not convert to kWh"),
        ):
            with self.assertRaisesRegex(ValidationError, message), self.env.cr.savepoint():
                self.certificate(**values)
        self.certificate()
        other = new_test_user(
            self.env, "certificate_viewer", groups="energy_carbon.group_viewer", company_id=self.company.id,
            company_ids=[(6, 0, self.company.ids)],
        )  # fmt: skip
        self.assertFalse(self.env["energy.certificate"].with_user(other).search([]))
        other.energy_node_ids = self.plant
        self.assertEqual(len(self.env["energy.certificate"].with_user(other).search([])), 1)
        self.assertFalse(self.env["energy.certificate"].with_user(other).has_access("write"))
