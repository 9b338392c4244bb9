"""Scan of a line: who is there at a range of unit addresses. Runs in slices that the form asks for one after another."""

from dataclasses import replace
from datetime import timedelta

from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError, ValidationError

from ..collector.point import parse_address
from ..collector.scan import UNREACHED, Guess, best_first, guess_model, look_around, model_of

# A slice is one request of the browser: short enough for a progress bar, far below any limit of the server.
SLICE_SECONDS = 1.5
# How long polling waits after a slice for the next one; runs out by itself when the browser is closed.
HOLD = timedelta(seconds=30)
MOST_GUESSES = 3


class EnergyModbusScan(models.TransientModel):
    """A scan of one gateway's line by an Instrument engineer; stores no reading and changes no meter.

    While it runs it holds the gateway's lease, so polling waits.
    """

    _name = "energy.modbus.scan"
    _inherit = ["energy.wall.mixin"]
    _description = "Modbus Line Scan"

    gateway_id = fields.Many2one("energy.modbus.gateway", required=True, readonly=True, ondelete="cascade")
    first_unit = fields.Integer(string="From Address", default=1, required=True)
    last_unit = fields.Integer(string="To Address", default=32, required=True)
    function = fields.Selection(
        [("3", "3 Holding registers"), ("4", "4 Input registers")],
        string="Tried With",
        default="3",
        required=True,
        help="One register is read at each address. A device that refuses the read with an exception is found, too.",
    )
    address_text = fields.Char(string="Register", default="0x0000", required=True, help="As 0x0000, 0 or 40001.")
    timeout = fields.Float(
        string="Time-out (s)",
        digits=(6, 3),
        required=True,
        compute="_compute_timeout",
        store=True,
        readonly=False,
        precompute=True,
        help="How long each address is waited for. Longer than for polling when slow devices may be there.",
    )
    with_guess = fields.Boolean(
        string="Guess Models", default=True, help="Try the point tables on each device found and show which ones fit."
    )
    state = fields.Selection(
        [("draft", "Not Started"), ("running", "Running"), ("done", "Finished"), ("cancelled", "Stopped")],
        default="draft",
        readonly=True,
    )
    next_unit = fields.Integer(readonly=True)
    progress = fields.Float(compute="_compute_progress", help="Share of the work done, 0 to 100.")
    stage = fields.Char(compute="_compute_progress")
    line_ids = fields.One2many("energy.modbus.scan.line", "scan_id", string="Addresses", readonly=True)
    found_count = fields.Integer(compute="_compute_found_count")
    problem = fields.Char(readonly=True)

    _timeout_range = models.Constraint(
        "CHECK (timeout > 0 AND timeout <= 10)", "The time-out is more than 0 and at most 10 seconds."
    )
    _unit_range = models.Constraint(
        # Without BETWEEN: PostgreSQL writes nested ones down otherwise after a dump and restore.
        "CHECK (first_unit >= 1 AND first_unit <= last_unit AND last_unit <= 247)",
        "Unit addresses are numbers from 1 to 247, the last one not below the first.",
    )

    # === COMPUTE METHODS === #
    @api.depends("gateway_id")
    def _compute_timeout(self):
        for scan in self:
            scan.timeout = scan.gateway_id.timeout or 1.0

    @api.depends("gateway_id")
    @api.depends_context("lang")
    def _compute_display_name(self):
        for scan in self:
            scan.display_name = self.env._("Scan of %(gateway)s", gateway=scan.gateway_id.name)

    @api.depends("line_ids.present")
    def _compute_found_count(self):
        for scan in self:
            scan.found_count = len(scan.line_ids.filtered("present"))

    @api.depends("state", "next_unit", "first_unit", "last_unit", "line_ids.tables_tried")
    @api.depends_context("lang")
    def _compute_progress(self):
        for scan in self:
            addresses = scan.last_unit - scan.first_unit + 1
            asked = min(max(scan.next_unit - scan.first_unit, 0), addresses) if scan.next_unit else 0
            # Guessing takes about a fifth of the time of a line that is mostly empty.
            pending = scan._to_guess()
            waiting = len(pending) / max(len(scan.line_ids.filtered("present")), 1)
            share = asked / addresses * (0.8 if scan.with_guess else 1.0)
            if asked == addresses and scan.with_guess:
                share = 1.0 - 0.2 * waiting
            scan.progress = 100.0 if scan.state == "done" else 100.0 * share
            if asked < addresses:
                scan.stage = self.env._(
                    "Asking address %(unit)s (%(first)s to %(last)s), %(found)s found",
                    unit=scan.next_unit or scan.first_unit,
                    first=scan.first_unit,
                    last=scan.last_unit,
                    found=scan.found_count,
                )
            else:
                scan.stage = self.env._(
                    "Trying point tables on address %(unit)s, %(left)s devices to go",
                    unit=pending[:1].unit,
                    left=len(pending),
                )

    # === ACTION METHODS === #
    def action_scan(self):
        """Begin anew; the form then asks for slice after slice."""
        self._ensure_asked_one()
        self._check_engineer()
        self._probe()
        self._hold_line()
        self.line_ids.unlink()
        self.write({"state": "running", "next_unit": self.first_unit, "problem": False})

    def action_stop(self):
        """End the scan, keep what was found and give the line back."""
        self._ensure_asked_one()
        self._check_engineer()
        if self.state == "running":
            self.state = "cancelled"
        self._release_line()

    def action_continue(self):
        """Go on after a stop."""
        self._ensure_asked_one()
        self._check_engineer()
        self._hold_line()
        self.write({"state": "running", "problem": False})

    def scan_step(self):
        """One slice of the work, called by the form as long as the scan runs.

        :return: whether there is more to do
        """
        self._ensure_asked_one()
        self._check_engineer()
        if self.state != "running":
            return False
        self._hold_line()
        if self.next_unit <= self.last_unit:
            self._look_around()
        elif pending := self._to_guess():
            self._guess(pending[0])
        if self.state == "running" and self.next_unit > self.last_unit and not self._to_guess():
            self.state = "done"
        if self.state != "running":
            self._release_line()
        return self.state == "running"

    # === BUSINESS METHODS === #
    @api.model
    def _open(self, gateway):
        self._check_engineer()
        gateway.check_access("write")
        # Beyond the addresses in use only when the engineer asks for it: each empty one costs a time-out.
        highest = max(gateway.meter_ids.mapped("modbus_unit"), default=0)
        return self.create({"gateway_id": gateway.id, "last_unit": min(max(32, highest), 247)})._reopen()

    def _reopen(self) -> dict:
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Scan Line"),
            "res_model": self._name,
            "res_id": self.id,
            "view_mode": "form",
            "views": [(False, "form")],
            "target": "current",
        }

    @api.model
    def _check_engineer(self):
        if not self.env.user.has_group("energy_carbon.group_engineer"):
            raise AccessError(self.env._("Only Instrument engineers and Energy managers may read meters by hand."))

    def _probe(self) -> tuple[int, int, int]:
        """Function, address and count of the read that is tried at each address."""
        try:
            function, address = parse_address(self.address_text or "")
        except ValueError as error:
            raise ValidationError(
                self.env._(
                    "%(text)s is no Modbus address. Type it 0-based as 0x084C or 2124, or with the function in front "
                    "as 42125.",
                    text=self.address_text or "-",
                )
            ) from error
        return function or int(self.function), address, 1

    def _settings(self):
        """How to reach the gateway, for the scan: the scan's own time-out, no repetition, frames kept."""
        return replace(self.gateway_id._link_settings(trace=True), timeout=self.timeout, retries=0)

    # === THE LINE === #
    def _owner(self) -> str:
        return f"scan {self.id}"

    def _hold_line(self):
        """Keep polling and other buttons away until the next slice.

        During a slice the row lock does it; between two the lease, which runs out by itself when nobody asks for more.
        """
        gateway = self.gateway_id
        gateway.check_access("write")
        line, now = gateway.sudo().try_lock_for_update(allow_referencing=True), self.env.cr.now()
        taken = line and line.lease_until and line.lease_until > now and line.lease_owner != self._owner()
        if not line or taken:
            raise UserError(
                self.env._("%(gateway)s is being read right now. Try again in a few seconds.", gateway=gateway.name)
            )
        line.write({"lease_owner": self._owner(), "lease_until": now + HOLD})

    def _release_line(self):
        gateway = self.gateway_id.sudo()
        if gateway.lease_owner == self._owner():
            gateway.write({"lease_owner": False, "lease_until": False})

    # === SLICES === #
    def _look_around(self):
        units = range(self.next_unit, self.last_unit + 1)
        seen = look_around(self._settings(), units, self._probe(), SLICE_SECONDS)
        if seen[-1].outcome == UNREACHED:
            self.state = "cancelled"
            self.problem = self.env._(
                "No connection to %(address)s: check its power, the network, address and port",
                address=self.gateway_id._address(),
            )
            seen = seen[:-1]
        self.env["energy.modbus.scan.line"].create(
            [{"scan_id": self.id, **self.env["energy.modbus.scan.line"]._values(sighting)} for sighting in seen]
        )
        for unit in set().union(*(sighting.late for sighting in seen)):
            self.line_ids.filtered(lambda line, unit=unit: line.unit == unit and line.outcome == "silent").late = True
        self.next_unit += len(seen)

    def _to_guess(self):
        """Devices found on which not all point tables were tried yet."""
        if not self.with_guess:
            return self.line_ids.browse()
        return self.line_ids.filtered(lambda line: line.present and line.tables_tried >= 0).sorted("unit")

    def _guess(self, line):
        """Try further point tables on one device."""
        models = self._models()
        left = models[line.tables_tried :]
        guesses, tried = guess_model(self._settings(), line.unit, left, SLICE_SECONDS) if left else ([], 0)
        known = [Guess(*stored) for stored in line.guesses or []]
        best = self._named_first(line.identity, best_first([*known, *guesses]))[:MOST_GUESSES]
        finished = line.tables_tried + tried >= len(models)
        line.write(
            {
                "guesses": [[one.key, one.fits, one.asked, one.weight, one.share] for one in best],
                "tables_tried": -1 if finished else line.tables_tried + tried,
                "map_id": best[0].key if best else False,
            }
        )

    def _named_first(self, identity: str | bool, guesses: list[Guess]) -> list[Guess]:
        """A model the device itself names comes first: the registers of one may be among those of its bigger sister."""
        tables = self.env["energy.modbus.map"].browse(guess.key for guess in guesses)
        models = {table.id: (table.model or "").casefold() for table in tables}
        said = (identity or "").casefold()
        return sorted(guesses, key=lambda guess: not (models[guess.key] and models[guess.key] in said))

    def _models(self) -> list:
        """What shows each model, in the order of the point tables."""
        company = self.gateway_id.company_id
        tables = self.env["energy.modbus.map"].search(["|", ("company_id", "=", False), ("company_id", "=", company.id)])
        found = (model_of(table.id, self._telling_points(table)) for table in tables)
        return [model for model in found if model]

    def _telling_points(self, table) -> list[tuple]:
        """(quantity code, collector's point) of what can be read of a table."""
        points = table.point_ids.filtered(lambda point: point.enabled and point.purpose == "value" and point.quantity)
        return [(point.quantity, point._collector_point(point.id, 1)) for point in points if not point.unit_code_point_id]
