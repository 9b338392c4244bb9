"""Power factor and its adjustment."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from energy_carbon.engine.bills import adjustment_percent, power_factor, rounded_power_factor

TABLE = {Decimal("1.00"): -0.75, Decimal("0.90"): 0.0, Decimal("0.89"): 0.5, Decimal("0.88"): 1.0}


@pytest.mark.parametrize(
    ("active", "reactive", "expected"),
    [(200_000, 96_875, "0.90"), (600_000, 250_000, "0.92"), (100.0, 0.0, "1.00"), (0.0, 5.0, "0.00")],
)
def test_power_factor_from_energies(active, reactive, expected):
    assert rounded_power_factor(power_factor(active, reactive)) == Decimal(expected)


def test_nothing_drawn_has_no_power_factor():
    assert power_factor(0.0, 0.0) is None


def test_half_is_rounded_up():
    assert rounded_power_factor(0.895) == Decimal("0.90")
    assert rounded_power_factor(0.8949999) == Decimal("0.89")


def test_table_and_beyond():
    assert adjustment_percent(Decimal("0.89"), TABLE) == 0.5
    assert adjustment_percent(Decimal("0.85"), TABLE) == 1.0 + 3 * 2.0
    with pytest.raises(ValueError, match="0.95"):
        adjustment_percent(Decimal("0.95"), TABLE)
    with pytest.raises(ValueError, match="empty"):
        adjustment_percent(Decimal("0.95"), {})


@given(st.floats(0.01, 1e7), st.floats(0, 1e7))
def test_never_outside_zero_to_one(active, reactive):
    assert 0 <= rounded_power_factor(power_factor(active, reactive)) <= 1
