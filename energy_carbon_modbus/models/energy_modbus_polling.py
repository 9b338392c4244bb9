"""The scheduled action that reads all due gateways: claim, ask, store. Extends energy.modbus.gateway.

Load, compute, store: records are read into plain objects and committed before the first byte is sent, so that the job's
own cursor holds no transaction during the I/O; what came is then written, one short transaction a gateway; last of all
the values follow, in transactions of their own, so that no calculation can cost a reading.

Why a lease: a row lock ends with its transaction, and there is none during the I/O. So a short transaction takes the
row lock, writes ``lease_owner`` and ``lease_until`` and commits; a second scheduler sees the lease, and a button (whose
transaction stays open during its own few seconds of I/O, and so may simply hold the row lock) does too. The lease of a
process that was killed runs out by itself.
"""

from __future__ import annotations

import logging
import random
import time
import uuid
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import partial

import numpy as np

from odoo import api, models
from odoo.addons.energy_carbon.models.energy_calculation import CELLS_AT_ONCE
from odoo.service.model import PG_CONCURRENCY_EXCEPTIONS_TO_RETRY
from odoo.tools import SQL

from ..collector.codec import GOOD
from ..collector.health import SlaveHealth
from ..collector.results import BACK_OFF, NOT_REACHED, Gateway, GatewayResult
from ..collector.sweep import run_sweep
from ..tools.messages import dumps
from .energy_calculation import CALCULATE_LATER

_logger = logging.getLogger(__name__)

# A wake-up's limit is 120 s for all jobs together, and Odoo's own cron cursor stays open meanwhile.
SWEEP_SECONDS = 25.0
# Longer than any run: sweep, writing and retries.
LEASE = timedelta(seconds=120)
# A refused address is tried again after a day: the firmware may have changed.
REFUSED_ADDRESS_SECONDS = 86_400
ATTEMPTS = 5


@dataclass(slots=True)
class Plan:
    """What to ask of a gateway, and what the answers mean, as plain objects.

    :ivar gateway: for the collector; points are keyed by indicator id
    :ivar meters: node id by unit address
    :ivar names: point name by indicator id
    :ivar units: unit address by indicator id
    :ivar problems: what keeps points from being read, as messages
    :ivar refused_since: when (seconds since the epoch) each refused place was found
    :ivar interval: seconds from poll to poll
    :ivar company: company id
    """

    gateway: Gateway
    interval: int
    company: int
    meters: dict[int, int] = field(default_factory=dict)
    names: dict[int, str] = field(default_factory=dict)
    units: dict[int, int] = field(default_factory=dict)
    problems: list[str] = field(default_factory=list)
    refused_since: dict[tuple[int, int, int], float] = field(default_factory=dict)


@dataclass(slots=True)
class Run:
    """One run of the scheduled action.

    :ivar owner: by what name it holds its leases
    :ivar now: seconds since the epoch, by the database's clock, which all hosts share; or the injected time
    :ivar clock: for the collector
    """

    owner: str
    now: float
    clock: object


