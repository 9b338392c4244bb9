"""Parts of the agent that a whole process shows badly: the wire, clocks, reports, lines that are slow."""

from __future__ import annotations

import asyncio
import json
import threading
import time
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from energy_carbon_modbus.collector.agent_board import CLOCK, Board, Swept, report_of
from energy_carbon_modbus.collector.agent_sweeps import Sweeper
from energy_carbon_modbus.collector.agent_wire import from_wire, gateway_from_wire, gateway_to_wire, to_wire
from energy_carbon_modbus.collector.health import SlaveHealth
from energy_carbon_modbus.collector.link import LinkSettings
from energy_carbon_modbus.collector.plan import LineCost
from energy_carbon_modbus.collector.point import DATATYPES, Point
from energy_carbon_modbus.collector.results import Gateway, GatewayResult, PointResult, SlaveResult
from energy_carbon_modbus.collector.spool import Spool

from .agent_line import gateway_wire, points, set_meters

FLOATS = st.floats(allow_nan=False, allow_infinity=False, width=32)
POINTS = st.builds(
    Point,
    key=st.integers(-5, 10**6),
    unit_id=st.integers(0, 255),
    function=st.sampled_from([3, 4]),
    address=st.integers(0, 60_000),
    datatype=st.sampled_from([one for one in DATATYPES if one not in ("string", "pair", "bit")]),
    order=st.sampled_from(["ABCD", "CDAB", "BADC", "DCBA"]),
    scale=FLOATS.filter(bool),
    offset=FLOATS,
    sentinels=st.lists(st.integers(0, 255), max_size=3).map(tuple),
    minimum=st.none() | st.just(-1e9),
    unit_factors=st.lists(st.tuples(st.integers(0, 9), FLOATS), max_size=2).map(tuple),
)


# === THE WIRE === #
@given(points=st.lists(POINTS, max_size=5), baud=st.none() | st.just(9600), turnaround=st.floats(0, 5))
def test_a_gateway_comes_through_json_as_it_was(points, baud, turnaround):
    gateway = Gateway(
        key=7,
        settings=LinkSettings("h", 503, framer="rtu", turnaround=turnaround),
        points=points,
        cost=LineCost(baud=baud),
        max_registers={1: 60, 200: 125},
        cycle_seconds=15.0,
    )
    assert gateway_from_wire(json.loads(json.dumps(gateway_to_wire(gateway)))) == gateway


def test_what_the_agent_keeps_itself_does_not_come_from_odoo():
    gateway = Gateway(1, LinkSettings("h"), [], health={1: SlaveHealth(failures=2)}, bad={(1, 3, 5)}, first_unit=9)
    assert gateway_from_wire(gateway_to_wire(gateway)) == Gateway(1, LinkSettings("h"), [])


def test_a_result_comes_through_json_as_it_was():
    result = GatewayResult(
        key=1,
        ok=False,
        error="deadline",
        points=[PointResult(3, 5, 1.5, "good", None, (1, 2)), PointResult(4, 5, None, "missing", "silence", ())],
        slaves={1: SlaveResult(True, None, 0.02), 9: SlaveResult(False, "silence")},
        requests=3,
        seconds=0.5,
        bad={(1, 3, 7)},
        health={1: SlaveHealth(last_success=5.0)},
        next_unit=9,
    )
    assert from_wire(GatewayResult, json.loads(json.dumps(to_wire(result)))) == result


@pytest.mark.parametrize(
    "change",
    [
        {"points": [{"key": 1}]},
        {"points": [{"key": 1, "unit_id": 1, "function": 9, "address": 0, "datatype": "uint16"}]},
        {"points": "many"},
        {"points": [7]},
        {"settings": {"host": ["h"]}},
        {"settings": {"host": "h", "colour": "red"}},
        {"max_registers": {"one": 5}},
    ],
)
def test_what_is_not_understood_is_refused(change):
    with pytest.raises(ValueError):
        gateway_from_wire({**gateway_to_wire(Gateway(1, LinkSettings("h"), [])), **change})


# === REPORTS === #
def test_report_keeps_what_meter_states_need():
    asked = [replace(point) for point in points(2, 3)] + [Point(-1, 1, 3, 100, "uint32")]
    good = [PointResult(11, 50, 1.0, "good", None, (1,)), PointResult(12, 60, 2.0, "good", None, (2,))]
    failed = [PointResult(13, 60, None, "sentinel", None, (3,))]
    silent = [PointResult(key, 70, None, "missing", "silence", ()) for key in (21, 22, 23)]
    identity = [PointResult(-1, 61, 1234.0, "good", None, (0, 1234))]
    slaves = {1: SlaveResult(True), 2: SlaveResult(False, "silence")}
    result = GatewayResult(5, True, None, good + failed + silent + identity, slaves, 4, 0.1, set(), {})
    told = report_of(Swept(1000.0, result, asked))
    assert [(point["key"], point["time"]) for point in told["result"]["points"]] == [(13, 60), (12, 60)]
    assert (told["points_ok"], told["points_failed"]) == (2, 4)
    assert told["identity"] == [[1, 3, 100, 61, [0, 1234]]]


