"""The engineer's tools: scan a line, compare with a display, test read's byte orders."""

from datetime import timedelta
from unittest.mock import patch

from odoo.exceptions import AccessError, UserError
from odoo.tests import Form, tagged

from ..collector.scan import Guess
from ..wizard import energy_modbus_scan
from .common import ModbusCommon, float_registers, long_registers


class ToolsCase(ModbusCommon):
    def _scan(self, **values):
        action = self.gateway.with_user(self.engineer).action_scan()
        scan = self.env["energy.modbus.scan"].browse(action["res_id"]).with_user(self.engineer)
        scan.write({"first_unit": 1, "last_unit": 4, "timeout": 0.2, **values})
        return scan

    def _run(self, scan):
        scan.action_scan()
        for _slice in range(100):
            if not scan.scan_step():
                return
        self.fail("the scan does not end")


@tagged("post_install", "-at_install")
class TestScanLine(ToolsCase):
    def test_scan_line_shows_who_is_there(self):
        self.line.set(3, 3, 0, [7])
        scan = self._scan(with_guess=False)
        self._run(scan)
        self.assertRecordValues(
            scan.line_ids.sorted("unit"),
            [
                {"unit": 1, "outcome": "exception", "meter_id": self.meter_1.id},
                {"unit": 2, "outcome": "exception", "meter_id": self.meter_2.id},
                {"unit": 3, "outcome": "answers", "meter_id": False},
                {"unit": 4, "outcome": "silent", "meter_id": False},
            ],
        )
        self.assertRecordValues(scan, [{"state": "done", "found_count": 3, "progress": 100.0}])
        refused = scan.line_ids.filtered(lambda line: line.unit == 1)
        self.assertIn("refused the register", refused.explanation)
        self.assertIn("tx  ", refused.frames)

    def test_scan_line_guesses_the_model(self):
        self.line.set(1, 4, 0x0000, float_registers(231.5))
        self.line.set(1, 4, 0x003E, float_registers(0.92))
        self.line.set(1, 4, 0x0046, float_registers(50.01))
        self.line.set(1, 4, 0x0006, float_registers(12.5))
        scan = self._scan(last_unit=1)
        self._run(scan)
        self.assertIn(self.sdm630.model, scan.line_ids.guess_text)
        self.assertTrue(scan.line_ids.map_id)
        self.assertEqual(scan.state, "done")

    def test_scan_believes_what_the_device_says_of_itself(self):
        """The registers of an SDM120 are among the SDM630's: both fit, and the device's own word decides."""
        small = self.env["energy.modbus.map"].search([("model", "=", "SDM120")], limit=1)
        guesses = [Guess(small.id, 5, 5, 9.0, 1.0), Guess(self.sdm630.id, 5, 5, 9.0, 1.0)]
        scan = self._scan()
        self.assertEqual(scan._named_first("Eastron SDM630 1.2", guesses)[0].key, self.sdm630.id)
        self.assertEqual(scan._named_first(False, guesses)[0].key, small.id)

    def test_scan_registers_a_meter(self):
        self.line.set(3, 3, 0, [7])
        scan = self._scan(with_guess=False)
        self._run(scan)
        line = scan.line_ids.filtered(lambda one: one.unit == 3)
        line.map_id = self.sdm630
        action = line.action_register()
        node = self.env["energy.node"].with_user(self.engineer).with_context(**action["context"])
        meter = node.create({"energy_type_id": self.el.id, "parent_id": self.workshop_1.id})
        self.assertRecordValues(
            meter,
            [{"kind": "meter", "modbus_unit": 3, "modbus_gateway_id": self.gateway.id, "modbus_map_id": self.sdm630.id}],
        )
        line.invalidate_recordset()
        self.assertEqual(line.meter_id, meter)
        with self.assertRaisesRegex(UserError, "is .* already"):
            line.action_register()

    def test_scan_holds_the_line(self):
        """Polling and other buttons wait while a scan runs, and no longer."""
        scan = self._scan(with_guess=False)
        scan.action_scan()
        self.assertTrue(self.gateway.lease_until > self.env.cr.now())
        with self.assertRaisesRegex(UserError, "is being read right now"):
            self.gateway.with_user(self.engineer).action_test_connection()
        self.assertFalse(self.gateway.search([("id", "=", self.gateway.id), ("lease_until", "=", False)]))
        scan.action_stop()
        self.assertRecordValues(scan, [{"state": "cancelled"}])
        self.assertRecordValues(self.gateway, [{"lease_until": False, "lease_owner": False}])

    def test_scan_respects_the_poll(self):
        scan = self._scan()
        self.gateway.write({"lease_owner": "poll", "lease_until": self.env.cr.now() + timedelta(seconds=60)})
        with self.assertRaisesRegex(UserError, "is being read right now"):
            scan.action_scan()

    def test_scan_is_cancelled_and_taken_up_again(self):
        scan = self._scan(with_guess=False)
        with patch.object(energy_modbus_scan, "SLICE_SECONDS", 0.0):
            scan.action_scan()
            self.assertTrue(scan.scan_step())
            scan.action_stop()
            self.assertFalse(scan.scan_step(), "stopped is stopped")
            self.assertEqual(scan.line_ids.mapped("unit"), [1])
            scan.action_continue()
            while scan.scan_step():
                pass
        self.assertEqual(sorted(scan.line_ids.mapped("unit")), [1, 2, 3, 4])
        self.assertEqual(scan.state, "done")

    def test_scan_of_a_gateway_that_is_down(self):
        self.gateway.port = 1
        scan = self._scan()
        self._run(scan)
        self.assertRecordValues(scan, [{"state": "cancelled", "line_ids": []}])
        self.assertIn("No connection", scan.problem)
        self.assertFalse(self.gateway.lease_until)

    def test_scan_rights(self):
        for user in (self.viewer, self.clerk_1, self.auditor, self.accountant):
            with self.assertRaises(AccessError):
                self.gateway.with_user(user).action_scan()
        self.assertTrue(self.gateway.with_user(self.manager).action_scan())
        self.engineer.energy_node_ids = self.workshop_1
        with self.assertRaises(AccessError):
            self.gateway.with_user(self.engineer).action_scan()

    def test_scan_form(self):
        with Form(self._scan()) as form:
            form.last_unit = 9


