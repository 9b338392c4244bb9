"""Prices built of components, of which only the named ones float by period. Must not know tariffs' tables or units.

A published notice lists the components of a month (purchase, line loss, transmission and distribution, system operation,
funds) and by how much the floating ones rise or fall in each period. Days are ordinals (``date.toordinal``).
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np

from .factors import valid_on

FLOAT_METHODS = ("ratio", "percentage", "amount")


@dataclass(frozen=True)
class DatedPrice:
    """Price of a component from a day on, until its next one.

    :ivar component: key of the component; price: per unit, of any sign; final: False while it is provisional
    """

    component: int
    first_day: int
    price: float
    final: bool


@dataclass(frozen=True)
class DatedFloat:
    """How the floating components change in a period from a day on, until its next float.

    :ivar method: ``ratio`` (1.8 times), ``percentage`` (+80) or ``amount`` (+0.30 a unit on their sum)
    """

    period: str
    first_day: int
    method: str
    value: float


@dataclass(frozen=True)
class Part:
    """What a component contributes to a price.

    :ivar component: key, None for a fixed amount by which the period floats
    :ivar price: contribution; base: the component's own price before it floats
    """

    component: int | None
    price: float
    base: float


@dataclass(frozen=True)
class BuiltPrice:
    """Sum of the components in a period from a day on.

    :ivar period: None for hours and amounts without a period: nothing floats
    :ivar final: every component's price is
    """

    first_day: int
    period: str | None
    price: float
    final: bool
    parts: tuple[Part, ...]


def float_parts(bases: Sequence[tuple[int, float]], floating: frozenset[int], rule: DatedFloat | None) -> list[Part]:
    """Contributions of the components in a period: those that do not float as they are, the floating ones by the rule.

    :param bases: (component, price) of the day
    :param floating: components that float
    :param rule: None: nothing floats in this period
    :raises ValueError: the rule's method is none of :data:`FLOAT_METHODS`
    """
    if rule is None:
        return [Part(component, price, price) for component, price in bases]
    if rule.method not in FLOAT_METHODS:
        raise ValueError(f"Unknown way to float {rule.method!r}; known are {', '.join(FLOAT_METHODS)}.")
    ratio = {"ratio": rule.value, "percentage": 1 + rule.value / 100, "amount": 1.0}[rule.method]
    parts = [Part(component, price * ratio if component in floating else price, price) for component, price in bases]
    return [*parts, Part(None, rule.value, 0.0)] if rule.method == "amount" else parts


def build_prices(
    prices: Iterable[DatedPrice],
    floating: frozenset[int],
    floats: Iterable[DatedFloat],
    periods: Iterable[str] = (),
) -> list[BuiltPrice]:
    """Prices by day of change and period, in order of time.

    From the first day on which every component has a price; a new row wherever a component or a float begins. A period
    has rows from its first float on; before, and for periods that never float, the row without period holds.

    :param prices: of all components, one a component and day
    :param floating: components that float
    :param floats: one a period and day
    :param periods: periods that get rows from the first day on even where nothing floats in them
    """
    by_component: dict[int, list[DatedPrice]] = {}
    for price in prices:
        by_component.setdefault(price.component, []).append(price)
    by_period: dict[str | None, list[DatedFloat]] = {None: [], **{period: [] for period in periods}}
    for rule in floats:
        by_period.setdefault(rule.period, []).append(rule)
    if not by_component:
        return []
    first = max(min(price.first_day for price in rows) for rows in by_component.values())
    starts = {row.first_day for rows in (*by_component.values(), *by_period.values()) for row in rows}
    days = np.array(sorted({first, *(day for day in starts if day > first)}), np.int64)
    held = {component: _rows_on(rows, days) for component, rows in by_component.items()}
    rules = {period: _rows_on(rows, days) for period, rows in by_period.items()}
    always = {None, *periods}
    return [
        _built(day, period, {component: rows[at] for component, rows in held.items()}, floating, rules[period][at])
        for at, day in enumerate(days.tolist())
        for period in by_period
        if period in always or rules[period][at] is not None
    ]


def _built(day: int, period: str | None, held: dict[int, DatedPrice], floating, rule) -> BuiltPrice:
    parts = float_parts([(component, row.price) for component, row in held.items()], floating, rule)
    final = all(row.final for row in held.values())
    return BuiltPrice(day, period, sum(part.price for part in parts), final, tuple(parts))


def _rows_on(rows: Sequence, days: np.ndarray) -> list:
    """The row valid on each day, None before the first one."""
    at = valid_on(days, np.array([row.first_day for row in rows], np.int64), np.zeros(len(rows)))
    return [rows[index] if index >= 0 else None for index in at.tolist()]
