"""People save and the scheduled action computes at the same time, in processes and transactions of their own.

In most repetitions the test decides who goes on next at every place that matters (snapshot taken, lock taken or not,
computed but not committed), so that an order that once failed fails again; in the others the processes race.
"""

import random
from datetime import date, timedelta

import pytest

from tests import odoo_session
from tests.end_to_end.workers import all_orders, bring_through, some_order, workers

FIRST = date(2008, 1, 1)
USER_PLACES = ["snapshot", "lock", "computed", "wait"]
FEW_PLACES = ["snapshot", "lock", "computed"]
BATCH_PLACES = ["begin", "step", "lock", "computed", "wait"]
FIGURES = """
    SELECT 'day', indicator_id, date, value FROM energy_value
     WHERE indicator_id = ANY(%s) AND date >= %s AND value IS NOT NULL
     UNION ALL
    SELECT 'month', indicator_id, month, value FROM energy_value_month
     WHERE indicator_id = ANY(%s) AND month >= %s AND value IS NOT NULL
"""


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
        expected = {}
        for number in range(max(0, repetition - 2), repetition + 1):
            begin = month(number)
            inside = {day for typed in self.typed for day in typed if day[:7] == f"{begin:%Y-%m}"}
            days = {day: sum(typed.get(day, 0.0) for typed in self.typed) for day in inside}
            price = self.prices[min(number + 2, repetition)]
            for name, factor in (("total", 1.0), ("cost", price)):
                indicator = self.plant[name]
                expected |= {("day", indicator, day): near(value * factor) for day, value in days.items()}
                expected["month", indicator, begin.isoformat()] = near(sum(days.values()) * factor)
        since = month(max(0, repetition - 2)).isoformat()
        values = [[self.plant["total"], self.plant["cost"]], since]
        found = self.checker.do("rows", query=FIGURES, values=values * 2)
        assert {tuple(row[:3]): row[3] for row in found} == expected, note


def near(value: float) -> object:
    return pytest.approx(value, rel=1e-9, abs=0)


def test_v6_two_users_and_the_batch(team):
    """Different children of one parent and the price, 200 times: every total is that of a full recomputation."""
    scene, picks = TwoWorkshops(team), random.Random(6)
    for repetition in range(200):
        # Races; people's snapshots from before everything else; snapshots from any moment.
        users = [[], USER_PLACES, ["begin", *USER_PLACES]][repetition % 3]
        for number, worker in enumerate(scene.clerks):
            day = month(repetition) + timedelta(days=picks.randrange(3))
            request = scene.save(number, day, float(picks.randrange(1, 1000)))
            worker.send("call", **request, stop_at=users)
        change = scene.new_price(picks.randrange(1, 100) / 16)
        places = BATCH_PLACES if users else []
        scene.batch.send("cron", company=scene.plant["company"], before=change, stop_at=places)
        passed = bring_through([*scene.clerks, scene.batch], some_order(picks, 3))
        scene.check(repetition, (repetition, passed))
        if repetition % 8 == 7:
            since = month(repetition - 9).isoformat()
            changes = scene.checker.do("recompute", company=scene.plant["company"], since=since)
            assert changes == [], (repetition, passed)
    assert scene.checker.do("recompute", company=scene.plant["company"]) == []


# === V5 === #
def save_formula(plant: dict, number: int, coefficients: list[float]) -> dict:
    """A manager's request: the coefficients of his sum's two terms."""
    commands = [
        [1, term, {"coefficient": coefficient}]
        for term, coefficient in zip(plant["terms"][number], coefficients, strict=True)
    ]
    return {
        "model": "energy.indicator",
        "method": "write",
        "arguments": [[plant["sums"][number]], {"term_ids": commands}],
        "user": plant["managers"][number],
        "company": plant["company"],
    }


def type_input(plant: dict, number: int, day: date, value: float) -> dict:
    values = {"indicator_id": plant["inputs"][number], "value": value, "date_from": day.isoformat()}
    return {
        "model": "energy.entry",
        "method": "create",
        "arguments": [[{**values, "date_to": day.isoformat()}]],
        "user": plant["managers"][number],
        "company": plant["company"],
    }


