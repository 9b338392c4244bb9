"""Formulas of indicators: from a user's text to what a block of days is computed with. Must not know readings or units'
names.

A formula that is a weighted sum is told apart: its sources' coal, carbon and cost may be weighted and added alike.
"""

import math
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from .arrays import BoolArray, FloatArray, IntArray
from .expression import Result, evaluate, variables
from .expression_tree import Call, Expression, FormulaError, Negate, Number, Problem, Product, Sum, Variable
from .expression_units import Unit, converted, is_bare, unify
from .quality import Reason

Weights = dict[tuple[str, bool], float]
"""Coefficient by (variable, whether a missing one counts as 0); :data:`CONSTANT` for what has no variable."""
CONSTANT = ("", False)


@dataclass(frozen=True)
class Linear:
    """A weighted sum.

    :param coefficient: by variable
    :param optional: variables that count as 0 when they are missing (``coalesce(a, 0)``)
    """

    coefficient: dict[str, float]
    optional: frozenset[str]


@dataclass(frozen=True)
class Compiled:
    """A formula whose units fit.

    :param tree: gives the result in the wanted unit, from each variable times its weight
    :param weight: what each variable, in its own unit, is multiplied by first; 1 but in weighted sums
    :param share: how often the coal, carbon and cost of each variable's source count in the result; None where they do
        not: the formula is no weighted sum, or its result is no quantity of energy
    """

    tree: Expression
    weight: Mapping[str, float]
    share: Mapping[str, float] | None


def linear(tree: Expression) -> Linear | None:
    """The coefficients of a formula that is a sum of constant x variable, None for any other.

    >>> from .expression_parser import parse
    >>> linear(parse("2 * (a - b / 4) + coalesce(c, 0)")).coefficient
    {'a': 2.0, 'b': -0.5, 'c': 1.0}
    >>> linear(parse("a * b")) is None
    True

    :param tree: parsed formula
    :return: coefficients, or None
    """
    weights = _weights(tree)
    if not weights or weights.pop(CONSTANT, 0.0) or not weights:
        return None
    coefficient: dict[str, float] = {}
    for (name, _optional), weight in weights.items():
        coefficient[name] = coefficient.get(name, 0.0) + weight
    if not all(math.isfinite(weight) for weight in coefficient.values()):
        return None
    required = {name for name, optional in weights if not optional}
    return Linear(coefficient, frozenset(coefficient.keys() - required))


def _weights(tree: Expression) -> Weights | None:
    """Coefficients of a node, None where it is no weighted sum."""
    match tree:
        case Number(value=value):
            return {CONSTANT: value}
        case Variable(name=name):
            return {(name, False): 1.0}
        case Negate(operand=operand):
            return _added([(_weights(operand), -1.0)])
        case Sum(operands=operands, signs=signs):
            return _added([(_weights(operand), sign) for operand, sign in zip(operands, signs, strict=True)])
        case Product(operands=operands, divides=divides):
            return _multiplied([_weights(operand) for operand in operands], divides)
        case Call(function="coalesce", arguments=(inner, Number(value=0))):
            weights = _weights(inner) or {}
            names = {name for name, _optional in weights if name}
            if len(names) == 1 and not weights.get(CONSTANT):
                return {(names.pop(), True): sum(weights.values())}
    return None


def _added(parts: list[tuple[Weights | None, float]]) -> Weights | None:
    """Weighted sums added up, each with its sign."""
    total: Weights = {}
    for weights, sign in parts:
        if weights is None:
            return None
        for key, weight in weights.items():
            total[key] = total.get(key, 0.0) + sign * weight
    return total


def _multiplied(parts: list[Weights | None], divides: tuple[bool, ...]) -> Weights | None:
    """A product in which at most one factor, and no divisor, has variables."""
    total: Weights = {CONSTANT: 1.0}
    for weights, divide in zip(parts, divides, strict=True):
        if weights is None:
            return None
        plain, other = weights.keys() == {CONSTANT}, weights
        if not plain and not divide and total.keys() == {CONSTANT}:
            total, other = other, total
        elif not plain:
            return None
        factor = other[CONSTANT]
        if divide and factor == 0:
            return None
        total = {key: weight / factor if divide else weight * factor for key, weight in total.items()}
    return total


