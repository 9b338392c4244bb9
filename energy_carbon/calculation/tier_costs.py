"""What tiers add to the cost of leaves: volumes of the month or year, cut at the tiers' bounds. Knows no screens or rights."""

from __future__ import annotations

import json
from collections import defaultdict
from dataclasses import replace
from datetime import date
from types import SimpleNamespace

import numpy as np

from ..engine.factors import valid_on
from ..engine.tiers import counting_bounds, counting_keys, tier_amounts, tier_of, volumes_before

TIERS = """
    SELECT t.id AS tariff_id, t.energy_type_id, t.tier_counting, t.closing_day, t.account_indicator_id,
           r.id, r.date_from, r.above, r.kind, r.price_net AS value, r.uom_id
      FROM energy_tariff_tier r JOIN energy_tariff t ON t.id = r.tariff_id
     WHERE t.company_id = %s AND t.active ORDER BY t.id, r.date_from, r.sequence, r.id
"""
DAYS = """
    SELECT indicator_id, date, value FROM energy_value
     WHERE indicator_id = ANY(%s) AND date BETWEEN %s AND %s AND value IS NOT NULL
"""
LAST_DAYS = """
    SELECT indicator_id, MAX(date) FROM energy_value WHERE indicator_id = ANY(%s) AND date <= %s GROUP BY indicator_id
"""


class Tiers:
    """The tiers of one tariff: sets of rows that begin on the same day, lowest bound first."""

    def __init__(self, rows: list[SimpleNamespace]):
        head = rows[0]
        self.tariff_id, self.energy_type = head.tariff_id, head.energy_type_id
        self.by_year, self.closing = head.tier_counting == "year", head.closing_day or 0
        self.account = head.account_indicator_id
        sets: dict[date, list[SimpleNamespace]] = defaultdict(list)
        for row in rows:
            sets[row.date_from].append(row)
        self.sets = list(sets.values())
        self.starts = np.array([day.toordinal() for day in sets], np.int64)

    def keys(self, days: np.ndarray) -> np.ndarray:
        return counting_keys(days, self.by_year, self.closing)

    def bounds_of(self, day: int) -> tuple[int, int]:
        """First and last day of the period in which a day counts, as ordinals."""
        return counting_bounds(int(self.keys(np.array([day]))[0]), self.by_year, self.closing)

    def sets_on(self, days: np.ndarray) -> list[tuple[list[SimpleNamespace], np.ndarray]]:
        """The sets that hold on some of the days: (tiers, mask (d,))."""
        at = valid_on(days, self.starts, np.zeros(len(self.sets)))
        return [(rows, at == index) for index, rows in enumerate(self.sets) if (at == index).any()]


