"""What befalls a whole Odoo process while it collects: killed in the middle, its PostgreSQL connections cut."""

import json
import time

import pytest

from tests import odoo_session
from tests.end_to_end.test_two_schedulers import DEFINE, LATENCY_MILLISECONDS, METERS, start_poll
from tests.peers import LibmodbusServer

AFTER_KILL = """
import json
gateways = env["energy.modbus.gateway"]
leased = bool(gateways.search([]).lease_owner)
env.cr.commit()
early = gateways._poll_due()
gateways.search([]).write({"lease_until": "2020-01-01 00:00:00"})
env.cr.commit()
polled = gateways._poll_due()
cron = env.ref("energy_carbon_modbus.ir_cron_energy_modbus_poll")
print(json.dumps([leased, early, polled, env["energy.reading"].search_count([]), gateways.search([]).state, cron.active]))
"""
# The connection is cut between the sweep and the writing, as a restart of PostgreSQL does.
CUT = """
import psycopg2
gateways = env["energy.modbus.gateway"]
model = type(gateways)
sweep = model._sweep
def cut(self, plans, run):
    sweep(self, plans, run)
    with self.env.registry.cursor() as other:
        other.execute("SELECT pg_terminate_backend(%s)", [self.env.cr._cnx.info.backend_pid])
model._sweep = cut
print(gateways._poll_due(), flush=True)
import os
os._exit(0)  # the shell's own end needs the connection
"""
AFTER_CUT = """
import json, pathlib
from odoo.tools import config
folder = pathlib.Path(config["data_dir"]) / "energy_carbon_modbus" / env["ir.config_parameter"].get_param("database.uuid")
before = len(list(folder.glob("*.npy"))), env["energy.reading"].search_count([])
env.cr.commit()
polled = env["energy.modbus.gateway"]._poll_due()
print(json.dumps([*before, polled, len(list(folder.glob("*.npy"))), env["energy.reading"].search_count([])]))
"""


@pytest.fixture
def line():
    with LibmodbusServer() as server:
        for unit in range(1, METERS + 1):
            server.set(unit, 3, 0x084C, [0, 1000 + unit])
        yield server


def last_json(printed: str):
    return json.loads(printed.strip().splitlines()[-1])


def test_odoo_killed_mid_sweep(odoo_database, run_odoo_script, line, tmp_path):
    """SIGKILL: the lease runs out by itself, the next run reads everything, the scheduled action stays active."""
    run_odoo_script(DEFINE.format(port=line.port, meters=METERS))
    line.set_latency(LATENCY_MILLISECONDS)
    go = tmp_path / "go"
    process = start_poll(odoo_database, str(go))
    while process.stdout.readline().strip() != "ready":
        assert process.poll() is None, "Odoo's shell ended before it was ready"
    go.touch()
    time.sleep(2.5 * LATENCY_MILLISECONDS / 1000)
    process.kill()
    process.wait()
    line.set_latency(0)
    assert last_json(run_odoo_script(AFTER_KILL)) == [True, 0, 1, METERS, "ok", True]


def test_postgresql_restarted_mid_write(odoo_database, run_odoo_script, line):
    """What was read is on disk, and the next run writes it though the gateway is not due then."""
    run_odoo_script(DEFINE.format(port=line.port, meters=METERS))
    odoo_session.run_script(odoo_database, CUT)
    files, readings, polled, files_after, readings_after = last_json(run_odoo_script(AFTER_CUT))
    assert (files, readings) == (1, 0)
    assert (polled, files_after, readings_after) == (0, 0, METERS)
