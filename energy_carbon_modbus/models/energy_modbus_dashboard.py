"""How a line fares, in figures for people: from the poll journal, the collector's health and the readings."""

from __future__ import annotations

from datetime import timedelta

from odoo import api, fields, models
from odoo.tools import SQL

from ..collector.health import SlaveHealth
from ..tools.polling import utc

DAY = timedelta(days=1)


class EnergyModbusDashboard(models.Model):
    """A gateway's figures of the last 24 hours; read when asked for, never stored."""

    _inherit = "energy.modbus.gateway"

    last_reading = fields.Datetime(
        compute="_compute_last_reading", string="Last Good Reading", help="The newest good reading of its meters."
    )
    poll_count = fields.Integer(compute="_compute_figures", string="Polls in 24 h")
    success_rate = fields.Float(
        compute="_compute_figures",
        string="Success Rate (%)",
        digits=(5, 1),
        help="Points read of points asked for, in the last 24 hours.",
    )
    round_trip = fields.Float(
        compute="_compute_figures",
        string="Round-trip Time (ms)",
        digits=(10, 1),
        help="From a request to its answer, on average over the polls of the last 24 hours in which a meter answered.",
    )
    requests_per_poll = fields.Float(
        compute="_compute_figures", string="Requests per Poll", digits=(10, 1), help="On average over the last 24 hours."
    )
    silent_count = fields.Integer(compute="_compute_back_off", string="Silent Meters")
    back_off_text = fields.Char(
        compute="_compute_back_off", string="Next Tries", help="When silent meters are asked again."
    )

    # === COMPUTE METHODS === #
    @api.depends("meter_ids.modbus_last_success")
    def _compute_last_reading(self):
        for gateway in self:
            gateway.last_reading = max(filter(None, gateway.meter_ids.mapped("modbus_last_success")), default=False)

    def _compute_figures(self):
        aggregates = ["__count", "points_ok:sum", "points_failed:sum", "requests:sum"]
        domain = [("gateway_id", "in", self.ids), ("start", ">=", fields.Datetime.now() - DAY)]
        polls = self.env["energy.modbus.poll"]
        rows = polls._read_group(domain, ["gateway_id"], aggregates)
        answered = dict(polls._read_group([*domain, ("round_trip", ">", 0)], ["gateway_id"], ["round_trip:avg"]))
        figures = {gateway: figures for gateway, *figures in rows}
        for gateway in self:
            count, good, failed, requests = figures.get(gateway._origin, (0, 0, 0, 0))
            gateway.poll_count = count
            gateway.success_rate = 100.0 * good / (good + failed) if good + failed else 0.0
            gateway.round_trip = answered.get(gateway._origin, 0.0)
            gateway.requests_per_poll = requests / count if count else 0.0

    @api.depends("health", "meter_ids.modbus_unit")
    @api.depends_context("lang", "tz")
    def _compute_back_off(self):
        for gateway in self:
            waiting = gateway.meter_ids.filtered("modbus_next_try").sorted("modbus_next_try")
            gateway.silent_count = len(gateway.meter_ids.filtered("modbus_failures"))
            gateway.back_off_text = ", ".join(
                self.env._(
                    "%(meter)s at %(time)s",
                    meter=meter.name,
                    time=f"{fields.Datetime.context_timestamp(self, meter.modbus_next_try):%H:%M:%S}",
                )
                for meter in waiting
            )

    # === ACTION METHODS === #
    def action_scan(self):
        """Open the scan of the gateway's line."""
        self._ensure_asked_one()
        return self.env["energy.modbus.scan"]._open(self)

    def action_open_health(self):
        """The gateway's form, where its meters and their health are."""
        self._ensure_asked_one()
        return {
            "type": "ir.actions.act_window",
            "res_model": self._name,
            "res_id": self.id,
            "view_mode": "form",
            "views": [(False, "form")],
        }

    # === BUSINESS METHODS === #
    def _slave_health(self) -> dict[int, SlaveHealth]:
        """What the collector knows of each unit address."""
        slaves = (self.sudo().health or {}).get("slaves") or {}
        return {int(unit): SlaveHealth.from_dict(state) for unit, state in slaves.items()}


class EnergyMeterHealth(models.Model):
    """A meter's health: what the collector knows of it, and which of its readings really came."""

    _inherit = "energy.node"

    modbus_failures = fields.Integer(
        compute="_compute_modbus_health", string="Silences in a Row", help="How often it was asked in vain, last."
    )
    modbus_next_try = fields.Datetime(
        compute="_compute_modbus_health", string="Next Try", help="A silent meter is asked less and less often."
    )
    modbus_reading_count = fields.Integer(
        compute="_compute_modbus_readings", string="Readings in 24 h", help="Readings really stored."
    )
    modbus_reading_rate = fields.Float(
        compute="_compute_modbus_readings",
        string="Readings Come (%)",
        digits=(5, 1),
        help="Readings stored in the last 24 hours of those that the polling interval would give.",
    )

    @api.depends("modbus_gateway_id.health", "modbus_unit")
    def _compute_modbus_health(self):
        known = {gateway: gateway._slave_health() for gateway in self.modbus_gateway_id}
        for meter in self:
            state = known.get(meter.modbus_gateway_id, {}).get(meter.modbus_unit) or SlaveHealth()
            meter.modbus_failures = state.failures
            meter.modbus_next_try = utc(state.next_try) if state.failures and state.next_try else False

    @api.depends("modbus_gateway_id.interval", "modbus_map_id", "indicator_ids")
    def _compute_modbus_readings(self):
        indicators = {meter: [indicator.id for _point, indicator in meter._modbus_pairs()] for meter in self}
        now = self.env.cr.now()
        counts = self._reading_counts([one for ids in indicators.values() for one in ids], now - DAY)
        for meter, ids in indicators.items():
            found = [counts[one] for one in ids if one in counts]
            meter.modbus_reading_count = sum(count for count, _first in found)
            # A meter set up this morning is not missing last night's readings.
            first = min((first for _count, first in found), default=now)
            interval = meter.modbus_gateway_id.interval or 1
            expected = len(ids) * max(int((now - first).total_seconds()) // interval, 1)
            meter.modbus_reading_rate = min(100.0 * meter.modbus_reading_count / expected, 100.0) if ids else 0.0

    def _reading_counts(self, indicator_ids: list[int], since) -> dict[int, tuple]:
        """(number of readings, time of the first) since a moment, by indicator."""
        if not indicator_ids:
            return {}
        rows = self.env.execute_query(
            SQL(
                """SELECT indicator_id, COUNT(*), MIN(time) FROM energy_reading_raw
                    WHERE indicator_id = ANY(%s) AND time >= %s GROUP BY indicator_id""",
                indicator_ids,
                since,
            )
        )
        return {indicator: (count, first) for indicator, count, first in rows}
