"""Which factor and which price hold for a source on each day. Reads factors and tariffs; knows no readings."""

from __future__ import annotations

import hashlib
import json
from collections import defaultdict
from dataclasses import dataclass
from datetime import date
from types import SimpleNamespace

import numpy as np

from odoo.exceptions import UserError

from ..engine.factors import FactorSeries, gas_volume_factor, pick_by_precedence
from ..tools.selections import COMPANIONS
from ..tools.uom import uom_factor
from .boundary import OUTWARD, Boundary
from .certificate_book import CertificateBook
from .tariff_book import SlotPrices, Tariff, TariffBook
from .tier_costs import TierBook

# Measure -> the factor kinds and bases that may serve it, best first.
KINDS = {
    "coal": [("coal_calorific", None)],
    "coal_equivalent": [("coal_equivalent", None)],
    "carbon": [("co2", "location"), ("co2", None)],
    "carbon_market": [("co2", "market"), ("co2", None)],
}
NEVER_ENDS = date.max.toordinal()
MARKET = COMPANIONS.index("carbon_market")
# Whether an unlike unit was converted shows in the basis; these flows buy nothing and burn nothing themselves.
NO_PURCHASE = {"own_generation", *OUTWARD}

FACTORS = """
    SELECT id, energy_type_id, kind, basis, value, uom_id, target_uom_id, gas_reference, date_from, date_end,
           company_id, node_id, region_id, batch_id
      FROM energy_factor WHERE company_id IS NULL OR company_id = %s ORDER BY date_from, id
"""


@dataclass(frozen=True)
class Context:
    """What decides the factors of a source: sources with the same context share them.

    :ivar path: the nodes from the plant down that have a region, factors or prices of their own
    """

    energy_type: int
    uom: int
    gas_reference: str | None
    flow: str
    path: tuple[int, ...]
    own_made: bool


@dataclass
class Basis:
    """Figures a unit of the source is multiplied by, a row a day.

    :ivar multiplier: shape (d, 5) in the order of COMPANIONS; NaN where there is no factor or price
    :ivar row_ids: ids of the factor (columns 0-3) and of the price (column 4) used, -1 for none, shape (d, 5)
    :ivar basis_ids: id of the basis row of each day, shape (d,)
    :ivar covered: day index -> certificates that cover a part of it
    """

    multiplier: np.ndarray
    row_ids: np.ndarray
    basis_ids: np.ndarray
    covered: dict[int, list]


