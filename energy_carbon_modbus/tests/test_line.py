"""Lines and groups: settings, the estimated time of a round, topology, and who reads what."""

from datetime import datetime
from unittest.mock import patch

from psycopg2.errors import CheckViolation

from odoo.exceptions import AccessError, ValidationError
from odoo.tests import Form, new_test_user, tagged
from odoo.tools import mute_logger

from ..collector.plan import estimate_seconds
from .common import ModbusCommon
from .test_polling import epoch


@tagged("post_install", "-at_install")
class TestLine(ModbusCommon):
    def test_settings_reach_the_collector(self):
        self.gateway.write(
            {
                "framer": "serial",
                "device": "/dev/ttyUSB0",
                "baud": "9600",
                "parity": "E",
                "stop_bits": "2",
                "connection": "kept",
                "keepalive": False,
                "pause_after_connect": 0.5,
                "turnaround": 0.1,
            }
        )
        settings = self.gateway._link_settings()
        self.assertEqual((settings.host, settings.framer, settings.baud), ("/dev/ttyUSB0", "serial", 9600))
        self.assertEqual((settings.parity, settings.stop_bits, settings.bits_a_character), ("E", 2, 12))
        self.assertEqual((settings.keep_open, settings.keepalive), (True, False))
        self.assertEqual((settings.pause_after_connect, settings.turnaround), (0.5, 0.1))
        self.assertEqual(self.gateway._address(), "/dev/ttyUSB0")

    def test_serial_port_needs_device_and_speed(self):
        for missing in ({"device": False, "baud": "9600"}, {"device": "/dev/ttyS0", "baud": False}):
            with self.assertRaises(CheckViolation), mute_logger("odoo.sql_db"), self.env.cr.savepoint():
                self.gateway.write({"framer": "serial", **missing})
                self.gateway.flush_recordset()
        with self.assertRaises(CheckViolation), mute_logger("odoo.sql_db"), self.env.cr.savepoint():
            self.gateway.host = False
            self.gateway.flush_recordset()

    def test_estimated_time_of_a_round(self):
        self.assertEqual(self.gateway.sweep_requests, 2)
        self.gateway.baud = "1200"
        blocks = self.gateway._blocks()
        slow = self.gateway.sweep_seconds
        # 1200 baud: request of 8, answer of 5 + 2n and silences of 7 characters of 10 bits, and 20 ms of the slave.
        expected = sum((8 + 5 + 7 + 2 * block.count) * 10 / 1200 + 0.02 for block in blocks)
        self.assertAlmostEqual(estimate_seconds(blocks, self.gateway._line_cost()), expected)
        self.assertAlmostEqual(slow, expected, delta=0.005, msg="the field shows hundredths")
        self.gateway.parity = "E"
        self.assertGreater(self.gateway.sweep_seconds, slow)
        self.meter_2.meter_state = "spare"
        self.gateway.invalidate_recordset(["sweep_seconds", "sweep_requests"])
        self.assertLess(self.gateway.sweep_seconds, slow)

    def test_interval_shorter_than_a_round_is_refused(self):
        self.gateway.turnaround = 5.0
        for unit in range(10, 30):
            meter = self._create_meter(f"Meter {unit}", self.workshop_1)
            meter.write({"modbus_gateway_id": self.gateway.id, "modbus_unit": unit, "modbus_map_id": self.sdm630.id})
            self._create_indicator(meter, "EL.FWD")
        self.gateway.invalidate_recordset()
        self.assertGreater(self.gateway.sweep_seconds, 100)
        self.assertTrue(self.gateway.is_too_slow, "meters put on a line later show as a warning")
        with self.assertRaisesRegex(ValidationError, "longer than the interval"):
            self.gateway.interval = 60
        self.gateway.interval = 120
        self.assertFalse(self.gateway.is_too_slow)
        with self.assertRaisesRegex(ValidationError, "Poll every"):
            self.gateway.baud = "1200"
            self.gateway.interval = 119 // 2

    def test_topology(self):
        sub = self._create_meter("A sub-meter", self.workshop_2)
        self.meter_2.main_meter_id = self.meter_1
        sub.main_meter_id = self.meter_2
        self.assertEqual(self.gateway.topology_ids.ids, [self.meter_1.id, self.meter_2.id, sub.id])
        self.assertEqual(
            self.gateway.topology_ids.mapped("modbus_topology"),
            [self.meter_1.name, f"└ {self.meter_2.name}", f"\u2003└ {sub.name}"],
        )

    def test_form_of_a_serial_line(self):
        with Form(self.env["energy.modbus.gateway"].with_user(self.engineer)) as form:
            form.name = "line S"
            form.framer = "serial"
            form.device = "/dev/ttyS1"
            form.baud = "19200"
        self.assertEqual(form.record._address(), "/dev/ttyS1")

    def test_test_connection_of_a_missing_serial_port(self):
        self.gateway.write({"framer": "serial", "device": "/dev/no-such-port", "baud": "9600"})
        action = self.gateway.action_test_connection()
        self.assertIn("cannot be opened", action["params"]["message"])


