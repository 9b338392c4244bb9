"""Text of a formula to its tree: own tokenizer and grammar, nothing is executed. Must not know what variables mean.

The grammar::

    comparison = sum [("<" | "<=" | ">" | ">=" | "==" | "!=") sum]
    sum        = product {("+" | "-") product}
    product    = factor {("*" | "/") factor}
    factor     = "-" factor | number | name | function "(" comparison {"," comparison} ")" | "(" comparison ")"
"""

import math
import re
from dataclasses import dataclass

from .expression_tree import (
    FUNCTIONS,
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
)

MAX_LENGTH = 4_000
MAX_DEPTH = 50
MAX_NODES = 1_000
MAX_NAME = 100
MAX_ROUND_DIGITS = 9

# Signs as a Chinese or a mathematical keyboard writes them; one character each, so that positions stay.
_SIGNS = str.maketrans("（）＋－−＊×／÷＜＞＝！，", "()+--**//<>=!,")
_COMPARED = {"≤": "<=", "≥": ">=", "≠": "!="}
_TOKEN = re.compile(
    r"(?P<space>\s+)|(?P<number>[0-9]+(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?)|(?P<name>[^\W\d]\w*)"
    r"|(?P<sign><=|>=|==|!=|[≤≥≠<>+\-*/(),])"
)
_COMPARISONS = ("<", "<=", ">", ">=", "==", "!=")


@dataclass(frozen=True)
class _Token:
    """A word of the formula; ``kind`` is number, name, sign or end."""

    kind: str
    text: str
    position: int


def parse(text: str) -> Expression:
    """Parse a formula.

    :param text: at most 4,000 characters; names of any letters, digits and underscores, not starting with a digit;
        signs may be full-width or mathematical (（ ， × ÷ ≤)
    :return: tree of frozen parts; a function's name is a plain variable where no parenthesis follows
    :raises FormulaError: the text is no formula, or too long, too deep (50) or of too many parts (1,000)
    """
    if not isinstance(text, str):
        raise FormulaError(Problem.NOT_TEXT, 0)
    if len(text) > MAX_LENGTH:
        raise FormulaError(Problem.TOO_LONG, MAX_LENGTH, most=MAX_LENGTH)
    return _Parser(_tokens(text)).whole()


def is_name(text: str) -> bool:
    """Whether a text may be the name of a variable.

    :param text: any text
    :return: True for letters of any script, digits and underscores, not starting with a digit, at most 100
    """
    match = _TOKEN.fullmatch(text)
    return bool(match) and match.lastgroup == "name" and len(text) <= MAX_NAME


def _tokens(text: str) -> list[_Token]:
    """Words of the text, with an end mark."""
    text = text.translate(_SIGNS)
    tokens, position = [], 0
    while position < len(text):
        match = _TOKEN.match(text, position)
        if match is None:
            raise FormulaError(Problem.CHARACTER, position, found=repr(text[position]))
        if match.lastgroup != "space":
            word = match.group()
            tokens.append(_Token(match.lastgroup, _COMPARED.get(word, word), position))
        position = match.end()
    return [*tokens, _Token("end", "", len(text))]


