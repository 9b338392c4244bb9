"""What the screen gets, and how it changes the period."""

from datetime import date

from odoo.tests import HttpCase, tagged

from .common import ReportCommon


@tagged("post_install", "-at_install")
class TestReportScreen(ReportCommon):
    def open(self, user=None, **options):
        options = {"node_id": self.plant.id, "period_kind": "month", "date_from": "2024-07-15", **options}
        return self.model(user).open_report(options)

    def model(self, user=None):
        return self.env["energy.report.wizard"].with_user(user or self.manager).with_context(lang="en_US")

    def test_open_gives_everything_at_once(self):
        answer = self.open()
        self.assertEqual((answer["period"], answer["compared"]), ("July 2024", "June 2024"))
        self.assertEqual(set(answer["matrices"]), {"summary", "details", "course"})
        self.assertFalse(answer["empty"])
        self.assertEqual(answer["options"]["date_from"], "2024-07-01")
        cell = answer["matrices"]["summary"]["cells"][str(self.plant.id)][f"type{self.el.id}:amount"]
        self.assertAlmostEqual(cell["value"], 3410.0, places=9)
        self.assertEqual(cell["date_to"], "2024-07-31")

    def test_columns_of_the_compared_period(self):
        answer = self.open(compare="last_year")
        details, summary = answer["matrices"]["details"], answer["matrices"]["summary"]
        compared = [(column["label"], column["of"]) for column in details["columns"] if column["kind"] == "previous"]
        self.assertEqual(compared[0], ("Same period last year", "amount"))
        self.assertTrue(details["shows_compared"])
        self.assertFalse([column for column in summary["columns"] if column["of"]], "there it is in the cell")
        plain = self.open(compare="none")["matrices"]["details"]
        self.assertFalse(plain["shows_compared"])
        self.assertFalse([column for column in plain["columns"] if column["of"]])

    def test_back_and_forth(self):
        answer = self.open()
        model = self.model()
        back = model.change_report(answer["wizard_id"], {}, -1)
        self.assertEqual(back["period"], "June 2024")
        year = model.change_report(answer["wizard_id"], {"period_kind": "year"})
        self.assertEqual(year["period"], "2024")
        self.assertEqual(model.change_report(answer["wizard_id"], {}, 1)["period"], "2025")

    def test_a_free_period_starts_from_what_was_shown(self):
        answer = self.open()
        free = self.model().change_report(answer["wizard_id"], {"period_kind": "free"})
        self.assertEqual((free["options"]["date_from"], free["options"]["date_to"]), ("2024-07-01", "2024-07-31"))
        later = self.model().change_report(answer["wizard_id"], {"date_from": "2024-08-05"})
        self.assertEqual(later["options"]["date_to"], "2024-08-05")
        alone = self.open(period_kind="free", date_from="2024-07-05")
        self.assertEqual(alone["options"]["date_to"], "2024-07-05")

    def test_from_a_unit_to_its_report(self):
        action = self.workshop_1.with_user(self.manager).action_energy_report()
        self.assertEqual(action["params"], {"node_id": self.workshop_1.id})

    def test_options_of_an_old_url_do_no_harm(self):
        answer = self.open(levels="nonsense", compare="'; DROP", date_to="never", types="x,999999999", node_id="-1")
        self.assertEqual(answer["options"]["levels"], "children")
        self.assertEqual(answer["options"]["compare"], "previous")
        self.assertEqual(answer["options"]["types"], "")
        self.assertEqual(answer["options"]["node_id"], self.plant.id)

    def test_types_and_bases_are_kept_in_the_url(self):
        answer = self.open(types=str(self.el.id), coal_basis="equivalent", in_tonnes="1")
        self.assertEqual(answer["options"]["types"], str(self.el.id))
        self.assertEqual(answer["options"]["coal_basis"], "equivalent")
        self.assertTrue(answer["options"]["in_tonnes"])

    def test_figures_in_recomputation_are_said_to_be(self):
        self.assertNotIn("recomputed", str(self.open()["notes"]))
        self.env["energy.calculation"]._mark(self.counted["main"], date(2024, 7, 1), date(2024, 7, 2))
        self.assertIn("recomputed", str(self.open()["notes"]))

    def test_a_period_with_today_in_it_is_running(self):
        self.assertFalse(self.open()["running"])
        self.assertTrue(self.open(date_from=str(self.model()._today()))["running"])

    def test_empty_states(self):
        answer = self.open(date_from="2023-01-01")
        self.assertEqual(answer["empty"], "no_value")
        self.assertEqual(answer["latest"], {"date": "2024-07-01", "label": "July 2024"})
        bare = self._create_node("Office", parent_id=self.plant.id)
        self.assertEqual(self.open(node_id=bare.id)["empty"], "no_indicator")

    def test_words_are_the_readers(self):
        self.manager.lang = "zh_CN"
        model = self.env["energy.report.wizard"].with_user(self.manager).with_context(lang="zh_CN")
        answer = model.open_report({"node_id": self.plant.id, "period_kind": "month", "date_from": "2024-07-15"})
        self.assertEqual(answer["period"], "2024年7月")
        self.assertEqual(answer["matrices"]["summary"]["title"], "汇总")
        for note in answer["notes"]:
            self.assertRegex(note, "[\u4e00-\u9fff]")


@tagged("post_install", "-at_install")
class TestReportTour(HttpCase, ReportCommon):
    """The screen in a browser."""

    def setUp(self):
        super().setUp()
        self.env["res.lang"]._activate_lang("en_US")
        (self.manager | self.clerk_2).lang = "en_US"

    def test_manager(self):
        url = f"/odoo/energy-report?period_kind=month&date_from=2024-07-01&levels=units&node_id={self.plant.id}"
        self.start_tour(url, "energy_report_manager", login="energy_manager")

    def test_clerk(self):
        url = f"/odoo/energy-report?period_kind=month&date_from=2024-07-01&node_id={self.plant.id}"
        self.start_tour(url, "energy_report_clerk", login="energy_clerk_2")
