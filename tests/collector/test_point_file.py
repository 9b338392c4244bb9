"""Files of point tables: what is written is what is read, and what is wrong is shown at its cell."""

from __future__ import annotations

import io
import zipfile

import openpyxl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from energy_carbon_modbus.collector.point import DATATYPES
from energy_carbon_modbus.tools import point_file
from energy_carbon_modbus.tools.point_columns import COLUMNS, PURPOSES, address_text, read_cells, unit_pairs, unit_text
from energy_carbon_modbus.tools.point_file import FileUnreadable, column_letter, read_file, write_csv, write_xlsx
from energy_carbon_modbus.tools.point_tables import collect

# What a person may type into a name: no control characters, no blanks at the ends, which Odoo cuts off.
LETTERS = st.characters(exclude_categories=("Cc", "Cs", "Zl", "Zp"), exclude_characters="\x85\ufffe\uffff")
TEXT = st.text(LETTERS, max_size=20).map(str.strip).filter(lambda text: not text.startswith("\ufeff"))
NAME = TEXT.filter(bool)
NUMBER = st.floats(allow_nan=False, allow_infinity=False)
FACTOR = st.floats(1e-9, 1e9)
UNITS = st.lists(
    st.tuples(st.integers(-5, 99), FACTOR, st.sampled_from(["", "kWh", "US gallon"])),
    max_size=3,
    unique_by=lambda u: u[0],
)

ROW = st.fixed_dictionaries(
    {
        "manufacturer": NAME,
        "model": NAME,
        "firmware": TEXT,
        "registers_per_read": st.integers(1, 125),
        "even_rule": st.sampled_from(["any", "count", "start"]),
        "manual": TEXT,
        "table_note": st.lists(TEXT, max_size=3).map("\n".join).map(str.strip),
        "quantity": NAME,
        "name": NAME,
        "enabled": st.integers(0, 1),
        "purpose": st.sampled_from(PURPOSES),
        "function": st.sampled_from(["", "1", "2", "3", "4"]),
        "address": st.integers(0, 65535),
        "datatype": st.sampled_from(["", *DATATYPES]),
        "text_registers": st.integers(0, 125),
        "bit": st.integers(0, 15),
        "order": st.sampled_from(["", "ABCD", "CDAB", "BADC", "DCBA"]),
        "scale": NUMBER,
        "offset": NUMBER,
        "no_value_codes": st.sampled_from(["", "-32768", "0xFFFF 0x7FFF", "0x80000000"]),
        "usual_no_value_codes": st.integers(0, 1),
        "unit": TEXT,
        "unit_of_measure": TEXT,
        "template": TEXT,
        "secondary_side": st.integers(0, 1),
        "register_maximum": NUMBER,
        "decimal_part": TEXT,
        "unit_code": TEXT,
        "units": UNITS.map(unit_text),
        "record_of": TEXT,
        "records": TEXT,
        "records_address": st.integers(0, 65535),
        "records_stride": st.integers(2, 125),
        "records_count": st.integers(1, 65535),
        "records_clock": st.sampled_from(["", "year_month_day_hour"]),
        "note": TEXT,
    }
)


def written(row):
    return dict(row, address=address_text(row["address"]), records_address=address_text(row["records_address"]))


@pytest.mark.parametrize("write", [write_csv, write_xlsx], ids=["csv", "xlsx"])
@given(rows=st.lists(ROW, min_size=1, max_size=3))
def test_export_round_trips_exactly(write, rows):
    (sheet,) = read_file(write(map(written, rows)))
    found = [read_cells(line.sheet, line.number, line.cells) for line in sheet.lines]
    assert [faults for _row, faults in found] == [[]] * len(rows)
    assert [row for row, _faults in found] == rows


@given(UNITS)
def test_units_round_trip(units):
    assert unit_pairs(unit_text(units)) == units


def test_a_text_is_no_formula():
    row = dict.fromkeys(COLUMNS, "")
    row.update(manufacturer="=1+1", model="@SUM(A1)", quantity="'q", name="-name", address="0x0001", offset=-5.0)
    text = write_csv([row]).decode("utf-8-sig")
    assert ",=" not in text
    assert not text.splitlines()[1].startswith("=")
    assert ",-5," in text
    cells = read_file(write_csv([row]))[0].lines[0].cells
    assert [cells[name] for name in ("manufacturer", "model", "quantity", "name")] == [
        "=1+1",
        "@SUM(A1)",
        "'q",
        "-name",
    ]
    book = openpyxl.load_workbook(io.BytesIO(write_xlsx([row])))
    assert book["Points"]["A2"].data_type == "s"


def csv_of(*lines: str) -> list:
    return read_file("\n".join(lines).encode())


HEADER = "manufacturer,model,quantity,name,address,function,datatype,scale,template,decimal_part,purpose,enabled"


def faults_of(*lines: str) -> list[tuple]:
    _tables, faults = collect(csv_of(HEADER, *lines))
    return [(fault.row, fault.column, fault.code) for fault in faults]


def test_what_is_right_has_no_faults():
    (table,), faults = collect(csv_of(HEADER, "A,B,q,Name,402125,,uint32,0.1,EL.FWD,,,"))
    assert faults == []
    row = table.points["q"].row
    assert (row["address"], row["function"], row["scale"], row["enabled"]) == (0x084C, "3", 0.1, 1)


