"""The point tables the addon ships, read from the CSV files in its data folder. Imports no odoo.

``meter_maps.csv`` states the registers of 36 meter models as their manuals and published register lists have them; what
a quantity is called and feeds (``meter_quantities.csv``), what a model asks of a read (``meter_models.csv``) and what a
unit in the list means (``meter_units.csv``) lie beside it.
"""

from __future__ import annotations

import csv
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

from ..collector.history import YEAR_MONTH_DAY_HOUR
from ..collector.point import ORDERS, REGISTERS, Point

FOLDER = Path(__file__).resolve().parents[1] / "data"
# Integer and decimal part of one value, where a list has both.
DECIMAL_PARTS = {"gas_volume_integer_part": "gas_volume_decimal_part"}
INTEGER_PART = "_integer_part"
MISSING_TEXTS = {"function": "function code", "scale": "scale", "byte_word_order": "byte order"}
# The order in the list is one of another width: which of the two is wrong, the list does not say.
DISAGREE = "order/type disagree"

Row = dict[str, str]


@dataclass(slots=True)
class ShippedPoint:
    """A row of the register lists as a point of a point table.

    :ivar name: last part of its xml id
    :ivar values: fields of ``energy.modbus.map.point``; ``template`` and ``uom`` are a code and an xml id
    :ivar decimal: quantity of its decimal part; empty when there is none
    :ivar frozen: quantity a history value is a record of; empty when it is none
    """

    name: str
    values: dict
    decimal: str = ""
    frozen: str = ""


@dataclass(slots=True)
class ShippedTable:
    """A meter model's point table.

    :ivar name: last part of its xml id
    :ivar values: fields of ``energy.modbus.map``
    :ivar history: fields of ``energy.modbus.map.history`` of its daily records; None when it keeps none
    """

    name: str
    values: dict
    points: list[ShippedPoint] = field(default_factory=list)
    history: dict | None = None


