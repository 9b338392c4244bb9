"""Test read: ask a meter for all its points now and show what came. Stores no reading."""

from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError, ValidationError

from ..collector.codec import GOOD, UNKNOWN_UNIT, Decoded, all_orders, decode, decode_text
from ..collector.link import EXCEPTION, Answer
from ..collector.point import PAIR, REGISTERS, Point
from ..collector.unit_code import CodeKey, code_points, key_of
from ..tools.messages import error_text, quality_text
from ..tools.probe import NOT_ASKED, probe_points

DEADLINE_SECONDS = 20.0
# The columns of the byte orders; those of 64-bit values stand under the short names, as in the point tables.
ORDER_COLUMNS = ("abcd", "cdab", "badc", "dcba")


class EnergyModbusTestRead(models.TransientModel):
    """A reading of one meter for the engineer's eyes: raw registers, decoded values, frames and times."""

    _name = "energy.modbus.test.read"
    _inherit = ["energy.wall.mixin"]
    _description = "Modbus Test Read"

    gateway_id = fields.Many2one("energy.modbus.gateway", readonly=True)
    meter_id = fields.Many2one(
        "energy.node",
        domain="[('kind', '=', 'meter'), ('modbus_gateway_id', '=', gateway_id)]",
    )
    with_disabled = fields.Boolean(
        string="Disabled Points Too", help="Also ask for points that are switched off in the point table but complete."
    )
    state = fields.Selection([("draft", "Not Read Yet"), ("done", "Read")], default="draft", readonly=True)
    line_ids = fields.One2many("energy.modbus.test.read.line", "test_id", string="Points", readonly=True)
    summary = fields.Char(readonly=True)
    answered = fields.Boolean(readonly=True)
    frames = fields.Text(string="Raw Frames", readonly=True)

    # === ONCHANGE METHODS === #
    @api.onchange("meter_id")
    def _onchange_meter_id(self):
        """What another meter answered must not stand under this one's name."""
        self.line_ids = [fields.Command.clear()]
        self.state, self.summary, self.frames = "draft", False, False

    # === ACTION METHODS === #
    def action_read(self):
        """Read the meter's points one by one and show the answers."""
        self._ensure_asked_one()
        self._check_engineer()
        meter = self.meter_id
        meter.check_access("read")
        gateway = self._check_ready()
        points = meter.modbus_map_id.point_ids.filtered(lambda point: point.enabled or self.with_disabled)
        readable = [(point, record) for record in points for point in self._collector_points(record)]
        gateway._take_line()
        codes = code_points(point for point, _record in readable)
        asked = [*codes, *(point for point, _record in readable)]
        result = probe_points(gateway._link_settings(trace=True), asked, DEADLINE_SECONDS)
        frames = self._frames([*(None for _code in codes), *(record for _point, record in readable)], result.answers)
        units = {code.key: (code, answer) for code, answer in zip(codes, result.answers, strict=False)}
        del result.answers[: len(codes)]
        indicators = {point.id: indicator for point, indicator in meter._modbus_pairs()}
        lines = [
            self._line(record, point, answer, indicators.get(record.id), units)
            for (point, record), answer in zip(readable, result.answers, strict=True)
        ]
        self.line_ids.unlink()
        self.write(
            {
                "state": "done",
                "line_ids": [fields.Command.create(vals) for vals in lines],
                "frames": frames,
                "answered": any(not answer.error for answer in result.answers),
                "summary": self._summary(result),
            }
        )
        return self._reopen()

    # === BUSINESS METHODS === #
    @api.model
    def _open(self, gateway, meter):
        """Open the wizard, with the answers at once when it is clear what to read."""
        self._check_engineer()
        test = self.create({"gateway_id": gateway.id, "meter_id": meter.id})
        if meter and gateway and meter.modbus_map_id:
            return test.action_read()
        return test._reopen()

    def _reopen(self) -> dict:
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Test Read"),
            "res_model": self._name,
            "res_id": self.id,
            "view_mode": "form",
            "target": "new",
            "context": {"dialog_size": "extra-large"},
        }

    @api.model
    def _check_engineer(self):
        if not self.env.user.has_group("energy_carbon.group_engineer"):
            raise AccessError(self.env._("Only Instrument engineers and Energy managers may read meters by hand."))

    def _check_ready(self):
        """The meter's gateway, once everything needed to ask the meter is there."""
        meter = self.meter_id
        if not meter:
            raise UserError(self.env._("Choose the meter to read."))
        if not meter.modbus_gateway_id or not meter.modbus_map_id:
            raise UserError(
                self.env._(
                    "%(meter)s: choose its gateway, unit address and point table first.", meter=meter.display_name
                )
            )
        return meter.modbus_gateway_id

    def _collector_points(self, record) -> list[Point]:
        """The point in its own unit, as the manual has it; none when it is not complete enough to be asked for."""
        try:
            record._check_complete()
            record._check_decoding()
        except ValidationError:
            return []
        return [record._collector_point(record.id, self.meter_id.modbus_unit)]

    def _frames(self, records, answers) -> str:
        """All frames in order, under the name of the point they were sent for."""
        parts = []
        for record, answer in zip(records, answers, strict=True):
            if answer.frames:
                title = record.display_name if record else self.env._("Unit Code")
                parts.append(f"{title}  {1000 * answer.seconds:.1f} ms")
                parts += [f"  {direction}  {data.hex(' ')}" for direction, data in answer.frames]
        return "\n".join(parts)

    def _line(self, record, point: Point, answer: Answer, indicator, units: dict[CodeKey, tuple[Point, Answer]]) -> dict:
        """What to show of one point's answer.

        :param units: register and answer of each unit code
        """
        vals = {
            "point_id": record.id,
            "indicator_id": indicator.id if indicator else False,
            "milliseconds": 1000 * answer.seconds if answer.frames else 0.0,
            "raw": " ".join(f"{register:04X}" for register in answer.registers),
            "value": "",
        }
        if answer.error:
            state = "skipped" if answer.error == NOT_ASKED else "error"
            return dict(vals, state=state, outcome=error_text(self.env, _word(answer)))
        decoded = _in_its_unit(point, decode(point, answer.registers), units)
        if record.datatype == "string":
            value = decode_text(point, answer.registers)
        else:
            value = "" if decoded.value is None else _shown(decoded.value, record.datatype)
        state = "good" if decoded.quality == GOOD else "doubtful"
        outcome = quality_text(self.env, decoded.quality)
        return dict(vals, **_in_all_orders(point, answer.registers), state=state, value=value, outcome=outcome)

    def _summary(self, result) -> str:
        answered = sum(not answer.error for answer in result.answers)
        if result.answers and not answered:
            return self.env._(
                "The meter gave no value. %(error)s.", error=error_text(self.env, _word(result.answers[0]))
            )
        return self.env._(
            "%(answered)s of %(asked)s points answered in %(seconds)s s. Nothing of this was stored.",
            answered=answered,
            asked=len(result.answers),
            seconds=f"{result.seconds:.2f}",
        )


