"""What somebody must look at on a line: made and closed by the scheduled action, told as an activity."""

from __future__ import annotations

from odoo import api, fields, models

ALERT_KINDS = [("silent", "Silent"), ("flapping", "Comes and Goes"), ("stuck", "Stuck Value")]
ACTIVITY_TYPE = "mail.mail_activity_data_warning"


class EnergyModbusAlert(models.Model):
    """A meter, or a whole line, that needs somebody: silent, coming and going, or with a counter that stands still.

    Written by the scheduled action only. There is one alert for as long as it lasts, and one activity for the person
    responsible; both end by themselves when it is over.
    """

    _name = "energy.modbus.alert"
    _inherit = ["energy.wall.mixin"]
    _description = "Modbus Alert"
    _order = "closed_on DESC NULLS FIRST, opened_on DESC, id DESC"

    gateway_id = fields.Many2one("energy.modbus.gateway", required=True, readonly=True, index=True, ondelete="cascade")
    node_id = fields.Many2one(
        "energy.node", string="Meter", readonly=True, index="btree_not_null", ondelete="cascade",
        help="Empty: the whole line.",
    )
    company_id = fields.Many2one(related="gateway_id.company_id", store=True, index=True)
    kind = fields.Selection(ALERT_KINDS, required=True, readonly=True)
    detail = fields.Json(readonly=True)
    text = fields.Char(compute="_compute_text", string="What Is Wrong")
    opened_on = fields.Datetime(string="Since", required=True, readonly=True)
    closed_on = fields.Datetime(string="Over Since", readonly=True)
    user_id = fields.Many2one("res.users", string="Told To", readonly=True, ondelete="set null")
    activity_id = fields.Many2one("mail.activity", readonly=True, ondelete="set null")

    _one_at_a_time = models.UniqueIndex("(gateway_id, COALESCE(node_id, 0), kind) WHERE closed_on IS NULL")

    # === COMPUTE METHODS === #
    @api.depends("gateway_id", "node_id", "kind")
    @api.depends_context("lang")
    def _compute_display_name(self):
        labels = dict(self._fields["kind"]._description_selection(self.env))
        for alert in self:
            place = alert.node_id or alert.gateway_id
            alert.display_name = f"{place.name}: {labels.get(alert.kind, '')}"

    @api.depends("kind", "detail")
    @api.depends_context("lang", "tz")
    def _compute_text(self):
        for alert in self:
            alert.text = getattr(alert, f"_{alert.kind}_text")(alert.detail or {})

    def _silent_text(self, detail: dict) -> str:
        since = self._time_text(detail.get("since"))
        if detail.get("not_polled"):
            return self.env._(
                "The line was not polled since %(since)s: is Odoo's scheduled action, or the edge agent, at work?",
                since=since,
            )
        if not self.node_id:
            return self.env._("All %(count)s meters are silent since %(since)s", count=detail.get("count"), since=since)
        if detail.get("never"):
            return self.env._("Never gave a good reading, asked since %(since)s", since=since)
        return self.env._("No good reading since %(since)s", since=since)

    def _flapping_text(self, detail: dict) -> str:
        if not self.node_id and detail.get("count"):
            return self.env._("%(count)s meters of the line come and go", count=detail["count"])
        return self.env._(
            "Answered and fell silent %(changes)s times within %(hours)s hours: a loose wire, two devices with one "
            "address, noise, or a time-out that is too short?",
            changes=detail.get("changes"),
            hours=detail.get("hours"),
        )

    def _stuck_text(self, detail: dict) -> str:
        return self.env._(
            "The counter stands at %(value)s since %(since)s, while other meters of the line count on",
            value=f"{detail.get('value', 0.0):.10g}",
            since=self._time_text(detail.get("since")),
        )

    def _time_text(self, text: str | None) -> str:
        """A stored time in the reader's zone."""
        if not text:
            return "-"
        local = fields.Datetime.context_timestamp(self, fields.Datetime.to_datetime(text))
        return f"{local:%Y-%m-%d %H:%M}"

    # === BUSINESS METHODS === #
    @api.model
    def _open(self, gateway, node, kind: str, detail: dict, now):
        """Note an alert and put it before the person responsible."""
        alert = self.create(
            {"gateway_id": gateway.id, "node_id": node.id, "kind": kind, "detail": detail, "opened_on": now}
        )
        alert._tell()
        return alert

    def _tell(self):
        """Schedule the one activity; without anybody who may see the record the alert stands in the list alone."""
        self.ensure_one()
        record = self.node_id or self.gateway_id
        for user in self._candidates():
            if user.active and not user.share and record.with_user(user).has_access("read"):
                told = self.with_context(lang=user.lang, tz=user.tz)
                activity = record.sudo().with_context(mail_activity_quick_update=True).activity_schedule(
                    ACTIVITY_TYPE, summary=told.display_name, note=told.text, user_id=user.id
                )
                self.write({"user_id": user.id, "activity_id": activity.id})
                return

    def _candidates(self):
        """Who may be told, the nearest first."""
        gateway = self.gateway_id
        return self.node_id.modbus_responsible_id | gateway.responsible_id | gateway.create_uid

    def _close(self, now):
        """It is over: close the alert and the activity, if nobody did before."""
        for alert in self:
            activity = alert.activity_id.exists()
            alert.write({"closed_on": now, "activity_id": False})
            if activity and activity.active:
                told = alert.with_context(lang=alert.user_id.lang)
                activity.action_feedback(feedback=told.env._("Over by itself."))

    def action_open_record(self):
        """Open the meter, or the gateway when it is the whole line."""
        self._ensure_asked_one()
        record = self.node_id or self.gateway_id
        view = self.env.ref("energy_carbon.energy_node_view_form_meter").id if self.node_id else False
        return {
            "type": "ir.actions.act_window",
            "res_model": record._name,
            "res_id": record.id,
            "view_mode": "form",
            "views": [(view, "form")],
        }
