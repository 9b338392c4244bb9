"""The Excel file through the wizard and through its download, read back with openpyxl."""

import io
import json
import re
from datetime import date

import openpyxl

from odoo.tests import HttpCase, tagged

from .common import JULY, ReportCommon


@tagged("post_install", "-at_install")
class TestReportXlsx(ReportCommon):
    def test_figures_formulas_and_their_values(self):
        wizard = self.report()
        values, formulas = self.workbook(wizard), self.workbook(wizard, values=False)
        self.assertEqual(values.sheetnames, ["Summary", "By Energy Type", "Course", "Charts"])
        sheet = values["Summary"]
        rows = self.rows(sheet)
        self.assertAlmostEqual(sheet.cell(rows["Plant"], 2).value, 31 * 110.0, places=9)
        self.assertAlmostEqual(sheet.cell(rows["W1"], 2).value, 31 * 65.0, places=9)
        formula = formulas["Summary"].cell(rows["Plant"], 2).value
        self.assertTrue(formula.startswith("=SUM("), formula)
        self.assertEqual(sheet.freeze_panes, "B8")
        self.assertIn("Test Castings", sheet["A2"].value)
        self.assertIn("July 2024", sheet["A3"].value)
        self.assertIn("June 2024", sheet["A3"].value)
        course = values["Course"]
        last = self.rows(course)["Total"]
        self.assertEqual(course.cell(8, 1).value.date(), JULY)
        self.assertAlmostEqual(course.cell(last, 2).value, 31 * 110.0, places=9)

    def test_details_of_each_type(self):
        sheet = self.workbook(self.report(compare="none"))["By Energy Type"]
        heads = {sheet.cell(5, column).value: column for column in range(1, sheet.max_column + 1)}
        row = self.rows(sheet)["Electricity"]
        self.assertAlmostEqual(sheet.cell(row, heads["Standard coal"]).value, 31 * 110 * 0.1229, places=6)
        self.assertAlmostEqual(sheet.cell(row, heads["Cost"]).value, 31 * 110 * 0.6, places=6)
        self.assertEqual(sheet.cell(7, heads["Standard coal"]).value, "kgce")
        self.assertEqual(sheet.cell(7, heads["Cost"]).value, "CNY")
        self.assertEqual(sheet.cell(row, heads["Coverage"]).value, 1.0)
        self.assertEqual(sheet.cell(self.rows(sheet)["Natural gas"], heads["Cost"]).value, "No price")

    def test_last_year_in_columns_of_its_own(self):
        last = date(2023, 7, 9)
        entry = {"indicator_id": self.counted["main"].id, "date_from": last, "date_to": last, "value": 88.0}
        self.env["energy.entry"].create(entry)
        self._compute()
        days = {"period_kind": "day", "date_from": date(2024, 7, 9), "compare": "last_year"}
        sheet = self.workbook(self.report(**days))["By Energy Type"]
        formulas = self.workbook(self.report(**days), values=False)["By Energy Type"]
        heads = [sheet.cell(6, column).value for column in (2, 3, 4)]
        self.assertEqual(heads, ["Consumption", "Same period last year", "Change"])
        row = self.rows(sheet)["Electricity"]
        self.assertEqual([sheet.cell(row, column).value for column in (2, 3)], [110.0, 88.0])
        self.assertAlmostEqual(sheet.cell(row, 4).value, 0.25, places=9)
        self.assertEqual(formulas.cell(row, 4).value, f"=(B{row}-C{row})/ABS(C{row})")
        self.assertIn("07/09/2023", sheet["A3"].value)

    def test_in_chinese(self):
        wizard = self.report().with_context(lang="zh_CN")
        book = self.workbook(wizard)
        self.assertEqual(len(book.sheetnames), 4)
        for name in book.sheetnames:
            self.assertNotRegex(name, "[A-Za-z]")
        sheet = book.worksheets[1]
        self.assertRegex(sheet["A1"].value, r"报表 · 2024年7月$")
        self.assertIn("2024年6月", sheet["A3"].value)
        self.assertTrue(any(str(label).startswith("综合能耗") for label in self.rows(sheet)))
        heads = [cell.value for row in sheet.iter_rows(min_row=5, max_row=6) for cell in row if cell.value]
        for word in ("消费量", "折标量", "折碳量", "成本"):
            self.assertIn(word, heads)
        self.assertFalse([head for head in heads if re.search("[A-Za-z]", head)])
        self.assertEqual(sheet["A1"].font.name, "Microsoft YaHei")
        self.assertRegex(wizard._xlsx_name(), r"报表 Plant 2024年7月\.xlsx$")

    def test_names_are_never_formulas(self):
        evil = '=cmd|"/c calc"!A1'
        self.plant.name = evil
        self.workshop_1.name = "+1+1"
        book = self.workbook(self.report(), values=False)
        seen = set()
        for sheet in book:
            for row in sheet.iter_rows():
                for cell in row:
                    if cell.data_type == "f":
                        self.assertRegex(cell.value, r"^=(SUM\(|\()")
                    elif cell.value in (evil, "+1+1"):
                        seen.add(cell.value)
        self.assertEqual(seen, {evil, "+1+1"})

    def test_file_name_is_safe(self):
        self.plant.name = 'A/B:"C"'
        name = self.report()._xlsx_name()
        self.assertNotRegex(name, r'[\\/:*?"<>|]')
        self.assertTrue(name.endswith("July 2024.xlsx"))


@tagged("post_install", "-at_install")
class TestReportDownload(HttpCase, ReportCommon):
    def test_download(self):
        self.authenticate("energy_manager", "energy_manager")
        wizard = self.report()
        answer = self.url_open(f"/energy_carbon_reports/xlsx/{wizard.id}")
        self.assertEqual(answer.status_code, 200)
        self.assertIn("spreadsheetml", answer.headers["Content-Type"])
        self.assertIn("attachment", answer.headers["Content-Disposition"])
        book = openpyxl.load_workbook(io.BytesIO(answer.content), data_only=True)
        self.assertAlmostEqual(book.worksheets[0].cell(8, 2).value, 31 * 110.0, places=9)

    def test_somebody_elses_download_is_not_there(self):
        wizard = self.report(self.manager)
        self.authenticate("energy_clerk_2", "energy_clerk_2")
        self.assertEqual(self.url_open(f"/energy_carbon_reports/xlsx/{wizard.id}").status_code, 404)
        self.assertEqual(self.url_open("/energy_carbon_reports/xlsx/999999999").status_code, 404)

    def test_without_login_no_file(self):
        wizard = self.report()
        self.authenticate(None, None)
        answer = self.url_open(f"/energy_carbon_reports/xlsx/{wizard.id}", allow_redirects=False)
        self.assertIn(answer.status_code, (302, 303))

    def test_screen_rpc(self):
        self.authenticate("energy_manager", "energy_manager")
        call = {
            "jsonrpc": "2.0",
            "params": {
                "model": "energy.report.wizard",
                "method": "open_report",
                "args": [{"node_id": self.plant.id, "period_kind": "day", "date_from": str(date(2024, 7, 9))}],
                "kwargs": {},
            },
        }
        answer = self.url_open(
            "/web/dataset/call_kw", data=json.dumps(call), headers={"Content-Type": "application/json"}
        ).json()
        self.assertEqual(answer["result"]["options"]["date_to"], "2024-07-09")
