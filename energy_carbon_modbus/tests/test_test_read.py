"""Test read: raw registers and decoded values of all points, and nothing stored."""

from odoo.exceptions import AccessError, UserError
from odoo.tests import tagged

from .common import ModbusCommon, float_registers


@tagged("post_install", "-at_install")
class TestTestRead(ModbusCommon):
    def _read(self, meter, user=None):
        action = meter.with_user(user or self.engineer).action_modbus_test_read()
        return self.env["energy.modbus.test.read"].browse(action["res_id"]).with_user(user or self.engineer)

    def _line(self, test, name):
        return test.line_ids.filtered(lambda line: line.name == name)

    def test_raw_and_decoded(self):
        test = self._read(self.meter_2)
        self.assertRecordValues(test, [{"state": "done", "answered": True}])
        self.assertRecordValues(
            self._line(test, "Forward active energy"),
            [
                {
                    "raw": "0000 07D0",
                    "value": "200",
                    "unit": "kWh",
                    "state": "good",
                    "outcome": "Good",
                    "address_text": "0x084C",
                    "indicator_id": self.forward_2.id,
                }
            ],
        )
        refused = self._line(test, "Reverse active energy")
        self.assertRecordValues(refused, [{"raw": "", "value": "", "state": "error"}])
        self.assertIn("no such address", refused.outcome)
        self.assertIn("no indicator", refused.stored)
        self.assertIn("rx  ", test.frames)
        self.assertIn("02 03 08 4c 00 02", test.frames, "the request of the register, as on the wire")
        self.assertGreater(self._line(test, "Forward active energy").milliseconds, 0)

    def test_nothing_is_stored(self):
        self._read(self.meter_1)
        self.assertFalse(self.readings(self.forward_1))
        self.assertFalse(self.journal())
        self.assertRecordValues(self.gateway, [{"state": "never", "last_poll": False}])

    def test_value_in_the_manuals_unit(self):
        power = self._line(self._read(self.meter_1), "Active power")
        self.assertRecordValues(power, [{"value": "12500", "unit": "W"}])

    def test_no_value(self):
        self.line.set(1, 4, 0x0048, float_registers(float("nan")))
        line = self._line(self._read(self.meter_1), "Forward active energy")
        self.assertRecordValues(line, [{"raw": "7FC0 0000", "value": "", "state": "doubtful"}])

    def test_silent_meter(self):
        """One time-out, not one a point."""
        self._set_meters(forward_2=200.0)
        self.line.requests.clear()
        test = self._read(self.meter_1)
        self.assertFalse(test.answered)
        self.assertEqual(len(self.line.requests), 1)
        self.assertIn("No answer", test.line_ids[0].outcome)
        self.assertRecordValues(test.line_ids[-1], [{"state": "skipped", "outcome": "Not asked"}])
        self.assertIn("no value. No answer", test.summary)

    def test_disabled_points(self):
        test = self._read(self.meter_2)
        count = len(test.line_ids)
        test.with_disabled = True
        test.action_read()
        self.assertGreater(len(test.line_ids), count)
        self.assertIn("disabled", self._line(test, "Daily record 1: year and month").stored)

    def test_from_the_gateway(self):
        action = self.gateway.with_user(self.engineer).action_test_read()
        test = self.env["energy.modbus.test.read"].browse(action["res_id"])
        self.assertEqual(test.gateway_id, self.gateway)
        self.assertEqual(test.state, "done")

    def test_incomplete_meter(self):
        self.meter_1.modbus_map_id = False
        test = self._read(self.meter_1)
        self.assertEqual(test.state, "draft")
        with self.assertRaisesRegex(UserError, "point table first"):
            test.action_read()

    def test_rights(self):
        for user in (self.viewer, self.clerk_1, self.auditor, self.accountant):
            with self.assertRaises(AccessError):
                self._read(self.meter_1, user)
        self.assertTrue(self._read(self.meter_1, self.manager).answered)

    def test_wall(self):
        """An engineer of one workshop does not read the other's meters, not even by a wizard he still has of them."""
        tests = self.env["energy.modbus.test.read"].with_user(self.engineer)
        test = tests.create({"meter_id": self.meter_2.id})
        self.engineer.energy_node_ids = self.workshop_1
        self.gateway.node_id = self.workshop_1
        self.assertTrue(self._read(self.meter_1).answered)
        with self.assertRaises(AccessError):
            test.action_read()
        with self.assertRaises(AccessError):
            tests.create({"meter_id": self.meter_2.id})
