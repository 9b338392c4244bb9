"""Points refuse what no device can have; addresses are read as manuals print them."""

from __future__ import annotations

import pytest

from energy_carbon_modbus.collector.point import DATATYPES, Point, parse_address


def point(**changes):
    return Point(**{"key": 1, "unit_id": 1, "function": 3, "address": 0, "datatype": "uint16"} | changes)


@pytest.mark.parametrize(
    ("datatype", "count"),
    [("int16", 1), ("uint32", 2), ("float32", 2), ("int64", 4), ("float64", 4), ("bcd16", 1), ("bcd64", 4), ("bit", 1)],
)
def test_count(datatype, count):
    assert point(datatype=datatype).count == count
    assert point(datatype=datatype, address=100).end == 100 + count


def test_string_takes_its_length():
    assert point(datatype="string", length=8).count == 8


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"unit_id": 256}, "unit id 256"),
        ({"function": 5}, "function 5"),
        ({"address": -1}, "address -1"),
        ({"address": 65536}, "address 65536"),
        ({"address": 65535, "datatype": "float32"}, "past address 65535"),
        ({"datatype": "int24"}, "data type 'int24'"),
        ({"order": "ACBD"}, "byte order 'ACBD'"),
        ({"function": 1}, "reads bits"),
        ({"datatype": "string"}, "string of 0 registers"),
        ({"datatype": "bit", "bit": 16}, "bit 16"),
        ({"scale": 0.0}, "scale 0.0"),
        ({"scale": float("nan")}, "scale nan"),
        ({"offset": float("inf")}, "offset inf"),
        ({"sentinels": (65536,)}, "sentinel 65536"),
        ({"sentinels": (-32769,)}, "sentinel -32769"),
        ({"minimum": 2.0, "maximum": 1.0}, "minimum 2.0"),
    ],
)
def test_refusals_name_the_fault(changes, message):
    with pytest.raises(ValueError, match=message):
        point(**changes)


def test_every_type_is_accepted():
    for datatype in DATATYPES:
        assert point(datatype=datatype, length=3).count >= 1


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("0x1000", (None, 4096)),
        ("0X00ff", (None, 255)),
        ("0x0100", (None, 256)),
        ("4096", (None, 4096)),
        (" 12 ", (None, 12)),
        ("0", (None, 0)),
        ("40001", (3, 0)),
        ("49999", (3, 9998)),
        ("30012", (4, 11)),
        ("00001", (1, 0)),
        ("400001", (3, 0)),
        ("465536", (3, 65535)),
        ("300100", (4, 99)),
        ("100001", (2, 0)),
        ("4x0012", (3, 11)),
        ("3x1", (4, 0)),
        ("19000", (None, 19000)),
        ("50000", (None, 50000)),
        (45099, (None, 45099)),
        ("0xB02B", (None, 45099)),
    ],
)
def test_addresses(text, expected):
    assert parse_address(text) == expected


@pytest.mark.parametrize(
    "text", ["", "x", "0x", "0x12345", "-1", "70000", "40000", "400000", "465537", "4x0", "1.5", -1]
)
def test_bad_addresses(text):
    with pytest.raises(ValueError, match="address"):
        parse_address(text)
