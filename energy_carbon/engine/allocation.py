"""Allocation keys: one amount shared out among consumers, day by day. Must not know nodes, units or where figures are kept.

Amounts are whole thousandths of the unit, so that what the consumers got and what was left make the amount again to the
last digit.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import NamedTuple

import numpy as np

from .arrays import BoolArray, FloatArray, IntArray
from .quality import Reason

THOUSANDTHS = 1000.0
"""Amounts are shared out in steps of 1 / this of the unit a day (DESIGN.md, settled questions)."""
SIGNIFICANT_DIGITS = 15
"""Decimal digits that a float64 is sure to hold."""
NOTHING_LEFT = 1e-12
"""A rest of shares below this is the rounding of 1/3 + 1/3 + 1/3, not something left over."""


class Parts(NamedTuple):
    """What everybody got.

    :ivar amount: of the consumers, in whole thousandths, NaN where the source or the share is missing, shape (k, d)
    :ivar rest: what stays at the source, NaN where the source is missing, shape (d,)
    """

    amount: FloatArray
    rest: FloatArray


def shares(basis: FloatArray, valid: BoolArray) -> tuple[FloatArray, BoolArray]:
    """Share of each consumer in what all of them have (floor area, heads, output); 1 together on each day.

    :param basis: figures, NaN = missing; one below zero counts as missing, shape (k, d)
    :param valid: where a consumer takes part, shape (k, d)
    :return: shares, NaN where the figure is missing, 0 where nobody has any, shape (k, d); and the days on which nothing
        can be shared out because the figures are zero or missing for all, shape (d,)
    """
    known = valid & (basis >= 0)
    figure = np.where(known, basis, 0.0)
    total = np.sort(figure, axis=0).sum(axis=0)  # sorted: the same to the last bit in whatever order they come
    share = np.divide(figure, total, out=np.zeros_like(figure), where=total > 0)
    return np.where(valid & ~known, np.nan, share), valid.any(axis=0) & ~(total > 0)


def divide(source: FloatArray, share: FloatArray, rank: IntArray, days: IntArray) -> Parts:
    """Share amounts out by largest remainder, in whole thousandths; what is below a thousandth stays at the source.

    Whose fraction is cut off most gets a thousandth more. Among equals it goes round: by their rank, another one each
    day, so that nobody has the advantage for a whole month.

    >>> divide(np.array([100.0]), np.full((3, 1), 1 / 3), np.arange(3), np.array([0])).amount.ravel()
    array([33.334, 33.333, 33.333])

    :param source: amounts, may be negative, NaN = missing, shape (d,)
    :param share: 0 to 1, together at most 1 on each day, NaN = missing (takes nothing), shape (k, d)
    :param rank: order among equals, all different, shape (k,)
    :param days: ordinal of each day, shape (d,)
    :return: amounts and rest; together exactly the source
    """
    taken = np.nan_to_num(share)
    whole, below = _thousandths(np.nan_to_num(source))
    rest = 1.0 - np.sort(taken, axis=0).sum(axis=0)
    parties = np.vstack([taken, np.where(rest > NOTHING_LEFT, rest, 0.0)])
    quota = np.abs(whole) * parties
    count = np.floor(quota)
    open_steps = np.abs(whole) - count.sum(axis=0)
    turn = np.vstack([(rank[:, None] - days) % max(len(rank), 1), np.full(len(days), len(rank))])
    place = np.argsort(np.lexsort((turn, count - quota), axis=0), axis=0)
    count += (place < open_steps) & (parties > 0)
    given = np.sign(whole) * count[:-1]
    left = _tidy((whole - given.sum(axis=0)) / THOUSANDTHS + below, source)
    missing = np.isnan(source)
    return Parts(
        np.where(missing | np.isnan(share), np.nan, given / THOUSANDTHS + 0.0),  # + 0.0: no minus zero
        np.where(missing, np.nan, left),
    )


def _thousandths(amount: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Whole thousandths towards zero, and what lies below them in the unit; 0.57 is 570 of them, not 569."""
    scaled = amount * THOUSANDTHS
    nearest = np.rint(scaled)
    on_step = np.abs(scaled - nearest) <= 4 * np.spacing(np.abs(scaled))
    whole = np.where(on_step, nearest, np.trunc(scaled))
    return whole, np.where(on_step, 0.0, _tidy(amount - whole / THOUSANDTHS, amount))


