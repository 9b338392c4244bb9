"""The demo data as an administrator gets them: installed from Odoo's own apps with demo data, then looked at."""

import json
import os

import pytest

from tests import odoo_session

# Seconds of Odoo's own processor time for the three addons with their demo data: other work on the machine does not count.
INSTALL_LIMIT = 60

# Odoo loads the demo data of an addon only where all it depends on have theirs: the base database is marked so.
INSTALL = """
import datetime, json, logging, time, zoneinfo

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
seconds = 0.0

def install(*names):
    global seconds
    modules = env["ir.module.module"].search([("name", "in", names)])
    start = time.process_time()
    modules.button_immediate_install()
    seconds += time.process_time() - start

def dirty():
    env.cr.execute("SELECT COUNT(*) FROM energy_dirty")
    return env.cr.fetchone()[0]
"""

# July 2026 of the demo plant as its screens show it: monthly values, services, balances, targets.
JULY = """
def july(node, code):
    domain = [("node_id", "=", node.id), ("template_id.code", "=", code), ("month", "=", "2026-07-01")]
    return env["energy.value.month"].search(domain).mapped("value")

def example_p():
    plant = env.ref("energy_carbon.demo_plant")
    services = env["energy.transformation"].report(plant.id, "2026-07-01", "2026-07-31", "coal")
    feeder = [("node_id.code", "=", "E-01"), ("month", "=", "2026-07-01"), ("kind", "=", "main_sub")]
    (balance,) = env["energy.balance.month"].search(feeder)
    total = env["energy.indicator"].search([("node_id.code", "=", "E-01"), ("template_id.code", "=", "EL.FWD")])
    days = [("indicator_id", "=", total.id), ("date", ">=", "2026-07-01"), ("date", "<=", "2026-07-31")]
    return {
        "plant": {code: july(plant, code) for code in
                  ("EL.CONS", "T.TCE", "T.TCEQ", "T.NBS", "T.MED", "EL.COST", "NG.CONS", "NG.CO2", "EL.LOSS", "BAL.DIF")},
        "values": env["energy.value.month"].search([("month", "=", "2026-07-01")]).mapped("value"),
        "periods": {letter: july(env.ref("energy_carbon.demo_meter_e01"), f"EL.FWD.{letter}") for letter in "SPFV"},
        "units": {unit.code: {code: july(unit, code) for code in ("EL.CONS", "EL.COST")} for unit in plant.unit_ids},
        "efficiency": july(env.ref("energy_carbon.demo_boiler_house"), "BO.EFF"),
        "services": services,
        "balance": [balance.amount_in, balance.amount_out, balance.difference, balance.share, balance.state],
        "qualities": sorted(set(env["energy.value"].search(days).mapped("quality"))),
    }
"""

LOOK = """
from odoo.addons.energy_carbon_modbus.collector.demo_plant import DEMO_METERS, readings_at

yesterday = datetime.datetime.now(zoneinfo.ZoneInfo("Asia/Shanghai")).date() - datetime.timedelta(1)
plant = env.ref("energy_carbon.demo_plant")

def values(nodes, code):
    domain = [("node_id", "in", nodes.ids), ("template_id.code", "=", code), ("date", "=", yesterday)]
    return [[row.value, row.quality] for row in env["energy.value"].search(domain)]

def model_of(meter):
    place = (meter.modbus_gateway_id.port, meter.modbus_unit)
    return next((model for model in DEMO_METERS if (model.port, model.unit_id) == place), None)

def meets_simulator(meter):
    points = meter._modbus_points()[0]
    model, now = model_of(meter), int(time.time())
    shown = {key: value for point in points for key, _time, value in readings_at(model, point, [now])}
    counters = env["energy.indicator"].browse(shown).filtered(lambda indicator: indicator.kind == "counter")
    return [len(counters), all(0 <= shown[c.id] - c.last_register < 2 * model.counter.power(now) + 1 for c in counters)]

def seen_by(login):
    user = env["res.users"].search([("login", "=", login)])
    return sorted(env["energy.node"].with_user(user).search([("kind", "=", "unit")]).mapped("code"))

gateways = env["energy.modbus.gateway"].search([])
meters = gateways.meter_ids
users = [env.ref(f"energy_carbon.demo_user_{role}") for role in
         ("manager", "clerk", "engineer", "accountant", "auditor", "viewer")]
qualities = lambda code: [row.quality for row in env["energy.value"].search(
    [("node_id.code", "=", code), ("template_id.code", "=", "EL.FWD"), ("date", "<=", yesterday)], order="date desc", limit=8)]
events = {
    "gap": qualities("E-13"),
    "silent": qualities("E-14"),
    "late_locked": env["energy.late.reading"].search([]).mapped("node_id.code"),
    "locked": env["energy.lock"].search([("state", "=", "both")]).mapped("month_label"),
    "restated": env["energy.restatement"].search([]).mapped("kind"),
    "waiting": env["energy.restatement"].search_count([("state", "!=", "done")]),
    "swapped": env["energy.meter.change"].search([]).mapped(lambda change: [change.node_id.code, change.state]),
    "reasons": env["energy.entry"].search([("reason", "!=", False)]).mapped("node_id.code"),
    "submitted": env["energy.entry"].search_count([("state", "=", "submitted")]),
    "provisional": env["energy.tariff.price"].search([("state", "=", "provisional")]).mapped("period"),
    "targets": env["energy.target"].search_count([("period", "=", "year")]),
}
"""

