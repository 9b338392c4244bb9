"""What a billing meter drew by price within days of the calendar, from 00:00 to 24:00. Reads values; writes nothing."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from datetime import date, timedelta

import numpy as np

from ..engine.calendar import day_borders, slot_borders
from ..engine.tiers import tier_amounts, volumes_before
from ..engine.tou import HOLE, Period, pieces
from . import profiles
from .factor_book import Context, FactorBook
from .tariff_book import DatePrices

NO_PERIOD = len(Period)
"""Column of amounts of which only the day's total is known."""
AMOUNTS = (
    "SELECT date, value FROM energy_value WHERE indicator_id = %s AND date BETWEEN %s AND %s AND value IS NOT NULL"
)


@dataclass
class BillLine:
    """An amount at one price.

    :ivar period: None where the price has none; price_id: price or tier, -1 for no price
    :ivar price: net of VAT for a unit of the meter, NaN where there is none; parts: of a price built of components
    """

    period: str | None
    price_id: int
    price: float
    amount: float
    parts: list[dict]


@dataclass
class BillAmounts:
    """Amounts of the days of a bill.

    :ivar energy: by period and price; tiers: what lies in each tier, at what it costs more
    :ivar known_hours: hours of which the amount is known; hours: of the bill; estimated: hours without slots
    """

    energy: list[BillLine]
    tiers: list[BillLine]
    known_hours: float
    hours: float
    estimated: float


class _Prices:
    """Prices of a tariff by date and period, with a sixth column for amounts that have no period.

    :ivar dates: ordinals, shape (d,); price: net of VAT for a unit of the meter, row_id: price rows, shape (d, 6)
    """

    def __init__(self, book: FactorBook, indicator, tariff_id: int | None, first: date, last: date):
        self.context = Context(indicator.energy_type_id.id, indicator.uom_id.id, None, "normal", (), False)
        self.tariff = next((one for own in book.tariffs.by_type.values() for one in own if one.id == tariff_id), None)
        self.dates = first.toordinal() + np.arange((last - first).days + 2)
        self.by_period = bool(self.tariff and self.tariff.tou)
        ranked = [self.tariff] if self.tariff else []
        chosen = book.tariffs.chosen(ranked, self.dates)

        def per_unit(row, days):
            return book._per_unit(row, self.context, days)

        self.table = DatePrices.of(ranked, chosen, self.dates, per_unit, book.tariffs.with_parts)
        self.price = np.hstack([self.table.price, np.full((len(self.dates), 1), np.nan)])
        self.row_id = np.hstack([self.table.row_id, np.full((len(self.dates), 1), -1)])
        for row, mask in self.tariff.rows_on(None, self.dates) if self.tariff else ():
            self.price[mask, NO_PERIOD] = per_unit(row, self.dates)[mask]
            self.row_id[mask, NO_PERIOD] = row.id


