"""Who locks and reopens months, and who sees what."""

from datetime import date, datetime

from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.fields import Command
from odoo.tests import new_test_user, tagged

from .lock_case import AUGUST, FREE, JULY, JUNE, LockCase


@tagged("post_install", "-at_install")
class TestEnergyLockRights(LockCase):
    """Who locks what, who reopens, who sees what; as real users."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        for role in ("viewer", "clerk", "engineer", "manager", "accountant", "auditor"):
            user = new_test_user(
                cls.env,
                login=f"lock_{role}",
                groups=f"energy_carbon.group_{role}",
                company_id=cls.company.id,
                company_ids=[Command.set(cls.company.ids)],
            )
            user.energy_node_ids = cls.workshop_1 if role in ("viewer", "clerk") else cls.plant
            setattr(cls, role, user)
        cls.chief = new_test_user(
            cls.env,
            login="lock_chief",
            groups="energy_carbon.group_manager,energy_carbon.group_unlock",
            company_id=cls.company.id,
            company_ids=[Command.set(cls.company.ids)],
        )
        cls.chief.energy_node_ids = cls.plant
        cls.row_july = cls.env["energy.lock"]._rows(cls.plant, [JULY])

    def test_who_locks(self):
        for role, figures in (("manager", "quantity"), ("accountant", "cost")):
            for other in ("viewer", "clerk", "engineer", "manager", "accountant", "auditor"):
                if other != role:
                    with self.assertRaises(AccessError, msg=f"{other} locks {figures}"):
                        getattr(self.row_july.with_user(getattr(self, other)), f"action_lock_{figures}")()
            getattr(self.row_july.with_user(getattr(self, role)), f"action_lock_{figures}")()
        self.assertEqual(self.row_july.state, "both")
        self.assertEqual((self.row_july.quantity_user_id, self.row_july.cost_user_id), (self.manager, self.accountant))

    def test_who_reopens(self):
        self.row_july._lock_figures("quantity")
        for role in ("viewer", "clerk", "engineer", "manager", "accountant", "auditor"):
            with self.assertRaises(AccessError, msg=role):
                self.row_july.with_user(getattr(self, role))._reopen("quantity", "Because")
            with self.assertRaises(AccessError, msg=role):
                self.row_july.with_user(getattr(self, role)).action_reopen()
        with self.refused("needs a reason"):
            self.row_july.with_user(self.chief)._reopen("quantity", "  ")
        wizard = self.env["energy.lock.reopen"].with_user(self.chief)
        action = self.row_july.with_user(self.chief).action_reopen()
        wizard.with_context(**action["context"]).create({"reason": "Meter read wrongly"}).action_reopen()
        self.assertEqual(self.row_july.state, "open")
        acts = self.row_july.log_ids.mapped(lambda log: (log.figures, log.act, log.user_id.login, log.reason))
        self.assertEqual(acts[0], ("quantity", "reopen", "lock_chief", "Meter read wrongly"))
        self.assertEqual(acts[1][:2], ("quantity", "lock"))

    def test_nobody_writes_past_the_buttons(self):
        self.row_july._lock_figures("quantity")
        for user in (self.manager, self.accountant, self.chief, self.auditor):
            for record in (self.row_july, self.row_july.log_ids):
                record = record.with_user(user)
                self.assertTrue(record.read(["month"]))
                for change in (lambda r=record: r.write({"month": JUNE}), record.unlink):
                    with self.assertRaises(AccessError):
                        change()
        with self.assertRaises(UserError):
            self.row_july.unlink()

    def test_bad_input_lock_in_the_future(self):
        for month in (AUGUST, date(2027, 1, 1)):
            with self.refused("Plant A has not ended yet", ValidationError):
                self.lock(month=month)
        with self.refused("no plant", ValidationError):
            self.env["energy.lock"]._rows(self.workshop_1, [JULY])

    def test_wizard(self):
        wizard = (
            self.env["energy.lock.month"]
            .with_user(self.manager)
            .create({"month_from": date(2026, 6, 10), "month_to": JULY})
        )
        self.assertEqual((wizard.plant_ids, wizard.quantity, wizard.cost), (self.plant, True, False))
        self.assertEqual(wizard.action_lock()["res_model"], "energy.lock")
        locks = self.env["energy.lock"].search([("node_id", "=", self.plant.id), ("state", "!=", "open")])
        self.assertEqual(locks.mapped("month"), [JULY, JUNE])
        self.assertEqual(locks.mapped("state"), ["quantity", "quantity"])
        with self.assertRaises(AccessError):
            self.env["energy.lock.month"].with_user(self.clerk).create({"month_from": JULY, "month_to": JULY})
        cost = (
            self.env["energy.lock.month"]
            .with_user(self.manager)
            .create({"month_from": JULY, "month_to": JULY, "quantity": False, "cost": True})
        )
        with self.assertRaises(AccessError):
            cost.action_lock()

    def test_list_shows_what_is_open(self):
        self.enter(self.forward_1, FREE, 1.0, state="draft")
        self.env["energy.meter.change"].create({"node_id": self.meter_1.id, "time": datetime(2026, 7, 3)})
        self.env["energy.lock"].with_user(self.manager).action_open_months()
        locks = self.env["energy.lock"].with_user(self.manager).search([])
        self.assertEqual(locks.mapped("month"), [AUGUST, JULY, JUNE])
        july = locks[1]
        self.assertEqual((july.draft_count, july.event_count, july.provisional_count), (1, 1, 1))
        self.assertEqual(july.missing_count, 42, "21 days of two meters")
        with self.assertRaises(AccessError):
            july.with_user(self.clerk).read(["provisional_count"])

    def test_calculation_under_way(self):
        """What waits for the calculation would be locked out: not now."""
        self.patch(self.registry["energy.calculation"], "_process", lambda *args: 0)
        self.enter(self.forward_1, FREE, 1.0)
        with self.refused("still being calculated"):
            self.lock()

    def test_walls(self):
        other = self.node("Plant B", "unit", unit_type="plant")
        far = self.env["energy.lock"]._rows(other, [JULY])
        far._lock_figures("quantity")
        (self.manager | self.chief).energy_node_ids = self.plant  # a new plant is granted to them by itself
        for user in (self.viewer, self.clerk, self.manager):
            seen = self.env["energy.lock"].with_user(user).search([])
            self.assertEqual(seen, self.row_july)
            with self.assertRaises(AccessError):
                far.with_user(user).read(["state"])
        with self.assertRaises(AccessError):
            far.with_user(self.chief)._reopen("quantity", "Because")
        with self.assertRaises(AccessError):
            self.env["energy.lock.month"].with_user(self.manager).create(
                {"month_from": JULY, "month_to": JULY, "plant_ids": [Command.set(other.ids)]}
            ).action_lock()

    def test_late_readings_are_for_those_who_look_after_meters(self):
        late = self.env["energy.late.reading"]
        for role in ("manager", "engineer", "auditor"):
            late.with_user(getattr(self, role)).search([])
        for role in ("viewer", "clerk", "accountant"):
            with self.assertRaises(AccessError):
                late.with_user(getattr(self, role)).search([])