# What is computed in Plant A is thrown away and built anew by Build Indicators; nothing of it is kept.
BUILD = """
def figures():
    env.flush_all()
    env.cr.execute('''SELECT m.node_id, i.template_id, m.value, m.coal, m.coal_equivalent, m.carbon, m.carbon_market, m.cost,
               m.expected, m.present FROM energy_value_month m JOIN energy_indicator i ON i.id = m.indicator_id
         WHERE m.month = '2026-07-01' AND m.company_id = %s AND i.source = 'computed' AND i.kind <> 'ratio'
           AND COALESCE(length(i.expression), 0) = 0''', [plant.company_id.id])
    return {f"{row[0]} {row[1]}": row[2:] for row in env.cr.fetchall()}

def open_build():
    nodes = plant.with_user(env.ref("energy_carbon.demo_user_manager"))
    nodes = nodes.with_context(allowed_company_ids=plant.company_id.ids)
    return nodes.env["energy.build"].browse(nodes.action_build_indicators()["context"]["energy_build_id"])

def throw_away():
    for table in ("late_reading", "lock_log", "lock", "target", "restatement_line", "restatement", "balance_part", "balance"):
        env.cr.execute(f"DELETE FROM energy_{table}")
    computed = env["energy.indicator"].with_context(active_test=False).search(
        [("node_id", "child_of", plant.id), ("source", "=", "computed")])
    env.cr.execute("DELETE FROM energy_indicator_term WHERE indicator_id = ANY(%s)", [computed.ids])
    env.invalidate_all()
    computed.unlink()

by_hand, actions = figures(), lambda: sorted(set(open_build().line_ids.mapped("action")))
built = {"before": actions(), "by_hand": by_hand}
throw_away()
open_build().action_apply()
env["energy.calculation"]._process(plant.company_id)
built.update(again=actions(), anew=figures())
env.cr.rollback()
"""

REPORT = """
print("RESULT" + json.dumps({
    "seconds": seconds,
    "logged": collect.lines,
    "demo": {module.name: module.demo for module in env["ir.module.module"].search([("name", "=like", "energy_carbon%")])},
    "alone": alone,
    "together": example_p(),
    "plant": {code: values(plant, code) for code in
              ("EL.CONS", "NG.CONS", "WT.CONS", "T.TCE", "T.TCEQ", "T.MED", "T.CO2L", "T.COST", "EL.LOSS", "BAL.DIF")},
    "units": values(plant.unit_ids, "EL.CONS"),
    "polling": gateways.mapped("polling"),
    "silent": [meter.code for meter in meters if not model_of(meter)],
    "meets_simulator": {meter.code: meets_simulator(meter) for meter in meters if model_of(meter)},
    "dirty": dirty(),
    "nodes": {user.login: user.energy_node_ids.mapped("code") for user in users},
    "seen": {login: seen_by(login) for login in ("manager", "clerk", "viewer", "manager_b")},
    "events": events,
    "built": built,
    "logins": [user.with_user(user)._check_credentials(
        {"type": "password", "password": user.login}, {"interactive": False})["uid"] == user.id for user in users],
    "currency": env.ref("base.main_company").currency_id.name,
}))
"""
STEPS = (
    f"{INSTALL}\n{JULY}\n"
    'install("energy_carbon")\nalone = {**example_p(), "dirty": dirty()}\n'
    'install("energy_carbon_modbus", "energy_carbon_reports")\n'
    f"{LOOK}\n{BUILD}\n{REPORT}"
)


