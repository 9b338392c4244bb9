"""Kinds of days, standard time, and the proof of a year (T2, T4 Economy 7, property: each minute exactly one period)."""

from datetime import date

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from energy_carbon.engine.calendar import day_borders, slot_borders
from energy_carbon.engine.tou import (
    ALL_MONTHS,
    HOLE,
    MINUTES,
    Band,
    Edition,
    Flaw,
    Period,
    check_day,
    day_classes,
    highest_by_period,
    kinds_of_day,
    period_shares,
    pieces,
)
from energy_carbon.engine.tou_check import check_year, idle_overlays

SHARP, PEAK, FLAT, VALLEY, DEEP = Period
THURSDAY, SATURDAY = date(2026, 10, 1), date(2026, 10, 3)


def band(period, start, end, day_class="all", months=ALL_MONTHS, overlay=None):
    return Band(frozenset(months), day_class, period, round(start * 60), round(end * 60), overlay)


def edition(*bands, default=FLAT, first=date(2020, 1, 1), specials=None, standard=False):
    return Edition(first.toordinal(), default, standard, specials or {}, list(bands))


def letters(course, step=60):
    return "".join("SPFVD-"[period] for period in course[::step])


@pytest.mark.parametrize(
    ("day", "special", "classes"),
    [
        (THURSDAY, None, ("workday",)),
        (SATURDAY, None, ("weekend",)),
        (SATURDAY, "workday", ("workday",)),
        (THURSDAY, "weekend", ("weekend",)),
        (THURSDAY, "national_day", ("national_day", "holiday", "workday")),
        (SATURDAY, "national_day", ("national_day", "holiday", "weekend")),
        (THURSDAY, "announced", ("announced", "workday")),
    ],
)
def test_classes_of_a_date(day, special, classes):
    assert day_classes(day, special) == classes


def test_the_most_particular_class_that_is_named_holds():
    specials = {THURSDAY.toordinal(): "national_day", date(2026, 5, 1).toordinal(): "labour_day"}
    one = edition(
        band(PEAK, 8, 20, "workday"), band(VALLEY, 0, 24, "holiday"), band(DEEP, 10, 14, "national_day", overlay=VALLEY),
        specials=specials,
    )  # fmt: skip
    assert letters(one.course(THURSDAY)) == "V" * 10 + "D" * 4 + "V" * 10
    assert letters(one.course(date(2026, 5, 1))) == "V" * 24
    assert letters(one.course(date(2026, 10, 8))) == "F" * 8 + "P" * 12 + "F" * 4
    assert letters(one.course(SATURDAY)) == "F" * 24


def test_holiday_that_no_band_names_is_its_weekday():
    bands = [
        band(PEAK, 8, 20, "workday"),
        band(VALLEY, 0, 24, "weekend"),
        band(DEEP, 10, 14, "labour_day", overlay=VALLEY),
    ]
    one = edition(*bands, specials={THURSDAY.toordinal(): "national_day", SATURDAY.toordinal(): "national_day"})
    assert letters(one.course(THURSDAY)) == "F" * 8 + "P" * 12 + "F" * 4
    assert letters(one.course(SATURDAY)) == "V" * 24


def test_class_is_looked_for_among_the_bands_of_the_month():
    holiday_in_may = band(VALLEY, 0, 24, "holiday", months={5})
    specials = {THURSDAY.toordinal(): "national_day", date(2026, 5, 1).toordinal(): "labour_day"}
    one = edition(band(PEAK, 0, 24, "workday"), holiday_in_may, specials=specials)
    assert letters(one.course(date(2026, 5, 1))) == "V" * 24 and letters(one.course(THURSDAY)) == "P" * 24


def test_overlay_of_a_holiday_lies_on_the_bands_of_the_weekday():
    one = edition(
        band(VALLEY, 8, 12, "workday"), band(DEEP, 10, 14, "holiday", overlay=VALLEY), band(SHARP, 8, 9, overlay=VALLEY),
        specials={THURSDAY.toordinal(): "other"},
    )  # fmt: skip
    assert letters(one.course(THURSDAY)) == "F" * 8 + "SVDD" + "F" * 12
    assert letters(one.course(date(2026, 10, 8))) == "F" * 8 + "SVVV" + "F" * 12


