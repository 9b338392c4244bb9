"""Point tables as files: an export imported again is the same table; a wrong file changes nothing and says where."""

import base64
import csv
import io

from odoo.exceptions import AccessError
from odoo.tests import new_test_user, tagged

from ..tools.point_file import read_file, write_csv, write_xlsx
from .common import ModbusCommon

COMPARED = (
    *("name", "quantity", "sequence", "enabled", "purpose", "function", "address", "datatype", "text_registers", "bit"),
    *("order", "scale", "offset", "sentinels", "usual_sentinels", "unit_text", "uom_id", "template_id"),
    *("secondary_side", "register_maximum", "note"),
)


@tagged("post_install", "-at_install")
class TestMapFile(ModbusCommon):
    def _import(self, content: bytes, user=None, **values):
        wizard = self.env["energy.modbus.map.import"].with_user(user or self.engineer)
        return wizard.create({"file": base64.b64encode(content), "file_name": "tables", **values})

    def _contents(self, table):
        """All a table says, but for record ids."""
        links = ("decimal_point_id", "unit_code_point_id", "frozen_point_id")
        return {
            "table": [
                table[name]
                for name in ("manufacturer", "model", "firmware", "max_registers", "even", "document", "note")
            ],
            "points": [
                [point[name] for name in COMPARED]
                + [point[name].quantity for name in links]
                + [point.history_id.name, [(unit.code, unit.factor, unit.name) for unit in point.unit_ids]]
                for point in table.point_ids
            ],
            "histories": [
                [history[name] for name in ("name", "function", "address", "stride", "records", "clock")]
                for history in table.history_ids
            ],
        }

    def _tables(self):
        tables = self.env["energy.modbus.map"].search([("company_id", "=", False)])
        code = self.env.ref("energy_carbon_modbus.point_sontex_supercal_531_heat_energy_unit_code")
        code.unit_ids = [(0, 0, {"code": 0, "factor": 0.001, "name": "Wh"}), (0, 0, {"code": 2, "factor": 1000.0})]
        self.env.ref("energy_carbon_modbus.point_sontex_supercal_531_heat_energy_total").unit_code_point_id = code
        return tables

    def test_all_shipped_tables_round_trip_exactly(self):
        tables = self._tables()
        for write in (write_csv, write_xlsx):
            content = write(tables._file_rows())
            before = {table: self._contents(table) for table in tables}
            wizard = self._import(content)
            wizard.action_check()
            self.assertEqual(wizard.state, "ready", wizard.line_ids.mapped("message"))
            self.assertEqual(wizard.summary.count("no change"), len(tables), wizard.summary)
            wizard.action_import()
            self.assertEqual({table: self._contents(table) for table in tables}, before)
            # Into another company they are new, and the same.
            wizard = self._import(content, company_id=self.company.id)
            wizard.action_import()
            self.assertEqual(wizard.state, "ready", wizard.line_ids.mapped("message"))
            copies = self.env["energy.modbus.map"].search([("company_id", "=", self.company.id)])
            self.assertEqual(len(copies), len(tables))
            for table, copied in zip(tables.sorted("display_name"), copies.sorted("display_name"), strict=True):
                old, new = self._contents(table), self._contents(copied)
                for point in old["points"]:
                    point[2] = 10 * (old["points"].index(point) + 1)
                self.assertEqual(new, old)
            copies.unlink()

    def test_dry_run_changes_nothing(self):
        rows = self.adl400._file_rows()
        rows[0]["scale"] = 0.5
        rows.append(dict(rows[1], quantity="new_one", template=""))
        self.adl400.action_verify()
        wizard = self._import(write_csv(rows[:10] + rows[11:]))
        wizard.action_check()
        self.assertEqual(wizard.state, "ready", wizard.line_ids.mapped("message"))
        self.assertIn("1 points new, 1 changed, 1 removed", wizard.summary)
        self.assertEqual(len(self.adl400.point_ids), 39)
        self.assertEqual(self.adl400.state, "verified")
        wizard.action_import()
        self.assertEqual(len(self.adl400.point_ids), 39)
        self.assertEqual(self.adl400.point_ids[0].scale, 0.5)
        self.assertEqual(self.adl400.state, "unverified", "another scale undoes the verification")
        self.assertIn("Scale", self.adl400.message_ids[0].body + self.adl400.message_ids[1].body)

    def test_an_import_keeps_the_points(self):
        """Ids stay, so that what was typed and shipped keeps its place."""
        before = self.adl400.point_ids.ids
        rows = self.adl400._file_rows()
        rows[3]["note"] = "seen"
        self._import(write_xlsx(rows)).action_import()
        self.assertEqual(self.adl400.point_ids.ids, before)
        self.assertEqual(self.adl400.point_ids[3].note, "seen")

    def test_two_points_change_places(self):
        rows = self.adl400._file_rows()
        rows[0]["template"], rows[1]["template"] = rows[1]["template"], rows[0]["template"]
        wizard = self._import(write_csv(rows))
        wizard.action_import()
        self.assertEqual(wizard.state, "ready", wizard.line_ids.mapped("message"))
        self.assertEqual(self.adl400.point_ids[:2].template_id.mapped("code"), ["EL.UB", "EL.UA"])

    def test_wrong_cells_are_shown_and_nothing_is_imported(self):
        rows = self.adl400._file_rows()
        rows[0].update(datatype="double", template="NO.SUCH")
        rows[4]["address"] = "hello"
        wizard = self._import(write_xlsx(rows))
        wizard.action_import()
        self.assertEqual(wizard.state, "faulty")
        self.assertRecordValues(
            wizard.line_ids,
            [
                {"sheet": "Points", "row": 2, "name": "datatype", "text": "double"},
                {"sheet": "Points", "row": 6, "name": "address", "text": "hello"},
            ],
        )
        header = read_file(write_xlsx(rows))[0].header
        self.assertEqual(wizard.line_ids[0].column, chr(65 + header.index("datatype")))
        self.assertIn("uint32", wizard.line_ids[0].message)
        self.assertEqual(self.adl400.point_ids[0].datatype, "float32")

    def test_what_only_the_database_knows_is_shown_at_its_cell_too(self):
        rows = self.adl400._file_rows()
        rows[0]["template"] = "NO.SUCH"
        rows[1]["unit_of_measure"] = "furlong"
        wizard = self._import(write_csv(rows))
        wizard.action_check()
        found = [(line.row, line.name, bool(line.message)) for line in wizard.line_ids]
        self.assertEqual(found, [(2, "template", True), (3, "unit_of_measure", True)])

    def test_what_the_table_refuses_is_shown_at_its_line(self):
        rows = self.adl400._file_rows()
        rows[5]["function"] = "1"
        wizard = self._import(write_csv(rows))
        wizard.action_import()
        self.assertEqual([line.row for line in wizard.line_ids], [7])
        self.assertIn("functions 1 and 2 read bits", wizard.line_ids.message)
        self.assertEqual(self.adl400.point_ids[5].function, "3")

    def test_a_new_table_of_a_few_columns(self):
        text = "manufacturer,model,quantity,name,address,datatype,order\nMaker,M9,e,Energy,400011,uint32,CDAB\n"
        self._import(text.encode()).action_import()
        table = self.env["energy.modbus.map"].search([("model", "=", "M9")])
        self.assertRecordValues(table, [{"state": "unverified", "max_registers": 125, "even": "any"}])
        self.assertRecordValues(table.point_ids, [{"function": "3", "address": 10, "enabled": True, "order": "CDAB"}])

    def test_a_file_that_is_none(self):
        wizard = self._import(b"\xff\xfe\x00")
        wizard.action_import()
        self.assertEqual(wizard.state, "faulty")
        self.assertIn("XLSX", wizard.line_ids.message)

    def test_export(self):
        wizard = self.env["energy.modbus.map.export"].with_user(self.viewer)
        wizard = wizard.with_context(active_model="energy.modbus.map", active_ids=self.adl400.ids).create(
            {"kind": "csv"}
        )
        action = wizard.action_export()
        self.assertIn("ADL400.csv", action["url"])
        rows = list(csv.DictReader(io.StringIO(base64.b64decode(wizard.file).decode("utf-8-sig"))))
        self.assertEqual(len(rows), 39)
        self.assertEqual(rows[0]["manufacturer"], "Acrel")

    def test_rights(self):
        content = write_csv(self.adl400._file_rows())
        for user in (self.viewer, new_test_user(self.env, "auditor_points", groups="energy_carbon.group_auditor")):
            with self.assertRaises(AccessError):
                self._import(content, user)
