"""What holds for any plant: nothing is counted twice, children sum, built twice is built once, nothing measured is lost."""

from hypothesis import given, settings
from hypothesis import strategies as st

from energy_carbon.planning.builder import Builder
from energy_carbon.planning.plant import INWARD
from energy_carbon.planning.proposal import APPLICABLE, Slot

from .plants import CODES, EL, NG, ST, applied, build, device, meter, plant, unit

UNIT_TYPES = ("workshop", "process", "service", "office", "living", "tenant")


@st.composite
def plants(draw):
    """A tree of units with devices and meters anywhere; main meters anywhere upstream, also where they make no sense."""
    units = [unit(1, unit_type="plant", uses=draw(uses()))]
    for number in range(2, 2 + draw(st.integers(0, 6))):
        above = draw(st.sampled_from(units))
        kind = draw(st.sampled_from(UNIT_TYPES))
        units.append(unit(number, *above.path, unit_type=kind, uses=draw(uses())))
    places = list(units)
    for number in range(20, 20 + draw(st.integers(0, 5))):
        places.append(device(number, *draw(st.sampled_from(units)).path))
    meters = []
    for number in range(100, 100 + draw(st.integers(0, 12))):
        energy_type = draw(st.sampled_from((EL, NG, ST)))
        mains = [None, *(one.id for one in meters if one.energy_type == energy_type)]
        values = {"main": draw(st.sampled_from(mains)), "in_use": draw(st.integers(0, 9)) > 0}
        role = draw(st.sampled_from(("sub", "sub", "sub", "billing", "check")))
        place = draw(st.sampled_from(places))
        meters.append(meter(number, *place.path, energy_type=energy_type, role=role, **values))
    return plant(*places, *meters)


def uses():
    roles = st.sampled_from(("used", "purchased", "made", "sold"))
    return st.frozensets(st.tuples(st.sampled_from(list(CODES)), roles), max_size=3)


def terms_of(proposals) -> dict:
    return {line.target: line.terms for line in proposals if line.action in APPLICABLE}


def ways(terms, target, found=None) -> list:
    """Every way from a figure down to what is read or typed, without what is taken off."""
    found = [] if found is None else found
    for term in terms.get(target, ()):
        if term.coefficient > 0:
            ways(terms, term.source, found) if terms.get(term.source) else found.append(term.source)
    return found


@settings(max_examples=300, deadline=None)
@given(plants())
def test_no_meter_counts_twice_on_any_way(one):
    proposals = build(one)
    terms = terms_of(proposals)
    for line in proposals:
        if line.action not in APPLICABLE or not line.ticked:
            continue
        leaves = ways(terms, line.target)
        assert len(leaves) == len(set(leaves)), line
        nodes = {leaf.node for leaf in leaves}
        for node in nodes:
            assert not {main.id for main in one.mains(one.nodes[node])} & nodes, line


@settings(max_examples=300, deadline=None)
@given(plants())
def test_children_sum_where_no_own_meter_says_it(one):
    builder = Builder(one)
    terms = terms_of(builder.build())
    for (node, energy_type), refs in builder.sources.amounts.items():
        if builder.sources.own_meters(node, energy_type, INWARD):
            continue
        below = [ref for child in one.places(node) for ref in builder.sources.amounts.get((child.id, energy_type), ())]
        assert [term.source for term in terms[refs[0]]] == below
        assert all(term.coefficient == 1 for term in terms[refs[0]])


@settings(max_examples=300, deadline=None)
@given(plants())
def test_no_consumption_is_lost_on_the_way_up(one):
    """Every meter of consumption reaches each unit above it, unless a meter of that unit stands for it or before it."""
    one.makeable = set()
    builder = Builder(one)
    terms = terms_of(builder.build())
    for node, (ref, flow) in builder.sources.totals.items():
        meter_node = one.nodes[node]
        if meter_node.role == "check" or flow not in INWARD:
            continue
        for place in meter_node.path[:-1]:
            if any(builder.sources.own_meters(above, meter_node.energy_type, INWARD)
                   for above in meter_node.path[meter_node.path.index(place):-1]):  # fmt: skip
                continue
            if builder.sources.behind(meter_node, meter_node.parent):
                continue
            consumed = builder.sources.amounts[place, meter_node.energy_type]
            assert ref in ways(terms, consumed[0])


@settings(max_examples=300, deadline=None)
@given(plants())
def test_built_twice_is_built_once(one):
    first = build(one)
    again = [line for line in build(applied(one, first)) if line.action in APPLICABLE]
    open_lines = {(line.node, line.template) for line in first if line.action in APPLICABLE and not line.ticked}
    assert not [line for line in again if line.ticked and (line.node, line.template) not in open_lines]
    everything = applied(one, first, everything=True)
    assert not [line for line in build(everything) if line.action in APPLICABLE]


@settings(max_examples=300, deadline=None)
@given(plants())
def test_the_usual_formula_of_one_indicator_is_the_one_that_was_built(one):
    everything = applied(one, build(one), everything=True)
    builder = Builder(everything)
    builder.build()
    for indicator in everything.indicators:
        if indicator.source == "computed":
            assert builder.usual(indicator.id) == indicator.terms


@settings(max_examples=200, deadline=None)
@given(plants())
def test_lines_have_unique_names_and_new_indicators_unique_places(one):
    lines = [line for line in build(one) if line.action in APPLICABLE]
    assert len({line.key for line in lines}) == len(lines)
    slots = [line.target for line in lines if isinstance(line.target, Slot)]
    assert len(set(slots)) == len(slots)
