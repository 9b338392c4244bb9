"""A sweep loses nothing: each point gets one result, and no device hurts another."""

from __future__ import annotations

import asyncio
import os
import random
import signal
import threading
import time
from concurrent.futures import ThreadPoolExecutor

import pytest
from peers import LibmodbusServer, free_port
from peers.fault_server import FaultServer

from energy_carbon_modbus.collector.codec import encode
from energy_carbon_modbus.collector.health import SlaveHealth
from energy_carbon_modbus.collector.link import LinkSettings
from energy_carbon_modbus.collector.plan import WHOLE_FUNCTION, LineCost
from energy_carbon_modbus.collector.point import Point
from energy_carbon_modbus.collector.prepare import KeptPlans
from energy_carbon_modbus.collector.sweep import Gateway, run_sweep, sweep


def registers_of(unit, addresses, function=3, first_key=0):
    return [Point(first_key + place, unit, function, address, "uint16") for place, address in enumerate(addresses)]


def gateway(server, points, key=1, **changes):
    port = getattr(server, "port", server)
    framer = getattr(server, "framer", "socket")
    link = {"timeout": 0.2, "quiet": 0.02, "busy_pause": 0.01} | changes.pop("link", {})
    return Gateway(key, LinkSettings("127.0.0.1", port, framer, **link), points, **changes)


def only(gateways, **options):
    (result,) = run_sweep(gateways, **({"deadline_seconds": 20.0} | options))
    return result


def values(result):
    return {point.key: point.value for point in result.points}


def errors(result):
    return {point.key: point.error for point in result.points}


@pytest.fixture
def server():
    with FaultServer() as running:
        yield running


@pytest.fixture(params=["socket", "rtu"])
def either(request):
    with FaultServer(request.param) as running:
        yield running


def test_reads_all_points(either):
    points = registers_of(1, [5, 6, 9]) + registers_of(2, [7], function=4, first_key=10)
    points.append(Point(20, 3, 1, 33, "bit"))
    result = only([gateway(either, points)], clock=lambda: 1_700_000_000.9)
    assert values(result) == {0: 5.0, 1: 6.0, 2: 9.0, 10: 7.0, 20: 1.0}
    assert {point.time for point in result.points} == {1_700_000_000}
    assert {point.quality for point in result.points} == {"good"}
    assert {point.raw for point in result.points} == {(5,), (6,), (9,), (7,), (1,)}
    assert (result.ok, result.error, result.requests) == (True, None, 3)
    assert all(slave.ok and slave.rtt > 0 for slave in result.slaves.values())
    assert result.health[1].last_success == 1_700_000_000.9


def test_nothing_to_do(server):
    assert run_sweep([], deadline_seconds=1.0) == []
    assert only([gateway(server, [])]).ok
    assert only([gateway(free_port(), registers_of(1, [1]))], deadline_seconds=5.0).error == "connect"


