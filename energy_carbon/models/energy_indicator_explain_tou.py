"""Explain: the prices of a time-of-use tariff by period, with the amounts that were drawn in each."""

from collections import defaultdict
from datetime import date

import numpy as np

from odoo import models

from ..calculation import profiles
from ..calculation.special_days import special_days
from ..engine.calendar import day_borders, slot_borders
from ..engine.tou import HOLE, MINUTES, Period, pieces


class EnergyIndicator(models.Model):
    """One price line for each period that was used; what the calculation kept in its basis row tells which."""

    _inherit = "energy.indicator"

    def _explain_period_prices(self, detail: dict) -> list[dict]:
        """Lines of a basis row's prices by period, dearest period first."""
        labels = dict(self.env["energy.tariff.price"]._fields["period"]._description_selection(self.env))
        lines = []
        for part in (detail, detail.get("next_date") or {}):
            for period in Period:
                used = (part.get("periods") or {}).get(period.name.lower())
                if used:
                    line = self._explain_price(used)
                    if part.get("version"):
                        line.update(period=period.name.lower(), period_label=labels[period.name.lower()])
                    line["price_id"] = used["id"]
                    lines.append(line)
        return lines

    def _add_period_amounts(self, lines: list[dict], first: date, last: date) -> None:
        """Write beside each price how much was drawn at it, from the slots of the days."""
        amounts = self._period_amounts(first, last)
        for line in lines:
            amount = amounts.get((line.get("price_id"), line.get("period")))
            if line.get("period") and amount is not None:
                line.update(amount=amount, amount_unit=self.uom_id.name)

    def _period_amounts(self, first: date, last: date) -> dict[tuple[int, str], float]:
        """Amount by (price row, period) of the days that were priced by slot."""
        self.env.cr.execute(
            """SELECT v.date, b.detail FROM energy_value v JOIN energy_basis b ON b.id = v.basis_id
                WHERE v.indicator_id = %s AND v.date BETWEEN %s AND %s AND b.detail ? 'periods'""",
            [self.id, first, last],
        )
        details = {day.toordinal(): detail for day, detail in self.env.cr.fetchall()}
        company, n_days = self.company_id, (last - first).days + 1
        borders = day_borders(first, last, company.energy_timezone, company.energy_start_hour)
        edges, day_index = slot_borders(borders, int(company.energy_slot_minutes))
        within = np.arange(len(day_index)) - np.searchsorted(day_index, day_index)
        slots = profiles.read(self.env.cr, [self.id], first, n_days, int(within.max()) + 1)[0, day_index, within]
        parts = pieces(edges, company.energy_timezone, self._course_used(details))
        amount = np.nan_to_num(slots[parts.slot]) * parts.share
        day = day_index[parts.slot] + first.toordinal()
        key = np.stack([day, parts.day - day, parts.period])
        groups, inverse = np.unique(key, axis=1, return_inverse=True)
        sums = np.bincount(inverse.reshape(-1), amount)
        found: dict[tuple[int, str], float] = defaultdict(float)
        for (energy_day, later, period), value in zip(groups.T.tolist(), sums.tolist(), strict=True):
            detail = details.get(energy_day) or {}
            used = detail.get("next_date") if later and detail.get("next_date") else detail
            name = Period(period).name.lower() if period != HOLE else ""
            price = (used.get("periods") or {}).get(name)
            if price:
                found[price["id"], name] += value
        return found

    def _course_used(self, details: dict[int, dict]):
        """Course of a calendar date by the version that its energy day was computed with."""
        versions = self.env["energy.tariff.version"].sudo()
        specials, editions = special_days(self.env, self.company_id), {}

        def course(day: date, ahead: int = 0) -> np.ndarray:
            before, own = details.get(day.toordinal() - 1) or {}, details.get(day.toordinal()) or {}
            used = own.get("version") or (before.get("next_date") or before).get("version")
            if used not in editions:
                version = versions.browse(used or 0).exists()
                editions[used] = version._edition(specials) if version else None
            return editions[used].course(day, ahead) if editions[used] else np.full(MINUTES, Period.FLAT, np.int8)

        return course
