"""Calls with what the report's screen never sends."""

from odoo.addons.energy_carbon.tests.odd_case import OddRequestCase
from odoo.tests import tagged

from .common import ReportCommon


@tagged("post_install", "-at_install")
class TestReportOddRequests(OddRequestCase, ReportCommon):
    def test_arguments_of_every_call(self):
        report = self.env["energy.report.wizard"].with_user(self.manager).open_report({})["wizard_id"]
        requests = {
            ("energy.report.wizard", "open_report"): {"options": {}},
            ("energy.report.wizard", "change_report"): {"wizard_id": report, "options": {}, "step": 1},
            ("energy.report.wizard", "energy_report"): {"wizard_id": report},
        }
        self.assertEqual(sorted(requests), self.own_methods("energy_carbon_reports", of_model=True))
        for (model, method), arguments in requests.items():
            self.ask_oddly(self.manager, model, method, **arguments)

    def test_options_that_do_not_fit_are_left_out(self):
        options = self.env["energy.report.wizard"].with_user(self.manager).open_report({})["options"]

        def changed(name):
            return lambda odd: {"options": {name: odd}}

        for name in options:
            self.ask_oddly_within(self.manager, "energy.report.wizard", "open_report", changed(name))
        for name, odd in (("types", "x,²,99999999999,-1"), ("node_id", "99999999999"), ("date_from", "0001-01-01")):
            again = self.env["energy.report.wizard"].with_user(self.manager).open_report({name: odd})
            self.assertEqual(again["options"], options)

    def test_buttons_without_records(self):
        self.press_oddly(self.manager, "energy_carbon_reports")
