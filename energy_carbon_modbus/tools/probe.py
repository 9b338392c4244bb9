"""What the engineer's buttons ask of a line: can it be reached, what does each point answer. Imports no odoo."""

from __future__ import annotations

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

    :ivar reason: None, or a word of ``wire.REASONS``
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


def check_connection(settings: LinkSettings) -> ConnectionCheck:
    """Open a connection and close it.

    :param settings: of the gateway; the name look-up counts towards ``connect_timeout``
    """
    started = time.monotonic()
    reason = run_blocking(lambda: _connection_failure(settings))
    return ConnectionCheck(reason, time.monotonic() - started)


def probe_points(settings: LinkSettings, points: Sequence[Point], deadline_seconds: float) -> ProbeResult:
    """Read points one request each, so that each shows its own answer, frames and time.

    The first silence ends the reading: on a serial line every further one would cost a time-out.

    :param settings: of the gateway, with ``trace`` to get the frames
    """
    return run_blocking(lambda: _probe(settings, points, deadline_seconds))


def read_registers(
    settings: LinkSettings, unit: int, function: int, start: int, count: int, needed: tuple[int, int]
) -> tuple[list[int | None], Answer | None]:
    """Read registers around a value, one by one where the device refuses to give all of them.

    :param needed: first address and number of registers without which there is nothing to look at
    :return: registers in order, None where the device gave none; and the failure of those that are needed, or None
    """
    return run_blocking(lambda: _read_registers(settings, unit, function, start, count, needed))


async def _read_registers(
    settings: LinkSettings, unit: int, function: int, start: int, count: int, needed: tuple[int, int]
) -> tuple[list[int | None], Answer | None]:
    registers: list[int | None] = [None] * count
    async with Link(settings) as link:
        answer = await link.read(unit, function, start, count)
        if not answer.error:
            return list(answer.registers), None
        answer = await link.read(unit, function, *needed)
        if answer.error:
            return registers, answer
        place = needed[0] - start
        registers[place : place + needed[1]] = answer.registers
        # Outwards from the value: what lies behind a refused register is of no use to a value beside it.
        for places in (range(place - 1, -1, -1), range(place + needed[1], count)):
            for other in places:
                answer = await link.read(unit, function, start + other, 1)
                if answer.error:
                    break
                registers[other] = answer.registers[0]
    return registers, None


async def _connection_failure(settings: LinkSettings) -> str | None:
    async with Link(settings) as link:
        return link.reason


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
