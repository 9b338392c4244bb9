"""Expressions of a company's indicators, compiled once each. Reads units of measure; computes no value."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from ..engine.expression import FormulaError, parse, variables
from ..engine.expression_tree import Expression, Variable
from ..engine.formula import Compiled, Formulas, compile_formula
from ..tools.formula_problems import sentence
from ..tools.unit_dimension import UnitTable, unit_table

ADDING_UP = ("counter", "amount", "derived")
# Stands for an expression that can no longer be computed (a unit was changed behind its back): blank, never a guess.
UNKNOWN = Compiled(Variable("?", 0), {}, None)


class Weight(NamedTuple):
    """How a term's source enters the expression.

    :ivar share: how often its companions count; 1 where they do not
    :ivar conversion: what its amount is multiplied by besides
    :ivar carries: whether companions are taken along
    :ivar variable: place among the variables of the formula's tree
    """

    share: float
    conversion: float
    carries: bool
    variable: int


def formula_units(env, uom, sources: dict) -> UnitTable:
    """The units of a formula; those of the result come first.

    :param uom: unit of measure of the indicator, may be empty
    :param sources: variable -> unit of measure of what is taken of its source, may be empty
    """
    return unit_table(env, uom.browse(dict.fromkeys(one.id for one in (uom, *sources.values()) if one)))


def compile_text(text: str, kind: str, uom, sources: dict, table: UnitTable) -> Compiled:
    """Compile an expression.

    :param kind: of the indicator it belongs to
    :param uom, sources, table: as :func:`formula_units` takes and gives them
    :raises FormulaError: it cannot be read, its units do not fit, or a variable has no source
    """
    units = {name: table.units[source.id] for name, source in sources.items()}
    return compile_formula(parse(text), units, table.units[uom.id] if uom else None, kind in ADDING_UP)


class ExpressionBook:
    """The expressions of a graph's indicators and how each term enters them.

    :ivar problems: id of an indicator whose expression can no longer be computed -> why
    """

    def __init__(self, env, rows: list, terms: list[tuple]):
        """Compile every distinct expression.

        :param rows: the graph's indicators
        :param terms: (position of the target, variable, id of the unit of measure taken) of terms of role *sum*
        """
        self.env, self.uom = env, env["uom.uom"]
        self.trees: list[Expression] = []
        self.tree = np.full(len(rows), -1, np.int64)
        self.problems: dict[int, str] = {}
        self._compiled: dict[tuple, tuple[Compiled, str | None]] = {}
        self._of: dict[int, Compiled] = {}
        self._places: dict[Expression, int] = {}
        taken: dict[int, dict[str, int]] = {}
        for target, variable, uom_id in terms:
            taken.setdefault(target, {})[variable] = uom_id
        for target, sources in taken.items():
            self._of[target], problem = self._compile(rows[target], sources)
            compiled = self._of[target]
            if problem:
                self.problems[rows[target].id] = problem
            if compiled.tree not in self._places:
                self._places[compiled.tree] = len(self.trees)
                self.trees.append(compiled.tree)
            self.tree[target] = self._places[compiled.tree]

    def _compile(self, row, sources: dict[str, int]) -> tuple[Compiled, str | None]:
        """The compiled expression, or UNKNOWN and why."""
        key = (row.expression, row.kind in ADDING_UP, row.uom_id, *sources.items())
        if key not in self._compiled:
            uom = self.uom.browse(row.uom_id or [])
            uoms = {name: self.uom.browse(uom_id or []) for name, uom_id in sources.items()}
            table = formula_units(self.env, uom, uoms)
            try:
                self._compiled[key] = compile_text(row.expression, row.kind, uom, uoms, table), None
            except FormulaError as error:
                self._compiled[key] = UNKNOWN, sentence(self.env, error, table)
        return self._compiled[key]

    def weight(self, target: int, variable: str, both_amounts: bool) -> Weight | None:
        """How a term enters its target's expression; None where the expression does not use it.

        :param target: position of the indicator
        :param both_amounts: source and target are amounts, so that companions may be carried
        """
        compiled = self._of[target]
        if compiled is UNKNOWN:
            return Weight(1.0, 1.0, False, -1)
        if variable not in compiled.weight:
            return None
        weight, share = compiled.weight[variable], (compiled.share or {}).get(variable)
        place = variables(compiled.tree).index(variable)
        if share is None or not both_amounts:
            return Weight(1.0, weight, False, place)
        return Weight(share, weight / share if share else 1.0, True, place)

    def formulas(self, variable: list[int]) -> Formulas | None:
        """What the engine takes.

        :param variable: of every kept term, its place among the variables or -1
        """
        return Formulas(self.trees, self.tree, np.array(variable, np.int64)) if self.trees else None
