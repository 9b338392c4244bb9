"""Registers to numbers and back: byte orders, data types, sentinels; knows nothing of sockets or plans."""

from __future__ import annotations

import math
import struct
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from .point import BIT_FUNCTIONS, ORDER_NAMES, ORDERS, PAIR, REGISTERS, Point

GOOD = "good"
SENTINEL = "sentinel"
NOT_A_NUMBER = "not_a_number"
BAD_BCD = "bad_bcd"
IMPLAUSIBLE = "implausible"
UNKNOWN_UNIT = "unknown_unit"  # the meter names a unit the point table does not know
QUALITIES = (GOOD, SENTINEL, NOT_A_NUMBER, BAD_BCD, IMPLAUSIBLE, UNKNOWN_UNIT)

_Scaler = Callable[[Sequence[float]], list[float]]
_CODES = {
    "int16": "h",
    "uint16": "H",
    "int32": "i",
    "uint32": "I",
    "int64": "q",
    "uint64": "Q",
    "float32": "f",
    "float64": "d",
}


class Decoded(NamedTuple):
    """A decoded value.

    :ivar value: in the point's unit; None when there is none (sentinel, no number, bad BCD, text)
    :ivar raw: the value's bits as an unsigned integer in the order A B C D (text and pair: their bytes)
    :ivar quality: one of ``QUALITIES``; an implausible value keeps its number
    """

    value: float | None
    raw: int | bytes
    quality: str


def decode(point: Point, registers: Sequence[int]) -> Decoded:
    """Decode one point exactly.

    :param point: what to decode
    :param registers: the point's own registers, 0 to 65535 each (for functions 1, 2 its one bit)
    :return: value in the point's unit, raw bits and quality; no device value raises
    :raises ValueError: another number of registers than the point takes
    """
    if len(registers) != point.count:
        raise ValueError(f"{point.datatype} takes {point.count} registers, got {len(registers)}")
    if point.datatype == "bit":
        raw = _bit(point, registers[0])
        return Decoded(float(raw), raw, GOOD)
    if point.datatype == PAIR:
        return _decode_pair(point, registers)
    data = _canonical(registers, point.order)
    if point.datatype == "string":
        return Decoded(None, data, GOOD)
    raw = int.from_bytes(data, "big")
    if raw in sentinels_of(point):
        return Decoded(None, raw, SENTINEL)
    number = _number(point.datatype, data)
    if number is None:
        return Decoded(None, raw, BAD_BCD)
    if not math.isfinite(number):
        return Decoded(None, raw, NOT_A_NUMBER)
    return _scaled(point, number, raw)


def decode_text(point: Point, registers: Sequence[int]) -> str:
    """Text of a string point: up to the first NUL, blanks cut off, what is no UTF-8 shown as the replacement sign.

    :raises ValueError: the point is no string or the number of registers differs
    """
    if point.datatype != "string":
        raise ValueError(f"{point.datatype} is no text")
    data = decode(point, registers).raw
    return data.split(b"\0", 1)[0].decode("utf-8", "replace").strip()


def encode(point: Point, value: float | str) -> list[int]:
    """The registers a device would send for a value: what ``decode`` turns back into it.

    :param value: in the point's unit; text for a string
    :return: the point's registers (for functions 1, 2 one bit)
    :raises ValueError: the value does not fit the data type
    """
    if point.datatype == "string":
        data = str(value).encode()
        if len(data) > 2 * point.length:
            raise ValueError(f"text of {len(data)} bytes does not fit {point.length} registers")
        return _registers(data.ljust(2 * point.length, b"\0"), point.order)
    if point.datatype == "bit":
        return [int(bool(value)) << (point.bit if point.function not in BIT_FUNCTIONS else 0)]
    if point.datatype == PAIR:
        return _encode_pair(point, value)
    number = _unscaled(point, value)
    try:
        return _registers(_bytes(point.datatype, number), point.order)
    except (struct.error, OverflowError) as error:
        raise ValueError(f"{value} does not fit {point.datatype} with scale {point.scale}") from error


