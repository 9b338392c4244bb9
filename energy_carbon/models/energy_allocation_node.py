"""What of a unit's ledger decides allocations."""

from odoo import models

from ..calculation.allocation_book import LEDGER


class EnergyAllocationNode(models.Model):
    """Floor area and headcount of a unit decide what is allocated by them, on all days whose lines do not say otherwise."""

    _inherit = "energy.node"

    def write(self, vals):
        keys = self._ledger_allocations(vals)
        before = keys._facts(), keys._texts(), keys._targets()
        result = super().write(vals)
        if keys:
            keys._restate(*before)
            keys._mark_changed()
        return result

    def _ledger_allocations(self, vals: dict):
        """The keys that rest on the ledger figures that are written."""
        bases = [basis for basis, name in LEDGER.items() if name in vals]
        lines = self.env["energy.allocation.line"].sudo()
        if bases:
            lines = lines.search(
                [("node_id", "in", self.ids), ("figure", "=", 0), ("allocation_id.basis", "in", bases)]
            )
        return lines.allocation_id
