"""Values of more than one register place: integer and decimal part, unit codes; and what a slave's rules do to reads."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from energy_carbon_modbus.collector.codec import BAD_BCD, compile_block, decode, decode_text, encode
from energy_carbon_modbus.collector.link import LinkSettings
from energy_carbon_modbus.collector.plan import EVEN_COUNT, EVEN_START, LineCost, block_of, plan_blocks
from energy_carbon_modbus.collector.point import Point, address_notations, pair_of, parse_address
from energy_carbon_modbus.collector.results import MISSING, Gateway, PointResult
from energy_carbon_modbus.collector.sweep import run_sweep
from energy_carbon_modbus.collector.unit_code import code_points, key_of, settle


def point(address, datatype="float32", **more):
    return Point(more.pop("key", address), 1, more.pop("function", 3), address, datatype, **more)


def volume(**more):
    """The gas volume of an FD TMS: integer part as uint32, decimal part as float32, low word first."""
    return pair_of(point(6, "uint32", order="CDAB", key=7), point(8, order="CDAB"), **more)


@given(whole=st.integers(0, 2**32 - 2), rest=st.integers(0, 999))
def test_integer_and_decimal_part_are_one_value(whole, rest):
    value = whole + rest / 1000
    registers = encode(point(6, "uint32", order="CDAB"), whole) + encode(point(8, order="CDAB"), rest / 1000)
    decoded = decode(volume(), registers)
    assert decoded.quality == "good"
    assert decoded.value == pytest.approx(value, abs=1e-7, rel=1e-15)
    assert compile_block([volume()], 6, 4).decode(registers) == ([decoded.value], ["good"])


def test_a_pair_knows_more_than_a_float():
    """Seven digits of a float32 lose what a counter of eight digits counts."""
    decoded = decode(volume(), encode(volume(), 16_777_217.25))
    assert decoded.value == 16_777_217.25
    assert decode(point(0), encode(point(0), 16_777_217.25)).value != 16_777_217.25


@pytest.mark.parametrize("decimal_first", [False, True])
def test_parts_in_any_order_and_apart(decimal_first):
    places = (20, 3) if decimal_first else (3, 20)
    subject = pair_of(point(places[0], "uint32"), point(places[1], "uint16", scale=0.001), scale=1000.0)
    assert (subject.address, subject.count) == (min(places), 18 + (1 if not decimal_first else 2) - 1)
    assert decode(subject, encode(subject, 12_345_678.0)).value == pytest.approx(12_345_678.0)


@pytest.mark.parametrize(
    ("whole", "rest", "quality"),
    [
        ([0xFFFF, 0xFFFF], [0, 0], "sentinel"),
        ([0, 5], [0x7FC0, 0], "not_a_number"),
        ([0, 5], [0x4040, 0], "implausible"),  # 3.0 behind the point: torn, or another type
    ],
)
def test_a_pair_is_as_good_as_its_worse_part(whole, rest, quality):
    subject = pair_of(point(0, "uint32"), point(2))
    decoded = decode(subject, whole + rest)
    assert decoded.quality == quality
    assert (decoded.value is None) == (quality != "implausible")


def test_a_pair_of_bcd_nonsense():
    subject = pair_of(point(0, "bcd32"), point(2, "bcd16", scale=0.0001))
    assert decode(subject, [0x1234, 0x5678, 0x2500]).value == 12345678.25
    assert decode(subject, [0x1234, 0x56A8, 0x2500])[::2] == (None, BAD_BCD)
    assert decode(subject, [0x1234, 0x5678, 0xF00F])[::2] == (None, BAD_BCD)


def test_parts_that_are_no_number_or_too_far_apart_are_refused():
    for decimal in (point(2, "bit"), point(2, function=4), Point(0, 2, 3, 2, "float32"), point(125)):
        with pytest.raises(ValueError, match="part|function|does not fit"):
            pair_of(point(0, "uint32"), decimal)
    with pytest.raises(ValueError, match="two parts"):
        point(0, "pair", length=4)


def test_a_value_at_the_border_of_two_blocks_keeps_both_parts():
    """The plan may cut before the pair or behind it, never between its parts."""
    pair = pair_of(point(123, "uint32", key=-1), point(125))
    for maximum in range(4, 126):
        blocks = plan_blocks([*(point(2 * place) for place in range(100)), pair], max_registers=maximum)
        (holder,) = [block for block in blocks if pair in block.points]
        assert holder.start <= 123
        assert holder.end >= 127
        assert all(block.count <= maximum for block in blocks)


# === even numbers of registers === #
@given(
    addresses=st.lists(st.integers(0, 400), min_size=1, max_size=25),
    maximum=st.integers(4, 125),
    even=st.sampled_from([EVEN_COUNT, EVEN_START]),
)
def test_even_reads(addresses, maximum, even):
    points = [point(address, "uint16" if address % 3 else "float32", key=n) for n, address in enumerate(addresses)]
    blocks = plan_blocks(points, max_registers=maximum, even=even)
    assert sorted(one.key for block in blocks for one in block.points) == list(range(len(points)))
    for block in blocks:
        assert block.count % 2 == 0
        assert block.count <= maximum
        assert even == EVEN_COUNT or block.start % 2 == 0
        assert all(block.start <= one.address and one.end <= block.end for one in block.points)


def test_even_reads_do_not_touch_a_refused_register():
    assert [(b.start, b.count) for b in plan_blocks([point(5, "uint16")], even=EVEN_COUNT, bad={(1, 3, 6)})] == [(4, 2)]
    assert [(b.start, b.count) for b in plan_blocks([point(65535, "uint16")], even=EVEN_COUNT)] == [(65534, 2)]
    # Between two refused registers there is no even read; the value is still asked for.
    walled = plan_blocks([point(5, "uint16")], even=EVEN_COUNT, bad={(1, 3, 6), (1, 3, 4)})
    assert [(block.start, block.count) for block in walled] == [(5, 1)]


def test_halves_of_an_even_block_are_even():
    block = plan_blocks([point(1, "uint16"), point(2, "uint16"), point(3, "uint16")], even=EVEN_START)[0]
    assert (block.start, block.count, block.even) == (0, 4, EVEN_START)
    half = block_of(block.points[:1], block.even)
    assert (half.start, half.count) == (0, 2)
    coil = Point(1, 1, 1, 3, "bit")
    assert block_of((coil,), EVEN_COUNT).count == 1


def test_an_even_rule_for_a_slow_line():
    slow = LineCost(baud=1200, turnaround_seconds=0.02)
    blocks = plan_blocks([point(1, "uint16"), point(40, "uint16")], even=EVEN_START, hole_cost=slow)
    assert [(block.start, block.count) for block in blocks] == [(0, 2), (40, 2)]


def test_no_such_rule():
    with pytest.raises(ValueError, match="no rule"):
        plan_blocks([point(0)], even="odd")


# === unit codes === #
CODE = point(100, "uint16")
HEAT = point(102, key=1, unit_code=CODE, unit_factors=((0, 0.001), (1, 1.0), (2, 1000.0)))


def result(key, value, error=None, quality="good"):
    return PointResult(key, 1000, value, quality, error, ())


@pytest.mark.parametrize(("code", "expected"), [(0.0, 0.005), (1.0, 5.0), (2.0, 5000.0)])
def test_a_unit_code_gives_the_factor(code, expected):
    settled = settle([result(1, 5.0), result(key_of(CODE), code), result(2, 7.0)], {1: HEAT})
    assert [(one.key, one.value) for one in settled] == [(1, expected), (2, 7.0)]


def test_an_unknown_unit_code_gives_no_value():
    (settled,) = settle([result(1, 5.0), result(key_of(CODE), 9.0)], {1: HEAT})
    assert (settled.value, settled.quality) == (None, "unknown_unit")


def test_a_unit_code_that_was_not_read_gives_no_value():
    silent = result(key_of(CODE), None, "silence", MISSING)
    (settled,) = settle([result(1, 5.0), silent], {1: HEAT})
    assert (settled.value, settled.quality, settled.error) == (None, MISSING, "silence")
    none = result(key_of(CODE), None, None, "sentinel")
    (settled,) = settle([result(1, 5.0), none], {1: HEAT})
    assert (settled.value, settled.quality) == (None, "sentinel")


def test_each_unit_code_is_read_once():
    other = point(104, key=2, unit_code=CODE, unit_factors=((1, 1.0),))
    assert [code.key for code in code_points([HEAT, other, point(0)])] == [key_of(CODE)]


def test_a_sweep_reads_the_unit_code_beside_the_value(libmodbus):
    heat = Point(1, 1, 3, 102, "float32", unit_code=point(300, "uint16"), unit_factors=((2, 1000.0),))
    libmodbus.set(1, 3, 102, encode(point(0), 5.5))
    libmodbus.set(1, 3, 300, [2])
    gateway = Gateway(1, LinkSettings("127.0.0.1", libmodbus.port, timeout=1.0), [heat])
    (swept,) = run_sweep([gateway], deadline_seconds=5.0)
    assert [(one.key, one.value, one.quality) for one in swept.points] == [(1, 5500.0, "good")]


# === addresses === #
@given(function=st.integers(1, 4), address=st.integers(0, 65535))
def test_an_address_shown_is_the_address_typed(function, address):
    hexadecimal, decimal, modicon = address_notations(function, address)
    assert parse_address(hexadecimal) == (None, address)
    assert parse_address(int(decimal)) == (None, address)
    if address < 99999:
        assert parse_address(modicon) == (function, address)
    assert address_notations(None, address)[2] == ""


def test_text_ends_at_its_first_zero():
    serial = point(0, "string", length=4)
    assert decode_text(serial, [0x4142, 0x3132, 0x0000, 0x4141]) == "AB12"
    assert decode_text(serial, [0xFFFF] * 4) == "\N{REPLACEMENT CHARACTER}" * 8
