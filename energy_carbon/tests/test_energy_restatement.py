"""The journal of restatements: what is noted, with which figures before and after, and who sees it."""

import random
from datetime import date, datetime, timedelta
from unittest.mock import patch

from odoo.exceptions import AccessError, UserError
from odoo.fields import Command
from odoo.tests import new_test_user, tagged

from .lock_case import AUGUST, DAY, FREE, JULY, JUNE, LockCase


@tagged("post_install", "-at_install")
class TestEnergyRestatement(LockCase):
    """A change of the past in an open month: all levels follow, and the journal says so."""

    def test_r1_price(self):
        self.tariff.price_ids = [
            Command.create({"date_from": DAY, "price": 0.8, "uom_id": self.tariff.uom_id.id, "note": "Bill of July"})
        ]
        self.compute()
        for indicator, amount in ((self.forward_1, 100), (self.consumption_1, 100), (self.consumption, 130)):
            self.assert_near(self.row(indicator, DAY)["cost"], amount * 0.8)
            self.assert_near(self.row(indicator, DAY - timedelta(days=1))["cost"], amount * 0.7)
        self.assert_near(self.row(self.cost, DAY)["value"], 104.0)
        self.assert_near(self.month(self.cost, JULY)["value"], 130 * (4 * 0.7 + 6 * 0.8))
        line = self.journal("price")
        self.assertEqual((line.old_text, line.reason, line.state), ("", "Bill of July", "done"))
        self.assertRegex(line.new_text, "0.8 ")
        self.assertEqual((line.date_from, line.date_to), (DAY, date(2026, 8, 19)))
        self.assertEqual(line.node_ids, self.plant)
        self.assertGreaterEqual(line.changed, 6 * 16, "16 days of two meters, two workshops, the plant and its cost")
        july = line.line_ids.filtered(lambda one: one.indicator_id == self.consumption and one.month == JULY)
        self.assert_near(july.cost_before, 910.0)
        self.assert_near(july.cost_after, 988.0)
        self.assertEqual((july.value_before, july.value_after), (1300.0, 1300.0))
        self.assertEqual((july.value_text, july.cost_text), ("1,300.000", "910.000 → 988.000"))
        self.assertNotIn(JUNE, line.line_ids.mapped("month"))

    def test_r2_factor(self):
        self.factor.value = 0.5
        self.compute()
        for indicator, amount in ((self.forward_1, 100), (self.consumption_1, 100), (self.consumption, 130)):
            self.assert_near(self.row(indicator, DAY)["carbon"], amount * 0.5)
        line = self.journal("factor")
        self.assertRegex(line.old_text, "^0.6 kgCO₂/kWh")
        self.assertRegex(line.new_text, "^0.5 kgCO₂/kWh")
        self.assertEqual((line.res_model, line.res_id), ("energy.factor", self.factor.id))
        june = line.line_ids.filtered(lambda one: one.indicator_id == self.consumption and one.month == JUNE)
        self.assertEqual(june.carbon_text, "780.000 → 650.000")
        self.assertEqual(line.action_open_record()["res_id"], self.factor.id)
        self.assertEqual(june.action_explain()["params"]["date_to"], "2026-06-30")

    def test_r4_move_as_of_a_past_date(self):
        self.meter_1.with_context(energy_move_date=DAY).parent_id = self.workshop_2
        self.compute()
        for indicator, before, after in (
            (self.consumption_1, 100.0, None),
            (self.consumption_2, 30.0, 130.0),
            (self.consumption, 130.0, 130.0),
        ):
            self.assertEqual(self.row(indicator, DAY - timedelta(days=1))["value"], before)
            self.assertEqual(self.row(indicator, DAY)["value"], after)
        line = self.journal("move")
        self.assertEqual((line.old_text, line.new_text), ("Plant A / W1", "Plant A / W2"))
        self.assertEqual(line.date_from, DAY)
        self.assertTrue(line.changed)
        self.assertFalse(line.line_ids, "the plant's months are what they were")

    def test_move_between_plants(self):
        other = self.node("Plant B", "unit", unit_type="plant")
        self.formula(self.add(other, "EL.CONS"))
        self.meter_1.with_context(energy_move_date=DAY).parent_id = other
        self.compute()
        line = self.journal("move")
        july = line.line_ids.filtered(lambda one: one.indicator_id == self.consumption and one.month == JULY)
        self.assertEqual(july.value_text, "1,300.000 → 700.000")

    def test_entries(self):
        entry = self.env["energy.entry"].search([("indicator_id", "=", self.forward_1.id), ("date_from", "=", DAY)])
        entry.write({"value": 120.0, "reason": "Typing error"})
        self.enter(self.forward_1, FREE, 5.0)
        line = self.journal("entry")
        self.assertEqual(len(line), 1, "a first figure restates nothing")
        self.assertEqual((line.old_text, line.new_text, line.reason), ("100", "120", "Typing error"))
        self.assertEqual((line.date_from, line.date_to, line.node_ids), (DAY, DAY, self.meter_1))
        plant = line.line_ids.filtered(lambda one: one.indicator_id == self.consumption)
        self.assertEqual(plant.value_text, "1,300.000 → 1,325.000", "both were calculated together")
        entry.unlink()
        self.assertEqual(self.journal("entry")[0].old_text, "120")

    def test_entries_of_a_grid_are_one_line(self):
        entries = self.env["energy.entry"].search(
            [("indicator_id", "=", self.forward_1.id), ("date_from", ">=", AUGUST)]
        )
        for entry in entries:
            entry.value += 1
        line = self.journal("entry")
        self.assertEqual(len(line), 1)
        self.assertEqual((line.date_from, line.date_to), (AUGUST, date(2026, 8, 10)))
        self.assertEqual(len(line.new_text.splitlines()), 10)
        self.assertEqual(line.new_summary.splitlines(), [*line.new_text.splitlines()[:3], "... and 7 more"])

    def test_formula_and_master_data(self):
        term = self.consumption.term_ids.filtered(lambda one: one.source_id == self.consumption_2)
        term.coefficient = 2.0
        line = self.journal("formula")
        self.assertNotEqual(line.old_text, line.new_text)
        self.assertIn("2", line.new_text)
        june = line.line_ids.filtered(lambda one: one.month == JUNE and one.indicator_id == self.consumption)
        self.assertEqual(june.value_text, "1,300.000 → 1,600.000")
        self.env["energy.node.use"].create(
            {"node_id": self.plant.id, "energy_type_id": self.electricity.id, "role": "made"}
        )
        self.assertEqual(self.journal("master").res_id, self.plant.id)

    def test_setting_up_makes_no_noise(self):
        self.assertFalse(self.env["energy.restatement"].search([("company_id", "=", self.company.id)]))
        other = self.env["energy.restatement"].search_count([])
        self.price("NG", 3.0)
        self.tariff.price_ids = [
            Command.create({"date_from": date(2026, 8, 20), "price": 0.8, "uom_id": self.tariff.uom_id.id})
        ]
        self.env["energy.indicator.term"].create(
            {"indicator_id": self.add(self.plant, "EL.CO2").id, "source_id": self.forward_1.id}
        )
        self.compute()
        self.assertEqual(self.env["energy.restatement"].search_count([]), other, "today's price restates no closed day")

    def test_correction_and_event(self):
        meter = self.node("M3", "meter", self.workshop_1, energy_type_id=self.electricity.id)
        forward = self.add(meter, "EL.FWD")
        times = [datetime(2026, 7, 9, 16) + timedelta(days=step) for step in range(4)]
        self.read_at(forward, *zip(times, (0.0, 10.0, 25.0, 45.0), strict=True))
        self.compute()
        self.assertFalse(self.journal("reading"), "first readings restate nothing")
        self.env["energy.reading.correction"].create(
            {"indicator_id": forward.id, "time": times[1], "value": 12.0, "reason": "Read wrongly"}
        )
        line = self.journal("correction")
        self.assertEqual((line.old_text, line.new_text, line.reason), ("10", "12", "Read wrongly"))
        self.assertEqual((line.date_from, line.date_to), (date(2026, 7, 10), date(2026, 7, 11)))
        event = self.env["energy.meter.change"].create(
            {
                "node_id": meter.id,
                "kind": "reset",
                "time": times[2] + timedelta(hours=2),
                "line_ids": [Command.create({"indicator_id": forward.id, "closing": 26, "opening": 0,
                                             "has_closing": True, "has_opening": True})],
            }
        )  # fmt: skip
        event.action_confirm()
        line = self.journal("event")
        self.assertEqual((line.old_text, line.new_text, line.date_from), ("To confirm", "Confirmed", date(2026, 7, 12)))
        self.assertTrue(line.changed)

    def test_late_readings_are_one_line_a_day(self):
        meter = self.node("M3", "meter", self.workshop_1, energy_type_id=self.electricity.id)
        forward = self.add(meter, "EL.FWD")
        self.formula(self.consumption_1, self.forward_1, forward)
        begin = datetime(2026, 7, 9, 16)
        self.read_at(forward, (begin, 0.0), (begin + timedelta(days=4), 40.0))
        self.compute()
        known = self.journal("reading")
        for step in (1, 2, 3):
            self.read_at(forward, (begin + timedelta(days=step), 30.0 + step))
            self.compute()
        line = self.journal("reading") - known
        self.assertEqual(len(line), 1)
        self.assertEqual((line.date_from, line.date_to, line.state), (date(2026, 7, 10), date(2026, 7, 13), "done"))
        self.assertEqual(line.node_ids, self.plant)
        now = datetime(2026, 8, 20, 3)
        self.read_at(forward, (now, 50.0))
        self.assertEqual(self.journal("reading"), known | line, "what comes in time restates nothing")

    def test_left_to_the_scheduled_action(self):
        """The line waits until the figures are there."""
        busy = patch.object(self.registry["energy.calculation"], "_lock", lambda *args: False)
        with busy:
            self.factor.value = 0.5
            self.env.cr.precommit.run()
            line = self.env["energy.restatement"].search([("company_id", "=", self.company.id)])
            self.assertEqual((line.state, line.changed), ("waiting", 0))
        self.compute()
        self.assertEqual(line.state, "done")
        self.assertTrue(line.changed)
        self.assertIn("780.000 → 650.000", line.line_ids.mapped("carbon_text"))

    def test_read_only_for_everybody_and_walls(self):
        def user(login, groups, nodes):
            made = new_test_user(
                self.env,
                login=login,
                groups=groups,
                company_id=self.company.id,
                company_ids=[Command.set(self.company.ids)],
            )
            made.energy_node_ids = nodes
            return made

        manager = user("journal_manager", "energy_carbon.group_manager", self.plant)
        clerk_1 = user("journal_clerk_1", "energy_carbon.group_clerk", self.workshop_1)
        clerk_2 = user("journal_clerk_2", "energy_carbon.group_clerk", self.workshop_2)
        engineer = user("journal_engineer", "energy_carbon.group_engineer", self.plant)
        entry = self.env["energy.entry"].search([("indicator_id", "=", self.forward_1.id), ("date_from", "=", DAY)])
        entry.with_user(clerk_1).value = 90.0
        line = self.journal("entry")
        self.assertEqual(line.user_id, clerk_1)
        self.tariff.price_ids.price = 0.8
        price = self.journal("price")
        journal = self.env["energy.restatement"]
        self.assertEqual(journal.with_user(clerk_1).search([]), line)
        self.assertFalse(journal.with_user(clerk_2).search([]))
        self.assertFalse(self.env["energy.restatement.line"].with_user(clerk_1).search([]), "the plant's own months")
        self.assertEqual(journal.with_user(engineer).search([]), line, "prices need the right to see them")
        self.assertEqual(journal.with_user(manager).search([]), price | line)
        months = line.line_ids
        with self.assertRaises(AccessError):
            months.with_user(engineer).read(["cost_after"])
        self.assertFalse(
            self.env["energy.restatement.line"].with_user(engineer).search([("indicator_id", "=", self.cost.id)])
        )
        for record in (line, months):
            for change in (lambda r=record: r.with_user(manager).write({"company_id": False}),
                           lambda r=record: r.with_user(manager).unlink()):  # fmt: skip
                with self.assertRaises(AccessError):
                    change()
        self.consumption_1.whole_company = True
        self.env["energy.indicator.term"].create(
            {"indicator_id": self.consumption_1.id, "source_id": self.forward_2.id}
        )
        formula = self.journal("formula")
        self.assertIn("M2", formula.new_text)
        self.assertFalse(journal.with_user(clerk_1).search([("kind", "=", "formula")]), "it names another workshop")
        self.assertEqual(journal.with_user(manager).search([("kind", "=", "formula")]), formula)
        with self.assertRaises(AccessError):
            journal.with_user(manager).create({"name": "x", "kind": "price", "date_from": DAY, "date_to": DAY})

    def test_restating_back_changes_nothing(self):
        """Property: changes made and taken back in any order leave every figure as it was."""
        before, months = self.snapshot(), self._months()
        entry = self.env["energy.entry"].search([("indicator_id", "=", self.forward_2.id), ("date_from", "=", DAY)])
        term = self.consumption.term_ids[0]
        changes = [
            (self.tariff.price_ids, "price", 0.9),
            (self.factor, "value", 0.123),
            (entry, "value", 7.7),
            (term, "coefficient", 0.3),
            (self.consumption, "missing_policy", "blank"),
        ]
        for seed in range(6):
            order = random.Random(seed)
            todo = [(record, name, value, record[name]) for record, name, value in changes]
            for record, name, value, _old in order.sample(todo, len(todo)):
                record[name] = value
                if order.random() < 0.5:
                    self.compute()
            for record, name, _value, old in order.sample(todo, len(todo)):
                record[name] = old
                if order.random() < 0.5:
                    self.compute()
            self.compute()
            self.assertEqual(self.snapshot(), before, f"order {seed}")
            self.assertEqual(self._months(), months, f"order {seed}")

    def _months(self):
        self.env.cr.execute(
            """SELECT indicator_id, month, value, coal, carbon, cost, quality, expected, present FROM energy_value_month
                WHERE company_id = %s ORDER BY 1, 2""",
            [self.company.id],
        )
        return self.env.cr.fetchall()

    def test_restating_through_locking_and_reopening(self):
        """Locking and reopening alone changes no figure, and says so."""
        before = self.snapshot()
        lock = self.lock("quantity", "cost")
        lock._reopen("quantity", "Looked again")
        lock._reopen("cost", "Looked again")
        self.compute()
        self.assertEqual(self.snapshot(), before)
        line = self.journal("reopening")
        self.assertEqual((line.state, line.changed, line.line_ids), ("done", 0, line.line_ids.browse()))

    def test_open_record_that_is_gone(self):
        self._factor(0.5, JULY)
        line = self.journal("factor")
        self.env["energy.factor"].browse(line.res_id).unlink()
        with self.assertRaises(UserError):
            line.action_open_record()
