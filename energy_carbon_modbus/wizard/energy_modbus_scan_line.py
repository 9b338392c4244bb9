"""One unit address of a line scan."""

from odoo import api, fields, models
from odoo.exceptions import UserError

from ..collector.scan import Sighting
from ..tools.messages import error_text

OUTCOMES = [
    ("answers", "Answers"),
    ("exception", "Exception"),
    ("damaged", "Damaged Frames"),
    ("closed", "Connection Closed"),
    ("no_way", "Gateway Says Silent"),
    ("silent", "Silent"),
]
# Those that are there come first.
SEQUENCE = {outcome: place for place, (outcome, _label) in enumerate(OUTCOMES)}


class EnergyModbusScanLine(models.TransientModel):
    """What came back from one address, which model it may be, and which meter of the ledger is set to it."""

    _name = "energy.modbus.scan.line"
    _inherit = ["energy.wall.mixin"]
    _description = "Modbus Line Scan Address"
    _order = "sequence, unit, id"

    scan_id = fields.Many2one("energy.modbus.scan", required=True, index=True, ondelete="cascade")
    sequence = fields.Integer()
    unit = fields.Integer(string="Address")
    outcome = fields.Selection(OUTCOMES, string="Result")
    present = fields.Boolean(compute="_compute_present", store=True)
    late = fields.Boolean(help="The answer came after the time-out.")
    exception_code = fields.Integer()
    explanation = fields.Char(compute="_compute_explanation")
    identity = fields.Char(help="What the device says of itself (function 43): maker, product, revision.")
    milliseconds = fields.Float(string="Time (ms)", digits=(10, 2))
    frames = fields.Text(string="Raw Frames")
    guesses = fields.Json()
    # Point tables tried so far; -1 when all were.
    tables_tried = fields.Integer()
    map_id = fields.Many2one("energy.modbus.map", string="May Be", ondelete="set null")
    guess_text = fields.Char(compute="_compute_guess_text", string="How Well It Fits")
    meter_id = fields.Many2one("energy.node", compute="_compute_meter_id", string="Registered Meter")

    # === COMPUTE METHODS === #
    @api.depends("outcome")
    def _compute_present(self):
        for line in self:
            line.present = line.outcome in ("answers", "exception")

    @api.depends("outcome", "exception_code", "late")
    @api.depends_context("lang")
    def _compute_explanation(self):
        texts = {
            "answers": self.env._("A device answers"),
            "damaged": self.env._(
                "Bytes came, but no sound frame (CRC error): two devices with this address, other speed or parity, "
                "termination, noise"
            ),
            "closed": error_text(self.env, "closed"),
            "silent": self.env._("Nobody answered within the time-out"),
        }
        for line in self:
            word = f"exception {line.exception_code}"
            if line.outcome == "exception":
                line.explanation = self.env._(
                    "A device is there; it refused the register tried: %(error)s", error=error_text(self.env, word)
                )
            elif line.outcome == "no_way":
                line.explanation = error_text(self.env, word)
            elif line.late:
                line.explanation = self.env._("An answer came, but after the time-out: scan again with a longer one")
            else:
                line.explanation = texts.get(line.outcome)

    @api.depends("guesses", "tables_tried")
    @api.depends_context("lang")
    def _compute_guess_text(self):
        for line in self:
            tables = self.env["energy.modbus.map"].browse(guess[0] for guess in line.guesses or []).exists()
            parts = [
                self.env._(
                    "%(table)s: %(fits)s of %(asked)s values fit", table=table.display_name, fits=fits, asked=asked
                )
                for key, fits, asked, *_more in line.guesses or []
                for table in tables.filtered(lambda one, key=key: one.id == key)
            ]
            if not parts and line.present and line.tables_tried < 0:
                parts = [self.env._("No point table fits")]
            line.guess_text = "; ".join(parts)

    @api.depends("unit", "scan_id.gateway_id.meter_ids.modbus_unit")
    def _compute_meter_id(self):
        for line in self:
            meters = line.scan_id.gateway_id.meter_ids
            line.meter_id = meters.filtered(lambda meter, line=line: meter.modbus_unit == line.unit)[:1]

    # === ACTION METHODS === #
    def action_register(self):
        """Open a new meter of this address, filled in as far as it is known."""
        self._ensure_asked_one()
        self.scan_id._check_engineer()
        if self.meter_id:
            raise UserError(
                self.env._(
                    "Address %(unit)s is %(meter)s already.", unit=self.unit, meter=self.meter_id.display_name
                )
            )
        gateway, table = self.scan_id.gateway_id, self.map_id
        name = self.env._("%(gateway)s, address %(unit)s", gateway=gateway.name, unit=self.unit)
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Register Meter"),
            "res_model": "energy.node",
            "view_mode": "form",
            "views": [(self.env.ref("energy_carbon.energy_node_view_form_meter").id, "form")],
            "target": "new",
            "context": {
                "default_kind": "meter",
                "default_name": name,
                "default_company_id": gateway.company_id.id,
                "default_model": table.model or False,
                "default_energy_type_id": self._energy_type(table).id,
                "default_modbus_gateway_id": gateway.id,
                "default_modbus_unit": self.unit,
                "default_modbus_map_id": table.id,
            },
        }

    def action_open_meter(self):
        self._ensure_asked_one()
        return {
            "type": "ir.actions.act_window",
            "res_model": "energy.node",
            "res_id": self.meter_id.id,
            "view_mode": "form",
            "views": [(self.env.ref("energy_carbon.energy_node_view_form_meter").id, "form")],
        }

    def action_read(self):
        """Show all values of a registered meter."""
        self._ensure_asked_one()
        return self.env["energy.modbus.test.read"]._open(self.scan_id.gateway_id, self.meter_id)

    # === BUSINESS METHODS === #
    def _energy_type(self, table):
        """What the table's meter measures; none when it is not certain."""
        types = table.point_ids.template_id.filtered("main_total").energy_type_id
        return types if len(types) == 1 else types.browse()

    @api.model
    def _values(self, sighting: Sighting) -> dict:
        """A line's values from what the collector saw."""
        words = (sighting.identity.get(name) for name in ("vendor", "product", "name", "model", "revision"))
        return {
            "unit": sighting.unit_id,
            "outcome": sighting.outcome,
            "sequence": SEQUENCE[sighting.outcome],
            "exception_code": sighting.exception_code or 0,
            "identity": " ".join(filter(None, words)),
            "milliseconds": 1000 * sighting.seconds,
            "frames": "\n".join(f"{direction}  {data.hex(' ')}" for direction, data in sighting.frames),
        }
