"""Indicator templates: shipped ones are locked, copies are free."""

from odoo.exceptions import UserError, ValidationError
from odoo.tests import tagged

from .common import EnergyCommon


@tagged("post_install", "-at_install")
class TestEnergyIndicatorTemplate(EnergyCommon):
    def _template(self, code):
        return self.env.ref("energy_carbon.template_" + code.lower().replace(".", "_"))

    def test_shipped_set(self):
        shipped = self.env["energy.indicator.template"].with_context(active_test=False).search([("locked", "=", True)])
        self.assertEqual(len(shipped), 169)
        for template in shipped:
            if template.kind in ("counter", "gauge") and template.code != "EL.PF":
                self.assertTrue(template.uom_id, template.code)
            self.assertEqual(template.scope == "type", bool(template.energy_type_id), template.code)

    def test_one_main_total_a_collected_type(self):
        mains = self.env["energy.indicator.template"].search([("main_total", "=", True), ("locked", "=", True)])
        self.assertEqual(len(mains), len(mains.energy_type_id))
        self.assertEqual(mains.filtered(lambda t: t.energy_type_id == self.el).code, "EL.FWD")

    def test_units_of_company_and_product_in_the_readers_words(self):
        self.env["res.lang"]._activate_lang("zh_CN")
        shown = {"EL.COST": ("currency", "本位币"), "SEC.COST": ("currency/product unit", "本位币/产品单位"),
                 "EL.FWD": ("kWh", "kWh")}  # fmt: skip
        for code, (english, chinese) in shown.items():
            template = self._template(code)
            self.assertEqual(template.unit_label, english)
            self.assertEqual(template.with_context(lang="zh_CN").unit_label, chinese)
        own = self.env["energy.indicator.template"].search([("unit_text", "=", "own")], limit=1)
        self.assertEqual(own.unit_label, "product unit")

    def test_measures(self):
        expected = {"EL.TCE": "coal", "EL.TCEQ": "coal_equivalent", "EL.CO2": "carbon", "EL.CO2M": "carbon_market",
                    "EL.COST": "cost", "T.TCE": "coal", "T.CO2L": "carbon", "T.CO2M": "carbon_market", "T.COST": "cost",
                    "T.MED": "coal", "T.NBS": "coal", "EL.CONS": "amount", "SEC.COST": "cost"}  # fmt: skip
        for code, measure in expected.items():
            self.assertEqual(self._template(code).measure, measure, code)

    def test_locked_for_users(self):
        template = self._template("EL.FWD").with_user(self.manager)
        with self.assert_refused(UserError, "Copy it"):
            template.name = "Mine"
        template.active = False
        self.assertFalse(template.active)
        with self.assert_refused(UserError, "archive it"):
            template.unlink()

    def test_copy_is_free(self):
        copy = self._template("EL.FWD").with_user(self.manager).copy()
        self.assertFalse(copy.locked)
        self.assertEqual(copy.code, "EL.FWD-2")
        copy.write({"name": "Feeder energy", "uom_id": self.env.ref("energy_carbon.uom_mwh").id})
        self.assertEqual(self._template("EL.FWD").copy().code, "EL.FWD-3")
        copy.unlink()

    def test_meaning_is_fixed_in_use(self):
        template = self._template("EL.FWD").copy()
        self.env["energy.indicator"].create({"node_id": self.meter_1.id, "template_id": template.id})
        with self.assert_refused(UserError, "cannot change any more"):
            template.uom_id = self.env.ref("energy_carbon.uom_mwh")
        template.write({"uom_id": template.uom_id.id, "note": "same unit, new note"})
        with self.assert_refused(UserError, "cannot be deleted"):
            template.unlink()

    def test_nonsense_is_refused(self):
        values = {"name": "X", "code": "X.1", "energy_type_id": self.el.id}
        for wrong, message in (
            ({"energy_type_id": False}, "choose the energy type"),
            ({"kind": "gauge", "aggregation": "sum"}, "never added up"),
            ({"kind": "ratio", "aggregation": "mean"}, "ratio of the sums"),
            ({"kind": "counter", "aggregation": "max"}, "added up"),
            ({"kind": "derived", "scope": "total"}, "clear it"),
        ):
            with self.assert_refused(ValidationError, message):
                self.env["energy.indicator.template"].create({**values, **wrong})
