"""The demo plant's meters and what they show at any moment, as pure functions of time; knows nothing of sockets.

What runs through the meters is decided in ``energy_carbon.demo_plant``, of which the demo data make their history: so the
simulator goes on without a jump, also after a restart, and a counter is the exact integral of the power shown beside it.
Register places are those of ``meter_maps.csv`` (rows with ``complete``).

``DEMO_METERS`` are the meters behind the two gateways; ``points_of`` gives a meter's points, ``registers_at`` what its
registers hold, ``value_at`` one quantity and ``readings_at`` what polling would have read. The paint line's meter (port
15020, unit 12) is in the demo data but not here: it is the silent one.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from importlib import import_module
from typing import NamedTuple

import numpy as np

from .codec import GOOD, decode, encode
from .point import Point

# energy_carbon lies beside this addon: as odoo.addons.energy_carbon within Odoo, as energy_carbon without.
_counters = import_module(f"{__package__.removesuffix('energy_carbon_modbus.collector')}energy_carbon.demo_plant.counters")
COUNTERS, Counter = _counters.COUNTERS, _counters.Counter

HOUR, DAY = 3600, 86400


class DemoPoint(NamedTuple):
    """One register of a demo meter: a row of ``meter_maps.csv``."""

    function: int
    address: int
    datatype: str
    order: str
    scale: float
    quantity: str
    unit: str


@dataclass(frozen=True, slots=True)
class DemoMeter:
    """A meter of the demo plant.

    :ivar port: default TCP port of its gateway
    :ivar model: manufacturer and model as in ``meter_maps.csv``
    :ivar code: of the meter in the demo data and of its counter
    :ivar temperatures: mean of inlet and outlet, in degrees Celsius (water)
    :ivar ct_ratio: of its current transformers, as set in the meter
    """

    port: int
    unit_id: int
    manufacturer: str
    model: str
    code: str
    name: str
    points: tuple[DemoPoint, ...]
    temperatures: tuple[float, float] = (16.0, 16.0)
    ct_ratio: float = 1.0

    @property
    def counter(self) -> Counter:
        """The course of its total."""
        return COUNTERS[self.code]


def _rows(function: int, datatype: str, order: str, scale: float, unit: str, places: dict[int, str]) -> list[DemoPoint]:
    return [DemoPoint(function, place, datatype, order, scale, name, unit) for place, name in places.items()]


SECONDARY = "secondary side"
_TARIFFS = ("total", "sharp", "peak", "flat", "valley")
ADL400 = (
    *_rows(3, "float32", "ABCD", 1.0, "V", {2048: "voltage_ln_l1", 2050: "voltage_ln_l2", 2052: "voltage_ln_l3"}),
    *_rows(3, "float32", "ABCD", 1.0, "A", {2060: "current_l1", 2062: "current_l2", 2064: "current_l3"}),
    *_rows(3, "float32", "ABCD", 1.0, "kW", {2068: "active_power_l1", 2070: "active_power_l2"}),
    *_rows(3, "float32", "ABCD", 1.0, "kW", {2072: "active_power_l3", 2074: "active_power_total"}),
    *_rows(3, "float32", "ABCD", 1.0, "kvar", {2082: "reactive_power_total"}),
    *_rows(3, "float32", "ABCD", 1.0, "kVA", {2090: "apparent_power_total"}),
    *_rows(3, "float32", "ABCD", 1.0, "", {2098: "power_factor_total"}),
    *_rows(3, "float32", "ABCD", 1.0, "Hz", {2100: "frequency"}),
    *_rows(
        3, "uint32", "ABCD", 0.1, "kWh", {2114 + 2 * i: f"combined_active_energy_{t}" for i, t in enumerate(_TARIFFS)}
    ),
    *_rows(
        3, "uint32", "ABCD", 0.1, "kWh", {2124 + 2 * i: f"import_active_energy_{t}" for i, t in enumerate(_TARIFFS)}
    ),
    *_rows(
        3, "uint32", "ABCD", 0.1, "kWh", {2134 + 2 * i: f"export_active_energy_{t}" for i, t in enumerate(_TARIFFS)}
    ),
    *_rows(3, "uint16", "AB", 1.0, "", {141: "pt_ratio", 142: "ct_ratio"}),
)
SDM630 = (
    *_rows(4, "float32", "ABCD", 1.0, "V", {0: "voltage_ln_l1", 2: "voltage_ln_l2", 4: "voltage_ln_l3"}),
    *_rows(4, "float32", "ABCD", 1.0, "A", {6: "current_l1", 8: "current_l2", 10: "current_l3"}),
    *_rows(4, "float32", "ABCD", 1.0, "W", {12: "active_power_l1", 14: "active_power_l2", 16: "active_power_l3"}),
    *_rows(4, "float32", "ABCD", 1.0, "", {30: "power_factor_l1", 32: "power_factor_l2", 34: "power_factor_l3"}),
    *_rows(4, "float32", "ABCD", 1.0, "W", {52: "active_power_total"}),
    *_rows(4, "float32", "ABCD", 1.0, "VA", {56: "apparent_power_total"}),
    *_rows(4, "float32", "ABCD", 1.0, "var", {60: "reactive_power_total"}),
    *_rows(4, "float32", "ABCD", 1.0, "", {62: "power_factor_total"}),
    *_rows(4, "float32", "ABCD", 1.0, "Hz", {70: "frequency"}),
    *_rows(4, "float32", "ABCD", 1.0, "kWh", {72: "import_active_energy_total", 74: "export_active_energy_total"}),
    *_rows(4, "float32", "ABCD", 1.0, "kvarh", {76: "import_reactive_energy_total"}),
    *_rows(4, "float32", "ABCD", 1.0, "kWh", {342: "combined_active_energy_total", 346: "import_active_energy_l1"}),
    *_rows(4, "float32", "ABCD", 1.0, "kWh", {348: "import_active_energy_l2", 350: "import_active_energy_l3"}),
)
TUF2000M = (
    *_rows(3, "float32", "CDAB", 1.0, "m3/h", {0: "flow_rate"}),
    *_rows(3, "float32", "CDAB", 1.0, "m/s", {4: "flow_velocity"}),
    *_rows(3, "int32", "CDAB", 1.0, "m3", {8: "volume_forward_integer_part", 12: "volume_reverse_integer_part"}),
    *_rows(3, "int32", "CDAB", 1.0, "m3", {24: "volume_net_integer_part"}),
    *_rows(3, "float32", "CDAB", 1.0, "degC", {32: "temperature_inlet", 34: "temperature_outlet"}),
    *_rows(3, "uint16", "AB", 1.0, "", {71: "error_code", 91: "signal_quality"}),
    *_rows(3, "float32", "CDAB", 1.0, "m3", {112: "volume_net_float", 114: "volume_forward_float"}),
    *_rows(3, "float32", "CDAB", 1.0, "m3", {116: "volume_reverse_float"}),
)
TMS = (
    *_rows(3, "float32", "CDAB", 1.0, "m3/h", {0: "gas_flow_rate"}),
    *_rows(3, "float32", "CDAB", 1.0, "m/s", {2: "gas_velocity"}),
    *_rows(3, "uint32", "CDAB", 1.0, "m3", {6: "gas_volume_integer_part"}),
    *_rows(3, "float32", "CDAB", 1.0, "m3", {8: "gas_volume_decimal_part", 10: "gas_volume_float"}),
    *_rows(3, "float32", "CDAB", 1.0, "degC", {12: "gas_temperature"}),
)

DTSU666 = (
    *_rows(3, "float32", "ABCD", 0.1, "V", {8198: "voltage_ln_l1", 8200: "voltage_ln_l2", 8202: "voltage_ln_l3"}),
    *_rows(3, "float32", "ABCD", 0.001, "A", {8204: "current_l1", 8206: "current_l2", 8208: "current_l3"}),
    *_rows(3, "float32", "ABCD", 0.1, "W", {8210: "active_power_total", 8212: "active_power_l1"}),
    *_rows(3, "float32", "ABCD", 0.1, "W", {8214: "active_power_l2", 8216: "active_power_l3"}),
    *_rows(3, "float32", "ABCD", 0.1, "var", {8218: "reactive_power_total"}),
    *_rows(3, "float32", "ABCD", 0.001, "", {8234: "power_factor_total"}),
    *_rows(3, "float32", "ABCD", 0.01, "Hz", {8260: "frequency"}),
    *_rows(3, "float32", "ABCD", 1.0, "kWh", {4126: "import_active_energy_total", 4128: "import_active_energy_l1"}),
    *_rows(3, "float32", "ABCD", 1.0, "kWh", {4130: "import_active_energy_l2", 4132: "import_active_energy_l3"}),
    *_rows(3, "float32", "ABCD", 1.0, "kWh", {4136: "export_active_energy_total"}),
)
# Its registers count on the secondary side of the transformers.
DTSD1352 = (
    *_rows(3, "uint32", "ABCD", 0.01, SECONDARY, {0: "combined_active_energy_total", 10: "import_active_energy_total"}),
    *_rows(3, "uint32", "ABCD", 0.01, SECONDARY, {20: "export_active_energy_total"}),
    *_rows(3, "uint32", "ABCD", 0.01, SECONDARY, {30: "combined_reactive_energy_total"}),
    *_rows(3, "uint16", "AB", 0.1, "V", {97: "voltage_ln_l1", 98: "voltage_ln_l2", 99: "voltage_ln_l3"}),
    *_rows(3, "uint16", "AB", 0.01, SECONDARY, {100: "current_l1", 101: "current_l2", 102: "current_l3"}),
    *_rows(3, "uint16", "AB", 0.01, "Hz", {119: "frequency"}),
    *_rows(3, "uint16", "AB", 0.001, SECONDARY, {123: "import_active_demand", 126: "export_active_demand"}),
    *_rows(3, "uint16", "AB", 1.0, "", {141: "pt_ratio", 142: "ct_ratio"}),
    *_rows(3, "int32", "ABCD", 0.001, SECONDARY, {356: "active_power_l1", 358: "active_power_l2"}),
    *_rows(3, "int32", "ABCD", 0.001, SECONDARY, {360: "active_power_l3", 362: "active_power_total"}),
    *_rows(3, "int32", "ABCD", 0.001, SECONDARY, {370: "reactive_power_total"}),
    *_rows(3, "uint32", "ABCD", 0.001, SECONDARY, {378: "apparent_power_total"}),
    *_rows(3, "int16", "AB", 0.001, "", {383: "power_factor_total"}),
)

_WATER = "TUF-2000M ultrasonic water/heat"
_GAS = "TMS thermal gas mass flow meter"
DEMO_METERS = (
    DemoMeter(15020, 1, "Acrel", "ADL400", "E-01", "incoming feeder", ADL400, ct_ratio=500.0),
    DemoMeter(15020, 2, "Acrel", "ADL400", "E-02", "workshop 1", ADL400, ct_ratio=200.0),
    DemoMeter(15020, 3, "Eastron", "SDM630", "E-03", "workshop 2", SDM630, ct_ratio=160.0),
    DemoMeter(15020, 4, "Eastron", "SDM630", "E-04", "air station", SDM630, ct_ratio=60.0),
    DemoMeter(15020, 5, "Eastron", "SDM630", "E-11", "workshop 1, press line", SDM630, ct_ratio=50.0),
    DemoMeter(15020, 6, "Eastron", "SDM630", "E-12", "workshop 1, hardening furnace", SDM630, ct_ratio=40.0),
    DemoMeter(15020, 7, "Eastron", "SDM630", "E-13", "workshop 2, moulding line", SDM630, ct_ratio=80.0),
    DemoMeter(15020, 8, "Acrel", "DTSD1352", "E-05", "boiler house", DTSD1352, ct_ratio=20.0),
    DemoMeter(15020, 9, "Eastron", "SDM630", "E-06", "office", SDM630, ct_ratio=50.0),
    DemoMeter(15020, 10, "Eastron", "SDM630", "E-07", "dormitory", SDM630, ct_ratio=30.0),
    DemoMeter(15020, 11, "CHINT", "DTSU666", "E-08", "tenant", DTSU666),
    DemoMeter(15021, 1, "TUF series (various)", _WATER, "W-01", "city water", TUF2000M),
    DemoMeter(15021, 2, "FD", _GAS, "G-01", "natural gas, boiler", TMS),
    DemoMeter(15021, 3, "TUF series (various)", _WATER, "H-01", "heating loop", TUF2000M, (70.0, 50.0)),
    DemoMeter(15021, 4, "Eastron", "SDM630", "E-41", "air station, screw compressor", SDM630, ct_ratio=60.0),
)


def points_of(meter: DemoMeter, first_key: int = 0) -> list[Point]:
    """The collector's points of a demo meter, numbered from ``first_key`` in the meter's order."""
    return [
        Point(first_key + number, meter.unit_id, row.function, row.address, row.datatype, row.order, row.scale)
        for number, row in enumerate(meter.points)
    ]


def registers_at(meter: DemoMeter, now: float) -> dict[tuple[int, int], int]:
    """What a meter's registers hold.

    :param now: seconds since the epoch
    :return: register by (function, address)
    """
    registers = {}
    for row, point in zip(meter.points, points_of(meter), strict=True):
        for place, register in enumerate(encode(point, value_at(meter, row.quantity, row.unit, now))):
            registers[row.function, row.address + place] = register
    return registers


def readings_at(meter: DemoMeter, point: Point, times: Iterable[int]) -> list[tuple[int, int, float]]:
    """What reading a point of the meter would have given: (key, time, value), rounded as the registers round.

    :param point: as the collector reads it; empty at a place the meter does not have
    :param times: seconds since the epoch
    """
    rows = [
        (row, place)
        for row, place in zip(meter.points, points_of(meter), strict=True)
        if row.function == point.function and point.address <= place.address and place.end <= point.end
    ]
    found = []
    for now in times if {place.address for _row, place in rows} >= _addresses(point) else ():
        registers = [0] * point.count
        for row, place in rows:
            begin = place.address - point.address
            registers[begin : begin + place.count] = encode(place, value_at(meter, row.quantity, row.unit, now))
        decoded = decode(point, registers)
        if decoded.quality == GOOD:
            found.append((point.key, now, decoded.value))
    return found


def _addresses(point: Point) -> set[int]:
    """Where the point's value, or each of its parts, begins."""
    return {part.address for part in point.parts or (point,)}


