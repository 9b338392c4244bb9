"""Coal, carbon and cost of leaves: each at its own factor and price of the day. Knows no tables and no formulas."""

from __future__ import annotations

from collections import defaultdict

import numpy as np

from ..tools.selections import COMPANIONS
from .depths import Depths
from .factor_book import Context, FactorBook
from .leaves import LeafDays
from .register_costs import RegisterBook
from .slot_costs import slot_costs
from .store import NO_BASIS
from .tier_costs import add_tiers


class LeafPrices:
    """What goes along with the amounts of a block's leaves.

    :ivar companions: in the order of COMPANIONS, NaN where there is no factor or price, shape (n, d, 5)
    :ivar basis: ids of the basis rows, NO_BASIS for none, shape (n, d)
    """

    def __init__(self, book: FactorBook, registers: RegisterBook, rows: list, leaves: LeafDays, days: np.ndarray):
        self.book, self.registers, self.rows, self.leaves, self.days = book, registers, rows, leaves, days
        self.companions = np.full((len(rows), len(days), len(COMPANIONS)), np.nan)
        self.basis = np.full((len(rows), len(days)), NO_BASIS, np.int64)
        self._amounts = {row.id: leaves.amount[place] for place, row in enumerate(rows)} if book.tiers.types else {}

    def compute(self, depths: Depths) -> LeafPrices:
        """Price all leaves; a leaf that was moved has the tariff and the factors of its place of the day."""
        groups: dict[tuple[Context, bytes], list[int]] = defaultdict(list)
        for place, row in enumerate(self.rows):
            for path, on in depths.paths(row.path, self.days):
                context = self.book.context(row, path)
                if context is not None:
                    groups[context, on.tobytes()].append(place)
        for (context, on), places in groups.items():
            self._price_on(context, np.array(places), np.frombuffer(on, bool))
        self.basis[np.isnan(self.leaves.amount)] = NO_BASIS  # a day without an amount does not change with a price
        return self

    def _price_on(self, context: Context, places: np.ndarray, on: np.ndarray) -> None:
        """Price leaves of one context on some days, mask (d,)."""
        if on.all():
            self._price(context, places)
            return
        companions, basis = self.companions[places], self.basis[places]
        self._price(context, places)
        self.companions[places] = np.where(on[:, None], self.companions[places], companions)
        self.basis[places] = np.where(on, self.basis[places], basis)

    def _price(self, context: Context, places: np.ndarray) -> None:
        leaves, days = self.leaves, self.days
        found = self.book.basis(context, days)
        self.companions[places] = leaves.amount[places][:, :, None] * found.multiplier
        self.basis[places] = found.basis_ids
        if leaves.slots is not None:
            self._by_slot(context, found, places)
        everywhere = np.arange(len(self.rows))
        self.registers.price(
            self.book, context, found, places, self.rows, leaves, days, self.companions, self.basis, everywhere
        )
        if context.energy_type in self.book.tiers.types:
            self._by_tier(context, found, places)

    def _by_slot(self, context: Context, found, places: np.ndarray) -> None:
        """Put the cost by slot in the place of amount x price of the day, where a time-of-use tariff holds."""
        by_slot = self.book.slot_basis(context, found, self.days, self.leaves.edges, self.leaves.day_index)
        if by_slot is None:
            return
        prices, ids = by_slot
        priced, cost, on = slot_costs(self.leaves, places, prices)
        self.companions[priced, :, -1] = np.where(on, cost, self.companions[priced, :, -1])
        self.basis[priced] = np.where(on, ids, self.basis[priced])

    def _by_tier(self, context: Context, found, places: np.ndarray) -> None:
        """Put what the tiers of the month or year add on top."""
        cost, ids = self.companions[places, :, -1], self.basis[places]
        amounts, base = self.leaves.amount[places], found.multiplier[:, -1]
        rows = [self.rows[place] for place in places]
        add_tiers(self.book, context, rows, amounts, base, self.days, cost, ids, self._amounts)
        self.companions[places, :, -1], self.basis[places] = cost, ids
