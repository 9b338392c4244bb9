"""Compare with display: the engineer types what a meter shows, the product says how its registers must be read."""

from __future__ import annotations

import math

from odoo import api, fields, models
from odoo.addons.energy_carbon.tools.uom import uom_factor
from odoo.exceptions import UserError, ValidationError

from ..collector.compare import LEAST_DIGITS, Fit, Layout, Sample, find_fits, parse_display, significant_digits, window
from ..collector.point import BIT_FUNCTIONS, REGISTERS
from ..tools.messages import error_text
from ..tools.probe import read_registers
from .energy_modbus_test_read import _word

MOST_FITS = 12


class EnergyModbusCompare(models.TransientModel):
    """One point of one meter beside its display. Stores no reading; writes into the point table only when told to."""

    _name = "energy.modbus.compare"
    _inherit = ["energy.wall.mixin"]
    _description = "Compare with Display"

    meter_id = fields.Many2one("energy.node", required=True, readonly=True, ondelete="cascade")
    map_id = fields.Many2one(related="meter_id.modbus_map_id")
    point_id = fields.Many2one(
        "energy.modbus.map.point",
        required=True,
        ondelete="cascade",
        domain="[('map_id', '=', map_id), ('purpose', '=', 'value'), ('datatype', 'not in', ('string', 'bit')), "
        "('function', 'in', ('3', '4'))]",
    )
    shown = fields.Char(
        string="The Display Shows",
        help="All digits the display shows, with the decimal point, without thousands separators and without the unit.",
    )
    allowed_uom_ids = fields.Many2many("uom.uom", compute="_compute_allowed_uom_ids")
    uom_id = fields.Many2one(
        "uom.uom",
        string="In the Unit",
        compute="_compute_uom_id",
        store=True,
        readonly=False,
        domain="[('id', 'in', allowed_uom_ids)]",
        help="The display's unit, where it is another one than the point's: a display in MWh beside a register in kWh.",
    )
    tolerance = fields.Float(
        string="May Differ By (%)",
        default=0.2,
        digits=(5, 2),
        help="The meter counts on between your look at the display and the read.",
    )
    samples = fields.Json(readonly=True)
    sample_count = fields.Integer(compute="_compute_sample_count")
    line_ids = fields.One2many("energy.modbus.compare.line", "compare_id", string="What Fits", readonly=True)
    state = fields.Selection(
        [("draft", "Not Compared"), ("same", "As in the Table"), ("other", "Otherwise"), ("none", "Nothing Fits")],
        string="Comparison",
        default="draft",
        readonly=True,
    )
    in_table = fields.Char(compute="_compute_in_table", string="The Table Says")
    map_state = fields.Selection(related="map_id.state")

    # === COMPUTE METHODS === #
    @api.depends("samples")
    def _compute_sample_count(self):
        for compare in self:
            compare.sample_count = len(compare.samples or [])

    @api.depends("point_id.address", "point_id.datatype", "point_id.order", "point_id.scale")
    @api.depends_context("lang")
    def _compute_in_table(self):
        for compare in self:
            compare.in_table = compare.point_id and compare._layout_text(_layout_of(compare.point_id))

    @api.depends("point_id")
    def _compute_uom_id(self):
        for compare in self:
            compare.uom_id = compare._point_uom()

    @api.depends("point_id")
    def _compute_allowed_uom_ids(self):
        units = self.env["uom.uom"]
        for compare in self:
            root = (compare._point_uom().parent_path or "").partition("/")[0]
            compare.allowed_uom_ids = units.search([("id", "child_of", int(root))]) if root else units

    # === CONSTRAINT METHODS === #
    @api.constrains("tolerance")
    def _check_tolerance(self):
        for compare in self:
            if not 0 <= compare.tolerance <= 5:
                raise ValidationError(self.env._("Display and register may differ by 0 to 5 %."))

    # === ONCHANGE METHODS === #
    @api.onchange("point_id")
    def _onchange_point_id(self):
        """What another point gave says nothing about this one."""
        self.samples, self.line_ids, self.state = False, [fields.Command.clear()], "draft"

    # === ACTION METHODS === #
    def action_compare(self):
        """Read the registers now and say what gives the number that was typed; a further number narrows it down."""
        self._ensure_asked_one()
        self._check_engineer()
        shown, step = (number * self._unit_factor() for number in self._typed())
        point = self._check_point()
        start, registers = self._read()
        sample = [shown - point.offset, max(step, 1.0) if point.decimal_point_id else step, start, registers]
        samples = [*(self.samples or []), sample]
        self._show(samples, self._fits(samples))
        return self._reopen()

    def action_start_over(self):
        self._ensure_asked_one()
        self.line_ids.unlink()
        self.write({"samples": False, "state": "draft", "shown": False})
        return self._reopen()

    def action_verify(self):
        """Note that the display and the point table agree."""
        self._ensure_asked_one()
        self._check_engineer()
        if self.state != "same":
            raise UserError(self.env._("Compare first: the table is verified when it gives what the display shows."))
        self.map_id._mark_verified(
            self.env._(
                "Verified on device: %(point)s of %(meter)s gave what the display showed, %(shown)s.",
                point=self.point_id.name,
                meter=self.meter_id.display_name,
                shown=f"{self.shown} {self.uom_id.name or ''}".strip(),
            )
        )
        return self._reopen()

    def action_test_read(self):
        """Back to all values of the meter."""
        self._ensure_asked_one()
        return self.meter_id.action_modbus_test_read()

    # === BUSINESS METHODS === #
    @api.model
    def _open(self, meter, point):
        self._check_engineer()
        return self.create({"meter_id": meter.id, "point_id": point.id})._reopen()

    def _reopen(self) -> dict:
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Compare with Display"),
            "res_model": self._name,
            "res_id": self.id,
            "view_mode": "form",
            "views": [(False, "form")],
            "target": "new",
            "context": {"dialog_size": "extra-large"},
        }

    @api.model
    def _check_engineer(self):
        self.env["energy.modbus.test.read"]._check_engineer()

    @api.model
    def _layout_text(self, layout: Layout) -> str:
        """A way to read registers in words: 0x084C, Unsigned 32 bit, ABCD (highest first), x 0.1."""
        fields_of_point = self.env["energy.modbus.map.point"]._fields
        names = {
            name: dict(fields_of_point[name]._description_selection(self.env)) for name in ("datatype", "order")
        }
        parts = [f"0x{layout.address:04X}", names["datatype"].get(layout.datatype, layout.datatype)]
        parts += [names["order"].get(layout.order, layout.order)] if REGISTERS.get(layout.datatype, 1) > 1 else []
        return ", ".join([*parts, f"x {layout.scale:g}"])

    def _point_uom(self):
        return self.point_id.uom_id or self.point_id.template_id.uom_id

    def _unit_factor(self) -> float:
        """What a number in the display's unit is multiplied by to be in the point's."""
        return uom_factor(self.uom_id, self._point_uom()) if self.uom_id and self._point_uom() else 1.0

    def _typed(self) -> tuple[float, float]:
        try:
            shown, step = parse_display(self.shown or "")
        except ValueError as error:
            raise UserError(
                self.env._(
                    "Type the number as the display shows it, with all its digits, for instance 12345.6: no unit, no "
                    "thousands separator."
                )
            ) from error
        if significant_digits(self.shown) < LEAST_DIGITS:
            raise UserError(
                self.env._(
                    "%(shown)s has too few digits to tell by: nearly everything fits. Compare a value whose display has "
                    "at least %(digits)s digits that are not leading zeros.",
                    shown=self.shown,
                    digits=LEAST_DIGITS,
                )
            )
        return shown, step

    def _check_point(self):
        """The point, when registers can be compared with a display at all."""
        point, meter = self.point_id, self.meter_id
        meter.check_access("read")
        if not meter.modbus_gateway_id or point.map_id != meter.modbus_map_id:
            raise UserError(
                self.env._(
                    "%(meter)s: choose its gateway, unit address and point table first.", meter=meter.display_name
                )
            )
        bits = point.function and int(point.function) in BIT_FUNCTIONS
        if bits or not point.function or point.datatype in ("string", "bit"):
            raise UserError(self.env._("%(point)s is no number in registers.", point=point.name))
        return point

    def _read(self) -> tuple[int, list[int | None]]:
        """First address and registers around the point; None where the meter refuses."""
        gateway, point = self.meter_id.modbus_gateway_id, self.point_id
        gateway._take_line()
        layout = _layout_of(point)
        start, count = window(layout)
        own = (layout.address, point._register_count())
        settings = gateway._link_settings()
        registers, failure = read_registers(
            settings, self.meter_id.modbus_unit, int(point.function), start, count, own
        )
        if failure:
            raise UserError(
                self.env._("The meter gave no value. %(error)s.", error=error_text(self.env, _word(failure)))
            )
        return start, registers

    def _fits(self, samples: list) -> list[Fit]:
        ratio = self.meter_id.ratio or 1.0
        factors = (1.0,) if math.isclose(ratio, 1.0) else (1.0, ratio)
        seen = [Sample(shown, step, start, tuple(registers)) for shown, step, start, registers in samples]
        return find_fits(seen, _layout_of(self.point_id), factors, self.tolerance / 100.0)

    def _show(self, samples: list, fits: list[Fit]):
        best = fits[:MOST_FITS]
        self.line_ids.unlink()
        self.write(
            {
                "samples": samples,
                "state": "none" if not fits else "same" if not fits[0].changes else "other",
                "line_ids": [fields.Command.create(self._line(fit)) for fit in best],
            }
        )

    def _line(self, fit: Fit) -> dict:
        layout = fit.layout
        return {
            "address": layout.address,
            "datatype": layout.datatype,
            "order": layout.order,
            "scale": layout.scale,
            "secondary": not math.isclose(layout.factor, 1.0),
            "value": f"{(fit.values[-1] + self.point_id.offset) / self._unit_factor():.8g}",
            "same": not fit.changes,
        }


def _layout_of(point) -> Layout:
    return Layout(point.address, point.datatype, point.order or "ABCD", point.scale)
