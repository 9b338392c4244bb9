"""The demo plant is a pure function of time, agrees with the point tables and can misbehave from its command line."""

from __future__ import annotations

import csv
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from peers import free_port

from energy_carbon_modbus.collector.codec import decode
from energy_carbon_modbus.collector.demo_plant import (
    DAY,
    HOUR,
    SECONDARY,
    points_of,
    readings_at,
    registers_at,
    value_at,
)
from energy_carbon_modbus.collector.link import LinkSettings
from energy_carbon_modbus.collector.simulator import DEMO_METERS, Fault, Plant, main, parse_fault
from energy_carbon_modbus.collector.sweep import run_sweep

from .simulator_process import Simulator

ROOT = Path(__file__).resolve().parents[2]
METER_MAPS = ROOT / "energy_carbon_modbus/data/meter_maps.csv"  # the registers as the manuals of the models state them
NOW = 1_760_000_000.0  # Thursday, 9 October 2025, 16:53:20 in China
BEFORE_HISTORY = 1_750_000_000.0
COUNTERS = ("energy", "volume")


def by_id(meter):
    return f"{meter.port}-{meter.unit_id}-{meter.model}"


every_meter = pytest.mark.parametrize("meter", DEMO_METERS, ids=by_id)


def meter_at(port, unit):
    return next(meter for meter in DEMO_METERS if (meter.port, meter.unit_id) == (port, unit))


def shown(meter, now):
    """Quantity to the number on the wire, decoded by the product."""
    registers = registers_at(meter, now)
    found = {}
    for row, point in zip(meter.points, points_of(meter), strict=True):
        raw = [registers[point.function, address] for address in range(point.address, point.end)]
        decoded = decode(point, raw)
        assert decoded.quality == "good", row
        found[row.quantity] = decoded.value
    return found


def test_the_plant():
    places = [(meter.port, meter.unit_id) for meter in DEMO_METERS]
    assert places == [(15020, unit) for unit in range(1, 12)] + [(15021, unit) for unit in range(1, 5)]
    for meter in DEMO_METERS:
        assert meter.counter.code == meter.code
        assert len({row.quantity for row in meter.points}) == len(meter.points)


@every_meter
def test_registers_are_the_models(meter):
    with METER_MAPS.open(newline="") as file:
        known = {
            (row["quantity"], row["function"], row["address"], row["datatype"], row["byte_word_order"], row["scale"])
            for row in csv.DictReader(file)
            if row["model"] == meter.model and row["manufacturer"] == meter.manufacturer and row["complete"] == "1"
        }
    ours = {
        (row.quantity, str(row.function), str(row.address), row.datatype, row.order, f"{row.scale:g}")
        for row in meter.points
    }
    assert ours <= known
    assert {quantity for quantity, *_ in known - ours if not quantity.startswith("history")} == set()


@every_meter
def test_pure_function_of_time(meter):
    assert registers_at(meter, NOW) == registers_at(meter, NOW)
    assert registers_at(meter, NOW) != registers_at(meter, NOW + 600)
    assert shown(meter, BEFORE_HISTORY)


@every_meter
def test_counters_never_fall(meter):
    before = shown(meter, NOW)
    for step in range(1, 300):
        now = shown(meter, NOW + step * 1777.7)
        for quantity, value in now.items():
            if any(word in quantity for word in COUNTERS) and "decimal" not in quantity:
                assert value >= before[quantity], (quantity, step)
        before = now


@every_meter
def test_power_is_the_slope_of_the_counter(meter):
    """Within any quarter of an hour the load is constant: the counter's rise is the gauge's reading times the time."""
    pairs = {
        "import_active_energy_total": "active_power_total",
        "volume_forward_float": "flow_rate",
        "gas_volume_float": "gas_flow_rate",
    }
    for counter, gauge in pairs.items():
        units = {row.quantity: row.unit for row in meter.points}
        if counter not in units:
            continue
        start = NOW + 4 * HOUR + 460  # a minute after a quarter of an hour
        rise = value_at(meter, counter, units[counter], start + 600) - value_at(meter, counter, units[counter], start)
        gauge_unit = {"W": "kW"}.get(units[gauge], units[gauge])
        assert rise == pytest.approx(value_at(meter, gauge, gauge_unit, start) / 6, abs=0.41)
        return
    pytest.fail("a meter without a counter")


