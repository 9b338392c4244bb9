"""Asks each gateway at its own interval and writes what came to the spool; knows nothing of Odoo or HTTP."""

from __future__ import annotations

import asyncio
import logging
import sqlite3
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any

from .agent_board import CLOCK, FULL, MISTAKE, NO_DISK, UNKNOWN_MEANING, Board, Swept, readings_of, set_alarm
from .agent_wire import gateway_from_wire
from .health import SlaveHealth, still_refused
from .results import Gateway, GatewayResult
from .spool import Spool, SpoolFull
from .sweep import sweep

_logger = logging.getLogger(__name__)

LEAST_DEADLINE_SECONDS = 30.0
WRONG_CLOCK_SECONDS = 86_400.0  # before the time Odoo named last by more: a clock that was reset
_STEP_SECONDS = 1.0


@dataclass(slots=True)
class Work:
    """A gateway to be asked.

    :ivar wire: what Odoo sent, to see a change
    :ivar interval: seconds from sweep to sweep
    :ivar refused_since: when (seconds since the epoch) each refused place was found
    """

    wire: dict[str, Any]
    interval: float
    gateway: Gateway
    refused_since: dict[tuple[int, int, int], float]


class Sweeper:
    """All gateways side by side, each in a task of its own, so that a silent line delays no other."""

    def __init__(self, spool: Spool, board: Board, clock: Callable[[], float] = time.time) -> None:
        self.spool = spool
        self.board = board
        self.clock = clock
        self.works: dict[int, Work] = {}
        self._taken: dict[str, Any] | None = None
        # One thread writes, so that waiting for the disk delays no request's time-out.
        self._writer = ThreadPoolExecutor(1, thread_name_prefix="spool")

    async def run(self) -> None:
        """Ask until the board says stop; follow each new configuration."""
        tasks: dict[int, asyncio.Task] = {}
        while not self.board.stop.is_set():
            await self.take_configuration()
            for key in self.works:
                if key not in tasks or tasks[key].done():
                    tasks[key] = asyncio.create_task(self._ask_for_ever(key))
            await asyncio.sleep(0.2)
        await asyncio.wait(tasks.values(), timeout=5.0) if tasks else None
        self._writer.shutdown()

    async def run_once(self) -> None:
        """Ask every gateway once."""
        await self.take_configuration()
        await asyncio.gather(*(self.ask(key) for key in self.works))
        self._writer.shutdown()

    async def take_configuration(self) -> None:
        """Take over what Odoo sent, as far as it changed; a gateway that is just being asked ends its sweep first."""
        configuration = self.board.configuration
        if configuration is None or configuration is self._taken:
            return
        self._taken = configuration
        works, strange = {}, []
        for wire in configuration["gateways"]:
            try:
                work = await self._work(wire)
                works[work.gateway.key] = work
            except (ValueError, KeyError, TypeError, AttributeError) as error:
                strange.append(f"{wire.get('name')}: {error}")
        self.works = works
        await self._alarm(UNKNOWN_MEANING, "; ".join(strange))

    async def _work(self, wire: dict[str, Any]) -> Work:
        gateway = gateway_from_wire(wire["gateway"])
        old = self.works.get(gateway.key)
        if old and old.wire == wire:
            return old
        kept = await self._write(self.spool.get, f"health {gateway.key}", {})
        gateway.health = {int(unit): SlaveHealth.from_dict(state) for unit, state in kept.get("slaves", {}).items()}
        gateway.first_unit = kept.get("next_unit")
        refused = {tuple(place): since for place, since in kept.get("refused", [])}
        return Work(wire, max(float(wire["interval"]), _STEP_SECONDS), gateway, refused)

    # === ASKING === #
    async def _ask_for_ever(self, key: int) -> None:
        while (work := self.works.get(key)) and not self.board.stop.is_set():
            begun = self.clock()
            try:
                await self.ask(key)
                await self._alarm(f"{MISTAKE} {key}", "")
            except Exception as error:  # one gateway's failure is its own
                _logger.exception("gateway %s could not be asked", key)
                await self._alarm(f"{MISTAKE} {key}", f"{type(error).__name__}: {error}")
            await self._wait(begun, work.interval)

    async def _wait(self, begun: float, interval: float) -> None:
        """Until the next whole multiple of the interval; a clock that steps back keeps nobody waiting longer."""
        due = (begun // interval + 1) * interval
        while 0 < (left := due - self.clock()) <= interval and not self.board.stop.is_set():
            await asyncio.sleep(min(left, 0.2))

    async def ask(self, key: int) -> None:
        """One sweep of a gateway, its readings on disk; nothing when they could not be kept or dated."""
        if await self._write(self.spool.is_full):
            await self._alarm(FULL, f"{self.spool.path}")
            return
        await self._alarm(FULL, "")
        if await self._clock_is_wrong():
            return
        work = self.works[key]
        now = self.clock()
        gateway = work.gateway
        work.refused_since = still_refused(work.refused_since, now)
        gateway.bad = set(work.refused_since)
        deadline = max(work.interval, LEAST_DEADLINE_SECONDS)
        (result,) = await sweep([gateway], deadline_seconds=deadline, clock=self.clock)
        await self._keep(work, result, now)
        self.board.note_result(Swept(now, result, gateway.points))

    async def _keep(self, work: Work, result: GatewayResult, now: float) -> None:
        gateway = work.gateway
        gateway.health, gateway.first_unit = result.health, result.next_unit
        work.refused_since = {place: work.refused_since.get(place, now) for place in result.bad}
        readings = readings_of(result)
        state = {
            "slaves": {str(unit): health.to_dict() for unit, health in result.health.items()},
            "refused": [[list(place), since] for place, since in work.refused_since.items()],
            "next_unit": result.next_unit,
        }
        while True:
            try:
                await self._write(self.spool.append, readings, {f"health {gateway.key}": state})
                await self._alarm(NO_DISK, "")
                return
            except (SpoolFull, sqlite3.Error) as error:
                # What was read stays in memory and the gateway is not asked again until it is on disk.
                await self._alarm(NO_DISK, str(error))
                if self.board.stop.is_set():
                    _logger.critical(
                        "%s readings of gateway %s were never written: %s", len(readings), gateway.key, error
                    )
                    return
                await asyncio.sleep(_STEP_SECONDS)

    async def _clock_is_wrong(self) -> bool:
        """A computer without a battery wakes up in 1970: readings must not be dated then."""
        known = (self.board.configuration or {}).get("now", 0.0)
        wrong = self.clock() < known - WRONG_CLOCK_SECONDS
        if wrong:
            await self._alarm(CLOCK, "it is behind the time Odoo named by more than a day; the meters are not asked")
        elif self.board.alarms.get(CLOCK, "").startswith("it is behind"):
            await self._alarm(CLOCK, "")
        return wrong

    # === TELLING === #
    async def _alarm(self, word: str, detail: str) -> None:
        """Raise or, with an empty detail, end an alarm; the log tells every change."""
        if set_alarm(self.board, word, detail):
            try:
                await self._write(lambda: self.spool.put(alarms=dict(self.board.alarms)))
            except (SpoolFull, sqlite3.Error) as error:
                _logger.error("the alarm could not be written: %s", error)

    async def _write(self, work: Callable[..., Any], *arguments: Any) -> Any:
        return await asyncio.get_running_loop().run_in_executor(self._writer, work, *arguments)
