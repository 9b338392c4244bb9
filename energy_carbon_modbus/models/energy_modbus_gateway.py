"""A gateway to the meters of a line: where it is and how it fares. Polling itself is in energy_modbus_polling.py."""

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Domain

from ..tools.messages import gateway_text, reason_text
from ..tools.probe import check_connection

GATEWAY_STATES = [
    ("never", "Never Polled"),
    ("ok", "All Meters Answer"),
    ("partial", "Partly"),
    ("silent", "Silent"),
    ("busy", "Gateway Busy"),
    ("idle", "Nothing to Read"),
    ("disabled", "Switched Off"),
]
# How many polls the form shows; all of them are one click away.
RECENT_POLLS = 10


class EnergyModbusGateway(models.Model):
    """A Modbus TCP gateway or serial server and the line of meters behind it.

    Set up by Instrument engineers; state, journal and health are written by the scheduled action. It is polled only in
    the database in which somebody switched polling on: a copy of the database stays silent.
    """

    _name = "energy.modbus.gateway"
    _description = "Modbus Gateway"
    _inherit = ["energy.wall.mixin", "mail.thread", "energy.archive.mixin"]
    _order = "name, id"
    _check_company_auto = True
    _rec_names_search = ["name", "host"]

    name = fields.Char(required=True, tracking=True)
    active = fields.Boolean(default=True, tracking=True)
    company_id = fields.Many2one(
        "res.company", required=True, index=True, ondelete="cascade", default=lambda self: self.env.company
    )
    node_id = fields.Many2one(
        "energy.node",
        string="Serves",
        index="btree_not_null",
        ondelete="set null",
        check_company=True,
        domain=[("kind", "=", "unit")],
        help="Unit the gateway serves: people allowed to see it see the gateway too. Empty: only engineers and Energy "
        "managers do.",
    )
    location = fields.Char(help="Where to find the box: room, cabinet, line.")
    note = fields.Html()
    host = fields.Char(tracking=True, help="IP address or name of the gateway.")
    port = fields.Integer(default=502, required=True, tracking=True)
    framer = fields.Selection(
        [("socket", "Modbus TCP"), ("rtu", "RTU over TCP"), ("serial", "Serial Port")],
        string="Protocol",
        default="socket",
        required=True,
        tracking=True,
        help="Modbus TCP: the gateway translates. RTU over TCP: a transparent serial server passes the line's frames. "
        "Serial Port: the line hangs on the computer that runs Odoo or the edge agent.",
    )
    timeout = fields.Float(
        string="Time-out (s)", default=1.0, required=True, digits=(6, 3), help="How long to wait for an answer."
    )
    turnaround = fields.Float(
        string="Pause (s)", default=0.0, digits=(6, 3), help="Pause between an answer and the next request."
    )
    interval = fields.Integer(
        string="Interval (s)", default=60, required=True, tracking=True, help="Time from poll to poll, at least 60 s."
    )

    polling_uuid = fields.Char(
        string="Polling Switched on in Database", readonly=True, copy=False, groups="energy_carbon.group_engineer"
    )
    polling = fields.Selection(
        [("on", "On"), ("off", "Off"), ("elsewhere", "On in Another Database")],
        compute="_compute_polling",
        search="_search_polling",
        compute_sudo=True,
    )
    state = fields.Selection(GATEWAY_STATES, default="disabled", required=True, readonly=True, copy=False, index=True)
    error_detail = fields.Json(readonly=True, copy=False)
    last_error = fields.Char(compute="_compute_last_error")
    last_poll = fields.Datetime(readonly=True, copy=False)
    last_success = fields.Datetime(readonly=True, copy=False, help="The last poll in which every meter answered.")
    next_poll = fields.Datetime(readonly=True, copy=False)
    health = fields.Json(readonly=True, copy=False, groups="energy_carbon.group_engineer")
    # Who reads the line now, until when. Taken by the scheduled action; see energy_modbus_polling.py.
    lease_until = fields.Datetime(readonly=True, copy=False, groups="energy_carbon.group_engineer")
    lease_owner = fields.Char(readonly=True, copy=False, groups="energy_carbon.group_engineer")

    meter_ids = fields.One2many("energy.node", "modbus_gateway_id", string="Meters")
    meter_count = fields.Integer(compute="_compute_meter_count")
    recent_poll_ids = fields.One2many("energy.modbus.poll", compute="_compute_recent_poll_ids", string="Last Polls")

    _interval_range = models.Constraint(
        "CHECK (interval >= 60)",
        "The polling interval is at least 60 seconds: scheduled actions do not run more often.",
    )
    _port_range = models.Constraint("CHECK (port BETWEEN 1 AND 65535)", "The port is a number from 1 to 65535.")
    _timeout_range = models.Constraint(
        "CHECK (timeout > 0 AND timeout <= 10)", "The time-out is more than 0 and at most 10 seconds."
    )
    _turnaround_range = models.Constraint(
        "CHECK (turnaround >= 0 AND turnaround <= 5)", "The pause is between 0 and 5 seconds."
    )
    _unique_name = models.UniqueIndex("(company_id, name)", "The company already has a gateway of that name.")

    # === COMPUTE METHODS === #
    @api.depends("polling_uuid")
    def _compute_polling(self):
        here = self._database_uuid()
        for gateway in self:
            uuid = gateway.polling_uuid
            gateway.polling = "off" if not uuid else "on" if uuid == here else "elsewhere"

    def _search_polling(self, operator, value):
        if operator not in ("in", "="):
            return NotImplemented
        values = {value} if operator == "=" else set(value)
        here = self._database_uuid()
        parts = {
            "on": Domain("polling_uuid", "=", here),
            "off": Domain("polling_uuid", "=", False),
            "elsewhere": Domain("polling_uuid", "not in", [here, False]),
        }
        wanted = Domain.OR(parts[key] for key in values & parts.keys())
        gateways = self.sudo().with_context(active_test=False).search(wanted)
        return [("id", "in", gateways.ids)]

    @api.depends("error_detail", "host", "port", "device", "framer")
    @api.depends_context("lang")
    def _compute_last_error(self):
        for gateway in self:
            gateway.last_error = gateway_text(self.env, gateway.error_detail, gateway._address())

    @api.depends("meter_ids")
    def _compute_meter_count(self):
        counts = dict(
            self.env["energy.node"]._read_group(
                [("modbus_gateway_id", "in", self.ids)], ["modbus_gateway_id"], ["__count"]
            )
        )
        for gateway in self:
            gateway.meter_count = counts.get(gateway._origin, 0)

    def _compute_recent_poll_ids(self):
        for gateway in self:
            gateway.recent_poll_ids = self.env["energy.modbus.poll"].search(
                [("gateway_id", "in", gateway._origin.ids)], limit=RECENT_POLLS
            )

    # === CRUD METHODS === #
    @api.ondelete(at_uninstall=False)
    def _unlink_except_with_meters(self):
        for gateway in self.with_context(active_test=False):
            if gateway.meter_ids:
                raise UserError(
                    self.env._(
                        "%(gateway)s has meters (%(meters)s). Take them off the line first, or archive the gateway.",
                        gateway=gateway.name,
                        meters=", ".join(gateway.meter_ids[:5].mapped("name")),
                    )
                )

    # === ACTION METHODS === #
    def action_polling_on(self):
        """Poll from this database from now on."""
        self._ensure_asked()
        for gateway in self:
            if not gateway.active:
                raise UserError(self.env._("%(gateway)s is archived: restore it first.", gateway=gateway.name))
        self.write({"polling_uuid": self._database_uuid(), "state": "never", "error_detail": False, "next_poll": False})

    def action_polling_off(self):
        self._ensure_asked()
        self.write({"polling_uuid": False, "state": "disabled", "error_detail": False, "next_poll": False})

    def action_poll_now(self):
        """Have the scheduled action read the gateways at its next run, and wake it."""
        self._ensure_asked()
        off = self.filtered(lambda gateway: gateway.polling != "on")
        if off:
            raise UserError(
                self.env._(
                    "%(gateways)s: polling is not on in this database. Switch it on first, or use Test Read.",
                    gateways=", ".join(off.mapped("name")),
                )
            )
        self.write({"next_poll": False})
        for cron in self._poll_crons():
            cron._trigger()
        return self._notify(self.env._("Polling starts within a minute; the journal shows what came of it."), "info")

    def action_test_connection(self):
        """Open and close a connection, and say what stands in the way."""
        self._ensure_asked_one()
        self._take_line()
        check = check_connection(self._link_settings())
        address = self._address()
        if check.reason is None:
            message = self.env._(
                "%(address)s accepts connections (%(milliseconds)s ms). Read a meter with Test Read.",
                address=address,
                milliseconds=round(1000 * check.seconds),
            )
            return self._notify(message, "success")
        return self._notify(reason_text(self.env, check.reason, address), "danger")

    def action_test_read(self):
        """Open the test read of one of the gateway's meters."""
        self._ensure_asked_one()
        return self.env["energy.modbus.test.read"]._open(self, self.meter_ids.sorted("modbus_unit")[:1])

    def action_open_meters(self):
        self._ensure_asked_one()
        action = self.env["ir.actions.act_window"]._for_xml_id("energy_carbon_modbus.energy_modbus_meter_action")
        return dict(
            action,
            domain=[("kind", "=", "meter"), ("modbus_gateway_id", "in", [self.id, False])],
            context={"search_default_modbus_gateway_id": self.id, "default_modbus_gateway_id": self.id},
        )

    def action_open_polls(self):
        self._ensure_asked_one()
        action = self.env["ir.actions.act_window"]._for_xml_id("energy_carbon_modbus.energy_modbus_poll_action")
        return dict(action, domain=[("gateway_id", "=", self.id)], context={})

    # === BUSINESS METHODS === #
    def _database_uuid(self) -> str:
        return self.env["ir.config_parameter"].sudo().get_param("database.uuid")

    def _take_line(self):
        """Make sure nobody else talks on the line until this transaction ends.

        A button's transaction stays open during its few seconds of I/O, so a row lock is enough here: the scheduled
        action skips locked gateways, and its own lease is respected.
        """
        self.check_access("write")
        line = self.sudo().try_lock_for_update(allow_referencing=True)
        if not line or (line.lease_until and line.lease_until > self.env.cr.now()):
            raise UserError(
                self.env._("%(gateway)s is being read right now. Try again in a few seconds.", gateway=self.name)
            )

    def _notify(self, message: str, kind: str) -> dict:
        return {
            "type": "ir.actions.client",
            "tag": "display_notification",
            "params": {"title": self.name if len(self) == 1 else False, "message": message, "type": kind},
        }
