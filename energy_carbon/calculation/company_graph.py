"""The indicators and formulas of one company as arrays. Reads tables; computes no value."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from odoo.exceptions import UserError

from ..engine.allocation import Allocations
from ..engine.cells import MOST_COUNTED
from ..engine.formula import Formulas
from ..engine.graph import FormulaCircle, levels
from ..engine.rollup import Measure, Terms
from ..tools.selections import MEASURES
from ..tools.uom import uom_factor
from .allocation_book import AllocationBook
from .boundary import Boundary
from .expressions import ExpressionBook, Weight

FIRST_DAY, LAST_DAY = 1, 3_652_059  # date.min and date.max as ordinals
MEASURE_COLUMN = {key: column for column, (key, _label) in enumerate(MEASURES)}
# Units of what is taken of an amount beside the amount itself; cost has none.
MEASURE_UOMS = {
    "coal": "uom_kgce",
    "coal_equivalent": "uom_kgce",
    "carbon": "uom_kgco2",
    "carbon_market": "uom_kgco2",
}
ROLES = {"sum": 0, "numerator": 1, "denominator": 2}

INDICATORS = """
    SELECT i.id, i.node_id, i.template_id, i.energy_type_id, i.uom_id, i.flow, i.source, i.kind, i.measure,
           i.missing_policy, i.expression, i.secondary_side, i.date_from, i.entry_mode, t.scope, t.code, t.aggregation,
           n.parent_path, n.gas_reference, n.register_maximum, n.register_step,
           CASE WHEN i.uom_id = %(kwh)s THEN n.rated_power END AS rated_power,
           n.ct_primary, n.ct_secondary, n.pt_primary, n.pt_secondary
      FROM energy_indicator i
      JOIN energy_indicator_template t ON t.id = i.template_id
      JOIN energy_node n ON n.id = i.node_id
     WHERE i.company_id = %(company)s AND (i.active OR EXISTS (SELECT FROM energy_indicator_term x WHERE x.source_id = i.id)
        OR EXISTS (SELECT FROM energy_allocation x WHERE x.source_id = i.id)
        OR EXISTS (SELECT FROM energy_allocation_line x WHERE x.basis_id = i.id))
     ORDER BY i.id
"""
TERMS = """
    SELECT x.id, x.indicator_id, x.source_id, x.role, x.coefficient, x.date_from, x.date_to, x.variable
      FROM energy_indicator_term x JOIN energy_indicator i ON i.id = x.indicator_id
     WHERE i.company_id = %s AND i.source = 'computed'
     ORDER BY x.id
"""


@dataclass
class CompanyGraph:
    """Indicators (n rows) and formula terms (t) of a company.

    :ivar rows: one object an indicator with the columns of :data:`INDICATORS` as attributes
    :ivar index: indicator id -> position
    :ivar terms: what :func:`engine.rollup.evaluate` takes
    :ivar formulas: of the indicators with an expression; None when there is none
    :ivar allocations: the allocation keys; None when there is none
    :ivar left_out: (target id, source id) -> why the boundary rule leaves the source out
    :ivar problems: id of an indicator whose formula cannot be computed and leaves it blank -> why
    """

    company: object
    rows: list
    index: dict[int, int]
    terms: Terms
    level: np.ndarray
    leaf_count: np.ndarray
    formulas: Formulas | None = None
    allocations: Allocations | None = None
    left_out: dict[tuple[int, int], str] = field(default_factory=dict)
    problems: dict[int, str] = field(default_factory=dict)

    @property
    def ids(self) -> np.ndarray:
        return np.array([row.id for row in self.rows], dtype=np.int64)

    @property
    def is_leaf(self) -> np.ndarray:
        return np.array([row.source != "computed" for row in self.rows], dtype=bool)


class Row:
    """One indicator; attributes are the columns of the query."""

    def __init__(self, columns, values):
        self.__dict__.update(zip(columns, values, strict=True))
        self.path = [int(part) for part in (self.parent_path or "").split("/") if part]

    @property
    def is_amount(self) -> bool:
        return self.kind in ("counter", "amount")

    @property
    def multiplier(self) -> float:
        """CT x PT for registers of the secondary side, else 1."""
        if not self.secondary_side:
            return 1.0
        ct = self.ct_primary / self.ct_secondary if self.ct_primary and self.ct_secondary else 1.0
        pt = self.pt_primary / self.pt_secondary if self.pt_primary and self.pt_secondary else 1.0
        return ct * pt


def indicator_rows(env, company) -> list[Row]:
    """The company's indicators with what their nodes and templates say; the caller flushes."""
    env.cr.execute(INDICATORS, {"company": company.id, "kwh": env.ref("energy_carbon.uom_kwh").id})
    columns = [column.name for column in env.cr.description]
    return [Row(columns, values) for values in env.cr.fetchall()]


def load_graph(env, company) -> CompanyGraph:
    """The company's indicators and terms; flushes what the ORM still holds."""
    env.flush_all()
    cursor = env.cr
    rows = indicator_rows(env, company)
    index = {row.id: position for position, row in enumerate(rows)}
    cursor.execute(TERMS, [company.id])
    found = [term for term in cursor.fetchall() if term[1] in index and term[2] in index]
    graph = CompanyGraph(company, rows, index, None, None, None)
    keys = AllocationBook(env, company, rows, index)
    graph.problems.update(keys.problems)
    graph.terms = _terms(env, graph, found, keys)
    while graph.level is None:
        try:
            graph.level = levels(len(rows), graph.terms.source, graph.terms.target)
        except FormulaCircle as circle:
            found = _without_circle(env, graph, found, keys, circle.members)
            graph.terms = _terms(env, graph, found, keys)
    graph.allocations = keys.allocations()
    graph.leaf_count = _leaf_count(graph)
    return graph


