"""People save and the scheduled action computes at the same time, in processes and transactions of their own.

In most repetitions the test decides who goes on next at every place that matters (snapshot taken, lock taken or not,
computed but not committed), so that an order that once failed fails again; in the others the processes race.
"""

import random
from datetime import date, timedelta

import pytest

from tests import odoo_session

from tests.end_to_end.workers import all_orders, bring_through, workers

FIRST = date(2008, 1, 1)
USER_PLACES = ["begin", "snapshot", "lock", "computed", "wait"]
BATCH_PLACES = ["begin", "step", "lock", "computed", "wait"]
DAYS = """SELECT date, value FROM energy_value
           WHERE indicator_id = %s AND date_trunc('month', date) = %s AND value IS NOT NULL"""
MONTH = "SELECT value FROM energy_value_month WHERE indicator_id = %s AND month = %s AND value IS NOT NULL"


@pytest.fixture(scope="module")
def database():
    if not odoo_session.is_available():
        pytest.fail("no Odoo to test with: run `make test ONLY=tests/end_to_end`")
    with odoo_session.database() as name:
        yield name


@pytest.fixture(scope="module")
def team(database):
    with workers(database, 3) as started:
        yield started


# === V6 === #
def month(number: int) -> date:
    return date(FIRST.year + (FIRST.month - 1 + number) // 12, (FIRST.month - 1 + number) % 12 + 1, 1)


class TwoWorkshops:
    """The plant of two clerks and a manager, and what its figures must be by plain arithmetic.

    Every repetition types into a month of its own. So no row of days or months that the three write in common makes
    PostgreSQL notice that one of them has an old snapshot: only the rule of the calculation row does.
    """

    def __init__(self, team):
        self.clerks, self.batch, self.checker = team[:2], team[2], team[0]
        self.plant = self.checker.do("build", plant="two_workshops")
        self.batch.do("settings", at_once=1, a_step=100, claim=20)
        self.typed: list[dict[str, float]] = [{}, {}]
        self.prices: list[float] = []

    def save(self, number: int, day: date, value: float) -> dict:
        """The clerk's request: a figure of his workshop."""
        child, key = self.plant["children"][number], day.isoformat()
        self.typed[number][key] = value
        change = {"indicator_id": child, "date": key, "value": value, "reason": None, "version": None}
        return {
            "model": "energy.indicator",
            "method": "entry_save",
            "arguments": [[change], [["id", "=", child]], key, key],
            "user": self.plant["clerks"][number],
            "company": self.plant["company"],
        }

    def new_price(self, price: float) -> dict:
        """The manager's request: a price from two months ago on, which is too much to be computed at once."""
        begin = month(len(self.prices) - 2)
        self.prices.append(price)
        values = {"tariff_id": self.plant["tariff"], "date_from": begin.isoformat(), "price": price}
        values["uom_id"] = self.plant["uom"]
        arguments = [[values]]
        return {"model": "energy.tariff.price", "method": "create", "arguments": arguments, "user": self.plant["manager"]}

    def check(self, repetition: int, note) -> None:
        """Compare this month and the last two with the sum of what was typed, and the cost with the prices."""
        self.batch.do("cron", company=self.plant["company"])
        for number in range(max(0, repetition - 2), repetition + 1):
            begin = month(number)
            inside = {day for typed in self.typed for day in typed if day[:7] == f"{begin:%Y-%m}"}
            days = {day: sum(typed.get(day, 0.0) for typed in self.typed) for day in inside}
            price = self.prices[min(number + 2, repetition)]
            for name, factor in (("total", 1.0), ("cost", price)):
                found = dict(self.checker.do("rows", query=DAYS, values=[self.plant[name], begin.isoformat()]))
                assert found == {day: near(value * factor) for day, value in days.items()}, (name, note)
                found = self.checker.do("rows", query=MONTH, values=[self.plant[name], begin.isoformat()])
                assert found == [[near(sum(days.values()) * factor)]], (name, note)
        since = month(max(0, repetition - 2)).isoformat()
        assert self.checker.do("recompute", company=self.plant["company"], since=since) == [], note


def near(value: float) -> object:
    return pytest.approx(value, rel=1e-9, abs=0)


def test_v6_two_users_and_the_batch(team):
    """Different children of one parent and the price, 200 times: every total is that of a full recomputation."""
    scene, picks = TwoWorkshops(team), random.Random(6)
    for repetition in range(200):
        decided = repetition % 4 != 3
        for number, worker in enumerate(scene.clerks):
            day = month(repetition) + timedelta(days=picks.randrange(3))
            request = scene.save(number, day, float(picks.randrange(1, 1000)))
            worker.send("call", **request, stop_at=USER_PLACES if decided else [])
        change = scene.new_price(picks.randrange(1, 100) / 16)
        places = BATCH_PLACES if decided else []
        scene.batch.send("cron", company=scene.plant["company"], before=change, stop_at=places)
        passed = bring_through([*scene.clerks, scene.batch], picks.randrange)
        scene.check(repetition, (repetition, passed))
    assert scene.checker.do("recompute", company=scene.plant["company"]) == []