class _Parser:
    """Recursive descent over the tokens; one method a rule of the grammar."""

    def __init__(self, tokens: list[_Token]) -> None:
        self.tokens = tokens
        self.index = 0
        self.depth = 0
        self.nodes = 0

    def whole(self) -> Expression:
        """The formula up to its end."""
        tree = self.comparison()
        if self.next.kind != "end":
            raise FormulaError(Problem.NO_OPERATOR, self.next.position, found=repr(self.next.text))
        return tree

    @property
    def next(self) -> _Token:
        return self.tokens[self.index]

    def take(self, *signs: str) -> _Token | None:
        """The next token when it is one of the signs, else None."""
        token = self.next
        if token.kind != "sign" or token.text not in signs:
            return None
        self.index += 1
        return token

    def require(self, sign: str) -> None:
        """Step over a sign that must follow."""
        if not self.take(sign):
            problem = Problem.NO_SIGN if self.next.text else Problem.NO_SIGN_AT_END
            raise FormulaError(problem, self.next.position, expected=repr(sign), found=repr(self.next.text))

    def count(self, node: Expression) -> Expression:
        """The node, counted against the limit."""
        self.nodes += 1
        if self.nodes > MAX_NODES:
            raise FormulaError(Problem.TOO_MANY, node.position, most=MAX_NODES)
        return node

    def deeper(self) -> None:
        """Enter a parenthesis or a unary minus, within the limit."""
        self.depth += 1
        if self.depth > MAX_DEPTH:
            raise FormulaError(Problem.TOO_DEEP, self.next.position, most=MAX_DEPTH)

    def comparison(self) -> Expression:
        left = self.sum()
        sign = self.take(*_COMPARISONS)
        if not sign:
            return left
        tree = self.count(Compare(sign.text, left, self.sum(), sign.position))
        again = self.take(*_COMPARISONS)
        if again:
            raise FormulaError(Problem.CHAINED, again.position)
        return tree

    def sum(self) -> Expression:
        operands, signs = [self.product()], ["+"]
        while sign := self.take("+", "-"):
            signs.append(sign.text)
            operands.append(self.product())
        if len(operands) == 1:
            return operands[0]
        factors = tuple(-1 if sign == "-" else 1 for sign in signs)
        return self.count(Sum(tuple(operands), factors, operands[0].position))

    def product(self) -> Expression:
        operands, signs = [self.factor()], ["*"]
        while sign := self.take("*", "/"):
            signs.append(sign.text)
            operands.append(self.factor())
        if len(operands) == 1:
            return operands[0]
        divides = tuple(sign == "/" for sign in signs)
        return self.count(Product(tuple(operands), divides, operands[0].position))

    def factor(self) -> Expression:
        token = self.next
        if self.take("-"):
            self.deeper()
            tree = self.count(Negate(self.factor(), token.position))
            self.depth -= 1
            return tree
        if self.take("("):
            self.deeper()
            tree = self.comparison()
            self.require(")")
            self.depth -= 1
            return tree
        self.index += 1
        if token.kind == "number":
            return self.number(token)
        if token.kind == "name":
            return self.name(token)
        problem = Problem.NO_OPERAND if token.text else Problem.NO_OPERAND_AT_END
        raise FormulaError(problem, token.position, found=repr(token.text))

    def number(self, token: _Token) -> Expression:
        value = float(token.text)
        if not math.isfinite(value):
            raise FormulaError(Problem.LARGE_NUMBER, token.position)
        return self.count(Number(value, token.position))

    def name(self, token: _Token) -> Expression:
        if len(token.text) > MAX_NAME:
            raise FormulaError(Problem.LONG_NAME, token.position, most=MAX_NAME)
        if not self.take("("):
            return self.count(Variable(token.text, token.position))
        if token.text not in FUNCTIONS:
            raise FormulaError(Problem.FUNCTION, token.position, found=repr(token.text), known=", ".join(FUNCTIONS))
        self.deeper()
        arguments = [self.comparison()]
        while self.take(","):
            arguments.append(self.comparison())
        self.require(")")
        self.depth -= 1
        return self.count(_checked_call(Call(token.text, tuple(arguments), token.position)))


def _checked_call(call: Call) -> Call:
    """The call, when the number of its arguments is right."""
    least, most = FUNCTIONS[call.function]
    if not least <= len(call.arguments) <= most:
        wanted, found = str(least) if least == most else f"{least}–{most}", len(call.arguments)
        raise FormulaError(Problem.ARGUMENTS, call.position, function=repr(call.function), wanted=wanted, found=found)
    if call.function == "round" and len(call.arguments) == 2:
        digits = literal(call.arguments[1])
        if digits is None or digits != int(digits) or abs(digits) > MAX_ROUND_DIGITS:
            raise FormulaError(Problem.DIGITS, call.arguments[1].position, most=MAX_ROUND_DIGITS)
    return call
