"""What a point is for, and values that take more than one point: decimal parts, unit codes. Extends the point."""

from odoo import api, fields, models
from odoo.exceptions import ValidationError

from ..collector.point import Point, pair_of


class EnergyModbusMapParts(models.Model):
    """A point that is not simply a value: part of one, the code of its unit, or something the ledger knows."""

    _inherit = "energy.modbus.map.point"

    purpose = fields.Selection(
        [
            ("value", "Value"),
            ("decimal", "Decimal Part"),
            ("unit_code", "Unit Code"),
            ("ct_ratio", "CT Ratio"),
            ("pt_ratio", "PT Ratio"),
            ("serial_number", "Serial Number"),
            ("history", "Kept Record"),
        ],
        default="value",
        required=True,
        help="Value: read each time. Decimal part and unit code: belong to other points. Ratios and serial number: asked "
        "now and then; another one than the ledger's proposes a meter event and changes nothing by itself. Kept "
        "record: what the meter froze by itself, read after an outage.",
    )
    decimal_point_id = fields.Many2one(
        "energy.modbus.map.point",
        string="Decimal Part",
        ondelete="set null",
        domain="[('map_id', '=', map_id), ('purpose', '=', 'decimal')]",
        help="This point is the part before the decimal point, that one the part behind it. Both are read in one request "
        "and added.",
    )
    unit_code_point_id = fields.Many2one(
        "energy.modbus.map.point",
        string="Unit Code",
        ondelete="set null",
        domain="[('map_id', '=', map_id), ('purpose', '=', 'unit_code')]",
        help="The register in which the meter names the unit it counts in. The value is multiplied by the factor of that "
        "unit; a code the table does not know gives no value.",
    )
    unit_ids = fields.One2many("energy.modbus.map.unit", "point_id", string="Units by Code", copy=True)

    # === CONSTRAINT METHODS === #
    @api.constrains("purpose", "template_id", "datatype")
    def _check_purpose(self):
        for point in self:
            if point.template_id and point.purpose != "value":
                raise ValidationError(
                    self.env._(
                        "%(point)s: only a point with the purpose Value feeds an indicator. Take the template away or "
                        "change the purpose.",
                        point=point.name,
                    )
                )
            if point.datatype == "string" and point.purpose not in ("value", "serial_number"):
                raise ValidationError(
                    self.env._("%(point)s: a text is read as a value or a serial number only.", point=point.name)
                )

    @api.constrains(
        "decimal_point_id", "unit_code_point_id", "map_id", "purpose", "function", "address", "datatype", "enabled"
    )
    def _check_parts(self):
        for point in self | self.search([("decimal_point_id", "in", self.ids)]):
            for part, purpose in ((point.decimal_point_id, "decimal"), (point.unit_code_point_id, "unit_code")):
                if part and (part.map_id != point.map_id or part.purpose != purpose or part == point):
                    raise ValidationError(
                        self.env._(
                            "%(point)s: %(part)s is no point of the same table with the purpose %(purpose)s.",
                            point=point.name,
                            part=part.name,
                            purpose=dict(self._fields["purpose"]._description_selection(self.env))[purpose],
                        )
                    )
            if point.decimal_point_id and point.enabled:
                point._check_decimal()

    def _check_decimal(self):
        """Integer and decimal part must come in one request, or a carry between two would tear the value."""
        self.decimal_point_id._check_complete()
        try:
            self._wire_pair(0, 1)
        except ValueError as error:
            raise ValidationError(
                self.env._(
                    "%(point)s and its decimal part %(part)s cannot be one value: both are numbers, read with the same "
                    "function, at most 125 registers apart.",
                    point=self.name,
                    part=self.decimal_point_id.name,
                )
            ) from error

    # === CRUD METHODS === #
    def copy_data(self, default=None):
        """Parts are found again in the copied table, see ``energy.modbus.map.copy``."""
        return [dict(vals, decimal_point_id=False, unit_code_point_id=False) for vals in super().copy_data(default)]

    # === BUSINESS METHODS === #
    def _wire_point(self, key: int, unit_id: int, factor: float = 1.0, **more) -> Point:
        if self.unit_code_point_id and "unit_code" not in more:
            more["unit_code"] = self.unit_code_point_id._wire_point(0, unit_id)
            more["unit_factors"] = tuple((unit.code, unit.factor) for unit in self.unit_code_point_id.unit_ids)
        if self.decimal_point_id:
            return self._wire_pair(key, unit_id, factor, **more)
        return super()._wire_point(key, unit_id, factor, **more)

    def _wire_pair(self, key: int, unit_id: int, factor: float = 1.0, **more) -> Point:
        """Integer and decimal part as one value, multiplied by ``factor``."""
        integer = self._wire_number(key, unit_id)
        return pair_of(integer, self.decimal_point_id._wire_point(0, unit_id), scale=factor, **more)
