"""Order of calculation: levels, circles, dirty ranges, paths."""

import time

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from energy_carbon.engine.graph import (
    MOST_PATHS,
    NEVER_FIRST,
    NEVER_LAST,
    FormulaCircle,
    dependants,
    find_circle,
    levels,
    path_counts,
    path_weights,
)


def ladder(n_chains=10, depth=500, n_more=95_000):
    """Chains side by side with many further edges upward: 5,000 nodes, 500 deep, about 1e5 edges."""
    n = n_chains * depth
    generator = np.random.default_rng(1)
    source, target = generator.integers(0, n, (2, 4 * n_more))
    upward = np.flatnonzero(source // n_chains < target // n_chains)[:n_more]
    source = np.concatenate([np.arange(n - n_chains), source[upward]])
    target = np.concatenate([np.arange(n_chains, n), target[upward]])
    return n, source, target


def test_levels_of_a_diamond_and_a_lone_node():
    assert levels(5, [0, 0, 1, 2, 0], [1, 2, 3, 3, 3]).tolist() == [0, 1, 1, 2, 0]
    assert levels(3, [], []).tolist() == [0, 0, 0]


def test_chain_500_deep_with_5000_indicators():
    n, source, target = ladder()
    elapsed = []
    for _ in range(3):
        start = time.process_time()
        level = levels(n, source, target)
        elapsed.append(time.process_time() - start)
    assert level.tolist() == (np.arange(n) // 10).tolist()
    assert min(elapsed) < 0.25, "about 0.03 s on a free machine"


def test_circle_is_named_in_order():
    source, target = np.array([0, 1, 2, 3, 3, 4]), np.array([1, 2, 3, 1, 4, 5])
    with pytest.raises(FormulaCircle) as refused:
        levels(6, source, target)
    members = refused.value.members
    assert sorted(members) == [1, 2, 3]
    edges = set(zip(source.tolist(), target.tolist(), strict=True))
    assert all(pair in edges for pair in zip(members, [*members[1:], members[0]], strict=True))
    assert find_circle(6, source, target) == members
    assert find_circle(3, [0, 1], [1, 2]) is None


def test_circle_of_one():
    assert find_circle(2, [1], [1]) == [1]


@settings(max_examples=60, deadline=None)
@given(st.lists(st.tuples(st.integers(0, 9), st.integers(0, 9)), max_size=30))
def test_either_levels_ascend_or_a_real_circle_is_named(edges):
    source, target = (np.array(ends, dtype=int) for ends in (zip(*edges, strict=True) if edges else ([], [])))
    try:
        level = levels(10, source, target)
    except FormulaCircle as circle:
        pairs = zip(circle.members, [*circle.members[1:], circle.members[0]], strict=True)
        assert all(pair in edges for pair in pairs)
    else:
        assert (level[source] < level[target]).all()
        assert find_circle(10, source, target) is None


def test_dirty_ranges_flow_up_as_hulls():
    first, last = dependants(4, [0, 1, 2], [2, 2, 3], [10, 20, 1, 1], [12, 25, 0, 0])
    assert first.tolist() == [10, 20, 10, 10] and last.tolist() == [12, 25, 25, 25]


def test_dirty_ranges_are_clipped_by_validity():
    first, last = dependants(3, [0, 0], [1, 2], [10, 1, 1], [20, 0, 0], [15, 30], [99, 99])
    assert (first[1], last[1]) == (15, 20)
    assert (first[2], last[2]) == (NEVER_FIRST, NEVER_LAST)


def test_paths_from_leaves():
    source, target = [0, 0, 1, 2, 4], [1, 2, 3, 3, 3]
    assert path_counts(5, source, target, 3).tolist() == [2, 1, 1, 1, 1]
    assert path_counts(5, source, target, 1).tolist() == [1, 1, 0, 0, 0]
    assert path_weights(5, source, target, 3, [1, 1, 1, -1, 2]).tolist() == [0, 1, -1, 1, 2]
    assert path_weights(2, [], [], 1, []).tolist() == [0, 1]


def test_paths_that_double_with_every_level_stop_at_the_ceiling():
    source = np.repeat(np.arange(99), 2)
    assert path_counts(100, source, source + 1, 99)[0] == MOST_PATHS


def test_refuses_edges_to_nowhere():
    with pytest.raises(ValueError, match="join"):
        levels(2, [0], [2])
    with pytest.raises(ValueError, match="length"):
        levels(2, [0], [])
