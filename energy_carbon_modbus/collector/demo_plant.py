"""The demo plant's meters and what they show at any moment, as pure functions of time; knows nothing of sockets.

Register places are those of ``meter_maps.csv`` (rows with ``complete``). A counter is the exact integral of the power
shown beside it, so readings of any two moments agree with each other, also across restarts of the simulator.
"""

from __future__ import annotations

import calendar
import math
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from itertools import accumulate
from typing import NamedTuple

from .codec import GOOD, decode, encode
from .point import Point

EPOCH = calendar.timegm((2024, 1, 1, 0, 0, 0)) - 8 * 3600  # Monday, midnight in China: all counters begin here
HOUR, DAY, WEEK = 3600, 86400, 7 * 86400
CYCLE = 11 * WEEK  # after which everything repeats

# Load of each hour as a share of the rated one: two shifts, a dip at noon, night load.
_WORKDAY = (
    (0.25, 0.24, 0.23, 0.23, 0.24, 0.28, 0.40, 0.62, 0.85, 0.92, 0.95, 0.90)
    + (0.70, 0.86, 0.93, 0.94, 0.90, 0.80, 0.66, 0.60, 0.55, 0.45, 0.35, 0.28)
)  # fmt: skip
_WEEKEND = tuple(0.18 + 0.12 * share for share in _WORKDAY)


def busyness(day: int) -> float:
    """How busy the plant is on a day since ``EPOCH``, 0.92 to 1.08; the typed demo figures follow the same rule."""
    return 0.92 + 0.016 * (7 * day % 11)


# Tariff period of each hour, as set in the meters' clocks: s(harp), p(eak), f(lat), v(alley).
_PERIODS = "vvvvvvv" + "f" + "ppp" + "fffffff" + "p" + "ss" + "p" + "f" + "v"
_PERIOD_NAMES = {"sharp": "s", "peak": "p", "flat": "f", "valley": "v"}


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
    :ivar shift_hours: how far its load curve lies behind the plant's, in quarters of an hour
    :ivar rated: kW (electricity), or m3/h (water, gas)
    :ivar temperatures: mean of inlet and outlet, in degrees Celsius (water)
    :ivar ct_ratio: of its current transformers, as set in the meter; its registers count on the primary side
    """

    port: int
    unit_id: int
    manufacturer: str
    model: str
    name: str
    shift_hours: float
    rated: float
    points: tuple[DemoPoint, ...]
    temperatures: tuple[float, float] = (16.0, 16.0)
    ct_ratio: float = 1.0


def _rows(function: int, datatype: str, order: str, scale: float, unit: str, places: dict[int, str]) -> list[DemoPoint]:
    return [DemoPoint(function, place, datatype, order, scale, name, unit) for place, name in places.items()]


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

_WATER = "TUF-2000M ultrasonic water/heat"
_GAS = "TMS thermal gas mass flow meter"
DEMO_METERS = (
    DemoMeter(15020, 1, "Acrel", "ADL400", "incoming feeder", 0.0, 400.0, ADL400, ct_ratio=200.0),
    DemoMeter(15020, 2, "Acrel", "ADL400", "workshop 1", -0.5, 160.0, ADL400, ct_ratio=80.0),
    DemoMeter(15020, 3, "Eastron", "SDM630", "workshop 2", 0.5, 120.0, SDM630),
    DemoMeter(15020, 4, "Eastron", "SDM630", "compressed air", 0.0, 60.0, SDM630),
    DemoMeter(15020, 5, "Eastron", "SDM630", "workshop 1, press line", -0.5, 70.0, SDM630),
    DemoMeter(15020, 6, "Eastron", "SDM630", "workshop 1, hardening furnace", -0.5, 55.0, SDM630),
    DemoMeter(15020, 7, "Eastron", "SDM630", "workshop 2, moulding line", 0.5, 90.0, SDM630),
    DemoMeter(15021, 1, "TUF series (various)", _WATER, "city water", 0.25, 12.0, TUF2000M),
    DemoMeter(15021, 2, "FD", _GAS, "natural gas, boiler", -1.0, 45.0, TMS),
    DemoMeter(15021, 3, "TUF series (various)", _WATER, "heating loop", -1.0, 30.0, TUF2000M, (70.0, 50.0)),
)


class LoadCurve:
    """A load repeated for ever: its value and its exact integral.

    :ivar hours: share of the rated load in each hour of a cycle beginning on a Monday, local time
    """

    def __init__(self, hours: list[float]) -> None:
        self.hours = hours
        # Hours of load done at the beginning of each hour of the cycle.
        self._done = [0.0, *accumulate(hours)]
        self._length = len(hours) * HOUR

    def share(self, seconds: float) -> float:
        """Share of the rated load, ``seconds`` after the beginning of a cycle."""
        return self.hours[int(seconds % self._length // HOUR)]

    def full_load_hours(self, seconds: float) -> float:
        """Integral of the share from 0 to ``seconds``, in hours; never falls."""
        cycles, rest = divmod(seconds, self._length)
        hour, part = divmod(rest, HOUR)
        return cycles * self._done[-1] + self._done[int(hour)] + self.hours[int(hour)] * part / HOUR


PLANT_LOAD = LoadCurve(
    [busyness(day) * share for day in range(CYCLE // DAY) for share in (_WORKDAY if day % 7 < 5 else _WEEKEND)]
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

    :param unit: as in the point's row; W, VA and var ask for a thousand times the kW figure
    :param now: seconds since the epoch
    :raises KeyError: the meter has no such quantity
    """
    if quantity.startswith(("import_active_energy", "combined_active_energy")):
        return _energy(meter, quantity.rpartition("_")[2], now)
    value = _GAUGES[quantity](meter, now)
    return value * 1000.0 if unit in ("W", "VA", "var") else value


