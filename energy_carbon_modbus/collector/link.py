"""One connection to a gateway: a request, its answer or what went wrong; knows nothing of meters, plans or sweeps.

One request is in flight at a time. Function code and length of an answer are compared with the request, a lost
connection ends a request at once, pauses are kept, and after a time-out with RTU framing, which has no transaction id,
no late answer is taken for the next request's. Bytes are in ``framing``, sockets and serial ports in ``wire``.
"""

from __future__ import annotations

import asyncio
import struct
from functools import cache

from .framing import SPOILT, Mbap, Rtu
from .link_settings import (
    CLOSED,
    CONNECT,
    ERRORS,
    EXCEPTION,
    FRAMERS,
    GARBLED,
    LEAST_SILENCE,
    RTU_OVER_TCP,
    SERIAL,
    SHORT,
    SILENCE,
    SILENT_CHARACTERS,
    TCP,
    WRONG_FUNCTION,
    Answer,
    Frame,
    LinkSettings,
)
from .point import BIT_FUNCTIONS
from .runner import run_blocking
from .wire import KEPT, TIMEOUT, NoWire, Wire, open_serial, open_tcp

__all__ = [
    "CLOSED",
    "CONNECT",
    "ERRORS",
    "EXCEPTION",
    "FRAMERS",
    "GARBLED",
    "RTU_OVER_TCP",
    "SERIAL",
    "SHORT",
    "SILENCE",
    "TCP",
    "WRONG_FUNCTION",
    "Answer",
    "Frame",
    "Link",
    "LinkSettings",
    "read_once",
]

READ_FUNCTIONS = (1, 2, 3, 4)
# Read device identification, basic objects (Modbus application protocol 1.1b3, 6.21).
_IDENTIFY = bytes([0x2B, 0x0E, 0x01, 0x00])
_IDENTITY_BYTES = 250  # at most


