"""Whatever a device does becomes an ``Answer``: nothing raises, nothing false is taken for a value."""

from __future__ import annotations

import asyncio
import os
import signal
import time

import pytest
from peers import free_port
from peers.fault_server import FaultServer

from energy_carbon_modbus.collector.frames import frame_lines
from energy_carbon_modbus.collector.link import Link, LinkSettings, read_once

FRAMERS = ("socket", "rtu")


@pytest.fixture(params=FRAMERS)
def faulty(request):
    with FaultServer(request.param) as server:
        yield server


def settings(server, **changes):
    framer = getattr(server, "framer", "socket")
    return LinkSettings("127.0.0.1", server.port, framer, **({"timeout": 0.2, "quiet": 0.02} | changes))


def read_all(server, *reads, **changes):
    async def run():
        async with Link(settings(server, **changes)) as link:
            return [await link.read(*read) for read in reads], link

    return asyncio.run(run())


def test_reads_registers(faulty):
    answers, link = read_all(faulty, (1, 3, 100, 4), (2, 4, 7, 125))
    assert [answer.error for answer in answers] == [None, None]
    assert answers[0].registers == (100, 101, 102, 103)
    assert answers[1].registers == tuple(range(7, 132))
    assert link.requests == 2
    assert 0 < answers[0].seconds < 0.2
    assert not link.connected


@pytest.mark.parametrize("count", [1, 8, 9, 2000])
def test_reads_bits(faulty, count):
    answers, _ = read_all(faulty, (1, 1, 3, count), (1, 2, 0, count))
    assert answers[0].registers == tuple(address & 1 for address in range(3, 3 + count))
    assert len(answers[1].registers) == count


def test_against_libmodbus(libmodbus):
    libmodbus.set(1, 3, 10, [1, 2, 65535])
    libmodbus.set(1, 4, 10, [7])
    libmodbus.set(1, 1, 0, [1, 0, 1])
    libmodbus.set(9, 3, 10, [99])
    answers, _ = read_all(libmodbus, (1, 3, 10, 3), (1, 4, 10, 1), (1, 1, 0, 3), (9, 3, 10, 1), (5, 3, 0, 1))
    assert [answer.registers for answer in answers] == [(1, 2, 65535), (7,), (1, 0, 1), (99,), ()]
    assert answers[4].error == "silence"


@pytest.mark.parametrize("code", [1, 2, 3, 4, 5, 6, 10, 11])
def test_exceptions(faulty, code):
    faulty.fault(1, "exception", code)
    answers, _ = read_all(faulty, (1, 3, 0, 2), (2, 3, 0, 2))
    assert (answers[0].error, answers[0].exception_code, answers[0].registers) == ("exception", code, ())
    assert answers[1].registers == (0, 1)


@pytest.mark.parametrize(
    ("kind", "errors"),
    [
        ("silent", {"silence"}),
        ("wrong_unit", {"silence"}),
        ("wrong_function", {"wrong_function"}),
        ("fewer", {"short"}),
        ("lying_count", {"garbled", "short"}),
        ("truncated", {"short"}),
        ("garbage", {"garbled"}),
        ("close", {"closed"}),
    ],
)
def test_a_bad_answer_is_an_error_and_the_next_slave_is_read(faulty, kind, errors):
    faulty.fault(1, kind)
    answers, _ = read_all(faulty, (1, 3, 0, 10), (2, 3, 50, 3), (3, 3, 60, 1))
    assert answers[0].error in errors
    assert answers[0].registers == ()
    assert [answer.registers for answer in answers[1:]] == [(50, 51, 52), (60,)]


def test_wrong_transaction_id():
    with FaultServer() as server:
        server.fault(1, "wrong_tid")
        answers, _ = read_all(server, (1, 3, 0, 10), (2, 3, 5, 1))
    assert (answers[0].error, answers[1].registers) == ("silence", (5,))


