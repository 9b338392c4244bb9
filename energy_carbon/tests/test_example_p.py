"""Example P, Plant A in July 2026: boundary totals, through the models."""

from odoo.tests import tagged

from .example_p import JULY, ExampleP
from .plant import PlantCase


@tagged("post_install", "-at_install")
class TestExampleP(PlantCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.example = ExampleP(cls)

    def _month(self, unit, code):
        return self.month(self.example.total(unit, code), JULY)["value"]

    def test_p1_boundary_totals(self):
        for code in ("ST.CONS", "CA.CONS", "T.TCE", "T.TCEQ", "T.MED", "T.NBS", "T.CO2L"):
            self.example.total("", code)
        self.compute()
        self.assert_near(self._month("", "EL.CONS"), 600_000.0)
        self.assert_near(self._month("", "T.TCE"), 170_884.0)
        self.assert_near(self._month("", "T.TCEQ"), 280_144.0)
        self.assert_near(self._month("", "T.MED"), 3_085.2)
        self.assert_near(self._month("", "T.NBS"), 167_197.0)
        shown = self.env["energy.value.month"].search([("company_id", "=", self.company.id)]).mapped("value")
        self.assertFalse([value for value in shown if abs(value - 291_269.2) < 1.0], "the naive sum must never appear")

    def test_p1_with_every_unit_total(self):
        """The same figures when the plant's totals are built of totals of its units."""
        for unit in self.example.units:
            self.example.total(unit, "T.TCE")
        self.example.total("", "T.TCE")
        self.example.total("", "T.NBS")
        self.compute()
        self.assert_near(self._month("", "T.TCE"), 170_884.0)
        self.assert_near(self._month("", "T.NBS"), 167_197.0)
        self.assert_near(self._month("Boiler house", "T.TCE"), 97_144 + 3_687)
        self.assert_near(self._month("W1", "T.TCE"), 29_496.0)
