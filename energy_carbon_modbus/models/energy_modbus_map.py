"""A point table: which registers a meter model has. Knows nothing of gateways and of what was read."""

from odoo import api, fields, models
from odoo.exceptions import UserError


class EnergyModbusMap(models.Model):
    """The point table of one meter model and firmware, as its manual prints it.

    Shipped for common models and written by Instrument engineers for others. It stays *unverified* until somebody has
    compared it with a real meter's display.
    """

    _name = "energy.modbus.map"
    _inherit = ["energy.archive.mixin"]
    _description = "Modbus Point Table"
    _order = "manufacturer, model, firmware, id"
    _rec_names_search = ["manufacturer", "model", "firmware"]

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
    document = fields.Char(string="Manual", help="The manual or register list the table was taken from.")
    note = fields.Text()
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
        self.write({"state": "verified", "verified_by": self.env.uid, "verified_on": fields.Datetime.now()})

    def action_unverify(self):
        self._mark_unverified()

    def action_open_meters(self):
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id("energy_carbon_modbus.energy_modbus_meter_action")
        return dict(action, domain=[("modbus_map_id", "=", self.id)], context={})

    # === BUSINESS METHODS === #
    def _mark_unverified(self):
        self.filtered(lambda table: table.state == "verified").write(
            {"state": "unverified", "verified_by": False, "verified_on": False}
        )
