"""Serves the demo plant over Modbus TCP: ``python -m energy_carbon_modbus.collector.simulator --demo``.

An asyncio server of its own rather than pymodbus's: that one cannot be silent for a unit, answer late or drop a
connection, and answers exception 4 for an unknown unit. What meters show is decided in ``demo_plant``.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import signal
import struct
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from .demo_plant import DEMO_METERS, DemoMeter, registers_at

__all__ = ["DEMO_METERS", "Fault", "Plant", "main", "parse_fault", "serve"]

LOOPBACK = "127.0.0.1"
_FAULTS = ("silent", "exception", "late", "reset")
_ILLEGAL_FUNCTION, _ILLEGAL_ADDRESS, _ILLEGAL_VALUE = 1, 2, 3
_LARGEST_FRAME = 260  # MBAP length field of a sound request is far below


@dataclass(frozen=True, slots=True)
class Fault:
    """A fault of one simulated slave.

    :ivar port: of its gateway
    :ivar kind: ``silent``, ``exception``, ``late`` or ``reset`` (the connection is dropped)
    :ivar value: exception code, or seconds
    """

    port: int
    unit_id: int
    kind: str
    value: float = 0.0


def parse_fault(text: str) -> Fault:
    """Read a fault as typed: ``PORT:UNIT:silent``, ``...:exception=6``, ``...:late=1.5`` or ``...:reset``.

    :raises ValueError: anything else
    """
    try:
        port, unit, action = text.split(":")
        kind, _, value = action.partition("=")
        fault = Fault(int(port), int(unit), kind, float(value) if value else 0.0)
    except ValueError:
        raise ValueError(f"fault {text!r} is not PORT:UNIT:silent|exception=N|late=SECONDS|reset") from None
    if kind not in _FAULTS or (kind in ("exception", "late")) != bool(value):
        raise ValueError(f"fault {text!r} is not PORT:UNIT:silent|exception=N|late=SECONDS|reset")
    if kind == "exception" and fault.value not in range(1, 12):
        raise ValueError(f"exception {value} is not between 1 and 11")
    if not fault.value >= 0:
        raise ValueError(f"{value} seconds is no delay")
    return fault


class Plant:
    """Meters behind gateways, as pure functions of a clock.

    :ivar ports: ports of the gateways in use, by the ports in ``DEMO_METERS``
    """

    def __init__(
        self,
        meters: Sequence[DemoMeter] = DEMO_METERS,
        ports: dict[int, int] | None = None,
        faults: Sequence[Fault] = (),
        clock: Callable[[], float] = time.time,
    ) -> None:
        """Make a plant.

        :param ports: other ports by default port; those not named stay
        :param faults: by the ports in use
        :param clock: gives seconds since the epoch
        :raises ValueError: a fault names a meter that does not exist
        """
        self.ports = {meter.port: (ports or {}).get(meter.port, meter.port) for meter in meters}
        self._meters = {(self.ports[meter.port], meter.unit_id): meter for meter in meters}
        self._faults = {(fault.port, fault.unit_id): fault for fault in faults}
        self._clock = clock
        if unknown := sorted(self._faults.keys() - self._meters.keys()):
            raise ValueError(f"no demo meter at port {unknown[0][0]} unit {unknown[0][1]}")

    def units(self, port: int) -> list[int]:
        """Unit ids behind a gateway."""
        return sorted(unit for gateway, unit in self._meters if gateway == port)

    def fault(self, port: int, unit: int) -> Fault | None:
        """The fault of a slave, if any."""
        return self._faults.get((port, unit))

    def answer(self, port: int, unit: int, request: bytes) -> bytes | None:
        """The answer to a request, both without header (function code first).

        :return: None when no such slave exists
        """
        meter = self._meters.get((port, unit))
        if meter is None:
            return None
        fault = self.fault(port, unit)
        if fault and fault.kind == "exception":
            return bytes([request[0] | 0x80, int(fault.value)])
        if request[0] not in (3, 4):
            return bytes([request[0] | 0x80, _ILLEGAL_FUNCTION])
        return self._read(meter, request)

    def _read(self, meter: DemoMeter, request: bytes) -> bytes:
        if len(request) != 5:
            return bytes([request[0] | 0x80, _ILLEGAL_VALUE])
        function, start, count = struct.unpack(">BHH", request)
        if not 1 <= count <= 125:
            return bytes([function | 0x80, _ILLEGAL_VALUE])
        registers = registers_at(meter, self._clock())
        # Like most meters, gaps between the listed registers read as 0, what lies beyond them is refused.
        places = [address for code, address in registers if code == function]
        if not places or start < min(places) or start + count - 1 > max(places):
            return bytes([function | 0x80, _ILLEGAL_ADDRESS])
        values = [registers.get((function, address), 0) for address in range(start, start + count)]
        return struct.pack(f">BB{count}H", function, 2 * count, *values)


async def serve(
    plant: Plant, stop: asyncio.Event, host: str = LOOPBACK, announce: Callable[[str], None] = print
) -> None:
    """Serve all gateways of a plant until told to stop.

    :param announce: gets one line per gateway when it listens
    :raises OSError: a port is in use
    """
    talks: set[asyncio.Task] = set()
    servers = []
    try:
        for port in plant.ports.values():
            servers.append(await asyncio.start_server(_talker(plant, port, talks), host, port))
            units = ", ".join(map(str, plant.units(port)))
            announce(f"gateway listening on {host}:{port}, unit ids {units}")
        await stop.wait()
    finally:
        for server in servers:
            server.close()
        for talk in list(talks):
            talk.cancel()
        await asyncio.gather(*talks, return_exceptions=True)


def _talker(plant: Plant, port: int, talks: set[asyncio.Task]) -> Callable:
    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        talks.add(task)
        try:
            # A client that leaves, in the middle of a frame or not, ends its connection and nothing else.
            with contextlib.suppress(asyncio.IncompleteReadError, ConnectionError, asyncio.CancelledError):
                while await _answer_one(plant, port, reader, writer, talks):
                    pass
        finally:
            talks.discard(task)
            writer.close()

    return talk


async def _answer_one(
    plant: Plant, port: int, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, talks: set[asyncio.Task]
) -> bool:
    """Take one request and answer it. False when the connection is to end."""
    transaction, protocol, length, unit = struct.unpack(">HHHB", await reader.readexactly(7))
    if protocol or not 2 <= length <= _LARGEST_FRAME:
        return False
    request = await reader.readexactly(length - 1)
    fault = plant.fault(port, unit)
    if fault and fault.kind == "reset":
        writer.transport.abort()
        return False
    answer = plant.answer(port, unit, request)
    if answer is None or (fault and fault.kind == "silent"):
        return True
    frame = struct.pack(">HHHB", transaction, 0, len(answer) + 1, unit) + answer
    if fault and fault.kind == "late":
        # In a task of its own: a slow slave must not hold up the others behind its gateway.
        task = asyncio.create_task(_send_late(writer, frame, fault.value))
        talks.add(task)
        task.add_done_callback(talks.discard)
        return True
    writer.write(frame)
    await writer.drain()
    return True


async def _send_late(writer: asyncio.StreamWriter, frame: bytes, seconds: float) -> None:
    await asyncio.sleep(seconds)
    if not writer.is_closing():
        writer.write(frame)


def _arguments(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="simulator", description="Simulated meters behind Modbus TCP gateways.")
    parser.add_argument("--demo", action="store_true", required=True, help="serve the demo plant")
    parser.add_argument("--host", default=LOOPBACK, help="address to listen on (default: this computer only)")
    for number, port in enumerate(sorted({meter.port for meter in DEMO_METERS}), 1):
        parser.add_argument(f"--port{number}", type=int, default=port, help=f"port of gateway {number} ({port})")
    parser.add_argument(
        "--fault",
        action="append",
        default=[],
        type=_fault_argument,
        metavar="PORT:UNIT:KIND",
        help="silent, exception=N, late=SECONDS or reset; may be repeated",
    )
    return parser.parse_args(arguments)


def _fault_argument(text: str) -> Fault:
    try:
        return parse_fault(text)
    except ValueError as error:
        raise argparse.ArgumentTypeError(str(error)) from error


def _say(line: str) -> None:
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


async def _run(plant: Plant, host: str) -> None:
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, stop.set)
    await serve(plant, stop, host, _say)


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the simulator until SIGINT or SIGTERM.

    :param arguments: the command line's, without the program
    :return: exit status: 0 after a signal, 1 when a port cannot be used, 2 for a fault of no demo meter
    """
    options = _arguments(arguments)
    defaults = sorted({meter.port for meter in DEMO_METERS})
    ports = {port: getattr(options, f"port{number}") for number, port in enumerate(defaults, 1)}
    try:
        plant = Plant(ports=ports, faults=options.fault)
    except ValueError as error:
        sys.stderr.write(f"simulator: {error}\n")
        return 2
    try:
        asyncio.run(_run(plant, options.host))
    except OSError as error:
        sys.stderr.write(f"simulator: {error}\n")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
