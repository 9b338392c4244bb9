"""W7: reading a year of a large company. 6,000 indicators, 365 days, 2.2 million daily rows, asked as an Energy manager."""

import json
import os
from collections.abc import Iterator

from tests import odoo_session

RUNS = int(os.environ.get("BENCH_RUNS", "5"))

BUILD = '''
import datetime, json, os, statistics, time
company = env["res.company"].create({"name": "Bench year"})
env.user.company_ids |= company
env = env(context=dict(env.context, allowed_company_ids=company.ids, tracking_disable=True))
codes = ("EL.CONS", "NG.CONS", "WT.CONS", "ST.CONS", "EL.TCE", "T.TCE")
templates = [env["energy.indicator.template"].search([("code", "=", code)]) for code in codes]
node = lambda values: env["energy.node"].create([dict(one, company_id=company.id) for one in values])
plant = node([{"name": "Plant", "kind": "unit", "unit_type": "plant"}])
workshops = node([{"name": f"W{i}", "kind": "unit", "unit_type": "workshop", "parent_id": plant.id} for i in range(40)])
devices = node([{"name": f"D{i}", "kind": "device", "parent_id": workshops[i % 40].id} for i in range(959)])
nodes = plant | workshops | devices
env["energy.indicator"].create(
    [{"node_id": one.id, "template_id": template.id, "source": "entered" if template.kind == "amount" else "computed"}
     for one in nodes for template in templates])
env.flush_all()
env.cr.execute("DELETE FROM energy_dirty")
env.cr.precommit.clear()
COLUMNS = """indicator_id, node_id, template_id, energy_type_id, company_id, uom_id, flow, depth, value, coal, carbon, cost,
             expected, present, quality, origin"""
SOURCE = """i.id, i.node_id, i.template_id, i.energy_type_id, i.company_id, i.uom_id, i.flow, n.depth, random() * 100,
            random(), random(), random(), 1, 1, 'measured', 'collected'
       FROM energy_indicator i JOIN energy_node n ON n.id = i.node_id"""
env.cr.execute(f"""INSERT INTO energy_value (date, {COLUMNS})
    SELECT d::date, {SOURCE} CROSS JOIN generate_series('2025-01-01'::date, '2025-12-31'::date, '1 day') d
     WHERE i.company_id = %s""", [company.id])
rows = env.cr.rowcount
env.cr.execute(f"""INSERT INTO energy_value_month (month, {COLUMNS})
    SELECT m::date, {SOURCE} CROSS JOIN generate_series('2025-01-01'::date, '2025-12-01'::date, '1 month') m
     WHERE i.company_id = %s""", [company.id])
env.cr.commit()
env.cr.execute("ANALYZE")
manager = env["res.users"].create({
    "name": "Bench manager", "login": "bench_manager", "company_id": company.id, "company_ids": [(6, 0, company.ids)],
    "group_ids": [(6, 0, env.ref("energy_carbon.group_manager").ids)], "energy_node_ids": [(6, 0, plant.ids)]})
env.cr.commit()

def timed(action):
    samples = []
    for _run in range(RUNS):
        env.invalidate_all()
        begin = time.perf_counter()
        action()
        samples.append(time.perf_counter() - begin)
    return round(statistics.median(samples), 3)

def show(**result):
    print("BENCH " + json.dumps(result), flush=True)

months = env["energy.value.month"].with_user(manager)
days = env["energy.value"].with_user(manager)
year = [("month", ">=", "2025-01-01"), ("month", "<=", "2025-12-31")]
table = lambda: months._read_group(
    year + [("template_id.code", "in", codes[:4]), ("node_id.kind", "=", "unit")],
    ["month:month", "node_id", "energy_type_id"], ["value:sum"])
show(bench="W7-table", seconds=timed(table), rows=rows, target_seconds=0.3)
pivot = lambda: months.formatted_read_grouping_sets(
    year + [("template_id.code", "=", "EL.CONS"), ("depth", "=", 2)],
    [[], ["node_id"], ["month:month"], ["node_id", "month:month"]], ["value:sum"])
show(bench="W7-pivot", seconds=timed(pivot), target_seconds=0.3)
detail = [("date", ">=", "2025-06-01"), ("date", "<=", "2025-06-30"), ("template_id.code", "=", "EL.CONS"), ("depth", "=", 2)]
def one_month():
    found = days.search(detail, limit=80)
    days.search_count(detail)
    return found.read(["date", "node_id", "value_text", "quality", "coverage"])
show(bench="W7-days", seconds=timed(one_month), target_seconds=0.3)
'''


def bench_year() -> Iterator[dict]:
    """W7-table, W7-pivot, W7-days."""
    with odoo_session.database() as name:
        code = f"RUNS = {RUNS}\n{BUILD}"
        printed = odoo_session.run_script(name, f"exec(compile({code!r}, 'bench', 'exec'), globals())\n")
        for line in printed.splitlines():
            if line.startswith("BENCH "):
                yield json.loads(line.removeprefix("BENCH "))
