"""Figures: blank is not zero, coverage adds up, differences conserve energy."""

import doctest
from math import fsum

from hypothesis import given
from hypothesis import strategies as st

from energy_carbon_reports.report import figures, matrix, periods, xlsx_styles, xlsx_writer
from energy_carbon_reports.report.figures import NO_PRICE, PARTIAL_PRICE, Figure, add, change, difference

amounts = st.floats(min_value=0, max_value=1e9, allow_nan=False)


def test_doctests():
    for module in (figures, matrix, periods, xlsx_styles, xlsx_writer):
        assert doctest.testmod(module).failed == 0


def test_a_sum_of_blanks_is_blank_and_says_why():
    total = add([Figure(None, 0, 5, "missing"), Figure(None, 0, 5, "missing")])
    assert (total.value, total.coverage, total.quality) == (None, 0.0, "missing")
    assert add([]).value is None
    assert add([]).coverage is None


def test_a_sum_over_missing_days_carries_its_coverage():
    total = add([Figure(10.0, 1, 1, "measured"), Figure(None, 0, 1, "missing")])
    assert (total.value, total.coverage, total.quality, total.is_partial) == (10.0, 0.5, "missing", True)


def test_cost_without_some_prices_is_partial():
    assert add([Figure(5.0), Figure(None, reason=NO_PRICE)]).reason == PARTIAL_PRICE
    assert add([Figure(None, reason=NO_PRICE)]).reason == NO_PRICE


@given(amounts, st.lists(amounts, min_size=1, max_size=6))
def test_parts_and_difference_are_the_whole(whole, parts):
    rest = difference(Figure(whole), [Figure(part) for part in parts])
    assert abs(fsum([*parts, rest.value]) - whole) <= 1e-9 * max(whole, *parts, 1e-300)


def test_rounding_of_binary_fractions_is_no_difference():
    assert difference(Figure(0.3), [Figure(0.1), Figure(0.2)]).value == 0.0


def test_difference_with_a_blank_part_is_marked():
    rest = difference(Figure(10.0), [Figure(4.0), Figure(None)])
    assert (rest.value, rest.quality) == (6.0, "partial")
    assert difference(Figure(10.0), [Figure(None)]).value is None
    assert difference(Figure(None), [Figure(4.0)]).value is None


def test_change_is_a_ratio_of_sums_or_nothing():
    assert change(110.0, 100.0) == 0.1
    assert change(1.0, 0.0) is None
    assert change(None, 1.0) is None
