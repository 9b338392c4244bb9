"""What the engineer's buttons ask of a line: can it be reached, what does each point answer. Imports no odoo."""

from __future__ import annotations

import asyncio
import socket
import time
from collections.abc import Sequence
from dataclasses import dataclass, field

from ..collector.link import CONNECT, SILENCE, Answer, Frame, Link, LinkSettings
from ..collector.point import Point
from ..collector.runner import run_blocking

NOT_ASKED = "not asked"
# The exceptions by which a gateway says that the slave behind it is silent.
GATEWAY_SILENT = (10, 11)


@dataclass(frozen=True, slots=True)
class ConnectionCheck:
    """What came of opening a connection.

    :ivar reason: None, or ``unknown_name``, ``refused``, ``timeout``, ``unreachable``
    :ivar seconds: until the connection stood or was given up
    """

    reason: str | None
    seconds: float


@dataclass(slots=True)
class ProbeResult:
    """What came of reading a meter's points one by one.

    :ivar answers: one for each point asked for, in order; error ``not asked`` after a silence or at the deadline
    :ivar frames: all raw frames, (``tx`` or ``rx``, bytes), in order
    :ivar seconds: of the whole reading
    """

    answers: list[Answer] = field(default_factory=list)
    frames: list[Frame] = field(default_factory=list)
    seconds: float = 0.0


def check_connection(host: str, port: int, timeout: float) -> ConnectionCheck:
    """Open a TCP connection and close it.

    :param timeout: seconds, name look-up included
    """
    started = time.monotonic()
    reason = run_blocking(lambda: _connection_failure(host, port, timeout))
    return ConnectionCheck(reason, time.monotonic() - started)


def probe_points(settings: LinkSettings, points: Sequence[Point], deadline_seconds: float) -> ProbeResult:
    """Read points one request each, so that each shows its own answer, frames and time.

    The first silence ends the reading: on a serial line every further one would cost a time-out.

    :param settings: of the gateway, with ``trace`` to get the frames
    """
    return run_blocking(lambda: _probe(settings, points, deadline_seconds))


async def _connection_failure(host: str, port: int, timeout: float) -> str | None:
    try:
        _reader, writer = await asyncio.wait_for(asyncio.open_connection(host, port), timeout)
    except TimeoutError:
        return "timeout"
    except socket.gaierror:
        return "unknown_name"
    except ConnectionRefusedError:
        return "refused"
    except OSError:
        return "unreachable"
    writer.close()
    return None


async def _probe(settings: LinkSettings, points: Sequence[Point], deadline_seconds: float) -> ProbeResult:
    result, started = ProbeResult(), time.monotonic()
    silent = False
    async with Link(settings) as link:
        for point in points:
            if silent or time.monotonic() - started > deadline_seconds:
                result.answers.append(Answer(error=NOT_ASKED))
                continue
            answer = await link.read(point.unit_id, point.function, point.address, point.count)
            silent = answer.error in (SILENCE, CONNECT) or answer.exception_code in GATEWAY_SILENT
            result.answers.append(answer)
            result.frames += answer.frames
    result.seconds = time.monotonic() - started
    return result
