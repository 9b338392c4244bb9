"""The Excel file, read back with openpyxl."""

import io
import zipfile

import openpyxl
import pytest

from energy_carbon_reports.report.layout import Texts, course_matrix, details_matrix, summary_matrix
from energy_carbon_reports.report.xlsx_writer import Front, sheet_names, write_workbook

from .sample import sample

FRONT = Front(
    title="Energy report",
    company="Company & Sons",
    facts=(("Unit", "Plant A"), ("Period", "July 2026"), ("Compared with", "June 2026")),
    notes=("Blank means that nothing is known.",),
    reasons={"no_price": "No price", "no_indicator": "No total indicator"},
    silent=("no_indicator",),
)


def workbook(data=None, front=FRONT) -> tuple[openpyxl.Workbook, openpyxl.Workbook, bytes]:
    data = data or sample()
    content = write_workbook(front, [build(data, Texts()) for build in (summary_matrix, details_matrix, course_matrix)])
    return (
        openpyxl.load_workbook(io.BytesIO(content)),
        openpyxl.load_workbook(io.BytesIO(content), data_only=True),
        content,
    )


def row_of(sheet, label: str, start: int = 1) -> int:
    return next(cell.row for cell in sheet["A"][start - 1 :] if cell.value == label)


def test_header_units_and_frozen_panes():
    book, _values, _content = workbook()
    assert book.sheetnames == ["Summary", "By Energy Type", "Course", "Charts"]
    sheet = book["Summary"]
    assert sheet["A1"].value == "Energy report"
    assert sheet["A2"].value == "Company & Sons    Unit: Plant A"
    assert "July 2026" in sheet["A3"].value
    assert sheet.freeze_panes == "B8"
    assert [sheet.cell(7, column).value for column in range(2, 5)] == ["kWh", "m3", "kgce"]
    assert sheet.page_setup.orientation == "landscape"
    assert int(sheet.page_setup.paperSize) == 9
    assert sheet.print_title_rows == "$5:$7"
    assert "Company && Sons" in sheet.oddFooter.left.text
    assert sheet.column_dimensions["A"].width > 15


def test_totals_are_formulas_with_their_value():
    book, values, _content = workbook()
    sheet, cached = book["Summary"], values["Summary"]
    row = row_of(sheet, "Plant A")
    assert sheet.cell(row, 2).value == "=SUM(B9,B12:B13)"
    assert cached.cell(row, 2).value == 600_000.0
    parts = [cached.cell(r, 2).value for r in (9, 12, 13)]
    assert sum(parts) == pytest.approx(600_000.0, rel=1e-12)
    assert sheet.cell(row, 2).number_format == "#,##0"


def test_change_is_a_formula_with_its_value():
    book, values, _content = workbook()
    sheet = book["By Energy Type"]
    row = row_of(sheet, "Electricity")
    assert sheet.cell(row, 4).value == f"=(B{row}-C{row})/ABS(C{row})"
    assert values["By Energy Type"].cell(row, 4).value == pytest.approx(20 / 580)
    assert sheet.cell(row, 5).value == "kWh"


def test_course_total_and_charts():
    book, values, content = workbook()
    sheet = book["Course"]
    row = row_of(sheet, "Total")
    assert sheet.cell(row, 2).value == f"=SUM(B8:B{row - 1})"
    assert values["Course"].cell(row, 2).value == 600_000.0
    names = zipfile.ZipFile(io.BytesIO(content)).namelist()
    # three columns of the course have figures (two types, the total's coal), and the units beside each other
    assert sum(name.startswith("xl/charts/chart") for name in names) == 4
    assert [len(page._charts) for page in book] == [1, 0, 0, 3]


def test_blank_is_not_zero_and_no_price_is_said():
    book, _values, _content = workbook()
    sheet = book["By Energy Type"]
    head = [cell.value for cell in sheet[5]]
    cost = head.index("Cost") + 1
    assert sheet.cell(row_of(sheet, "Natural gas"), cost).value == "No price"
    summary = book["Summary"]
    cell = summary.cell(row_of(summary, "Workshop 1"), 4)
    assert cell.value is None
    assert "No total indicator" in cell.comment.text


def test_user_text_is_never_a_formula():
    evil = '=HYPERLINK("http://x","y")'
    book, _values, content = workbook(sample(plant_name=evil), Front(title=evil, company="+1", facts=(("@x", "-2"),)))
    for sheet in book:
        for line in sheet.iter_rows():
            for cell in line:
                assert cell.value != evil or cell.data_type == "s"
                if cell.data_type == "f":
                    assert cell.value.startswith(("=SUM(", "=("))
    assert b"hyperlink" not in b"".join(zipfile.ZipFile(io.BytesIO(content)).read("xl/worksheets/sheet1.xml").split())


def test_no_cost_without_the_right():
    _book, values, content = workbook(sample(cost=False))
    shared = zipfile.ZipFile(io.BytesIO(content)).read("xl/sharedStrings.xml").decode()
    assert "Cost" not in shared
    assert "CNY" not in shared
    assert "Cost" not in [cell.value for cell in values["By Energy Type"][5]]


def test_sheet_names_are_what_excel_allows():
    assert sheet_names(["a/b[c]", "A b c", "", "x" * 40]) == ["a b c", "A b c 2", "Sheet", "x" * 31]


def test_incomplete_figures_are_marked():
    data = sample()
    key = ("w1", "el", "amount")
    entry = data.figures[key]
    data.figures[key] = type(entry)(
        type(entry.figure)(240_000.0, 30, 31, "partial"), entry.previous, entry.indicator_id
    )
    book, values, _content = workbook(data)
    sheet = book["Summary"]
    cell = sheet.cell(row_of(sheet, "Workshop 1"), 2)
    assert "96.8 %: 30 of 31" in cell.comment.text
    assert cell.fill.start_color.rgb == "FFFFF1CC"
    last = values["Summary"].max_column
    assert values["Summary"].cell(cell.row, last).value == pytest.approx(30 / 31)
