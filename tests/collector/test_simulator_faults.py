"""Each fault does what it says, seen by a bare socket; meters are broken and mended while the simulator runs."""

from __future__ import annotations

import contextlib
import socket
import struct
import time

import pytest

from energy_carbon_modbus.collector.codec import decode
from energy_carbon_modbus.collector.demo_plant import DEMO_METERS, HOUR, points_of, registers_at, value_at
from energy_carbon_modbus.collector.simulator import Fault, Plant
from energy_carbon_modbus.collector.simulator_faults import (
    MEANINGS,
    SERIAL,
    USAGE,
    parse_faults,
    serial_number,
    shown_registers,
)

from .simulator_process import Simulator

NOW = 1_760_000_000.0
A_LITTLE = 1_000.0  # kWh: more than a meter of the demo's workshops counts in an hour, less than any has counted
METER = next(meter for meter in DEMO_METERS if (meter.port, meter.unit_id) == (15020, 3))  # an SDM630
GAS = next(meter for meter in DEMO_METERS if (meter.port, meter.unit_id) == (15021, 2))
ENERGY, FREQUENCY = (4, 72, 2), (4, 70, 2)  # of an SDM630: input registers, float32
SERIAL_NUMBER = (3, SERIAL.address, 2)
SILENCE = 0.4  # seconds in which a simulator on the same computer has long answered


class Client:
    """A socket and nothing else: what it sees, every master sees."""

    def __init__(self, port):
        self.socket = socket.create_connection(("127.0.0.1", port), 10)
        self.asked = 0

    def __enter__(self):
        return self

    def __exit__(self, *_exc):
        self.socket.close()

    def ask(self, unit, function, start, count):
        self.asked += 1
        pdu = struct.pack(">BHH", function, start, count)
        self.socket.sendall(struct.pack(">HHHB", self.asked, 0, len(pdu) + 1, unit) + pdu)

    def frame(self, seconds=10.0):
        """Bytes of the next answer; None in silence, empty when the simulator hung up."""
        self.socket.settimeout(seconds)
        try:
            return self.socket.recv(300)
        except TimeoutError:
            return None

    def pdu(self, unit, place):
        self.ask(unit, *place)
        return self.frame()[7:]

    def number(self, unit, place):
        """The float of two registers."""
        return struct.unpack(">f", self.pdu(unit, place)[2:])[0]

    def serial(self, unit):
        return struct.unpack(">I", self.pdu(unit, SERIAL_NUMBER)[2:])[0]


@contextlib.contextmanager
def broken(*faults, port=15020):
    with Simulator(*faults) as simulator, Client(simulator.ports[port]) as client:
        yield client


def test_silent():
    with broken("15020:3:silent") as client:
        client.ask(3, *FREQUENCY)
        assert client.frame(SILENCE) is None
        assert client.number(4, FREQUENCY) == pytest.approx(50, abs=0.1), "the others on the line answer"


def test_exception():
    with broken("15020:3:exception=6") as client:
        assert client.pdu(3, FREQUENCY) == b"\x84\x06"
        assert client.pdu(4, FREQUENCY)[:2] == b"\x04\x04"


def test_late():
    with broken("15020:3:late=0.7") as client:
        begun = time.monotonic()
        client.ask(3, *FREQUENCY)
        client.ask(4, *FREQUENCY)
        first, second = client.frame(), client.frame()
        assert (first[6], second[6]) == (4, 3), "a slow meter holds nobody up"
        assert time.monotonic() - begun >= 0.7
        assert struct.unpack(">f", second[9:])[0] == pytest.approx(50, abs=0.1)


def test_garbage():
    with broken("15020:3:garbage") as client:
        client.ask(3, *FREQUENCY)
        assert client.frame()[2:4] != b"\0\0", "the protocol field of Modbus TCP is 0"


def test_reset_of_the_connection():
    with broken("15020:3:reset") as client:
        client.ask(3, *FREQUENCY)
        with contextlib.suppress(ConnectionResetError):
            assert client.frame() == b""


def test_counter_reset():
    with broken("15020:3:counter-reset") as client:
        first = client.number(3, ENERGY)
        assert 0 <= first < A_LITTLE, "it began at 0 a moment ago"
        assert client.number(3, ENERGY) >= first
        assert client.number(4, ENERGY) > A_LITTLE
        assert client.serial(3) == serial_number(METER), "the same meter"


def test_swap():
    with broken("15020:3:swap=87654321") as client:
        assert client.serial(3) == 87654321
        assert 0 <= client.number(3, ENERGY) < A_LITTLE


def test_serial():
    with broken("15020:3:serial=87654321") as client:
        assert client.serial(3) == 87654321
        assert client.number(3, ENERGY) > A_LITTLE


# === WHILE IT RUNS === #
def test_broken_and_mended_while_it_runs(tmp_path):
    file = tmp_path / "faults"
    file.write_text("")
    always = "15020:5:exception=4"
    with Simulator(always, more=["--fault-file", str(file)]) as simulator:
        assert simulator.lines[0] == f"faults in force: {simulator.typed(always)}"
        with Client(simulator.ports[15020]) as client:
            assert client.number(3, FREQUENCY) == pytest.approx(50, abs=0.1)

            silent = simulator.typed("15020:3:silent")
            file.write_text(f"# the cable of workshop 2\n{silent}  # cut\n")
            assert simulator.line() == f"faults in force: {simulator.typed(always)}, {silent}"
            client.ask(3, *FREQUENCY)
            assert client.frame(SILENCE) is None
            assert client.pdu(5, FREQUENCY) == b"\x84\x04"

            file.unlink()
            assert simulator.line() == f"faults in force: {simulator.typed(always)}"
            assert client.number(3, FREQUENCY) == pytest.approx(50, abs=0.1)


