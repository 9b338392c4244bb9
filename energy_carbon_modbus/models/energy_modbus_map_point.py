"""One point of a point table: where a value lies and how its registers become a number."""

import re

from odoo import api, fields, models
from odoo.addons.energy_carbon.tools.uom import uom_factor
from odoo.exceptions import UserError, ValidationError

from ..collector.point import BIT_FUNCTIONS, REGISTERS, Point

# What a value read from the registers hangs on: a change of one of these undoes the table's verification.
DECODING_FIELDS = {
    *("function", "address", "address_text", "datatype", "text_registers"),
    *("bit", "order", "scale", "offset", "sentinels", "usual_sentinels", "uom_id"),
    *("purpose", "decimal_point_id", "unit_code_point_id", "secondary_side"),
}
# What the meters using the table must be told of.
METER_FIELDS = {"template_id", "secondary_side", "enabled"}
SENTINEL_SEPARATOR = re.compile(r"[\s,;]+")


class EnergyModbusMapPoint(models.Model):
    """A value of a meter model: its registers, data type, scale, and the indicator template it feeds.

    ``value = raw * scale + offset`` in the point's unit of measure. Kept by Instrument engineers.
    """

    _name = "energy.modbus.map.point"
    _inherit = ["energy.wall.mixin", "energy.modbus.address.mixin"]
    _description = "Modbus Point"
    _order = "map_id, sequence, function, address, id"

    map_id = fields.Many2one("energy.modbus.map", string="Point Table", required=True, index=True, ondelete="cascade")
    sequence = fields.Integer(default=10)
    name = fields.Char(string="Quantity", required=True, translate=True)
    quantity = fields.Char(string="Quantity Code", help="Code of the quantity in imported point tables.")
    enabled = fields.Boolean(
        default=True,
        help="Off: the point is kept in the table but not read, for instance while its data type is unknown.",
    )
    function = fields.Selection(
        [
            ("1", "1 Coils"),
            ("2", "2 Discrete inputs"),
            ("3", "3 Holding registers"),
            ("4", "4 Input registers"),
        ],
        default="3",
    )
    datatype = fields.Selection(
        [
            ("uint16", "Unsigned 16 bit"),
            ("int16", "Signed 16 bit"),
            ("uint32", "Unsigned 32 bit"),
            ("int32", "Signed 32 bit"),
            ("uint64", "Unsigned 64 bit"),
            ("int64", "Signed 64 bit"),
            ("float32", "Float 32 bit"),
            ("float64", "Float 64 bit"),
            ("bcd16", "BCD 16 bit"),
            ("bcd32", "BCD 32 bit"),
            ("bcd64", "BCD 64 bit"),
            ("bit", "Bit"),
            ("string", "Text"),
        ],
        string="Data Type",
        default="uint16",
    )
    text_registers = fields.Integer(help="Registers a text takes, 1 to 125.")
    bit = fields.Integer(string="Bit Number", help="Bit of the register, 0 the lowest.")
    order = fields.Selection(
        [
            ("ABCD", "ABCD (highest first)"),
            ("CDAB", "CDAB (low word first)"),
            ("BADC", "BADC (bytes swapped)"),
            ("DCBA", "DCBA (lowest first)"),
        ],
        string="Byte Order",
        default="ABCD",
        help="In which order the device sends the bytes of a value. The names stand for 64-bit values too.",
    )
    scale = fields.Float(default=1.0, digits=0)
    offset = fields.Float(digits=0)
    sentinels = fields.Char(
        string="No-value Codes",
        help="Raw values by which the meter says that it has none, as 0xFFFFFFFF or -32768, separated by commas. All "
        "ones of unsigned and BCD values, the lowest signed value and NaN are always taken so.",
    )
    usual_sentinels = fields.Boolean(
        string="Usual No-value Codes",
        default=True,
        help="Take all ones of an unsigned or BCD value and the lowest signed value for no value too. Off: only for a "
        "meter that counts up to them.",
    )
    unit_text = fields.Char(string="Unit in the Manual")
    uom_id = fields.Many2one(
        "uom.uom",
        string="Unit of Measure",
        ondelete="restrict",
        help="Unit of the value after scale and offset. Empty: the same as the template's. Another one is converted.",
    )
    template_id = fields.Many2one(
        "energy.indicator.template",
        string="Indicator Template",
        index="btree_not_null",
        # A shipped table must not keep anybody from deleting an energy type that is not used.
        ondelete="set null",
        domain=[("indicator_class", "=", "collected")],
        help="The value is stored for the indicator of this template at the meter. Empty: shown in a test read only.",
    )
    secondary_side = fields.Boolean(
        help="The register counts on the secondary side of the transformers: amounts are multiplied by CT x PT."
    )
    register_maximum = fields.Float(
        digits=0,
        help="The highest display, from which the counter starts at 0 again, in the point's unit; only when the manual "
        "states it. 0: not known.",
    )
    note = fields.Char(translate=True)
    company_id = fields.Many2one(related="map_id.company_id", store=True, index="btree_not_null")

    _unique_template = models.UniqueIndex(
        "(map_id, template_id) WHERE enabled AND template_id IS NOT NULL",
        "Two enabled points of one table feed the same indicator template: disable one of them.",
    )

    # === COMPUTE METHODS === #
    @api.depends("name", "address")
    def _compute_display_name(self):
        for point in self:
            point.display_name = f"{point.name} (0x{point.address:04X})"

    # === CONSTRAINT METHODS === #
    @api.constrains(
        "enabled", "function", "address", "datatype", "order", "text_registers", "bit", "scale", "sentinels"
    )
    def _check_readable(self):
        for point in self:
            point._check_place()
            point._parse_sentinels()
            if point.enabled:
                point._check_complete()
                point._check_decoding()

    @api.constrains("enabled", "uom_id", "template_id", "datatype")
    def _check_unit(self):
        for point in self.filtered("template_id"):
            if point.datatype == "string":
                raise ValidationError(self.env._("%(point)s is a text and cannot feed an indicator.", point=point.name))
            if point.uom_id and point.template_id.uom_id:
                point._uom_scale(point.template_id.uom_id)

    def _check_place(self):
        if not 0 <= self.address <= 0xFFFF - self._register_count() + 1:
            raise ValidationError(
                self.env._(
                    "%(point)s: a value of %(count)s registers at address %(address)s lies outside 0 to 65535.",
                    point=self.name,
                    count=self._register_count(),
                    address=self.address,
                )
            )

    def _check_complete(self):
        needed = ["function", "datatype", "scale"]
        needed += ["order"] if self._register_count() > 1 else []
        missing = [field for field in needed if not self[field]]
        if missing:
            labels = [self._fields[field]._description_string(self.env) for field in missing]
            raise ValidationError(
                self.env._(
                    "%(point)s cannot be read yet: %(fields)s not filled in. Take it from the manual, or disable the "
                    "point.",
                    point=self.name,
                    fields=", ".join(labels),
                )
            )

    def _check_decoding(self):
        if self.function and int(self.function) in BIT_FUNCTIONS and self.datatype != "bit":
            raise ValidationError(
                self.env._("%(point)s: functions 1 and 2 read bits; choose data type Bit.", point=self.name)
            )
        if self.datatype == "string" and not 1 <= self.text_registers <= 125:
            raise ValidationError(self.env._("%(point)s: a text takes 1 to 125 registers.", point=self.name))
        if self.datatype == "bit" and not 0 <= self.bit <= 15:
            raise ValidationError(self.env._("%(point)s: a register has bits 0 to 15.", point=self.name))

    # === CRUD METHODS === #
    @api.model_create_multi
    def create(self, vals_list):
        points = super().create(vals_list)
        for table in points.map_id:
            names = points.filtered(lambda point, table=table: point.map_id == table).mapped("name")
            table._mark_unverified(self.env._("New points: %(points)s", points=", ".join(names)))
        points.map_id.sudo().meter_ids._apply_modbus_map()
        return points

    def write(self, vals):
        decoding = sorted(DECODING_FIELDS & vals.keys())
        before = {point: [point[name] for name in decoding] for point in self} if decoding else {}
        result = super().write(vals)
        for point, values in before.items():
            changed = [name for name, old in zip(decoding, values, strict=True) if point[name] != old]
            if changed:
                point._tell_change(changed)
        if METER_FIELDS & vals.keys():
            self.map_id.sudo().meter_ids._apply_modbus_map()
        return result

    def _tell_change(self, names: list[str]):
        """What was verified is not what the table says now."""
        labels = [self._fields[name]._description_string(self.env) for name in names if name != "address_text"]
        if labels:
            self.map_id._mark_unverified(
                self.env._("%(point)s: %(fields)s changed", point=self.name, fields=", ".join(labels))
            )

    # === BUSINESS METHODS === #
    def _register_count(self) -> int:
        """Registers the value takes; a text's own length."""
        return self.text_registers if self.datatype == "string" else REGISTERS.get(self.datatype, 1)

    def _parse_sentinels(self) -> tuple[int, ...]:
        """The raw values that mean "no value"."""
        texts = [text for text in SENTINEL_SEPARATOR.split(self.sentinels or "") if text]
        bits = 16 * max(self._register_count(), 1)
        values = []
        for text in texts:
            try:
                value = int(text, 0)
            except ValueError:
                value = None
            if value is None or not -(1 << bits - 1) <= value < 1 << bits:
                raise ValidationError(
                    self.env._(
                        "%(point)s: the no-value code %(text)s is no whole number of %(bits)s bits. Type it as 0xFFFF "
                        "or -32768.",
                        point=self.name,
                        text=text,
                        bits=bits,
                    )
                )
            values.append(value)
        return tuple(values)

    def _uom_scale(self, uom) -> float:
        """What a value in the point's unit is multiplied by to be in ``uom``; 1 when the point names no unit."""
        if not self.uom_id or not uom:
            return 1.0
        try:
            return uom_factor(self.uom_id, uom)
        except UserError as error:
            raise ValidationError(
                self.env._(
                    "%(point)s of %(table)s: %(error)s",
                    point=self.name,
                    table=self.map_id.display_name,
                    error=error,
                )
            ) from error

    def _collector_point(self, key: int, unit_id: int, uom=None) -> Point:
        """The point as the collector reads it.

        :param key: what the collector calls the answer by
        :param unit_id: the meter's unit address
        :param uom: unit of measure the value is wanted in; None for the point's own
        """
        self.ensure_one()
        factor = self._uom_scale(uom) if uom else 1.0
        return self._wire_point(key, unit_id, factor)

    def _wire_point(self, key: int, unit_id: int, factor: float = 1.0, **more) -> Point:
        """The point with all that belongs to it, the value multiplied by ``factor``.

        :param more: further fields of the collector's point
        """
        return self._wire_number(key, unit_id, factor, **more)

    def _wire_number(self, key: int, unit_id: int, factor: float = 1.0, **more) -> Point:
        """The point's own registers alone, arguments as in :meth:`_wire_point`."""
        return Point(
            key=key,
            unit_id=unit_id,
            function=int(self.function),
            address=self.address,
            datatype=self.datatype,
            order=self.order or "ABCD",
            scale=self.scale * factor,
            offset=self.offset * factor,
            sentinels=self._parse_sentinels(),
            length=self.text_registers,
            bit=self.bit,
            usual_sentinels=self.usual_sentinels,
            **more,
        )
