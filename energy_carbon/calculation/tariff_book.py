"""Which tariff holds for a source on each date, and what each slot costs under it. Reads tariffs; knows no amounts."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date
from types import SimpleNamespace

import numpy as np

from ..engine.factors import valid_on
from ..engine.tou import MINUTES, Band, Edition, Period, parse_months, pieces, slot_prices
from .special_days import special_days

PRICES = """
    SELECT t.id AS tariff_id, t.energy_type_id, t.node_id, t.kind, p.id, p.price_net AS value, p.uom_id, p.date_from,
           p.period, p.parts
      FROM energy_tariff_price p JOIN energy_tariff t ON t.id = p.tariff_id
     WHERE t.company_id = %s AND t.active ORDER BY t.id, p.date_from, p.id
"""
VERSIONS = """
    SELECT v.id, v.tariff_id, v.date_from, v.default_period, v.clock
      FROM energy_tariff_version v JOIN energy_tariff t ON t.id = v.tariff_id
     WHERE t.company_id = %s AND t.active AND t.kind = 'tou' ORDER BY v.tariff_id, v.date_from
"""
BANDS = """
    SELECT b.version_id, b.months, b.day_class, b.period, b.start, b.end, b.overlay
      FROM energy_tariff_band b JOIN energy_tariff_version v ON v.id = b.version_id
      JOIN energy_tariff t ON t.id = v.tariff_id
     WHERE t.company_id = %s AND t.active AND t.kind = 'tou' ORDER BY b.id
"""
# All hours of a flat tariff lie in one period; which one does not matter, all have the same price.
FLAT_DAY = np.full(MINUTES, Period.FLAT, np.int8)


@dataclass
class Version(Edition):
    """Periods of the day from a date on, as a record holds them."""

    id: int = 0


@dataclass
class Tariff:
    """A tariff with its price rows, oldest first."""

    id: int
    node_id: int | None
    tou: bool
    rows: list[SimpleNamespace] = field(default_factory=list)
    versions: list[Version] = field(default_factory=list)

    @property
    def first_day(self) -> int | None:
        """The day from which the tariff holds: its first price, and its first version where it has periods."""
        if not self.rows or (self.tou and not self.versions):
            return None
        first = min(row.date_from.toordinal() for row in self.rows)
        return max(first, self.versions[0].first_day) if self.tou else first

    def rows_on(self, period: str | None, days: np.ndarray) -> list[tuple[SimpleNamespace, np.ndarray]]:
        """Price rows of a period on the days: (row, mask (d,)). A period's own rows go before those of all periods."""
        found, open_days = [], np.ones(len(days), bool)
        for own in dict.fromkeys((period, None)):
            rows = [row for row in self.rows if row.period == own]
            starts = np.array([row.date_from.toordinal() for row in rows], np.int64)
            at = valid_on(days, starts, np.zeros(len(rows)))
            found += [(row, open_days & (at == index)) for index, row in enumerate(rows)]
            open_days &= at < 0
        return [(row, mask) for row, mask in found if mask.any()]

    def version_on(self, days: np.ndarray) -> np.ndarray:
        """Index of the version of each day, -1 before the first one, shape (d,)."""
        return valid_on(days, np.array([v.first_day for v in self.versions], np.int64), np.zeros(len(self.versions)))


@dataclass
class SlotPrices:
    """What a unit of a source costs in each slot of a block.

    :ivar price: NaN where there is no price, shape (s,)
    :ivar by_slot: energy days that are priced by slot: a time-of-use tariff holds, shape (d,)
    :ivar details: what was used on each of those days, for the basis row; None on the others
    """

    price: np.ndarray
    by_slot: np.ndarray
    details: list[dict | None]


