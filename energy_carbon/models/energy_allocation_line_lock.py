"""Consumers of allocation keys and locked months."""

from odoo import api, models

from ..calculation.allocation_book import FIXED, LEDGER


class EnergyAllocationLineLock(models.Model):
    """A consumer's line changed alone, without its key."""

    _inherit = "energy.allocation.line"

    # === CRUD METHODS === #
    @api.model_create_multi
    def create(self, vals_list):
        keys = self.env["energy.allocation"].browse({vals.get("allocation_id") for vals in vals_list})
        return self._restating(keys, lambda: super(EnergyAllocationLineLock, self).create(vals_list))

    def write(self, vals):
        return self._restating(self.allocation_id, lambda: super(EnergyAllocationLineLock, self).write(vals))

    def unlink(self):
        return self._restating(self.allocation_id, super().unlink)

    def _restating(self, keys, change):
        """Make a change of lines, and let their keys look at what it did."""
        before, texts, targets = keys._facts(), keys._texts(), keys._targets()
        result = change()
        keys.exists()._restate(before, texts, targets)
        return result

    # === BUSINESS METHODS === #
    def _decides(self) -> tuple:
        """What decides this consumer's share."""
        self.ensure_one()
        basis = self.allocation_id.basis
        if basis == FIXED:
            return (self.share,)
        if basis in LEDGER:
            return (self.figure or self.node_id.sudo()[LEDGER[basis]],)
        return ("indicator", self.basis_id.id)

    def _decides_text(self) -> str:
        decides = self._decides()
        return self.basis_id.sudo().display_name if decides[0] == "indicator" else f"{decides[0]:.6g}"
