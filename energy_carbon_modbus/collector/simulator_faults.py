"""How a simulated meter misbehaves and how that is typed, on the command line or in a file; knows nothing of sockets."""

from __future__ import annotations

import math
from dataclasses import dataclass

from .codec import encode
from .demo_plant import DemoMeter, points_of, registers_at, value_at
from .point import Point

USAGE = "PORT:UNIT:silent|exception=N|late=SECONDS|garbage|reset|counter-reset|serial=NUMBER|swap=NUMBER"
# Whether the kind is typed with a value.
_KINDS = {
    "silent": False,
    "exception": True,
    "late": True,
    "garbage": False,
    "reset": False,
    "counter-reset": False,
    "serial": True,
    "swap": True,
}
# What each does, for --help and the manual.
MEANINGS = {
    "silent": "does not answer",
    "exception=N": "answers with Modbus exception N, 1 to 11",
    "late=SECONDS": "answers so much later",
    "garbage": "its frames are damaged (with RTU frames: a wrong CRC)",
    "reset": "the connection is dropped when it is asked",
    "counter-reset": "its counters begin at 0 at that moment (lasts until the simulator ends)",
    "serial=NUMBER": "shows another serial number (SDM630 only)",
    "swap=NUMBER": "another meter hangs there: that serial number, counters from 0 (lasts)",
}
_COUNTERS = ("energy", "volume")
# Where Eastron's meters keep their serial number: holding register 0xFC00, 32 bits (SDM630 Modbus protocol, 1.3).
SERIAL = Point(0, 1, 3, 0xFC00, "uint32")
_SERIAL_MODELS = ("SDM630",)
_LARGEST_SERIAL = 0xFFFFFFFE
_FROM_ZERO = ("counter-reset", "swap")
# What taking the fault away does not undo.
LASTING = frozenset(_FROM_ZERO)
_OTHER_SERIAL = ("swap", "serial")


@dataclass(frozen=True, slots=True)
class Fault:
    """A fault of one simulated slave.

    :ivar port: of its gateway
    :ivar kind: ``silent``; ``exception``; ``late``; ``garbage`` (bytes arrive that are no sound frame: with RTU a wrong
        CRC); ``reset`` (the connection is dropped); ``counter-reset`` (all counters began at 0 when the fault did, as
        after a defect); ``serial`` (another serial number); ``swap`` (both, as when another meter was put in)
    :ivar value: exception code, seconds or serial number
    """

    port: int
    unit_id: int
    kind: str
    value: float = 0.0

    def __str__(self) -> str:
        """As it is typed."""
        value = f"={self.value:.10g}" if _KINDS[self.kind] else ""
        return f"{self.port}:{self.unit_id}:{self.kind}{value}"


def parse_fault(text: str) -> Fault:
    """Read a fault as typed, see ``USAGE``.

    :raises ValueError: anything else
    """
    try:
        port, unit, action = text.split(":")
        kind, _, value = action.partition("=")
        fault = Fault(int(port), int(unit), kind, float(value) if value else 0.0)
    except ValueError:
        raise ValueError(f"fault {text!r} is not {USAGE}") from None
    if _KINDS.get(kind) is not bool(value):
        raise ValueError(f"fault {text!r} is not {USAGE}")
    if kind == "exception" and fault.value not in range(1, 12):
        raise ValueError(f"exception {value} is not between 1 and 11")
    if kind in _OTHER_SERIAL and not (1 <= fault.value <= _LARGEST_SERIAL and fault.value == int(fault.value)):
        raise ValueError(f"serial number {value} is not between 1 and {_LARGEST_SERIAL}")
    if not fault.value >= 0:
        raise ValueError(f"{value} seconds is no delay")
    return fault


def parse_faults(text: str) -> tuple[list[Fault], list[str]]:
    """Read a file of faults: separated by blanks or lines, what follows a ``#`` is a remark.

    :return: the faults, and what is wrong with those that are none
    """
    faults, problems = [], []
    for line in text.splitlines():
        for word in line.partition("#")[0].split():
            try:
                faults.append(parse_fault(word))
            except ValueError as error:
                problems.append(str(error))
    return faults, problems


def shown_registers(
    meter: DemoMeter, kinds: dict[str, Fault], now: float, since: dict[str, float]
) -> dict[tuple[int, int], int]:
    """What a meter's registers hold, its faults counted in.

    :param kinds: its faults by kind
    :param now: seconds since the epoch
    :param since: when each of its faults began, seconds since the epoch, by kind
    :return: register by (function, address)
    """
    registers = registers_at(meter, now)
    begun = [since[kind] for kind in _FROM_ZERO if kind in kinds]
    if begun:
        registers |= _restarted(meter, now, max(begun))
    if meter.model in _SERIAL_MODELS:
        shown = [kinds[kind].value for kind in _OTHER_SERIAL if kind in kinds]
        serial = shown[0] if shown else serial_number(meter)
        registers |= {(SERIAL.function, SERIAL.address + i): word for i, word in enumerate(encode(SERIAL, serial))}
    return registers


def serial_number(meter: DemoMeter) -> int:
    """The serial number on a demo meter's type plate."""
    return 24_000_000 + 100 * (meter.port % 100) + meter.unit_id


def _restarted(meter: DemoMeter, now: float, start: float) -> dict[tuple[int, int], int]:
    """Registers of the counters, which began at 0 at ``start``."""
    registers = {}
    for row, point in zip(meter.points, points_of(meter), strict=True):
        if any(word in row.quantity for word in _COUNTERS):
            value = _since(meter, row.quantity, row.unit, now, start)
            registers |= {(point.function, point.address + i): word for i, word in enumerate(encode(point, value))}
    return registers


def _since(meter: DemoMeter, quantity: str, unit: str, now: float, start: float) -> float:
    stem, _, part = quantity.partition("_integer_part")
    if stem == quantity:
        stem, _, part = quantity.partition("_decimal_part")
    whole = f"{stem}_float" if stem != quantity and not part else quantity
    amount = max(value_at(meter, whole, unit, now) - value_at(meter, whole, unit, start), 0.0)
    if whole == quantity:
        return amount
    return float(math.floor(amount)) if quantity.endswith("_integer_part") else amount % 1.0
