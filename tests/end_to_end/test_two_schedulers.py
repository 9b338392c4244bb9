"""Two schedulers at once, as two Odoo hosts on one database have them: a line is asked by one of them only."""

import json
import subprocess

import pytest

from tests import odoo_session
from tests.peers import LibmodbusServer

# Long enough for the second process to come while the first is still reading: both are started beforehand.
LATENCY_MILLISECONDS = 500
METERS = 8

DEFINE = """
nodes = env["energy.node"]
plant = nodes.create({{"name": "Plant", "kind": "unit", "unit_type": "plant"}})
gateway = env["energy.modbus.gateway"].create({{"name": "Line", "host": "127.0.0.1", "port": {port}, "timeout": 3,
                                             "interval": 86400}})
template = env["energy.indicator.template"].search([("code", "=", "EL.FWD")])
for unit in range(1, {meters} + 1):
    meter = nodes.create({{
        "name": f"Meter {{unit}}", "kind": "meter", "parent_id": plant.id, "modbus_gateway_id": gateway.id,
        "energy_type_id": env.ref("energy_carbon.type_el").id, "modbus_unit": unit,
        "modbus_map_id": env.ref("energy_carbon_modbus.map_acrel_adl400").id,
    }})
    env["energy.indicator"].create({{"node_id": meter.id, "template_id": template.id}})
gateway.action_polling_on()
env.cr.commit()
"""
POLL = """
import pathlib, time
print("ready", flush=True)
while not pathlib.Path({go!r}).exists():
    time.sleep(0.01)
print(env["energy.modbus.gateway"]._poll_due())
"""
OUTCOME = """
import json
polls = env["energy.modbus.poll"].search([])
gateway = env["energy.modbus.gateway"].search([])
readings = env["energy.reading"].search_count([])
print(json.dumps([len(polls), sum(polls.mapped("requests")), readings, gateway.state, bool(gateway.lease_owner)]))
"""


@pytest.fixture
def slow_line():
    """Meters that take their time, so that two runs overlap."""
    with LibmodbusServer() as server:
        for unit in range(1, METERS + 1):
            server.set(unit, 3, 0x084C, [0, 1000 + unit])
        server.set_latency(LATENCY_MILLISECONDS)
        yield server


def start_poll(database: str, go: str) -> subprocess.Popen:
    """A process that is ready to poll and does so once the file ``go`` is there."""
    words = odoo_session.odoo_command("shell", "-d", database, "--no-http", "--log-level=warn")
    process = subprocess.Popen(words, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    process.stdin.write(POLL.format(go=go))
    process.stdin.close()
    return process


def test_two_schedulers_at_once(odoo_database, run_odoo_script, slow_line, tmp_path):
    run_odoo_script(DEFINE.format(port=slow_line.port, meters=METERS))
    go = tmp_path / "go"
    processes = [start_poll(odoo_database, str(go)) for _ in range(2)]
    for process in processes:
        while process.stdout.readline().strip() != "ready":
            assert process.poll() is None, "Odoo's shell ended before it was ready"
    go.touch()
    polled = []
    for process in processes:
        polled.append(int(process.stdout.read()))
        assert process.wait() == 0
    assert sorted(polled) == [0, 1]
    outcome = json.loads(run_odoo_script(OUTCOME).strip().splitlines()[-1])
    assert outcome == [1, METERS, METERS, "ok", False]
