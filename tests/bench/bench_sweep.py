"""The collector against a libmodbus server with a set latency, in a process of its own: M1, M2, M4, M6.

Beside M1 stands plain pymodbus on the same wire, and what each of the two takes for a value when devices misbehave.
"""

from __future__ import annotations

import asyncio
import json
import os
import statistics
import time
from collections.abc import Callable, Iterator
from typing import Any

from energy_carbon_modbus.collector.link import Link, LinkSettings
from energy_carbon_modbus.collector.plan import LineCost, estimate_seconds, plan_blocks
from energy_carbon_modbus.collector.point import Point
from energy_carbon_modbus.collector.sweep import Gateway, run_sweep
from tests import odoo_session
from tests.bench import plain_pymodbus
from tests.bench.line_model import LineModel
from tests.peers import LibmodbusServer
from tests.peers.fault_server import FaultServer

RUNS = int(os.environ.get("BENCH_RUNS", "5"))
LATENCY = 20.0  # milliseconds a request
GATEWAYS, SLAVES, BLOCKS, REGISTERS = 100, 10, 3, 60
FLOAT = [0x4120, 0x0000]  # 10.0


def _points(gateway: int, units: range, blocks: int = BLOCKS, registers: int = REGISTERS) -> list[Point]:
    return [
        Point(((gateway * 1000 + unit) * blocks + block) * registers + place, unit, 3, 200 * block + place, "float32")
        for unit in units
        for block in range(blocks)
        for place in range(0, registers, 2)
    ]


