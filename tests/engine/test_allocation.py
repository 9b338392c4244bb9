"""Allocation keys: shares sum to one, amounts and rest are the source to the last digit, order does not matter."""

import doctest
from decimal import Decimal

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from energy_carbon.engine import allocation
from energy_carbon.engine.allocation import Allocations, Key, divide, shares
from energy_carbon.engine.cells import Cells, Terms
from energy_carbon.engine.graph import levels, path_counts
from energy_carbon.engine.quality import Quality, Reason
from energy_carbon.engine.rollup import Kind, evaluate, put_leaves

ALWAYS = (1, 10**6)
DAY = 739_000
figures = st.one_of(st.floats(0.001, 1e6), st.integers(0, 50).map(float))
amounts = st.integers(-(10**11), 10**11).map(lambda n: float(Decimal(n).scaleb(-5)))


def exact(values) -> Decimal:
    """Sum of what the figures show, to the last digit."""
    return sum((Decimal(repr(float(value))) for value in np.ravel(values)), Decimal())


def key(source, target, remainder=-1, basis=None, figure=None, **values) -> Key:
    k = len(target)
    measured = basis is not None
    defaults = {
        "fixed": False,
        "measured": measured,
        "first_day": np.full(k, ALWAYS[0]),
        "last_day": np.full(k, ALWAYS[1]),
        "span": ALWAYS,
        "rank": np.arange(k),
        "conversion": np.ones(k + 1),
    }
    return Key(
        source,
        np.array(target),
        remainder,
        np.array(basis) if measured else np.full(k, -1),
        np.ones(k) if figure is None else np.array(figure, float),
        **{**defaults, **values},
    )


def test_doctests():
    assert doctest.testmod(allocation, extraglobs={"np": np}).failed == 0


def test_floor_area_example():
    share, empty = shares(np.array([[1200.0], [800.0], [500.0]]), np.ones((3, 1), bool))
    parts = divide(np.array([30_000.0]), share, np.arange(3), np.array([DAY]))
    assert parts.amount.ravel().tolist() == [14_400.0, 9_600.0, 6_000.0]
    assert parts.rest.tolist() == [0.0] and not empty.any()


def test_a1_thirds_make_the_source_and_go_round():
    days = DAY + np.arange(31)
    source = np.full(31, 100.0)
    parts = divide(source, np.full((3, 31), 1 / 3), np.arange(3), days)
    assert all(exact(parts.amount[:, day]) + exact(parts.rest[day]) == Decimal(100) for day in range(31))
    extra = np.rint(parts.amount * 1000).astype(int) - 33_333
    assert extra.sum(axis=0).tolist() == [1] * 31
    assert sorted(extra.sum(axis=1).tolist()) == [10, 10, 11]


def test_a2_rest_is_what_is_not_shared_out():
    parts = divide(np.array([1000.0]), np.array([[0.5], [0.4]]), np.arange(2), np.array([DAY]))
    assert parts.amount.ravel().tolist() == [500.0, 400.0] and parts.rest.tolist() == [100.0]


def test_what_is_below_a_thousandth_stays():
    parts = divide(np.array([10.0005]), np.full((2, 1), 0.5), np.arange(2), np.array([DAY]))
    assert parts.amount.ravel().tolist() == [5.0, 5.0] and parts.rest.tolist() == [0.0005]
    assert divide(np.array([0.57]), np.ones((1, 1)), np.arange(1), np.array([DAY])).amount.item() == 0.57


def test_missing_is_not_zero():
    share, empty = shares(
        np.array([[3.0, np.nan, 0.0], [np.nan, np.nan, 0.0], [1.0, np.nan, 0.0]]), np.ones((3, 3), bool)
    )
    assert empty.tolist() == [False, True, True]
    parts = divide(np.full(3, 8.0), share, np.arange(3), DAY + np.arange(3))
    np.testing.assert_array_equal(parts.amount, [[6.0, np.nan, 0.0], [np.nan, np.nan, 0.0], [2.0, np.nan, 0.0]])
    assert parts.rest.tolist() == [0.0, 8.0, 8.0]
    nothing = divide(np.array([np.nan]), np.ones((1, 1)), np.arange(1), np.array([DAY]))
    assert np.isnan(nothing.amount).all() and np.isnan(nothing.rest).all()


