"""A gateway that an edge agent reads in Odoo's place. Extends energy.modbus.gateway."""

from __future__ import annotations

import time
from typing import Any

from odoo import fields, models
from odoo.exceptions import UserError

from ..collector.agent_wire import from_wire
from ..collector.results import NOT_REACHED, GatewayResult, PointResult, SlaveResult
from ..collector.spool import DIFFERING, KNOWN, REFUSED, STORED
from ..tools.polling import Plan, utc

# Field of the poll journal that counts an answer.
COUNTERS = {STORED: "stored", KNOWN: "duplicates", DIFFERING: "differing", REFUSED: "refused"}
LARGEST = 2**31 - 1  # an integer field's


class EnergyModbusGatewayAgent(models.Model):
    """With an edge agent set, the scheduled action leaves the gateway alone; state and journal come by the agent."""

    _inherit = "energy.modbus.gateway"

    agent_id = fields.Many2one(
        "energy.modbus.agent",
        string="Read by Agent",
        index="btree_not_null",
        ondelete="restrict",
        check_company=True,
        tracking=True,
        copy=False,
        help="The edge agent that reads this gateway where Odoo cannot reach it. Empty: Odoo reads it itself.",
    )

    _interval_range = models.Constraint(
        "CHECK (interval >= 60 OR (agent_id IS NOT NULL AND interval >= 1))",
        "The polling interval is at least 60 seconds: scheduled actions do not run more often. Only an edge agent may "
        "read faster, at most once a second.",
    )

    # === ACTION METHODS === #
    def action_poll_now(self):
        self._ensure_asked()
        by_agent = self.filtered("agent_id")
        if by_agent:
            raise UserError(
                self.env._(
                    "%(gateways)s: an edge agent reads there at its own interval. Its last contact is on the agent's form.",
                    gateways=", ".join(by_agent.mapped("name")),
                )
            )
        return super().action_poll_now()

    # === BUSINESS METHODS === #
    def _take_line(self):
        """A button would talk into the agent's requests, of which this database knows nothing."""
        result = super()._take_line()
        if self.agent_id.active and self.polling == "on":
            raise UserError(
                self.env._(
                    "%(gateway)s is read by the edge agent %(agent)s. Switch its polling off first and wait a minute, until "
                    "the agent knows.",
                    gateway=self.name,
                    agent=self.agent_id.name,
                )
            )
        return result

    # === WHAT THE AGENT TELLS === #
    def _note_idle(self, plan: Plan):
        """There is nothing to read; said as when Odoo reads itself."""
        self._clear_other_meters([plan])
        detail = {"code": "idle", "settings": plan.problems}
        if self.state != "idle" or self.error_detail != detail:
            self.sudo().write({"state": "idle", "error_detail": detail, "next_poll": False})

    def _take_agent_result(self, told: dict[str, Any], counts: dict[str, int]):
        """Write what came of an agent's last sweep.

        :param told: as ``collector.agent_board.report_of`` makes it
        :param counts: readings by what became of them, since the last report
        :raises ValueError: it is not of that form
        """
        now = time.time()
        plan = self._plan_safely(now)
        if not plan.asks:
            return
        plan.outcome = self._agent_result(plan, told)
        self._clear_other_meters([plan])
        self._part_identity(plan)
        self._take_identity(plan)
        rows = self._meter_rows(plan, plan.outcome)
        self._write_meters(rows)
        state, detail = self._judge(plan, plan.outcome, [], rows)
        detail = detail if any(detail.values()) else False
        start = utc(min(float(told["start"]), now))
        self.env["energy.modbus.poll"].sudo().create(
            {
                **{name: min(counts.get(name, 0), LARGEST) for name in COUNTERS.values()},
                "gateway_id": self.id,
                "start": start,
                "seconds": plan.outcome.seconds,
                "requests": plan.outcome.requests,
                "round_trip": 1000.0 * (plan.outcome.round_trip or 0.0),
                "points_ok": int(told["points_ok"]),
                "points_failed": int(told["points_failed"]),
                "state": state,
                "error_detail": detail,
            }
        )
        vals = {"state": state, "error_detail": detail, "last_poll": start, "next_poll": False}
        self.sudo().write({**vals, "last_success": start} if state == "ok" else vals)

    def _agent_result(self, plan: Plan, told: dict[str, Any]) -> GatewayResult:
        """The agent's result in terms of the present plan, which may have changed since."""
        result = from_wire(GatewayResult, told["result"])
        result.points = [point for point in result.points if point.key in plan.units]
        for unit in {*plan.meters, *(plan.units[point.key] for point in result.points)}:
            result.slaves.setdefault(unit, SlaveResult(ok=False, error=NOT_REACHED))
        keys = {(point.unit_id, point.function, point.address): key for key, (_n, _p, point) in plan.identity.items()}
        for unit, function, address, moment, raw in told["identity"]:
            if key := keys.get((unit, function, address)):
                result.points.append(PointResult(key, int(moment), None, "good", None, tuple(map(int, raw))))
        return result