def test_what_is_no_fault_is_said_and_the_others_hold(tmp_path):
    file = tmp_path / "faults"
    with Simulator(more=["--fault-file", str(file)]) as simulator:
        assert simulator.lines[0] == "faults in force: none"
        silent = simulator.typed("15020:3:silent")
        file.write_text(f"{silent} 15020:3:loud\n1:1:silent")
        assert simulator.line() == f"not a fault: fault '15020:3:loud' is not {USAGE}"
        assert simulator.line() == "not a fault: no demo meter for 1:1:silent"
        assert simulator.line() == f"faults in force: {silent}"


def test_a_fault_file_that_cannot_be_read_ends_it(tmp_path):
    with Simulator(more=["--fault-file", str(tmp_path)]) as simulator:
        assert simulator.process.wait(10) == 1


def test_faults_of_a_file():
    faults, problems = parse_faults("15020:3:silent 15020:4:late=2\n# 15020:5:silent\n\nnonsense # and more\n")
    assert faults == [Fault(15020, 3, "silent"), Fault(15020, 4, "late", 2.0)]
    assert len(problems) == 1
    assert "nonsense" in problems[0]


def test_every_kind_has_a_meaning():
    assert list(MEANINGS) == USAGE.removeprefix("PORT:UNIT:").split("|")


# === REGISTERS === #
def energy_of(plant):
    """What the SDM630's counter shows."""
    return struct.unpack(">f", plant.answer(15020, 3, struct.pack(">BHH", *ENERGY))[2:])[0]


def test_a_fault_goes_on_when_another_comes():
    """The counter that began at 0 an hour ago does not begin again because a second meter falls silent."""
    moment = [NOW]
    plant = Plant(clock=lambda: moment[0])
    healthy = energy_of(plant)
    zero = Fault(15020, 3, "counter-reset")
    plant.set_faults([zero])
    assert energy_of(plant) == 0
    moment[0] += HOUR
    grown = energy_of(plant)
    assert grown > 0
    plant.set_faults([zero, Fault(15020, 4, "silent")])
    assert energy_of(plant) == grown
    plant.set_faults([])
    assert energy_of(plant) == grown < healthy, "a register that was lost does not come back"
    moment[0] += HOUR
    plant.set_faults([zero])
    assert energy_of(plant) == 0, "it can be lost again"


def test_a_swapped_meter_stays():
    plant = Plant(clock=lambda: NOW)
    plant.set_faults([Fault(15020, 3, "swap", 87654321), Fault(15020, 3, "silent")])
    plant.set_faults([])
    assert plant.fault(15020, 3, "silent") is None
    assert plant.fault(15020, 3, "swap").value == 87654321
    assert energy_of(plant) == 0


def test_unknown_meter_changes_nothing():
    plant = Plant(faults=[Fault(15020, 3, "silent")])
    with pytest.raises(ValueError, match="no demo meter at port 15020 unit 99"):
        plant.set_faults([Fault(15020, 99, "silent")])
    assert plant.fault(15020, 3, "silent")


def test_a_restart_continues():
    """Two simulators started at different times show the same registers at the same moment."""
    first, second = Plant(clock=lambda: NOW), Plant(clock=iter([NOW - 5 * HOUR, NOW]).__next__)
    assert energy_of(second) == energy_of(first)


def test_counter_reset_of_the_registers():
    """What the counters count does not change, nor what else the meter shows."""
    kinds, since = {"counter-reset": Fault(15020, 3, "counter-reset")}, {"counter-reset": NOW}
    at_once, later = shown_registers(METER, kinds, NOW, since), shown_registers(METER, kinds, NOW + HOUR, since)
    points = dict(zip((row.quantity for row in METER.points), points_of(METER), strict=True))

    def value(registers, quantity):
        point = points[quantity]
        return decode(point, [registers[point.function, address] for address in range(point.address, point.end)]).value

    assert value(at_once, "import_active_energy_total") == 0
    grown = value_at(METER, "import_active_energy_total", "kWh", NOW + HOUR)
    grown -= value_at(METER, "import_active_energy_total", "kWh", NOW)
    assert value(later, "import_active_energy_total") == pytest.approx(grown, rel=1e-6)
    assert value(later, "frequency") == value(registers_at(METER, NOW + HOUR), "frequency")


def test_counter_reset_of_a_counter_in_two_parts():
    kinds, since = {"counter-reset": Fault(15021, 2, "counter-reset")}, {"counter-reset": NOW}
    registers = shown_registers(GAS, kinds, NOW + 7 * HOUR, since)
    parts = {}
    for row, point in zip(GAS.points, points_of(GAS), strict=True):
        raw = [registers[point.function, address] for address in range(point.address, point.end)]
        parts[row.quantity] = decode(point, raw).value
    whole = parts["gas_volume_integer_part"] + parts["gas_volume_decimal_part"]
    assert 0 < whole < 1000
    assert whole == pytest.approx(parts["gas_volume_float"], rel=1e-5)