@pytest.fixture(scope="module")
def demo():
    """What a fresh database holds after energy_carbon was installed with demo data, and after the two others were."""
    if not odoo_session.is_available():
        pytest.fail("no Odoo to test with: run `make test ONLY=tests/end_to_end`")
    with odoo_session.database(os.environ["EC_BASE_DB"]) as name:
        printed = odoo_session.run_script(name, STEPS)
    return json.loads(printed.split("RESULT")[1].splitlines()[0])


@pytest.fixture(params=["alone", "together"])
def july(demo, request):
    """Figures of July 2026, by energy_carbon alone and with all three addons."""
    return demo[request.param]


def near(value):
    return pytest.approx(value, rel=1e-9)


def test_demo_data_load_without_complaint(demo):
    assert not demo["logged"]
    assert set(demo["demo"].values()) == {True}
    assert demo["seconds"] < INSTALL_LIMIT
    assert demo["dirty"] == demo["alone"]["dirty"] == 0


def test_p1_boundary_totals(july):
    plant = july["plant"]
    assert plant["T.TCE"] == [near(170_884.0)]
    assert plant["T.TCEQ"] == [near(280_144.0)]
    assert plant["T.NBS"] == [near(167_197.0)]
    assert plant["T.MED"] == [near(3_085.2)]
    assert not [value for value in july["values"] if value and abs(value - 291_269.2) < 1.0]


def test_p2_services(july):
    boiler, station = sorted(july["services"]["services"], key=lambda one: one["name"] != "Boiler House")
    (steam,), (air,) = boiler["products"], station["products"]
    assert boiler["fuel"] == near(97_144.0)
    assert (steam["output"], steam["conversion_loss"]) == (near(85_300.0), near(11_844.0))
    assert round(steam["efficiency"], 2) == 87.81
    assert [round(value, 2) for value in july["efficiency"]] == [87.81]
    assert (round(steam["own_coefficient"], 4), round(air["own_coefficient"], 6)) == (41.1555, 0.011061)
    shown = {row["name"]: (row["at_source"], round(row["passed_on"], 3)) for row in july["services"]["units"]}
    assert shown == {
        "Workshop 1": (near(85_985.28), 96_538.545),
        "Workshop 2": (near(52_957.52), 58_585.928),
        "Office": (near(8_067.60), 9_122.927),
        "Dormitory": (near(2_212.20), 2_212.20),
        "Tenant": (near(1_474.80), 1_474.80),
        "Loss, not metered at any unit": (near(2_949.60), 2_949.60),
        "Boiler House": (near(17_237.0), 0.0),
        "Air Station": (0.0, 0.0),
    }
    assert july["services"]["totals"]["at_source"] == near(170_884.0)
    assert july["services"]["totals"]["passed_on"] == near(170_884.0)


def test_p3_product(july):
    (product,) = [one for one in july["services"]["products"] if one["name"] == "Moulded housing"]
    assert (round(product["passed_on"], 4), round(product["with_common"], 4)) == (23.4344, 25.2581)


