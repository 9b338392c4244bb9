"""Every type in every byte order goes there and back; what is no value is none at its full width."""

from __future__ import annotations

import math
import random
import struct

import pytest
from hypothesis import given
from hypothesis import strategies as st

from energy_carbon_modbus.collector.codec import all_orders, compile_block, decode, decode_text, encode
from energy_carbon_modbus.collector.point import ORDER_NAMES, REGISTERS, Point

INTEGERS = {f"{sign}int{bits}": (bits, sign == "") for bits in (16, 32, 64) for sign in ("", "u")}
BCD = {"bcd16": 4, "bcd32": 8, "bcd64": 16}
NUMERIC = [datatype for datatype in REGISTERS if datatype != "bit"]
EVERY_ORDER = [(datatype, order) for datatype in NUMERIC for order in ORDER_NAMES[REGISTERS[datatype]]]


def point(datatype, order="ABCD", **changes):
    return Point(1, 1, changes.pop("function", 3), changes.pop("address", 0), datatype, order, **changes)


def limits(datatype):
    if datatype in BCD:
        return 0, 10 ** BCD[datatype] - 1
    bits, signed = INTEGERS[datatype]
    return (-(1 << bits - 1), (1 << bits - 1) - 1) if signed else (0, (1 << bits) - 1)


@pytest.mark.parametrize(("datatype", "order"), EVERY_ORDER)
@given(data=st.data())
def test_there_and_back(datatype, order, data):
    subject = point(datatype, order, usual_sentinels=False)
    if datatype.startswith("float"):
        value = data.draw(st.floats(width=int(datatype[5:]), allow_nan=False, allow_infinity=False))
    else:
        # A value is a float: whole numbers are exact up to 2**53.
        low, high = limits(datatype)
        value = data.draw(st.integers(max(low, -(2**53)), min(high, 2**53)))
    decoded = decode(subject, encode(subject, value))
    assert (decoded.value, decoded.quality) == (value, "good")


@pytest.mark.parametrize(
    ("order", "expected"),
    [("ABCD", [0x0102, 0x0304]), ("CDAB", [0x0304, 0x0102]), ("BADC", [0x0201, 0x0403]), ("DCBA", [0x0403, 0x0201])],
)
def test_orders_are_what_their_names_say(order, expected):
    assert encode(point("uint32", order), 0x01020304) == expected


@pytest.mark.parametrize(
    ("order", "expected"),
    [
        ("ABCDEFGH", [0x0102, 0x0304, 0x0506, 0x0708]),
        ("GHEFCDAB", [0x0708, 0x0506, 0x0304, 0x0102]),
        ("BADCFEHG", [0x0201, 0x0403, 0x0605, 0x0807]),
        ("HGFEDCBA", [0x0807, 0x0605, 0x0403, 0x0201]),
    ],
)
def test_long_orders_are_what_their_names_say(order, expected):
    subject = point("uint64", order)
    assert decode(subject, expected).raw == 0x0102030405060708
    assert compile_block([subject], 0, 4).decode(expected) == ([float(0x0102030405060708)], ["good"])


def test_order_names_of_another_width_mean_the_same():
    assert encode(point("float32", "ABCDEFGH"), 1.5) == encode(point("float32", "ABCD"), 1.5)
    assert encode(point("uint16", "BADC"), 0x0102) == encode(point("uint16", "BA"), 0x0102) == [0x0201]
    assert encode(point("uint16", "CDAB"), 0x0102) == [0x0102]


@pytest.mark.parametrize("datatype", [*INTEGERS, *BCD])
def test_all_ones_at_every_width(datatype):
    subject = point(datatype)
    ones = [0xFFFF] * subject.count
    values, qualities = compile_block([subject], 0, subject.count).decode(ones)
    decoded = decode(subject, ones)
    assert (values[0], qualities[0]) == (decoded.value, decoded.quality)
    signed = datatype.startswith("int")
    assert (decoded.value, decoded.quality) == ((-1.0, "good") if signed else (None, "sentinel"))
    # Only the full width is a sentinel: half of it is an ordinary number.
    if subject.count > 1 and datatype not in BCD:
        assert decode(subject, [0] + [0xFFFF] * (subject.count - 1)).quality == "good"


