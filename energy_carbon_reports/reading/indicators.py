"""Which indicators a report shows for each unit. Guesses no total: a unit's total is its own indicator or nothing."""

from __future__ import annotations

from dataclasses import dataclass, field

from ..report.data import ALL_TYPES, CARBON, COAL, COST, MEDIA

TOTAL, PURCHASED_MEDIA = ALL_TYPES, MEDIA
# Templates of a unit's totals, by measure and basis.
TOTAL_CODES = {
    (COAL, "calorific"): "T.TCE",
    (COAL, "equivalent"): "T.TCEQ",
    (CARBON, "location"): "T.CO2L",
    (CARBON, "market"): "T.CO2M",
    (COST, ""): "T.COST",
}
MEDIA_CODE = "T.MED"
# A boiler house's gas is transformation input; where both exist, what is simply consumed comes first.
FLOWS = ("consumption", "transformation_in")


@dataclass
class ReportIndicators:
    """Indicators of a report.

    :ivar amounts: (node id, energy type id) -> indicator of the consumption
    :ivar totals: (node id, line key, measure) -> indicator of the total, or of purchased media
    """

    amounts: dict = field(default_factory=dict)
    totals: dict = field(default_factory=dict)


def choose(env, nodes, types, measures: dict[str, str]) -> ReportIndicators:
    """Choose the indicators of these nodes.

    :param nodes: ``energy.node`` records
    :param types: ``energy.type`` records, empty for all
    :param measures: measure shown -> the column it is kept in (standard coal: ``coal`` or ``coal_equivalent``)
    """
    found = ReportIndicators()
    _choose_amounts(env, nodes, types, found)
    _choose_totals(env, nodes, measures, found)
    return found


def _search(env, nodes, domain):
    """Archived indicators count too: what they held in their time is still true."""
    return env["energy.indicator"].with_context(active_test=False).search([("node_id", "in", nodes.ids), *domain])


def _choose_amounts(env, nodes, types, found: ReportIndicators) -> None:
    domain = [
        ("indicator_class", "=", "efficiency"),
        ("kind", "=", "amount"),
        ("measure", "=", "amount"),
        ("flow", "in", FLOWS),
        ("product_id", "=", False),
        ("energy_type_id", "in", types.ids) if types else ("energy_type_id", "!=", False),
    ]
    for indicator in _search(env, nodes, domain).sorted(_rank):
        found.amounts.setdefault((indicator.node_id.id, indicator.energy_type_id.id), indicator)


def _rank(indicator) -> tuple:
    """The shipped consumption template first; a company's own ones only stand in for a missing one."""
    template = indicator.template_id
    return (
        not indicator.active,
        FLOWS.index(indicator.flow),
        not template.code.endswith(".CONS"),
        not template.locked,
        indicator.id,
    )


def _choose_totals(env, nodes, measures: dict[str, str], found: ReportIndicators) -> None:
    places = {MEDIA_CODE: (PURCHASED_MEDIA, COAL)}
    basis = {"coal": "calorific", "coal_equivalent": "equivalent", "carbon": "location", "carbon_market": "market"}
    for measure, column in measures.items():
        code = TOTAL_CODES.get((measure, basis.get(column, "")))
        if code:
            places[code] = (TOTAL, measure)
    for indicator in _search(env, nodes, [("template_id.code", "in", list(places))]).sorted(lambda i: not i.active):
        line, measure = places[indicator.template_id.code]
        found.totals.setdefault((indicator.node_id.id, line, measure), indicator)
