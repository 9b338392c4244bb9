"""What people type."""

import math
from datetime import timedelta

from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError, ValidationError

from ..tools.asked import FIRST_DAY, MOST_DAYS
from ..tools.inner_step import within
from .energy_wall_mixin import KEPT

# What of an entry decides figures.
COUNTING = {"value", "date_from", "date_to", "mode", "indicator_id", "state"}


class EnergyEntry(models.Model):
    """A typed amount or register of an indicator for a day or a period; the engine alone turns it into values."""

    _name = "energy.entry"
    _inherit = ["energy.wall.mixin", "energy.node.panel.mixin"]
    _description = "Energy Entry"
    _order = "date_from desc, indicator_id"
    _rec_name = "indicator_id"
    _kept_fields = frozenset({"user_id", "previous_value", "corrected"})

    indicator_id = fields.Many2one("energy.indicator", required=True, index=True, ondelete="restrict")
    date_from = fields.Date(required=True, string="From")
    date_to = fields.Date(required=True, string="To")
    mode = fields.Selection(
        [("amount", "Amount"), ("register", "Register at the end of the day")], default="amount", required=True
    )
    value = fields.Float(required=True)
    state = fields.Selection(
        [("draft", "Draft"), ("submitted", "Submitted"), ("approved", "Approved")],
        default="submitted",
        required=True,
        index=True,
        copy=False,
    )
    user_id = fields.Many2one(
        "res.users", string="Entered By", default=lambda self: self.env.user, required=True, readonly=True, copy=False
    )
    reason = fields.Char(help="Why a collected figure was overridden, or an approved one corrected.")
    attachment_id = fields.Many2one("ir.attachment", string="Document", ondelete="set null")
    previous_value = fields.Float(readonly=True, copy=False, help="What stood here before the last correction.")
    corrected = fields.Boolean(readonly=True, copy=False)
    node_id = fields.Many2one(related="indicator_id.node_id", store=True, index=True, precompute=True)
    company_id = fields.Many2one(related="indicator_id.company_id", store=True, index=True, precompute=True)
    template_id = fields.Many2one(related="indicator_id.template_id", store=True, precompute=True)
    unit_label = fields.Char(related="indicator_id.unit_label", string="Unit")

    _unique_period = models.UniqueIndex(
        "(indicator_id, date_from, date_to)", "There is already an entry of this indicator for this period."
    )
    _date_order = models.Constraint("CHECK (date_from <= date_to)", "An entry's period ends before it begins.")

    # === CRUD METHODS === #
    @api.model_create_multi
    def create(self, vals_list):
        self._check_approver(vals_list)
        entries = super().create(vals_list)
        for entry in entries:
            entry._refuse(entry.reason)
        entries._refuse_closed()
        entries._mark()
        return entries

    def write(self, vals):
        if not COUNTING & vals.keys():
            return super().write(vals)
        self._check_approver([vals])
        reason = vals.get("reason")
        counts = not (vals.keys() & COUNTING == {"state"} and "draft" not in [vals["state"], *self.mapped("state")])
        for entry in self:
            entry._refuse_change(reason)
        if counts:
            self._refuse_closed()
        self._mark()
        if "value" in vals:
            for entry in self:
                if entry.value != vals["value"]:
                    correction = {"previous_value": entry.value, "corrected": True, "user_id": self.env.uid}
                    super(EnergyEntry, within(entry, KEPT)).write(correction)
        result = super().write(vals)
        for entry in self:
            entry._refuse(reason or entry.reason)
        if counts:
            self._refuse_closed()
        self._mark()
        return result

    @api.ondelete(at_uninstall=False)
    def _unlink_except_approved(self):
        for entry in self:
            entry._refuse_change(entry.reason)
        self._refuse_closed()

    def unlink(self):
        self._mark()
        return super().unlink()

    # === RULES === #
    def _refuse(self, reason):
        """Raise when this entry cannot stand."""
        message = self._why_not(self.indicator_id, self.date_from, self.date_to, self.value, reason)
        if message:
            raise ValidationError(message)

    @api.model
    def _why_not(self, indicator, date_from, date_to, value, reason) -> str | None:
        """Why somebody may not type this value here, or None.

        :param indicator: what is typed
        :param value: amount or register
        :param reason: the reason given, needed where a collected figure is overridden
        """
        today = fields.Date.context_today(self.with_context(tz=indicator.sudo().company_id.energy_timezone))
        if indicator.source == "computed":
            return self.env._("This figure is computed by its formula; change its inputs instead.")
        if not math.isfinite(value):
            return self.env._("This is no number.")
        if value < 0 and indicator.kind != "gauge":
            return self.env._("An amount or register cannot be below zero.")
        if why_no_day := self._why_no_day(indicator, date_from, date_to, today):
            return why_no_day
        if indicator.source == "collected" and not self.env.su and not self._fills_gap(indicator, date_from, date_to):
            if not self.env.user.has_group("energy_carbon.group_manager"):
                return self.env._("This figure is collected from the meter; only an Energy manager may override it.")
            if not (reason or "").strip():
                return self.env._("Overriding a collected figure needs a reason.")
        return None

    @api.model
    def _why_no_day(self, indicator, date_from, date_to, today) -> str | None:
        """Why there can be no figure on these days, or None."""
        if date_to > today:
            return self.env._("This day has not come yet.")
        if date_from < FIRST_DAY:
            return self.env._("There are no figures before %(year)s: correct the date.", year=FIRST_DAY.year)
        if (date_to - date_from).days >= MOST_DAYS:
            return self.env._("The period is longer than ten years: choose fewer days.")
        # The register at the end of the day before is what the first day's amount begins with.
        opening = timedelta(days=indicator.entry_mode == "register")
        if indicator.date_from and date_to < indicator.date_from - opening:
            return self.env._(
                "This figure counts from %(day)s on: correct the date, or let an Energy manager change “Counts From” of "
                "the indicator.",
                day=indicator.date_from,
            )
        return None

    @api.model
    def _fills_gap(self, indicator, date_from, date_to) -> bool:
        """Whether people may type here because the meter is kept both ways and gave nothing on these days."""
        if indicator.sudo().node_id.collection != "both":
            return False
        self.env["energy.value"].flush_model()
        self.env.cr.execute(
            """SELECT 1 FROM energy_value WHERE indicator_id = %s AND date BETWEEN %s AND %s
                  AND value IS NOT NULL AND origin = 'collected' LIMIT 1""",
            [indicator.id, date_from, date_to],
        )
        return not self.env.cr.fetchone()

    def _check_approver(self, requests: list[dict]):
        """Refuse approval by anybody but an Energy manager, in whatever way it is written."""
        approved = any(values.get("state") == "approved" for values in requests)
        if approved and not self.env.su and not self.env.user.has_group("energy_carbon.group_manager"):
            raise AccessError(self.env._("Only an Energy manager approves entries."))

    def _refuse_change(self, reason):
        """Approved entries are corrected by Energy managers only, with a reason."""
        message = self._why_no_change(reason)
        if message:
            raise UserError(message)

    def _refuse_closed(self):
        """Where readings were dropped, the collected figure that an entry overrides is known no more."""
        readings = self.env["energy.reading"]
        until = readings._closed_until()
        for entry in self.filtered(lambda entry: until and entry.date_from < until):
            if message := readings._why_closed(entry.indicator_id, entry.date_from, entry.date_to):
                raise UserError(message)

    def _why_no_change(self, reason) -> str | None:
        if self.state != "approved" or self.env.su:
            return None
        if not self.env.user.has_group("energy_carbon.group_manager"):
            return self.env._("This figure is approved; ask an Energy manager to correct it.")
        if not (reason or "").strip():
            return self.env._("Correcting an approved figure needs a reason.")
        return None

    def _mark(self):
        """The days whose values these entries decide; a register decides up to the next one."""
        rows = []
        for entry in self.sudo():
            first, last = entry.date_from, entry.date_to
            if entry.mode == "register":
                first, last = entry._register_reach()
            rows.append((entry.indicator_id.id, entry.company_id.id, first, last))
        self.env["energy.calculation"]._mark_rows(rows)

    def _register_reach(self):
        """First and last day that depend on this typed register: from the register before to the one after."""
        domain = [("indicator_id", "=", self.indicator_id.id), ("mode", "=", "register")]
        before = self.search([*domain, ("date_to", "<", self.date_to)], order="date_to desc", limit=2)
        after = self.search([*domain, ("date_to", ">", self.date_to)], order="date_to", limit=2)
        return before[-1:].date_to or self.date_from, after[-1:].date_to or self.date_to

    # === GRID === #
    def _grid_version(self) -> str:
        """Changes with every save, so that two people do not overwrite each other unawares."""
        return f"{self.id}/{self.write_date.isoformat()}/{self.value!r}/{self.state}"

    def _grid_cell(self) -> dict:
        """What the grid adds to a cell that somebody typed."""
        self.ensure_one()
        cell = {
            "entered": self.value,
            "state": self.state,
            "user": self.sudo().user_id.name,
            "when": fields.Datetime.to_string(self.write_date),
            "reason": self.reason or "",
            "version": self._grid_version(),
            "locked": bool(self.state == "approved" and not self.env.user.has_group("energy_carbon.group_manager")),
        }
        if self.corrected:
            cell["original"] = self.previous_value
        return cell

    # === ACTION METHODS === #
    def action_approve(self):
        """Approve submitted entries; from then on clerks cannot change them."""
        self._ensure_asked()
        self._check_approver([{"state": "approved"}])
        self.filtered(lambda entry: entry.state != "approved").write({"state": "approved"})
        return True