@given(st.lists(figures, min_size=1, max_size=8), amounts, st.integers(DAY, DAY + 40))
def test_shares_sum_to_one_and_parts_to_the_source(basis, amount, day):
    basis = np.array(basis)[:, None]
    share, empty = shares(basis, np.ones(basis.shape, bool))
    assert empty.item() == (basis.sum() == 0)
    assert abs(share.sum() - (0 if empty.item() else 1)) < 1e-12
    parts = divide(np.array([amount]), share, np.arange(len(basis)), np.array([day]))
    assert exact(parts.amount) + exact(parts.rest) == Decimal(repr(amount))
    assert (np.abs(parts.amount - amount * share) < 0.002).all()
    if not empty.item():
        assert abs(parts.rest.item()) < 0.001


@given(st.lists(st.floats(0, 0.125), min_size=1, max_size=8), amounts)
def test_fixed_shares_leave_the_rest(share, amount):
    share = np.array(share)[:, None]
    parts = divide(np.array([amount]), share, np.arange(len(share)), np.array([DAY]))
    assert exact(parts.amount) + exact(parts.rest) == Decimal(repr(amount))
    assert abs(parts.rest.item() - amount * (1 - share.sum())) < 0.0021


@given(st.lists(figures, min_size=2, max_size=8), amounts, st.randoms(), st.integers(DAY, DAY + 40))
def test_order_of_consumers_does_not_matter(basis, amount, random, day):
    order = list(range(len(basis)))
    random.shuffle(order)
    column, rank = np.array(basis)[:, None], np.arange(len(basis))
    results = []
    for at in (rank, np.array(order)):
        share, _empty = shares(column[at], np.ones(column.shape, bool))
        results.append(divide(np.array([amount]), share, rank[at], np.array([day])))
    np.testing.assert_array_equal(results[0].amount[order], results[1].amount)
    assert results[0].rest == results[1].rest


# 0 source, 1 output of A, 2 output of B, 3 part of A, 4 part of B, 5 remainder, 6 total of A
def plant(by_output: Key) -> tuple[Terms, list]:
    pairs = [(s, t) for t in (3, 4, 5) for s in (0, 1, 2)] + [(3, 6)]
    source, target = np.array(pairs).T
    n = len(pairs)
    carries = (source == 0) | (target == 6)
    terms = Terms(
        target, source, np.zeros(n), np.zeros(n), np.ones(n), np.full(n, 1), np.full(n, 10**6), np.zeros(n), carries
    )
    return terms, Allocations([by_output])


def evaluated(by_output: Key, output, compute=None) -> Cells:
    cells = Cells.blank(7, 4)
    companions = np.full((1, 4, 5), np.nan)
    companions[..., 0], companions[..., 4] = 12.29, [70.0, 70.0, 70.0, np.nan]
    put_leaves(cells, np.array([0]), np.full((1, 4), 100.0), np.full((1, 4), Quality.MEASURED), companions)
    put_leaves(cells, np.array([1, 2]), np.array(output, float), np.full((2, 4), Quality.ENTERED))
    terms, allocations = plant(by_output)
    compute = np.arange(7) >= 3 if compute is None else compute
    evaluate(cells, terms, levels(7, terms.source, terms.target), np.full(7, Kind.SUM_PARTIAL), compute, DAY,
             allocations=allocations)  # fmt: skip
    return cells


