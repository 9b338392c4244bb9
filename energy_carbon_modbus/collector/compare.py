"""Which place, type, byte order and scale turn registers into what a display shows; knows nothing of sockets."""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from dataclasses import dataclass, replace

from .codec import all_orders
from .point import ORDERS, REGISTERS

MOST_SHIFT = 2  # registers that manuals are wrong by: counting from 1, or naming the low word
LEAST_DIGITS = 3  # a display of fewer significant digits is met by chance
# Unsigned before signed: registers that mean the same either way are most likely a counter's.
_DATATYPES = tuple(sorted((datatype for datatype in REGISTERS if datatype != "bit"), key=lambda name: name[0] != "u"))
_POWERS = tuple(10.0**power for power in range(-6, 7))
_DISPLAY = re.compile(r"[+-]?\d+(?:[.,]\d+)?")


@dataclass(frozen=True, slots=True)
class Layout:
    """Where a value lies and how its registers become a number: ``value = raw * scale * factor``.

    :ivar address: 0-based
    :ivar datatype: a numeric type of ``point.REGISTERS``
    :ivar order: one of ``point.ORDERS``, by its short name
    :ivar scale: of the point table
    :ivar factor: CT x PT where the display shows the primary side and the register the secondary one, else 1
    """

    address: int
    datatype: str
    order: str
    scale: float
    factor: float = 1.0


@dataclass(frozen=True, slots=True)
class Sample:
    """What a display showed and what the registers held about then.

    :ivar shown: the number on the display
    :ivar step: its last digit's worth
    :ivar start: 0-based address of the first register
    :ivar registers: in order; None where the device gave none
    """

    shown: float
    step: float
    start: int
    registers: tuple[int | None, ...]


@dataclass(frozen=True, slots=True)
class Fit:
    """A layout that gives what the display showed, each time.

    :ivar values: what it gives, a value a sample
    :ivar changes: how far it lies from the point table, 0: it is what the table says
    """

    layout: Layout
    values: tuple[float, ...]
    changes: int


def parse_display(text: str) -> tuple[float, float]:
    """The number a display shows, and what its last digit is worth.

        >>> parse_display("12 345.60")
        (12345.6, 0.01)

    :param text: digits with a decimal point or comma; blanks are ignored, thousands separators are not taken
    :raises ValueError: no such number
    """
    entry = re.sub(r"[\s\u00a0\u202f']", "", text or "")
    if not _DISPLAY.fullmatch(entry):
        raise ValueError(f"{text!r} is no number as a display shows it")
    entry = entry.replace(",", ".")
    return float(entry), 10.0 ** -len(entry.partition(".")[2])


def significant_digits(text: str) -> int:
    """Digits of a displayed number from its first that is not 0.

    >>> significant_digits("0012.30")
    4
    """
    return len(re.sub(r"\D", "", text).lstrip("0"))


def window(layout: Layout) -> tuple[int, int]:
    """First address and number of registers that must be read to try all layouts near one."""
    start = max(layout.address - MOST_SHIFT, 0)
    end = min(layout.address + MOST_SHIFT + max(REGISTERS.values()), 0x10000)
    return start, end - start


def find_fits(
    samples: Sequence[Sample], current: Layout, factors: Sequence[float] = (1.0,), tolerance: float = 0.002
) -> list[Fit]:
    """All layouts near the current one that give what the display showed, in every sample.

    :param samples: at least one; each further one, shown at another time, leaves fewer
    :param current: what the point table says
    :param factors: CT x PT and the like that may lie between register and display
    :param tolerance: by how much display and register may differ, as a share: the meter counts on meanwhile
    :return: the nearest to the point table first; layouts that give the same from the same registers appear once
    """
    found: dict[tuple, Fit] = {}
    for layout in _layouts(samples[0], current, factors, tolerance):
        values = tuple(_value(sample, layout) for sample in samples)
        if not all(_shows(sample, value, tolerance) for sample, value in zip(samples, values, strict=True)):
            continue
        fit = Fit(layout, values, _changes(layout, current))
        # A small positive number is the same signed and unsigned: one of them is enough to choose from.
        twin = (layout.address, REGISTERS[layout.datatype], _kind(layout.datatype), _shuffle(layout), values)
        if twin not in found or fit.changes < found[twin].changes:
            found[twin] = fit
    return sorted(found.values(), key=lambda fit: (fit.changes + _blur(fit, samples), _distance(fit, samples)))


