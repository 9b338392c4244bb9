"""Build indicators on Example P: the same figures as built by hand."""

from odoo.exceptions import UserError
from odoo.tests import tagged

from .build_case import BuildCase
from .example_p import JULY, ExampleP

FIGURES = ("value", "coal", "coal_equivalent", "carbon", "carbon_market", "cost", "expected", "present")


@tagged("post_install", "-at_install")
class TestEnergyBuildExample(BuildCase):
    """Example P: the meters and typed figures are there, everything above them is built."""

    CODES = (
        "ST.CONS",
        "CA.CONS",
        "EL.TCE",
        "NG.COST",
        "T.TCE",
        "T.TCEQ",
        "T.MED",
        "T.NBS",
        "T.CO2L",
        "T.CO2M",
        "T.COST",
    )

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.example = ExampleP(cls)
        cls.price("NG", 3.2)
        cls.price("WT", 4.1)
        cls.example.tariff()

    def _months(self):
        """(node, template code) -> the month's figures, of everything that is computed but for ratios."""
        self.env.flush_all()
        self.env.cr.execute(
            f"""SELECT m.node_id, t.code, {", ".join(f"m.{name}" for name in FIGURES)}
                  FROM energy_value_month m JOIN energy_indicator i ON i.id = m.indicator_id
                  JOIN energy_indicator_template t ON t.id = i.template_id
                 WHERE m.company_id = %s AND m.month = %s AND i.source = 'computed'""",
            [self.company.id, JULY],
        )
        return {row[:2]: row[2:] for row in self.env.cr.fetchall()}

    def _build_by_hand(self):
        for unit in self.example.units:
            for code in ("EL.TCE", "EL.CO2", "EL.COST", "T.TCE", "T.CO2L", "T.COST"):
                self.example.total(unit, code)
        for code in self.CODES:
            self.example.total("", code)

    def _drop_computed(self):
        terms = self.env["energy.indicator.term"].search([("company_id", "=", self.company.id)])
        terms.unlink()
        self.env["energy.indicator"].search(
            [("company_id", "=", self.company.id), ("source", "=", "computed")]
        ).unlink()
        self.example.totals.clear()

    def test_the_same_figures_as_built_by_hand(self):
        self._build_by_hand()
        self.compute()
        hand = self._months()
        self._drop_computed()
        self.compute()
        self.assertFalse(self._months())
        self.apply()
        self.compute()
        built = self._months()
        self.assertEqual(hand.keys() - built.keys(), set())
        for key, figures in hand.items():
            for name, old, new in zip(FIGURES, figures, built[key], strict=True):
                if old is None:
                    self.assertIsNone(new, (key, name))
                else:
                    self.assert_near(new, old)
        self.assert_near(self.month(self.at(self.plant, "T.TCE"), JULY)["value"], 170_884.0)
        self.assert_near(self.month(self.at(self.plant, "T.NBS"), JULY)["value"], 167_197.0)

    def test_applied_twice_proposes_nothing(self):
        self.apply()
        again = self.propose()
        self.assertFalse(self.open_lines(again))
        with self.assert_refused(UserError, "Nothing is ticked"):
            again.action_apply()

    def test_the_usual_formula_is_the_one_that_was_built(self):
        self.apply()
        built = self.env["energy.indicator"].search(
            [("company_id", "=", self.company.id), ("source", "=", "computed"), ("kind", "!=", "ratio")]
        )
        formulas = self._formulas(built)
        self.assertGreater(len(formulas), 40)
        built.with_user(self.manager).action_default_formula()
        self.assertEqual(self._formulas(built), formulas)

    def _formulas(self, indicators):
        return {
            (term.indicator_id.display_name, term.source_id.display_name, term.coefficient, term.date_from, term.date_to)
            for term in indicators.term_ids
        }

    def test_own_made_steam_and_air_are_quantities_only(self):
        self.apply()
        w1 = self.example.units["W1"]
        self.assertEqual(self.at(w1, "ST.CONS").source, "entered")
        for code in ("ST.TCE", "ST.CO2", "ST.COST", "CA.TCE", "CA.COST"):
            self.assertFalse(self.at(w1, code), code)
        self.assertEqual(
            self.at(self.plant, "ST.CONS").term_ids.source_id.node_id.mapped("name"), ["W1", "W2", "Office"]
        )

    def test_the_whole_tree_can_be_built_from_bare_meters(self):
        """Without any indicator the meters get theirs, with the flow that the declared uses give them."""
        entries = self.env["energy.entry"].search([("company_id", "=", self.company.id)])
        entries.unlink()
        self._drop_computed()
        self.env.cr.execute("DELETE FROM energy_value WHERE company_id = %s", [self.company.id])
        self.env["energy.indicator"].search([("company_id", "=", self.company.id)]).unlink()
        steam = self.node("S-01", "meter", self.example.units["Boiler house"], energy_type_id=self.type("ST").id)
        used = self.node(
            "S-02", "meter", self.example.units["W1"], energy_type_id=self.type("ST").id, main_meter_id=steam.id
        )
        self.apply()
        self.assertEqual(self.at(self.example.main_meter, "EL.FWD").flow, "purchase")
        self.assertEqual(self.at(self.example.main_meter, "EL.FWD").source, "entered", "the meter is a typed one")
        self.assertEqual(self.at(steam, "ST.HEAT").flow, "transformation_out")
        self.assertEqual(self.at(self.example.units["Boiler house"], "ST.GEN").flow, "transformation_out")
        self.assertEqual(self.at(used, "ST.HEAT").flow, "consumption")
        self.assertEqual(self.at(self.plant, "EL.CONS").term_ids.source_id.node_id, self.example.main_meter)
        nbs = self.at(self.plant, "T.NBS").term_ids
        self.assertEqual(
            nbs.filtered(lambda term: term.coefficient < 0).source_id,
            self.at(self.example.units["Dormitory"], "T.TCE") | self.at(self.example.units["Tenant"], "T.TCE"),
        )
