"""Walls: other workshops, other companies, prices, other people's reports."""

from odoo.exceptions import AccessError, UserError
from odoo.tests import tagged

from .common import JULY, ReportCommon


@tagged("post_install", "-at_install")
class TestReportRights(ReportCommon):
    def plain(self, wizard) -> str:
        """Everything the Excel file says, as one text."""
        book = self.workbook(wizard)
        return "\n".join(str(cell.value) for sheet in book for row in sheet.iter_rows() for cell in row if cell.value)

    def test_a_clerk_gets_his_workshop_only(self):
        wizard = self.report(self.clerk_2, node_id=self.workshop_2.id)
        text = self.plain(wizard)
        self.assertIn("W2", text)
        self.assertNotIn("W1", text)
        self.assertNotIn("Furnace", text)

    def test_a_forbidden_unit_is_refused(self):
        for node in (self.workshop_1, self.plant):
            wizard = self.report(self.clerk_2, node_id=self.workshop_2.id)
            with self.assertRaises(AccessError):
                wizard.node_id = node
                wizard.invalidate_recordset()
                wizard._xlsx()

    def test_a_forbidden_unit_in_the_url_is_as_if_not_there(self):
        model = self.env["energy.report.wizard"].with_user(self.clerk_2)
        answer = model.open_report({"node_id": self.workshop_1.id, "date_from": "2024-07-01", "period_kind": "month"})
        self.assertEqual(answer["options"]["node_id"], self.workshop_2.id)
        self.assertNotIn("W1", str(answer))

    def test_what_is_no_id_is_no_report(self):
        model = self.env["energy.report.wizard"].with_user(self.clerk_2)
        for odd in (None, False, True, 0, -1, 2**31, 2**70, 1.5, "x", [1], {}):
            with self.subTest(odd=odd), self.assertRaises(UserError):
                model.energy_report(odd)

    def test_no_unit_no_report(self):
        stranger = self._create_user("energy_stranger", "energy_carbon.group_viewer")
        answer = self.env["energy.report.wizard"].with_user(stranger).open_report({"node_id": self.plant.id})
        self.assertEqual(answer, {"empty": "no_unit"})

    def test_without_the_group_nothing_at_all(self):
        outsider = self._create_user("energy_outsider", "base.group_user")
        with self.assertRaises(AccessError):
            self.env["energy.report.wizard"].with_user(outsider).open_report({})

    def test_no_cost_without_the_price_right(self):
        for user, sees in ((self.viewer, False), (self.clerk_1, False), (self.engineer, False), (self.auditor, True)):
            node = self.workshop_1 if user == self.clerk_1 else self.plant
            wizard = self.report(user, node_id=node.id)
            text = self.plain(wizard)
            self.assertEqual("Cost" in text or "CNY" in text, sees, user.login)
            screen = str(wizard.energy_report(wizard.id))
            self.assertEqual("'cost'" in screen or ":cost" in screen, sees, user.login)
            self.assertEqual("price" in str(wizard._notes()), sees, user.login)

    def test_somebody_elses_report_is_refused(self):
        wizard = self.report(self.manager)
        for user in (self.clerk_1, self.auditor):
            with self.assertRaises(AccessError):
                wizard.with_user(user).energy_report(wizard.id)
            with self.assertRaises(AccessError):
                wizard.with_user(user).change_report(wizard.id, {})

    def test_another_company_is_out_of_sight(self):
        other = self._create_company("Other Castings")
        self.env.user.company_ids |= other
        foreign = (
            self.env["energy.node"]
            .with_context(allowed_company_ids=other.ids)
            .create({"name": "Foreign plant", "kind": "unit", "company_id": other.id})
        )
        wizard = self.report(self.manager)
        with self.assertRaises(AccessError):
            wizard.node_id = foreign
        wizard.sudo().node_id = foreign
        wizard.invalidate_recordset()
        with self.assertRaises(AccessError):
            wizard._xlsx()

    def test_a_vanished_report_says_so(self):
        wizard = self.report(self.manager)
        number = wizard.id
        wizard.unlink()
        with self.assertRaises(UserError):
            self.env["energy.report.wizard"].with_user(self.manager).energy_report(number)

    def test_the_auditor_changes_nothing_by_reporting(self):
        wizard = self.report(self.auditor)
        self.assertTrue(wizard._xlsx())
        self.assertEqual(wizard._span().first, JULY)