def _layouts(sample: Sample, current: Layout, factors: Sequence[float], tolerance: float) -> list[Layout]:
    """Layouts that meet one sample."""
    scales = sorted({*_POWERS, *(current.scale * power for power in _POWERS)})
    found = []
    for address in range(current.address - MOST_SHIFT, current.address + MOST_SHIFT + 1):
        for datatype in _DATATYPES:
            registers = _registers(sample, address, datatype)
            if registers is None:
                continue
            for order, raw in all_orders(registers, datatype).items():
                short = _short_name(order)
                found += [
                    Layout(address, datatype, short, _rounded(scale), factor)
                    for scale in scales
                    for factor in factors
                    if raw and _shows(sample, raw * scale * factor, tolerance)
                ]
    return found


def _registers(sample: Sample, address: int, datatype: str) -> tuple[int, ...] | None:
    place = address - sample.start
    registers = sample.registers[place : place + REGISTERS[datatype]] if place >= 0 else ()
    return registers if len(registers) == REGISTERS[datatype] and None not in registers else None


def _value(sample: Sample, layout: Layout) -> float:
    """What a layout makes of a sample's registers; NaN when there is no number."""
    registers = _registers(sample, layout.address, layout.datatype)
    if registers is None:
        return math.nan
    numbers = {_short_name(order): raw for order, raw in all_orders(registers, layout.datatype).items()}
    raw = numbers[layout.order]
    return math.nan if raw is None else raw * layout.scale * layout.factor


def _shows(sample: Sample, value: float, tolerance: float) -> bool:
    """Whether a display would show a value so: rounded or cut off, and a moment earlier or later."""
    return abs(value - sample.shown) <= sample.step + tolerance * abs(sample.shown)


def _changes(layout: Layout, current: Layout) -> int:
    """How far a layout lies from the point table's: a wrong order or power of ten is the usual mistake."""
    return (
        2 * abs(layout.address - current.address)
        + 3 * (layout.datatype != current.datatype)
        + (_shuffle(layout) != _shuffle(replace(current, datatype=layout.datatype)))
        + (not math.isclose(layout.scale, current.scale))
        + 2 * (not math.isclose(layout.factor, current.factor))
    )


def _blur(fit: Fit, samples: Sequence[Sample]) -> int:
    """All digits agreeing is no accident; a float's high word alone is right within half a per cent."""
    exact = all(abs(value - one.shown) <= 1.01 * one.step for value, one in zip(fit.values, samples, strict=True))
    return 0 if exact else 2


def _distance(fit: Fit, samples: Sequence[Sample]) -> float:
    return sum(abs(value - sample.shown) for value, sample in zip(fit.values, samples, strict=True))


def _kind(datatype: str) -> str:
    return "integer" if "int" in datatype else datatype.rstrip("0123456789")


def _shuffle(layout: Layout) -> tuple[bool, bool]:
    words, swapped = ORDERS[layout.order]
    return words and REGISTERS[layout.datatype] > 1, swapped


def _short_name(order: str) -> str:
    """One name for an order at every width, as point tables have it."""
    return next(name for name in ("ABCD", "CDAB", "BADC", "DCBA") if ORDERS[name] == ORDERS[order])


def _rounded(scale: float) -> float:
    """A scale without the dust of multiplication: 0.1 * 0.1 is 0.01."""
    return float(f"{scale:.12g}")
