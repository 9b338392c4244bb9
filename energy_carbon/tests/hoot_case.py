"""Runs the unit tests of an addon's screens (static/tests) in a browser."""

from odoo.addons.web.tests.test_js import unit_test_error_checker
from odoo.tests import HttpCase


def hoot_id(name: str) -> str:
    """The id under which hoot knows a suite, as its own job hash does it."""
    number = 0
    for letter in name:
        number = ((number << 5) - number + ord(letter)) & 0xFFFFFFFF
    return f"{number:08x}"


class HootCase(HttpCase):
    def run_screens(self, addon: str):
        """All suites of an addon, at the width of a desk."""
        self.browser_js(
            f"/web/tests?headless&loglevel=2&preset=desktop&timeout=15000&id={hoot_id('@' + addon)}",
            "",
            "",
            login="admin",
            timeout=600,
            success_signal="[HOOT] Test suite succeeded",
            error_checker=unit_test_error_checker,
        )
