"""Point tables as files: CSV or XLSX, a point a line, written and read without loss. Imports no odoo.

One layout for both kinds: the table's own columns stand on each of its lines, so that a file may hold several tables
and a spreadsheet needs no second sheet. Numbers are written as numbers where the file keeps them exactly.
"""

from __future__ import annotations

import csv
import io
import zipfile
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from .point_columns import COLUMNS, HINTS, Row

CSV_SHEET = ""
NOTES_SHEET = "Columns"
# What a spreadsheet would take for a formula is written behind an apostrophe, and so is an apostrophe.
_RISKY = ("=", "+", "-", "@", "\t", "\r", "'")
# Far more than all shipped tables take; what unpacks to more is no point table.
MOST_CELLS = 500_000
MOST_UNPACKED = 100 << 20
# A Chinese spreadsheet saves CSV so, unless told otherwise.
_ENCODINGS = ("utf-8-sig", "gb18030")


@dataclass(frozen=True, slots=True)
class Line:
    """A line of a file.

    :ivar sheet: name of the sheet; empty in a CSV file
    :ivar number: its row, the header being row 1
    :ivar cells: text by column name; columns the file does not have are not in it
    """

    sheet: str
    number: int
    cells: dict[str, str]


@dataclass(frozen=True, slots=True)
class Sheet:
    """A sheet of a file.

    :ivar unknown: (column number from 1, text) of header cells that name no column
    """

    name: str
    header: tuple[str, ...]
    lines: tuple[Line, ...]
    unknown: tuple[tuple[int, str], ...]

    def place(self, column: str) -> str:
        """The letter of a column, as spreadsheets show it; empty when the sheet has none of that name."""
        return column_letter(self.header.index(column)) if column in self.header else ""


class FileUnreadable(Exception):
    """The file is neither CSV (UTF-8, GB 18030) nor a spreadsheet, or far too big for a point table."""


def column_letter(index: int) -> str:
    """A, B, ... Z, AA of a column counted from 0."""
    letters = ""
    index += 1
    while index:
        index, rest = divmod(index - 1, 26)
        letters = chr(65 + rest) + letters
    return letters


def write_csv(rows: Iterable[Row]) -> bytes:
    """Lines as CSV in UTF-8 with the mark by which spreadsheets know it."""
    file = io.StringIO(newline="")
    writer = csv.writer(file, lineterminator="\r\n")
    writer.writerow(COLUMNS)
    for row in rows:
        writer.writerow([_guarded(row[name]) for name in COLUMNS])
    return file.getvalue().encode("utf-8-sig")


def write_xlsx(rows: Iterable[Row]) -> bytes:
    """Lines as a spreadsheet, with a second sheet that says what belongs into which column."""
    import xlsxwriter

    file = io.BytesIO()
    book = xlsxwriter.Workbook(file, {"in_memory": True})
    bold = book.add_format({"bold": True})
    sheet = book.add_worksheet("Points")
    sheet.freeze_panes(1, 0)
    sheet.write_row(0, 0, COLUMNS, bold)
    for number, row in enumerate(rows, start=1):
        for place, name in enumerate(COLUMNS):
            _write_cell(sheet, number, place, row[name])
    notes = book.add_worksheet(NOTES_SHEET)
    notes.set_column(0, 0, 22)
    notes.set_column(1, 1, 110)
    for number, (name, hint) in enumerate(HINTS.items()):
        notes.write_string(number, 0, name, bold)
        notes.write_string(number, 1, hint)
    book.close()
    return file.getvalue()


def read_file(content: bytes) -> list[Sheet]:
    """The sheets of a file, whatever kind it is.

    :raises FileUnreadable: it is none of both
    """
    if content[:4] == b"PK\x03\x04":
        return list(_read_xlsx(content))
    text = _decoded(content)
    try:
        delimiter = ";" if text.partition("\n")[0].count(";") > text.partition("\n")[0].count(",") else ","
        rows = list(csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True))
    except csv.Error as error:
        raise FileUnreadable from error
    return [_sheet(CSV_SHEET, [[_bare(cell) for cell in row] for row in rows])]


def _decoded(content: bytes) -> str:
    for encoding in _ENCODINGS:
        try:
            text = content.decode(encoding)
        except UnicodeDecodeError:
            continue
        if "\0" not in text:
            return text
    raise FileUnreadable


def _read_xlsx(content: bytes) -> Iterator[Sheet]:
    import openpyxl

    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            if sum(part.file_size for part in archive.infolist()) > MOST_UNPACKED:
                raise FileUnreadable
        book = openpyxl.load_workbook(io.BytesIO(content), read_only=True, data_only=True)
        sheets = [(sheet.title, _rows(sheet)) for sheet in book.worksheets]
    except Exception as error:  # whatever the reader of a broken archive stumbles over
        raise FileUnreadable from error
    for name, rows in sheets:
        if name != NOTES_SHEET and any(any(cell is not None for cell in row) for row in rows):
            yield _sheet(name, [[_text(cell) for cell in row] for row in rows])


def _rows(sheet) -> list[tuple]:
    rows, cells = [], 0
    for row in sheet.iter_rows(values_only=True):
        cells += len(row)
        if cells > MOST_CELLS:
            raise FileUnreadable
        rows.append(row)
    return rows


def _sheet(name: str, rows: list[list[str]]) -> Sheet:
    titles = tuple(title.strip().lower() for title in rows[0]) if rows else ()
    lines = [
        Line(name, number, {title: cell for title, cell in zip(titles, row, strict=False) if title in HINTS})
        for number, row in enumerate(rows[1:], start=2)
        if any(cell.strip() for cell in row)
    ]
    unknown = tuple((place, title) for place, title in enumerate(titles, start=1) if title and title not in HINTS)
    return Sheet(name, titles, tuple(lines), unknown)


def _guarded(value: str | int | float) -> str:
    text = _number_text(value)
    return f"'{text}" if isinstance(value, str) and text.startswith(_RISKY) else text


def _bare(text: str) -> str:
    return text[1:] if text.startswith("'") and text[1:].startswith(_RISKY) else text


def _write_cell(sheet, row: int, column: int, value: str | int | float) -> None:
    # xlsxwriter keeps 16 digits of a number; what needs 17 is written as text.
    if not isinstance(value, str) and float(f"{value:.16G}") == value:
        sheet.write_number(row, column, value)
    elif value != "":
        sheet.write_string(row, column, _number_text(value))


def _text(cell: object) -> str:
    if cell is None:
        return ""
    if isinstance(cell, bool):
        return "1" if cell else "0"
    return _number_text(cell) if isinstance(cell, int | float) else str(cell)


def _number_text(value: object) -> str:
    """The shortest text that gives the number back."""
    if isinstance(value, float):
        return str(int(value)) if value.is_integer() and abs(value) < 1e15 else repr(value)
    return str(value)
