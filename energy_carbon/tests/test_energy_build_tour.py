"""Build indicators through the screens."""

from odoo.tests import HttpCase, tagged

from .common import EnergyCommon


@tagged("post_install", "-at_install")
class TestEnergyBuildTour(EnergyCommon, HttpCase):
    def test_manager_builds(self):
        self.env["res.lang"]._activate_lang("en_US")
        self.manager.lang = "en_US"
        self.start_tour("/odoo/energy-units", "energy_manager_builds", login="energy_manager", timeout=120)
        made = self.plant.indicator_ids.template_id.mapped("code")
        self.assertIn("T.TCE", made)
        self.assertNotIn("T.NBS", made)
        consumption = self.workshop_2.indicator_ids.filtered(lambda one: one.template_id.code == "EL.CONS")
        self.assertEqual(consumption.term_ids.source_id.node_id, self.meter_2)
