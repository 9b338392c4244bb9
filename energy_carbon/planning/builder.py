"""Goes through a plant bottom-up and says what each node should have. ``sources`` decides what of, ``lines`` compares."""

from __future__ import annotations

from collections.abc import Iterable

from .lines import Lines
from .plant import CONSUMED, INWARD, MADE, SOLD, Indicator, Node, Plant
from .proposal import ADD, FILL, Proposal, Ref, Slot, Term
from .reach import Reach
from .sources import INSIDE_CUSTOMERS, Sources

# Figures of one energy type at every unit and device, and those of a plant alone.
EVERYWHERE, AT_PLANTS = ("coal", "carbon", "cost"), ("coal_equivalent", "carbon_market")
# The same for totals of all energy types.
TOTALS_EVERYWHERE, TOTALS_AT_PLANTS = ("T.TCE", "T.CO2L", "T.COST"), ("T.TCEQ", "T.CO2M", "T.MED", "T.NBS")
# Shown at every node where the company's standard coal is on the equivalent basis.
EQUIVALENT = ("coal_equivalent", "T.TCEQ")
MEDIA_TOTAL, STATISTICS_TOTAL, ENERGY_TOTAL, COST_TOTAL = "T.MED", "T.NBS", "T.TCE", "T.COST"
# Declared roles that ask for a consumption.
NEEDS_FIGURE = ("used", "purchased")


