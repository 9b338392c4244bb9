"""The main job from the meter's register to the Excel cell, on a real Odoo with a libmodbus server in another process.

Expected figures come from the registers by plain arithmetic here: nothing of the product computes them.
"""

import json
from datetime import datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import openpyxl
import pytest

SCRIPT = Path(__file__).with_name("main_job_script.py")
ZONE = ZoneInfo("Asia/Shanghai")
DAY = "2025-03-12"
PRICE = 0.65
# energy type electricity: kgce/kWh on the calorific basis, kgCO2/kWh location-based, the newest national figure
COAL, CARBON = 0.1229, 0.5306
CT = 200 / 5
CODES = ("EL.FWD", "EL.CONS", "EL.TCE", "EL.CO2", "EL.COST", "T.TCE", "T.CO2L", "T.COST")
# Local time (day offset, hour, minute) and what the displays show: 0.1 kWh at meter 1, 0.01 kWh secondary at meter 2
READINGS = (
    (-1, 23, 59, 1_000_000, 50_000),
    (0, 0, 1, 1_000_021, 50_003),
    (0, 0, 14, 1_000_107, 50_031),  # over the slot border at 00:15
    (0, 0, 16, 1_000_125, 50_033),
    (0, 11, 47, 1_003_911, 51_207),
    (0, 23, 59, 1_009_337, 52_981),
    (1, 0, 1, 1_009_346, 52_988),
)


def moment(offset: int, hour: int, minute: int) -> int:
    day = datetime.fromisoformat(DAY).replace(hour=hour, minute=minute, tzinfo=ZONE)
    return int((day + timedelta(days=offset)).timestamp())


def long_registers(value: int) -> list[int]:
    return [value >> 16, value & 0xFFFF]


def day_amount(column: int, unit: float) -> float:
    """Counter at the end of the day minus counter at its beginning; both lie halfway between 23:59 and 00:01."""
    begin = (READINGS[0][column] + READINGS[1][column]) / 2
    end = (READINGS[-2][column] + READINGS[-1][column]) / 2
    return (end - begin) * unit


@pytest.fixture
def expected() -> dict[str, float]:
    """kWh of the day by node."""
    first, second = day_amount(3, 0.1), day_amount(4, 0.01) * CT
    return {
        **dict.fromkeys(("Meter 1", "Device 1", "W1"), first),
        **dict.fromkeys(("Meter 2", "Device 2", "W2"), second),
        "Plant": first + second,
    }


@pytest.fixture
def outcome(run_odoo_script, tmp_path):
    """What the script in Odoo's shell found, and the report it wrote."""
    times = [
        (moment(offset, hour, minute), long_registers(first), long_registers(second))
        for offset, hour, minute, first, second in READINGS
    ]
    xlsx = tmp_path / "report.xlsx"
    given = f"TIMES, XLSX, DAY, PRICE, CODES = {times!r}, {str(xlsx)!r}, {DAY!r}, {PRICE!r}, {CODES!r}\n"
    printed = run_odoo_script(given + SCRIPT.read_text())
    return json.loads(printed.strip().splitlines()[-1]), xlsx


def near(value: float) -> object:
    return pytest.approx(value, rel=1e-9, abs=0)


def read_report(path: Path) -> dict[str, dict[str, float]]:
    """Figures of the sheet By Energy Type: by unit, the electricity's consumption, coal, carbon and cost."""
    sheet = openpyxl.load_workbook(path, data_only=True)["By Energy Type"]
    heads = {cell.value: cell.column for cell in sheet[5] if cell.value}
    found, unit = {}, None
    for row in range(8, sheet.max_row + 1):
        label = str(sheet.cell(row, 1).value or "").strip()
        if label == "Electricity":
            found[unit] = {head: sheet.cell(row, column).value for head, column in heads.items()}
        elif label:
            unit = label
    return found


def test_main_job(outcome, expected):
    """Consumption, coal, carbon and cost of a day at meter, device, workshop and plant, and the same in Excel."""
    result, xlsx = outcome
    assert result["errors"] == []
    assert result["gateway"] == "ok"
    # Seven moments and the run at the real time, two registers each.
    assert (result["polls"], result["stored"]) == (len(READINGS) + 1, 2 * (len(READINGS) + 1))
    for node, kwh in expected.items():
        code = "EL.FWD" if node.startswith("Meter") else "EL.CONS"
        row = result["figures"][node][code]
        assert row["value"] == near(kwh), node
        assert row["coal"] == near(kwh * COAL), node
        assert row["carbon"] == near(kwh * CARBON), node
        assert row["cost"] == near(kwh * PRICE), node
        if not node.startswith("Meter"):
            for derived, factor in (("EL.TCE", COAL), ("EL.CO2", CARBON), ("EL.COST", PRICE)):
                assert result["figures"][node][derived]["value"] == near(kwh * factor), (node, derived)
            for total, factor in (("T.TCE", COAL), ("T.CO2L", CARBON), ("T.COST", PRICE)):
                assert result["figures"][node][total]["value"] == near(kwh * factor), (node, total)
    report = read_report(xlsx)
    for node in ("Plant", "W1", "W2", "Device 1", "Device 2"):
        kwh, figures = expected[node], report[node]
        assert figures["Consumption"] == near(kwh), node
        assert figures["Standard coal"] == near(kwh * COAL), node
        assert figures["Carbon"] == near(kwh * CARBON), node
        assert figures["Cost"] == near(kwh * PRICE), node
