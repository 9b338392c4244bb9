"""Which amounts make the amount of a unit or device. Decides sources; proposes nothing."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable

from .plant import INWARD, MADE, SOLD, Node, Plant
from .proposal import Ref, Term

# What is made here stays in the plant, what is sold leaves it; who is billed inside buys nothing from outside.
INSIDE_CUSTOMERS = ("tenant", "living")


class Sources:
    """The usual sources of amounts, in a plant whose lower levels are planned already.

    :ivar totals: meter -> (its total, flow direction), of meters in use
    :ivar amounts: (unit or device, energy type) -> what says its consumption; several where it has no figure of its own
    :ivar types: unit or device -> energy types in ``amounts``
    :ivar made: (unit, energy type) -> (its own made amount, flow direction); sold: the same for what it sells
    """

    def __init__(self, plant: Plant, disjoint: Callable[[Ref, list[Ref]], bool]):
        """:param disjoint: whether a computed total takes nothing that any of the others counts"""
        self.plant, self._disjoint = plant, disjoint
        self.totals: dict[int, tuple[Ref, str]] = {}
        self.amounts: dict[tuple[int, int], tuple[Ref, ...]] = {}
        self.types: dict[int, set[int]] = defaultdict(set)
        self.made: dict[tuple[int, int], tuple[Ref, str]] = {}
        self.sold: dict[tuple[int, int], Ref] = {}

    def say(self, place: int, energy_type: int, refs: tuple[Ref, ...]) -> None:
        """Remember what says the consumption of a unit or device."""
        self.amounts[place, energy_type] = refs
        self.types[place].add(energy_type)

    # === METERS === #
    def own_meters(self, place: int, energy_type: int, flows: tuple[str, ...]) -> list[Node]:
        """Meters that count for a place: no check meters, none behind another meter at the place or below it."""
        found = [
            meter
            for meter in self.plant.meters(place)
            if meter.energy_type == energy_type
            and meter.role != "check"
            and meter.id in self.totals
            and self.totals[meter.id][1] in flows
            and not self.behind(meter, place)
        ]
        return self._without_calculated(found)

    def behind(self, meter: Node, place: int) -> Node | None:
        """The meter upstream that counts for the same place already, or for a part of it."""
        for main in self.plant.mains(meter):
            if main.id in self.totals and main.role != "check" and place in main.path:
                return main
        return None

    def _without_calculated(self, meters: list[Node]) -> list[Node]:
        """Leave out virtual meters that take from the others."""
        real = [meter for meter in meters if meter.role != "virtual"]
        refs = [self.totals[meter.id][0] for meter in real]
        for meter in meters:
            if meter.role == "virtual" and self._disjoint(self.totals[meter.id][0], refs):
                real.append(meter)
                refs.append(self.totals[meter.id][0])
        return real

    # === CONSUMPTION === #
    def consumption(self, place: Node, energy_type: int) -> tuple[list[Term], bool]:
        """What a unit or device consumed: by its own meters, else what lies below it.

        :return: terms, and whether its own meters say it
        """
        meters = self.own_meters(place.id, energy_type, INWARD)
        whole = [meter for meter in meters if not self._shared_below(meter, place)]
        shared = [meter for meter in meters if meter not in whole]
        allocated = [Term(one) for one in self.plant.allocated(place.id, energy_type)]
        if whole:
            terms = [self._meter_term(place, meter) for meter in meters]
            return [*terms, *allocated, *self._crossing(place, energy_type)], True
        left = [Term(self._left(self.totals[meter.id][0])) for meter in shared]
        below = self.below(place, energy_type)
        return [*below, *left, *allocated], False

    def below(self, place: Node, energy_type: int) -> list[Term]:
        """What the units and devices directly below consumed, each since it hangs here."""
        return [
            Term(self._left(ref), 1.0, self.plant.since.get((child.id, place.id)))
            for child in self.plant.places(place.id)
            for ref in self.amounts.get((child.id, energy_type), ())
        ]

    def _meter_term(self, place: Node, meter: Node) -> Term:
        """A meter of the place; what it shares out elsewhere is not used here."""
        total = self.totals[meter.id][0]
        since = self.plant.since.get((meter.id, place.id))
        key = self.plant.key_of.get(total)
        if key and not all(self._within(node, place) for node, _got in key.consumers):
            total = self._left(total)
        return Term(total, 1.0, since)

    def _shared_below(self, meter: Node, place: Node) -> bool:
        """Whether a meter only serves those it is shared out to, so that it says nothing of the rest of the place."""
        return self.totals[meter.id][0] in self.plant.key_of

    def _left(self, ref: Ref) -> Ref:
        """What was shared out counts where it went; what is left counts here."""
        key = self.plant.key_of.get(ref)
        return key.remainder if key and key.remainder else ref

    def _within(self, node: int, place: Node) -> bool:
        return node in self.plant.nodes and place.id in self.plant.nodes[node].path

    def _crossing(self, place: Node, energy_type: int) -> list[Term]:
        """What own meters do not see: what is made behind them (PV) is used too, what they give back is not."""
        terms = [
            Term(ref)
            for (node, one), (ref, flow) in sorted(self.made.items())
            if one == energy_type and flow == "own_generation" and self._within(node, place)
        ]
        if place.unit_type not in INSIDE_CUSTOMERS and (place.id, energy_type) in self.sold:
            terms.append(Term(self.sold[place.id, energy_type], -1.0))
        return terms

    # === MADE AND SOLD === #
    def made_here(self, place: Node, energy_type: int) -> list[Term]:
        """What counts the energy that a unit makes: its own meters, else those of its devices."""
        for spot in ([place.id], [child.id for child in self.plant.places(place.id) if child.kind == "device"]):
            meters = [meter for one in spot for meter in self.own_meters(one, energy_type, MADE)]
            meters = [meter for meter in meters if not self.behind(meter, place.id)]
            if meters:
                return [Term(self.totals[meter.id][0]) for meter in meters]
        return []

    def sold_here(self, place: Node, energy_type: int) -> list[Term]:
        """What counts the energy that a unit sells."""
        found = []
        for meter in self.plant.meters(place.id):
            if meter.energy_type != energy_type or meter.role == "check" or not meter.in_use:
                continue
            if (total := self.totals.get(meter.id)) and total[1] in SOLD:
                found.append(Term(total[0]))
            elif one := self.plant.sold_at(meter):
                found.append(Term(one.id))
        return found
