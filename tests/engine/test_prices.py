"""Prices built of components."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from energy_carbon.engine.prices import DatedFloat, DatedPrice, build_prices, float_parts

PRICE = st.floats(0, 10, allow_nan=False)
PURCHASE, DELIVERY, FUNDS = 1, 2, 3


def built(*rules, days=((PURCHASE, 0, 0.4), (DELIVERY, 0, 0.2), (FUNDS, 0, 0.03)), floating=(PURCHASE,)):
    rows = [DatedPrice(component, day, price, True) for component, day, price in days]
    return build_prices(rows, frozenset(floating), [DatedFloat(*rule) for rule in rules])


def figures(prices):
    return {(row.first_day, row.period): round(row.price, 9) for row in prices}


def test_jiangsu_peak_floats_only_the_purchase_price():
    prices = built(("peak", 0, "ratio", 1.80), ("valley", 0, "percentage", -65.0))
    assert figures(prices) == {
        (0, None): 0.63,
        (0, "peak"): round(0.63 + 0.80 * 0.4, 9),
        (0, "valley"): round(0.63 - 0.65 * 0.4, 9),
    }


def test_fixed_amount_is_a_part_of_its_own():
    peak = next(row for row in built(("peak", 0, "amount", 0.3)) if row.period == "peak")
    assert peak.price == pytest.approx(0.93)
    assert (peak.parts[-1].component, peak.parts[-1].price) == (None, 0.3)


def test_rows_begin_where_a_component_or_a_float_does():
    days = ((PURCHASE, 0, 0.4), (PURCHASE, 31, 0.5), (DELIVERY, 0, 0.2))
    prices = built(("peak", 10, "ratio", 2.0), days=days)
    assert figures(prices) == {
        (0, None): 0.6,
        (10, None): 0.6,
        (10, "peak"): 1.0,
        (31, None): 0.7,
        (31, "peak"): 1.2,
    }


def test_nothing_before_every_component_has_a_price():
    assert [row.first_day for row in built(days=((PURCHASE, 0, 0.4), (DELIVERY, 7, 0.2)))] == [7]
    assert built(days=()) == []


def test_one_provisional_component_makes_the_price_provisional():
    rows = [DatedPrice(1, 0, 0.4, True), DatedPrice(2, 0, 0.2, False), DatedPrice(2, 31, 0.2, True)]
    assert [row.final for row in build_prices(rows, frozenset(), [])] == [False, True]


def test_unknown_method():
    with pytest.raises(ValueError, match="float"):
        float_parts([(1, 0.4)], frozenset({1}), DatedFloat("peak", 0, "factor", 1.0))


@given(
    st.lists(st.tuples(PRICE, st.booleans()), min_size=1, max_size=6),
    st.sampled_from(["ratio", "percentage", "amount"]),
    st.floats(-100, 200, allow_nan=False),
)
def test_parts_sum_to_the_price(components, method, value):
    """Period price = what does not float + what floats x ratio, and the parts Explain shows add up to it."""
    rows = [DatedPrice(at, 0, price, True) for at, (price, _floats) in enumerate(components)]
    floating = frozenset(at for at, (_price, floats) in enumerate(components) if floats)
    prices = {row.period: row for row in build_prices(rows, floating, [DatedFloat("peak", 0, method, value)])}
    fixed = sum(price for price, floats in components if not floats)
    moving = sum(price for price, floats in components if floats)
    expected = {
        "ratio": fixed + moving * value,
        "percentage": fixed + moving * (1 + value / 100),
        "amount": fixed + moving + value,
    }[method]
    assert prices["peak"].price == pytest.approx(expected, rel=1e-9, abs=1e-9)
    assert prices[None].price == pytest.approx(fixed + moving, rel=1e-9)
    for row in prices.values():
        assert sum(part.price for part in row.parts) == pytest.approx(row.price, rel=1e-12, abs=1e-12)
