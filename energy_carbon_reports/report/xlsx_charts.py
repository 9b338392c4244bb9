"""Native charts of the Excel file: the course of each column, and the units side by side. Draws what the cells hold."""

from __future__ import annotations

from .matrix import STEP, UNIT, Column
from .xlsx_styles import DARK

# Three rows of two charts fill a landscape page.
WIDTH, HEIGHT = 560, 210  # pixels
ROW_PIXELS = 20
GREY = "#9AA5AB"


def course_steps(sheet) -> list[int]:
    """Rows of the days or months of a sheet's table; empty when it is no course.

    :param sheet: a table being written (``xlsx_writer._Sheet``)
    """
    steps = [sheet.row_at[row.key] for row in sheet.matrix.rows if row.kind == STEP]
    return steps if len(steps) > 1 else []


def add_course_charts(page, sheet, top: int) -> None:
    """A column chart for each figure column, two beside each other; the compared period as a line.

    :param page: worksheet to draw on
    :param sheet: the table with the figures
    :param top: first free row of the page
    """
    columns = [
        column for column in sheet.figure_columns() if any(True for _value in sheet.matrix.values_of(column.key))
    ]
    for number, column in enumerate(columns):
        row, side = divmod(number, 2)
        place = {"x_offset": 4 + side * (WIDTH + 10), "y_offset": row * (HEIGHT + 10), "object_position": 3}
        page.insert_chart(top, 0, _course_chart(sheet, column), place)


def _course_chart(sheet, column: Column):
    steps = course_steps(sheet)
    chart = sheet.workbook.add_chart({"type": "column"})
    look = {"fill": {"color": DARK}, "gap": 60}
    chart.add_series(_series(sheet, column.label, steps[0], steps[-1], sheet.column_at[column.key], look))
    before = sheet.previous_column(column)
    if before:
        line = sheet.workbook.add_chart({"type": "line"})
        look = {"line": {"color": GREY, "width": 1.75, "dash_type": "dash"}}
        line.add_series(_series(sheet, before.label, steps[0], steps[-1], sheet.column_at[before.key], look))
        chart.combine(line)
    _finish(chart, column, legend=bool(before))
    chart.set_x_axis({"num_format": "d" if sheet.by_day else "yyyy-mm", "num_font": {"size": 8}})
    return chart


def add_unit_chart(page, top: int) -> None:
    """Units of one level side by side: the children of the report's unit, or the unit itself when it has none."""
    rows = [row for row in page.matrix.rows if row.kind == UNIT]
    if not rows:
        return
    children = [row for row in rows if row.depth == 1] or rows[:1]
    column = _main_column(page, children)
    if column is None:
        return
    at = page.column_at[column.key]
    cells = [page.row_at[row.key] for row in children]
    chart = page.workbook.add_chart({"type": "bar"})
    chart.add_series(
        {
            "name": _plain(column.label),
            "categories": _area(page, cells, 0),
            "values": _area(page, cells, at),
            "fill": {"color": DARK},
            "gap": 50,
            "data_labels": {"value": True, "num_format": "#,##0"},
        }
    )
    _finish(chart, column, legend=False, height=max(200, 90 + 26 * len(cells)))
    chart.set_y_axis({"reverse": True, "interval_unit": 1, "num_font": {"size": 8}, "line": {"none": True}})
    chart.set_x_axis({"visible": False, "major_gridlines": {"visible": False}})  # the bars carry their figures
    page.sheet.insert_chart(top, 0, chart, {"x_offset": 4, "object_position": 3})


def _main_column(page, rows) -> Column | None:
    """The unit's total where there is one, else the first column with a figure for these rows."""
    filled = [
        column
        for column in page.figure_columns()
        if any((cell := page.matrix[row.key, column.key]) and cell.value is not None for row in rows)
    ]
    return next((column for column in filled if column.key.startswith("total:")), filled[0] if filled else None)


def _series(page, name: str, first: int, last: int, at: int, look: dict) -> dict:
    sheet = page.sheet.get_name()
    return {
        "name": _plain(name),
        "categories": [sheet, first, 0, last, 0],
        "values": [sheet, first, at, last, at],
        **look,
    }


def _area(page, rows: list[int], column: int):
    """A range where the rows are neighbours, else the list of cells."""
    sheet = page.sheet.get_name()
    if rows == list(range(rows[0], rows[0] + len(rows))):
        return [sheet, rows[0], column, rows[-1], column]
    from xlsxwriter.utility import xl_rowcol_to_cell

    quoted = "'" + sheet.replace("'", "''") + "'"
    cells = (f"{quoted}!{xl_rowcol_to_cell(row, column, row_abs=True, col_abs=True)}" for row in rows)
    return f"=({','.join(cells)})"


def _finish(chart, column: Column, legend: bool, height: int = HEIGHT) -> None:
    title = " · ".join(part for part in (column.group, column.label) if part)
    unit = f" ({column.unit})" if column.unit else ""
    chart.set_title({"name": _plain(title + unit), "name_font": {"size": 11, "color": DARK}, "overlay": False})
    chart.set_legend({"position": "bottom"} if legend else {"none": True})
    grid = {"visible": True, "line": {"color": "#E0E0E0"}}
    chart.set_y_axis({"num_format": "#,##0", "line": {"none": True}, "major_gridlines": grid})
    chart.set_size({"width": WIDTH, "height": height})


def _plain(text: str) -> str:
    """A title is a reference for xlsxwriter when it starts with ``=``; a name never is one."""
    return f" {text}" if text.startswith("=") else text