def _word(answer) -> str:
    """The collector's word for an answer's error."""
    return f"exception {answer.exception_code}" if answer.error == EXCEPTION else answer.error


def _in_its_unit(point: Point, decoded: Decoded, units: dict[CodeKey, tuple[Point, Answer]]) -> Decoded:
    """The value times the factor of the unit the meter names, as the sweep has it."""
    if point.unit_code is None or decoded.value is None:
        return decoded
    code, answer = units[key_of(point.unit_code)]
    named = None if answer.error else decode(code, answer.registers).value
    factor = None if named is None else dict(point.unit_factors).get(int(named))
    if factor is None:
        return decoded._replace(value=None, quality=UNKNOWN_UNIT)
    return decoded._replace(value=decoded.value * factor)


def _in_all_orders(point: Point, registers: tuple[int, ...]) -> dict[str, str]:
    """The value with the point's scale in each byte order, by column; empty where orders make no difference to it."""
    if point.datatype == PAIR or point.datatype == "bit" or point.datatype not in REGISTERS:
        return {}
    raws = list(all_orders(registers, point.datatype).values())
    # One register has two orders, AB and BA: the same as ABCD and BADC.
    columns = ORDER_COLUMNS if len(raws) == len(ORDER_COLUMNS) else ("abcd", "badc")
    return {
        column: "-" if raw is None else f"{raw * point.scale + point.offset:.8g}"
        for column, raw in zip(columns, raws, strict=True)
    }


def _shown(value: float, datatype: str) -> str:
    """The value with the digits its data type carries: a float32 has seven."""
    return f"{value:.7g}" if datatype == "float32" else f"{value:.15g}"
