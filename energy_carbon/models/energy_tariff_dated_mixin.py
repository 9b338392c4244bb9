"""Rows of a tariff that hold from a date on."""

from odoo import fields, models


class EnergyTariffDatedMixin(models.AbstractModel):
    """A row holds until the next one of the same key; there is one a key and day.

    A model that inherits it has a `tariff_id` and says in `_key_fields` what two rows of a day must not share.
    """

    _name = "energy.tariff.dated.mixin"
    _description = "Dated Row of a Tariff"
    _inherit = ["energy.twin.mixin"]

    _key_fields = ("tariff_id", "date_from")

    date_from = fields.Date(string="Valid From", required=True, default=fields.Date.context_today)

    def _twin_text(self, key: dict) -> str:
        return self.env._(
            "%(owner)s already has a price from %(date)s on: change it there.",
            owner=self._key_owner(key),
            date=key["date_from"],
        )

    def _key_owner(self, key: dict) -> str:
        """Name of what a key belongs to."""
        return self.env["energy.tariff"].browse(key["tariff_id"]).name
