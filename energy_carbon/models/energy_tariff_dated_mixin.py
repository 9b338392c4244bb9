"""Rows of a tariff that hold from a date on."""

from odoo import api, fields, models
from odoo.exceptions import ValidationError


class EnergyTariffDatedMixin(models.AbstractModel):
    """A row holds until the next one of the same key; there is one a key and day.

    A model that inherits it has a `tariff_id` and says in `_key_fields` what two rows of a day must not share.
    """

    _name = "energy.tariff.dated.mixin"
    _description = "Dated Row of a Tariff"

    _key_fields: tuple[str, ...] = ("tariff_id", "date_from")

    date_from = fields.Date(string="Valid From", required=True, default=fields.Date.context_today)

    # === CRUD METHODS === #
    @api.model_create_multi
    def create(self, vals_list):
        self.browse()._refuse_twins([self.browse()._key(vals) for vals in vals_list])
        return super().create(vals_list)

    def write(self, vals):
        if set(self._key_fields) & vals.keys():
            self._refuse_twins([row._key(vals) for row in self])
        return super().write(vals)

    def _key(self, vals: dict) -> tuple:
        """What a row has in its key fields once the values are written."""
        own = {name: self[name] for name in self._key_fields} if self else {}
        key = []
        for name in self._key_fields:
            value = vals[name] if name in vals else own.get(name)
            if name == "date_from":
                value = fields.Date.to_date(value or fields.Date.context_today(self))
            key.append(value.id if isinstance(value, models.BaseModel) else value or False)
        return tuple(key)

    def _refuse_twins(self, keys: list[tuple]):
        """Say which price there is already; the unique index would only say that there is one."""
        parent = self._key_fields[0]
        siblings = self.search([(parent, "in", list({key[0] for key in keys if key[0]}))]) - self
        taken = {row._key({}) for row in siblings}
        for key in keys:
            if key in taken:
                raise ValidationError(self._twin_text(dict(zip(self._key_fields, key, strict=True))))
            taken.add(key)

    def _twin_text(self, key: dict) -> str:
        return self.env._(
            "%(owner)s already has a price from %(date)s on: change it there.",
            owner=self._key_owner(key),
            date=key["date_from"],
        )

    def _key_owner(self, key: dict) -> str:
        """Name of what a key belongs to."""
        return self.env["energy.tariff"].browse(key["tariff_id"]).name
