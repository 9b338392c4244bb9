"""The 36 meter models that are shipped: every row is there, what is not complete is off and says why, and plans are few."""

from __future__ import annotations

import pytest

from energy_carbon_modbus.collector.plan import LineCost, plan_blocks
from energy_carbon_modbus.collector.point import Point
from energy_carbon_modbus.tools.shipped_tables import listed_points, read_rows, rows_by_model, shipped_tables

MODELS = rows_by_model()
TABLES = {table.name: table for table in shipped_tables()}


def points_of(table: str) -> dict[str, dict]:
    return {point.name: point.values for point in TABLES[table].points}


def test_all_36_models_and_every_row():
    assert len(TABLES) == len(MODELS) == 36
    assert sum(len(table.points) for table in TABLES.values()) == len(read_rows("meter_maps")) == 543
    for table in TABLES.values():
        assert len({point.name for point in table.points}) == len(table.points)
        assert table.values["document"]


def test_rows_without_complete_are_off_and_say_why():
    incomplete = 0
    for table, rows in zip(TABLES.values(), MODELS.values(), strict=True):
        for point, row in zip(table.points, rows, strict=True):
            assert point.values["address"] == int(row["address"])
            if not row["complete"]:
                incomplete += 1
                assert not point.values["enabled"], (table.name, point.name)
                assert "not" in point.values["note"].lower()
            if not point.values["enabled"]:
                assert point.values["note"], (table.name, point.name)
    assert incomplete == 55


def test_points_say_what_the_lists_say():
    forward = points_of("acrel_adl400")["import_active_energy_total"]
    assert (forward["function"], forward["address"], forward["datatype"]) == ("3", 0x084C, "uint32")
    assert (forward["scale"], forward["template"], forward["secondary_side"]) == (0.1, "EL.FWD", False)
    assert points_of("acrel_dtsd1352")["import_active_energy_total"]["secondary_side"]
    assert points_of("siemens_pac4200")["import_active_energy_tariff_1_float"]["order"] is False
    assert points_of("siemens_pac4200")["import_active_energy_tariff_1"]["register_maximum"] == 999_999_999.999
    assert points_of("abb_b23")["active_power_total"]["sentinels"] == "0x7FFFFFFF"
    assert points_of("abb_b23")["power_factor_total"]["sentinels"] == "0x7FFF"
    assert "sentinels" not in points_of("abb_b23")["voltage_ln_l1"]
    assert points_of("carlo_gavazzi_em111")["voltage_ln_l1"]["order"] == "CDAB"


def test_ratios_and_codes_are_no_values():
    adl400 = points_of("acrel_adl400")
    assert (adl400["ct_ratio"]["purpose"], adl400["pt_ratio"]["purpose"]) == ("ct_ratio", "pt_ratio")
    assert points_of("sontex_supercal_531")["heat_energy_unit_code"]["purpose"] == "unit_code"


def test_integer_and_decimal_part_are_one_value():
    (volume,) = [point for point in TABLES["fd_tms"].points if point.decimal]
    assert (volume.name, volume.decimal) == ("gas_volume_integer_part", "gas_volume_decimal_part")
    assert volume.values["enabled"]
    assert not points_of("fd_tms")["gas_volume_float"]["enabled"]
    # The TUF's list has no decimal part: its float is read.
    tuf = points_of("tuf_2000m")
    assert (tuf["volume_forward_integer_part"]["enabled"], tuf["volume_forward_float"]["enabled"]) == (False, True)


def test_one_enabled_point_a_template():
    for table in TABLES.values():
        templates = [
            point.values["template"] for point in table.points if point.values["enabled"] and point.values["template"]
        ]
        assert len(templates) == len(set(templates)), table.name
    demand = points_of("carlo_gavazzi_em300")
    assert (demand["active_power_demand_peak"]["enabled"], demand["active_power_demand_total"]["enabled"]) == (
        True,
        False,
    )


def test_adl400_keeps_records():
    assert TABLES["acrel_adl400"].history == {
        "name": "daily",
        "function": "3",
        "address": 0x6000,
        "stride": 34,
        "records": 90,
        "clock": "year_month_day_hour",
    }
    assert [table.name for table in TABLES.values() if table.history] == ["acrel_adl400"]


def test_rules_of_the_models():
    assert (TABLES["eastron_sdm230"].values["max_registers"], TABLES["eastron_sdm230"].values["even"]) == (60, "count")
    assert {table.values["even"] for table in TABLES.values()} == {"any", "count"}


def contiguous_only(points: list[Point], limit: int = 125) -> int:
    """Requests when only touching values share one, as common collectors do."""
    requests, end, start, place = 0, None, 0, None
    for point in sorted(points, key=lambda one: (one.function, one.address)):
        if place != point.function or point.address > end or point.end - start > limit:
            requests, start, place = requests + 1, point.address, point.function
            end = point.end
        end = max(end, point.end)
    return requests


@pytest.mark.parametrize("model", MODELS, ids=lambda model: model[1])
def test_m5_requests_of_the_full_table(model):
    points = listed_points(MODELS[model])
    blocks = plan_blocks(points)
    assert sorted(point.key for block in blocks for point in block.points) == list(range(len(points)))
    assert len(blocks) <= contiguous_only(points) <= len(points)
    # A slow line may read less across holes, but never needs more requests than touching values do.
    slow = plan_blocks(points, hole_cost=LineCost(baud=1200, turnaround_seconds=0.02))
    assert len(blocks) <= len(slow) <= contiguous_only(points)


def test_m5_all_models_together():
    listed = [listed_points(rows) for rows in MODELS.values()]
    ours = sum(len(plan_blocks(points)) for points in listed)
    assert ours < sum(map(contiguous_only, listed)) / 2
    assert ours < sum(map(len, listed)) / 5
