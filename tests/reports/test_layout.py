"""Layout: what stands in which row and column, and what is never added."""

import pytest

from energy_carbon_reports.report.data import ReportData, Unit, add_differences
from energy_carbon_reports.report.layout import Texts, course_matrix, details_matrix, summary_matrix
from energy_carbon_reports.report.matrix import DIFFERENCE, TOTAL

from .sample import sample


def test_tree_order_with_differences_after_the_last_descendant():
    names = [unit.key for unit in sample().units]
    assert names == ["plant", "w1", "l1", "rest:w1", "w2", "rest:plant"]


def test_children_and_difference_make_the_parent():
    matrix = summary_matrix(sample(), Texts())
    plant = matrix["plant", "el:amount"]
    assert plant.parts == ("w1", "w2", "rest:plant")
    assert sum(matrix[part, "el:amount"].value for part in plant.parts) == pytest.approx(plant.value, rel=1e-12)
    assert matrix["rest:plant", "el:amount"].value == 180_000.0


def test_a_unit_without_children_figures_stands_alone():
    matrix = summary_matrix(sample(), Texts())
    assert matrix["l1", "el:amount"].parts == ()
    assert matrix["w2", "ng:amount"].parts == ()
    # only W2 has gas below the plant
    assert matrix["plant", "ng:amount"].parts == ("w2", "rest:plant")


def test_total_is_the_indicators_own_never_a_sum_of_types():
    matrix = summary_matrix(sample(), Texts())
    assert matrix["plant", "total:coal"].value == 170_884.0
    missing = matrix["w1", "total:coal"]
    assert (missing.value, missing.figure.reason) == (None, "no_indicator")
    assert matrix["plant", "total:coal"].parts == ("w2", "rest:plant")
    # W1 uses electricity but has no total: what it used is in the difference, which says so
    assert matrix["rest:plant", "total:coal"].figure.is_partial
    assert not matrix["rest:plant", "el:amount"].figure.is_partial


def test_details_have_a_block_for_each_unit():
    matrix = details_matrix(sample(), Texts())
    keys = matrix.row_keys()
    assert keys[:4] == ["plant", "plant|el", "plant|ng", "plant|total"]
    assert [row.key for row in matrix.rows if row.kind == TOTAL and row.unit_key == "w1"] == ["w1|total"]
    assert "l1|ng" not in keys
    assert matrix["plant|el", "coal"].value == pytest.approx(73_740.0)
    assert matrix["plant|el", "unit"].text == "kWh"
    assert matrix["plant|el", "amount"].parts == ("w1|el", "w2|el", "rest:plant|el")
    assert matrix["plant|total", "amount"] is None
    assert matrix["plant|ng", "cost"].value is None
    assert matrix["plant|ng", "cost"].figure.reason == "no_price"


def test_comparison_columns_only_when_compared():
    keys = [column.key for column in details_matrix(sample(), Texts()).columns]
    assert {"amount.previous", "amount.change", "cost.change"} <= set(keys)
    plain = details_matrix(sample(compare=False), Texts())
    assert not any("." in column.key for column in plain.columns)
    assert plain["plant|el", "amount"].change is None
    assert details_matrix(sample(), Texts())["plant|el", "amount"].change == pytest.approx(20 / 580)


def test_course_total_sums_the_steps_but_not_a_longer_compared_period():
    data = sample()
    matrix = course_matrix(data, Texts())
    total = matrix["total", "el:amount"]
    assert len(total.parts) == 31
    assert total.value == 600_000.0
    assert len(matrix["total", "total:coal"].previous_parts) == 31
    data.compared_steps = 32
    assert matrix.title == "Course"
    assert course_matrix(data, Texts())["total", "total:coal"].previous_parts == ()
    assert matrix[data.steps[0].key, "el:amount"].first == data.steps[0].span.first


def test_without_the_price_right_nothing_of_cost_is_there():
    data = sample(cost=False)
    for build in (summary_matrix, details_matrix, course_matrix):
        matrix = build(data, Texts())
        assert not any("cost" in column.key for column in matrix.columns)
        assert not any("cost" in column for _row, column in matrix.cells)


def test_screen_form_is_plain_and_leaves_blanks_out():
    plain = summary_matrix(sample(), Texts()).as_dict()
    cell = plain["cells"]["plant"]["el:amount"]
    assert cell["value"] == 600_000.0
    assert cell["indicator_id"] == 100
    assert (cell["date_from"], cell["date_to"]) == ("2026-07-01", "2026-07-31")
    assert "value" not in plain["cells"]["w1"]["total:coal"]
    assert [row["key"] for row in plain["rows"] if row["kind"] == DIFFERENCE] == ["rest:w1", "rest:plant"]


def test_an_empty_report_has_empty_matrices():
    data = ReportData(span=sample().span, units=[Unit("u", "U")])
    add_differences(data, "x")
    for build in (summary_matrix, details_matrix, course_matrix):
        assert build(data, Texts()).rows