def _without_circle(env, graph: CompanyGraph, found: list, keys: AllocationBook, members: list[int]) -> list:
    """The terms (and keys) without those of a circle's members: two people can each save a half of it at once."""
    circle = {graph.rows[position].id for position in members}
    why = env._("The formula needs its own result. Take one of the sources out.")
    graph.problems.update(dict.fromkeys(circle, why))
    keys.drop(circle)
    return [term for term in found if term[1] not in circle]


def _terms(env, graph: CompanyGraph, found: list, keys: AllocationBook) -> Terms:
    """Formula terms as arrays: what each takes of its source, at which weight, on which days.

    What an expression does not use is no term: it does not count, not even as expected.
    """
    boundary = Boundary(env, graph.company)
    convert = _Conversion(env)
    book = _expression_book(env, graph, convert, found)
    graph.problems.update(book.problems)
    kept, variables = [], []
    for _id, target_id, source_id, role, coefficient, first, last, variable in found:
        target, source = graph.rows[graph.index[target_id]], graph.rows[graph.index[source_id]]
        sign, why = boundary.weight(target, source)
        if why:
            graph.left_out[target_id, source_id] = why
            continue
        column = source_column(target, source, role)
        both_amounts = role == "sum" and target.is_amount and source.is_amount
        if target.expression and role == "sum":
            weight = book.weight(graph.index[target_id], variable, both_amounts)
        else:
            factor = convert(target, source, role)
            if np.isnan(factor):
                graph.problems[target_id] = convert.why(target, source)
            weight = Weight(1.0, factor, both_amounts, -1)
        if weight is None:
            continue
        kept.append(
            (
                graph.index[target_id],
                graph.index[source_id],
                column,
                0,
                coefficient * sign * weight.share,
                first.toordinal() if first else FIRST_DAY,
                last.toordinal() if last else LAST_DAY,
                ROLES[role],
                weight.carries,
                weight.conversion,
            )
        )
        variables.append(weight.variable)
    allocated = keys.terms()
    kept += allocated
    variables += [-1] * len(allocated)
    graph.formulas = book.formulas(variables)
    return Terms(*(np.array(column) for column in zip(*kept, strict=True))) if kept else Terms(*[()] * 10)


def _expression_book(env, graph: CompanyGraph, convert: _Conversion, found: list) -> ExpressionBook:
    """The company's expressions with the units of what they take."""
    taken = []
    for _id, target_id, source_id, role, _coefficient, _first, _last, variable in found:
        target, source = graph.rows[graph.index[target_id]], graph.rows[graph.index[source_id]]
        if target.expression and role == "sum":
            taken.append((graph.index[target_id], variable, convert.taken_uom(target, source)))
    return ExpressionBook(env, graph.rows, taken)


def source_column(target: Row, source: Row, role: str) -> int:
    """Which column of the source a term takes: its amount, or the amount's coal, carbon or cost."""
    if role == "sum" and target.kind == "derived" and source.is_amount:
        return MEASURE_COLUMN[target.measure or "amount"]
    return int(Measure.AMOUNT)


class _Conversion:
    """Unit conversion of terms, each pair of units asked once."""

    def __init__(self, env):
        self.uom = env["uom.uom"]
        self.known: dict[tuple[int, int], float] = {}
        self._why: dict[tuple[int, int], str] = {}
        self.measure_uom = {key: env.ref(f"energy_carbon.{name}").id for key, name in MEASURE_UOMS.items()}

    def __call__(self, target: Row, source: Row, role: str) -> float:
        """Factor from the source's unit to the target's; 1 where either has none (ratios, money), NaN for unlike units.

        Formulas with unlike units are refused; a unit changed afterwards leaves the figure blank, never wrong.
        """
        if role != "sum" or target.kind == "ratio":
            return 1.0
        source_uom = self.taken_uom(target, source)
        if not source_uom or not target.uom_id or source_uom == target.uom_id:
            return 1.0
        pair = (source_uom, target.uom_id)
        if pair not in self.known:
            try:
                self.known[pair] = uom_factor(self.uom.browse(pair[0]), self.uom.browse(pair[1]))
            except UserError as error:
                self.known[pair], self._why[pair] = np.nan, str(error)
        return self.known[pair]

    def why(self, target: Row, source: Row) -> str:
        """Why what a term takes has no conversion."""
        return self._why[self.taken_uom(target, source), target.uom_id]

    def taken_uom(self, target: Row, source: Row) -> int | None:
        """Unit of measure of what a term takes of its source: its own, or that of its coal or carbon; None for cost."""
        if target.kind == "derived" and source.is_amount and target.measure != "amount":
            return self.measure_uom.get(target.measure)
        return source.uom_id


def _leaf_count(graph: CompanyGraph) -> np.ndarray:
    """How many source-days a day of each indicator expects: its leaves, counted along the formula."""
    count = np.where(graph.is_leaf, 1, 0).astype(np.int64)
    terms = graph.terms
    for level in range(1, int(graph.level.max(initial=0)) + 1):
        chosen = graph.level[terms.target] == level
        np.add.at(count, terms.target[chosen], count[terms.source[chosen]])
        np.minimum(count, MOST_COUNTED, out=count)
    return count
