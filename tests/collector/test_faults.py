"""The faults of the list that are about gateways, clocks and connections as a whole; single answers are in test_link.py."""

from __future__ import annotations

import asyncio
import os
import signal
import socket
import threading
import time

import pytest
from peers import LibmodbusServer, free_port
from peers.fault_server import FaultServer

from energy_carbon_modbus.collector import wire
from energy_carbon_modbus.collector.framing import crc
from energy_carbon_modbus.collector.health import SlaveHealth
from energy_carbon_modbus.collector.link import Link, LinkSettings
from energy_carbon_modbus.collector.point import Point
from energy_carbon_modbus.collector.sweep import Gateway, run_sweep


def gateway(host, port, units=(1, 2), key=1, **changes):
    link = {"timeout": 0.2, "quiet": 0.02, "busy_pause": 0.01} | changes.pop("link", {})
    points = [Point(10 * unit, unit, 3, unit, "uint16") for unit in units]
    return Gateway(key, LinkSettings(host, port, **link), points, **changes)


def only(subject, **options):
    (result,) = run_sweep([subject], **({"deadline_seconds": 20.0} | options))
    return result


@pytest.fixture
def kept():
    yield wire.KEPT
    wire.KEPT.close()


def test_gateway_down():
    result = only(gateway("127.0.0.1", free_port()))
    assert (result.error, result.reason, result.requests) == ("connect", "refused", 0)
    assert {point.error for point in result.points} == {"connect"}
    assert result.health == {}, "no slave was asked, so none was silent"


def test_gateway_refusing_a_second_connection_shows_as_busy():
    with FaultServer(most_connections=1) as server, socket.create_connection(("127.0.0.1", server.port)) as owner:
        owner.sendall(bytes([0, 1, 0, 0, 0, 6, 1, 3, 0, 0, 0, 1]))
        assert owner.recv(64)
        result = only(gateway("127.0.0.1", server.port, units=range(1, 33)))
        assert (result.ok, result.error) == (False, "busy")
        assert {point.error for point in result.points} == {"busy", "closed"}
        assert result.health == {}, "nobody goes into back-off for it"
        assert server.connections < 10, "it is not knocked at for each of 32 slaves"
        owner.close()
        time.sleep(0.1)
        assert only(gateway("127.0.0.1", server.port)).ok


def test_gateway_that_answered_lately_and_now_refuses_is_busy():
    health = {1: SlaveHealth(last_success=1_000_000.0)}
    subject = gateway("127.0.0.1", free_port(), health=health)
    assert only(subject, clock=lambda: 1_000_060.0).error == "busy"
    assert only(subject, clock=lambda: 1_200_000.0).error == "connect", "days later it is down"


def test_one_slave_whose_gateway_hangs_up_does_not_make_it_busy():
    with FaultServer() as server:
        server.fault(1, "close")
        result = only(gateway("127.0.0.1", server.port))
        assert {unit: slave.error for unit, slave in result.slaves.items()} == {1: "closed", 2: None}


def test_dns_failure():
    started = time.monotonic()
    result = only(gateway("no-such-host.invalid", 502, link={"connect_timeout": 2.0}))
    assert result.error == "connect"
    assert result.reason in ("unknown_name", "timeout")
    assert time.monotonic() - started < 4.0


def test_dns_that_never_answers_costs_the_connect_timeout(monkeypatch):
    held = threading.Event()
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_arguments, **_options: held.wait(5.0) and [])
    started = time.monotonic()
    with FaultServer() as server:
        broken = gateway("slow.invalid", 502, link={"connect_timeout": 0.3})
        fine = gateway("127.0.0.1", server.port, key=2)
        results = run_sweep([broken, fine], deadline_seconds=10.0)
    assert (results[0].error, results[0].reason, results[1].ok) == ("connect", "timeout", True)
    assert time.monotonic() - started < 2.0
    held.set()


