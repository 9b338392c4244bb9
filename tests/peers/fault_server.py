"""A Modbus server that misbehaves on command, in a thread of its own; no product code, no pymodbus, for tests only."""

from __future__ import annotations

import asyncio
import struct
import threading
from collections.abc import Callable
from dataclasses import dataclass, field

KINDS = (
    "silent",  # no answer
    "exception",  # value: the code
    "late",  # value: seconds the answer comes late
    "slow",  # value: seconds the line is busy with the answer; later requests wait their turn
    "held",  # the answer is sent in one piece with the next one
    "wrong_tid",  # MBAP only: another transaction id
    "wrong_unit",  # another unit id
    "wrong_function",  # the registers, under another function code
    "fewer",  # a sound frame with half the registers
    "lying_count",  # a byte count that does not fit the data
    "truncated",  # the first half of the frame
    "garbage",  # bytes of no meaning
    "pieces",  # a sound frame, byte after byte
    "close",  # closes the connection instead of answering
    "answer_and_close",  # answers, then closes
)

IDENTIFY = 43


@dataclass
class Fault:
    """What goes wrong for a unit.

    :ivar kind: one of ``KINDS``
    :ivar value: exception code or seconds
    :ivar times: how many requests are hit; None for all
    :ivar matches: (function, start, count) -> whether a request is hit
    """

    kind: str
    value: float = 0
    times: int | None = None
    matches: Callable[[int, int, int], bool] = lambda function, start, count: True


@dataclass
class _State:
    registers: Callable[[int, int, int], int] = lambda unit, function, address: address & 0xFFFF
    faults: dict[int, Fault] = field(default_factory=dict)
    requests: list[tuple[int, int, int, int]] = field(default_factory=list)
    connections: int = 0
    held: bytes = b""