@pytest.mark.parametrize("datatype", ["int16", "int32", "int64"])
def test_lowest_signed_is_a_sentinel(datatype):
    subject = point(datatype)
    lowest = [0x8000] + [0] * (subject.count - 1)
    assert decode(subject, lowest).quality == "sentinel"
    assert compile_block([subject], 0, subject.count).decode(lowest) == ([None], ["sentinel"])


def test_usual_sentinels_can_be_switched_off():
    assert decode(point("uint16", usual_sentinels=False), [0xFFFF]).value == 65535.0


def test_own_sentinels_may_be_negative():
    subject = point("int32", sentinels=(-1, 999999))
    assert decode(subject, [0xFFFF, 0xFFFF]).quality == "sentinel"
    assert decode(subject, encode(subject, 999999)).quality == "sentinel"
    assert decode(subject, [0, 0xFFFF]).value == 65535.0


@pytest.mark.parametrize("datatype", ["float32", "float64"])
@pytest.mark.parametrize("number", [math.nan, math.inf, -math.inf])
def test_no_numbers(datatype, number):
    subject = point(datatype)
    registers = encode(subject, number)
    decoded = decode(subject, registers)
    assert (decoded.value, decoded.quality) == (None, "not_a_number")
    assert compile_block([subject], 0, subject.count).decode(registers) == ([None], ["not_a_number"])


@pytest.mark.parametrize("datatype", ["float32", "float64"])
def test_all_ones_in_a_float_is_no_number(datatype):
    subject = point(datatype)
    assert decode(subject, [0xFFFF] * subject.count).quality == "not_a_number"


def test_float_sentinel_is_a_bit_pattern():
    subject = point("float32", sentinels=(0x80000000,))
    block = compile_block([subject], 0, 2)
    assert block.decode([0x8000, 0]) == ([None], ["sentinel"])
    assert block.decode([0, 0]) == ([0.0], ["good"])


def test_bad_bcd():
    assert decode(point("bcd32"), [0x1234, 0x567A])[::2] == (None, "bad_bcd")
    assert decode(point("bcd32"), [0x1234, 0x5678]).value == 12345678.0


def test_implausible_keeps_its_number():
    subject = point("int16", minimum=0.0, maximum=100.0)
    assert decode(subject, encode(subject, 101))[::2] == (101.0, "implausible")
    assert decode(subject, encode(subject, -2))[::2] == (-2.0, "implausible")
    assert decode(subject, encode(subject, 100)).quality == "good"


@given(raw=st.integers(0, 2**32 - 2))
def test_decimal_scales_are_exact(raw):
    registers = [raw >> 16, raw & 0xFFFF]
    assert decode(point("uint32", scale=0.01), registers).value == raw / 100
    assert compile_block([point("uint32", scale=0.01)], 0, 2).decode(registers)[0] == [raw / 100]


def test_scale_and_offset():
    subject = point("uint16", scale=0.1, offset=-40.0)
    assert decode(subject, [652]).value == pytest.approx(25.2)
    assert encode(subject, 25.2) == [652]


def test_a_scale_that_overflows_is_no_number():
    subject = point("float64", scale=10.0)
    registers = encode(point("float64"), 1e308)
    assert decode(subject, registers).quality == "not_a_number"
    assert compile_block([subject], 0, 4).decode(registers) == ([None], ["not_a_number"])


@pytest.mark.parametrize(
    ("datatype", "value"), [("uint16", 65536), ("uint16", -1), ("int32", 2**31), ("bcd16", 10000), ("bcd16", -1)]
)
def test_encode_refuses_what_does_not_fit(datatype, value):
    with pytest.raises(ValueError, match="does not fit"):
        encode(point(datatype), value)


