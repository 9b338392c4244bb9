"""User formulas computed on arrays. Must not know where the inputs come from nor what units they have.

Errors are values: where a formula cannot be computed the result is NaN with a reason. ``parse``, ``check_units`` and
``variables`` come from the parser, the units and the tree.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import reduce

import numpy as np

from .arrays import FloatArray, IntArray
from .expression_parser import parse
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
    variables,
)
from .expression_units import check_units
from .quality import Reason

__all__ = ["Expression", "FormulaError", "Result", "check_units", "evaluate", "parse", "variables"]

HALF_WAY = 1 + 1e-14
"""Lifts 267.49999999999997 (2.675 x 100 in binary) to the half that a reader sees."""
_COMPARE: dict[str, Callable] = {
    "<": np.less,
    "<=": np.less_equal,
    ">": np.greater,
    ">=": np.greater_equal,
    "==": np.equal,
    "!=": np.not_equal,
}
_FOLD: dict[str, Callable] = {"min": np.minimum, "max": np.maximum}


@dataclass(frozen=True)
class Result:
    """Outcome of a formula, in the common shape of its inputs.

    :param value: float64, NaN where it cannot be computed
    :param reason: :class:`.quality.Reason` where the value is NaN, NONE elsewhere, int8
    """

    value: FloatArray
    reason: IntArray


def evaluate(tree: Expression, values: Mapping[str, FloatArray | float]) -> Result:
    """Compute a formula on arrays that broadcast against each other.

    A missing input (NaN) makes the result missing, except in ``coalesce`` (the first of its arguments that is known)
    and in the branch of ``if`` that is not taken. A divisor of zero gives NaN with ZERO_DENOMINATOR. Comparisons give
    1 or 0; ``if`` takes its first branch where the condition is not 0. ``round`` rounds halves away from zero.

    :param tree: parsed formula
    :param values: input of every variable by name, NaN = missing
    :return: values and reasons, in the broadcast shape of all ``values``
    :raises FormulaError: a variable has no input
    """
    with np.errstate(all="ignore"):
        result = _evaluate(tree, values)
    shape = np.broadcast_shapes(result.value.shape, *(np.shape(value) for value in values.values()))
    return Result(np.broadcast_to(result.value, shape).copy(), np.broadcast_to(result.reason, shape).copy())


def _evaluate(tree: Expression, values: Mapping[str, FloatArray | float]) -> Result:
    """Outcome of a node."""
    match tree:
        case Number(value=value):
            return _result(np.float64(value))
        case Variable(name=name, position=position):
            if name not in values:
                raise FormulaError(Problem.VARIABLE, position, found=repr(name), known=", ".join(values))
            return _result(np.asarray(values[name], dtype=np.float64))
        case Negate(operand=operand):
            one = _evaluate(operand, values)
            return Result(-one.value, one.reason)
        case Sum(operands=operands, signs=signs):
            done = [_evaluate(operand, values) for operand in operands]
            return _result(sum(sign * one.value for sign, one in zip(signs, done, strict=True)), *done)
        case Product(operands=operands, divides=divides):
            return _product([_evaluate(operand, values) for operand in operands], divides)
        case Compare(operator=operator, left=left, right=right):
            return _compare(operator, _evaluate(left, values), _evaluate(right, values))
        case Call(function=function, arguments=arguments):
            return _call(function, [_evaluate(argument, values) for argument in arguments])
    raise TypeError(f"{type(tree).__name__} is no part of a formula.")


def _result(value: FloatArray, *inputs: Result) -> Result:
    """Outcome with the reason of the first input that has one; what is infinite overflowed."""
    value = np.asarray(value, dtype=np.float64)
    reason = np.zeros(value.shape, dtype=np.int8)
    for one in inputs:
        reason = np.where(reason == Reason.NONE, one.reason, reason)
    rest = Reason.OVERFLOW if inputs else Reason.MISSING_INPUT
    reason = np.where(np.isfinite(value), Reason.NONE, np.where(reason == Reason.NONE, rest, reason)).astype(np.int8)
    return Result(np.where(np.isfinite(value), value, np.nan), reason)


def _compare(operator: str, one: Result, other: Result) -> Result:
    """1 where the comparison holds, 0 where not, NaN where a side is missing."""
    unknown = np.isnan(one.value) | np.isnan(other.value)
    return _result(np.where(unknown, np.nan, _COMPARE[operator](one.value, other.value)), one, other)


def _product(operands: list[Result], divides: tuple[bool, ...]) -> Result:
    """Product and quotient from left to right."""
    total = operands[0]
    for one, divide in zip(operands[1:], divides[1:], strict=True):
        if not divide:
            total = _result(total.value * one.value, total, one)
            continue
        zero = one.value == 0
        quotient = _result(total.value / np.where(zero, np.nan, one.value), total, one)
        reason = np.where(zero & (total.reason == Reason.NONE), Reason.ZERO_DENOMINATOR, quotient.reason)
        total = Result(quotient.value, reason.astype(np.int8))
    return total


def _call(function: str, arguments: list[Result]) -> Result:
    """Outcome of a function."""
    first = arguments[0]
    if function == "if":
        chosen = _choose(first.value != 0, arguments[1], arguments[2])
        return _choose(np.isnan(first.value), first, chosen)
    if function == "coalesce":
        return reduce(lambda known, other: _choose(np.isnan(known.value), other, known), arguments)
    if function == "abs":
        return Result(np.abs(first.value), first.reason)
    if function == "round":
        return _round(first, int(arguments[1].value) if len(arguments) == 2 else 0)
    return _result(reduce(_FOLD[function], [one.value for one in arguments]), *arguments)


def _choose(condition: np.ndarray, one: Result, other: Result) -> Result:
    """The first outcome where the condition holds, else the second."""
    return Result(np.where(condition, one.value, other.value), np.where(condition, one.reason, other.reason))


def _round(one: Result, digits: int) -> Result:
    """Rounded to decimal digits, halves away from zero."""
    scale = 10.0 ** abs(digits)
    scaled = np.abs(one.value) * scale if digits >= 0 else np.abs(one.value) / scale
    whole = np.floor(scaled * HALF_WAY + 0.5)
    return _result(np.copysign(whole / scale if digits >= 0 else whole * scale, one.value), one)
