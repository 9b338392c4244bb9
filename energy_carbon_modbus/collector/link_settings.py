"""How a gateway is reached and what a request came to, as plain records; knows nothing of sockets or meters."""

from __future__ import annotations

from dataclasses import dataclass, field

SILENCE = "silence"
EXCEPTION = "exception"
SHORT = "short"
GARBLED = "garbled"
WRONG_FUNCTION = "wrong_function"
CLOSED = "closed"
CONNECT = "connect"
ERRORS = (SILENCE, EXCEPTION, SHORT, GARBLED, WRONG_FUNCTION, CLOSED, CONNECT)

TCP = "socket"
RTU_OVER_TCP = "rtu"
SERIAL = "serial"
FRAMERS = (TCP, RTU_OVER_TCP, SERIAL)
PARITIES = ("N", "E", "O")
_FRAME_BYTES = 8 + 5  # RTU: a read request, and an answer around its data
SILENT_CHARACTERS = 3.5  # between two RTU frames (serial line specification 1.02, 2.5.1.1)
LEAST_SILENCE = 0.00175  # the same above 19,200 baud

Frame = tuple[str, bytes]


@dataclass(frozen=True, slots=True)
class LinkSettings:
    """How to reach a gateway; all times in seconds.

    :ivar host: name or address; with framer ``serial`` the port's device, such as ``/dev/ttyUSB0``
    :ivar framer: ``socket`` (Modbus TCP), ``rtu`` (RTU frames through TCP) or ``serial`` (RTU on a serial port)
    :ivar timeout: wait for one answer, on top of the time its bytes need on a line of known speed
    :ivar turnaround: pause between an answer and the next request
    :ivar connect_timeout: wait for the connection, name look-up included
    :ivar pause_after_connect: pause before the first request
    :ivar retries: repetitions after a silence or a spoilt answer, 0 or 1
    :ivar quiet: how long an RTU line must be silent after a failure before it is used again
    :ivar late_window: how long after a time-out an RTU slave's late answer is waited for before that slave is asked
        again; None for twice the time-out
    :ivar busy_pause: wait before repeating a request answered with exception 5 or 6
    :ivar trace: keep the raw frames in the answers
    :ivar baud: bits a second of the line, needed for ``serial``; 0 where it is not known or does not count
    :ivar parity: ``N``, ``E`` or ``O``
    :ivar stop_bits: 1 or 2
    :ivar keep_open: leave the connection open for the next sweep of this process
    :ivar keepalive: have the system find out when the peer of an idle connection is gone
    """

    host: str
    port: int = 502
    framer: str = TCP
    timeout: float = 1.0
    turnaround: float = 0.0
    connect_timeout: float = 3.0
    pause_after_connect: float = 0.0
    retries: int = 0
    quiet: float = 0.05
    late_window: float | None = None
    busy_pause: float = 0.3
    trace: bool = False
    baud: int = 0
    parity: str = "N"
    stop_bits: int = 1
    keep_open: bool = False
    keepalive: bool = True

    def __post_init__(self) -> None:
        if self.framer not in FRAMERS:
            raise ValueError(f"framer {self.framer!r} is not one of {', '.join(FRAMERS)}")
        if not self.host or not 1 <= self.port <= 65535:
            raise ValueError(f"{self.host!r} port {self.port} is no address")
        if self.timeout <= 0 or self.connect_timeout <= 0:
            raise ValueError("time-outs must be above 0")
        if min(self.turnaround, self.pause_after_connect, self.quiet, self.busy_pause, self.late_window or 0) < 0:
            raise ValueError("pauses cannot be negative")
        if self.retries not in (0, 1):
            raise ValueError(f"{self.retries} retries: only 0 or 1 make sense on a line")
        if self.baud < 0 or (self.framer == SERIAL and not self.baud):
            raise ValueError(f"{self.baud} baud is no line speed")
        if self.parity not in PARITIES or self.stop_bits not in (1, 2):
            raise ValueError(f"parity {self.parity!r} with {self.stop_bits} stop bits is no line setting")

    @property
    def address(self) -> tuple:
        """What makes two connections the same."""
        return self.framer, self.host, self.port, self.baud, self.parity, self.stop_bits

    @property
    def bits_a_character(self) -> int:
        """Bits of a byte on the line: start, eight of data, parity, stop."""
        return 9 + (self.parity != "N") + self.stop_bits

    def wire_seconds(self, data_bytes: int) -> float:
        """How long a read and its answer are on the line; 0 where its speed is not known."""
        return (_FRAME_BYTES + data_bytes) * self.bits_a_character / self.baud if self.baud else 0.0


@dataclass(slots=True)
class Answer:
    """What came of a request.

    :ivar registers: registers, or bits as 0 and 1, exactly as many as asked; empty after an error
    :ivar error: None or one of ``ERRORS``: no answer in time; an exception; truncated or of another length; bytes that are
        no answer (CRC error); of another function; connection lost; no connection
    :ivar exception_code: 1 to 11 with error ``exception``
    :ivar seconds: from sending to the answer or to giving up
    :ivar timed_out: the whole time-out was waited for
    :ivar frames: (``tx`` or ``rx``, bytes) in order, when tracing
    :ivar pdu: function and data of the answer as they came, when there was one
    """

    registers: tuple[int, ...] = ()
    error: str | None = None
    exception_code: int | None = None
    seconds: float = 0.0
    timed_out: bool = False
    frames: list[Frame] = field(default_factory=list)
    pdu: bytes = b""
