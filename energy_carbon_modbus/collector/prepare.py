"""Plans and decoders of a gateway's points, made once and kept from sweep to sweep; knows nothing of sockets."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from operator import is_

from .codec import CompiledBlock, compile_block
from .plan import Block, LineCost, Place, is_bad, plan_blocks
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

    def __init__(self, points: Iterable[Point]) -> None:
        self._points = list(points)
        self._plans: dict[int, tuple[tuple, SlavePlan]] = {}
        self._compiled: dict[int, CompiledBlock] = {}
        self.by_unit: dict[int, dict[int, Point]] = {}
        for point in self._points:
            self.by_unit.setdefault(point.unit_id, {})[id(point)] = point

    def is_for(self, points: list[Point]) -> bool:
        """Whether these very points were prepared."""
        return len(points) == len(self._points) and all(map(is_, points, self._points))

    def plan(self, unit: int, max_registers: int, cost: LineCost, bad: set[Place]) -> SlavePlan:
        """The plan of a slave for the present limits.

        :param bad: refused places of any slave
        """
        refused = frozenset(place for place in bad if place[0] == unit)
        key = (max_registers, cost, refused)
        kept = self._plans.get(unit)
        if kept and kept[0] == key:
            return kept[1]
        points = self.by_unit[unit].values()
        plan = SlavePlan(
            blocks=plan_blocks(points, max_registers=max_registers, hole_cost=cost, bad=refused),
            refused=[point for point in points if refused and is_bad(point, refused)],
        )
        if kept:
            for block in kept[1].blocks:
                self._compiled.pop(id(block), None)
        self._plans[unit] = key, plan
        return plan

    def compiled(self, block: Block) -> CompiledBlock:
        """The decoder of a block, kept when the block is of a kept plan."""
        decoder = self._compiled.get(id(block))
        if decoder is None:
            decoder = compile_block(block.points, block.start, block.count)
            if any(block is planned for planned in self._plans[block.unit_id][1].blocks):
                self._compiled[id(block)] = decoder
        return decoder
