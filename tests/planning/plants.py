"""Small plants for the planner's tests, written down in a line a node; what was proposed can be taken as done."""

from dataclasses import replace

from energy_carbon.planning.builder import Builder
from energy_carbon.planning.plant import Indicator, Node, Plant, Template
from energy_carbon.planning.proposal import APPLICABLE, Slot, Term

EL, NG, ST, WT = 1, 2, 3, 4
CODES = {EL: "EL", NG: "NG", ST: "ST", WT: "WT"}
TOTALS = {"T.TCE": "coal", "T.TCEQ": "coal_equivalent", "T.MED": "coal", "T.NBS": "coal", "T.CO2L": "carbon",
          "T.CO2M": "carbon_market", "T.COST": "cost"}  # fmt: skip


def templates() -> list[Template]:
    """What is shipped for electricity, gas, steam and water, as far as the planner looks at it."""
    rows = []
    for energy_type, code in CODES.items():
        rows.append((f"{code}.FWD", "collected", "type", "counter", "amount", energy_type, True, "consumption"))
        for flow, ending in (("consumption", "CONS"), ("own_generation", "GEN"), ("sale", "SOLD"), ("purchase", "BUY")):
            rows.append((f"{code}.{ending}", "efficiency", "type", "amount", "amount", energy_type, False, flow))
        for measure, ending in (("coal", "TCE"), ("carbon", "CO2"), ("cost", "COST")):
            rows.append(
                (f"{code}.{ending}", "efficiency", "type", "derived", measure, energy_type, False, "consumption")
            )
    rows.append(("EL.TCEQ", "efficiency", "type", "derived", "coal_equivalent", EL, False, "consumption"))
    rows.append(("EL.REV", "collected", "type", "counter", "amount", EL, False, "consumption"))
    for code, measure in TOTALS.items():
        rows.append((code, "efficiency", "total", "derived", measure, None, False, "consumption"))
    return [Template(number, *row) for number, row in enumerate(rows, 1)]


TEMPLATES = templates()
ID = {template.code: template.id for template in TEMPLATES}
CODE = {template.id: template.code for template in TEMPLATES}


def unit(number, *above, unit_type="workshop", uses=()):
    return Node(number, "unit", (*above, number), unit_type, frozenset(uses))


def device(number, *above):
    return Node(number, "device", (*above, number))


def meter(number, *above, energy_type=EL, role="sub", main=None, in_use=True):
    return Node(number, "meter", (*above, number), energy_type=energy_type, role=role, main=main, in_use=in_use)


def indicator(number, node, code, *sources, **values):
    """An indicator that is there; with sources it is computed from them."""
    template = TEMPLATES[ID[code] - 1]
    values = {"flow": template.flow, "source": "computed" if sources else "entered", **values}
    terms = tuple(one if isinstance(one, Term) else Term(one) for one in sources)
    return Indicator(number, node, template.id, energy_type=template.energy_type, terms=terms, **values)


def plant(*nodes, **values) -> Plant:
    return Plant({node.id: node for node in nodes}, TEMPLATES, **{"makeable": {ST}, **values})


def build(one: Plant):
    return Builder(one).build()


def formulas(proposals) -> dict[tuple[int, str], list]:
    """(node, code) -> what it is made of: (node, code) of what is new, ids of what was there; with -1 what is taken off."""
    found = {}
    for line in proposals:
        if line.action in APPLICABLE:
            sources = [(_name(term.source), term.coefficient) for term in line.terms]
            found[line.node, CODE[line.template]] = [name if sign == 1 else (name, sign) for name, sign in sources]
    return found


def _name(ref):
    return (ref.node, CODE[ref.template]) if isinstance(ref, Slot) else ref


def hints(proposals) -> set[tuple]:
    return {(line.node, line.reason) for line in proposals if line.action == "hint"}


def applied(one: Plant, proposals, everything=False) -> Plant:
    """The plant after the ticked lines (or all of them) were applied."""
    lines = [line for line in proposals if line.action in APPLICABLE and (line.ticked or everything)]
    ids = {line.target: 10_000 + at for at, line in enumerate(lines) if isinstance(line.target, Slot)}
    there = {line.target: line for line in lines if not isinstance(line.target, Slot)}

    def done(terms):
        return tuple(term._replace(source=ids.get(term.source, term.source)) for term in terms)

    kept = [replace(i, terms=done(there[i.id].terms)) if i.id in there else i for i in one.indicators]
    new = [
        Indicator(ids[line.target], line.node, line.template, line.flow, "computed" if line.terms else "collected",
                  line.energy_type, done(line.terms))
        for line in lines if line.target in ids
    ]  # fmt: skip
    return replace(one, indicators=kept + new)