def value_at(meter: DemoMeter, quantity: str, unit: str, now: float) -> float:
    """What a meter shows for a quantity.

    :param unit: as in the point's row; W, VA and var ask for a thousand times the kW figure, ``SECONDARY`` for what the
        meter itself sees behind its transformers
    :param now: seconds since the epoch
    :raises KeyError: the meter has no such quantity
    """
    if quantity.startswith(("import_active_energy", "combined_active_energy")):
        return _energy(meter, quantity.rpartition("_")[2], now)
    value = _GAUGES[quantity](meter, now)
    if unit == SECONDARY:
        return value / meter.ct_ratio
    return value * 1000.0 if unit in ("W", "VA", "var") else value


def _load(meter: DemoMeter, now: float) -> float:
    """kW, or m3/h."""
    return meter.counter.power(now)


def _amount(meter: DemoMeter, now: float, period: str | None = None) -> float:
    """A counter's register: kWh or m3, on the side of the transformers on which the meter counts."""
    return float(meter.counter.registers(np.array([now]), period)[0])


def _primary(meter: DemoMeter, now: float) -> float:
    """kWh on the primary side."""
    return _amount(meter, now) * meter.counter.ratio


def _energy(meter: DemoMeter, part: str, now: float) -> float:
    """Imported energy in kWh, of a tariff period or a phase; the periods' registers sum to the total's exactly."""
    if part in ("l1", "l2", "l3"):
        return _amount(meter, now) / 3.0
    if meter.points is not ADL400:
        return _amount(meter, now)
    # Each register shows whole tenths; the total is their sum, as in a meter that counts pulses once.
    names = _TARIFFS[1:] if part == "total" else (part,)
    return sum(math.floor(10 * _amount(meter, now, name) + 1e-6) for name in names) / 10


