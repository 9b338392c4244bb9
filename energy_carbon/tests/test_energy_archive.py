"""Archiving is offered to those who may write."""

from odoo.tests import tagged

from .common import EnergyCommon


@tagged("post_install", "-at_install")
class TestEnergyArchive(EnergyCommon):
    def test_offered_by_right(self):
        """The client reads the field's description; an auditor's says read-only, a manager's does not."""
        names = ("energy.type", "energy.tariff", "energy.tariff.calendar", "energy.node", "energy.indicator")
        for name in (*names, "energy.indicator.template", "energy.allocation", "energy.balance"):
            model = self.env[name]
            with self.subTest(name):
                self.assertTrue(model.with_user(self.auditor).fields_get(["active"])["active"]["readonly"])
                self.assertFalse(model.with_user(self.manager).fields_get(["active"])["active"]["readonly"])