def test_against_libmodbus_with_all_types_at_block_borders():
    generator = random.Random(7)
    points, address = [], 0
    for key in range(200):
        datatype = generator.choice(["int16", "uint32", "int64", "float32", "float64", "bcd32"])
        order = generator.choice(["ABCD", "CDAB", "BADC", "DCBA"])
        points.append(Point(key, 1, 3, address, datatype, order, scale=generator.choice([1.0, 0.1])))
        address = points[-1].end
    expected = {point.key: float(generator.randrange(3_000)) for point in points}
    with LibmodbusServer(strict=True) as server:
        for point in points:
            server.set(1, 3, point.address, encode(point, expected[point.key]))
        generator.shuffle(points)
        result = only([gateway(server, points)])
    assert values(result) == pytest.approx(expected)
    assert -(-address // 125) <= result.requests <= -(-address // 122)


def test_a_dead_gateway_never_stops_others(server):
    gateways = [gateway(server, registers_of(1, [3]), key=1), gateway(free_port(), registers_of(1, [3]), key=2)]
    gateways.append(gateway(server, registers_of(2, [4]), key=3))
    first, dead, last = run_sweep(gateways, deadline_seconds=10.0)
    assert (values(first), values(last)) == ({0: 3.0}, {0: 4.0})
    assert (dead.key, dead.ok, dead.error, errors(dead)) == (2, False, "connect", {0: "connect"})
    assert dead.slaves[1].error == "connect"
    assert dead.health == {}


@pytest.mark.parametrize("kind", ["silent", "wrong_tid", "truncated", "garbage", "close", "wrong_unit", "lying_count"])
def test_one_bad_slave_of_32_costs_one_time_out(server, kind):
    points = [point for unit in range(1, 33) for point in registers_of(unit, [unit, 300, 600], first_key=100 * unit)]
    server.fault(7, kind)
    subject = gateway(server, points)
    result = only([subject])
    assert sum(point.error is None for point in result.points) == 31 * 3
    assert {point.key for point in result.points if point.error} == {700, 701, 702}
    assert [unit for unit, slave in result.slaves.items() if not slave.ok] == [7]
    assert sum(request[0] == 7 for request in server.requests) <= 2
    assert result.health[7].failures == 1
    # Now in back-off: not asked at all, then probed last with one small read.
    subject.health = result.health
    again = only([subject])
    assert {error for error in errors(again).values() if error} == {"back-off"}
    assert again.health[7] == result.health[7]


def test_probe_comes_last_and_is_small(server):
    points = [point for unit in (1, 2, 3) for point in registers_of(unit, [0, 1, 2, 3], first_key=10 * unit)]
    health = {1: SlaveHealth(failures=2, next_try=100.0)}
    server.fault(1, "silent")
    result = only([gateway(server, points, health=health)], clock=lambda: 200.0)
    assert [request[0] for request in server.requests] == [2, 3, 1]
    assert server.requests[-1][3] == 1
    assert result.health[1].failures == 3
    server.heal(1)
    result = only([gateway(server, points, health=health)], clock=lambda: 200.0)
    assert server.requests[-2:] == [(1, 3, 0, 1), (1, 3, 0, 4)]
    assert result.health[1].failures == 0
    assert len(values(result)) == 12


def test_first_silence_ends_the_turn(server):
    server.fault(1, "silent", matches=lambda function, start, count: start == 200)
    result = only([gateway(server, registers_of(1, [0, 200, 400, 600]))])
    assert errors(result) == {0: None, 1: "silence", 2: "silence", 3: "silence"}
    assert len(server.requests) == 2


def test_the_bad_point_is_found_and_remembered(server):
    bad = 17
    server.fault(1, "exception", 2, matches=lambda function, start, count: start <= bad < start + count)
    subject = gateway(server, registers_of(1, range(40)))
    result = only([subject])
    assert {key for key, error in errors(result).items() if error} == {bad}
    assert errors(result)[bad] == "exception 2"
    assert result.bad == {(1, 3, bad)}
    assert result.requests <= 13
    assert result.slaves[1].ok
    subject.bad = result.bad
    again = only([subject])
    assert errors(again) == errors(result)
    assert again.requests == 2


def test_a_refused_hole_is_found_and_remembered(server):
    server.fault(1, "exception", 2, matches=lambda function, start, count: start <= 5 < start + count)
    subject = gateway(server, registers_of(1, [0, 1, 2, 8, 9]))
    result = only([subject])
    assert set(errors(result).values()) == {None}
    assert result.bad == {(1, 3, 3)}
    subject.bad = result.bad
    assert only([subject]).requests == 2


def test_a_device_that_gives_few_registers_at_a_time_is_learnt(server):
    server.fault(1, "exception", 3, matches=lambda function, start, count: count > 32)
    subject = gateway(server, registers_of(1, range(100)))
    result = only([subject])
    assert set(errors(result).values()) == {None}
    assert result.bad == set()
    assert result.health[1].max_registers == 25
    subject.health = result.health
    assert only([subject]).requests == 4


def test_every_point_refused(server):
    server.fault(1, "exception", 2)
    result = only([gateway(server, registers_of(1, range(8)))])
    assert set(errors(result).values()) == {"exception 2"}
    assert len(result.points) == 8
    assert result.slaves[1].error == "exception 2"


def test_unsupported_function(server):
    server.fault(1, "exception", 1, matches=lambda function, start, count: function == 4)
    points = registers_of(1, [0, 500], function=4) + registers_of(1, [1], first_key=10)
    subject = gateway(server, points)
    for requests in (3, 1):
        result = only([subject])
        assert errors(result) == {0: "unsupported", 1: "unsupported", 10: None}
        assert result.bad == {(1, 4, WHOLE_FUNCTION)}
        assert result.requests == requests, "from now on its points are not asked for"
        subject.bad = result.bad


def test_exception_1_for_one_block_costs_that_block_only(server):
    server.fault(1, "exception", 1, matches=lambda function, start, count: start == 0)
    result = only([gateway(server, registers_of(1, [0, 500]))])
    assert errors(result) == {0: "unsupported", 1: None}
    assert result.bad == set(), "the slave does know the function"


@pytest.mark.parametrize("code", [5, 6])
def test_a_busy_slave_is_asked_once_more(server, code):
    server.fault(1, "exception", code, times=1)
    assert values(only([gateway(server, registers_of(1, [4]))])) == {0: 4.0}
    server.fault(1, "exception", code)
    result = only([gateway(server, registers_of(1, [4]))])
    assert errors(result) == {0: f"exception {code}"}
    assert len(server.requests) == 4


@pytest.mark.parametrize("code", [10, 11])
def test_gateway_exceptions_are_silence(server, code):
    server.fault(1, "exception", code)
    result = only([gateway(server, registers_of(1, [4, 500]) + registers_of(2, [5], first_key=9))])
    assert errors(result) == {0: f"exception {code}", 1: f"exception {code}", 9: None}
    assert result.health[1].failures == 1
    assert len(server.requests) == 2


@pytest.mark.parametrize(
    ("kind", "value", "error"),
    [("exception", 4, "exception 4"), ("fewer", 0, "short"), ("wrong_function", 0, "wrong_function")],
)
def test_a_bad_block_leaves_the_others(server, kind, value, error):
    server.fault(1, kind, value, matches=lambda function, start, count: start == 0)
    result = only([gateway(server, registers_of(1, [0, 1, 200]))])
    assert errors(result) == {0: error, 1: error, 2: None}
    assert result.slaves[1].error == error


def test_a_late_rtu_answer_is_never_stored():
    with FaultServer("rtu") as server:
        for unit in (1, 2, 3):
            server.fault(unit, "late", 0.3, matches=lambda function, start, count: start == 100)
        points = [point for unit in (1, 2, 3) for point in registers_of(unit, [100, 300, 500], first_key=10 * unit)]
        expected = {point.key: float(point.address) for point in points}
        subject = gateway(server, points, cycle_seconds=0.0)
        for _ in range(3):
            result = only([subject])
            subject.health = result.health
            assert all(value in (None, expected[key]) for key, value in values(result).items())
            assert len(result.points) == 9


def test_deadline_keeps_what_was_read(server):
    for unit in range(3, 30):
        server.fault(unit, "silent")
    points = [point for unit in range(1, 30) for point in registers_of(unit, [unit], first_key=unit)]
    quick = gateway(server, registers_of(1, [8]), key=2)
    started = time.monotonic()
    slow, other = run_sweep([gateway(server, points, link={"timeout": 0.15}), quick], deadline_seconds=0.5)
    assert time.monotonic() - started < 3.0, "without the deadline 27 time-outs would take longer"
    assert len(slow.points) == 29
    assert (values(slow)[1], values(slow)[2], errors(slow)[3], errors(slow)[29]) == (1.0, 2.0, "silence", "not reached")
    assert (slow.ok, slow.error) == (False, "deadline")
    assert 4 <= slow.next_unit <= 7
    assert 29 not in slow.health
    assert (other.ok, values(other)) == (True, {0: 8.0})


def test_going_on_where_the_last_sweep_stopped(server):
    points = [point for unit in (1, 2, 3) for point in registers_of(unit, [unit], first_key=unit)]
    only([gateway(server, points, first_unit=3)])
    assert [request[0] for request in server.requests] == [3, 1, 2]


def test_more_gateways_than_slots(server):
    gateways = [gateway(server, registers_of(1, [key]), key=key) for key in range(20)]
    results = run_sweep(gateways, deadline_seconds=10.0, max_concurrent=2)
    assert [result.key for result in results] == list(range(20))
    assert [values(result) for result in results] == [{0: float(key)} for key in range(20)]


def test_a_gateway_that_never_got_a_slot_is_reported(server):
    server.fault(1, "silent")
    gateways = [
        gateway(server, registers_of(1, [1]), key=1, link={"timeout": 5.0}),
        gateway(server, registers_of(2, [1]), 2),
    ]
    _, waiting = run_sweep(gateways, deadline_seconds=0.2, max_concurrent=1)
    assert (waiting.error, errors(waiting), waiting.requests) == ("deadline", {0: "not reached"}, 0)


def test_half_open_gateway():
    with LibmodbusServer() as stopped, FaultServer() as alive:
        stopped.set(1, 3, 0, [1])
        os.kill(stopped.pid, signal.SIGSTOP)
        try:
            gateways = [gateway(stopped, registers_of(1, [0])), gateway(alive, registers_of(1, [5]), key=2)]
            dead, fine = run_sweep(gateways, deadline_seconds=10.0)
        finally:
            os.kill(stopped.pid, signal.SIGCONT)
    assert errors(dead) == {0: "silence"}
    assert values(fine) == {0: 5.0}


def test_overlapping_unsorted_duplicate_points(server):
    points = [
        Point(1, 1, 3, 9, "uint16"),
        Point(2, 1, 3, 8, "uint32"),
        Point(3, 1, 3, 9, "uint16"),
        Point(3, 1, 3, 2, "int16"),
    ]
    result = only([gateway(server, points)])
    assert sorted((point.key, point.value) for point in result.points) == [
        (1, 9.0),
        (2, 8.0 * 65536 + 9),
        (3, 2.0),
        (3, 9.0),
    ]
    assert result.requests == 1


def test_quality_of_values(server):
    special = {0: 0xFFFF, 1: 0x7FC0, 2: 0, 3: 0}
    server._state.registers = lambda unit, function, address: special[address]
    points = [Point(1, 1, 3, 0, "uint16"), Point(2, 1, 3, 1, "float32"), Point(3, 1, 3, 3, "uint16")]
    result = only([gateway(server, points)])
    found = {point.key: (point.value, point.quality, point.error) for point in result.points}
    assert found == {1: (None, "sentinel", None), 2: (None, "not_a_number", None), 3: (0.0, "good", None)}


def test_line_speed_decides_about_holes(server):
    points = registers_of(1, [0, 60])
    assert only([gateway(server, points)]).requests == 1
    assert only([gateway(server, points, cost=LineCost(baud=9600))]).requests == 2


def test_kept_plans_follow_changed_points(server):
    subject = gateway(server, registers_of(1, [1, 2]))
    assert values(only([subject])) == {0: 1.0, 1: 2.0}
    prepared = subject.prepared
    assert values(only([subject])) == {0: 1.0, 1: 2.0}
    assert subject.prepared is prepared
    subject.points = registers_of(1, [7])
    assert values(only([subject])) == {0: 7.0}


def test_plans_outlive_points_made_anew(server):
    """As Odoo's scheduled action does: the points are other objects each time, and the same."""
    plans, prepared = KeptPlans(), None
    for address in (1, 1, 7):
        subject = gateway(server, registers_of(1, [address]))
        subject.points, subject.prepared = plans.recall("line", subject.points)
        assert subject.prepared is (prepared if address == 1 else None)
        assert values(only([subject])) == {0: float(address)}
        prepared = subject.prepared
        plans.keep("line", subject.points, prepared)


def test_a_model_may_allow_fewer_registers(server):
    assert only([gateway(server, registers_of(1, range(20)), max_registers={1: 8})]).requests == 3


def test_from_a_thread_and_from_inside_a_loop(server):
    with ThreadPoolExecutor(1) as executor:
        result = executor.submit(only, [gateway(server, registers_of(1, [6]))]).result()
    assert values(result) == {0: 6.0}

    async def inside():
        return only([gateway(server, registers_of(1, [7]))])

    assert values(asyncio.run(inside())) == {0: 7.0}
    assert not [thread for thread in threading.enumerate() if thread.name.startswith("collector")]


def test_a_programming_error_is_not_swallowed(server):
    def broken():
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        only([gateway(server, registers_of(1, [6]))], clock=broken)


def test_cancelling_a_sweep(server):
    server.fault(1, "silent")

    async def run():
        task = asyncio.create_task(
            sweep([gateway(server, registers_of(1, [1]), link={"timeout": 5.0})], deadline_seconds=9.0)
        )
        await asyncio.sleep(0.1)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task

    asyncio.run(run())
