"""Time of use: the day's course of periods, its flaws, and slots cut on the local wall clock (T1, T2, T3)."""

from datetime import date, datetime
from zoneinfo import ZoneInfo

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from energy_carbon.engine.calendar import day_borders, slot_borders
from energy_carbon.engine.tou import (
    ALL_MONTHS,
    HOLE,
    MINUTES,
    Band,
    Flaw,
    Period,
    check_day,
    day_course,
    parse_months,
    period_shares,
    pieces,
    slot_prices,
    weekday_class,
)

SHARP, PEAK, FLAT, VALLEY, DEEP = Period


def band(period, start, end, months=ALL_MONTHS, day_class="all", overlay=None):
    return Band(months, day_class, period, round(start * 60), round(end * 60), overlay)


def always(course):
    return lambda _day, _ahead: course


def slots(first, last, zone="Asia/Shanghai", minutes=60, start_hour=0):
    return slot_borders(day_borders(first, last, zone, start_hour), minutes)


# Jiangsu in July, for large industry: peak 14-22, valley 0-6 and 11-13, sharp on the peak 14-15 and 19:30-21:30.
JIANGSU = [
    band(PEAK, 14, 22),
    band(VALLEY, 0, 6),
    band(VALLEY, 11, 13),
    band(SHARP, 14, 15, overlay=PEAK),
    band(SHARP, 19.5, 21.5, overlay=PEAK),
    band(DEEP, 10, 14, day_class="holiday", overlay=VALLEY),
]


@pytest.mark.parametrize(
    ("text", "months"),
    [
        ("6-8,12", {6, 7, 8, 12}),
        ("7", {7}),
        ("11-2", {11, 12, 1, 2}),
        ("1，2、3", {1, 2, 3}),
        (" 6 , 7 ", {6, 7}),
        ("", ALL_MONTHS),
        (None, ALL_MONTHS),
        ("1-12", ALL_MONTHS),
    ],
)
def test_months(text, months):
    assert parse_months(text) == months


@pytest.mark.parametrize(
    ("text", "part"), [("13", "13"), ("0", "0"), ("6-", "6-"), ("June", "June"), ("3,6--8", "6--8")]
)
def test_months_that_are_none(text, part):
    with pytest.raises(ValueError, match=part):
        parse_months(text)


@pytest.mark.parametrize(("start", "end"), [(8, 8), (24, 6), (-1, 6), (8, 24.5)])
def test_bands_that_are_none(start, end):
    with pytest.raises(ValueError, match="A band"):
        band(PEAK, start, end)


def test_jiangsu_hour_by_hour():
    course = day_course(JIANGSU, 7, ("workday",), FLAT)
    hours = "".join("SPFVD"[period] for period in course[::60])
    assert hours == "VVVVVVFFFFFVVFSPPPPPSSFF"
    assert course[19 * 60 + 29] == PEAK and course[19 * 60 + 30] == SHARP and course[21 * 60 + 30] == PEAK
    holiday = day_course(JIANGSU, 7, ("holiday", "workday"), FLAT)
    assert "".join("SPFVD"[period] for period in holiday[::60]) == "VVVVVVFFFFFDDFSPPPPPSSFF"
    assert not check_day(JIANGSU, 7, ("holiday", "workday"), FLAT)


def test_t3_band_across_midnight():
    course = day_course([band(VALLEY, 22, 6.5)], 1, ("workday",), FLAT)
    assert (course[: 6 * 60 + 30] == VALLEY).all() and (course[22 * 60 :] == VALLEY).all()
    assert (course[6 * 60 + 30 : 22 * 60] == FLAT).all()


def test_holes_and_overlaps_are_named():
    bands = [band(PEAK, 8, 12), band(FLAT, 11.5, 20), band(VALLEY, 22, 8)]
    assert check_day(bands, 7, ("workday",)) == [
        Flaw(11 * 60 + 30, 12 * 60, (PEAK, FLAT)),
        Flaw(20 * 60, 22 * 60, ()),
    ]
    overlays = [band(SHARP, 9, 11, overlay=PEAK), band(SHARP, 10, 13, overlay=PEAK), band(PEAK, 8, 12)]
    assert check_day(overlays, 7, ("workday",), FLAT) == [Flaw(600, 660, (SHARP, SHARP))]
    assert check_day([], 7, ("workday",)) == [Flaw(0, MINUTES, ())]
    assert (
        check_day([band(PEAK, 8, 12, frozenset({7})), band(FLAT, 8, 12, frozenset({8}))], 7, ("weekend",), FLAT) == []
    )


def test_t1_hour_cut_at_half_past():
    course = day_course([band(PEAK, 8.5, 12)], 7, ("workday",), VALLEY)
    edges, _day = slots(date(2026, 7, 1), date(2026, 7, 1))
    shares = period_shares(edges, "Asia/Shanghai", always(course))
    assert shares.shape == (24, 5)
    assert shares[8].tolist() == [0, 0.5, 0, 0.5, 0] and shares[9, PEAK] == 1.0 and shares[7, VALLEY] == 1.0


