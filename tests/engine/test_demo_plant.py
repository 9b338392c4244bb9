"""The demo plant as plain functions of time: July 2026 is Example P, nothing is lost, and it looks like a plant."""

from __future__ import annotations

import doctest
from datetime import date

import numpy as np
import pytest

from energy_carbon.demo_plant import calendar, counters, loads, shares, typed
from energy_carbon.demo_plant.calendar import FIRST, JULY, PERIODS, days_of, next_month, slot_periods, start_of
from energy_carbon.demo_plant.counters import COUNTERS

JULY_BEGIN, JULY_END = start_of(date(2026, 7, 1)), start_of(date(2026, 8, 1))
NOVEMBER = start_of(date(2026, 11, 29))
# kWh by period in thousand (sharp, peak, flat, valley), gas and water in m3.
POWER = {
    "E-01": (60, 180, 210, 150), "E-02": (24, 72, 84, 60), "E-03": (18, 60, 63, 39), "E-05": (3, 9, 10.5, 7.5),
    "E-04": (7.2, 19.8, 25.2, 19.8), "E-06": (3.6, 7.2, 10.8, 2.4), "E-07": (0.6, 2.4, 4.5, 10.5),
    "E-08": (1.2, 2.4, 3.6, 4.8),
}  # fmt: skip
TYPED = {
    "S-01": 2_500, "S-02": 1_500, "S-03": 800, "OF steam": 150, "A-01": 800_000, "A-02": 480_000, "A-03": 320_000,
    "P1": 4_000, "P2": 1_000, "P3": 2_500,
}  # fmt: skip


@pytest.mark.parametrize("module", [calendar, shares, loads, counters, typed], ids=lambda module: module.__name__)
def test_doctests(module):
    assert doctest.testmod(module).failed == 0


@pytest.mark.parametrize("code", POWER)
def test_power_of_july_by_period(code):
    counter = COUNTERS[code]
    borders = np.arange(JULY_BEGIN, JULY_END + 1, calendar.SLOT)
    drawn = np.diff(counter.registers(borders)) * counter.ratio
    own = slot_periods(31)
    assert [drawn[own == at].sum() for at in range(len(PERIODS))] == pytest.approx(np.array(POWER[code]) * 1000, rel=1e-9)


@pytest.mark.parametrize(("code", "amount"), [("G-01", 80_000), ("W-01", 12_000)])
def test_gas_and_water_of_july(code, amount):
    begin, end = COUNTERS[code].registers(np.array([JULY_BEGIN, JULY_END]))
    assert end - begin == amount


@pytest.mark.parametrize("code", TYPED)
def test_typed_figures_of_july(code):
    assert sum(typed.day_figure(code, day) for day in days_of(JULY)) == pytest.approx(TYPED[code], rel=1e-12)


def test_the_incoming_feeder_is_what_runs_behind_it():
    moments = np.arange(start_of(FIRST), NOVEMBER, 1800)
    whole = counters.amounts(loads.PLANT, moments)
    parts = sum(counters.amounts((load,), moments) for load in loads.PLANT)
    assert np.array_equal(whole, parts)


def test_period_registers_are_the_total():
    moments = np.linspace(start_of(FIRST) - 7200, NOVEMBER, 5_000)
    feeder = COUNTERS["E-01"]
    parts = sum(feeder.registers(moments, period) for period in PERIODS)
    assert parts == pytest.approx(feeder.registers(moments), abs=1e-5)


@pytest.mark.parametrize("code", COUNTERS)
def test_a_counter_falls_only_when_the_meter_is_replaced(code):
    counter = COUNTERS[code]
    moments = np.arange(start_of(FIRST) - 1800, NOVEMBER, 1800)
    falls = moments[1:][np.diff(counter.registers(moments)) < 0]
    assert falls.tolist() == ([counter.swap] if counter.swap else [])


def test_months_join_without_a_seam():
    """The register at the end of a month is that at the beginning of the next, in every month of some years."""
    month = (2025, 7)
    while month < (2029, 1):
        end = start_of(date(*next_month(month), 1))
        before, at = COUNTERS["E-02"].registers(np.array([end - 1e-3, end]))
        assert 0 <= at - before < 0.01
        month = next_month(month)


def test_parts_lie_within_their_whole():
    """What has a meter of its own in a workshop never draws more than the workshop."""
    moments = np.arange(start_of(FIRST), NOVEMBER, 3600)
    for whole, parts in (
        (loads.WORKSHOP_1, (loads.PRESSES, loads.FURNACE, loads.PAINT_LINE)),
        (loads.WORKSHOP_2, (loads.MOULDING,)),
        (loads.AIR_STATION, (loads.COMPRESSOR,)),
    ):
        rest = np.diff(counters.amounts((whole,), moments) - counters.amounts(parts, moments))
        assert (rest > 0).all(), whole.name


def test_days_look_like_a_plant():
    def day(code, *when):
        begin = start_of(date(*when))
        return float(np.diff(COUNTERS[code].registers(np.array([begin, begin + 86_400])))[0])

    assert day("E-02", 2026, 7, 8) > 1.2 * day("E-02", 2026, 7, 11)  # Wednesday, Saturday
    assert day("E-02", 2026, 2, 17) < 0.8 * day("E-02", 2026, 2, 5)  # Spring Festival
    assert day("G-01", 2026, 1, 14) > 1.3 * day("G-01", 2026, 7, 15)  # heating
    dormitory = COUNTERS["E-07"]
    assert dormitory.power(start_of(date(2026, 7, 8)) + 3600) > 2 * dormitory.power(start_of(date(2026, 7, 8)) + 36_000)


def test_steam_follows_its_gas():
    month = (2025, 7)
    while month < (2027, 7):
        made = sum(part.month_steps(month) for part in typed.FIGURES["S-01"]) / 100
        burnt = loads.GAS.month_tenths(month)[0] / 10
        assert 0.85 < made * 34.12 / (burnt * 1.2143) < 0.9, month
        month = next_month(month)
