"""Point tables to and from the lines of a file. Extends energy.modbus.map."""

from __future__ import annotations

from odoo import models
from odoo.exceptions import UserError, ValidationError

from ..tools.point_columns import COLUMNS, Fault, Row, address_text, unit_pairs, unit_text
from ..tools.point_tables import FilePoint, FileTable

TABLE_FIELDS = {
    "manufacturer": "manufacturer",
    "model": "model",
    "firmware": "firmware",
    "registers_per_read": "max_registers",
    "even_rule": "even",
    "manual": "document",
    "table_note": "note",
}
POINT_FIELDS = {
    "name": "name",
    "enabled": "enabled",
    "purpose": "purpose",
    "function": "function",
    "datatype": "datatype",
    "text_registers": "text_registers",
    "bit": "bit",
    "order": "order",
    "scale": "scale",
    "offset": "offset",
    "no_value_codes": "sentinels",
    "usual_no_value_codes": "usual_sentinels",
    "unit": "unit_text",
    "secondary_side": "secondary_side",
    "register_maximum": "register_maximum",
    "note": "note",
}
LINK_FIELDS = {
    "decimal_part": "decimal_point_id",
    "unit_code": "unit_code_point_id",
    "record_of": "frozen_point_id",
}
HISTORY_FIELDS = {
    "records": "name",
    "records_address": "address",
    "records_stride": "stride",
    "records_count": "records",
    "records_clock": "clock",
    "function": "function",
}