@tagged("post_install", "-at_install")
class TestGroup(ModbusCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.group = cls.env["energy.modbus.group"].create({"name": "Hall 2"})
        cls.other = cls._create_gateway("line B", cls.line.port, group_id=cls.group.id)
        cls.meter_2.modbus_gateway_id = cls.other

    def poll_group(self, group, now=None):
        with self.polling() as gateways:
            return gateways._poll_due(now, group.id)

    def test_each_group_is_read_by_its_own_action(self):
        now = epoch("2026-07-01 00:00:30")
        self.assertEqual(self.poll(now), 1)
        self.assertEqual([len(self.readings(one)) for one in (self.forward_1, self.forward_2)], [1, 0])
        self.assertEqual(self.poll_group(self.group, now), 1)
        self.assertEqual(len(self.readings(self.forward_2)), 1)
        self.assertEqual(self.group.last_poll, datetime(2026, 7, 1, 0, 0, 30))

    def test_scheduled_action_comes_and_goes_with_the_group(self):
        cron = self.group.cron_id
        self.assertEqual((cron.code, cron.interval_number, cron.interval_type), (
            f"model._cron_poll({self.group.id})", 1, "minutes"))
        self.assertIn("Hall 2", cron.name)
        self.group.name = "Hall 3"
        self.assertIn("Hall 3", cron.name)
        self.group.active = False
        self.assertFalse(cron.active)
        self.group.unlink()
        self.assertFalse(cron.exists())
        self.assertFalse(self.other.group_id)

    def test_archived_groups_gateways_are_read_by_the_general_action(self):
        self.group.active = False
        self.assertEqual(self.poll(epoch("2026-07-01 00:00:30")), 2)

    def test_scheduled_action_of_a_group_runs(self):
        with self.enter_registry_test_mode():
            self.group.cron_id.method_direct_trigger()
        self.assertEqual(self.other.state, "ok")
        self.assertEqual(self.gateway.state, "never")

    def test_read_now_wakes_the_groups_action(self):
        self.other.with_user(self.engineer).action_poll_now()
        trigger = self.env["ir.cron.trigger"].search([("cron_id", "=", self.group.cron_id.id)])
        self.assertEqual(len(trigger), 1)

    def test_two_actions_at_once_share_no_gateway(self):
        """What one holds is locked or leased, so that the other skips it."""
        self.other.group_id = False
        with self.polling() as gateways:
            first = gateways._claim_due(gateways._begin_run(epoch("2026-07-01 00:00:30"), False))
            second = gateways._claim_due(gateways._begin_run(epoch("2026-07-01 00:00:31"), False))
            self.assertEqual((len(first), len(second)), (2, 0))

    def test_rights(self):
        group = self.group.with_user(self.engineer)
        group.name = "Hall 4"
        self.assertTrue(group.create({"name": "Hall 5"}).sudo().cron_id, "engineers need no right to scheduled actions")
        for user in (self.viewer, self.accountant):
            self.assertEqual(self.group.with_user(user).name, "Hall 4")
            with self.assertRaises(AccessError):
                self.group.with_user(user).name = "mine"
        stranger = new_test_user(self.env, "stranger", "base.group_user")
        with self.assertRaises(AccessError):
            self.group.with_user(stranger).read(["name"])


@tagged("post_install", "-at_install")
class TestOneOwner(ModbusCommon):
    def test_second_host_shows_as_gateway_busy(self):
        def hang_up(gateways, **options):
            results = run_sweep_of(gateways, **options)
            for result in results:
                result.error, result.reason, result.ok = "busy", None, False
                for slave in result.slaves.values():
                    slave.ok, slave.error = False, "busy"
            return results

        from ..collector.sweep import run_sweep as run_sweep_of

        with patch("odoo.addons.energy_carbon_modbus.models.energy_modbus_polling.run_sweep", hang_up):
            self.poll(epoch("2026-07-01 00:00:30"))
        self.assertEqual(self.gateway.state, "busy")
        self.assertIn("Gateway busy", self.gateway.last_error)
        self.assertIn("Gateway busy", self.meter_1.modbus_last_error)

    def test_clock_set_back_keeps_no_gateway_waiting(self):
        self.poll(epoch("2026-07-01 12:00:30"))
        self.assertEqual(self.poll(epoch("2026-07-01 09:00:00")), 1, "the next poll is not three hours away")
        self.gateway.write({"lease_until": datetime(2026, 7, 1, 12, 2), "lease_owner": "killed"})
        self.assertEqual(self.poll(epoch("2026-07-01 09:02:00")), 1, "nor does a lease last that long")
