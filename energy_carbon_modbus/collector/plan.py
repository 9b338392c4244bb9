"""Which registers to ask for together: blocks by what a request and a register cost; knows nothing of sockets."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from itertools import groupby

from .point import BIT_FUNCTIONS, Point

MAX_REGISTERS = 125  # Modbus application protocol 1.1b3, 6.3: 0x7D registers a read
ADDRESSES = 0x10000
MAX_BITS = 2000  # the same, 6.1: 0x7D0 bits a read
BITS_A_CHARACTER = 10  # 8N1; 11 with parity or two stop bits
FRAME_CHARACTERS = 8 + 5  # RTU: request of 8, answer of 5 around its data
SILENT_CHARACTERS = 2 * 3.5  # the pause RTU asks for before and after a frame
ANY_HOLE = MAX_BITS
ANY_COUNT = ""  # what a model asks of a read: nothing, an even number of registers, or an even first one as well
EVEN_COUNT = "count"
EVEN_START = "start"
EVEN_RULES = (ANY_COUNT, EVEN_COUNT, EVEN_START)

Place = tuple[int, int, int]
WHOLE_FUNCTION = -1  # in the place of an address: the slave does not know the function at all


@dataclass(frozen=True, slots=True)
class LineCost:
    """What reading costs on a line, in seconds.

    :ivar baud: bits a second of the serial line behind the gateway; None when the network's speed does not count
    :ivar turnaround_seconds: pause between request and answer (the slave's) plus the one the gateway needs
    :ivar framer: ``rtu`` or ``tcp``; a word for people, the cost follows from ``baud``
    :ivar per_request_seconds: any further cost of a request, such as network latency
    :ivar bits_a_character: 10 for 8N1, 11 with parity
    """

    baud: int | None = None
    turnaround_seconds: float = 0.02
    framer: str = "tcp"
    per_request_seconds: float = 0.0
    bits_a_character: int = BITS_A_CHARACTER

    def __post_init__(self) -> None:
        if self.baud is not None and self.baud <= 0:
            raise ValueError(f"{self.baud} baud is no line speed")
        if self.turnaround_seconds < 0 or self.per_request_seconds < 0:
            raise ValueError("pauses cannot be negative")

    @property
    def register_seconds(self) -> float:
        """Wire time of one more register."""
        return 2 * self.bits_a_character / self.baud if self.baud else 0.0

    @property
    def request_seconds(self) -> float:
        """Time of a request before its first register."""
        characters = FRAME_CHARACTERS + SILENT_CHARACTERS
        wire = characters * self.bits_a_character / self.baud if self.baud else 0.0
        return wire + self.turnaround_seconds + self.per_request_seconds

    @property
    def worthwhile_hole(self) -> int:
        """Unwanted registers whose reading costs no more than another request, rounded to whole registers."""
        return round(self.request_seconds / self.register_seconds) if self.baud else ANY_HOLE


@dataclass(frozen=True, slots=True)
class Block:
    """One request: consecutive registers (functions 3, 4) or bits (1, 2) and the points whole inside it.

    :ivar even: the rule its bounds follow, one of ``EVEN_RULES``; what a block is split into follows it too
    """

    unit_id: int
    function: int
    start: int
    count: int
    points: tuple[Point, ...] = field(repr=False)
    even: str = ANY_COUNT

    @property
    def end(self) -> int:
        """The address after the block's last register."""
        return self.start + self.count


@dataclass(frozen=True, slots=True)
class _Reads:
    """What a slave allows in one read of a function.

    :ivar limit: most registers or bits
    :ivar hole: unwanted registers that cost as much as a request
    :ivar even: one of ``EVEN_RULES``
    :ivar refused: addresses known to be refused, sorted
    """

    limit: int
    hole: int
    even: str
    refused: list[int]

    def bounds(self, start: int, end: int) -> tuple[int, int]:
        """First register and number of registers of the request that reads ``start`` up to ``end``."""
        if self.even == EVEN_START and start % 2 and start - 1 not in self.refused:
            start -= 1
        if self.even and (end - start) % 2:
            # One register more; behind the last value if it may be read, else before the first.
            if end < ADDRESSES and end not in self.refused:
                end += 1
            elif start and start - 1 not in self.refused:
                start -= 1
        return start, end - start


def plan_blocks(
    points: Iterable[Point],
    *,
    max_registers: int = MAX_REGISTERS,
    max_bits: int = MAX_BITS,
    hole_cost: LineCost | None = None,
    bad: set[Place] | frozenset[Place] = frozenset(),
    even: str = ANY_COUNT,
) -> list[Block]:
    """Group points into the cheapest requests.

    A value is never cut. Points share a request when the registers between them cost no more than a second request and
    none of those is known to be refused.

    :param points: in any order; overlapping and equal ones are allowed; points on a bad address are left out
    :param max_registers: most registers the device gives in one answer, 1 to 125
    :param max_bits: most bits, 1 to 2000
    :param hole_cost: cost of the line; None for a network, where fewer requests always win
    :param bad: (unit, function, address or ``WHOLE_FUNCTION``) the device refused
    :param even: one of ``EVEN_RULES``, for reads of registers; a register beside the values fills up an odd number
    :return: blocks by unit, function and address; a point that is longer than the maximum is read alone
    :raises ValueError: a maximum outside its range, or no such rule
    """
    if not 1 <= max_registers <= MAX_REGISTERS or not 1 <= max_bits <= MAX_BITS:
        raise ValueError(f"maximum of {max_registers} registers or {max_bits} bits is outside the protocol's range")
    if even not in EVEN_RULES:
        raise ValueError(f"{even!r} is no rule for the number of registers")
    hole = (hole_cost or LineCost()).worthwhile_hole
    wanted = [point for point in points if not is_bad(point, bad)] if bad else list(points)
    wanted.sort(key=lambda point: (point.unit_id, point.function, point.address, point.count))
    blocks: list[Block] = []
    for (unit_id, function), group in groupby(wanted, key=lambda point: (point.unit_id, point.function)):
        refused = sorted(address for unit, code, address in bad if (unit, code) == (unit_id, function))
        bits = function in BIT_FUNCTIONS
        reads = _Reads(max_bits if bits else max_registers, hole, ANY_COUNT if bits else even, refused)
        for segment in _segments(list(group), min(hole, reads.limit), refused):
            blocks += [_block(part, reads) for part in _cut(segment, reads)]
    return blocks


def is_bad(point: Point, bad: set[Place] | frozenset[Place]) -> bool:
    """Whether one of the point's registers, or its function, is known to be refused."""
    if (point.unit_id, point.function, WHOLE_FUNCTION) in bad:
        return True
    return any((point.unit_id, point.function, address) in bad for address in range(point.address, point.end))


def estimate_seconds(blocks: Iterable[Block], cost: LineCost) -> float:
    """Time the requests take on a line, one after the other, when every slave answers.

    :param blocks: requests; bits count as a sixteenth of a register each
    :return: seconds
    """
    return sum(cost.request_seconds + cost.register_seconds * _registers(block) for block in blocks)


def _registers(block: Block) -> float:
    return math.ceil(block.count / 8) / 2 if block.function in BIT_FUNCTIONS else block.count


def _segments(points: list[Point], hole: int, refused: list[int]) -> Iterable[list[Point]]:
    """Cut where no request may or should read across."""
    segment, end = [points[0]], points[0].end
    for point in points[1:]:
        if point.address - end > hole or any(end <= address < point.address for address in refused):
            yield segment
            segment = []
        segment.append(point)
        end = max(end, point.end) if len(segment) > 1 else point.end
    yield segment


def _cut(segment: list[Point], reads: _Reads) -> Iterable[Sequence[Point]]:
    """Cut a segment into the cheapest requests of at most the allowed length."""
    if _bounds(segment, reads)[1] <= reads.limit:
        return [segment]
    starts, ends = [point.address for point in segment], [point.end for point in segment]
    # Cheapest way to read the first i points as (cost, requests, first point of the last request): a request costs as
    # much as the hole it is worth, a register 1.
    best = [(0, 0, 0)]
    for last in range(len(segment)):
        best.append(_cheapest_last(starts, ends, best, last, reads))
    parts, last = [], len(segment)
    while last:
        first = best[last][2]
        parts.append(segment[first:last])
        last = first
    return reversed(parts)


def _cheapest_last(
    starts: list[int], ends: list[int], best: list[tuple[int, int, int]], last: int, reads: _Reads
) -> tuple[int, int, int]:
    """The cheapest way to read up to point ``last``."""
    cheapest = None
    end = 0
    for first in range(last, -1, -1):
        end = max(end, ends[first])
        count = reads.bounds(starts[first], end)[1] if reads.even else end - starts[first]
        if count > reads.limit and first < last:
            break
        cost, requests, _ = best[first]
        candidate = (cost + reads.hole + count, requests + 1, first)
        if cheapest is None or candidate < cheapest:
            cheapest = candidate
    return cheapest


def _bounds(points: Sequence[Point], reads: _Reads) -> tuple[int, int]:
    return reads.bounds(points[0].address, max(point.end for point in points))


def _block(points: Sequence[Point], reads: _Reads) -> Block:
    first = points[0]
    return Block(first.unit_id, first.function, *_bounds(points, reads), tuple(points), reads.even)


def block_of(points: Sequence[Point], even: str = ANY_COUNT) -> Block:
    """The request that covers some points of one unit and function, sorted by address.

    :param even: one of ``EVEN_RULES``, which the request follows
    """
    rule = ANY_COUNT if points[0].function in BIT_FUNCTIONS else even
    return _block(points, _Reads(MAX_REGISTERS, 0, rule, []))
