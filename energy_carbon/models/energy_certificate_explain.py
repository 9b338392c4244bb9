"""Explain names the certificates in a market-based factor."""

from odoo import models


class EnergyCertificateExplain(models.Model):
    """The part of the purchase that certificates cover, beside the factor of the rest."""

    _inherit = "energy.indicator"

    def _explain_factor(self, measure: str, used: dict) -> dict:
        line = super()._explain_factor(measure, used)
        parts = []
        for part in used.get("certificates", []):
            certificate = self.env["energy.certificate"].sudo().browse(part["id"]).exists()
            parts.append(
                self.env._(
                    "%(share)s %% covered by %(certificate)s at %(factor)s %(unit)s",
                    share=f"{100 * part['share']:.4g}",
                    certificate=f"{certificate.name} ({certificate.document})" if certificate else "?",
                    factor=f"{part['per_unit']:g}",
                    unit=line["unit"],
                )
            )
        if parts:
            line["document"] = "; ".join([line.get("document") or "", *parts])
        return line
