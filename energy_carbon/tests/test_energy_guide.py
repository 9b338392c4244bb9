"""The page What to Try: who sees what, and that each button opens a screen its person may see."""

from datetime import timedelta

from odoo import fields
from odoo.exceptions import AccessError, UserError
from odoo.tests import tagged

from ..models.energy_guide import DEMO_MONTH
from .common import EnergyCommon

STEPS = ["plant", "follow", "type", "correct", "compare"]


@tagged("post_install", "-at_install")
class TestEnergyGuide(EnergyCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.typed = cls._add(cls.meter_1, "EL.FWD", source="entered")
        for node in (cls.device_1, cls.workshop_1, cls.plant):
            cls._add(node, "EL.CONS")
        cls.yesterday = fields.Date.context_today(cls.env["energy.guide"].with_context(tz="Asia/Shanghai"))
        cls.yesterday -= timedelta(days=1)

    @classmethod
    def _add(cls, node, code, **values):
        template = cls.env["energy.indicator.template"].search([("code", "=", code)])
        indicator = cls.env["energy.indicator"].create({"node_id": node.id, "template_id": template.id, **values})
        indicator._set_default_terms()
        return indicator

    def _type(self, value=480.0):
        self.env["energy.entry"].create(
            {"indicator_id": self.typed.id, "date_from": self.yesterday, "date_to": self.yesterday, "value": value}
        )
        self.env["energy.calculation"]._process()

    def guide(self, user):
        return self.env["energy.guide"].with_user(user).with_context(lang="en_US")

    def steps(self, user):
        return {step["key"]: step for step in self.guide(user).steps()}

    def buttons(self, user, step):
        return {button["key"]: button["reason"] for button in self.steps(user)[step]["buttons"]}

    # === WHO SEES WHAT === #
    def test_steps_are_in_order(self):
        keys = [step["key"] for step in self.guide(self.manager).steps()]
        self.assertEqual([key for key in keys if key in STEPS], STEPS)

    def test_manager_may_do_everything(self):
        for step in self.steps(self.manager).values():
            self.assertFalse([button for button in step["buttons"] if button["reason"]], step["key"])

    def test_who_may_not_is_told_who_may(self):
        self.assertEqual(self.buttons(self.viewer, "type")["entry"], "Only for: Clerk, Energy manager")
        self.assertEqual(self.buttons(self.clerk_1, "type")["entry"], "")
        self.assertEqual(self.buttons(self.clerk_1, "correct")["entry"], "Only for: Energy manager")
        for user in (self.engineer, self.accountant, self.auditor):
            self.assertEqual(self.buttons(user, "type")["entry"], "Only for: Clerk, Energy manager", user.login)
            self.assertEqual(self.buttons(user, "type")["values"], "", user.login)

    def test_refused_button_is_refused_by_the_server_too(self):
        with self.assert_refused(AccessError, "Only for: Clerk, Energy manager"):
            self.guide(self.viewer).open_step("type", "entry")
        with self.assert_refused(UserError, "no longer there"):
            self.guide(self.viewer).open_step("type", "unlink")

    def test_other_employees_have_no_guide(self):
        employee = self._create_user("no_energy", "base.group_user")
        for call in (lambda: self.guide(employee).steps(), lambda: self.guide(employee).open_step("follow", "values")):
            with self.assertRaises(AccessError):
                call()

    def test_every_button_opens_what_its_person_may_see(self):
        self._type()
        for user in (self.viewer, self.clerk_1, self.engineer, self.accountant, self.auditor, self.manager):
            for key in STEPS:
                for button, reason in self.buttons(user, key).items():
                    if not reason:
                        self._check_action(user, self.guide(user).open_step(key, button))

    def _check_action(self, user, action):
        if action["type"] == "ir.actions.act_window":
            self.assertTrue(self.env[action["res_model"]].with_user(user).has_access("read"), action)
        else:
            self.assertEqual(action["type"], "ir.actions.client")
            self.assertTrue(action["tag"])

    # === WITH RECORDS OR WITHOUT === #
    def test_without_a_figure_the_plain_screen_opens(self):
        self.assertEqual(list(self.buttons(self.manager, "follow")), ["values"])
        self.assertEqual(len(self.steps(self.manager)["follow"]["texts"]), 1)

    def test_figure_of_the_top_node_one_sees(self):
        self._type()
        for user, node in ((self.manager, self.plant), (self.clerk_1, self.workshop_1)):
            step = self.steps(user)["follow"]
            self.assertIn(f"of {node.name} on", step["texts"][1])
            action = self.guide(user).open_step("follow", "explain")
            indicator = self.env["energy.indicator"].browse(action["params"]["indicator_id"])
            self.assertEqual((indicator.node_id, indicator.template_id.code), (node, "EL.CONS"))
            self.assertEqual(fields.Date.to_date(action["params"]["date_from"]), self.yesterday)

    def test_nothing_of_other_units(self):
        """Workshop 2's clerk gets neither workshop 1's figure nor its entry grid."""
        self._type()
        self.assertEqual(list(self.buttons(self.clerk_2, "follow")), ["values"])
        self.assertNotIn("searchpanel_default_node_id", self.guide(self.clerk_2).open_step("type", "entry")["context"])

    def test_entry_opens_where_something_is_typed(self):
        action = self.guide(self.clerk_1).open_step("type", "entry")
        self.assertEqual(action["context"]["searchpanel_default_node_id"], self.meter_1.id)

    def test_plant_in_a_whole_month(self):
        action = self.guide(self.clerk_1).open_step("plant", "tree")
        self.assertEqual(action["tag"], "energy_carbon.plant_tree")
        month = fields.Date.to_date(f"{action['params']['month']}-01")
        self.assertEqual(month, self.guide(self.clerk_1)._month())

    def test_two_months(self):
        action = self.guide(self.manager).open_step("compare", "months")
        self.assertEqual(action["views"][0][1], "pivot")
        self.assertIn("search_default_filter_level_2", action["context"])
        (_field, _operator, first), (_other_field, _other_operator, last) = action["domain"]
        self.assertEqual(fields.Date.to_date(last), self.guide(self.manager)._month())
        self.assertEqual(fields.Date.add(fields.Date.to_date(first), months=1), fields.Date.to_date(last))
        self.assertIn("search_default_filter_top", self.guide(self.clerk_1).open_step("compare", "months")["context"])

    def test_month_of_the_demo(self):
        """Where the demo plant is, its month with the figures of Example P is shown; other companies have their own."""
        guide = self.guide(self.manager)
        today = self.yesterday + timedelta(days=1)
        self.assertEqual(guide._month(), (today.replace(day=1) - timedelta(days=1)).replace(day=1))
        self._make_demo(self.plant)
        self.assertEqual(guide._month(), DEMO_MONTH)
        self.assertIn("June 2026 beside July 2026", self.steps(self.manager)["compare"]["texts"][0])
        other = self._create_company("Elsewhere")
        self.assertFalse(guide.with_context(allowed_company_ids=other.ids).sudo()._has_demo())

    def _make_demo(self, plant):
        self.env["ir.model.data"].search([("module", "=", "energy_carbon"), ("name", "=", "demo_plant")]).unlink()
        self.env["ir.model.data"].create(
            {"module": "energy_carbon", "name": "demo_plant", "model": "energy.node", "res_id": plant.id}
        )
