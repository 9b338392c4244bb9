"""Counter to slots: the acceptance cases S1 to S8, T2 and example 4."""

import time
from datetime import date

import numpy as np
import pytest

from energy_carbon.engine.calendar import day_borders, slot_borders
from energy_carbon.engine.intervals import (
    CounterRules,
    SlotAmounts,
    clean_counter,
    day_amounts,
    slot_amounts,
    slot_amounts_many,
    sort_readings,
    spread,
)
from energy_carbon.engine.quality import Quality

HOUR = 3600
NOON = 12 * HOUR
DAY = np.arange(25) * HOUR
PLAIN = CounterRules()


def hourly(registers, rules=PLAIN, **options):
    """Slots of a day read on the hour from midnight on."""
    registers = np.array(registers, dtype=float)
    return slot_amounts(DAY[: len(registers)], registers, DAY, rules, **options)


def test_s1_five_hour_gap_is_spread_and_estimated():
    read = np.array([hour for hour in range(25) if not 10 < hour < 15])
    slots, report = slot_amounts(read * HOUR, 5000.0 + 40.0 * read, DAY, PLAIN)
    assert slots.amounts.sum() == 960.0
    assert (slots.amounts == 40.0).all()
    assert np.flatnonzero(slots.quality == Quality.ESTIMATED).tolist() == [10, 11, 12, 13, 14]
    assert (np.delete(slots.quality, range(10, 15)) == Quality.MEASURED).all()
    assert (slots.covered == 1.0).all()
    amount, quality, covered = day_amounts(slots, np.zeros(24, dtype=int), 1)
    assert (amount[0], quality[0], covered[0]) == (960.0, Quality.ESTIMATED, 1.0)
    assert all(len(found) == 0 for found in vars(report).values())


def test_s2_rollover_with_known_modulus():
    slots, report = hourly([9_980.0, 9_990.0, 9_999.9, 5.0, 15.0], CounterRules(modulus=10_000.0))
    np.testing.assert_allclose(slots.amounts[:4], [10.0, 9.9, 5.1, 10.0], rtol=1e-9)
    assert report.rollovers.tolist() == [3] and not len(report.drops)


def test_s2_rollover_within_the_rating_only():
    readings = [9_900.0, 9_990.0, 80.0, 170.0]
    slots, report = hourly(readings, CounterRules(modulus=10_000.0, max_rate=75.0 / HOUR))
    assert slots.amounts[1] == pytest.approx(90.0) and report.rollovers.tolist() == [2]
    slots, report = hourly(readings, CounterRules(modulus=10_000.0, max_rate=74.0 / HOUR))
    assert np.isnan(slots.amounts[1]) and report.drops.tolist() == [2]


def test_s2_unrated_wrap_up_to_a_tenth_of_the_range():
    rules = CounterRules(modulus=10_000.0)
    assert hourly([9_500.0, 499.0, 510.0], rules)[1].rollovers.tolist() == [1]
    assert hourly([9_500.0, 501.0, 510.0], rules)[1].drops.tolist() == [1]


@pytest.mark.parametrize("opening", [3.0, 8_000.0])
def test_s3_swap_at_noon_with_event_is_exact(opening):
    times = np.concatenate([DAY[:13], DAY[12:]])
    registers = np.concatenate([1_000.0 + 10.0 * np.arange(13), opening + 10.0 * np.arange(13)])
    segment = np.repeat([0, 1], 13)
    slots, report = slot_amounts(times, registers, DAY, PLAIN, segment=segment)
    np.testing.assert_allclose(slots.amounts, 10.0, rtol=1e-12)
    assert (slots.quality == Quality.MEASURED).all()
    assert not len(report.drops) and not len(report.jumps)


def test_s3_swap_between_readings_uses_closing_and_opening():
    times = np.array([11 * HOUR, 11 * HOUR + 1800, 11 * HOUR + 1800, 13 * HOUR])
    slots, _ = slot_amounts(times, [100.0, 104.0, 900.0, 915.0], DAY, PLAIN, segment=[1, 1, 2, 2])
    np.testing.assert_allclose(slots.amounts[11:13], [9.0, 10.0], rtol=1e-12)
    assert np.nansum(slots.amounts) == pytest.approx(19.0)


