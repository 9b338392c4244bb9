"""Formulas of indicators: what is a weighted sum, where units are converted, what a block of days becomes."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.testing import assert_allclose, assert_array_equal

from energy_carbon.engine.expression import FormulaError, evaluate, parse, variables
from energy_carbon.engine.expression_parser import is_name
from energy_carbon.engine.expression_tree import Problem
from energy_carbon.engine.expression_units import Unit, is_bare, unify
from energy_carbon.engine.formula import Compiled, Formulas, compile_formula, linear, weighted_sum
from energy_carbon.engine.graph import levels
from energy_carbon.engine.quality import Quality, Reason
from energy_carbon.engine.rollup import N_MEASURES, Cells, Kind, Measure, Role, Terms, put_leaves
from energy_carbon.engine.rollup import evaluate as roll_up

NAN = np.nan
START = 739_000
# Bases: kWh, m3, h.
KWH, MWH, M3, HOUR, KW = (
    Unit((1, 0, 0)),
    Unit((1, 0, 0), 1000.0),
    Unit((0, 1, 0)),
    Unit((0, 0, 1)),
    Unit((1, 0, -1)),
)
UNITS = {"e": KWH, "m": MWH, "g": M3, "t": HOUR, "p": KW}


def value(tree, **values):
    return float(evaluate(tree, values).value)


@pytest.mark.parametrize(
    ("text", "coefficient"),
    [
        ("a", {"a": 1.0}),
        ("-a + 2 * b", {"a": -1.0, "b": 2.0}),
        ("(a + b) / 4 - 3 * (a - 2 * b) * 0.5", {"a": -1.25, "b": 3.25}),
        ("a + a", {"a": 2.0}),
        ("a - a + b", {"a": 0.0, "b": 1.0}),
        ("coalesce(2 * a, 0) + b + 0", {"a": 2.0, "b": 1.0}),
    ],
)
def test_weighted_sums(text, coefficient):
    assert linear(parse(text)).coefficient == pytest.approx(coefficient)


@pytest.mark.parametrize(
    "text",
    ["a * b", "a / b", "1 / a", "a + 1", "max(a, 0)", "if(a, a, b)", "abs(a)", "coalesce(a, b)", "coalesce(a + b, 0)"]
    + ["coalesce(a, 1)", "5", "a > 0", "a / 0", "a * 1e200 * 1e200", "round(a)"],
)
def test_what_is_no_weighted_sum(text):
    assert linear(parse(text)) is None


def test_a_variable_is_optional_only_where_coalesce_always_catches_it():
    assert linear(parse("coalesce(a, 0) + coalesce(b, 0) + b")).optional == {"a"}
    tree = weighted_sum(linear(parse("coalesce(a, 0) + b")))
    assert value(tree, a=NAN, b=2.0) == 2.0
    assert np.isnan(value(tree, a=1.0, b=NAN))


FORMULAS = st.recursive(
    st.sampled_from(["a", "b", "2", "0.5", "0"]),
    lambda inner: st.one_of(
        st.tuples(inner, st.sampled_from("+-*/"), inner).map(lambda parts: f"({' '.join(parts)})"),
        inner.map(lambda one: f"-{one}"),
        inner.map(lambda one: f"coalesce({one}, 0)"),
    ),
    max_leaves=8,
)


@settings(max_examples=300, deadline=None)
@given(FORMULAS)
def test_a_weighted_sum_gives_what_the_formula_gives(text):
    tree = parse(text)
    one = linear(tree)
    if one is None:
        return
    given_values = {"a": np.array([3.0, NAN, 3.0, NAN]), "b": np.array([0.25, 0.25, NAN, NAN])}
    weighted = {name: given_values[name] * coefficient for name, coefficient in one.coefficient.items()}
    found, expected = evaluate(weighted_sum(one), weighted).value, evaluate(tree, given_values).value
    assert_allclose(np.broadcast_to(found, 4), expected, rtol=1e-9, atol=1e-12)


def test_units_are_converted_where_they_meet():
    tree, unit = unify(parse("e + m - 0"), UNITS)
    assert unit == KWH and value(tree, e=5.0, m=2.0) == 2005.0
    tree, unit = unify(parse("m + e"), UNITS)
    assert unit == MWH and value(tree, e=500.0, m=2.0) == 2.5
    tree, unit = unify(parse("if(e > m, max(e, m, 7), 3)"), UNITS)
    assert unit == KWH and value(tree, e=2500.0, m=2.0) == 2500.0 and value(tree, e=1.0, m=2.0) == 3.0
    assert unify(parse("-p * t + round(m, 1)"), UNITS)[1] == KWH


def test_a_number_is_in_the_unit_of_what_it_stands_beside():
    tree, unit = unify(parse("max(m, 5)"), UNITS)
    assert unit == MWH and value(tree, m=1.0) == 5.0


@pytest.mark.parametrize(
    ("text", "wanted", "given", "expected"),
    [
        ("e + m", MWH, {"e": 500.0, "m": 2.0}, 2.5),
        ("m", KWH, {"m": 2.0}, 2000.0),
        ("p * t", KWH, {"p": 3.0, "t": 4.0}, 12.0),
        ("m / t", KW, {"m": 1.0, "t": 4.0}, 250.0),
        ("if(e > 0, 24, 0)", HOUR, {"e": 1.0}, 24.0),
        ("e / g", None, {"e": 6.0, "g": 3.0}, 2.0),
    ],
)
def test_results_come_in_the_wanted_unit(text, wanted, given, expected):
    compiled = compile_formula(parse(text), {name: UNITS[name] for name in given}, wanted)
    weighted = {name: figure * compiled.weight[name] for name, figure in given.items()}
    assert value(compiled.tree, **weighted) == pytest.approx(expected, rel=1e-12)


@pytest.mark.parametrize(
    ("text", "wanted", "adds_up", "problem"),
    [
        ("e + g", KWH, False, Problem.UNLIKE),
        ("max(e, g)", KWH, False, Problem.UNLIKE),
        ("e + 1", KWH, False, Problem.UNLIKE),
        ("g", KWH, False, Problem.RESULT),
        ("e / m", KWH, False, Problem.RESULT),
        ("e * e", KWH, False, Problem.RESULT),
        ("e / g", None, True, Problem.QUOTIENT),
        ("e / m", None, True, Problem.QUOTIENT),
        ("e + x", KWH, False, Problem.VARIABLE),
    ],
)
def test_refused_units(text, wanted, adds_up, problem):
    with pytest.raises(FormulaError) as refused:
        compile_formula(parse(text), UNITS, wanted, adds_up)
    assert refused.value.problem == problem


def test_unlike_units_are_both_told():
    with pytest.raises(FormulaError) as refused:
        unify(parse("e + e + g"), UNITS)
    assert refused.value.details == {"left": KWH.dimension, "right": M3.dimension}
    assert refused.value.position == 8


def test_shares_of_companions_know_no_unit():
    compiled = compile_formula(parse("e + 0.5 * m"), UNITS, MWH)
    assert compiled.share == {"e": 1.0, "m": 0.5}
    assert compiled.weight == pytest.approx({"e": 0.001, "m": 0.5})
    assert compile_formula(parse("e * 0.65"), UNITS, None).share is None, "money is no energy"


def test_bare_numbers():
    assert is_bare(parse("if(a > 0, 24, -1) * 2"))
    assert not is_bare(parse("min(24, a)"))


@pytest.mark.parametrize(("name", "fine"), [("电", True), ("a_1", True), ("1a", False), ("a b", False), ("", False)])
def test_names(name, fine):
    assert is_name(name) is fine


def test_signs_of_other_keyboards():
    tree = parse("if（电＞0，3×电÷2－1，0）")
    assert value(tree, 电=4.0) == 5.0
    assert value(parse("if(a ≥ 2, 1, 0)"), a=2.0) == 1.0


# --- among the terms -------------------------------------------------------------------------------------------------


def block(amounts, n, text, names, units=None, wanted=KWH, kind=Kind.SUM_PARTIAL, dated=None):
    """Leaves 0.., and one indicator (the last) with a formula over them; kWh unless said otherwise."""
    amounts = np.array(amounts, dtype=float)
    cells = Cells.blank(n, amounts.shape[1])
    companions = np.repeat(amounts[..., None] * 2.0, N_MEASURES - 1, axis=2)
    put_leaves(cells, np.arange(n - 1), amounts, np.full(amounts.shape, Quality.MEASURED), companions)
    compiled = compile_formula(parse(text), units or dict.fromkeys(names, KWH), wanted)
    share, used = compiled.share, variables(compiled.tree)
    terms = Terms(
        target=np.full(n - 1, n - 1),
        source=np.arange(n - 1),
        source_column=np.zeros(n - 1),
        target_column=np.zeros(n - 1),
        coefficient=[share[name] if share else 1.0 for name in names],
        first_day=[(dated or {}).get(name, 0) for name in names],
        last_day=np.full(n - 1, 10**7),
        role=np.full(n - 1, Role.SUM),
        carries=np.full(n - 1, bool(share)),
        conversion=[compiled.weight[name] / (share[name] if share else 1.0) for name in names],
    )
    formulas = Formulas([compiled.tree], np.array([-1] * (n - 1) + [0]), np.array([used.index(name) for name in names]))
    level = levels(n, terms.source, terms.target)
    roll_up(cells, terms, level, np.array([0] * (n - 1) + [kind]), level > 0, START, None, formulas)
    return cells


def test_division_by_zero_is_blank_with_its_reason():
    cells = block([[6.0, 6.0, NAN], [3.0, 0.0, 1.0]], 3, "a * a / b", ["a", "b"])
    assert_array_equal(cells.value[2, :, 0], [12.0, NAN, NAN])
    assert cells.reason[2].tolist() == [Reason.NONE, Reason.ZERO_DENOMINATOR, Reason.MISSING_INPUT]
    assert cells.quality[2].tolist() == [Quality.MEASURED, Quality.MISSING, Quality.MISSING]
    assert np.isnan(cells.value[2, :, 1:]).all(), "a formula that is no weighted sum has no companions"


def test_overflow_is_a_reason():
    cells = block([[1.0]], 2, "a * 1e200 * 1e200", ["a"])
    assert np.isnan(cells.value[1, 0, 0]) and cells.reason[1, 0] == Reason.OVERFLOW


def test_missing_blanks_unless_coalesced():
    amounts = [[1.0, NAN, 1.0], [2.0, 2.0, NAN]]
    assert_array_equal(block(amounts, 3, "a + b", ["a", "b"]).value[2, :, 0], [3.0, NAN, NAN])
    cells = block(amounts, 3, "coalesce(a, 0) + b", ["a", "b"])
    assert_array_equal(cells.value[2, :, 0], [3.0, 2.0, NAN])
    assert cells.quality[2].tolist() == [Quality.MEASURED, Quality.PARTIAL, Quality.MISSING]
    assert cells.present[2].tolist() == [2, 1, 1] and cells.expected[2].tolist() == [2, 2, 2]
    assert_array_equal(cells.value[2, :, Measure.COAL], [6.0, 4.0, NAN])
    cells = block(amounts, 3, "coalesce(a, 0) + b", ["a", "b"], kind=Kind.SUM_BLANK)
    assert_array_equal(cells.value[2, :, 0], [3.0, NAN, NAN])


def test_a_variable_is_missing_outside_its_terms_days():
    cells = block([[1.0, 1.0], [2.0, 2.0]], 3, "if(a > 0, a + b, 0)", ["a", "b"], dated={"b": START + 1})
    assert_array_equal(cells.value[2, :, 0], [NAN, 3.0])
    assert cells.expected[2].tolist() == [1, 2]
    cells = block([[1.0, 1.0]], 2, "coalesce(a, 7)", ["a"], dated={"a": START + 1})
    assert_array_equal(cells.value[1, :, 0], [NAN, 1.0]), "no source on that day, so nothing is known of it"


def test_companions_of_a_weighted_sum_in_other_units():
    cells = block([[500.0], [2.0]], 3, "a + 0.5 * b", ["a", "b"], {"a": KWH, "b": MWH}, MWH)
    assert_allclose(cells.value[2, 0, 0], 1.5)
    assert_allclose(cells.value[2, 0, Measure.COST], 500.0 * 2 + 0.5 * 2.0 * 2)


def test_a_plain_sum_converts_the_amount_and_not_its_companions():
    cells = Cells.blank(2, 1)
    companions = np.full((1, 1, N_MEASURES - 1), 122.9)
    put_leaves(cells, np.array([0]), np.array([[1000.0]]), np.array([[Quality.MEASURED]]), companions)
    terms = Terms([1], [0], [0], [0], [1.0], [0], [10**7], [Role.SUM], [True], [0.001])
    roll_up(cells, terms, np.array([0, 1]), np.zeros(2), np.array([False, True]), START)
    assert_allclose(cells.value[1, 0], [1.0] + [122.9] * (N_MEASURES - 1))


def test_targets_that_share_a_formula_are_computed_together(monkeypatch):
    calls = []
    monkeypatch.setattr(
        "energy_carbon.engine.formula.evaluate", lambda tree, values: calls.append(1) or evaluate(tree, values)
    )
    formulas = Formulas([parse("a * b")], np.zeros(5, int), np.tile([0, 1], 5))
    given = np.arange(20.0).reshape(10, 2)
    targets, result = formulas.results(np.repeat(np.arange(5), 2), formulas.variable, given, np.ones((10, 2), bool))
    assert targets.tolist() == list(range(5)) and len(calls) == 1
    assert_array_equal(result.value, given[::2] * given[1::2])


def test_unknown_variable_of_a_formula_leaves_it_blank():
    formulas = Formulas([parse("q")], np.array([0]), np.array([-1]))
    _targets, result = formulas.results(np.array([0]), formulas.variable, np.ones((1, 1)), np.ones((1, 1), bool))
    assert np.isnan(result.value[0, 0]) and result.reason[0, 0] == Reason.MISSING_INPUT


def test_compiled_names_every_variable():
    compiled = compile_formula(parse("e * t"), UNITS, None)
    assert isinstance(compiled, Compiled) and compiled.weight == {"e": 1.0, "t": 1.0}
