"""What is computed: indicators on days, and the terms that join them. Must not know how they are computed.

A cell is one indicator on one day. It holds an amount and *companions* (coal, carbon, cost): the same sum over the same
sources, each source at its own factor and price of the day. Errors are values: NaN with a reason, never 0.
"""

from dataclasses import dataclass
from enum import IntEnum

import numpy as np

from .arrays import BoolArray, FloatArray, IntArray
from .quality import Quality, Reason

MOST_COUNTED = 2**25
"""Counts of source-days stop here: formulas that branch and meet again can double them with every level."""


class Measure(IntEnum):
    """Columns of a cell."""

    AMOUNT = 0
    """In the indicator's own unit."""
    COAL = 1
    """Standard coal, calorific."""
    COAL_EQUIVALENT = 2
    """Standard coal, equivalent; never added to calorific."""
    CARBON = 3
    """Carbon, location-based."""
    CARBON_MARKET = 4
    """Carbon, market-based; never added to location-based."""
    COST = 5
    """Cost in the company's currency."""


N_MEASURES = len(Measure)


class Role(IntEnum):
    """What a term does in its target."""

    SUM = 0
    NUMERATOR = 1
    DENOMINATOR = 2


class Kind(IntEnum):
    """How an indicator is computed."""

    SUM_PARTIAL = 0
    """Weighted sum of the sources present; missing ones are left out and the value is PARTIAL."""
    SUM_BLANK = 1
    """Weighted sum, blank when any source is missing. Needed wherever something is subtracted (unmetered loss)."""
    RATIO = 2
    """Sum of numerator terms over sum of denominator terms."""


@dataclass
class Terms:
    """Terms of all formulas; every array has shape (t,).

    A plain term adds coefficient x the source's ``source_column`` to the target's ``target_column``. A carrying term
    takes the amount and all companions along, each into its own column. Numerators and denominators take
    ``source_column`` and ignore ``target_column``.

    :param target: indicator that the term belongs to, int
    :param source: indicator that is taken, int
    :param source_column: :class:`Measure` taken from the source, int8
    :param target_column: :class:`Measure` added to in the target, int8
    :param coefficient: factor, float64
    :param first_day: first valid day as ordinal (``date.toordinal``), int
    :param last_day: last valid day, inclusive, int
    :param role: :class:`Role`, int8
    :param carries: companions are taken along; only for sums of amounts into amounts, bool
    :param conversion: from the unit of ``source_column`` to the target's, float64, None: 1 everywhere; companions that
        are carried along have their own units whatever the amount is counted in
    :raises ValueError: arrays of different length, or a carrying term that is no sum of amounts
    """

    target: IntArray
    source: IntArray
    source_column: IntArray
    target_column: IntArray
    coefficient: FloatArray
    first_day: IntArray
    last_day: IntArray
    role: IntArray
    carries: BoolArray
    conversion: FloatArray | None = None

    def __post_init__(self) -> None:
        if self.conversion is None:
            self.conversion = np.ones(len(self.target))
        types = {"coefficient": np.float64, "carries": np.bool_, "conversion": np.float64}
        for name in self.__dataclass_fields__:
            setattr(self, name, np.asarray(getattr(self, name), dtype=types.get(name, np.int64)))
        if len({len(getattr(self, name)) for name in self.__dataclass_fields__}) > 1:
            raise ValueError("All columns of terms must have the same length.")
        if (self.carries & ((self.role != Role.SUM) | (self.source_column != 0) | (self.target_column != 0))).any():
            raise ValueError("Only a sum of amounts can carry companions along.")


@dataclass
class Cells:
    """Values of i indicators over d days.

    :param value: amounts and companions, NaN = missing, shape (i, d, C), float64
    :param expected: leaf source-days that should have a value, shape (i, d), int32
    :param present: leaf source-days that have one, shape (i, d), int32
    :param quality: :class:`.quality.Quality`, shape (i, d), int8
    :param numerator: of ratios, NaN elsewhere, shape (i, d)
    :param denominator: of ratios, NaN elsewhere, shape (i, d)
    :param missing_price: some input had an amount but no factor or price for the column, shape (i, d, C), bool
    :param reason: :class:`.quality.Reason` of the amount, shape (i, d), int8
    """

    value: FloatArray
    expected: IntArray
    present: IntArray
    quality: IntArray
    numerator: FloatArray
    denominator: FloatArray
    missing_price: BoolArray
    reason: IntArray

    @classmethod
    def blank(cls, n_indicators: int, n_days: int, n_columns: int = N_MEASURES) -> "Cells":
        """Cells that know nothing and expect nothing.

        :param n_indicators: number of indicators i
        :param n_days: number of days d
        :param n_columns: number of columns C
        :return: cells with NaN values and quality MISSING
        """
        flat, deep = (n_indicators, n_days), (n_indicators, n_days, n_columns)
        return cls(
            value=np.full(deep, np.nan),
            expected=np.zeros(flat, dtype=np.int32),
            present=np.zeros(flat, dtype=np.int32),
            quality=np.full(flat, Quality.MISSING, dtype=np.int8),
            numerator=np.full(flat, np.nan),
            denominator=np.full(flat, np.nan),
            missing_price=np.zeros(deep, dtype=bool),
            reason=np.zeros(flat, dtype=np.int8),
        )


def put_leaves(
    cells: Cells, rows: IntArray, amount: FloatArray, quality: IntArray, companions: FloatArray | None = None
) -> None:
    """Write leaves: each expects one value a day and has it where the amount is not NaN.

    :param cells: written in place
    :param rows: indicators that are leaves, shape (r,)
    :param amount: amounts in each indicator's unit, NaN = missing, shape (r, d)
    :param quality: quality of the amounts, shape (r, d); MISSING is written where the amount is NaN
    :param companions: companions in the order of :class:`Measure` from COAL on, shape (r, d, C - 1); None: none
    """
    known = np.isfinite(amount)
    cells.value[rows, :, 0] = amount
    cells.value[rows, :, 1:] = np.nan if companions is None else np.where(known[..., None], companions, np.nan)
    cells.expected[rows], cells.present[rows] = 1, known
    cells.quality[rows] = np.where(known, quality, Quality.MISSING)
    cells.numerator[rows] = cells.denominator[rows] = np.nan
    cells.missing_price[rows] = False
    cells.reason[rows] = np.where(known, Reason.NONE, Reason.MISSING_INPUT)
