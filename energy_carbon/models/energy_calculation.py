"""The calculation of a company: who may compute now, and what is left."""

import time

import psycopg2.errors

from odoo import api, fields, models

from ..calculation import readings
from ..calculation.company_graph import load_graph
from ..calculation.run import Run, blocks, dirty_ranges

# Cells (indicator x day) computed in the user's own transaction; more is left to the scheduled action.
CELLS_AT_ONCE = 5000
# Dirty rows claimed by one step of the scheduled action, and cells after which it commits.
CLAIM = 5000
CELLS_A_STEP = 200_000
PAUSE_SECONDS = 0.05
# Serialization failures in a row before the scheduled action gives way to the others until its next run.
MOST_RETRIES = 5


class EnergyCalculation(models.Model):
    """One row a company. Whoever computes locks it and counts it up, so that two never compute at once.

    Counting up makes PostgreSQL refuse a transaction whose snapshot is older than the last computation: a lock alone would
    let it overwrite newer totals.
    """

    _name = "energy.calculation"
    _description = "Energy Calculation"
    _log_access = False

    company_id = fields.Many2one("res.company", required=True, ondelete="cascade")
    run = fields.Integer(default=0, required=True)
    last_run = fields.Datetime()

    _unique_company = models.UniqueIndex("(company_id)")

    # === MARKING === #
    @api.model
    def _mark(self, indicators, date_from=None, date_to=None):
        """Note that the indicators' values no longer hold; empty dates mean all days with data.

        The values follow before the transaction commits, or soon after by the scheduled action.
        """
        rows = [(i.id, i.company_id.id, date_from or None, date_to or None) for i in indicators.sudo()]
        self._mark_rows(rows)

    @api.model
    def _mark_types(self, energy_types, date_from=None):
        """Note that factors or prices of these energy types changed from a day on."""
        self.env.flush_all()
        self.env.cr.execute(
            "SELECT id, company_id FROM energy_indicator WHERE energy_type_id = ANY(%s) AND source <> 'computed'",
            [energy_types.ids],
        )
        self._mark_rows([(indicator, company, date_from, None) for indicator, company in self.env.cr.fetchall()])

    @api.model
    def _mark_rows(self, rows: list[tuple]):
        """Insert dirty rows: (indicator id, company id, first date or None, last date or None)."""
        if not rows:
            return
        self.env.flush_all()
        self.env.cr.execute_values(
            "INSERT INTO energy_dirty (indicator_id, company_id, date_from, date_to) VALUES %s", rows, page_size=1000
        )
        data = self.env.cr.precommit.data
        if "energy_carbon.calculation" not in data:
            data["energy_carbon.calculation"] = True
            self.env.cr.precommit.add(self.env["energy.calculation"].sudo()._process_before_commit)

    def _process_before_commit(self):
        self.env.cr.precommit.data.pop("energy_carbon.calculation", None)
        self._process(most_cells=CELLS_AT_ONCE)

    # === COMPUTING === #
    @api.model
    def _process_now(self, companies):
        """Compute in the user's own transaction if it is not too much; else the scheduled action does it."""
        self.env.flush_all()
        self._process(companies.sudo(), CELLS_AT_ONCE)

    @api.model
    def _process(self, company=None, most_cells=None) -> int:
        """Compute what is dirty in this transaction.

        :param company: only this one, or all with dirty rows
        :param most_cells: leave a company to the scheduled action when more cells than this would change
        :return: number of daily rows that changed
        """
        self = self.sudo()
        changed = 0
        for one in company or self._dirty_companies():
            changed += self._process_company(one, most_cells)
        return changed

    def _dirty_companies(self):
        self.env.cr.execute("SELECT DISTINCT company_id FROM energy_dirty")
        return self.env["res.company"].browse(row[0] for row in self.env.cr.fetchall()).sorted("id")

    def _process_company(self, company, most_cells=None) -> int:
        if not self._lock(company):
            self._trigger()
            return 0
        self.env.cr.execute(
            "SELECT id, indicator_id, date_from, date_to FROM energy_dirty WHERE company_id = %s ORDER BY id",
            [company.id],
        )
        claimed = self.env.cr.fetchall()
        if not claimed:
            return 0
        graph = load_graph(self.env, company)
        first, last = dirty_ranges(self.env, graph, [row[1:] for row in claimed])
        cells = int((last - first + 1).clip(0).sum())
        if most_cells and cells > most_cells:
            self._trigger()
            return 0
        run = Run(self.env, graph)
        changed = sum(
            run.compute((first <= end.toordinal()) & (last >= begin.toordinal()), begin, end)
            for begin, end in blocks(first, last)
        )
        self._forget([row[0] for row in claimed])
        return changed

    def _lock(self, company) -> bool:
        """Take the company's calculation for this transaction; False when somebody else has it."""
        row = self.search([("company_id", "=", company.id)])
        if not row:
            self.env.cr.execute(
                "INSERT INTO energy_calculation (company_id, run) VALUES (%s, 0) ON CONFLICT DO NOTHING", [company.id]
            )
            self.invalidate_model()
            row = self.search([("company_id", "=", company.id)])
        if not row or not row.try_lock_for_update():
            return False
        self.env.cr.execute(
            "UPDATE energy_calculation SET run = run + 1, last_run = now() AT TIME ZONE 'UTC' WHERE id = %s", [row.id]
        )
        return True

    def _forget(self, dirty_ids: list[int]):
        self.env.cr.execute("DELETE FROM energy_dirty WHERE id = ANY(%s)", [dirty_ids])
        self.env["energy.value"].invalidate_model()
        self.env["energy.value.month"].invalidate_model()
        self.env["energy.indicator"].invalidate_model(["last_value", "last_date"])

    # === SCHEDULED ACTION === #
    @api.model
    def _trigger(self):
        """Let the scheduled action run as soon as possible."""
        cron = self.env.ref("energy_carbon.ir_cron_energy_calculation", raise_if_not_found=False)
        if cron:
            cron.sudo()._trigger()

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
                left = self._step(company)
                seconds = self.env["ir.cron"]._commit_progress(1, remaining=left or 0)
            except (psycopg2.errors.SerializationFailure, psycopg2.errors.DeadlockDetected):
                # Somebody saved meanwhile; their snapshot is newer, so start over from it.
                self.env.cr.rollback()
                self.env.invalidate_all()
                failures += 1
                if failures > MOST_RETRIES:
                    self._trigger()
                    return False
                time.sleep(PAUSE_SECONDS * failures)
                continue
            if left is None:
                self._trigger()  # somebody else is computing; come back for what they leave
            if not left:
                return True
            if not seconds:
                return False

    def _step(self, company) -> int | None:
        """Compute one claim's first blocks; keep the rest dirty.

        :return: dirty rows left, or None when somebody else is computing
        """
        if not self._lock(company):
            return None
        self.env.cr.execute(
            "SELECT id, indicator_id, date_from, date_to FROM energy_dirty WHERE company_id = %s ORDER BY id LIMIT %s",
            [company.id, CLAIM],
        )
        claimed = self.env.cr.fetchall()
        if not claimed:
            return 0
        graph = load_graph(self.env, company)
        first, last = dirty_ranges(self.env, graph, [row[1:] for row in claimed])
        run, cells = Run(self.env, graph), 0
        for begin, end in blocks(first, last):
            if cells > CELLS_A_STEP:
                self._keep_dirty(company, graph, first, last, begin)
                break
            affected = (first <= end.toordinal()) & (last >= begin.toordinal())
            run.compute(affected, begin, end)
            cells += int(affected.sum()) * ((end - begin).days + 1)
        self._forget([row[0] for row in claimed])
        self.env.cr.execute("SELECT COUNT(*) FROM energy_dirty WHERE company_id = %s", [company.id])
        return self.env.cr.fetchone()[0]

    def _keep_dirty(self, company, graph, first, last, begin):
        """Put back what a step did not reach: everything affected, from a day on."""
        start = begin.toordinal()
        rows = [
            (row.id, company.id, begin.fromordinal(max(start, int(first[at]))), begin.fromordinal(int(last[at])))
            for at, row in enumerate(graph.rows)
            if last[at] >= start and first[at] <= last[at]
        ]
        self._mark_rows(rows)

    @api.model
    def _cron_close_day(self):
        """Note yesterday's missing figures, and make room for the readings to come."""
        for company in self.env["res.company"].search([], order="id"):
            today = fields.Date.context_today(self.with_context(tz=company.energy_timezone))
            yesterday = fields.Date.subtract(today, days=1)
            leaves = self.env["energy.indicator"].search(
                [("company_id", "=", company.id), ("source", "!=", "computed")]
            )
            self._mark(leaves.filtered("last_date"), yesterday, yesterday)
        readings.ensure_ahead(self.env.cr)
        self._trigger()
