"""Blocks never cut a value, cover every point and cost the least."""

from __future__ import annotations

import itertools
import random

import pytest

from energy_carbon_modbus.collector.plan import LineCost, estimate_seconds, plan_blocks
from energy_carbon_modbus.collector.point import Point


def point(address, datatype="float32", key=None, unit_id=1, function=3):
    return Point(address if key is None else key, unit_id, function, address, datatype)


def places(blocks):
    return [(block.start, block.count) for block in blocks]


def test_nothing_to_read():
    assert plan_blocks([]) == []


def test_neighbours_are_one_request():
    assert places(plan_blocks([point(0), point(2), point(4)])) == [(0, 6)]


def test_units_and_functions_are_never_mixed():
    points = [point(0, unit_id=2), point(0), point(2, function=4), point(4), point(2, unit_id=2)]
    blocks = plan_blocks(points)
    assert [(block.unit_id, block.function, block.start, block.count) for block in blocks] == [
        (1, 3, 0, 6),
        (1, 4, 2, 2),
        (2, 3, 0, 4),
    ]


def test_a_value_at_the_border_of_two_blocks_is_not_cut():
    points = [point(2 * place + 1) for place in range(70)]
    blocks = plan_blocks(points)
    assert len(blocks) == 2
    for block in blocks:
        assert block.count <= 125
        assert block.count % 2 == 0
    # 125 registers would end in the middle of a value.
    assert blocks[0].count <= 124


@pytest.mark.parametrize(("baud", "hole"), [(1200, 11), (9600, 20), (19200, 29)])
def test_worthwhile_holes(baud, hole):
    cost = LineCost(baud=baud, turnaround_seconds=0.02, framer="rtu")
    assert cost.worthwhile_hole == hole
    assert len(plan_blocks([point(0), point(2 + hole)], hole_cost=cost)) == 1
    assert len(plan_blocks([point(0), point(3 + hole)], hole_cost=cost)) == 2


def test_any_hole_on_a_network():
    assert places(plan_blocks([point(0), point(123)])) == [(0, 125)]
    assert places(plan_blocks([point(0), point(124)])) == [(0, 2), (124, 2)]


@pytest.mark.parametrize(("baud", "milliseconds"), [(1200, 1187), (9600, 166), (19200, 93), (115200, 32)])
def test_wire_time_of_sixty_registers(baud, milliseconds):
    blocks = plan_blocks([point(2 * place) for place in range(30)])
    seconds = estimate_seconds(blocks, LineCost(baud=baud, turnaround_seconds=0.02, framer="rtu"))
    assert seconds == pytest.approx(milliseconds / 1000, abs=0.001)


def test_a_whole_line_at_9600_baud():
    blocks = plan_blocks([point(1000 * part + 2 * place) for part in range(3) for place in range(30)])
    line = LineCost(baud=9600, turnaround_seconds=0.02, framer="rtu")
    assert 32 * estimate_seconds(blocks, line) == pytest.approx(15.9, abs=0.05)


def test_parity_costs_a_bit():
    assert LineCost(baud=9600, bits_a_character=11).register_seconds == pytest.approx(22 / 9600)


def test_known_bad_places():
    points = [point(0), point(2), point(10)]
    assert places(plan_blocks(points, bad={(1, 3, 5)})) == [(0, 4), (10, 2)]
    assert places(plan_blocks(points, bad={(1, 3, 3)})) == [(0, 2), (10, 2)]
    assert places(plan_blocks(points, bad={(2, 3, 5), (1, 4, 5)})) == [(0, 12)]


def test_overlapping_unsorted_duplicate():
    points = [point(4), point(0, "uint64"), point(0), point(0), point(2, "uint64"), point(3, "uint16")]
    blocks = plan_blocks(points)
    assert places(blocks) == [(0, 6)]
    assert sorted(map(id, blocks[0].points)) == sorted(map(id, points))


def test_long_value_inside_a_long_run_is_not_cut():
    text = Point(1, 1, 3, 10, "string", length=100)
    blocks = plan_blocks([point(0), text, point(12, "uint16"), point(110), point(126)])
    assert all(block.count <= 125 for block in blocks)
    assert any(text in block.points for block in blocks)


def test_maximum_of_the_model():
    points = [point(2 * place) for place in range(20)]
    assert [block.count for block in plan_blocks(points, max_registers=16)] == [16, 16, 8] or all(
        block.count <= 16 for block in plan_blocks(points, max_registers=16)
    )
    assert len(plan_blocks(points, max_registers=16)) == 3
    # A value longer than the maximum can only be asked for as a whole.
    assert places(plan_blocks([point(0, "float64")], max_registers=2)) == [(0, 4)]
    for wrong in ({"max_registers": 0}, {"max_registers": 126}, {"max_bits": 2001}):
        with pytest.raises(ValueError, match="outside the protocol"):
            plan_blocks(points, **wrong)


def test_bits_have_their_own_maximum():
    points = [point(place, "bit", function=1) for place in (0, 1999, 2000)]
    assert places(plan_blocks(points)) in ([(0, 2000), (2000, 1)], [(0, 1), (1999, 2)])


def test_cuts_are_put_into_the_holes():
    """Greedy would read 0 to 124 and the rest; the cheapest two requests leave the widest hole out."""
    points = [point(address) for address in (0, 2, 20, 22, *range(24, 140, 2))]
    slow = LineCost(baud=1200, turnaround_seconds=0.3, framer="rtu")
    assert places(plan_blocks(points, hole_cost=slow)) == [(0, 4), (20, 120)]


@pytest.mark.parametrize("seed", range(40))
def test_no_cheaper_plan_exists(seed):
    """Against every way to cut the sorted points into consecutive requests."""
    generator = random.Random(seed)
    limit, cost = 20, LineCost(baud=9600, turnaround_seconds=0.0, framer="rtu")
    points = [point(generator.randrange(60), generator.choice(["uint16", "float32", "uint64"])) for _ in range(9)]
    ordered = sorted(points, key=lambda one: (one.address, one.count))
    hole = cost.worthwhile_hole

    def price(parts):
        spans = [max(one.end for one in part) - part[0].address for part in parts]
        return sum(hole + span for span in spans) if max(spans) <= limit else float("inf")

    ways = itertools.product([False, True], repeat=len(ordered) - 1)
    cheapest = min(price(_split(ordered, way)) for way in ways)
    blocks = plan_blocks(points, max_registers=limit, hole_cost=cost)
    assert sum(hole + block.count for block in blocks) == cheapest
    assert sorted(one.key for block in blocks for one in block.points) == sorted(one.key for one in points)
    for block in blocks:
        assert all(block.start <= one.address and one.end <= block.end for one in block.points)


def _split(points, cuts):
    parts = [[points[0]]]
    for one, cut in zip(points[1:], cuts, strict=True):
        if cut:
            parts.append([])
        parts[-1].append(one)
    return parts


def test_impossible_lines():
    with pytest.raises(ValueError, match="0 baud"):
        LineCost(baud=0)
    with pytest.raises(ValueError, match="negative"):
        LineCost(turnaround_seconds=-1.0)
