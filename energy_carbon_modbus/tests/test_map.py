"""Point tables: what can be typed, what is shipped, and what the meters using a table learn from it."""

from psycopg2.errors import UniqueViolation

from odoo.exceptions import AccessError, ValidationError
from odoo.tests import Form, tagged
from odoo.tools import mute_logger

from .common import ModbusCommon

SHIPPED = (
    "acrel_adl400",
    "acrel_dtsd1352",
    "aqua_metro_calec_st",
    "eastron_sdm630",
    "fd_tms",
    "schneider_iem3155",
    "tuf_2000m",
)


@tagged("post_install", "-at_install")
class TestMap(ModbusCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.table = cls.env["energy.modbus.map"].create({"manufacturer": "Maker", "model": "M1"})
        cls.point = cls._create_point("Forward active energy", address=0x100, datatype="uint32", template="EL.FWD")

    @classmethod
    def _create_point(cls, name, template=None, table=None, **values):
        templates = cls.env["energy.indicator.template"]
        return cls.env["energy.modbus.map.point"].create(
            {
                "map_id": (table or cls.table).id,
                "name": name,
                "template_id": template and templates.search([("code", "=", template)]).id,
                **values,
            }
        )

    def test_address_notations(self):
        for text, function, address in (
            ("0x084C", "3", 0x084C),
            ("2124", "3", 2124),
            ("42125", "3", 2124),
            ("4x2125", "3", 2124),
            ("402125", "3", 2124),
        ):
            self.point.address_text = text
            self.assertEqual((self.point.function, self.point.address), (function, address), text)
            self.assertEqual(self.point.address_text, f"0x{address:04X}")
        for text in ("", "hello", "0x10000", "-1", "70000"):
            with self.assertRaises(ValidationError, msg=text):
                self.point.address_text = text
        with self.assertRaisesRegex(ValidationError, "names function 4"):
            self.point.address_text = "30013"

    def test_address_in_the_form(self):
        with Form(self.table) as form, form.point_ids.new() as line:
            line.name = "Voltage"
            line.address_text = "30001"
            self.assertEqual((line.address_text, line.function), ("0x0000", "4"))
        self.assertEqual(self.table.point_ids.filtered(lambda point: point.name == "Voltage").function, "4")

    def test_what_cannot_be_read_is_refused(self):
        for values in (
            {"scale": 0},
            {"function": False},
            {"datatype": False},
            {"function": "1"},
            {"datatype": "string", "template_id": False},
            {"datatype": "bit", "bit": 16},
            {"order": False},
            {"address": 65535},
            {"sentinels": "0x1FFFFFFFF"},
            {"sentinels": "none"},
        ):
            with self.assertRaises(ValidationError, msg=str(values)):
                self.point.write(values)
        self.point.write({"enabled": False, "order": False})
        with self.assertRaisesRegex(ValidationError, "Byte Order"):
            self.point.enabled = True

    def test_unit_must_convert(self):
        self.point.uom_id = self.env.ref("energy_carbon.uom_mwh")
        self.assertEqual(self.point._collector_point(1, 1, self.el.uom_id).scale, 1000.0)
        with self.assertRaises(ValidationError):
            self.point.uom_id = self.env.ref("energy_carbon.uom_celsius")

    def test_one_point_a_template(self):
        second = self._create_point("Second", address=0x200, datatype="uint32", template="EL.FWD", enabled=False)
        with self.assertRaises(UniqueViolation), mute_logger("odoo.sql_db"), self.env.cr.savepoint():
            second.enabled = True
            second.flush_recordset()

    def test_change_undoes_verification(self):
        self.table.with_user(self.engineer).action_verify()
        self.assertRecordValues(self.table, [{"state": "verified", "verified_by": self.engineer.id}])
        for kept in ({"state": "unverified"}, {"verified_by": self.manager.id}, {"verified_on": "2026-01-01 00:00:00"}):
            with self.assertRaisesRegex(AccessError, "by hand"):
                self.table.with_user(self.engineer).write(kept)
        self.point.note = "no matter"
        self.assertEqual(self.table.state, "verified")
        self.point.scale = 0.1
        self.assertRecordValues(self.table, [{"state": "unverified", "verified_by": False, "verified_on": False}])

    def test_copy(self):
        copy = self.table.copy()
        self.assertEqual(len(copy.point_ids), 1)
        self.assertEqual(copy.state, "unverified")
        self.assertNotEqual(copy.display_name, self.table.display_name)

    def test_secondary_side_reaches_the_meter(self):
        self.point.secondary_side = True
        self.assertFalse(self.forward_1.secondary_side)
        self.meter_1.with_user(self.engineer).modbus_map_id = self.table
        self.assertTrue(self.forward_1.secondary_side)
        self.point.secondary_side = False
        self.assertFalse(self.forward_1.secondary_side)
        self.point.secondary_side = True
        meter = self._create_meter("Meter 4", self.workshop_1, modbus_map_id=self.table.id)
        self.assertTrue(self._create_indicator(meter, "EL.FWD").secondary_side, "an indicator added later, too")

    def test_register_maximum_reaches_the_meter(self):
        self.point.register_maximum = 999_999.99
        self.meter_1.modbus_map_id = self.table
        self.assertEqual(self.meter_1.register_maximum, 999_999.99)
        self.meter_2.register_maximum = 9_999
        self.meter_2.modbus_map_id = self.table
        self.assertEqual(self.meter_2.register_maximum, 9_999, "what is typed at the meter stays")


@tagged("post_install", "-at_install")
class TestShippedMaps(ModbusCommon):
    def test_shipped_tables(self):
        for name in SHIPPED:
            table = self.env.ref(f"energy_carbon_modbus.map_{name}")
            self.assertEqual(table.state, "unverified")
            self.assertTrue(table.point_ids, name)
            self.assertTrue(table.document)
            for point in table.point_ids.filtered("enabled"):
                uom = point.template_id.uom_id
                self.assertTrue(point._collector_point(1, 1, uom), f"{name} {point.name}")

    def test_known_points(self):
        """Spot checks against the manuals' figures."""
        for name, function, address, datatype, scale, template in (
            ("acrel_adl400_import_active_energy_total", "3", 0x084C, "uint32", 0.1, "EL.FWD"),
            ("acrel_dtsd1352_import_active_energy_total", "3", 0x000A, "uint32", 0.01, "EL.FWD"),
            ("eastron_sdm630_import_active_energy_total", "4", 0x0048, "float32", 1.0, "EL.FWD"),
            ("schneider_iem3155_import_active_energy_total", "3", 3203, "int64", 0.001, "EL.FWD"),
            ("tuf_2000m_volume_forward_float", "3", 114, "float32", 1.0, "WT.VOL"),
            ("fd_tms_gas_volume_integer_part", "3", 6, "uint32", 1.0, "NG.STD"),
        ):
            point = self.env.ref(f"energy_carbon_modbus.point_{name}")
            known = {"function": function, "address": address, "datatype": datatype, "scale": scale, "enabled": True}
            self.assertRecordValues(point, [known])
            self.assertEqual(point.template_id.code, template)
        tuf = self.env.ref("energy_carbon_modbus.point_tuf_2000m_volume_forward_float")
        self.assertEqual(tuf.order, "CDAB")

    def test_units_are_converted(self):
        power = self.env.ref("energy_carbon_modbus.point_eastron_sdm630_active_power_total")
        self.assertEqual(power._collector_point(1, 1, power.template_id.uom_id).scale, 0.001)
        heat = self.env.ref("energy_carbon_modbus.point_aqua_metro_calec_st_heat_energy_total")
        self.assertFalse(heat.enabled, "the manual does not say the byte order")
        self.assertAlmostEqual(heat._collector_point(1, 1, heat.template_id.uom_id).scale, 0.0036, places=15)

    def test_no_source_in_sight(self):
        """What users read names manuals, not web addresses."""
        for table in self.env["energy.modbus.map"].search([]):
            texts = [table.document, table.note, *table.point_ids.mapped("note"), *table.point_ids.mapped("name")]
            for text in filter(None, texts):
                self.assertNotRegex(text.lower(), r"https?:|github|\.com|\.htm", table.display_name)
