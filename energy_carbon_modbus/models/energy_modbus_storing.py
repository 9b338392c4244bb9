"""What becomes of a poll's answers: readings, states, journal, health. Extends energy.modbus.gateway."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from functools import partial

import psycopg2

from odoo import models
from odoo.tools import SQL

from ..collector.health import SlaveHealth
from ..collector.results import BACK_OFF, BUSY, NOT_REACHED, GatewayResult
from ..tools.messages import dumps
from ..tools.polling import Ending, Plan, Run, dump_health, failure_word, next_poll, utc

_logger = logging.getLogger(__name__)

# Of a transaction with several gateways: few transactions for a large plant, and none that takes long.
READINGS_AT_ONCE = 20_000


class EnergyModbusStoring(models.Model):
    """A gateway after it was asked; called by the scheduled action alone."""

    _inherit = "energy.modbus.gateway"

    def _store_all(self, plans: list[Plan], run: Run):
        """Write the results of all gateways: several in one transaction, or each in its own where that fails."""
        for plan in plans:
            self._part_identity(plan)
        for some in _portions(plans):
            if len(some) == 1 or not self._store_together(some, run):
                for plan in some:
                    self._store_safely(plan, run)

    def _store_together(self, plans: list[Plan], run: Run) -> bool:
        """Write several gateways' results; False when nothing was written."""
        try:
            self._in_transaction(partial(self._store, plans, run))
        except Exception:  # whose failure it is shows when each is stored by itself
            _logger.info("Modbus gateways %s are stored one by one", [plan.key for plan in plans], exc_info=True)
            self._forget_transaction()
            return False
        return True

    def _store_safely(self, plan: Plan, run: Run):
        """Write one gateway's results; a failure is that gateway's own and is journalled."""
        error = plan.outcome
        if not isinstance(error, Exception):
            try:
                self._in_transaction(partial(self._store, [plan], run))
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
            self._in_transaction(partial(self._finish, [Ending(plan, "silent", detail, {})], run))
        except Exception:  # not even the journal can be written: the log is what is left, and the lease runs out
            _logger.exception("The failure of Modbus gateway %s could not be journalled", plan.key)
            self._forget_transaction()

    def _store(self, plans: list[Plan], run: Run):
        """Append the readings of gateways and write states, journal and health, all in one transaction."""
        self._clear_other_meters(plans)
        asked = [plan for plan in plans if plan.outcome is not None]
        for plan in asked:
            self._take_identity(plan)
        batches = self._batches(asked)
        outcomes = self._append_batches(asked, batches)
        rows = {plan.key: self._meter_rows(plan, plan.outcome) for plan in asked}
        self._write_meters({node_id: row for own in rows.values() for node_id, row in own.items()})
        endings = [
            Ending(plan, "idle", {"code": "idle", "settings": plan.problems}, None)
            for plan in plans
            if plan.outcome is None
        ]
        for plan, batch, outcome in zip(asked, batches, outcomes, strict=True):
            self._append_records(plan, batch)
            endings.append(self._ending(plan, run, outcome, len(batch), rows[plan.key]))
        self._finish(endings, run)

    def _ending(self, plan: Plan, run: Run, outcome: dict, n_good: int, meter_rows: dict) -> Ending:
        """How a gateway's poll ended.

        :param outcome: what became of its readings; n_good: how many they were
        """
        result = plan.outcome
        state, detail = self._judge(plan, result, outcome["refused"], meter_rows)
        journal = {
            "seconds": result.seconds,
            "requests": result.requests,
            "round_trip": 1000.0 * (result.round_trip or 0.0),
            "points_ok": n_good,
            "points_failed": sum(1 for _point in result.failed()),
            "stored": outcome["stored"],
            "duplicates": outcome["duplicates"] - outcome["differing"],
            "differing": outcome["differing"],
            "refused": len(outcome["refused"]),
        }
        return Ending(plan, state, detail, journal, dump_health(plan, result, run.now))

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

    def _finish(self, endings: list[Ending], run: Run):
        """Journal the polls, write the gateways' states and give the leases back."""
        # None of what is written is tracked.
        gateways = self.sudo().with_context(tracking_disable=True).browse([ending.plan.key for ending in endings]).exists()
        gateways.fetch(["lease_owner", "polling_uuid"])  # of the many fields, as this happens in each run
        there = set(gateways.ids)
        endings = [ending for ending in endings if ending.plan.key in there]
        self.env["energy.modbus.poll"].sudo().create(
            [
                {
                    **ending.journal,
                    "gateway_id": ending.plan.key,
                    "start": run.moment,
                    "state": ending.state,
                    "error_detail": ending.told,
                }
                for ending in endings
                if ending.journal is not None
            ]
        )
        for ending in endings:
            self._give_back(gateways.browse(ending.plan.key), ending, run)

    def _give_back(self, gateway, ending: Ending, run: Run):
        """Write a gateway's state and give its lease back."""
        if gateway.lease_owner != run.owner:
            # The lease ran out and another run took over: the readings are kept, the state is the other run's.
            return
        vals = {"lease_until": False, "lease_owner": False}
        # Polling may have been switched off meanwhile: then only the lease is given back.
        if gateway.polling_uuid:
            moment = next_poll(run.now, ending.plan.interval)
            vals.update(state=ending.state, error_detail=ending.told, next_poll=moment)
            vals.update({"last_poll": run.moment} if ending.journal is not None else {})
            vals.update({"last_success": run.moment} if ending.state == "ok" else {})
            vals.update({"health": ending.health} if ending.health is not None else {})
        gateway.write(vals)

    # === METERS === #
    def _meter_rows(self, plan: Plan, result: GatewayResult) -> dict[int, tuple]:
        """(state or None, error detail, time of the last good reading or None) by node id of every meter to be asked."""
        failures: dict[int, dict[str, list[str]]] = {}
        success = result.last_good(plan.units)
        for point in result.failed():
            unit, word = plan.units[point.key], failure_word(point)
            failures.setdefault(unit, {}).setdefault(word, []).append(plan.names[point.key])
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
        if not rows:
            return
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
            page_size=len(values),
        )
        self.env["energy.node"].browse(rows).invalidate_recordset([*names, "modbus_last_error"])

    def _clear_other_meters(self, plans: list[Plan]):
        """Meters of the gateways that are no longer read do not keep an old error."""
        nodes = self.env["energy.node"]
        nodes.flush_model(["modbus_gateway_id", "modbus_state"])
        self.env.cr.execute(
            SQL(
                """
                UPDATE energy_node SET modbus_state = 'never', modbus_error_detail = NULL
                 WHERE modbus_gateway_id = ANY(%s) AND modbus_state != 'never' AND id != ALL(%s)
                """,
                [plan.key for plan in plans],
                [node_id for plan in plans for node_id in plan.meters.values()],
            )
        )
        nodes.invalidate_model(["modbus_state", "modbus_error_detail", "modbus_last_error"])


def _portions(plans: list[Plan]) -> Iterator[list[Plan]]:
    """The gateways whose results are written together; whoever has none but an error is alone."""
    some: list[Plan] = []
    readings = 0
    for plan in plans:
        if isinstance(plan.outcome, Exception):
            yield [plan]
            continue
        if some and readings + len(plan.units) > READINGS_AT_ONCE:
            yield some
            some, readings = [], 0
        some.append(plan)
        readings += len(plan.units)
    if some:
        yield some


def _slave_word(result: GatewayResult, unit: int) -> str | None:
    """Why a slave gave nothing; in back-off the word of the last try says more than "not asked this time"."""
    error = result.slaves[unit].error
    known = result.health.get(unit) or SlaveHealth()
    return known.last_error or error if error == BACK_OFF else error