class EnergyModbusGateway(models.Model):
    """A gateway as the scheduled action sees it."""

    _inherit = "energy.modbus.gateway"

    @api.model
    def _cron_poll(self):
        """Read all due gateways of all companies. Called by the scheduled action every minute."""
        polled = self._poll_due()
        # Anything but 0 would have Odoo call again at once and hammer the gateways.
        self.env["ir.cron"]._commit_progress(polled, remaining=0)

    @api.model
    def _poll_due(self, now: float | None = None) -> int:
        """Read the gateways whose time has come.

        :param now: seconds since the epoch taken for the present by everything here and in the collector; for tests
        :return: gateways read
        """
        moment = now if now is not None else self.env.cr.now().replace(tzinfo=UTC).timestamp()
        run = Run(owner=uuid.uuid4().hex, now=moment, clock=time.time if now is None else lambda: now)
        plans = self._in_transaction(partial(self._claim_due, run))
        asked = [plan for plan in plans if plan.gateway.points]
        results = self._sweep(asked, run)
        for plan in plans:
            self._store_safely(plan, results.get(plan.gateway.key), run)
        self._calculate({plan.company for plan in asked})
        return len(plans)

    # === CLAIM === #
    def _claim_due(self, run: Run) -> list[Plan]:
        """Take the lease of every due gateway that nobody else reads, and load what to ask."""
        moment = _datetime(run.now)
        domain = [
            ("polling_uuid", "=", self._database_uuid()),
            "|",
            ("next_poll", "=", False),
            ("next_poll", "<=", moment),
            "|",
            ("lease_until", "=", False),
            ("lease_until", "<=", moment),
        ]
        due = self.sudo().search(domain, order="last_poll NULLS FIRST, id")
        gateways = due.try_lock_for_update(allow_referencing=True)
        gateways.write({"lease_until": moment + LEASE, "lease_owner": run.owner})
        return [gateway._plan(run.now) for gateway in gateways]

    def _plan(self, now: float) -> Plan:
        """Load the gateway's meters, points and health into plain objects."""
        self.ensure_one()
        stored = self.health or {}
        refused = {
            (unit, function, address): since
            for unit, function, address, since in stored.get("refused", [])
            if now - since < REFUSED_ADDRESS_SECONDS
        }
        health = {int(unit): SlaveHealth.from_dict(state) for unit, state in stored.get("slaves", {}).items()}
        gateway = Gateway(
            key=self.id,
            settings=self._link_settings(),
            points=[],
            health=health,
            bad=set(refused),
            cycle_seconds=float(self.interval),
            first_unit=stored.get("next_unit"),
        )
        plan = Plan(gateway=gateway, interval=self.interval, company=self.company_id.id, refused_since=refused)
        for meter in self.meter_ids.filtered(lambda node: node._is_modbus_read()):
            self._plan_meter(plan, meter)
        return plan

    def _plan_meter(self, plan: Plan, meter):
        points, names, problems = meter._modbus_points()
        plan.problems += problems
        if not points:
            return
        unit = meter.modbus_unit
        plan.gateway.points += points
        plan.gateway.max_registers[unit] = meter.modbus_map_id.max_registers
        plan.meters[unit] = meter.id
        plan.names.update(names)
        plan.units.update(dict.fromkeys(names, unit))

    # === ASK === #
    def _sweep(self, plans: list[Plan], run: Run) -> dict[int, GatewayResult | Exception]:
        """Ask all gateways; a mistake in the collector becomes the result of each of them, so that it is journalled."""
        try:
            results = run_sweep([plan.gateway for plan in plans], deadline_seconds=SWEEP_SECONDS, clock=run.clock)
        except Exception as error:  # whatever happens is journalled and must not end the scheduled action
            _logger.exception("Modbus sweep failed")
            return {plan.gateway.key: error for plan in plans}
        return {result.key: result for result in results}

    # === STORE === #
    def _store_safely(self, plan: Plan, result: GatewayResult | Exception | None, run: Run):
        """Write one gateway's results; a failure is that gateway's own and is journalled."""
        if not isinstance(result, Exception):
            try:
                self._in_transaction(partial(self._store, plan, result, run))
                return
            except Exception as error:  # one gateway's failure must not cost the others their readings
                _logger.exception("Readings of Modbus gateway %s could not be stored", plan.gateway.key)
                self._forget_transaction()
                result = error
        detail = {"code": "internal", "text": f"{type(result).__name__}: {result}"}
        try:
            self._in_transaction(partial(self._finish, plan, run, "silent", detail, {"start": _datetime(run.now)}))
        except Exception:  # not even the journal can be written: the log is what is left, and the lease runs out
            _logger.exception("The failure of Modbus gateway %s could not be journalled", plan.gateway.key)
            self._forget_transaction()

    def _store(self, plan: Plan, result: GatewayResult | None, run: Run):
        """Append the readings and write state, journal and health, all in one transaction."""
        if result is None:
            detail = {"code": "idle", "settings": plan.problems}
            self._finish(plan, run, "idle", detail, None)
            return
        good = [point for point in result.points if point.error is None and point.quality == GOOD]
        readings = self.env["energy.reading"].sudo().with_context(**{CALCULATE_LATER: True})
        outcome = readings._append(
            np.array([point.key for point in good], dtype=np.int64),
            np.array([point.time for point in good], dtype=np.int64),
            np.array([point.value for point in good], dtype=np.float64),
        )
        meter_rows = self._meter_rows(plan, result, run)
        self._write_meters(meter_rows)
        self._clear_other_meters(plan)
        state, detail = self._judge(plan, result, outcome["refused"], meter_rows)
        journal = {
            "start": _datetime(run.now),
            "seconds": result.seconds,
            "requests": result.requests,
            "points_ok": len(good),
            "points_failed": len(result.points) - len(good),
            "stored": outcome["stored"],
            "duplicates": outcome["duplicates"] - outcome["differing"],
            "differing": outcome["differing"],
            "refused": len(outcome["refused"]),
        }
        self._finish(plan, run, state, detail, journal, health=_health(plan, result, run.now))

    def _judge(self, plan: Plan, result: GatewayResult, refused: list, meter_rows: dict) -> tuple[str, dict | None]:
        """The gateway's state and what to say about it."""
        states = [state for state, _detail, _success in meter_rows.values()]
        state = "partial" if {"ok", "partial", None} & set(states) else "silent"
        if state == "partial" and set(states) == {"ok"} and not refused and not plan.problems:
            state = "ok"
        slaves = {str(unit): slave.error for unit, slave in result.slaves.items() if not slave.ok}
        points: dict[str, int] = {}
        for point in result.points:
            if result.slaves[plan.units[point.key]].ok and (word := _failure(point)):
                points[word] = points.get(word, 0) + 1
        return state, {
            "code": result.error,
            "slaves": slaves,
            "points": points,
            "settings": plan.problems,
            "refused": [str(message) for _indicator, _time, message in refused],
        }

    def _finish(
        self, plan: Plan, run: Run, state: str, detail: dict | None, journal: dict | None, health: dict | None = None
    ):
        """Journal the poll, write the gateway's state and give the lease back."""
        gateway = self.sudo().browse(plan.gateway.key).exists()
        if not gateway:
            return
        detail = detail if detail and any(detail.values()) else False
        if journal is not None:
            self.env["energy.modbus.poll"].sudo().create(
                dict(journal, gateway_id=gateway.id, state=state, error_detail=detail)
            )
        if gateway.lease_owner != run.owner:
            # The lease ran out and another run took over: the readings are kept, the state is the other run's.
            return
        vals = {"lease_until": False, "lease_owner": False}
        if gateway.polling_uuid:
            vals.update(state=state, error_detail=detail, next_poll=_next_poll(run.now, plan.interval))
            vals.update({"last_poll": journal["start"]} if journal else {})
            vals.update({"last_success": journal["start"]} if journal and state == "ok" else {})
            vals.update({"health": health} if health is not None else {})
        gateway.write(vals)

    # === METERS === #
    def _meter_rows(self, plan: Plan, result: GatewayResult, run: Run) -> dict[int, tuple]:
        """(state or None, error detail, time of the last good reading or None) by node id of every meter to be asked."""
        failures: dict[int, dict[str, list[str]]] = {}
        success: dict[int, int] = {}
        for point in result.points:
            unit = plan.units[point.key]
            if word := _failure(point):
                failures.setdefault(unit, {}).setdefault(word, []).append(plan.names[point.key])
            else:
                success[unit] = max(point.time, success.get(unit, 0))
        rows = {}
        for unit, node_id in plan.meters.items():
            slave = result.slaves[unit]
            if slave.ok:
                detail = {"points": failures.get(unit, {})}
                state = "partial" if detail["points"] else "ok"
            else:
                # In back-off the word of the last try says more than "not asked this time".
                known = result.health.get(unit) or SlaveHealth()
                detail = {"code": (known.last_error or slave.error) if slave.error == BACK_OFF else slave.error}
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
            (node_id, state, dumps(detail), success and _datetime(success))
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
                plan.gateway.key,
                list(plan.meters.values()),
            )
        )
        nodes.invalidate_model(["modbus_state", "modbus_error_detail", "modbus_last_error"])

    # === VALUES === #
    def _calculate(self, company_ids: set[int]):
        """Let the values follow the readings, as far as it is not too much; the scheduled action does the rest."""
        calculation = self.env["energy.calculation"].sudo()
        for company in self.env["res.company"].browse(company_ids):
            try:
                self._in_transaction(partial(calculation._process, company, CELLS_AT_ONCE))
            except Exception:  # the readings are stored, and the scheduled action of the calculation tries again
                _logger.exception("Values of %s could not be computed after a Modbus poll", company.id)
                self._forget_transaction()
                self._in_transaction(calculation._trigger)

    # === TRANSACTIONS === #
    def _in_transaction(self, work):
        """Run ``work`` and commit; begin again when PostgreSQL refuses for another transaction's sake.

        Odoo repeats a user's request after a serialization failure, but never a scheduled action.
        """
        for attempt in range(1, ATTEMPTS + 1):
            try:
                outcome = work()
                self.env["ir.cron"]._commit_progress(0)
                return outcome
            except PG_CONCURRENCY_EXCEPTIONS_TO_RETRY:
                self._forget_transaction()
                if attempt == ATTEMPTS:
                    raise
                time.sleep(random.uniform(0.0, 0.1 * 2**attempt))
        raise AssertionError("unreachable")

    def _forget_transaction(self):
        self.env.cr.rollback()
        self.env.transaction.reset()


def _failure(point) -> str | None:
    """The word for why a point gave no reading; None when it gave one."""
    return point.error or (None if point.quality == GOOD else point.quality)


def _health(plan: Plan, result: GatewayResult, now: float) -> dict:
    """What the next run must know, as JSON."""
    return {
        "slaves": {str(unit): state.to_dict() for unit, state in result.health.items()},
        "refused": [[*place, plan.refused_since.get(place, now)] for place in sorted(result.bad)],
        "next_unit": result.next_unit,
    }


def _next_poll(now: float, interval: int) -> datetime:
    """The next whole multiple of the interval: an hourly or quarter-hourly poll falls on the clock, never drifts."""
    return _datetime((now // interval + 1) * interval)


def _datetime(seconds: float) -> datetime:
    return datetime.fromtimestamp(int(seconds), UTC).replace(tzinfo=None)