def test_t4_economy_7_on_gmt_all_year():
    """The night of 00:30 to 07:30 GMT is 01:30 to 08:30 on a British clock in summer."""
    night = edition(band(VALLEY, 0.5, 7.5), standard=True)
    for day, begins, quarters in (
        (date(2026, 1, 15), 30, 96),
        (date(2026, 7, 15), 90, 96),
        (date(2026, 3, 29), 30, 92),
        (date(2026, 10, 25), 90, 100),
    ):
        edges = slot_borders(day_borders(day, day, "Europe/London", 0), 15)[0]
        parts = pieces(edges, "Europe/London", night.course)
        elapsed = (edges[parts.slot[parts.period == VALLEY]] - edges[0]) // 60
        assert len(edges) - 1 == quarters
        assert elapsed.tolist() == list(range(begins, begins + 7 * 60, 15)), day


def test_local_clock_does_not_shift():
    night = edition(band(VALLEY, 0.5, 7.5))
    assert (night.course(date(2026, 7, 15), 60) == night.course(date(2026, 7, 15), 0)).all()


def test_standard_time_takes_the_first_hour_from_the_day_before():
    one = edition(band(VALLEY, 22, 24, "workday"), default=PEAK, standard=True)
    saturday = one.course(date(2026, 7, 4), 60)
    assert letters(saturday) == "V" + "P" * 23
    assert letters(one.course(date(2026, 7, 3), 60)) == "V" + "P" * 22 + "V"


def test_check_year_names_holes_overlaps_and_days():
    specials = {THURSDAY.toordinal(): "national_day"}
    bands = [
        band(PEAK, 8, 20, "workday"), band(VALLEY, 20, 8, "workday"), band(VALLEY, 0, 24, "weekend"),
        band(FLAT, 0, 12, "national_day"), band(PEAK, 7, 8, "workday", months={7}),
    ]  # fmt: skip
    found = check_year([edition(*bands, default=None, first=date(2026, 2, 1), specials=specials)], 2026)
    none, overlap, hole = found.findings
    assert (none.edition, none.flaw, len(none.days)) == (-1, None, 31)
    assert overlap.flaw == Flaw(420, 480, (VALLEY, PEAK)) and len(overlap.days) == 23
    assert overlap.classes == ("workday",)
    assert hole.flaw == Flaw(720, MINUTES, ()) and hole.days == (THURSDAY.toordinal(),)
    assert hole.classes[0] == "national_day"
    assert found.used[0].sum() == 0 and found.used[40].any()


def test_check_year_knows_leap_years_and_versions():
    editions = [edition(default=FLAT), edition(default=PEAK, first=date(2024, 7, 1))]
    found = check_year(editions, 2024)
    assert found.findings == [] and len(found.used) == 366
    assert found.used[:, FLAT].sum() == 182 and found.used[:, PEAK].sum() == 184
    assert len(check_year([], 2025).findings[0].days) == 365


def test_overlays_without_effect():
    one = edition(band(PEAK, 8, 12), band(SHARP, 8, 9, overlay=PEAK), band(DEEP, 0, 6, "weekend", overlay=VALLEY))
    assert idle_overlays(one) == [2]


def test_example_7_highest_power_by_window():
    """Demand price 18.05 at all hours and 10 more on workdays 14-20 h; energy 0.36 on workdays 7-20 h, else 0.28."""
    window = edition(band(PEAK, 14, 20, "workday"))
    energy = edition(band(PEAK, 7, 20, "workday"), default=VALLEY)
    for year, cost, demand in ((2023, 2.80, 180.50), (2024, 3.60, 280.50)):
        first, hour = date(year, 1, 1), 31 * 24 + 29 * 24 + 3 * 24 + 16 - 1
        edges = slot_borders(day_borders(first, date(year, 12, 31), "UTC", 0), 60)[0]
        power = np.zeros(len(edges) - 1)
        power[hour] = 10.0
        shares = period_shares(edges, "UTC", energy.course)
        assert abs(float(power @ (shares[:, PEAK] * 0.36 + shares[:, VALLEY] * 0.28)) - cost) < 1e-12
        highest = highest_by_period(pieces(edges, "UTC", window.course), power)
        assert abs(power.max() * 18.05 + highest[PEAK] * 10 - demand) < 1e-9


