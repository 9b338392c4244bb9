"""Rows of which there is one a key."""

from odoo import api, fields, models
from odoo.exceptions import ValidationError


class EnergyTwinMixin(models.AbstractModel):
    """A second row of a key is refused by name; the unique index, which guards it too, would only say that there is one.

    A model that inherits it says in `_key_fields` what two rows must not share, first a field that few rows share.
    """

    _name = "energy.twin.mixin"
    _description = "Row of a Key of Its Own"

    _key_fields: tuple[str, ...] = ()

    # === CRUD METHODS === #
    @api.model_create_multi
    def create(self, vals_list):
        unnamed = {name for vals in vals_list for name in self._key_fields if name not in vals}
        own = self.default_get(list(unnamed)) if unnamed else {}
        self.browse()._refuse_twins([self.browse()._key({**own, **vals}) for vals in vals_list])
        return super().create(vals_list)

    def write(self, vals):
        if set(self._key_fields) & vals.keys():
            self._refuse_twins([row._key(vals) for row in self])
        return super().write(vals)

    # === BUSINESS METHODS === #
    def _key(self, vals: dict) -> tuple:
        """What a row has in its key fields once the values are written."""
        own = {name: self[name] for name in self._key_fields} if self else {}
        key = []
        for name in self._key_fields:
            value = vals[name] if name in vals else own.get(name)
            if self._fields[name].type == "date":
                value = fields.Date.to_date(value)
            key.append(value._origin.id if isinstance(value, models.BaseModel) else value or False)
        return tuple(key)

    def _refuse_twins(self, keys: list[tuple]):
        """Say which row there is already."""
        first = self._key_fields[0]
        siblings = self.search([(first, "in", list({key[0] for key in keys if key[0]}))]) - self
        taken = {row._key({}) for row in siblings}
        for key in keys:
            if key in taken:
                raise ValidationError(self._twin_text(dict(zip(self._key_fields, key, strict=True))))
            taken.add(key)

    def _twin_text(self, key: dict) -> str:
        """The sentence for a row that there is already."""
        raise NotImplementedError