def test_s3b_drop_without_event_is_reported_and_never_negative():
    slots, report = hourly([1_000.0, 1_010.0, 1_020.0, 7.0, 17.0, 27.0])
    assert report.drops.tolist() == [3]
    assert np.isnan(slots.amounts[2]) and slots.quality[2] == Quality.MISSING
    assert slots.amounts[[0, 1, 3, 4]].tolist() == [10.0] * 4
    assert np.nanmin(slots.amounts) >= 0


def test_s3b_drop_inside_a_slot_leaves_the_known_part():
    slots, report = slot_amounts([0, 1800, 2700, 3600], [100.0, 105.0, 2.0, 3.0], DAY[:2], PLAIN)
    assert report.drops.tolist() == [2]
    assert slots.amounts[0] == 6.0
    assert (slots.quality[0], slots.covered[0]) == (Quality.PARTIAL, 0.75)


def test_jump_beyond_the_rating_that_stays_is_reported_not_booked():
    slots, report = hourly([1_000.0, 1_010.0, 50_000.0, 50_010.0], CounterRules(max_rate=20.0 / HOUR))
    assert report.jumps.tolist() == [2] and np.isnan(slots.amounts[1])
    assert slots.amounts[[0, 2]].tolist() == [10.0, 10.0]


def test_coarse_display_is_no_jump():
    times = np.array([0, 59, 61, 3600])
    _, report = slot_amounts(times, [100.0, 100.0, 101.0, 150.0], DAY, CounterRules(max_rate=60.0 / HOUR))
    assert not len(report.jumps), "one step of the display within two seconds"


def test_s4_random_order_gives_the_same_result():
    generator = np.random.default_rng(4)
    times = np.sort(generator.choice(86_400, 200, replace=False))
    registers = np.cumsum(generator.random(200))
    shuffled = np.concatenate([generator.permutation(200), [7, 9]])
    order = sort_readings(times[shuffled], registers[shuffled])
    assert len(order) == 200
    expected, _ = slot_amounts(times, registers, DAY, PLAIN)
    actual, _ = slot_amounts(times[shuffled][order], registers[shuffled][order], DAY, PLAIN)
    np.testing.assert_array_equal(actual.amounts, expected.amounts)
    np.testing.assert_array_equal(actual.quality, expected.quality)


def test_s4_first_value_of_a_second_wins():
    assert sort_readings([5, 3, 5], [1.0, 2.0, 9.0]).tolist() == [1, 0]
    assert sort_readings([5, 3, 5], [1.0, 2.0, 9.0], [1, 0, 0]).tolist() == [1, 2, 0], "closing before opening"


@pytest.mark.parametrize("rules", [PLAIN, CounterRules(10_000.0), CounterRules(max_rate=20.0 / HOUR)])
@pytest.mark.parametrize("wrong", [[2], [2, 3]])
def test_s5_zero_that_returns_is_ignored_and_reported(rules, wrong):
    registers = 1_000.0 + 10.0 * np.arange(25)
    registers[wrong] = 0.0
    slots, report = hourly(registers, rules)
    np.testing.assert_allclose(slots.amounts, 10.0, rtol=1e-12)
    assert report.ignored.tolist() == wrong
    assert not len(report.drops) and not len(report.rollovers) and not len(report.jumps)


def test_s5_zero_at_standstill_and_real_start_at_zero():
    assert hourly([50.0, 0.0, 50.0])[0].amounts[:2].tolist() == [0.0, 0.0]
    slots, report = hourly([0.0, 0.0, 4.0])
    assert slots.amounts[:2].tolist() == [0.0, 4.0] and not len(report.ignored)


def test_s5_trailing_zero_is_pending_until_it_repeats():
    slots, report = hourly([1_000.0, 1_010.0, 0.0], CounterRules(modulus=10_000.0, max_rate=20_000.0 / HOUR))
    assert report.pending.tolist() == [2] and not len(report.rollovers) and np.isnan(slots.amounts[1])
    _, report = hourly([1_000.0, 1_010.0, 0.0, 0.0])
    assert report.drops.tolist() == [2] and not len(report.pending)


