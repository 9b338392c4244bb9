"""Asking meters who they are beside what they count, and telling them the answers. Extends energy.modbus.gateway."""

from __future__ import annotations

import logging

from odoo import models

from ..collector.results import GatewayResult
from ..tools.polling import Plan, failure_word, utc

_logger = logging.getLogger(__name__)


class EnergyModbusIdentity(models.Model):
    """A gateway's poll, as far as serial numbers and transformer ratios go; called by the scheduled action."""

    _inherit = "energy.modbus.gateway"

    def _plan_identity(self, plan: Plan, meter):
        """Ask for serial number and ratios too, where it is time for it; their keys are below zero."""
        for record in meter._modbus_identity_points():
            key = -1 - len(plan.identity)
            point = record._collector_point(key, meter.modbus_unit)
            plan.gateway.points.append(point)
            plan.identity[key] = (meter.id, record.purpose, point)
            plan.names[key] = record.name
            plan.units[key] = meter.modbus_unit

    def _part_identity(self, plan: Plan):
        """Part what meters said of themselves from the poll's other answers.

        It is no reading, and a meter that does not give it is not ill.
        """
        if not plan.identity or not isinstance(plan.outcome, GatewayResult):
            return
        first: dict[int, int] = {}
        said: dict[int, dict] = {}
        for result in plan.outcome.points:
            if failure_word(result):
                continue
            unit = plan.units[result.key]
            first[unit] = min(result.time, first.get(unit, result.time))
            if result.key in plan.identity:
                _node_id, purpose, point = plan.identity[result.key]
                said.setdefault(unit, {})[purpose] = (point, result.raw)
        plan.outcome.points = [result for result in plan.outcome.points if result.key not in plan.identity]
        plan.said = {plan.meters[unit]: (first[unit], answers) for unit, answers in said.items()}

    def _take_identity(self, plan: Plan):
        """Tell each meter what it said of itself, at the time of its first answer in this round."""
        for node_id, (moment, answers) in plan.said.items():
            meter = self.env["energy.node"].sudo().browse(node_id).exists()
            try:
                with self.env.cr.savepoint():
                    meter._take_modbus_identity(answers, utc(moment))
            except Exception:  # what a meter says of itself must not cost its readings
                _logger.exception("What meter %s says of itself could not be noted", node_id)