def _moment(meter: DemoMeter, now: float) -> float:
    """Seconds on the meter's own load curve."""
    return now - EPOCH - meter.shift_hours * HOUR


def _load(meter: DemoMeter, now: float) -> float:
    return meter.rated * PLANT_LOAD.share(_moment(meter, now))


def _amount(meter: DemoMeter, now: float) -> float:
    """Counter since the plant's beginning: kWh or m3."""
    first = PLANT_LOAD.full_load_hours(-meter.shift_hours * HOUR)
    return meter.rated * max(PLANT_LOAD.full_load_hours(_moment(meter, now)) - first, 0.0)


def _period_curves(meter: DemoMeter) -> dict[str, Callable[[float], float]]:
    """Energy of each tariff period: the load curve where the period rules, nothing elsewhere."""
    bounds = _quarters(meter.shift_hours)
    return {name: _masked_energy(bounds, letter) for name, letter in _PERIOD_NAMES.items()}


def _quarters(shift_hours: float) -> list[tuple[str, float]]:
    """(period, share) of each quarter of an hour of a cycle for a meter whose load lies behind by a shift."""
    cycle = []
    for local in range(0, CYCLE, 900):
        cycle.append((_PERIODS[local % DAY // HOUR], PLANT_LOAD.share(local - shift_hours * HOUR)))
    return cycle


def _masked_energy(quarters: list[tuple[str, float]], letter: str) -> Callable[[float], float]:
    shares = [share if period == letter else 0.0 for period, share in quarters]
    done = [0.0, *accumulate(share / 4 for share in shares)]

    def full_load_hours(seconds: float) -> float:
        cycles, rest = divmod(seconds, CYCLE)
        quarter, part = divmod(rest, 900)
        return cycles * done[-1] + done[int(quarter)] + shares[int(quarter)] * part / HOUR

    return full_load_hours


_PERIOD_CURVES = {(meter.port, meter.unit_id): _period_curves(meter) for meter in DEMO_METERS if meter.points is ADL400}


def _energy(meter: DemoMeter, part: str, now: float) -> float:
    """Imported energy in kWh, of a tariff period or a phase; the periods' registers sum to the total's exactly."""
    if part in ("l1", "l2", "l3"):
        return _amount(meter, now) / 3.0
    if meter.points is not ADL400:
        return _amount(meter, now)
    curves = _PERIOD_CURVES[meter.port, meter.unit_id]
    names = _PERIOD_NAMES if part == "total" else (part,)
    # Each register shows whole tenths; the total is their sum, as in a meter that counts pulses once.
    elapsed = max(now - EPOCH, 0.0)
    return sum(math.floor(10 * meter.rated * curves[name](elapsed) + 1e-6) for name in names) / 10


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
