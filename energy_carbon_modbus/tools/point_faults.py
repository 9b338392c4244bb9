"""What is wrong with a cell of a point table's file, in the reader's language and with what to do. Knows no model."""

from __future__ import annotations

from collections.abc import Callable

from .point_columns import Fault

Texts = dict[str, Callable[[], str]]


def fault_text(env, fault: Fault) -> str:
    """What is wrong and what to do, in one sentence or two."""
    if fault.code == "text":
        return fault.detail["text"]
    for texts in (_file_texts, _cell_texts, _table_texts):
        if text := texts(env, fault.detail).get(fault.code):
            return text()
    raise AssertionError(fault.code)


def _file_texts(env, detail: dict[str, str]) -> Texts:
    """What is wrong with a file or its titles."""
    return {
        "unreadable": lambda: env._(
            "The file is neither a spreadsheet (XLSX) nor CSV (UTF-8 or GB 18030), or it is far too big for point tables."
        ),
        "empty": lambda: env._("The file has no points. Export a table to see how a file looks."),
        "unknown_column": lambda: env._("There is no such column. Correct the title, or remove the column."),
        "column_twice": lambda: env._("The column is there twice. Remove one of them."),
        "no_column": lambda: env._("Columns are missing: %(columns)s. Add them.", columns=detail["columns"]),
    }


def _cell_texts(env, detail: dict[str, str]) -> Texts:
    """What is wrong with a cell by itself."""
    return {
        "required": lambda: env._("The cell is empty. Fill it in."),
        "choice": lambda: env._("The word is not known. Write one of: %(choices)s.", choices=detail["choices"]),
        "whole": lambda: env._(
            "Write a whole number from %(low)s to %(high)s.", low=detail["low"], high=detail["high"]
        ),
        "number": lambda: env._("Write a number, with a point before the decimals."),
        "mark": lambda: env._("Write 1 for yes or 0 for no."),
        "address": lambda: env._(
            "This is no Modbus address. Write it 0-based as 0x084C or 2124, or with the function in front as 402125."
        ),
        "codes": lambda: env._(
            "%(code)s is no whole number. Write codes as 0xFFFF or -32768, separated by blanks.", code=detail["code"]
        ),
        "units": lambda: env._("Write each code with its factor above zero, as 0=0.001 1=1 2=1000."),
    }


def _table_texts(env, detail: dict[str, str]) -> Texts:
    """What does not fit the other lines of the table, or the database."""
    return {
        "function": lambda: env._(
            "The address names function %(named)s, the line says %(function)s. Correct one of them.",
            named=detail["named"],
            function=detail["function"],
        ),
        "differs": lambda: env._(
            "The first line of the table says %(first)s here. Write the same on all its lines.",
            first=detail["first"] or "-",
        ),
        "twice": lambda: env._(
            "Row %(row)s of the table has the same quantity. Give each point its own.", row=detail["row"]
        ),
        "no_records": lambda: env._("Name the kept records in the column records, or empty this cell."),
        "link": lambda: env._(
            "The table has no point of that quantity with the purpose %(purpose)s. Correct the name, or add the point.",
            purpose=detail["purpose"],
        ),
        "template_twice": lambda: env._(
            "Row %(row)s feeds the same indicator template and is enabled, too. Disable one of the two.",
            row=detail["row"],
        ),
        "template": lambda: env._("There is no indicator template for collected values of that code."),
        "uom": lambda: env._("There is no unit of measure of that name that the template's unit converts to."),
    }