def test_server_clock_stepping_back_in_the_middle():
    """A clock set back by an hour: every point gets its one result, and nobody waits an hour for his next turn."""
    moments = iter([1_000_000.0] * 4)
    with FaultServer() as server:
        server.fault(2, "silent")
        result = only(gateway("127.0.0.1", server.port), clock=lambda: next(moments, 996_400.0))
    assert sorted(point.key for point in result.points) == [10, 20]
    assert result.health[2].is_due(996_400.0 + 601)
    assert SlaveHealth(failures=9, next_try=1_000_600.0).is_due(996_400.0)


def test_late_answer_asked_300_got_100_is_never_stored():
    with FaultServer("rtu") as server:
        server.fault(1, "late", 0.3, matches=lambda function, start, count: start == 100)
        points = [Point(start, 1, 3, start, "uint16") for start in (100, 300)]
        subject = Gateway(1, LinkSettings("127.0.0.1", server.port, "rtu", timeout=0.2, quiet=0.02), points)
        subject.cycle_seconds = 0.0
        for _ in range(3):
            result = only(subject)
            subject.health = result.health
            assert all(point.value in (None, float(point.key)) for point in result.points)


def test_half_open_tcp_by_sigstop_leaves_a_kept_connection_usable(kept):
    with LibmodbusServer() as server:
        server.set(1, 3, 1, [7])
        subject = gateway("127.0.0.1", server.port, units=(1,), cycle_seconds=0.0, link={"keep_open": True})
        assert only(subject).points[0].value == 7.0
        os.kill(server.pid, signal.SIGSTOP)
        try:
            assert only(subject).points[0].error == "silence"
        finally:
            os.kill(server.pid, signal.SIGCONT)
        assert only(subject).points[0].value == 7.0


# === THE SAME WITH LIBMODBUS === #
@pytest.fixture
def meters():
    """Units 1 to 32 of an independent server, which refuses addresses never set and is silent for other units."""
    with LibmodbusServer(strict=True) as server:
        for unit in range(1, 33):
            server.set(unit, 3, unit, [100 + unit])
        yield server


def test_libmodbus_one_dead_slave_of_33(meters):
    result = only(gateway("127.0.0.1", meters.port, units=range(1, 34)))
    assert {point.key: point.value for point in result.points if point.error is None} == {
        10 * unit: 100.0 + unit for unit in range(1, 33)
    }
    assert [unit for unit, slave in result.slaves.items() if not slave.ok] == [33]


def test_libmodbus_refused_point_of_a_block(meters):
    """Exception 2 of a real stack: the point is found, its neighbours are read, and it is not asked for again."""
    meters.set(1, 3, 200, [7, 8])
    meters.set(1, 3, 203, [10])
    points = [Point(address, 1, 3, address, "uint16") for address in range(200, 204)]
    subject = Gateway(1, LinkSettings("127.0.0.1", meters.port, timeout=0.5), points)
    result = only(subject)
    assert {point.key: point.value for point in result.points} == {200: 7.0, 201: 8.0, 202: None, 203: 10.0}
    subject.bad = result.bad
    again = only(subject)
    assert (again.bad, again.requests) == ({(1, 3, 202)}, 2)


def test_libmodbus_slow_slaves_lose_nothing_and_mix_nothing_up(meters):
    subject = gateway("127.0.0.1", meters.port, units=(1, 2, 3), cycle_seconds=0.0)
    meters.set_latency(300)
    slow = only(subject)
    assert {point.error for point in slow.points} == {"silence"}
    meters.set_latency(0)
    assert {point.key: point.value for point in only(subject).points} == {10: 101.0, 20: 102.0, 30: 103.0}


def test_libmodbus_function_it_does_not_know(meters):
    """Function 43 is answered with exception 1, which is no silence."""

    async def run():
        async with Link(LinkSettings("127.0.0.1", meters.port, timeout=1.0)) as link:
            return await link.identify(1)

    answer = asyncio.run(run())
    assert (answer.error, answer.exception_code) == ("exception", 1)


