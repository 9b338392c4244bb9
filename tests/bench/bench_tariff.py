"""Check tariff: the proof of a year, asked as an Energy accountant."""

import json
import os
from collections.abc import Iterator

from tests import odoo_session

RUNS = int(os.environ.get("BENCH_RUNS", "5"))

CHECK = """
import datetime, json, statistics, time
company = env["res.company"].create({"name": "Bench tariff", "country_id": env.ref("base.cn").id})
env.user.company_ids |= company
env = env(context=dict(env.context, allowed_company_ids=company.ids, tracking_disable=True))
new_year = datetime.date(2026, 1, 1)
env["energy.day"].create([
    {"date": new_year + datetime.timedelta(days=step), "holiday": name, "company_id": company.id}
    for first, name in ((46, "spring_festival"), (120, "labour_day"), (273, "national_day")) for step in range(first, first + 7)])
accountant = env["res.users"].create({
    "name": "Bench accountant", "login": "bench_accountant", "company_id": company.id,
    "company_ids": [(6, 0, company.ids)], "group_ids": [(6, 0, env.ref("energy_carbon.group_accountant").ids)]})
env = env(user=accountant)
# Two editions of a real calendar, one of them from the middle of the year, with its price of each month and period.
wizard = env["energy.tariff.from.calendar"].create({
    "calendar_id": env.ref("energy_carbon.calendar_zhejiang_2024").id, "company_id": company.id,
    "energy_type_id": env.ref("energy_carbon.type_el").id})
tariff = env["energy.tariff"].browse(wizard.action_create()["res_id"])
tariff.price_ids = [
    (0, 0, {"date_from": new_year.replace(month=month), "period": period, "price": price})
    for month in range(1, 13)
    for period, price in (("sharp", 1.2), ("peak", 1.0), ("flat", 0.6), ("valley", 0.3), ("deep_valley", 0.2))]
samples = []
for _run in range(RUNS):
    env.flush_all()
    env.invalidate_all()
    begin = time.perf_counter()
    check = env["energy.tariff.check"].create({"tariff_id": tariff.id, "year": 2026})
    env.flush_all()
    samples.append(time.perf_counter() - begin)
assert check.is_complete and len(tariff.version_ids) == 2, check.verdict
print("BENCH " + json.dumps({
    "bench": "check-tariff", "seconds": round(statistics.median(samples), 3), "days": 365,
    "bands": len(tariff.version_ids.band_ids), "target_seconds": 0.5}), flush=True)
"""


def bench_check_tariff() -> Iterator[dict]:
    """Check tariff of a year: 525,600 minutes."""
    with odoo_session.database() as name:
        code = f"RUNS = {RUNS}\n{CHECK}"
        printed = odoo_session.run_script(name, f"exec(compile({code!r}, 'bench', 'exec'), globals())\n")
        for line in printed.splitlines():
            if line.startswith("BENCH "):
                yield json.loads(line.removeprefix("BENCH "))
