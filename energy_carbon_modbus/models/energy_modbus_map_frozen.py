"""A value of the records a meter keeps, and whose register it is a record of. Extends the point."""

from odoo import api, fields, models
from odoo.exceptions import ValidationError


class EnergyModbusMapFrozen(models.Model):
    """A point that lies in the first record of a history."""

    _inherit = "energy.modbus.map.point"

    history_id = fields.Many2one(
        "energy.modbus.map.history",
        string="Records",
        ondelete="set null",
        index="btree_not_null",
        domain="[('map_id', '=', map_id)]",
        help="The records this value belongs to; the address is that in the first record.",
    )
    frozen_point_id = fields.Many2one(
        "energy.modbus.map.point",
        string="Record Of",
        ondelete="set null",
        domain="[('map_id', '=', map_id), ('purpose', '=', 'value')]",
        help="The point whose register the meter freezes here. A record only fills a gap when it lies between the "
        "register's readings before and after it.",
    )

    def copy_data(self, default=None):
        """Records are found again in the copied table, as parts are."""
        return [dict(vals, history_id=False, frozen_point_id=False) for vals in super().copy_data(default)]

    @api.constrains("history_id", "frozen_point_id", "address", "datatype", "function", "map_id")
    def _check_history(self):
        for point in self.filtered("history_id"):
            history = point.history_id
            inside = history.address <= point.address <= history.address + history.stride - point._register_count()
            if history.map_id != point.map_id or point.purpose != "history" or not inside:
                raise ValidationError(
                    self.env._(
                        "%(point)s does not lie in the first record of %(history)s.",
                        point=point.name,
                        history=history.name,
                    )
                )
