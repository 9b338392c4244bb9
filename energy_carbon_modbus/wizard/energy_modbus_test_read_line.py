"""One point of a test read."""

from odoo import api, fields, models


class EnergyModbusTestReadLine(models.TransientModel):
    """What one point answered, beside what the point table says of it."""

    _name = "energy.modbus.test.read.line"
    _inherit = ["energy.wall.mixin"]
    _description = "Modbus Test Read Point"
    _order = "id"

    test_id = fields.Many2one("energy.modbus.test.read", required=True, index=True, ondelete="cascade")
    point_id = fields.Many2one("energy.modbus.map.point", required=True, ondelete="cascade")
    name = fields.Char(related="point_id.name")
    function = fields.Selection(related="point_id.function")
    address_text = fields.Char(related="point_id.address_text")
    datatype = fields.Selection(related="point_id.datatype")
    order = fields.Selection(related="point_id.order")
    unit = fields.Char(compute="_compute_unit")
    template_id = fields.Many2one(related="point_id.template_id")
    indicator_id = fields.Many2one("energy.indicator", ondelete="cascade")
    stored = fields.Char(compute="_compute_stored", string="When Polled")
    raw = fields.Char(
        string="Raw (Hex)", help="Registers as on the wire, hexadecimal, in the order the device sends them."
    )
    value = fields.Char(help="Decoded, with scale and offset; before CT x PT. Empty: the meter gave no value.")
    abcd = fields.Char("ABCD", help="The value in this byte order, with scale and offset.")
    cdab = fields.Char("CDAB", help="The value in this byte order, with scale and offset.")
    badc = fields.Char("BADC", help="The value in this byte order, with scale and offset.")
    dcba = fields.Char("DCBA", help="The value in this byte order, with scale and offset.")
    state = fields.Selection([("good", "Good"), ("doubtful", "Doubtful"), ("error", "Error"), ("skipped", "Not Asked")])
    outcome = fields.Char(string="Result")
    milliseconds = fields.Float(string="Time (ms)", help="From the request to the answer.", digits=(10, 2))

    @api.depends("point_id.uom_id", "point_id.unit_text", "point_id.template_id.uom_id")
    def _compute_unit(self):
        for line in self:
            point = line.point_id
            line.unit = point.uom_id.name or point.unit_text or point.template_id.uom_id.name

    @api.depends("indicator_id", "template_id", "point_id.enabled")
    @api.depends_context("lang")
    def _compute_stored(self):
        for line in self:
            if line.indicator_id and line.point_id.enabled:
                line.stored = self.env._("Stored as %(indicator)s", indicator=line.indicator_id.name)
            elif not line.point_id.enabled:
                line.stored = self.env._("Not stored: point disabled")
            elif not line.template_id:
                line.stored = self.env._("Not stored: no template")
            else:
                line.stored = self.env._("Not stored: no indicator at the meter")

    # === ACTION METHODS === #
    def action_compare(self):
        """Compare the point with what the meter's display shows."""
        self._ensure_asked_one()
        return self.env["energy.modbus.compare"]._open(self.test_id.meter_id, self.point_id)
