"""The unit tests of the screens (static/tests)."""

from odoo.tests import no_retry, tagged

from .hoot_case import HootCase


@tagged("post_install", "-at_install")
class TestHoot(HootCase):
    @no_retry
    def test_screens(self):
        self.run_screens("energy_carbon")
