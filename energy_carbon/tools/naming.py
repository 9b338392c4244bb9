"""Names for the variables of a formula. Knows no formula."""

from collections.abc import Iterable, Iterator
from itertools import count, product
from string import ascii_lowercase

from ..engine.expression_tree import FUNCTIONS


def free_names(taken: Iterable) -> Iterator[str]:
    """Names that are free: a, b, ... z, aa, ab, ...; never that of a function.

    >>> names = free_names(["a", "c"])
    >>> next(names), next(names)
    ('b', 'd')

    :param taken: names in use; what is empty does not matter
    """
    used = {*taken, *FUNCTIONS}
    for length in count(1):
        for letters in product(ascii_lowercase, repeat=length):
            name = "".join(letters)
            if name not in used:
                yield name
