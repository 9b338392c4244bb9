"""The scheduled action that reads all due gateways: claim, ask, store. Extends energy.modbus.gateway.

Load, compute, store: records are read into plain objects and committed before the first byte is sent, so that the job's
own cursor holds no transaction during the I/O; what came is then written in short transactions; last of all the values
follow, in transactions of their own, so that no calculation can cost a reading.

Why a lease: a row lock ends with its transaction, and there is none during the I/O. So a short transaction takes the
row lock, writes ``lease_owner`` and ``lease_until`` and commits; a second scheduler sees the lease, and a button (whose
transaction stays open during its own few seconds of I/O, and so may simply hold the row lock) does too. The lease of a
process that was killed runs out by itself.
"""

from __future__ import annotations

import contextlib
import logging
import random
import time
import uuid
from collections.abc import Callable
from datetime import UTC, timedelta
from functools import partial
from typing import Any

import psycopg2

from odoo import api, models
from odoo.addons.energy_carbon.models.energy_calculation import CELLS_AT_ONCE
from odoo.fields import Domain
from odoo.service.model import PG_CONCURRENCY_EXCEPTIONS_TO_RETRY
from odoo.tools import config

from ..collector.prepare import KeptPlans
from ..collector.results import Gateway
from ..collector.sweep import run_sweep
from ..tools.batch_spool import BatchSpool
from ..tools.polling import Plan, Run, is_due, load_health

_logger = logging.getLogger(__name__)

# A wake-up's limit is 120 s for all jobs together, and Odoo's own cron cursor stays open meanwhile.
SWEEP_SECONDS = 25.0
# Blocks and decoders of the gateways this process reads; points that changed get new ones.
PLANS = KeptPlans()
# Longer than any run: sweep, writing and retries.
LEASE = timedelta(seconds=120)
ATTEMPTS = 5