class TariffBook:
    """The tariffs of one company."""

    def __init__(self, env, company):
        self.timezone = company.energy_timezone
        self.by_type: dict[int, list[Tariff]] = defaultdict(list)
        self.parts: dict[int, list[dict]] = {}
        by_id: dict[int, Tariff] = {}
        for row in _rows(env, PRICES, company):
            if row.tariff_id not in by_id:
                by_id[row.tariff_id] = Tariff(row.tariff_id, row.node_id, row.kind == "tou")
                self.by_type[row.energy_type_id].append(by_id[row.tariff_id])
            by_id[row.tariff_id].rows.append(row)
            if row.parts:
                self.parts[row.id] = row.parts
        versions: dict[int, Version] = {}
        specials = special_days(env, company)
        for row in _rows(env, VERSIONS, company):
            default, standard = _period(row.default_period), row.clock == "standard"
            versions[row.id] = Version(row.date_from.toordinal(), default, standard, specials, id=row.id)
            if row.tariff_id in by_id:
                by_id[row.tariff_id].versions.append(versions[row.id])
        for row in _rows(env, BANDS, company):
            versions[row.version_id].bands.append(
                Band(
                    parse_months(row.months),
                    row.day_class,
                    _period(row.period),
                    round(row.start * 60),
                    round(row.end * 60),
                    _period(row.overlay),
                )
            )

    def with_parts(self, used: dict | None) -> dict | None:
        """What a basis row keeps of a price: its id, the figure, and of which components it was built.

        :param used: id and figure; None: no price
        """
        parts = used and self.parts.get(used["id"])
        return {**used, "parts": parts} if parts else used

    @property
    def any_by_slot(self) -> bool:
        """Whether any tariff has prices by the time of the day."""
        return any(tariff.tou for tariffs in self.by_type.values() for tariff in tariffs)

    def nodes(self) -> set[int]:
        """Nodes with a tariff of their own."""
        return {tariff.node_id for tariffs in self.by_type.values() for tariff in tariffs if tariff.node_id}

    @staticmethod
    def chosen(ranked: list[Tariff], days: np.ndarray) -> np.ndarray:
        """Index of the tariff that holds on each day, -1 where none does, shape (d,).

        :param ranked: tariffs that may serve, best first
        """
        chosen = np.full(len(days), -1)
        for index, tariff in enumerate(ranked):
            if tariff.first_day is not None:
                chosen[(chosen < 0) & (days >= tariff.first_day)] = index
        return chosen

    def slot_prices(
        self,
        ranked: list[Tariff],
        first: date,
        edges: np.ndarray,
        day_index: np.ndarray,
        n_days: int,
        per_unit: Callable[[SimpleNamespace, np.ndarray], np.ndarray],
    ) -> SlotPrices | None:
        """Prices of the slots of a block of energy days; None where no time-of-use tariff holds.

        An energy day that starts at 08:00 ends on the next date; its slots have the tariff and the price of their date.

        :param ranked: tariffs that may serve, best first
        :param edges: slot borders, UTC seconds, shape (s + 1,); day_index: energy day of each slot, shape (s,)
        :param per_unit: (row, dates) -> price for a unit of the source on each date
        """
        dates = first.toordinal() + np.arange(n_days + 1)
        chosen = self.chosen(ranked, dates)
        tou = np.isin(chosen, [index for index, tariff in enumerate(ranked) if tariff.tou])
        if not len(edges) > 1 or not tou.any():
            return None
        table = DatePrices.of(ranked, chosen, dates, per_unit, self.with_parts)
        parts = pieces(edges, self.timezone, table.course)
        day = day_index[parts.slot]
        by_slot = np.zeros(n_days, bool)
        by_slot[day[tou[parts.day - dates[0]]]] = True
        price = slot_prices(parts, table.price, int(dates[0]), len(edges) - 1)
        return SlotPrices(price, by_slot, table.details(parts, day, by_slot))


@dataclass
class DatePrices:
    """Tariff, version and price of each period on each calendar date.

    :ivar price: shape (d, 5), NaN where there is none; row_id: price rows, -1 for none, shape (d, 5)
    :ivar tariff: id, -1 for none, shape (d,); version: the version or None, of each date
    :ivar with_parts: as :meth:`TariffBook.with_parts`
    """

    first_day: int
    price: np.ndarray
    row_id: np.ndarray
    tariff: np.ndarray
    version: list[Version | None]
    with_parts: Callable[[dict], dict]

    @classmethod
    def of(cls, ranked: list[Tariff], chosen: np.ndarray, dates: np.ndarray, per_unit, with_parts) -> DatePrices:
        shape = (len(dates), len(Period))
        versions = [None] * len(dates)
        blank = np.full(shape, np.nan), np.full(shape, -1), chosen * 0 - 1
        table = cls(int(dates[0]), *blank, versions, with_parts)
        for index, tariff in enumerate(ranked):
            on = chosen == index
            if not on.any():
                continue
            table.tariff[on] = tariff.id
            if tariff.tou:
                for at, version in enumerate(tariff.version_on(dates).tolist()):
                    if on[at]:
                        table.version[at] = tariff.versions[version]
            for period in Period:
                for row, mask in tariff.rows_on(period.name.lower() if tariff.tou else None, dates):
                    mask &= on
                    table.price[mask, period] = per_unit(row, dates)[mask]
                    table.row_id[mask, period] = row.id
        return table

    def course(self, day: date, ahead: int = 0) -> np.ndarray:
        at = day.toordinal() - self.first_day
        version = self.version[at] if 0 <= at < len(self.version) else None
        return version.course(day, ahead) if version else FLAT_DAY

    def details(self, parts, day: np.ndarray, by_slot: np.ndarray) -> list[dict | None]:
        """What was used on each energy day: one part, or two where the day's dates differ.

        :param day: energy day of each piece
        """
        key = (day * len(self.version) + parts.day - self.first_day) * len(Period) + np.maximum(parts.period, 0)
        used: dict[tuple[int, int], list[int]] = defaultdict(list)
        for one in np.unique(key[by_slot[day]]).tolist():
            (energy_day, at), period = divmod(one // len(Period), len(self.version)), one % len(Period)
            used[energy_day, at].append(period)
        found: list[dict | None] = [None] * len(by_slot)
        for (energy_day, at), periods in used.items():
            part = self._detail(at, periods)
            if found[energy_day] is None:
                found[energy_day] = part
            elif found[energy_day] != part:
                found[energy_day]["next_date"] = part
        return found

    def _detail(self, at: int, periods: list[int]) -> dict:
        version = self.version[at]
        prices = {
            Period(period).name.lower(): self.with_parts(
                {"id": int(self.row_id[at, period]), "per_unit": float(self.price[at, period])}
            )
            for period in periods
            if not np.isnan(self.price[at, period])
        }
        return {"tariff": int(self.tariff[at]), "version": version.id if version else None, "periods": prices}


def _period(name: str | None) -> Period | None:
    return Period[name.upper()] if name else None


def _rows(env, query: str, company) -> list[SimpleNamespace]:
    env.cr.execute(query, [company.id])
    names = [column.name for column in env.cr.description]
    return [SimpleNamespace(**dict(zip(names, values, strict=True))) for values in env.cr.fetchall()]
