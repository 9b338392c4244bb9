"""The Modbus side of a meter: gateway, unit address, point table and how it fares. Extends energy.node."""

from odoo import api, fields, models
from odoo.exceptions import ValidationError

from ..collector.point import Point
from ..tools.messages import meter_text

METER_STATES = [
    ("never", "Never Read"),
    ("ok", "Answers"),
    ("partial", "Partly"),
    ("silent", "Silent"),
]


def _unit_taken(env, _diagnostics) -> str:
    return env._(
        "Another meter of the gateway has this unit address already. Each meter on a line needs its own, from 1 to 247."
    )


class EnergyMeter(models.Model):
    """A meter that is read over Modbus; state and errors are written by the poll."""

    _inherit = "energy.node"

    modbus_gateway_id = fields.Many2one(
        "energy.modbus.gateway",
        string="Gateway",
        index="btree_not_null",
        ondelete="restrict",
        check_company=True,
        # The unit address of a copy is not known, and without one there is no gateway.
        copy=False,
        help="The gateway of the line the meter hangs on.",
    )
    modbus_unit = fields.Integer(
        string="Unit Address", copy=False, help="The meter's address on its line, 1 to 247, as set in the meter."
    )
    modbus_map_id = fields.Many2one(
        "energy.modbus.map",
        string="Point Table",
        index="btree_not_null",
        ondelete="restrict",
        domain="['|', ('company_id', '=', False), ('company_id', '=', company_id)]",
    )
    modbus_state = fields.Selection(METER_STATES, default="never", readonly=True, copy=False, index="btree_not_null")
    modbus_error_detail = fields.Json(readonly=True, copy=False)
    modbus_last_error = fields.Char(string="Modbus Error", compute="_compute_modbus_last_error")
    modbus_last_success = fields.Datetime(string="Last Good Reading", readonly=True, copy=False)
    modbus_hint = fields.Char(compute="_compute_modbus_hint")

    _unique_modbus_unit = models.UniqueIndex(
        "(modbus_gateway_id, modbus_unit) WHERE modbus_gateway_id IS NOT NULL AND active", _unit_taken
    )

    # === COMPUTE METHODS === #
    @api.depends("modbus_error_detail")
    @api.depends_context("lang")
    def _compute_modbus_last_error(self):
        for meter in self:
            meter.modbus_last_error = meter_text(self.env, meter.modbus_error_detail)

    @api.depends("modbus_gateway_id", "modbus_map_id")
    @api.depends_context("lang")
    def _compute_modbus_hint(self):
        for meter in self:
            meter.modbus_hint = meter._modbus_hint() if meter.kind == "meter" else False

    # === CONSTRAINT METHODS === #
    @api.constrains("modbus_gateway_id", "modbus_unit", "modbus_map_id", "kind")
    def _check_modbus(self):
        for node in self:
            if (node.modbus_gateway_id or node.modbus_map_id) and node.kind != "meter":
                raise ValidationError(
                    self.env._("%(node)s is no meter: only meters are read over Modbus.", node=node.display_name)
                )
            if node.modbus_gateway_id and not 1 <= node.modbus_unit <= 247:
                raise ValidationError(
                    self.env._(
                        "%(meter)s: the unit address is the one set in the meter, a number from 1 to 247.",
                        meter=node.display_name,
                    )
                )

    # === CRUD METHODS === #
    @api.model_create_multi
    def create(self, vals_list):
        nodes = super().create(vals_list)
        nodes.filtered("modbus_map_id")._apply_modbus_map()
        return nodes

    def write(self, vals):
        result = super().write(vals)
        if "modbus_map_id" in vals:
            self._apply_modbus_map()
        return result

    # === ACTION METHODS === #
    def action_modbus_test_read(self):
        """Read all points of the meter now and show them."""
        self._ensure_asked_one()
        return self.env["energy.modbus.test.read"]._open(self.modbus_gateway_id, self)

    # === BUSINESS METHODS === #
    def _is_modbus_read(self) -> bool:
        """Whether the scheduled action asks the meter: in use, on a line, with a table, not kept by typing alone."""
        self.ensure_one()
        return bool(
            self.modbus_gateway_id
            and self.modbus_map_id
            and self.active
            and self.meter_state == "in_use"
            and self.collection != "typed"
        )

    def _modbus_hint(self) -> str | bool:
        """What is missing until the meter's readings are stored, or how many points are."""
        if not self.modbus_gateway_id or not self.modbus_map_id:
            return self.env._("Choose the gateway, the unit address and the point table of the meter.")
        if not self._is_modbus_read():
            return self.env._("Not read: only meters in use whose readings are not typed alone are read.")
        enabled = self.modbus_map_id.point_ids.filtered(lambda point: point.enabled and point.template_id)
        pairs = self._modbus_pairs()
        if not pairs:
            return self.env._(
                "No point of the table has an indicator at this meter yet, so nothing is stored. Add indicators, or "
                "look at the values with Test Read."
            )
        return self.env._(
            "%(stored)s of %(enabled)s points have an indicator at this meter and are stored.",
            stored=len({point.id for point, _indicator in pairs}),
            enabled=len(enabled),
        )

    def _modbus_pairs(self) -> list[tuple]:
        """(point, indicator) of every enabled point of the table that has a collected indicator at the meter."""
        self.ensure_one()
        # One query for all meters of a gateway: the field is prefetched with its siblings'.
        indicators = self.indicator_ids.filtered(lambda one: one.source == "collected" and not one.product_id)
        points = {point.template_id.id: point for point in self.modbus_map_id.point_ids if point.enabled}
        return [
            (points[indicator.template_id.id], indicator)
            for indicator in indicators
            if indicator.template_id.id in points
        ]

    def _modbus_points(self) -> tuple[list[Point], dict[int, str], list[str]]:
        """What the collector reads of the meter.

        :return: points keyed by indicator id, their names by the same key, and what keeps a point from being read
        """
        points, names, problems = [], {}, []
        for point, indicator in self._modbus_pairs():
            try:
                points.append(point._collector_point(indicator.id, self.modbus_unit, indicator.uom_id))
                names[indicator.id] = point.name
            except (ValidationError, ValueError) as error:
                problems.append(f"{self.code or self.name}: {error}")
        return points, names, problems

    def _apply_modbus_map(self):
        """Tell the meters' indicators which side of the transformers their registers count on."""
        for meter in self.filtered("modbus_map_id"):
            for point, indicator in meter.sudo()._modbus_pairs():
                if indicator.secondary_side != point.secondary_side:
                    indicator.secondary_side = point.secondary_side
            meter._take_register_maximum()

    def _take_register_maximum(self):
        """The register maximum the manual states, where the meter has none typed."""
        for point, indicator in self.sudo()._modbus_pairs():
            if indicator.main_total and point.register_maximum and not self.register_maximum:
                self.sudo().register_maximum = point.register_maximum * point._uom_scale(indicator.uom_id)
