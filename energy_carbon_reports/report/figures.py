"""A figure of a report: an amount with its coverage, quality and the reason why it is blank.

Figures of days and months add up to those of a period; ratios are never added, only figures are. Must not know where
figures are stored.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from math import fsum

# From best to worst; the quality of a sum is that of its worst part.
QUALITIES = ("measured", "entered", "estimated", "partial", "missing")

NO_PRICE, NO_FACTOR, PARTIAL_PRICE, MISSING = "no_price", "no_factor", "partial_price", "missing_input"
# Made inside the plant: counted as the energy that made it, so it has no coal, carbon or cost of its own.
OWN_MADE = "own_made"
# Of several reasons the first of these is told.
REASONS = (PARTIAL_PRICE, NO_PRICE, NO_FACTOR, OWN_MADE, MISSING)

# A difference smaller than this share of its parts is rounding of binary fractions, not unmetered energy.
ROUNDING = 1e-12


@dataclass(frozen=True)
class Figure:
    """One amount in a known unit.

    :ivar value: the amount, or None when nothing is known: blank is not zero
    :ivar present: source-days with a value
    :ivar expected: source-days that should have one
    :ivar quality: one of QUALITIES, or "" when no row exists at all
    :ivar reason: why the value is blank or incomplete, or ""
    """

    value: float | None = None
    present: int = 0
    expected: int = 0
    quality: str = ""
    reason: str = ""

    @property
    def coverage(self) -> float | None:
        """Share of the expected source-days that have a value, or None when nothing was expected."""
        return self.present / self.expected if self.expected else None

    @property
    def is_partial(self) -> bool:
        return self.present < self.expected or self.reason == PARTIAL_PRICE or self.quality == "partial"


def worst(qualities: Iterable[str]) -> str:
    """
    >>> worst(["measured", "", "estimated"])
    'estimated'
    """
    return max((q for q in qualities if q), key=QUALITIES.index, default="")


def add(figures: Iterable[Figure], whole_only: bool = False) -> Figure:
    """Sum of figures of the same kind and unit; blanks are left out and show in coverage and quality.

    :param whole_only: blank when some part lacks its price or factor: a part of one energy type's cost is no cost. The
        total of several types is the sum of the priced ones, marked as partial
    """
    figures = list(figures)
    known = [figure.value for figure in figures if figure.value is not None]
    reason = _told(figure.reason for figure in figures)
    if known and reason in (NO_PRICE, NO_FACTOR):
        known, reason = ([], reason) if whole_only else (known, PARTIAL_PRICE)
    return Figure(
        value=fsum(known) if known else None,
        present=sum(figure.present for figure in figures),
        expected=sum(figure.expected for figure in figures),
        quality=worst(figure.quality for figure in figures),
        reason=reason,
    )


def _told(reasons: Iterable[str]) -> str:
    given = {reason for reason in reasons if reason}
    return next((reason for reason in REASONS if reason in given), next(iter(sorted(given)), ""))


def difference(whole: Figure, parts: Iterable[Figure]) -> Figure:
    """What of the whole no part accounts for, so that the parts plus it are the whole exactly.

    >>> difference(Figure(10.0), [Figure(4.0), Figure(5.0)]).value
    1.0
    """
    parts = list(parts)
    known = [part.value for part in parts if part.value is not None]
    if whole.value is None or not known:
        return Figure()
    value = fsum([whole.value, *(-part for part in known)])
    if abs(value) <= ROUNDING * max(abs(whole.value), *map(abs, known)):
        value = 0.0
    complete = len(known) == len(parts) and not any(figure.is_partial for figure in (whole, *parts))
    return Figure(value=value, quality="" if complete else "partial", reason="" if complete else MISSING)


def change(current: float | None, previous: float | None) -> float | None:
    """Relative change, a ratio of sums; None when there is nothing to compare with.

    >>> change(110.0, 100.0)
    0.1
    """
    if current is None or previous is None or previous == 0:
        return None
    return (current - previous) / abs(previous)