def test_wrong_number_of_registers():
    with pytest.raises(ValueError, match="takes 2 registers, got 1"):
        decode(point("float32"), [1])
    with pytest.raises(ValueError, match="has 2 registers, got 3"):
        compile_block([point("float32")], 0, 2).decode([1, 2, 3])
    with pytest.raises(ValueError, match="outside the block"):
        compile_block([point("float32", address=5)], 0, 6)


def test_bits():
    assert decode(point("bit", function=1), [1]).value == 1.0
    assert decode(point("bit", bit=3), [0b1000]).value == 1.0
    assert decode(point("bit", bit=2), [0b1000]).value == 0.0
    assert encode(point("bit", bit=3), 1.0) == [8]
    block = compile_block([point("bit", function=2, address=place) for place in (7, 5)], 5, 3)
    assert block.decode([1, 0, 0]) == ([0.0, 1.0], ["good", "good"])


@pytest.mark.parametrize("order", ["ABCD", "BADC"])
def test_text(order):
    subject = point("string", order, length=4)
    assert decode_text(subject, encode(subject, "SN-42")) == "SN-42"
    assert decode(subject, encode(subject, "SN-42")).value is None
    with pytest.raises(ValueError, match="does not fit"):
        encode(subject, "too long a text")
    assert decode_text(subject, [0xFFFF] * 4) == "�" * 8


def test_all_orders_side_by_side():
    assert all_orders(encode(point("float32", "CDAB"), 230.5), "float32")["CDAB"] == 230.5
    assert all_orders([0x7FC0, 0], "float32")["ABCD"] is None
    assert list(all_orders([1], "uint16").values()) == [1, 256]
    assert len(all_orders([1, 2, 3, 4], "int64")) == 4
    assert all_orders([0x12, 0xAB], "bcd32")["ABCD"] is None
    for datatype, registers in (("bit", [1]), ("string", [1]), ("float32", [1])):
        with pytest.raises(ValueError, match=datatype):
            all_orders(registers, datatype)


def random_points(generator, span):
    points = []
    for key in range(generator.randrange(1, 40)):
        datatype = generator.choice([*NUMERIC, "bit", "string"])
        length = generator.randrange(1, 5)
        count = REGISTERS.get(datatype, length)
        order = generator.choice([name for names in ORDER_NAMES.values() for name in names])
        points.append(
            Point(
                key,
                1,
                3,
                generator.randrange(1000, 1000 + span - count + 1),
                datatype,
                order,
                scale=generator.choice([1.0, 0.1, 0.001, 10.0, 0.3]),
                offset=generator.choice([0.0, 0.0, -40.0]),
                sentinels=generator.choice([(), (0,), (-1,)]),
                length=length if datatype == "string" else 0,
                minimum=generator.choice([None, None, 0.0]),
            )
        )
    return points


@pytest.mark.parametrize("seed", range(60))
def test_a_block_decodes_as_its_points_do(seed):
    """The fast way equals the exact way for unsorted, overlapping, duplicate points of all types and nasty contents."""
    generator = random.Random(seed)
    points, span = random_points(generator, 60), 60
    block = compile_block(points, 1000, span)
    for _ in range(20):
        nasty = [0, 0xFFFF, 0x8000, 0x7FC0, 0x7F80, generator.randrange(65536)]
        registers = [generator.choice(nasty) for _ in range(span)]
        singly = [decode(subject, registers[part]) for subject, part in zip(points, block.slices, strict=True)]
        assert block.decode(registers) == ([one.value for one in singly], [one.quality for one in singly])


def test_value_types_are_float():
    values, _ = compile_block([point("uint16"), point("uint16", scale=10.0, address=1)], 0, 2).decode([3, 4])
    assert values == [3.0, 40.0]
    assert all(type(value) is float for value in values)


def test_float_is_widened_not_rounded():
    registers = list(struct.unpack(">2H", struct.pack(">f", 230.1)))
    assert decode(point("float32"), registers).value == struct.unpack(">f", struct.pack(">f", 230.1))[0]
