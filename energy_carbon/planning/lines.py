"""Compares each formula that the tree asks for with the one that is there. Must not know what the tree asks for."""

from __future__ import annotations

from collections.abc import Sequence

from .plant import Indicator, Node, Plant, Template
from .proposal import ADD, CHANGE, EXTEND, FILL, HINT, KEEP, Proposal, Ref, Slot, Term
from .reach import Reach


class Lines:
    """The proposals so far.

    :ivar proposals: in the order in which they were found
    :ivar present: (node, template) -> the indicator in use or proposed
    """

    def __init__(self, plant: Plant, reach: Reach):
        self.plant, self.reach = plant, reach
        self.proposals: list[Proposal] = []
        self.present: dict[tuple[int, int], Ref] = {}

    def hint(self, node: Node, reason: str, energy_type: int | None = None, **values) -> None:
        """Say that something is missing or does not fit at a node."""
        self.proposals.append(Proposal(HINT, node.id, energy_type=energy_type, reason=reason, **values))

    def leaf(self, node: Node, template: Template, flow: str, there: Indicator | None = None) -> Ref:
        """What is read or typed: kept if it is there, else added."""
        ref: Ref = there.id if there else Slot(node.id, template.id, flow)
        action = KEEP if there else ADD
        line = Proposal(action, node.id, ref, template.id, node.energy_type, flow, ticked=not there)
        self.proposals.append(line)
        return ref

    def settle(
        self, node: Node, template: Template | None, flow: str, terms: Sequence[Term], there: Indicator | None = None
    ) -> Ref | None:
        """Compare a computed indicator with what it is to be made of.

        :param template: of a new one; there: what serves already, of whatever template
        :return: the indicator in use or proposed; None when a person archived it
        """
        if there is None:
            found = self.plant.at(node.id, template.id)
            # The same amount in another direction is another amount; coal, carbon and cost are the same in any.
            there = next(
                (one for one in found if one.active and (one.flow == flow or template.kind == "derived")), None
            )
            if there is None and any(one.flow == flow for one in found):
                self.hint(node, "archived", template.energy_type, template=template.id, flow=flow)
                return None
        terms = tuple(dict.fromkeys(terms))
        line = self._new(node, template, flow, terms) if there is None else self._compared(there, terms)
        self.proposals.append(line)
        self.present[node.id, line.template] = line.target
        return line.target

    def _new(self, node: Node, template: Template, flow: str, terms: tuple[Term, ...]) -> Proposal:
        slot = Slot(node.id, template.id, flow)
        line = Proposal(ADD, node.id, slot, template.id, template.energy_type, flow, terms)
        self.reach.propose(slot, terms)
        return self._judged(line, ticked=True)

    def _compared(self, there: Indicator, terms: tuple[Term, ...]) -> Proposal:
        """What is there with the terms it should have; a formula that a person wrote out is not touched."""
        line = Proposal(KEEP, there.node, there.id, there.template, there.energy_type, there.flow)
        if there.source != "computed" or not terms:
            return line
        stored, wanted = _signed(there.terms), _signed(terms)
        if there.written:
            if {source for source, _sign in stored} != {source for source, _sign in wanted}:
                line.action, line.reason = HINT, "written"
            return line
        if stored == wanted:
            line.others = self.reach.twice(terms)
            if line.others:
                line.action, line.reason = HINT, "twice"
            return line
        line.terms = terms
        line.action = EXTEND if stored < wanted else CHANGE
        if not stored:
            line.action = FILL
            self.reach.propose(there.id, terms)
        return self._judged(line, ticked=not stored)

    def _judged(self, line: Proposal, ticked: bool) -> Proposal:
        """What would count energy twice is left for a person to tick."""
        line.others = self.reach.twice(line.terms)
        line.reason = "twice" if line.others else None
        line.ticked = ticked and not line.others
        return line


def _signed(terms: Sequence[Term]) -> set[tuple[Ref, float]]:
    """What an open formula takes, whatever the days of its terms."""
    return {(term.source, term.coefficient) for term in terms if term.last is None}
