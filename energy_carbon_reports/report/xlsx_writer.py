"""Writes matrices to an Excel file with xlsxwriter: header, figures, totals as formulas, charts, print setup.

Must not know what the figures are about. Every text goes in as a string, so that a unit called ``=1+1`` stays a name.
"""

from __future__ import annotations

import io
import re
from dataclasses import dataclass, field

from .figures import Figure
from .matrix import CHANGE, COVERAGE, FIGURE, PREVIOUS, TEXT, Cell, Column, Matrix, Row
from .xlsx_charts import add_course_charts, add_unit_chart, course_steps
from .xlsx_styles import Styles, number_width, text_width

TITLE_ROW, HEADER_ROW, FIRST_ROW = 0, 4, 7
MAX_OUTLINE = 7
MAX_ARGUMENTS = 200  # Excel takes 255 arguments in SUM


@dataclass(frozen=True)
class Front:
    """What stands above and around the tables.

    :ivar facts: (label, text) pairs under the title: unit, period, compared period, made on
    :ivar notes: sentences below the tables
    :ivar reasons: reason code -> text shown in place of a figure, or as its comment when listed in ``silent``
    :ivar coverage: comment on an incomplete figure, with %(percent)s, %(present)s and %(expected)s
    :ivar page: footer, with %(page)s and %(pages)s
    :ivar charts: name of the sheet of charts
    :ivar font: name of a font that has the language's characters, or "" for Excel's own
    """

    title: str
    company: str
    facts: tuple[tuple[str, str], ...] = ()
    notes: tuple[str, ...] = ()
    reasons: dict[str, str] = field(default_factory=dict)
    silent: tuple[str, ...] = ()
    coverage: str = "Coverage %(percent)s: %(present)s of %(expected)s source-days have a value"
    page: str = "Page %(page)s of %(pages)s"
    charts: str = "Charts"
    font: str = ""


def write_workbook(front: Front, matrices: list[Matrix]) -> bytes:
    """The Excel file of these matrices, a sheet each.

    :return: the file's bytes
    """
    import xlsxwriter  # heavy, and only needed here

    buffer = io.BytesIO()
    workbook = xlsxwriter.Workbook(
        buffer,
        {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False},
    )
    workbook.set_properties({"title": front.title, "company": front.company})
    styles = Styles(workbook, front.font)
    names = sheet_names([matrix.title for matrix in matrices])
    sheets = [
        _Sheet(workbook, workbook.add_worksheet(name), styles, front, matrix)
        for matrix, name in zip(matrices, names, strict=True)
    ]
    for sheet in sheets:
        sheet.fill()
    _write_charts(workbook, styles, front, sheets, names)
    workbook.close()
    return buffer.getvalue()


def _write_charts(workbook, styles: Styles, front: Front, sheets: list, names: list[str]) -> None:
    """A page of charts, when some sheet has a course to draw."""
    drawn = [sheet for sheet in sheets if course_steps(sheet)]
    if not drawn:
        return
    page = workbook.add_worksheet(sheet_names([*names, front.charts])[-1])
    write_front(page, styles, front)
    for sheet in drawn:
        add_course_charts(page, sheet, HEADER_ROW)
    set_up_page(page, front)


def sheet_names(titles: list[str]) -> list[str]:
    """Titles as Excel allows them for sheets: no []:*?/\\, no quotes at the ends, 31 characters, unlike each other.

    >>> sheet_names(["By unit/type", "By unit/type"])
    ['By unit type', 'By unit type 2']
    """
    names: list[str] = []
    for title in titles:
        base = re.sub(r"[\[\]:*?/\\]", " ", title).strip(" '") or "Sheet"
        name, number = base[:31], 2
        while name.lower() in (other.lower() for other in names):
            name, number = f"{base[:28]} {number}", number + 1
        names.append(name)
    return names