def risen(code, start, end):
    """What a meter of the plant counted between two moments, in kWh on the primary side."""
    meter = next(meter for meter in DEMO_METERS if meter.code == code)
    unit = next(row.unit for row in meter.points if row.quantity == "import_active_energy_total")
    begun, ended = (value_at(meter, "import_active_energy_total", unit, now) for now in (start, end))
    return (ended - begun) * (meter.ct_ratio if unit == SECONDARY else 1.0)


def test_sub_meters_make_up_the_main_meter_less_the_loss():
    """In every half an hour: the feeders add up to the incoming one less 3 to 5 %, what lies below never exceeds them."""
    feeders = ("E-02", "E-03", "E-04", "E-05", "E-06", "E-07", "E-08")
    below = {"E-02": ("E-11", "E-12"), "E-03": ("E-13",), "E-04": ("E-41",)}
    for start in range(int(NOW), int(NOW) + 10 * DAY, 7000):
        end = start + HOUR // 2
        main = risen("E-01", start, end)
        assert 0.03 < 1 - sum(risen(code, start, end) for code in feeders) / main < 0.05
        for code, parts in below.items():
            assert sum(risen(part, start, end) for part in parts) <= risen(code, start, end) + 0.2


@pytest.mark.parametrize("now", [NOW, NOW + 3600, NOW + 50_000.5, BEFORE_HISTORY])
def test_tariff_registers_sum_to_the_total(now):
    found = shown(DEMO_METERS[0], now)
    parts = [found[f"import_active_energy_{part}"] for part in ("sharp", "peak", "flat", "valley")]
    assert sum(round(10 * part) for part in parts) == round(10 * found["import_active_energy_total"])
    assert found["combined_active_energy_total"] == found["import_active_energy_total"]


def test_plausible_figures():
    meter = DEMO_METERS[0]
    load = meter.counter.power(NOW)
    found = shown(meter, NOW)
    assert 300 < load < 1500
    assert found["active_power_total"] == pytest.approx(load)
    assert found["apparent_power_total"] * found["power_factor_total"] == pytest.approx(load, rel=1e-6)
    assert found["voltage_ln_l1"] * found["current_l1"] * 0.92 / 1000 == pytest.approx(load / 3, rel=1e-6)
    parts = shown(meter_at(15021, 2), NOW)
    whole = parts["gas_volume_integer_part"] + parts["gas_volume_decimal_part"]
    assert whole == pytest.approx(parts["gas_volume_float"], rel=1e-6)


def test_a_meter_behind_transformers_counts_their_secondary_side():
    meter = meter_at(15020, 8)
    hour_ago, now = shown(meter, NOW - HOUR), shown(meter, NOW)
    drawn = sum(meter.counter.loads[0].slot_tenths((2025, 10))[8 * 96 + 63 :][:4]) / 10  # from 15:45 to 16:45
    risen = now["import_active_energy_total"] - hour_ago["import_active_energy_total"]
    assert risen * meter.ct_ratio == pytest.approx(drawn, rel=0.1)
    assert now["ct_ratio"] == meter.counter.ratio == 20
    assert now["active_power_total"] * 20 == pytest.approx(meter.counter.power(NOW), abs=0.02)


def test_the_replaced_meter_began_at_zero():
    meter = meter_at(15020, 6)
    swap = meter.counter.swap
    assert meter.counter.closing() > 100_000
    assert shown(meter, swap - 1)["import_active_energy_total"] == pytest.approx(meter.counter.closing(), abs=0.1)
    assert shown(meter, swap)["import_active_energy_total"] == 0
    assert 0 < shown(meter, swap + HOUR)["import_active_energy_total"] < 200


@every_meter
def test_readings_are_what_the_registers_say(meter):
    for point in points_of(meter):
        registers = registers_at(meter, NOW)
        own = [registers[point.function, point.address + place] for place in range(point.count)]
        assert readings_at(meter, point, [NOW]) == [(point.key, NOW, decode(point, own).value)]


def request(function, start, count):
    return bytes([function]) + start.to_bytes(2, "big") + count.to_bytes(2, "big")


