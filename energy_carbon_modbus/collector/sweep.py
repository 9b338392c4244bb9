"""One round through all gateways, side by side, within a deadline; knows nothing of Odoo or storage."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Iterable
from typing import Any

from .results import (
    BACK_OFF,
    DEADLINE,
    MISSING,
    NOT_REACHED,
    UNSUPPORTED,
    Gateway,
    GatewayResult,
    PointResult,
    SlaveResult,
)
from .runner import run_blocking
from .turn import Turn

__all__ = [
    "BACK_OFF",
    "DEADLINE",
    "MISSING",
    "NOT_REACHED",
    "UNSUPPORTED",
    "Gateway",
    "GatewayResult",
    "PointResult",
    "SlaveResult",
    "run_sweep",
    "sweep",
]


async def sweep(
    gateways: Iterable[Gateway],
    *,
    deadline_seconds: float,
    max_concurrent: int = 200,
    clock: Callable[[], float] = time.time,
) -> list[GatewayResult]:
    """Read all points once, gateways side by side, one request in flight on each.

    Device failures are results. At the deadline what was read is kept and the rest is ``not reached``.

    :param deadline_seconds: time the whole sweep may take
    :param max_concurrent: gateways asked at the same time
    :param clock: gives seconds since the epoch; for tests
    :return: results in the order of ``gateways``
    :raises Exception: a mistake in this program, after all other gateways had their turn
    """
    turns = [Turn(gateway, clock) for gateway in gateways]
    if not turns:
        return []
    slots = asyncio.Semaphore(max_concurrent)
    tasks = [asyncio.create_task(_run_turn(turn, slots)) for turn in turns]
    await _wait_until(tasks, deadline_seconds)
    for task in tasks:
        if not task.cancelled() and (error := task.exception()):
            raise error
    return [turn.result(interrupted=task.cancelled()) for turn, task in zip(turns, tasks, strict=True)]


def run_sweep(gateways: Iterable[Gateway], **options: Any) -> list[GatewayResult]:
    """``sweep`` for code without an event loop, from any thread (a scheduled action's, for one).

    :param options: as for ``sweep``
    """
    return run_blocking(lambda: sweep(gateways, **options))


async def _wait_until(tasks: list[asyncio.Task], deadline_seconds: float) -> None:
    """Wait for the tasks and end those that are not done in time."""
    try:
        _done, pending = await asyncio.wait(tasks, timeout=max(deadline_seconds, 0.0))
        while pending:
            for task in pending:
                task.cancel()
            _done, pending = await asyncio.wait(pending, timeout=0.1)
    finally:
        for task in tasks:
            task.cancel()


async def _run_turn(turn: Turn, slots: asyncio.Semaphore) -> None:
    async with slots:
        await turn.run()
