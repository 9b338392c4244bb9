"""Alerts: silent, coming and going, stuck; told once, closed by themselves, no flood."""

from datetime import UTC, datetime, timedelta

from odoo.exceptions import AccessError
from odoo.tests import tagged

from .common import ModbusCommon

NOW = datetime(2026, 3, 10, 8, 0)


@tagged("post_install", "-at_install")
class TestAlert(ModbusCommon):
    def setUp(self):
        super().setUp()
        self.gateway.write({"responsible_id": self.engineer.id, "last_poll": NOW})
        for meter in self.meter_1 | self.meter_2:
            meter.modbus_last_success = NOW

    def _answer(self, time):
        """The line was polled and every meter answered."""
        self.gateway.last_poll = time
        (self.meter_1 | self.meter_2).modbus_last_success = time

    def check(self, now=NOW):
        self.gateway._check_alerts(now)

    def alerts(self, **values):
        domain = [("gateway_id", "=", self.gateway.id), *((name, "=", value) for name, value in values.items())]
        return self.env["energy.modbus.alert"].search(domain)

    def activities(self, record):
        return self.env["mail.activity"].search([("res_model", "=", record._name), ("res_id", "=", record.id)])

    def _poll(self, minutes, failed=(), state="ok", code=None):
        detail = {"slaves": {str(unit): "silence" for unit in failed}, "code": code}
        self.env["energy.modbus.poll"].create(
            {
                "gateway_id": self.gateway.id,
                "start": NOW - timedelta(minutes=minutes),
                "state": state,
                "error_detail": detail,
            }
        )

    def _read(self, indicator, *readings):
        times = [int(time.replace(tzinfo=UTC).timestamp()) for time, _value in readings]
        self.env["energy.reading"]._append([indicator.id] * len(times), times, [value for _time, value in readings])

    def test_x8_all_is_well(self):
        self.check()
        self.assertFalse(self.alerts())

    def test_x8_silent_meter(self):
        self.meter_2.modbus_last_success = NOW - timedelta(minutes=6)
        self.check()
        alert = self.alerts()
        self.assertRecordValues(alert, [{"node_id": self.meter_2.id, "kind": "silent", "user_id": self.engineer.id}])
        activity = self.activities(self.meter_2)
        self.assertRecordValues(activity, [{"user_id": self.engineer.id, "summary": "Meter 2: Silent"}])
        self.assertIn("No good reading since", alert.text)

    def test_x8_not_silent_before_n_intervals(self):
        self.meter_2.modbus_last_success = NOW - timedelta(minutes=6)
        self.gateway.alert_intervals = 10
        self.check()
        self.assertFalse(self.alerts())

    def test_x8_made_once_and_closed_by_itself(self):
        self.meter_2.modbus_last_success = NOW - timedelta(minutes=6)
        for _run in range(3):
            self.check()
        self.assertEqual(len(self.alerts()), 1)
        self.assertEqual(len(self.activities(self.meter_2)), 1)
        self.meter_2.modbus_last_success = NOW
        self.check()
        self.assertRecordValues(self.alerts(), [{"closed_on": NOW}])
        self.assertFalse(self.activities(self.meter_2))

    def test_x8_an_activity_done_by_hand_does_not_come_back(self):
        self.meter_2.modbus_last_success = NOW - timedelta(minutes=6)
        self.check()
        self.activities(self.meter_2).with_user(self.engineer).action_feedback("I am on it")
        self.check()
        self.assertFalse(self.activities(self.meter_2))
        self.assertEqual(len(self.alerts(closed_on=False)), 1)
        self.meter_2.modbus_last_success = NOW
        self.check()
        self.assertFalse(self.alerts(closed_on=False))

    def test_x8_whole_line_down_is_one_activity(self):
        for meter in self.meter_1 | self.meter_2:
            meter.modbus_last_success = NOW - timedelta(minutes=30)
        self.check()
        self.assertRecordValues(self.alerts(), [{"node_id": False, "kind": "silent"}])
        self.assertEqual(len(self.activities(self.gateway)), 1)
        self.assertFalse(self.activities(self.meter_1) | self.activities(self.meter_2))

    def test_x8_line_down_after_a_meter(self):
        """The meter that was silent before keeps its alert, the others add none."""
        self.meter_2.modbus_last_success = NOW - timedelta(minutes=30)
        self.check()
        self.meter_1.modbus_last_success = NOW - timedelta(minutes=7)
        self.check()
        self.assertEqual(self.alerts(closed_on=False).mapped("node_id"), self.meter_2)
        self.assertEqual(len(self.alerts(closed_on=False)), 2)
        self.meter_1.modbus_last_success = NOW
        self.check()
        self.assertRecordValues(self.alerts(closed_on=False), [{"node_id": self.meter_2.id, "opened_on": NOW}])

    def test_x8_not_polled_any_more(self):
        self.gateway.last_poll = NOW - timedelta(hours=1)
        self.check()
        self.assertIn("was not polled since", self.alerts().text)

    def test_x8_flapping(self):
        for minute in range(20):
            self._poll(minute, failed=[2] if minute // 2 % 2 else [])
        self.check()
        self.assertRecordValues(self.alerts(), [{"node_id": self.meter_2.id, "kind": "flapping"}])
        self._answer(NOW + timedelta(hours=4))
        self.check(NOW + timedelta(hours=4))
        self.assertFalse(self.alerts(closed_on=False).filtered(lambda one: one.kind == "flapping"))

    def test_x8_one_outage_is_no_flapping(self):
        for minute in range(30):
            self._poll(minute, failed=[2] if 10 < minute < 20 else [])
        self.check()
        self.assertFalse(self.alerts())

    def test_x8_flapping_of_the_gateway_is_one_alert(self):
        for minute in range(20):
            down = minute % 2
            self._poll(minute, failed=[1, 2] if down else [], state="silent" if down else "ok", code="connect" if down else None)
        self.check()
        self.assertRecordValues(self.alerts(), [{"node_id": False, "kind": "flapping"}])

    def _days(self, indicator, rate):
        self._read(indicator, *((NOW - timedelta(hours=hour), 1000.0 - rate * hour) for hour in range(0, 96, 6)))

    def test_x8_stuck_value(self):
        self._days(self.forward_1, 2.0)
        self._days(self.forward_2, 0.0)
        self.check()
        self.assertRecordValues(self.alerts(), [{"node_id": self.meter_2.id, "kind": "stuck"}])
        self.assertIn("stands at 1000", self.alerts().text)
        self._read(self.forward_2, (NOW + timedelta(hours=1), 1001.0))
        self._answer(NOW + timedelta(hours=2))
        self.check(NOW + timedelta(hours=2))
        self.assertFalse(self.alerts(closed_on=False).filtered(lambda one: one.kind == "stuck"))

    def test_x8_nobody_moves_is_a_holiday(self):
        self._days(self.forward_1, 0.0)
        self._days(self.forward_2, 0.0)
        self.check()
        self.assertFalse(self.alerts())

    def test_x8_stuck_is_set_per_meter(self):
        self._days(self.forward_1, 2.0)
        self._days(self.forward_2, 0.0)
        self.meter_2.modbus_stuck_days = 0
        self.check()
        self.assertFalse(self.alerts())
        self.meter_2.modbus_stuck_days = 7
        self.check()
        self.assertFalse(self.alerts(), "four days of readings say nothing about seven")

    def test_x8_responsible_of_the_meter(self):
        self.meter_2.modbus_responsible_id = self.manager
        self.meter_2.modbus_last_success = NOW - timedelta(minutes=6)
        self.check()
        self.assertEqual(self.activities(self.meter_2).user_id, self.manager)

    def test_x8_who_may_not_see_the_meter_is_not_told(self):
        self.engineer.energy_node_ids = self.workshop_1
        self.gateway.create_uid.energy_node_ids = False
        self.meter_2.modbus_last_success = NOW - timedelta(minutes=6)
        self.check()
        self.assertEqual(len(self.alerts()), 1)
        self.assertNotIn(self.engineer, self.activities(self.meter_2).user_id)

    def test_x8_switched_off_closes(self):
        self.meter_2.modbus_last_success = NOW - timedelta(minutes=6)
        self.check()
        self.gateway.action_polling_off()
        self.check()
        self.assertFalse(self.alerts(closed_on=False))

    def test_x8_scheduled_action(self):
        self.meter_2.modbus_last_success = self.env.cr.now() - timedelta(days=1)
        self.meter_1.modbus_last_success = self.gateway.last_poll = self.env.cr.now()
        with self.enter_registry_test_mode():
            self.env.ref("energy_carbon_modbus.ir_cron_energy_modbus_alert").method_direct_trigger()
        self.assertRecordValues(self.alerts(), [{"node_id": self.meter_2.id, "kind": "silent"}])

    def test_x8_walls(self):
        """Everybody reads the alerts of what he may see and nobody writes one."""
        self.meter_2.modbus_last_success = NOW - timedelta(minutes=6)
        self.check()
        alerts = self.env["energy.modbus.alert"]
        domain = [("gateway_id", "=", self.gateway.id)]
        self.assertFalse(alerts.with_user(self.clerk_1).search(domain))
        self.assertTrue(alerts.with_user(self.clerk_2).search(domain))
        for user in (self.viewer, self.engineer, self.manager):
            with self.assertRaises(AccessError):
                self.alerts().with_user(user).write({"closed_on": NOW})


@tagged("post_install", "-at_install")
class TestDashboard(ModbusCommon):
    def test_figures_of_the_journal(self):
        for ok, failed, milliseconds in ((9, 1, 40.0), (10, 0, 60.0), (0, 0, 0.0)):
            self.env["energy.modbus.poll"].create(
                {
                    "gateway_id": self.gateway.id,
                    "start": self.env.cr.now(),
                    "points_ok": ok,
                    "points_failed": failed,
                    "round_trip": milliseconds,
                    "requests": 5,
                }
            )
        gateway = self.gateway.with_user(self.viewer)
        self.assertRecordValues(gateway, [{"poll_count": 3, "requests_per_poll": 5.0}])
        self.assertAlmostEqual(gateway.success_rate, 95.0)
        self.assertAlmostEqual(gateway.round_trip, 50.0)

    def test_health_by_real_readings(self):
        now = int(self.env.cr.now().replace(tzinfo=UTC).timestamp())
        times = [now - 120 * place for place in range(10)]  # every other minute of the polling interval
        self.env["energy.reading"]._append([self.forward_2.id] * 10, times, list(range(10, 0, -1)))
        meter = self.meter_2.with_user(self.viewer)
        self.assertEqual(meter.modbus_reading_count, 10)
        self.assertAlmostEqual(meter.modbus_reading_rate, 1000 / 18, places=1)
        self.assertEqual(self.meter_1.modbus_reading_count, 0)

    def test_next_try_of_a_silent_meter(self):
        self._set_meters(forward_1=100.0)
        self.poll()
        self.gateway.invalidate_recordset()
        self.meter_2.invalidate_recordset()
        self.assertGreater(self.meter_2.modbus_failures, 0)
        self.assertTrue(self.meter_2.modbus_next_try)
        self.assertEqual(self.gateway.silent_count, 1)
        self.assertIn("Meter 2 at", self.gateway.with_user(self.viewer).back_off_text)
        self.assertTrue(self.gateway.last_reading)

    def test_empty(self):
        gateway = self._create_gateway("line B", 502)
        self.assertRecordValues(gateway, [{"poll_count": 0, "last_reading": False, "back_off_text": "", "silent_count": 0}])
