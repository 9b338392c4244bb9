"""What becomes of a poll's answers: readings, states, journal, health. Extends energy.modbus.gateway."""

from __future__ import annotations

import logging
from functools import partial

import psycopg2

from odoo import models
from odoo.tools import SQL

from ..collector.health import SlaveHealth
from ..collector.results import BACK_OFF, BUSY, NOT_REACHED, GatewayResult
from ..tools.messages import dumps
from ..tools.polling import Plan, Run, dump_health, failure_word, next_poll, utc

_logger = logging.getLogger(__name__)


class EnergyModbusStoring(models.Model):
    """A gateway after it was asked; called by the scheduled action alone."""

    _inherit = "energy.modbus.gateway"

    def _store_safely(self, plan: Plan, run: Run):
        """Write one gateway's results; a failure is that gateway's own and is journalled."""
        error = plan.outcome
        if not isinstance(error, Exception):
            try:
                self._in_transaction(partial(self._store, plan, run))
                return
            except (psycopg2.OperationalError, psycopg2.InterfaceError) as failure:
                _logger.exception("PostgreSQL did not take the readings of Modbus gateway %s: they are kept", plan.key)
                self._keep_batch(plan, run)
                self._forget_transaction()
                if run.lost:
                    return
                error = failure
            except Exception as failure:  # one gateway's failure must not cost the others their readings
                _logger.exception("Readings of Modbus gateway %s could not be stored", plan.key)
                self._forget_transaction()
                error = failure
        detail = {"code": "internal", "text": f"{type(error).__name__}: {error}"}
        try:
            self._in_transaction(partial(self._finish, plan, run, "silent", detail, {}))
        except Exception:  # not even the journal can be written: the log is what is left, and the lease runs out
            _logger.exception("The failure of Modbus gateway %s could not be journalled", plan.key)
            self._forget_transaction()

    def _store(self, plan: Plan, run: Run):
        """Append the readings and write state, journal and health, all in one transaction."""
        result = plan.outcome
        self._clear_other_meters(plan)
        if result is None:
            self._finish(plan, run, "idle", {"code": "idle", "settings": plan.problems}, None)
            return
        self._take_identity(plan)
        batch = self._batch(plan)
        outcome = self._append_batch(batch)
        self._append_records(plan, batch)
        meter_rows = self._meter_rows(plan, result)
        self._write_meters(meter_rows)
        state, detail = self._judge(plan, result, outcome["refused"], meter_rows)
        journal = {
            "seconds": result.seconds,
            "requests": result.requests,
            "round_trip": 1000.0 * (result.round_trip or 0.0),
            "points_ok": len(batch),
            "points_failed": sum(1 for _point in result.failed()),
            "stored": outcome["stored"],
            "duplicates": outcome["duplicates"] - outcome["differing"],
            "differing": outcome["differing"],
            "refused": len(outcome["refused"]),
        }
        self._finish(plan, run, state, detail, journal, dump_health(plan, result, run.now))

    def _judge(self, plan: Plan, result: GatewayResult, refused: list, meter_rows: dict) -> tuple[str, dict]:
        """The gateway's state and what to say about it."""
        states = {state for state, _detail, _success in meter_rows.values()}
        well = states == {"ok"} and not refused and not plan.problems
        trouble = "partial" if states - {"silent"} else "silent"
        points: dict[str, int] = {}
        for point in result.failed():
            if result.slaves[plan.units[point.key]].ok:
                word = failure_word(point)
                points[word] = points.get(word, 0) + 1
        if result.error == BUSY:
            trouble = "busy"
        return "ok" if well else trouble, {
            "code": result.error,
            "reason": result.reason,
            "slaves": {str(unit): _slave_word(result, unit) for unit, slave in result.slaves.items() if not slave.ok},
            "points": points,
            "settings": plan.problems,
            "refused": [str(message) for _indicator, _time, message in refused],
        }

    def _finish(self, plan: Plan, run: Run, state: str, detail: dict, journal: dict | None, health: dict | None = None):
        """Journal the poll, write the gateway's state and give the lease back.

        :param journal: figures of the poll; None when nothing was asked, which is not worth a line
        """
        gateway = self.sudo().browse(plan.key).exists()
        if not gateway:
            return
        detail = detail if any(detail.values()) else False
        if journal is not None:
            self.env["energy.modbus.poll"].sudo().create(
                {**journal, "gateway_id": gateway.id, "start": run.moment, "state": state, "error_detail": detail}
            )
        gateway.fetch(["lease_owner", "polling_uuid"])  # of the many fields, as this happens for each gateway of each run
        if gateway.lease_owner != run.owner:
            # The lease ran out and another run took over: the readings are kept, the state is the other run's.
            return
        vals = {"lease_until": False, "lease_owner": False}
        # Polling may have been switched off meanwhile: then only the lease is given back.
        if gateway.polling_uuid:
            vals.update(state=state, error_detail=detail, next_poll=next_poll(run.now, plan.interval))
            vals.update({"last_poll": run.moment} if journal is not None else {})
            vals.update({"last_success": run.moment} if state == "ok" else {})
            vals.update({"health": health} if health is not None else {})
        gateway.write(vals)

    # === METERS === #
    def _meter_rows(self, plan: Plan, result: GatewayResult) -> dict[int, tuple]:
        """(state or None, error detail, time of the last good reading or None) by node id of every meter to be asked."""
        failures: dict[int, dict[str, list[str]]] = {}
        success: dict[int, int] = {}
        for point in result.failed():
            unit, word = plan.units[point.key], failure_word(point)
            failures.setdefault(unit, {}).setdefault(word, []).append(plan.names[point.key])
        for key, moment, _value in zip(*result.good(), strict=True):
            unit = plan.units[key]
            success[unit] = max(moment, success.get(unit, 0))
        rows = {}
        for unit, node_id in plan.meters.items():
            slave = result.slaves[unit]
            if slave.ok:
                detail = {"points": failures.get(unit, {})}
                state = "partial" if detail["points"] else "ok"
            else:
                detail = {"code": _slave_word(result, unit)}
                # One that was not reached is neither silent nor well: its state stays what it was.
                missed = None if slave.error == NOT_REACHED else "silent"
                state = "partial" if unit in success else missed
            rows[node_id] = (state, detail, success.get(unit))
        return rows

    def _write_meters(self, rows: dict[int, tuple]):
        """Write all meters' states in one statement: the ORM would take a statement and a message check for each."""
        values = [
            (node_id, state, dumps(detail), success and utc(success))
            for node_id, (state, detail, success) in rows.items()
        ]
        names = ["modbus_state", "modbus_error_detail", "modbus_last_success"]
        self.env["energy.node"].flush_model(names)
        self.env.cr.execute_values(
            """
            UPDATE energy_node
               SET modbus_state = COALESCE(new.state, energy_node.modbus_state),
                   modbus_error_detail = new.detail::jsonb,
                   modbus_last_success = COALESCE(new.success::timestamp, energy_node.modbus_last_success)
              FROM (VALUES %s) AS new (id, state, detail, success)
             WHERE energy_node.id = new.id
            """,
            values,
        )
        self.env["energy.node"].browse(rows).invalidate_recordset([*names, "modbus_last_error"])

    def _clear_other_meters(self, plan: Plan):
        """Meters of the gateway that are no longer read do not keep an old error."""
        nodes = self.env["energy.node"]
        nodes.flush_model(["modbus_gateway_id", "modbus_state"])
        self.env.cr.execute(
            SQL(
                """
                UPDATE energy_node SET modbus_state = 'never', modbus_error_detail = NULL
                 WHERE modbus_gateway_id = %s AND modbus_state != 'never' AND id != ALL(%s)
                """,
                plan.key,
                list(plan.meters.values()),
            )
        )
        nodes.invalidate_model(["modbus_state", "modbus_error_detail", "modbus_last_error"])


def _slave_word(result: GatewayResult, unit: int) -> str | None:
    """Why a slave gave nothing; in back-off the word of the last try says more than "not asked this time"."""
    error = result.slaves[unit].error
    known = result.health.get(unit) or SlaveHealth()
    return known.last_error or error if error == BACK_OFF else error
