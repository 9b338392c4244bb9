"""What is wrong with a formula, in the reader's language. Knows the engine's problems and no indicator."""

from odoo.tools import LazyTranslate

from ..engine.expression import FormulaError
from ..engine.expression_tree import Problem
from .unit_dimension import UnitTable

_lt = LazyTranslate(__name__)

# The engine imports no Odoo, so its sentences are repeated where the translation tools find them.
SENTENCES = {
    Problem.NOT_TEXT: _lt("A formula must be text."),
    Problem.TOO_LONG: _lt("The formula is longer than %(most)s characters."),
    Problem.TOO_MANY: _lt("The formula has more than %(most)s parts."),
    Problem.TOO_DEEP: _lt("The formula is nested deeper than %(most)s."),
    Problem.CHARACTER: _lt("The character %(found)s has no meaning in a formula."),
    Problem.NO_OPERATOR: _lt("An operator is expected before %(found)s."),
    Problem.NO_OPERAND: _lt("A number or a name is expected instead of %(found)s."),
    Problem.NO_OPERAND_AT_END: _lt("The formula ends where a number or a name is expected."),
    Problem.NO_SIGN: _lt("%(expected)s is expected instead of %(found)s."),
    Problem.NO_SIGN_AT_END: _lt("The formula ends where %(expected)s is expected."),
    Problem.CHAINED: _lt("Comparisons cannot be chained."),
    Problem.LARGE_NUMBER: _lt("The number is too large."),
    Problem.LONG_NAME: _lt("A name is longer than %(most)s characters."),
    Problem.FUNCTION: _lt("There is no function %(found)s; known are %(known)s."),
    Problem.ARGUMENTS: _lt("%(function)s takes %(wanted)s arguments, not %(found)s."),
    Problem.DIGITS: _lt("Digits to round to must be a whole number from -%(most)s to %(most)s."),
    Problem.VARIABLE: _lt("There is no variable %(found)s; known are %(known)s."),
    Problem.UNLIKE: _lt("Quantities of different kinds are put together: %(left)s and %(right)s."),
    Problem.RESULT: _lt("The formula gives %(found)s, but %(wanted)s is wanted."),
    Problem.QUOTIENT: _lt("The formula gives a quotient (%(found)s), and quotients of days cannot be added up."),
}
# These are about the formula as a whole: no place in it is wrong.
WITHOUT_PLACE = {Problem.RESULT, Problem.QUOTIENT}
# How much of a long formula is shown on each side of the place.
AROUND = 30


def sentence(env, error: FormulaError, table: UnitTable | None) -> str:
    """What is wrong.

    :param table: names of the units in the formula; None before they are known
    """
    number = env._("a plain number")
    details = {
        key: ((table.text(detail) if table else "") or number) if isinstance(detail, tuple) else detail or "–"
        for key, detail in error.details.items()
    }
    text = env._(SENTENCES[error.problem])
    return text % details


def place(error: FormulaError) -> int | None:
    """Index of the offending character, or None when the whole formula is meant."""
    return None if error.problem in WITHOUT_PLACE else error.position


def excerpt(text: str, position: int) -> str:
    """The formula around a place, with a mark before the character there."""
    begin, end = max(0, position - AROUND), position + AROUND
    before, after = ("…" if begin else ""), ("…" if end < len(text) else "")
    return f"{before}{text[begin:position]}▶{text[position:end]}{after}"
