"""Targets: months of a year, what was reached, forecast, who may what."""

from contextlib import contextmanager
from datetime import date
from decimal import Decimal

from lxml import etree

from odoo.exceptions import AccessError, ValidationError
from odoo.tests import Form, freeze_time, tagged

from .common import EnergyCommon
from .plant import PlantCase

TODAY = date(2026, 7, 11)


@tagged("post_install", "-at_install")
@freeze_time("2026-07-11 04:00:00")
class TestEnergyTarget(PlantCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.meter = cls.node("Meter", "meter", cls.plant, energy_type_id=cls.type("EL").id)
        cls.forward = cls.add(cls.meter, "EL.FWD", source="entered")
        cls.consumption = cls.add(cls.plant, "EL.CONS")

    @classmethod
    def target(cls, indicator=None, **values):
        values = {"indicator_id": (indicator or cls.consumption).id, "date_from": "2026-03-05", **values}
        return cls.env["energy.target"].create(values)

    @contextmanager
    def refused(self, message, exception=ValidationError):
        with self.assertRaises(exception) as raised:
            yield
        self.assertRegex(str(raised.exception), message)

    # === MONTHS === #
    def test_new_target_is_named_by_its_kind(self):
        target = self.env["energy.target"].new({"kind": "quota", "date_from": "2026-01-01", "period": "year"})
        self.assertEqual(target.display_name, "Quota 2026")

    def test_split_by_last_years_profile_is_exact(self):
        amounts = [100.0 + 7 * month for month in range(12)]
        for month, amount in enumerate(amounts):
            self.enter(self.forward, date(2025, month + 1, 3), amount)
        self.compute()
        year = self.target(value=1_000_000.007)
        year.action_split()
        months = year.month_ids.sorted("date_from")
        self.assertEqual(year.split_by, "profile")
        self.assertEqual(len(months), 12)
        self.assertEqual(sum(Decimal(repr(value)) for value in months.mapped("value")), Decimal("1000000.007"))
        self.assert_near(months[11].value, 1_000_000.007 * amounts[11] / sum(amounts), 1e-8)
        self.assertEqual(year.months_total, 1_000_000.007)
        year.value = 500.0
        year.action_split()
        self.assertEqual(year.month_ids, months)
        self.assertEqual(sum(Decimal(repr(value)) for value in months.mapped("value")), Decimal("500"))

    def test_split_by_days_without_a_last_year(self):
        self.enter(self.forward, date(2025, 1, 3), 5.0)
        self.compute()
        year = self.target(value=36_500.0)
        year.action_split()
        months = year.month_ids.sorted("date_from")
        self.assertEqual(year.split_by, "days")
        self.assertEqual([months[0].value, months[1].value], [3100.0, 2800.0])
        self.assertEqual((months[1].date_from, months[1].date_to), (date(2026, 2, 1), date(2026, 2, 28)))

    def test_ratio_is_the_same_in_every_month(self):
        product = self.env["product.product"].create({"name": "Ring"})
        self.plant.product_ids = product
        ratio = self.add(self.plant, "SEC.EL", product_id=product.id)
        year = self.target(ratio, value=12.5)
        year.action_split()
        self.assertEqual((year.split_by, set(year.month_ids.mapped("value"))), ("same", {12.5}))

    # === REACHED === #
    def test_actual_percent_and_forecast(self):
        year = self.target(value=3650.0)
        month = self.target(value=310.0, period="month", date_from="2026-07-20")
        self.assertEqual((year.has_actual, year.state), (False, "none"))
        for day in range(1, 11):
            self.enter(self.forward, date(2026, 7, day), 11.0)
        self.enter(self.forward, TODAY, 2.0)
        self.compute()
        (year | month).invalidate_recordset()
        self.assertEqual((month.date_from, month.date_to), (date(2026, 7, 1), date(2026, 7, 31)))
        self.assertEqual((month.actual, month.forecast, month.state), (112.0, 341.0, "at_risk"))
        self.assert_near(month.percent, 112 / 310)
        self.assert_near(year.forecast, 4015.0)
        month.value = 100.0
        self.assertEqual(month.state, "missed")
        month.direction = "at_least"
        self.assertEqual(month.state, "on_track")
        self.assertIn(year, self.env["energy.target"].search([("state", "in", ["at_risk"])]))

    def test_over_period_is_met_or_missed(self):
        self.enter(self.forward, date(2026, 6, 3), 100.0)
        self.compute()
        june = self.target(value=100.0, period="month", date_from="2026-06-01")
        self.assertEqual((june.actual, june.forecast, june.state), (100.0, 100.0, "met"))
        june.value = 99.0
        self.assertEqual(june.state, "missed")

    def test_output_is_at_least(self):
        product = self.env["product.product"].create({"name": "Ring"})
        self.plant.product_ids = product
        output = self.plant.indicator_ids.filtered(lambda i: i.template_id.code == "OUT.QTY")
        self.assertEqual(self.target(output, value=10.0).direction, "at_least")
        self.assertEqual(self.target(value=10.0).direction, "at_most")

    def test_a_target_waits_for_its_indicator(self):
        template = self.env.ref("energy_carbon.template_t_tce")
        target = self.target(indicator_id=False, node_id=self.plant.id, template_id=template.id, value=5.0)
        self.assertFalse(target.indicator_id)
        total = self.add(self.plant, "T.TCE")
        self.assertEqual(target.indicator_id, total)

    # === BAD INPUT === #
    def test_bad_targets_are_refused(self):
        self.target(value=1.0)
        with self.refused("already a target “.*: Plan 20[0-9]{2}”"):
            self.target(value=2.0)
        with self.refused("below zero"):
            self.target(value=-1.0, kind="quota")
        stock = self.env.ref("energy_carbon.template_co_stk")
        with self.refused("is a stock"):
            self.target(indicator_id=False, node_id=self.plant.id, template_id=stock.id, value=1.0)

    # === SCREENS === #
    def test_pivot_and_lists_show_the_same_digits(self):
        """Zeros behind the point are hidden in all of them, so that a figure looks the same wherever it stands."""
        for model, view, figures in (
            ("energy.target", "list", ("value", "actual", "forecast")),
            ("energy.target.analysis", "list", ("target", "actual")),
            ("energy.target.analysis", "pivot", ("target", "actual")),
        ):
            arch = etree.fromstring(self.env[model].get_view(view_type=view)["arch"])
            for name in figures:
                [field] = arch.xpath(f"//field[@name='{name}']")
                self.assertIn("'hide_trailing_zeros': true", field.get("options"), (model, view, name))

    def test_form(self):
        with Form(self.env["energy.target"]) as form:
            form.indicator_id = self.consumption
            form.value = 1000.0
            form.document = "Plan 2026/3"
        self.assertEqual(form.record.node_id, self.plant)
        self.assertEqual(form.record.date_from, date(2026, 1, 1))

    def test_analysis_adds_up_only_what_may_be_added(self):
        self.enter(self.forward, date(2026, 6, 3), 100.0)
        self.compute()
        self.target(value=120.0, period="month", date_from="2026-05-01")
        self.target(value=130.0, period="month", date_from="2026-06-01")
        rows = self.env["energy.target.analysis"]
        domain = [("node_id", "=", self.plant.id)]
        self.assertEqual(rows._read_group(domain, [], ["target:sum", "actual:sum"]), [(250.0, 100.0)])
        self.target(value=1500.0)
        self.assertFalse(rows._read_group(domain, [], ["target:sum"])[0][0])
        grouped = rows._read_group(domain, ["period"], ["target:sum"])
        self.assertEqual(grouped, [("month", 250.0), ("year", 1500.0)])


@tagged("post_install", "-at_install")
class TestEnergyTargetRights(EnergyCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.targets = cls.env["energy.target"].with_user(cls.manager).create(
            [
                {"node_id": node.id, "template_id": cls.env.ref(f"energy_carbon.template_{code}").id, "value": 5.0,
                 "date_from": "2026-01-01"}
                for node, code in ((cls.workshop_1, "el_cons"), (cls.workshop_2, "el_cons"), (cls.plant, "t_cost"))
            ]
        )  # fmt: skip

    def test_manager_writes_others_read_within_their_walls(self):
        every = self.env["energy.target"]
        self.assertEqual(every.with_user(self.clerk_1).search([]).node_id, self.workshop_1)
        self.assertEqual(every.with_user(self.auditor).search([]), self.targets)
        self.assertEqual(every.with_user(self.viewer).search([]), self.targets[:2])
        for user in (self.clerk_1, self.viewer, self.accountant, self.auditor, self.engineer):
            with self.assertRaises(AccessError):
                self.targets[0].with_user(user).value = 1.0
            with self.assertRaises(AccessError):
                self.targets[0].with_user(user).action_split()
        with self.assertRaises(AccessError):
            self.targets[1].with_user(self.clerk_1).read(["value", "actual"])

    def test_walls_of_the_analysis(self):
        rows = self.env["energy.target.analysis"]
        self.assertEqual(rows.with_user(self.clerk_2).search([]).node_id, self.workshop_2)
        groups = rows.with_user(self.viewer)._read_group([], ["template_id"], ["target:sum"])
        self.assertEqual([template.code for template, _value in groups], ["EL.CONS"])
        self.assertEqual(groups[0][1], 10.0)

    def test_another_company_sees_nothing(self):
        other = self._create_company("Other Works")
        user = self._create_user("energy_other", "energy_carbon.group_manager")
        user.write({"company_ids": [(6, 0, other.ids)], "company_id": other.id})
        theirs = self.env["energy.target"].with_context(allowed_company_ids=other.ids).with_user(user)
        self.assertFalse(theirs.search([]))
        user.write({"company_ids": [(4, self.company.id)]})
        self.assertFalse(theirs.search([]))
        self.assertTrue(theirs.with_context(allowed_company_ids=self.company.ids).search([]))
