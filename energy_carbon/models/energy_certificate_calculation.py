"""Certificates follow the purchase they cover."""

from odoo import api, models


class EnergyCertificateCalculation(models.Model):
    """A computation can change what a plant bought, and so the part of it that certificates cover.

    The purchase never depends on the covered part, so one more round settles it.
    """

    _inherit = "energy.calculation"

    @api.model
    def _settle_certificates(self, company) -> bool:
        """Work out the covered shares of a company anew; whether some changed, which marks what depends on them."""
        certificates = self.env["energy.certificate"].sudo().search([("company_id", "=", company.id)])
        return certificates._refresh()

    def _compute(self, company, most_cells=None) -> int:
        changed = super()._compute(company, most_cells)
        if changed and self._settle_certificates(company):
            changed += super()._compute(company, most_cells)
        return changed

    def _step(self, company):
        left = super()._step(company)
        if left is not None and self._settle_certificates(company):
            left = max(left, 1)  # the scheduled action goes on with what was marked
        return left