@pytest.mark.parametrize("rules", [PLAIN, CounterRules(100_000.0), CounterRules(max_rate=20.0 / HOUR)])
def test_s5b_single_tenfold_spike_that_returns_is_not_booked(rules):
    registers = 1_000.0 + 10.0 * np.arange(25)
    registers[8] *= 10
    slots, report = hourly(registers, rules)
    np.testing.assert_allclose(slots.amounts, 10.0, rtol=1e-12)
    assert report.ignored.tolist() == [8] and not len(report.drops)


def test_s5b_dip_that_returns_is_not_booked():
    slots, report = hourly([1_000.0, 1_010.0, 102.0, 1_030.0, 1_040.0])
    np.testing.assert_allclose(slots.amounts[:4], 10.0)
    assert report.ignored.tolist() == [2] and not len(report.drops)


@pytest.mark.parametrize("low", [(1.28, 2.61), (2.61, 1.28), (1.28, 1.28), (3.0, 401_000.0), (0.0, 1.28), (1.28, 0.0)])
@pytest.mark.parametrize("rules", [PLAIN, CounterRules(1e6), CounterRules(max_rate=20.0 / HOUR)])
def test_s5b_two_low_readings_that_return_are_not_booked(low, rules):
    slots, report = hourly([401_890.0, 401_895.0, 401_900.0, *low, 401_915.0, 401_920.0], rules)
    np.testing.assert_allclose(slots.amounts[:6], 5.0)
    assert report.ignored.tolist() == [3, 4] and not len(report.drops) and not len(report.rollovers)


def test_s5b_two_low_readings_that_do_not_return_are_a_drop():
    slots, report = hourly([401_890.0, 401_895.0, 401_900.0, 1.28, 2.61, 3.95])
    np.testing.assert_allclose(slots.amounts[3:5], [1.33, 1.34])
    assert report.drops.tolist() == [3] and not len(report.ignored) and np.isnan(slots.amounts[2])


def test_s5b_swap_with_two_rare_readings_is_no_dip():
    month = np.arange(6) * 30 * 86_400
    increments, report = clean_counter(month, [0.0, 500.0, 1_000.0, 100.0, 600.0, 1_100.0], PLAIN)
    assert report.drops.tolist() == [3] and not len(report.ignored)
    np.testing.assert_array_equal(increments, [500.0, 500.0, np.nan, 500.0, 500.0])


def test_s5b_swap_between_rare_readings_is_no_spike():
    month = np.arange(5) * 30 * 86_400
    increments, report = clean_counter(month, [0.0, 500.0, 1_000.0, 700.0, 1_200.0], PLAIN)
    assert report.drops.tolist() == [3] and not len(report.ignored)
    np.testing.assert_array_equal(increments, [500.0, 500.0, np.nan, 500.0])


def test_s5b_trailing_implausible_rise_is_pending():
    slots, report = hourly([1_000.0, 1_010.0, 10_200.0], CounterRules(max_rate=20.0 / HOUR))
    assert report.pending.tolist() == [2] and np.isnan(slots.amounts[1]) and slots.amounts[0] == 10.0


def test_values_that_are_no_numbers_are_ignored():
    slots, report = hourly([1.0, np.nan, 3.0, np.inf])
    assert slots.amounts[:2].tolist() == [1.0, 1.0] and report.ignored.tolist() == [1, 3]


def test_s6_reading_at_ten_ends_the_slot_from_nine():
    slots, _ = slot_amounts([9 * HOUR, 10 * HOUR], [100.0, 107.0], DAY, PLAIN)
    assert slots.amounts[9] == 7.0 and slots.quality[9] == Quality.MEASURED
    assert np.flatnonzero(slots.quality != Quality.MISSING).tolist() == [9]


def test_s7_new_meter_with_and_without_opening_reading():
    slots, _ = slot_amounts(DAY[9:] - 1800, 10.0 * np.arange(16), DAY, PLAIN)
    assert (slots.amounts[8], slots.quality[8], slots.covered[8]) == (5.0, Quality.PARTIAL, 0.5)
    assert np.isnan(slots.amounts[:8]).all() and (slots.quality[:8] == Quality.MISSING).all()
    with_opening, _ = slot_amounts(np.append(NOON, DAY[13:]), np.append(0.0, 10.0 * np.arange(1, 13)), DAY, PLAIN)
    assert with_opening.amounts[12] == 10.0 and with_opening.quality[12] == Quality.MEASURED
    without, _ = slot_amounts(DAY[13:], 10.0 * np.arange(1, 13), DAY, PLAIN)
    assert np.isnan(without.amounts[12]) and without.amounts[13] == 10.0