class Builder:
    """Compares a plant with what its tree asks for.

    :ivar lines: the proposals; sources: the amounts planned so far
    """

    def __init__(self, plant: Plant):
        self.plant = plant
        self.reach = Reach(plant)
        self.lines = Lines(plant, self.reach)
        self.sources = Sources(plant, self.reach.disjoint)
        self._summed: dict[tuple[int, int], Ref] = {}

    def build(self) -> list[Proposal]:
        """All lines: what is added, what would change, what stays, and hints."""
        for node in self.plant.bottom_up():
            if node.kind == "meter":
                self._plan_meter(node)
            else:
                self._plan_place(node)
        self._add_past_places()
        return self.lines.proposals

    # === METERS === #
    def _plan_meter(self, meter: Node) -> None:
        """A meter is read by the main total of its energy type; a virtual one is computed by a formula of its own."""
        total = self.plant.meter_total(meter)
        if not meter.in_use:
            if not total:
                self.lines.hint(meter, "not_in_use", meter.energy_type)
            return
        template = self.plant.template[total.template] if total else self.plant.main_total(meter.energy_type)
        if not template or (not total and meter.role == "virtual"):
            self.lines.hint(meter, "virtual" if template else "no_main_total", meter.energy_type)
        elif total and not total.active:
            self.lines.hint(meter, "archived", meter.energy_type, template=template.id, flow=total.flow)
        else:
            flow = total.flow if total else self._meter_flow(meter)
            self.sources.totals[meter.id] = self.lines.leaf(meter, template, flow, total), flow
            if total and total.flow not in MADE and self._meter_flow(meter) in MADE:
                self.lines.hint(meter, "flow_made", meter.energy_type, target=total.id)

    def _meter_flow(self, meter: Node) -> str:
        """The flow direction that the place's declared roles give a meter."""
        place = self.plant.nodes.get(meter.parent)
        roles = self.plant.roles(place, meter.energy_type) if place else set()
        if meter.role == "billing":
            return "purchase"
        if roles == {"made"}:
            return "transformation_out" if self.plant.unit_of(place).unit_type == "service" else "own_generation"
        if roles == {"sold"}:
            return "sale"
        if meter.role == "check" and self._beside_billing(meter):
            return "purchase"
        return "consumption"

    def _beside_billing(self, meter: Node) -> bool:
        """Whether a check meter stands beside a billing meter, named as its main meter or at the same place."""
        same = [one for one in self.plant.meters(meter.parent) if one.energy_type == meter.energy_type]
        return any(one.role == "billing" for one in (*self.plant.mains(meter)[:1], *same))

    # === UNITS AND DEVICES === #
    def _plan_place(self, place: Node) -> None:
        """Amounts of every energy type that occurs here or below, then what is derived of them, then totals."""
        own: dict[int, tuple[Ref, ...]] = {}
        for energy_type, role in sorted(place.uses):
            if role == "made":
                self._plan_made(place, energy_type)
            elif role == "sold":
                self._plan_sold(place, energy_type)
        for energy_type in self._types(place):
            if refs := self._plan_consumption(place, energy_type):
                own[energy_type] = refs
                self.sources.say(place.id, energy_type, refs)
        for energy_type, refs in own.items():
            if not self._own_made(place, energy_type):
                self._plan_derived(place, energy_type, refs)
        self._plan_totals(place, own)
        self._hint_lacking(place, own)

    def _types(self, place: Node) -> list[int]:
        """Energy types that are measured or typed here or below."""
        found = {meter.energy_type for meter in self.plant.meters(place.id)}
        for child in self.plant.places(place.id):
            found |= self.sources.types.get(child.id, set())
        return sorted(found | self.plant.typed_types(place.id) | self.plant.allocated_types(place.id))

    def _plan_consumption(self, place: Node, energy_type: int) -> tuple[Ref, ...]:
        """The consumption of a type, or what stands for it where the place can have no figure of its own."""
        terms, by_meters = self.sources.consumption(place, energy_type)
        found = self.plant.amounts_at(place.id, energy_type, CONSUMED)
        template = self.plant.amount(energy_type, "consumption")
        if not found and not terms:
            return ()
        if not found and self._may_be_made(place, energy_type):
            self.lines.hint(place, "undeclared", energy_type)
            return ()
        if not found and not template:
            self.lines.hint(place, "no_template", energy_type)
            return tuple(term.source for term in terms if term.coefficient > 0)
        ref = self.lines.settle(place, template, "consumption", terms, found[0] if found else None)
        if ref is None:
            return tuple(term.source for term in terms if term.coefficient > 0)
        if found and found[0].source != "computed" and by_meters:
            self.lines.hint(place, "typed", energy_type, target=ref)
        if by_meters:
            self._hint_beside(place, energy_type)
        else:
            self._summed[place.id, energy_type] = ref
        return (ref,)

    def _may_be_made(self, place: Node, energy_type: int) -> bool:
        """Heat or air measured at a service is used there or made there: added, what is made would count twice."""
        undeclared = energy_type in self.plant.makeable and not self.plant.roles(place, energy_type)
        return undeclared and self.plant.unit_of(place).unit_type == "service"

    def _plan_made(self, place: Node, energy_type: int) -> None:
        found = self.plant.amounts_at(place.id, energy_type, MADE)
        terms = self.sources.made_here(place, energy_type)
        template = self.plant.amount(energy_type, "own_generation")
        flow = "transformation_out" if place.unit_type == "service" else "own_generation"
        if not found and not (terms and template):
            self.lines.hint(place, "made_unmeasured" if template else "no_template", energy_type)
            return
        ref = self.lines.settle(place, template, flow, terms, found[0] if found else None)
        if ref is not None:
            self.sources.made[place.id, energy_type] = ref, found[0].flow if found else flow

    def _plan_sold(self, place: Node, energy_type: int) -> None:
        found = self.plant.amounts_at(place.id, energy_type, SOLD)
        terms = self.sources.sold_here(place, energy_type)
        template = self.plant.amount(energy_type, "sale")
        if not found and not (terms and template):
            self.lines.hint(place, "sold_unmeasured" if template else "no_template", energy_type)
            return
        ref = self.lines.settle(place, template, "sale", terms, found[0] if found else None)
        if ref is not None:
            self.sources.sold[place.id, energy_type] = ref

    def _own_made(self, place: Node, energy_type: int) -> bool:
        return (place.path[0], energy_type) in self.plant.own_made

    def _plan_derived(self, place: Node, energy_type: int, refs: tuple[Ref, ...]) -> None:
        """Standard coal, carbon and cost of one energy type, as far as templates define them."""
        for measure in self._wanted(place, EVERYWHERE, AT_PLANTS):
            if template := self.plant.derived(energy_type, measure):
                self.lines.settle(place, template, "consumption", [Term(ref) for ref in refs])

    def _wanted(self, place: Node, everywhere: tuple[str, ...], at_plants: tuple[str, ...]) -> list[str]:
        basis = [one for one in at_plants if one in EQUIVALENT and self.plant.equivalent]
        return [*everywhere, *(at_plants if place.is_plant else basis)]

    # === TOTALS === #
    def _plan_totals(self, place: Node, own: dict[int, tuple[Ref, ...]]) -> None:
        """Totals of all energy types take each type's amount; what may count in them the boundary rule decides day by day."""
        counting = {energy_type for energy_type in own if not self._own_made(place, energy_type)}
        for code in self._wanted(place, TOTALS_EVERYWHERE, TOTALS_AT_PLANTS):
            template = self.plant.total.get(code)
            if template and self._says_something(code, counting):
                self.lines.settle(place, template, "consumption", self._total_formula(place, own, code))

    def _says_something(self, code: str, counting: set[int]) -> bool:
        if code == MEDIA_TOTAL:
            return bool(counting & self.plant.media)
        return bool(counting if code == COST_TOTAL else counting - self.plant.media)

    def _total_formula(self, place: Node, own: dict[int, tuple[Ref, ...]], code: str) -> list[Term]:
        terms = [term for energy_type, refs in own.items() for term in self._total_terms(place, energy_type, refs)]
        return [*terms, *(self._outside_production(place) if code == STATISTICS_TOTAL else ())]

    def _total_terms(self, place: Node, energy_type: int, refs: tuple[Ref, ...]) -> list[Term]:
        """An own-made energy counts in no total, but what is sold of it leaves the plant."""
        sold = self.sources.sold.get((place.id, energy_type))
        if sold is not None and self._own_made(place, energy_type):
            return [Term(sold)]
        return [Term(ref) for ref in refs]

    def _outside_production(self, place: Node) -> list[Term]:
        """What the statistics' figure leaves out: total energy of living quarters and tenants below."""
        terms = []
        for node in self._inside_customers(place.id):
            template = self.plant.total.get(ENERGY_TOTAL)
            total = self.lines.present.get((node, template.id)) if template else None
            bare = [ref for one in sorted(self.sources.types.get(node, ())) for ref in self.sources.amounts[node, one]]
            terms += [Term(ref, -1.0) for ref in ([total] if total is not None else bare)]
        return terms

    def _inside_customers(self, place: int) -> Iterable[int]:
        """Living quarters and tenants below a unit, without those inside another of them."""
        for child in self.plant.places(place):
            if child.unit_type in INSIDE_CUSTOMERS:
                yield child.id
            else:
                yield from self._inside_customers(child.id)

    # === HINTS === #
    def _hint_beside(self, place: Node, energy_type: int) -> None:
        """Meters below that hang beside the place's own meters, under the same main meter, may not be in its figure."""
        own = self.sources.own_meters(place.id, energy_type, INWARD)
        mains = {meter.main for meter in own if meter.main}
        beside = [
            meter.id
            for child in self.plant.places(place.id)
            for meter in self.sources.own_meters(child.id, energy_type, INWARD)
            if meter.main in mains
        ]
        if beside:
            self.lines.hint(place, "beside", energy_type, others=tuple(beside))

    def _hint_lacking(self, place: Node, own: dict[int, tuple[Ref, ...]]) -> None:
        """What is declared and measured nowhere; a device without a meter is a hint, no error."""
        declared = {energy_type for energy_type, role in place.uses if role in NEEDS_FIGURE}
        if place.kind == "device" or not declared:
            if not own and not any((place.id, energy_type) in self.sources.made for energy_type, _role in place.uses):
                self.lines.hint(place, "no_meter")
            return
        for energy_type in sorted(declared - own.keys()):
            self.lines.hint(place, "unmeasured", energy_type)

    # === DATED PLACES === #
    def _add_past_places(self) -> None:
        """New formulas also take what hung at the place and has left it, for the days on which it did."""
        for line in self.lines.proposals:
            if line.action not in (ADD, FILL) or (line.node, line.energy_type) not in self._summed:
                continue
            if self._summed[line.node, line.energy_type] == line.target:
                line.terms = (*line.terms, *self._past(line.node, line.energy_type))
                self.reach.propose(line.target, line.terms)

    def _past(self, place: int, energy_type: int) -> list[Term]:
        """What was consumed by what hung at a place and has left it."""
        return [
            Term(ref, 1.0, one.first, one.last)
            for one in self.plant.left.get(place, ())
            for ref in self.sources.amounts.get((one.node, energy_type), ())
        ]

    # === ONE FORMULA === #
    def usual(self, indicator: int) -> tuple[Term, ...]:
        """The formula of one indicator, of whatever template and wherever it stands, made of what is there alone.

        Ask after ``build``: what it proposes has no figures yet, so what that would be made of stands for it.
        """
        one = self.plant.indicator.get(indicator)
        if one is None:
            return ()
        place, template = self.plant.nodes[one.node], self.plant.template[one.template]
        if template.kind != "derived":
            terms = self._usual_amount(place, one) if template.kind in ("amount", "counter") else []
        elif template.scope == "total":
            terms = self._total_formula(place, self._own(place), template.code)
        else:
            terms = [Term(ref) for ref in self._own(place).get(one.energy_type, ())]
        return tuple(dict.fromkeys(self._there(terms)))

    def _usual_amount(self, place: Node, one: Indicator) -> list[Term]:
        if place.kind == "meter" or one.energy_type is None:
            return []
        if one.flow in CONSUMED:
            terms, by_meters = self.sources.consumption(place, one.energy_type)
            return terms if by_meters else [*terms, *self._past(place.id, one.energy_type)]
        if one.flow in MADE:
            return self.sources.made_here(place, one.energy_type)
        return self.sources.sold_here(place, one.energy_type) if one.flow in SOLD else []

    def _own(self, place: Node) -> dict[int, tuple[Ref, ...]]:
        """Energy type -> what says the consumption of a unit or device, or the reading of a meter."""
        if place.kind == "meter":
            return {place.energy_type: (self.sources.totals[place.id][0],)} if place.id in self.sources.totals else {}
        return {one: self.sources.amounts[place.id, one] for one in sorted(self.sources.types.get(place.id, ()))}

    def _there(self, terms: Iterable[Term]) -> Iterable[Term]:
        """The terms, with what a proposed source would be made of in its place; a proposed reading is left out."""
        for term in terms:
            if not isinstance(term.source, Slot):
                yield term
                continue
            for part in self._there(self.reach.proposed.get(term.source, ())):
                first = max(filter(None, (part.first, term.first)), default=None)
                last = min(filter(None, (part.last, term.last)), default=None)
                if not (first and last and first > last):
                    yield Term(part.source, part.coefficient * term.coefficient, first, last)
