"""The steps of What to Try that need a line: which meter, which commands, and who may do what."""

from odoo.exceptions import AccessError
from odoo.tests import tagged

from .common import ModbusCommon


@tagged("post_install", "-at_install")
class TestGuide(ModbusCommon):
    def guide(self, user):
        return self.env["energy.guide"].with_user(user).with_context(lang="en_US")

    def step(self, user, key):
        return next(step for step in self.guide(user).steps() if step["key"] == key)

    def reasons(self, user, key):
        return {button["key"]: button["reason"] for button in self.step(user, key)["buttons"]}

    def test_reading_and_breaking_come_where_they_belong(self):
        keys = [step["key"] for step in self.guide(self.manager).steps()]
        self.assertEqual(keys[:5], ["plant", "live", "follow", "break", "type"])

    def test_live_meter(self):
        self.assertIn("Meter 1 hangs on the gateway line A as unit 1", self.step(self.engineer, "live")["texts"][0])
        action = self.guide(self.engineer).open_step("live", "test_read")
        test = self.env["energy.modbus.test.read"].browse(action["res_id"])
        self.assertEqual((test.meter_id, test.answered), (self.meter_1, True))
        self.assertEqual(action["views"], [(False, "form")])
        action = self.guide(self.engineer).open_step("live", "meter")
        self.assertEqual((action["res_model"], action["res_id"]), ("energy.node", self.meter_1.id))

    def test_who_may_read_by_hand(self):
        only = "Only for: Instrument engineer, Energy manager"
        self.assertEqual(self.reasons(self.viewer, "live"), {"test_read": only, "meter": "", "gateways": ""})
        with self.assert_refused(AccessError, only):
            self.guide(self.viewer).open_step("live", "test_read")

    def test_who_sees_no_line_is_told_who_does(self):
        """The gateway serves the plant: workshop 1's clerk sees neither it nor its meters' addresses."""
        only = "Only for: Instrument engineer, Energy manager"
        self.assertEqual(self.reasons(self.clerk_1, "live"), {"gateways": only})
        self.assertEqual(set(self.reasons(self.clerk_1, "break").values()), {only})
        self.assertNotIn("line A", str(self.guide(self.clerk_1).steps()))

    def test_without_a_line(self):
        (self.meter_1 | self.meter_2).write({"modbus_gateway_id": False, "modbus_unit": 0})
        self.assertEqual(self.reasons(self.engineer, "live"), {"gateways": ""})
        self.assertFalse(self.step(self.engineer, "break")["commands"])

    def test_commands_for_the_demo_alone(self):
        self.assertFalse(self.step(self.engineer, "break")["commands"], "a real meter is no simulated one")
        data = self.env["ir.model.data"]
        names = {"demo_plant": self.plant, "demo_meter_e03": self.meter_2}
        data.search([("module", "=", "energy_carbon"), ("name", "in", list(names))]).unlink()
        data.create(
            [
                {"module": "energy_carbon", "name": name, "model": "energy.node", "res_id": node.id}
                for name, node in names.items()
            ]
        )
        commands = [f"make fault FAULT={self.line.port}:2:silent", "make repair"]
        self.assertEqual(self.step(self.engineer, "break")["commands"], commands)
        self.gateway.host = "192.0.2.7"
        self.assertFalse(self.step(self.engineer, "break")["commands"])
