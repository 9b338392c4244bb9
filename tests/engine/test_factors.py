"""Factors of the day: F1 latest until superseded, F2 precedence, fuels and gas volumes (examples 2 and P-5)."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.testing import assert_array_equal

from energy_carbon.engine.factors import (
    FactorSeries,
    blend,
    fuel_carbon,
    fuel_standard_coal,
    gas_volume_factor,
    pick_by_precedence,
    valid_on,
    values_on,
)

DAYS = np.arange(100, 106)


def test_f1_latest_applies_until_superseded():
    assert valid_on(DAYS, [102, 104], [1.0, 2.0]).tolist() == [-1, -1, 0, 0, 1, 1]
    assert valid_on(DAYS, [104, 102], [2.0, 1.0]).tolist() == [-1, -1, 1, 1, 0, 0], "rows in any order"
    assert_array_equal(values_on(DAYS, [102, 104], [1.0, 2.0]), [np.nan, np.nan, 1.0, 1.0, 2.0, 2.0])


def test_f1_new_factor_changes_no_earlier_day():
    before = values_on(DAYS, [90], [0.5])
    after = values_on(DAYS, [90, 103], [0.5, 0.6])
    assert_array_equal(after[:3], before[:3])
    assert (after[3:] == 0.6).all()


def test_f1_end_dates_and_rows_without_a_figure():
    assert valid_on(DAYS, [90, 101], [1.0, 2.0], [10**7, 102]).tolist() == [0, 1, 1, -1, -1, -1]
    assert valid_on(DAYS, [90, 101], [1.0, np.nan]).tolist() == [0] * 6
    assert valid_on(DAYS, [], []).tolist() == [-1] * 6
    assert valid_on(DAYS, [], [], []).tolist() == [-1] * 6


def test_f2_precedence_by_day():
    plant = FactorSeries(np.array([103]), np.array([3.0]), np.array([104]))
    country = FactorSeries(np.array([101]), np.array([2.0]))
    standard = FactorSeries(np.array([0]), np.array([1.0]))
    picked = pick_by_precedence(DAYS, [plant, country, standard])
    assert picked.series.tolist() == [2, 1, 1, 0, 0, 1]
    assert picked.row.tolist() == [0] * 6
    assert picked.value.tolist() == [1.0, 2.0, 2.0, 3.0, 3.0, 2.0]


def test_f2_nothing_valid_is_missing():
    picked = pick_by_precedence(DAYS, [])
    assert (picked.series == -1).all() and np.isnan(picked.value).all()


def test_fuel_carbon_unrounded():
    assert fuel_carbon(23.204, 0.02618, 0.93) == pytest.approx(2.0715, abs=5e-5)
    assert fuel_carbon(np.array([23.204]), 0.02618, 0.93)[0] != 2.0715


def test_example_2_carbon_of_a_plant():
    fuels = 100 * fuel_carbon(23.204, 0.02618, 0.93) + 20 * fuel_carbon(43.33, 0.0202, 0.98)
    fuels += 5 * fuel_carbon(389.31, 0.0153, 0.99)
    assert fuels + 500 * 0.5306 + 1_000 * 0.11 == pytest.approx(753.4628, abs=5e-5)


def test_example_p5_gas_at_twenty_degrees():
    volume = 80_000 * gas_volume_factor("t20", "t0")
    assert volume == pytest.approx(74_542.043, abs=5e-4)
    assert volume / 10_000 * fuel_carbon(389.31, 0.0153, 0.99) == pytest.approx(161.1740, abs=5e-5)
    assert gas_volume_factor("t0", "t0") == 1.0
    assert gas_volume_factor("t0", "t20") * gas_volume_factor("t20", "t0") == pytest.approx(1.0)


def test_refuses_unknown_conditions_and_uneven_rows():
    with pytest.raises(ValueError, match="condition"):
        gas_volume_factor("t15", "t0")
    with pytest.raises(ValueError, match="length"):
        valid_on(DAYS, [1], [])


def test_standard_coal_of_a_measured_heating_value():
    """Raw coal of the table: 20 934 kJ/kg is 0.7143 kgce/kg (GB/T 2589-2020, table A.1)."""
    assert fuel_standard_coal(20.934) / 1000 == pytest.approx(0.7143, abs=5e-5)
    assert fuel_standard_coal(29.3076) == pytest.approx(1000.0)


def test_blend_covers_at_most_the_whole():
    whole = np.array([0.6, 0.6, np.nan, 0.6])
    shares = np.array([[0.3, 0.8, 1.0, 0.0], [0.0, 0.5, 0.0, 0.0]])
    factor, counted = blend(whole, shares, np.array([0.0, 0.1]))
    np.testing.assert_allclose(factor, [0.42, 0.02, 0.0, 0.6])
    np.testing.assert_allclose(counted, [[0.3, 0.8, 1.0, 0.0], [0.0, 0.2, 0.0, 0.0]])


@given(
    st.lists(st.lists(st.floats(0, 2), min_size=3, max_size=3), min_size=1, max_size=5),
    st.lists(st.floats(0, 1), min_size=5, max_size=5),
)
def test_a_blend_lies_between_what_it_is_made_of(shares, values):
    factor, counted = blend(np.full(3, 0.5), np.array(shares), np.array(values[: len(shares)]))
    used = [0.5, *values[: len(shares)]]
    assert (factor >= min(used) - 1e-12).all() and (factor <= max(used) + 1e-12).all()
    assert (counted.sum(axis=0) <= 1 + 1e-12).all() and (counted >= 0).all()
