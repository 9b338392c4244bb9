"""The scheduled actions of the calculation: large recomputations in steps, and the close of a day."""

import logging
import time

import numpy as np
import psycopg2

from odoo import api, fields, models
from odoo.tools import SQL

from ..calculation import readings
from ..calculation.company_graph import load_graph
from ..calculation.run import Run, blocks, dirty_days

_logger = logging.getLogger(__name__)

# Dirty rows claimed by one step, and cells after which it commits.
CLAIM = 5000
CELLS_A_STEP = 200_000
PAUSE_SECONDS = 0.05
# Serialization failures in a row before the scheduled action gives way to the others until its next run.
MOST_RETRIES = 5
# Indicators set aside in one transaction because they cannot be computed.
MOST_SET_ASIDE = 50
RETRIED = (psycopg2.errors.SerializationFailure, psycopg2.errors.DeadlockDetected)
# Rows of indicators that were deleted while somebody computed them; they have no foreign key.
ORPHANS = "DELETE FROM %s v WHERE NOT EXISTS (SELECT FROM energy_indicator WHERE id = v.indicator_id)"


class EnergyCalculationBatch(models.Model):
    """Computes what was left, step by step, each in a short transaction of its own.

    A step that is interrupted leaves its dirty rows, so whoever comes next does it again. What cannot be computed is set
    aside with its error, so that one meter never stops the others.
    """

    _inherit = "energy.calculation"

    # === COMPUTING === #
    @api.model
    def _cron_process(self):
        """Compute in steps, each in a transaction of its own; what is left is done in the next run."""
        for company in self._dirty_companies():
            if not self._cron_company(company):
                return

    def _cron_company(self, company) -> bool:
        """Steps of one company until nothing is left; False when the time is up.

        Odoo retries the requests of people on a serialization failure, never scheduled actions: that is done here.
        """
        failures = 0
        while True:
            try:
                left, seconds = self._next_step(company)
            except RETRIED:
                # Somebody saved meanwhile; their snapshot is newer, so start over from it.
                self._forget_transaction()
                failures += 1
                if failures > MOST_RETRIES:
                    self._trigger()
                    return False
                time.sleep(PAUSE_SECONDS * failures)
                continue
            failures = 0
            if left is None:
                self._trigger()  # somebody else is computing; come back for what they leave
            if not left or not seconds:
                return not left

    def _next_step(self, company) -> tuple[int | None, float]:
        """A step in a transaction of its own; when it fails, all that can be computed without those who make it fail.

        :return: dirty rows left (None: somebody else is computing), seconds left
        """
        for work in (self._step, self._set_aside):
            try:
                left = work(company)
                return left, self.env["ir.cron"]._commit_progress(1, remaining=left or 0)
            except psycopg2.OperationalError:
                raise
            except Exception:
                _logger.exception("Values of company %s cannot be computed", company.id)
                self._forget_transaction()
        self._note_failure(company)
        return 0, 0.0

    def _forget_transaction(self):
        self.env.cr.rollback()
        self.env.transaction.reset()

    def _step(self, company) -> int | None:
        """Compute one claim's first blocks; keep the rest dirty.

        :return: dirty rows left, or None when somebody else is computing
        """
        if not self._lock(company):
            return None
        claimed, cells = self._claim(company, CLAIM), 0
        if claimed:
            graph = load_graph(self.env, company)
            cells = self._compute_claim(Run(self.env, graph), claimed)
            self._note(company, graph.problems)
        return self._note_progress(company, cells)

    def _compute_claim(self, run: Run, claimed: list[tuple]) -> int:
        """Compute the first blocks of what was claimed; the days not reached become dirty rows of their own.

        :return: number of cells computed
        """
        dirty = dirty_days(self.env, run.graph, [row[1:] for row in claimed])
        cells = 0
        for begin, end in blocks(*dirty.everything):
            if cells > CELLS_A_STEP:
                self._keep_dirty(run.graph, dirty, begin)
                break
            affected, priced, fresh = dirty.within(begin, end)
            run.compute(affected, priced, fresh, begin, end)
            cells += int(affected.sum()) * ((end - begin).days + 1)
        self._forget(claimed)
        return cells

    def _keep_dirty(self, graph, dirty, begin):
        """Put back what a step did not reach: everything affected, from a day on."""
        for holds, (first, last) in (
            ((True, True), dirty.everything),
            ((True, False), dirty.cost),
            ((False, False), dirty.amount),
        ):
            first = np.maximum(first, begin.toordinal())
            self._insert_dirty(
                [
                    (row.id, graph.company.id, begin.fromordinal(int(start)), begin.fromordinal(int(end)))
                    for row, start, end in zip(graph.rows, first, last, strict=True)
                    if start <= end
                ],
                *holds,
            )

    # === WHAT CANNOT BE COMPUTED === #
    def _set_aside(self, company) -> int | None:
        """Find out whose dirty rows cannot be computed, by halves; keep their error and compute the others.

        :return: as :meth:`_step`
        """
        if not self._lock(company):
            return None
        graph = load_graph(self.env, company)
        run = Run(self.env, graph)
        waiting, failed, cells = [self._claim(company, CLAIM)], {}, 0
        while waiting and len(failed) < MOST_SET_ASIDE:
            claimed = waiting.pop()
            done, error = self._try_claim(run, claimed)
            cells += done
            indicators = sorted({row[1] for row in claimed})
            if error and len(indicators) == 1:
                failed[indicators[0]] = error, [row[0] for row in claimed]
            elif error:
                half = set(indicators[: len(indicators) // 2])
                waiting.append([row for row in claimed if row[1] not in half])
                waiting.append([row for row in claimed if row[1] in half])
        for error, ids in failed.values():
            self.env.cr.execute("UPDATE energy_dirty SET error = %s WHERE id = ANY(%s)", [error, ids])
        self._note(company, graph.problems)
        return self._note_progress(company, cells)

    def _try_claim(self, run: Run, claimed: list[tuple]) -> tuple[int, str | None]:
        """Compute a claim or leave everything as it was: number of cells, error."""
        try:
            with self.env.cr.savepoint(flush=False):
                cells = self._compute_claim(run, claimed)
                self.env.flush_all()
                return cells, None
        except psycopg2.OperationalError:
            raise
        except Exception as error:
            self.env.transaction.clear()
            return 0, f"{type(error).__name__}: {error}"

    def _note_failure(self, company):
        """Not even the formulas could be loaded: say so, and go on with the other companies."""
        if self._lock(company):
            self._note(company, {0: self.env._("Nothing can be computed; the server's log says why.")})
            self.env["ir.cron"]._commit_progress(0)

    # === CLOSE OF THE DAY === #
    @api.model
    def _cron_close_day(self):
        """Note yesterday's missing figures, make room for the readings to come, drop those kept long enough."""
        for (company,) in self.env["energy.indicator"]._read_group([], ["company_id"]):
            today = fields.Date.context_today(self.with_context(tz=company.energy_timezone))
            yesterday = fields.Date.subtract(today, days=1)
            leaves = self.env["energy.indicator"].search(
                [("company_id", "=", company.id), ("source", "!=", "computed")]
            )
            self._mark(leaves.filtered("last_date"), yesterday, yesterday)
        readings.ensure_ahead(self.env.cr)
        self._sweep()
        self._trigger()
        self.env["ir.cron"]._commit_progress(1)
        self.env["energy.reading"]._drop_old()

    def _sweep(self):
        """Remove rows of indicators that were deleted while somebody computed them or marked their days."""
        for table in ("energy_dirty", "energy_value", "energy_value_month", "energy_profile"):
            self.env.cr.execute(SQL(ORPHANS, SQL.identifier(table)))