# === SWEEPS === #
class Bench:
    """A sweeper over a libmodbus line, with a clock of its own."""

    def __init__(self, spool: Spool, port: int, interval: float = 1.0) -> None:
        self.spool = spool
        self.offset = 0.0
        self.board = Board()
        self.set_configuration([gateway_wire(port, interval)])
        self.sweeper = Sweeper(spool, self.board, clock=lambda: time.time() + self.offset)

    def set_configuration(self, gateways: list[dict], now: float | None = None) -> None:
        self.board.configuration = {"gateways": gateways, "now": time.time() if now is None else now}

    def run_while(self, work) -> None:
        """Run the sweeps in a thread while ``work`` is done here."""
        thread = threading.Thread(target=lambda: asyncio.run(self.sweeper.run()))
        thread.start()
        try:
            work()
        finally:
            self.board.stop.set()
            thread.join()

    def wait_for(self, count: int) -> None:
        end = time.monotonic() + 20
        while self.spool.count() < count:
            assert time.monotonic() < end, f"{self.spool.count()} of {count} readings came"
            time.sleep(0.02)


@pytest.fixture
def bench(tmp_path, libmodbus):
    set_meters(libmodbus)
    with Spool(tmp_path / "spool.db") as spool:
        yield Bench(spool, libmodbus.port)


def test_clock_stepping_back_keeps_no_gateway_waiting(bench):
    """An hour back: the next sweep is not an hour away."""

    def work():
        bench.wait_for(6)
        bench.offset = -3600.0
        bench.wait_for(24)

    bench.run_while(work)
    times = [one.time for one in bench.spool.batch(10_000)]
    assert min(times) < time.time() - 3000 < max(times)


def test_clock_stepping_ahead_asks_at_once_and_goes_on(bench):
    def work():
        bench.wait_for(6)
        bench.offset = 7200.0
        bench.wait_for(24)

    bench.run_while(work)


def test_clock_before_odoos_by_days_dates_no_reading(bench):
    """A computer without a battery that woke up in 1970."""
    bench.offset = -time.time() + 100.0

    def work():
        time.sleep(1.0)
        assert bench.spool.count() == 0
        assert "behind" in bench.board.alarms[CLOCK]
        bench.offset = 0.0
        bench.wait_for(6)

    bench.run_while(work)
    assert CLOCK not in bench.board.alarms
    assert all(abs(one.time - time.time()) < 60 for one in bench.spool.batch(100))


def test_a_silent_line_delays_no_other(bench, libmodbus):
    """A gateway that accepts and never answers, with eight meters, beside one that answers."""
    import socket

    with socket.create_server(("127.0.0.1", 0)) as silent:
        port = silent.getsockname()[1]
        bench.set_configuration([gateway_wire(libmodbus.port), gateway_wire(port, units=8, key=6)])
        begun = time.monotonic()
        bench.run_while(lambda: bench.wait_for(18))
        assert time.monotonic() - begun < 6.0
    assert {one.indicator for one in bench.spool.batch(100)} == {11, 12, 13, 21, 22, 23}


def test_a_new_configuration_is_followed_without_restart(bench, libmodbus):
    def work():
        bench.wait_for(6)
        bench.set_configuration([gateway_wire(libmodbus.port, units=1)])
        time.sleep(2.5)
        bench.set_configuration([])
        time.sleep(1.5)
        count = bench.spool.count()
        time.sleep(1.5)
        assert bench.spool.count() == count, "no gateway, no reading"

    bench.run_while(work)
    assert [one.indicator for one in bench.spool.batch(10_000)][-3:] == [11, 12, 13]


def test_refused_places_and_back_off_outlive_a_restart(bench, tmp_path):
    work = bench.sweeper
    asyncio.run(work.run_once())
    kept = bench.spool.get("health 5")
    assert kept["slaves"].keys() == {"1", "2"}
    kept["refused"] = [[[1, 4, 0], time.time() - 10], [[1, 4, 2], time.time() - 2 * 86_400]]
    kept["slaves"]["2"] = SlaveHealth(failures=3, next_try=time.time() + 500).to_dict()
    bench.spool.put(**{"health 5": kept})
    count = bench.spool.count()
    again = Sweeper(bench.spool, bench.board)
    asyncio.run(again.run_once())
    keys = [one.indicator for one in bench.spool.batch(100)][count:]
    assert keys == [12, 13], "one place refused lately, one long ago; meter 2 waits"


def test_full_disk_keeps_what_was_read_until_there_is_room(bench):
    pages = bench.spool._db.execute("PRAGMA page_count").fetchone()[0]
    append, failures = bench.spool.append, []

    def full_first(readings, state):
        if len(failures) < 2:
            failures.append(len(readings))
            bench.spool._db.execute(f"PRAGMA max_page_count = {pages}")
            readings = readings * 5000
        else:
            bench.spool._db.execute("PRAGMA max_page_count = 1000000")
        return append(readings, state)

    bench.spool.append = full_first
    asyncio.run(bench.sweeper.run_once())
    assert failures == [6, 6]
    assert bench.spool.count() == 6
