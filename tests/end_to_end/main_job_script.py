"""Runs inside Odoo's shell: an Energy manager's plant, read over Modbus by the scheduled action with an injected clock.

``test_main_job`` puts ``TIMES`` (epoch seconds and the registers at that moment), ``XLSX`` (where to write the report)
and ``DAY`` in front of this text; what it prints last is one line of JSON.
"""
# ruff: noqa: F821, T201 - env and the names above come from the shell and the test, which reads what is printed

import json
from pathlib import Path

from odoo.fields import Command

from tests.peers import LibmodbusServer

MEASURES = ("value", "coal", "carbon", "cost", "quality")


def create_manager(env):
    """An Energy manager of a new company, and the environment in which he works."""
    company = env["res.company"].create({"name": "End to End Works", "currency_id": env.ref("base.CNY").id})
    manager = env["res.users"].create(
        {
            "name": "Manager",
            "login": "end_to_end_manager",
            "tz": "Asia/Shanghai",
            "company_id": company.id,
            "company_ids": [Command.set(company.ids)],
            "group_ids": [Command.set(env.ref("energy_carbon.group_manager").ids)],
        }
    )
    return env(user=manager.id, context={"lang": "en_US", "tz": "Asia/Shanghai", "allowed_company_ids": company.ids})


def define_plant(env, port):
    """Plant > W1 > press > meter 1 (primary side), plant > W2 > fan > meter 2 (secondary side, CT 200/5)."""
    nodes = env["energy.node"]
    electricity = env.ref("energy_carbon.type_el")
    plant = nodes.create({"name": "Plant", "kind": "unit", "unit_type": "plant"})
    gateway = env["energy.modbus.gateway"].create(
        {"name": "Line", "host": "127.0.0.1", "port": port, "node_id": plant.id}
    )
    made = {"Plant": plant}
    for number, table, values in (
        (1, "map_acrel_adl400", {}),
        (2, "map_acrel_dtsd1352", {"ct_primary": 200, "ct_secondary": 5}),
    ):
        workshop = nodes.create({"name": f"W{number}", "kind": "unit", "unit_type": "workshop", "parent_id": plant.id})
        device = nodes.create({"name": f"Device {number}", "kind": "device", "parent_id": workshop.id})
        meter = nodes.create(
            {
                "name": f"Meter {number}",
                "kind": "meter",
                "parent_id": device.id,
                "energy_type_id": electricity.id,
                "modbus_gateway_id": gateway.id,
                "modbus_unit": number,
                "modbus_map_id": env.ref(f"energy_carbon_modbus.{table}").id,
                **values,
            }
        )
        made |= {f"W{number}": workshop, f"Device {number}": device, f"Meter {number}": meter}
    return made, gateway


def define_figures(env, made):
    """Bottom-up, as a manager does it with the picker: indicators, their formulas, a price."""
    templates = {code: env["energy.indicator.template"].search([("code", "=", code)]).id for code in CODES}
    for node in made.values():
        if node.kind == "meter":
            env["energy.indicator"].picker_add(node.id, [templates["EL.FWD"]])
    for kind in ("device", "unit"):
        for node in sorted((node for node in made.values() if node.kind == kind), key=lambda node: -node.depth):
            env["energy.indicator"].picker_add(node.id, [templates[code] for code in CODES if code != "EL.FWD"])
    env["energy.tariff"].create(
        {
            "name": "Electricity",
            "energy_type_id": env.ref("energy_carbon.type_el").id,
            "price_ids": [Command.create({"date_from": "2024-01-01", "price": PRICE})],
        }
    )


def poll_all(env, server):
    """Let the scheduled action run at each moment, with the meters showing what they show then."""
    gateways = env(su=True, user=1, context={})["energy.modbus.gateway"]
    for seconds, first, second in TIMES:
        server.set(1, 3, 0x084C, first)
        server.set(2, 3, 0x000A, second)
        assert gateways._poll_due(seconds) == 1, f"not due at {seconds}"


def figures(env, made):
    """Figures of the day by node name and template code."""
    found = {}
    for name, node in made.items():
        rows = env["energy.value"].search([("node_id", "=", node.id), ("date", "=", DAY)])
        found[name] = {row.template_id.code: {measure: row[measure] for measure in MEASURES} for row in rows}
    return found


def main(env):
    with LibmodbusServer(strict=True) as server:
        manager = create_manager(env)
        made, gateway = define_plant(manager, server.port)
        define_figures(manager, made)
        gateway.action_polling_on()
        env.cr.commit()
        poll_all(env, server)
        env.cr.commit()
        # The real scheduled action, at the real time: it runs, and reads once more.
        env.ref("energy_carbon_modbus.ir_cron_energy_modbus_poll").method_direct_trigger()
        env.cr.commit()  # it ran in a transaction of its own, which this one's snapshot does not see
    manager.invalidate_all()
    report = manager["energy.report.wizard"].create(
        {"node_id": made["Plant"].id, "period_kind": "day", "date_from": DAY, "date_to": DAY, "levels": "devices"}
    )
    Path(XLSX).write_bytes(report._xlsx())
    polls = manager["energy.modbus.poll"].search([("gateway_id", "=", gateway.id)])
    print(
        json.dumps(
            {
                "figures": figures(manager, made),
                "gateway": gateway.state,
                "errors": [error for error in polls.mapped("error") if error],
                "stored": sum(polls.mapped("stored")),
                "polls": len(polls),
            }
        )
    )


main(env)
