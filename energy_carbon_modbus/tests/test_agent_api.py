"""What the key of an edge agent opens over HTTP, and what it does not."""

import time

from odoo.exceptions import UserError
from odoo.tests import tagged
from odoo.tools import mute_logger

from ..collector.agent_wire import gateway_from_wire
from .agent_common import AgentCommon

NOON = 1_750_000_000


@tagged("post_install", "-at_install")
class TestAgentApi(AgentCommon):
    # === WHAT IT OPENS === #
    def test_readings_are_answered_row_by_row(self):
        forward, stranger = self.forward_1.id, self.forward_2.id
        self.env["energy.reading"]._append([forward, forward], [NOON - 60, NOON - 30], [5.0, 6.0])
        rows = [
            [forward, NOON, 10.0],
            [forward, NOON - 60, 5.0],
            [forward, NOON - 30, 6.5],
            [stranger, NOON, 1.0],
            [forward, NOON, 10.0],
            [forward, NOON, 11.0],
            [forward, int(time.time()) + 3 * 86_400, 1.0],
            [forward, NOON + 1, "many"],
            [forward],
            "nonsense",
            [self.power_1.id, NOON, 12.5],
        ]
        status, answer = self.append(rows)
        self.assertEqual(status, 200)
        self.assertEqual(
            answer["answers"],
            ["stored", "known", "differing", "refused", "known", "differing"] + ["refused"] * 4 + ["stored"],
        )
        self.assertEqual(set(answer["reasons"]), {"3", "6", "7", "8", "9"})
        self.assertIn("no meter on a gateway", answer["reasons"]["3"])
        self.assertIn("more than a day ahead", answer["reasons"]["6"])
        self.assertEqual([value for _time, value in self.readings(self.forward_1)], [5.0, 6.0, 10.0])
        self.assertEqual(self.readings(self.forward_2), [])

    def test_the_same_batch_twice_is_stored_once(self):
        rows = [[self.forward_1.id, NOON + second, float(second)] for second in range(100)]
        self.assertEqual(set(self.append(rows)[1]["answers"]), {"stored"})
        self.assertEqual(set(self.append(rows)[1]["answers"]), {"known"})
        self.assertEqual(len(self.readings(self.forward_1)), 100)

    def test_gateway_without_anything_to_read_is_idle(self):
        (self.forward_1 | self.power_1).active = False
        self.assertEqual(self.fetch()[1]["gateways"], [])
        self.env.invalidate_all()
        self.assertEqual(self.gateway.state, "idle")

    def test_configuration_is_that_of_own_gateways(self):
        status, answer = self.fetch()
        self.assertEqual((status, answer["database"]), (200, self.uuid))
        [wire] = answer["gateways"]
        self.assertEqual((wire["name"], wire["interval"]), ("line A", 60))
        gateway = gateway_from_wire(wire["gateway"])
        self.assertEqual(gateway.settings, self.gateway._link_settings())
        keys = {point.key for point in gateway.points if point.key > 0}
        self.assertEqual(keys, {self.forward_1.id, self.power_1.id})
        self.assertNotIn("gateways", self.fetch(known=answer["version"])[1])
        self.gateway.action_polling_off()
        self.assertEqual(self.fetch(known=answer["version"])[1]["gateways"], [])

    def test_report_shows_on_agent_and_gateway(self):
        [wire] = self.fetch()[1]["gateways"]
        unit = self.meter_1.modbus_unit
        good = {"key": self.forward_1.id, "time": NOON, "value": None, "quality": "good", "error": None, "raw": []}
        bad = {**good, "key": self.power_1.id, "quality": "missing", "error": "exception 2"}
        result = {
            "key": self.gateway.id,
            "ok": True,
            "error": None,
            "points": [bad, good],
            "slaves": {str(unit): {"ok": True}},
            "requests": 2,
            "seconds": 0.25,
            "bad": [],
            "health": {},
        }
        told = {"start": NOON, "points_ok": 1, "points_failed": 1, "identity": [], "result": result}
        report = {
            "version": "1.0",
            "spool_readings": 7,
            "spool_share": 0.5,
            "oldest": NOON,
            "dead_letters": 1,
            "alarms": {"clock": "it differs"},
            "results": {str(self.gateway.id): told, "0": {}},
        }
        self.append([[self.forward_1.id, NOON, 1.0]])
        status, _answer = self.fetch(report=report)
        self.assertEqual(status, 200)
        self.env.invalidate_all()
        self.assertRecordValues(
            self.agent, [{"version": "1.0", "spool_readings": 7, "dead_letters": 1, "state": "trouble"}]
        )
        self.assertEqual((self.meter_1.modbus_state, self.gateway.state), ("partial", "partial"))
        self.assertEqual(int(self.meter_1.modbus_last_success.timestamp()), NOON)
        [line] = self.journal()
        self.assertRecordValues(line, [{"requests": 2, "points_ok": 1, "points_failed": 1, "stored": 1}])

    def test_strange_report_costs_no_configuration(self):
        for report in ({"version": 1}, {"results": 5}, []):
            with mute_logger("odoo.addons.energy_carbon_modbus.models.energy_modbus_agent_api"):
                status, answer = self.fetch(report=report)
            self.assertEqual(status, 200)
            self.assertIn("gateways", answer)

    # === WHAT IT DOES NOT === #
    def test_everything_else_is_forbidden(self):
        calls = [
            ("energy.reading", "search_read", {"domain": []}),
            ("energy.reading", "take_over", {"rows": []}),
            ("energy.indicator", "search", {"domain": []}),
            ("energy.node", "create", {"vals_list": [{"name": "x"}]}),
            ("energy.modbus.gateway", "read", {"ids": self.gateway.ids}),
            ("energy.modbus.gateway", "action_polling_off", {"ids": self.gateway.ids}),
            ("energy.modbus.agent", "search_read", {"domain": []}),
            ("energy.modbus.agent", "write", {"ids": self.agent.ids, "vals": {"name": "x"}}),
            ("energy.modbus.agent", "action_create_key", {"ids": self.agent.ids}),
            ("res.users", "search_read", {"domain": []}),
            ("res.users", "read", {"ids": self.agent.user_id.ids, "fields": ["login"]}),
            ("res.users", "write", {"ids": self.agent.user_id.ids, "vals": {"name": "x"}}),
            ("res.users", "context_get", {}),
            ("res.users.apikeys", "search", {"domain": []}),
            ("res.partner", "search_count", {"domain": []}),
            ("ir.model", "search", {"domain": []}),
            ("ir.config_parameter", "get_param", {"key": "database.secret"}),
            ("res.lang", "get_installed", {}),
        ]
        for model, method, parameters in calls:
            with self.subTest(f"{model}.{method}"), mute_logger("odoo.http"):
                status, answer = self.call(model, method, **parameters)
                self.assertEqual(status, 403, answer)
                self.assertNotIn("Traceback", answer["debug"])

    def test_without_the_wall_rights_refuse_too(self):
        """The second line of defence: access rights, should a call ever get past ir.http."""
        env = self.env(user=self.agent.user_id.id)
        for model in (
            "energy.reading",
            "energy.indicator",
            "energy.node",
            "energy.modbus.gateway",
            "energy.modbus.agent",
        ):
            for operation in ("read", "write", "create", "unlink"):
                self.assertFalse(env[model].has_access(operation), f"{model} {operation}")

    def test_pages_are_forbidden(self):
        headers = {"Authorization": f"Bearer {self.key}"}
        with mute_logger("odoo.http"):
            self.assertEqual(self.url_open("/doc-bearer/index.json", headers=headers).status_code, 403)

    def test_wrong_or_expired_key_is_401(self):
        with mute_logger("odoo.http"):
            self.assertEqual(self.fetch(api_key="0" * 40)[0], 401)
            self.env.cr.execute(
                "UPDATE res_users_apikeys SET expiration_date = now() - interval '1 day' WHERE user_id = %s",
                [self.agent.user_id.id],
            )
            self.assertEqual(self.fetch()[0], 401)

    def test_other_users_are_refused(self):
        key = self.env["res.users.apikeys"].with_user(self.engineer).sudo()._generate(None, "test", None)
        for method, parameters in (("fetch_configuration", {}), ("append_readings", {"rows": [], "database": ""})):
            with mute_logger("odoo.http"):
                self.assertEqual(self.call("energy.modbus.agent", method, api_key=key, **parameters)[0], 403)

    def test_meters_of_another_agent_are_refused(self):
        other = self.env["energy.modbus.agent"].create({"name": "Other"})
        status, answer = self.call(
            "energy.modbus.agent",
            "append_readings",
            api_key=self.new_key(other),
            rows=[[self.forward_1.id, NOON, 1.0]],
            database=self.uuid,
        )
        self.assertEqual((status, answer["answers"]), (200, ["refused"]))
        self.assertEqual(self.readings(self.forward_1), [])

    def test_another_database_takes_nothing(self):
        _status, answer = self.append([[self.forward_1.id, NOON, 1.0]], database="another")
        self.assertEqual(answer, {"error": "database"})
        self.assertEqual(self.readings(self.forward_1), [])

    def test_errors_come_without_traceback(self):
        with mute_logger("odoo.http"):
            status, answer = self.append([[self.forward_1.id, NOON, 1.0]] * 10_001)
        self.assertEqual(status, 422)
        self.assertIn("10000", answer["message"])
        self.assertNotIn("Traceback", answer["debug"])
        self.assertNotIn(".py", answer["debug"])

    # === TAKE-OVER FROM ANOTHER SYSTEM === #
    def test_c4_take_over_by_api(self):
        key = self.env["res.users.apikeys"].with_user(self.engineer).sudo()._generate(None, "test", None)
        self.meter_1.code = "M-1"
        code = self.forward_1.template_id.code
        rows = [
            {"meter": "M-1", "template": code, "time": "2025-06-15T12:00:00+08:00", "value": 5},
            {"indicator": self.forward_1.id, "time": "2025-06-15T04:00:00Z", "value": 5},
            {"indicator": self.forward_1.id, "time": 1_749_960_000, "value": 6},
            {"meter": "M-1", "template": code, "time": "2025-06-15T12:00:00", "value": 5},
            {"meter": "M-2", "template": code, "time": "2025-06-15T12:00:00Z", "value": 5},
            {"meter": ["M-1"], "template": {}, "time": "yesterday", "value": 5},
            7,
        ]
        expected = ["stored", "known", "differing"] + ["refused"] * 4
        for dry_run, stored in ((True, 0), (False, 1)):
            status, answer = self.call("energy.reading", "take_over", api_key=key, rows=rows, dry_run=dry_run)
            self.assertEqual((status, answer["answers"]), (200, expected))
            self.assertEqual(answer["counts"], {"stored": 1, "known": 1, "differing": 1, "refused": 4})
            self.assertIn("+08:00", answer["reasons"]["3"])
            self.env.invalidate_all()
            self.assertEqual(len(self.readings(self.forward_1)), stored)
        _status, answer = self.call("energy.reading", "take_over", api_key=key, rows=rows[:1])
        self.assertEqual(answer["answers"], ["known"])

    def test_c4_take_over_keeps_to_the_callers_nodes(self):
        self.engineer.energy_node_ids = self.workshop_2
        readings = self.env["energy.reading"].with_user(self.engineer)
        answer = readings.take_over([{"indicator": self.forward_1.id, "time": NOON, "value": 5}])
        self.assertEqual(answer["answers"], ["refused"])
        with self.assertRaisesRegex(UserError, "Instrument engineers"):
            self.env["energy.reading"].with_user(self.clerk_1).take_over([])
