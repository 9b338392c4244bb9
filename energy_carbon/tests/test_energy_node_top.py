"""Where a person's part of the tree begins."""

from odoo.fields import Command
from odoo.tests import tagged

from .common import EnergyCommon


@tagged("post_install", "-at_install")
class TestEnergyNodeTop(EnergyCommon):
    def _top(self, user):
        return self.env["energy.node"].with_user(user).search([("is_my_top", "=", True)])

    def test_plant_for_manager_workshop_for_clerk(self):
        self.assertIn(self.plant, self._top(self.manager))
        self.assertNotIn(self.workshop_1, self._top(self.manager))
        self.assertEqual(self._top(self.clerk_1), self.workshop_1)
        self.assertTrue(self.workshop_1.with_user(self.clerk_1).is_my_top)
        self.assertFalse(self.device_1.with_user(self.clerk_1).is_my_top)

    def test_allowed_node_below_another_is_no_top(self):
        self.clerk_1.energy_node_ids = [Command.set((self.workshop_1 | self.device_1 | self.workshop_2).ids)]
        self.assertEqual(self._top(self.clerk_1), self.workshop_1 | self.workshop_2)

    def test_the_rest(self):
        rest = self.env["energy.node"].with_user(self.clerk_1).search([("is_my_top", "!=", True)])
        self.assertEqual(rest, self.device_1 | self.meter_1)

    def test_no_allowed_node_no_top(self):
        self.clerk_1.energy_node_ids = False
        self.assertFalse(self._top(self.clerk_1))
