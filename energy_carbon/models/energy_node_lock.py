"""Ledger fields of nodes that decide figures of all days: locked months refuse them, the journal keeps them."""

from odoo import models

from ..tools.inner_step import is_within

RATIO = {"ct_primary", "ct_secondary", "pt_primary", "pt_secondary"}
# Set while a meter event brings the ledger up to date: the event has refused and noted what it changes.
LEDGER_FOLLOWS = "energy_ledger_follows"
# They have no date: a change restates everything.
RESTATING = {*RATIO, "gas_reference", "region_id", "period_source"}


class EnergyNodeLock(models.Model):
    """A transformer ratio, a gas condition or a region corrected in the ledger changes figures of the past."""

    _inherit = "energy.node"

    def write(self, vals):
        names = [name for name in self._fields if name in RESTATING & vals.keys()]
        if not names or is_within(self.env, LEDGER_FOLLOWS):
            return super().write(vals)
        before = {node.id: [node[name] for name in names] for node in self}
        result = super().write(vals)
        for node in self:
            changed = [(name, old) for name, old in zip(names, before[node.id], strict=True) if node[name] != old]
            if changed:
                node._restate_ledger(changed)
        return result

    def _restate_ledger(self, changed: list[tuple]):
        """Refuse a change of locked figures, else note it.

        :param changed: (name of the field, what it was)
        """
        indicators = self._indicators_below() | self.sudo()._sources_between()
        if {name for name, _old in changed} <= RATIO:
            indicators = indicators.filtered("secondary_side")
        if not indicators:
            return
        # A region decides factors only, the source of the periods prices; what changes amounts changes cost as well.
        alone = {("region_id",): ("quantity",), ("period_source",): ("cost",)}
        figures = alone.get(tuple(name for name, _old in changed), ("quantity", "cost"))
        self.env["energy.lock"]._refuse(self, indicators, figures=figures)
        old, new = (
            ", ".join(f"{self._fields[name].get_description(self.env)['string']}: {value}" for name, value in pairs)
            for pairs in (
                [(name, self._ledger_text(value)) for name, value in changed],
                [(name, self._ledger_text(self[name])) for name, _old in changed],
            )
        )
        self.env["energy.restatement"]._note("master", self, old, new, None, indicators=indicators)

    @staticmethod
    def _ledger_text(value) -> str:
        return value.sudo().display_name or "" if isinstance(value, models.BaseModel) else f"{value or ''}"