class TierBook:
    """Tariffs of one company that have tiers."""

    def __init__(self, env, company):
        self.env, self.company = env, company
        rows: dict[int, list[SimpleNamespace]] = defaultdict(list)
        env.cr.execute(TIERS, [company.id])
        names = [column.name for column in env.cr.description]
        for values in env.cr.fetchall():
            row = SimpleNamespace(**dict(zip(names, values, strict=True)))
            rows[row.tariff_id].append(row)
        self.by_tariff = {tariff: Tiers(own) for tariff, own in rows.items()}
        self.types = {tiers.energy_type for tiers in self.by_tariff.values()}
        self._bases: dict[tuple, int] = {}

    def stored(self, ids: list[int], first: int, last: int) -> np.ndarray:
        """Amounts of the days first..last (ordinals) as they are stored, NaN where there is none, shape (n, d)."""
        found = np.full((len(ids), max(last - first + 1, 0)), np.nan)
        if found.size:
            place = {indicator: at for at, indicator in enumerate(ids)}
            self.env.cr.execute(DAYS, [ids, date.fromordinal(first), date.fromordinal(last)])
            for indicator, day, value in self.env.cr.fetchall():
                found[place[indicator], day.toordinal() - first] = value
        return found

    def before(self, tiers: Tiers, ids: list[int], first: int, per_unit: np.ndarray | float = 1.0) -> np.ndarray:
        """Volume of each indicator that counts already on the morning of a day, shape (n,)."""
        begin = tiers.bounds_of(first)[0]
        return np.nansum(self.stored(ids, begin, first - 1), axis=1) * per_unit

    def extend(self, graph, first: np.ndarray, last: np.ndarray) -> None:
        """Widen the dirty ranges: a day changes the tiers of the later days of its month or year, where there are any.

        With a billing meter, all meters of the type follow it. The ranges are changed in place.

        :param first, last: ordinals by position in the graph, first > last where nothing is dirty
        """
        for tiers in self.by_tariff.values():
            leaves = [
                at
                for at, row in enumerate(graph.rows)
                if row.energy_type_id == tiers.energy_type and row.is_amount and row.source != "computed"
            ]
            dirty = [at for at in leaves if first[at] <= last[at]]
            if tiers.account not in graph.index:
                self._to_the_end(graph, tiers, {at: int(last[at]) for at in dirty}, last)
            elif (account := graph.index[tiers.account]) in dirty:
                first[leaves] = np.minimum(first[leaves], first[account])
                self._to_the_end(graph, tiers, dict.fromkeys(leaves, int(last[account])), last)

    def _to_the_end(self, graph, tiers: Tiers, days: dict[int, int], last: np.ndarray) -> None:
        """Widen ranges up to the last stored day of the period in which a day counts.

        :param days: position in the graph -> that day
        """
        ends = defaultdict(list)
        for at, day in days.items():
            ends[tiers.bounds_of(day)[1]].append(graph.rows[at].id)
        for end, ids in ends.items():
            self.env.cr.execute(LAST_DAYS, [ids, date.fromordinal(end)])
            for indicator, day in self.env.cr.fetchall():
                at = graph.index[indicator]
                last[at] = max(last[at], day.toordinal())

    def basis_with(self, basis: int, used: list[dict]) -> int:
        """A basis row like another, with the tiers that the day reached.

        :param used: {"id", "per_unit", "kind"} of each tier
        """
        key = basis, json.dumps(used, sort_keys=True)
        if key not in self._bases:
            self.env.cr.execute(
                """INSERT INTO energy_basis (company_id, key, factors, detail)
                   SELECT company_id, encode(sha256(convert_to(key || %(tiers)s, 'UTF8')), 'hex'), factors,
                          COALESCE(detail, '{}'::jsonb) || jsonb_build_object('tiers', %(tiers)s::jsonb)
                     FROM energy_basis WHERE id = %(basis)s
                   ON CONFLICT (company_id, key) DO UPDATE SET key = EXCLUDED.key RETURNING id""",
                {"basis": basis, "tiers": key[1]},
            )
            self._bases[key] = self.env.cr.fetchone()[0]
        return self._bases[key]


def add_tiers(book, context, rows: list, amounts, base, days, cost, basis, own: dict[int, np.ndarray]) -> None:
    """Put what the tiers add on the cost of the leaves of one context, and note the tiers in their basis.

    :param book: the company's factor book, with its tier book
    :param rows: the leaves, n; amounts: theirs in their unit, shape (n, d); base: price of the day, shape (d,)
    :param days: ordinals, consecutive, shape (d,)
    :param cost: changed in place, shape (n, d); basis: ids, changed in place, shape (n, d)
    :param own: amounts of the block by indicator, for a billing meter that is computed with it
    """
    if context is None or context.energy_type not in book.tiers.types or context.own_made or context.flow == "none":
        return
    ranked = book._ranked_tariffs(context)
    chosen = book.tariffs.chosen(ranked, days)
    for index, tariff in enumerate(ranked):
        tiers = book.tiers.by_tariff.get(tariff.id)
        if tiers and (chosen == index).any():
            account = Account(book, context, tiers, rows, amounts, days, own)
            for steps, mask in tiers.sets_on(days):
                account.add(steps, mask & (chosen == index), base, cost, basis)


