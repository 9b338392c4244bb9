"""What is proposed for a plant: indicators, formulas, hints. Must not know why."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import NamedTuple


class Slot(NamedTuple):
    """Where an indicator will be that is not there yet: node, template and flow direction make it unique."""

    node: int
    template: int
    flow: str


# An indicator that is there, by its id, or one that is proposed.
Ref = int | Slot


class Term(NamedTuple):
    """A source in a formula, with the days on which it counts, both included; None: without end."""

    source: Ref
    coefficient: float = 1.0
    first: date | None = None
    last: date | None = None


# What happens to an indicator when a proposal is applied. Nothing happens to what is kept, nor by a hint.
ADD, FILL, EXTEND, CHANGE, KEEP, HINT = "add", "fill", "extend", "change", "keep", "hint"
APPLICABLE = (ADD, FILL, EXTEND, CHANGE)


@dataclass
class Proposal:
    """One line of the comparison of what is there with what the tree asks for.

    :ivar action: ``add`` an indicator, ``fill`` an empty formula, ``extend`` a formula by sources, ``change`` one, ``keep``
        an indicator as it is, or a ``hint`` that something is missing or does not fit
    :ivar target: the indicator, there or proposed; None for a hint about the node itself
    :ivar terms: the formula proposed; nothing for what is read or typed
    :ivar reason: key of the hint, or why the line needs a look before it is ticked
    :ivar others: ids of the nodes that the reason is about
    :ivar ticked: whether it is applied unless a person decides otherwise: nothing a person made is touched
    """

    action: str
    node: int
    target: Ref | None = None
    template: int | None = None
    energy_type: int | None = None
    flow: str | None = None
    terms: tuple[Term, ...] = ()
    reason: str | None = None
    others: tuple[int, ...] = ()
    ticked: bool = False

    @property
    def key(self) -> str:
        """Names the line, for as long as the plant stays as it is."""
        return "/".join(
            str(part or "") for part in (self.node, self.template, self.flow, self.energy_type, self.reason)
        )