class EnergyModbusMapFile(models.Model):
    """A point table as lines; used by the export and the import on behalf of the user."""

    _inherit = "energy.modbus.map"

    # === EXPORT === #
    def _file_rows(self) -> list[Row]:
        """A line for each point of the tables, in the columns' own words."""
        return [row for table in self for row in table._own_file_rows()]

    def _own_file_rows(self) -> list[Row]:
        own = {column: _cell(self, name) for column, name in TABLE_FIELDS.items()}
        codes = self._file_codes()
        return [{**self._point_row(point, codes), **own} for point in codes]

    def _file_codes(self) -> dict:
        """Quantity by point, unique in the table: points without one, and second ones, get one of their own."""
        codes, taken = {}, set()
        for place, point in enumerate(self.point_ids, start=1):
            code = " ".join((point.quantity or "").split())
            codes[point] = code if code and code not in taken else f"{code or 'point'}_{place}"
            taken.add(codes[point])
        return codes

    def _point_row(self, point, codes: dict) -> Row:
        row: Row = {column: "" for column in COLUMNS}
        row.update({column: _cell(point, name) for column, name in POINT_FIELDS.items()})
        row.update({column: codes.get(point[name], "") for column, name in LINK_FIELDS.items()})
        row.update(
            quantity=codes[point],
            address=address_text(point.address),
            unit_of_measure=point.uom_id.name or "",
            template=point.template_id.code or "",
            units=unit_text([(unit.code, unit.factor, unit.name or "") for unit in point.unit_ids]),
        )
        if history := point.history_id:
            row.update(
                {column: _cell(history, name) for column, name in HISTORY_FIELDS.items() if column != "function"}
            )
            row["records_address"] = address_text(history.address)
        return row

    # === IMPORT === #
    def _write_file_tables(self, tables: list[FileTable], company) -> tuple[list, list[Fault]]:
        """Create or change the tables of a file.

        :param company: whose tables; empty: everybody's
        :return: (table, whether new, points new, changed, removed) of each, and what was wrong; then all must be undone
        """
        outcome, faults = [], []
        for file_table in tables:
            table, is_new, wrong = self._file_target(file_table, company)
            faults += wrong
            if table:
                counts, wrong = table._write_file_points(file_table)
                outcome.append((table, is_new, *counts))
                faults += wrong
        return outcome, faults

    def _file_target(self, file_table: FileTable, company):
        """The table a file's lines belong to, with its own fields written."""
        values = {name: file_table.values[column] or False for column, name in TABLE_FIELDS.items()}
        key = [(name, "=", values[name]) for name in ("manufacturer", "model", "firmware")]
        table = self.with_context(active_test=False).search([*key, ("company_id", "=", company.id)], limit=1)
        first = next(iter(file_table.points.values()))
        try:
            with self.env.cr.savepoint():
                if table:
                    _write_changes(table, values)
                    return table, False, []
                return self.create(dict(values, company_id=company.id)), True, []
        except (UserError, ValidationError) as error:
            return self.browse(), False, [_text_fault(first, error)]

    def _write_file_points(self, file_table: FileTable) -> tuple[tuple[int, int, int], list[Fault]]:
        """Make the table's points those of the file; what stays the same is not touched."""
        known = {code: point for point, code in self._file_codes().items()}
        removed = self.point_ids.browse([point.id for code, point in known.items() if code not in file_table.points])
        removed.unlink()
        histories = self._write_histories(file_table)
        faults: list[Fault] = []
        resolved = {}
        for sequence, (code, line) in enumerate(file_table.points.items(), start=1):
            values, wrong = self._file_point_values(line, 10 * sequence)
            faults += wrong
            resolved[code] = dict(values, history_id=histories.get(line.row["records"], False))
        if faults:
            return (0, 0, len(removed)), faults
        for code, point in known.items():
            if code in resolved:
                self._free(point, file_table.points[code], resolved[code])
        return self._write_resolved(file_table, known, resolved, len(removed))

    def _free(self, point, line: FilePoint, values: dict):
        """Undo what ties a point to others where the file has it otherwise: two points may change places."""
        freed = {}
        if point.template_id.id != values["template_id"]:
            freed["template_id"] = False
        if point.history_id.id != values["history_id"]:
            freed["history_id"] = False
        codes = self._file_codes()
        for column, name in LINK_FIELDS.items():
            if point[name] and codes.get(point[name]) != line.row[column]:
                freed[name] = False
        if freed:
            point.write(freed)

    def _write_resolved(self, file_table: FileTable, known: dict, resolved: dict, removed: int):
        """Write the lines' own values, then what ties them together; stop after the step in which one is refused."""
        new, changed, points = set(file_table.points) - set(known), set(), dict(known)
        for step in (self._write_own, self._write_links):
            faults = []
            for code, line in file_table.points.items():
                try:
                    with self.env.cr.savepoint():
                        if step(code, line, points, resolved[code]):
                            changed.add(code)
                except (UserError, ValidationError) as error:
                    faults.append(_text_fault(line, error))
            if faults:
                break
        return (len(new), len(changed - new), removed), faults

    def _write_own(self, code: str, line: FilePoint, points: dict, values: dict) -> bool:
        own = {name: value for name, value in values.items() if name != "history_id"}
        if code in points:
            # The lines' order is kept, but that a line moved up because another is gone is no news.
            _write_changes(points[code], {"sequence": own.pop("sequence")})
            return _write_changes(points[code], own)
        points[code] = self.point_ids.create(dict(own, map_id=self.id))
        return True

    def _write_links(self, code: str, line: FilePoint, points: dict, values: dict) -> bool:
        """Parts, records and units: they name other points, which must be there first."""
        named = {
            name: points[line.row[column]].id if line.row[column] else False for column, name in LINK_FIELDS.items()
        }
        linked = _write_changes(points[code], dict(named, history_id=values["history_id"]))
        return self._write_units(points[code], line) or linked

    def _file_point_values(self, line: FilePoint, sequence: int) -> tuple[dict, list[Fault]]:
        """Field values of a line, template and unit of measure found."""
        row = line.row
        values = {name: row[column] if row[column] != "" else False for column, name in POINT_FIELDS.items()}
        for column, name in POINT_FIELDS.items():
            if self.point_ids._fields[name].type == "boolean":
                values[name] = bool(row[column])
        faults = []
        template = self.env["energy.indicator.template"].with_context(active_test=False)
        if row["template"]:
            template = template.search([("code", "=", row["template"]), ("indicator_class", "=", "collected")], limit=1)
            faults += [] if template else [line.fault("template", "template")]
        uom = self._file_uom(row["unit_of_measure"], template.uom_id)
        if row["unit_of_measure"] and not uom:
            faults.append(line.fault("unit_of_measure", "uom"))
        values.update(
            address=row["address"],
            quantity=row["quantity"],
            sequence=sequence,
            template_id=template.id if row["template"] else False,
            uom_id=uom.id,
        )
        return values, faults

    def _file_uom(self, name: str, wanted):
        """The unit of that name, one that converts to the wanted unit first."""
        units = self.env["uom.uom"].search([("name", "=", name)]) if name else self.env["uom.uom"]
        fitting = units.filtered(lambda unit: not wanted or unit._has_common_reference(wanted))
        return fitting[:1]

    def _write_histories(self, file_table: FileTable) -> dict[str, int]:
        """Id by name of the table's kept records, made those of the file."""
        known = {history.name: history for history in self.history_ids}
        for name, history in known.items():
            if name not in file_table.histories:
                history.unlink()
        ids = {}
        for name, row in file_table.histories.items():
            values = {field: row[column] for column, field in HISTORY_FIELDS.items()}
            if name in known:
                _write_changes(known[name], values)
                ids[name] = known[name].id
            else:
                ids[name] = self.history_ids.create(dict(values, map_id=self.id)).id
        return ids

    def _write_units(self, point, line: FilePoint) -> bool:
        """Make the units of a unit code those of the file; whether anything changed."""
        wanted = [(code, factor, name or False) for code, factor, name in unit_pairs(str(line.row["units"]))]
        units = point.unit_ids
        if sorted(wanted) == sorted((unit.code, unit.factor, unit.name) for unit in units):
            return False
        units.unlink()
        units.create(
            [{"point_id": point.id, "code": code, "factor": factor, "name": name} for code, factor, name in wanted]
        )
        return True


def _cell(record, name: str) -> str | int | float:
    """A field's value as a cell's: a box as 1 or 0, an empty text as an empty cell."""
    value = record[name]
    if record._fields[name].type == "boolean":
        return int(value)
    return "\n".join(value.splitlines()) if isinstance(value, str) else "" if value is False else value


def _write_changes(record, values: dict) -> bool:
    """Write what differs; whether anything did."""
    changes = {}
    for name, value in values.items():
        field = record._fields[name]
        present = record[name].id if field.type == "many2one" else record[name]
        if present != value and (present or value):
            changes[name] = value
    if changes:
        record.write(changes)
    return bool(changes)


def _text_fault(line: FilePoint, error: Exception) -> Fault:
    """A refusal of the model as a fault of the line."""
    return Fault(line.sheet, line.number, "", "", "text", {"text": str(error)})