class EnergyModbusPolling(models.Model):
    """A gateway as the scheduled action sees it: whose turn it is, and what to ask."""

    _inherit = "energy.modbus.gateway"

    @api.model
    def _cron_poll(self, group_id: int | bool = False):
        """Read all due gateways of all companies. Called by the scheduled actions every minute.

        :param group_id: the collection group whose own action it is; the general one reads those without an active group
        """
        polled = self._poll_due(group_id=group_id)
        # Anything but 0 would have Odoo call again at once and hammer the gateways.
        self.env["ir.cron"]._commit_progress(polled, remaining=0)

    @api.model
    def _poll_due(self, now: float | None = None, group_id: int | bool = False) -> int:
        """Read the gateways whose time has come.

        :param now: seconds since the epoch taken for the present by everything here and in the collector; for tests
        :param group_id: as for ``_cron_poll``
        :return: gateways read
        """
        run = self._begin_run(now, group_id)
        written = self._store_kept(run)
        plans = self._in_transaction(partial(self._claim_due, run))
        asked = [plan for plan in plans if plan.asks]
        self._sweep(asked, run)
        self._ask_records(asked, run)
        self._store_all(plans, run)
        self._calculate({plan.company for plan in asked} | written, run)
        return len(plans)

    def _begin_run(self, now: float | None, group_id: int | bool) -> Run:
        moment = now if now is not None else self.env.cr.now().replace(tzinfo=UTC).timestamp()
        begun = time.monotonic()
        # The database's clock at the start, which all hosts share, and from then on one that cannot be set: a host's
        # clock that steps, or is wrong, dates no reading.
        clock = (lambda: moment + time.monotonic() - begun) if now is None else lambda: now
        return Run(
            owner=uuid.uuid4().hex,
            now=moment,
            clock=clock,
            begun=begun,
            group=group_id or None,
            spool=BatchSpool(config["data_dir"], self._database_uuid()),
        )

    # === CLAIM === #
    def _claim_due(self, run: Run) -> list[Plan]:
        """Take the lease of every due gateway that nobody else reads, and load what to ask."""
        domain = Domain(
            [
                ("polling_uuid", "=", self._database_uuid()),
                ("agent_id", "=", False),
                "|",
                "|",
                ("lease_until", "=", False),
                ("lease_until", "<=", run.moment),
                ("lease_until", ">", run.moment + LEASE),  # the clock was set back
            ]
        )
        if run.group:
            domain &= Domain("group_id", "=", run.group)
        else:
            groups = self.env["energy.modbus.group"].sudo().with_context(active_test=False)
            domain &= Domain("group_id", "in", [False, *groups.search([("active", "=", False)]).ids])
        found = self.sudo().search(domain, order="last_poll NULLS FIRST, id")
        due = found.filtered(lambda gateway: is_due(gateway.next_poll, run.now, gateway.interval))
        gateways = due.try_lock_for_update(allow_referencing=True)
        gateways.write({"lease_until": run.moment + LEASE, "lease_owner": run.owner})
        return [gateway._plan_safely(run.now) for gateway in gateways]

    def _plan_safely(self, now: float) -> Plan:
        """The gateway's plan; what keeps it from being made is that gateway's own failure."""
        plan = Plan(key=self.id, interval=self.interval, company=self.company_id.id)
        try:
            self._plan(plan, now)
        except psycopg2.Error:  # the transaction is lost, for everybody
            raise
        except Exception as error:
            _logger.exception("Modbus gateway %s could not be planned", self.id)
            plan.gateway, plan.outcome = None, error
        return plan

    def _plan(self, plan: Plan, now: float):
        """Load the gateway's meters, points and health into plain objects."""
        plan.stored = self.health or {}  # read once: each time it is a copy
        health, plan.refused_since = load_health(plan.stored, now)
        plan.gateway = Gateway(
            key=self.id,
            settings=self._link_settings(),
            points=[],
            cost=self._line_cost(),
            health=health,
            bad=set(plan.refused_since),
            cycle_seconds=float(self.interval),
            first_unit=plan.stored.get("next_unit"),
        )
        for meter in self.meter_ids.filtered(lambda node: node._is_modbus_read()):
            self._plan_meter(plan, meter, now)
        plan.gateway.points, plan.gateway.prepared = PLANS.recall(self._plans_key(plan), plan.gateway.points)

    def _plan_meter(self, plan: Plan, meter, now: float):
        points, names, problems = meter._modbus_points()
        plan.problems += problems
        if not points:
            return
        unit = meter.modbus_unit
        plan.gateway.points += points
        plan.gateway.max_registers[unit] = meter.modbus_map_id.max_registers
        plan.gateway.even[unit] = meter.modbus_map_id._even_rule()
        plan.meters[unit] = meter.id
        plan.names.update(names)
        plan.units.update(dict.fromkeys(names, unit))
        self._plan_identity(plan, meter)
        self._plan_expectations(plan, meter)
        self._plan_records(plan, meter, now)

    # === ASK === #
    def _sweep(self, plans: list[Plan], run: Run):
        """Ask all gateways side by side and put into each plan what came of it."""
        begun = time.monotonic()
        if self._ask(plans, run, SWEEP_SECONDS) or len(plans) < 2:
            return
        # One of them makes the collector stumble. Ask one by one, so that the others get their readings.
        for plan in plans:
            left = SWEEP_SECONDS - (time.monotonic() - begun)
            self._ask([plan], run, max(left, 0.0))

    def _ask(self, plans: list[Plan], run: Run, seconds: float) -> bool:
        """Ask gateways; False when the collector itself failed, which then is the outcome of each of them."""
        try:
            results = run_sweep([plan.gateway for plan in plans], deadline_seconds=seconds, clock=run.clock)
        except Exception as error:  # whatever happens is journalled and must not end the scheduled action
            _logger.exception("Modbus sweep of gateways %s failed", [plan.key for plan in plans])
            results = [error] * len(plans)
        for plan, result in zip(plans, results, strict=True):
            plan.outcome = result
            if plan.gateway.prepared:
                PLANS.keep(self._plans_key(plan), plan.gateway.points, plan.gateway.prepared)
        return not any(isinstance(plan.outcome, Exception) for plan in plans)

    def _plans_key(self, plan: Plan) -> tuple[str, int]:
        """A process may serve several databases."""
        return self.env.cr.dbname, plan.key

    # === VALUES === #
    def _calculate(self, company_ids: set[int], run: Run):
        """Let the values follow the readings, as far as it is not too much; the scheduled action does the rest."""
        if run.lost or not company_ids:
            return
        calculation = self.env["energy.calculation"].sudo()
        if time.monotonic() - run.begun > SWEEP_SECONDS:
            self._in_transaction(calculation._trigger)
            return
        for company in self.env["res.company"].browse(company_ids):
            try:
                self._in_transaction(partial(calculation._process, company, CELLS_AT_ONCE))
            except Exception:  # the readings are stored, and the scheduled action of the calculation tries again
                _logger.exception("Values of company %s could not be computed after a Modbus poll", company.id)
                self._forget_transaction()
                self._in_transaction(calculation._trigger)

    # === TRANSACTIONS === #
    def _in_transaction(self, work: Callable[[], Any]) -> Any:
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
        """Roll back; without a connection to PostgreSQL there is nothing to roll back."""
        with contextlib.suppress(psycopg2.InterfaceError, psycopg2.OperationalError):
            self.env.cr.rollback()
        self.env.transaction.reset()
