"""What is wrong on a line, from meters' last good readings, the poll journal and the counters. Extends the gateway."""

from __future__ import annotations

import logging
from datetime import timedelta
from itertools import pairwise

from odoo import api, fields, models
from odoo.tools import SQL

_logger = logging.getLogger(__name__)

# Coming and going: so many changes within the window open an alert, fewer than so many close it.
WINDOW = timedelta(hours=3)
CHANGES_TO_OPEN, CHANGES_TO_CLOSE = 6, 2
# A stuck counter needs readings over nearly all of its days: a gap is another trouble.
COVERED = 0.9
LATEST = timedelta(days=1)

ENDS = """
    SELECT i.id, first.time, first.value, last.time, last.value
      FROM unnest(%s::int4[], %s::timestamp[]) AS i(id, start)
     CROSS JOIN LATERAL (SELECT time, value FROM energy_reading_raw
                          WHERE indicator_id = i.id AND time >= i.start ORDER BY time LIMIT 1) first
     CROSS JOIN LATERAL (SELECT time, value FROM energy_reading_raw
                          WHERE indicator_id = i.id AND time >= i.start ORDER BY time DESC LIMIT 1) last
"""


class EnergyModbusAlertCheck(models.Model):
    """A gateway as the alerts see it; asked by a scheduled action every ten minutes."""

    _name = "energy.modbus.gateway"
    _inherit = ["energy.modbus.gateway", "mail.activity.mixin"]

    responsible_id = fields.Many2one(
        "res.users",
        default=lambda self: self.env.user,
        domain="[('share', '=', False), ('company_ids', 'in', company_id)]",
        tracking=True,
        help="Who gets an activity when a meter or the whole line falls silent, comes and goes, or stands still.",
    )
    alert_intervals = fields.Integer(
        string="Alert after (intervals)",
        default=5,
        required=True,
        help="A meter without a good reading for so many polling intervals is reported as silent. 0: no alerts.",
    )
    alert_ids = fields.One2many("energy.modbus.alert", "gateway_id", string="Alerts")
    alert_count = fields.Integer(compute="_compute_alert_count", string="Open Alerts")

    _alert_intervals_range = models.Constraint(
        "CHECK (alert_intervals >= 0)", "The number of intervals before an alert is 0 or more."
    )

    @api.depends("alert_ids.closed_on")
    def _compute_alert_count(self):
        counts = dict(
            self.env["energy.modbus.alert"]._read_group(
                [("gateway_id", "in", self.ids), ("closed_on", "=", False)], ["gateway_id"], ["__count"]
            )
        )
        for gateway in self:
            gateway.alert_count = counts.get(gateway._origin, 0)

    # === ACTION METHODS === #
    def action_open_alerts(self):
        self._ensure_asked_one()
        action = self.env["ir.actions.act_window"]._for_xml_id("energy_carbon_modbus.energy_modbus_alert_action")
        return dict(action, domain=[("gateway_id", "=", self.id)], context={})

    # === BUSINESS METHODS === #
    @api.model
    def _cron_alerts(self):
        """Open and close the alerts of all companies. One gateway's failure is its own."""
        watched = fields.Domain("polling_uuid", "!=", False) | fields.Domain("alert_ids.closed_on", "=", False)
        gateways = self.sudo().with_context(active_test=False).search(watched)
        for done, gateway in enumerate(gateways.ids, 1):
            try:
                self.sudo().browse(gateway)._check_alerts()
            except Exception:  # the other lines' alerts must not wait for this one
                _logger.exception("Alerts of Modbus gateway %s could not be checked", gateway)
                self._forget_transaction()
            self.env["ir.cron"]._commit_progress(1, remaining=len(gateways) - done)

    def _check_alerts(self, now=None):
        """Compare what is wrong with the open alerts: make the new ones, close those that are over."""
        self.ensure_one()
        now = now or self.env.cr.now().replace(microsecond=0)
        alerts = self.env["energy.modbus.alert"].sudo()
        opened = {(alert.node_id.id, alert.kind): alert for alert in self.sudo().alert_ids if not alert.closed_on}
        found = self._troubles(now, set(opened)) if self._is_watched() else {}
        for place, alert in opened.items():
            # A line that is down says nothing about what was wrong with its meters before.
            if place not in found and not ((False, "silent") in found and place[0]):
                alert._close(now)
        for (node_id, kind), detail in found.items():
            if (node_id, kind) not in opened:
                alerts._open(self, self.env["energy.node"].browse(node_id or []), kind, detail, now)

    def _is_watched(self) -> bool:
        return bool(self.active and self.polling == "on" and self.alert_intervals)

    def _troubles(self, now, opened: set) -> dict[tuple, dict]:
        """(meter id or False for the line, kind) -> detail of all that is wrong."""
        meters = self.meter_ids.filtered(lambda meter: meter._is_modbus_read() and meter._modbus_pairs())
        if not meters:
            return {}
        silent = self._silent(meters, now)
        if (False, "silent") in silent:
            return silent
        talking = meters.filtered(lambda meter: (meter.id, "silent") not in silent)
        return silent | self._flapping(talking, now, opened) | self._stuck(talking, now)

    # === SILENT === #
    def _silent(self, meters, now) -> dict[tuple, dict]:
        limit = now - timedelta(seconds=self.interval * self.alert_intervals)
        asked_since = self._asked_since()
        if self.last_poll and self.last_poll < limit:
            return {(False, "silent"): {"not_polled": True, "since": str(self.last_poll)}}
        since = {meter: meter.modbus_last_success or max(asked_since, meter.create_date) for meter in meters}
        silent = {meter: time for meter, time in since.items() if time < limit}
        if len(silent) == len(meters):
            return {(False, "silent"): {"count": len(meters), "since": str(max(silent.values()))}}
        return {
            (meter.id, "silent"): {"since": str(time.replace(microsecond=0)), "never": not meter.modbus_last_success}
            for meter, time in silent.items()
        }

    def _asked_since(self):
        """When the journal begins: a meter that never answered is silent since then at the earliest."""
        first = self.env["energy.modbus.poll"].search([("gateway_id", "=", self.id)], order="start", limit=1)
        return first.start or self.env.cr.now()

    # === FLAPPING === #
    def _flapping(self, meters, now, opened: set) -> dict[tuple, dict]:
        polls = self._recent_failures(now)
        hours = int(WINDOW.total_seconds() // 3600)
        line = _changes([failed is None for failed in polls])
        if line >= (CHANGES_TO_CLOSE if (False, "flapping") in opened else CHANGES_TO_OPEN):
            return {(False, "flapping"): {"changes": line, "hours": hours}}
        reached = [failed for failed in polls if failed is not None]
        found = {}
        for meter in meters:
            changes = _changes([str(meter.modbus_unit) in failed for failed in reached])
            if changes >= (CHANGES_TO_CLOSE if (meter.id, "flapping") in opened else CHANGES_TO_OPEN):
                found[meter.id, "flapping"] = {"changes": changes, "hours": hours}
        if len(found) > 1 and len(found) == len(meters):
            return {(False, "flapping"): {"count": len(found), "hours": hours}}
        return found

    def _recent_failures(self, now) -> list[set | None]:
        """Unit addresses that failed in each poll of the window, oldest first; None where the gateway itself did."""
        rows = self.env.execute_query(
            SQL(
                """SELECT state, error_detail->'code', error_detail->'slaves' FROM energy_modbus_poll
                    WHERE gateway_id = %s AND start >= %s ORDER BY start, id""",
                self.id,
                now - WINDOW,
            )
        )
        return [None if code or state == "busy" else set(slaves or {}) for state, code, slaves in rows]

    # === STUCK === #
    def _stuck(self, meters, now) -> dict[tuple, dict]:
        """Counters that did not move for as many days as their meter allows, while another one of the line did."""
        counters = {meter: self._main_counter(meter) for meter in self.meter_ids}
        counters = {meter: counter for meter, counter in counters.items() if counter}
        found = {}
        for days, watched in meters.filtered(lambda one: one.modbus_stuck_days > 0).grouped("modbus_stuck_days").items():
            ends = self._ends([counter.id for counter in counters.values()], now - timedelta(days=days))
            moved = {key for key, (_t, first, _u, last) in ends.items() if first != last}
            for meter in watched:
                counter = counters.get(meter)
                if not counter or counter.id not in ends or not moved - {counter.id} or counter.id in moved:
                    continue
                begin, value, end, _last = ends[counter.id]
                if end >= now - LATEST and end - begin >= COVERED * timedelta(days=days):
                    found[meter.id, "stuck"] = {"value": value, "since": str(begin)}
        return found

    def _main_counter(self, meter):
        """The indicator of a meter's total, if it is read."""
        indicators = (indicator for _point, indicator in meter._modbus_pairs())
        return next((one for one in indicators if one.kind == "counter" and one.main_total), None)

    def _ends(self, indicator_ids: list[int], start) -> dict[int, tuple]:
        """(time, register, time, register) of the first and the last reading from ``start`` on, by indicator."""
        self.env.cr.execute(ENDS, [indicator_ids, [start] * len(indicator_ids)])
        return {row[0]: row[1:] for row in self.env.cr.fetchall()}


class EnergyMeterAlert(models.Model):
    """What a meter's alerts are set to."""

    _inherit = "energy.node"

    modbus_stuck_days = fields.Integer(
        string="Stuck after (days)",
        default=3,
        help="A counter that does not move for so many days, while others of the line do, is reported. 0: never, for a "
        "meter that may stand still.",
    )
    modbus_responsible_id = fields.Many2one(
        "res.users",
        string="Told of Trouble",
        domain="[('share', '=', False), ('company_ids', 'in', company_id)]",
        help="Who gets the meter's alerts. Empty: the person responsible for the gateway.",
    )


def _changes(states: list[bool]) -> int:
    """How often neighbours in a row differ."""
    return sum(one != other for one, other in pairwise(states))
