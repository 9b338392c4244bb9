"""Protocol peers for tests: a C server on libmodbus and one that misbehaves on command (``fault_server``)."""

from __future__ import annotations

import hashlib
import os
import socket
import subprocess
import tempfile
from collections.abc import Sequence
from pathlib import Path

_SOURCE = Path(__file__).with_name("modbus_server.c")


def free_port() -> int:
    """A TCP port of 127.0.0.1 that was free a moment ago."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def build_libmodbus_server() -> Path:
    """Compile ``modbus_server.c`` once (into ``EC_PEER_BUILD`` or the temporary folder).

    :return: the program
    :raises RuntimeError: no compiler or no libmodbus (Debian: gcc, libmodbus-dev)
    """
    default = Path(tempfile.gettempdir()) / f"ec-peers-{os.getuid()}"
    folder = Path(os.environ.get("EC_PEER_BUILD") or default)
    folder.mkdir(parents=True, exist_ok=True)
    program = folder / f"modbus_server-{hashlib.sha256(_SOURCE.read_bytes()).hexdigest()[:12]}"
    if not program.exists():
        fresh = program.with_suffix(f".{os.getpid()}")
        command = ["cc", "-O2", "-Wall", "-I/usr/include/modbus", str(_SOURCE), "-o", str(fresh), "-lmodbus"]
        try:
            subprocess.run(command, check=True, capture_output=True, text=True)
        except FileNotFoundError as error:
            raise RuntimeError("no C compiler: install gcc and libmodbus-dev") from error
        except subprocess.CalledProcessError as error:
            raise RuntimeError(f"modbus_server.c does not compile:\n{error.stderr}") from error
        fresh.replace(program)
    return program


class LibmodbusServer:
    """The C server as a context manager. Example::

        with LibmodbusServer() as server:
            server.set(1, 3, 0, [1, 2, 3])

    :ivar port: where it listens on 127.0.0.1
    """

    def __init__(self, port: int = 0, latency_ms: float = 0.0, strict: bool = False) -> None:
        """Start the server.

        :param port: 0 for a free one
        :param latency_ms: pause before each answer
        :param strict: addresses never set answer exception 2 instead of 0
        :raises RuntimeError: it cannot be built or cannot listen
        """
        self.port = port or free_port()
        arguments = [str(build_libmodbus_server()), str(self.port), str(latency_ms), str(int(strict))]
        self._process = subprocess.Popen(
            arguments, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, bufsize=1
        )
        if self._process.stdout.readline().strip() != "listening":
            error = self._process.stderr.read()
            self.close()
            raise RuntimeError(f"modbus_server: {error.strip()}")

    @property
    def pid(self) -> int:
        """Process id, for tests that stop and continue it."""
        return self._process.pid

    def set(self, unit: int, function: int, address: int, registers: Sequence[int]) -> None:
        """Set registers (or bits) from ``address`` on; a unit exists from its first ``set`` on.

        :raises RuntimeError: the server refuses the place
        """
        for first in range(0, len(registers), 100):
            values = " ".join(f"{register:04x}" for register in registers[first : first + 100])
            self._command(f"set {unit} {function} {address + first} {values}")

    def set_latency(self, milliseconds: float) -> None:
        """Change the pause before each answer."""
        self._command(f"latency {milliseconds}")

    def close(self) -> None:
        """Stop the server and wait for its end."""
        self._process.stdin.close()
        try:
            self._process.wait(timeout=5)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        self._process.stdout.close()
        self._process.stderr.close()

    def __enter__(self) -> LibmodbusServer:
        return self

    def __exit__(self, *_exc: object) -> None:
        self.close()

    def _command(self, line: str) -> None:
        self._process.stdin.write(line + "\n")
        self._process.stdin.flush()
        reply = self._process.stdout.readline().strip()
        if reply != "ok":
            raise RuntimeError(f"modbus_server on {line[:40]!r}: {reply or 'ended'}")