def test_v5_two_formulas_over_the_same_inputs(team):
    """Two users save formulas over the same inputs, or one of them an input, in every order in which it can happen."""
    first, second, batch = team
    plant = batch.do("build", plant="two_formulas")
    company, picks = plant["company"], random.Random(5)
    coefficients, typed = [[1.0, 1.0], [1.0, 1.0]], {}

    def type_next(number: int) -> dict:
        day = month(len(typed))
        typed[day.isoformat()] = number, float(picks.randrange(1, 1000))
        return type_input(plant, number, day, typed[day.isoformat()][1])

    def check(note) -> None:
        batch.do("cron", company=company)
        expected = {}
        for day, (number, value) in typed.items():
            parts = [pair[number] * value for pair in coefficients]
            for indicator, figure in zip([*plant["sums"], plant["top"]], [*parts, sum(parts)], strict=True):
                expected["day", indicator, day] = expected["month", indicator, day] = near(figure)
        found = batch.do("rows", query=FIGURES, values=[[*plant["sums"], plant["top"]], "2000-01-01"] * 2)
        assert {tuple(row[:3]): row[3] for row in found} == expected, note
        assert batch.do("recompute", company=company) == [], note

    def both_formulas(choose) -> None:
        for number, worker in enumerate((first, second)):
            coefficients[number] = [picks.randrange(1, 9) / 4, picks.randrange(1, 9) / 4]
            worker.send("call", **save_formula(plant, number, coefficients[number]), stop_at=FEW_PLACES)
        check(bring_through([first, second], choose))

    def formula_and_input(choose) -> None:
        coefficients[0] = [picks.randrange(1, 9) / 4, picks.randrange(1, 9) / 4]
        first.send("call", **save_formula(plant, 0, coefficients[0]), stop_at=FEW_PLACES)
        second.send("call", **type_next(1), stop_at=FEW_PLACES)
        check(bring_through([first, second], choose))

    for number in (0, 1):
        batch.do("call", **type_next(number))
    assert all_orders(both_formulas) >= 6
    assert all_orders(formula_and_input) >= 6


# === V7 === #
BY_PLACE = {
    "days": """
        SELECT n.name, t.code, v.date, v.value, v.coal, v.cost, v.expected, v.present, v.quality, v.origin, v.reason
          FROM energy_value v JOIN energy_node n ON n.id = v.node_id
          JOIN energy_indicator_template t ON t.id = v.template_id WHERE v.company_id = %s ORDER BY 1, 2, 3""",
    "months": """
        SELECT n.name, t.code, v.month, v.value, v.coal, v.cost, v.expected, v.present, v.quality
          FROM energy_value_month v JOIN energy_node n ON n.id = v.node_id
          JOIN energy_indicator_template t ON t.id = v.template_id WHERE v.company_id = %s ORDER BY 1, 2, 3""",
    "profiles": """
        SELECT n.name, t.code, p.date, p.slots FROM energy_profile p JOIN energy_indicator i ON i.id = p.indicator_id
          JOIN energy_node n ON n.id = i.node_id JOIN energy_indicator_template t ON t.id = i.template_id
         WHERE i.company_id = %s ORDER BY 1, 2, 3""",
}
LEFT = """
    SELECT (SELECT COUNT(*) FROM energy_dirty WHERE company_id = %s),
           (SELECT COUNT(*) FROM energy_value WHERE company_id = %s)
"""


def test_v7_the_batch_is_killed(team, database):
    """Killed while it computes, twice, the batch goes on where it was and ends as if nothing had happened."""
    first, second, _third = team
    for worker in (first, second):
        worker.do("settings", at_once=1, a_step=500, claim=20)
    undisturbed = first.do("build", plant="many_readings", name="Quiet", meters=8, days=120)["company"]
    first.do("cron", company=undisturbed)
    disturbed = first.do("build", plant="many_readings", name="Killed", meters=8, days=120)["company"]
    stored = []
    for steps in (1, 3):
        with workers(database, 1) as (doomed,):
            doomed.do("settings", at_once=1, a_step=500, claim=20)
            doomed.send("cron", company=disturbed, stop_at=["step", "written"])
            doomed.answer()
            begun = 0
            while begun < steps or doomed.place != "written":  # then it is in the open transaction of a step
                begun += doomed.place == "step"
                doomed.go_on()
                doomed.answer()
            doomed.kill()
        second.do("wait_for_lock", company=disturbed)
        [[left, values]] = second.do("rows", query=LEFT, values=[disturbed] * 2)
        assert left, "the batch had finished before it was killed"
        stored.append(values)
    assert stored[0] == 0 < stored[1], "killed once before anything was kept, once after a part was"
    second.do("cron", company=disturbed)
    for name, query in BY_PLACE.items():
        expected, found = (second.do("rows", query=query, values=[company]) for company in (undisturbed, disturbed))
        assert len(expected) > 5
        assert found == expected, name
    assert second.do("recompute", company=disturbed) == []


