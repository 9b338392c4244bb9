"""A large plant: meters, devices, workshops and days of counters. Its script runs inside Odoo's shell.

For `make demo-large` and the benchmarks. Everything is made through the models but for the readings, which are appended
in bulk as acquisition does. What is computed from them is left to whoever builds the plant.
"""

from datetime import date

# A day of five periods, with half-hour bounds and a band across midnight.
BANDS = [
    ("sharp", 19.5, 21.5),
    ("peak", 8.0, 11.0),
    ("peak", 16.0, 19.5),
    ("valley", 23.0, 2.0),
    ("deep_valley", 2.0, 6.0),
]
PRICES = {"sharp": 1.14, "peak": 0.95, "flat": 0.622, "valley": 0.3555, "deep_valley": 0.28}

BUILD = """
import datetime, time
import numpy as np

METERS, DEVICES, WORKSHOPS, DAYS = {shape}
first = datetime.date.fromisoformat("{first}")
company = env["res.company"].create({{"name": {name!r}}})
env.user.company_ids |= company
env = env(context=dict(env.context, allowed_company_ids=company.ids, tracking_disable=True))
electricity = env.ref("energy_carbon.type_el")
env["energy.tariff"].create({{
    "name": "Power", "energy_type_id": electricity.id, "company_id": company.id, "kind": "tou",
    "version_ids": [(0, 0, {{
        "date_from": datetime.date(2020, 1, 1), "default_period": "flat",
        "band_ids": [(0, 0, {{"period": period, "start": start, "end": end}}) for period, start, end in {bands}],
    }})],
    "price_ids": [(0, 0, {{"date_from": datetime.date(2020, 1, 1), "period": period, "price": price}})
                  for period, price in {prices}.items()],
}})
node = lambda values: env["energy.node"].create([dict(one, company_id=company.id) for one in values])
plant = node([{{"name": "Plant", "kind": "unit", "unit_type": "plant"}}])
workshops = node([{{"name": f"W{{i}}", "kind": "unit", "unit_type": "workshop", "parent_id": plant.id}}
                  for i in range(WORKSHOPS)])
devices = node([{{"name": f"D{{i}}", "kind": "device", "parent_id": workshops[i % WORKSHOPS].id}} for i in range(DEVICES)])
meters = node([{{"name": f"M{{i}}", "kind": "meter", "energy_type_id": electricity.id, "parent_id": devices[i % DEVICES].id}}
               for i in range(METERS)])
template = {{t.code: t for t in env["energy.indicator.template"].search([])}}
Indicator, Term = env["energy.indicator"], env["energy.indicator.term"]

def add(nodes, code):
    return Indicator.create([{{"node_id": one.id, "template_id": template[code].id}} for one in nodes])

forward = add(meters, "EL.FWD")
consumption = {{}}
for level, nodes in (("device", devices), ("workshop", workshops), ("plant", plant)):
    consumption[level] = add(nodes, "EL.CONS")
by_node = {{i.node_id.id: i for i in [*forward, *consumption["device"], *consumption["workshop"], *consumption["plant"]]}}
terms = []
for below in (meters, devices, workshops):
    terms += [{{"indicator_id": by_node[one.parent_id.id].id, "source_id": by_node[one.id].id}} for one in below]
for nodes in (meters, devices, workshops, plant):
    for code in {derived}:
        for indicator in add(nodes, code):
            terms.append({{"indicator_id": indicator.id, "source_id": by_node[indicator.node_id.id].id}})
Term.create(terms)
rng = np.random.default_rng(7)
n = DAYS * 86400 // {step} + 1
# Midnight in China.
start = int(datetime.datetime.combine(first, datetime.time(), datetime.timezone(datetime.timedelta(hours=8))).timestamp())
times = start + {step} * np.arange(n)
registers = np.cumsum(rng.uniform(0.0, 20.0, (METERS, n)), axis=1)

def append(column_first, column_last):
    part = slice(column_first, column_last)
    width = len(times[part])
    return env["energy.reading"]._append(
        np.repeat(forward.ids, width), np.tile(times[part], METERS), registers[:, part].ravel())

append(0, n)
env.cr.execute("DELETE FROM energy_dirty")
env.cr.precommit.clear()
env.cr.commit()
"""


def script(
    shape: tuple[int, int, int, int],
    first: date,
    derived: tuple[str, ...] = ("T.TCE",),
    step: int = 900,
    name: str = "Large Plant",
) -> str:
    """The script that builds the plant, in a company of its own; ``forward`` are its meters' counters afterwards.

    :param shape: number of meters, devices, workshops, days
    :param first: first day of the readings
    :param derived: codes of the templates added at every node beside the amounts
    :param step: seconds between two readings
    """
    return BUILD.format(shape=repr(shape), derived=repr(derived), bands=BANDS, prices=PRICES, step=step, first=first, name=name)
