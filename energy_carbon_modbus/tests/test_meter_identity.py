"""What a meter says of itself: another serial number or ratio proposes a meter event, and changes nothing by itself."""

from datetime import timedelta
from unittest.mock import patch

import psycopg2

from odoo import fields
from odoo.tests import tagged

from .common import ModbusCommon, long_registers


@tagged("post_install", "-at_install")
class TestMeterIdentity(ModbusCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        points = cls.env["energy.modbus.map.point"]
        serial = {"map_id": cls.adl400.id, "name": "Serial number", "purpose": "serial_number", "address": 0x0300}
        points.create({**serial, "datatype": "string", "text_registers": 4})

    def setUp(self):
        super().setUp()
        self._say(serial="A1-00017", ct=1)

    def _say(self, serial=None, ct=None, forward=200.0):
        self._set_meters(forward_1=100.0, forward_2=forward)
        if serial:
            text = serial.encode().ljust(8, b"\0")
            self.line.set(2, 3, 0x0300, [int.from_bytes(text[i : i + 2], "big") for i in range(0, 8, 2)])
        if ct:
            self.line.set(2, 3, 141, [1, ct])

    def _poll_again(self, hours=2):
        """The next poll, when it is time to ask again."""
        self.gateway.next_poll = False
        if self.meter_2.modbus_identity_on:
            self.meter_2.modbus_identity_on -= timedelta(hours=hours)
        self.poll()

    def _events(self):
        return self.env["energy.meter.change"].search([("node_id", "=", self.meter_2.id)])

    def test_serial_number_is_read_and_is_no_reading(self):
        self._poll_again()
        self.assertEqual(self.meter_2.modbus_serial, "A1-00017")
        self.assertFalse(self._events())
        self.assertEqual(self.meter_2.modbus_state, "ok")
        self.assertEqual(len(self.readings(self.forward_2)), 1)

    def test_what_a_meter_says_survives_a_second_try(self):
        """PostgreSQL refuses the first one for another transaction's sake."""
        gateway_class = type(self.gateway)
        finish, tries = gateway_class._finish, []

        def refuse_once(gateways, *arguments):
            tries.append(arguments)
            if len(tries) == 1:
                raise psycopg2.errors.SerializationFailure
            return finish(gateways, *arguments)

        with patch.object(gateway_class, "_finish", refuse_once):
            self._poll_again()
        self.assertEqual(len(tries), 2)
        self.assertEqual(self.meter_2.modbus_serial, "A1-00017")
        self.assertEqual(len(self.readings(self.forward_2)), 1)

    def test_a_changed_serial_number_proposes_a_swap(self):
        self.meter_2.serial_number = "17"
        self._poll_again()
        self.assertFalse(self._events(), "the type plate's 17 is the register's A1-00017")
        self._say(serial="A1-00018", forward=3.0)
        self._poll_again()
        self.assertRecordValues(
            self._events(),
            [{"kind": "swap", "state": "proposed", "serial_number": "A1-00018", "found_by": "calculation"}],
        )
        self.assertEqual(self.meter_2.serial_number, "17", "the ledger follows when somebody confirms")
        self._poll_again()
        self.assertEqual(len(self._events()), 1, "proposed once")
        self._events().with_user(self.engineer).action_confirm()
        self.assertEqual(self.meter_2.serial_number, "A1-00018")

    def test_a_swap_explains_the_register_that_fell(self):
        """The calculation finds the fall first and calls it a reset; the serial number says what it was."""
        self._poll_again()
        self.env["energy.meter.change"].create(
            {
                "node_id": self.meter_2.id,
                "kind": "reset",
                "found_by": "calculation",
                "time": fields.Datetime.now() - timedelta(seconds=1),
            }
        )
        self.meter_2.modbus_identity_on -= timedelta(hours=2)
        self._say(serial="A1-00018")
        self.gateway.next_poll = False
        self.poll()
        self.assertRecordValues(self._events(), [{"kind": "swap", "serial_number": "A1-00018"}])

    def test_a_dismissed_swap_is_not_proposed_again(self):
        self._poll_again()
        self._say(serial="A1-00018")
        self._poll_again()
        self._events().action_dismiss()
        self._poll_again()
        self.assertEqual(self._events().mapped("state"), ["dismissed"])

    def test_another_ratio_is_proposed_and_changes_nothing(self):
        self.meter_2.with_context(energy_ledger_follows=True).write({"ct_primary": 400, "ct_secondary": 5})
        self._say(serial="A1-00017", ct=80)
        self._poll_again()
        self.assertFalse(self._events())
        self._say(serial="A1-00017", ct=120)
        self._poll_again()
        (event,) = self._events()
        self.assertRecordValues(
            event, [{"kind": "ratio", "state": "proposed", "old_ratio": 80.0, "new_ratio": 120.0, "ct_primary": 600.0}]
        )
        self.assertEqual(self.meter_2.ratio, 80.0)
        self._poll_again()
        self.assertEqual(len(self._events()), 1, "proposed once")
        event.action_confirm()
        self.assertEqual(self.meter_2.ratio, 120.0)

    def test_a_ratio_that_does_not_matter_is_not_asked_for(self):
        """Registers on the primary side and no ratio in the ledger: the meter's own setting is its own business."""
        self._say(serial="A1-00017", ct=120)
        self._poll_again()
        self.assertFalse(self._events())
        self.assertNotIn(141, [request[2] for request in self.line.requests])
        self.forward_2.secondary_side = True
        self._poll_again()
        self.assertEqual(self._events().kind, "ratio")

    def test_asked_each_hour_and_after_silence(self):
        asked = lambda: [request for request in self.line.requests if request[2] == 0x0300]  # noqa: E731
        self._poll_again()
        self.assertEqual(len(asked()), 1)
        self.gateway.next_poll = False
        self.poll()
        self.assertEqual(len(asked()), 1, "not again within the hour")
        self.meter_2.modbus_state = "silent"
        self.gateway.next_poll = False
        self.poll()
        self.assertEqual(len(asked()), 2, "who swaps a meter switches it off")

    def test_a_meter_that_gives_no_serial_number_is_not_ill(self):
        self._say()
        self._poll_again()
        self.assertEqual(self.meter_2.modbus_state, "ok")
        self.assertEqual(len(self.readings(self.forward_2)), 1)
        self.assertFalse(self.meter_2.modbus_serial)

    def test_a_serial_number_that_is_a_number(self):
        point = self.adl400.point_ids.filtered(lambda one: one.purpose == "serial_number")
        point.write({"datatype": "uint32"})
        self.line.set(2, 3, 0x0300, long_registers(230_800_117))
        self._poll_again()
        self.assertEqual(self.meter_2.modbus_serial, "230800117")
