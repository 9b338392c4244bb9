"""Ways through the picture of the management tree, each as the person who goes it."""

from odoo import fields
from odoo.tests import HttpCase, tagged

from .test_energy_node_tree import NodeTreeCase

SCREEN = "/odoo/energy-management-tree?month=2026-07"


@tagged("post_install", "-at_install")
class TestTreeTour(NodeTreeCase, HttpCase):
    def test_manager_draws_the_plant(self):
        """P4, I5: a device new, a meter from the ledger, another one moved as of today; the figure explains itself."""
        self.env["res.lang"]._activate_lang("en_US")
        self.manager.lang = "en_US"
        spare = self._create_node("Spare", kind="meter", energy_type_id=self.el.id)
        self.start_tour(SCREEN, "energy_manager_draws_the_plant", login="energy_manager", timeout=180)
        press = self.env["energy.node"].search([("name", "=", "Press"), ("parent_id", "=", self.workshop_1.id)])
        self.assertEqual(press.kind, "device")
        self.assertEqual((spare | self.meter_2).parent_id, press)
        moved = self.meter_2.parent_history_ids.filtered(lambda place: place.parent_id == press)
        today = fields.Date.context_today(self.meter_2.with_context(tz="Asia/Shanghai"))
        self.assertEqual(moved.date_from, today, "what it measured before stays with workshop 2")


@tagged("post_install", "-at_install")
class TestTreePhoneTour(NodeTreeCase, HttpCase):
    browser_size = "390x844"
    touch_enabled = True

    def test_clerk_finds_a_meter(self):
        self.env["res.lang"]._activate_lang("en_US")
        self.clerk_1.lang = "en_US"
        self.start_tour(SCREEN, "energy_clerk_finds_a_meter_on_a_phone", login="energy_clerk_1", timeout=120)
