"""Something happened to a meter: a swap, another transformer ratio, a reset register."""

from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError

from ..tools.inner_step import within
from .energy_node_lock import LEDGER_FOLLOWS
from .energy_wall_mixin import KEPT

RATIO = ("ct_primary", "ct_secondary", "pt_primary", "pt_secondary")


class EnergyMeterChange(models.Model):
    """A meter event (换表, 倍率变更, 清零): proposed by the calculation or noted by a person, counts once confirmed.

    A register that fell is never taken for consumption; it waits here until somebody says what happened.
    """

    _name = "energy.meter.change"
    _description = "Meter Event"
    _inherit = ["energy.wall.mixin", "mail.thread"]
    _order = "time desc, id desc"
    _kept_fields = frozenset({"state", "found_by", "user_id"})

    node_id = fields.Many2one(
        "energy.node",
        string="Meter",
        required=True,
        index=True,
        ondelete="restrict",
        domain=[("kind", "=", "meter")],
        tracking=True,
    )
    company_id = fields.Many2one(related="node_id.company_id", store=True, index=True, precompute=True)
    kind = fields.Selection(
        [("swap", "Meter replaced"), ("ratio", "Transformer ratio changed"), ("reset", "Register reset or jumped")],
        required=True,
        default="swap",
        tracking=True,
    )
    time = fields.Datetime(required=True, tracking=True, default=fields.Datetime.now)
    state = fields.Selection(
        [("proposed", "To confirm"), ("confirmed", "Confirmed"), ("dismissed", "Dismissed")],
        default="proposed",
        required=True,
        index=True,
        tracking=True,
        readonly=True,
        copy=False,
    )
    line_ids = fields.One2many("energy.meter.change.line", "change_id", string="Registers", copy=True)
    old_ratio = fields.Float(string="Multiplier Before", default=1.0, help="CT x PT until the event.")
    ct_primary = fields.Float(string="CT Primary")
    ct_secondary = fields.Float(string="CT Secondary")
    pt_primary = fields.Float(string="PT Primary")
    pt_secondary = fields.Float(string="PT Secondary")
    new_ratio = fields.Float(compute="_compute_new_ratio", store=True, string="Multiplier After")
    serial_number = fields.Char(string="New Serial Number")
    found_by = fields.Selection(
        [("person", "A person"), ("calculation", "The calculation")], default="person", readonly=True, copy=False
    )
    user_id = fields.Many2one("res.users", string="Decided By", readonly=True, copy=False)
    note = fields.Text()

    _one_at_a_time = models.UniqueIndex(
        "(node_id, time) WHERE state <> 'dismissed'", "There is already an event of this meter at this time."
    )

    # === COMPUTE METHODS === #
    @api.depends("node_id.name", "kind", "time")
    @api.depends_context("lang")
    def _compute_display_name(self):
        kinds = dict(self._fields["kind"]._description_selection(self.env))
        for change in self:
            change.display_name = ": ".join(filter(None, (change.node_id.name, kinds.get(change.kind))))

    @api.depends(*RATIO)
    def _compute_new_ratio(self):
        for change in self:
            current = change.ct_primary / change.ct_secondary if change.ct_primary and change.ct_secondary else 1.0
            voltage = change.pt_primary / change.pt_secondary if change.pt_primary and change.pt_secondary else 1.0
            change.new_ratio = current * voltage

    @api.onchange("node_id")
    def _onchange_node_id(self):
        """Start from the meter as it is: its transformers and its counters."""
        for change in self.filtered("node_id"):
            change.update({name: change.node_id[name] for name in RATIO})
            change.old_ratio = change.node_id.ratio or 1.0
            counters = change.node_id.indicator_ids.filtered(lambda i: i.kind == "counter")
            change.line_ids = [fields.Command.clear()] + [
                fields.Command.create({"indicator_id": counter._origin.id}) for counter in counters
            ]

    # === CONSTRAINT METHODS === #
    @api.constrains("node_id")
    def _check_meter(self):
        for change in self:
            if change.node_id.kind != "meter":
                raise ValidationError(self.env._("%(node)s is no meter.", node=change.node_id.display_name))
        self.line_ids._check_counter()

    @api.constrains("time")
    def _check_time(self):
        for change in self:
            if change.time > fields.Datetime.now():
                raise ValidationError(
                    self.env._("The event of %(meter)s lies ahead.", meter=change.node_id.display_name)
                )

    @api.constrains("old_ratio", *RATIO)
    def _check_ratio(self):
        for change in self:
            if change.old_ratio <= 0 or any(change[name] < 0 for name in RATIO):
                raise ValidationError(
                    self.env._("%(meter)s: transformer ratios are above zero.", meter=change.node_id.display_name)
                )

    # === CRUD METHODS === #
    def write(self, vals):
        if {"node_id", "kind", "time", "line_ids", "old_ratio", *RATIO} & vals.keys():
            self._refuse_decided()
        return super().write(vals)

    @api.ondelete(at_uninstall=False)
    def _unlink_except_confirmed(self):
        self._refuse_decided()

    def _refuse_decided(self):
        decided = self.filtered(lambda change: change.state == "confirmed")
        if decided:
            raise UserError(
                self.env._(
                    "%(names)s counts already. Take it back first.", names=", ".join(decided.mapped("display_name"))
                )
            )

    # === ACTION METHODS === #
    def action_confirm(self):
        """Let the event count: amounts around it follow, and the meter's ledger takes over what is new."""
        self._ensure_asked()
        self._check_decider()
        for change in self.filtered(lambda c: c.state != "confirmed"):
            old = change._state_label()
            within(change, KEPT).write({"state": "confirmed", "user_id": self.env.uid})
            change._update_ledger()
            change._note_change(old)
        self._mark()
        return True

    def action_dismiss(self):
        """Nothing happened that counts: the fall stays a gap."""
        self._ensure_asked()
        self._check_decider()
        confirmed = self.filtered(lambda c: c.state == "confirmed")
        confirmed._decide({"state": "dismissed", "user_id": self.env.uid})
        within(self - confirmed, KEPT).write({"state": "dismissed", "user_id": self.env.uid})
        return True

    def action_reopen(self):
        """Take a decision back."""
        self._ensure_asked()
        self._check_decider()
        confirmed = self.filtered(lambda c: c.state == "confirmed")
        confirmed._decide({"state": "proposed", "user_id": False})
        within(self - confirmed, KEPT).write({"state": "proposed", "user_id": False})
        return True

    def _check_decider(self):
        self.check_access("write")

    def _update_ledger(self):
        """What hangs there now is what the last event left."""
        later = self.search_count(
            [("node_id", "=", self.node_id.id), ("state", "=", "confirmed"), ("time", ">", self.time)], limit=1
        )
        if later or self.kind == "reset":
            return
        values = {name: self[name] for name in RATIO}
        if self.kind == "swap" and self.serial_number:
            values["serial_number"] = self.serial_number
        # What was read before keeps the ratio of its time by this event: no figure of the past changes with the ledger.
        within(self.node_id, LEDGER_FOLLOWS).write(values)

    def _decide(self, vals: dict):
        """Take back what counted."""
        for change in self:
            old = change._state_label()
            within(change, KEPT).write(vals)
            change._note_change(old)
        self._mark()

    def _counters(self):
        return self.sudo().node_id.indicator_ids.filtered(lambda i: i.kind == "counter" and i.source != "computed")

    def _state_label(self) -> str:
        return dict(self._fields["state"]._description_selection(self.env)).get(self.state, "")

    def _mark(self):
        """Days from the event's neighbouring readings on no longer hold."""
        for change in self.sudo():
            self.env["energy.reading"]._mark_around(change._counters(), change.time, change)

    def _note_change(self, old: str):
        for counter in self._counters():
            first, last = self.env["energy.reading"]._days_around(counter, self.time)
            self.env["energy.restatement"]._note(
                "event", self, old, self._state_label(), first, last, reason=self.note or None, indicators=counter
            )

    # === CALCULATION === #
    @api.model
    def _propose(self, found: list[tuple]):
        """Note falls and jumps that the calculation met, once each.

        :param found: (indicator id, UTC time of the reading before, its register, UTC time of the reading, its register)
        """
        indicators = self.env["energy.indicator"].browse({row[0] for row in found})
        meters = {indicator.id: indicator.node_id for indicator in indicators if indicator.node_kind == "meter"}
        for indicator, before, closing, time, opening in found:
            meter = meters.get(indicator)
            if not meter:
                continue
            known = self.search([("node_id", "=", meter.id), ("time", ">=", before), ("time", "<=", time)], limit=1)
            line = {"indicator_id": indicator, "closing": closing, "opening": opening}
            line.update(has_closing=True, has_opening=True)
            if known:
                if known.state == "proposed" and indicator not in known.line_ids.indicator_id.ids:
                    known.line_ids = [fields.Command.create(line)]
                continue
            self.create(
                {
                    "node_id": meter.id,
                    "kind": "reset",
                    "time": time,
                    "found_by": "calculation",
                    "old_ratio": meter.ratio or 1.0,
                    **{name: meter[name] for name in RATIO},
                    "line_ids": [fields.Command.create(line)],
                }
            )