def _fill(server: LibmodbusServer, units: range) -> None:
    for unit in units:
        for block in range(BLOCKS):
            server.set(unit, 3, 200 * block, FLOAT * (REGISTERS // 2))


def _virtual_megabytes() -> float:
    with open("/proc/self/statm") as file:
        return int(file.read().split()[0]) * os.sysconf("SC_PAGE_SIZE") / 2**20


def _cpu() -> float:
    spent = os.times()
    return spent.user + spent.system


def _timed(work: Callable[[], Any]) -> tuple[float, float, Any]:
    """Wall and processor seconds of some work, and what it gives."""
    begun, spent = time.perf_counter(), _cpu()
    outcome = work()
    return time.perf_counter() - begun, _cpu() - spent, outcome


def bench_m1() -> Iterator[dict]:
    """100 gateways x 10 slaves x 3 blocks of 60 registers, ours and plain pymodbus; the physical limit is 0.60 s."""
    with LibmodbusServer(latency_ms=LATENCY) as server:
        units = range(1, SLAVES + 1)
        _fill(server, units)
        settings = LinkSettings("127.0.0.1", server.port, timeout=3.0)
        gateways = [Gateway(key, settings, _points(key, units)) for key in range(GATEWAYS)]
        reads = [(unit, 200 * block, REGISTERS) for unit in units for block in range(BLOCKS)]
        points = GATEWAYS * SLAVES * BLOCKS * REGISTERS // 2
        before = _virtual_megabytes()
        run_sweep(gateways, deadline_seconds=25.0)  # makes the plans, which a process keeps
        ours, plain = [], []
        for _run in range(RUNS):
            ours.append(_timed(lambda: run_sweep(gateways, deadline_seconds=25.0)))
            good = sum(len(result.good()[0]) for result in ours[-1][2])
            assert good == points, good
        grown = _virtual_megabytes() - before
        for _run in range(RUNS):
            plain.append(_timed(lambda: plain_pymodbus.sweep(server.port, GATEWAYS, reads, 3.0)))
            assert plain[-1][2] == points, plain[-1][2]
        yield {
            "bench": "M1",
            "seconds": round(statistics.median(run[0] for run in ours), 3),
            "best_seconds": round(min(run[0] for run in ours), 3),
            "cpu_seconds": round(statistics.median(run[1] for run in ours), 3),
            "pymodbus_seconds": round(statistics.median(run[0] for run in plain), 3),
            "pymodbus_cpu_seconds": round(statistics.median(run[1] for run in plain), 3),
            "points": points,
            "virtual_megabytes": round(grown, 1),
            "target_seconds": 0.80,
        }


# What misbehaves: framing, fault of the first read, its value, how many requests it hits.
FAULTS = {
    "late answer on RTU over TCP": ("rtu", "slow", 0.3, 1),
    "fewer registers than asked": ("socket", "fewer", 0, 1),
    "connection dropped": ("socket", "close", 0, 1),
}
ASKED = [(1, 100, 2), (1, 300, 2), (1, 500, 2)]


def bench_m1_faults() -> Iterator[dict]:
    """What is taken for a value though it is none: registers hold their own address, so every false one shows."""
    for name, (framer, kind, value, times) in FAULTS.items():
        measured = {}
        for who, ask in (("ours", _ask), ("pymodbus", plain_pymodbus.ask)):
            with FaultServer(framer) as server:
                server.fault(1, kind, value, times=times)
                measured[who] = _timed(lambda ask=ask, server=server: ask(server.port, server.framer, ASKED, 0.2))
        row = {"bench": f"M1 {name}", "seconds": round(measured["ours"][0], 3)}
        for who, (seconds, _cpu_seconds, answers) in measured.items():
            row |= {f"{who}_false": sum(map(_is_false, ASKED, answers)), f"{who}_missing": answers.count(None)}
            row[f"{who}_seconds"] = round(seconds, 3)
        yield row


def _is_false(read: tuple[int, int, int], answer: tuple[int, ...] | None) -> bool:
    _unit, start, count = read
    return answer is not None and answer != tuple(range(start, start + count))


def _ask(port: int, framer: str, reads: list[tuple[int, int, int]], timeout: float) -> list[tuple[int, ...] | None]:
    async def run() -> list[tuple[int, ...] | None]:
        async with Link(LinkSettings("127.0.0.1", port, framer, timeout=timeout)) as link:
            return [(await link.read(unit, 3, start, count)).registers or None for unit, start, count in reads]

    return asyncio.run(run())


def bench_m4() -> Iterator[dict]:
    """One dead slave of 32: what it costs the first sweep, and the ones after it."""
    timeout = 1.0
    with LibmodbusServer(latency_ms=LATENCY) as server:
        alive, units = [unit for unit in range(1, 33) if unit != 7], range(1, 33)
        for unit in alive:
            _fill(server, range(unit, unit + 1))
        settings = LinkSettings("127.0.0.1", server.port, timeout=timeout)
        without = Gateway(1, settings, [point for unit in alive for point in _points(1, range(unit, unit + 1))])
        subject = Gateway(2, settings, _points(2, units))
        plain = min(_seconds(without) for _run in range(3))
        first = _seconds(subject)
        after = []
        for _run in range(3):
            after.append(_seconds(subject) - plain)
        yield {
            "bench": "M4",
            "seconds": round(first, 3),
            "extra_seconds_first": round(first - plain, 3),
            "extra_seconds_after": round(min(after), 3),
            "timeout_seconds": timeout,
            "target_extra_seconds_after": 0.2,
        }


def _seconds(gateway: Gateway) -> float:
    begun = time.perf_counter()
    (result,) = run_sweep([gateway], deadline_seconds=25.0)
    gateway.health = result.health
    return time.perf_counter() - begun


def bench_m6() -> Iterator[dict]:
    """A 9600-baud line, and 20 of them: the sweep against the wire time computed from the plan."""
    cost = LineCost(baud=9600, turnaround_seconds=0.02)
    for lines in (1, 20):
        models = [LineModel(cost) for _line in range(lines)]
        try:
            gateways = [
                Gateway(key, LinkSettings("127.0.0.1", model.port, "rtu", baud=9600), _points(key, range(1, 5)), cost=cost)
                for key, model in enumerate(models)
            ]
            computed = estimate_seconds(plan_blocks(gateways[0].points, hole_cost=cost), cost)
            begun = time.perf_counter()
            results = run_sweep(gateways, deadline_seconds=25.0)
            seconds = time.perf_counter() - begun
            assert all(result.ok for result in results)
        finally:
            for model in models:
                model.close()
        yield {
            "bench": f"M6-{lines}",
            "seconds": round(seconds, 3),
            "computed_seconds": round(computed, 3),
            "ratio": round(seconds / computed, 4),
            "target_ratio": 1.03,
        }


STORED = """
import json, os, statistics, time
from odoo.addons.energy_carbon_modbus.collector.sweep import run_sweep
gateways = env["energy.modbus.gateway"]
env["res.company"].search([], limit=1).energy_timezone = "Asia/Shanghai"
template = env["energy.indicator.template"].search([("code", "=", "EL.P")], limit=1)
plant = env["energy.node"].create({"name": "Bench", "kind": "unit", "unit_type": "plant"})
points = env["energy.modbus.map"].create({
    "manufacturer": "Bench", "model": f"floats {BLOCKS}", "max_registers": 125,
    "point_ids": [(0, 0, {"name": f"point {block} {place}", "function": "3", "address_text": str(200 * block + place),
                          "datatype": "float32", "template_id": template.id, "uom_id": template.uom_id.id,
                          "enabled": False})
                  for block in range(1) for place in range(0, 2, 2)]})
lines = gateways.create([{"name": f"Bench {key}", "host": "127.0.0.1", "port": PORT, "timeout": 3.0}
                         for key in range(GATEWAYS)])
meters = env["energy.node"].create([
    {"name": f"B{line.id}-{unit}", "kind": "meter", "parent_id": plant.id, "modbus_gateway_id": line.id, "modbus_unit": unit,
     "energy_type_id": env.ref("energy_carbon.type_el").id, "modbus_map_id": points.id}
    for line in lines for unit in range(1, SLAVES + 1)])
# The indicators are made by SQL: 90,000 of them through the models would take longer than all benchmarks together.
env.flush_all()
EACH = BLOCKS * FLOATS
env.cr.execute("SELECT id FROM energy_indicator LIMIT 0")
one = env["energy.indicator"].create({"node_id": meters[0].id, "template_id": template.id})
env.flush_all()
env.cr.execute("SELECT column_name FROM information_schema.columns WHERE table_name = 'energy_indicator' AND "
               "column_name NOT IN ('id', 'node_id', 'template_id') AND is_generated = 'NEVER'")
columns = ", ".join(f'"{row[0]}"' for row in env.cr.fetchall())
env.cr.execute("SELECT indexname, indexdef FROM pg_indexes WHERE tablename = 'energy_indicator' AND indexdef LIKE '%UNIQUE%' "
               "AND indexname NOT LIKE '%pkey'")
for name, _definition in env.cr.fetchall():
    env.cr.execute(f'DROP INDEX "{name}"')
env.cr.execute(f"INSERT INTO energy_indicator (node_id, template_id, {columns}) SELECT n.id, i.template_id, {columns} FROM "
               f"energy_indicator i, unnest(%s) AS n(id), generate_series(1, %s) WHERE i.id = %s",
               [meters.ids, EACH, one.id])
env.cr.execute("SELECT node_id, array_agg(id ORDER BY id) FROM energy_indicator WHERE node_id = ANY(%s) AND id != %s "
               "GROUP BY node_id", [meters.ids, one.id])
by_meter = dict(env.cr.fetchall())
env.cr.execute("ANALYZE energy_indicator")  # as autovacuum does soon after so many new rows
env.cr.commit()
env.invalidate_all()
from odoo.addons.energy_carbon_modbus.collector.point import Point
import odoo.addons.energy_carbon_modbus.models.energy_modbus_polling as polling
cache = {}
def plan_meter(self, plan, meter, now):
    if meter.id not in cache:
        cache[meter.id] = [Point(key, meter.modbus_unit, 3, 200 * (place // FLOATS) + 2 * (place % FLOATS), "float32")
                           for place, key in enumerate(by_meter[meter.id])]
    unit = meter.modbus_unit
    plan.gateway.points += cache[meter.id]
    plan.meters[unit] = meter.id
    plan.names.update(dict.fromkeys(by_meter[meter.id], "point"))
    plan.units.update(dict.fromkeys(by_meter[meter.id], unit))
type(gateways)._plan_meter = plan_meter
type(gateways)._calculate = lambda self, companies, run: None
env.cr.execute("SHOW fsync")
[fsync] = env.cr.fetchone()
env.cr.execute("SELECT pg_backend_pid()")
[backend] = env.cr.fetchone()

def cpu():  # seconds of this process and of its PostgreSQL backend
    fields = open(f"/proc/{backend}/stat").read().rsplit(")", 1)[1].split()
    return sum(os.times()[:2]) + (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")

results = {}
for name, chosen in (("M1-stored", lines), ("M2", lines[:1])):
    if name == "M2":  # 10 slaves x 50 float points
        EACH = 50
        by_meter = {meter: keys[:EACH] for meter, keys in by_meter.items()}
        FLOATS = EACH
        cache.clear()
    lines.action_polling_off(); chosen.action_polling_on(); env.cr.commit()
    samples = []
    for run in range(RUNS + 1):
        chosen.write({"next_poll": False}); env.cr.commit()
        begun, spent = time.perf_counter(), cpu()
        assert gateways._poll_due() == len(chosen)
        if run:  # the first run makes the blocks, which a process keeps
            samples.append((time.perf_counter() - begun, cpu() - spent))
        time.sleep(1.1)
    env.cr.execute("SELECT stored FROM energy_modbus_poll ORDER BY id DESC LIMIT 1")
    [stored] = env.cr.fetchone()
    assert stored == SLAVES * EACH, stored
    seconds, spent = map(statistics.median, zip(*samples))
    results[name] = {"bench": name, "seconds": round(seconds, 3), "best_seconds": round(min(samples)[0], 3),
                     "cpu_seconds": round(spent, 3),
                     "points": len(chosen) * SLAVES * EACH, "fsync": fsync,
                     "points_per_second": round(len(chosen) * SLAVES * EACH / seconds)}
for result in results.values():
    print("BENCH " + json.dumps(result), flush=True)
"""


def bench_stored() -> Iterator[dict]:
    """M1 and M2 with every reading in PostgreSQL: the scheduled action's own run, from the claim to the journal.

    Left out are what M1-plan measures, reading 90,000 points from their records, and the values that follow.
    """
    targets = {"M1-stored": {"target_seconds": 1.6}, "M2": {"target_points_per_second": 1000}}
    with odoo_session.database() as name, LibmodbusServer(latency_ms=LATENCY) as server:
        _fill(server, range(1, SLAVES + 1))
        constants = {
            "PORT": server.port,
            "GATEWAYS": GATEWAYS,
            "SLAVES": SLAVES,
            "BLOCKS": BLOCKS,
            "FLOATS": REGISTERS // 2,
            "RUNS": RUNS,
        }
        code = f"globals().update({constants!r})\nexec(compile({STORED!r}, 'bench', 'exec'), globals())\n"
        for line in odoo_session.run_script(name, code).splitlines():
            if line.startswith("BENCH "):
                measured = json.loads(line.removeprefix("BENCH "))
                yield {**measured, **targets[measured["bench"]]}


PLANNED = """
import json, time
plant = env["energy.node"].create({"name": "Bench", "kind": "unit", "unit_type": "plant"})
table = env.ref("energy_carbon_modbus.map_eastron_sdm630")
templates = table.point_ids.filtered(lambda point: point.enabled).template_id
lines = env["energy.modbus.gateway"].create([{"name": f"Bench {key}", "host": "127.0.0.1", "port": 1} for key in range(GATEWAYS)])
quiet = env(context={"tracking_disable": True})
meters = quiet["energy.node"].create([
    {"name": f"B{line.id}-{unit}", "kind": "meter", "parent_id": plant.id, "modbus_gateway_id": line.id, "modbus_unit": unit,
     "energy_type_id": env.ref("energy_carbon.type_el").id, "modbus_map_id": table.id}
    for line in lines for unit in range(1, SLAVES + 1)])
quiet["energy.indicator"].create([{"node_id": meter.id, "template_id": one.id} for meter in meters for one in templates])
lines.action_polling_on()
env.cr.commit()
seconds = []
for run in range(3):
    env.invalidate_all()
    begun = time.perf_counter()
    plans = env["energy.modbus.gateway"]._claim_due(env["energy.modbus.gateway"]._begin_run(None, False))
    seconds.append(time.perf_counter() - begun)
    env.cr.rollback()
points = sum(len(plan.gateway.points) for plan in plans)
assert points == len(meters) * len(templates), points
print("BENCH " + json.dumps({"bench": "M1-plan", "seconds": round(min(seconds), 3), "points": points,
                             "microseconds_per_point": round(1e6 * min(seconds) / points, 1)}), flush=True)
"""


def bench_plan() -> Iterator[dict]:
    """What each run reads from the records before it asks: 100 gateways x 10 SDM630 with all their stored points."""
    with odoo_session.database() as name:
        code = f"GATEWAYS, SLAVES = {GATEWAYS}, {SLAVES}\n{PLANNED}"
        code = f"exec(compile({code!r}, 'bench', 'exec'), globals())\n"
        for line in odoo_session.run_script(name, code).splitlines():
            if line.startswith("BENCH "):
                yield json.loads(line.removeprefix("BENCH "))
