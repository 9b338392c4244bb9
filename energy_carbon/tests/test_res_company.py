"""The energy profile of a company: what may still change once there are figures, and by whom."""

from odoo.exceptions import AccessError, UserError
from odoo.tests import new_test_user, tagged

from .lock_case import DAY, JUNE, LOCKED, LockCase


@tagged("post_install", "-at_install")
class TestResCompany(LockCase):
    def test_figures(self):
        self.assertTrue(self.company.energy_has_figures)
        other = self.env["res.company"].create({"name": "Nothing yet"})
        self.assertFalse(other.energy_has_figures)
        other.write({"energy_timezone": "Europe/Berlin", "energy_start_hour": 8, "energy_slot_minutes": "60"})

    def test_days_stay_as_they_are_while_a_month_is_locked(self):
        """What was used between the old and the new border of the day would be counted twice, or not at all."""
        self.lock()
        for name, value, label in (
            ("energy_timezone", "Europe/Berlin", "Energy Time Zone"),
            ("energy_start_hour", 8, "Start of Day"),
        ):
            with self.assertRaisesRegex(UserError, f"{label} cannot change.*{LOCKED}"):
                self.company[name] = value
        self.company.write({"energy_timezone": self.company.energy_timezone, "energy_start_hour": 0, "name": "Renamed"})

    def test_cost_lock_stands_against_it_too(self):
        self.lock("cost", month=JUNE)
        with self.assertRaisesRegex(UserError, "locked for 2026-06"):
            self.company.energy_start_hour = 8

    def test_slots_may_change_beside_locked_months(self):
        before = self.row(self.consumption, DAY)["value"]
        self.lock()
        self.company.energy_slot_minutes = "60"
        self.compute()
        self.assertEqual(self.row(self.consumption, DAY)["value"], before)

    def test_only_changed_settings_compute_anew(self):
        dirty = self.env["energy.dirty"]
        domain = [("company_id", "=", self.company.id)]
        self.company.write({"energy_slot_minutes": self.company.energy_slot_minutes, "energy_coal_basis": "equivalent"})
        self.assertFalse(dirty.search_count(domain))
        self.company.energy_start_hour = 8
        self.assertEqual(dirty.search(domain).indicator_id, self.forward_1 | self.forward_2)

    def test_profile_is_the_administrators(self):
        for role in ("manager", "accountant"):
            user = new_test_user(self.env, f"profile_{role}", f"energy_carbon.group_{role}")
            with self.assertRaises(AccessError):
                user.company_id.with_user(user).energy_metering_level = "3"
        office = new_test_user(self.env, "profile_office", "base.group_erp_manager")
        office.company_id.with_user(office).energy_metering_level = "1"
        self.assertEqual(office.company_id.energy_metering_level, "1")
