"""The course of an amount within the day: quarter-hours or hours, coloured by tariff period."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import numpy as np

from odoo import api, fields, models

from ..calculation import profiles
from ..engine.calendar import day_borders, slot_borders
from ..engine.tou import HOLE, Period, pieces
from ..tools.asked import asked_day, asked_record, odd_request
from ..tools.selections import PERIODS

# A week of quarter-hours still fits on a screen.
MOST_DAYS = 7


class EnergyIndicatorProfile(models.Model):
    """What the screen *Hours* shows."""

    _inherit = "energy.indicator"

    @api.model
    def day_profile(self, indicator_id: int, date_from: str, days: int = 1) -> dict:
        """The slots of some days.

        :param indicator_id: which indicator; the reader must be allowed to see it
        :param date_from: first day, ISO; days: how many, at most a week
        :return: ``title``, ``node``, ``unit``, ``date_from``, ``date_to``, ``minutes`` (length of a slot), ``slots`` (local
            ``day`` and ``time``, ``amount`` or None, ``period`` or ""), ``labels`` of the periods, ``periods`` (amount of the
            slots of each colour), ``total`` of the slots that are known, and ``latest``, the last day that has slots, when
            these have none
        """
        indicator = asked_record(self, indicator_id)
        first = asked_day(self.env, date_from)
        if type(days) is not int:
            raise odd_request(self.env)
        last = first + timedelta(days=max(1, min(days, MOST_DAYS)) - 1)
        company = indicator.company_id.sudo()
        borders = day_borders(first, last, company.energy_timezone, company.energy_start_hour)
        edges, day_index = slot_borders(borders, int(company.energy_slot_minutes))
        amounts = indicator._slot_amounts(first, last, day_index)
        known = ~np.isnan(amounts)
        periods = indicator._slot_periods(first, last, edges, day_index) if known.any() else [""] * len(amounts)
        return {
            "indicator_id": indicator.id,
            "title": indicator.display_name,
            "indicator": indicator.name,
            "node": indicator.node_id.complete_name,
            "unit": indicator.unit_label or "",
            "date_from": fields.Date.to_string(first),
            "date_to": fields.Date.to_string(last),
            "minutes": int(company.energy_slot_minutes),
            "slots": _slot_rows(edges, amounts, periods, ZoneInfo(company.energy_timezone)),
            "labels": dict(self.env["energy.tariff.price"]._fields["period"]._description_selection(self.env)),
            "periods": _by_period(amounts, periods),
            "total": float(np.nansum(amounts)) if known.any() else None,
            "latest": False if known.any() else indicator._last_profile_day(),
        }

    def _slot_amounts(self, first: date, last: date, day_index: np.ndarray) -> np.ndarray:
        """Stored slots of these days one after another, NaN where unknown, shape (s,)."""
        within = np.arange(len(day_index)) - np.searchsorted(day_index, day_index)
        n_days = (last - first).days + 1
        stored = profiles.read(self.env.cr, self.ids, first, n_days, int(within.max()) + 1)
        return stored[0, day_index, within]

    def _slot_periods(self, first: date, last: date, edges: np.ndarray, day_index: np.ndarray) -> list[str]:
        """Period that the most of each slot lies in, "" on days without a time-of-use tariff.

        The calendar is the one the day was computed with; a sum over several has none of its own, so that of its largest
        source is taken.
        """
        leaf = self._largest_leaf(first, last)
        self.env.cr.execute(
            """SELECT v.date, b.detail FROM energy_value v JOIN energy_basis b ON b.id = v.basis_id
                WHERE v.indicator_id = %s AND v.date BETWEEN %s AND %s AND b.detail ? 'periods'""",
            [leaf, first, last],
        )
        details = {day.toordinal(): detail for day, detail in self.env.cr.fetchall()}
        if not details:
            return [""] * len(day_index)
        parts = pieces(edges, self.company_id.sudo().energy_timezone, self.sudo()._course_used(details))
        share = np.zeros((len(day_index), len(Period)))
        inside = parts.period != HOLE
        np.add.at(share, (parts.slot[inside], parts.period[inside]), parts.share[inside])
        priced = np.isin(first.toordinal() + day_index, list(details))
        return [
            PERIODS[number][0] if on and any_share else ""
            for number, any_share, on in zip(share.argmax(axis=1), share.any(axis=1), priced, strict=True)
        ]

    def _largest_leaf(self, first: date, last: date) -> int:
        """The indicator itself, or the source below it with the largest amount in these days."""
        if self.source != "computed":
            return self.id
        self.env.cr.execute(
            """WITH RECURSIVE below(id) AS (
                   SELECT %(id)s UNION SELECT t.source_id FROM energy_indicator_term t JOIN below b ON t.indicator_id = b.id)
               SELECT v.indicator_id FROM below JOIN energy_value v ON v.indicator_id = below.id
                 JOIN energy_basis x ON x.id = v.basis_id
                WHERE v.date BETWEEN %(first)s AND %(last)s
             GROUP BY v.indicator_id ORDER BY SUM(v.value) DESC NULLS LAST LIMIT 1""",
            {"id": self.id, "first": first, "last": last},
        )
        found = self.env.cr.fetchone()
        return found[0] if found else self.id

    def _last_profile_day(self) -> str | bool:
        self.env.cr.execute(f"SELECT MAX(date) FROM {profiles.TABLE} WHERE indicator_id = %s", self.ids)
        day = self.env.cr.fetchone()[0]
        return fields.Date.to_string(day) if day else False

    # === ACTION METHODS === #
    def action_hours(self):
        """Open the hours of the last day that has them."""
        self._ensure_asked_one()
        return self._hours_action(self._last_profile_day() or fields.Date.to_string(fields.Date.context_today(self)))

    def _hours_action(self, day: str) -> dict:
        return {
            "type": "ir.actions.client",
            "tag": "energy_carbon.profile",
            "name": self.env._("Hours"),
            "params": {"indicator_id": self.id, "date_from": day},
        }


class EnergyValue(models.Model):
    _inherit = "energy.value"

    def action_hours(self):
        """Open the hours of this day."""
        self._ensure_asked_one()
        return self.indicator_id._hours_action(fields.Date.to_string(self.date))


class EnergyNode(models.Model):
    _inherit = "energy.node"

    def action_hours(self):
        """Open the hours of the node's main figure: its electricity, or else the first amount that has hours."""
        self._ensure_asked_one()
        amounts = self.indicator_ids.filtered(lambda i: i._is_amount())
        ranked = amounts.sorted(lambda i: (i.template_id.tou_role != "split", not i.main_total, i.id))
        with_hours = ranked.filtered(lambda i: i._last_profile_day())
        chosen = (with_hours or ranked)[:1]
        if not chosen:
            return {
                "type": "ir.actions.client",
                "tag": "display_notification",
                "params": {
                    "type": "warning",
                    "message": self.env._("%(node)s has no amount with a course: add an indicator first.", node=self.name),
                },
            }
        return chosen.action_hours()


def _slot_rows(edges: np.ndarray, amounts: np.ndarray, periods: list[str], zone: ZoneInfo) -> list[dict]:
    """A row a slot with its local start; in the hour that a clock change repeats the offset tells the two apart."""
    rows = []
    for start, amount, period in zip(edges[:-1].tolist(), amounts.tolist(), periods, strict=True):
        local = datetime.fromtimestamp(start, UTC).astimezone(zone)
        rows.append(
            {
                "day": local.date().isoformat(),
                "time": f"{local:%H:%M}",
                "offset": f"{local:%z}",
                "amount": None if np.isnan(amount) else amount,
                "period": period,
            }
        )
    return rows


def _by_period(amounts: np.ndarray, periods: list[str]) -> dict[str, float]:
    """Known amounts by the period their slots are coloured with."""
    found: dict[str, float] = {}
    for amount, period in zip(np.nan_to_num(amounts).tolist(), periods, strict=True):
        if period:
            found[period] = found.get(period, 0.0) + amount
    return found
