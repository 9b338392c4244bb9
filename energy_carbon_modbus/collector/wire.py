"""The way to a gateway, open: a TCP connection or a serial port, as bytes; knows nothing of Modbus.

Both are a file descriptor that never blocks, so one belongs to no event loop: it may be kept and used by the next one.
"""

from __future__ import annotations

import asyncio
import logging
import os
import socket
import threading
import time
from typing import Any, Protocol

_logger = logging.getLogger(__name__)

UNKNOWN_NAME = "unknown_name"
REFUSED = "refused"
TIMEOUT = "timeout"
UNREACHABLE = "unreachable"
IN_USE = "in_use"
NO_PORT = "no_port"
REASONS = (UNKNOWN_NAME, REFUSED, TIMEOUT, UNREACHABLE, IN_USE, NO_PORT)

# Keepalive: a peer that is gone shows after about a minute, not after TCP's two hours.
_KEEPALIVE = (("TCP_KEEPIDLE", 30), ("TCP_KEEPINTVL", 10), ("TCP_KEEPCNT", 3))
_RECEIVE_BYTES = 4096
# A connection nobody used for so long is closed.
IDLE_SECONDS = 3_900.0


class NoWire(Exception):
    """The gateway cannot be reached.

    :ivar reason: one of ``REASONS``
    """

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class Wire(Protocol):
    """What ``TcpWire`` and ``SerialWire`` have in common; both raise OSError when the way is lost."""

    def fileno(self) -> int: ...
    def send(self, data: bytes) -> None: ...
    def receive(self) -> bytes: ...
    def close(self) -> None: ...


class TcpWire:
    """A TCP connection."""

    def __init__(self, connection: socket.socket) -> None:
        self._socket = connection
        self.fileno = connection.fileno
        self.close = connection.close

    def send(self, data: bytes) -> None:
        """Send a request; it is far smaller than any socket's buffer.

        :raises OSError: the connection is lost, or its buffer is full since nobody takes anything
        """
        if self._socket.send(data) != len(data):
            raise BlockingIOError("the other side takes nothing")

    def receive(self) -> bytes:
        """What arrived; empty at the end of the connection.

        :raises OSError: the connection is lost; BlockingIOError: nothing arrived
        """
        return self._socket.recv(_RECEIVE_BYTES)


class SerialWire:
    """A serial port of this computer, of which nobody else may have it open."""

    def __init__(self, port: Any) -> None:
        self._port = port
        self.fileno = port.fileno
        self.close = port.close

    def send(self, data: bytes) -> None:
        """Send a request.

        :raises OSError: the port is gone
        """
        if os.write(self._port.fileno(), data) != len(data):
            raise BlockingIOError("the serial port takes nothing")

    def receive(self) -> bytes:
        """What arrived; empty when the port is gone.

        :raises OSError: the port is gone; BlockingIOError: nothing arrived
        """
        return os.read(self._port.fileno(), _RECEIVE_BYTES)


async def open_tcp(host: str, port: int, keepalive: bool) -> TcpWire:
    """Connect, to each of the name's addresses in turn.

    :param keepalive: have the system find out when the peer is gone
    :raises NoWire: with the reason
    """
    loop = asyncio.get_running_loop()
    failure: OSError | None = None
    for family, address in await _addresses(loop, host, port):
        connection = socket.socket(family, socket.SOCK_STREAM)
        try:
            connection.setblocking(False)
            connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            if keepalive:
                _keep_alive(connection)
            await loop.sock_connect(connection, address)
            return TcpWire(connection)
        except OSError as error:
            connection.close()
            failure = error
        except BaseException:
            connection.close()
            raise
    raise NoWire(REFUSED if isinstance(failure, ConnectionRefusedError) else UNREACHABLE) from failure


def open_serial(device: str, baud: int, parity: str, stop_bits: int) -> SerialWire:
    """Open a serial port of this computer, 8 data bits.

    :param device: such as ``/dev/ttyUSB0``
    :param parity: ``N``, ``E`` or ``O``
    :param stop_bits: 1 or 2
    :raises NoWire: there is none, somebody else has it, or it may not be opened
    """
    import serial

    try:
        port = serial.Serial(device, baud, parity=parity, stopbits=stop_bits, timeout=0, write_timeout=0, exclusive=True)
        port.reset_input_buffer()
    except serial.SerialException as error:
        if "exclusively lock" in str(error):
            raise NoWire(IN_USE) from error
        raise NoWire(NO_PORT) from error
    except (OSError, ValueError) as error:
        raise NoWire(NO_PORT) from error
    return SerialWire(port)


async def _addresses(loop: asyncio.AbstractEventLoop, host: str, port: int) -> list[tuple[int, tuple]]:
    for family in (socket.AF_INET, socket.AF_INET6):
        try:
            socket.inet_pton(family, host)
        except OSError:
            continue
        return [(family, (host, port))]
    try:
        found = await loop.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except (socket.gaierror, UnicodeError) as error:
        raise NoWire(UNKNOWN_NAME) from error
    return [(family, address) for family, _type, _protocol, _name, address in found]


def _keep_alive(connection: socket.socket) -> None:
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
    for name, value in _KEEPALIVE:
        if option := getattr(socket, name, None):  # not every system has all three
            connection.setsockopt(socket.IPPROTO_TCP, option, value)


class KeptWires:
    """Open ways that wait for the next sweep of this process; each belongs to one user at a time."""

    def __init__(self) -> None:
        self._kept: dict[Any, tuple[Wire, float]] = {}
        self._lock = threading.Lock()

    def take(self, key: Any) -> Wire | None:
        """The way kept under the key, if it still stands; it is the caller's from now on."""
        with self._lock:
            wire, _since = self._kept.pop(key, (None, 0.0))
        if wire is None:
            return None
        try:
            # What came meanwhile answers nothing.
            while wire.receive():
                continue
        except (BlockingIOError, InterruptedError):
            return wire
        except OSError as error:
            _logger.debug("a kept connection is lost: %s", error)
        wire.close()
        return None

    def keep(self, key: Any, wire: Wire) -> None:
        """Keep a way; those that were not used for long are closed."""
        now = time.monotonic()
        with self._lock:
            old = [other for other, (_wire, since) in self._kept.items() if now - since > IDLE_SECONDS]
            leaving = [self._kept.pop(other)[0] for other in old]
            if key in self._kept:
                leaving.append(self._kept.pop(key)[0])
            self._kept[key] = wire, now
        for one in leaving:
            one.close()

    def close(self) -> None:
        """Close all of them."""
        with self._lock:
            leaving, self._kept = [wire for wire, _since in self._kept.values()], {}
        for wire in leaving:
            wire.close()


KEPT = KeptWires()
