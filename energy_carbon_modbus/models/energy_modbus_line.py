"""The line behind a gateway: its settings, what a round costs, which meters hang on it. Extends energy.modbus.gateway."""

from __future__ import annotations

import math

from odoo import api, fields, models
from odoo.exceptions import ValidationError

from ..collector.link_settings import SERIAL, LinkSettings
from ..collector.plan import LineCost, estimate_seconds, plan_blocks
from .energy_modbus_group import POLL_CRON

BAUDS = (1200, 2400, 4800, 9600, 19200, 38400, 57600, 115200)
# A slave's own pause before it answers, as usual meters have it.
SLAVE_PAUSE = 0.02


class EnergyModbusLine(models.Model):
    """The line of meters: speed and pauses decide how long a round takes, and so how often it can be polled."""

    _inherit = "energy.modbus.gateway"

    device = fields.Char(string="Port Device", help="The serial port, e.g. /dev/ttyUSB0 or /dev/ttyS0.")
    baud = fields.Selection(
        [(str(baud), f"{baud:,}") for baud in BAUDS],
        string="Line Speed (baud)",
        help="Speed of the serial line behind the gateway. It decides how many unwanted registers are worth reading "
        "across, how long an answer may take, and the estimated time of a round. Empty: not known.",
    )
    parity = fields.Selection([("N", "None"), ("E", "Even"), ("O", "Odd")], default="N", required=True)
    stop_bits = fields.Selection([("1", "1"), ("2", "2")], default="1", required=True)
    pause_after_connect = fields.Float(
        string="Pause after Connecting (s)",
        digits=(6, 3),
        help="Some serial servers swallow a request that follows the connection at once.",
    )
    connection = fields.Selection(
        [("closed", "Closed after Each Round"), ("kept", "Kept Open")],
        default="closed",
        required=True,
        help="Closed: other programs get their turn, right for gateways that serve one connection only. Kept open: saves "
        "connecting each time; the connection belongs to one Odoo process, or to the edge agent.",
    )
    keepalive = fields.Boolean(
        default=True, help="Have the system notice within a minute when the gateway is gone."
    )
    group_id = fields.Many2one(
        "energy.modbus.group",
        string="Collection Group",
        index="btree_not_null",
        ondelete="set null",
        check_company=True,
        help="Gateways of a group are read by a scheduled action of their own, beside the others. Empty: the general one.",
    )
    sweep_seconds = fields.Float(
        string="Estimated Time of a Round (s)",
        compute="_compute_sweep",
        digits=(10, 2),
        help="Computed from line speed, pauses and the requests the point tables need, when every meter answers.",
    )
    sweep_requests = fields.Integer(string="Requests of a Round", compute="_compute_sweep")
    is_too_slow = fields.Boolean(compute="_compute_sweep")
    topology_ids = fields.Many2many("energy.node", compute="_compute_topology_ids")

    _host_filled = models.Constraint(
        "CHECK (framer = 'serial' OR COALESCE(host, '') ~ '\\S')", "The host is the gateway's IP address or name."
    )
    _device_filled = models.Constraint(
        "CHECK (framer != 'serial' OR (COALESCE(device, '') ~ '\\S' AND baud IS NOT NULL))",
        "A serial port needs its device, for instance /dev/ttyUSB0, and the line's speed.",
    )
    _pause_after_connect_range = models.Constraint(
        "CHECK (pause_after_connect BETWEEN 0 AND 10)", "The pause after connecting is between 0 and 10 seconds."
    )

    # === COMPUTE METHODS === #
    @api.depends("baud", "parity", "stop_bits", "turnaround", "interval", "meter_ids.modbus_map_id", "meter_ids.modbus_unit")
    def _compute_sweep(self):
        for gateway in self:
            blocks = gateway._blocks()
            gateway.sweep_requests = len(blocks)
            gateway.sweep_seconds = estimate_seconds(blocks, gateway._line_cost())
            gateway.is_too_slow = gateway.sweep_seconds > gateway.interval

    @api.depends("meter_ids.main_meter_id", "meter_ids.sub_meter_ids")
    def _compute_topology_ids(self):
        for gateway in self:
            mains = gateway.meter_ids
            while above := mains.main_meter_id - mains:
                mains |= above
            tops = mains.filtered(lambda meter: not meter.main_meter_id).sorted("name")
            gateway.topology_ids = tops._with_sub_meters()

    # === CONSTRAINT METHODS === #
    @api.constrains("interval", "baud", "parity", "stop_bits", "turnaround")
    def _check_interval(self):
        for gateway in self:
            seconds = gateway.sweep_seconds
            if seconds > gateway.interval:
                raise ValidationError(
                    self.env._(
                        "%(gateway)s: a round takes about %(seconds)s s (%(requests)s requests), longer than the interval of "
                        "%(interval)s s. Poll every %(least)s s or less often, raise the line's speed, or split the line.",
                        gateway=gateway.name,
                        seconds=f"{seconds:.1f}",
                        requests=gateway.sweep_requests,
                        interval=gateway.interval,
                        least=math.ceil(seconds),
                    )
                )

    # === BUSINESS METHODS === #
    def _blocks(self) -> list:
        """The requests of a round in which every meter answers and nothing is known to be refused."""
        self.ensure_one()
        blocks = []
        for meter in self.meter_ids.filtered(lambda node: node._is_modbus_read()):
            points, _names, _problems = meter._modbus_points()
            table = meter.modbus_map_id
            blocks += plan_blocks(
                points, max_registers=table.max_registers, hole_cost=self._line_cost(), even=table._even_rule()
            )
        return blocks

    def _line_cost(self) -> LineCost:
        """What a request and a register cost on the line."""
        settings_bits = 9 + (self.parity != "N") + int(self.stop_bits or 1)
        return LineCost(
            baud=int(self.baud) if self.baud else None,
            turnaround_seconds=SLAVE_PAUSE + max(self.turnaround, 0.0),
            framer="tcp" if self.framer == "socket" else "rtu",
            bits_a_character=settings_bits,
        )

    def _link_settings(self, trace: bool = False) -> LinkSettings:
        """How the collector reaches the gateway."""
        return LinkSettings(
            host=(self.device if self.framer == SERIAL else self.host or "").strip(),
            port=self.port,
            framer=self.framer,
            timeout=self.timeout,
            turnaround=self.turnaround,
            trace=trace,
            pause_after_connect=self.pause_after_connect,
            baud=int(self.baud or 0),
            parity=self.parity,
            stop_bits=int(self.stop_bits),
            keep_open=self.connection == "kept",
            keepalive=self.keepalive,
        )

    def _poll_crons(self):
        """The scheduled actions that read these gateways."""
        groups = self.sudo().group_id.filtered("active")
        general = self.env.ref(POLL_CRON).sudo()
        return groups.cron_id | (general if len(self.filtered(lambda one: one.group_id not in groups)) else general.browse())

    def _address(self) -> str:
        """Where the gateway is, for messages."""
        return self.device or "" if self.framer == SERIAL else f"{self.host}:{self.port}"


class EnergyMeterTopology(models.Model):
    """Meters in the order of their topology, as a gateway shows them."""

    _inherit = "energy.node"

    modbus_topology = fields.Char(string="Main Meter and Sub-Meters", compute="_compute_modbus_topology")

    @api.depends("main_meter_id", "name")
    def _compute_modbus_topology(self):
        for meter in self:
            depth, above = 0, meter.main_meter_id
            while above:
                depth, above = depth + 1, above.main_meter_id
            meter.modbus_topology = "\u2003" * (depth - 1) + "└ " + meter.name if depth else meter.name

    def _with_sub_meters(self):
        """These meters, each followed by its sub-meters."""
        found = self.browse()
        for meter in self:
            found |= meter
            found |= meter.sub_meter_ids.sorted("name")._with_sub_meters()
        return found
