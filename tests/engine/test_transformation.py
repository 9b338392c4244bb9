"""Services and transformation: Example P, and sums that hold for any network."""

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from energy_carbon.engine.transformation import (
    Network,
    arriving,
    loss_at_source,
    passed_on,
    shares_of_products,
    spread_common,
)

UNITS = ["W1", "W2", "Office", "Dormitory", "Tenant", "Boiler house", "Air station", "Loss"]
POWER = np.array([240, 180, 24, 18, 12, 30, 72, 24]) * 1000 * 0.1229
GAS = np.array([0, 0, 0, 0, 0, 97_144.0, 0, 0])
STEAM = [1500.0, 800, 150, 0, 0, 0, 0, 0]
AIR = [480_000.0, 320_000, 0, 0, 0, 0, 0, 0]


def plant_a():
    made = np.full((8, 2), np.nan)
    made[5, 0], made[6, 1] = 2500.0, 800_000.0
    share = shares_of_products(made, np.array([34.12, np.nan]))
    return Network(
        (POWER + GAS)[:, None], np.column_stack([STEAM, AIR]), made, share, np.array([[34.12], [np.nan]])
    )


def test_p2_loss_at_source():
    shown = loss_at_source(plant_a())
    expected = [85_985.28, 52_957.52, 8_067.60, 2_212.20, 1_474.80, 17_237.00, 0.0, 2_949.60]
    assert np.allclose(shown.total[:, 0], expected, atol=1e-9)
    assert np.isclose(shown.total.sum(), 170_884.0, rtol=1e-12)


def test_p2_passed_on():
    shown = passed_on(plant_a())
    assert np.allclose(shown.charge[:, 0], [41.1555, 0.011061], atol=5e-5)
    assert np.allclose(shown.total[:3, 0], [96_538.545, 58_585.928, 9_122.927], atol=5e-4)
    assert np.allclose(shown.total[5:7, 0], 0.0, atol=1e-9)
    assert np.isclose(shown.total.sum(), 170_884.0, rtol=1e-12)


def test_p3_common_use_and_loss_spread():
    shown = passed_on(plant_a()).total
    common = np.array([unit in ("Office", "Loss", "Boiler house", "Air station") for unit in UNITS])
    producing = np.array([unit in ("W1", "W2") for unit in UNITS])
    spread = spread_common(shown, common, producing)
    assert np.isclose(shown[1, 0] / 2500, 23.4344, atol=5e-5)
    assert np.isclose(spread[1, 0] / 2500, 25.2581, atol=5e-5)
    assert np.allclose(spread[3:5], shown[3:5])
    assert np.isclose(spread.sum(), 170_884.0, rtol=1e-12)


def test_services_that_use_each_other():
    """A boiler house that uses air and an air station that uses steam: solved together, checked by hand."""
    used = np.array([[0.0, 10.0], [20.0, 0.0], [80.0, 90.0]])
    share = np.array([[1.0, 0.0], [0.0, 1.0], [0.0, 0.0]])
    network = Network(np.array([[1000.0], [200.0], [50.0]]), used, np.full((3, 2), np.nan), share, np.full((2, 1), np.nan))
    shown = passed_on(network)
    steam, air = shown.charge[:, 0]
    assert np.isclose(100 * steam, 1000 + 10 * air)
    assert np.isclose(100 * air, 200 + 20 * steam)
    assert np.isclose(shown.total[2, 0], 1250.0)


def test_product_that_reaches_nobody_keeps_its_input():
    """Two services that only feed each other, and one whose output was not metered: nothing to charge, nothing lost."""
    used = np.array([[0.0, 5.0, 0.0], [5.0, 0.0, 0.0], [0.0, 0.0, 0.0], [0.0, 0.0, 0.0]])
    share = np.vstack([np.eye(3), np.zeros(3)])
    network = Network(np.array([[10.0], [20.0], [30.0], [40.0]]), used, np.full((4, 3), np.nan), share, np.ones((3, 1)))
    assert not arriving(used, share).any()
    for shown in (passed_on(network), loss_at_source(network)):
        assert np.allclose(shown.total[:, 0], [10, 20, 30, 40])
        assert np.isnan(shown.charge).all()


def test_two_makers_of_one_product():
    """Two boilers feed one network: one own coefficient, each charges what it put in; at source by what each made."""
    used = np.array([[0.0], [0.0], [90.0]])
    network = Network(
        np.array([[60.0], [50.0], [5.0]]), used, np.array([[60.0], [40.0], [np.nan]]),
        np.array([[1.0], [1.0], [0.0]]), np.array([[1.0]]),
    )  # fmt: skip
    assert np.allclose(passed_on(network).total[:, 0], [0, 0, 115])
    assert np.allclose(loss_at_source(network).total[:, 0], [60 - 54, 50 - 36, 95])


