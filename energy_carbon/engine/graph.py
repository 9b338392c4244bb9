"""Order of calculation: levels, circles, what becomes dirty, how many ways energy takes. Must not know what a node is.

A node is an index 0 to n - 1; an edge says that ``target`` is computed from ``source``. Edges are two int arrays.
"""

import numpy as np

from .arrays import FloatArray, IntArray

NEVER_FIRST = 2**31 - 1
"""First day of an empty range, later than any day ordinal (``date.toordinal``)."""
NEVER_LAST = -1
"""Last day of an empty range."""
MOST_PATHS = 2**40
"""Path counts stop here: they can double with every level, and far less is already a warning."""


class FormulaCircle(ValueError):
    """Formulas close a circle, so there is no order of calculation.

    :param members: nodes of one circle in order: each is a source of the next, the last one of the first
    """

    def __init__(self, members: list[int]) -> None:
        super().__init__(f"Formulas close a circle: {' -> '.join(map(str, [*members, members[0]]))}")
        self.members = members


def levels(n: int, source: IntArray, target: IntArray) -> IntArray:
    """Level of each node: 0 without sources, else one more than the highest level among its sources.

    :param n: number of nodes
    :param source: source of each edge, shape (e,)
    :param target: target of each edge, shape (e,)
    :return: levels, shape (n,)
    :raises FormulaCircle: the edges close a circle; names the members of one
    :raises ValueError: an edge names a node outside 0 to n - 1
    """
    level, remaining, (source, target) = _peel(n, source, target)
    if (level < 0).any():
        raise FormulaCircle(_walk_circle(source, target, remaining > 0))
    return level


def find_circle(n: int, source: IntArray, target: IntArray) -> list[int] | None:
    """Members of one circle in order (each feeds the next, the last the first), or None when there is none.

    :param n: number of nodes
    :param source: source of each edge, shape (e,)
    :param target: target of each edge, shape (e,)
    :return: members, or None
    :raises ValueError: an edge names a node outside 0 to n - 1
    """
    level, remaining, (source, target) = _peel(n, source, target)
    return _walk_circle(source, target, remaining > 0) if (level < 0).any() else None


def dependants(
    n: int,
    source: IntArray,
    target: IntArray,
    first: IntArray,
    last: IntArray,
    edge_first: IntArray | None = None,
    edge_last: IntArray | None = None,
) -> tuple[IntArray, IntArray]:
    """Day range that becomes dirty at every node, given dirty ranges at some.

    Ranges flow from sources to targets; where several meet, the hull is taken (a few clean days are computed again).

    :param n: number of nodes
    :param source: source of each edge, shape (e,)
    :param target: target of each edge, shape (e,)
    :param first: first dirty day of each node as day ordinal, shape (n,); empty where first > last
    :param last: last dirty day of each node, inclusive, shape (n,)
    :param edge_first: first day on which an edge is valid, shape (e,); None: always
    :param edge_last: last day on which an edge is valid, inclusive, shape (e,); None: always
    :return: first and last dirty day of each node, shape (n,) int64; clean nodes have (NEVER_FIRST, NEVER_LAST)
    :raises FormulaCircle: the edges close a circle
    """
    source, target = _checked_edges(n, source, target)
    first, last = np.array(first, dtype=np.int64), np.array(last, dtype=np.int64)
    clean = first > last
    first[clean], last[clean] = NEVER_FIRST, NEVER_LAST
    for edges in _edges_by_level(n, source, target):
        begin, end = first[source[edges]], last[source[edges]]
        if edge_first is not None:
            begin = np.maximum(begin, np.asarray(edge_first)[edges])
        if edge_last is not None:
            end = np.minimum(end, np.asarray(edge_last)[edges])
        dirty = begin <= end
        np.minimum.at(first, target[edges][dirty], begin[dirty])
        np.maximum.at(last, target[edges][dirty], end[dirty])
    return first, last


