"""Lays a report's data out as three matrices: summary, details, course. Must not know where figures come from."""

from __future__ import annotations

from dataclasses import dataclass, replace

from .data import (
    ALL_TYPES,
    AMOUNT,
    MEDIA,
    NO_INDICATOR,
    TYPE,
    Entry,
    Line,
    Measure,
    ReportData,
    Unit,
)
from .figures import Figure
from .matrix import (
    BLOCK,
    CHANGE,
    COVERAGE,
    DIFFERENCE,
    FIGURE,
    GRAND_TOTAL,
    LINE,
    PREVIOUS,
    STEP,
    TEXT,
    TOTAL,
    UNIT,
    Cell,
    Column,
    Matrix,
    Row,
    decimals_for,
)
from .periods import Span


@dataclass(frozen=True)
class Texts:
    """Words of the report in the reader's language."""

    summary: str = "Summary"
    details: str = "By Energy Type"
    course: str = "Course"
    unit: str = "Unit"
    unit_and_type: str = "Unit / energy type"
    day: str = "Day"
    month: str = "Month"
    consumption: str = "Consumption"
    unit_of_measure: str = "Unit of measure"
    coverage: str = "Coverage"
    previous: str = "Previous"
    change: str = "Change"
    total: str = "Total"


def summary_matrix(data: ReportData, texts: Texts) -> Matrix:
    """Units x (consumption of each type, the unit's totals, coverage)."""
    matrix = Matrix("summary", texts.summary, texts.unit)
    matrix.columns = [*_columns(data, texts), Column("coverage", texts.coverage, COVERAGE)]
    places, make = _figure_places(data), _CellMaker(data, data.figures)
    for unit in data.units:
        kind = DIFFERENCE if unit.rest_of else UNIT
        matrix.rows.append(Row(unit.key, unit.name, kind, unit.depth, unit.parent, unit.key, unit.code))
        for line, measure in places:
            entry = data.entry(unit.key, line.key, measure.key) or _missing_total(line, unit)
            if entry:
                parts = data.parts(unit.key, line.key, measure.key)
                matrix.set(unit.key, _column_key(line, measure), make(entry, line, measure, data.span, parts, unit.spans))
        if not unit.rest_of:
            matrix.set(unit.key, "coverage", Cell(figure=data.coverage(unit.key)))
    return matrix


def course_matrix(data: ReportData, texts: Texts) -> Matrix:
    """Days or months x the same columns, of the unit the report is about, with the total of the period."""
    by_day = all(step.span.days == 1 for step in data.steps)
    matrix = Matrix("course", texts.course, texts.day if by_day else texts.month)
    matrix.columns = _columns(data, texts)
    matrix.rows = [Row(step.key, step.label, STEP, day=step.span.first) for step in data.steps]
    matrix.rows.append(Row("total", texts.total, GRAND_TOTAL))
    unit, make = data.units[0], _CellMaker(data, data.course)
    for line, measure in _figure_places(data):
        column = _column_key(line, measure)
        known = []
        for step in data.steps:
            entry = data.course.get((step.key, line.key, measure.key))
            if entry:
                known.append(step.key)
                matrix.set(step.key, column, make(entry, line, measure, step.span))
        entry = data.entry(unit.key, line.key, measure.key)
        if entry:
            # A compared period with other steps than are shown is no sum of the rows above.
            adds_up = 0 < data.compared_steps <= len(data.steps)
            cell = make(entry, line, measure, data.span, tuple(known))
            matrix.set("total", column, replace(cell, previous_parts=tuple(known) if adds_up else ()))
    return matrix


def details_matrix(data: ReportData, texts: Texts) -> Matrix:
    """A block for each unit, a row for each energy type in it, and the unit's total by the boundary rule."""
    matrix = Matrix("details", texts.details, texts.unit_and_type, shows_compared=data.compared is not None)
    matrix.columns = _detail_columns(data, texts)
    make = _CellMaker(data, data.figures)
    for unit in data.units:
        kind = DIFFERENCE if unit.rest_of else BLOCK
        matrix.rows.append(Row(unit.key, unit.name, kind, unit.depth, unit.parent, unit.key, unit.code))
        for line in data.lines:
            _detail_row(matrix, data, unit, line, make)
    return matrix


