"""Readings to values: W1 to W6. Each runs in an Odoo shell of its own on a copy of the template database.

Times are medians; ``cpu_seconds`` counts Odoo's process, its PostgreSQL backend and the parallel workers of that.
"""

import json
import os
from collections.abc import Iterator
from datetime import date
from pathlib import Path

from tests import odoo_session
from tools.large_plant import BANDS, PRICES, script

HERE = Path(__file__).parent
RUNS = int(os.environ.get("BENCH_RUNS", "5"))

TOOLS = '''
import json, os, resource, statistics
calculation = env["energy.calculation"]
env.cr.execute("SELECT pg_backend_pid()")
backend = env.cr.fetchone()[0]
TICK = os.sysconf("SC_CLK_TCK")

def stat(process):
    """Fields of /proc/PID/stat from the third one on."""
    return open(f"/proc/{process}/stat").read().rsplit(")", 1)[1].split()

server = stat(backend)[1]

def cpu():
    """CPU seconds of this process, of its PostgreSQL backend, and of the server's processes that ended: its workers."""
    used = resource.getrusage(resource.RUSAGE_SELF)
    ticks = [*stat(backend)[11:13], *stat(server)[13:15]]
    return used.ru_utime + used.ru_stime + sum(map(int, ticks)) / TICK

def peak_mb():
    return round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024, 1)

def timed(action):
    wall, processor = time.perf_counter(), cpu()
    action()
    return time.perf_counter() - wall, cpu() - processor

def medians(samples):
    return {"seconds": round(statistics.median(s[0] for s in samples), 3),
            "cpu_seconds": round(statistics.median(s[1] for s in samples), 3)}

def fresh():
    env.cr.execute("TRUNCATE energy_value, energy_value_month, energy_profile")
    env.cr.execute("DELETE FROM energy_dirty")
    calculation._mark(forward, first, first + datetime.timedelta(days=DAYS - 1))
    env.cr.precommit.clear()
    env.cr.commit()

def whole():
    calculation._process(company)
    env.cr.commit()

def show(**result):
    print("BENCH " + json.dumps(result), flush=True)

env.cr.execute("ANALYZE")
env.cr.commit()
'''

WHOLE = """
samples = []
for _run in range({runs}):
    fresh()
    samples.append(timed(whole))
mine = medians(samples)
"""

REFERENCE = '''
env.cr.execute("DROP TABLE IF EXISTS reference_reading, reference_factor, reference_price")
env.cr.execute("CREATE TABLE reference_reading AS SELECT indicator_id, time, value FROM energy_reading_raw")
env.cr.execute("CREATE INDEX ON reference_reading (indicator_id, time)")
env.cr.execute("CREATE TABLE reference_factor AS SELECT DATE '2000-01-01' AS first, DATE '2100-01-01' AS last,"
               " 0.1229::float8 AS coal, (SELECT AVG(carbon / NULLIF(value, 0)) FROM energy_value WHERE value > 0"
               " AND carbon IS NOT NULL)::float8 AS carbon")
env.cr.execute("CREATE TABLE reference_price (first date, last date, start time, price float8)")
for quarter in range(96):
    hour = quarter / 4
    period = next((p for p, a, b in {bands} if (a <= hour < b if a < b else hour >= a or hour < b)), "flat")
    env.cr.execute("INSERT INTO reference_price VALUES ('2000-01-01', '2100-01-01', %s, %s)",
                   [f"{{quarter // 4:02}}:{{quarter % 4 * 15:02}}", {prices}[period]])
env.cr.execute("CREATE INDEX ON reference_price (start, first)")
env.cr.execute("ANALYZE")
env.cr.commit()
SQL_TEXT = open({path!r}).read()

def reference():
    env.cr.execute(SQL_TEXT)
    env.cr.commit()

theirs = medians([timed(reference) for _run in range({runs})])
env.cr.execute("""SELECT COUNT(*), MAX(ABS(v.value - r.value) / GREATEST(1, ABS(r.value))),
    MAX(ABS(v.coal - r.coal) / GREATEST(1, ABS(r.coal))), MAX(ABS(v.carbon - r.carbon) / GREATEST(1, ABS(r.carbon))),
    MAX(ABS(v.cost - r.cost) / GREATEST(1, ABS(r.cost)))
  FROM reference_value r JOIN energy_value v USING (node_id, date)
  JOIN energy_indicator_template t ON t.id = v.template_id AND t.code IN ('EL.FWD', 'EL.CONS')
 WHERE NOT r.total""")
rows, *errors = env.cr.fetchone()
assert rows == (METERS + DEVICES + WORKSHOPS + 1) * DAYS, rows
assert max(errors) < 1e-9, errors
show(bench="W1", **mine, reference_seconds=theirs["seconds"], reference_cpu_seconds=theirs["cpu_seconds"],
     ratio=round(mine["seconds"] / theirs["seconds"], 3), peak_mb=peak_mb(), cores=os.cpu_count(), rows=rows,
     price="five periods, by slot")
'''