class Account:
    """Volumes of a block: each leaf's own, or the billing meter's, whose tiers then hold for all in proportion.

    :ivar convert: units of the energy type in one unit of the leaves, shape (d,)
    :ivar amounts: of what counts, in the type's unit, shape (n, d), or (1, d) of the billing meter; before: likewise
    """

    def __init__(self, book, context, tiers: Tiers, rows, amounts, days, own):
        self.book, self.shared = book, bool(tiers.account)
        self.uom = book.types[context.energy_type].uom
        self.convert = self._per_type_unit(context, days)
        self.own_amounts = amounts * self.convert
        ids, counted, convert = [row.id for row in rows], amounts, self.convert
        if self.shared:
            ids, stored = [tiers.account], own.get(tiers.account)
            counted = stored[None] if stored is not None else book.tiers.stored(ids, int(days[0]), int(days[-1]))
            convert = self._convert_account(tiers.account, context, days)
        self.amounts = counted * convert
        before = book.tiers.before(tiers, ids, int(days[0]), convert[0])
        self.before = volumes_before(self.amounts, tiers.keys(days), before)

    def _per_type_unit(self, context, days) -> np.ndarray:
        return self.book._per_unit(SimpleNamespace(value=1.0, uom_id=self.uom), context, days)

    def _convert_account(self, account: int, context, days) -> np.ndarray:
        self.book.env.cr.execute("SELECT uom_id FROM energy_indicator WHERE id = %s", [account])
        return self._per_type_unit(replace(context, uom=self.book.env.cr.fetchone()[0]), days)

    def add(self, steps: list, mask, base, cost, basis) -> None:
        """Add the tiers of one set on the days of a mask."""
        days = np.flatnonzero(mask)
        if not len(days):
            return
        parts, prices = self.parts(steps, days)
        replaced = np.array([step.kind == "price" for step in steps])[:, None]
        per_unit = prices[:, None] - np.where(replaced, (base / self.convert)[days], 0.0)
        cost[:, days] += np.where(parts != 0, parts * per_unit.T, 0.0).sum(axis=-1)
        self._note(steps, prices * self.convert[days[0]], days, parts != 0, cost, basis)

    def parts(self, steps: list, days: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """What of each leaf's day lies in each tier of a set, and the tiers' prices, both in the type's unit.

        :param days: places in the block, shape (e,)
        :return: shape (n, e, k), 0 where nothing is known; shape (k,)
        """
        factor = np.array([self.book._convert(step.uom_id, self.uom) for step in steps])
        bounds = np.array([step.above for step in steps]) * factor
        prices = np.array([step.value for step in steps]) / factor
        parts = tier_amounts(self.before[:, days], self.amounts[:, days], bounds)[..., 1:]
        if self.shared:
            share = self._shares(parts, self.amounts[:, days], tier_of(self.before[:, days], bounds))
            parts = self.own_amounts[:, days][..., None] * share
        return np.nan_to_num(parts), prices

    @staticmethod
    def _shares(parts, amounts, tier) -> np.ndarray:
        """Share of the billing meter's day in each tier; where it drew nothing, all of the tier it stands in."""
        standing = (np.arange(1, parts.shape[-1] + 1) == tier[..., None]).astype(float)
        drawn = np.nan_to_num(amounts)[..., None]
        return np.where(drawn != 0, np.nan_to_num(parts) / np.where(drawn != 0, drawn, 1.0), standing)

    def _note(self, steps, per_unit, days, used, cost, basis) -> None:
        """Name the tiers in the basis of the days that reached them."""
        for leaf, column in np.argwhere(used.any(axis=-1)).tolist():
            day = days[column]
            if not np.isnan(cost[leaf, day]):
                names = [
                    {"id": step.id, "per_unit": float(price), "kind": step.kind}
                    for step, price, on in zip(steps, per_unit, used[leaf, column], strict=True)
                    if on
                ]
                basis[leaf, day] = self.book.tiers.basis_with(int(basis[leaf, day]), names)


def amounts_by_tier(book, context, indicator: int, first: date, last: date) -> dict[int, float]:
    """What an indicator drew in each tier of its type's tariffs within days, by tier id, in its own unit."""
    days = np.arange(first.toordinal(), last.toordinal() + 1)
    amounts = book.tiers.stored([indicator], int(days[0]), int(days[-1]))
    found: dict[int, float] = {}
    for tiers in book.tiers.by_tariff.values():
        if tiers.energy_type == context.energy_type:
            account = Account(book, context, tiers, [SimpleNamespace(id=indicator)], amounts, days, {})
            for steps, mask in tiers.sets_on(days):
                at = np.flatnonzero(mask)
                drawn = (account.parts(steps, at)[0][0] / account.convert[at][:, None]).sum(axis=0)
                found.update(zip((step.id for step in steps), drawn.tolist(), strict=True))
    return found