def test_hole_is_a_row_of_nan():
    course = day_course([band(PEAK, 8.5, 24), band(VALLEY, 0, 8.25)], 7, ("workday",))
    shares = period_shares(slots(date(2026, 7, 1), date(2026, 7, 1))[0], "Asia/Shanghai", always(course))
    assert np.isnan(shares[8]).all() and np.isfinite(np.delete(shares, 8, axis=0)).all()


@pytest.mark.parametrize(("day", "valley"), [(date(2026, 3, 29), 7), (date(2026, 10, 25), 9), (date(2026, 7, 1), 8)])
@pytest.mark.parametrize("minutes", [15, 30, 60])
def test_t2_clock_changes_of_berlin(day, valley, minutes):
    """The night band of 22-06 h has an hour less in spring and one more in autumn."""
    edges, _index = slots(day, day, "Europe/Berlin", minutes)
    shares = period_shares(
        edges, "Europe/Berlin", always(day_course([band(VALLEY, 22, 6)], day.month, ("workday",), PEAK))
    )
    assert (shares.sum(axis=1) == 1.0).all()
    hours = shares.sum(axis=0) * minutes / 60
    assert hours[VALLEY] == valley and hours[PEAK] == 16


def test_t2_half_hour_change_of_lord_howe():
    day = date(2026, 4, 5)
    edges, _index = slots(day, day, "Australia/Lord_Howe")
    course = day_course([band(VALLEY, 0, 1.75)], 4, ("weekend",), FLAT)
    shares = period_shares(edges, "Australia/Lord_Howe", always(course))
    seconds = (shares * np.diff(edges)[:, None]).sum(axis=0)
    # 01:30 to 02:00 happens twice, so the valley has 105 + 15 minutes.
    assert seconds[VALLEY] == 120 * 60 and seconds.sum() == 24.5 * 3600


def test_t3_start_of_day_at_eight_uses_the_date_of_each_instant():
    """A Friday that starts at 08:00 ends on Saturday: its last eight hours are weekend."""
    friday = date(2026, 7, 3)
    courses = {"workday": np.full(MINUTES, PEAK, np.int8), "weekend": np.full(MINUTES, VALLEY, np.int8)}
    edges, _day = slots(friday, friday, start_hour=8)
    parts = pieces(edges, "Asia/Shanghai", lambda day, _ahead: courses[weekday_class(day)])
    assert (parts.period == [PEAK] * 16 + [VALLEY] * 8).all()
    assert (parts.day[16:] == date(2026, 7, 4).toordinal()).all()


def test_prices_of_slots():
    course = day_course([band(PEAK, 8.5, 12)], 7, ("workday",), VALLEY)
    day = date(2026, 7, 1)
    edges, _day = slots(day, day)
    parts = pieces(edges, "Asia/Shanghai", always(course))
    prices = np.array([[np.nan, 1.0, np.nan, 0.4, np.nan]])
    price = slot_prices(parts, prices, day.toordinal(), 24)
    assert price[8] == 0.7 and price[9] == 1.0 and price[0] == 0.4
    prices[0, PEAK] = np.nan
    assert np.isnan(slot_prices(parts, prices, day.toordinal(), 24)[8:12]).all()


@st.composite
def tilings(draw):
    """Bands that cover the clock once, in half-hours, the last one across midnight."""
    cuts = sorted(draw(st.sets(st.integers(0, 47), min_size=2, max_size=10)))
    ends = [*cuts[1:], cuts[0]]
    periods = draw(st.lists(st.sampled_from(Period), min_size=len(cuts), max_size=len(cuts)))
    return [band(p, a / 2, b / 2) for p, a, b in zip(periods, cuts, ends, strict=True)]


@given(tilings())
def test_each_minute_has_exactly_one_period(bands):
    assert check_day(bands, 7, ("workday",)) == []
    course = day_course(bands, 7, ("workday",))
    assert (course != HOLE).all()
    covering = np.array([one.minutes() for one in bands])
    assert (covering.sum(axis=0) == 1).all()
    assert (course == np.array([one.period for one in bands])[covering.argmax(axis=0)]).all()


@given(
    tilings(),
    st.sampled_from(["Asia/Shanghai", "Europe/Berlin", "Asia/Kolkata", "Australia/Lord_Howe", "America/New_York"]),
    st.sampled_from([15, 30, 60]),
    st.integers(0, 23),
    st.dates(date(2026, 1, 2), date(2026, 12, 30)),
)
def test_shares_sum_to_one_and_follow_the_clock(bands, zone, minutes, start_hour, day):
    course = day_course(bands, day.month, ("workday",))
    edges, _index = slots(day, day, zone, minutes, start_hour)
    shares = period_shares(edges, zone, always(course))
    assert np.allclose(shares.sum(axis=1), 1.0, rtol=0, atol=1e-12)
    # By hand, minute by minute of elapsed time.
    expected = np.zeros_like(shares)
    for slot, (begin, end) in enumerate(zip(edges[:-1].tolist(), edges[1:].tolist(), strict=True)):
        for instant in range(begin, end, 60):
            local = datetime.fromtimestamp(instant, ZoneInfo(zone))
            expected[slot, course[local.hour * 60 + local.minute]] += 60 / (end - begin)
    assert np.allclose(shares, expected, rtol=0, atol=1e-12)