@pytest.mark.parametrize(
    ("line", "fault"),
    [
        (",B,q,Name,1,3,uint32,1,,,,", (2, "manufacturer", "required")),
        ("A,B,q,Name,,3,uint32,1,,,,", (2, "address", "required")),
        ("A,B,q,Name,hello,3,uint32,1,,,,", (2, "address", "address")),
        ("A,B,q,Name,70000,3,uint32,1,,,,", (2, "address", "address")),
        ("A,B,q,Name,30013,3,uint32,1,,,,", (2, "address", "function")),
        ("A,B,q,Name,1,7,uint32,1,,,,", (2, "function", "choice")),
        ("A,B,q,Name,1,3,double,1,,,,", (2, "datatype", "choice")),
        ('A,B,q,Name,1,3,uint32,"0,1",,,,', (2, "scale", "number")),
        ("A,B,q,Name,1,3,uint32,nan,,,,", (2, "scale", "number")),
        ("A,B,q,Name,1,3,uint32,1,,,,perhaps", (2, "enabled", "mark")),
        ("A,B,q,Name,1,3,uint32,1,,rest,,", (2, "decimal_part", "link")),
    ],
)
def test_a_wrong_cell_is_shown_at_its_place(line, fault):
    assert faults_of(line) == [fault]


def test_lines_that_do_not_fit_each_other():
    one = "A,B,q,Name,1,3,uint32,1,EL.FWD,,,"
    assert faults_of(one, one) == [(3, "quantity", "twice")]
    assert faults_of(one, one.replace(",q,", ",r,")) == [(3, "template", "template_twice")]
    assert faults_of(one, one.replace(",q,", ",r,").replace("EL.FWD,,,", "EL.FWD,,,0")) == []
    assert faults_of(one, "A,B,r,Other,1,3,uint32,1,,q,,") == [(3, "decimal_part", "link")]
    header = "manufacturer,model,quantity,name,address,manual"
    _tables, faults = collect(csv_of(header, "A,B,q,Name,1,one", "A,B,r,Name,1,two"))
    assert [(fault.row, fault.column, fault.code) for fault in faults] == [(3, "manual", "differs")]


def test_kept_records_are_complete_and_agree():
    header = "manufacturer,model,quantity,name,address,purpose,records,records_address,records_stride,records_count,records_clock"
    line = "A,B,{},Name,{},history,daily,0x6000,{},90,year_month_day_hour"
    _tables, faults = collect(csv_of(header, line.format("q", 1, 34), line.format("r", 2, 33)))
    assert [(fault.row, fault.column, fault.code) for fault in faults] == [(3, "records_stride", "differs")]
    _tables, faults = collect(csv_of(header, "A,B,q,Name,1,history,daily,,34,90,year_month_day_hour"))
    assert [(fault.column, fault.code) for fault in faults] == [("records_address", "required")]
    _tables, faults = collect(csv_of(header, "A,B,q,Name,1,history,,0x6000,,,"))
    assert [(fault.column, fault.code) for fault in faults] == [("records_address", "no_records")]


def test_titles():
    _tables, faults = collect(csv_of("manufacturer,model,quantity,name,colour", "A,B,q,Name,red"))
    assert [(fault.row, fault.column, fault.code) for fault in faults] == [
        (1, "E", "unknown_column"),
        (1, "", "no_column"),
    ]
    assert faults[1].detail == {"columns": "address"}
    _tables, faults = collect(csv_of(HEADER + ",name", "A,B,q,Name,1,3,uint32,1,,,,,x"))
    assert [fault.code for fault in faults] == ["column_twice"]


def test_files_that_are_none():
    for content in (b"\xff\xfe\x00", b"PK\x03\x04 broken", b"a\0b", b'"open'):
        with pytest.raises(FileUnreadable):
            read_file(content)
    assert [fault.code for fault in collect(read_file(b""))[1]] == ["no_column"]
    assert [fault.code for fault in collect(csv_of(HEADER))[1]] == ["empty"]


def test_a_csv_of_a_chinese_spreadsheet():
    text = "manufacturer,model,quantity,name,address\n安科瑞,ADL400,q,正向有功总电能,0x10"
    (table,), faults = collect(read_file(text.encode("gb18030")))
    assert (faults, table.points["q"].row["name"]) == ([], "正向有功总电能")


def test_archives_that_unpack_to_no_end():
    bomb = io.BytesIO()
    with zipfile.ZipFile(bomb, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/workbook.xml", bytes(point_file.MOST_UNPACKED + 1))
    with pytest.raises(FileUnreadable):
        read_file(bomb.getvalue())


def test_a_sheet_with_far_too_many_cells(monkeypatch):
    monkeypatch.setattr(point_file, "MOST_CELLS", 20)
    with pytest.raises(FileUnreadable):
        read_file(write_xlsx([]))


def test_a_csv_of_a_european_spreadsheet():
    (table,), faults = collect(csv_of("Manufacturer;Model;Quantity;Name;Address", "A;B;q;Spannung, L1;0x10"))
    assert (faults, table.points["q"].row["name"]) == ([], "Spannung, L1")


def test_columns_have_letters():
    assert [column_letter(place) for place in (0, 25, 26, 51, 52, 701, 702)] == [
        "A",
        "Z",
        "AA",
        "AZ",
        "BA",
        "ZZ",
        "AAA",
    ]
