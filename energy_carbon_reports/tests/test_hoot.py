"""The unit tests of the report's screen (static/tests)."""

from odoo.addons.energy_carbon.tests.hoot_case import HootCase
from odoo.tests import no_retry, tagged


@tagged("post_install", "-at_install")
class TestReportHoot(HootCase):
    @no_retry
    def test_screens(self):
        self.run_screens("energy_carbon_reports")