def test_an_answer_in_pieces(faulty):
    faulty.fault(1, "pieces")
    answers, _ = read_all(faulty, (1, 3, 5, 4))
    assert answers[0].registers == (5, 6, 7, 8)


def test_an_answer_followed_by_the_end_of_the_connection_counts(faulty):
    faulty.fault(1, "answer_and_close")
    answers, _ = read_all(faulty, (1, 3, 5, 2), (1, 3, 6, 2), (1, 3, 7, 2))
    assert [answer.registers for answer in answers] == [(5, 6), (6, 7), (7, 8)]


def test_a_lost_connection_does_not_cost_the_time_out(faulty):
    faulty.fault(1, "close")
    started = time.monotonic()
    answers, _ = read_all(faulty, (1, 3, 0, 1), timeout=5.0)
    assert answers[0].error == "closed"
    assert time.monotonic() - started < 1.0


def test_many_silences_keep_the_connection():
    with FaultServer() as server:
        for unit in range(1, 9):
            server.fault(unit, "silent")
        answers, _ = read_all(server, *[(unit, 3, 0, 1) for unit in range(1, 10)], timeout=0.05)
        assert [answer.error for answer in answers] == ["silence"] * 8 + [None]
        assert server.connections == 1


@pytest.mark.parametrize("kind", ["late", "slow"])
@pytest.mark.parametrize("late", [0.25, 0.35, 0.5])
@pytest.mark.parametrize("retries", [0, 1])
def test_a_late_answer_is_never_the_next_ones(faulty, kind, late, retries):
    """Asked 300, got 100: the trap of RTU framing, measured with plain pymodbus."""
    faulty.fault(1, kind, late, times=1 + retries)
    reads = [(1, 3, 100, 2), (1, 3, 300, 2), (2, 3, 200, 2), (1, 3, 400, 2)]
    answers, _ = read_all(faulty, *reads, retries=retries)
    for answer, expected in zip(answers, [(100, 101), (300, 301), (200, 201), (400, 401)], strict=True):
        assert answer.registers in ((), expected)
    # With transaction ids nobody need wait: a line still busy may cost the next answer too. RTU waited for it.
    if faulty.framer == "rtu" or kind == "late":
        assert None not in [answer.registers or None for answer in answers[1:]]


def test_every_answer_late_is_never_mixed_up():
    with FaultServer("rtu") as server:
        server.fault(1, "late", 0.3)
        answers, _ = read_all(server, *[(1, 3, 100 * step, 2) for step in range(1, 5)])
    for step, answer in enumerate(answers, 1):
        assert answer.registers in ((), (100 * step, 100 * step + 1))


def test_a_late_answer_in_one_piece_with_the_next_slaves(faulty):
    """The slow slave fails, its innocent neighbour does not."""
    faulty.fault(1, "held")
    answers, _ = read_all(faulty, (1, 3, 100, 2), (2, 3, 200, 2), (3, 3, 300, 2))
    assert answers[0].error == "silence"
    assert [answer.registers for answer in answers[1:]] == [(200, 201), (300, 301)]


def test_retry_after_silence(faulty):
    faulty.fault(1, "silent", times=1)
    answers, link = read_all(faulty, (1, 3, 9, 1), retries=1, late_window=0.1)
    assert answers[0].registers == (9,)
    assert link.requests == 2


def test_nobody_listens():
    started = time.monotonic()

    async def run():
        async with Link(LinkSettings("127.0.0.1", free_port())) as link:
            return await link.read(1, 3, 0, 1)

    assert asyncio.run(run()).error == "connect"
    assert time.monotonic() - started < 1.0


def test_no_such_name():
    async def run():
        async with Link(LinkSettings("no-such-host.invalid", connect_timeout=1.0)) as link:
            return await link.read(1, 3, 0, 1)

    assert asyncio.run(run()).error == "connect"


