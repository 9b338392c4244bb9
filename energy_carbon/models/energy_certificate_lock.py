"""Certificates and locked months."""

from odoo import api, models

DECIDING = {"energy_type_id", "node_id", "date_from", "date_to", "quantity", "uom_id", "factor"}


class EnergyCertificateLock(models.Model):
    """What a certificate covers changes market-based carbon: locked quantities refuse it, the journal keeps it."""

    _inherit = "energy.certificate"

    # === CRUD METHODS === #
    @api.model_create_multi
    def create(self, vals_list):
        certificates = super().create(vals_list)
        certificates._restate({})
        return certificates

    def write(self, vals):
        if not DECIDING & vals.keys():
            return super().write(vals)
        before = {certificate.id: certificate._journal_text() for certificate in self}
        self._restate(before)
        result = super().write(vals)
        self._restate(before)
        return result

    def unlink(self):
        self._restate({certificate.id: certificate._journal_text() for certificate in self}, gone=True)
        return super().unlink()

    # === LOCKS AND JOURNAL === #
    def _journal_text(self) -> str:
        return f"{self.quantity:.12g} {self.uom_id.name or ''}"

    def _restate(self, before: dict, gone=False):
        """Refuse a change of locked quantities, else note it.

        :param before: texts as they were, by id
        """
        for certificate in self:
            covered = certificate.sudo()._covered_days()
            self.env["energy.lock"]._refuse_rows(certificate, covered, figures=("quantity",))
            leaves = self.env["energy.indicator"].sudo().browse({row[0] for row in covered})
            new = "" if gone else certificate._journal_text()
            days = certificate.date_from, certificate.date_to
            self.env["energy.restatement"]._note(
                "factor", certificate, before.get(certificate.id, ""), new, *days, indicators=leaves
            )
