"""Explain: how much of a figure lies in which tariff period, and what it cost there."""

from datetime import date

import numpy as np

from odoo import api, models

from ..calculation.period_parts import NOT_SPLIT, Parts, period_parts
from ..tools.asked import asked_days, asked_record
from ..tools.selections import PERIODS


class EnergyIndicator(models.Model):
    """The parts of an amount by period, for Explain, the analysis by period and the hourly view."""

    _inherit = "energy.indicator"

    def _parts(self, first: date, last: date) -> Parts:
        """Amount and cost by period of these indicators, all of one company and checked by the caller."""
        company = self.company_id.sudo()
        self.env.flush_all()
        return period_parts(self.sudo().env, company, self.ids, first, last, self[:1].sudo()._course_used)

    @api.model
    def explain_periods(self, indicator_id: int, date_from: str, date_to: str) -> list[dict]:
        """Amount, share and cost by period of an indicator's figure.

        :param indicator_id: which indicator; the reader must be allowed to see it
        :param date_from: first day, ISO; date_to: last day, ISO
        :return: a line a period that has an amount, the dearest first, then what is in none. ``cost`` is missing without
            the right to see prices and None where it is not known; the lines add up to the figure
        """
        indicator = asked_record(self, indicator_id)
        first, last = asked_days(self.env, date_from, date_to)
        if not indicator._has_periods():
            return []
        parts = indicator._parts(first, last)
        known = ~np.isnan(parts.value[0])
        amounts = parts.amount_by[0, known].sum(axis=0)
        costs = parts.cost_by[0, known].sum(axis=0)  # NaN where a day has none: a part of a cost is no cost
        total = amounts.sum()
        labels = dict(self.env["energy.period.line"]._fields["period"]._description_selection(self.env))
        sees_cost = self.env.user.has_group("energy_carbon.group_see_prices")
        lines = []
        for number, key in enumerate([*(key for key, _label in PERIODS), "none"]):
            if not amounts[number] and not np.nan_to_num(costs[number]):
                continue
            line = {"period": key, "label": labels[key], "amount": float(amounts[number]), "unit": indicator.uom_id.name}
            line["share"] = float(amounts[number] / total) if total else None
            if sees_cost:
                line["cost"] = None if np.isnan(costs[number]) else float(costs[number])
                line["currency"] = indicator.company_id.sudo().currency_id.name
            line["registers"] = bool(parts.from_registers[0].any()) and number != NOT_SPLIT
            lines.append(line)
        return lines

    def _explain_head(self, figures, first, last, measure) -> dict:
        """Say whether the figure has a course within the day, and parts by period."""
        head = super()._explain_head(figures, first, last, measure)
        return dict(head, is_amount=self._is_amount(), split=self._has_periods())

    def _has_periods(self) -> bool:
        """Whether the amount can be split by tariff period: of an energy type whose templates say so, in its unit."""
        template = self.template_id
        if not self._is_amount() or template.tou_role not in (False, "split"):
            return False
        energy_type = template.sudo().energy_type_id
        if not self.uom_id or not energy_type or not self.uom_id._has_common_reference(energy_type.uom_id):
            return False
        split = [("energy_type_id", "=", energy_type.id), ("tou_role", "=", "split")]
        return bool(template.sudo().with_context(active_test=False).search_count(split, limit=1))
