"""A process with an Odoo of its own that works for a test: one registry, real connections, real commits.

``python odoo_worker.py CONFIG DATABASE`` reads commands as lines of JSON, ``{"do": name, ...}``, and answers each with
``{"done": result}`` or ``{"error": traceback}``. On its way it stops at named places, ``{"at": place}``, until the next
line; so a test decides in which order several workers come through. What a command does is a function of
:data:`COMMANDS`; the test imports nothing of this.
"""

import functools
import json
import os
import sys
import time
import traceback
from types import SimpleNamespace

import odoo.service.model
from odoo import api
from odoo.modules.registry import Registry
from odoo.service.model import call_kw, retrying
from odoo.tools import config

from tests.end_to_end.concurrency_plant import BUILDERS

COMMANDS = {}
ANSWERS = os.fdopen(os.dup(1), "w")


def command(function):
    COMMANDS[function.__name__] = function
    return function


def answer(**message) -> None:
    ANSWERS.write(json.dumps(message) + "\n")
    ANSWERS.flush()


class Worker:
    """The state of this process."""

    def __init__(self, registry):
        self.registry = registry
        self.places: set[str] = set()
        self._watch()

    def stop_at(self, place: str) -> None:
        """Tell where we are, and wait for the test to let us go on."""
        if place in self.places:
            answer(at=place)
            sys.stdin.readline()

    def _watch(self) -> None:
        """Make the calculation stop at places that matter; waiting before a retry is one of them."""
        model = self.registry["energy.calculation"]
        for name, before, after in (("_lock", "", "lock"), ("_forget", "computed", ""), ("_next_step", "step", "")):
            setattr(model, name, self._stopping(getattr(model, name), before, after))
        run = sys.modules["odoo.addons.energy_carbon.calculation.run"].Run
        run.compute = self._stopping(run.compute, "", "written")
        odoo.service.model.time = batch().time = SimpleNamespace(sleep=self._wait)

    def _wait(self, seconds: float) -> None:
        """Wait before a retry as Odoo does, in a fiftieth of the time: without, all five tries can fall into one race."""
        self.stop_at("wait")
        time.sleep(seconds / 50)

    def _stopping(self, method, before: str, after: str):
        @functools.wraps(method)
        def stopping(record, *arguments):
            self.stop_at(before)
            result = method(record, *arguments)
            self.stop_at(after)
            return result

        return stopping

    def environment(self, cursor, user=api.SUPERUSER_ID, company=None):
        return api.Environment(cursor, user, {"allowed_company_ids": [company]} if company else {})

    def run(self, line: str) -> None:
        given = json.loads(line)
        self.places = set(given.pop("stop_at", ()))
        work = COMMANDS[given.pop("do")]
        try:
            with self.registry.cursor() as cursor:
                result = work(self, cursor, **given)
        except Exception:
            answer(error=traceback.format_exc())
        else:
            answer(done=result)


def batch():
    return sys.modules["odoo.addons.energy_carbon.models.energy_calculation_batch"]


@command
def settings(_worker, _cursor, at_once=None, a_step=None, claim=None):
    """Small limits, so that a small plant is worked in many steps."""
    immediate = sys.modules["odoo.addons.energy_carbon.models.energy_calculation"]
    immediate.CELLS_AT_ONCE = at_once or immediate.CELLS_AT_ONCE
    batch().CELLS_A_STEP, batch().CLAIM = a_step or batch().CELLS_A_STEP, claim or batch().CLAIM


@command
def build(worker, cursor, plant, **given):
    """Build a plant of concurrency_plant.py."""
    return BUILDERS[plant](worker.environment(cursor), **given)


@command
def call(worker, cursor, model, method, arguments, user, company):
    """Call a public method as an RPC does: with retries, and a commit at the end."""
    worker.stop_at("begin")
    env = worker.environment(cursor, user, company)

    def work():
        cursor.execute("SELECT 1")  # from here on this transaction sees what was committed until now
        worker.stop_at("snapshot")
        return call_kw(env[model], method, arguments, {})

    return bool(retrying(work, env))


@command
def cron(worker, cursor, company, before=None):
    """Run the scheduled action, perhaps after a change that is left to it.

    :param before: arguments of :func:`call`
    """
    if before:
        call(worker, cursor, company=company, **before)
    with worker.registry.cursor() as own:
        worker.environment(own)["energy.calculation"]._cron_process()


@command
def drop_readings(worker, cursor, months):
    """Keep readings for so many months, and let the daily step drop the others."""
    env = worker.environment(cursor)
    env["ir.config_parameter"].set_param("energy_carbon.reading_retention_months", str(months))
    env["energy.reading"]._drop_old()


@command
def write(worker, cursor, model, ids, values):
    """What an administrator does in a moment, committed at once."""
    worker.environment(cursor)[model].browse(ids).write(values)


@command
def wait_for_lock(_worker, cursor, company):
    """Come back when nobody computes for the company any more."""
    cursor.execute("SELECT id FROM energy_calculation WHERE company_id = %s FOR UPDATE", [company])


@command
def rows(_worker, cursor, query, values=()):
    """What a query gives."""
    cursor.execute(query, values)
    return [[str(one) if hasattr(one, "isoformat") else one for one in row] for row in cursor.fetchall()]


@command
def recompute(worker, cursor, company, since=None):
    """What a full recomputation from a day on would change in days with a figure and in months; nothing is kept.

    :return: rows that would go or come, with everything that is computed
    """
    calculation = worker.environment(cursor)["energy.calculation"]
    before = figures(cursor, company)
    cursor.execute(
        """INSERT INTO energy_dirty (indicator_id, company_id, date_from, amounts_hold, cost_holds)
           SELECT id, company_id, %s, FALSE, FALSE FROM energy_indicator WHERE company_id = %s AND source <> 'computed'""",
        [since, company],
    )
    calculation._process(calculation.env["res.company"].browse(company))
    after = figures(cursor, company)
    cursor.rollback()
    return sorted(before ^ after)


def figures(cursor, company: int) -> set[str]:
    """All days with a figure, months and profiles of a company, as text."""
    found = set()
    for table, rows in (
        ("energy_value", "SELECT * FROM energy_value WHERE value IS NOT NULL"),
        ("energy_value_month", "SELECT * FROM energy_value_month"),
        ("energy_profile", "SELECT p.*, company_id FROM energy_profile p JOIN energy_indicator i ON i.id = indicator_id"),
    ):
        cursor.execute(f"SELECT %s || (to_jsonb(r) - 'id')::text FROM ({rows}) r WHERE company_id = %s", [table, company])
        found.update(row[0] for row in cursor.fetchall())
    return found


def main() -> None:
    path, database = sys.argv[1:]
    sys.argv[1:] = []
    config.parse_config(["-c", path, "-d", database, "--log-level=error", "--no-http"], setup_logging=True)
    worker = Worker(Registry(database))
    answer(done="ready")
    while line := sys.stdin.readline():
        worker.run(line)


if __name__ == "__main__":
    main()
