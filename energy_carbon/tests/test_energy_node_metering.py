"""P3: the energy manager sees at a glance which units and devices lack a meter, for which level, and what to do."""

from ast import literal_eval

from odoo.exceptions import AccessError
from odoo.fields import Command
from odoo.tests import Form, tagged

from .common import EnergyCommon


@tagged("post_install", "-at_install")
class TestEnergyNodeMetering(EnergyCommon):
    def open_list(self, user):
        nodes = self.env["energy.node"].with_user(user).with_context(allowed_company_ids=self.company.ids, lang="en_US")
        action = nodes.action_open_lacking()
        return action["display_name"], nodes.search(literal_eval(action["domain"]))

    def test_list_names_the_level(self):
        titles = {"1": "1 - Plant", "2": "2 - Workshops and other units", "3": "3 - Equipment"}
        spare = self._create_node("Lathe", kind="device", parent_id=self.workshop_2.id)
        unplaced = self._create_node("Not placed", kind="device")
        expected = {"1": self.plant, "2": self.plant | self.workshop_1, "3": self.plant | self.workshop_1 | spare}
        for level, found in expected.items():
            self.company.energy_metering_level = level
            title, nodes = self.open_list(self.manager)
            self.assertEqual(title, f"Without a Meter (level kept: {titles[level]})")
            self.assertEqual(nodes, found.sorted())
            self.assertEqual(set(nodes.mapped("company_metering_level")), {level})
        self.assertNotIn(unplaced, nodes)

    def test_everybody_sees_the_own_part(self):
        for user, found in ((self.auditor, self.plant | self.workshop_1), (self.clerk_1, self.workshop_1)):
            self.assertEqual(self.open_list(user)[1], found.sorted(), user.login)
        self.assertFalse(self.open_list(self.clerk_2)[1])
        with self.assertRaises(AccessError):
            self.open_list(self._create_user("no_energy", "base.group_user"))

    def test_opened_from_the_menu(self):
        menu = self.env.ref("energy_carbon.energy_node_action_lacking_open")
        for user in (self.manager, self.clerk_1, self.auditor):
            action = menu.with_user(user).with_context(allowed_company_ids=self.company.ids).run()
            self.assertEqual(action["res_model"], "energy.node", user.login)

    def test_two_companies_with_different_levels(self):
        other = self._create_company("Elsewhere")
        other.energy_metering_level = "3"
        self.manager.company_ids = [Command.link(other.id)]
        nodes = self.env["energy.node"].with_user(self.manager)
        action = nodes.with_context(allowed_company_ids=(self.company | other).ids, lang="en_US").action_open_lacking()
        self.assertEqual(action["display_name"], "Without a Meter")

    def test_energy_used(self):
        self.workshop_1.use_ids = [
            Command.create({"energy_type_id": self.el.id, "role": "used"}),
            Command.create({"energy_type_id": self.ng.id, "role": "purchased"}),
        ]
        self.device_1.energy_type_ids = self.el
        self.assertEqual(self.workshop_1.used_type_ids, self.el | self.ng)
        self.assertEqual(self.device_1.used_type_ids, self.el)

    def test_add_meter(self):
        self.workshop_1.use_ids = [Command.create({"energy_type_id": self.el.id, "role": "used"})]
        for user in (self.manager, self.engineer):
            action = self.workshop_1.with_user(user).action_add_meter()
            view = action["views"][0][0]
            form = Form(self.env["energy.node"].with_user(user).with_context(**action["context"]), view)
            form.name = f"Feeder of {user.login}"
            meter = form.save()
            self.assertEqual((meter.kind, meter.parent_id, meter.metering_level), ("meter", self.workshop_1, "2"))
            self.assertEqual(meter.energy_type_id, self.el)
        self.assertFalse(self.workshop_1.lacks_meter)
        levels = [node.action_add_meter()["context"]["default_metering_level"] for node in (self.plant, self.device_1)]
        self.assertEqual(levels, ["1", "3"])
        self.assertNotIn("default_energy_type_id", self.plant.action_add_meter()["context"])

    def test_unit_form_names_the_level(self):
        self.company.energy_metering_level = "2"
        form = Form(self.workshop_1.with_user(self.manager), "energy_carbon.energy_node_view_form_unit")
        self.assertTrue(form.lacks_meter)
        self.assertEqual(form.company_metering_level, "2")