class _Sheet:
    """One matrix on one sheet."""

    def __init__(self, workbook, sheet, styles: Styles, front: Front, matrix: Matrix):
        self.workbook, self.sheet, self.styles, self.front, self.matrix = workbook, sheet, styles, front, matrix
        self.row_at = {row.key: FIRST_ROW + n for n, row in enumerate(matrix.rows)}
        days = [row.day for row in matrix.rows if row.day]
        self.by_day = len({(day.year, day.month) for day in days}) < len(days)
        self.column_at = {column.key: 1 + n for n, column in enumerate(matrix.columns)}

    def fill(self) -> None:
        write_front(self.sheet, self.styles, self.front)
        self._write_header()
        for row in self.matrix.rows:
            self._write_row(row)
        last = FIRST_ROW + len(self.matrix.rows)
        self._set_widths()
        below = self._write_notes(last + 1)
        add_unit_chart(self, below + 1)
        self._set_up_page()

    # === TEXT BELOW === #
    def _write_notes(self, top: int) -> int:
        """Notes across at most ten columns, each as high as its text needs."""
        last = min(len(self.matrix.columns), 9)
        room = sum(self.widths[: last + 1]) * 1.1  # notes are in a smaller type
        for offset, note in enumerate(self.front.notes):
            self._merge(top + offset, 0, top + offset, last, note, self.styles.part("note"))
            self.sheet.set_row(top + offset, 13 * (1 + int(text_width(note) / room)))
        return top + len(self.front.notes)

    # === COLUMN HEADINGS === #
    def _write_header(self) -> None:
        head = self.styles.part("head")
        self.sheet.set_row(HEADER_ROW + 1, 30)
        self._merge(HEADER_ROW, 0, FIRST_ROW - 1, 0, self.matrix.corner, head)
        columns = self.matrix.columns
        start = 0
        while start < len(columns):
            end = start
            while end + 1 < len(columns) and columns[start].group and columns[end + 1].group == columns[start].group:
                end += 1
            self._write_group(columns[start : end + 1], 1 + start)
            start = end + 1

    def _write_group(self, columns: list[Column], left: int) -> None:
        head, unit = self.styles.part("head"), self.styles.part("head_unit")
        first = columns[0]
        if not first.group:
            self._merge(HEADER_ROW, left, FIRST_ROW - 1, left, first.label, head)
            return
        alone = len(columns) == 1 and first.label == first.group
        if alone:
            self._merge(HEADER_ROW, left, HEADER_ROW + 1, left, first.label, head)
        else:
            self._merge(HEADER_ROW, left, HEADER_ROW, left + len(columns) - 1, first.group, head)
        for offset, column in enumerate(columns):
            if not alone:
                self.sheet.write_string(HEADER_ROW + 1, left + offset, column.label, head)
            self.sheet.write_string(HEADER_ROW + 2, left + offset, column.unit, unit)

    def _merge(self, top: int, left: int, bottom: int, right: int, text: str, style) -> None:
        """Merge with the text written as a string: merge_range alone would guess its type."""
        if (top, left) != (bottom, right):
            self.sheet.merge_range(top, left, bottom, right, "", style)
        self.sheet.write_string(top, left, text, style)

    # === FIGURES === #
    def _write_row(self, row: Row) -> None:
        at = self.row_at[row.key]
        self.sheet.set_row(at, None, None, {"level": min(row.depth, MAX_OUTLINE)})
        if row.day:
            self.sheet.write_datetime(at, 0, row.day, self.styles.day(row, self.by_day))
        else:
            self.sheet.write_string(at, 0, row.label, self.styles.label(row))
        for column in self.matrix.columns:
            self._write_cell(row, column, at, self.column_at[column.key])

    def _write_cell(self, row: Row, column: Column, at: int, left: int) -> None:
        cell = self.matrix[row.key, column.of or column.key]
        if cell is None:
            self.sheet.write_blank(at, left, None, self.styles.text(row))
        elif column.kind == TEXT:
            self.sheet.write_string(at, left, cell.text, self.styles.text(row))
        elif column.kind == COVERAGE:
            self._write_coverage(row, cell, at, left)
        elif column.kind == CHANGE:
            self._write_change(row, column, cell, at, left)
        else:
            self._write_figure(row, column, cell, at, left)

    def _write_figure(self, row: Row, column: Column, cell: Cell, at: int, left: int) -> None:
        figure, parts = cell.figure, cell.parts
        if column.kind == PREVIOUS:
            figure, parts = cell.previous or Figure(), cell.previous_parts
        if figure.value is None:
            self._write_reason(row, figure, at, left)
        elif parts:
            style = self.styles.number(row, cell.decimals, figure.is_partial)
            self.sheet.write_formula(at, left, self._sum(parts, left), style, figure.value)
        else:
            self.sheet.write_number(at, left, figure.value, self.styles.number(row, cell.decimals, figure.is_partial))
        comment = self._comment(figure)
        if comment and column.kind == FIGURE:
            self.sheet.write_comment(at, left, comment, {"x_scale": 1.6})

    def _write_reason(self, row: Row, figure: Figure, at: int, left: int) -> None:
        """A blank cell, or in short why it is blank."""
        text = "" if figure.reason in self.front.silent else self.front.reasons.get(figure.reason, "")
        if text:
            self.sheet.write_string(at, left, text, self.styles.text(row, muted=True))
        else:
            self.sheet.write_blank(at, left, None, self.styles.text(row))

    def _write_change(self, row: Row, column: Column, cell: Cell, at: int, left: int) -> None:
        style = self.styles.percent(row, CHANGE)
        if cell.change is None:
            self.sheet.write_blank(at, left, None, style)
            return
        now, before = (self._name(at, self.column_at[key]) for key in (column.of, f"{column.of}.previous"))
        self.sheet.write_formula(at, left, f"=({now}-{before})/ABS({before})", style, cell.change)

    def _write_coverage(self, row: Row, cell: Cell, at: int, left: int) -> None:
        coverage = cell.figure.coverage
        style = self.styles.percent(row, COVERAGE, coverage is not None and coverage < 1)
        if coverage is None:
            self.sheet.write_blank(at, left, None, style)
        else:
            self.sheet.write_number(at, left, coverage, style)

    def _comment(self, figure: Figure) -> str:
        """What the reader should know about a figure that is blank or incomplete."""
        lines = []
        reason = self.front.reasons.get(figure.reason, "")
        if reason:
            lines.append(reason)
        if figure.expected and figure.present < figure.expected:
            percent = f"{100 * figure.present / figure.expected:.1f} %"
            lines.append(self.front.coverage % {**vars(figure), "percent": percent})
        return "\n".join(lines)

    def _sum(self, parts: tuple[str, ...], left: int) -> str:
        """SUM over rows of one column, neighbours as ranges."""
        rows = sorted(self.row_at[part] for part in parts if part in self.row_at)
        ranges: list[list[int]] = []
        for at in rows:
            if ranges and ranges[-1][1] == at - 1:
                ranges[-1][1] = at
            else:
                ranges.append([at, at])
        names = [
            self._name(first, left) if first == last else f"{self._name(first, left)}:{self._name(last, left)}"
            for first, last in ranges
        ]
        chunks = [names[n : n + MAX_ARGUMENTS] for n in range(0, len(names), MAX_ARGUMENTS)]
        return "=" + "+".join(f"SUM({','.join(chunk)})" for chunk in chunks)

    @staticmethod
    def _name(row: int, column: int) -> str:
        from xlsxwriter.utility import xl_rowcol_to_cell

        return xl_rowcol_to_cell(row, column)

    # === WIDTHS AND PAGE === #
    def _set_widths(self) -> None:
        labels = [text_width(row.label) + 2 * row.depth for row in self.matrix.rows]
        self.widths = [min(max([*labels, 16]) + 3, 48), *(self._width(column) for column in self.matrix.columns)]
        for at, width in enumerate(self.widths):
            self.sheet.set_column(at, at, width)

    def _width(self, column: Column) -> float:
        if column.kind == CHANGE:
            return 10
        cells = [cell for row in self.matrix.rows if (cell := self.matrix[row.key, column.of or column.key])]
        if column.kind == TEXT:
            return min(max([8, *(text_width(cell.text) + 2 for cell in cells)]), 20)
        numbers = [number_width(cell.value, cell.decimals) + 3 for cell in cells if cell.value is not None]
        words = max((text_width(word) for word in column.label.split()), default=0) + 2
        return min(max([11, words, *numbers]), 24)

    def _set_up_page(self) -> None:
        self.sheet.freeze_panes(FIRST_ROW, 1)
        self.sheet.outline_settings(True, False, True, False)
        self.sheet.repeat_rows(HEADER_ROW, FIRST_ROW - 1)
        set_up_page(self.sheet, self.front)

    # Figure columns are what charts draw.
    def figure_columns(self) -> list[Column]:
        return [column for column in self.matrix.columns if column.kind == FIGURE]

    def previous_column(self, column: Column) -> Column | None:
        return next((c for c in self.matrix.columns if c.kind == PREVIOUS and c.of == column.key), None)


