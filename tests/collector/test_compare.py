"""What a display shows is found in the registers: order, type, scale, an address wrong by one."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from energy_carbon_modbus.collector.codec import encode
from energy_carbon_modbus.collector.compare import Layout, Sample, find_fits, parse_display, significant_digits, window
from energy_carbon_modbus.collector.point import Point

ORDERS = ("ABCD", "CDAB", "BADC", "DCBA")
TYPES = ("uint32", "int32", "uint64", "float32", "float64", "bcd32")


def sample(layout, value, shown=None, noise=3):
    """What a device with that layout holds around the value, and a display beside it."""
    point = Point(0, 1, 3, layout.address, layout.datatype, layout.order, layout.scale, usual_sentinels=False)
    start, count = window(layout)
    registers = [noise + 7919 * (address + noise) & 0x3FFF for address in range(count)]
    place = layout.address - start
    registers[place : place + point.count] = encode(point, value)
    number, step = parse_display(shown or f"{value}")
    return Sample(number, step, start, tuple(registers))


@pytest.mark.parametrize(
    ("text", "number", "step"),
    [("12345.6", 12345.6, 0.1), ("12 345,60", 12345.6, 0.01), ("-7", -7.0, 1.0), ("000120", 120.0, 1.0)],
)
def test_display_as_typed(text, number, step):
    assert parse_display(text) == (number, pytest.approx(step))


@pytest.mark.parametrize("text", ["", "12a", "1,234,567", "1.2.3", "kWh", "1e5", None])
def test_display_that_is_no_number(text):
    with pytest.raises(ValueError, match="no number"):
        parse_display(text)


def test_significant_digits():
    assert [significant_digits(text) for text in ("0", "00.0", "0.12", "100")] == [0, 0, 2, 3]


def test_compare_table_is_right():
    layout = Layout(100, "uint32", "ABCD", 0.1)
    best, *_rest = find_fits([sample(layout, 12345.6)], layout)
    assert best.layout == layout
    assert best.changes == 0


@pytest.mark.parametrize("datatype", TYPES)
@pytest.mark.parametrize("order", ORDERS)
def test_compare_finds_order(datatype, order):
    true = Layout(100, datatype, order, 0.1)
    best, *_rest = find_fits([sample(true, 98765.4)], Layout(100, datatype, "ABCD", 0.1))
    assert best.layout == true


@pytest.mark.parametrize("shift", [-1, 1])
def test_compare_finds_address_wrong_by_one(shift):
    true = Layout(100 + shift, "float32", "ABCD", 1.0)
    best, *_rest = find_fits([sample(true, 231.4)], Layout(100, "float32", "ABCD", 1.0))
    assert best.layout == true


@pytest.mark.parametrize("scale", [0.001, 0.01, 10.0])
def test_compare_finds_scale(scale):
    true = Layout(100, "uint32", "CDAB", scale)
    best, *_rest = find_fits([sample(true, 123450.0)], Layout(100, "uint32", "CDAB", 1.0))
    assert best.layout == true


def test_compare_finds_type():
    true = Layout(100, "float32", "CDAB", 1.0)
    best, *_rest = find_fits([sample(true, 8123.75)], Layout(100, "uint32", "ABCD", 0.1))
    assert (best.layout.datatype, best.layout.order) == ("float32", "CDAB")


def test_compare_finds_secondary_side():
    """The register counts behind the transformers, the display shows the primary side."""
    register = Layout(100, "uint32", "ABCD", 0.01)
    best, *_rest = find_fits([sample(register, 1234.56, shown="98764.8")], register, (1.0, 80.0))
    assert best.layout == Layout(100, "uint32", "ABCD", 0.01, 80.0)


def test_compare_second_number_narrows_down():
    """A small counter fits as 16 and as 32 bits; once it passes 65535 only one of them is left."""
    true, table = Layout(100, "uint32", "ABCD", 1.0), Layout(100, "float32", "ABCD", 1.0)
    first, second = sample(true, 4321.0), sample(true, 70123.0, noise=11)
    one, both = find_fits([first], table), find_fits([first, second], table)
    assert len(both) < len(one)
    assert {(fit.layout.address, fit.layout.datatype) for fit in both} >= {(100, "uint32")}
    assert not any(fit.layout.datatype == "uint16" for fit in both)


def test_compare_nothing_fits():
    layout = Layout(100, "uint32", "ABCD", 0.1)
    held = sample(layout, 12345.6)
    assert not find_fits([Sample(777.77, 0.01, held.start, held.registers)], layout, tolerance=0.0001)


def test_compare_refused_registers_are_left_out():
    layout = Layout(100, "uint32", "ABCD", 0.1)
    held = sample(layout, 12345.6)
    only = tuple(word if place in (2, 3) else None for place, word in enumerate(held.registers))
    best, *_rest = find_fits([Sample(held.shown, held.step, held.start, only)], layout)
    assert best.layout == layout


@given(
    datatype=st.sampled_from(TYPES),
    order=st.sampled_from(ORDERS),
    power=st.integers(-3, 2),
    number=st.integers(10_000, 9_999_999),
)
def test_compare_always_offers_the_truth(datatype, order, power, number):
    """Whatever the device does, the right way to read it is among what is offered, or one that gives the same."""
    scale = 10.0**power
    true = Layout(100, datatype, order, scale)
    held = sample(true, number * scale, shown=f"{number * scale:.{max(-power, 0)}f}")
    fits = find_fits([held], Layout(100, "uint32", "ABCD", 1.0))
    assert fits
    assert any(fit.layout.order == order and fit.layout.address in (100, 101, 102) for fit in fits)


def test_window_stays_in_range():
    assert window(Layout(0, "uint16", "ABCD", 1.0)) == (0, 6)
    start, count = window(Layout(65535, "uint16", "ABCD", 1.0))
    assert start + count == 65536
