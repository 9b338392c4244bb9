"""Properties of counters: energy is conserved whatever the pattern of readings."""

import math

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from energy_carbon.engine.intervals import CounterRules, slot_amounts, slot_amounts_many, sort_readings, spread

MODEST = settings(max_examples=80, deadline=None)
BORDERS = np.arange(0, 97) * 900


@st.composite
def courses(draw, first=-20_000, last=100_000):
    """Ascending times with gaps, and increments of very different size."""
    times = sorted(draw(st.sets(st.integers(first, last), min_size=2, max_size=60)))
    increments = draw(
        st.lists(st.one_of(st.just(0.0), st.floats(1e-3, 900.0)), min_size=len(times) - 1, max_size=len(times) - 1)
    )
    return np.array(times), np.concatenate([[0.0], np.cumsum(increments)])


def total(times, registers, rules, multiplier=1.0):
    """Sum over slots that reach from the first to the last reading exactly."""
    inside = np.logical_and(times[0] < BORDERS, times[-1] > BORDERS)
    borders = np.unique(np.concatenate([BORDERS[inside], times[[0, -1]]]))
    slots, report = slot_amounts(times, registers, borders, rules, multiplier)
    return slots, report, borders


@MODEST
@given(courses(), st.floats(1.0, 5_000.0), st.floats(0.0, 1e7))
def test_slots_add_up_to_the_difference(course, multiplier, start):
    times, registers = course[0], course[1] + start
    slots, _, _ = total(times, registers, CounterRules(), multiplier)
    difference = (registers[-1] - registers[0]) * multiplier
    assert math.isclose(math.fsum(slots.amounts), difference, rel_tol=1e-9, abs_tol=1e-9)
    assert (slots.amounts >= 0).all()


@MODEST
@given(courses(), st.floats(0.0, 9_999.0))
def test_rollovers_conserve(course, start):
    times, registers = course
    wrapped = np.mod(registers + start, 10_000.0)
    slots, report, _ = total(times, wrapped, CounterRules(modulus=10_000.0, max_rate=1e4))
    if len(report.pending) or len(report.ignored):
        return  # a last 0.0 is not booked yet
    assert not len(report.drops)
    assert math.isclose(math.fsum(slots.amounts), registers[-1], rel_tol=1e-9, abs_tol=1e-6)


@MODEST
@given(courses(), st.randoms(use_true_random=False))
def test_random_order_equals_order(course, random):
    times, registers = course
    shuffled = list(range(len(times)))
    random.shuffle(shuffled)
    order = sort_readings(times[shuffled], registers[shuffled])
    expected, _ = slot_amounts(times, registers, BORDERS, CounterRules())
    actual, _ = slot_amounts(times[shuffled][order], registers[shuffled][order], BORDERS, CounterRules())
    np.testing.assert_array_equal(actual.amounts, expected.amounts)


@st.composite
def dipping(draw, hours=60):
    """A meter read each hour that reads low for one or two readings now and then, each time returning."""
    registers = 400_000.0 + 10.0 * np.arange(hours + 1)
    at = draw(st.integers(1, 6))
    while at < hours - 2:
        length = draw(st.integers(1, 2))
        registers[at : at + length] = draw(st.lists(st.floats(0.0, 1_000.0), min_size=length, max_size=length))
        at += length + draw(st.integers(3, 12))
    return np.arange(hours + 1) * 3600, registers


@MODEST
@given(dipping(), st.integers(3, 40), st.integers(1, 20))
def test_low_readings_book_nothing_however_they_are_loaded(course, first, length):
    """A block with three neighbours on each side gives what all readings give: what is late equals what is in order."""
    times, registers = course
    whole, report = slot_amounts(times, registers, times, CounterRules())
    np.testing.assert_allclose(whole.amounts, 10.0, rtol=1e-9)
    assert not len(report.drops)
    last = min(first + length, len(times) - 1)
    loaded = slice(first - 3, last + 4)
    block, _ = slot_amounts(times[loaded], registers[loaded], times[first : last + 1], CounterRules())
    np.testing.assert_allclose(block.amounts, whole.amounts[first:last], rtol=1e-9)


@MODEST
@given(courses(), st.data())
def test_any_noise_never_books_a_negative_amount(course, data):
    times, registers = course
    for _ in range(3):
        at = data.draw(st.integers(0, len(registers) - 1))
        registers[at] = data.draw(st.sampled_from([0.0, 10.0, 1.0, np.nan])) * registers[at]
    rules = data.draw(st.sampled_from([CounterRules(), CounterRules(1e5), CounterRules(1e5, 1.0)]))
    one, _ = slot_amounts(times, registers, BORDERS, rules)
    many, _ = slot_amounts_many(times, registers, [0, len(times)], BORDERS, rules)
    assert not (one.amounts < 0).any()
    assert ((one.covered >= 0) & (one.covered <= 1)).all()
    np.testing.assert_array_equal(np.isnan(one.amounts), one.covered == 0)
    np.testing.assert_allclose(many.amounts[0], one.amounts, rtol=1e-9, atol=1e-6)
    np.testing.assert_array_equal(many.quality[0], one.quality)


@MODEST
@given(courses())
def test_finer_slots_add_up_to_coarser_ones(course):
    times, registers = course
    fine, _ = slot_amounts(times, registers, BORDERS, CounterRules())
    coarse, _ = slot_amounts(times, registers, BORDERS[::4], CounterRules())
    summed = np.nansum(fine.amounts.reshape(-1, 4), axis=1)
    np.testing.assert_allclose(np.nan_to_num(coarse.amounts), summed, rtol=1e-9, atol=1e-9)
    np.testing.assert_allclose(coarse.covered, fine.covered.reshape(-1, 4).mean(axis=1), atol=1e-12)


@MODEST
@given(st.floats(-1e9, 1e9), st.lists(st.integers(0, 90_000), min_size=1, max_size=400).filter(any))
def test_spread_is_exact(amount, seconds):
    parts = spread(amount, np.array(seconds))
    assert math.fsum(parts) == amount and parts.sum() == amount and sum(parts.tolist()) == amount