def test_missing_price_blanks_only_what_depends_on_it():
    network = plant_a()
    cost = np.column_stack([network.direct[:, 0], network.direct[:, 0]])
    cost[5, 1] = np.nan
    network = Network(cost, network.used, network.made, network.share, np.column_stack([network.standard] * 2))
    shown = passed_on(network).total
    assert np.isclose(shown[:, 0].sum(), 170_884.0)
    assert np.isnan(shown[[0, 1, 2, 5], 1]).all()
    assert not np.isnan(shown[[3, 4, 6, 7], 1]).any()
    spread = spread_common(shown, np.arange(8) == 2, np.arange(8) < 2)
    assert np.isnan(spread[:3, 1]).all()
    assert np.allclose(spread[3:5, 1], shown[3:5, 1])


def test_input_is_shared_by_energy_content():
    made = np.array([[10.0, 30.0, np.nan], [np.nan, np.nan, 5.0], [np.nan, np.nan, np.nan]])
    assert np.allclose(shares_of_products(made, np.array([3.0, 1.0, np.nan])), [[0.5, 0.5, 0], [0, 0, 1], [0, 0, 0]])
    assert np.allclose(shares_of_products(made, np.array([3.0, np.nan, 1.0]))[0], [0.5, 0.5, 0])


@st.composite
def networks(draw):
    """Any units and services, each product made by one or two of them, used by anybody, with losses or without."""
    n_units, n_services, n_products = draw(st.integers(0, 4)), draw(st.integers(1, 4)), draw(st.integers(1, 4))
    n = n_units + n_services
    amount = st.one_of(st.just(0.0), st.floats(0.01, 1e5))
    matrix = lambda rows, columns, of: np.array(  # noqa: E731
        draw(st.lists(st.lists(of, min_size=columns, max_size=columns), min_size=rows, max_size=rows))
    ).reshape(rows, columns)
    made = np.full((n, n_products), np.nan)
    made[:n_services] = np.where(
        matrix(n_services, n_products, st.booleans()), matrix(n_services, n_products, st.floats(0.01, 1e5)), np.nan
    )
    content = np.array(draw(st.lists(st.one_of(st.just(np.nan), st.floats(0.1, 50.0)), min_size=n_products, max_size=n_products)))
    share = shares_of_products(made, content)
    # What nobody makes cannot be used.
    used = matrix(n, n_products, amount) * share.any(axis=0)
    standard = np.column_stack([content] * 2)
    return Network(matrix(n, 2, amount), used, made, share, standard)


def test_services_that_hand_nearly_everything_to_each_other():
    """Found by the property below: of 1e9 that circulate 4 reach somebody, and elimination with subtractions lost digits."""
    used = np.array([[0, 0], [32_387.4794, 49_152.0], [381.0, 0], [0, 0.01]])
    share = np.array([[0, 0], [1.0, 0], [0, 1.0], [0, 0]])
    made = np.where(share > 0, 1.0, np.nan)
    direct = np.array([[0.0], [0.0], [22.0], [0.0]])
    shown = passed_on(Network(direct, used, made, share, np.full((2, 1), np.nan)))
    assert np.allclose(shown.total, [[0.0], [0.0], [0.0], [22.0]], rtol=1e-14, atol=0)


@settings(max_examples=200, deadline=None)
@given(networks())
def test_both_presentations_sum_to_the_plant(network):
    whole = network.direct.sum(axis=0)
    for shown in (passed_on(network), loss_at_source(network)):
        assert np.allclose(shown.total.sum(axis=0), whole, rtol=1e-9, atol=1e-6)


@settings(max_examples=200, deadline=None)
@given(networks(), st.randoms(use_true_random=False))
def test_spreading_keeps_the_sum_and_leaves_the_others(network, random):
    shown = passed_on(network).total
    kind = np.array([random.choice("cpo") for _ in shown])
    spread = spread_common(shown, kind == "c", kind == "p")
    assert np.allclose(spread.sum(axis=0), shown.sum(axis=0), rtol=1e-9, atol=1e-6)
    assert np.array_equal(spread[kind == "o"], shown[kind == "o"])
    assert (passed_on(network).total > -1e-6 * max(1.0, network.direct.sum())).all()
