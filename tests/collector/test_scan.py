"""A scan tells who is there, who refuses, who is damaged and who is silent, and guesses the model."""

from __future__ import annotations

import asyncio
import threading
import time

import pytest
from peers import free_port
from peers.fault_server import FaultServer

from energy_carbon_modbus.collector.demo_plant import DEMO_METERS, points_of
from energy_carbon_modbus.collector.link import LinkSettings
from energy_carbon_modbus.collector.scan import guess_model, identity_of, look_around, model_of
from energy_carbon_modbus.collector.simulator import Fault, Plant, serve

PROBE = (3, 0, 1)


def settings(port, framer="socket", timeout=0.15, **more):
    return LinkSettings("127.0.0.1", port, framer=framer, timeout=timeout, trace=True, **more)


class Served:
    """The demo plant on free ports, in a thread."""

    def __init__(self, *faults, rtu=False):
        self.port, self.other = free_port(), free_port()
        self.rtu = free_port() if rtu else None
        ports = {15020: self.port, 15021: self.other}
        named = [Fault(getattr(self, name), unit, kind, value) for name, unit, kind, value in faults]
        self._plant = Plant(ports=ports, faults=named, rtu_port=self.rtu)
        self._loop, self._ready = asyncio.new_event_loop(), threading.Event()
        self._thread = threading.Thread(target=self._run, daemon=True)

    def _run(self):
        self._stop = asyncio.Event()
        count = [0]

        def listening(_line):
            count[0] += 1
            if count[0] == (3 if self.rtu else 2):
                self._ready.set()

        self._loop.run_until_complete(serve(self._plant, self._stop, announce=listening))

    def __enter__(self):
        self._thread.start()
        assert self._ready.wait(5)
        return self

    def __exit__(self, *_exc):
        self._loop.call_soon_threadsafe(self._stop.set)
        self._thread.join(5)
        self._loop.close()


def outcomes(seen):
    return {one.unit_id: one.outcome for one in seen}


def test_scan_tells_silence_from_exception_from_answer():
    with FaultServer() as server:
        for unit in (4, 5):
            server.fault(unit, "silent")
        server.fault(2, "exception", 2)
        server.fault(3, "exception", 11)
        seen = look_around(settings(server.port), range(1, 6), PROBE, 10.0)
    assert outcomes(seen) == {1: "answers", 2: "exception", 3: "no_way", 4: "silent", 5: "silent"}
    assert [one.exception_code for one in seen][1:3] == [2, 11]
    assert [one.present for one in seen] == [True, True, False, False, False]


@pytest.mark.parametrize("kind", ["garbage", "truncated", "wrong_function"])
def test_scan_tells_crc_error_from_silence(kind):
    with FaultServer("rtu") as server:
        server.fault(2, kind)
        server.fault(3, "silent")
        seen = look_around(settings(server.port, "rtu"), range(1, 5), PROBE, 10.0)
    assert outcomes(seen) == {1: "answers", 2: "damaged", 3: "silent", 4: "answers"}


def test_scan_crc_error_of_the_simulator():
    with Served(("rtu", 2, "garbage", 0.0), rtu=True) as served:
        seen = look_around(settings(served.rtu, "rtu"), range(1, 4), PROBE, 10.0)
    assert outcomes(seen) == {1: "exception", 2: "damaged", 3: "exception"}


def test_scan_late_answer_is_nobody_elses():
    """On RTU over TCP unit 1 answers while unit 2 is asked: 2 stays silent, and 1 is said to be slow."""
    with FaultServer("rtu") as server:
        server.fault(1, "late", 0.2)
        server.fault(2, "silent")
        seen = look_around(settings(server.port, "rtu"), (1, 2), PROBE, 10.0)
    assert outcomes(seen) == {1: "silent", 2: "silent"}
    assert seen[1].late == {1}


def test_scan_shows_identity():
    with Served(rtu=True) as served:
        over_tcp = look_around(settings(served.port), [3], PROBE, 10.0)
        over_rtu = look_around(settings(served.rtu, "rtu"), [3], PROBE, 10.0)
    for (seen,) in (over_tcp, over_rtu):
        assert seen.identity == {"vendor": "Eastron", "product": "SDM630", "revision": "simulated"}


@pytest.mark.parametrize("pdu", [b"", b"\x2b\x0e", b"\x2b\x0e\x01\x01\x00\x00\x02\x00\x09abc", b"\xab\x01"])
def test_identity_cut_short(pdu):
    assert identity_of(pdu) == {}


def test_scan_works_in_slices():
    with FaultServer() as server:
        for unit in range(1, 20):
            server.fault(unit, "silent")
        begun = time.monotonic()
        seen = look_around(settings(server.port), range(1, 20), PROBE, 0.4)
        assert time.monotonic() - begun < 1.5
    assert 1 <= len(seen) < 8
    assert [one.unit_id for one in seen] == list(range(1, len(seen) + 1))


def test_scan_of_a_gateway_that_is_down():
    seen = look_around(settings(free_port()), range(1, 200), PROBE, 5.0)
    assert outcomes(seen) == {1: "connect"}


def demo_models():
    """The demo's models, as point tables would have them."""
    by_name = {meter.model: meter for meter in DEMO_METERS}
    models = {}
    for key, (name, meter) in enumerate(sorted(by_name.items())):
        points = zip((row.quantity for row in meter.points), points_of(meter), strict=True)
        models[name] = model_of(key, list(points))
    return models


@pytest.mark.parametrize("meter", DEMO_METERS, ids=lambda meter: f"{meter.port}-{meter.unit_id}")
def test_scan_guesses_the_model(meter):
    models = demo_models()
    with Served() as served:
        port = served.port if meter.port == 15020 else served.other
        guesses, tried = guess_model(settings(port), meter.unit_id, list(models.values()), 10.0)
    assert tried == len(models)
    assert guesses[0].key == models[meter.model].key
    assert guesses[0].share == 1.0
    assert guesses[0].fits == guesses[0].asked >= 2


def test_registers_of_zeros_are_no_model():
    with FaultServer(registers=lambda unit, function, address: 0) as server:
        guesses, _tried = guess_model(settings(server.port), 1, list(demo_models().values()), 10.0)
    assert guesses == []