def test_libmodbus_killed_in_the_middle(meters):
    meters.set_latency(50)
    broken = gateway("127.0.0.1", meters.port, units=range(1, 33))
    killer = threading.Timer(0.5, os.kill, (meters.pid, signal.SIGKILL))
    killer.start()
    with FaultServer() as other:
        cut, fine = run_sweep([broken, gateway("127.0.0.1", other.port, key=2)], deadline_seconds=20.0)
    killer.join()
    assert (cut.ok, cut.error, fine.ok) == (False, "connect", True)
    read = {point.key: point.value for point in cut.points if point.error is None}
    assert read and read == {key: 100.0 + key // 10 for key in read}, "what was read before is kept"
    assert len(cut.points) == 32


# === CONNECTION KEPT OR CLOSED === #
@pytest.mark.parametrize(("keep_open", "connections"), [(True, 1), (False, 4)])
def test_connection_kept_or_closed(kept, keep_open, connections):
    with FaultServer() as server:
        for _ in range(4):
            assert only(gateway("127.0.0.1", server.port, link={"keep_open": keep_open})).ok
        assert server.connections == connections


def test_a_kept_connection_the_gateway_closed_is_made_again(kept):
    with FaultServer() as server:
        subject = gateway("127.0.0.1", server.port, link={"keep_open": True})
        server.fault(2, "answer_and_close")
        assert only(subject).ok
        time.sleep(0.05)
        assert only(subject).ok
        assert server.connections == 2


def test_a_kept_rtu_connection_that_owes_an_answer_is_not_kept(kept):
    with FaultServer("rtu") as server:
        server.fault(2, "silent")
        subject = gateway("127.0.0.1", server.port, link={"keep_open": True, "framer": "rtu"})
        only(subject)
        assert kept.take(subject.settings.address) is None


def test_keepalive_is_set():
    with FaultServer() as server:
        for keepalive in (True, False):

            async def option(wanted):
                connection = await wire.open_tcp("127.0.0.1", server.port, wanted)
                found = socket.socket(fileno=os.dup(connection.fileno()))
                try:
                    return bool(found.getsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE))
                finally:
                    found.close()
                    connection.close()

            assert asyncio.run(option(keepalive)) is keepalive


def test_pause_after_connect():
    async def run(port):
        async with Link(LinkSettings("127.0.0.1", port, pause_after_connect=0.15)) as link:
            started = asyncio.get_running_loop().time()
            assert (await link.read(1, 3, 5, 1)).registers == (5,)
            return asyncio.get_running_loop().time() - started

    with FaultServer() as server:
        assert asyncio.run(run(server.port)) >= 0.14


def test_the_time_out_leaves_room_for_the_bytes_on_a_slow_line():
    """60 registers at 1200 baud take more than a second: the wait for an answer begins behind them."""
    with FaultServer("rtu") as server:
        server.fault(1, "slow", 0.5)
        link = {"timeout": 0.2, "framer": "rtu", "baud": 2400}
        points = [Point(address, 1, 3, address, "uint16") for address in range(60)]
        subject = Gateway(1, LinkSettings("127.0.0.1", server.port, **link), points)
        assert only(subject).points[59].value == 59.0


def test_who_a_slave_is():
    """Function 43 through both framings, from a server of four lines."""
    identity = bytes([0x2B, 0x0E, 1, 1, 0, 0, 1, 0, 5]) + b"Acrel"

    def serve(listener, rtu):
        connection, _address = listener.accept()
        request = connection.recv(64)
        body = bytes([7]) + identity
        frame = body + crc(body).to_bytes(2, "little") if rtu else request[:4] + bytes([0, len(body)]) + body
        connection.sendall(frame[:4])
        time.sleep(0.02)
        connection.sendall(frame[4:])
        connection.close()

    async def run(port, framer):
        async with Link(LinkSettings("127.0.0.1", port, framer, timeout=1.0)) as link:
            return await link.identify(7)

    for framer in ("socket", "rtu"):
        with socket.create_server(("127.0.0.1", 0)) as listener:
            thread = threading.Thread(target=serve, args=(listener, framer == "rtu"))
            thread.start()
            answer = asyncio.run(run(listener.getsockname()[1], framer))
            thread.join()
        assert (answer.error, answer.pdu) == (None, identity)