def all_orders(registers: Sequence[int], datatype: str) -> dict[str, float | None]:
    """One value in every byte order, for an engineer to pick the one the display shows.

    :param registers: the value's registers
    :param datatype: any but ``bit`` and ``string``
    :return: raw value, before scale, by order; None where the bits are no number (NaN, infinity, bad BCD)
    :raises ValueError: no such numeric type, or another number of registers than it takes
    """
    count = REGISTERS.get(datatype, 0)
    if datatype in ("bit", "string") or not count:
        raise ValueError(f"{datatype!r} has no byte orders")
    if len(registers) != count:
        raise ValueError(f"{datatype} takes {count} registers, got {len(registers)}")
    return {order: _finite(_number(datatype, _canonical(registers, order))) for order in ORDER_NAMES[count]}


def sentinels_of(point: Point) -> frozenset[int]:
    """All raw values meaning "no value", as unsigned integers of the value's full width.

    All ones only counts for unsigned types and BCD: in a signed register it is -1, a value a power may well have.
    """
    bits = 16 * point.count
    own = {sentinel % (1 << bits) for sentinel in point.sentinels}
    if point.usual_sentinels:
        if point.datatype.startswith(("uint", "bcd")):
            own.add((1 << bits) - 1)
        elif point.datatype.startswith("int"):
            own.add(1 << (bits - 1))
    return frozenset(own)


def _decode_pair(point: Point, registers: Sequence[int]) -> Decoded:
    raw = _canonical(registers, "ABCD")
    whole, rest = (decode(part, registers[part.address - point.address :][: part.count]) for part in point.parts)
    for part in (whole, rest):
        if part.value is None:
            return Decoded(None, raw, part.quality)
    decoded = _scaled(point, whole.value + rest.value, raw)
    # Behind the point there is less than a step of the integer part; as a float32 it may round up to a whole one.
    torn = abs(rest.value) > abs(point.parts[0].scale)
    doubtful = torn or IMPLAUSIBLE in (whole.quality, rest.quality)
    return decoded._replace(quality=IMPLAUSIBLE) if doubtful and decoded.quality == GOOD else decoded


def _encode_pair(point: Point, value: float) -> list[int]:
    integer, decimal = point.parts
    number = _unscaled(point, value)
    whole = math.trunc(number / integer.scale) * integer.scale
    registers = [0] * point.count
    for part, amount in ((integer, whole), (decimal, number - whole)):
        place = part.address - point.address
        registers[place : place + part.count] = encode(part, amount)
    return registers


def _finite(number: float | None) -> float | None:
    return number if number is not None and math.isfinite(number) else None


def _bit(point: Point, register: int) -> int:
    return int(bool(register)) if point.function in BIT_FUNCTIONS else register >> point.bit & 1


def _canonical(registers: Sequence[int], order: str) -> bytes:
    words_reversed, bytes_swapped = ORDERS[order]
    words = reversed(registers) if words_reversed else registers
    return struct.pack(f"{'<' if bytes_swapped else '>'}{len(registers)}H", *words)


def _registers(data: bytes, order: str) -> list[int]:
    words_reversed, bytes_swapped = ORDERS[order]
    words = struct.unpack(f"{'<' if bytes_swapped else '>'}{len(data) // 2}H", data)
    return list(reversed(words) if words_reversed else words)


def _number(datatype: str, data: bytes) -> float | int | None:
    if datatype.startswith("bcd"):
        digits = data.hex()
        return int(digits) if digits.isdecimal() else None
    return struct.unpack(">" + _CODES[datatype], data)[0]


def _bytes(datatype: str, number: float) -> bytes:
    if datatype.startswith("bcd"):
        size = 2 * REGISTERS[datatype]
        digits = f"{number:0{2 * size}d}"
        if number < 0 or len(digits) > 2 * size:
            raise OverflowError("BCD holds no such number")
        return bytes.fromhex(digits)
    return struct.pack(">" + _CODES[datatype], number)


