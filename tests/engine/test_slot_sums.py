"""Slots of sums: what adds up, and what leaves a sum without slots."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from energy_carbon.engine.allocation import Allocations, Key
from energy_carbon.engine.rollup import Terms
from energy_carbon.engine.slot_sums import add_slots

NAN = np.nan
DAY = 740_000


def terms(*rows, first=DAY, last=DAY + 30):
    """Carrying terms (target, source, coefficient)."""
    target, source, coefficient = (np.array(column) for column in zip(*rows, strict=True))
    n = len(target)
    zeros = np.zeros(n)
    return Terms(target, source, zeros, zeros, coefficient, np.full(n, first), np.full(n, last), zeros, np.ones(n, bool))


def summed(amount, slots, formula, level, allocations=None):
    amount, slots = np.array(amount, float), np.array(slots, float)
    add_slots(amount, slots, formula, np.array(level), np.array(level) > 0, DAY, allocations)
    return slots


def test_two_levels_with_coefficients():
    slots = summed(
        [[6.0], [3.0], [9.0], [18.0]],
        [[[1.0, 5.0]], [[1.0, 2.0]], [[0.0, 0.0]], [[7.0, 7.0]]],
        terms((2, 0, 1.0), (2, 1, 1.0), (3, 2, 2.0)),
        [0, 0, 1, 2],
    )
    assert slots[2].tolist() == [[2.0, 7.0]]
    assert slots[3].tolist() == [[4.0, 14.0]]


@pytest.mark.parametrize(
    ("amounts", "expected"),
    [
        ([6.0, NAN, 6.0], [1.0, 5.0]),  # without an amount: adds nothing
        ([6.0, 3.0, 9.0], [NAN, NAN]),  # an amount without slots
        ([NAN, NAN, 9.0], [NAN, NAN]),  # nothing known
        ([6.0, NAN, NAN], [NAN, NAN]),  # the sum itself is blank
    ],
)
def test_what_leaves_a_sum_without_slots(amounts, expected):
    slots = [[[1.0, 5.0]], [[NAN, NAN]], [[3.0, 3.0]]]
    found = summed([[amount] for amount in amounts], slots, terms((2, 0, 1.0), (2, 1, 1.0)), [0, 0, 1])
    np.testing.assert_array_equal(found[2], [expected])


def test_validity_day_by_day_and_short_days():
    slots = [[[1.0, 2.0], [3.0, NAN]], [[5.0, 6.0], [7.0, NAN]], [[NAN, NAN], [NAN, NAN]]]
    early, late = terms((2, 0, 1.0), last=DAY), terms((2, 1, 1.0), first=DAY + 1)
    both = Terms(*(np.append(getattr(early, name), getattr(late, name)) for name in Terms.__dataclass_fields__))
    found = summed([[3.0, 3.0], [11.0, 7.0], [3.0, 7.0]], slots, both, [0, 0, 1])
    np.testing.assert_array_equal(found[2], [[1.0, 2.0], [7.0, NAN]])


def test_allocated_part_follows_the_amount():
    key = Key(
        source=0,
        target=np.array([1]),
        remainder=2,
        basis=np.array([-1]),
        figure=np.array([0.25]),
        fixed=True,
        measured=False,
        first_day=np.array([DAY]),
        last_day=np.array([DAY + 1]),
        span=(DAY, DAY + 1),
        rank=np.arange(1),
        conversion=np.ones(2),
    )
    slots = [[[1.0, 3.0]], [[0.0, 0.0]], [[0.0, 0.0]]]
    found = summed([[4.0], [1.0], [3.0]], slots, terms((1, 0, 1.0), (2, 0, 1.0)), [0, 1, 1], Allocations([key]))
    np.testing.assert_array_equal(found[1:, 0], [[0.25, 0.75], [0.75, 2.25]])


@settings(max_examples=60, deadline=None)
@given(st.integers(1, 6), st.integers(1, 3), st.data())
def test_slots_of_a_sum_add_up_to_its_amount(n, n_days, data):
    figure = st.floats(-1e6, 1e6)
    leaves = np.array(data.draw(st.lists(figure, min_size=n * n_days * 4, max_size=n * n_days * 4))).reshape(n, n_days, 4)
    factor = np.array(data.draw(st.lists(st.floats(-3.0, 3.0), min_size=n, max_size=n)))
    amount = np.vstack([leaves.sum(axis=2), (leaves.sum(axis=2) * factor[:, None]).sum(axis=0)[None]])
    slots = np.concatenate([leaves, np.zeros((1, n_days, 4))])
    found = summed(amount, slots, terms(*((n, leaf, factor[leaf]) for leaf in range(n))), [0] * n + [1])
    np.testing.assert_allclose(found[n].sum(axis=1), amount[n], rtol=1e-9, atol=1e-6)
