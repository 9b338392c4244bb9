"""Special days: what they are for tariffs, the library's button, rights."""

import sys
from datetime import date
from types import SimpleNamespace
from unittest.mock import patch

from psycopg2.errors import CheckViolation

from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.fields import Command
from odoo.tests import Form, new_test_user, tagged
from odoo.tools import mute_logger

from ..calculation.special_days import special_days
from .tou_case import TouCase

THURSDAY, SATURDAY = date(2026, 10, 1), date(2026, 10, 10)


class Published(dict):
    """Days as the package holidays gives them: a dict of dates with the weekends that are worked."""

    supported_languages = ("en_US", "zh_CN")
    weekend_workdays = {date(2026, 2, 14), date(2026, 2, 28), date(2025, 2, 8)}


def country_holidays(code, subdiv=None, years=None, language=None):
    if code != "CN" or subdiv:
        raise NotImplementedError
    return Published(
        {
            date(2026, 2, 17): "Chinese New Year (Spring Festival)",
            date(2026, 2, 18): "Chinese New Year (Spring Festival)",
            date(2026, 2, 19): "Chinese New Year (Spring Festival)",
            date(2026, 2, 20): "Day off (substituted from 02/14/2026)",
            date(2026, 2, 23): "Day off (substituted from 02/28/2026)",
            date(2026, 6, 19): "Dragon Boat Festival",
            date(2026, 9, 3): "Victory Day",
        }
    )