QUARTER = """
from freezegun import freeze_time

# The readings come when they are read: what is late is journalled besides.
clock = freeze_time(datetime.datetime.fromtimestamp(int(times[-1]), datetime.timezone.utc), tick=True)
clock.start()
samples = []
for step in range({runs}):
    later = int(times[-1]) + 900 * (step + 1)
    values = registers[:, -1] + 5.0 * (step + 1)
    def quarter():
        env["energy.reading"]._append(forward.ids, [later] * METERS, values)
        env.cr.precommit.clear()
        calculation._process(company)
        env.cr.commit()
    samples.append(timed(quarter))
clock.stop()
show(bench="W2", **medians(samples), target_cpu_seconds=0.5)
samples = []
for step in range({runs}):
    reading = first + datetime.timedelta(days=9)
    def correct():
        calculation._mark(forward[step], reading, reading)
        env.cr.execute("UPDATE energy_value SET value = value + 1 WHERE indicator_id = %s AND date = %s",
                       [forward[step].id, reading])
        env.cr.precommit.clear()
        calculation._process(company)
        env.cr.commit()
    samples.append(timed(correct))
show(bench="W4-day", **medians(samples), target_seconds=0.3)
samples = []
dearer = env["energy.tariff"].search([("company_id", "=", company.id)]).price_ids.filtered(lambda p: p.period == "peak")
for step in range({runs}):
    def reprice():
        dearer.price = 0.95 + 0.01 * (step + 1)
        env.flush_all()
        env.cr.precommit.clear()
        calculation._process(company)
        env.cr.commit()
    samples.append(timed(reprice))
show(bench="W4-price", **medians(samples), target_seconds=3.0)
env.cr.execute("SELECT SUM(pg_total_relation_size(inhrelid)) FROM pg_inherits WHERE inhparent = 'energy_reading_raw'::regclass")
readings_size = int(env.cr.fetchone()[0])
env.cr.execute("SELECT pg_total_relation_size('energy_value') + pg_total_relation_size('energy_value_month')")
values_size = env.cr.fetchone()[0]
env.cr.execute("SELECT pg_total_relation_size('energy_profile')")
show(bench="W6", seconds=0, readings_bytes_per_meter_month=readings_size // METERS,
     values_bytes_per_meter_month=values_size // METERS, profile_bytes_per_meter_month=env.cr.fetchone()[0] // METERS)
"""

FACTOR = """
fresh()
whole()
env.cr.execute("SELECT COUNT(*) FROM energy_value")
rows = env.cr.fetchone()[0]
factor = env["energy.factor"].create({{
    "energy_type_id": electricity.id, "kind": "co2", "basis": "location", "value": 0.5, "company_id": company.id,
    "uom_id": electricity.uom_id.id, "date_from": first, "document": "Benchmark"}})
samples = []
for step in range({runs} + 1):
    def refactor():
        factor.value = 0.5 + 0.01 * step
        env.flush_all()
        env.cr.precommit.clear()
        calculation._process(company)
        env.cr.commit()
    samples.append(timed(refactor))
env.cr.execute("SELECT COUNT(*) FROM energy_value WHERE value > 0 AND carbon IS NOT NULL"
               " AND abs(carbon - value * %s) > 1e-9 * carbon", [factor.value])
assert env.cr.fetchone()[0] == 0 and rows > 365 * METERS, rows
show(bench="W4-factor", **medians(samples[1:]), rows=rows, days=DAYS, target_seconds=10.0)
"""

