"""What is there: nodes, templates, indicators and keys of one company, as plain data. Must not know how it was read."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from datetime import date
from functools import cached_property

from .proposal import Term

# How an amount at a meter counts for the place where it hangs.
INWARD = ("consumption", "purchase", "transformation_in", "stock_out")
MADE = ("own_generation", "transformation_out")
SOLD = ("sale",)
CONSUMED = ("consumption", "transformation_in")


@dataclass(frozen=True)
class Node:
    """A unit, device or meter.

    :ivar path: ids from the top of the tree down to the node itself
    :ivar uses: units and devices: (energy type, role) of what is declared
    :ivar energy_type: meters: what it measures; role: billing, check, sub or virtual; main: id of the main meter
    :ivar in_use: meters: neither spare nor scrapped
    """

    id: int
    kind: str
    path: tuple[int, ...]
    unit_type: str | None = None
    uses: frozenset[tuple[int, str]] = frozenset()
    energy_type: int | None = None
    role: str | None = None
    main: int | None = None
    in_use: bool = True

    @property
    def parent(self) -> int | None:
        return self.path[-2] if len(self.path) > 1 else None

    @property
    def is_plant(self) -> bool:
        return self.kind == "unit" and (len(self.path) == 1 or self.unit_type == "plant")


@dataclass(frozen=True)
class Template:
    """:ivar of_period: counts in one tariff period only
    :ivar active: may be used for new indicators; archived ones are known only because indicators use them
    """

    id: int
    code: str
    indicator_class: str
    scope: str
    kind: str
    measure: str
    energy_type: int | None = None
    main_total: bool = False
    flow: str | None = None
    of_period: bool = False
    locked: bool = True
    active: bool = True


@dataclass(frozen=True)
class Indicator:
    """:ivar terms: open terms of the sum; written: its formula is an expression; of_product: about one product"""

    id: int
    node: int
    template: int
    flow: str
    source: str
    energy_type: int | None = None
    terms: tuple[Term, ...] = ()
    active: bool = True
    written: bool = False
    of_product: bool = False


@dataclass(frozen=True)
class Key:
    """An allocation that holds today: what it shares out, what it leaves at the source, and who gets a part.

    :ivar consumers: (node, indicator of what it got)
    """

    source: int
    remainder: int | None
    consumers: tuple[tuple[int, int], ...]


@dataclass(frozen=True)
class Membership:
    """A node hung under a parent from one day to another, both included; None: without end."""

    node: int
    parent: int
    first: date | None = None
    last: date | None = None


@dataclass
class Plant:
    """The part of the tree that is planned, whole from its tops down.

    :ivar own_made: (top of the tree, energy type) of what is made inside from other energy: quantity only
    :ivar media: energy types that are working media
    :ivar makeable: energy types that an auxiliary service may make of others: heat, steam, air; not power, fuel or water
    :ivar equivalent: whether the company's standard coal is on the equivalent basis
    """

    nodes: dict[int, Node]
    templates: list[Template]
    indicators: list[Indicator] = field(default_factory=list)
    keys: list[Key] = field(default_factory=list)
    memberships: list[Membership] = field(default_factory=list)
    own_made: set[tuple[int, int]] = field(default_factory=set)
    media: set[int] = field(default_factory=set)
    makeable: set[int] = field(default_factory=set)
    equivalent: bool = False

    # === TREE === #
    def bottom_up(self) -> list[Node]:
        """What lies below comes first; meters before what they hang at."""
        return sorted(self.nodes.values(), key=lambda node: (-len(node.path), node.kind != "meter", node.id))

    @cached_property
    def _below(self) -> dict[int, list[Node]]:
        found = defaultdict(list)
        for node in sorted(self.nodes.values(), key=lambda one: one.id):
            if node.parent is not None:
                found[node.parent].append(node)
        return found

    def meters(self, place: int) -> list[Node]:
        """Meters directly at a unit or device."""
        return [node for node in self._below.get(place, ()) if node.kind == "meter"]

    def places(self, place: int) -> list[Node]:
        """Units and devices directly below a unit."""
        return [node for node in self._below.get(place, ()) if node.kind != "meter"]

    def mains(self, meter: Node) -> list[Node]:
        """The meters upstream of a meter, nearest first."""
        found: list[Node] = []
        above = self.nodes.get(meter.main or 0)
        while above and above not in found:
            found.append(above)
            above = self.nodes.get(above.main or 0)
        return found

    def unit_of(self, place: Node) -> Node:
        """The unit itself, or the one that a device stands in, as far as that is planned."""
        return place if place.kind == "unit" or place.parent not in self.nodes else self.nodes[place.parent]

    def roles(self, place: Node, energy_type: int) -> set[str]:
        """What is declared about an energy type at a unit, for a device at the unit it stands in."""
        return {role for one, role in self.unit_of(place).uses if one == energy_type}

    @cached_property
    def since(self) -> dict[tuple[int, int], date | None]:
        """(node, parent) -> first day of the place it has today."""
        return {(one.node, one.parent): one.first for one in self.memberships if one.last is None}

    @cached_property
    def left(self) -> dict[int, list[Membership]]:
        """Parent -> what hung there and does so no longer."""
        found = defaultdict(list)
        for one in self.memberships:
            if one.last is not None:
                found[one.parent].append(one)
        return found

    # === TEMPLATES === #
    @cached_property
    def template(self) -> dict[int, Template]:
        return {template.id: template for template in self.templates}

    @cached_property
    def _offered(self) -> list[Template]:
        """What may be used anew, what came with installation first."""
        return sorted((one for one in self.templates if one.active), key=lambda one: (not one.locked, one.id))

    @cached_property
    def _by_meaning(self) -> dict[tuple, Template]:
        """(class, kind, measure, energy type, flow) -> template about one energy type; of several the shipped one."""
        found: dict[tuple, Template] = {}
        for one in self._offered:
            if one.scope == "type":
                found.setdefault((one.indicator_class, one.kind, one.measure, one.energy_type, one.flow), one)
        return found

    @cached_property
    def _main_totals(self) -> dict[int, Template]:
        found: dict[int, Template] = {}
        for one in self._offered:
            if one.main_total and one.energy_type:
                found.setdefault(one.energy_type, one)
        return found

    def main_total(self, energy_type: int) -> Template | None:
        """What a meter of this type is read by."""
        return self._main_totals.get(energy_type)

    def amount(self, energy_type: int, flow: str) -> Template | None:
        """Consumption, own generation or sale of an energy type at a unit or device."""
        return self._by_meaning.get(("efficiency", "amount", "amount", energy_type, flow))

    def derived(self, energy_type: int, measure: str) -> Template | None:
        """Standard coal, carbon or cost of an energy type."""
        return self._by_meaning.get(("efficiency", "derived", measure, energy_type, "consumption"))

    @cached_property
    def total(self) -> dict[str, Template]:
        """Totals of all energy types by code."""
        found: dict[str, Template] = {}
        for one in self._offered:
            if one.scope == "total":
                found.setdefault(one.code, one)
        return found

    # === INDICATORS === #
    @cached_property
    def indicator(self) -> dict[int, Indicator]:
        return {one.id: one for one in self.indicators}

    @cached_property
    def _at(self) -> dict[int, list[Indicator]]:
        found = defaultdict(list)
        for one in self.indicators:
            found[one.node].append(one)
        return found

    def at(self, node: int, template: int) -> list[Indicator]:
        """The indicators of a template at a node, those in use first."""
        own = [one for one in self._at.get(node, ()) if one.template == template and not one.of_product]
        return sorted(own, key=lambda one: (not one.active, one.id))

    def amounts_at(self, node: int, energy_type: int, flows: tuple[str, ...]) -> list[Indicator]:
        """Amounts of a type at a unit or device, in the order in which they are taken for the node's own figure."""
        found = []
        for one in self._at.get(node, ()):
            template = self.template[one.template]
            fits = template.indicator_class == "efficiency" and template.kind == "amount" and template.scope == "type"
            if fits and one.active and not one.of_product and one.energy_type == energy_type and one.flow in flows:
                rank = (flows.index(one.flow), not template.code.endswith(".CONS"), not template.locked, one.id)
                found.append((rank, one))
        return [one for _rank, one in sorted(found, key=lambda pair: pair[0])]

    def typed_types(self, node: int) -> set[int]:
        """Energy types of which a unit or device has a consumption of its own."""
        found = {one.energy_type for one in self._at.get(node, ()) if one.energy_type}
        return {one for one in found if self.amounts_at(node, one, CONSUMED)}

    def meter_total(self, meter: Node) -> Indicator | None:
        """What counts everything at a meter, in use first: the main total of its own type, or what was made (PV)."""

        def rank(one: Indicator) -> tuple:
            template = self.template[one.template]
            return not template.main_total, not one.active, not template.locked, one.id

        return min((one for one in self._counted(meter) if self._is_total(one)), key=rank, default=None)

    def sold_at(self, meter: Node) -> Indicator | None:
        """What a meter counts of what is sold: the register of the other direction, or the meter's own total."""
        found = [one for one in self._counted(meter) if one.active and one.flow in SOLD]
        return min(found, key=lambda one: (not self.template[one.template].main_total, one.id), default=None)

    def _counted(self, meter: Node) -> list[Indicator]:
        """Amounts of a meter's own type, without those of single tariff periods."""
        found = []
        for one in self._at.get(meter.id, ()):
            template = self.template[one.template]
            counts = template.kind in ("counter", "amount") and not template.of_period
            if counts and template.indicator_class == "collected" and one.energy_type == meter.energy_type:
                found.append(one)
        return found

    def _is_total(self, one: Indicator) -> bool:
        return self.template[one.template].main_total or (one.active and one.flow in MADE)

    # === ALLOCATION === #
    @cached_property
    def key_of(self) -> dict[int, Key]:
        """Shared indicator -> its key."""
        return {key.source: key for key in self.keys}

    @cached_property
    def _allocated(self) -> dict[tuple[int, int | None], list[int]]:
        found = defaultdict(list)
        for key in self.keys:
            for node, indicator in key.consumers:
                found[node, self.indicator[indicator].energy_type if indicator in self.indicator else None].append(
                    indicator
                )
        return found

    def allocated(self, node: int, energy_type: int) -> list[int]:
        """Indicators of what a node got of shared meters."""
        return sorted(set(self._allocated.get((node, energy_type), ())))

    def allocated_types(self, node: int) -> set[int]:
        return {energy_type for place, energy_type in self._allocated if place == node and energy_type}