def test_half_open_connection(libmodbus):
    """A stopped process: the kernel accepts, nobody answers."""
    libmodbus.set(1, 3, 0, [1])
    os.kill(libmodbus.pid, signal.SIGSTOP)
    try:
        answers, _ = read_all(libmodbus, (1, 3, 0, 1))
    finally:
        os.kill(libmodbus.pid, signal.SIGCONT)
    assert answers[0].error == "silence"
    assert read_all(libmodbus, (1, 3, 0, 1))[0][0].registers == (1,)


def test_read_once(faulty):
    answer = read_once(settings(faulty, trace=True), 1, 3, 16, 1)
    assert answer.registers == (16,)
    sent, received = frame_lines(answer.frames)
    assert sent.startswith("tx ") and "01 03 00 10 00 01" in sent
    assert received.startswith("rx ") and "01 03 02 00 10" in received


@pytest.mark.parametrize("kind", ["truncated", "garbage"])
def test_a_spoilt_answer_is_asked_for_again(faulty, kind):
    faulty.fault(1, kind, times=1)
    answers, _ = read_all(faulty, (1, 3, 9, 1), retries=1, late_window=0.05)
    assert answers[0].registers == (9,)


def test_trace(faulty):
    answers, _ = read_all(faulty, (1, 3, 16, 1), (2, 3, 17, 1), trace=True)
    directions = [direction for direction, _ in answers[0].frames]
    assert directions == ["tx", "rx"]
    sent, received = (data for _, data in answers[0].frames)
    assert b"\x01\x03\x00\x10\x00\x01" in sent
    assert b"\x01\x03\x02\x00\x10" in received
    assert len(answers[1].frames) == 2


def test_trace_of_an_answer_in_pieces_is_one_frame():
    with FaultServer() as server:
        server.fault(1, "pieces")
        answers, _ = read_all(server, (1, 3, 16, 1), trace=True)
    assert [direction for direction, _ in answers[0].frames] == ["tx", "rx"]


def test_turnaround_is_kept():
    with FaultServer() as server:
        started = time.monotonic()
        read_all(server, *[(1, 3, 0, 1)] * 4, turnaround=0.05)
        assert time.monotonic() - started >= 0.15


def test_one_request_in_flight():
    async def run(server):
        async with Link(settings(server)) as link:
            return await asyncio.gather(*[link.read(1, 3, address, 1) for address in range(50)])

    for framer in FRAMERS:
        with FaultServer(framer) as server:
            answers = asyncio.run(run(server))
        assert [answer.registers for answer in answers] == [(address,) for address in range(50)]


def test_cancelling_goes_through():
    async def run(server):
        async with Link(settings(server, timeout=5.0)) as link:
            task = asyncio.create_task(link.read(1, 3, 0, 1))
            await asyncio.sleep(0.05)
            task.cancel()
            with pytest.raises(asyncio.CancelledError):
                await task
            return await link.read(2, 3, 4, 1)

    with FaultServer() as server:
        server.fault(1, "silent")
        assert asyncio.run(run(server)).registers == (4,)


@pytest.mark.parametrize(
    "read", [(1, 5, 0, 1), (256, 3, 0, 1), (1, 3, 0, 0), (1, 3, 0, 126), (1, 1, 0, 2001), (1, 3, 65535, 2)]
)
def test_a_callers_mistake_raises(read):
    with FaultServer() as server:
        with pytest.raises(ValueError, match="no such read"):
            read_all(server, read)
        assert server.requests == []


@pytest.mark.parametrize(
    "changes",
    [
        {"framer": "ascii"},
        {"host": ""},
        {"port": 0},
        {"timeout": 0},
        {"quiet": -1},
        {"retries": 2},
        {"late_window": -1},
    ],
)
def test_settings_are_checked(changes):
    with pytest.raises(ValueError, match=r"framer|address|time-outs|pauses|retries"):
        LinkSettings(**({"host": "127.0.0.1"} | changes))
