"""Energy days and slots: time zones, daylight saving, start of day (T2, T3)."""

from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

import numpy as np
import pytest

from energy_carbon.engine.calendar import day_borders, day_of_instant, local_date, slot_borders


def instant(*parts, zone="UTC"):
    return int(datetime(*parts, tzinfo=ZoneInfo(zone)).timestamp())


def test_plain_days():
    borders = day_borders(date(2026, 7, 1), date(2026, 7, 31), "Asia/Shanghai")
    assert borders.dtype == np.int64 and borders.shape == (32,)
    assert borders[0] == instant(2026, 6, 30, 16)
    assert (np.diff(borders) == 86_400).all()


def test_t2_kolkata_hourly_slots_start_on_the_local_hour():
    borders, day = slot_borders(day_borders(date(2026, 3, 1), date(2026, 3, 2), "Asia/Kolkata"), 60)
    assert borders[0] == instant(2026, 2, 28, 18, 30)
    assert len(borders) == 49 and day.tolist() == [0] * 24 + [1] * 24
    assert datetime.fromtimestamp(int(borders[9]), ZoneInfo("Asia/Kolkata")).strftime("%H:%M") == "09:00"


@pytest.mark.parametrize(("day", "hours"), [(date(2026, 3, 29), 23), (date(2026, 10, 25), 25), (date(2026, 7, 1), 24)])
@pytest.mark.parametrize("minutes", [15, 30, 60])
def test_t2_berlin_clock_changes(day, hours, minutes):
    days = day_borders(day, day, "Europe/Berlin")
    assert days[1] - days[0] == hours * 3600
    borders, index = slot_borders(days, minutes)
    assert len(index) == hours * 60 // minutes
    assert (np.diff(borders) == minutes * 60).all()


def test_t3_start_of_day_at_eight():
    borders = day_borders(date(2026, 7, 1), date(2026, 7, 1), "Asia/Shanghai", 8)
    assert borders.tolist() == [instant(2026, 7, 1, 0), instant(2026, 7, 2, 0)]
    stamps = np.array([instant(2026, 7, 1, 7, 59, 59, zone="Asia/Shanghai"), borders[0], borders[0] + 1])
    assert day_of_instant(stamps, "Asia/Shanghai", 8).astype(str).tolist() == ["2026-06-30", "2026-07-01", "2026-07-01"]
    assert local_date(stamps, "Asia/Shanghai", 8).astype(str).tolist() == ["2026-06-30", "2026-06-30", "2026-07-01"]


def test_start_hour_in_a_hole_and_in_an_overlap():
    spring = day_borders(date(2026, 3, 28), date(2026, 3, 29), "Europe/Berlin", 2)
    assert spring[1] == instant(2026, 3, 29, 1), "02:00 is skipped: the day starts at 03:00 summer time"
    autumn = day_borders(date(2026, 10, 25), date(2026, 10, 25), "Europe/Berlin", 2)
    assert autumn[0] == instant(2026, 10, 25, 0), "02:00 happens twice: the first one counts"
    assert autumn[1] - autumn[0] == 25 * 3600
    troll = day_borders(date(2026, 3, 29), date(2026, 3, 29), "Antarctica/Troll", 2)
    assert troll[0] == instant(2026, 3, 29, 1), "a start inside a two-hour hole"


def test_skipped_date_has_no_length_and_no_slots():
    days = day_borders(date(2011, 12, 29), date(2011, 12, 31), "Pacific/Apia")
    assert np.diff(days).tolist() == [86_400, 0, 86_400]
    assert set(slot_borders(days, 60)[1].tolist()) == {0, 2}


def test_last_slot_is_shorter_where_the_day_is_no_multiple():
    days = day_borders(date(2026, 10, 4), date(2026, 10, 4), "Australia/Lord_Howe")
    borders, _ = slot_borders(days, 60)
    assert np.diff(borders).tolist() == [3600] * 23 + [1800]


def test_instants_in_any_order_and_none():
    stamps = np.array([instant(2026, 7, 2), instant(2026, 1, 1)])
    assert day_of_instant(stamps, "UTC").astype(str).tolist() == ["2026-07-02", "2026-01-01"]
    assert len(local_date(np.array([], dtype=np.int64), "UTC")) == 0
    assert datetime.fromtimestamp(0, UTC).year == 1970


@pytest.mark.parametrize("hour", [-1, 24])
def test_refuses_impossible_start_hours(hour):
    with pytest.raises(ValueError, match="start hour"):
        day_borders(date(2026, 1, 1), date(2026, 1, 1), "UTC", hour)


def test_refuses_backward_days_and_odd_slots():
    with pytest.raises(ValueError, match="before"):
        day_borders(date(2026, 1, 2), date(2026, 1, 1), "UTC")
    with pytest.raises(ValueError, match="divisor"):
        slot_borders(np.array([0, 86_400]), 7)
    with pytest.raises(ValueError, match="ascending"):
        slot_borders(np.array([86_400, 0]), 15)
