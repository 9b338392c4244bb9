"""Gateways and the Modbus side of meters: what may be set, by whom, and who sees it."""

from psycopg2.errors import CheckViolation, UniqueViolation

from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tests import Form, tagged
from odoo.tools import mute_logger

from .common import ModbusCommon


@tagged("post_install", "-at_install")
class TestGateway(ModbusCommon):
    def assertRefused(self, error, **values):  # noqa: N802 - named as unittest names its own
        with self.assertRaises(error), mute_logger("odoo.sql_db"), self.env.cr.savepoint():
            self.gateway.write(values)
            self.gateway.flush_recordset()

    def test_limits(self):
        self.assertRefused(CheckViolation, interval=59)
        self.assertRefused(CheckViolation, port=0)
        self.assertRefused(CheckViolation, port=65536)
        self.assertRefused(CheckViolation, timeout=0)
        self.assertRefused(CheckViolation, turnaround=-1)
        self.assertRefused(CheckViolation, host="  ")

    def test_unit_address(self):
        for unit in (0, 248):
            with self.assertRaises(ValidationError):
                self.meter_1.modbus_unit = unit
        with self.assertRaises(UniqueViolation), mute_logger("odoo.sql_db"), self.env.cr.savepoint():
            self.meter_1.modbus_unit = 2
            self.meter_1.flush_recordset()
        other = self._create_gateway("line B", 502)
        self.meter_2.write({"modbus_gateway_id": other.id, "modbus_unit": 1})
        self.assertEqual(self.meter_2.modbus_unit, 1, "the same address on another line is another meter")

    def test_only_meters(self):
        with self.assertRaises(ValidationError):
            self.device_1.write({"modbus_gateway_id": self.gateway.id, "modbus_unit": 9})

    def test_copy_of_a_meter_is_on_no_line(self):
        copy = self.meter_1.copy({"name": "Copy"})
        self.assertRecordValues(copy, [{"modbus_gateway_id": False, "modbus_unit": 0, "modbus_map_id": self.sdm630.id}])

    def test_what_meters_use_is_kept(self):
        with self.assertRaisesRegex(UserError, "has meters"):
            self.gateway.unlink()
        with self.assertRaisesRegex(UserError, "point table of 1 meters"):
            self.sdm630.unlink()

    def test_hint_says_what_is_missing(self):
        self.assertIn("2 of", self.meter_1.modbus_hint)
        (self.forward_1 | self.power_1).active = False
        self.meter_1.invalidate_recordset(["modbus_hint"])
        self.assertIn("nothing is stored", self.meter_1.modbus_hint)
        self.meter_1.modbus_map_id = False
        self.assertIn("Choose", self.meter_1.modbus_hint)

    def test_polling_state_is_searchable(self):
        other = self._create_gateway("line B", 502)
        off = self._create_gateway("line C", 502)
        other.polling_uuid = "elsewhere"
        off.action_polling_off()
        gateways = self.gateway | other | off
        for polling, expected in (("on", self.gateway), ("elsewhere", other), ("off", off)):
            found = gateways.search([("polling", "=", polling), ("id", "in", gateways.ids)])
            self.assertEqual(found, expected, polling)
        self.assertEqual(gateways.search([("polling", "!=", "on"), ("id", "in", gateways.ids)]), other | off)

    def test_form(self):
        with Form(self.env["energy.modbus.gateway"].with_user(self.engineer)) as form:
            form.name = "line D"
            form.host = "192.0.2.7"
        self.assertRecordValues(form.record, [{"port": 502, "framer": "socket", "polling": "off", "state": "disabled"}])

    def test_connection_button(self):
        action = self.gateway.with_user(self.engineer).action_test_connection()
        self.assertEqual(action["params"]["type"], "success")
        self.gateway.port = 1
        action = self.gateway.action_test_connection()
        self.assertEqual(action["params"]["type"], "danger")
        self.assertIn("refuses", action["params"]["message"])

    def test_button_respects_the_lease(self):
        self.gateway.write({"lease_until": "2999-01-01 00:00:00", "lease_owner": "a run"})
        with self.assertRaisesRegex(UserError, "being read right now"):
            self.gateway.action_test_connection()

    def test_read_now_wants_polling_on(self):
        self.gateway.action_polling_off()
        with self.assertRaisesRegex(UserError, "Switch it on"):
            self.gateway.action_poll_now()


