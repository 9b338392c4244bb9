"""Published calendars as shipped, hour by hour (T4), and tariffs made of them."""

from datetime import date, datetime, timedelta

from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.fields import Command
from odoo.tests import Form, new_test_user, tagged

from .tou_case import TouCase

HOLIDAYS = {
    date(2026, 2, 17): "spring_festival",
    date(2026, 5, 1): "labour_day",
    date(2026, 10, 1): "national_day",
    date(2026, 4, 6): "qingming",
}


@tagged("post_install", "-at_install")
class TestEnergyTariffCalendar(TouCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.company.country_id = cls.env.ref("base.cn")
        cls.env["energy.day"].search([]).unlink()
        cls.env["energy.day"].create(
            [
                {"date": day, "holiday": holiday, "country_id": cls.company.country_id.id}
                for day, holiday in HOLIDAYS.items()
            ]
        )

    def tariff(self, code, **values):
        """A tariff made with the wizard from a shipped calendar."""
        calendar = self.env.ref(f"energy_carbon.calendar_{code}")
        wizard = self.env["energy.tariff.from.calendar"].create(
            {"calendar_id": calendar.id, "energy_type_id": self.electricity.id, "company_id": self.company.id, **values}
        )
        return self.env["energy.tariff"].browse(wizard.action_create()["res_id"])

    def hours(self, tariff, day, step=60):
        """One letter an hour: sharp, peak, flat, valley, deep valley."""
        edition = [one for one in tariff._editions() if one.first_day <= day.toordinal()][-1]
        return "".join("SPFVD"[period] for period in edition.course(day)[::step])

    def assert_days(self, tariff, days):
        for day, expected in days.items():
            self.assertEqual(self.hours(tariff, date.fromisoformat(day)), expected, day)

    # === T4 === #
    def test_t4_jiangsu_hour_by_hour(self):
        large = self.tariff("jiangsu_315")
        winter, summer = "VVVVVVFFFFFVVFPPPPPPPPFF", "VVVVVVFFFFFVVFSPPPPPSSFF"
        spring = "FFVVVVFFFFVVVVFPPPPPPPFF"
        self.assert_days(
            large,
            {
                "2026-07-15": summer,
                "2026-08-15": summer,
                "2026-01-15": "VVVVVVFFFFFVVFPPPPSSPPFF",
                "2026-12-15": "VVVVVVFFFFFVVFPPPPSSPPFF",
                "2026-02-10": winter,
                "2026-06-15": winter,
                "2026-04-15": spring,
                "2026-09-19": spring,
                # Deep valley lies on the valley hours of the three holidays only.
                "2026-10-01": "FFVVVVFFFFDDDDFPPPPPPPFF",
                "2026-05-01": "FFVVVVFFFFDDDDFPPPPPPPFF",
                "2026-02-17": "VVVVVVFFFFFDDFPPPPPPPPFF",
                "2026-04-06": spring,
            },
        )
        halves = self.hours(large, date(2026, 7, 15), 30)
        self.assertEqual(halves[28:44], "SSPPPPPPPPPSSSSP")
        small = self.tariff("jiangsu", node_id=self.plant.id)
        self.assert_days(small, {"2026-07-15": winter, "2026-10-01": spring, "2026-01-15": winter})

    def test_t4_zhejiang_hour_by_hour(self):
        both = self.tariff("zhejiang_2024")
        self.assertEqual(both.version_ids.sorted("date_from").mapped("date_from"), [date(2024, 3, 1), date(2026, 7, 1)])
        self.assert_days(
            both,
            {
                "2026-06-30": "VVVVVVVVPPPVVPPPPFFFFFFF",
                "2026-01-15": "VVVVVVVVPSSVVFFSSPPPPPPF",
                "2026-05-01": "VVVVVVVVPPPDDPPPPFFFFFFF",
                "2026-02-17": "VVVVVVVVPPPDDPPPPFFFFFFF",
                "2026-04-06": "VVVVVVVVPPPVVPPPPFFFFFFF",
                "2026-07-01": "VVVVVVVFFFFVVVFFPPSSSSPF",
                "2026-09-15": "VVVVVVVFFFFVVVFFPPPPPPPF",
                "2026-10-01": "VVVVVVVFFFFDDDFFPPPPPPPF",
                "2026-12-15": "VVVVVVVFFFFVVVFFPPSSSSPF",
            },
        )

    def test_t4_shandong_hour_by_hour(self):
        self.assert_days(
            self.tariff("shandong", date_from=date(2025, 1, 1)),
            {
                "2026-01-15": "FFVVVVFPPFVDDDVFSSSPPFFF",
                "2026-04-15": "FFFFFFFFFFVDDDVFFSSSPPFF",
                "2026-06-15": "FFFFFFFVVVVVFFFFPSSSSSPF",
                "2026-07-15": "FVVVVVFFFFFFFFFFPSSSSSPF",
                "2026-08-15": "FVVVVVFFFFFFFFFFPSSSSSPF",
                "2026-10-15": "FFFFFFFFFFVDDDVFPSSPPFFF",
                # No band names a holiday: it is the day it would be by the week.
                "2026-10-01": "FFFFFFFFFFVDDDVFPSSPPFFF",
                "2026-02-17": "FFVVVVFPPFVDDDVFSSSPPFFF",
            },
        )

    def test_t4_guangdong_hour_by_hour(self):
        plain, sharp = "VVVVVVVVFFPPFFPPPPPFFFFF", "VVVVVVVVFFPSFFPSSPPFFFFF"
        guangdong = self.tariff("guangdong")
        days = {"2026-01-15": plain, "2026-06-30": plain, "2026-07-15": sharp, "2026-09-30": sharp, "2026-10-01": plain}
        self.assert_days(guangdong, days)
        self.env["energy.day"].create(
            {"date": "2026-06-30", "kind": "announced", "country_id": self.company.country_id.id}
        )
        self.assert_days(guangdong, {**days, "2026-06-30": sharp})

    def test_t4_economy_7_on_a_british_clock(self):
        """The meter is on GMT: 00:30 to 07:30 in winter, 01:30 to 08:30 in summer, seven hours on each day."""
        self.company.write({"energy_timezone": "Europe/London", "energy_slot_minutes": "30"})
        tariff = self.tariff("economy_7", date_from=date(2020, 1, 1))
        tariff.price_ids = [
            Command.create({"date_from": "2020-01-01", "period": period, "price": price})
            for period, price in (("flat", 0.3), ("valley", 0.1))
        ]
        for day, first, hours in (
            (date(2026, 1, 15), 1, 24),
            (date(2026, 7, 15), 3, 24),
            (date(2026, 3, 29), 1, 23),
            (date(2026, 10, 25), 3, 25),
        ):
            meter = self.node(f"M {day}", "meter", self.plant, energy_type_id=self.electricity.id)
            forward = self.add(meter, "EL.FWD")
            # Ten a half-hour, and a hundred in the first half-hour of the night.
            amounts = [10.0] * (2 * hours)
            amounts[first] = 100.0
            self.load(day, amounts, minutes=30, zone="Europe/London", indicator=forward)
            self.assert_near(self.row(forward, day)["cost"], 0.1 * (100 + 13 * 10) + 0.3 * 10 * (2 * hours - 14))

    def test_t4_pge_b_19(self):
        self.assert_days(
            self.tariff("pge_b_19"),
            {
                "2026-07-15": "VVVVVVVVVVVVVVFFPPPPPFFV",
                "2026-07-18": "VVVVVVVVVVVVVVFFPPPPPFFV",
                "2026-10-15": "VVVVVVVVVVVVVVVVPPPPPVVV",
                "2026-01-15": "VVVVVVVVVVVVVVVVPPPPPVVV",
                "2026-04-15": "VVVVVVVVVDDDDDVVPPPPPVVV",
            },
        )

    def test_t4_pge_e_19_weekdays_without_holidays(self):
        tariff = self.tariff("pge_e_19", date_from=date(2020, 1, 1))
        self.assert_days(tariff, {"2026-07-18": "V" * 24, "2026-10-01": "V" * 24})
        summer = self.hours(tariff, date(2026, 7, 15), 30)
        self.assertEqual(summer, "V" * 17 + "F" * 7 + "P" * 12 + "F" * 7 + "V" * 5)
        self.assertEqual(self.hours(tariff, date(2026, 1, 15), 30), "V" * 17 + "F" * 26 + "V" * 5)

    def test_t4_cost_of_a_workday_and_a_holiday_in_jiangsu(self):
        self.company.energy_slot_minutes = "60"
        tariff = self.tariff("jiangsu_315")
        prices = {"sharp": 1.2, "peak": 1.0, "flat": 0.6, "valley": 0.3, "deep_valley": 0.24}
        tariff.price_ids = [
            Command.create({"date_from": "2025-06-01", "period": period, "price": price})
            for period, price in prices.items()
        ]
        self.load(date(2026, 9, 30), [10.0] * 48)
        self.assert_near(self.costs(date(2026, 9, 30)), 10 * (7 * 1.0 + 9 * 0.6 + 8 * 0.3))
        self.assert_near(self.costs(date(2026, 10, 1)), 10 * (7 * 1.0 + 9 * 0.6 + 4 * 0.3 + 4 * 0.24))

    # === EXAMPLE 7 === #
    def test_example_7_calendar(self):
        """Energy 0.36 on weekdays 7-20 h, else 0.28; demand 18.05, and 10 more in weekdays 14-20 h."""
        self.company.energy_slot_minutes = "60"
        self.tou(
            [{"period": "peak", "start": 7.0, "end": 20.0, "day_class": "workday"}],
            {"peak": 0.36, "valley": 0.28},
            default="valley",
        )
        demand = self.tou(
            [{"period": "peak", "start": 14.0, "end": 20.0, "day_class": "workday"}],
            {},
            node_id=self.plant.id,
            name="Demand",
        )
        hour_of_year = 31 * 24 + 29 * 24 + 3 * 24 + 16
        for year, cost, charge in ((2023, 2.80, 180.50), (2024, 3.60, 280.50)):
            begins = datetime(year, 1, 1) + timedelta(hours=hour_of_year - 1)
            day = begins.date()
            amounts = [0.0] * 24
            amounts[begins.hour] = 10.0
            meter = self.node(f"M {year}", "meter", self.plant, energy_type_id=self.electricity.id)
            forward = self.add(meter, "EL.FWD")
            self.load(day, amounts, indicator=forward)
            self.assert_near(self.row(forward, day)["cost"], cost)
            in_window = self.hours(demand, day)[begins.hour] == "P"
            self.assert_near(10.0 * (18.05 + (10.0 if in_window else 0.0)), charge)

    # === MAKING TARIFFS === #
    def test_every_shipped_calendar_makes_a_complete_tariff(self):
        calendars = self.env["energy.tariff.calendar"].search([])
        self.assertGreaterEqual(len(calendars), 11)
        for calendar in calendars:
            plant = self.node(calendar.display_name, "unit", unit_type="plant")
            wizard = self.env["energy.tariff.from.calendar"].create(
                {"calendar_id": calendar.id, "node_id": plant.id, "date_from": date(2020, 1, 1), "edition_ids": False}
            )
            tariff = self.env["energy.tariff"].browse(wizard.action_create()["res_id"])
            tariff.price_ids = [Command.create({"date_from": date(2020, 1, 1), "price": 0.5})]
            check = self.env["energy.tariff.check"].create({"tariff_id": tariff.id, "year": 2026})
            self.assertTrue(check.is_complete, (calendar.display_name, check.line_ids.mapped("name")))
            self.assertEqual(tariff.version_ids.summary, calendar.summary)
            self.assertFalse(check.line_ids.filtered(lambda line: line.kind == "idle"), calendar.display_name)

    def test_later_edition_is_added_as_a_version(self):
        tariff = self.tariff("zhejiang_2024", edition_ids=False)
        self.assertEqual(len(tariff.version_ids), 1)
        later = self.env.ref("energy_carbon.calendar_zhejiang_2026")
        form = Form(self.env["energy.tariff.from.calendar"].with_context(default_tariff_id=tariff.id))
        form.calendar_id = later
        self.assertFalse(form.edition_ids, "the earlier edition is there already")
        form.save().action_create()
        self.assertEqual(
            tariff.version_ids.mapped("calendar_id"), later | self.env.ref("energy_carbon.calendar_zhejiang_2024")
        )
        self.assertEqual(tariff.version_ids[0].document, later.document)
        with self.assertRaisesRegex(ValidationError, "already has periods from 2026-07-01 on"):
            form.save().action_create()

    def test_tariff_keeps_its_hours_when_the_calendar_changes(self):
        tariff = self.tariff("guangdong")
        before = tariff.version_ids.summary
        calendar = self.env.ref("energy_carbon.calendar_guangdong")
        calendar.band_ids.filtered(lambda band: band.period == "valley").end = 7.0
        self.assertNotEqual(calendar.summary, before)
        self.assertEqual(tariff.version_ids.summary, before)

    def test_wizard_asks_for_what_is_missing(self):
        with self.assertRaisesRegex(UserError, "needs a name and an energy type"):
            self.tariff("guangdong", name=False)
        with self.assertRaisesRegex(UserError, "From which day on does Shandong"):
            self.tariff("shandong", date_from=False)

    def test_bad_calendar_is_refused_by_name(self):
        calendar = self.env.ref("energy_carbon.calendar_guangdong")
        with self.assertRaisesRegex(ValidationError, "Guangdong.*10:00–12:00 lie in more than one band: Valley, Peak"):
            calendar.band_ids = [Command.create({"period": "valley", "start": 9.0, "end": 12.0})]

    # === PICTURE AND RIGHTS === #
    def test_plan_shows_all_months_and_kinds_of_days(self):
        plan = self.tariff("jiangsu_315").version_ids.day_plan
        self.assertEqual(plan["columns"], ["Workday, Weekend", "Labour Day, National Day, Spring Festival"])
        self.assertEqual(
            [period["label"] for period in plan["periods"]], ["Sharp", "Peak", "Flat", "Valley", "Deep Valley"]
        )
        july = plan["courses"][plan["months"][6][0]]
        self.assertEqual(july[4:9], [[840, 900, 0], [900, 1170, 1], [1170, 1290, 0], [1290, 1320, 1], [1320, 1440, 2]])
        self.assertTrue(all(sum(end - start for start, end, _period in course) == 1440 for course in plan["courses"]))

    def test_plan_of_a_tariff_opens_on_the_version_of_today(self):
        plan = self.tariff("zhejiang_2024").calendar_plan
        self.assertEqual(
            [one["label"].split(" · ")[0] for one in plan["versions"]], ["from 2024-03-01", "from 2026-07-01"]
        )
        self.assertEqual(plan["chosen"], int(date.today() >= date(2026, 7, 1)))

    def test_rights(self):
        calendar = self.env.ref("energy_carbon.calendar_guangdong")
        for role, reads, writes in (("viewer", False, False), ("auditor", True, False), ("accountant", True, True)):
            user = new_test_user(
                self.env, f"calendar_{role}", f"energy_carbon.group_{role}",
                company_id=self.company.id, company_ids=[Command.set(self.company.ids)],
            )  # fmt: skip
            for record in (calendar, calendar.band_ids[0]):
                self.assertEqual(record.with_user(user).has_access("read"), reads, role)
                self.assertEqual(record.with_user(user).has_access("write"), writes, role)
            wizard = self.env["energy.tariff.from.calendar"].with_user(user)
            if writes:
                made = wizard.create({"calendar_id": calendar.id}).action_create()
                self.assertTrue(self.env["energy.tariff"].browse(made["res_id"]).version_ids)
            else:
                with self.assertRaises(AccessError):
                    wizard.create({"calendar_id": calendar.id})