@pytest.mark.parametrize("length", [26, 25])
def test_s8_ratio_changed_at_noon(length):
    times = np.concatenate([DAY[:13], DAY[12:]])
    registers = np.concatenate([np.arange(13.0), np.arange(12.0, 25.0)])
    multiplier = np.repeat([40.0, 60.0], 13)[:length]
    slots, _ = slot_amounts(times, registers, DAY, PLAIN, multiplier, np.repeat([0, 1], 13))
    np.testing.assert_allclose(slots.amounts, np.repeat([40.0, 60.0], 12), rtol=1e-12)


@pytest.mark.parametrize(("day", "hours"), [(date(2026, 3, 29), 23), (date(2026, 10, 25), 25)])
def test_t2_clock_change_days_conserve(day, hours):
    borders, index = slot_borders(day_borders(day, day, "Europe/Berlin"), 15)
    times = np.append(np.arange(borders[0] - 400, borders[-1], 777), borders[-1] + 300)
    slots, _ = slot_amounts(times, (times - times[0]) / 900.0, borders, PLAIN)
    amount, _, covered = day_amounts(slots, index, 1)
    assert amount[0] == pytest.approx(4.0 * hours, rel=1e-12) and covered[0] == 1.0


def test_example_4_multiplier_and_rollover():
    multiplier = (200 / 5) * (10_000 / 100)
    assert multiplier == 4_000
    slots, _ = slot_amounts([0, HOUR], [1_234.56, 1_250.00], DAY[:2], PLAIN, multiplier)
    assert slots.amounts[0] == pytest.approx(61_760.0, rel=1e-12)
    slots, report = slot_amounts([0, HOUR], [9_998.50, 3.25], DAY[:2], CounterRules(10_000.0), multiplier)
    assert slots.amounts[0] == pytest.approx(19_000.0, rel=1e-12) and report.rollovers.tolist() == [1]


def test_clean_counter_shares_the_increment_across_an_ignored_reading():
    increments, report = clean_counter(np.array([0, 10, 40]), np.array([100.0, 0.0, 104.0]), PLAIN)
    assert increments.tolist() == [1.0, 3.0] and report.ignored.tolist() == [1]


@pytest.mark.parametrize("count", [0, 1])
def test_too_few_readings_are_missing(count):
    slots, _ = slot_amounts(np.arange(count), np.arange(count, dtype=float), DAY, PLAIN)
    assert np.isnan(slots.amounts).all() and (slots.quality == Quality.MISSING).all() and not slots.covered.any()


