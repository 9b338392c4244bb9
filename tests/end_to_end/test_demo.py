"""The demo data as an administrator gets them: installed from Odoo's own apps with demo data, then looked at."""

import json
import os

import pytest

from tests import odoo_session

# Seconds of Odoo's own processor time for the three addons with their demo data: other work on the machine does not count.
INSTALL_LIMIT = 40

# Odoo loads the demo data of an addon only where all it depends on have theirs: the base database is marked so.
INSTALL = """
import json, logging, time

class Collect(logging.Handler):
    def __init__(self):
        super().__init__(logging.WARNING)
        self.lines = []
    def emit(self, record):
        if record.name != "py.warnings":
            self.lines.append(f"{record.levelname} {record.name}: {record.getMessage()}")

collect = Collect()
logging.getLogger().addHandler(collect)
env.cr.execute("UPDATE ir_module_module SET demo = TRUE WHERE state = 'installed'")
env.cr.commit()
names = ["energy_carbon", "energy_carbon_modbus", "energy_carbon_reports"]
modules = env["ir.module.module"].search([("name", "in", names)])
start = time.process_time()
modules.button_immediate_install()
seconds = time.process_time() - start
"""

LOOK = """
import datetime, zoneinfo
from odoo.addons.energy_carbon_modbus.collector.demo_plant import DEMO_METERS, readings_at

yesterday = datetime.datetime.now(zoneinfo.ZoneInfo("Asia/Shanghai")).date() - datetime.timedelta(1)
plant = env.ref("energy_carbon.demo_plant")

def values(nodes, code):
    domain = [("node_id", "in", nodes.ids), ("template_id.code", "=", code), ("date", "=", yesterday)]
    return [[row.value, row.quality] for row in env["energy.value"].search(domain)]

def meets_simulator(meter):
    points = meter._modbus_points()[0]
    model = next(m for m in DEMO_METERS if (m.port, m.unit_id) == (meter.modbus_gateway_id.port, meter.modbus_unit))
    now = int(time.time())
    shown = {key: value for point in points for key, _time, value in readings_at(model, point, [now])}
    counters = env["energy.indicator"].browse(shown).filtered(lambda indicator: indicator.kind == "counter")
    return all(0 <= shown[c.id] - c.last_register < model.rated for c in counters)

gateways = env["energy.modbus.gateway"].search([])
users = [env.ref(f"energy_carbon.demo_user_{role}") for role in
         ("manager", "clerk", "engineer", "accountant", "auditor", "viewer")]
env.cr.execute("SELECT COUNT(*) FROM energy_dirty")
dirty = env.cr.fetchone()[0]
print("RESULT" + json.dumps({
    "seconds": seconds,
    "logged": collect.lines,
    "demo": {module.name: module.demo for module in modules},
    "plant": {code: values(plant, code) for code in
              ("EL.CONS", "NG.CONS", "WT.CONS", "T.TCE", "T.TCEQ", "T.MED", "T.CO2L", "T.COST", "EL.LOSS", "BAL.DIF")},
    "units": values(plant.unit_ids, "EL.CONS"),
    "polling": gateways.mapped("polling"),
    "meets_simulator": {meter.code: meets_simulator(meter) for meter in gateways.meter_ids},
    "dirty": dirty,
    "nodes": {user.login: user.energy_node_ids.mapped("code") for user in users},
    "logins": [user.with_user(user)._check_credentials(
        {"type": "password", "password": user.login}, {"interactive": False})["uid"] == user.id for user in users],
    "currency": env.ref("base.main_company").currency_id.name,
}))
"""


@pytest.fixture(scope="module")
def demo():
    """What a fresh database holds after the three addons were installed with demo data."""
    if not odoo_session.is_available():
        pytest.fail("no Odoo to test with: run `make test ONLY=tests/end_to_end`")
    with odoo_session.database(os.environ["EC_BASE_DB"]) as name:
        printed = odoo_session.run_script(name, INSTALL + LOOK)
    return json.loads(printed.split("RESULT")[1].splitlines()[0])


def test_demo_data_load_without_complaint(demo):
    assert not demo["logged"]
    assert set(demo["demo"].values()) == {True}
    assert demo["seconds"] < INSTALL_LIMIT


def test_plant_has_figures_for_yesterday(demo):
    for code, rows in demo["plant"].items():
        assert len(rows) == 1, code
        value, quality = rows[0]
        assert value and value > 0, code
        assert quality in ("measured", "entered"), code
    assert demo["dirty"] == 0


def test_units_and_loss_make_up_the_incoming_feeder(demo):
    total, loss = demo["plant"]["EL.CONS"][0][0], demo["plant"]["EL.LOSS"][0][0]
    assert sum(value for value, _quality in demo["units"]) + loss == pytest.approx(total, rel=1e-9)
    assert 0.005 < loss / total < 0.06


def test_gateways_are_silent_and_history_meets_the_simulator(demo):
    assert demo["polling"] == ["off", "off"]
    assert len(demo["meets_simulator"]) == 10
    assert all(demo["meets_simulator"].values()), demo["meets_simulator"]


def test_each_role_has_a_login_and_its_nodes(demo):
    assert all(demo["logins"])
    assert demo["nodes"] == {
        "manager": ["PLANT-A"],
        "clerk": ["W1"],
        "engineer": ["PLANT-A"],
        "accountant": ["PLANT-A"],
        "auditor": ["PLANT-A"],
        "viewer": ["PLANT-A"],
    }
    assert demo["currency"] == "CNY"
