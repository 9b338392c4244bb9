"""Values of all indicators: partial sums, companions, ratios (V1), periods, repetition."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.testing import assert_allclose, assert_array_equal

from energy_carbon.engine.graph import levels
from energy_carbon.engine.quality import Quality, Reason
from energy_carbon.engine.rollup import (
    N_MEASURES,
    Cells,
    Kind,
    Measure,
    Role,
    Terms,
    evaluate,
    put_leaves,
)

START = 739_000
NAN = np.nan


def make_terms(*rows):
    """Terms from dicts; what is not named is a carried sum of amounts, always valid."""
    plain = {
        "source_column": 0,
        "target_column": 0,
        "coefficient": 1.0,
        "first_day": 0,
        "last_day": 10**7,
        "role": Role.SUM,
        "carries": False,
        "conversion": 1.0,
    }
    full = [plain | row for row in rows]
    names = Terms.__dataclass_fields__
    return Terms(**{name: np.array([row[name] for row in full]) for name in names})


def run(cells, terms, kind=None, partial_total=None):
    """Evaluate everything that has terms."""
    n = len(cells.value)
    level = levels(n, terms.source, terms.target)
    kind = np.zeros(n, dtype=int) if kind is None else np.array(kind)
    partial = None if partial_total is None else np.array(partial_total)
    evaluate(cells, terms, level, kind, level > 0, START, partial)
    return cells


def leaves(amounts, n_indicators, companions=None, quality=Quality.MEASURED):
    """Cells whose first rows are leaves with these amounts."""
    amounts = np.array(amounts, dtype=float)
    cells = Cells.blank(n_indicators, amounts.shape[1])
    filled = np.full(amounts.shape, quality, dtype=np.int8)
    put_leaves(cells, np.arange(len(amounts)), amounts, filled, companions)
    return cells


def sums(target, sources, **options):
    return [{"target": target, "source": source, **options} for source in sources]


def test_missing_source_is_left_out_and_shows():
    cells = run(leaves([[1.0, 1.0, NAN], [2.0, NAN, NAN]], 3), make_terms(*sums(2, [0, 1])))
    assert_array_equal(cells.value[2, :, 0], [3.0, 1.0, NAN])
    assert cells.quality[2].tolist() == [Quality.MEASURED, Quality.PARTIAL, Quality.MISSING]
    assert cells.present[2].tolist() == [2, 1, 0] and cells.expected[2].tolist() == [2, 2, 2]
    assert cells.reason[2].tolist() == [Reason.NONE, Reason.NONE, Reason.MISSING_INPUT]
    assert_array_equal(cells.present[2] / cells.expected[2], [1.0, 0.5, 0.0])
    assert np.isnan(cells.value[2, :, 1:]).all(), "companions nobody has are missing, not 0"


def test_blank_policy_and_unmetered_loss():
    terms = make_terms({"target": 3, "source": 0}, *sums(3, [1, 2], coefficient=-1.0))
    cells = run(leaves([[100.0, 100.0], [60.0, 60.0], [30.0, NAN]], 4), terms, [0, 0, 0, Kind.SUM_BLANK])
    assert_array_equal(cells.value[3, :, 0], [10.0, NAN])
    assert cells.quality[3].tolist() == [Quality.MEASURED, Quality.MISSING]
    assert cells.present[3].tolist() == [3, 2]


def test_term_outside_its_validity_does_not_count():
    terms = make_terms(
        {"target": 2, "source": 0, "last_day": START}, {"target": 2, "source": 1, "first_day": START + 1}
    )
    cells = run(leaves([[1.0, NAN, 1.0], [NAN, 5.0, NAN]], 3), terms)
    assert_array_equal(cells.value[2, :, 0], [1.0, 5.0, NAN])
    assert cells.expected[2].tolist() == [1, 1, 1] and cells.quality[2, 0] == Quality.MEASURED


def test_no_valid_term_expects_nothing():
    cells = run(leaves([[1.0]], 2), make_terms({"target": 1, "source": 0, "first_day": START + 5}))
    assert np.isnan(cells.value[1, 0, 0]) and cells.expected[1, 0] == 0
    assert cells.expected[1, 0] == 0


def test_worst_quality_wins():
    cells = leaves([[1.0], [2.0]], 3)
    cells.quality[1] = Quality.ESTIMATED
    assert run(cells, make_terms(*sums(2, [0, 1]))).quality[2, 0] == Quality.ESTIMATED


def companions_of(*costs):
    """Companions (r, 1, 5): coal 2, carbon 3 and the given costs; NaN elsewhere."""
    values = np.full((len(costs), 1, N_MEASURES - 1), NAN)
    values[:, 0, Measure.COAL - 1] = 2.0
    values[:, 0, Measure.CARBON - 1] = 3.0
    values[:, 0, Measure.COST - 1] = costs
    return values


@pytest.mark.parametrize(("partial", "cost"), [(False, NAN), (True, 7.0)])
def test_missing_price_blanks_a_single_type_and_marks_a_total(partial, cost):
    cells = leaves([[10.0], [20.0]], 4, companions_of(7.0, NAN))
    terms = make_terms(*sums(2, [0, 1], carries=True), *sums(3, [2], carries=True))
    run(cells, terms, partial_total=[partial] * 4)
    for row in (2, 3):
        assert cells.value[row, 0, Measure.AMOUNT] == 30.0
        assert cells.value[row, 0, Measure.COAL] == 4.0 and cells.value[row, 0, Measure.CARBON] == 6.0
        assert_array_equal(cells.value[row, 0, Measure.COST], cost)
        assert cells.missing_price[row, 0].tolist() == [False, False, True, False, True, True]
        assert cells.quality[row, 0] == Quality.MEASURED, "the amount itself is complete"


def test_source_without_amount_lacks_no_price():
    cells = run(leaves([[10.0], [NAN]], 3, companions_of(7.0, 9.0)), make_terms(*sums(2, [0, 1], carries=True)))
    assert cells.value[2, 0, Measure.COST] == 7.0 and not cells.missing_price[2, 0, Measure.COST]


def test_derived_cost_and_cost_ratio():
    cells = leaves([[10.0, 10.0], [5.0, 5.0]], 5, np.repeat(companions_of(7.0, NAN), 2, axis=1))
    cells.value[0, 1, Measure.COST] = NAN
    cost = {"source": 0, "source_column": Measure.COST}
    terms = make_terms(
        {"target": 2, **cost},
        {"target": 3, **cost, "role": Role.NUMERATOR},
        {"target": 3, "source": 1, "role": Role.DENOMINATOR},
        {"target": 4, "source": 2},
    )
    run(cells, terms, [0, 0, 0, Kind.RATIO, 0])
    assert_array_equal(cells.value[2, :, 0], [7.0, NAN])
    assert cells.reason[2].tolist() == [Reason.NONE, Reason.NO_PRICE]
    assert_array_equal(cells.value[3, :, 0], [1.4, NAN])
    assert cells.reason[3].tolist() == [Reason.NONE, Reason.NO_PRICE]
    assert cells.reason[4].tolist() == [Reason.NONE, Reason.NO_PRICE], "the lacking price is passed on"


def test_term_into_a_companion_expects_no_further_input():
    terms = make_terms(
        {"target": 2, "source": 0},
        {"target": 2, "source": 1, "target_column": Measure.CARBON, "coefficient": 0.5},
    )
    cells = run(leaves([[10.0], [8.0]], 3), terms)
    assert cells.value[2, 0, [Measure.AMOUNT, Measure.CARBON]].tolist() == [10.0, 4.0]
    assert cells.expected[2, 0] == 1 and np.isnan(cells.value[2, 0, Measure.COST])


def ratio_terms():
    return make_terms(
        {"target": 2, "source": 0, "role": Role.NUMERATOR}, {"target": 2, "source": 1, "role": Role.DENOMINATOR}
    )


def test_v1_zero_output_day_is_blank():
    cells = leaves([[100.0, 300.0, 5.0, NAN], [10.0, 20.0, 0.0, 0.0]], 3)
    run(cells, ratio_terms(), [0, 0, Kind.RATIO])
    assert_array_equal(cells.value[2, :, 0], [10.0, 15.0, NAN, NAN])
    assert cells.reason[2].tolist() == [0, 0, Reason.ZERO_DENOMINATOR, Reason.MISSING_INPUT]
    assert cells.numerator[2, 2] == 5.0 and cells.quality[2, 2] == Quality.MEASURED


def test_only_chosen_indicators_are_written():
    cells = leaves([[1.0]], 3)
    cells.value[1, 0, 0] = 77.0
    terms = make_terms({"target": 1, "source": 0}, {"target": 2, "source": 1})
    evaluate(cells, terms, np.array([0, 1, 2]), np.zeros(3, dtype=int), np.array([False, False, True]), START)
    assert cells.value[1:, 0, 0].tolist() == [77.0, 77.0]


def test_refuses_what_does_not_fit():
    with pytest.raises(ValueError, match="carry"):
        make_terms({"target": 1, "source": 0, "role": Role.NUMERATOR, "carries": True})
    terms = make_terms({"target": 1, "source": 0})
    with pytest.raises(ValueError, match="levels"):
        evaluate(Cells.blank(2, 1), terms, np.zeros(2, int), np.zeros(2, int), np.ones(2, bool), START)
    with pytest.raises(ValueError, match="length"):
        Terms(*[np.zeros(1)] * 8, np.zeros(2))


def test_chain_500_deep_with_5000_indicators():
    n = 5_000
    below = np.arange(n - 10)
    terms = make_terms(*({"target": node + 10, "source": node, "carries": True} for node in below.tolist()))
    cells = run(leaves(np.arange(20.0).reshape(10, 2), n), terms)
    assert_array_equal(cells.value[-10:, :, 0], np.arange(20.0).reshape(10, 2))
    assert (cells.expected[-10:] == 1).all()


@st.composite
def trees(draw):
    """A random tree: 40 indicators, parents before children, amounts with holes, full companions."""
    parent = np.array([draw(st.integers(0, max(node - 1, 0))) for node in range(1, 40)])
    is_leaf = np.setdiff1d(np.arange(40), parent)
    seed = draw(st.integers(0, 2**32 - 1))
    generator = np.random.default_rng(seed)
    amount = generator.random((len(is_leaf), 3)) * 1_000
    amount[generator.random(amount.shape) < 0.2] = NAN
    cells = Cells.blank(40, 3)
    put_leaves(cells, is_leaf, amount, np.ones(amount.shape, dtype=int), generator.random((*amount.shape, 5)))
    rows = [{"target": above, "source": node + 1, "carries": True} for node, above in enumerate(parent.tolist())]
    return cells, make_terms(*rows), is_leaf


@settings(max_examples=40, deadline=None)
@given(trees())
def test_root_is_the_sum_of_its_leaves_in_every_column(tree):
    cells, terms, is_leaf = tree
    run(cells, terms)
    expected = np.where(np.isnan(cells.value[is_leaf]).all(axis=0), NAN, np.nansum(cells.value[is_leaf], axis=0))
    assert_allclose(cells.value[0], expected, rtol=1e-12)
    assert (cells.expected[0] == len(is_leaf)).all()
    assert_array_equal(cells.present[0], cells.present[is_leaf].sum(axis=0))


@settings(max_examples=40, deadline=None)
@given(trees())
def test_evaluating_twice_changes_nothing(tree):
    cells, terms, _ = tree
    run(cells, terms)
    before = {name: array.copy() for name, array in vars(cells).items()}
    run(cells, terms)
    for name, array in before.items():
        assert_array_equal(getattr(cells, name), array)


@settings(max_examples=40, deadline=None)
@given(st.lists(st.floats(0, 1e6), min_size=1, max_size=8), st.floats(0, 1e6))
def test_children_plus_unmetered_are_the_parent(children, parent):
    n = len(children)
    loss = [{"target": n + 1, "source": n}, *sums(n + 1, range(n), coefficient=-1.0)]
    cells = leaves([[amount] for amount in [*children, parent]], n + 3)
    run(cells, make_terms(*loss, *sums(n + 2, [*range(n), n + 1])), [Kind.SUM_BLANK] * (n + 3))
    assert cells.value[n + 2, 0, 0] == pytest.approx(parent, rel=1e-9, abs=1e-8)
