"""Whether the same energy would reach a figure on two ways. Follows formulas, there and proposed; changes none."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable

from .plant import Plant
from .proposal import Ref, Slot, Term


class Reach:
    """The meters and typed figures that each indicator takes, with the number of ways on which it does so.

    What is taken off is left out: a main meter less its sub-meters is no double count.

    :ivar proposed: indicator -> formula that it will have
    """

    def __init__(self, plant: Plant):
        self.plant = plant
        self.proposed: dict[Ref, tuple[Term, ...]] = {}
        self._known: dict[Ref, Counter] = {}

    def propose(self, target: Ref, terms: Iterable[Term]) -> None:
        self.proposed[target] = tuple(terms)

    def leaves(self, ref: Ref) -> Counter:
        """What is read or typed and reaches an indicator, counted by ways."""
        if ref not in self._known:
            self._known[ref] = Counter()  # a circle is refused when it is saved, and must not hang us here
            self._known[ref] = self.of_terms(self._terms(ref)) or Counter([ref])
        return self._known[ref]

    def of_terms(self, terms: Iterable[Term]) -> Counter:
        total: Counter = Counter()
        for term in terms:
            if term.coefficient > 0 and term.last is None:
                total.update(self.leaves(term.source))
        return total

    def _terms(self, ref: Ref) -> tuple[Term, ...]:
        if ref in self.proposed:
            return self.proposed[ref]
        one = None if isinstance(ref, Slot) else self.plant.indicator.get(ref)
        return one.terms if one and one.source == "computed" else ()

    def disjoint(self, ref: Ref, others: list[Ref]) -> bool:
        """Whether nothing that an indicator takes is taken by any of the others."""
        own = self.leaves(ref)
        return not any(own.keys() & self.leaves(other).keys() for other in others)

    def twice(self, terms: Iterable[Term]) -> tuple[int, ...]:
        """Nodes whose energy a formula would count twice: reached on two ways, or beside the meter they hang behind."""
        counts = self.of_terms(terms)
        found = {self._node(ref) for ref, count in counts.items() if count > 1}
        meters = {node for ref in counts if (node := self._node(ref)) in self.plant.nodes}
        for node in meters:
            meter = self.plant.nodes[node]
            if meter.kind == "meter" and any(main.id in meters for main in self.plant.mains(meter)):
                found.add(node)
        return tuple(sorted(node for node in found if node))

    def _node(self, ref: Ref) -> int | None:
        if isinstance(ref, Slot):
            return ref.node
        one = self.plant.indicator.get(ref)
        return one.node if one else None
