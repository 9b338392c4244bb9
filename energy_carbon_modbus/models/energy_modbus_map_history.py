"""Records a meter model keeps by itself: where they lie and how they carry their time."""

from odoo import api, fields, models
from odoo.exceptions import ValidationError

from ..collector.history import History


class EnergyModbusMapHistory(models.Model):
    """The records a meter freezes by itself (Acrel ADL400: one a day, 90 days), from which an outage is filled.

    Part of a point table. The values of a record are points with the purpose *Kept Record*, at their addresses in the
    first record; each names the point whose register it is a record of.
    """

    _name = "energy.modbus.map.history"
    _inherit = ["energy.wall.mixin", "energy.modbus.address.mixin"]
    _description = "Records Kept by a Meter"
    _order = "map_id, function, address, id"

    map_id = fields.Many2one("energy.modbus.map", string="Point Table", required=True, index=True, ondelete="cascade")
    name = fields.Char(required=True, default="daily", help="For instance daily.")
    function = fields.Selection([("3", "3 Holding registers"), ("4", "4 Input registers")], default="3", required=True)
    stride = fields.Integer(
        string="Registers per Record", required=True, help="From the beginning of one record to that of the next."
    )
    records = fields.Integer(string="Number of Records", required=True)
    clock = fields.Selection(
        [("year_month_day_hour", "Two registers: year and month, day and hour")],
        required=True,
        default="year_month_day_hour",
        help="How a record carries its time, in its first registers: the high byte of the first is the year less 2000.",
    )
    point_ids = fields.One2many("energy.modbus.map.point", "history_id", string="Values")
    company_id = fields.Many2one(related="map_id.company_id", store=True, index="btree_not_null")

    _unique_name = models.UniqueIndex("(map_id, name)", "The point table has records of that name already.")

    @api.constrains("function", "address", "stride", "records", "clock")
    def _check_layout(self):
        for history in self:
            last = history.address + history.records * history.stride - 1
            if history.records < 1 or not 2 <= history.stride <= 125 or not 0 <= history.address <= last <= 0xFFFF:
                raise ValidationError(
                    self.env._(
                        "%(history)s: the records take 2 to 125 registers each and end before address 65535.",
                        history=history.name,
                    )
                )

    def _layout(self, unit_id: int, points) -> History:
        """The records as the collector reads them.

        :param points: pairs of a value's key and its point in the first record
        """
        self.ensure_one()
        return History(
            unit_id=unit_id,
            function=int(self.function),
            address=self.address,
            stride=self.stride,
            records=self.records,
            clock=self.clock,
            values=tuple(point._wire_point(key, unit_id) for key, point in points),
        )