def write_front(sheet, styles: Styles, front: Front) -> None:
    """Title, company and facts above a table."""
    sheet.set_row(TITLE_ROW, 26)
    sheet.write_string(TITLE_ROW, 0, front.title, styles.part("title"))
    facts = (("", front.company), *front.facts)
    for index, half in enumerate((facts[:2], facts[2:])):
        text = "    ".join(f"{label}: {value}" if label else value for label, value in half)
        sheet.write_string(TITLE_ROW + 1 + index, 0, text, styles.part("subtitle"))
    sheet.set_row(HEADER_ROW - 1, 6)


def set_up_page(sheet, front: Front) -> None:
    """A4 landscape, one page wide, company, title and page number below."""
    sheet.hide_gridlines(2)
    sheet.set_landscape()
    sheet.set_paper(9)  # A4
    sheet.set_margins(left=0.4, right=0.4, top=0.5, bottom=0.6)
    sheet.fit_to_pages(1, 0)
    page = front.page % {"page": "&P", "pages": "&N"}
    sheet.set_footer(f"&L{_footer_text(front.company)}&C{_footer_text(front.title)}&R{page}")


def _footer_text(text: str) -> str:
    """In a footer & starts a code, and Excel takes 255 characters in all."""
    return text[:80].replace("&", "&&")