class FactorBook:
    """Factors, tariffs and regions of one company, ready to be asked for many sources and days."""

    def __init__(self, env, company):
        self.env, self.company = env, company
        self.boundary = Boundary(env, company)
        self.tariffs = TariffBook(env, company)
        self.tiers = TierBook(env, company)
        self.certificates = CertificateBook(env, company)
        self.factors = defaultdict(list)
        for row in self._read(FACTORS):
            self.factors[row.energy_type_id, row.kind, row.basis].append(row)
        env.cr.execute("SELECT id, region_id FROM energy_node WHERE region_id IS NOT NULL")
        self.node_region = dict(env.cr.fetchall())
        env.cr.execute("SELECT id, parent_id FROM energy_region")
        self.region_parent = dict(env.cr.fetchall())
        env.cr.execute("SELECT id, uom_id, equivalent_from_calorific, gas_reference FROM energy_type")
        self.types = {
            row[0]: SimpleNamespace(uom=row[1], fuel=row[2], gas_reference=row[3]) for row in env.cr.fetchall()
        }
        self._conversions: dict[tuple[int, int], float | None] = {}
        self._deciding = set(self.node_region) | self.tariffs.nodes() | self.certificates.nodes()
        for rows in self.factors.values():
            self._deciding.update(row.node_id for row in rows if row.node_id)

    def _read(self, query: str) -> list[SimpleNamespace]:
        self.env.cr.execute(query, [self.company.id])
        names = [column.name for column in self.env.cr.description]
        return [SimpleNamespace(**dict(zip(names, values, strict=True))) for values in self.env.cr.fetchall()]

    def context(self, row, path: list[int]) -> Context | None:
        """The context of an indicator row, or None when it has no standard coal, carbon or cost.

        Amounts that cannot be converted to the type's unit (reactive energy beside active) have none.

        :param path: ids from the plant down to its node on the days asked for
        """
        if not row.energy_type_id or not row.is_amount or not row.uom_id:
            return None
        energy_type = self.types[row.energy_type_id]
        if self._convert(row.uom_id, energy_type.uom) is None and not self._physical(row.energy_type_id):
            return None
        return Context(
            row.energy_type_id,
            row.uom_id,
            row.gas_reference or energy_type.gas_reference,
            "none" if row.flow in NO_PURCHASE else "normal",
            self.deciding(path),
            self.boundary.own_made(path, row.energy_type_id, row.flow),
        )

    def basis(self, context: Context, days: np.ndarray) -> Basis:
        """Factors and price of each day for one unit of the source.

        Under a time-of-use tariff that is the price without a period, for days of which only the amount is known;
        :meth:`slot_basis` has the prices of the slots.

        :param days: ordinals, ascending, shape (d,)
        """
        multiplier = np.full((len(days), len(COMPANIONS)), np.nan)
        row_ids = np.full((len(days), len(COMPANIONS)), -1, dtype=np.int64)
        covered = {}
        if not context.own_made:
            for column, measure in enumerate(KINDS):
                self._fill(measure, context, days, multiplier[:, column], row_ids[:, column])
            self._fill_price(context, days, multiplier[:, -1], row_ids[:, -1])
            if self.types[context.energy_type].fuel:
                missing = np.isnan(multiplier[:, 1])
                multiplier[missing, 1], row_ids[missing, 1] = multiplier[missing, 0], row_ids[missing, 0]
            if context.flow == "none":
                multiplier[:, 2:] = 0.0
                row_ids[:, 2:] = -1
            else:
                covered = self._cover(context, days, multiplier[:, MARKET])
        return Basis(multiplier, row_ids, self._basis_ids(context, multiplier, row_ids, covered), covered)

    def _cover(self, context: Context, days, factor) -> dict[int, list]:
        """Put the certificates' factors in the place of the market's for what they cover."""
        return self.certificates.cover(
            context.energy_type,
            context.path,
            days,
            factor,
            lambda value, uom: value * (self._convert(context.uom, uom) or 0.0),
        )

    def slot_basis(
        self, context: Context, basis: Basis, days: np.ndarray, edges: np.ndarray, day_index: np.ndarray
    ) -> tuple[SlotPrices, np.ndarray] | None:
        """Prices of the slots, and the basis ids of the days priced by slot; None without a time-of-use tariff.

        :param basis: what :meth:`basis` found for these days
        :param edges: slot borders, shape (s + 1,); day_index: day of each slot, shape (s,)
        """
        if context.own_made or context.flow == "none" or not len(days):
            return None
        prices = self.tariffs.slot_prices(
            self._ranked_tariffs(context),
            date.fromordinal(int(days[0])),
            edges,
            day_index,
            len(days),
            lambda row, dates: self._per_unit(row, context, dates),
        )
        if prices is None:
            return None
        known: dict[str, int] = {}
        ids = basis.basis_ids.copy()
        for day in np.flatnonzero(prices.by_slot):
            multiplier, row_ids = basis.multiplier[day].copy(), basis.row_ids[day]
            multiplier[-1] = np.nan  # the price without a period is not used on this day
            covered = basis.covered.get(int(day))
            key = f"{multiplier.tobytes()}{row_ids.tobytes()}{covered}{prices.details[day]}"
            if key not in known:
                known[key] = self._store_basis(context, multiplier, row_ids, covered, prices.details[day])
            ids[day] = known[key]
        return prices, ids

    def _ranked_tariffs(self, context: Context) -> list[Tariff]:
        """Tariffs that may serve, best first: of the nearest node, then of the company."""
        tariffs = self.tariffs.by_type.get(context.energy_type, [])
        return [tariff for group in self._ranked(tariffs, context) for tariff in group]

    def _fill_price(self, context: Context, days, multiplier, row_ids) -> None:
        """Take for every day the price without a period of the tariff that holds on it."""
        ranked = self._ranked_tariffs(context)
        chosen = self.tariffs.chosen(ranked, days)
        for index, tariff in enumerate(ranked):
            for row, mask in tariff.rows_on(None, days):
                mask &= chosen == index
                if mask.any():
                    multiplier[mask], row_ids[mask] = self._per_unit(row, context, days)[mask], row.id

    def _fill(self, measure: str, context: Context, days, multiplier, row_ids) -> None:
        """Take for every day the first series, in order of precedence, that holds on it."""
        ranked = self._series(measure, context)
        picked = pick_by_precedence(
            days,
            [
                FactorSeries(
                    np.array([row.date_from.toordinal() for row in series]),
                    np.array([row.value for row in series]),
                    np.array([row.date_end.toordinal() if row.date_end else NEVER_ENDS for row in series]),
                )
                for series in ranked
            ],
        )
        for index, series in enumerate(ranked):
            for at, row in enumerate(series):
                chosen = (picked.series == index) & (picked.row == at)
                if chosen.any():
                    multiplier[chosen] = self._per_unit(row, context, days)[chosen]
                    row_ids[chosen] = row.id

    def _series(self, measure: str, context: Context) -> list[list]:
        """Rows that may serve, grouped by precedence: batch, plant, company, region (nearest first), standard."""
        found = []
        for kind, basis in KINDS[measure]:
            found += self._ranked(self.factors[context.energy_type, kind, basis], context)
        return found

    def _ranked(self, rows: list, context: Context) -> list[list]:
        regions = self._regions(context.path)
        ranked = defaultdict(list)
        for row in rows:
            rank = self._rank(row, context, regions)
            if rank is not None:
                ranked[rank].append(row)
        return [ranked[rank] for rank in sorted(ranked)]

    @staticmethod
    def _rank(row, context: Context, regions: list[int]) -> tuple[int, int] | None:
        """Precedence of DESIGN.md section 4; None when the row is for another plant or region."""
        if row.node_id:
            level = -1 if getattr(row, "batch_id", None) else 0
            return (level, -context.path.index(row.node_id)) if row.node_id in context.path else None
        region = getattr(row, "region_id", None)
        if region:
            if region not in regions:
                return None
            return (1 if row.company_id else 2, regions.index(region))
        return (1, len(regions)) if getattr(row, "company_id", True) else (3, 0)

    def _regions(self, path: tuple[int, ...]) -> list[int]:
        """Regions of the nearest node that states one, from the province up to the country."""
        region = next((self.node_region[node] for node in reversed(path) if node in self.node_region), None)
        chain = []
        while region and region not in chain:
            chain.append(region)
            region = self.region_parent.get(region)
        return chain

    def _per_unit(self, row, context: Context, days: np.ndarray) -> np.ndarray:
        """Figure for one unit of the source: units converted, gas brought to the factor's condition, shape (d,)."""
        convert = self._convert(context.uom, row.uom_id)
        physical = np.full(len(days), convert) if convert is not None else self._by_physical(row, context, days)
        reference = getattr(row, "gas_reference", None)
        if reference and context.gas_reference and reference != context.gas_reference:
            physical = physical * gas_volume_factor(context.gas_reference, reference)
        return row.value * physical

    def _physical(self, energy_type: int) -> list:
        return self.factors[energy_type, "physical", None]

    def _by_physical(self, row, context: Context, days: np.ndarray) -> np.ndarray:
        """Units of the factor in one unit of the source by the type's dated physical factor (1 m3 of water = 1 t)."""
        return self._physical_factor(context, row.uom_id, days)

    def _physical_factor(self, context: Context, to_uom: int, days: np.ndarray) -> np.ndarray:
        """Units ``to_uom`` in one unit of the source, by the nearest physical factor between the two, shape (d,)."""
        result = np.full(len(days), np.nan)
        # From the standard to the plant, each series from its first to its last row: the nearest, latest one stays.
        for series in reversed(self._ranked(self._physical(context.energy_type), context)):
            for physical in series:
                steps = [
                    (physical.uom_id, physical.target_uom_id, physical.value),
                    (physical.target_uom_id, physical.uom_id, 1 / physical.value),
                ]
                for given, wanted, factor in steps:
                    before, after = self._convert(context.uom, given), self._convert(wanted, to_uom)
                    if before is not None and after is not None:
                        result[days >= physical.date_from.toordinal()] = before * factor * after
        return result

    def in_type_unit(self, context: Context, days: np.ndarray) -> np.ndarray:
        """What an amount of the source is multiplied by to be in its energy type's own unit, shape (d,)."""
        own = self.types[context.energy_type]
        convert = self._convert(context.uom, own.uom)
        found = np.full(len(days), convert) if convert is not None else self._physical_factor(context, own.uom, days)
        if own.gas_reference and context.gas_reference and context.gas_reference != own.gas_reference:
            found = found * gas_volume_factor(context.gas_reference, own.gas_reference)
        return found

    def lacking(self, energy_type: int, path: tuple[int, ...], day: int) -> set[str]:
        """What cannot be said of an energy type at a place on a day, of COMPANIONS: no factor holds, or no price.

        :param path: ids from the plant down to the place; day: ordinal
        """
        own, days = self.types[energy_type], np.array([day])
        context = Context(energy_type, own.uom, own.gas_reference, "normal", self.deciding(path), False)
        found = np.full((len(COMPANIONS), 1), np.nan)
        row_ids = np.zeros(1, dtype=np.int64)
        for column, measure in enumerate(KINDS):
            self._fill(measure, context, days, found[column], row_ids)
        if own.fuel and np.isnan(found[1, 0]):
            found[1] = found[0]
        ranked = self._ranked_tariffs(context)
        chosen = int(self.tariffs.chosen(ranked, days)[0]) if ranked else -1
        if chosen >= 0 and (ranked[chosen].tou or ranked[chosen].rows_on(None, days)):
            found[-1] = 0.0  # what it costs does not matter here
        return {name for name, value in zip(COMPANIONS, found[:, 0], strict=True) if np.isnan(value)}

    def deciding(self, path: tuple[int, ...]) -> tuple[int, ...]:
        """The nodes of a path that have a region, factors or prices of their own."""
        return tuple(node for node in path if node in self._deciding)

    def standard_coal(self, energy_type: int, path: tuple[int, ...], days: np.ndarray) -> np.ndarray:
        """Standard coal of one unit of an energy type as if it were bought, in kgce, shape (d,).

        For own-made steam charged at its standard coefficient (loss at source).
        """
        own = self.types[energy_type]
        nodes = self.deciding(path)
        context = Context(
            energy_type=energy_type,
            uom=own.uom,
            gas_reference=own.gas_reference,
            flow="normal",
            path=nodes,
            own_made=False,
        )
        found, row_ids = np.full(len(days), np.nan), np.full(len(days), -1, dtype=np.int64)
        self._fill("coal", context, days, found, row_ids)
        return found

    def _convert(self, from_uom: int, to_uom: int) -> float | None:
        """Conversion factor of units, None when they are unlike."""
        pair = (from_uom, to_uom)
        if pair not in self._conversions:
            uom = self.env["uom.uom"]
            try:
                self._conversions[pair] = uom_factor(uom.browse(from_uom), uom.browse(to_uom))
            except UserError:
                self._conversions[pair] = None  # unlike units: the physical factor decides
        return self._conversions[pair]

    def _basis_ids(self, context: Context, multiplier: np.ndarray, row_ids: np.ndarray, covered: dict) -> np.ndarray:
        """Get or create the basis row of every distinct set of factors."""
        # Other certificates may blend into the same factor; they are numbered as they come.
        number: dict[str, int] = {}
        certificates = [number.setdefault(str(covered.get(day)), len(number)) for day in range(len(multiplier))]
        both = np.column_stack([row_ids, certificates, np.nan_to_num(multiplier, nan=-1.0)])
        _unique, first, inverse = np.unique(both, axis=0, return_index=True, return_inverse=True)
        ids = [self._store_basis(context, multiplier[day], row_ids[day], covered.get(int(day))) for day in first]
        return np.array(ids, dtype=np.int64)[inverse.reshape(-1)]

    def _store_basis(self, context: Context, multiplier: np.ndarray, row_ids: np.ndarray, covered, by_period=None) -> int:
        """Get or create a basis row.

        :param covered: certificates that cover a part of the purchase, None for none
        :param by_period: tariff, version and prices by period, in place of the one price of the day
        """
        used = {
            measure: {"id": int(row_ids[column]), "per_unit": float(multiplier[column])}
            for column, measure in enumerate(COMPANIONS)
            if not np.isnan(multiplier[column])
        }
        if covered and "carbon_market" in used:
            used["carbon_market"]["certificates"] = covered
        price = by_period or self.tariffs.with_parts(used.pop("cost", None))
        factors = {
            "energy_type": context.energy_type,
            "uom": context.uom,
            "own_made": context.own_made,
            "flow": context.flow,
            "measures": used,
        }
        key = hashlib.sha256(json.dumps([factors, price], sort_keys=True).encode()).hexdigest()
        self.env.cr.execute(
            """INSERT INTO energy_basis (company_id, key, factors, detail) VALUES (%s, %s, %s, %s)
               ON CONFLICT (company_id, key) DO UPDATE SET key = EXCLUDED.key RETURNING id""",
            [self.company.id, key, json.dumps(factors), json.dumps(price) if price else None],
        )
        return self.env.cr.fetchone()[0]
