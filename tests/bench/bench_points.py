"""Point tables: how fast registers become values (M3), and how few requests read a meter's full table (M5)."""

import statistics
import struct
import time
from collections.abc import Callable, Iterator

import numpy as np

from energy_carbon_modbus.collector.codec import compile_block, encode
from energy_carbon_modbus.collector.plan import plan_blocks
from energy_carbon_modbus.collector.point import Point
from energy_carbon_modbus.tools.shipped_tables import listed_points, read_rows, rows_by_model

POINTS = 60  # of two registers: a full read
REPEATS = 2_000
RUNS = 7
KINDS = {
    "float32": {"datatype": "float32"},
    "float32 low word first": {"datatype": "float32", "order": "CDAB"},
    "uint32 x 0.01": {"datatype": "uint32", "scale": 0.01},
    "int32 bytes swapped": {"datatype": "int32", "order": "BADC"},
}


def bench_m3_decode() -> Iterator[dict]:
    """Time to decode a point with sentinels, scale and quality, beside struct and numpy, which do none of them."""
    for name, kind in KINDS.items():
        points = [Point(place, 1, 3, 2 * place, **kind) for place in range(POINTS)]
        registers = [register for point in points for register in encode(point, 1000 + point.key)]
        block = compile_block(points, 0, 2 * POINTS)
        values, qualities = block.decode(registers)
        assert values == [1000.0 + point.key for point in points]
        assert set(qualities) == {"good"}
        ours = _microseconds(lambda block=block, registers=registers: block.decode(registers))
        yield {
            "bench": f"M3 {name}",
            "seconds": round(ours * 1e-6 * POINTS, 9),
            "microseconds_per_point": round(ours, 4),
            "struct": round(_microseconds(lambda registers=registers: _by_struct(registers)), 4),
            "numpy": round(_microseconds(lambda registers=registers: _by_numpy(registers)), 4),
            "target": 0.2,
        }


def bench_m5_requests() -> Iterator[dict]:
    """Requests for the full table of each shipped model: ours, touching values only, one a value."""
    totals = {"ours": 0, "contiguous_only": 0, "one_per_value": 0}
    started = time.perf_counter()
    limits = {(row["manufacturer"], row["listed_model"]): row for row in read_rows("meter_models")}
    for (manufacturer, model), rows in rows_by_model().items():
        points = listed_points(rows)
        limit, even = int(limits[manufacturer, model]["max_registers"]), limits[manufacturer, model]["even"]
        begin = time.perf_counter()
        blocks = plan_blocks(points, max_registers=limit, even=even)
        seconds = time.perf_counter() - begin
        needed = {"ours": len(blocks), "contiguous_only": _contiguous(points, limit), "one_per_value": len(points)}
        totals = {name: totals[name] + count for name, count in needed.items()}
        yield {"bench": f"M5 {manufacturer} {model}", "seconds": round(seconds, 6), **needed}
    yield {"bench": "M5 all 36 models", "seconds": round(time.perf_counter() - started, 6), **totals}


def _microseconds(work: Callable[[], object]) -> float:
    """Median time a point takes."""
    samples = []
    for _run in range(RUNS):
        begin = time.perf_counter()
        for _repeat in range(REPEATS):
            work()
        samples.append((time.perf_counter() - begin) / REPEATS / POINTS * 1e6)
    return statistics.median(samples)


_PACK = struct.Struct(f">{2 * POINTS}H").pack
_UNPACK = struct.Struct(">f").unpack_from


def _by_struct(registers: list[int]) -> list[float]:
    """Pack the block once, unpack value by value: what a careful hand writes."""
    data = _PACK(*registers)
    return [_UNPACK(data, 4 * place)[0] for place in range(POINTS)]


def _by_numpy(registers: list[int]) -> list[float]:
    return np.array(registers, dtype=">u2").view(">f4").tolist()


def _contiguous(points: list[Point], limit: int) -> int:
    """Requests when only touching values share one, up to the model's limit."""
    requests, function, start, end = 0, None, 0, 0
    for point in sorted(points, key=lambda one: (one.function, one.address)):
        if point.function != function or point.address > end or point.end - start > limit:
            requests, function, start, end = requests + 1, point.function, point.address, point.end
        end = max(end, point.end)
    return requests
