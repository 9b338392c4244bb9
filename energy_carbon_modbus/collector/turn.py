"""A gateway's part of a sweep: which slave is asked when, and what becomes of an answer; knows no other gateway."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Sequence

from .health import SlaveHealth
from .link import CLOSED, CONNECT, EXCEPTION, GARBLED, SILENCE, Answer, Link
from .plan import ANY_COUNT, MAX_REGISTERS, WHOLE_FUNCTION, Block, block_of, is_bad
from .point import Point
from .prepare import Prepared
from .results import (
    BACK_OFF,
    BUSY,
    DEADLINE,
    NOT_REACHED,
    UNSUPPORTED,
    Batch,
    Gateway,
    GatewayResult,
    SlaveResult,
)
from .unit_code import code_points, settle
from .wire import IN_USE, REFUSED

_ILLEGAL_FUNCTION = 1
_ILLEGAL_PLACE = (2, 3)  # illegal address, illegal value (for many devices: too many registers)
_BUSY = (5, 6)
_GATEWAY_SILENT = (10, 11)
# A gateway that refuses connections but answered within this time is taken to serve somebody else.
_ANSWERED_LATELY_SECONDS = 86_400.0


class _EndOfTurn(Exception):
    """A slave will not be asked further in this sweep."""


class _NoGateway(Exception):
    """The gateway cannot be reached; the message is the word for it."""


class Turn:
    """A gateway's part of a sweep; holds what was read so that an interruption loses nothing."""

    def __init__(self, gateway: Gateway, clock: Callable[[], float]) -> None:
        self.gateway = gateway
        self.clock = clock
        self.bad = set(gateway.bad)
        self.health = dict(gateway.health)
        self.batches: list[Batch] = []
        self.slaves: dict[int, SlaveResult] = {}
        self.rtts: list[float] = []
        if gateway.prepared is None or not gateway.prepared.is_for(gateway.points):
            gateway.prepared = Prepared(gateway.points, code_points(gateway.points))
        self.prepared = gateway.prepared
        # Slaves without a whole turn so far, and what of their points is settled already.
        self.open = dict.fromkeys(self.prepared.by_unit)
        self.settled: list[Point] = []
        self.current: int | None = None
        # Of the slave whose turn it is: functions answered with exception 1, and those that gave values.
        self.refused_functions: set[int] = set()
        self.known_functions: set[int] = set()
        self.error: str | None = None
        self.link: Link | None = None
        self.seconds = 0.0

    async def run(self) -> None:
        """Ask every slave: the healthy in order, those that were silent last."""
        started = time.monotonic()
        units = self._order()
        try:
            async with Link(self.gateway.settings) as self.link:
                if units and not self.link.connected:
                    raise _NoGateway(self._no_connection())
                for unit in units:
                    await self._ask_slave(unit)
                    if self._is_hung_up_on():
                        # Nobody was asked in truth, so nobody was silent.
                        self.health = dict(self.gateway.health)
                        raise _NoGateway(BUSY)
        except _NoGateway as end:
            self.error = str(end)
            self._fail_rest(self.error)
        finally:
            self.seconds = time.monotonic() - started

    def result(self, interrupted: bool) -> GatewayResult:
        """Close the books: what is left unread was not reached."""
        left = self._order() if interrupted else []
        if interrupted:
            self.error = DEADLINE
            self._fail_rest(NOT_REACHED)
        result = GatewayResult.of_batches(
            self.batches,
            key=self.gateway.key,
            ok=self.error is None,
            error=self.error,
            slaves=self.slaves,
            requests=self.link.requests if self.link else 0,
            seconds=self.seconds,
            bad=self.bad,
            health=self.health,
            next_unit=left[0] if left else None,
            reason=self.link.reason if self.link else None,
        )
        if self.prepared.coded:
            result.points = settle(result.points, self.prepared.coded)
        return result

    def _order(self) -> list[int]:
        first = self.gateway.first_unit or 0
        return sorted(self.open, key=lambda unit: (self._health(unit).in_back_off, unit < first, unit))

    def _is_hung_up_on(self) -> bool:
        """Whether the gateway ends each connection and never said a word: most such serve one connection only."""
        if self.link.heard:
            return False
        words = [slave.error for slave in self.slaves.values() if slave.error != BACK_OFF]
        return bool(words) and set(words) == {CLOSED} and (len(words) > 1 or not self.open)

    def _no_connection(self) -> str:
        """The word for a gateway that lets nobody in: one that refuses though it answered lately serves another.

        Unless it broke off in this very sweep: while we had its connection nobody else could take it.
        """
        lately = self.clock() - _ANSWERED_LATELY_SECONDS
        answered = any((health.last_success or 0.0) > lately for health in self.health.values())
        refused = self.link.reason == IN_USE or (self.link.reason == REFUSED and answered and not self.link.heard)
        return BUSY if refused else CONNECT

    def _health(self, unit: int) -> SlaveHealth:
        return self.health.get(unit) or SlaveHealth()

    async def _ask_slave(self, unit: int) -> None:
        """Give a slave its turn and note how it went."""
        self.current, self.settled = unit, []
        health = self._health(unit)
        if not health.is_due(self.clock()):
            self.slaves[unit] = SlaveResult(ok=False, error=BACK_OFF)
            self._fail_rest_of(unit, BACK_OFF)
            return
        self.rtts, self.refused_functions, self.known_functions = [], set(), set()
        self.slaves[unit] = SlaveResult(ok=True)
        try:
            if health.in_back_off:
                await self._probe(unit)
            for block in self._plan(unit):
                await self._ask_block(block)
            del self.open[unit]
        except _EndOfTurn as end:
            self._end_turn(unit, str(end))
        finally:
            unknown = self.refused_functions - self.known_functions
            self.bad |= {(unit, function, WHOLE_FUNCTION) for function in unknown}
            if self.rtts:
                self.slaves[unit].rtt = sum(self.rtts) / len(self.rtts)

    def _plan(self, unit: int) -> list[Block]:
        """The slave's blocks; points at a place or of a function known to be refused fail at once."""
        even = self.gateway.even.get(unit, ANY_COUNT)
        plan = self.prepared.plan(unit, self._limit(unit), self.gateway.cost, self.bad, even)
        unknown = [point for point in plan.refused if (unit, point.function, WHOLE_FUNCTION) in self.bad]
        self._fail(unknown, UNSUPPORTED)
        self._fail([point for point in plan.refused if point not in unknown], "exception 2")
        return plan.blocks

    def _limit(self, unit: int) -> int:
        learnt = self._health(unit).max_registers or MAX_REGISTERS
        return min(learnt, self.gateway.max_registers.get(unit, MAX_REGISTERS))

    async def _probe(self, unit: int) -> None:
        """One small read of a slave that was silent: its turn only goes on when it answers."""
        candidates = [point for point in self.prepared.by_unit[unit].values() if not is_bad(point, self.bad)]
        if candidates:
            point = min(candidates, key=lambda candidate: candidate.count)
            await self._read(block_of((point,), self.gateway.even.get(unit, ANY_COUNT)))

    async def _ask_block(self, block: Block) -> bool:
        """Read a block, halving it where the device refuses. True when all its points got values."""
        answer = await self._read(block)
        if answer.error is None:
            self.known_functions.add(block.function)
            self._store(block, answer)
            return True
        if answer.exception_code in _ILLEGAL_PLACE:
            await self._halve(block, answer.exception_code)
        elif answer.exception_code == _ILLEGAL_FUNCTION:
            self.refused_functions.add(block.function)
            self._note(block.unit_id, UNSUPPORTED)
            self._fail(block.points, UNSUPPORTED)
        else:
            self._note(block.unit_id, _word(answer))
            self._fail(block.points, _word(answer))
        return False

    async def _halve(self, block: Block, code: int) -> None:
        """Find what a device refuses in a block: a point, the hole between two halves, or the length itself."""
        first, second = _halves(block)
        if not second:
            self.bad.add((block.unit_id, block.function, block.start))
            self._note(block.unit_id, f"exception {code}")
            self._fail(block.points, f"exception {code}")
            return
        answered = [await self._ask_block(half) for half in (first, second)]
        if not all(answered):
            return
        if second.start > first.end:
            self.bad.add((block.unit_id, block.function, first.end))
        elif block.count > 1 and block.function in (3, 4):
            limit = max(first.count, second.count)
            self.health[block.unit_id] = self._health(block.unit_id).with_limit(limit)

    async def _read(self, block: Block) -> Answer:
        """One request, repeated once when the device is busy.

        :raises _EndOfTurn: the slave is silent, or the gateway says so in its place
        :raises _NoGateway: the connection is lost and cannot be made again
        """
        answer = await self.link.read(block.unit_id, block.function, block.start, block.count)
        if answer.exception_code in _BUSY:
            await asyncio.sleep(self.gateway.settings.busy_pause)
            answer = await self.link.read(block.unit_id, block.function, block.start, block.count)
        if answer.error == CONNECT:
            raise _NoGateway(self._no_connection())
        if answer.error in (None, EXCEPTION) and answer.exception_code not in _GATEWAY_SILENT:
            if not self.rtts:
                self.health[block.unit_id] = self._health(block.unit_id).after_success(self.clock())
            self.rtts.append(answer.seconds)
        elif _ends_turn(answer):
            raise _EndOfTurn(_word(answer))
        return answer

    # === BOOKS === #
    def _store(self, block: Block, answer: Answer) -> None:
        compiled, keys = self.prepared.compiled(block)
        values, qualities = compiled.decode(answer.registers)
        self.batches.append(
            Batch(keys, int(self.clock()), values, qualities, None, answer.registers, compiled.slices)
        )
        self.settled += block.points

    def _end_turn(self, unit: int, error: str) -> None:
        self._note(unit, error)
        self.slaves[unit].ok = False
        self.health[unit] = self._health(unit).after_silence(self.clock(), self.gateway.cycle_seconds, error)
        self._fail_rest_of(unit, error)

    def _note(self, unit: int, error: str) -> None:
        self.slaves[unit].error = self.slaves[unit].error or error

    def _fail(self, points: Sequence[Point], error: str) -> None:
        if points:
            self.batches.append(Batch([point.key for point in points], int(self.clock()), error=error))
            self.settled += points

    def _fail_rest_of(self, unit: int, error: str) -> None:
        """What a slave's turn left open comes to this error."""
        points = self.prepared.by_unit[unit]
        done = set(map(id, self.settled)) if unit == self.current else ()
        self._fail([point for place, point in points.items() if place not in done], error)
        del self.open[unit]

    def _fail_rest(self, error: str) -> None:
        for unit in list(self.open):
            slave = self.slaves.setdefault(unit, SlaveResult(ok=False))
            slave.ok, slave.error = False, slave.error or error
            self._fail_rest_of(unit, error)


def _word(answer: Answer) -> str:
    return f"{EXCEPTION} {answer.exception_code}" if answer.error == EXCEPTION else answer.error


def _ends_turn(answer: Answer) -> bool:
    """A slave that is silent, that garbles, or whose gateway reports it missing is not asked again in this sweep."""
    return answer.error in (SILENCE, GARBLED, CLOSED) or answer.exception_code in _GATEWAY_SILENT or answer.timed_out


def _halves(block: Block) -> tuple[Block, Block | None]:
    if len(block.points) == 1:
        return block, None
    middle = len(block.points) // 2
    return block_of(block.points[:middle], block.even), block_of(block.points[middle:], block.even)