def _tidy(part: FloatArray, amount: FloatArray) -> FloatArray:
    """A part without digits that the amount it was taken from does not hold."""
    size = np.maximum(np.abs(np.nan_to_num(amount)), 1.0)
    step = 10.0 ** (SIGNIFICANT_DIGITS - 1 - np.floor(np.log10(size)))
    return np.rint(part * step) / step + 0.0


@dataclass(frozen=True)
class Key:
    """An allocation key over k consumers.

    :param source: indicator whose amount is shared out
    :param target: indicator of each consumer that takes its part, -1: not asked for, shape (k,)
    :param remainder: indicator that takes what is left, -1: not asked for
    :param basis: indicator of each consumer's figure, -1: :attr:`figure` holds on every day, shape (k,)
    :param figure: fixed share, or constant figure; the unit factor where there is an indicator, shape (k,)
    :param fixed: the figures are shares already
    :param measured: the figures come from indicators
    :param first_day: first day of each consumer as ordinal, shape (k,); last_day: last day, inclusive, shape (k,)
    :param span: first and last day of the key
    :param rank: order among equals, shape (k,)
    :param conversion: from the source's unit to that of each target, and of the remainder, shape (k + 1,)
    """

    source: int
    target: IntArray
    remainder: int
    basis: IntArray
    figure: FloatArray
    fixed: bool
    measured: bool
    first_day: IntArray
    last_day: IntArray
    span: tuple[int, int]
    rank: IntArray
    conversion: FloatArray

    def shares(self, amount: FloatArray, days: IntArray) -> tuple[FloatArray, BoolArray]:
        """Share of each consumer on each day.

        :param amount: amount of every indicator, shape (i, d)
        :param days: ordinals, shape (d,)
        :return: as :func:`shares`
        """
        valid = self.valid(days)[:-1]
        if self.fixed:
            return np.where(valid, self.figure[:, None], 0.0), np.zeros(len(days), dtype=bool)
        return shares(self.figures(amount, days), valid)

    def figures(self, amount: FloatArray, days: IntArray) -> FloatArray:
        """The figures by which is shared out, NaN where an indicator has none; parameters as :meth:`shares`."""
        figure = np.repeat(self.figure[:, None], len(days), axis=1)
        if self.measured:
            read = np.where((self.basis >= 0)[:, None], amount[self.basis], np.nan)
            figure = figure * read
        return figure

    def valid(self, days: IntArray) -> BoolArray:
        """On which days each consumer takes part, and in the last row on which the key holds, shape (k + 1, d)."""
        holds = (self.span[0] <= days) & (days <= self.span[1])
        own = (self.first_day[:, None] <= days) & (days <= self.last_day[:, None])
        return np.vstack([own & holds, holds])

    def parts(self, value: FloatArray, unpriced: BoolArray, days: IntArray) -> "KeyParts":
        """What each consumer gets of the source and of all that goes with its amount, and what is left.

        Coal, carbon, cost (or slots) follow in the proportion of the amounts, so that everybody has the same price.

        :param value: amount and companions of every indicator, NaN = missing, shape (i, d, C)
        :param unpriced: companions that are incomplete for want of a price or factor, shape (i, d, C)
        :param days: ordinals, shape (d,)
        """
        source = value[self.source]
        share, empty = self.shares(value[..., 0], days)
        amount, rest = divide(source[:, 0], share, self.rank, days)
        got = np.vstack([amount, rest])
        share = np.vstack([share, 1.0 - np.nansum(share, axis=0)])
        ratio = np.divide(got, source[:, 0], out=np.where(np.isnan(got), np.nan, share), where=source[:, 0] != 0)
        result = ratio[..., None] * source
        result[..., 0] = got * self.conversion[:, None]
        none = (ratio == 0)[..., None]
        lacking = (np.isnan(source) & ~np.isnan(source[:, :1])) | unpriced[self.source]
        result[..., 1:] = np.where(none, 0.0, result[..., 1:])
        return KeyParts(result, lacking & ~none & ~np.isnan(got)[..., None], empty)

    def part(self, local: IntArray, wanted: BoolArray) -> "Key":
        """The key in another numbering, with the targets that are wanted.

        :param local: new position of every indicator, -1 for those left out
        :param wanted: indicators to be computed, in the old numbering
        """
        places = np.append(self.target, self.remainder)
        places = np.where((places >= 0) & wanted[places], local[places], -1)
        return replace(
            self,
            source=int(local[self.source]),
            target=places[:-1],
            remainder=int(places[-1]),
            basis=np.where(self.basis >= 0, local[self.basis], -1),
        )