def read_rows(name: str) -> list[Row]:
    """The lines of one of the CSV files, by column."""
    with (FOLDER / f"{name}.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def listed_points(rows: Iterable[Row]) -> list[Point]:
    """All values of a model whose row says enough to be read, numbered from 0, as the collector reads them.

    :param rows: of ``meter_maps.csv``
    """
    return [
        Point(key, 1, int(row["function"]), int(row["address"]), row["datatype"], row["byte_word_order"])
        for key, row in enumerate(row for row in rows if row["complete"])
    ]


def rows_by_model() -> dict[tuple[str, str], list[Row]]:
    """Rows of the register lists by manufacturer and model, in the lists' order."""
    models: dict[tuple[str, str], list[Row]] = {}
    for row in read_rows("meter_maps"):
        models.setdefault((row["manufacturer"], row["model"]), []).append(row)
    return models


def shipped_tables() -> Iterator[ShippedTable]:
    """The tables as the addon creates them."""
    quantities = {row["quantity"]: row for row in read_rows("meter_quantities")}
    units = {row["listed_unit"]: row for row in read_rows("meter_units")}
    listed = rows_by_model()
    for model in read_rows("meter_models"):
        rows = listed[model["manufacturer"], model["listed_model"]]
        table = ShippedTable(model["name"], _table_values(model))
        table.points = [
            _point(row, 10 * place, model, quantities[row["quantity"]], units[row["unit"]])
            for place, row in enumerate(rows, start=1)
        ]
        _join_parts(table)
        _keep_one_a_template(table, list(quantities))
        table.history = _daily_records(rows)
        yield table


def _table_values(model: Row) -> dict:
    return {
        "manufacturer": model["manufacturer"],
        "model": model["model"],
        "max_registers": int(model["max_registers"]),
        "even": model["even"] or "any",
        "document": model["document"],
        "note": model["note"] or False,
    }


def _point(row: Row, sequence: int, model: Row, quantity: Row, unit: Row) -> ShippedPoint:
    purpose = quantity["purpose"]
    notes = [quantity["note"], unit["note"], _missing_note(row)]
    values = {
        "sequence": sequence,
        "name": quantity["name"],
        "quantity": row["quantity"],
        "purpose": purpose,
        "function": row["function"] or False,
        "address": int(row["address"]),
        "datatype": row["datatype"],
        "order": _order(row),
        "scale": float(row["scale"] or 0.0),
        "unit_text": unit["unit"] or False,
        "uom": unit["uom"] if quantity["template"] else "",
        "template": quantity["template"],
        "secondary_side": bool(unit["secondary_side"]),
        "enabled": bool(row["complete"]) and not unit["off"] and _is_read(row["quantity"]),
        "note": " ".join(filter(None, notes)) or False,
    }
    if model["signed_no_value"] and row["datatype"].startswith("int"):
        values["sentinels"] = "0x7" + "F" * (4 * REGISTERS[row["datatype"]] - 1)
    if model["register_maximum"] and row["unit"] == "kWh":
        values["register_maximum"] = float(model["register_maximum"])
    return ShippedPoint(row["quantity"], values, frozen=_frozen(row["quantity"]))


def _order(row: Row) -> str | bool:
    if row["missing"] == DISAGREE or row["byte_word_order"] not in ORDERS:
        return False
    words_reversed, bytes_swapped = ORDERS[row["byte_word_order"]]
    return {
        (False, False): "ABCD",
        (True, False): "CDAB",
        (False, True): "BADC",
        (True, True): "DCBA",
    }[words_reversed, bytes_swapped]


def _missing_note(row: Row) -> str:
    if row["missing"] == DISAGREE:
        return "The list's byte order does not fit its data type."
    missing = [MISSING_TEXTS[word] for word in row["missing"].split()]
    return f"Not given in the manual: {', '.join(missing)}." if missing else ""


def _is_read(quantity: str) -> bool:
    """Of kept records only the daily values: their clock comes with them, and that of monthly ones is not in the list."""
    return not quantity.startswith("history_") or bool(_frozen(quantity))


def _frozen(quantity: str) -> str:
    """The quantity a daily record's value is taken for: forward active energy, the one a feeder counts.

    The list says "active energy" without a direction; ``history.filling`` lets nothing pass that does not fit between
    the register's readings.
    """
    _before, found, part = quantity.partition("history_daily_record_1_active_energy_")
    return f"import_active_energy_{part}" if found else ""


def _join_parts(table: ShippedTable) -> None:
    """Make one value of integer and decimal part; an integer part alone is not worth reading beside the float."""
    known = {point.name for point in table.points}
    for point in table.points:
        decimal = DECIMAL_PARTS.get(point.name)
        if decimal in known:
            point.decimal = decimal
        elif point.name.endswith(INTEGER_PART) and point.values["template"]:
            _switch_off(point, "Integer part only: the float value is read instead.")


def _keep_one_a_template(table: ShippedTable, quantities: list[str]) -> None:
    """Of several points for one indicator the most exact stays on, else the first in the list of quantities."""
    ranked = sorted(table.points, key=lambda point: (not point.decimal, quantities.index(point.name)))
    first: dict[str, ShippedPoint] = {}
    for point in ranked:
        if point.values["enabled"] and point.values["template"]:
            chosen = first.setdefault(point.values["template"], point)
            if chosen is not point:
                reason = (
                    "Seven digits only: integer and decimal part are read instead."
                    if chosen.decimal
                    else "Feeds the same indicator as another point of the table, which is read instead."
                )
                _switch_off(point, reason)


def _switch_off(point: ShippedPoint, reason: str) -> None:
    point.values["enabled"] = False
    point.values["note"] = " ".join(filter(None, [reason, point.values["note"]]))


def _daily_records(rows: list[Row]) -> dict | None:
    """Where a model's daily records lie (Acrel ADL400: record n at 0x6000 + (n - 1) * 0x22, 90 days)."""
    clock = next((row for row in rows if row["quantity"] == "history_daily_record_1_year_month"), None)
    if not clock:
        return None
    return {
        "name": "daily",
        "function": clock["function"],
        "address": int(clock["address"]),
        "stride": 0x22,
        "records": 90,
        "clock": YEAR_MONTH_DAY_HOUR,
    }
