"""A unit a meter may be set to, by the code with which it says so."""

from odoo import api, fields, models
from odoo.exceptions import ValidationError


class EnergyModbusMapUnit(models.Model):
    """One code of a unit-code register and what a value under that code is multiplied by.

    Kept by Instrument engineers from the meter's manual.
    """

    _name = "energy.modbus.map.unit"
    _inherit = ["energy.wall.mixin"]
    _description = "Unit of a Modbus Point"
    _order = "point_id, code"

    point_id = fields.Many2one(
        "energy.modbus.map.point", string="Unit Code Point", required=True, index=True, ondelete="cascade"
    )
    code = fields.Integer(required=True, help="What the register holds, after its scale.")
    name = fields.Char(string="Unit", help="As in the manual, for instance MWh.")
    factor = fields.Float(
        required=True,
        default=1.0,
        digits=0,
        help="What a value is multiplied by to be in the unit of measure of its point: 1000 for MWh at a point in kWh.",
    )
    company_id = fields.Many2one(related="point_id.company_id", store=True, index="btree_not_null")

    _unique_code = models.UniqueIndex("(point_id, code)", "The code has a unit already.")

    @api.constrains("factor")
    def _check_factor(self):
        for unit in self:
            if unit.factor <= 0:
                raise ValidationError(
                    self.env._("Unit %(name)s: the factor is a number above zero.", name=unit.name or unit.code)
                )

    @api.model_create_multi
    def create(self, vals_list):
        units = super().create(vals_list)
        units._tell_change()
        return units

    def write(self, vals):
        result = super().write(vals)
        self._tell_change()
        return result

    @api.ondelete(at_uninstall=False)
    def _unlink_and_tell(self):
        self._tell_change()

    def _tell_change(self):
        """Another factor is another value: the table is no longer what was compared with a display."""
        for point in self.point_id:
            point.map_id._mark_unverified(self.env._("%(point)s: units changed", point=point.name))
