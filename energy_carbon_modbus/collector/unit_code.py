"""Values whose unit the meter names in a register of its own: which registers to ask too, and what they make of a value.

Knows nothing of sockets; the words for what went wrong are those of a reading's quality.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import NamedTuple

from .codec import UNKNOWN_UNIT
from .point import Point
from .results import MISSING, PointResult


class CodeKey(NamedTuple):
    """Key of a register with a unit code: the caller did not ask for it and never sees it.

    :ivar unit_id: slave address
    :ivar function: 1 to 4
    :ivar address: 0-based
    """

    unit_id: int
    function: int
    address: int


def key_of(code: Point) -> CodeKey:
    """The key under which a unit code is read."""
    return CodeKey(code.unit_id, code.function, code.address)


def code_points(points: Iterable[Point]) -> list[Point]:
    """The registers with unit codes that some points need, each once.

    :param points: of any slaves
    """
    codes = {key_of(point.unit_code): point.unit_code for point in points if point.unit_code}
    return [replace(code, key=key) for key, code in codes.items()]


def settle(results: Iterable[PointResult], points: Mapping[int, Point]) -> list[PointResult]:
    """Multiply each value by the factor of the unit its meter names, and leave the codes themselves out.

    A value whose unit is not known is none: 5 under an unknown code may be 5 kWh or 5 MWh.

    :param results: of a sweep, the codes' among them
    :param points: those with a unit code, by key; their keys must be their own
    :return: the results the caller asked for, in order
    """
    kept = list(results)
    codes = {result.key: result for result in kept if isinstance(result.key, CodeKey)}
    kept = [result for result in kept if not isinstance(result.key, CodeKey)]
    for result in kept:
        point = points.get(result.key)
        if point and point.unit_code and result.value is not None:
            _apply(result, point, codes.get(key_of(point.unit_code)))
    return kept


def _apply(result: PointResult, point: Point, code: PointResult | None) -> None:
    if code is None or code.value is None:
        result.value, result.quality = None, MISSING if code is None or code.error else code.quality
        result.error = code.error if code else None
        return
    factor = dict(point.unit_factors).get(int(code.value))
    if factor is None:
        result.value, result.quality = None, UNKNOWN_UNIT
    else:
        result.value *= factor
