"""The calculation completes the journal of restatements."""

from odoo import api, models

# Companies with lines to complete, of those whose indicators were just computed: others belong to whoever has their lock.
WAITING = """
    SELECT DISTINCT r.company_id FROM energy_restatement r
     WHERE r.state = 'waiting' AND r.company_id IN (SELECT company_id FROM energy_indicator WHERE id = ANY(%s))
"""


class EnergyCalculationRestatement(models.Model):
    """Changes are noted before anything is computed again, and completed when it is."""

    _inherit = "energy.calculation"

    @api.model
    def _process(self, company=None, most_cells=None) -> int:
        self.env["energy.restatement"].sudo()._write_noted()
        return super()._process(company, most_cells)

    def _forget(self, claimed: list[tuple]):
        result = super()._forget(claimed)
        self.env.cr.execute(WAITING, [[row[1] for row in claimed]])
        for row in self.env.cr.fetchall():
            self.env["energy.restatement"].sudo()._finish(self.env["res.company"].browse(row[0]))
        return result
