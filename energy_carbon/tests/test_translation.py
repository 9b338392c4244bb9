"""The core speaks Chinese: all of it, in the field's words."""

from odoo.exceptions import ValidationError
from odoo.tests import tagged

from .common import EnergyCommon
from .translation_case import TranslationCase


@tagged("post_install", "-at_install")
class TestTranslation(TranslationCase):
    addon = "energy_carbon"

    def test_complete(self):
        self.assert_complete()
        self.assert_apps_page()

    def test_well_formed(self):
        self.assert_well_formed()

    def test_menus(self):
        """数据录入 > 指标录入, 产量录入; 能管关系 and what hangs in it."""
        self.assert_menus(
            {
                "energy_carbon.menu_energy_entry": "数据录入",
                "energy_carbon.menu_energy_indicator_entry": "指标录入",
                "energy_carbon.menu_energy_output_entry": "产量录入",
                "energy_carbon.menu_energy_management": "能管关系",
                "energy_carbon.menu_energy_unit": "用能单位",
                "energy_carbon.menu_energy_meter": "计量器具",
                "energy_carbon.menu_energy_type": "能源品种",
                "energy_carbon.menu_energy_indicator_template": "指标模版",
            }
        )

    def test_shipped_records(self):
        """Energy types, templates and regions have the names of the trade."""
        names = {
            "energy_carbon.type_el": "电力",
            "energy_carbon.type_ca": "压缩空气",
            "energy_carbon.template_el_fwd": "正向有功总电能",
            "energy_carbon.template_el_cons": "电力消费量",
            "energy_carbon.template_el_tce": "电力折标量（当量）",
            "energy_carbon.template_el_co2": "电力折碳量",
            "energy_carbon.template_t_tce": "综合能耗（当量）",
            "energy_carbon.template_out_qty": "产量",
            "energy_carbon.region_cn_g_ec": "华东",
            "energy_carbon.region_cn_js": "江苏",
        }
        self.assertEqual({xmlid: self.env.ref(xmlid).name for xmlid in names}, names)

    def test_field_words(self):
        self.assert_labels("energy.node", {"accuracy_class": "准确度等级", "metering_level": "计量级别", "ratio": "倍率"})
        self.assert_labels("energy.indicator", {"flow": "流向", "template_id": "模版", "energy_type_id": "能源品种"})
        self.assert_labels("energy.value.month", {"coal": "折标量 (kgce)", "carbon": "折碳量 (kgCO2)", "cost": "成本"})
        self.assert_view_shows("energy_carbon.energy_node_view_form_meter", "台账", "电流互感器（CT）", "检定")

    def test_grid_and_explanation(self):
        self.assert_browser_says({"Register": "示数", "Explain": "溯源", "Add indicators": "添加指标", "Not saved": "未保存"})


@tagged("post_install", "-at_install")
class TestChineseMessage(EnergyCommon):
    def test_refusal(self):
        """What the server refuses, it refuses in the user's language, menus and all."""
        self.env["res.lang"]._activate_lang("zh_CN")
        self.manager.lang = "zh_CN"
        meter = self.meter_1.with_user(self.manager).with_context(lang="zh_CN")
        with self.assert_refused(ValidationError, "互感器变比需要填写一次侧和二次侧"):
            meter.write({"ct_primary": 200, "ct_secondary": 0})