class Bill:
    """The days first..last of a meter, cut into pieces of one date, period and price."""

    def __init__(self, env, indicator, first: date, last: date):
        self.env, self.indicator, self.company = env, indicator, indicator.company_id
        self.first, self.last = first, last
        zone, hour = self.company.energy_timezone, self.company.energy_start_hour
        # The energy day before the first one may end within it.
        self.begin = first - timedelta(days=1)
        self.edges, self.day_index = slot_borders(
            day_borders(self.begin, last, zone, hour), int(self.company.energy_slot_minutes)
        )
        self.slots, self.even = self._slots()

    def _slots(self) -> tuple[np.ndarray, np.ndarray]:
        """Amount of each slot; a day of which only the total is known is spread evenly over its slots: mask."""
        n_days = (self.last - self.begin).days + 1
        within = np.arange(len(self.day_index)) - np.searchsorted(self.day_index, self.day_index)
        cursor = self.env.cr
        slots = profiles.read(cursor, [self.indicator.id], self.begin, n_days, int(within.max()) + 1)
        slots = slots[0, self.day_index, within]
        total = np.full(n_days, np.nan)
        cursor.execute(AMOUNTS, [self.indicator.id, self.begin, self.last])
        for day, value in cursor.fetchall():
            total[(day - self.begin).days] = value
        unknown = np.isnan(slots)
        whole = np.logical_and.reduceat(unknown, np.searchsorted(self.day_index, np.arange(n_days)))
        even = (whole & ~np.isnan(total))[self.day_index]
        seconds = np.diff(self.edges)
        per_second = total / np.bincount(self.day_index, seconds, n_days)
        return np.where(even, per_second[self.day_index] * seconds, slots), even

    def total(self) -> float | None:
        """Amount of the bill's days, None when nothing is known of them."""
        lines = self.amounts(None).energy
        return sum(line.amount for line in lines) if lines else None

    def amounts(self, tariff_id: int | None) -> BillAmounts:
        """The amounts by period and price of a tariff; without a tariff in one line without price."""
        book = FactorBook(self.env, self.company)
        prices = _Prices(book, self.indicator, tariff_id, self.begin, self.last)
        parts = pieces(self.edges, self.company.energy_timezone, prices.table.course)
        inside = (parts.day >= self.first.toordinal()) & (parts.day <= self.last.toordinal())
        hours = parts.share * np.diff(self.edges)[parts.slot] / 3600 * inside
        known = ~np.isnan(self.slots)[parts.slot]
        keep = inside & known
        amount = (self.slots[parts.slot] * parts.share)[keep]
        day, period = parts.day[keep] - int(prices.dates[0]), parts.period[keep].astype(np.int64)
        period[self.even[parts.slot[keep]] | (period == HOLE)] = NO_PERIOD
        energy = self._energy(prices, day, period, amount)
        daily = np.bincount(day, amount, len(prices.dates))
        tiers = self._tiers(book, prices, daily) if tariff_id in book.tiers.by_tariff else []
        estimated = hours[self.even[parts.slot]].sum()
        return BillAmounts(energy, tiers, float(hours[known].sum()), float(hours.sum()), float(estimated))

    @staticmethod
    def _energy(prices: _Prices, day, period, amount) -> list[BillLine]:
        """One line for each period and price; what has no period has the price without one."""
        rows = prices.row_id[day, period]
        groups, first, at = np.unique(np.stack([period, rows]), axis=1, return_index=True, return_inverse=True)
        sums = np.bincount(at.reshape(-1), amount, groups.shape[1])
        return [
            BillLine(
                Period(one).name.lower() if one != NO_PERIOD and prices.by_period else None,
                row,
                float(prices.price[day[place], one]),
                float(total),
                (prices.table.with_parts({"id": row}) or {}).get("parts", []),
            )
            for (one, row), place, total in zip(groups.T.tolist(), first.tolist(), sums, strict=True)
        ]

    def _tiers(self, book: FactorBook, prices: _Prices, daily) -> list[BillLine]:
        """What of the bill's days lies above each bound, from the volume of its month or year."""
        tiers, uom = book.tiers.by_tariff[prices.tariff.id], prices.context.energy_type
        convert = book._convert(prices.context.uom, book.types[uom].uom) or 1.0
        on = (prices.dates >= self.first.toordinal()) & (prices.dates <= self.last.toordinal())
        days, drawn, base = prices.dates[on], daily[on] * convert, prices.price[on, NO_PERIOD] / convert
        earlier = np.array([self._volume_before(tiers) * convert])
        before = volumes_before(drawn[None], tiers.keys(days), earlier)[0]
        lines: dict[tuple[int, float], float] = defaultdict(float)
        for steps, mask in tiers.sets_on(days):
            factor = np.array([book._convert(step.uom_id, book.types[uom].uom) for step in steps])
            parts = tier_amounts(before[mask], drawn[mask], np.array([step.above for step in steps]) * factor)[:, 1:]
            for at, step in enumerate(steps):
                replaced = base[mask] if step.kind == "price" else np.zeros(int(mask.sum()))
                for amount, gone in zip(parts[:, at].tolist(), replaced.tolist(), strict=True):
                    if amount:
                        lines[step.id, (step.value / factor[at] - gone) * convert] += amount / convert
        return [BillLine(None, step, float(price), float(amount), []) for (step, price), amount in lines.items()]

    def _volume_before(self, tiers) -> float:
        """What counts already when the bill begins, from 00:00 of the period's first day."""
        begin = date.fromordinal(tiers.bounds_of(self.first.toordinal())[0])
        if begin >= self.first:
            return 0.0
        return Bill(self.env, self.indicator, begin, self.first - timedelta(days=1)).total() or 0.0
