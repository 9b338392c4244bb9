"""Lines of a file sorted into point tables, with everything that can be wrong without looking into a database.

Imports no odoo.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from .point_columns import HISTORY_COLUMNS, REQUIRED, TABLE_COLUMNS, Fault, Row, read_cells
from .point_file import Sheet, column_letter

# Columns by which a point names another one of its table, and what that one must be for.
LINKS = {"decimal_part": "decimal", "unit_code": "unit_code", "record_of": "value"}


@dataclass(slots=True)
class FilePoint:
    """A line of a table.

    :ivar sheet: sheet; empty in a CSV file
    :ivar number: row of the file
    :ivar row: values by column
    """

    sheet: str
    number: int
    row: Row

    def fault(self, column: str, code: str, **detail: str) -> Fault:
        """What is wrong with one of the line's cells."""
        return Fault(self.sheet, self.number, column, str(self.row.get(column, "")), code, detail)


@dataclass(slots=True)
class FileTable:
    """A point table as a file has it.

    :ivar values: the table's own columns
    :ivar points: its lines by quantity, in order
    :ivar histories: columns of its kept records, by their name
    """

    values: Row
    points: dict[str, FilePoint] = field(default_factory=dict)
    histories: dict[str, Row] = field(default_factory=dict)


def collect(sheets: Iterable[Sheet]) -> tuple[list[FileTable], list[Fault]]:
    """Sort a file's lines into tables.

    :return: the tables, and all that is wrong; a table with faults must not be used
    """
    tables: dict[tuple, FileTable] = {}
    faults: list[Fault] = []
    for sheet in sheets:
        faults += _header_faults(sheet)
        if any(column not in sheet.header for column in REQUIRED):
            continue
        for line in sheet.lines:
            row, wrong = read_cells(line.sheet, line.number, line.cells)
            faults += wrong
            if not wrong:
                faults += _add(tables, FilePoint(line.sheet, line.number, row))
    if not tables and not faults:
        faults.append(Fault("", 0, "", "", "empty"))
    for table in tables.values():
        faults += _link_faults(table)
        faults += _template_faults(table)
    return list(tables.values()), sorted(faults, key=lambda fault: (fault.sheet, fault.row))


def _header_faults(sheet: Sheet) -> Iterator[Fault]:
    for place, title in sheet.unknown:
        yield Fault(sheet.name, 1, column_letter(place - 1), title, "unknown_column")
    for title in sorted({title for title in sheet.header if title and sheet.header.count(title) > 1}):
        yield Fault(sheet.name, 1, title, title, "column_twice")
    missing = [column for column in REQUIRED if column not in sheet.header]
    if missing:
        yield Fault(sheet.name, 1, "", "", "no_column", {"columns": ", ".join(missing)})


def _add(tables: dict[tuple, FileTable], point: FilePoint) -> list[Fault]:
    """Put a line into its table."""
    row = point.row
    key = (row["manufacturer"], row["model"], row["firmware"])
    table = tables.setdefault(key, FileTable({column: row[column] for column in TABLE_COLUMNS}))
    faults = [
        point.fault(column, "differs", first=str(table.values[column]))
        for column in TABLE_COLUMNS
        if row[column] != table.values[column]
    ]
    if row["quantity"] in table.points:
        first = table.points[row["quantity"]]
        faults.append(point.fault("quantity", "twice", row=str(first.number)))
    table.points.setdefault(row["quantity"], point)
    return faults + _add_history(table, point)


def _add_history(table: FileTable, point: FilePoint) -> list[Fault]:
    """Note the kept records a line belongs to; all lines must say the same of them."""
    row = point.row
    if not row["records"]:
        return [point.fault(column, "no_records") for column in HISTORY_COLUMNS[1:] if row[column] != ""]
    missing = [column for column in HISTORY_COLUMNS[1:] if row[column] == ""]
    if missing:
        return [point.fault(column, "required") for column in missing]
    history = {column: row[column] for column in (*HISTORY_COLUMNS, "function")}
    first = table.histories.setdefault(row["records"], history)
    return [
        point.fault(column, "differs", first=str(first[column])) for column in history if first[column] != row[column]
    ]


def _link_faults(table: FileTable) -> Iterator[Fault]:
    for point in table.points.values():
        for column, purpose in LINKS.items():
            named = point.row[column]
            if named and (named not in table.points or table.points[named].row["purpose"] != purpose):
                yield point.fault(column, "link", purpose=purpose)


def _template_faults(table: FileTable) -> Iterator[Fault]:
    """Two enabled points cannot feed one indicator."""
    first: dict[str, FilePoint] = {}
    for point in table.points.values():
        template = point.row["template"]
        if template and point.row["enabled"] and first.setdefault(template, point) is not point:
            yield point.fault("template", "template_twice", row=str(first[template].number))
