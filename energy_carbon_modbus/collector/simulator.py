"""Serves the demo plant over Modbus TCP: ``python -m energy_carbon_modbus.collector.simulator --demo``.

An asyncio server of its own rather than pymodbus's: that one cannot be silent for a unit, answer late or drop a
connection, and answers exception 4 for an unknown unit. What meters show is decided in ``demo_plant``, how they
misbehave in ``simulator_faults``.
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

from .demo_plant import DEMO_METERS, DemoMeter
from .framing import crc
from .simulator_faults import Fault, parse_fault, shown_registers

__all__ = ["DEMO_METERS", "Fault", "Plant", "main", "parse_fault", "serve"]

LOOPBACK = "127.0.0.1"
_ILLEGAL_FUNCTION, _ILLEGAL_ADDRESS, _ILLEGAL_VALUE = 1, 2, 3
_LARGEST_FRAME = 260  # MBAP length field of a sound request is far below
_IDENTIFY = b"\x2b\x0e"
_IDENTIFY_BYTES, _READ_BYTES = 7, 8  # RTU requests with unit and CRC


class Plant:
    """Meters behind gateways, as pure functions of a clock.

    :ivar ports: ports of the gateways in use, by the ports in ``DEMO_METERS``
    :ivar rtu_port: where the first gateway's line is served a second time, as RTU over TCP; None for nowhere
    """

    def __init__(
        self,
        meters: Sequence[DemoMeter] = DEMO_METERS,
        ports: dict[int, int] | None = None,
        faults: Sequence[Fault] = (),
        clock: Callable[[], float] = time.time,
        rtu_port: int | None = None,
    ) -> None:
        """Make a plant.

        :param ports: other ports by default port; those not named stay
        :param faults: by the ports in use; several for one meter add up
        :param clock: gives seconds since the epoch
        :param rtu_port: see the class
        :raises ValueError: a fault names a meter that does not exist
        """
        self.ports = {meter.port: (ports or {}).get(meter.port, meter.port) for meter in meters}
        self.rtu_port = rtu_port
        self._meters = {(self.ports[meter.port], meter.unit_id): meter for meter in meters}
        if rtu_port is not None:
            first = min(self.ports)
            self._meters |= {(rtu_port, meter.unit_id): meter for meter in meters if meter.port == first}
        self._faults: dict[tuple[int, int], dict[str, Fault]] = {}
        for fault in faults:
            self._faults.setdefault((fault.port, fault.unit_id), {})[fault.kind] = fault
        self._clock = clock
        self._start = clock()
        if unknown := sorted(self._faults.keys() - self._meters.keys()):
            raise ValueError(f"no demo meter at port {unknown[0][0]} unit {unknown[0][1]}")

    def units(self, port: int) -> list[int]:
        """Unit ids behind a gateway."""
        return sorted(unit for gateway, unit in self._meters if gateway == port)

    def fault(self, port: int, unit: int, kind: str) -> Fault | None:
        """The fault of that kind of a slave, if it has it."""
        return self._faults.get((port, unit), {}).get(kind)

    def answer(self, port: int, unit: int, request: bytes) -> bytes | None:
        """The answer to a request, both without header (function code first).

        :return: None when no such slave exists
        """
        meter = self._meters.get((port, unit))
        if meter is None:
            return None
        if fault := self.fault(port, unit, "exception"):
            return bytes([request[0] | 0x80, int(fault.value)])
        if request[:2] == _IDENTIFY:
            return _identity(meter)
        if request[0] not in (3, 4):
            return bytes([request[0] | 0x80, _ILLEGAL_FUNCTION])
        return self._read(meter, request, self._faults.get((port, unit), {}))

    def _read(self, meter: DemoMeter, request: bytes, faults: dict[str, Fault]) -> bytes:
        if len(request) != 5:
            return bytes([request[0] | 0x80, _ILLEGAL_VALUE])
        function, start, count = struct.unpack(">BHH", request)
        if not 1 <= count <= 125:
            return bytes([function | 0x80, _ILLEGAL_VALUE])
        registers = shown_registers(meter, faults, self._clock(), self._start)
        # Like most meters, gaps between the listed registers read as 0, what lies beyond them is refused.
        places = [address for code, address in registers if code == function]
        if not places or start < min(places) or start + count - 1 > max(places):
            return bytes([function | 0x80, _ILLEGAL_ADDRESS])
        values = [registers.get((function, address), 0) for address in range(start, start + count)]
        return struct.pack(f">BB{count}H", function, 2 * count, *values)


def _identity(meter: DemoMeter) -> bytes:
    """Answer to function 43/14: vendor, product and revision (Modbus application protocol 1.1b3, 6.21)."""
    texts = [text.encode()[:60] for text in (meter.manufacturer, meter.model, "simulated")]
    objects = b"".join(bytes([number, len(text)]) + text for number, text in enumerate(texts))
    return _IDENTIFY + bytes([1, 1, 0, 0, len(texts)]) + objects


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
            servers.append(await asyncio.start_server(_talker(plant, port, talks, _Mbap), host, port))
            announce(f"gateway listening on {host}:{port}, unit ids {_listed(plant, port)}")
        if (port := plant.rtu_port) is not None:
            servers.append(await asyncio.start_server(_talker(plant, port, talks, _Rtu), host, port))
            announce(f"gateway listening on {host}:{port} with RTU frames, unit ids {_listed(plant, port)}")
        await stop.wait()
    finally:
        for server in servers:
            server.close()
        for talk in list(talks):
            talk.cancel()
        await asyncio.gather(*talks, return_exceptions=True)


def _listed(plant: Plant, port: int) -> str:
    return ", ".join(map(str, plant.units(port)))


class _Mbap:
    """Frames of Modbus TCP."""

    @staticmethod
    async def request(reader: asyncio.StreamReader) -> tuple[int, int, bytes] | None:
        """Transaction, unit and request; None when no more can be understood."""
        transaction, protocol, length, unit = struct.unpack(">HHHB", await reader.readexactly(7))
        if protocol or not 2 <= length <= _LARGEST_FRAME:
            return None
        return transaction, unit, await reader.readexactly(length - 1)

    @staticmethod
    def frame(transaction: int, unit: int, answer: bytes) -> bytes:
        return struct.pack(">HHHB", transaction, 0, len(answer) + 1, unit) + answer

    @staticmethod
    def damaged(frame: bytes) -> bytes:
        """The protocol field says that this is no Modbus."""
        return frame[:2] + b"\xa5\x5a" + frame[4:]


class _Rtu:
    """Frames of a serial line."""

    @staticmethod
    async def request(reader: asyncio.StreamReader) -> tuple[int, int, bytes] | None:
        """0, unit and request; None when no more can be understood."""
        data = await reader.readexactly(_IDENTIFY_BYTES)
        if data[1:3] != _IDENTIFY:
            data += await reader.readexactly(_READ_BYTES - _IDENTIFY_BYTES)
        return None if crc(data) else (0, data[0], data[1:-2])

    @staticmethod
    def frame(_transaction: int, unit: int, answer: bytes) -> bytes:
        data = bytes([unit]) + answer
        return data + crc(data).to_bytes(2, "little")

    @staticmethod
    def damaged(frame: bytes) -> bytes:
        """One bit of the CRC is wrong, as after noise on the line."""
        return frame[:-1] + bytes([frame[-1] ^ 0x10])


def _talker(plant: Plant, port: int, talks: set[asyncio.Task], framing: type[_Mbap] | type[_Rtu]) -> Callable:
    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        talks.add(task)
        try:
            # A client that leaves, in the middle of a frame or not, ends its connection and nothing else.
            with contextlib.suppress(asyncio.IncompleteReadError, ConnectionError, asyncio.CancelledError):
                while asked := await framing.request(reader):
                    if not _answer_one(plant, port, asked, framing, writer, talks):
                        break
                    await writer.drain()
        finally:
            talks.discard(task)
            writer.close()

    return talk


def _answer_one(
    plant: Plant,
    port: int,
    asked: tuple[int, int, bytes],
    framing: type[_Mbap] | type[_Rtu],
    writer: asyncio.StreamWriter,
    talks: set[asyncio.Task],
) -> bool:
    """Answer one request. False when the connection is to end."""
    transaction, unit, request = asked
    if plant.fault(port, unit, "reset"):
        writer.transport.abort()
        return False
    answer = plant.answer(port, unit, request)
    if answer is None or plant.fault(port, unit, "silent"):
        return True
    frame = framing.frame(transaction, unit, answer)
    if plant.fault(port, unit, "garbage"):
        frame = framing.damaged(frame)
    if fault := plant.fault(port, unit, "late"):
        # In a task of its own: a slow slave must not hold up the others behind its gateway.
        task = asyncio.create_task(_send_late(writer, frame, fault.value))
        talks.add(task)
        task.add_done_callback(talks.discard)
    else:
        writer.write(frame)
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
        help="silent, exception=N, late=SECONDS, garbage, reset (of the connection), counter-reset or serial=NUMBER; "
        "may be repeated",
    )
    parser.add_argument("--rtu", type=int, metavar="PORT", help="serve gateway 1's line as RTU over TCP there, too")
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
        plant = Plant(ports=ports, faults=options.fault, rtu_port=options.rtu)
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
