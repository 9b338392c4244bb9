"""Plans and decoders of a gateway's points, made once and kept from sweep to sweep; knows nothing of sockets."""

from __future__ import annotations

from collections.abc import Hashable, Iterable
from dataclasses import dataclass
from operator import is_

from .codec import CompiledBlock, compile_block
from .plan import ANY_COUNT, Block, LineCost, Place, is_bad, plan_blocks
from .point import Point


@dataclass(frozen=True, slots=True)
class SlavePlan:
    """How a slave is read.

    :ivar blocks: requests in order
    :ivar refused: points at places known to be refused, in no block
    """

    blocks: list[Block]
    refused: list[Point]


class Prepared:
    """The points of a gateway by slave, with plans kept as long as what they were made from stays the same."""

    def __init__(self, points: Iterable[Point], codes: Iterable[Point] = ()) -> None:
        """Sort the points by slave.

        :param points: what the caller wants to know
        :param codes: registers with unit codes that some of them need
        """
        self._points = list(points)
        self._plans: dict[int, tuple[tuple, SlavePlan]] = {}
        self._compiled: dict[int, tuple[CompiledBlock, list[int]]] = {}
        self.by_unit: dict[int, dict[int, Point]] = {}
        self.coded = {point.key: point for point in self._points if point.unit_code}
        for point in (*self._points, *codes):
            self.by_unit.setdefault(point.unit_id, {})[id(point)] = point

    def is_for(self, points: list[Point]) -> bool:
        """Whether these very points were prepared."""
        return len(points) == len(self._points) and all(map(is_, points, self._points))

    def plan(self, unit: int, max_registers: int, cost: LineCost, bad: set[Place], even: str = ANY_COUNT) -> SlavePlan:
        """The plan of a slave for the present limits.

        :param bad: refused places of any slave
        :param even: the model's rule for the number of registers, one of ``plan.EVEN_RULES``
        """
        refused = frozenset(place for place in bad if place[0] == unit)
        key = (max_registers, cost, refused, even)
        kept = self._plans.get(unit)
        if kept and kept[0] == key:
            return kept[1]
        points = self.by_unit[unit].values()
        plan = SlavePlan(
            blocks=plan_blocks(points, max_registers=max_registers, hole_cost=cost, bad=refused, even=even),
            refused=[point for point in points if refused and is_bad(point, refused)],
        )
        if kept:
            for block in kept[1].blocks:
                self._compiled.pop(id(block), None)
        self._plans[unit] = key, plan
        return plan

    def compiled(self, block: Block) -> tuple[CompiledBlock, list[int]]:
        """The decoder of a block and its points' keys, kept when the block is of a kept plan."""
        known = self._compiled.get(id(block))
        if known is None:
            known = compile_block(block.points, block.start, block.count), [point.key for point in block.points]
            if any(block is planned for planned in self._plans[block.unit_id][1].blocks):
                self._compiled[id(block)] = known
        return known


class KeptPlans:
    """The plans of a process's gateways, for callers who make a gateway's points anew for each sweep.

    Comparing points takes a tenth of the time that planning them does.
    """

    def __init__(self) -> None:
        self._kept: dict[Hashable, tuple[list[Point], Prepared]] = {}

    def recall(self, key: Hashable, points: list[Point]) -> tuple[list[Point], Prepared | None]:
        """The points to ask for, and their plans when equal points were kept.

        :param key: what tells the gateway from all others of the process
        """
        kept = self._kept.get(key)
        return kept if kept and kept[0] == points else (points, None)

    def keep(self, key: Hashable, points: list[Point], prepared: Prepared) -> None:
        """Keep a gateway's plans in the place of the former ones."""
        self._kept[key] = points, prepared