def test_many_meters_equal_one_by_one():
    generator = np.random.default_rng(8)
    parts, rules = [], []
    for meter in range(40):
        count = int(generator.integers(0, 60)) if meter % 7 else 0
        times = np.sort(generator.choice(np.arange(-7_200, 93_600), count, replace=False))
        registers = np.cumsum(generator.random(count)) + 9_000
        if meter % 5 == 0 and count > 9:
            registers[count // 2] = [0.0, np.nan, 99_999.0][meter % 3]
        if meter % 11 == 0 and count > 9:
            registers[count // 2 :] -= 8_990
        parts.append((times, registers))
        rules.append(CounterRules(None if meter % 2 else 1e5, None if meter % 3 else 1.0, 1_800 + meter * 60))
    offsets = np.cumsum([0, *(len(times) for times, _ in parts)])
    multiplier = generator.integers(1, 50, 40).astype(float)
    times, registers = (np.concatenate(arrays) for arrays in zip(*parts, strict=True))
    many, reports = slot_amounts_many(times, registers, offsets, DAY, rules, multiplier)
    for meter, (own_times, own_registers) in enumerate(parts):
        one, report = slot_amounts(own_times, own_registers, DAY, rules[meter], multiplier[meter])
        np.testing.assert_allclose(many.amounts[meter], one.amounts, rtol=1e-9, atol=1e-9)
        np.testing.assert_array_equal(many.quality[meter], one.quality)
        np.testing.assert_array_equal(many.covered[meter], one.covered)
        found = any(len(indices) for indices in vars(report).values())
        assert found <= (meter in reports)


def test_many_meters_with_events_and_ratios():
    times = np.concatenate([DAY[:13], DAY[12:], DAY])
    registers = np.concatenate([np.arange(13.0), np.arange(13.0), np.arange(25.0)])
    multiplier = np.concatenate([np.full(13, 2.0), np.full(13, 3.0), np.full(25, 1.0)])
    segment = np.concatenate([np.repeat([0, 1], 13), np.zeros(25, dtype=int)])
    slots, _ = slot_amounts_many(times, registers, [0, 26, 51], DAY, PLAIN, multiplier, segment)
    np.testing.assert_allclose(slots.amounts[0], np.repeat([2.0, 3.0], 12))
    np.testing.assert_allclose(slots.amounts[1], 1.0)


def test_days_of_partly_and_wholly_missing_slots():
    quality = np.array([1, 5, 3, 1, 5, 5], dtype=np.int8)
    amounts = np.array([2.0, np.nan, 3.0, 4.0, np.nan, np.nan])
    slots = SlotAmounts(amounts, quality, np.array([1.0, 0, 1, 1, 0, 0]))
    amount, worst, covered = day_amounts(slots, np.array([0, 0, 1, 1, 3, 3]), 4)
    np.testing.assert_array_equal(amount, [2.0, 7.0, np.nan, np.nan])
    assert worst.tolist() == [Quality.PARTIAL, Quality.ESTIMATED, Quality.MISSING, Quality.MISSING]
    assert covered.tolist() == [0.5, 1.0, 0.0, 0.0]
    assert day_amounts(slots, np.array([0, 0, 1, 1, 3, 3]), 4, np.array([3, 1, 1, 1, 1, 1]))[2][0] == 0.75


def test_bill_only_gas_is_a_thousand_a_day():
    assert spread(31_000.0, np.ones(31)).tolist() == [1_000.0] * 31


def test_spread_needs_a_length():
    with pytest.raises(ValueError, match="positive"):
        spread(1.0, np.zeros(3))


@pytest.mark.parametrize(
    ("times", "registers", "options", "message"),
    [
        ([2, 1], [1.0, 2.0], {}, "ascending"),
        ([1, 1], [1.0, 2.0], {}, "ascending"),
        ([1, 2], [1.0], {}, "length"),
        ([1, 2], [1.0, 2.0], {"multiplier": 0.0}, "positive"),
        ([1, 2], [1.0, 2.0], {"multiplier": np.ones(5)}, "length"),
    ],
)
def test_refuses_readings_out_of_order(times, registers, options, message):
    with pytest.raises(ValueError, match=message):
        slot_amounts(times, registers, DAY, PLAIN, **options)


def test_refuses_impossible_rules_and_borders():
    with pytest.raises(ValueError, match="modulus"):
        CounterRules(modulus=0.0)
    with pytest.raises(ValueError, match="ascending"):
        slot_amounts([1], [1.0], [5, 5], PLAIN)


@pytest.mark.parametrize(
    ("offsets", "options"), [([0, 3], {}), ([1, 2], {}), ([0, 2], {"multiplier": np.ones(5)}), ([0, 2], {"rules": []})]
)
def test_refuses_batches_that_do_not_fit(offsets, options):
    with pytest.raises(ValueError, match="must have the length|one a meter"):
        slot_amounts_many([1, 2], [1.0, 2.0], offsets, DAY, **{"rules": PLAIN, **options})


def test_no_meters_at_all():
    slots, reports = slot_amounts_many([], [], [0], DAY, PLAIN)
    assert slots.amounts.shape == (0, 24) and not reports


def test_thousand_meters_of_a_month_in_quarter_hours():
    borders = np.arange(2_977) * 900
    times = np.tile(borders, 1_000) + np.repeat(np.arange(1_000) % 30, 2_977)
    registers = np.tile(np.arange(2_977.0), 1_000)
    start = time.process_time()
    slots, reports = slot_amounts_many(times, registers, np.arange(1_001) * 2_977, borders, CounterRules(1e6, 1.0))
    assert time.process_time() - start < 1.5, "about 0.25 s on a free machine"
    np.testing.assert_allclose(slots.amounts[:, 1:], 1.0, rtol=1e-9)
    assert not reports
