"""Check tariff: one period for each minute of a year, a version and a price for each day."""

from datetime import date

from odoo.exceptions import AccessError, UserError
from odoo.fields import Command
from odoo.tests import Form, new_test_user, tagged

from .tou_case import PLANT_A, PLANT_A_PRICES, TouCase


@tagged("post_install", "-at_install")
class TestEnergyTariffCheck(TouCase):
    def check(self, tariff, year=2026):
        return self.env["energy.tariff.check"].create({"tariff_id": tariff.id, "year": year})

    def findings(self, check):
        return [(line.kind, line.days, line.dates) for line in check.line_ids]

    def break_day(self, tariff, statement):
        """Flaws that no screen lets in, as an import past the models would leave them."""
        self.env.flush_all()
        self.cr.execute(statement, [tariff.version_ids.ids])
        self.env.invalidate_all()

    def test_complete_year(self):
        check = self.check(self.tou(PLANT_A, PLANT_A_PRICES))
        self.assertTrue(check.is_complete)
        self.assertEqual(self.findings(check), [])
        self.assertIn("on each of the 365 days of 2026 every minute has exactly one period", check.verdict)
        self.assertEqual(check.hours, "Sharp 730 h · Peak 2,190 h · Flat 2,555 h · Valley 3,285 h")
        self.assertIn("366 days of 2024", self.check(check.tariff_id, 2024).verdict)

    def test_hours_follow_the_clock_changes(self):
        self.company.energy_timezone = "Europe/Berlin"
        check = self.check(self.tou([{"period": "valley", "start": 1.0, "end": 4.0}], {None: 1.0}))
        self.assertEqual(check.hours, "Flat 7,665 h · Valley 1,095 h")
        night = self.check(self.tou([{"period": "valley", "start": 1.0, "end": 4.0}], {}, node_id=self.plant.id), 2026)
        self.assertIn("Flat has no price", " ".join(night.line_ids.mapped("name")))

    def test_hole_and_overlap_are_named_with_date_class_and_time(self):
        tariff = self.tou(
            [
                {"period": "peak", "start": 8.0, "end": 20.0},
                {"period": "valley", "start": 20.0, "end": 8.0},
                {
                    "period": "sharp",
                    "start": 10.0,
                    "end": 11.0,
                    "months": "7",
                    "day_class": "workday",
                    "overlay": "peak",
                },
            ],
            {None: 1.0},
            default=False,
        )
        self.break_day(
            tariff, "UPDATE energy_tariff_band SET \"end\" = 20.5 WHERE version_id = ANY(%s) AND period = 'peak'"
        )
        check = self.check(tariff)
        self.assertFalse(check.is_complete)
        self.assertEqual(check.line_ids.mapped("kind"), ["overlap", "overlap"])
        self.assertIn("Workday, 20:00–20:30: in more than one band (Peak, Valley)", check.line_ids[0].name)
        self.assertEqual(check.line_ids.mapped("days"), [261, 104])
        self.break_day(
            tariff, "UPDATE energy_tariff_band SET \"end\" = 20 WHERE version_id = ANY(%s) AND period = 'peak'"
        )
        self.break_day(
            tariff, "UPDATE energy_tariff_band SET months = '1-6,8-12' WHERE version_id = ANY(%s) AND period = 'valley'"
        )
        check = self.check(tariff)
        self.assertIn("Workday, 00:00–08:00: no period in the version from 2020-01-01 on", check.line_ids[0].name)
        self.assertEqual({line.kind for line in check.line_ids}, {"hole"})
        self.assertEqual(sum(check.line_ids.mapped("days")), 31 * 2)
        self.assertEqual(check.line_ids[0].dates[:23], "2026-07-01 – 2026-07-03")

    def test_days_without_version_or_price(self):
        tariff = self.tou([{"period": "peak", "start": 8.0, "end": 20.0}], {}, day=date(2026, 3, 1))
        tariff.price_ids = [
            Command.create({"date_from": "2026-01-01", "period": "peak", "price": 1.0}),
            Command.create({"date_from": "2026-06-01", "period": "flat", "price": 0.5}),
        ]
        self.assertEqual(
            self.findings(self.check(tariff)),
            [("no_version", 59, "2026-01-01 – 2026-02-28"), ("no_price", 92, "2026-03-01 – 2026-05-31")],
        )
        tariff.price_ids = [Command.create({"date_from": "2026-01-01", "price": 0.7})]
        self.assertEqual(self.findings(self.check(tariff)), [("no_version", 59, "2026-01-01 – 2026-02-28")])

    def test_flat_tariff_needs_only_its_price(self):
        tariff = self.price("EL", 0.6, day=date(2026, 2, 1))
        self.assertEqual(self.findings(self.check(tariff)), [("no_price", 31, "2026-01-01 – 2026-01-31")])
        self.assertIn("has a price on each of the 365 days of 2027", self.check(tariff, 2027).verdict)

    def test_hints_are_no_flaws(self):
        self.company.country_id = self.env.ref("base.cn")
        self.env["energy.day"].search([]).unlink()
        tariff = self.tou(
            [
                {"period": "deep_valley", "start": 10.0, "end": 14.0, "day_class": "national_day"},
                {"period": "sharp", "start": 8.0, "end": 9.0, "overlay": "peak"},
            ],
            {None: 1.0},
        )
        check = self.check(tariff)
        self.assertTrue(check.is_complete)
        self.assertEqual(check.line_ids.mapped("kind"), ["unknown_holiday", "idle"])
        self.assertIn("National Day: a band names it, but 2026 has no such day", check.line_ids[0].name)
        self.assertIn("Sharp 08:00–09:00", check.line_ids[1].name)
        self.env["energy.day"].create(
            {"date": "2026-10-01", "holiday": "national_day", "country_id": self.company.country_id.id}
        )
        self.assertEqual(self.check(tariff).line_ids.mapped("kind"), ["idle"])

    def test_form_opens_with_the_proof_and_follows_the_year(self):
        tariff = self.tou(PLANT_A, PLANT_A_PRICES, day=date(2026, 1, 1))
        action = tariff.action_check()
        form = Form(self.env[action["res_model"]].with_context(**action["context"]))
        form.year = 2025
        self.assertFalse(form.is_complete)
        form.year = 2027
        self.assertTrue(form.is_complete)
        with self.assertRaisesRegex(UserError, "26 is no year"):
            form.year = 26
        check = self.check(tariff, 2027)
        tariff.version_ids.date_from = date(2027, 2, 1)
        check.action_check()
        self.assertEqual(check.line_ids.mapped("kind"), ["no_version"])

    def test_rights(self):
        tariff = self.tou(PLANT_A, PLANT_A_PRICES)

        def user(role, company):
            return new_test_user(
                self.env, f"check_{role}", f"energy_carbon.group_{role}",
                company_id=company.id, company_ids=[Command.set(company.ids)],
            )  # fmt: skip

        auditor, viewer = user("auditor", self.company), user("viewer", self.company)
        check = self.env["energy.tariff.check"].with_user(auditor).create({"tariff_id": tariff.id, "year": 2026})
        self.assertTrue(check.is_complete)
        with self.assertRaises(AccessError):
            tariff.with_user(viewer).action_check()
        with self.assertRaises(AccessError):
            self.env["energy.tariff.check"].with_user(viewer).create({"tariff_id": tariff.id})
        stranger = user("manager", self.env["res.company"].create({"name": "Other Works"}))
        elsewhere = self.env(user=stranger, context={"allowed_company_ids": stranger.company_ids.ids})
        with self.assertRaises(AccessError):
            elsewhere["energy.tariff.check"].create({"tariff_id": tariff.id, "year": 2026})
