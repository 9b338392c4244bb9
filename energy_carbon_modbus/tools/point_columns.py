"""The columns of a point table's file: what belongs into each, and how its text becomes a value. Imports no odoo.

A cell that cannot be understood is a ``Fault`` with its place; nothing is guessed.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable
from dataclasses import dataclass, field

from ..collector.point import DATATYPES, address_notations, parse_address

Row = dict[str, str | int | float]

TABLE_COLUMNS = ("manufacturer", "model", "firmware", "registers_per_read", "even_rule", "manual", "table_note")
HISTORY_COLUMNS = ("records", "records_address", "records_stride", "records_count", "records_clock")
PURPOSES = ("value", "decimal", "unit_code", "ct_ratio", "pt_ratio", "serial_number", "history")
HINTS = {
    "manufacturer": "Manufacturer of the meter. Required; the same on each line of a table.",
    "model": "Model as on the type plate. Required.",
    "firmware": "Firmware or edition of the manual, where tables of one model differ.",
    "registers_per_read": "Most registers the meter gives in one answer, 1 to 125.",
    "even_rule": "any, count (an even number of registers) or start (an even first address as well).",
    "manual": "The manual the table was taken from.",
    "table_note": "What to know about the model.",
    "quantity": "Code of the point, once in a table. Other points name it by this code. Required.",
    "name": "Name of the point. Required.",
    "enabled": "1: read; 0: kept, not read.",
    "purpose": "One of " + ", ".join(PURPOSES) + ".",
    "function": "1 coils, 2 discrete inputs, 3 holding registers, 4 input registers.",
    "address": "0-based as 0x084C or 2124, or with the function in front as 402125. Required.",
    "datatype": "One of " + ", ".join(DATATYPES) + ".",
    "text_registers": "Registers of a string, 1 to 125.",
    "bit": "Bit of the register, 0 the lowest.",
    "order": "ABCD, CDAB, BADC or DCBA.",
    "scale": "value = raw x scale + offset.",
    "offset": "See scale.",
    "no_value_codes": "Raw values that mean no value, as 0xFFFF or -32768, separated by blanks.",
    "usual_no_value_codes": "1: all ones and the lowest signed value mean no value, too.",
    "unit": "Unit as in the manual.",
    "unit_of_measure": "Odoo's unit of measure of the value, when it is another one than the template's.",
    "template": "Code of the indicator template the value is stored for.",
    "secondary_side": "1: counts on the secondary side of the transformers, x CT x PT.",
    "register_maximum": "Highest display, from which the counter starts at 0 again; 0: not known.",
    "decimal_part": "Quantity of the point that is the part behind the decimal point.",
    "unit_code": "Quantity of the point in which the meter names its unit.",
    "units": "At a unit code: what each code is multiplied by, as 0=0.001 1=1 2=1000, or with names as 0=0.001:Wh.",
    "record_of": "At a kept record: quantity of the point whose register it is a record of.",
    "records": "At a kept record: name of the records it belongs to, as daily.",
    "records_address": "Address of the first record, where its clock lies.",
    "records_stride": "Registers from one record to the next.",
    "records_count": "Number of records.",
    "records_clock": "How a record carries its time: year_month_day_hour.",
    "note": "Note.",
}
COLUMNS = tuple(HINTS)
REQUIRED = ("manufacturer", "model", "quantity", "name", "address")
DEFAULTS: Row = {
    "registers_per_read": 125,
    "even_rule": "any",
    "enabled": 1,
    "purpose": "value",
    "scale": 1.0,
    "usual_no_value_codes": 1,
    "text_registers": 0,
    "bit": 0,
    "offset": 0.0,
    "secondary_side": 0,
    "register_maximum": 0.0,
}
_UNIT = re.compile(r"(-?\d+)=([^:\s]+)(?::(\S+))?")
_MARKS = {"1": 1, "0": 0, "true": 1, "false": 0, "yes": 1, "no": 0}


@dataclass(frozen=True, slots=True)
class Fault:
    """A cell that is wrong.

    :ivar sheet: sheet; empty in a CSV file
    :ivar row: row of the file, the header being 1; 0 for the whole file
    :ivar column: name of the column; empty for the whole line
    :ivar text: what stands there
    :ivar code: what is wrong, a key of ``point_faults.fault_text``
    :ivar detail: for the message
    """

    sheet: str
    row: int
    column: str
    text: str
    code: str
    detail: dict[str, str] = field(default_factory=dict)


class _Wrong(Exception):
    def __init__(self, code: str, **detail: str) -> None:
        super().__init__(code)
        self.code, self.detail = code, detail


def read_cells(sheet: str, number: int, cells: dict[str, str]) -> tuple[Row, list[Fault]]:
    """A line's values by column; an empty cell, or a column the file does not have, takes its default.

    :return: values of the cells that could be understood, and what is wrong with the others
    """
    row: Row = {}
    faults = []
    for column in COLUMNS:
        text = cells.get(column, "").strip()
        try:
            row[column] = _value(column, text)
        except _Wrong as wrong:
            faults.append(Fault(sheet, number, column, text, wrong.code, wrong.detail))
    faults += _function_faults(sheet, number, row, cells.get("address", "").strip())
    return row, faults


def _function_faults(sheet: str, number: int, row: Row, text: str) -> list[Fault]:
    """Take the function the address names, as 402125 does; it must not be another than the line's own."""
    named = str(parse_address(text)[0] or "") if "address" in row else ""
    if not named or "function" not in row:
        return []
    if row["function"] and row["function"] != named:
        return [Fault(sheet, number, "address", text, "function", {"named": named, "function": row["function"]})]
    row["function"] = named
    return []


