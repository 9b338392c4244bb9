"""The allow-listed parts a user's formula may consist of. Must not know how they are written or computed."""

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from typing import TypeAlias


class Problem(StrEnum):
    """What can be wrong with a formula; the value is the English sentence, its place-holders are the details."""

    NOT_TEXT = "A formula must be text."
    TOO_LONG = "The formula is longer than %(most)s characters."
    TOO_MANY = "The formula has more than %(most)s parts."
    TOO_DEEP = "The formula is nested deeper than %(most)s."
    CHARACTER = "The character %(found)s has no meaning in a formula."
    NO_OPERATOR = "An operator is expected before %(found)s."
    NO_OPERAND = "A number or a name is expected instead of %(found)s."
    NO_OPERAND_AT_END = "The formula ends where a number or a name is expected."
    NO_SIGN = "%(expected)s is expected instead of %(found)s."
    NO_SIGN_AT_END = "The formula ends where %(expected)s is expected."
    CHAINED = "Comparisons cannot be chained."
    LARGE_NUMBER = "The number is too large."
    LONG_NAME = "A name is longer than %(most)s characters."
    FUNCTION = "There is no function %(found)s; known are %(known)s."
    ARGUMENTS = "%(function)s takes %(wanted)s arguments, not %(found)s."
    DIGITS = "Digits to round to must be a whole number from -%(most)s to %(most)s."
    VARIABLE = "There is no variable %(found)s; known are %(known)s."
    UNLIKE = "Quantities of different kinds are put together: %(left)s and %(right)s."
    RESULT = "The formula gives %(found)s, but %(wanted)s is wanted."
    QUOTIENT = "The formula gives a quotient (%(found)s), and quotients of days cannot be added up."


class FormulaError(ValueError):
    """A formula that is refused.

    :param problem: what is wrong
    :param position: index of the offending character, from 0
    :param details: figures and words of the problem's sentence
    """

    def __init__(self, problem: Problem, position: int, **details: object) -> None:
        self.problem = problem
        self.position = position
        self.details = details
        self.message = problem.value % details
        super().__init__(f"{self.message} (at character {position + 1})")


@dataclass(frozen=True)
class Number:
    """A finite literal."""

    value: float
    position: int


@dataclass(frozen=True)
class Variable:
    """A named input."""

    name: str
    position: int


@dataclass(frozen=True)
class Negate:
    """Unary minus."""

    operand: "Expression"
    position: int


@dataclass(frozen=True)
class Sum:
    """Operands added (sign 1) or subtracted (sign -1) from left to right."""

    operands: tuple["Expression", ...]
    signs: tuple[int, ...]
    position: int


@dataclass(frozen=True)
class Product:
    """Operands multiplied or, where ``divides`` is set, divided from left to right."""

    operands: tuple["Expression", ...]
    divides: tuple[bool, ...]
    position: int


@dataclass(frozen=True)
class Compare:
    """A comparison: 1 where it holds, 0 where not. ``operator`` is one of < <= > >= == !=."""

    operator: str
    left: "Expression"
    right: "Expression"
    position: int


@dataclass(frozen=True)
class Call:
    """One of the functions in :data:`FUNCTIONS`."""

    function: str
    arguments: tuple["Expression", ...]
    position: int


Expression: TypeAlias = Number | Variable | Negate | Sum | Product | Compare | Call

FUNCTIONS = {"if": (3, 3), "min": (1, 50), "max": (1, 50), "abs": (1, 1), "round": (1, 2), "coalesce": (1, 50)}
"""Least and largest number of arguments of each function."""


def parts(tree: Expression) -> tuple[Expression, ...]:
    """Direct parts of a node, left to right.

    :param tree: any node
    :return: its operands; none for numbers and variables
    """
    match tree:
        case Negate(operand=operand):
            return (operand,)
        case Sum(operands=operands) | Product(operands=operands) | Call(arguments=operands):
            return operands
        case Compare(left=left, right=right):
            return (left, right)
    return ()


def walk(tree: Expression) -> Iterator[Expression]:
    """Every node of a tree, parents first, left to right.

    :param tree: root
    :return: iterator over nodes
    """
    yield tree
    for part in parts(tree):
        yield from walk(part)


def variables(tree: Expression) -> tuple[str, ...]:
    """Names of the inputs a formula needs, each once, in order of appearance.

    :param tree: parsed formula
    :return: names
    """
    return tuple(dict.fromkeys(node.name for node in walk(tree) if isinstance(node, Variable)))


def literal(tree: Expression) -> float | None:
    """Figure of a plain or negated number, None for anything else.

    :param tree: any node
    :return: the figure, or None
    """
    if isinstance(tree, Negate):
        inner = literal(tree.operand)
        return None if inner is None else -inner
    return tree.value if isinstance(tree, Number) else None
