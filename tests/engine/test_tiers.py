"""Prices by the volume of a month or a year."""

from datetime import date

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from energy_carbon.engine.tiers import counting_bounds, counting_keys, tier_amounts, tier_of, volumes_before

DAY = st.dates(date(1990, 1, 1), date(2060, 12, 31)).map(date.toordinal)


def bill(total, bounds, prices):
    """The bill on a period's total, as a person computes it."""
    cost, below = 0.0, 0.0
    for bound, price in zip([*bounds, float("inf")], prices, strict=True):
        cost += max(min(total, bound) - below, 0.0) * price
        below = bound
    return cost


def test_day_is_cut_where_the_volume_passes_a_bound():
    parts = tier_amounts(np.array([170.0]), np.array([250.0]), np.array([180.0, 400.0]))
    assert parts.tolist() == [[10.0, 220.0, 20.0]]


def test_volume_counts_from_the_closing_day():
    days = np.array([date(2026, 6, 25).toordinal(), date(2026, 6, 26).toordinal()])
    assert np.diff(counting_keys(days, False, 25)).tolist() == [1]
    first, last = counting_bounds(int(counting_keys(days[1:], False, 25)[0]), False, 25)
    assert (date.fromordinal(first), date.fromordinal(last)) == (date(2026, 6, 26), date(2026, 7, 25))
    first, last = counting_bounds(int(counting_keys(days[1:], True, 25)[0]), True, 25)
    assert (date.fromordinal(first), date.fromordinal(last)) == (date(2025, 12, 26), date(2026, 12, 25))


def test_missing_day_adds_nothing():
    keys = np.array([5, 5, 5, 6])
    before = volumes_before(np.array([[1.0, np.nan, 2.0, 4.0]]), keys, np.array([10.0]))
    assert before.tolist() == [[10.0, 11.0, 11.0, 0.0]]


def test_next_unit_at_a_bound_lies_in_the_higher_tier():
    assert tier_of(np.array([0.0, 179.9, 180.0, 500.0]), np.array([180.0, 400.0])).tolist() == [0, 0, 1, 2]


@given(DAY, st.booleans(), st.integers(0, 28))
def test_bounds_hold_exactly_the_days_of_the_key(day, by_year, closing):
    key = int(counting_keys(np.array([day]), by_year, closing)[0])
    first, last = counting_bounds(key, by_year, closing)
    assert first <= day <= last
    assert counting_keys(np.array([first - 1, first, last, last + 1]), by_year, closing).tolist() == [
        key - 1,
        key,
        key,
        key + 1,
    ]


@given(
    st.lists(st.floats(0, 500, allow_nan=False), min_size=1, max_size=31),
    st.lists(st.integers(1, 4000), min_size=1, max_size=4, unique=True).map(sorted),
    st.integers(0, 30),
)
def test_days_sum_to_the_bill_of_the_month(amounts, bounds, split):
    """Whatever the blocks in which the days are computed."""
    prices = [0.5 + 0.3 * at for at in range(len(bounds) + 1)]
    days, cost, counted = np.array([amounts]), 0.0, np.array([0.0])
    for block in (days[:, :split], days[:, split:]):
        if block.shape[1]:
            before = volumes_before(block, np.zeros(block.shape[1], np.int64), counted)
            cost += float((tier_amounts(before, block, np.array(bounds, float)) @ prices).sum())
            counted = counted + block.sum(axis=1)
    assert cost == pytest.approx(bill(sum(amounts), bounds, prices), rel=1e-9, abs=1e-9)