def unit_pairs(text: str) -> list[tuple[int, float, str]]:
    """(code, factor, name) of a ``units`` cell; blanks in names are written as underscores.

    :raises ValueError: not in that form
    """
    found = []
    for part in text.split():
        match = _UNIT.fullmatch(part)
        factor = float(match[2]) if match else 0.0
        if not match or not 0.0 < factor < math.inf:
            raise ValueError(part)
        found.append((int(match[1]), factor, (match[3] or "").replace("_", " ")))
    if len({code for code, _factor, _name in found}) < len(found):
        raise ValueError(text)
    return found


def unit_text(pairs: list[tuple[int, float, str]]) -> str:
    """What ``unit_pairs`` reads."""
    parts = []
    for code, factor, name in pairs:
        shown = int(factor) if factor.is_integer() and factor < 1e15 else factor
        parts.append(f"{code}={shown!r}" + (f":{'_'.join(name.split())}" if name else ""))
    return " ".join(parts)


def address_text(address: int) -> str:
    """An address as it is written: hexadecimal, which is nothing else in any notation."""
    return address_notations(None, address)[0]


def _value(column: str, text: str) -> str | int | float:
    if not text:
        if column in REQUIRED:
            raise _Wrong("required")
        return DEFAULTS.get(column, "")
    reader = _READERS.get(column)
    return reader(text) if reader else text


def _choice(*words: str) -> Callable[[str], str]:
    by_word = {word.lower(): word for word in words}

    def read(text: str) -> str:
        if text.lower() not in by_word:
            raise _Wrong("choice", choices=", ".join(words))
        return by_word[text.lower()]

    return read


def _whole(low: int, high: int) -> Callable[[str], int]:
    def read(text: str) -> int:
        number = text.removesuffix(".0")
        if not re.fullmatch(r"-?\d+", number) or not low <= int(number) <= high:
            raise _Wrong("whole", low=str(low), high=str(high))
        return int(number)

    return read


def _number(text: str) -> float:
    try:
        number = float(text)
    except ValueError:
        number = math.nan
    if not math.isfinite(number):
        raise _Wrong("number")
    return number


def _mark(text: str) -> int:
    if text.lower() not in _MARKS:
        raise _Wrong("mark")
    return _MARKS[text.lower()]


def _address(text: str) -> int:
    try:
        return parse_address(text)[1]
    except ValueError as error:
        raise _Wrong("address") from error


def _codes(text: str) -> str:
    for part in re.split(r"[\s,;]+", text):
        try:
            int(part, 0)
        except ValueError as error:
            raise _Wrong("codes", code=part) from error
    return text


def _units(text: str) -> str:
    try:
        unit_pairs(text)
    except ValueError as error:
        raise _Wrong("units") from error
    return text


_READERS: dict[str, Callable[[str], str | int | float]] = {
    "registers_per_read": _whole(1, 125),
    "even_rule": _choice("any", "count", "start"),
    "enabled": _mark,
    "purpose": _choice(*PURPOSES),
    "function": _choice("1", "2", "3", "4"),
    "address": _address,
    "datatype": _choice(*DATATYPES),
    "text_registers": _whole(0, 125),
    "bit": _whole(0, 15),
    "order": _choice("ABCD", "CDAB", "BADC", "DCBA"),
    "scale": _number,  # 0 is what a point has whose scale is not known yet; it cannot be enabled with it
    "offset": _number,
    "no_value_codes": _codes,
    "usual_no_value_codes": _mark,
    "secondary_side": _mark,
    "register_maximum": _number,
    "units": _units,
    "records_address": _address,
    "records_stride": _whole(2, 125),
    "records_count": _whole(1, 65535),
    "records_clock": _choice("year_month_day_hour"),
}
