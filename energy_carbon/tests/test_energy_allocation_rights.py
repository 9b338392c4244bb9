"""Who keeps allocation keys, and what those within walls learn of the others."""

from datetime import date

from odoo.exceptions import AccessError
from odoo.fields import Command
from odoo.tests import tagged

from .common import EnergyCommon

DAY = date(2026, 7, 15)


@tagged("post_install", "-at_install")
class TestEnergyAllocationRights(EnergyCommon):
    """Who keeps keys and what those within walls learn of the others."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        template = cls.env.ref("energy_carbon.template_el_fwd")
        cls.shared = cls._create_meter("Shared", cls.plant)
        cls.source = cls.env["energy.indicator"].create(
            {"node_id": cls.shared.id, "template_id": template.id, "source": "entered"}
        )
        lines = [
            Command.create({"node_id": node.id, "share": share})
            for node, share in ((cls.workshop_1, 0.6), (cls.workshop_2, 0.3))
        ]
        cls.key = (
            cls.env["energy.allocation"]
            .with_user(cls.manager)
            .create({"name": "Secret of W1", "source_id": cls.source.id, "line_ids": lines})
        )
        cls.env["energy.entry"].create(
            {"indicator_id": cls.source.id, "date_from": DAY, "date_to": DAY, "value": 100.0}
        )
        cls.env["energy.calculation"]._process()

    def test_managers_write_the_others_read(self):
        self.key.with_user(self.manager).note = "Agreed"
        for user in (self.viewer, self.accountant, self.auditor, self.engineer):
            key = self.key.with_user(user)
            self.assertEqual(key.line_ids.mapped("share"), [0.6, 0.3], user.login)
            with self.assertRaises(AccessError):
                key.note = "Mine"
            with self.assertRaises(AccessError):
                key.line_ids[0].share = 0.1
            with self.assertRaises(AccessError):
                key.action_equal_shares()

    def test_walls(self):
        for clerk in (self.clerk_1, self.clerk_2):
            self.assertFalse(self.env["energy.allocation"].with_user(clerk).search([]))
            self.assertFalse(self.env["energy.allocation.line"].with_user(clerk).search([]))
            with self.assertRaises(AccessError):
                self.key.with_user(clerk).read(["name"])
        self.viewer.energy_node_ids = self.workshop_2 | self.shared
        key = self.key.with_user(self.viewer)
        self.assertEqual(key.line_ids.node_id, self.workshop_2)

    def test_another_company_sees_nothing(self):
        other = self._create_company("Other Works")
        self.manager.company_ids = [Command.link(other.id)]
        theirs = self.env(user=self.manager, context={"allowed_company_ids": other.ids})
        self.assertFalse(theirs["energy.allocation"].search([]))
        self.assertFalse(theirs["energy.allocation.line"].search([]))
        ours = self.env(user=self.manager, context={"allowed_company_ids": self.company.ids})
        self.assertEqual(ours["energy.allocation"].search([]), self.key)

    def test_explain_names_no_hidden_unit(self):
        mine = self.key.line_ids.indicator_id.filtered(lambda i: i.node_id == self.workshop_2)
        explain = self.env["energy.indicator"].with_user(self.clerk_2).explain
        answer = explain(mine.id, "2026-07-15", "2026-07-15")
        self.assertEqual(answer["value"], 30.0)
        (line,) = answer["lines"]
        self.assertEqual((line["hidden"], line["contribution"], line["value"]), (True, 30.0, None))
        (table,) = answer["shares"]
        self.assertEqual([row["node"] for row in table["rows"]], ["W2", "other units"])
        self.assertEqual([row["share"] for row in table["rows"]], [None, None], "it would tell the source's figure")
        self.assertEqual([row["amount"] for row in table["rows"]], [30.0, None])
        for secret in ("W1", "Secret", "Shared"):
            self.assertNotIn(secret, str(answer))
        hidden = self.key.line_ids.indicator_id - mine
        with self.assertRaises(AccessError):
            explain(hidden.id, "2026-07-15", "2026-07-15")
