"""Allocation keys and locked months, and the journal of keys that changed figures of the past."""

from datetime import date

from odoo import api, models

from ..tools.validity import changed_days


def _open(span: tuple) -> tuple:
    """A span with its open ends as None."""
    return (None if span[0] == date.min else span[0], None if span[1] == date.max else span[1])


class EnergyAllocationLock(models.Model):
    """What of a key decides which days; a key that would change locked figures is refused."""

    _inherit = "energy.allocation"

    # === CRUD METHODS === #
    @api.model_create_multi
    def create(self, vals_list):
        keys = super().create(vals_list)
        keys._restate(set(), {})
        return keys

    def write(self, vals):
        before, texts, targets = self._facts(), self._texts(), self._targets()
        result = super().write(vals)
        self._restate(before, texts, targets)
        return result

    def unlink(self):
        for key in self:
            key._restate_days([_open(fact[-2:]) for fact in key._facts()], key._targets(), key._text(), "")
        return super().unlink()

    # === LOCKS AND JOURNAL === #
    def _facts(self) -> set[tuple]:
        """What decides figures: (key, source, basis, consumer, its share or figure, first day, last day)."""
        return {
            (key.id, key.source_id.id, key.basis, line.node_id.id, line._decides(), line._begin(), line._end())
            for key in self
            if key.active
            for line in key.line_ids
        }

    def _texts(self) -> dict:
        return {key.id: key._text() for key in self}

    def _text(self) -> str:
        """The consumers with what decides their share."""
        return ", ".join(f"{line.node_id.sudo().name}: {line._decides_text()}" for line in self.line_ids)

    def _restate(self, before: set[tuple], texts: dict, targets=None):
        """Refuse a change of locked figures, else note it.

        :param before: facts as they were; texts: keys as they read, by id; targets: indicators they computed
        """
        after = self.exists()._facts()
        for key in self.exists():
            old, new = (
                {fact[:-2]: fact[-2:] for fact in facts if fact[0] == key.id}
                for facts in (before - after, after - before)
            )
            days = [day for fact in old.keys() & new.keys() for day in changed_days(_open(old[fact]), _open(new[fact]))]
            days += [_open(old[fact]) for fact in old.keys() - new.keys()]
            days += [_open(new[fact]) for fact in new.keys() - old.keys()]
            own = key._targets() | (targets.exists() if targets else key._targets())
            key._restate_days(days, own, texts.get(key.id, ""), key._text())

    def _restate_days(self, days: list[tuple], targets, old: str, new: str):
        for first, last in days:
            self.env["energy.lock"]._refuse(self, targets, first, last)
            self.env["energy.restatement"]._note("allocation", self, old, new, first, last, indicators=targets)
