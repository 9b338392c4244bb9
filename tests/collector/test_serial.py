"""Serial RTU through a pseudo terminal: the same answers as through TCP, and a port that only one may have."""

from __future__ import annotations

import asyncio

import pytest
from peers.serial_slave import SerialSlaves

from energy_carbon_modbus.collector.link import Link, LinkSettings
from energy_carbon_modbus.collector.point import Point
from energy_carbon_modbus.collector.sweep import Gateway, run_sweep
from energy_carbon_modbus.collector.wire import KEPT


@pytest.fixture
def line():
    with SerialSlaves() as slaves:
        yield slaves


def settings(line, **changes):
    values = {"framer": "serial", "baud": 115200, "timeout": 0.2, "quiet": 0.02} | changes
    return LinkSettings(line.device, **values)


def points(units, addresses):
    return [Point(1000 * unit + address, unit, 3, address, "uint16") for unit in units for address in addresses]


def read_all(subject, *reads):
    async def run():
        async with Link(subject) as link:
            return [await link.read(*read) for read in reads]

    return asyncio.run(run())


@pytest.mark.parametrize(("parity", "stop_bits"), [("N", 1), ("E", 1), ("O", 1), ("N", 2)])
def test_serial_rtu_reads(line, parity, stop_bits):
    answers = read_all(settings(line, baud=9600, parity=parity, stop_bits=stop_bits), (1, 3, 100, 4), (2, 4, 7, 125))
    assert answers[0].registers == (100, 101, 102, 103)
    assert answers[1].registers == tuple(range(7, 132))


def test_serial_sweep_with_a_dead_slave(line):
    line.silent.add(2)
    (result,) = run_sweep([Gateway(1, settings(line), points((1, 2, 3), (5, 400)))], deadline_seconds=10.0)
    assert {point.key: point.value for point in result.points} == {
        1005: 5.0, 1400: 400.0, 2005: None, 2400: None, 3005: 5.0, 3400: 400.0
    }  # fmt: skip
    assert result.slaves[2].error == "silence"


def test_serial_late_answer_is_never_the_next_ones(line):
    line.late[1] = 0.3
    answers = read_all(settings(line), (1, 3, 100, 2), (1, 3, 300, 2), (1, 3, 500, 2))
    assert answers[0].error == "silence"
    for answer, expected in zip(answers[1:], [(300, 301), (500, 501)], strict=True):
        assert answer.registers in ((), expected)


def test_noise_in_front_of_an_answer_is_passed_over(line):
    line.noise = b"\x00\xff"
    assert read_all(settings(line), (1, 3, 100, 2))[0].registers == (100, 101)


def test_serial_port_in_use_shows_as_busy(line):
    async def run():
        async with Link(settings(line)) as owner:
            assert (await owner.read(1, 3, 5, 1)).registers == (5,)
            return await asyncio.to_thread(
                run_sweep, [Gateway(1, settings(line), points((1,), (5,)))], deadline_seconds=5.0
            )

    (result,) = asyncio.run(run())
    assert (result.error, result.reason) == ("busy", "in_use")


def test_no_such_serial_port():
    subject = LinkSettings("/dev/no-such-port", framer="serial", baud=9600)
    (result,) = run_sweep([Gateway(1, subject, points((1,), (5,)))], deadline_seconds=5.0)
    assert (result.error, result.reason) == ("connect", "no_port")


def test_a_kept_serial_port_serves_the_next_sweep(line):
    subject = settings(line, keep_open=True)
    try:
        for _ in range(3):
            (result,) = run_sweep([Gateway(1, subject, points((1,), (5,)))], deadline_seconds=5.0)
            assert [point.value for point in result.points] == [5.0]
    finally:
        KEPT.close()


def test_the_pause_between_frames_follows_the_line_speed(line):
    async def run():
        loop = asyncio.get_running_loop()
        async with Link(settings(line, baud=1200)) as link:
            started = loop.time()
            for address in range(4):
                await link.read(1, 3, address, 1)
            return loop.time() - started

    # Three pauses of 3.5 characters of 10 bits at 1200 baud.
    assert asyncio.run(run()) >= 3 * 3.5 * 10 / 1200