@tagged("post_install", "-at_install")
class TestEnergyDay(TouCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.china = cls.env.ref("base.cn")
        cls.company.country_id = cls.china
        cls.env["energy.day"].search([]).unlink()

    def day(self, day, kind="holiday", holiday=None, **values):
        holiday = holiday or (kind == "holiday" and "national_day")
        values = {"country_id": self.china.id, **values}
        return self.env["energy.day"].create({"date": day, "kind": kind, "holiday": holiday, **values})

    def known(self):
        return {date.fromordinal(day): special for day, special in special_days(self.env, self.company).items()}

    # === THE TABLE === #
    def test_own_days_go_before_those_of_the_country(self):
        other = self.env["res.company"].create({"name": "Berlin", "country_id": self.env.ref("base.de").id})
        self.day(THURSDAY)
        self.day(SATURDAY, "workday")
        self.day(THURSDAY, holiday="other", company_id=self.company.id, name="Works holiday")
        self.day(date(2026, 10, 2), company_id=other.id)
        self.day(date(2026, 10, 5), country_id=self.env.ref("base.de").id)
        self.assertEqual(self.known(), {THURSDAY: "other", SATURDAY: "workday"})

    def test_company_without_country_has_only_its_own_days(self):
        self.company.country_id = False
        self.day(THURSDAY)
        self.day(SATURDAY, "workday", company_id=self.company.id)
        self.assertEqual(self.known(), {SATURDAY: "workday"})

    def test_bad_days_are_refused(self):
        self.day(THURSDAY)
        with self.assertRaisesRegex(ValidationError, "2026-10-01 is already entered for China: change"), self.cr.savepoint():
            self.day(THURSDAY, holiday="other")
        self.day(THURSDAY, company_id=self.company.id)
        own = self.day(date(2026, 10, 2), company_id=self.company.id)
        taken = f"2026-10-01 is already entered for {self.company.name}: change"
        with self.assertRaisesRegex(ValidationError, taken), self.cr.savepoint():
            own.date = THURSDAY
        with self.assertRaisesRegex(ValidationError, "2026-10-02 cannot be entered as Moved Workday"), self.cr.savepoint():
            self.day(date(2026, 10, 2), "workday")
        with self.assertRaisesRegex(ValidationError, "2026-10-10 cannot be entered as Day Off in Lieu"), self.cr.savepoint():
            self.day(SATURDAY, "weekend")
        for values in ({"kind": "holiday", "holiday": False}, {"kind": "announced", "country_id": False}):
            with mute_logger("odoo.sql_db"), self.assertRaises(CheckViolation), self.cr.savepoint():
                self.env["energy.day"].create({"date": SATURDAY, **values})

    def test_form_keeps_no_holiday_of_another_kind(self):
        form = Form(self.env["energy.day"])
        form.date, form.holiday = SATURDAY, "national_day"
        form.kind = "workday"
        day = form.save()
        self.assertFalse(day.holiday)
        day.write({"kind": "holiday", "holiday": "other"})
        day.kind = "announced"
        self.assertFalse(day.holiday)

    # === WHAT FOLLOWS === #
    def test_cost_follows_a_day_entered_changed_and_taken_away(self):
        """Holiday, moved workday and back: the cost of that date alone is computed again."""
        self.company.energy_slot_minutes = "60"
        self.tou(
            [
                {"period": "peak", "start": 8.0, "end": 20.0, "day_class": "workday"},
                {"period": "deep_valley", "start": 10.0, "end": 14.0, "day_class": "national_day"},
            ],
            {"flat": 1.0, "peak": 2.0, "deep_valley": 0.5},
        )
        self.load(date(2026, 9, 30), [10.0] * 24 * 12)
        workday, holiday, weekend = 10 * (12 + 12 * 2.0), 10 * (20 + 4 * 0.5), 240.0
        self.assert_near(self.costs(THURSDAY), workday)
        self.assert_near(self.costs(SATURDAY), weekend)
        day, moved = self.day(THURSDAY), self.day(SATURDAY, "workday")
        self.compute()
        self.assert_near(self.costs(THURSDAY), holiday)
        self.assert_near(self.costs(SATURDAY), workday)
        self.assert_near(self.costs(date(2026, 10, 8)), workday)
        answer = self.env["energy.indicator"].explain(self.forward.id, THURSDAY, THURSDAY)
        amounts = {line["period"]: line["amount"] for line in answer["prices"]}
        self.assertEqual(amounts, {"flat": 200.0, "deep_valley": 40.0})
        day.holiday = "labour_day"
        moved.unlink()
        self.compute()
        self.assert_near(self.costs(THURSDAY), workday)
        self.assert_near(self.costs(SATURDAY), weekend)

    def test_days_without_tariff_by_class_mark_nothing(self):
        self.tou([{"period": "peak", "start": 8.0, "end": 20.0}], {"flat": 1.0, "peak": 2.0})
        self.compute()
        self.day(THURSDAY)
        self.env.flush_all()
        self.assertFalse(self.env["energy.dirty"].search_count([("company_id", "=", self.company.id)]))

    # === THE LIBRARY === #
    def fill(self, **values):
        wizard = self.env["energy.day.fill"].create({"year": 2026, "country_id": self.china.id, **values})
        with patch.dict(sys.modules, {"holidays": SimpleNamespace(country_holidays=country_holidays)}):
            wizard.action_fill()
        return {
            day.date: (day.kind, day.holiday)
            for day in self.env["energy.day"].search(
                [("document", "like", "holidays"), ("country_id", "=", self.china.id)]
            )
        }

    def test_filled_from_the_library(self):
        spring, off = ("holiday", "spring_festival"), ("workday", False)
        named = {date(2026, 6, 19): ("holiday", "dragon_boat"), date(2026, 9, 3): ("holiday", "other")}
        days = {date(2026, 2, day): spring for day in range(17, 24)}
        moved = {date(2026, 2, 14): off, date(2026, 2, 28): off}
        self.assertEqual(self.fill(), {**days, **moved, **named})

    def test_weekends_in_a_holiday_are_a_choice(self):
        days = self.fill(whole_period=False)
        self.assertNotIn(date(2026, 2, 21), days)
        self.assertEqual(days[date(2026, 2, 23)], ("holiday", "spring_festival"))

    def test_filling_again_leaves_what_is_there(self):
        self.day(date(2026, 6, 19), holiday="other", name="Ours")
        self.fill()
        count = self.env["energy.day"].search_count([])
        self.fill()
        self.assertEqual(self.env["energy.day"].search_count([]), count)
        self.assertEqual(self.env["energy.day"].search([("date", "=", date(2026, 6, 19))]).name, "Ours")

    def test_a_holiday_of_ones_own(self):
        """A class that no tariff of the country had until now: the library's day takes it, and bands hold on it."""
        accountant = self._user("accountant")
        with Form(self.env["energy.holiday"].with_user(accountant), view="energy_carbon.energy_holiday_view_list") as form:
            form.name = "Victory Day"
        victory = form.record
        days = self.fill()
        self.assertEqual(days[date(2026, 9, 3)], ("holiday", victory.code))
        self.company.energy_slot_minutes = "60"
        tariff = self.tou(
            [{"period": "deep_valley", "start": 10.0, "end": 14.0, "day_class": victory.code}],
            {"flat": 1.0, "deep_valley": 0.5},
        )
        self.load(date(2026, 9, 2), [10.0] * 48)
        self.assert_near(self.costs(date(2026, 9, 2)), 240.0)
        self.assert_near(self.costs(date(2026, 9, 3)), 10 * (20 + 4 * 0.5))
        self.assertIn("Victory Day: Flat 00:00–10:00, 14:00–24:00 · Deep Valley 10:00–14:00", tariff.version_ids.summary)
        for user in (tariff.version_ids, self.env["energy.day"].search([("holiday", "=", victory.code)])):
            with self.assertRaisesRegex(UserError, "Victory Day is named by"), self.cr.savepoint():
                victory.with_user(accountant).unlink()
            user.unlink()
        victory.with_user(accountant).unlink()
        with self.assertRaisesRegex(UserError, "National Day is shipped"):
            self.env.ref("energy_carbon.holiday_national_day").with_user(accountant).unlink()
        auditor = self.env["energy.holiday"].with_user(self._user("auditor"))
        self.assertTrue(auditor.search([]))
        with self.assertRaises(AccessError):
            auditor.create({"name": "Mine"})

    def test_days_of_a_province_are_for_the_company(self):
        form = Form(self.env["energy.day.fill"])
        form.country_id, form.subdivision = self.china, "32"
        self.assertEqual(form.company_id, self.env.company)

    def test_library_absent_or_ignorant(self):
        wizard = self.env["energy.day.fill"].create({"year": 2026, "country_id": self.china.id})
        with patch.dict(sys.modules, {"holidays": None}), self.assertRaisesRegex(UserError, "pip install holidays"):
            wizard.action_fill()
        wizard.subdivision = "99"
        library = SimpleNamespace(country_holidays=country_holidays)
        with (
            patch.dict(sys.modules, {"holidays": library}),
            self.assertRaisesRegex(UserError, "does not know China 99"),
        ):
            wizard.action_fill()

    # === RIGHTS === #
    def _user(self, role, company=None):
        company = company or self.company
        return new_test_user(
            self.env,
            f"day_{role}_{company.id}",
            f"energy_carbon.group_{role}",
            company_id=company.id,
            company_ids=[Command.set(company.ids)],
        )

    def test_rights(self):
        shared, own = self.day(THURSDAY), self.day(SATURDAY, "workday", company_id=self.company.id)
        stranger = self._user("manager", self.env["res.company"].create({"name": "Other Works"}))
        elsewhere = self.env(user=stranger, context={"allowed_company_ids": stranger.company_ids.ids})
        self.assertEqual(shared.with_env(elsewhere).kind, "holiday")
        with self.assertRaises(AccessError):
            own.with_env(elsewhere).read(["kind"])
        for role, may in (
            ("viewer", False),
            ("clerk", False),
            ("auditor", False),
            ("accountant", True),
            ("manager", True),
        ):
            user = self._user(role)
            self.assertEqual(shared.with_user(user).has_access("write"), may, role)
            self.assertTrue(shared.with_user(user).has_access("read"), role)
            self.assertEqual(self.env["energy.day.fill"].with_user(user).has_access("create"), may, role)