@tagged("post_install", "-at_install")
class TestCompareDisplay(ToolsCase):
    def _compare(self, meter, name, shown, **values):
        point = meter.modbus_map_id.point_ids.filtered(lambda one: one.name == name and one.enabled)
        action = self.env["energy.modbus.compare"].with_user(self.engineer)._open(meter, point)
        compare = self.env["energy.modbus.compare"].with_user(self.engineer).browse(action["res_id"])
        compare.write({"shown": shown, **values})
        return compare

    def test_compare_with_display_same(self):
        self._set_meters(forward_2=12345.6)
        compare = self._compare(self.meter_2, "Forward active energy", "12345.6")
        compare.action_compare()
        self.assertEqual(compare.state, "same")
        self.assertFalse(self.readings(self.forward_2))
        compare.action_verify()
        self.assertRecordValues(self.adl400, [{"state": "verified", "verified_by": self.engineer.id}])

    def test_compare_with_display_other_order(self):
        self.line.set(2, 3, 0x084C, list(reversed(long_registers(123456))))
        compare = self._compare(self.meter_2, "Forward active energy", "12345.6")
        compare.action_compare()
        self.assertEqual(compare.state, "other")
        best = compare.line_ids[0]
        self.assertRecordValues(best, [{"order": "CDAB", "datatype": "uint32", "address": 0x084C}])
        self.assertEqual(best.difference, "byte order")
        best.action_apply()
        point = compare.point_id
        self.assertEqual(point.order, "CDAB")
        self.assertEqual(compare.state, "same")
        self.assertEqual(self.adl400.state, "unverified", "applied, not yet said to be right")

    def test_compare_with_display_apply_and_verify(self):
        self.line.set(2, 3, 0x084C, long_registers(0))
        self.line.set(2, 3, 0x084D, long_registers(1234567))
        compare = self._compare(self.meter_2, "Forward active energy", "12345.67")
        compare.action_compare()
        best = compare.line_ids[0]
        self.assertRecordValues(best, [{"address": 0x084D, "datatype": "uint32", "order": "ABCD"}])
        best.action_apply_and_verify()
        self.assertRecordValues(compare.point_id, [{"address": 0x084D, "scale": 0.01}])
        self.assertRecordValues(self.adl400, [{"state": "verified", "verified_by": self.engineer.id}])

    def test_compare_with_display_secondary_side(self):
        self.meter_2.write({"ct_primary": 400, "ct_secondary": 5})
        self._set_meters(forward_2=1234.5)
        compare = self._compare(self.meter_2, "Forward active energy", "98760.0")
        compare.action_compare()
        best = compare.line_ids[0]
        self.assertTrue(best.secondary)
        best.action_apply()
        self.assertTrue(compare.point_id.secondary_side)

    def test_compare_with_display_in_another_unit(self):
        """The display shows kW, the register counts W: the table is right, and nobody divides it by 1000."""
        compare = self._compare(self.meter_1, "Active power", "12.50", uom_id=self.power_1.uom_id.id)
        self.assertIn(self.power_1.uom_id, compare.allowed_uom_ids)
        self.assertNotIn(self.el.uom_id, compare.allowed_uom_ids)
        compare.action_compare()
        self.assertEqual(compare.state, "same")
        self.assertEqual(compare.line_ids[0].value, "12.5")

    def test_compare_with_display_nothing_fits(self):
        compare = self._compare(self.meter_2, "Forward active energy", "31415.9")
        compare.action_compare()
        self.assertEqual(compare.state, "none")
        with self.assertRaisesRegex(UserError, "Compare first"):
            compare.action_verify()

    def test_compare_with_display_refuses_what_tells_nothing(self):
        refused = (("0", "too few digits"), ("7.0", "too few digits"), ("12 kWh", "Type the number"), (False, "Type"))
        for shown, message in refused:
            compare = self._compare(self.meter_2, "Forward active energy", shown)
            with self.assertRaisesRegex(UserError, message):
                compare.action_compare()

    def test_compare_with_display_silent_meter(self):
        self._set_meters(forward_1=1.0)
        compare = self._compare(self.meter_2, "Forward active energy", "12345.6")
        with self.assertRaisesRegex(UserError, "No answer"):
            compare.action_compare()

    def test_compare_rights(self):
        point = self.adl400.point_ids[:1]
        for user in (self.viewer, self.clerk_1, self.auditor, self.accountant):
            with self.assertRaises(AccessError):
                self.env["energy.modbus.compare"].with_user(user)._open(self.meter_2, point)
            with self.assertRaises(AccessError):
                self.env["energy.modbus.compare"].with_user(user).create(
                    {"meter_id": self.meter_2.id, "point_id": point.id}
                )
        compare = self._compare(self.meter_2, "Forward active energy", "12345.6")
        self.engineer.energy_node_ids = self.workshop_1
        with self.assertRaises(AccessError):
            compare.action_compare()
        with self.assertRaises(AccessError):
            self._compare(self.meter_2, "Forward active energy", "12345.6")


