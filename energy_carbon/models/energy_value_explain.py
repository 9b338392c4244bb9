"""Explain from a cell of a pivot or a point of a graph: where it is one figure, it explains itself."""

from odoo import api, models

from ..tools.asked import asked_domain
from ..tools.selections import COMPANIONS


class EnergyValueMixin(models.AbstractModel):
    """Values of days and of months."""

    _inherit = "energy.value.mixin"

    @api.model
    def explain_cell(self, domain: list, measure: str | None = None) -> dict | bool:
        """The action that explains what a cell or point shows, False where it is no single figure.

        It is one where all rows behind it are those of one indicator on days that follow each other.

        :param domain: of the cell, as the client has it
        :param measure: column shown
        """
        domain = asked_domain(self, domain)
        field = "date" if "date" in self._fields else "month"
        found = self._read_group(domain, ["indicator_id"], [f"{field}:min", f"{field}:max", "__count"], limit=2)
        if len(found) != 1:
            return False
        indicator, first, last, count = found[0]
        between = [("indicator_id", "=", indicator.id), (field, ">=", first), (field, "<=", last)]
        if self.search_count(between) != count:
            return False
        ends = self.search([*between, (field, "=", last)], limit=1)
        action = self._explain_action(indicator, first, ends._period()[1])
        if measure in COMPANIONS:
            action["params"]["measure"] = measure
        return action


class EnergyBalanceLineMixin(models.AbstractModel):
    """Balances of days and of months."""

    _inherit = "energy.balance.line.mixin"

    @api.model
    def explain_cell(self, domain: list, measure: str | None = None) -> dict | bool:
        """The action that explains the one balance behind a cell or point, False where there are several.

        :param domain: of the cell, as the client has it
        :param measure: column shown; the explanation has them all
        """
        domain = asked_domain(self, domain)
        field = "date" if "date" in self._fields else "month"
        found = self._read_group(domain, ["balance_id"], [f"{field}:min", f"{field}:max"], limit=2)
        if len(found) != 1:
            return False
        balance, first, last = found[0]
        ends = self.search([("balance_id", "=", balance.id), (field, "=", last)], limit=1)
        return balance._explain_action(first, ends._period()[1])
