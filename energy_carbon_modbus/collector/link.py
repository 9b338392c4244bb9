"""One connection to a gateway: a request, its answer or what went wrong; knows nothing of meters, plans or sweeps.

pymodbus frames and parses; this module adds what it leaves out (its version 3.16.1, checked by runs): function code and
length are compared with the request, a lost connection ends a request at once, pauses are kept, and after a time-out
with RTU framing, which has no transaction id, no late answer is taken for the next request's.
"""

from __future__ import annotations

import asyncio
import logging
from dataclasses import dataclass, field
from typing import Any

from .point import BIT_FUNCTIONS
from .runner import run_blocking

SILENCE = "silence"
EXCEPTION = "exception"
SHORT = "short"
WRONG_FUNCTION = "wrong_function"
CLOSED = "closed"
CONNECT = "connect"
ERRORS = (SILENCE, EXCEPTION, SHORT, WRONG_FUNCTION, CLOSED, CONNECT)

_METHODS = {1: "read_coils", 2: "read_discrete_inputs", 3: "read_holding_registers", 4: "read_input_registers"}
# An answer and the end of the connection may arrive together: the answer gets this long to be taken first.
_CLOSE_GRACE_SECONDS = 0.02

Frame = tuple[str, bytes]


@dataclass(frozen=True, slots=True)
class LinkSettings:
    """How to reach a gateway; all times in seconds.

    :ivar framer: ``socket`` (Modbus TCP) or ``rtu`` (RTU frames through TCP)
    :ivar timeout: wait for one answer
    :ivar turnaround: pause between an answer and the next request
    :ivar connect_timeout: wait for the connection, name look-up included
    :ivar pause_after_connect: pause before the first request
    :ivar retries: repetitions after a silence or a spoilt answer, 0 or 1
    :ivar quiet: how long an RTU line must be silent after a failure before it is used again
    :ivar late_window: how long after a time-out an RTU slave's late answer is waited for before that slave is asked
        again; None for twice the time-out
    :ivar busy_pause: wait before repeating a request answered with exception 5 or 6
    :ivar trace: keep the raw frames in the answers
    """

    host: str
    port: int = 502
    framer: str = "socket"
    timeout: float = 1.0
    turnaround: float = 0.0
    connect_timeout: float = 3.0
    pause_after_connect: float = 0.0
    retries: int = 0
    quiet: float = 0.05
    late_window: float | None = None
    busy_pause: float = 0.3
    trace: bool = False

    def __post_init__(self) -> None:
        if self.framer not in ("socket", "rtu"):
            raise ValueError(f"framer {self.framer!r} is neither 'socket' nor 'rtu'")
        if not self.host or not 1 <= self.port <= 65535:
            raise ValueError(f"{self.host!r} port {self.port} is no address")
        if self.timeout <= 0 or self.connect_timeout <= 0:
            raise ValueError("time-outs must be above 0")
        if min(self.turnaround, self.pause_after_connect, self.quiet, self.busy_pause, self.late_window or 0) < 0:
            raise ValueError("pauses cannot be negative")
        if self.retries not in (0, 1):
            raise ValueError(f"{self.retries} retries: only 0 or 1 make sense on a line")


@dataclass(slots=True)
class Answer:
    """What came of a request.

    :ivar registers: registers, or bits as 0 and 1, exactly as many as asked; empty after an error
    :ivar error: None or one of ``ERRORS``: no answer in time; an exception; truncated, unreadable or of another length;
        of another function; connection lost; no connection
    :ivar exception_code: 1 to 11 with error ``exception``
    :ivar seconds: from sending to the answer or to giving up
    :ivar frames: (``tx`` or ``rx``, bytes) in order, when tracing
    """

    registers: tuple[int, ...] = ()
    error: str | None = None
    exception_code: int | None = None
    seconds: float = 0.0
    frames: list[Frame] = field(default_factory=list)


