"""Months from days: ratios of sums (V1), prices missing on some days, what a month expects, order and repetition."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from energy_carbon.engine.cells import Measure
from energy_carbon.engine.day_rows import NO_DAY, DayRows, MonthRules, month_rows
from energy_carbon.engine.quality import Quality, Reason

MONTH = 739_433  # 1 July 2025
FAR = MONTH + 400
NAN = np.nan


def days(amounts, n_days=31, quality=Quality.MEASURED, **columns):
    """Rows of one indicator with these amounts on the first days; None: no row."""
    rows = DayRows.blank(1, n_days)
    for day, amount in enumerate(amounts):
        if amount is None:
            continue
        rows.exists[0, day], rows.expected[0, day] = True, 1
        rows.value[0, day, 0] = amount
        rows.present[0, day] = not np.isnan(amount)
        rows.quality[0, day] = Quality.MISSING if np.isnan(amount) else quality
        rows.reason[0, day] = Reason.MISSING_INPUT if np.isnan(amount) else Reason.NONE
    for name, values in columns.items():
        getattr(rows, name)[0, : len(values)] = values
    return rows


def rules(how="sum", first=MONTH, leaves=1, unpriced_blanks=False, total=False):
    return MonthRules(
        np.array([how]), np.array([unpriced_blanks]), np.array([total]), np.array([first]), np.array([leaves])
    )


def month(rows, today=FAR, **options):
    return month_rows(rows, rules(**options), MONTH, today)


def test_v1_month_is_the_ratio_of_sums():
    rows = days([10.0, 15.0], numerator=[100.0, 300.0], denominator=[10.0, 20.0])
    assert month(rows, how="ratio").value[0, 0, 0] == pytest.approx(400.0 / 30.0)


def test_v1_a_day_of_zero_output_leaves_the_month_right():
    rows = days([10.0, 15.0, NAN], numerator=[100.0, 300.0, 5.0], denominator=[10.0, 20.0, 0.0])
    rows.reason[0, 2] = Reason.ZERO_DENOMINATOR
    assert month(rows, how="ratio").value[0, 0, 0] == pytest.approx(405.0 / 30.0)


def test_v1_a_month_of_zero_output_is_blank_with_its_reason():
    rows = days([NAN], numerator=[5.0], denominator=[0.0])
    found = month(rows, how="ratio")
    assert np.isnan(found.value[0, 0, 0]) and found.reason[0, 0] == Reason.ZERO_DENOMINATOR


def test_days_without_a_row_are_expected_all_the_same():
    found = month(days([1.0, None, 3.0]), today=MONTH + 10)
    assert (found.expected[0, 0], found.present[0, 0], found.quality[0, 0]) == (10, 2, Quality.PARTIAL)
    whole = month(days([1.0] * 31))
    assert (whole.expected[0, 0], whole.present[0, 0], whole.quality[0, 0]) == (31, 31, Quality.MEASURED)


def test_days_before_the_first_do_not_spoil_the_month():
    rows = days([NAN, NAN, *[2.0] * 29])
    found = month(rows, first=MONTH + 2)
    assert (found.value[0, 0, 0], found.expected[0, 0], found.quality[0, 0]) == (58.0, 29, Quality.MEASURED)


def test_a_month_nobody_ever_had_a_figure_of():
    found = month(days([NAN]), first=NO_DAY, leaves=3)
    assert np.isnan(found.value[0, 0, 0]) and found.quality[0, 0] == Quality.MISSING
    assert found.expected[0, 0] == 93
    assert not month(days([None])).exists[0, 0]


def test_a_companion_is_blank_when_one_day_has_no_price():
    rows = days([1.0, 2.0, 3.0])
    rows.value[0, :3, Measure.COST] = [0.5, NAN, 1.5]
    rows.value[0, :3, Measure.COAL] = [1.0, 2.0, 3.0]
    found = month(rows)
    assert found.value[0, 0, Measure.COAL] == 6.0 and np.isnan(found.value[0, 0, Measure.COST])


def test_a_cost_without_a_price_is_blank_and_a_total_the_sum_of_the_priced():
    rows = days([5.0, NAN])
    rows.reason[0, 1] = Reason.NO_PRICE
    cost = month(rows, unpriced_blanks=True)
    assert np.isnan(cost.value[0, 0, 0]) and cost.reason[0, 0] == Reason.NO_PRICE
    total = month(rows, total=True)
    assert total.value[0, 0, 0] == 5.0 and total.reason[0, 0] == Reason.PARTIAL_PRICE


@pytest.mark.parametrize(("how", "expected"), [("mean", 4.0), ("max", 7.0), ("min", 2.0), ("last", 7.0)])
def test_gauges_and_stocks(how, expected):
    assert month(days([2.0, 3.0, NAN, 7.0]), how=how).value[0, 0, 0] == expected


def test_the_last_day_decides_the_depth_and_the_worst_the_quality():
    rows = days([1.0, 2.0], depth=[3, 4])
    rows.quality[0, 1] = Quality.ESTIMATED
    found = month(rows, today=MONTH + 2)
    assert found.depth[0, 0] == 4 and found.quality[0, 0] == Quality.ESTIMATED


amounts = st.lists(st.one_of(st.none(), st.just(NAN), st.floats(-1e9, 1e9)), min_size=1, max_size=31)


@settings(max_examples=60, deadline=None)
@given(amounts, st.data())
def test_a_month_does_not_depend_on_how_its_days_were_put_together(values, data):
    """Put in blocks, in any order: the same to the last digit, and equal to itself."""
    whole = days(values)
    parts = DayRows.blank(1, 31)
    for day in data.draw(st.permutations(range(31))):
        one = DayRows(*(getattr(whole, name)[:, day : day + 1] for name in DayRows.__dataclass_fields__))
        parts.put(one, day)
    assert not whole.differs(parts).any()
    assert not month(whole).differs(month(parts)).any()
    known = [value for value in values if value is not None and not np.isnan(value)]
    assert np.isnan(month(whole).value[0, 0, 0]) if not known else month(whole).value[0, 0, 0] == sum(known)
