"""Who builds indicators, and behind which walls."""

from odoo.exceptions import AccessError, UserError
from odoo.fields import Command
from odoo.tests import tagged

from .build_case import WorkshopCase


@tagged("post_install", "-at_install")
class TestEnergyBuildRights(WorkshopCase):
    def test_only_energy_managers_build(self):
        for role in ("clerk", "engineer", "accountant", "auditor", "viewer"):
            user = self._user(f"build_{role}", f"energy_carbon.group_{role}")
            with self.subTest(role), self.assert_refused(AccessError, "Energy managers"):
                self.propose(user=user)

    def test_a_manager_builds_within_his_own_nodes(self):
        own = self._user("build_w1", "energy_carbon.group_manager", self.workshop)
        with self.assert_refused(AccessError, ".*"):
            self.propose(self.plant, own)
        self.apply(self.env["energy.node"], own)
        self.assertTrue(self.at(self.workshop, "T.TCE"))
        self.assertFalse(self.at(self.plant, "T.TCE"))

    def test_what_another_person_opened_is_not_for_me(self):
        build = self.propose()
        other = self._user("build_other", "energy_carbon.group_manager")
        with self.assert_refused(AccessError, ".*"):
            build.with_user(other).action_apply()
        self.assertEqual(self.env["energy.build"].with_user(other).summary(build.id), {"actions": {}, "ticked": 0})

    def test_sources_behind_a_wall_are_other_units(self):
        away = self.add(self.node("Secret", "unit", self.plant), "EL.CONS", source="entered")
        self.formula(self.add(self.devices[0], "EL.CONS", whole_company=True), away)
        own = self._user("build_w1", "energy_carbon.group_manager", self.workshop)
        build = self.propose(self.workshop, own)
        line = build.line_ids.filtered(lambda one: one.node_id == self.devices[0] and one.action == "change")
        self.assertEqual(line.old_formula, "other units")

    def test_nodes_of_another_company_stay_behind_its_wall(self):
        other = self.env["res.company"].create({"name": "Other Works"})
        plant = self.env["energy.node"].create({"name": "Other", "kind": "unit", "company_id": other.id})
        with self.assert_refused(AccessError, ".*"):
            self.propose(plant)

    def test_without_units_the_screen_is_empty(self):
        """A newcomer who opens it from the menu is told what to do first, by the empty list."""
        company = self.env["res.company"].create({"name": "New Works"})
        newcomer = self._user("build_new", "energy_carbon.group_manager")
        newcomer.write({"company_ids": [Command.set(company.ids)], "company_id": company.id})
        nodes = self.env["energy.node"].with_user(newcomer).with_context(allowed_company_ids=company.ids)
        action = nodes.action_build_indicators()
        self.assertEqual(action["name"], "Build Indicators")
        self.assertFalse(nodes.env["energy.build.line"].search(action["domain"]))

    def test_a_meter_alone_is_not_built(self):
        with self.assert_refused(UserError, "the unit or device they hang under"):
            self.propose(self.meters[0])