FORMULAS = """
import numpy as np
from odoo.addons.energy_carbon.calculation.company_graph import load_graph
leaves = add(node([{{"name": f"F{{i}}", "kind": "meter", "energy_type_id": electricity.id, "parent_id": plant.id}}
                   for i in range(25)]), "EL.FWD")
names = [f"v{{i}}" for i in range(25)]
targets = [add(node([{{"name": f"S{{i}}", "kind": "unit", "unit_type": "workshop", "parent_id": plant.id}}]), "EL.CONS")[0]
           for i in range(4)]
for number, target in enumerate(targets):
    target.whole_company = True
    Term.create([{{"indicator_id": target.id, "source_id": leaf.id, "variable": name}}
                 for leaf, name in zip(leaves, names)])
    target.expression = " + ".join(f"{{1 + number + 0.1 * at:.1f}} * {{name}}" for at, name in enumerate(names))
start, n = int(datetime.datetime(2026, 6, 30, 16, tzinfo=datetime.timezone.utc).timestamp()), 745
env["energy.reading"]._append(np.repeat(leaves.ids, n), np.tile(start + 3600 * np.arange(n), 25),
                              np.cumsum(rng.uniform(0.0, 20.0, (25, n)), axis=1).ravel())
env.cr.precommit.clear()
calculation._process(company)
env.cr.commit()
samples = []
for _run in range({runs}):
    for target in targets:
        calculation._mark(target, first, first + datetime.timedelta(days=30))
    env.cr.execute("DELETE FROM energy_value WHERE indicator_id = ANY(%s)", [[target.id for target in targets]])
    env.cr.precommit.clear()
    env.cr.commit()
    samples.append(timed(whole))
values = env["energy.value"].search([("indicator_id", "=", targets[0].id), ("date", "=", first)])
assert len(values) == 1 and values.value > 0, values
show(bench="W3-formulas", **medians(samples), terms=25, hours=744, target_seconds=0.2)
"""


TOTAL = ("T.TCE",)
ALL = ("EL.TCE", "EL.CO2", "EL.COST", "T.TCE")


def _run(
    shape: tuple[int, int, int, int], *parts: str, derived: tuple[str, ...] = TOTAL, step: int = 900, year: int = 2026
) -> Iterator[dict]:
    """Build a plant of (meters, devices, workshops, days), run the parts and yield what they show.

    A consumption's row holds its coal, carbon and cost; ``derived`` says which indicators of their own every node has beside.
    ``step`` is the time between two readings in seconds; the first day is 1 July of ``year``.
    """
    code = "\n".join([script(shape, date(year, 7, 1), derived, step), TOOLS, *parts])
    with odoo_session.database() as name:
        for line in odoo_session.run_script(
            name, f"exec(compile({code!r}, 'bench', 'exec'), globals())\n"
        ).splitlines():
            if line.startswith("BENCH "):
                yield json.loads(line.removeprefix("BENCH "))


def bench_month_of_a_large_plant() -> Iterator[dict]:
    """W1, W2, W4-day, W4-price, W6: 1,000 meters, 200 devices, 10 workshops, 31 days of quarter-hours."""
    reference = REFERENCE.format(runs=RUNS, path=str(HERE / "reference.sql"), bands=BANDS, prices=PRICES)
    yield from _run((1000, 200, 10, 31), WHOLE.format(runs=RUNS), reference, QUARTER.format(runs=RUNS))


def bench_month_with_all_indicators() -> Iterator[dict]:
    """W1-all: the same month where every node also has indicators of its own for coal, carbon and cost."""
    show = 'show(bench="W1-all", **mine, peak_mb=peak_mb())\n'
    yield from _run((1000, 200, 10, 31), WHOLE.format(runs=RUNS), show, derived=ALL)


def bench_month_of_a_small_plant() -> Iterator[dict]:
    """W3 and W3-hour: 100 meters, 20 devices, 4 workshops."""
    show = 'show(bench="W3", **mine, target_seconds=1.0)\n'
    hour = (
        QUARTER.split("show(", 1)[0].format(runs=RUNS)
        + 'show(bench="W3-hour", **medians(samples), target_cpu_seconds=0.3)\n'
    )
    yield from _run((100, 20, 4, 31), WHOLE.format(runs=RUNS), show, hour)


def bench_formulas() -> Iterator[dict]:
    """W3-formulas: four formulas of 25 terms over 744 hours, with their profiles."""
    yield from _run((1, 1, 1, 1), FORMULAS.format(runs=RUNS))


def bench_year_of_a_factor() -> Iterator[dict]:
    """W4-factor: a year's daily values of 1,000 meters, 200 devices, 10 workshops when the year's factor changes."""
    yield from _run((1000, 200, 10, 365), FACTOR.format(runs=3), step=86400, year=2025)


def bench_growth() -> Iterator[dict]:
    """W5: how time grows from 250 to 2,000 meters; 1 is proportional."""
    import math

    measured = {}
    for meters in (250, 2000):
        show = 'show(bench="part", **mine)\n'
        for result in _run((meters, meters // 5, 10, 10), WHOLE.format(runs=3), show):
            measured[meters] = result
    small, large = measured[250], measured[2000]
    exponent, cpu_exponent = (round(math.log(large[key] / small[key], 8), 3) for key in ("seconds", "cpu_seconds"))
    figures = {"exponent": exponent, "cpu_exponent": cpu_exponent, "target_exponent": 1.1}
    yield {"bench": "W5", "seconds": large["seconds"], "cpu_seconds": large["cpu_seconds"], **figures}
