"""The addons' life in a database that already has accounting and manufacturing, without and with demo data.

Installed, upgraded, uninstalled and installed again, one addon and all of them; what accounting and manufacturing hold
stays as it is. Two copies of one database are worked on side by side, one with demo data.
"""

import json
import os
from concurrent.futures import ThreadPoolExecutor

import pytest

from tests import odoo_session
from tests.end_to_end.database_life import ADDONS, left_over, run_logged

# An invoice and a manufacturing order, posted and done.
ERP = """
env["ir.module.module"].search([("name", "in", ("account", "mrp"))]).button_immediate_install()
env["account.chart.template"].try_loading("generic_coa", env.company, install_demo=False)
product = env["product.product"].create({"name": "Casting", "type": "consu"})
partner = env["res.partner"].create({"name": "Customer"})
invoice = env["account.move"].create({
    "move_type": "out_invoice", "partner_id": partner.id, "ref": "LIFE", "invoice_date": "2026-07-01",
    "invoice_line_ids": [(0, 0, {"product_id": product.id, "quantity": 2, "price_unit": 100.0, "tax_ids": False})]})
invoice.action_post()
order = env["mrp.production"].create({"product_id": product.id, "product_qty": 3, "origin": "LIFE"})
order.action_confirm()
order.qty_producing = 3
order.button_mark_done()
env.cr.commit()
"""
CHANGE = """
modules = env["ir.module.module"].search([("name", "in", {names!r})])
modules.{method}()
"""
# What is there afterwards; the models our addons extend must still have their screens.
LOOK = """
import json
invoice = env["account.move"].search([("ref", "=", "LIFE")])
order = env["mrp.production"].search([("origin", "=", "LIFE")])
entry = invoice.copy()
entry.invoice_date = invoice.invoice_date
entry.action_post()
for model in ("res.users", "res.company", "res.groups", "res.config.settings", "product.product", "product.template"):
    env[model].get_views([(False, "form"), (False, "list"), (False, "search")])
print("RESULT" + json.dumps({
    "invoice": [invoice.state, invoice.amount_total], "next": entry.state,
    "order": [order.state, order.qty_produced],
    "currency": env.company.currency_id.name,
    "addons": sorted(env["ir.module.module"].search(
        [("name", "like", "energy_carbon%"), ("state", "=", "installed")]).mapped("name")),
    "states": sorted(set(env["ir.module.module"].search([]).mapped("state"))),
    "nodes": env["energy.node"].search_count([]) if "energy.node" in env else None,
}))
"""
# Odoo loads the demo data of an addon only where all it depends on have theirs.
WITH_DEMO = """
env.cr.execute("UPDATE ir_module_module SET demo = TRUE WHERE state = 'installed'")
env.cr.commit()
"""
ALL = sorted(ADDONS)
BRANCHES = ("energy_carbon_modbus", "energy_carbon_reports")


def change(database: str, names: tuple, method: str) -> dict:
    """Install or uninstall addons, and tell what is there then."""
    return look(run_logged("shell", "-d", database, script=CHANGE.format(names=names, method=method) + LOOK))


def install(database: str, names: tuple) -> dict:
    return change(database, names, "button_immediate_install")


def uninstall(database: str, names: tuple) -> dict:
    return change(database, names, "button_immediate_uninstall")


def install_and_upgrade(database: str, names: tuple) -> dict:
    """As an administrator does from the command line: more addons, and the core's new version, at once."""
    options = ("-i", ",".join(names), "-u", "energy_carbon", "--stop-after-init", "--max-cron-threads=0")
    run_logged("server", "-d", database, *options)
    return look(run_logged("shell", "-d", database, script=LOOK))


def look(printed: str) -> dict:
    return json.loads(printed.split("RESULT")[1].splitlines()[0])


def live_without_demo(database: str) -> list[dict]:
    """What is there after each step."""
    seen = [install(database, ADDONS), uninstall(database, BRANCHES), install_and_upgrade(database, BRANCHES)]
    return [*seen, {**uninstall(database, ("energy_carbon",)), "left": left_over(database)}]


def live_with_demo(database: str) -> list[dict]:
    odoo_session.run_script(database, WITH_DEMO)
    seen = install(database, ADDONS)
    return [seen, {**uninstall(database, ("energy_carbon",)), "left": left_over(database)}]


@pytest.fixture(scope="module")
def lives():
    """What was seen without and with demo data."""
    if not odoo_session.is_available():
        pytest.fail("no Odoo to test with: run `make test ONLY=tests/end_to_end`")
    with odoo_session.database(os.environ["EC_BASE_DB"]) as plain:
        odoo_session.run_script(plain, ERP)
        with odoo_session.database(plain) as with_demo, ThreadPoolExecutor(2) as pool:
            both = [pool.submit(live_without_demo, plain), pool.submit(live_with_demo, with_demo)]
            yield [one.result() for one in both]


def test_accounting_and_manufacturing_stay_as_they_are(lives):
    for seen in (step for life in lives for step in life):
        assert seen["invoice"] == ["posted", 200.0]
        assert seen["order"] == ["done", 3.0]
        assert seen["next"] == "posted", "another invoice can be posted"
        assert seen["currency"] == lives[0][0]["currency"]
        assert set(seen["states"]) <= {"installed", "uninstalled", "uninstallable"}


def test_each_addon_goes_and_comes_back(lives):
    assert [seen["addons"] for seen in lives[0]] == [ALL, ["energy_carbon"], ALL, []]
    assert [seen["addons"] for seen in lives[1]] == [ALL, []], "what depends on the core goes with it"


def test_demo_plant_comes_only_with_demo_data(lives):
    without, with_demo = lives
    assert without[0]["nodes"] == 0
    assert with_demo[0]["nodes"] > 20


def test_nothing_stays_behind(lives):
    assert [life[-1]["left"] for life in lives] == [{}, {}]
