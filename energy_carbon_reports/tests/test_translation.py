"""The reports speak Chinese: all of them, in the field's words."""

from odoo.addons.energy_carbon.tests.translation_case import TranslationCase
from odoo.tests import tagged


@tagged("post_install", "-at_install")
class TestTranslation(TranslationCase):
    addon = "energy_carbon_reports"

    def test_complete(self):
        self.assert_complete()
        self.assert_apps_page()

    def test_well_formed(self):
        self.assert_well_formed()

    def test_words(self):
        self.assert_menus({"energy_carbon_reports.menu_energy_reports": "报表"})
        self.assert_labels("energy.report.wizard", {"node_id": "用能单位", "energy_type_ids": "能源品种"})
        self.assert_browser_says({"Compared With": "对比", "All energy types": "全部能源品种"})