def test_p4_time_of_use(july):
    assert july["periods"] == {"S": [near(60_000)], "P": [near(180_000)], "F": [near(210_000)], "V": [near(150_000)]}
    assert july["plant"]["EL.COST"] == [near(423_345.0)]
    # What each unit's slots cost by the periods of Example P.
    by_period = {
        "W1": (24, 72, 84, 60), "W2": (18, 60, 63, 39), "BH": (3, 9, 10.5, 7.5), "AS": (7.2, 19.8, 25.2, 19.8),
        "OF": (3.6, 7.2, 10.8, 2.4), "DO": (0.6, 2.4, 4.5, 10.5), "TE": (1.2, 2.4, 3.6, 4.8),
    }  # fmt: skip
    assert set(july["units"]) == set(by_period)
    for code, thousands in by_period.items():
        cost = sum(1000 * one * price for one, price in zip(thousands, (1.14, 0.95, 0.622, 0.3555), strict=True))
        assert july["units"][code] == {"EL.CONS": [near(1000 * sum(thousands))], "EL.COST": [near(cost)]}, code


def test_p5_carbon_of_gas(july):
    assert july["plant"]["NG.CONS"] == [near(80_000)]
    assert [round(kilograms / 1000, 4) for kilograms in july["plant"]["NG.CO2"]] == [161.1740]


def test_p6_balance(july):
    amount_in, amount_out, difference, share, state = july["balance"]
    assert (amount_in, amount_out, difference) == (near(600_000), near(576_000), near(24_000))
    assert round(100 * share, 2) == 4.00
    assert state == "within"
    assert july["plant"]["EL.LOSS"] == [near(24_000)]
    assert [round(value, 2) for value in july["plant"]["BAL.DIF"]] == [4.00]
    assert july["qualities"] == ["measured"]


def test_built_anew_the_plant_has_the_figures_it_had(demo):
    """All that is computed in Plant A but ratios and one formula written out, in July 2026."""
    built = demo["built"]
    assert not {"change", "extend", "fill"} & set(built["before"]), "nothing that was built by hand is to be changed"
    assert built["again"] == ["hint", "keep"]
    assert len(built["by_hand"]) > 100
    for key, figures in built["by_hand"].items():
        assert built["anew"][key] == [figure if figure is None else near(figure) for figure in figures], key


def test_plant_has_figures_for_yesterday(demo):
    for code, rows in demo["plant"].items():
        assert len(rows) == 1, code
        value, quality = rows[0]
        assert value and value > 0, code
        assert quality in ("measured", "entered"), code


def test_units_and_loss_make_up_the_incoming_feeder(demo):
    total, loss = demo["plant"]["EL.CONS"][0][0], demo["plant"]["EL.LOSS"][0][0]
    assert sum(value for value, _quality in demo["units"]) + loss == near(total)
    assert 0.03 < loss / total < 0.05


def test_gateways_are_silent_and_history_meets_the_simulator(demo):
    assert demo["polling"] == ["off", "off"]
    assert demo["silent"] == ["E-14"]
    counters = {code: number for code, (number, _meets) in demo["meets_simulator"].items()}
    assert len(counters) == 15
    assert [code for code, number in counters.items() if not number] == ["H-01"]  # temperatures only
    assert all(meets for _number, meets in demo["meets_simulator"].values()), demo["meets_simulator"]


def test_each_rule_has_its_place(demo):
    events = demo["events"]
    assert events["gap"].count("estimated") == 1
    assert events["silent"].count("missing") == 3
    assert set(events["late_locked"]) == {"E-14"}
    assert events["locked"] == [f"2026-{month:02}" for month in range(6, 0, -1)] + [
        f"2025-{month:02}" for month in range(12, 6, -1)
    ]
    assert sorted(events["restated"]) == ["correction", "entry", "entry", "price", "reading"]
    assert events["waiting"] == 0
    assert events["swapped"] == [["E-12", "confirmed"]]
    assert sorted(events["reasons"]) == ["E-06", "W1"]
    assert events["submitted"] > 0
    assert sorted(events["provisional"]) == ["flat", "peak", "sharp", "valley"]
    assert events["targets"] == 6


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


def test_walls_between_units_and_companies(demo):
    plant = ["AS", "BH", "DO", "OF", "PLANT-A", "TE", "W1", "W2"]
    assert demo["seen"] == {
        "manager": plant,
        "clerk": ["W1"],
        "viewer": plant,
        "manager_b": ["B-1", "B-2", "B-3", "PLANT-B"],
    }
