"""Calls with what no screen, no edge agent and no sound program sends."""

from odoo.addons.energy_carbon.tests.odd_case import OddRequestCase
from odoo.tests import tagged
from odoo.tools import mute_logger

from .agent_common import AgentCommon

TIME = 1_782_864_000  # 1 July 2026


@tagged("post_install", "-at_install")
class TestOddRequests(OddRequestCase, AgentCommon):
    def test_arguments_of_every_call(self):
        row = [self.forward_1.id, TIME, 1.0]
        readings = {"rows": [{"indicator": self.forward_1.id, "time": TIME, "value": 1.0}], "dry_run": True}
        requests = {
            ("energy.modbus.agent", "append_readings"): {"rows": [row], "database": self.uuid},
            ("energy.modbus.agent", "fetch_configuration"): {"known": "", "report": {}},
            ("energy.reading", "take_over"): readings,
        }
        self.assertEqual(sorted(requests), self.own_methods("energy_carbon_modbus", of_model=True))
        for (model, method), arguments in requests.items():
            user = self.agent.user_id if model == "energy.modbus.agent" else self.engineer
            self.ask_oddly(user, model, method, **arguments)

    def test_parts_of_what_an_agent_sends(self):
        row, service = [self.forward_1.id, TIME, 1.0], self.agent.user_id

        def rows(place):
            return lambda odd: {"rows": [[*row[:place], odd, *row[place + 1 :]]], "database": self.uuid}

        for place in range(len(row)):
            self.ask_oddly_within(service, "energy.modbus.agent", "append_readings", rows(place))

    @mute_logger("odoo.addons.energy_carbon_modbus.models.energy_modbus_agent_api")
    def test_parts_of_a_report(self):
        """A report is no reading: one that is odd is said on the agent's form, which gets its configuration all the same."""
        report = {"version": "1", "spool_readings": 0, "spool_share": 0.0, "oldest": TIME, "dead_letters": 0}
        report.update(alarms={"disk": "full"}, results={str(self.gateway.id): {}})

        def changed(name):
            return lambda odd: {"report": {**report, name: odd}}

        for name in report:
            self.ask_oddly_within(self.agent.user_id, "energy.modbus.agent", "fetch_configuration", changed(name))
        calls = self.env["energy.modbus.agent"].with_user(self.agent.user_id)
        self.assertIn("version", calls.fetch_configuration(report={**report, "spool_share": 10**400}))
        self.assertIn("OverflowError", self.agent.alarm_detail["configuration"])

    def test_parts_of_what_is_taken_over(self):
        row = {"indicator": self.forward_1.id, "meter": "M", "template": "EL.FWD", "time": TIME, "value": 1.0}

        def rows(name):
            return lambda odd: {"rows": [{**row, name: odd}]}

        for name in row:
            self.ask_oddly_within(self.engineer, "energy.reading", "take_over", rows(name))

    def test_buttons_without_records(self):
        self.press_oddly(self.engineer, "energy_carbon_modbus")