def test_levels_companions_and_reasons():
    nan = np.nan
    cells = evaluated(key(0, [3, 4], 5, basis=[1, 2]), [[3, 3, 0, 1], [1, nan, 0, 1]])
    np.testing.assert_array_equal(cells.value[3, :, 0], [75, 100, 0, 50])
    np.testing.assert_array_equal(cells.value[4, :, 0], [25, nan, 0, 50])
    np.testing.assert_array_equal(cells.value[5, :, 0], [0, 0, 100, 0])
    np.testing.assert_array_equal(cells.value[6], cells.value[3])
    np.testing.assert_allclose(cells.value[3:6, 0, 1].sum(), 12.29, rtol=1e-15)
    assert cells.value[3, :3, 5].tolist() == [52.5, 70.0, 0.0] and np.isnan(cells.value[3, 3, 5])
    assert cells.missing_price[3, :, 5].tolist() == [False, False, False, True]
    assert cells.value[5, 2, 5] == 70.0
    assert cells.reason[3].tolist() == [0, 0, Reason.NO_BASIS, 0] and cells.reason[5, 2] == Reason.NO_BASIS
    assert cells.reason[4, 1] == Reason.MISSING_INPUT and cells.quality[4, 1] == Quality.MISSING
    assert cells.quality[3].tolist() == [Quality.ENTERED, Quality.PARTIAL, Quality.ENTERED, Quality.ENTERED]


def test_one_target_alone_is_computed_alike():
    by_output = key(0, [3, 4], 5, basis=[1, 2])
    whole = evaluated(by_output, [[3, 3, 0, 1], [1, 2, 0, 1]])
    wanted = np.arange(7) == 4
    alone = evaluated(by_output.part(np.arange(7), wanted), [[3, 3, 0, 1], [1, 2, 0, 1]], wanted)
    np.testing.assert_array_equal(alone.value[4], whole.value[4])
    assert np.isnan(alone.value[3]).all()


def test_validity_of_consumers_and_of_the_key():
    dated = key(0, [3, 4], 5, figure=[0.5, 0.5], fixed=True, first_day=np.array([1, DAY + 1]),
                span=(DAY, DAY + 2))  # fmt: skip
    cells = evaluated(dated, np.ones((2, 4)))
    np.testing.assert_array_equal(cells.value[3, :, 0], [50, 50, 50, np.nan])
    np.testing.assert_array_equal(cells.value[4, :, 0], [np.nan, 50, 50, np.nan])
    np.testing.assert_array_equal(cells.value[5, :, 0], [50, 0, 0, np.nan])


def test_two_keys_into_one_target_and_another_unit():
    both = Allocations([key(0, [2], figure=[1.0]), key(1, [2], figure=[1.0], conversion=np.array([1000.0, 1.0]))])
    value = np.full((3, 1, 2), np.nan)
    value[:2, 0, :] = [[5.0, 1.0], [2.0, 3.0]]
    result = both.results(np.array([2]), value, np.zeros((3, 1, 2), bool), np.array([DAY]))
    assert result.value.ravel().tolist() == [2005.0, 4.0]


def test_parts_of_one_source_are_one_path():
    # 0 shared out to 1, 2 and the remainder 3; 4 adds 1 and 2 up, 5 all and the source again.
    source, target = [0, 0, 0, 1, 2, 4, 3, 0], [1, 2, 3, 4, 4, 5, 5, 5]
    shared = [0, 0, 0, -1, -1, -1, -1, -1]
    assert path_counts(6, source, target, 4, shared)[0] == 1
    assert path_counts(6, source, target, 4)[0] == 2
    assert path_counts(6, source, target, 5, shared)[0] == 2


@pytest.mark.parametrize("wrong", [-1.0, np.nan])
def test_a_figure_below_zero_counts_as_missing(wrong):
    share, _empty = shares(np.array([[2.0], [wrong]]), np.ones((2, 1), bool))
    assert share[0, 0] == 1.0 and np.isnan(share[1, 0])
