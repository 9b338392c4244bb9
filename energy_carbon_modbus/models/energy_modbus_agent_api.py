"""What an edge agent calls over JSON-2, with its key: its configuration, and readings. Extends energy.modbus.agent."""

from __future__ import annotations

import hashlib
import json
import logging
import time
from datetime import UTC
from typing import Any

from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError

from ..collector.agent_wire import gateway_to_wire
from ..tools.polling import utc
from .energy_modbus_gateway_agent import COUNTERS, LARGEST

_logger = logging.getLogger(__name__)


class EnergyModbusAgentApi(models.Model):
    """The agent's own two methods. Each looks up whose key it was called with and works on that agent alone."""

    _inherit = "energy.modbus.agent"

    # === CALLED BY THE AGENT === #
    @api.model
    def fetch_configuration(self, known: str = "", report: dict[str, Any] | None = None) -> dict[str, Any]:
        """What the agent shall read; with it comes how it fares.

        :param known: version of the configuration the agent has
        :param report: as ``collector.agent_link`` makes it
        :return: ``database`` (its uuid), ``now`` (UTC epoch seconds), ``key_expiry`` (the same, or None), ``version``, and
            ``gateways`` unless the version is the known one
        """
        agent = self._calling_agent()
        agent._take_report(report or {})
        gateways = [wire for gateway in agent._gateways_to_read() if (wire := agent._gateway_wire(gateway))]
        text = json.dumps(gateways, sort_keys=True)
        version = hashlib.sha256(text.encode()).hexdigest()[:16]
        answer = {
            "database": self.env["energy.modbus.gateway"]._database_uuid(),
            "now": time.time(),
            "key_expiry": agent.key_expiry and agent.key_expiry.replace(tzinfo=UTC).timestamp(),
            "version": version,
        }
        return answer if known == version else dict(answer, gateways=gateways)

    @api.model
    def append_readings(self, rows: list, database: str) -> dict[str, Any]:
        """Append readings of the agent's gateways; the first value of a moment wins.

        :param rows: at most 10,000 of [indicator id, UTC epoch seconds, register value]
        :param database: uuid of the database the readings are for
        :return: ``answers`` (``stored``, ``known``, ``differing`` or ``refused`` a row), ``reasons`` by place of the
            refused rows, ``counts``; or ``error`` = ``database``: this is another database, and nothing was stored
        """
        agent = self._calling_agent()
        readings = self.env["energy.reading"].sudo()
        if database != self.env["energy.modbus.gateway"]._database_uuid():
            return {"error": "database"}
        readings._check_number(rows)
        gateways = agent._gateway_by_indicator(rows)
        stranger = self.env._("The indicator is of no meter on a gateway that this agent reads.")
        answer = readings._append_answered(rows, gateways.keys(), stranger)
        agent._count_push(rows, answer["answers"], gateways)
        return answer

    # === WHOSE KEY === #
    def _calling_agent(self):
        """The agent whose service user calls, with all rights on it.

        :raises AccessError: somebody else calls
        """
        agent = self.sudo().search([("user_id", "=", self.env.uid)])
        if not agent:
            raise AccessError(self.env._("This is called by edge agents with their own key, by nobody else."))
        return agent.with_company(agent.company_id)

    def _gateways_to_read(self):
        return self.gateway_ids.filtered(lambda gateway: gateway.active and gateway.polling == "on").sorted("id")

    def _gateway_by_indicator(self, rows: list) -> dict[int, int]:
        """Gateway by collected indicator, of those in rows of meters on the agent's gateways, used or archived."""
        wanted = {row[0] for row in rows if isinstance(row, list) and row and type(row[0]) is int}
        ids = [one for one in wanted if 0 < one <= LARGEST]
        domain = [("id", "in", ids), ("source", "=", "collected"), ("node_id.modbus_gateway_id.agent_id", "=", self.id)]
        indicators = self.env["energy.indicator"].sudo().with_context(active_test=False).search(domain)
        return {indicator.id: indicator.node_id.modbus_gateway_id.id for indicator in indicators}

    # === CONFIGURATION === #
    def _gateway_wire(self, gateway) -> dict[str, Any] | None:
        """What the agent must know of a gateway; None when there is nothing to read.

        :raises UserError: it cannot be said; the agent then keeps what it knew
        """
        plan = gateway._plan_safely(time.time())
        if plan.gateway is None:
            raise UserError(
                self.env._(
                    "What to read of gateway %(gateway)s cannot be worked out (%(error)s). Look at its meters' point tables.",
                    gateway=gateway.name,
                    error=plan.outcome,
                )
            )
        if not plan.asks:
            gateway._note_idle(plan)
            return None
        return {"name": gateway.name, "interval": gateway.interval, "gateway": gateway_to_wire(plan.gateway)}

    # === REPORT === #
    def _take_report(self, report: dict[str, Any]):
        """Note how the agent fares; a report of another form is said on its form and costs no reading."""
        now = fields.Datetime.now()
        try:
            vals = self._report_values(report)
            self._take_results(report.get("results", {}))
        except (ValueError, TypeError, KeyError, AttributeError, OverflowError) as error:
            _logger.warning("The report of edge agent %s was not understood: %s", self.id, error)
            vals = {"alarm_detail": {"configuration": f"{type(error).__name__}: {error}"}}
        self.write({**vals, "last_contact": now})

    def _report_values(self, report: dict[str, Any]) -> dict[str, Any]:
        if not report:
            return {}
        oldest = report.get("oldest")
        return {
            "version": str(report["version"]).replace("\0", "")[:40],
            "spool_readings": min(int(report["spool_readings"]), LARGEST),
            "spool_share": float(report["spool_share"]),
            "spool_oldest": utc(oldest) if oldest else False,
            "dead_letters": min(int(report["dead_letters"]), LARGEST),
            "alarm_detail": {str(word)[:40]: str(text)[:500] for word, text in report["alarms"].items()} or False,
        }

    def _take_results(self, results: dict[str, Any]):
        """Write state and journal of the gateways that the agent has read since."""
        by_id = {str(gateway.id): gateway for gateway in self._gateways_to_read()}
        counts = dict(self.push_counts or {})
        for key, told in results.items():
            if key in by_id:
                by_id[key]._take_agent_result(told, counts.pop(key, {}))
        self.push_counts = counts

    def _count_push(self, rows: list, answers: list[str], gateways: dict[int, int]):
        """Count what was stored for the poll journal, by gateway."""
        counts = dict(self.push_counts or {})
        for row, answer in zip(rows, answers, strict=True):
            gateway = gateways.get(row[0]) if isinstance(row, list) and row and type(row[0]) is int else None
            if gateway:
                own = counts.setdefault(str(gateway), {})
                own[COUNTERS[answer]] = own.get(COUNTERS[answer], 0) + 1
        now = fields.Datetime.now()
        self.write({"push_counts": counts, "last_push": now, "last_contact": now})