def test_highest_power_is_unknown_where_no_slot_is_known():
    edges = slot_borders(day_borders(THURSDAY, THURSDAY, "UTC", 0), 60)[0]
    power = np.full(24, np.nan)
    power[9] = 4.0
    parts = pieces(edges, "UTC", edition(band(PEAK, 8, 12)).course)
    highest = highest_by_period(parts, power)
    assert highest[PEAK] == 4.0 and np.isnan(highest[FLAT])


CLASSES = ("all", "workday", "weekend", "holiday", "national_day", "announced")


@st.composite
def tariffs(draw):
    """Whole days of half-hour bands for every class of days, overlays on them; seasons split the year in two."""
    bands = []
    split = draw(st.sets(st.integers(1, 12), min_size=1, max_size=11))
    for months in (frozenset(split), ALL_MONTHS - frozenset(split)):
        named = draw(st.sets(st.sampled_from(["holiday", "national_day", "announced"])))
        for day_class in draw(st.sampled_from([["all"], ["workday", "weekend", *sorted(named)]])):
            cuts = sorted(draw(st.sets(st.integers(0, 47), min_size=2, max_size=6)))
            for start, end in zip(cuts, [*cuts[1:], cuts[0]], strict=True):
                bands.append(band(draw(st.sampled_from(Period)), start / 2, end / 2, day_class, months))
        start = draw(st.integers(0, 40))
        overlay = draw(st.sampled_from(Period))
        bands.append(band(SHARP, start / 2, start / 2 + 2, draw(st.sampled_from(CLASSES)), months, overlay=overlay))
    days = st.dates(date(2026, 1, 1), date(2026, 12, 31))
    specials = draw(
        st.dictionaries(days, st.sampled_from(["national_day", "other", "announced", "workday"]), max_size=8)
    )
    return Edition(1, None, draw(st.booleans()), {day.toordinal(): special for day, special in specials.items()}, bands)


@given(tariffs())
@settings(max_examples=60, deadline=None)
def test_each_minute_of_a_year_has_exactly_one_period(one):
    found = check_year([one], 2026)
    assert found.findings == []
    for month in range(1, 13):
        for classes in kinds_of_day(one.bands):
            assert check_day(one.bands, month, classes) == []
            assert (one.course_of(month, classes) != HOLE).all()


@given(
    tariffs(),
    st.sampled_from(["Asia/Shanghai", "Europe/Berlin", "Europe/London", "Australia/Lord_Howe", "America/Los_Angeles"]),
    st.sampled_from([15, 30, 60]),
    st.integers(0, 23),
    st.dates(date(2026, 1, 2), date(2026, 12, 25)),
    st.randoms(use_true_random=False),
)
@settings(max_examples=60, deadline=None)
def test_parts_by_period_sum_to_the_total(one, zone, minutes, start_hour, first, random):
    """T2 and T3 for any tariff: parts add up over days of 23, 24 and 25 hours, whatever hour the day starts at."""
    last = date.fromordinal(first.toordinal() + 3)
    edges = slot_borders(day_borders(first, last, zone, start_hour), minutes)[0]
    amounts = np.array([random.uniform(0, 1000) for _slot in range(len(edges) - 1)])
    shares = period_shares(edges, zone, one.course)
    assert np.allclose(shares.sum(axis=1), 1.0, rtol=0, atol=1e-12)
    assert abs((shares * amounts[:, None]).sum() - amounts.sum()) <= 1e-9 * amounts.sum() + 1e-12