def _detail_row(matrix: Matrix, data: ReportData, unit: Unit, line: Line, make: _CellMaker) -> None:
    entries = {m.key: data.entry(unit.key, line.key, m.key) for m in data.measures}
    if not any(entries.values()) and (line.kind != ALL_TYPES or unit.rest_of):
        return
    key = f"{unit.key}|{line.key}"
    kind = TOTAL if line.kind == ALL_TYPES else LINE
    matrix.rows.append(Row(key, line.label, kind, unit.depth + 1, unit.key, unit.key))
    covered = None
    for measure in data.measures:
        entry = entries[measure.key] or (measure.key != AMOUNT and _missing_total(line, unit)) or None
        if entry is None:
            continue
        parts = tuple(f"{part}|{line.key}" for part in data.parts(unit.key, line.key, measure.key))
        matrix.set(key, measure.key, make(entry, line, measure, data.span, parts, unit.spans))
        covered = covered or entry.figure
    if line.kind == TYPE:
        matrix.set(key, "unit", Cell(text=line.unit))
    if covered and covered.expected:
        matrix.set(key, "coverage", Cell(figure=replace(covered, value=None)))


def _columns(data: ReportData, texts: Texts) -> list[Column]:
    """Columns of summary and course: consumption of each type, then coal, carbon and cost."""
    columns = []
    for line, measure in _figure_places(data):
        key = _column_key(line, measure)
        if measure.key == AMOUNT:
            columns.append(Column(key, line.label, group=texts.consumption, unit=line.unit))
            continue
        columns.append(Column(key, measure.label, FIGURE, line.label, measure.unit))
        if data.compared:
            columns.append(Column(f"{key}.previous", texts.previous, PREVIOUS, line.label, measure.unit, key))
            columns.append(Column(f"{key}.change", texts.change, CHANGE, line.label, "%", key))
    return columns


def _detail_columns(data: ReportData, texts: Texts) -> list[Column]:
    columns = []
    for measure in data.measures:
        group = measure.label
        columns.append(Column(measure.key, measure.label, FIGURE, group, measure.unit))
        if data.compared:
            columns.append(
                Column(f"{measure.key}.previous", texts.previous, PREVIOUS, group, measure.unit, measure.key)
            )
            columns.append(Column(f"{measure.key}.change", texts.change, CHANGE, group, "%", measure.key))
        if measure.key == AMOUNT:
            columns.append(Column("unit", texts.unit_of_measure, TEXT, group))
    return [*columns, Column("coverage", texts.coverage, COVERAGE)]


def _figure_places(data: ReportData) -> list[tuple[Line, Measure]]:
    """(line, measure) of each figure column, in order.

    With a single energy type its own coal, carbon and cost follow; with several those of the unit's total, because
    types must not be added by us.
    """
    amounts = [m for m in data.measures if m.key == AMOUNT]
    others = [m for m in data.measures if m.key != AMOUNT]
    types = data.type_lines()
    totals = [line for line in data.lines if line.kind == ALL_TYPES] or types[:1]
    places = [(line, measure) for line in types for measure in amounts]
    places += [(line, measure) for line in totals for measure in others]
    media = [line for line in data.lines if line.kind == MEDIA]
    return places + [(line, others[0]) for line in media if others]


def _column_key(line: Line, measure: Measure) -> str:
    return f"{line.key}:{measure.key}"


def _missing_total(line: Line, unit: Unit) -> Entry | None:
    """Says that a unit has no indicator for its total; what a total may contain is not for the report to guess."""
    if line.kind != ALL_TYPES or unit.rest_of:
        return None
    return Entry(Figure(reason=NO_INDICATOR))


class _CellMaker:
    """Makes cells of entries, figures of one line and measure all with the same digits: the eye compares by place.

    :param entries: (unit or step key, line key, measure key) -> entry, of all cells to be made
    """

    def __init__(self, data: ReportData, entries: dict[tuple[str, str, str], Entry]):
        self.compared = data.compared is not None
        values: dict[tuple[str, str], list[float]] = {}
        for (_key, line, measure), entry in entries.items():
            if entry.figure.value is not None:
                values.setdefault((line, measure), []).append(entry.figure.value)
        self.digits = {place: decimals_for(known) for place, known in values.items()}

    def __call__(
        self,
        entry: Entry,
        line: Line,
        measure: Measure,
        span: Span,
        parts: tuple[str, ...] = (),
        stretches: tuple[Span, ...] = (),
    ) -> Cell:
        """
        :param stretches: days of the span that the figure is about, () for all; of several nobody explains the sum
        """
        span = stretches[0] if stretches else span
        digits = self.digits.get((line.key, measure.key), 0)
        return Cell(
            figure=entry.figure,
            unit=line.unit if measure.key == AMOUNT else measure.unit,
            decimals=digits if measure.decimals is None else measure.decimals,
            previous=entry.previous if self.compared else None,
            indicator_id=entry.indicator_id if len(stretches) < 2 else None,
            measure=entry.column,
            first=span.first,
            last=span.last,
            parts=parts,
            previous_parts=parts,
        )
