"""Kept records (Acrel ADL400: one a day at 0x6000, 34 registers each, 90 days) and the gaps they fill."""

from __future__ import annotations

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from energy_carbon_modbus.collector.codec import encode
from energy_carbon_modbus.collector.history import (
    Frozen,
    History,
    decode_records,
    filling,
    record_points,
    records_back,
    scaled,
)
from energy_carbon_modbus.collector.plan import plan_blocks
from energy_carbon_modbus.collector.point import Point

CHINA = ZoneInfo("Asia/Shanghai")
TOTAL = Point(1, 5, 3, 0x6002, "uint32", scale=0.01)
PEAK = Point(2, 5, 3, 0x6006, "uint32", scale=0.01)
ADL400 = History(5, 3, 0x6000, 0x22, 90, "year_month_day_hour", (TOTAL, PEAK))


def registers(moment: datetime, total: float, peak: float) -> list[int]:
    """A record as the meter sends it: clock, total, sharp, peak."""
    clock = [(moment.year - 2000) << 8 | moment.month, moment.day << 8 | moment.hour]
    return clock + encode(TOTAL, total) + [0, 0] + encode(PEAK, peak)


def epoch(*moment: int) -> int:
    return int(datetime(*moment, tzinfo=CHINA).timestamp())


def test_t5_adl400_daily_records():
    """The block of the manual: year 2026, month 7 = 0x1A07; day 19, hour 0 = 0x1300."""
    found = decode_records(ADL400, {1: [0x1A07, 0x1300, 0x0001, 0x86A0, 0, 0, 0, 0x2710]}, CHINA)
    assert found == [Frozen(1, epoch(2026, 7, 19), 1000.0), Frozen(2, epoch(2026, 7, 19), 100.0)]


def test_a_record_is_never_cut_and_few_requests_read_all():
    points = record_points(ADL400)
    assert [(point.key, point.address, point.count) for point in points[:2]] == [(1, 0x6000, 8), (2, 0x6022, 8)]
    assert len(points) == 90
    blocks = plan_blocks(points)
    assert len(blocks) == 23  # four records a request: 3 x 34 + 8 = 110 registers
    assert all(block.count <= 125 for block in blocks)
    assert len(plan_blocks(points, max_registers=34)) == 90


def test_only_as_many_records_as_the_outage_was_long():
    assert records_back(ADL400, 86_400) == 2
    assert records_back(ADL400, 3_600) == 2
    assert records_back(ADL400, 365 * 86_400) == 90
    assert len(record_points(ADL400, records_back(ADL400, 3 * 86_400))) == 4


@given(
    days=st.lists(st.dates(datetime(2020, 1, 1).date(), datetime(2050, 12, 31).date()), max_size=10, unique=True),
    first=st.integers(0, 2**31 // 100),
)
def test_there_and_back(days, first):
    moments = [datetime(day.year, day.month, day.day, tzinfo=CHINA) for day in days]
    records = {number: registers(moment, first + number, number) for number, moment in enumerate(moments, start=1)}
    found = decode_records(ADL400, records, CHINA)
    assert sorted(found) == sorted(
        Frozen(key, int(moment.timestamp()), float(first + number if key == 1 else number))
        for number, moment in enumerate(moments, start=1)
        for key in (1, 2)
    )
    assert [one.time for one in found] == sorted(one.time for one in found)


@pytest.mark.parametrize(
    "clock",
    [
        [0, 0],  # never written
        [0xFFFF, 0xFFFF],
        [0x1A0D, 0x0100],  # month 13
        [0x1A02, 0x1E00],  # 30 February
        [0x1A07, 0x1318],  # hour 24
        [0x1A00, 0x0000],
    ],
)
def test_records_without_a_date_are_none(clock):
    assert decode_records(ADL400, {1: [*clock, 0, 5, 0, 0, 0, 5]}, CHINA) == []


def test_what_is_no_value_is_left_out():
    moment = datetime(2026, 7, 19)
    record = registers(moment, 10.0, 1.0)
    record[2:4] = [0xFFFF, 0xFFFF]
    assert [one.key for one in decode_records(ADL400, {1: record}, CHINA)] == [2]
    # A short answer gives what is in it.
    assert [one.key for one in decode_records(ADL400, {1: registers(moment, 10.0, 1.0)[:6]}, CHINA)] == [1]
    assert decode_records(ADL400, {1: [0x1A07]}, CHINA) == []


def test_two_records_of_one_day_are_one():
    moment = datetime(2026, 7, 19)
    records = {1: registers(moment, 10.0, 1.0), 2: registers(moment, 9.0, 1.0)}
    assert [one.value for one in decode_records(ADL400, records, CHINA) if one.key == 1] == [10.0]


def test_the_meters_clock_is_local():
    found = decode_records(ADL400, {1: registers(datetime(2026, 7, 19), 1.0, 1.0)}, UTC)
    assert found[0].time - epoch(2026, 7, 19) == 8 * 3600


def daily(*values: float) -> list[Frozen]:
    return [Frozen(1, epoch(2026, 7, 1) + 86_400 * day, value) for day, value in enumerate(values)]


BEFORE, AFTER = {1: (epoch(2026, 6, 30, 12), 100.0)}, {1: (epoch(2026, 7, 5, 12), 150.0)}


def test_f_a_24_hour_outage_is_filled():
    """The gap's total stays what the two readings say; the days in it get their own."""
    kept = filling(daily(110.0, 120.0, 135.0, 140.0), BEFORE, AFTER)
    assert [one.value for one in kept] == [110.0, 120.0, 135.0, 140.0]


def test_records_of_another_height_do_not_fill():
    assert filling(daily(10.0, 11.0, 12.0), BEFORE, AFTER) == []
    assert filling(daily(210.0), BEFORE, AFTER) == []
    # A fall within the gap is left out, too.
    assert [one.value for one in filling(daily(120.0, 110.0, 130.0), BEFORE, AFTER)] == [120.0, 130.0]


def test_records_outside_the_gap_do_not_fill():
    early, late = Frozen(1, epoch(2026, 6, 30, 11), 110.0), Frozen(1, epoch(2026, 7, 6), 120.0)
    assert filling([early, late, Frozen(9, epoch(2026, 7, 2), 110.0)], BEFORE, AFTER) == []


@given(st.lists(st.floats(90.0, 160.0), max_size=6))
def test_filling_never_lets_a_counter_fall(values):
    kept = filling(daily(*values), BEFORE, AFTER)
    heights = [100.0, *(one.value for one in kept), 150.0]
    assert heights == sorted(heights)


def test_a_digit_less_is_no_fall():
    """The register shows 0.1 kWh, the record 0.01 kWh: 100.04 stands between 100.0 and 100.1."""
    after = {1: (epoch(2026, 7, 5), 100.1)}
    assert [one.value for one in filling(daily(99.96, 100.04, 100.14), BEFORE, after)] == [100.0, 100.04, 100.1]


def test_secondary_side_records_beside_primary_registers():
    times_200 = scaled(ADL400, {1: 200.0})
    found = decode_records(times_200, {1: registers(datetime(2026, 7, 19), 10.0, 1.0)}, CHINA)
    assert [one.value for one in found] == [2000.0, 1.0]


def test_impossible_layouts_are_refused():
    for changes in ({"clock": "moon"}, {"records": 0}, {"stride": 1}, {"stride": 126}, {"stride": 4}):
        layout = {"stride": 0x22, "records": 90, "clock": "year_month_day_hour", **changes}
        with pytest.raises(ValueError, match="clock|records|outside"):
            History(5, 3, 0x6000, values=(TOTAL, PEAK), **layout)