class Link:
    """A connection with one request in flight. Device behaviour never raises: it is an ``Answer.error``. Example::

        async with Link(LinkSettings("192.0.2.7")) as link:
            answer = await link.read(1, 3, 0, 10)

    :ivar requests: requests sent
    :ivar reason: why the last attempt to connect failed, a word of ``wire.REASONS``; None when it did not
    :ivar heard: anything at all has arrived through this connection or an earlier one
    """

    def __init__(self, settings: LinkSettings) -> None:
        self.settings = settings
        self.requests = 0
        self.reason: str | None = None
        self.heard = False
        self._rtu = settings.framer != TCP
        self._framing = Rtu() if self._rtu else Mbap()
        self._wire: Wire | None = None
        self._lock = asyncio.Lock()
        self._loop = asyncio.get_running_loop()
        self._frames: list[Frame] = []
        self._waiter: asyncio.Future | None = None
        self._deadline = 0.0
        self._timer: asyncio.TimerHandle | None = None
        self._free_at = 0.0
        self._late_until: dict[int, float] = {}
        self._pause = settings.turnaround
        if settings.framer == SERIAL:
            silence = SILENT_CHARACTERS * settings.bits_a_character / settings.baud
            self._pause = max(self._pause, silence, LEAST_SILENCE)

    async def __aenter__(self) -> Link:
        await self.connect()
        return self

    async def __aexit__(self, *_exc: object) -> None:
        self.release()

    @property
    def connected(self) -> bool:
        """Whether the connection stands, as far as this side knows."""
        return self._wire is not None

    async def connect(self) -> bool:
        """Connect, dropping a standing connection; one that was kept open is taken up again.

        :return: False when the gateway cannot be reached, ``reason`` says why; nothing raises
        """
        self.close()
        wire = KEPT.take(self.settings.address) if self.settings.keep_open else None
        pause = 0.0 if wire else self.settings.pause_after_connect
        self.reason = None
        try:
            if wire is None:
                async with asyncio.timeout(self.settings.connect_timeout):
                    wire = await self._open()
        except NoWire as failure:
            self.reason = failure.reason
        except TimeoutError:
            self.reason = TIMEOUT
        if wire is None:
            return False
        self._wire = wire
        self._loop.add_reader(wire.fileno(), self._on_readable)
        self._free_at = self._loop.time() + pause if pause else 0.0
        return True

    def close(self) -> None:
        """Close the connection; harmless when there is none."""
        if wire := self._detach():
            wire.close()

    def release(self) -> None:
        """Close the connection, or keep it for the next sweep where the settings say so and nothing is under way."""
        clean = not self._late_until and not self._framing.fragment
        if not (wire := self._detach()):
            return
        if self.settings.keep_open and clean:
            KEPT.keep(self.settings.address, wire)
        else:
            wire.close()

    async def read(self, unit: int, function: int, start: int, count: int) -> Answer:
        """Read registers or bits.

        :param unit: slave address, 0 to 255
        :param function: 1 to 4
        :param start: 0-based address
        :param count: 1 to 125 registers, or 1 to 2000 bits
        :return: the values or the error; an idle connection found closed is opened again once
        :raises ValueError: a number outside the protocol's range (a mistake of the caller, nothing is sent)
        """
        limit = 2000 if function in BIT_FUNCTIONS else 125
        in_range = 0 <= unit <= 255 and 1 <= count <= limit and 0 <= start <= 65536 - count
        if function not in READ_FUNCTIONS or not in_range:
            raise ValueError(f"no such read: unit {unit}, function {function}, address {start}, count {count}")
        size = -(-count // 8) if function in BIT_FUNCTIONS else 2 * count
        return await self._ask(unit, _request(function, start, count), count, size)

    async def identify(self, unit: int) -> Answer:
        """Ask a slave who it is (function 43/14, basic objects); many do not know the function.

        :return: ``pdu`` as it came, see ``framing``; an exception or silence is an error as ever
        """
        return await self._ask(unit, _IDENTIFY, 0, _IDENTITY_BYTES)

    async def _ask(self, unit: int, pdu: bytes, count: int, size: int) -> Answer:
        """Ask, again where that may help.

        :param count: values asked for; 0 when the answer has none to take
        :param size: data bytes of the answer
        """
        async with self._lock:
            answer = await self._attempt(unit, pdu, count, size)
            if answer.error == CLOSED:
                # The same question at once: a late answer to the first is as good. Other questions wait for it to pass.
                answer = await self._attempt(unit, pdu, count, size, at_once=True)
            repetitions = self.settings.retries
            while answer.error in (SILENCE, SHORT, GARBLED) and repetitions:
                repetitions -= 1
                answer = await self._attempt(unit, pdu, count, size)
            if self._frames:
                answer.frames, self._frames = self._frames, []
            return answer

    async def _attempt(self, unit: int, pdu: bytes, count: int, size: int, at_once: bool = False) -> Answer:
        if self._wire is None and not await self.connect():
            return Answer(error=CONNECT)
        if self._late_until or self._free_at > self._loop.time():
            await self._wait_until_clear(None if at_once else unit)
        if self._wire is None:
            return Answer(error=CLOSED)
        sent = self._loop.time()
        deadline = sent + self.settings.timeout + self.settings.wire_seconds(size)
        try:
            reply = await self._exchange(unit, pdu, deadline)
        except asyncio.CancelledError:
            self._mistrust(unit, SILENCE)
            raise
        now = self._loop.time()
        self._free_at = now + self._pause
        answer = _judge(reply, pdu[0], count, size)
        answer.seconds = now - sent
        answer.timed_out = now >= deadline and answer.error in (SILENCE, SHORT)
        if answer.error not in (None, EXCEPTION):
            self._mistrust(unit, answer.error)
        return answer

    async def _exchange(self, unit: int, pdu: bytes, deadline: float) -> bytes | str:
        """Send a request: the answer's function and data, or the word for why there is none."""
        frame = self._framing.request(unit, pdu)
        self.requests += 1
        if self.settings.trace:
            self._frames.append(("tx", frame))
        self._waiter = waiter = self._loop.create_future()
        try:
            self._wire.send(frame)
            self._watch(deadline)
            return await waiter
        except OSError:
            self.close()
            return CLOSED
        finally:
            self._waiter = None
            self._framing.forget()

    # === TIME === #
    def _watch(self, deadline: float) -> None:
        """Have ``_on_time`` called at the deadline. One timer serves many requests: most are answered long before."""
        self._deadline = deadline
        if self._timer is not None and self._timer.when() > deadline:
            self._timer.cancel()
            self._timer = None
        if self._timer is None:
            self._timer = self._loop.call_at(deadline, self._on_time)

    def _on_time(self) -> None:
        self._timer = None
        if self._waiter is None or self._waiter.done():
            return
        if self._loop.time() < self._deadline:
            self._watch(self._deadline)
        else:
            self._waiter.set_result(SHORT if self._framing.fragment else SILENCE)

    async def _wait_until_clear(self, unit: int | None) -> None:
        """Keep the pauses; on RTU drain until silent; a slave that owes an answer waits until it came or time is up."""
        while (wait := max(self._free_at, self._late_until.get(unit, 0.0)) - self._loop.time()) > 0:
            # In small steps: bytes that arrive meanwhile shorten the one (owed answer) and lengthen the other (quiet).
            await asyncio.sleep(min(wait, self.settings.quiet or wait))
        self._late_until.pop(unit, None)

    def _mistrust(self, unit: int, error: str) -> None:
        """After a failure: what may still arrive must not be taken for an answer to come."""
        now = self._loop.time()
        if self._rtu:
            window = self.settings.late_window
            self._late_until[unit] = now + (2 * self.settings.timeout if window is None else window)
            self._free_at = max(self._free_at, now + self.settings.quiet)
            self._framing.clear()
        elif error in (SHORT, GARBLED):
            # Half a frame may be on its way; MBAP has no mark to find the next beginning by.
            self.close()

    # === BYTES === #
    async def _open(self) -> Wire:
        settings = self.settings
        if settings.framer == SERIAL:
            return open_serial(settings.host, settings.baud, settings.parity, settings.stop_bits)
        return await open_tcp(settings.host, settings.port, settings.keepalive)

    def _detach(self) -> Wire | None:
        wire, self._wire = self._wire, None
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        if wire is not None:
            self._loop.remove_reader(wire.fileno())
            self._framing.clear()
        return wire

    def _on_readable(self) -> None:
        try:
            data = self._wire.receive()
        except (BlockingIOError, InterruptedError):
            return
        except OSError:
            data = b""
        waiting = self._waiter is not None and not self._waiter.done()
        if not data:
            self.close()
            if waiting:
                self._waiter.set_result(CLOSED)
            return
        self.heard = True
        if self.settings.trace:
            self._trace(data)
        reply = self._framing.feed(data)
        if self._rtu:
            self._notice_late(data, waiting)
        if waiting and reply is not None:
            self._waiter.set_result(GARBLED if reply == SPOILT else reply)

    def _notice_late(self, data: bytes, waiting: bool) -> None:
        """A late answer that came is owed no more; on a line that speaks unasked, wait until it is silent."""
        for unit in self._framing.late:
            self._late_until.pop(unit, None)
        self._framing.late.clear()
        if not waiting:
            self._late_until.pop(data[0], None)
            self._framing.clear()
            self._free_at = max(self._free_at, self._loop.time() + self.settings.quiet)

    def _trace(self, data: bytes) -> None:
        """Keep what arrived; an answer in pieces is one frame."""
        if self._frames and self._frames[-1][0] == "rx" and self._framing.fragment:
            data = self._frames.pop()[1] + data
        self._frames.append(("rx", data))


@cache
def _request(function: int, start: int, count: int) -> bytes:
    return struct.pack(">BHH", function, start, count)


@cache
def _words(count: int) -> struct.Struct:
    return struct.Struct(f">{count}H")


def _judge(reply: bytes | str, function: int, count: int, size: int) -> Answer:
    """Compare an answer with the request, function and length, and take its values.

    :param reply: function and data, or the word for why there is none
    """
    if isinstance(reply, str):
        return Answer(error=reply)
    code = reply[0]
    if code == function | 0x80 and len(reply) == 2:
        return Answer(error=EXCEPTION, exception_code=reply[1], pdu=reply)
    if code & 0x7F != function:
        return Answer(error=WRONG_FUNCTION, pdu=reply)
    if code != function or len(reply) < 2 or (count and reply[1] != len(reply) - 2):
        return Answer(error=GARBLED, pdu=reply)
    if count and reply[1] != size:
        return Answer(error=SHORT, pdu=reply)
    if function in BIT_FUNCTIONS:
        return Answer(tuple(reply[2 + place // 8] >> place % 8 & 1 for place in range(count)), pdu=reply)
    return Answer(_words(count).unpack_from(reply, 2) if count else (), pdu=reply)


def read_once(settings: LinkSettings, unit: int, function: int, start: int, count: int) -> Answer:
    """One read on a connection of its own, for code without an event loop (*Test read*).

    :return: as ``Link.read``
    :raises ValueError: as ``Link.read``
    """

    async def run() -> Answer:
        async with Link(settings) as link:
            return await link.read(unit, function, start, count)

    return run_blocking(run)
