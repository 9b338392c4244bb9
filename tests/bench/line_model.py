"""A serial line behind a transparent server, in a process of its own: an answer takes as long as its bytes on the wire."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

# The child's code: no imports but the standard library's, one connection, one request at a time.
_SERVE = """
import socket, struct, sys, time

def crc(data):
    value = 0xFFFF
    for byte in data:
        value ^= byte
        for _ in range(8):
            value = value >> 1 ^ 0xA001 if value & 1 else value >> 1
    return value

request_seconds, register_seconds = map(float, sys.argv[1:3])
listener = socket.create_server(("127.0.0.1", 0))
print(listener.getsockname()[1], flush=True)
frames = {}
while True:
    connection, _address = listener.accept()
    connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    while len(request := connection.recv(8)) == 8:
        due = time.monotonic()
        unit, function, start, count = struct.unpack(">BBHH", request[:6])
        frame = frames.get(request)
        if frame is None:
            body = struct.pack(f">BBB{count}H", unit, function, 2 * count, *([0x4120, 0] * count)[:count])
            frame = frames[request] = body + crc(body).to_bytes(2, "little")
        due += request_seconds + register_seconds * count
        time.sleep(max(due - time.monotonic(), 0))
        connection.sendall(frame)
    connection.close()
"""


class LineModel:
    """The line as a child process.

    :ivar port: where its server listens on 127.0.0.1
    """

    def __init__(self, cost) -> None:
        """Start it.

        :param cost: ``LineCost`` of the line
        """
        words = [sys.executable, "-c", _SERVE, str(cost.request_seconds), str(cost.register_seconds)]
        self._process = subprocess.Popen(words, stdout=subprocess.PIPE, text=True, cwd=Path("/"))
        self.port = int(self._process.stdout.readline())

    def close(self) -> None:
        """End it."""
        self._process.kill()
        self._process.wait()
        self._process.stdout.close()
