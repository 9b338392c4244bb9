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
    for unit in data.units:
        kind = DIFFERENCE if unit.rest_of else UNIT
        matrix.rows.append(Row(unit.key, unit.name, kind, unit.depth, unit.parent, unit.key, unit.code))
        for line, measure in _figure_places(data):
            entry = data.entry(unit.key, line.key, measure.key) or _missing_total(line, unit)
            if entry:
                parts = data.parts(unit.key, line.key, measure.key)
                _put(matrix, unit.key, _column_key(line, measure), _cell(data, entry, line, measure, parts))
        if not unit.rest_of:
            matrix.set(unit.key, "coverage", Cell(figure=data.coverage(unit.key)))
    _choose_decimals(matrix)
    return matrix


def course_matrix(data: ReportData, texts: Texts) -> Matrix:
    """Days or months x the same columns, of the unit the report is about, with the total of the period."""
    by_day = all(step.span.days == 1 for step in data.steps)
    matrix = Matrix("course", texts.course, texts.day if by_day else texts.month)
    matrix.columns = _columns(data, texts)
    matrix.rows = [Row(step.key, step.label, STEP, day=step.span.first) for step in data.steps]
    matrix.rows.append(Row("total", texts.total, GRAND_TOTAL))
    unit = data.units[0]
    for line, measure in _figure_places(data):
        column = _column_key(line, measure)
        known = []
        for step in data.steps:
            entry = data.course.get((step.key, line.key, measure.key))
            if entry:
                known.append(step.key)
                cell = _cell(data, entry, line, measure)
                _put(matrix, step.key, column, replace(cell, first=step.span.first, last=step.span.last))
        entry = data.entry(unit.key, line.key, measure.key)
        if entry:
            _put(matrix, "total", column, _cell(data, entry, line, measure, tuple(known)))
    if data.compared_steps > len(data.steps):
        _unlink_previous_total(matrix)
    _choose_decimals(matrix)
    return matrix


def details_matrix(data: ReportData, texts: Texts) -> Matrix:
    """A block for each unit, a row for each energy type in it, and the unit's total by the boundary rule."""
    matrix = Matrix("details", texts.details, texts.unit_and_type)
    matrix.columns = _detail_columns(data, texts)
    for unit in data.units:
        kind = DIFFERENCE if unit.rest_of else BLOCK
        matrix.rows.append(Row(unit.key, unit.name, kind, unit.depth, unit.parent, unit.key, unit.code))
        for line in data.lines:
            _detail_row(matrix, data, unit, line)
    _choose_detail_decimals(matrix, data)
    return matrix


def _detail_row(matrix: Matrix, data: ReportData, unit: Unit, line: Line) -> None:
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
        _put(matrix, key, measure.key, _cell(data, entry, line, measure, parts))
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
        columns.append(Column(key, measure.label, FIGURE, line.label, measure.unit, "", measure.decimals))
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
            columns.append(Column(f"{measure.key}.previous", texts.previous, PREVIOUS, group, measure.unit, measure.key))
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


def _cell(data: ReportData, entry: Entry, line: Line, measure: Measure, parts: tuple[str, ...] = ()) -> Cell:
    return Cell(
        figure=entry.figure,
        unit=line.unit if measure.key == AMOUNT else measure.unit,
        previous=entry.previous if data.compared else None,
        indicator_id=entry.indicator_id,
        measure=entry.column,
        first=data.span.first,
        last=data.span.last,
        parts=parts,
    )


def _put(matrix: Matrix, row: str, column: str, cell: Cell) -> None:
    """Set a figure and, where the matrix has columns for them, its compared figure and the change."""
    matrix.set(row, column, cell)
    for other in matrix.columns:
        if other.of != column:
            continue
        if other.kind == PREVIOUS and cell.previous is not None:
            matrix.set(row, other.key, replace(cell, figure=cell.previous, previous=None, first=None, last=None))
        elif other.kind == CHANGE:
            matrix.set(row, other.key, replace(cell, parts=()))


def _unlink_previous_total(matrix: Matrix) -> None:
    """The compared period has more steps than are shown, so its total is no sum of the rows above."""
    for column in matrix.columns:
        cell = matrix["total", column.key]
        if column.kind == PREVIOUS and cell:
            matrix.set("total", column.key, replace(cell, parts=()))


def _choose_decimals(matrix: Matrix) -> None:
    """One number format for a whole column: the eye compares digits by place."""
    for column in matrix.columns:
        if column.kind in (FIGURE, PREVIOUS):
            own = next(other for other in matrix.columns if other.key == (column.of or column.key))
            digits = own.decimals if own.decimals is not None else decimals_for(matrix.values_of(own.key))
            for row in matrix.rows:
                cell = matrix[row.key, column.key]
                if cell:
                    matrix.set(row.key, column.key, replace(cell, decimals=digits))


def _choose_detail_decimals(matrix: Matrix, data: ReportData) -> None:
    """Amounts of different types stand in one column, each with the digits of its own unit."""
    digits = {}
    for line in data.lines:
        for measure in data.measures:
            figures = [entry.figure.value for (_u, ln, m), entry in data.figures.items() if (ln, m) == (line.key, measure.key)]
            chosen = decimals_for(value for value in figures if value is not None)
            digits[line.key, measure.key] = chosen if measure.decimals is None else measure.decimals
    for (row, column), cell in list(matrix.cells.items()):
        line, measure = row.partition("|")[2], column.partition(".")[0]
        if (line, measure) in digits:
            matrix.set(row, column, replace(cell, decimals=digits[line, measure]))
