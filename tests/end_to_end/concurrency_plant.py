"""Plants for the tests of concurrency; runs inside a worker, as the people would build them."""

from datetime import UTC, datetime

import numpy as np

from odoo.fields import Command


def _user(env, company, role: str, nodes=()) -> int:
    user = env["res.users"].create(
        {
            "name": f"{role} of {company.name}",
            "login": f"{role}_{company.id}_{env['res.users'].search_count([])}",
            "tz": "Asia/Shanghai",
            "company_id": company.id,
            "company_ids": [Command.set(company.ids)],
            "group_ids": [Command.set(env.ref(f"energy_carbon.group_{role}").ids)],
        }
    )
    if nodes:
        user.energy_node_ids = nodes
    return user.id


class Plant:
    """A company with a plant; indicators by template code."""

    def __init__(self, env, name: str):
        number = env["res.company"].search_count([])
        self.company = env["res.company"].create({"name": f"{name} {number}"})
        env.user.company_ids |= self.company
        context = {"allowed_company_ids": self.company.ids, "tracking_disable": True}
        self.env = env(context=context)
        self.root = self.node("Plant", unit_type="plant")

    def node(self, name: str, **values):
        values = {"name": name, "kind": "unit", "company_id": self.company.id, **values}
        return self.env["energy.node"].create(values)

    def indicator(self, node, code: str, sources=(), **values):
        template = self.env["energy.indicator.template"].search([("code", "=", code)])
        terms = [Command.create({"source_id": source.id}) for source in sources]
        values = {"node_id": node.id, "template_id": template.id, "term_ids": terms, **values}
        return self.env["energy.indicator"].create(values)

    def price(self):
        electricity = self.env.ref("energy_carbon.type_el")
        return self.env["energy.tariff"].create(
            {
                "name": "Electricity",
                "energy_type_id": electricity.id,
                "company_id": self.company.id,
                "price_ids": [
                    Command.create({"date_from": "2000-01-01", "price": 1.0, "uom_id": electricity.uom_id.id})
                ],
            }
        )


def two_workshops(env) -> dict:
    """Two workshops whose figures clerks type, their plant with consumption, cost and coal, a manager with the price."""
    plant = Plant(env, "Two Workshops")
    workshops = [plant.node(f"W{number}", unit_type="workshop", parent_id=plant.root.id) for number in (1, 2)]
    children = [plant.indicator(node, "EL.CONS", source="entered") for node in workshops]
    total = plant.indicator(plant.root, "EL.CONS", children)
    tariff = plant.price()
    above = [plant.indicator(plant.root, code, total) for code in ("EL.COST", "EL.TCE", "T.TCE")]
    return {
        "company": plant.company.id,
        "children": [child.id for child in children],
        "total": total.id,
        "cost": above[0].id,
        "tariff": tariff.id,
        "uom": tariff.price_ids.uom_id.id,
        "clerks": [_user(env, plant.company, "clerk", node) for node in workshops],
        "manager": _user(env, plant.company, "manager"),
    }


def two_formulas(env) -> dict:
    """Two sums over the same two inputs, and a sum of both; two managers."""
    plant = Plant(env, "Two Formulas")
    inputs = [
        plant.indicator(plant.node(f"W{number}", parent_id=plant.root.id), "EL.CONS", source="entered")
        for number in (1, 2)
    ]
    halls = [plant.node(f"Hall {number}", parent_id=plant.root.id) for number in (1, 2)]
    sums = [plant.indicator(hall, "EL.CONS", inputs, whole_company=True) for hall in halls]
    top = plant.indicator(plant.root, "EL.CONS", sums)
    return {
        "company": plant.company.id,
        "inputs": [one.id for one in inputs],
        "terms": [one.term_ids.ids for one in sums],
        "sums": [one.id for one in sums],
        "top": top.id,
        "managers": [_user(env, plant.company, "manager") for _number in (1, 2)],
    }


def many_readings(env, name: str, meters: int, days: int, begin: str = "2025-01-01") -> dict:
    """Meters with hourly counters in four workshops; nothing is computed yet."""
    plant = Plant(env, name)
    tariff = plant.price()
    workshops = [plant.node(f"W{number}", parent_id=plant.root.id) for number in range(4)]
    counters = []
    for number in range(meters):
        parent = workshops[number % len(workshops)]
        electricity = env.ref("energy_carbon.type_el").id
        node = plant.node(f"M{number}", kind="meter", parent_id=parent.id, energy_type_id=electricity)
        counters.append(plant.indicator(node, "EL.FWD", source="collected"))
    sums = [
        plant.indicator(node, "EL.CONS", [one for one in counters if one.node_id.parent_id == node])
        for node in workshops
    ]
    top = plant.indicator(plant.root, "EL.CONS", sums)
    cost = plant.indicator(plant.root, "EL.COST", top)
    hours = days * 24 + 1
    start = int(datetime.fromisoformat(begin).replace(tzinfo=UTC).timestamp())
    steps = np.random.default_rng(5).uniform(0.0, 9.0, (meters, hours))
    plant.env["energy.reading"]._append(
        np.repeat([one.id for one in counters], hours),
        np.tile(start + 3600 * np.arange(hours), meters),
        np.cumsum(steps, axis=1).ravel(),
    )
    return {
        "company": plant.company.id,
        "counters": [one.id for one in counters],
        "top": top.id,
        "cost": cost.id,
        "tariff": tariff.id,
        "uom": tariff.price_ids.uom_id.id,
        "manager": _user(env, plant.company, "manager"),
    }


BUILDERS = {function.__name__: function for function in (two_workshops, two_formulas, many_readings)}
