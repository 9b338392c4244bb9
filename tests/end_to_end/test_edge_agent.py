"""From the meter's register through the edge agent to Odoo's readings: three programs, each killed once."""

import contextlib
import json
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from energy_carbon_modbus.collector.spool import Spool
from tests.end_to_end.database_life import ask
from tests.end_to_end.odoo_server import server
from tests.peers import LibmodbusServer

ROOT = Path(__file__).resolve().parents[2]
METERS = 3
INTERVAL = 1
PATIENCE = 60.0

DEFINE = """
import json
nodes = env["energy.node"]
plant = nodes.create({{"name": "Plant", "kind": "unit", "unit_type": "plant"}})
agent = env["energy.modbus.agent"].create({{"name": "Agent"}})
gateway = env["energy.modbus.gateway"].create({{"name": "Line", "host": "127.0.0.1", "port": {port}, "timeout": 1,
                                             "agent_id": agent.id, "interval": {interval}}})
template = env["energy.indicator.template"].search([("code", "=", "EL.FWD")])
indicators = {{}}
for unit in range(1, {meters} + 1):
    meter = nodes.create({{
        "name": f"Meter {{unit}}", "kind": "meter", "parent_id": plant.id, "modbus_gateway_id": gateway.id,
        "energy_type_id": env.ref("energy_carbon.type_el").id, "modbus_unit": unit,
        "modbus_map_id": env.ref("energy_carbon_modbus.map_acrel_adl400").id,
    }})
    indicators[env["energy.indicator"].create({{"node_id": meter.id, "template_id": template.id}}).id] = unit
gateway.action_polling_on()
key = agent.action_create_key()["context"]["default_key"]
env.cr.commit()
print(json.dumps([key, indicators]))
"""
READINGS = "SELECT indicator_id, EXTRACT(epoch FROM time)::int8, value FROM energy_reading_raw ORDER BY 1, 2"
STATES = """SELECT g.state, a.version, a.last_contact IS NOT NULL, (SELECT COUNT(*) FROM energy_modbus_poll)
              FROM energy_modbus_gateway g JOIN energy_modbus_agent a ON a.id = g.agent_id"""


@pytest.fixture
def line():
    with LibmodbusServer() as meters:
        for unit in range(1, METERS + 1):
            meters.set(unit, 3, 0x084C, [0, 10_000 * unit])  # 0.1 kWh
        yield meters


class Agent:
    """The agent's program in a folder of its own."""

    def __init__(self, folder: Path, url: str, database: str, key: str) -> None:
        self.spool = folder / "spool.db"
        self.log = folder / "agent.log"
        (folder / "key").write_text(key)
        self.file = folder / "agent.toml"
        self.file.write_text(
            f'url = "{url}"\ndatabase = "{database}"\nkey_file = "key"\nspool = "spool.db"\n'
            "push_seconds = 0.5\nfetch_seconds = 2\ntimeout_seconds = 20\n"
        )

    def command(self, *options: str) -> list[str]:
        return [sys.executable, "-m", "energy_carbon_modbus.collector.agent", "--config", str(self.file), *options]

    @contextlib.contextmanager
    def running(self):
        with self.log.open("ab") as log:
            process = subprocess.Popen(self.command(), cwd=ROOT, stderr=log)
        try:
            yield process
        finally:
            process.kill()
            process.wait()

    def waiting(self) -> int:
        with Spool(self.spool) as spool:
            return spool.count()


def wait_for(condition, what: str) -> None:
    end = time.monotonic() + PATIENCE
    while not condition():
        assert time.monotonic() < end, f"waited in vain for {what}"
        time.sleep(0.2)


def test_x10_from_meter_to_reading_with_everything_killed_once(odoo_database, run_odoo_script, line, tmp_path):
    defined = run_odoo_script(DEFINE.format(port=line.port, interval=INTERVAL, meters=METERS))
    key, units = json.loads(defined.strip().splitlines()[-1])
    spooled: set[tuple] = set()
    with server(odoo_database, tmp_path) as odoo:
        agent = Agent(tmp_path, odoo.url, odoo_database, key)
        with agent.running() as process:
            wait_for(lambda: len(ask(odoo_database, READINGS)) >= 3 * METERS, "the first readings")
            odoo.kill()
            wait_for(lambda: agent.waiting() >= 4 * METERS, "readings that wait while Odoo is away")
            process.send_signal(signal.SIGKILL)
            process.wait()
        with Spool(agent.spool) as spool:
            spooled |= {one.row for one in spool.batch(100_000)}
        with agent.running():
            wait_for(lambda: agent.waiting() > len(spooled), "readings of an agent started without a link")
            odoo.start()
            wait_for(lambda: agent.waiting() == 0, "an empty spool")
            wait_for(lambda: ask(odoo_database, STATES)[0][:3] == ("ok", "1.0", True), "states in Odoo")
        done = subprocess.run(agent.command("--once"), cwd=ROOT, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stdout + done.stderr
    stored = ask(odoo_database, READINGS)
    assert spooled <= set(stored)
    assert {(indicator, value) for indicator, _time, value in stored} == {
        (int(indicator), 1000.0 * unit) for indicator, unit in units.items()
    }
    assert len({row[:2] for row in stored}) == len(stored)
    assert ask(odoo_database, STATES)[0][3] >= 1, "the poll journal has lines"
    with Spool(agent.spool) as spool:
        totals = spool.totals()
        assert (spool.count(), spool.dead_count(), totals["differing"]) == (0, 0, 0)
        assert totals["stored"] <= len(stored) <= totals["stored"] + totals["known"]
