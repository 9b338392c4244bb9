"""Serves the demo plant over Modbus TCP: ``python -m energy_carbon_modbus.collector.simulator --demo``.

An asyncio server of its own rather than pymodbus's: that one cannot be silent for a unit, answer late or drop a
connection, and answers exception 4 for an unknown unit. What meters show is decided in ``demo_plant``, how they
misbehave in ``simulator_faults``, what is typed in ``simulator_options``.
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
from pathlib import Path

from .demo_plant import DEMO_METERS, DemoMeter
from .framing import crc
from .simulator_faults import LASTING, Fault, parse_fault, parse_faults, shown_registers
from .simulator_options import LOOPBACK, read_options

__all__ = ["DEMO_METERS", "Fault", "FaultFile", "Plant", "main", "parse_fault", "serve"]

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
        self._clock = clock
        self._asked: dict[tuple[int, int], dict[str, Fault]] = {}  # as last set
        self._faults: dict[tuple[int, int], dict[str, Fault]] = {}  # with those that last
        self._since: dict[tuple[int, int], dict[str, float]] = {}
        self.set_faults(faults)

    def set_faults(self, faults: Sequence[Fault]) -> None:
        """Have these faults from now on and no others; one that was there already goes on from when it began.

        What cannot be undone lasts: a register that began at 0 counts on from there, a meter that was put in stays.

        :raises ValueError: a fault names a meter that does not exist; nothing is changed then
        """
        found: dict[tuple[int, int], dict[str, Fault]] = {}
        for fault in faults:
            self._refuse_unknown(fault)
            found.setdefault((fault.port, fault.unit_id), {})[fault.kind] = fault
        now, since = self._clock(), {}
        for place, kinds in found.items():
            known, begun = self._asked.get(place, {}), self._since.get(place, {})
            since[place] = {kind: begun[kind] if known.get(kind) == fault else now for kind, fault in kinds.items()}
        self._asked = {place: dict(kinds) for place, kinds in found.items()}
        for place, kinds in self._faults.items():
            for kind in LASTING & kinds.keys() - found.get(place, {}).keys():
                found.setdefault(place, {})[kind] = kinds[kind]
                since.setdefault(place, {})[kind] = self._since[place][kind]
        self._faults, self._since = found, since

    @property
    def faults(self) -> list[Fault]:
        """Those in force."""
        return [fault for kinds in self._faults.values() for fault in kinds.values()]

    def has_meter(self, fault: Fault) -> bool:
        """Whether there is a meter where the fault is to be."""
        return (fault.port, fault.unit_id) in self._meters

    def _refuse_unknown(self, fault: Fault) -> None:
        if not self.has_meter(fault):
            raise ValueError(f"no demo meter at port {fault.port} unit {fault.unit_id}")

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
        return self._read(meter, request, (port, unit))

    def _read(self, meter: DemoMeter, request: bytes, place: tuple[int, int]) -> bytes:
        if len(request) != 5:
            return bytes([request[0] | 0x80, _ILLEGAL_VALUE])
        function, start, count = struct.unpack(">BHH", request)
        if not 1 <= count <= 125:
            return bytes([function | 0x80, _ILLEGAL_VALUE])
        faults, since = self._faults.get(place, {}), self._since.get(place, {})
        registers = shown_registers(meter, faults, self._clock(), since)
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


def _say(line: str) -> None:
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


class FaultFile:
    """A file of faults that is looked at again and again, so that a running plant can be broken and mended.

    :ivar always: faults that stay, whatever the file says
    """

    def __init__(
        self, plant: Plant, path: Path, always: Sequence[Fault] = (), announce: Callable[[str], None] = print
    ) -> None:
        """Take the file's faults over at once; a file that is not there has none.

        :param announce: gets what is wrong in the file, and one line when its faults are in force
        :raises OSError: it cannot be read
        """
        self.always = tuple(always)
        self._plant, self._path, self._announce = plant, path, announce
        self._text: str | None = None
        self.look()

    def look(self) -> None:
        """Take over what was changed since the last look."""
        try:
            text = self._path.read_text(errors="replace")
        except FileNotFoundError:
            text = ""
        if text == self._text:
            return
        self._text = text
        faults, problems = parse_faults(text)
        problems += [f"no demo meter for {fault}" for fault in faults if not self._plant.has_meter(fault)]
        found = [*self.always, *filter(self._plant.has_meter, faults)]
        self._plant.set_faults(found)
        for problem in problems:
            self._announce(f"not a fault: {problem}")
        self._announce(f"faults in force: {', '.join(map(str, self._plant.faults)) or 'none'}")

    async def watch(self, pause: float = 0.5) -> None:
        """Look every ``pause`` seconds, until cancelled."""
        while True:
            await asyncio.sleep(pause)
            self.look()


async def _run(plant: Plant, options: argparse.Namespace) -> None:
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, stop.set)
    served = asyncio.create_task(serve(plant, stop, options.host, _say))
    if options.fault_file:
        watcher = asyncio.create_task(FaultFile(plant, options.fault_file, options.fault, _say).watch())
        # Whichever ends first: a file that can be read no more is as good a reason to stop as an occupied port.
        await asyncio.wait([served, watcher], return_when=asyncio.FIRST_COMPLETED)
        stop.set()
        if watcher.done():
            await served
            await watcher
        watcher.cancel()
    await served


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the simulator until SIGINT or SIGTERM.

    :param arguments: the command line's, without the program
    :return: exit status: 0 after a signal, 1 when a port cannot be used, 2 for a fault of no demo meter
    """
    options = read_options(arguments)
    try:
        plant = Plant(ports=options.ports, faults=options.fault, rtu_port=options.rtu)
    except ValueError as error:
        sys.stderr.write(f"simulator: {error}\n")
        return 2
    try:
        asyncio.run(_run(plant, options))
    except OSError as error:
        sys.stderr.write(f"simulator: {error}\n")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