class Link:
    """A connection with one request in flight. Device behaviour never raises: it is an ``Answer.error``. Example::

    async with Link(LinkSettings("192.0.2.7")) as link:
        answer = await link.read(1, 3, 0, 10)
    """

    def __init__(self, settings: LinkSettings) -> None:
        self.settings = settings
        self.requests = 0
        self._client: Any = None
        self._rtu = settings.framer == "rtu"
        self._lock = asyncio.Lock()
        self._frames: list[Frame] = []
        self._waiting: asyncio.Task | None = None
        self._given_up: str | None = None
        self._asked = -1
        self._fragment = False
        self._free_at = 0.0
        self._late_until: dict[int, float] = {}

    async def __aenter__(self) -> Link:
        await self.connect()
        return self

    async def __aexit__(self, *_exc: object) -> None:
        self.close()

    @property
    def connected(self) -> bool:
        """Whether the connection stands, as far as this side knows."""
        return self._client is not None and self._client.connected

    async def connect(self) -> bool:
        """Connect, dropping a standing connection.

        :return: False when the gateway cannot be reached; nothing raises
        """
        self.close()
        client = self._new_client()
        try:
            if not await asyncio.wait_for(client.connect(), self.settings.connect_timeout):
                return False
        except TimeoutError:
            client.close()
            return False
        except asyncio.CancelledError:
            client.close()
            raise
        self._client = client
        self._free_at = asyncio.get_running_loop().time() + self.settings.pause_after_connect
        return True

    def close(self) -> None:
        """Close the connection; harmless when there is none."""
        if self._client is not None:
            self._client.close()
            self._client = None

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
        if function not in _METHODS or not in_range:
            raise ValueError(f"no such read: unit {unit}, function {function}, address {start}, count {count}")
        async with self._lock:
            answer = await self._attempt(unit, function, start, count)
            repetitions = self.settings.retries
            if answer.error == CLOSED:
                # The same question at once: a late answer to the first is as good. Other questions wait for it to pass.
                answer = await self._attempt(unit, function, start, count, at_once=True)
            while answer.error in (SILENCE, SHORT) and repetitions:
                repetitions -= 1
                answer = await self._attempt(unit, function, start, count)
            answer.frames, self._frames = self._frames, []
            return answer

    async def _attempt(self, unit: int, function: int, start: int, count: int, at_once: bool = False) -> Answer:
        if not self.connected and not await self.connect():
            return Answer(error=CONNECT)
        await self._wait_until_clear(None if at_once else unit)
        if not self.connected:
            return Answer(error=CLOSED)
        loop = asyncio.get_running_loop()
        sent = loop.time()
        try:
            reply, reason = await self._exchange(unit, function, start, count)
        except asyncio.CancelledError:
            self._mistrust(unit, SILENCE, loop.time())
            raise
        answer = Answer(error=reason) if reply is None else _judge(reply, function, count)
        now = loop.time()
        answer.seconds = now - sent
        self._free_at = now + self.settings.turnaround
        if answer.error not in (None, EXCEPTION):
            self._mistrust(unit, answer.error, now)
        return answer

    async def _exchange(self, unit: int, function: int, start: int, count: int) -> tuple[Any, str | None]:
        """Send a request: pymodbus's reply, or None and why there is none."""
        from pymodbus.exceptions import ModbusException

        task = asyncio.current_task()
        self.requests += 1
        self._waiting, self._given_up, self._asked, self._fragment = task, None, unit, False
        timer = asyncio.get_running_loop().call_later(self.settings.timeout, self._give_up, self.requests, SILENCE)
        try:
            return await getattr(self._client, _METHODS[function])(start, count=count, device_id=unit), None
        except asyncio.CancelledError:
            # Either our own timer woke us, or the caller cancelled: then it must go on.
            if self._given_up is None or task.cancelling() > 1:
                raise
            return None, SHORT if self._fragment and self._given_up == SILENCE else self._given_up
        except ModbusException:
            return None, CLOSED
        finally:
            timer.cancel()
            self._waiting = None
            if self._given_up is not None:
                task.uncancel()

    def _mistrust(self, unit: int, error: str, now: float) -> None:
        """After a failure: what may still arrive must not be taken for an answer to come."""
        if self._rtu:
            window = self.settings.late_window
            self._late_until[unit] = now + (2 * self.settings.timeout if window is None else window)
            self._free_at = max(self._free_at, now + self.settings.quiet)
        elif error == SHORT:
            # Half a frame may be on its way; MBAP has no mark to find the next beginning by.
            self.close()

    async def _wait_until_clear(self, unit: int | None) -> None:
        """Keep the pauses; on RTU drain until silent; a slave that owes an answer waits until it came or time is up."""
        loop = asyncio.get_running_loop()
        while (wait := max(self._free_at, self._late_until.get(unit, 0.0)) - loop.time()) > 0:
            # In small steps: bytes that arrive meanwhile shorten the one (owed answer) and lengthen the other (quiet).
            await asyncio.sleep(min(wait, self.settings.quiet or wait))
        self._late_until.pop(unit, None)

    def _give_up(self, request: int, reason: str) -> None:
        """Wake the waiting request; a timer of an earlier request does nothing."""
        if self._waiting is not None and self._given_up is None and request == self.requests:
            self._given_up = reason
            self._waiting.cancel()

    def _on_connect(self, connected: bool) -> None:
        if not connected and self._waiting is not None:
            loop = asyncio.get_running_loop()
            loop.call_later(_CLOSE_GRACE_SECONDS, self._give_up, self.requests, CLOSED)

    def _on_packet(self, sending: bool, data: bytes) -> bytes:
        """See every packet: keep the trace and notice what arrives unasked. Returns the data, as pymodbus demands."""
        if self.settings.trace:
            self._trace("tx" if sending else "rx", data)
        if not sending and data:
            if self._rtu:
                self._notice_late(data)
                return _without_late_frames(data, self._asked) if self._waiting is not None else data
            self._fragment = int.from_bytes(data[2:4], "big") != 0 or _mbap_length(data) > len(data)
        return data

    def _notice_late(self, data: bytes) -> None:
        if self._waiting is not None and data[0] == self._asked:
            self._fragment = True
            return
        self._late_until.pop(data[0], None)
        self._free_at = max(self._free_at, asyncio.get_running_loop().time() + self.settings.quiet)

    def _trace(self, direction: str, data: bytes) -> None:
        """Keep a frame; pymodbus shows a frame that arrives in pieces again from its beginning."""
        if self._frames and direction == "rx" and self._frames[-1][0] == "rx" and data.startswith(self._frames[-1][1]):
            self._frames.pop()
        self._frames.append((direction, bytes(data)))

    def _new_client(self) -> Any:
        from pymodbus.client import AsyncModbusTcpClient

        # Its messages about silent devices go where ours already are: into results, not into the server's error log.
        logging.getLogger("pymodbus.logging").setLevel(logging.CRITICAL)
        return AsyncModbusTcpClient(
            self.settings.host,
            port=self.settings.port,
            framer=self.settings.framer,
            # Never the first to end a wait: time-outs are kept here, so that silences do not cost the connection.
            timeout=self.settings.timeout + self.settings.connect_timeout,
            retries=0,
            reconnect_delay=0,
            trace_packet=self._on_packet,
            trace_connect=self._on_connect,
        )


