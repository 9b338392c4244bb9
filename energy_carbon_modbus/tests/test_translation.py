"""The Modbus addon speaks Chinese: all of it, in the field's words."""

from odoo.addons.energy_carbon.tests.translation_case import TranslationCase
from odoo.tests import tagged


@tagged("post_install", "-at_install")
class TestTranslation(TranslationCase):
    addon = "energy_carbon_modbus"

    def test_complete(self):
        self.assert_complete()
        self.assert_apps_page()

    def test_well_formed(self):
        self.assert_well_formed()

    def test_words(self):
        self.assert_menus(
            {
                "energy_carbon_modbus.menu_energy_collection": "数据采集",
                "energy_carbon_modbus.menu_energy_modbus_gateway": "网关",
                "energy_carbon_modbus.menu_energy_modbus_map": "点表",
            }
        )
        self.assert_labels("energy.node", {"modbus_gateway_id": "网关", "modbus_map_id": "点表"})
        self.assert_view_shows("energy_carbon_modbus.energy_modbus_gateway_view_form", "测试读取", "启用轮询")
