"""Cost by a meter's own period registers, as the supplier bills it. Reads which meters have them; knows no screens or rights."""

from __future__ import annotations

from collections import defaultdict
from datetime import date

import numpy as np

from ..engine.tou import Period

# The registers beside a total: at the same meter, of the same flow, with the total's code and a letter of their own.
REGISTERS = """
    SELECT total.id, register.id, t.tou_role, COALESCE(n.period_source, 'registers') = 'registers'
      FROM energy_indicator total
      JOIN energy_indicator_template own ON own.id = total.template_id AND own.tou_role = 'split'
      JOIN energy_indicator register ON register.node_id = total.node_id AND register.flow = total.flow
       AND register.energy_type_id = total.energy_type_id AND register.uom_id = total.uom_id AND register.active
       AND register.source <> 'computed'
      JOIN energy_indicator_template t ON t.id = register.template_id
       AND t.tou_role IN ('sharp', 'peak', 'flat', 'valley', 'deep_valley') AND t.code LIKE own.code || '.%%'
      JOIN energy_node n ON n.id = total.node_id
     WHERE total.company_id = %s AND total.source <> 'computed'
     ORDER BY total.id, register.id
"""
DAYS = "SELECT indicator_id, date, value FROM energy_value WHERE indicator_id = ANY(%s) AND date BETWEEN %s AND %s"


class RegisterBook:
    """Totals of one company with period registers at the same meter.

    :ivar registers: total -> (register, period) of each
    :ivar used: totals whose parts and cost go by their registers, as the meter's field *Periods From* says
    """

    def __init__(self, env, company):
        self.env = env
        env.cr.execute(REGISTERS, [company.id])
        self.registers: dict[int, list[tuple[int, Period]]] = defaultdict(list)
        self.used: set[int] = set()
        for total, register, period, used in env.cr.fetchall():
            self.registers[total].append((register, Period[period.upper()]))
            if used:
                self.used.add(total)

    def extend(self, graph, first: np.ndarray, last: np.ndarray) -> None:
        """Compute totals again on the days on which one of their registers is."""
        for total in self.used:
            at = graph.index.get(total)
            for register, _period in self.registers[total]:
                place = graph.index.get(register)
                if at is not None and place is not None and first[place] <= last[place]:
                    first[at], last[at] = min(first[at], first[place]), max(last[at], last[place])

    def amounts(self, total: int, value: np.ndarray, days: np.ndarray, known: dict[int, np.ndarray]) -> np.ndarray:
        """Amounts by period of a total's registers, NaN where one is not known, shape (d, 5).

        A meter that counts no flat hours of its own has there what the others leave of the total.

        :param value: amounts of the total, shape (d,)
        :param days: ordinals, ascending, shape (d,)
        :param known: amounts of registers computed at the same time, by indicator; the others' are stored
        """
        by_period = np.full((len(days), len(Period)), np.nan)
        stored = self._stored([one for one, _period in self.registers[total] if one not in known], days)
        for register, period in self.registers[total]:
            by_period[:, period] = known[register] if register in known else stored[register]
        counted = [period for _register, period in self.registers[total]]
        if Period.FLAT not in counted:
            rest = value - by_period[:, counted].sum(axis=1)
            by_period[:, Period.FLAT] = np.where(rest >= 0, rest, np.nan)
        complete = ~np.isnan(by_period[:, [*counted, Period.FLAT]]).any(axis=1)
        by_period[~complete] = np.nan
        return by_period

    def _stored(self, ids: list[int], days: np.ndarray) -> dict[int, np.ndarray]:
        found = {register: np.full(len(days), np.nan) for register in ids}
        if ids:
            self.env.cr.execute(DAYS, [ids, *(date.fromordinal(int(day)) for day in (days[0], days[-1]))])
            for register, day, value in self.env.cr.fetchall():
                if value is not None:
                    found[register][day.toordinal() - int(days[0])] = value
        return found

    def price(self, book, context, found, places, rows, leaves, days, companions, basis, chosen) -> None:
        """Put the cost by registers in the place of that by slots, on days of a time-of-use tariff with all registers known.

        :param places: leaves of the same context, shape (p,); rows: all leaves of the block
        :param companions: of the leaves, shape (n, d, C); basis: of the block's members, chosen: where the leaves are in it
        """
        at = [place for place in places if rows[place].id in self.used]
        if not at or (by_slot := book.slot_basis(context, found, days, leaves.edges, leaves.day_index)) is None:
            return
        prices, ids = by_slot
        per_unit = day_prices(prices.details)
        known = {row.id: leaves.amount[place] for place, row in enumerate(rows)}
        for place in at:
            amount = self.amounts(rows[place].id, leaves.amount[place], days, known)
            on = prices.by_slot & ~np.isnan(amount).all(axis=1) & ~np.isnan(leaves.amount[place])
            cost = register_cost(amount, per_unit)
            companions[place, on, -1] = cost[on]
            basis[chosen[place], on] = ids[on]


def day_prices(details: list[dict | None]) -> np.ndarray:
    """Price of each period on each day, NaN where there is none, shape (d, 5).

    A register tells no hours: on an energy day that reaches into the next date, the day's own price goes first.

    :param details: what basis rows keep of each day, None for a day without prices by period
    """
    price = np.full((len(details), len(Period)), np.nan)
    for day, detail in enumerate(details):
        for part in ((detail or {}).get("next_date"), detail):
            for name, used in ((part or {}).get("periods") or {}).items():
                price[day, Period[name.upper()]] = used["per_unit"]
    return price


def register_cost(amount: np.ndarray, price: np.ndarray) -> np.ndarray:
    """Cost by day: NaN where a period with an amount has no price; both shape (d, 5).

    >>> register_cost(np.array([[1.0, 0.0, 2.0, np.nan, np.nan]]), np.array([[0.5, np.nan, 1.0, np.nan, np.nan]])).tolist()
    [2.5]
    """
    drawn = np.nan_to_num(amount)
    return np.where(drawn == 0, 0.0, drawn * price).sum(axis=1)
