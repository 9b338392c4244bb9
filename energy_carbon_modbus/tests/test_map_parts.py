"""Points that belong together: integer and decimal part, unit codes, kept records, and rules of reading."""

from zoneinfo import ZoneInfo

from odoo.exceptions import AccessError, ValidationError
from odoo.tests import tagged

from ..collector.codec import decode, encode
from ..collector.history import decode_records
from .common import ModbusCommon, float_registers


class PartsCase(ModbusCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.table = cls.env["energy.modbus.map"].create({"manufacturer": "Maker", "model": "M2"})

    @classmethod
    def _create_point(cls, name, address, datatype="uint32", template=None, **values):
        templates = cls.env["energy.indicator.template"]
        return cls.env["energy.modbus.map.point"].create(
            {
                "map_id": cls.table.id,
                "name": name,
                "address": address,
                "datatype": datatype,
                "template_id": template and templates.search([("code", "=", template)]).id,
                **values,
            }
        )


@tagged("post_install", "-at_install")
class TestMapParts(PartsCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.whole = cls._create_point("Energy", 6, template="EL.FWD")
        cls.rest = cls._create_point("Energy, decimals", 8, "float32", purpose="decimal")
        cls.whole.decimal_point_id = cls.rest

    def test_two_points_are_one_value(self):
        point = self.whole._collector_point(7, 1, self.el.uom_id)
        self.assertEqual((point.address, point.count), (6, 4))
        self.assertEqual(decode(point, [0, 12, *float_registers(0.5)]).value, 12.5)

    def test_units_of_measure_convert_the_sum(self):
        self.whole.uom_id = self.env.ref("energy_carbon.uom_mwh")
        point = self.whole._collector_point(7, 1, self.el.uom_id)
        self.assertEqual(decode(point, [0, 12, *float_registers(0.5)]).value, 12_500.0)

    def test_two_points_are_read_in_one_request(self):
        self.meter_1.modbus_map_id = self.table
        self.line.set(1, 3, 6, [0, 12, *float_registers(0.25)])
        self.poll()
        self.assertEqual([value for _time, value in self.readings(self.forward_1)], [12.25])
        self.assertIn((1, 3, 6, 4), self.line.requests)

    def test_parts_that_cannot_be_one_value_are_refused(self):
        for values in ({"datatype": "bit"}, {"address": 200}, {"function": "4"}, {"purpose": "value"}):
            with self.assertRaises(ValidationError, msg=str(values)), self.env.cr.savepoint():
                self.rest.write(values)
        with self.assertRaises(ValidationError), self.env.cr.savepoint():
            self.whole.decimal_point_id = self.env.ref("energy_carbon_modbus.point_fd_tms_gas_volume_decimal_part")

    def test_only_a_value_feeds_an_indicator(self):
        with self.assertRaisesRegex(ValidationError, "purpose Value"):
            self.whole.purpose = "ct_ratio"

    def test_a_copied_table_hangs_together(self):
        code = self._create_point("Unit", 100, "uint16", purpose="unit_code")
        code.unit_ids = [(0, 0, {"code": 1, "factor": 1000.0, "name": "MWh"})]
        self.whole.unit_code_point_id = code
        copied = self.table.copy()
        whole = copied.point_ids.filtered(lambda point: point.name == "Energy")
        self.assertEqual(whole.decimal_point_id, copied.point_ids.filtered(lambda point: point.purpose == "decimal"))
        self.assertEqual(whole.unit_code_point_id.map_id, copied)
        self.assertEqual(whole.unit_code_point_id.unit_ids.mapped("factor"), [1000.0])
        adl400 = self.adl400.copy()
        kept = adl400.point_ids.filtered("frozen_point_id")
        self.assertEqual(len(kept), 5)
        self.assertEqual((kept.frozen_point_id.map_id, kept.history_id.map_id), (adl400, adl400))

    def test_unit_code_of_the_meter(self):
        """The meter was set to MWh: 5.5 is 5,500 kWh; under an unknown code it is nothing."""
        code = self._create_point("Unit", 300, "uint16", purpose="unit_code")
        self.env["energy.modbus.map.unit"].create({"point_id": code.id, "code": 2, "factor": 1000.0, "name": "MWh"})
        heat = self._create_point("Energy (float)", 102, "float32", enabled=False)
        self.whole.template_id = False
        heat.write({"template_id": self.forward_1.template_id.id, "unit_code_point_id": code.id, "enabled": True})
        self.meter_1.modbus_map_id = self.table
        self.line.set(1, 3, 102, float_registers(5.5))
        self.line.set(1, 3, 300, [2])
        self.poll()
        self.assertEqual([value for _time, value in self.readings(self.forward_1)], [5500.0])
        self.line.set(1, 3, 300, [9])
        self.gateway.next_poll = False
        self.poll()
        self.assertEqual(len(self.readings(self.forward_1)), 1, "a value of an unknown unit is not stored")
        self.assertIn("unit", self.meter_1.modbus_last_error)

    def test_units_have_factors(self):
        code = self._create_point("Unit", 300, "uint16", purpose="unit_code")
        with self.assertRaisesRegex(ValidationError, "above zero"):
            self.env["energy.modbus.map.unit"].create({"point_id": code.id, "code": 1, "factor": 0.0})

    def test_even_rule_reaches_the_wire(self):
        self.table.even = "start"
        odd = self._create_point("Current", 21, "uint16", template="EL.P")
        self.assertTrue(odd)
        self.meter_1.modbus_map_id = self.table
        self.line.set(1, 3, 6, [0, 12, *float_registers(0.25)])
        self.line.set(1, 3, 20, [0, 5])
        self.poll()
        mine = [request for request in self.line.requests if request[0] == 1]
        self.assertEqual(mine, [(1, 3, 6, 16)])

    def test_usual_no_value_codes_can_be_switched_off(self):
        self.rest.unlink()
        self.assertEqual(decode(self.whole._collector_point(1, 1), [0xFFFF, 0xFFFF]).quality, "sentinel")
        self.whole.usual_sentinels = False
        self.assertEqual(decode(self.whole._collector_point(1, 1), [0xFFFF, 0xFFFF]).value, 4294967295.0)

    def test_address_is_shown_in_all_notations(self):
        self.whole.decimal_point_id = False
        self.whole.address_text = "402125"
        self.assertEqual(self.whole.address_text, "0x084C")
        self.assertEqual(self.whole.address_notations, "0x084C = 2124 = 402125")


@tagged("post_install", "-at_install")
class TestMapVerification(PartsCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.point = cls._create_point("Energy", 6)
        cls.table.with_user(cls.engineer).action_verify()

    def _last_note(self):
        return self.table.message_ids.sorted("id")[-1:]

    def test_who_verified_and_when(self):
        self.assertRecordValues(self.table, [{"state": "verified", "verified_by": self.engineer.id}])
        self.assertTrue(self.table.verified_on)
        self.assertIn("display", self._last_note().body)

    def test_editing_sets_back_with_a_note(self):
        self.point.with_user(self.engineer).write({"scale": 0.1, "order": "CDAB"})
        self.assertRecordValues(self.table, [{"state": "unverified", "verified_by": False, "verified_on": False}])
        note = self._last_note()
        self.assertEqual(note.author_id, self.engineer.partner_id)
        for word in ("Energy", "Scale", "Byte Order", self.engineer.name):
            self.assertIn(word, note.body)

    def test_writing_what_is_there_changes_nothing(self):
        self.point.write({"scale": 1.0, "address": 6, "note": "seen"})
        self.assertEqual(self.table.state, "verified")

    def test_new_points_and_units_set_back(self):
        code = self._create_point("Unit", 300, "uint16", purpose="unit_code")
        self.assertEqual(self.table.state, "unverified")
        self.table.action_verify()
        unit = self.env["energy.modbus.map.unit"].create({"point_id": code.id, "code": 1, "factor": 1.0})
        self.assertEqual(self.table.state, "unverified")
        self.table.action_verify()
        unit.factor = 1000.0
        self.assertEqual(self.table.state, "unverified")

    def test_rights(self):
        with self.assertRaises(AccessError):
            self.table.with_user(self.viewer).action_verify()
        with self.assertRaises(AccessError):
            self.point.with_user(self.viewer).scale = 2.0
        with self.assertRaises(AccessError):
            self.env["energy.modbus.map.history"].with_user(self.viewer).create({"map_id": self.table.id})


@tagged("post_install", "-at_install")
class TestMapHistory(PartsCase):
    def test_adl400_records_of_the_meter(self):
        """Daily records come as (time, value) of the indicator whose register they are records of."""
        (history,) = self.meter_2._modbus_histories()
        self.assertEqual([value.key for value in history.values], [self.forward_2.id])
        self.assertEqual((history.address, history.stride, history.records), (0x6000, 34, 90))
        record = [0x1A07, 0x1300, *encode(history.values[0], 1234.5)]
        (found,) = decode_records(history, {1: record}, ZoneInfo("Asia/Shanghai"))
        self.assertEqual((found.key, found.value), (self.forward_2.id, 1234.5))

    def test_records_of_the_secondary_side(self):
        """The ADL400 freezes on the secondary side what its register counts on the primary: x CT x PT."""
        self.meter_2.with_context(energy_ledger_follows=True).write({"ct_primary": 400, "ct_secondary": 5})
        (history,) = self.meter_2._modbus_histories()
        self.assertAlmostEqual(history.values[0].scale, 0.8)

    def test_a_meter_without_records(self):
        self.assertEqual(self.meter_1._modbus_histories(), [])

    def test_records_lie_in_the_address_range(self):
        values = {"map_id": self.table.id, "address": 65000, "stride": 34, "records": 90}
        with self.assertRaisesRegex(ValidationError, "65535"), self.env.cr.savepoint():
            self.env["energy.modbus.map.history"].create(values)
        history = self.env["energy.modbus.map.history"].create({**values, "address": 100})
        with self.assertRaisesRegex(ValidationError, "first record"):
            self._create_point("Late", 134, purpose="history", history_id=history.id)
