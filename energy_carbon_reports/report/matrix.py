"""The matrix between a report's figures and everything that shows them: screen, Excel file, later PDF.

Rows, columns and cells that know their value, unit, coverage, quality and where they come from. It must not know how it
is drawn, nor where figures are read.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import date

from .figures import Figure, change

# What a row is; outputs choose their style by it.
UNIT, BLOCK, LINE, TOTAL, DIFFERENCE = "unit", "block", "line", "total", "difference"
STEP, GRAND_TOTAL = "step", "grand_total"
# What a column holds.
FIGURE, PREVIOUS, CHANGE, TEXT, COVERAGE = "figure", "previous", "change", "text", "coverage"


@dataclass(frozen=True)
class Column:
    """A column of the matrix.

    :ivar kind: FIGURE, PREVIOUS (figure of the compared period), CHANGE (relative), TEXT or COVERAGE
    :ivar of: key of the FIGURE column whose cells a PREVIOUS or CHANGE column shows; it has none of its own
    :ivar group: heading above neighbouring columns
    :ivar unit: unit of measure of all its cells, or "" when each row has its own
    """

    key: str
    label: str
    kind: str = FIGURE
    group: str = ""
    unit: str = ""
    of: str = ""


@dataclass(frozen=True)
class Row:
    """A row of the matrix.

    :ivar kind: UNIT (a unit's figures), BLOCK (heading over a unit's lines), LINE, TOTAL, DIFFERENCE, STEP, GRAND_TOTAL
    :ivar depth: 0 for the unit the report is about, one more for each level below
    :ivar parent: key of the row it is folded under, or ""
    :ivar unit_key: key of the unit row it belongs to
    :ivar day: the day, or first day of the month, that a STEP row stands for
    """

    key: str
    label: str
    kind: str = LINE
    depth: int = 0
    parent: str = ""
    unit_key: str = ""
    code: str = ""
    day: date | None = None


@dataclass(frozen=True)
class Cell:
    """One figure of the report and all that explains it.

    :ivar indicator_id: what Explain opens, with first..last; None when nobody can explain it further
    :ivar measure: which companion of the indicator's amount is meant (coal, carbon, cost), or "" for the amount
    :ivar parts: keys of the rows of the same column that add up to this cell
    :ivar previous_parts: the same for the figure of the compared period
    :ivar text: what a TEXT column shows
    """

    figure: Figure = Figure()
    unit: str = ""
    decimals: int = 2
    previous: Figure | None = None
    indicator_id: int | None = None
    measure: str = ""
    first: date | None = None
    last: date | None = None
    parts: tuple[str, ...] = ()
    previous_parts: tuple[str, ...] = ()
    text: str = ""

    @property
    def value(self) -> float | None:
        return self.figure.value

    @property
    def previous_value(self) -> float | None:
        return self.previous.value if self.previous else None

    @property
    def change(self) -> float | None:
        return change(self.value, self.previous_value)


@dataclass
class Matrix:
    """A table with a name: rows x columns -> cells; a pair without a cell is empty.

    :ivar shows_compared: the screen has room for the columns of the compared period and of the change; elsewhere it shows
        them inside the figure's cell
    """

    key: str
    title: str
    corner: str
    shows_compared: bool = False
    columns: list[Column] = field(default_factory=list)
    rows: list[Row] = field(default_factory=list)
    cells: dict[tuple[str, str], Cell] = field(default_factory=dict)

    def __getitem__(self, place: tuple[str, str]) -> Cell | None:
        """The cell at (row key, column key), or None."""
        return self.cells.get(place)

    def set(self, row: str, column: str, cell: Cell) -> None:
        self.cells[row, column] = cell

    def row_keys(self) -> list[str]:
        return [row.key for row in self.rows]

    def values_of(self, column: str) -> Iterator[float]:
        """All known values of a column, to choose its number format and width."""
        for row in self.rows:
            cell = self.cells.get((row.key, column))
            if cell is not None and cell.value is not None:
                yield cell.value

    def as_dict(self) -> dict:
        """The matrix as the screen takes it: plain lists, empty things left out.

        Columns of the compared figure and the change have no cells of their own: they show those of the column they are of.
        """
        columns = [column for column in self.columns if self.shows_compared or not column.of]
        return {
            "key": self.key,
            "title": self.title,
            "corner": self.corner,
            "shows_compared": self.shows_compared,
            "columns": [vars(column) for column in columns],
            "rows": [{**vars(row), "day": row.day and row.day.isoformat()} for row in self.rows],
            "cells": {
                row.key: {
                    column.key: _cell_dict(self.cells[row.key, column.key])
                    for column in columns
                    if (row.key, column.key) in self.cells
                }
                for row in self.rows
            },
        }


def decimals_for(values: Iterable[float]) -> int:
    """Digits behind the point that show about four significant ones of the largest value, at most three.

    >>> decimals_for([600000.0, 0.5]), decimals_for([1285.4]), decimals_for([12.0]), decimals_for([0.02])
    (0, 1, 2, 3)
    """
    largest = max((abs(value) for value in values), default=0.0)
    for limit, digits in ((10_000, 0), (1_000, 1), (10, 2)):
        if largest >= limit:
            return digits
    return 3 if largest else 0


def _cell_dict(cell: Cell) -> dict:
    figure = cell.figure
    missing = figure.present < figure.expected
    entry = {
        "value": figure.value,
        "unit": cell.unit,
        "decimals": cell.decimals,
        "previous": cell.previous_value,
        "change": cell.change,
        "coverage": figure.coverage,
        "present": figure.present if missing else None,
        "expected": figure.expected if missing else None,
        "estimated": figure.quality == "estimated" or None,
        "reason": figure.reason,
        "partial": (figure.value is not None and figure.is_partial) or None,
        "previous_partial": (cell.previous_value is not None and cell.previous.is_partial) or None,
        "indicator_id": cell.indicator_id,
        "measure": cell.measure,
        "date_from": cell.first and cell.first.isoformat(),
        "date_to": cell.last and cell.last.isoformat(),
        "text": cell.text,
    }
    return {key: value for key, value in entry.items() if value not in (None, "")}
