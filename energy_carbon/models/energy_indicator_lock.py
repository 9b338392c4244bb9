"""Fields of indicators that decide figures of all days: locked months refuse them, the journal keeps them."""

from odoo import models

# They have no date: a change restates everything. Formula terms have dates and look after themselves.
RESTATING = ("expression", "missing_policy", "flow", "source", "uom_id", "secondary_side")


class EnergyIndicatorLock(models.Model):
    """An expression, a unit or a flow direction changed restates the figures of the past."""

    _inherit = "energy.indicator"

    def write(self, vals):
        names = [name for name in RESTATING if name in vals]
        if not names:
            return super().write(vals)
        before = {one.id: [one[name] for name in names] for one in self}
        result = super().write(vals)
        for indicator in self:
            changed = [
                (name, old)
                for name, old in zip(names, before[indicator.id], strict=True)
                if (indicator[name] or False) != (old or False)
            ]
            if changed:
                indicator._restate_all(changed)
        return result

    def _restate_all(self, changed: list[tuple]):
        """Refuse a change of locked figures, else note it.

        :param changed: (name of the field, what it was)
        """
        self.env["energy.lock"]._refuse(self, self)
        labels = {name: self._fields[name].get_description(self.env)["string"] for name, _old in changed}
        old = ", ".join(f"{labels[name]}: {self._restated_text(value)}" for name, value in changed)
        new = ", ".join(f"{labels[name]}: {self._restated_text(self[name])}" for name, _old in changed)
        self.env["energy.restatement"]._note("formula", self, old, new, None, indicators=self)

    @staticmethod
    def _restated_text(value) -> str:
        return value.sudo().display_name or "" if isinstance(value, models.BaseModel) else f"{value or ''}"