def _judge(reply: Any, function: int, count: int) -> Answer:
    """Compare a reply with the request: pymodbus checks neither function nor length."""
    if reply.function_code & 0x7F != function:
        return Answer(error=WRONG_FUNCTION)
    if reply.isError():
        return Answer(error=EXCEPTION, exception_code=reply.exception_code)
    if function in BIT_FUNCTIONS:
        if len(reply.bits) != -(-count // 8) * 8:
            return Answer(error=SHORT)
        return Answer(registers=tuple(map(int, reply.bits[:count])))
    if len(reply.registers) != count:
        return Answer(error=SHORT)
    return Answer(registers=tuple(reply.registers))


def _without_late_frames(data: bytes, asked: int) -> bytes:
    """Cut off another slave's late frame in front of the answer: pymodbus would drop both together."""
    while len(data) > 5 and data[0] != asked:
        size = 5 if data[1] & 0x80 else 5 + data[2]
        if len(data) <= size or _crc(data[:size]):
            break
        data = data[size:]
    return data


def _crc(frame: bytes) -> int:
    """CRC-16 of Modbus RTU (serial line specification 1.02, 6.2.2); 0 for a whole frame with its own CRC."""
    crc = 0xFFFF
    for byte in frame:
        crc ^= byte
        for _ in range(8):
            crc = crc >> 1 ^ 0xA001 if crc & 1 else crc >> 1
    return crc


def _mbap_length(data: bytes) -> int:
    return int.from_bytes(data[4:6], "big") + 6 if len(data) >= 6 else 7


def read_once(settings: LinkSettings, unit: int, function: int, start: int, count: int) -> Answer:
    """One read on a connection of its own, for code without an event loop (*Test read*).

    :return: as ``Link.read``
    :raises ValueError: as ``Link.read``
    """

    async def run() -> Answer:
        async with Link(settings) as link:
            return await link.read(unit, function, start, count)

    return run_blocking(run)