# === WHAT HAPPENS BESIDES === #
def test_settings_changed_while_the_batch_runs(team):
    """Every step works with the settings of its own moment: the day begins at another hour from the second step on."""
    first, second, _third = team
    first.do("settings", at_once=1, a_step=300, claim=5)
    second.do("settings", at_once=1)
    company = first.do("build", plant="many_readings", name="Settings", meters=4, days=100)["company"]
    first.send("cron", company=company, stop_at=["step"])
    first.answer()
    first.go_on()
    first.answer()
    assert first.place == "step", "the first step is done and the second not begun"
    second.do("write", model="res.company", ids=[company], values={"energy_start_hour": 8})
    bring_through([first], min)
    second.do("cron", company=company)
    assert second.do("recompute", company=company) == []


def test_one_bad_meter_does_not_stop_the_others(team):
    """A ratio below zero, which no screen lets pass, makes one meter impossible to compute: the others go on."""
    first, second, _third = team
    first.do("settings", at_once=1, a_step=300, claim=5)
    plant = first.do("build", plant="many_readings", name="Bad Meter", meters=12, days=40)
    bad, company = plant["counters"][5], plant["company"]
    spoil = """UPDATE energy_node n SET ct_primary = %s, ct_secondary = 5 FROM energy_indicator i
                WHERE i.node_id = n.id AND i.id = %s RETURNING n.id"""
    [[node]] = second.do("rows", query=spoil, values=[-5, bad])
    second.do("write", model="energy.indicator", ids=[bad], values={"secondary_side": True})
    first.do("cron", company=company)
    counts = """SELECT COUNT(DISTINCT indicator_id) FILTER (WHERE value IS NOT NULL),
                       COUNT(*) FILTER (WHERE indicator_id = %s AND value IS NOT NULL) FROM energy_value
                 WHERE company_id = %s AND date = '2025-01-20'"""
    others = 11 + 4 + 2  # meters, workshops, the plant's consumption and cost
    assert second.do("rows", query=counts, values=[bad, company]) == [[others, 0]]
    left = "SELECT DISTINCT indicator_id FROM energy_dirty WHERE company_id = %s"
    assert second.do("rows", query=left, values=[company]) == [[bad]]
    [[error]] = second.do("rows", query="SELECT error FROM energy_calculation WHERE company_id = %s", values=[company])
    assert "M5 / Total forward active energy: ValueError: A multiplier must be a positive number." in error
    second.do("write", model="energy.node", ids=[node], values={"ct_primary": 5})
    first.do("cron", company=company)
    assert second.do("rows", query=counts, values=[bad, company]) == [[others + 1, 1]]
    assert second.do("rows", query=left, values=[company]) == []
    assert second.do("recompute", company=company) == []


def test_readings_dropped_while_somebody_saves(odoo_database):
    """Whoever still sees the dropped readings starts over, and computes with what was stored."""
    with workers(odoo_database, 2) as (first, second):
        drop_while_saving(first, second)


def drop_while_saving(first, second) -> None:
    plant = first.do("build", plant="many_readings", name="Dropping", meters=2, days=95)
    first.do("cron", company=plant["company"])
    query = "SELECT date, value FROM energy_value WHERE indicator_id = %s ORDER BY date"
    before = second.do("rows", query=query, values=[plant["top"]])
    values = {"tariff_id": plant["tariff"], "date_from": "2025-01-01", "price": 3.0, "uom_id": plant["uom"]}
    request = {"model": "energy.tariff.price", "method": "create", "arguments": [[values]], "user": plant["manager"]}
    first.send("call", **request, company=plant["company"], stop_at=["snapshot"])
    first.answer()
    second.do("drop_readings", months=2)
    [[left]] = second.do("rows", query="SELECT COUNT(*) FROM energy_reading_raw WHERE time < '2025-04-01'")
    assert left < 20, "the readings are gone"
    assert bring_through([first], min) == ["0:snapshot", "0:snapshot"]
    assert second.do("rows", query=query, values=[plant["top"]]) == before
    costs = second.do("rows", query=query, values=[plant["cost"]])
    assert costs == [[day, near(3.0 * value)] for day, value in before]
    assert second.do("recompute", company=plant["company"]) == []
