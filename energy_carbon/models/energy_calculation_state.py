"""How far the calculation of a company is, for people who wait for it and for those who look after it."""

from odoo import SUPERUSER_ID, api, fields, models
from odoo.exceptions import AccessError

from ..tools.asked import known_ids

LEFT = """
    SELECT company_id, COUNT(*), SUM(COALESCE(date_to - date_from + 1, 0))
      FROM energy_dirty WHERE company_id = ANY(%s) AND error IS NULL GROUP BY company_id
"""
# Indicators named in the text of what cannot be computed.
MOST_NAMED = 20


class EnergyCalculationState(models.Model):
    """Progress and problems; written by whoever computes, under the lock of the row."""

    _inherit = "energy.calculation"

    since = fields.Datetime(string="Computing Since", readonly=True, help="Begin of what is not finished yet.")
    done = fields.Integer(string="Figures Computed", readonly=True, help="Daily figures computed since then.")
    error = fields.Text(string="Problems", readonly=True)
    rows = fields.Integer(compute="_compute_progress", string="Rows to Compute")
    progress = fields.Integer(compute="_compute_progress", string="Progress (%)")

    # === COMPUTE METHODS === #
    def _compute_progress(self):
        left = self._left(self.company_id)
        for calculation in self:
            rows, days = left.get(calculation.company_id.id, (0, 0))
            calculation.rows = rows
            # As far as the days are known: a row without dates stands for any number of them.
            total = calculation.done + days
            calculation.progress = (100 * calculation.done // total if total else 0) if rows else 100

    @api.model
    def _left(self, companies) -> dict[int, tuple[int, int]]:
        """Dirty rows that can be computed, and their days, by company id."""
        self.env.cr.execute(LEFT, [companies.ids])
        return {company: (rows, int(days)) for company, rows, days in self.env.cr.fetchall()}

    # === NOTING === #
    def _note_begin(self, company):
        """Something is left for the scheduled action."""
        self.env.cr.execute(
            "UPDATE energy_calculation SET since = COALESCE(since, now() AT TIME ZONE 'UTC') WHERE company_id = %s",
            [company.id],
        )
        self.invalidate_model(["since", "rows", "progress"])

    def _note_progress(self, company, cells: int) -> int:
        """Count what was computed; all is forgotten when nothing is left.

        :return: dirty rows left
        """
        rows = self._left(company).get(company.id, (0, 0))[0]
        self.env.cr.execute(
            """UPDATE energy_calculation
                  SET since = CASE WHEN %(rows)s > 0 THEN COALESCE(since, now() AT TIME ZONE 'UTC') END,
                      done = CASE WHEN %(rows)s > 0 THEN COALESCE(done, 0) + %(cells)s ELSE 0 END
                WHERE company_id = %(company)s""",
            {"rows": rows, "cells": cells, "company": company.id},
        )
        self.invalidate_model(["since", "done", "last_run", "rows", "progress"])
        return rows

    def _note(self, company, problems: dict[int, str]):
        """Keep what cannot be computed where managers see it.

        :param problems: indicator id, or 0 for the company -> what is wrong
        """
        self.env.cr.execute(
            "SELECT DISTINCT ON (indicator_id) indicator_id, error FROM energy_dirty"
            " WHERE company_id = %s AND error IS NOT NULL ORDER BY indicator_id, id DESC",
            [company.id],
        )
        found = {**problems, **dict(self.env.cr.fetchall())}
        lines = [found.pop(0)] if 0 in found else []
        # By name, whoever's saving it was that found them: managers read it.
        indicators = self.env["energy.indicator"].with_user(SUPERUSER_ID)
        for indicator in indicators.browse(sorted(found)[:MOST_NAMED]):
            lines.append(f"{indicator.display_name}: {found[indicator.id]}")
        if len(found) > MOST_NAMED:
            lines.append(self.env._("... and %(count)s more", count=len(found) - MOST_NAMED))
        text = "\n".join(lines) or None
        self.env.cr.execute(
            "UPDATE energy_calculation SET error = %(text)s"
            " WHERE company_id = %(company)s AND error IS DISTINCT FROM %(text)s",
            {"text": text, "company": company.id},
        )
        self.invalidate_model(["error"])

    # === ASKING === #
    @api.model
    def state(self, company_id=None) -> dict:
        """How far the calculation of a company is.

        :param company_id: one of the companies the reader works in; None: the one he works in first
        :return: {"calculating", "rows": dirty rows left, "progress": per cent, "since", "last_run"}; times in UTC
        :raises AccessError: the reader may see no values at all, or none of this company
        """
        company = self.env["res.company"].browse(known_ids(self.env, [company_id])) or self.env.company
        if not self.env.user.has_group("energy_carbon.group_viewer") or company not in self.env.companies:
            raise AccessError(self.env._("You may not see the calculation of this company."))
        calculation = self.sudo().search([("company_id", "=", company.id)])
        rows = self._left(company).get(company.id, (0, 0))[0]
        return {
            "calculating": bool(rows),
            "rows": rows,
            "progress": calculation.progress if calculation else 0 if rows else 100,
            "since": fields.Datetime.to_string(calculation.since),
            "last_run": fields.Datetime.to_string(calculation.last_run),
        }

    # === ACTION METHODS === #
    def action_compute_now(self):
        """Start the scheduled action; what could not be computed is tried again."""
        if not self.env.user.has_group("energy_carbon.group_manager"):
            raise AccessError(self.env._("Only an Energy manager starts the calculation."))
        self._ensure_asked()
        self.env.cr.execute(
            "UPDATE energy_dirty SET error = NULL WHERE company_id = ANY(%s) AND error IS NOT NULL",
            [self.company_id.ids],
        )
        self._trigger()
        return {
            "type": "ir.actions.client",
            "tag": "display_notification",
            "params": {
                "type": "info",
                "message": self.env._("The calculation starts within a minute."),
                "next": {"type": "ir.actions.client", "tag": "soft_reload"},
            },
        }
