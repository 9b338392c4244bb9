"""After an outage: the records meters keep themselves fill the gap. Extends energy.modbus.gateway."""

from __future__ import annotations

import logging
import time
from dataclasses import replace
from zoneinfo import ZoneInfo

import numpy as np

from odoo import models

from ..collector.history import Frozen, decode_records, filling, record_points, records_back
from ..collector.results import Gateway, GatewayResult
from ..collector.sweep import run_sweep
from ..tools.batch_spool import BATCH
from ..tools.plausibility import GOOD
from ..tools.polling import Plan, Run
from .energy_modbus_batch import epoch

_logger = logging.getLogger(__name__)

# Shorter gaps lie within a day, and records are kept by the day: nothing would fill them.
OUTAGE_SECONDS = 6 * 3600
RUN_SECONDS = 28.0


class EnergyModbusRecords(models.Model):
    """A gateway's poll, as far as kept records go; called by the scheduled action."""

    _inherit = "energy.modbus.gateway"

    def _plan_records(self, plan: Plan, meter, now: float):
        """Note since when a meter that keeps records was not read; a gap stays until its records were."""
        unit = str(meter.modbus_unit)
        gap = (plan.stored.get("gaps") or {}).get(unit)
        last = epoch(meter.modbus_last_success) if meter.modbus_last_success else None
        if gap is None and last is not None and now - last > OUTAGE_SECONDS:
            gap = last
        if gap is None or not (histories := meter._modbus_histories()):
            return
        plan.gaps[meter.modbus_unit] = gap
        plan.histories[meter.modbus_unit] = histories, ZoneInfo(meter.company_id.energy_timezone)

    def _ask_records(self, plans: list[Plan], run: Run):
        """Read the records of meters that answer again; what is left out for want of time is read next time."""
        waiting = [plan for plan in plans if plan.gaps and isinstance(plan.outcome, GatewayResult)]
        left = RUN_SECONDS - (time.monotonic() - run.begun)
        if not waiting or left <= 1.0:
            return
        asks = {plan.key: self._record_asks(plan, run.now) for plan in waiting}
        gateways = [
            Gateway(
                plan.key,
                plan.gateway.settings,
                [replace(point, key=key) for key, (point, _unit, _place) in asks[plan.key].items()],
                cost=plan.gateway.cost,
                max_registers=plan.gateway.max_registers,
                even=plan.gateway.even,
            )
            for plan in waiting
        ]
        try:
            results = {result.key: result for result in run_sweep(gateways, deadline_seconds=left, clock=run.clock)}
        except Exception:  # records are a help in need and must not cost the poll its readings
            _logger.exception("The records of meters behind gateways %s could not be read", [one.key for one in gateways])
            return
        for plan in waiting:
            self._take_records(plan, asks[plan.key], results[plan.key])

    def _record_asks(self, plan: Plan, now: float) -> dict[int, tuple]:
        """What to ask of the slaves that answer: by a running number the record's point, its unit and its history."""
        asks: dict[int, tuple] = {}
        for unit, (histories, _zone) in plan.histories.items():
            slave = plan.outcome.slaves.get(unit)
            if not (slave and slave.ok):
                continue
            for place, history in enumerate(histories):
                for point in record_points(history, records_back(history, now - plan.gaps[unit])):
                    asks[len(asks)] = point, unit, place
        return asks

    def _take_records(self, plan: Plan, asks: dict[int, tuple], result: GatewayResult):
        """Decode the records that came; a gap is closed when its slave's turn was whole."""
        registers: dict[tuple[int, int], dict[int, tuple[int, ...]]] = {}
        for answer in result.points:
            if answer.error is None:
                point, unit, place = asks[answer.key]
                registers.setdefault((unit, place), {})[point.key] = answer.raw
        for (unit, place), records in registers.items():
            histories, zone = plan.histories[unit]
            plan.frozen += decode_records(histories[place], records, zone)
        for unit, slave in result.slaves.items():
            if slave.ok:
                del plan.gaps[unit]

    def _append_records(self, plan: Plan, batch: np.ndarray) -> int:
        """Store the records that lie between the last reading before the gap and the first one after it.

        :param batch: the readings of this poll
        :return: readings stored
        """
        if not plan.frozen:
            return 0
        after = {int(row["indicator"]): (int(row["time"]), float(row["value"])) for row in batch}
        before = self._readings_before(plan, after)
        rows: list[Frozen] = filling(plan.frozen, before, after)
        records = np.empty(len(rows), BATCH)
        for place, row in enumerate(rows):
            records[place] = row.key, row.time, row.value, GOOD
        return self._append_batch(records)["stored"] if rows else 0

    def _readings_before(self, plan: Plan, after: dict) -> dict[int, tuple[int, float]]:
        """The last reading of each indicator before this poll's."""
        keys = list({frozen.key for frozen in plan.frozen} & after.keys())
        self.env.cr.execute(
            """SELECT i.id, extract(epoch FROM r.time)::int8, r.value
                 FROM unnest(%s::int4[], %s::int8[]) AS i(id, until) CROSS JOIN LATERAL (
                      SELECT time, value FROM energy_reading_raw
                       WHERE indicator_id = i.id AND time < to_timestamp(i.until) AT TIME ZONE 'UTC'
                       ORDER BY time DESC LIMIT 1) r""",
            [keys, [after[key][0] for key in keys]],
        )
        return {row[0]: (row[1], row[2]) for row in self.env.cr.fetchall()}