def _divisor(scale: float) -> int:
    """The whole number whose reciprocal the scale is, or 0: dividing by 10 is exact where times 0.1 is not."""
    divisor = round(1.0 / scale) if abs(scale) < 1.0 else 0
    return divisor if divisor and 1.0 / divisor == scale else 0


def _scaler(scale: float, offset: float) -> _Scaler | None:
    """Raw numbers to values, the same in ``decode`` and in blocks; None when the numbers are the values."""
    divisor = _divisor(scale)
    if scale == 1.0 and not offset:
        return None
    if offset:
        return lambda numbers: [(number / divisor if divisor else number * scale) + offset for number in numbers]
    if divisor:
        return lambda numbers: [number / divisor for number in numbers]
    return lambda numbers: [number * scale for number in numbers]


def _floats(numbers: Sequence[int]) -> list[float]:
    return [number * 1.0 for number in numbers]


def _scaled(point: Point, number: float, raw: int) -> Decoded:
    scaler = _scaler(point.scale, point.offset)
    value = float(scaler((number,))[0] if scaler else number)
    if not math.isfinite(value):
        return Decoded(None, raw, NOT_A_NUMBER)
    low = point.minimum is not None and value < point.minimum
    high = point.maximum is not None and value > point.maximum
    return Decoded(value, raw, IMPLAUSIBLE if low or high else GOOD)


def _unscaled(point: Point, value: float) -> float | int:
    divisor = _divisor(point.scale)
    number = (value - point.offset) * divisor if divisor else (value - point.offset) / point.scale
    if point.datatype.startswith("float") or point.datatype == PAIR:
        return number
    if not math.isfinite(number):
        raise ValueError(f"{value} does not fit {point.datatype}")
    return round(number)


@dataclass(slots=True)
class _Group:
    """Points of a block with one data type, scale and byte order, unpacked by one ``struct`` call.

    :ivar positions: places of the points in the block's list
    :ivar whole: the positions are all of the block's, in its order
    :ivar swapped: unpack from the copy of the block whose bytes are swapped in each word
    :ivar alarms: decoded numbers that need a closer look (sentinels); an empty set for none
    """

    positions: list[int]
    whole: bool
    unpack: Callable[[bytes], tuple]
    swapped: bool
    is_float: bool
    alarms: frozenset
    scaler: _Scaler | None


@dataclass(slots=True)
class CompiledBlock:
    """A block's points made ready for decoding many answers; built by ``compile_block``.

    :ivar slices: where each point's registers lie inside the block
    """

    points: tuple[Point, ...]
    count: int
    slices: list[slice]
    groups: list[_Group]
    singly: list[int]
    pack: Callable[..., bytes]
    swap: Callable[..., bytes]
    has_swapped: bool

    def decode(self, registers: Sequence[int]) -> tuple[list[float | None], list[str]]:
        """Values and qualities in the order of ``points``, equal to ``decode`` point by point.

        :param registers: the block's registers (or bits), ``count`` of them
        :raises ValueError: another number of registers than the block has
        """
        if len(registers) != self.count:
            raise ValueError(f"the block has {self.count} registers, got {len(registers)}")
        values: list[float | None] = [None] * len(self.points)
        qualities = [GOOD] * len(self.points)
        doubtful = list(self.singly)
        if self.groups:
            data = self.pack(*registers)
            swapped = self.swap(*registers) if self.has_swapped else data
            for group in self.groups:
                numbers = group.unpack(swapped if group.swapped else data)
                if not _store(group, numbers, values):
                    doubtful += group.positions
        for position in doubtful:
            decoded = decode(self.points[position], registers[self.slices[position]])
            values[position], qualities[position] = decoded.value, decoded.quality
        return values, qualities


