"""Take-over of readings (C4): long and wide files, dry run, duplicates, errors by line and cell."""

import base64
import io
from datetime import datetime

from odoo.exceptions import AccessError, UserError
from odoo.tests import tagged

from .common import EnergyCommon

LONG = """表号,指标,时间,读数
E1,EL.FWD,2026-01-01 00:00:00,"1,000.5"
E1,,2026/1/1 0:15,1001
E2,EL.FWD,2026年1月1日 00时00分,7
"""


@tagged("post_install", "-at_install")
class TestReadingImport(EnergyCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.company.energy_timezone = "Asia/Shanghai"
        cls.meter_1.code, cls.meter_2.code = "E1", "E2"
        template = cls.env["energy.indicator.template"].search([("code", "=", "EL.FWD")])
        cls.forward_1, cls.forward_2 = cls.env["energy.indicator"].create(
            [{"node_id": meter.id, "template_id": template.id} for meter in (cls.meter_1, cls.meter_2)]
        )

    def take(self, text, name="readings.csv", user=None, **values):
        data = text if isinstance(text, bytes) else text.encode()
        wizards = self.env["energy.reading.import"].with_user(user or self.engineer)
        values = {"timezone": "Asia/Shanghai", **values}
        return wizards.create({"file": base64.b64encode(data), "filename": name, **values})

    def readings(self, indicator):
        rows = self.env["energy.reading"].search([("indicator_id", "=", indicator.id)], order="time")
        return [(row.time, row.value) for row in rows]

    def test_c4_long_form_with_chinese_heads(self):
        wizard = self.take(LONG)
        wizard.action_check()
        self.assertRecordValues(
            wizard, [{"state": "checked", "row_count": 3, "series_count": 3, "new_count": 3, "problem_count": 0}]
        )
        self.assertFalse(self.readings(self.forward_1), "a dry run stores nothing")
        wizard.action_import()
        self.assertEqual(wizard.state, "done")
        # 00:00 in China is 16:00 UTC of the day before.
        first = datetime(2025, 12, 31, 16, 0)
        self.assertEqual(self.readings(self.forward_1), [(first, 1000.5), (first.replace(minute=15), 1001.0)])
        self.assertEqual(self.readings(self.forward_2), [(first, 7.0)])

    def test_c4_chinese_encoding(self):
        wizard = self.take(LONG.encode("gb18030"))
        wizard.action_check()
        self.assertEqual(wizard.new_count, 3)

    def test_c4_wide_form(self):
        text = "Time;E1;E2 / EL.FWD;E9\n31.12.2025 10:00;1.234,5;;3\n31.12.2025 11:00;1.235,5;8;4\n"
        wizard = self.take(text, decimal="comma", order="day")
        wizard.action_check()
        self.assertRecordValues(wizard, [{"new_count": 3, "blank_count": 1, "problem_count": 1}])
        self.assertRecordValues(wizard.line_ids, [{"cell": "D1", "line": 1}])
        self.assertIn("E9", wizard.line_ids.text)
        wizard.action_import()
        self.assertEqual([value for _time, value in self.readings(self.forward_1)], [1234.5, 1235.5])
        self.assertEqual([value for _time, value in self.readings(self.forward_2)], [8.0])

    def test_c4_workbook(self):
        import openpyxl

        book = openpyxl.Workbook()
        sheet = book.active
        sheet.append(["meter", "time", "value"])
        sheet.append(["E1", datetime(2026, 1, 1, 8, 0), 12.5])
        sheet.append(["E1", "2026-01-01 08:15", "13.5"])
        sheet.append(["E2", datetime(2026, 1, 1, 8, 0), "many"])
        file = io.BytesIO()
        book.save(file)
        wizard = self.take(file.getvalue(), "a.xlsx", decimal="point")
        wizard.action_check()
        self.assertRecordValues(wizard, [{"new_count": 2, "problem_count": 1}])
        self.assertEqual(wizard.line_ids.cell, "C4")
        wizard.action_import()
        self.assertEqual(
            self.readings(self.forward_1),
            [(datetime(2026, 1, 1, 0, 0), 12.5), (datetime(2026, 1, 1, 0, 15), 13.5)],
        )

    def test_c4_duplicates_and_differing_ones(self):
        self.take(LONG).action_check()
        known = self.take(LONG)
        known.action_check()
        known.action_import()
        text = LONG.replace("1001", "1002") + "E1,,2026-01-01 01:00,5\nE1,,2026-01-01 01:00,5\nE1,,2026-01-01 01:00,6\n"
        wizard = self.take(text)
        wizard.action_check()
        foreseen = {"new_count": 1, "duplicate_count": 3, "differing_count": 2}
        self.assertRecordValues(wizard, [foreseen])
        wizard.action_import()
        self.assertRecordValues(wizard, [foreseen])
        self.assertEqual([value for _time, value in self.readings(self.forward_1)], [1000.5, 1001.0, 5.0])

    def test_c4_errors_by_line_and_cell(self):
        text = (
            "meter,indicator,time,value\nE1,,2026-01-01 00:00,1\n,,2026-01-01 00:00,1\nE1,,yesterday,1\n"
            "E1,,2026-01-01 00:00,one\nE7,,2026-01-01 00:00,1\nE1,Nonsense,2026-01-01 00:00,1\nE1,,,4\n\n"
            'E1,,2026-01-01 02:00,"1,5"\n'
        )
        wizard = self.take(text)
        wizard.action_check()
        self.assertEqual(wizard.new_count, 1)
        cells = dict(zip(wizard.line_ids.mapped("cell"), wizard.line_ids.mapped("text"), strict=True))
        self.assertEqual(set(cells), {"A3", "C4", "D5", "A6", "A7", "C8", "D10"})
        self.assertIn("no time", cells["C4"])
        self.assertIn("no number", cells["D5"])
        self.assertIn("E7", cells["A6"])
        self.assertIn("no such collected indicator", cells["A7"])
        self.assertEqual(wizard.problem_count, 7)

    def test_c4_time_zones(self):
        text = "meter,time,value\nE1,2026-03-29 02:30,1\nE1,2026-03-29T12:00:00Z,2\n"
        text += "E1,2025-10-26 02:30,3\nE1,2025-10-26 02:30,4\n"
        wizard = self.take(text, timezone="Europe/Berlin")
        wizard.action_check()
        self.assertEqual(wizard.line_ids.mapped("cell"), ["C2"], "02:30 did not exist on that day")
        wizard.action_import()
        self.assertEqual(
            self.readings(self.forward_1),
            [
                (datetime(2025, 10, 26, 0, 30), 3.0),
                (datetime(2025, 10, 26, 1, 30), 4.0),
                (datetime(2026, 3, 29, 12, 0), 2.0),
            ],
        )

    def test_c4_files_nobody_can_read(self):
        for data, name, message in (
            (b"\xff\xfe\x00\x01\xff", "a.csv", "can not be read"),
            (b"no workbook", "a.xlsx", "can not be read"),
            (b"meter,value\nE1,5\n", "a.csv", "No column is headed"),
            (b"meter,time\nE1,2026-01-01\n", "a.csv", "none of values"),
            (b"meter,time,value\n", "a.csv", "no readings"),
        ):
            wizard = self.take(data, name)
            with self.assertRaisesRegex(UserError, message):
                wizard.action_check()

    def test_c4_future_and_ancient_times_are_refused(self):
        wizard = self.take("meter,time,value\nE1,2099-01-01,5\nE1,1990-01-01,5\nE1,2026-01-01,5\n")
        wizard.action_check()
        self.assertRecordValues(wizard, [{"new_count": 1, "refused_count": 2}])
        wizard.action_import()
        self.assertRecordValues(wizard, [{"new_count": 1, "refused_count": 2}])
        self.assertIn("more than a day ahead", " ".join(wizard.line_ids.mapped("text")))

    def test_c4_by_the_api(self):
        rows = [["E1", "EL.FWD", "2026-01-01T00:00:00+08:00", 5.0], ["E2", None, "2026-01-01 00:00", "6"], ["E3", "", "x", 1]]
        imports = self.env["energy.reading.import"].with_user(self.engineer)
        foreseen = imports.import_readings(rows)
        self.assertEqual({name: foreseen[name] for name in ("new", "duplicates", "differing", "refused")}, {
            "new": 2, "duplicates": 0, "differing": 0, "refused": 0,
        })
        self.assertEqual([(one["row"], one["column"]) for one in foreseen["problems"]], [(2, 3)])
        self.assertFalse(self.readings(self.forward_1))
        imports.import_readings(rows, dry_run=False)
        self.assertEqual(self.readings(self.forward_1), [(datetime(2025, 12, 31, 16, 0), 5.0)])
        self.assertEqual(imports.import_readings(rows)["duplicates"], 2)

    def test_c4_rights(self):
        for user in (self.viewer, self.clerk_1, self.auditor, self.accountant):
            with self.assertRaises(AccessError):
                self.take(LONG, user=user)
            with self.assertRaises(AccessError):
                self.env["energy.reading.import"].with_user(user).import_readings([])
        wizard = self.take(LONG, user=self.manager)
        wizard.action_check()
        self.assertEqual(wizard.new_count, 3)

    def test_c4_walls(self):
        """Whoever may not see a meter cannot write into it, nor learn that it exists."""
        self.engineer.energy_node_ids = self.workshop_1
        wizard = self.take(LONG)
        wizard.action_check()
        self.assertEqual(wizard.new_count, 2)
        self.assertIn("or you may not see it", wizard.line_ids.text)
        wizard.action_import()
        self.assertFalse(self.readings(self.forward_2))

    def test_c4_nothing_is_stored_unchecked(self):
        with self.assertRaisesRegex(UserError, "Check the file first"):
            self.take(LONG).action_import()
