"""RTU slaves on a pseudo terminal: what a serial port with meters behind it looks like; no product code."""

from __future__ import annotations

import os
import select
import struct
import threading
import time
import tty

from .fault_server import _crc


class SerialSlaves:
    """Slaves whose registers hold their own address, on one end of a pseudo terminal. Example::

        with SerialSlaves() as line:
            open_serial(line.device, ...)

    :ivar device: the other end, to be opened as a serial port
    :ivar requests: (unit, function, start, count) received so far
    :ivar silent: units that do not answer
    :ivar late: seconds by unit that its next answer comes late
    """

    def __init__(self) -> None:
        self._master, self._slave = os.openpty()
        tty.setraw(self._master)
        tty.setraw(self._slave)
        self.device = os.ttyname(self._slave)
        self.requests: list[tuple[int, int, int, int]] = []
        self.silent: set[int] = set()
        self.late: dict[int, float] = {}
        self.noise = b""
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._serve, daemon=True)
        self._thread.start()

    def __enter__(self) -> SerialSlaves:
        return self

    def __exit__(self, *_exc: object) -> None:
        self._stop.set()
        self._thread.join(5)
        os.close(self._master)
        os.close(self._slave)

    def _serve(self) -> None:
        received = b""
        while not self._stop.is_set():
            if not select.select([self._master], [], [], 0.05)[0]:
                received = b""  # silence ends a frame
                continue
            received += os.read(self._master, 256)
            if len(received) >= 8:
                self._answer(received[:8])
                received = received[8:]

    def _answer(self, frame: bytes) -> None:
        unit, function, start, count = struct.unpack(">BBHH", frame[:6])
        if struct.unpack("<H", frame[6:])[0] != _crc(frame[:6]):
            return
        self.requests.append((unit, function, start, count))
        if unit in self.silent:
            return
        data = struct.pack(f">BBB{count}H", unit, function, 2 * count, *range(start, start + count))
        time.sleep(self.late.pop(unit, 0.0))
        os.write(self._master, self.noise + data + struct.pack("<H", _crc(data)))