def weighted_sum(one: Linear) -> Expression:
    """A formula that adds up variables which are weighted already.

    :param one: which variables, and which of them may be missing
    :return: tree, the same for all weighted sums of the same variables
    """
    terms = [
        Call("coalesce", (Variable(name, 0), Number(0.0, 0)), 0) if name in one.optional else Variable(name, 0)
        for name in sorted(one.coefficient)
    ]
    return terms[0] if len(terms) == 1 else Sum(tuple(terms), (1,) * len(terms), 0)


def compile_formula(
    tree: Expression, units: Mapping[str, Unit], wanted: Unit | None, adds_up: bool = False
) -> Compiled:
    """Check a formula's units and convert where they differ.

    :param tree: parsed formula
    :param units: unit of every variable; zeros for one that has none
    :param wanted: unit of the result; None takes any
    :param adds_up: days of the result are added up, so that a quotient is refused where no unit is wanted
    :return: what to compute with
    :raises FormulaError: unlike quantities are put together, the result has another kind of unit than wanted, or a
        variable is unknown
    """
    unified, found = unify(tree, units)
    bare = is_bare(tree)
    if wanted and not bare:
        if found.dimension != wanted.dimension:
            raise FormulaError(Problem.RESULT, tree.position, found=found.dimension, wanted=wanted.dimension)
        unified = converted(unified, found.scale / wanted.scale)
    elif adds_up and not bare and _is_quotient(found, units):
        raise FormulaError(Problem.QUOTIENT, tree.position, found=found.dimension)
    share, weight = linear(tree), linear(unified)
    if not wanted or not any(wanted.dimension) or not share or not weight:
        return Compiled(unified, dict.fromkeys(variables(tree), 1.0), None)
    return Compiled(weighted_sum(weight), weight.coefficient, share.coefficient)


def _is_quotient(unit: Unit, units: Mapping[str, Unit]) -> bool:
    """Whether something is divided by, or quantities cancel out to a share."""
    share = not any(unit.dimension) and any(any(one.dimension) for one in units.values())
    return share or min(unit.dimension, default=0) < 0


@dataclass
class Formulas:
    """The formulas of a set of indicators and terms.

    :param trees: distinct formulas
    :param tree: which of them each indicator has, -1 for a plain weighted sum, shape (i,)
    :param variable: which of :func:`.expression.variables` of its formula each term gives, -1 for none, shape (t,)
    """

    trees: list[Expression]
    tree: IntArray
    variable: IntArray

    def part(self, indicators: IntArray, terms: IntArray) -> "Formulas":
        """Formulas of some indicators and terms.

        :param indicators: their indices, shape (j,)
        :param terms: indices or mask of terms
        :return: formulas in the new numbering
        """
        return Formulas(self.trees, self.tree[indicators], self.variable[terms])

    def results(
        self, target: IntArray, variable: IntArray, given: FloatArray, valid: BoolArray
    ) -> tuple[IntArray, Result]:
        """Compute the formulas of some terms' targets; a formula that several targets share is computed once.

        A variable is missing where its term is not valid; a day on which no term is valid is blank.

        :param target: indicator of each term, all with a formula, shape (r,)
        :param variable: variable that each term gives, -1 for none, shape (r,)
        :param given: coefficient x figure of each term's source, NaN = missing, shape (r, d)
        :param valid: where a term counts, shape (r, d)
        :return: targets, shape (u,), and their values and reasons, shape (u, d)
        """
        targets, place = np.unique(target, return_inverse=True)
        value = np.full((len(targets), given.shape[1]), np.nan)
        reason = np.full(value.shape, Reason.MISSING_INPUT, dtype=np.int8)
        due = np.zeros(value.shape, dtype=bool)
        np.logical_or.at(due, place, valid)
        for tree in np.unique(self.tree[targets]).tolist():
            mine = np.flatnonzero(self.tree[targets] == tree)
            rows = np.flatnonzero((self.tree[target] == tree) & (variable >= 0))
            at = np.searchsorted(mine, place[rows])
            names = variables(self.trees[tree])
            inputs = np.full((len(names), len(mine), given.shape[1]), np.nan)
            inputs[variable[rows], at] = np.where(valid[rows], given[rows], np.nan)
            result = evaluate(self.trees[tree], dict(zip(names, inputs, strict=True)))
            value[mine], reason[mine] = result.value, result.reason
        reason = np.where(due, reason, Reason.MISSING_INPUT).astype(np.int8)
        return targets, Result(np.where(due, value, np.nan), reason)
