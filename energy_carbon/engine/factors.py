"""Which factor or price is valid on a day, and the arithmetic of fuel factors. Must not know energy types or tables.

A factor holds from its start until the next one of the same key starts. Days are ordinals (``date.toordinal``).
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from .arrays import FloatArray, IntArray

STANDARD_COAL_MEGAJOULE = 29.3076
"""Heating value of 1 kgce in MJ (GB/T 2589-2020, 3.10: 29 307.6 kJ)."""
CARBON_TO_CARBON_DIOXIDE = 44 / 12
"""Molar masses of CO2 and C as the fuel carbon tables use them (IPCC 2006 Guidelines, volume 2, chapter 1)."""
GAS_TEMPERATURE = {"t0": 273.15, "t20": 293.15}
"""Reference conditions of gas volumes in kelvin: 0 °C (Nm3) and 20 °C, both at 101.325 kPa."""


@dataclass(frozen=True)
class FactorSeries:
    """Dated factors of one key and one rank.

    :param starts: first valid day of each row, day ordinals, any order, shape (r,)
    :param values: factor of each row, NaN = no figure (the row is passed over), shape (r,)
    :param ends: last valid day of each row, inclusive, shape (r,); None: each holds until superseded
    """

    starts: IntArray
    values: FloatArray
    ends: IntArray | None = None


@dataclass(frozen=True)
class Picked:
    """Which factor applies on each day.

    :param series: index of the series taken, -1 where none is valid, shape (d,)
    :param row: index of the row in that series, -1 where none is valid, shape (d,)
    :param value: the factor, NaN where none is valid, shape (d,)
    """

    series: IntArray
    row: IntArray
    value: FloatArray


def valid_on(days: IntArray, starts: IntArray, values: FloatArray, ends: IntArray | None = None) -> IntArray:
    """Row valid on each day: the latest that has started; a row that ended is not followed by an older one.

    Of two rows with the same start the later in the arrays wins.

    :param days: day ordinals, any order, shape (d,)
    :param starts: first valid day of each row, any order, shape (r,)
    :param values: factor of each row; a row of NaN is passed over, shape (r,)
    :param ends: last valid day of each row, inclusive, shape (r,); None: each holds until superseded
    :return: indices of rows, -1 where none is valid, shape (d,), int64
    :raises ValueError: the rows' arrays differ in length
    """
    starts, values = np.asarray(starts, dtype=np.int64), np.asarray(values, dtype=np.float64)
    if len(starts) != len(values) or (ends is not None and len(ends) != len(starts)):
        raise ValueError("Starts, values and ends must have the same length.")
    usable = np.flatnonzero(~np.isnan(values))
    order = usable[np.argsort(starts[usable], kind="stable")]
    at = np.searchsorted(starts[order], np.asarray(days, dtype=np.int64), side="right") - 1
    row = np.concatenate([order, [-1]])[at]
    if ends is not None and len(starts):
        over = np.asarray(ends)[row] < days
        row = np.where(over, -1, row)
    return row


def values_on(days: IntArray, starts: IntArray, values: FloatArray, ends: IntArray | None = None) -> FloatArray:
    """Factor valid on each day, by the rules of :func:`valid_on`.

    :param days: day ordinals, shape (d,)
    :param starts: first valid day of each row, shape (r,)
    :param values: factor of each row, shape (r,)
    :param ends: last valid day of each row, inclusive, shape (r,); None: until superseded
    :return: factors, NaN where none is valid, shape (d,)
    :raises ValueError: the rows' arrays differ in length
    """
    row = valid_on(days, starts, values, ends)
    return np.concatenate([np.asarray(values, dtype=np.float64), [np.nan]])[row]


def pick_by_precedence(days: IntArray, series: Sequence[FactorSeries]) -> Picked:
    """Factor of the first series, in order of precedence, that has a valid row on the day.

    The house order is batch > plant > company > region chain (province, grid region) > country > standard.

    :param days: day ordinals, shape (d,)
    :param series: highest precedence first
    :return: the choice for each day
    :raises ValueError: a series' arrays differ in length
    """
    days = np.asarray(days, dtype=np.int64)
    picked = Picked(np.full(days.shape, -1), np.full(days.shape, -1), np.full(days.shape, np.nan))
    for index, one in enumerate(series):
        row = valid_on(days, one.starts, one.values, one.ends)
        fresh = (picked.series < 0) & (row >= 0)
        picked.series[fresh], picked.row[fresh] = index, row[fresh]
        picked.value[fresh] = np.asarray(one.values, dtype=np.float64)[row[fresh]]
    return picked


def fuel_carbon(
    net_calorific_value: FloatArray | float, carbon_content: FloatArray | float, oxidation: FloatArray | float
) -> FloatArray | float:
    """CO2 of burning one unit of fuel, unrounded: NCV x carbon content x oxidation x 44/12.

    :param net_calorific_value: GJ per unit of fuel (t, 10^4 Nm3)
    :param carbon_content: t C per GJ
    :param oxidation: share of the carbon that burns, 0 to 1
    :return: t CO2 per unit of fuel
    """
    return net_calorific_value * carbon_content * oxidation * CARBON_TO_CARBON_DIOXIDE


def fuel_standard_coal(net_calorific_value: FloatArray | float) -> FloatArray | float:
    """Standard coal of one unit of fuel by its measured heating value.

    >>> round(fuel_standard_coal(20.934), 1)
    714.3

    :param net_calorific_value: GJ per unit of fuel
    :return: kgce per unit of fuel
    """
    return net_calorific_value * 1000 / STANDARD_COAL_MEGAJOULE


def blend(whole: FloatArray, shares: FloatArray, values: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Factor of a purchase part of which carries factors of its own, such as power covered by certificates.

    Certificates that together cover more than the purchase are counted in their order up to the whole of it.

    :param whole: factor of what is not covered, shape (d,)
    :param shares: part of the purchase each certificate covers on each day, 0 to 1, shape (c, d)
    :param values: factor of what each covers, shape (c,)
    :return: blended factor, NaN where the uncovered part has none, and the parts counted, shapes (d,) and (c, d)
    """
    before = np.concatenate([np.zeros((1, shares.shape[1])), np.cumsum(shares, axis=0)[:-1]])
    counted = np.clip(np.minimum(shares, 1.0 - before), 0.0, None)
    rest = 1.0 - counted.sum(axis=0)
    uncovered = np.where(rest > 0, rest * whole, 0.0)
    return uncovered + (counted * np.asarray(values)[:, None]).sum(axis=0), counted


def gas_volume_factor(from_condition: str, to_condition: str) -> float:
    """Factor from a gas volume at one reference condition to the volume at another.

    At the same pressure the volume of an ideal gas is proportional to its absolute temperature, so 1 m3 at 20 °C is
    273.15/293.15 Nm3.

    :param from_condition: condition of the volume at hand, ``t0`` (0 °C) or ``t20`` (20 °C)
    :param to_condition: condition wanted
    :return: factor, exactly 1 when the conditions are the same
    :raises ValueError: unknown condition
    """
    for condition in (from_condition, to_condition):
        if condition not in GAS_TEMPERATURE:
            raise ValueError(f"Unknown reference condition {condition!r}; known are {', '.join(GAS_TEMPERATURE)}.")
    return GAS_TEMPERATURE[to_condition] / GAS_TEMPERATURE[from_condition]
