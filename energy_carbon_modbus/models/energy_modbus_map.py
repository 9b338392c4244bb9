"""A point table: which registers a meter model has. Knows nothing of gateways and of what was read."""

from odoo import api, fields, models
from odoo.addons.energy_carbon.models.energy_wall_mixin import KEPT
from odoo.addons.energy_carbon.tools.inner_step import within
from odoo.exceptions import UserError


class EnergyModbusMap(models.Model):
    """The point table of one meter model and firmware, as its manual prints it.

    Shipped for common models and written by Instrument engineers for others. It stays *unverified* until somebody has
    compared it with a real meter's display.
    """

    _name = "energy.modbus.map"
    _inherit = ["energy.wall.mixin", "mail.thread", "energy.archive.mixin"]
    _description = "Modbus Point Table"
    _order = "manufacturer, model, firmware, id"
    _rec_names_search = ["manufacturer", "model", "firmware"]
    _kept_fields = frozenset({"state", "verified_by", "verified_on"})

    manufacturer = fields.Char(required=True)
    model = fields.Char(required=True, help="Model name as on the meter's type plate.")
    firmware = fields.Char(help="Firmware or edition of the manual, where tables of one model differ.")
    active = fields.Boolean(default=True)
    company_id = fields.Many2one(
        "res.company", index="btree_not_null", ondelete="cascade", help="Empty: every company may use the table."
    )
    max_registers = fields.Integer(
        string="Registers per Read",
        default=125,
        required=True,
        help="The most registers the meter gives in one answer, from its manual. Modbus allows 125.",
    )
    even = fields.Selection(
        [("any", "Any Number"), ("count", "Even Number"), ("start", "Even Number from an Even Address")],
        string="Registers Asked For",
        default="any",
        required=True,
        help="Some models answer only when the number of registers asked for is even; some want the first address even, "
        "too. A register beside the values then fills the read up.",
    )
    document = fields.Char(string="Manual", help="The manual or register list the table was taken from.")
    note = fields.Text(translate=True)
    state = fields.Selection(
        [("unverified", "Unverified"), ("verified", "Verified on Device")],
        default="unverified",
        required=True,
        readonly=True,
        copy=False,
        help="Verified: somebody compared the table's values with a meter's display. A change of a point undoes it.",
    )
    verified_by = fields.Many2one("res.users", readonly=True, copy=False)
    verified_on = fields.Datetime(readonly=True, copy=False)
    point_ids = fields.One2many("energy.modbus.map.point", "map_id", string="Points", copy=True)
    history_ids = fields.One2many("energy.modbus.map.history", "map_id", string="Kept Records", copy=True)
    point_count = fields.Integer(compute="_compute_counts", string="Points in Use")
    meter_ids = fields.One2many("energy.node", "modbus_map_id", string="Meters")
    meter_count = fields.Integer(compute="_compute_counts")

    _max_registers_range = models.Constraint(
        "CHECK (max_registers BETWEEN 1 AND 125)", "A Modbus read takes 1 to 125 registers."
    )
    _unique_model = models.UniqueIndex(
        "(manufacturer, model, COALESCE(firmware, ''), COALESCE(company_id, 0))",
        "There is already a point table of that manufacturer, model and firmware.",
    )

    # === COMPUTE METHODS === #
    @api.depends("manufacturer", "model", "firmware")
    def _compute_display_name(self):
        for table in self:
            name = f"{table.manufacturer or ''} {table.model or ''}".strip()
            table.display_name = f"{name} ({table.firmware})" if table.firmware else name

    @api.depends("point_ids.enabled", "meter_ids")
    def _compute_counts(self):
        for table in self:
            table.point_count = len(table.point_ids.filtered("enabled"))
            table.meter_count = len(table.meter_ids)

    # === CRUD METHODS === #
    def copy_data(self, default=None):
        """A copy is told from the original by its firmware, which the unique key asks for."""
        vals_list = super().copy_data(default=default)
        for table, vals in zip(self, vals_list, strict=True):
            if "firmware" not in (default or {}):
                vals["firmware"] = self.env._("%(firmware)s copy", firmware=table.firmware or "").strip()
        return vals_list

    def copy(self, default=None):
        """The copy's points hang together as the original's do."""
        copies = super().copy(default)
        for table, copied in zip(self, copies, strict=True):
            table._copy_links(copied)
        return copies

    def _copy_links(self, copied):
        points = dict(zip(self.point_ids, copied.point_ids, strict=True))
        histories = dict(zip(self.history_ids, copied.history_ids, strict=True))
        for point, twin in points.items():
            links = {
                name: points[point[name]].id
                for name in ("decimal_point_id", "unit_code_point_id", "frozen_point_id")
                if point[name]
            }
            if point.history_id:
                links["history_id"] = histories[point.history_id].id
            if links:
                twin.write(links)

    @api.ondelete(at_uninstall=False)
    def _unlink_except_in_use(self):
        for table in self.sudo().with_context(active_test=False):
            if table.meter_ids:
                raise UserError(
                    self.env._(
                        "%(table)s is the point table of %(count)s meters. Give them another one first, or archive it.",
                        table=table.display_name,
                        count=len(table.meter_ids),
                    )
                )

    # === ACTION METHODS === #
    def action_verify(self):
        """Note that the user compared the table with a meter's display."""
        self._ensure_asked()
        self._mark_verified(self.env._("Verified on device: compared with a meter's display."))

    def action_unverify(self):
        self._ensure_asked()
        self.check_access("write")
        self._mark_unverified(self.env._("Taken back by hand"))

    def action_open_meters(self):
        self._ensure_asked_one()
        action = self.env["ir.actions.act_window"]._for_xml_id("energy_carbon_modbus.energy_modbus_meter_action")
        return dict(action, domain=[("modbus_map_id", "=", self.id)], context={})

    # === BUSINESS METHODS === #
    def _even_rule(self) -> str:
        """The rule in the collector's word: one of ``plan.EVEN_RULES``."""
        return "" if self.even == "any" else self.even

    def _mark_verified(self, note: str):
        """Somebody saw that the table says what a meter of this model shows.

        :param note: what was compared, kept in the table's history
        """
        within(self, KEPT).write({"state": "verified", "verified_by": self.env.uid, "verified_on": fields.Datetime.now()})
        for table in self:
            table.message_post(body=note)

    def _mark_unverified(self, reason: str):
        """What was verified has changed; the table's history keeps why and who.

        :param reason: what changed
        """
        for table in self.filtered(lambda table: table.state == "verified"):
            who = table.verified_by.name or ""
            within(table, KEPT).write({"state": "unverified", "verified_by": False, "verified_on": False})
            table.message_post(
                body=self.env._(
                    "No longer verified (was by %(who)s). %(reason)s. Compare a test read with a meter's display again.",
                    who=who,
                    reason=reason,
                )
            )
