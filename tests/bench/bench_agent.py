"""M7: an edge agent's spool pushed to a real Odoo through its JSON-2 API; nothing lost, nothing twice."""

import json
import os
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

from energy_carbon_modbus.collector.push import OdooApi, Pusher
from energy_carbon_modbus.collector.spool import Spool
from tests import odoo_session
from tests.end_to_end.odoo_server import server

READINGS = int(os.environ.get("BENCH_AGENT_READINGS", "1000000"))
METERS = 100
SPOOLED_AT_ONCE = 500  # readings of a sweep, each written with a commit of its own
STEP_SECONDS = 60
BEGIN = 1_748_736_000  # 2025-06-01 00:00 UTC
# Every so often an answer is taken for lost and the batch sent again, as after a kill.
ANSWERS_LOST = 10

DEFINE = """
import json
nodes = env["energy.node"]
plant = nodes.create({{"name": "Bench agent", "kind": "unit", "unit_type": "plant"}})
agent = env["energy.modbus.agent"].create({{"name": "Bench agent"}})
template = env["energy.indicator.template"].search([("code", "=", "EL.FWD")])
gateways = env["energy.modbus.gateway"].create([
    {{"name": f"Line {{line}}", "host": "127.0.0.1", "agent_id": agent.id}} for line in range(({meters} + 99) // 100)])
meters = nodes.create([{{
    "name": f"Agent meter {{place}}", "kind": "meter", "parent_id": plant.id, "modbus_unit": place % 100 + 1,
    "modbus_gateway_id": gateways[place // 100].id, "energy_type_id": env.ref("energy_carbon.type_el").id}}
    for place in range({meters})])
indicators = env["energy.indicator"].create([{{"node_id": meter.id, "template_id": template.id}} for meter in meters])
gateways.action_polling_on()
key = agent.action_create_key()["context"]["default_key"]
uuid = env["ir.config_parameter"].get_param("database.uuid")
env.cr.commit()
print("BENCH " + json.dumps([key, uuid, indicators.ids]))
"""
# Counted from what was spooled: the value is the reading's own number, so a lost or doubled one is seen.
COUNT = """
import json
env.cr.execute("SELECT COUNT(*), COUNT(DISTINCT value), MIN(value), MAX(value) FROM energy_reading_raw r"
               " WHERE indicator_id = ANY(%s)", [{indicators}])
found = env.cr.fetchone()
env.cr.execute("SELECT current_setting('fsync')")
print("BENCH " + json.dumps([*found, env.cr.fetchone()[0]]))
"""


def _printed(text: str) -> list:
    [line] = [line for line in text.splitlines() if line.startswith("BENCH ")]
    return json.loads(line.removeprefix("BENCH "))


def _fill(spool: Spool, indicators: list[int]) -> float:
    """Spool the readings as sweeps would; returns the seconds it took."""
    begin = time.perf_counter()
    for first in range(0, READINGS, SPOOLED_AT_ONCE):
        spool.append(
            (indicators[number % METERS], BEGIN + number // METERS * STEP_SECONDS, float(number))
            for number in range(first, min(first + SPOOLED_AT_ONCE, READINGS))
        )
    return time.perf_counter() - begin


def _push(pusher: Pusher) -> tuple[float, int]:
    """Push until the spool is empty; returns the seconds and the answers that were lost on purpose."""
    settle, calls, lost = pusher._settle, 0, 0

    def lose_some(batch: list, answer: dict) -> None:
        nonlocal calls, lost
        calls += 1
        if calls % ANSWERS_LOST:
            settle(batch, answer)
        else:
            lost += 1

    pusher._settle = lose_some
    begin = time.perf_counter()
    while pusher.push_batch():
        pass
    return time.perf_counter() - begin, lost


def bench_agent() -> Iterator[dict]:
    """Spooling and pushing; every tenth answer is lost, so its batch goes twice."""
    with odoo_session.database() as name, tempfile.TemporaryDirectory() as folder:
        key, uuid, indicators = _printed(odoo_session.run_script(name, DEFINE.format(meters=METERS)))
        with server(name, Path(folder)) as odoo, Spool(Path(folder) / "spool.db") as spool:
            spool.put(database=uuid)
            spooling = _fill(spool, indicators)
            seconds, answers_lost = _push(Pusher(spool, OdooApi(odoo.url, key, name), time.time))
            totals, waiting, dead = spool.totals(), spool.count(), spool.dead_count()
        count, distinct, least, most, fsync = _printed(
            odoo_session.run_script(name, COUNT.format(indicators=indicators))
        )
    assert (waiting, dead, least, most) == (0, 0, 0.0, READINGS - 1.0)
    yield {
        "bench": "M7",
        "seconds": round(seconds, 2),
        "rows_per_second": round(READINGS / seconds),
        "readings": READINGS,
        "lost": READINGS - distinct,
        "twice": count - distinct,
        "answers_lost_on_purpose": answers_lost,
        "answered_known": totals["known"],
        "spooled_per_second": round(READINGS / spooling),
        "spool_synchronous": "FULL",
        "postgresql_fsync": fsync,
    }
