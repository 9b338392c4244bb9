"""Meter swaps, resets and changes of ratio: exact with an event, never a jump without one."""

from datetime import UTC, date, datetime

import numpy as np
import pytest

from energy_carbon.engine.calendar import day_borders, slot_borders
from energy_carbon.engine.events import MeterEvent, apply_events
from energy_carbon.engine.intervals import CounterRules, day_amounts, slot_amounts

DAY = date(2026, 7, 15)
BORDERS = day_borders(DAY, DAY, "UTC")
SLOTS, INDEX = slot_borders(BORDERS, 60)
START = int(datetime(2026, 7, 15, tzinfo=UTC).timestamp())
NOON = START + 12 * 3600


def day_total(times, registers, events, multiplier=1.0):
    """Amount and quality of the day, and the slots."""
    one = apply_events(np.array(times, np.int64), np.array(registers, float), events, multiplier)
    slots, report = slot_amounts(
        one.times, one.registers, SLOTS, CounterRules(max_gap_seconds=7200), one.multiplier, one.segment
    )
    amount, quality, _covered = day_amounts(slots, INDEX, 1)
    return amount[0], quality[0], slots, report


def hours(first, last, start, rate=40.0):
    """Registers at full hours first..last."""
    span = range(first, last + 1)
    return [START + 3600 * h for h in span], [start + rate * (h - first) for h in span]


@pytest.mark.parametrize("opening", [0.0, 50_000.0])
def test_s3_swap_at_noon_is_exact(opening):
    old_times, old = hours(0, 11, 1000.0)
    new_times, new = hours(13, 24, opening + 40.0)
    event = MeterEvent(NOON, closing=1480.0, opening=opening, before=1.0, after=1.0)
    amount, quality, slots, report = day_total(old_times + new_times, old + new, [event])
    assert amount == pytest.approx(960.0, rel=1e-12)
    assert quality == 1
    assert np.allclose(slots.amounts, 40.0)
    assert not len(report.drops)


def test_s3b_drop_without_event_is_no_jump_and_with_event_exact():
    old_times, old = hours(0, 11, 1000.0)
    new_times, new = hours(12, 24, 5.0)
    amount, quality, _slots, report = day_total(old_times + new_times, old + new, [])
    assert amount == pytest.approx(11 * 40 + 12 * 40)
    assert quality == 4
    assert list(report.drops) == [12]
    event = MeterEvent(NOON, closing=1480.0, opening=5.0, before=1.0, after=1.0)
    times, registers = old_times + new_times[1:], old + new[1:]
    assert day_total(times, registers, [event])[0] == pytest.approx(960.0, rel=1e-12)


def test_s7_new_meter_with_and_without_opening_reading():
    times, registers = hours(13, 24, 40.0)
    with_opening = MeterEvent(NOON, None, 0.0, 1.0, 1.0)
    assert day_total(times, registers, [with_opening])[0] == pytest.approx(480.0)
    without = MeterEvent(NOON, None, None, 1.0, 1.0)
    amount, quality, _slots, _report = day_total(times, registers, [without])
    assert amount == pytest.approx(440.0)
    assert quality == 4


def test_s8_ratio_changed_at_noon():
    times, registers = hours(0, 24, 100.0, rate=1.0)
    event = MeterEvent(NOON, None, None, before=40.0, after=80.0, continues=True)
    amount, quality, slots, _report = day_total(times, registers, [event])
    assert amount == pytest.approx(12 * 40 + 12 * 80, rel=1e-12)
    assert quality == 1
    assert slots.amounts[11] == pytest.approx(40.0)
    assert slots.amounts[12] == pytest.approx(80.0)


def test_ratio_changed_between_readings_splits_by_time():
    event = MeterEvent(NOON, None, None, before=1.0, after=2.0, continues=True)
    amount = day_total([START, START + 24 * 3600], [0.0, 24.0], [event])[0]
    assert amount == pytest.approx(12 * 1 + 12 * 2)


def test_two_events_and_a_reading_at_the_moment():
    first = MeterEvent(START + 6 * 3600, 240.0, 0.0, 1.0, 1.0)
    second = MeterEvent(START + 18 * 3600, 480.0, 7.0, 1.0, 1.0)
    times = [START, START + 6 * 3600, START + 12 * 3600, START + 24 * 3600]
    registers = [0.0, 239.0, 240.0, 247.0]
    amount, quality, _slots, report = day_total(times, registers, [first, second])
    assert amount == pytest.approx(960.0)
    assert not len(report.drops)
    assert quality == 3


def test_events_in_wrong_order_are_refused():
    late, early = MeterEvent(NOON, 1.0, 0.0, 1.0, 1.0), MeterEvent(START, 1.0, 0.0, 1.0, 1.0)
    with pytest.raises(ValueError, match="order"):
        apply_events(np.array([START]), np.array([0.0]), [late, early], 1.0)