def path_counts(n: int, source: IntArray, target: IntArray, node: int, shared: IntArray | None = None) -> IntArray:
    """Number of different paths from every node to ``node``; more than one at a leaf means it is counted twice.

    Edges that share a source out are one path together, whatever number of them leads on: nobody gets more than a part.

    :param n: number of nodes
    :param source: source of each edge, shape (e,); two edges between the same nodes are two paths
    :param target: target of each edge, shape (e,)
    :param node: the node whose inputs are examined
    :param shared: edges from one source with the same number from 0 on share it out, -1: takes it whole, shape (e,);
        None: none of them
    :return: counts, shape (n,), 0 where no path leads, 1 at ``node`` itself, never above MOST_PATHS
    :raises FormulaCircle: the edges close a circle
    """
    source, target = _checked_edges(n, source, target)
    shared = np.full(len(source), -1) if shared is None else np.asarray(shared, dtype=np.int64)
    count = np.zeros(n, dtype=np.int64)
    count[node] = 1
    for edges in reversed(_edges_by_level(n, source, target)):
        whole = edges[shared[edges] < 0]
        np.add.at(count, source[whole], count[target[whole]])
        parts = edges[shared[edges] >= 0]
        keys, first, key = np.unique(shared[parts], return_index=True, return_inverse=True)
        most = np.zeros(len(keys), dtype=np.int64)
        np.maximum.at(most, key, count[target[parts]])
        np.add.at(count, source[parts[first]], most)
        np.minimum(count, MOST_PATHS, out=count)
    return count


def path_weights(n: int, source: IntArray, target: IntArray, node: int, weight: FloatArray) -> FloatArray:
    """Share with which every node counts in ``node``: the sum over paths of the product of the edges' coefficients.

    A meter that reaches a total on two paths with +1 and -1 counts 0 times, one with twice +1 counts 2 times.

    :param n: number of nodes
    :param source: source of each edge, shape (e,)
    :param target: target of each edge, shape (e,)
    :param node: the node whose inputs are examined
    :param weight: coefficient of each edge, shape (e,)
    :return: weights, shape (n,), 0 where no path leads, 1 at ``node`` itself
    :raises FormulaCircle: the edges close a circle
    """
    source, target = _checked_edges(n, source, target)
    total = np.zeros(n)
    total[node] = 1.0
    for edges in reversed(_edges_by_level(n, source, target)):
        np.add.at(total, source[edges], total[target[edges]] * np.asarray(weight, dtype=np.float64)[edges])
    return total


def _checked_edges(n: int, source: IntArray, target: IntArray) -> tuple[IntArray, IntArray]:
    """Edges as int64 arrays of equal length within 0 to n - 1."""
    source, target = np.asarray(source, dtype=np.int64), np.asarray(target, dtype=np.int64)
    if source.shape != target.shape:
        raise ValueError("Sources and targets must have the same length.")
    for ends in (source, target):
        if len(ends) and (ends.min() < 0 or ends.max() >= n):
            raise ValueError(f"Edges must join nodes 0 to {n - 1}.")
    return source, target


def _peel(n: int, source: IntArray, target: IntArray) -> tuple[IntArray, IntArray, tuple[IntArray, IntArray]]:
    """Take off nodes without open sources, by level (Kahn): levels (-1 in or above a circle), sources left, edges."""
    source, target = _checked_edges(n, source, target)
    order = np.argsort(source, kind="stable")
    fed = target[order]
    starts = np.searchsorted(source[order], np.arange(n + 1))
    remaining = np.bincount(target, minlength=n)
    level = np.full(n, -1, dtype=np.int64)
    front, depth = np.flatnonzero(remaining == 0), 0
    while len(front):
        level[front] = depth
        counts = starts[front + 1] - starts[front]
        rows = np.arange(counts.sum()) + np.repeat(starts[front] - (np.cumsum(counts) - counts), counts)
        reached = fed[rows]
        np.subtract.at(remaining, reached, 1)
        front = np.unique(reached[remaining[reached] == 0])
        depth += 1
    return level, remaining, (source, target)


def _walk_circle(source: IntArray, target: IntArray, stuck: np.ndarray) -> list[int]:
    """One circle among stuck nodes: each of them has a stuck source, so walking from source to source must return."""
    inner = stuck[source] & stuck[target]
    one_source = dict(zip(target[inner].tolist(), source[inner].tolist(), strict=True))
    node = next(iter(one_source))
    seen: dict[int, int] = {}
    while node not in seen:
        seen[node] = len(seen)
        node = one_source[node]
    return list(seen)[seen[node] :][::-1]


def _edges_by_level(n: int, source: IntArray, target: IntArray) -> list[IntArray]:
    """Indices of edges grouped by the level of their source, ascending."""
    if not len(source):
        return []
    level = levels(n, source, target)[source]
    order = np.argsort(level, kind="stable")
    return np.split(order, np.flatnonzero(np.diff(level[order])) + 1)