@tagged("post_install", "-at_install")
class TestTestReadOrders(ToolsCase):
    def test_all_orders_side_by_side(self):
        action = self.meter_2.with_user(self.engineer).action_modbus_test_read()
        test = self.env["energy.modbus.test.read"].browse(action["res_id"])
        line = test.line_ids.filtered(lambda one: one.name == "Forward active energy")
        # 0000 07D0: 2000 x 0.1 kWh
        self.assertEqual(line.abcd, "200")
        self.assertEqual(line.cdab, "13107200")
        self.assertEqual(line.badc, "5325.5")
        self.assertEqual(line.dcba, f"{0xD0070000 / 10:.8g}")
        self.assertIn("Forward active energy (0x084C)", test.frames)
        self.assertIn(" ms", test.frames)

    def test_compare_from_test_read(self):
        action = self.meter_2.with_user(self.engineer).action_modbus_test_read()
        test = self.env["energy.modbus.test.read"].with_user(self.engineer).browse(action["res_id"])
        line = test.line_ids.filtered(lambda one: one.name == "Forward active energy")
        compare = self.env["energy.modbus.compare"].browse(line.action_compare()["res_id"])
        self.assertRecordValues(compare, [{"meter_id": self.meter_2.id, "point_id": line.point_id.id}])


@tagged("post_install", "-at_install")
class TestToolsAreOnesOwn(ToolsCase):
    def test_wizards_are_for_who_opened_them(self):
        """Two engineers may have walls between them: what one read of a meter is not the other's to see."""
        test = self.env["energy.modbus.test.read"].browse(
            self.meter_2.with_user(self.engineer).action_modbus_test_read()["res_id"]
        )
        scan = self._scan(with_guess=False)
        self._run(scan)
        for record in (test, test.line_ids, scan, scan.line_ids):
            self.assertTrue(record.with_user(self.engineer).read(["display_name"]))
            with self.assertRaises(AccessError, msg=record._name):
                record.with_user(self.manager).read(["display_name"])

    def test_every_wizard_has_its_wall(self):
        wizards = self.env["ir.model"].search([("model", "=like", "energy.modbus.%"), ("transient", "=", True)])
        self.assertEqual(len(wizards), 9)
        self.assertEqual(wizards.filtered(lambda model: not model.rule_ids.filtered("global")).mapped("model"), [])
