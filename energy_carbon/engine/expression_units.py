"""Units of user formulas: what may be put together, where a conversion is due. Must not know what a unit is called."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TypeAlias

from .expression_tree import (
    Call,
    Compare,
    Expression,
    FormulaError,
    Negate,
    Number,
    Problem,
    Product,
    Sum,
    Variable,
    literal,
    parts,
)

Dimension: TypeAlias = tuple[int, ...]
"""Exponents, one for each base unit the caller distinguishes (kWh, m3, t, ...); zeros for a plain number."""


@dataclass(frozen=True)
class Unit:
    """A unit of measure.

    :param dimension: what it measures
    :param scale: how many of the base units one of it is (1,000 for MWh where the base is kWh)
    """

    dimension: Dimension
    scale: float = 1.0


def unify(tree: Expression, units: Mapping[str, Unit]) -> tuple[Expression, Unit]:
    """Put a conversion wherever quantities of one kind but different units meet.

    What stands later is converted to the unit of what stands first: in ``a + b`` with ``a`` in kWh and ``b`` in MWh,
    ``b`` is multiplied by 1,000. Plain numbers have no unit; one that a quantity is compared with or chosen beside is
    in that quantity's unit (``max(a, 0)``, ``b > 100``), and a bare 0 may be added to anything.

    :param tree: parsed formula
    :param units: unit of every variable, with dimensions of the same length
    :return: the tree to evaluate, with the same variables in their own units, and the unit of its result
    :raises FormulaError: unlike quantities are put together, or a variable has no unit
    """
    length = max((len(unit.dimension) for unit in units.values()), default=0)
    return _unify(tree, units, Unit((0,) * length))


def check_units(tree: Expression, dimensions: Mapping[str, Dimension]) -> Dimension:
    """Dimension of a formula's result, refusing sums of unlike things.

    :param tree: parsed formula
    :param dimensions: dimension of every variable, all of the same length
    :return: dimension of the result; zeros for a plain number
    :raises FormulaError: as :func:`unify`
    :raises ValueError: the dimensions differ in length
    """
    if len({len(dimension) for dimension in dimensions.values()}) > 1:
        raise ValueError("All dimensions must have the same length.")
    return unify(tree, {name: Unit(tuple(dimension)) for name, dimension in dimensions.items()})[1].dimension


def is_bare(tree: Expression) -> bool:
    """Whether a formula's result is a plain number whatever its variables are (``if(a > 0, 24, 0)``).

    :param tree: any node
    :return: True where variables only decide between numbers
    """
    match tree:
        case Variable():
            return False
        case Compare():
            return True
        case Call(function="if", arguments=(_condition, *branches)):
            return all(is_bare(branch) for branch in branches)
    return all(is_bare(part) for part in parts(tree))


def converted(tree: Expression, factor: float) -> Expression:
    """The tree times a conversion factor.

    :param tree: any node
    :param factor: the factor; 1 leaves the tree as it is
    :return: tree
    """
    if factor == 1:
        return tree
    return Product((Number(factor, tree.position), tree), (False, False), tree.position)


def _unify(tree: Expression, units: Mapping[str, Unit], none: Unit) -> tuple[Expression, Unit]:
    """A node with its conversions and its unit; ``none`` is the unit of a number."""
    match tree:
        case Variable(name=name, position=position):
            if name not in units:
                raise FormulaError(Problem.VARIABLE, position, found=repr(name), known=", ".join(units))
            return tree, units[name]
        case Negate(operand=operand, position=position):
            inner, unit = _unify(operand, units, none)
            return Negate(inner, position), unit
        case Sum(operands=operands, signs=signs, position=position):
            aligned, unit = _align(operands, units, none, zero_only=True)
            return Sum(aligned, signs, position), unit
        case Product():
            return _product(tree, units, none)
        case Compare(operator=operator, left=left, right=right, position=position):
            aligned, _unit = _align((left, right), units, none)
            return Compare(operator, *aligned, position), none
        case Call():
            return _call(tree, units, none)
    return tree, none


def _product(tree: Product, units: Mapping[str, Unit], none: Unit) -> tuple[Expression, Unit]:
    """A product: exponents add up, scales multiply."""
    operands, dimension, scale = [], none.dimension, 1.0
    for operand, divide in zip(tree.operands, tree.divides, strict=True):
        inner, unit = _unify(operand, units, none)
        operands.append(inner)
        sign = -1 if divide else 1
        dimension = tuple(total + sign * one for total, one in zip(dimension, unit.dimension, strict=True))
        scale *= unit.scale**sign
    return Product(tuple(operands), tree.divides, tree.position), Unit(dimension, scale)


def _call(tree: Call, units: Mapping[str, Unit], none: Unit) -> tuple[Expression, Unit]:
    """A function: its arguments are of one kind, but for the condition of ``if`` and the digits of ``round``."""
    first, *others = tree.arguments
    if tree.function == "if":
        condition, _unit = _unify(first, units, none)
        aligned, unit = _align(others, units, none)
        return Call("if", (condition, *aligned), tree.position), unit
    if tree.function == "round":
        inner, unit = _unify(first, units, none)
        return Call("round", (inner, *others), tree.position), unit
    aligned, unit = _align(tree.arguments, units, none)
    return Call(tree.function, aligned, tree.position), unit


def _align(
    operands: Sequence[Expression], units: Mapping[str, Unit], none: Unit, zero_only: bool = False
) -> tuple[tuple[Expression, ...], Unit]:
    """Operands in the unit of the first that has one; literals (``zero_only``: only a bare 0) are in that too."""
    found, aligned = None, []
    for operand in operands:
        figure = literal(operand)
        if figure == 0 or (figure is not None and not zero_only):
            aligned.append(operand)
            continue
        inner, unit = _unify(operand, units, none)
        found = found or unit
        if unit.dimension != found.dimension:
            raise FormulaError(Problem.UNLIKE, operand.position, left=found.dimension, right=unit.dimension)
        aligned.append(converted(inner, unit.scale / found.scale))
    return tuple(aligned), found or none
