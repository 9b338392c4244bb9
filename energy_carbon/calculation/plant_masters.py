"""Reads the masters of a part of the tree as the planner takes them. Decides nothing; the caller has checked the rights."""

from __future__ import annotations

from collections import defaultdict
from datetime import date

from ..planning.plant import Indicator, Key, Membership, Node, Plant, Template
from ..planning.proposal import Term
from .boundary import MEDIA, OWN_MADE, Boundary
from .service_network import is_electricity

# What a boiler house or an air station may make of fuel and power.
MAKEABLE = (*OWN_MADE, "purchased_secondary")

NODES = """
    SELECT n.id, n.kind, n.parent_path, n.unit_type, n.energy_type_id, n.meter_role, n.main_meter_id, n.meter_state
      FROM energy_node n JOIN unnest(%(paths)s::text[]) AS top(path) ON n.parent_path LIKE top.path || '%%'
     WHERE n.company_id = %(company)s AND n.active
"""
USES = """
    SELECT node_id, energy_type_id, role FROM energy_node_use WHERE node_id = ANY(%(nodes)s)
     UNION ALL
    SELECT node_id, energy_type_id, 'used' FROM energy_node_energy_type_rel WHERE node_id = ANY(%(nodes)s)
"""
# Templates that are archived are known as well, for the indicators that use them.
TEMPLATES = """
    SELECT id, code, indicator_class, scope, kind, measure, energy_type_id, COALESCE(main_total, FALSE), default_flow,
           COALESCE(tou_role, 'split') <> 'split', COALESCE(locked, FALSE), active
      FROM energy_indicator_template
     WHERE (company_id IS NULL OR company_id = %(company)s) AND (%(cost)s OR measure <> 'cost')
"""
INDICATORS = """
    SELECT i.id, i.node_id, i.template_id, i.flow, i.source, i.energy_type_id, i.active,
           COALESCE(i.expression, '') <> '', i.product_id IS NOT NULL
      FROM energy_indicator i WHERE i.node_id = ANY(%(nodes)s) AND (%(cost)s OR i.measure <> 'cost')
     ORDER BY i.id
"""
TERMS = """
    SELECT t.indicator_id, t.source_id, t.coefficient FROM energy_indicator_term t
      JOIN energy_indicator i ON i.id = t.indicator_id
     WHERE i.node_id = ANY(%(nodes)s) AND t.role = 'sum' AND (t.date_to IS NULL OR t.date_to >= %(today)s)
     ORDER BY t.id
"""
KEYS = """
    SELECT a.source_id, a.remainder_id, i.node_id, l.indicator_id
      FROM energy_allocation a
      JOIN energy_allocation_line l ON l.allocation_id = a.id
      JOIN energy_indicator i ON i.id = l.indicator_id
     WHERE a.active AND a.company_id = %(company)s
       AND COALESCE(a.date_from, '-infinity') <= %(today)s AND COALESCE(a.date_to, 'infinity') >= %(today)s
       AND COALESCE(l.date_from, '-infinity') <= %(today)s AND COALESCE(l.date_to, 'infinity') >= %(today)s
     ORDER BY a.id, l.id
"""
MEMBERSHIPS = """
    SELECT node_id, parent_id, date_from, date_to FROM energy_node_parent
     WHERE parent_id = ANY(%(nodes)s) AND (date_from IS NOT NULL OR date_to IS NOT NULL)
     ORDER BY parent_id, date_from NULLS FIRST, id
"""


def load_plant(tops, today: date, cost: bool) -> Plant:
    """The nodes of one company from these downwards, with all that decides their formulas.

    :param tops: units or devices that the reader may see; what lies below them he may see as well
    :param cost: whether the reader may see indicators of cost
    """
    env, company = tops.env, tops.company_id
    env.flush_all()
    given = {"company": company.id, "paths": tops.mapped("parent_path"), "today": today, "cost": cost}
    nodes = _nodes(env, given)
    given["nodes"] = list(nodes)
    boundary = Boundary(env, company)
    roots = {node.path[0] for node in nodes.values()}
    return Plant(
        nodes=nodes,
        templates=[Template(*row) for row in _rows(env, TEMPLATES, given)],
        indicators=_indicators(env, given),
        keys=_keys(env, given),
        memberships=[Membership(*row) for row in _rows(env, MEMBERSHIPS, given)],
        own_made={
            (root, one) for root in roots for one in boundary.category if boundary.own_made([root], one, "consumption")
        },
        media={one for one, category in boundary.category.items() if category in MEDIA},
        makeable={one for one, category in boundary.category.items() if category in MAKEABLE} - _electricity(env),
        equivalent=company.energy_coal_basis == "equivalent",
    )


def _electricity(env) -> set[int]:
    types = env["energy.type"].sudo().with_context(active_test=False).search([])
    return set(types.filtered(is_electricity).ids)


def _rows(env, query: str, given: dict) -> list[tuple]:
    env.cr.execute(query, given)
    return env.cr.fetchall()


def _nodes(env, given: dict) -> dict[int, Node]:
    found = _rows(env, NODES, given)
    uses = defaultdict(set)
    for node, energy_type, role in _rows(env, USES, {"nodes": [row[0] for row in found]}):
        uses[node].add((energy_type, role))
    return {
        id_: Node(
            id_,
            kind,
            tuple(int(part) for part in path.split("/") if part),
            unit_type,
            frozenset(uses.get(id_, ())),
            energy_type,
            role,
            main,
            state not in ("spare", "scrapped"),
        )
        for id_, kind, path, unit_type, energy_type, role, main, state in found
    }


def _indicators(env, given: dict) -> list[Indicator]:
    terms = defaultdict(list)
    for target, source, coefficient in _rows(env, TERMS, given):
        terms[target].append(Term(source, coefficient))
    return [
        Indicator(
            id_, node, template, flow, source, energy_type, tuple(terms.get(id_, ())), active, written, of_product
        )
        for id_, node, template, flow, source, energy_type, active, written, of_product in _rows(env, INDICATORS, given)
    ]


def _keys(env, given: dict) -> list[Key]:
    consumers, remainders = defaultdict(list), {}
    for source, remainder, node, indicator in _rows(env, KEYS, given):
        consumers[source].append((node, indicator))
        remainders[source] = remainder
    return [Key(source, remainders[source], tuple(found)) for source, found in consumers.items()]
