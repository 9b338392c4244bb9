"""Energy types and units of measure."""

from odoo.addons.energy_carbon.tools.uom import uom_factor
from odoo.exceptions import UserError, ValidationError
from odoo.fields import Command
from odoo.tests import tagged

from .common import EnergyCommon


@tagged("post_install", "-at_install")
class TestEnergyType(EnergyCommon):
    def test_shipped_types(self):
        codes = self.env["energy.type"].search([("company_id", "=", False)]).mapped("code")
        self.assertLessEqual({"EL", "NG", "HT", "ST", "CO", "DI", "LP", "GA", "WT", "CA"}, set(codes))
        self.assertTrue(self.ng.equivalent_from_calorific)
        self.assertFalse(self.el.equivalent_from_calorific)

    def test_more_fuels_arrive_archived_with_their_factors(self):
        shipped = self.env["energy.type"].with_context(active_test=False).search([("company_id", "=", False)])
        coke = shipped.filtered(lambda kind: kind.code == "CK")
        self.assertFalse(coke.active, "nobody has to clear away what he does not burn")
        factors = {factor.kind: factor for factor in coke.factor_ids}
        self.assertEqual(set(factors), {"coal_calorific", "co2", "ch4", "n2o"})
        self.assertAlmostEqual(factors["coal_calorific"].value, 0.9714)
        # 28.446 GJ/t x 0.0294 tC/GJ x 0.93 x 44/12, in kg
        self.assertAlmostEqual(factors["co2"].value, 2851.83, places=2)
        self.assertAlmostEqual(factors["ch4"].value, 10e-3 * 28.446)
        archived = shipped.filtered(lambda kind: not kind.active)
        self.assertGreaterEqual(len(archived), 27)
        for factor in archived.factor_ids:
            self.assertTrue(factor.document, factor.display_name)
            self.assertGreater(factor.value, 0, factor.display_name)

    def test_an_archived_fuel_works_once_it_is_restored(self):
        coke = self.env.ref("energy_carbon.type_ck").with_user(self.manager)
        coke.action_unarchive()
        self.assertIn("0.9714 kgce", coke.current_coal)

    def test_code_unique_with_shared_ones(self):
        with self.assert_refused(ValidationError, "Electricity"):
            values = {"name": "Power", "code": " el ", "uom_id": self.el.uom_id.id, "company_id": self.company.id}
            self.env["energy.type"].create(values)

    def test_delete_in_use_names_the_users(self):
        self.workshop_1.use_ids = [Command.create({"energy_type_id": self.el.id, "role": "used"})]
        with self.assertRaises(UserError) as raised:
            self.el.unlink()
        message = str(raised.exception)
        self.assertIn("Electricity", message)
        self.assertIn("Meter 1", message)
        self.assertIn("W1: Electricity (Used)", message)

    def test_delete_with_own_template_or_tariff_is_refused(self):
        gasoline = self.env.ref("energy_carbon.type_ga")
        values = {"name": "Gasoline issues", "code": "GA.X", "energy_type_id": gasoline.id}
        self.env["energy.indicator.template"].create(values)
        with self.assert_refused(UserError, "Gasoline issues"):
            gasoline.unlink()

    def test_delete_unused_takes_its_shipped_templates(self):
        lpg = self.env.ref("energy_carbon.type_lp")
        templates = self.env["energy.indicator.template"].search([("energy_type_id", "=", lpg.id)])
        self.assertTrue(templates)
        lpg.with_user(self.manager).unlink()
        self.assertFalse(templates.exists())
        self.assertFalse(self.env.ref("energy_carbon.factor_lp_coal", raise_if_not_found=False))

    def test_archive_and_restore_keep_links(self):
        self.el.action_archive()
        self.assertEqual(self.meter_1.energy_type_id, self.el)
        self.el.action_unarchive()
        self.assertTrue(self.el.active)

    def test_unit_is_fixed_once_indicators_exist(self):
        template = self.env.ref("energy_carbon.template_el_fwd")
        self.env["energy.indicator"].create({"node_id": self.meter_1.id, "template_id": template.id})
        with self.assert_refused(UserError, "keep values"):
            self.el.uom_id = self.env.ref("energy_carbon.uom_mwh")

    def test_figures_of_today(self):
        self.assertIn("0.1229", self.el.current_coal)
        self.assertIn("kWh", self.el.current_coal)
        self.assertIn("checked", self.ng.current_coal)
        self.assertEqual(self.el.current_price, "no price")

    def test_copy_gets_a_code_of_its_own(self):
        copy = self.ng.copy()
        self.assertNotEqual(copy.code, self.ng.code)


@tagged("post_install", "-at_install")
class TestUomFactor(EnergyCommon):
    def _factor(self, from_unit, to_unit):
        return uom_factor(self.env.ref(from_unit), self.env.ref(to_unit))

    def test_exact_along_the_chain(self):
        self.assertEqual(self._factor("energy_carbon.uom_gj", "energy_carbon.uom_mj"), 1000.0)
        self.assertEqual(self._factor("uom.product_uom_kgm", "uom.product_uom_ton"), 0.001)
        self.assertAlmostEqual(self._factor("energy_carbon.uom_mwh", "energy_carbon.uom_gj"), 3.6, places=14)
        self.assertEqual(self._factor("energy_carbon.uom_kwh", "uom.product_uom_kwh"), 1.0)

    def test_unlike_units_are_refused_by_name(self):
        for unlike in ("uom.product_uom_cubic_meter", "energy_carbon.uom_kgce", "energy_carbon.uom_kgco2"):
            with self.assert_refused(UserError, "Nm³.*no common reference"):
                self._factor("energy_carbon.uom_nm3", unlike)

    def test_missing_unit(self):
        with self.assert_refused(UserError, "not set"):
            uom_factor(self.env.ref("energy_carbon.uom_kwh"), self.env["uom.uom"])
