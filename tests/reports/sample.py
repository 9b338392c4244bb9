"""A small plant for the report tests: Plant A with W1 (line L1 inside) and W2, electricity and gas, two periods."""

from __future__ import annotations

from datetime import date, timedelta

from energy_carbon_reports.report.data import (
    ALL_TYPES,
    AMOUNT,
    CARBON,
    COAL,
    COST,
    Entry,
    Line,
    Measure,
    ReportData,
    Step,
    Unit,
    add_differences,
)
from energy_carbon_reports.report.figures import NO_PRICE, Figure
from energy_carbon_reports.report.periods import Span

MEASURES = [
    Measure(AMOUNT, "Consumption"),
    Measure(COAL, "Standard coal", "kgce"),
    Measure(CARBON, "Carbon", "kgCO2"),
    Measure(COST, "Cost", "CNY"),
]
# unit key -> consumption of electricity (kWh) and gas (m3), with the previous period's
AMOUNTS = {
    "plant": {"el": (600_000.0, 580_000.0), "ng": (80_000.0, 90_000.0)},
    "w1": {"el": (240_000.0, 230_000.0)},
    "l1": {"el": (100_000.1, 99_000.0)},
    "w2": {"el": (180_000.0, 175_000.0), "ng": (79_000.0, 90_000.0)},
}
FACTORS = {"el": (0.1229, 0.5306, 0.6), "ng": (1.2143, 2.0147, None)}


def measured(value: float | None) -> Figure:
    return Figure(value, 31, 31, "measured")


def sample(cost: bool = True, compare: bool = True, plant_name: str = "Plant A") -> ReportData:
    """The July report of the plant; gas has no price, so its cost is blank."""
    data = ReportData(
        span=Span(date(2026, 7, 1), date(2026, 7, 31)),
        compared=Span(date(2026, 6, 1), date(2026, 6, 30)) if compare else None,
        units=[
            Unit("plant", plant_name, "P", 0),
            Unit("w1", "Workshop 1", "W1", 1, "plant"),
            Unit("l1", "Line 1", "L1", 2, "w1"),
            Unit("w2", "Workshop 2", "W2", 1, "plant"),
        ],
        lines=[
            Line("el", "Electricity", unit="kWh"),
            Line("ng", "Natural gas", unit="m3"),
            Line("total", "Total energy (boundary rule)", ALL_TYPES),
        ],
        measures=MEASURES if cost else MEASURES[:-1],
    )
    for unit, types in AMOUNTS.items():
        for line, (now, before) in types.items():
            _fill(data, unit, line, now, before)
    _totals(data)
    _course(data)
    add_differences(data, "Unmetered / difference")
    return data


def _fill(data: ReportData, unit: str, line: str, now: float, before: float) -> None:
    indicator = 100 + list(AMOUNTS).index(unit) * 10 + list(FACTORS).index(line)
    for measure in data.measures:
        if measure.key == AMOUNT:
            entry = Entry(measured(now), measured(before), indicator)
        else:
            factor = FACTORS[line][[COAL, CARBON, COST].index(measure.key)]
            entry = Entry(
                Figure(None, 31, 31, "measured", NO_PRICE), Figure(None, 30, 30, "measured", NO_PRICE), indicator
            )
            if factor is not None:
                entry = Entry(measured(now * factor), measured(before * factor), indicator)
        data.figures[unit, line, measure.key] = entry


def _totals(data: ReportData) -> None:
    """Plant and W2 have a total indicator; W1 and its line do not."""
    for unit in ("plant", "w2"):
        data.figures[unit, "total", COAL] = Entry(
            measured(170_884.0 if unit == "plant" else 118_000.0), measured(170_000.0), 7
        )


def _course(data: ReportData) -> None:
    for number in range(31):
        day = date(2026, 7, 1) + timedelta(number)
        step = Step(day.isoformat(), f"{day:%b %d}", Span(day, day))
        data.steps.append(step)
        for line in ("el", "ng"):
            now, before = AMOUNTS["plant"][line]
            data.course[step.key, line, AMOUNT] = Entry(
                measured(now / 31), measured(before / 30) if number < 30 else None, 100
            )
        data.course[step.key, "total", COAL] = Entry(measured(170_884.0 / 31), measured(170_000 / 30), 7)
    data.compared_steps = 30