def _store(group: _Group, numbers: tuple, values: list[float | None]) -> bool:
    """Store a group's values when all are plain; False when one needs the exact way."""
    # One non-finite summand makes the sum non-finite; a sum that only overflows costs a closer look, no more.
    if group.is_float and not math.isfinite(sum(numbers)):
        return False
    if group.alarms and not group.alarms.isdisjoint(numbers):
        return False
    scaled = group.scaler(numbers) if group.scaler else numbers
    if group.whole:
        values[:] = scaled
    else:
        for position, value in zip(group.positions, scaled, strict=True):
            values[position] = value
    return True


def compile_block(points: Sequence[Point], start: int, count: int) -> CompiledBlock:
    """Prepare a block for decoding: points of one type become one ``struct`` call.

    :param points: points inside the block, in any order, overlapping or equal
    :param start: first address of the block
    :param count: registers (or bits) of the block
    :raises ValueError: a point does not lie inside the block
    """
    slices = [slice(point.address - start, point.end - start) for point in points]
    for point, part in zip(points, slices, strict=True):
        if part.start < 0 or part.stop > count:
            raise ValueError(f"the point at {point.address} lies outside the block {start} to {start + count - 1}")
    grouped, singly = _sort_out(points)
    groups = [group for members in grouped.values() for group in _groups(points, members, start, count)]
    return CompiledBlock(
        points=tuple(points),
        count=count,
        slices=slices,
        groups=groups,
        singly=singly,
        pack=struct.Struct(f">{count}H").pack,
        swap=struct.Struct(f"<{count}H").pack,
        has_swapped=any(group.swapped for group in groups),
    )


def _sort_out(points: Sequence[Point]) -> tuple[dict[tuple, list[int]], list[int]]:
    """Positions by what a group must share, and those decoded one by one."""
    grouped: dict[tuple, list[int]] = {}
    singly = []
    for position, point in enumerate(points):
        if point.datatype not in _CODES or _needs_a_look(point):
            singly.append(position)
            continue
        key = (point.datatype, *ORDERS[point.order], point.scale, point.offset, point.sentinels, point.usual_sentinels)
        grouped.setdefault(key, []).append(position)
    return grouped, singly


def _needs_a_look(point: Point) -> bool:
    """Whether each value must be checked: limits of plausibility, or a scale with which a number may overflow."""
    limited = point.minimum is not None or point.maximum is not None
    scaled = abs(point.scale) > 1.0 or bool(point.offset)
    limit = 1.0 if point.datatype == "float64" and scaled else 1e200
    return limited or abs(point.scale) > limit or abs(point.offset) > limit


def _groups(points: Sequence[Point], members: list[int], start: int, count: int) -> list[_Group]:
    """Split members into layers without overlap and compile each."""
    layers: list[list[int]] = []
    for position in sorted(members, key=lambda member: points[member].address):
        for layer in layers:
            if points[layer[-1]].end <= points[position].address:
                layer.append(position)
                break
        else:
            layers.append([position])
    return [_group(points, layer, start, count) for layer in layers]


def _group(points: Sequence[Point], layer: list[int], start: int, count: int) -> _Group:
    first = points[layer[0]]
    words_reversed, bytes_swapped = ORDERS[first.order]
    # Of the four orders, two are big-endian and two little-endian once the bytes of each word are swapped or not.
    layout, address = ["<" if words_reversed else ">"], start
    for position in layer:
        point = points[position]
        layout.append(f"{2 * (point.address - address)}x{_CODES[point.datatype]}")
        address = point.end
    layout.append(f"{2 * (start + count - address)}x")
    is_float = first.datatype.startswith("float")
    return _Group(
        positions=layer,
        whole=layer == list(range(len(points))),
        unpack=struct.Struct("".join(layout)).unpack,
        swapped=words_reversed != bytes_swapped,
        is_float=is_float,
        alarms=frozenset(_number(first.datatype, raw.to_bytes(2 * first.count, "big")) for raw in sentinels_of(first)),
        scaler=_scaler(first.scale, first.offset) or (None if is_float else _floats),
    )