class FaultServer:
    """A server on 127.0.0.1 whose registers hold their own address unless told otherwise. Example::

        with FaultServer() as server:
            server.fault(3, "silent")

    :ivar port: where it listens
    :ivar requests: (unit, function, start, count) received so far
    """

    def __init__(
        self,
        framer: str = "socket",
        registers: Callable[[int, int, int], int] | None = None,
        most_connections: int | None = None,
    ) -> None:
        """Start the server.

        :param framer: ``socket`` or ``rtu``
        :param registers: (unit, function, address) -> value
        :param most_connections: further ones are accepted and closed at once, as many gateways do
        """
        self.framer = framer
        self._most = most_connections
        self._open = 0
        self._state = _State()
        if registers:
            self._state.registers = registers
        self._loop = asyncio.new_event_loop()
        self._server: asyncio.Server | None = None
        self._tasks: set[asyncio.Task] = set()
        self._thread = threading.Thread(target=self._loop.run_forever, daemon=True)
        self._thread.start()
        self.port = asyncio.run_coroutine_threadsafe(self._start(), self._loop).result(5)

    @property
    def requests(self) -> list[tuple[int, int, int, int]]:
        """Requests received so far."""
        return self._state.requests

    @property
    def connections(self) -> int:
        """Connections accepted so far."""
        return self._state.connections

    def fault(self, unit: int, kind: str, value: float = 0, **options: object) -> None:
        """Let a unit misbehave from now on; see ``Fault``."""
        if kind not in KINDS:
            raise ValueError(f"no such fault: {kind}")
        self._state.faults[unit] = Fault(kind, value, **options)

    def heal(self, unit: int) -> None:
        """Let a unit answer properly again."""
        self._state.faults.pop(unit, None)

    def close(self) -> None:
        """Stop listening, drop connections, end the thread."""
        if self._thread.is_alive():
            asyncio.run_coroutine_threadsafe(self._stop(), self._loop).result(5)
            self._loop.call_soon_threadsafe(self._loop.stop)
            self._thread.join(5)
            self._loop.close()

    def __enter__(self) -> FaultServer:
        return self

    def __exit__(self, *_exc: object) -> None:
        self.close()

    async def _start(self) -> int:
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", 0)
        return self._server.sockets[0].getsockname()[1]

    async def _stop(self) -> None:
        self._server.close()
        for task in list(self._tasks):
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._state.connections += 1
        if self._most is not None and self._open >= self._most:
            writer.close()
            return
        self._open += 1
        task = asyncio.current_task()
        self._tasks.add(task)
        try:
            await self._talk(reader, writer)
        except (asyncio.IncompleteReadError, ConnectionError, asyncio.CancelledError):
            pass  # the client went away, or the server is being closed: the ordinary ends of a connection
        finally:
            self._open -= 1
            self._tasks.discard(task)
            writer.close()

    async def _talk(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while True:
            tid = struct.unpack(">H", (await reader.readexactly(6))[:2])[0] if self.framer == "socket" else 0
            unit, function = await reader.readexactly(2)
            # Device identification (43/14) has a byte less; it is not known here.
            rest = await reader.readexactly((3 if function == IDENTIFY else 4) + 2 * (self.framer == "rtu"))
            if function == IDENTIFY:
                writer.write(self._frame(tid, unit, bytes([function | 0x80, 1])))
                continue
            start, count = struct.unpack(">HH", rest[:4])
            self._state.requests.append((unit, function, start, count))
            fault = self._fault_for(unit, function, start, count)
            pdu = self._pdu(unit, function, start, count)
            if fault is None:
                writer.write(self._state.held + self._frame(tid, unit, pdu))
                self._state.held = b""
            elif fault.kind == "slow":
                await asyncio.sleep(fault.value)
                writer.write(self._frame(tid, unit, pdu))
            elif fault.kind == "held":
                self._state.held += self._frame(tid, unit, pdu)
            elif fault.kind == "late":
                delayed = asyncio.create_task(self._late(writer, self._frame(tid, unit, pdu), fault.value))
                self._tasks.add(delayed)
                delayed.add_done_callback(self._tasks.discard)
            elif await self._misbehave(writer, fault, tid, unit, pdu):
                return

    def _fault_for(self, unit: int, function: int, start: int, count: int) -> Fault | None:
        fault = self._state.faults.get(unit)
        if fault is None or not fault.matches(function, start, count):
            return None
        if fault.times is not None:
            if not fault.times:
                return None
            fault.times -= 1
        return fault

    def _pdu(self, unit: int, function: int, start: int, count: int) -> bytes:
        values = [self._state.registers(unit, function, address) for address in range(start, start + count)]
        if function in (1, 2):
            packed = bytearray(-(-count // 8))
            for place, value in enumerate(values):
                packed[place // 8] |= (value & 1) << place % 8
            return bytes([function, len(packed)]) + bytes(packed)
        return bytes([function, 2 * count]) + struct.pack(f">{count}H", *values)

    async def _late(self, writer: asyncio.StreamWriter, frame: bytes, seconds: float) -> None:
        await asyncio.sleep(seconds)
        if not writer.is_closing():
            writer.write(frame)

    async def _misbehave(self, writer: asyncio.StreamWriter, fault: Fault, tid: int, unit: int, pdu: bytes) -> bool:
        """Answer wrongly. True when the connection is to be closed."""
        half = (len(pdu) - 2) // 4 * 2
        wrong = {
            "exception": lambda: self._frame(tid, unit, bytes([pdu[0] | 0x80, int(fault.value)])),
            "wrong_tid": lambda: self._frame(tid + 7 & 0xFFFF, unit, pdu),
            "wrong_unit": lambda: self._frame(tid, unit + 1 & 0xFF, pdu),
            "wrong_function": lambda: self._frame(tid, unit, bytes([7 - pdu[0]]) + pdu[1:]),
            "fewer": lambda: self._frame(tid, unit, bytes([pdu[0], half]) + pdu[2 : 2 + half]),
            "lying_count": lambda: self._frame(tid, unit, bytes([pdu[0], min(pdu[1] + 6, 255)]) + pdu[2:]),
            "truncated": lambda: self._frame(tid, unit, pdu)[: (len(pdu) + 7) // 2],
            "garbage": lambda: b"\xde\xad\xbe\xef\x00\xff\x13\x37" * 3,
            "answer_and_close": lambda: self._frame(tid, unit, pdu),
            "pieces": lambda: self._frame(tid, unit, pdu),
        }
        if fault.kind == "pieces":
            for byte in wrong["pieces"]():
                writer.write(bytes([byte]))
                await writer.drain()
                await asyncio.sleep(0.001)
        elif fault.kind in wrong:
            writer.write(wrong[fault.kind]())
            await writer.drain()
        return fault.kind in ("close", "answer_and_close")

    def _frame(self, tid: int, unit: int, pdu: bytes) -> bytes:
        if self.framer == "socket":
            return struct.pack(">HHHB", tid, 0, len(pdu) + 1, unit) + pdu
        return bytes([unit]) + pdu + struct.pack("<H", _crc(bytes([unit]) + pdu))


def _crc(data: bytes) -> int:
    """CRC-16/MODBUS (Modbus over serial line 1.02, 6.2.2), bit by bit: another way than the product's library."""
    crc = 0xFFFF
    for byte in data:
        crc ^= byte
        for _ in range(8):
            crc = crc >> 1 ^ 0xA001 if crc & 1 else crc >> 1
    return crc