@tagged("post_install", "-at_install")
class TestGatewayRights(ModbusCommon):
    def test_engineer_and_manager_write(self):
        for user in (self.engineer, self.manager):
            gateway = self.gateway.with_user(user)
            gateway.write({"interval": 120})
            gateway.action_polling_off()
            gateway.action_polling_on()
            self.meter_1.with_user(user).write({"modbus_unit": 7})
            self.sdm630.with_user(user).action_verify()
            created = gateway.create({"name": f"of {user.login}", "host": "192.0.2.1"})
            self.assertTrue(created, "one that serves no unit yet is theirs to keep")

    def test_others_only_read(self):
        for user in (self.viewer, self.accountant, self.auditor):
            gateway = self.gateway.with_user(user)
            self.assertEqual(gateway.name, "line A")
            for method in ("action_polling_on", "action_polling_off", "action_test_connection", "action_test_read"):
                with self.assertRaises(AccessError, msg=f"{user.login} {method}"):
                    getattr(gateway, method)()
            with self.assertRaises(AccessError):
                self.meter_1.with_user(user).action_modbus_test_read()
            with self.assertRaises(AccessError):
                self.env["energy.modbus.test.read"].with_user(user).create({"meter_id": self.meter_1.id})
            with self.assertRaises(AccessError):
                self.sdm630.with_user(user).action_verify()

    def test_engineer_has_no_prices(self):
        """The engineer's role opens meters and lines, not what energy costs."""
        self.assertFalse(self.engineer.has_group("energy_carbon.group_see_prices"))
        for model in ("energy.tariff", "energy.tariff.price"):
            with self.assertRaises(AccessError, msg=model):
                self.env[model].with_user(self.engineer).search([])
        for model in ("energy.value", "energy.value.month"):
            fields_seen = self.env[model].with_user(self.engineer).fields_get()
            self.assertIn("value", fields_seen)
            self.assertNotIn("cost", fields_seen)
            with self.assertRaises(AccessError, msg=model):
                self.env[model].with_user(self.engineer)._read_group([], [], ["cost:sum"])

    def test_journal_is_written_by_nobody(self):
        poll = self.env["energy.modbus.poll"].create({"gateway_id": self.gateway.id, "start": "2026-07-01 00:00:00"})
        for user in (self.engineer, self.manager):
            self.assertTrue(poll.with_user(user).start)
            with self.assertRaises(AccessError):
                poll.with_user(user).write({"stored": 1})
            with self.assertRaises(AccessError):
                poll.with_user(user).unlink()

    def test_node_wall(self):
        """A clerk sees the gateways that serve his workshop only, and no journal of others."""
        poll = self.env["energy.modbus.poll"].create({"gateway_id": self.gateway.id, "start": "2026-07-01 00:00:00"})
        mine = self._create_gateway("line W1", 502, node_id=self.workshop_1.id)
        free = self._create_gateway("line of nobody", 502, node_id=False)
        visible = self.env["energy.modbus.gateway"].with_user(self.clerk_1).search([])
        self.assertEqual(visible, mine.with_user(self.clerk_1))
        self.assertNotIn(free, self.env["energy.modbus.gateway"].with_user(self.viewer).search([]))
        self.assertIn(free, self.env["energy.modbus.gateway"].with_user(self.engineer).search([]))
        with self.assertRaises(AccessError):
            self.gateway.with_user(self.clerk_1).read(["host"])
        with self.assertRaises(AccessError):
            poll.with_user(self.clerk_1).read(["start"])

    def test_company_wall(self):
        other = self._create_company("Other Castings")
        foreign = self.env["energy.modbus.gateway"].create(
            {"name": "foreign", "host": "192.0.2.1", "company_id": other.id}
        )
        table = self.env["energy.modbus.map"].create({"manufacturer": "X", "model": "Y", "company_id": other.id})
        for record in (foreign, table):
            with self.assertRaises(AccessError):
                record.with_user(self.manager).read(["display_name"])
        with self.assertRaises(UserError):
            self.meter_1.write({"modbus_gateway_id": foreign.id, "modbus_unit": 1})