def test_answers_of_the_protocol():
    plant = Plant(clock=lambda: NOW)
    assert plant.answer(15020, 1, request(3, 2048, 2))[:2] == b"\x03\x04"
    assert plant.answer(15020, 1, request(3, 2054, 2)) == b"\x03\x04\0\0\0\0"
    assert plant.answer(15020, 12, request(3, 2048, 2)) is None
    assert plant.answer(15020, 1, request(6, 2048, 2)) == b"\x86\x01"
    assert plant.answer(15020, 1, request(4, 2048, 2)) == b"\x84\x02"
    assert plant.answer(15020, 1, request(3, 60000, 2)) == b"\x83\x02"
    assert plant.answer(15020, 1, request(3, 2048, 126)) == b"\x83\x03"
    assert plant.answer(15020, 1, b"\x03\x00") == b"\x83\x03"


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("15020:1:silent", Fault(15020, 1, "silent")),
        ("15020:2:exception=6", Fault(15020, 2, "exception", 6.0)),
        ("15021:1:late=0.5", Fault(15021, 1, "late", 0.5)),
        ("15021:3:reset", Fault(15021, 3, "reset")),
        ("15020:3:swap=87654321", Fault(15020, 3, "swap", 87654321.0)),
    ],
)
def test_faults_as_typed(text, fault):
    assert parse_fault(text) == fault
    assert str(fault) == text


@pytest.mark.parametrize(
    "text",
    ["", "1:2", "a:1:silent", "1:1:loud", "1:1:exception", "1:1:silent=3", "1:1:exception=12", "1:1:late=-1"]
    + ["1:1:garbage=1", "1:1:serial", "1:1:serial=0", "1:1:counter-reset=5", "1:1:swap", "1:1:swap=0.5"],
)
def test_bad_faults(text):
    with pytest.raises(ValueError, match=r"fault|exception|delay|serial"):
        parse_fault(text)


def test_a_fault_of_no_meter(capsys):
    assert main(["--demo", "--fault", "15020:99:silent"]) == 2
    assert "no demo meter at port 15020 unit 99" in capsys.readouterr().err


def test_the_whole_demo_plant_is_read():
    with Simulator() as simulator:
        assert (
            simulator.lines[0]
            == f"gateway listening on 127.0.0.1:{simulator.ports[15020]}, unit ids {', '.join(map(str, range(1, 12)))}"
        )
        results = run_sweep(simulator.gateways(), deadline_seconds=10.0)
        simulator.process.terminate()
        assert simulator.process.wait(5) == 0
    points = [point for result in results for point in result.points]
    assert len(points) == sum(len(meter.points) for meter in DEMO_METERS)
    assert {(point.quality, point.error) for point in points} == {("good", None)}
    found = {point.key: point for point in points}
    for number, meter in enumerate(DEMO_METERS):
        for place, row in enumerate(meter.points):
            reading = found[100 * number + place]
            if any(word in row.quantity for word in COUNTERS) and "decimal" not in row.quantity:
                low = value_at(meter, row.quantity, row.unit, reading.time - 1)
                assert low * (1 - 1e-6) <= reading.value <= low * (1 + 1e-6) + 2.0


def test_faults_from_the_command_line():
    faults = ("15020:1:silent", "15020:2:exception=6", "15021:2:reset", "15021:3:late=0.6")
    with Simulator(*faults) as simulator:
        results = run_sweep(simulator.gateways(), deadline_seconds=10.0)
        simulator.process.send_signal(signal.SIGINT)
        assert simulator.process.wait(5) == 0
    slaves = {(result.key, unit): slave.error for result in results for unit, slave in result.slaves.items()}
    assert slaves == {
        (15020, 1): "silence",
        (15020, 2): "exception 6",
        (15020, 3): None,
        **{(15020, unit): None for unit in range(4, 12)},
        (15021, 1): None,
        (15021, 2): "closed",
        (15021, 3): "silence",
        (15021, 4): None,
    }


def test_the_line_as_rtu_frames_and_crc_garbage():
    """``--rtu`` serves the same meters with CRC; a damaged frame is no value and costs the others nothing."""
    rtu = free_port()
    with Simulator("15020:3:garbage", more=["--rtu", str(rtu), "--fault", f"{rtu}:4:garbage"]) as simulator:
        gateway = simulator.gateways()[0]
        gateway.settings = LinkSettings("127.0.0.1", rtu, framer="rtu", timeout=0.3)
        line, tcp = run_sweep([gateway, simulator.gateways()[0]], deadline_seconds=10.0)
    assert {unit: slave.error for unit, slave in line.slaves.items() if slave.error} == {4: "garbled"}
    assert {unit for unit, slave in tcp.slaves.items() if slave.error} == {3}


def test_a_port_in_use(capsys):
    with Simulator() as simulator:
        assert main(["--demo", "--port1", str(simulator.ports[15020]), "--port2", str(free_port())]) == 1
    assert "simulator:" in capsys.readouterr().err


def test_importing_the_collector_is_cheap():
    code = (
        "import sys, energy_carbon_modbus.collector.sweep; sys.exit('pymodbus' in sys.modules or 'odoo' in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", code], cwd=ROOT, check=False).returncode == 0