def _voltage(lag: float) -> Callable[[DemoMeter, float], float]:
    return lambda meter, now: 230.0 + 2.5 * math.sin(2 * math.pi * now / 5400 + lag)


def _current(lag: float) -> Callable[[DemoMeter, float], float]:
    return lambda meter, now: _load(meter, now) / 3 * 1000 / 0.92 / _voltage(lag)(meter, now)


def _third(meter: DemoMeter, now: float) -> float:
    return _load(meter, now) / 3


def _constant(value: float) -> Callable[[DemoMeter, float], float]:
    return lambda meter, now: value


def _daily(swing: float, now: float) -> float:
    return swing * math.sin(2 * math.pi * now / DAY)


_POWER_FACTOR = 0.92
_REACTIVE = math.sqrt(1 - _POWER_FACTOR**2) / _POWER_FACTOR
_GAUGES: dict[str, Callable[[DemoMeter, float], float]] = {
    "voltage_ln_l1": _voltage(0.0),
    "voltage_ln_l2": _voltage(0.7),
    "voltage_ln_l3": _voltage(1.4),
    "current_l1": _current(0.0),
    "current_l2": _current(0.7),
    "current_l3": _current(1.4),
    "active_power_l1": _third,
    "active_power_l2": _third,
    "active_power_l3": _third,
    "active_power_total": _load,
    "reactive_power_total": lambda meter, now: _load(meter, now) * _REACTIVE,
    "apparent_power_total": lambda meter, now: _load(meter, now) / _POWER_FACTOR,
    **dict.fromkeys((f"power_factor_{part}" for part in ("total", "l1", "l2", "l3")), _constant(_POWER_FACTOR)),
    "frequency": lambda meter, now: 50.0 + 0.02 * math.sin(now / 97),
    **dict.fromkeys((f"export_active_energy_{part}" for part in _TARIFFS), _constant(0.0)),
    "import_reactive_energy_total": lambda meter, now: _amount(meter, now) * _REACTIVE,
    "combined_reactive_energy_total": lambda meter, now: _primary(meter, now) * _REACTIVE,
    "import_active_demand": _load,
    "export_active_demand": _constant(0.0),
    "pt_ratio": _constant(1.0),
    "ct_ratio": lambda meter, now: meter.ct_ratio,
    "flow_rate": _load,
    "flow_velocity": lambda meter, now: _load(meter, now) / HOUR / 0.005,  # pipe of 50 cm2, DN 80
    "volume_forward_integer_part": lambda meter, now: float(math.floor(_amount(meter, now))),
    "volume_net_integer_part": lambda meter, now: float(math.floor(_amount(meter, now))),
    "volume_reverse_integer_part": _constant(0.0),
    "volume_forward_float": _amount,
    "volume_net_float": _amount,
    "volume_reverse_float": _constant(0.0),
    "temperature_inlet": lambda meter, now: meter.temperatures[0] + _daily(2.0, now),
    "temperature_outlet": lambda meter, now: meter.temperatures[1] + _daily(1.5, now),
    "error_code": _constant(0.0),
    "signal_quality": _constant(92.0),
    "gas_flow_rate": _load,
    "gas_velocity": lambda meter, now: _load(meter, now) / HOUR / 0.002,  # pipe of 20 cm2, DN 50
    "gas_volume_integer_part": lambda meter, now: float(math.floor(_amount(meter, now))),
    "gas_volume_decimal_part": lambda meter, now: _amount(meter, now) % 1.0,
    "gas_volume_float": _amount,
    "gas_temperature": lambda meter, now: 18.0 + _daily(4.0, now),
}
