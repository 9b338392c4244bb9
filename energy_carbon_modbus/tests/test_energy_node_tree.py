"""Silent meters in the picture of the management tree."""

from odoo import fields
from odoo.tests import tagged

from .common import ModbusCommon


@tagged("post_install", "-at_install")
class TestEnergyNodeTree(ModbusCommon):
    def marks(self, meter):
        nodes = self.env["energy.node"].with_user(self.viewer).plant_tree("2026-07")["nodes"]
        return {mark["text"]: mark["level"] for card in nodes if card["id"] == meter.id for mark in card["marks"]}

    def test_the_poll_knows_first(self):
        self.assertFalse(self.marks(self.meter_1))
        self.meter_1.write({"modbus_state": "silent", "modbus_last_success": fields.Datetime.to_datetime("2026-07-31 20:15")})
        self.viewer.tz = "Asia/Shanghai"
        (text,) = self.marks(self.meter_1)
        self.assertRegex(text, r"^Silent since 8/1/26, 4:15.AM$", "in the reader's time")
        self.assertEqual(self.marks(self.meter_1)[text], "danger")
        self.assertFalse(self.marks(self.meter_2))

    def test_never_answered(self):
        self.meter_1.modbus_state = "silent"
        self.assertEqual(self.marks(self.meter_1), {"Has never answered": "danger"})

    def test_one_that_is_not_asked_is_not_silent(self):
        self.meter_1.write({"modbus_state": "silent", "collection": "typed"})
        self.assertFalse(self.marks(self.meter_1))
