"""The calculation of a company: who may compute now, and what is left."""

import logging

import numpy as np
import psycopg2

from odoo import api, fields, models

from ..calculation.bulk import copy_in, nullable_date, pg_day
from ..calculation.company_graph import load_graph
from ..calculation.run import Run, blocks, dirty_days

_logger = logging.getLogger(__name__)

# Cells (indicator x day) computed in the user's own transaction; more is left to the scheduled action.
CELLS_AT_ONCE = 5000
# Companies marked in this transaction, in the cursor's data for what is done before the commit.
MARKED = "energy_carbon.calculation"


class EnergyCalculation(models.Model):
    """One row a company. Whoever computes locks it and counts it up, so that two never compute at once.

    Counting up makes PostgreSQL refuse a transaction whose snapshot is older than the last computation: a lock alone would
    let it overwrite newer totals.
    """

    _name = "energy.calculation"
    _inherit = ["energy.wall.mixin"]
    _description = "Energy Calculation"
    _log_access = False
    _rec_name = "company_id"
    _order = "company_id, id"

    company_id = fields.Many2one("res.company", required=True, readonly=True, ondelete="cascade")
    run = fields.Integer(default=0, required=True, readonly=True)
    last_run = fields.Datetime(readonly=True)

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
    def _mark_types(self, energy_types, date_from=None, companies=None, date_to=None, cost_holds=False):
        """Note that factors or prices of these energy types changed from a day on.

        :param companies: those for which they hold; None: all
        :param date_to: last day for which they hold; None: until further notice
        :param cost_holds: only factors changed that no price needs
        """
        self.env.flush_all()
        self.env.cr.execute(
            """SELECT id, company_id FROM energy_indicator
                WHERE energy_type_id = ANY(%s) AND source <> 'computed' AND (company_id = ANY(%s) OR %s)""",
            [energy_types.ids, companies.ids if companies else [], not companies],
        )
        rows = [(indicator, company, date_from, date_to) for indicator, company in self.env.cr.fetchall()]
        self._mark_rows(rows, amounts_hold=True, cost_holds=cost_holds)

    @api.model
    def _mark_rows(self, rows: list[tuple], amounts_hold=False, cost_holds=False):
        """Insert dirty rows: (indicator id, company id, first date or None, last date or None).

        :param amounts_hold: only factors or prices changed; cost_holds: only factors did
        """
        if not rows:
            return
        self.env.flush_all()
        self._insert_dirty(rows, amounts_hold, cost_holds)
        self._compute_before_commit({row[1] for row in rows})

    @api.model
    def _mark_days(self, indicator, company, first, last):
        """As :meth:`_mark`, for very many indicators of a company.

        :param indicator: ids, shape (n,); first, last: days, datetime64[D], shape (n,)
        """
        self.env.flush_all()
        self._copy_dirty(indicator, np.full(len(indicator), company.id), pg_day(first), pg_day(last))
        self._compute_before_commit({company.id})

    def _compute_before_commit(self, company_ids: set[int]):
        precommit = self.env.cr.precommit
        if MARKED not in precommit.data:
            precommit.data[MARKED] = set()
            precommit.add(self.env["energy.calculation"].sudo()._process_before_commit)
        precommit.data[MARKED].update(company_ids)

    def _insert_dirty(self, rows: list[tuple], amounts_hold=False, cost_holds=False):
        if not rows:
            return
        indicator, company, first, last = zip(*rows, strict=True)
        self._copy_dirty(indicator, company, nullable_date(first), nullable_date(last), amounts_hold, cost_holds)

    def _copy_dirty(self, indicator, company, first, last, amounts_hold=False, cost_holds=False):
        """Insert dirty rows from columns.

        :param first, last: days as ``calculation.bulk`` takes them
        """
        columns = {
            "indicator_id": np.asarray(indicator, np.int32),
            "company_id": np.asarray(company, np.int32),
            "date_from": first,
            "date_to": last,
            "amounts_hold": np.full(len(indicator), amounts_hold),
            "cost_holds": np.full(len(indicator), cost_holds),
        }
        copy_in(self.env.cr, "energy_dirty", columns)
        self.env["energy.calculation"].invalidate_model(["rows", "progress"])

    def _process_before_commit(self):
        marked = self.env.cr.precommit.data.pop(MARKED, ())
        # A company may be gone with a savepoint, as when demo data fail to load.
        self._process(self.env["res.company"].browse(sorted(marked)).exists(), CELLS_AT_ONCE)

    # === COMPUTING === #
    @api.model
    def _process_now(self, companies):
        """Compute in the user's own transaction if it is not too much; else the scheduled action does it."""
        self.env.flush_all()
        self._process(companies.sudo(), CELLS_AT_ONCE)

    @api.model
    def _process(self, company=None, most_cells=None) -> int:
        """Compute what is dirty in this transaction.

        :param company: only these, or all with dirty rows
        :param most_cells: leave a company to the scheduled action when more cells than this would change, or when it
            cannot be computed: nobody's saving fails because of somebody else's meter
        :return: number of daily rows that changed
        """
        self = self.sudo()
        return sum(
            self._process_company(one, most_cells)
            for one in (self._dirty_companies() if company is None else company)
        )

    def _dirty_companies(self):
        self.env.cr.execute("SELECT DISTINCT company_id FROM energy_dirty WHERE error IS NULL")
        # A dirty row has no foreign key: its company may be gone.
        return self.env["res.company"].browse(row[0] for row in self.env.cr.fetchall()).exists().sorted("id")

    def _process_company(self, company, most_cells=None) -> int:
        if not self._lock(company):
            self._trigger()
            return 0
        if not most_cells:
            return self._compute(company)
        self.env.flush_all()  # what is wrong with the user's own records is for the user
        try:
            with self.env.cr.savepoint(flush=False):
                changed = self._compute(company, most_cells)
                self.env.flush_all()
                return changed
        except psycopg2.OperationalError:
            raise  # the whole transaction is void, and whoever began it tries again
        except Exception:
            _logger.exception("Values of company %s could not be computed at once", company.id)
            self.env.transaction.clear()
            return self._leave(company)

    def _compute(self, company, most_cells=None) -> int:
        claimed = self._claim(company, most_cells and most_cells + 1)
        if not claimed:
            return 0
        if most_cells and len(claimed) > most_cells:
            return self._leave(company)
        graph = load_graph(self.env, company)
        dirty = dirty_days(self.env, graph, [row[1:] for row in claimed])
        if most_cells and dirty.cells > most_cells:
            return self._leave(company)
        run = Run(self.env, graph)
        changed = sum(run.compute(*dirty.within(begin, end), begin, end) for begin, end in blocks(*dirty.everything))
        self._forget(claimed)
        self._note(company, graph.problems)
        self._note_progress(company, 0)
        return changed

    def _claim(self, company, limit=None) -> list[tuple]:
        """The oldest dirty rows: (id, indicator id, first date or None, last date or None, whether amounts hold, cost).

        Rows that could not be computed are tried again only together with a new one of their indicator.
        """
        self.env.cr.execute(
            """SELECT id, indicator_id, date_from, date_to, amounts_hold, cost_holds FROM energy_dirty
                WHERE company_id = %(company)s AND (error IS NULL OR indicator_id IN (
                      SELECT indicator_id FROM energy_dirty WHERE company_id = %(company)s AND error IS NULL))
             ORDER BY id LIMIT %(limit)s""",
            {"company": company.id, "limit": limit},
        )
        return self.env.cr.fetchall()

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

    def _forget(self, claimed: list[tuple]):
        self.env.cr.execute("DELETE FROM energy_dirty WHERE id = ANY(%s)", [[row[0] for row in claimed]])
        self.env["energy.value"].invalidate_model()
        self.env["energy.value.month"].invalidate_model()
        self.env["energy.indicator"].invalidate_model(["last_value", "last_date"])

    def _leave(self, company) -> int:
        """Leave what is dirty to the scheduled action."""
        self._note_begin(company)
        self._trigger()
        return 0

    @api.model
    def _trigger(self):
        """Let the scheduled action run as soon as possible."""
        cron = self.env.ref("energy_carbon.ir_cron_energy_calculation", raise_if_not_found=False)
        if cron:
            cron.sudo()._trigger()