class KeyParts(NamedTuple):
    """What a key gives; the last of the k + 1 rows is the remainder.

    :ivar value: amounts and companions, NaN = missing, shape (k + 1, d, C)
    :ivar unpriced: companions that are missing or incomplete, shape (k + 1, d, C)
    :ivar empty: days on which nothing could be shared out, shape (d,)
    """

    value: FloatArray
    unpriced: BoolArray
    empty: BoolArray


class Result(NamedTuple):
    """Sums over keys, a row for each of u targets.

    :ivar target: indicators, ascending, shape (u,)
    :ivar value: NaN = missing, shape (u, d, C)
    :ivar unpriced: shape (u, d, C)
    :ivar reason: :class:`.quality.Reason`, shape (u, d)
    """

    target: IntArray
    value: FloatArray
    unpriced: BoolArray
    reason: IntArray


@dataclass
class Allocations:
    """All allocation keys of a set of indicators."""

    keys: list[Key]

    def part(self, local: IntArray, wanted: BoolArray) -> "Allocations | None":
        """The keys of which something is wanted, in another numbering; None when there are none. As :meth:`Key.part`."""
        chosen = [key for key in self.keys if any(at >= 0 and wanted[at] for at in (*key.target, key.remainder))]
        return Allocations([key.part(local, wanted) for key in chosen]) if chosen else None

    def results(self, wanted: IntArray, value: FloatArray, unpriced: BoolArray, days: IntArray) -> Result | None:
        """Compute some targets; one that several keys give to is their sum.

        :param wanted: targets to compute, ascending
        :param value: amount and companions of every indicator, NaN = missing, shape (i, d, C)
        :param unpriced: companions that are incomplete, shape (i, d, C)
        :param days: ordinals, shape (d,)
        :return: None when no key gives to any of them
        """
        fed = np.unique([at for key in self.keys for at in (*key.target, key.remainder)])
        target = np.intersect1d(fed, wanted)
        if not len(target):
            return None
        shape = (len(target), len(days), value.shape[2])
        total, known, lacking = np.zeros(shape), np.zeros(shape, dtype=bool), np.zeros(shape, dtype=bool)
        reason = np.zeros(shape[:2], dtype=np.int8)
        for key in self.keys:
            for at, part, flags, empty in _given(key, target, value, unpriced, days):
                known[at] |= ~np.isnan(part)
                total[at] += np.nan_to_num(part)
                lacking[at] |= flags
                reason[at] = np.where(empty, Reason.NO_BASIS, reason[at])
        return Result(target, np.where(known, total, np.nan), lacking, reason)


def _given(
    key: Key, target: IntArray, value: FloatArray, unpriced: BoolArray, days: IntArray
) -> Iterable[tuple[int, FloatArray, BoolArray, BoolArray]]:
    """What a key gives to each of some targets: place among them, value, unpriced, days without basis."""
    places = np.append(key.target, key.remainder)
    rows = np.flatnonzero(np.isin(places, target))
    if not len(rows):
        return
    parts, valid = key.parts(value, unpriced, days), key.valid(days)
    for row in rows.tolist():
        on = valid[row]
        at = int(np.searchsorted(target, places[row]))
        yield at, np.where(on[:, None], parts.value[row], np.nan), parts.unpriced[row] & on[:, None], parts.empty & on
