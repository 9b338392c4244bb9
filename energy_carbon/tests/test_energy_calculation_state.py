"""How far the calculation is, who may ask, and what happens to what cannot be computed."""

from datetime import date, timedelta
from unittest.mock import patch

from odoo.exceptions import AccessError
from odoo.tests import new_test_user, tagged
from odoo.tools import mute_logger

from ..calculation import run
from .plant import PlantCase

DAY = date(2026, 3, 2)
SAVING = "odoo.addons.energy_carbon.models.energy_calculation"


@tagged("post_install", "-at_install")
class TestEnergyCalculationState(PlantCase):
    """Two typed figures, their sum at the plant and its coal."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.inputs = [
            cls.add(cls.node(name, parent=cls.plant), "EL.CONS", source="entered") for name in ("W1", "W2")
        ]
        cls.total = cls.add(cls.plant, "EL.CONS")
        cls.coal = cls.add(cls.plant, "EL.TCE")
        cls.compute()
        cls.calculation = cls.env["energy.calculation"].search([("company_id", "=", cls.company.id)])

    def user(self, role):
        values = {"company_id": self.company.id, "company_ids": [(6, 0, self.company.ids)]}
        return new_test_user(self.env, f"state_{role}", f"energy_carbon.group_{role}", **values)

    def leave_much(self):
        """A year of typed figures, left to the scheduled action."""
        for number, one in enumerate(self.inputs):
            self.enter(one, DAY, 365.0 * (number + 1), last=DAY + timedelta(days=200))
        self.env["energy.calculation"]._process(self.company, most_cells=10)

    # === PROGRESS === #
    def test_progress_from_begin_to_end(self):
        self.assertEqual((self.calculation.rows, self.calculation.progress, self.calculation.since), (0, 100, False))
        self.leave_much()
        self.assertEqual((self.calculation.rows, self.calculation.progress), (2, 0))
        self.assertTrue(self.calculation.since)
        with patch("odoo.addons.energy_carbon.models.energy_calculation_batch.CELLS_A_STEP", 300):
            left = self.calculation._step(self.company)
            self.assertEqual(self.calculation.rows, left)
            self.assertGreater(self.calculation.done, 300)
            self.assertTrue(0 < self.calculation.progress < 100)
            before = self.calculation.progress
            while self.calculation._step(self.company):
                self.assertGreater(self.calculation.progress, before)
                before = self.calculation.progress
        self.assertEqual((self.calculation.rows, self.calculation.progress, self.calculation.since), (0, 100, False))
        self.assertEqual(self.calculation.done, 0)
        self.assert_near(self.row(self.total, DAY)["value"], 3 * 365.0 / 201)

    def test_state_for_readers(self):
        viewer = self.user("viewer")
        idle = self.env["energy.calculation"].with_user(viewer).state()
        self.assertEqual((idle["calculating"], idle["rows"], idle["progress"], idle["since"]), (False, 0, 100, False))
        self.assertTrue(idle["last_run"])
        self.leave_much()
        busy = self.env["energy.calculation"].with_user(viewer).state(self.company.id)
        self.assertEqual((busy["calculating"], busy["rows"], busy["progress"]), (True, 2, 0))
        self.assertTrue(busy["since"])
        with self.assertRaises(AccessError):
            self.env["energy.calculation"].with_user(viewer).search([])

    def test_state_of_no_other_company(self):
        other = self.env["res.company"].create({"name": "Somebody else"})
        viewer = self.user("viewer")
        with self.assertRaises(AccessError):
            self.env["energy.calculation"].with_user(viewer).state(other.id)
        manager = self.user("manager")
        shown = self.env["energy.calculation"].with_user(manager).search([])
        self.assertEqual(shown.company_id, self.company)
        stranger = new_test_user(self.env, "state_stranger", "base.group_user")
        with self.assertRaises(AccessError):
            self.env["energy.calculation"].with_user(stranger).state()

    def test_the_entry_grid_shows_it(self):
        def grid():
            answer = self.env["energy.indicator"].entry_grid([("id", "=", self.total.id)], "2026-03-01", "2026-03-31")
            return answer["calculating"], answer["progress"]

        self.assertEqual(grid(), (False, 100))
        self.leave_much()
        self.assertEqual(grid(), (True, 0))

    def test_compute_now(self):
        self.leave_much()
        cron = self.env.ref("energy_carbon.ir_cron_energy_calculation")
        self.env["ir.cron.trigger"].search([("cron_id", "=", cron.id)]).unlink()
        manager = self.user("manager")
        answer = self.calculation.with_user(manager).action_compute_now()
        self.assertEqual(answer["tag"], "display_notification")
        self.assertTrue(self.env["ir.cron.trigger"].search_count([("cron_id", "=", cron.id)]))
        for role in ("viewer", "clerk", "engineer", "accountant", "auditor"):
            with self.assertRaises(AccessError):
                self.calculation.with_user(self.user(role)).action_compute_now()
        other = self.env["res.company"].create({"name": "Somebody else"})
        self.env["energy.calculation"]._lock(other)
        foreign = self.env["energy.calculation"].search([("company_id", "=", other.id)])
        with self.assertRaises(AccessError):
            foreign.with_user(manager).action_compute_now()

    # === WHO COMPUTES WHAT === #
    def test_a_saving_computes_its_own_company_only(self):
        other = self.env["res.company"].create({"name": "Somebody else"})
        self.env["energy.calculation"]._insert_dirty([(self.inputs[0].id, other.id, DAY, DAY)])
        computed = []
        process = type(self.env["energy.calculation"])._process_company
        with patch.object(
            type(self.env["energy.calculation"]),
            "_process_company",
            lambda calculation, company, cells=None: computed.append(company) or process(calculation, company, cells),
        ):
            self.enter(self.inputs[0], DAY, 5.0)
            self.env.cr.flush()
        self.assertEqual(computed, [self.company])

    # === WHAT CANNOT BE COMPUTED === #
    def broken(self, indicator):
        """Computing an indicator's readings or entries fails."""
        leaf_days = run.leaf_days

        def failing(env, company, rows, *days):
            if indicator.id in [row.id for row in rows]:
                raise ValueError("A multiplier must be a positive number.")
            return leaf_days(env, company, rows, *days)

        return patch.object(run, "leaf_days", failing)

    def failed(self):
        self.env.cr.execute(
            "SELECT indicator_id, error FROM energy_dirty WHERE company_id = %s AND error IS NOT NULL", [self.company.id]
        )
        return self.env.cr.fetchall()

    def test_a_saving_does_not_fail_for_what_cannot_be_computed(self):
        with self.broken(self.inputs[0]), mute_logger(SAVING):
            self.enter(self.inputs[0], DAY, 5.0)
            self.env.cr.flush()
        self.assertTrue(self.calculation.rows, "left to the scheduled action")
        self.compute()
        self.assertEqual(self.row(self.total, DAY)["value"], 5.0)

    def test_others_are_computed(self):
        more = [self.add(self.node(f"X{at}", parent=self.plant), "EL.CONS", source="entered") for at in range(5)]
        self.formula(self.total, *self.inputs, *more)
        for number, one in enumerate([*self.inputs, *more]):
            self.enter(one, DAY, float(10**number))
        self.env.cr.precommit.clear()  # nobody computes at once
        with self.broken(self.inputs[0]):
            with self.assertRaises(ValueError):
                self.env["energy.calculation"]._step(self.company)
            self.assertEqual(self.env["energy.calculation"]._set_aside(self.company), 0)
            self.assertEqual(self.env["energy.calculation"]._step(self.company), 0, "it is not tried again and again")
        self.assertEqual(self.row(self.total, DAY)["value"], 1_111_110.0)
        self.assertEqual({row[0] for row in self.failed()}, {self.inputs[0].id})
        self.assertIn(self.inputs[0].display_name, self.calculation.error)
        self.assertIn("A multiplier must be a positive number.", self.calculation.error)
        self.assertEqual(self.calculation.rows, 0, "nobody waits for it")
        # Whatever is changed about it next lets it be tried again, with all its days.
        self.enter(self.inputs[0], DAY + timedelta(days=1), 2.0)
        self.compute()
        self.assertEqual(self.row(self.total, DAY)["value"], 1_111_111.0)
        self.assertEqual((self.failed(), self.calculation.error), ([], False))

    def test_a_manager_lets_it_be_tried_again(self):
        self.enter(self.inputs[0], DAY, 5.0)
        with self.broken(self.inputs[0]):
            self.env["energy.calculation"]._set_aside(self.company)
        self.assertTrue(self.failed())
        self.calculation.with_user(self.user("manager")).action_compute_now()
        self.env["energy.calculation"]._step(self.company)
        self.assertEqual((self.failed(), self.row(self.total, DAY)["value"]), ([], 5.0))

    def test_a_circle_that_two_people_closed_together(self):
        third = self.add(self.node("W3", parent=self.plant), "EL.CONS")
        second = self.add(self.node("W4", parent=self.plant), "EL.CONS", whole_company=True)
        self.formula(self.total, *self.inputs, third, second)
        term = self.env["energy.indicator.term"].create({"indicator_id": second.id, "source_id": third.id})
        self.env.cr.execute(
            """INSERT INTO energy_indicator_term (indicator_id, source_id, role, coefficient, company_id, variable)
               VALUES (%s, %s, 'sum', 1.0, %s, 'a')""",
            [third.id, second.id, self.company.id],
        )
        self.enter(self.inputs[0], DAY, 5.0)
        self.compute()
        row = self.row(self.total, DAY)
        self.assertEqual((row["value"], row["quality"]), (5.0, "partial"))
        self.assertIsNone((self.row(third, DAY) or {"value": None})["value"])
        for one in (third, second):
            self.assertIn(f"{one.display_name}: The formula needs its own result.", self.calculation.error)
        told, clerk = self.calculation.error, self.user("clerk")
        clerk.energy_node_ids = self.inputs[0].node_id
        self.enter(self.inputs[0].with_user(clerk), DAY + timedelta(days=1), 5.0)
        self.env["energy.calculation"].with_user(clerk)._process_now(self.company)
        self.calculation.invalidate_recordset()
        self.assertEqual(self.calculation.error, told, "by name also when a clerk's saving finds it again")
        term.unlink()
        self.compute()
        self.assertFalse(self.calculation.error)

    def test_units_that_no_longer_fit(self):
        self.env.flush_all()
        self.env.cr.execute(
            "UPDATE energy_indicator SET uom_id = %s WHERE id = %s",
            [self.env.ref("energy_carbon.uom_tce").id, self.inputs[1].id],
        )
        self.env.invalidate_all()
        for one in self.inputs:
            self.enter(one, DAY, 5.0)
        self.compute()
        self.assertEqual(self.row(self.inputs[0], DAY)["value"], 5.0)
        self.assertIsNone(self.row(self.total, DAY)["value"], "blank, never a guess")
        self.assertIn(self.total.display_name, self.calculation.error)

    def test_values_of_deleted_indicators_are_swept(self):
        self.enter(self.inputs[0], DAY, 5.0)
        self.compute()
        self.env.cr.execute("SELECT MAX(id) + 100 FROM energy_indicator")
        gone = self.env.cr.fetchone()[0]
        self.env.cr.execute("UPDATE energy_value SET indicator_id = %s WHERE indicator_id = %s", [gone, self.coal.id])
        self.env["energy.calculation"]._sweep()
        self.env.cr.execute("SELECT COUNT(*) FROM energy_value WHERE indicator_id = %s", [gone])
        self.assertEqual(self.env.cr.fetchone()[0], 0)
        self.assertEqual(self.row(self.total, DAY)["value"], 5.0)
