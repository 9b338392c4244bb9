"""Expressions in formulas: what they compute, in which units, what is refused and how it is told."""

import logging
import time
from datetime import date, timedelta
from statistics import median

from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.fields import Command
from odoo.tests import Form, new_test_user, tagged

from ..engine.cells import MOST_COUNTED
from ..engine.expression_tree import Problem
from ..tools.formula_problems import SENTENCES
from .plant import PlantCase

_logger = logging.getLogger(__name__)
DAY = date(2026, 7, 15)
JULY = date(2026, 7, 1)


@tagged("post_install", "-at_install")
class TestEnergyIndicatorExpression(PlantCase):
    """Two workshops with typed electricity and gas; the plant's electricity is an expression over them."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.first = cls.node("W1", "unit", cls.plant, unit_type="workshop")
        cls.second = cls.node("W2", "unit", cls.plant, unit_type="workshop")
        cls.power_1 = cls.add(cls.first, "EL.CONS", source="entered")
        cls.power_2 = cls.add(cls.second, "EL.CONS", source="entered")
        cls.gas = cls.add(cls.first, "NG.CONS", source="entered")
        cls.hours = cls.add(cls.first, "OP.H", source="entered")
        cls.on_plant = cls.add(cls.plant, "EL.CONS", whole_company=True)
        cls.on_plant.term_ids.unlink()

    @classmethod
    def express(cls, text, indicator=None, **sources):
        """Write an expression with its variables: name=indicator or name=(indicator, coefficient)."""
        indicator = indicator or cls.on_plant
        terms = [Command.clear()]
        for name, source in sources.items():
            source, coefficient = source if isinstance(source, tuple) else (source, 1.0)
            terms.append(Command.create({"variable": name, "source_id": source.id, "coefficient": coefficient}))
        indicator.write({"expression": text, "term_ids": terms})
        return indicator

    def figures(self, *amounts, day=DAY):
        """Type amounts on one day for (power_1, power_2, gas, hours); None leaves it blank."""
        for indicator, amount in zip((self.power_1, self.power_2, self.gas, self.hours), amounts, strict=False):
            if amount is not None:
                self.enter(indicator, day, amount)

    def value(self, indicator=None, day=DAY):
        self.compute()
        return (self.row(indicator or self.on_plant, day) or {"value": None})["value"]

    def assert_refused(self, text, message, **sources):
        with self.assertRaisesRegex((ValidationError, UserError), message), self.env.cr.savepoint():
            self.express(text, **(sources or {"a": self.power_1, "b": self.power_2}))

    # --- what is computed ---------------------------------------------------------------------------------------------
    def test_v1_division_by_zero_is_a_blank_day_and_the_month_the_rest(self):
        self.express("a * b / max(b, a - a)", a=self.power_1, b=self.power_2)
        self.figures(10.0, 4.0)
        self.figures(20.0, 0.0, day=DAY + timedelta(days=1))
        self.assert_near(self.value(), 10.0)
        blank = self.row(self.on_plant, DAY + timedelta(days=1))
        self.assertIsNone(blank["value"])
        self.assertEqual((blank["reason"], blank["quality"]), ("zero_denominator", "missing"))
        month = self.month(self.on_plant, JULY)
        self.assert_near(month["value"], 10.0)
        self.assertEqual(month["quality"], "partial")
        self.express("if(b > 0, a * b / b, 0)", a=self.power_1, b=self.power_2)
        self.assertEqual(self.value(day=DAY + timedelta(days=1)), 0.0)

    def test_v1_unit_consumption_as_a_gauge(self):
        template = self.env["energy.indicator.template"].create(
            {
                "name": "kWh per hour",
                "code": "X.PH",
                "kind": "gauge",
                "aggregation": "mean",
                "scope": "none",
                "uom_id": self.env.ref("energy_carbon.uom_kw").id,
            }
        )
        gauge = self.add(self.first, template.code, source="computed")
        self.express("a / b", gauge, a=self.power_1, b=self.hours)
        self.figures(10.0, None, None, 4.0)
        self.figures(20.0, None, None, 0.0, day=DAY + timedelta(days=1))
        self.assert_near(self.value(gauge), 2.5)
        self.assertEqual(self.row(gauge, DAY + timedelta(days=1))["reason"], "zero_denominator")
        self.assert_near(self.month(gauge, JULY)["value"], 2.5)

    def test_v2_names_that_mean_something_elsewhere(self):
        third = self.add(self.node("W3", "unit", self.plant), "EL.CONS", source="entered")
        self.express("beta + 2 * e - 电 / pi * pi", beta=self.power_1, e=(self.power_2, 0.5), 电=third, pi=self.gas)
        self.figures(1.0, 4.0, 3.0)
        self.enter(third, DAY, 2.0)
        self.assert_near(self.value(), 1.0 + 2 * 0.5 * 4.0 - 2.0)

    def test_signs_of_a_chinese_keyboard(self):
        self.express("if（a＞0，a＋b×2，0）", a=self.power_1, b=self.power_2)
        self.figures(1.0, 4.0)
        self.assert_near(self.value(), 9.0)

    def test_missing_input(self):
        self.express("a + b", a=self.power_1, b=self.power_2)
        self.figures(5.0, None)
        self.assertIsNone(self.value())
        self.assertEqual(self.row(self.on_plant, DAY)["reason"], "missing_input")
        self.express("a + coalesce(b, 0)", a=self.power_1, b=self.power_2)
        self.assert_near(self.value(), 5.0)
        row = self.row(self.on_plant, DAY)
        self.assertEqual((row["quality"], row["present"], row["expected"]), ("partial", 1, 2))
        self.on_plant.missing_policy = "blank"
        self.assertIsNone(self.value())

    def test_a_variable_is_missing_outside_its_days(self):
        self.express("if(b > 1, a + b, a)", a=self.power_1, b=self.power_2)
        self.on_plant.term_ids.filtered(lambda term: term.variable == "b").date_from = DAY
        self.figures(5.0, 2.0)
        self.figures(5.0, 2.0, day=DAY - timedelta(days=1))
        self.assert_near(self.value(), 7.0)
        self.assertIsNone(self.value(day=DAY - timedelta(days=1)))
        self.assertEqual(self.row(self.on_plant, DAY - timedelta(days=1))["expected"], 1)

    def test_unused_sources_do_not_count_and_are_told(self):
        self.express("2 * a", a=self.power_1, b=self.power_2)
        self.assertIn("does not use b", self.on_plant.expression_warning)
        self.figures(5.0, None)
        self.assert_near(self.value(), 10.0)
        self.assertEqual(self.row(self.on_plant, DAY)["expected"], 1)

    def test_clearing_an_expression_sums_again(self):
        self.express("a - b", a=self.power_1, b=self.power_2)
        self.figures(5.0, 2.0)
        self.assert_near(self.value(), 3.0)
        self.on_plant.expression = "  "
        self.assertFalse(self.on_plant.expression)
        self.assert_near(self.value(), 7.0)

    def test_too_large_a_result_has_its_reason(self):
        self.express("a * 1e200 * (1e200 * a / a)", a=self.power_1)
        self.figures(5.0)
        self.assertIsNone(self.value())
        self.assertEqual(self.row(self.on_plant, DAY)["reason"], "overflow")

    # --- companions ---------------------------------------------------------------------------------------------------
    def test_a_weighted_sum_takes_coal_and_cost_along(self):
        self.price("EL", 0.5)
        coal, cost = self.add(self.plant, "EL.TCE"), self.add(self.plant, "EL.COST")
        self.express("(a + b * 0.5) - a / 4", a=self.power_1, b=self.power_2)
        self.figures(100.0, 40.0)
        self.assert_near(self.value(), 95.0)
        self.assert_near(self.row(self.on_plant, DAY)["cost"], 47.5)
        self.assert_near(self.row(coal, DAY)["value"], 95.0 * 0.1229)
        self.assert_near(self.row(cost, DAY)["value"], 47.5)

    def test_what_is_no_weighted_sum_has_no_coal_and_says_why(self):
        self.price("EL", 0.5)
        coal = self.add(self.plant, "EL.TCE")
        self.express("max(a, b)", a=self.power_1, b=self.power_2)
        self.figures(100.0, 40.0)
        self.assert_near(self.value(), 100.0)
        self.assertIsNone(self.row(self.on_plant, DAY)["coal"])
        self.assertIsNone(self.row(coal, DAY)["value"])
        answer = self.env["energy.indicator"].explain(coal.id, DAY, DAY)
        self.assertIn("no weighted sum", answer["lines"][0]["note"])
        answer = self.env["energy.indicator"].explain(self.on_plant.id, DAY, DAY, "coal")
        self.assertIn("no weighted sum", " ".join(answer["notes"]))

    def test_coal_of_an_amount_in_mwh(self):
        """The amount is converted, coal and cost are not: as an expression and as a plain sum."""
        self.price("EL", 0.5)
        self.on_plant.uom_id = self.env.ref("energy_carbon.uom_mwh")
        self.express("a + b", a=self.power_1, b=self.power_2)
        self.figures(600.0, 400.0)
        for text in ("a + b", False):
            self.on_plant.expression = text
            self.assert_near(self.value(), 1.0)
            row = self.row(self.on_plant, DAY)
            self.assert_near(row["coal"], 122.9)
            self.assert_near(row["cost"], 500.0)

    # --- units --------------------------------------------------------------------------------------------------------
    def test_units_are_converted(self):
        self.power_2.uom_id = self.env.ref("energy_carbon.uom_mwh")
        self.express("if(b > 1, a + b, 0)", a=self.power_1, b=self.power_2)
        self.figures(500.0, 2.0)
        self.assert_near(self.value(), 2500.0)

    def test_hours_times_power_is_energy(self):
        meter = self.node("M1", "meter", self.first, energy_type_id=self.type("EL").id)
        power = self.add(meter, "EL.P", source="entered")
        self.express("a * b", a=power, b=self.hours)
        self.enter(power, DAY, 12.5)
        self.figures(None, None, None, 8.0)
        self.assert_near(self.value(), 100.0)

    def test_unlike_units_are_refused_by_name(self):
        self.assert_refused("a + b", "kWh and m³.\nCharacter 5: a \\+ ▶b", a=self.power_1, b=self.gas)
        self.assert_refused("a * b", "gives kWh·m³, but kWh is wanted", a=self.power_1, b=self.gas)
        self.assert_refused("a / b", "gives a plain number, but kWh is wanted")
        self.assert_refused("a + 1", "kWh and a plain number")

    def test_a_quotient_is_no_amount(self):
        template = self.env["energy.indicator.template"].create(
            {"name": "Fee", "code": "X.FEE", "kind": "amount", "scope": "none", "unit_text": "currency"}
        )
        fee = self.add(self.first, template.code, source="computed")
        with self.assertRaisesRegex(ValidationError, "quotient \\(kWh/m³\\)"), self.env.cr.savepoint():
            self.express("a / b", fee, a=self.power_1, b=self.gas)
        self.express("a * 0.65", fee, a=self.power_1)
        self.figures(100.0)
        self.assert_near(self.value(fee), 65.0)
        self.assertIsNone(self.row(fee, DAY)["coal"], "money is no energy")

    # --- what is refused ----------------------------------------------------------------------------------------------
    def test_v3_hostile_texts_are_refused_at_once(self):
        self.express("a + b", a=self.power_1, b=self.power_2)
        texts = {
            "__import__('os')": "Character 12",
            "a.__class__": "Character 2",
            "().__class__.__bases__": "Character 3",
            "9**9**9": "Character 3",
            "a" * 1_000_000: "longer than 4000",
            "(" * 10_000 + "a" + ")" * 10_000: "longer than 4000",
            "(" * 1_500 + "a" + ")" * 1_500: "nested deeper than 50",
            "a+" * 1_900 + "a": "more than 1000 parts",
            "lambda: a": "Character 7",
        }
        for text, message in texts.items():
            seconds = []
            for _time in range(5):
                start = time.thread_time()
                with self.assertRaisesRegex(ValidationError, message):
                    self.on_plant.write({"expression": text})
                seconds.append(time.thread_time() - start)
                self.env.invalidate_all(flush=False)
                self.env.cr.clear()
            self.assertLess(median(seconds), 0.05, text[:40])
            _logger.info("V3: %.4f s for %s", median(seconds), text[:20])
        self.assertEqual(self.on_plant.expression, "a + b")

    def test_errors_tell_the_place_and_what_is_expected(self):
        self.assert_refused("a + ) b", "number or a name is expected instead of '\\)'.\nCharacter 5: a \\+ ▶\\) b")
        self.assert_refused("a + c", "There is no variable 'c'; known are a, b.")
        self.assert_refused("a b", "An operator is expected before 'b'")
        self.assert_refused("(a", "ends where '\\)' is expected")
        self.assert_refused("sin(a)", "no function 'sin'; known are if, min")
        self.assert_refused("5", "uses no source")

    def test_every_sentence_can_be_translated(self):
        self.assertEqual(
            {problem: sentence._source for problem, sentence in SENTENCES.items()},
            {problem: problem.value for problem in Problem},
        )

    def test_kinds_with_a_rule_of_their_own_take_none(self):
        for code in ("EL.TCE", "T.TCE", "SEC.EL"):
            product = self.env["product.product"].create({"name": code})
            indicator = self.add(self.plant, code, product_id=product.id if code == "SEC.EL" else False)
            with self.assertRaisesRegex(ValidationError, "takes no expression"), self.env.cr.savepoint():
                indicator.expression = "a"

    def test_ratios_and_costs_are_no_sources(self):
        product = self.env["product.product"].create({"name": "P"})
        ratio = self.add(self.first, "SEC.EL", product_id=product.id)
        self.assert_refused("a * b", "ratios of days cannot be computed with", a=self.power_1, b=ratio)
        cost = self.add(self.first, "EL.COST")
        self.assert_refused("a * b", "computed by a factor", a=self.power_1, b=cost)

    def test_circles_and_other_nodes_are_still_refused(self):
        above = self.add(self.node("Group", "unit", unit_type="plant"), "EL.CONS", whole_company=True)
        self.express("2 * a", above, a=self.on_plant)
        self.assert_refused("a + b", "circle", a=self.power_1, b=above)
        self.on_plant.whole_company = False
        self.assert_refused("a + b", "does not lie at or below", a=self.power_1, b=above)

    def test_double_counting_still_warns(self):
        workshop = self.add(self.first, "HT.CONS", source="entered")
        self.assertFalse(self.on_plant.double_count_warning)
        middle = self.add(self.node("W4", "unit", self.plant), "EL.CONS", whole_company=True)
        self.formula(middle, self.power_1)
        self.express("a + b + c * 0", a=self.power_1, b=middle, c=workshop)
        self.assertIn("W1", self.on_plant.double_count_warning)

    # --- names --------------------------------------------------------------------------------------------------------
    def test_names_are_friendly_and_unique(self):
        self.formula(self.on_plant, self.power_1, self.power_2)
        self.assertEqual(self.on_plant.term_ids.mapped("variable"), ["a", "b"])
        with self.assertRaisesRegex(ValidationError, "Two sources.*variable a"), self.env.cr.savepoint():
            self.on_plant.term_ids[1].variable = "a"
        with self.assertRaisesRegex(ValidationError, "cannot be the name"), self.env.cr.savepoint():
            self.on_plant.term_ids[1].variable = "2b"

    def test_a_form_names_new_sources(self):
        with Form(self.on_plant) as form:
            form.expression = "b - a"
            for source in (self.power_1, self.power_2):
                with form.term_ids.new() as term:
                    term.source_id = source
            self.assertEqual([term["variable"] for term in form.term_ids._records], ["a", "b"])
        self.figures(5.0, 7.0)
        self.assert_near(self.value(), 2.0)

    def test_renaming_sources_and_variables(self):
        self.express("a - 2 * b", a=self.power_1, b=self.power_2)
        self.figures(100.0, 10.0)
        self.assert_near(self.value(), 80.0)
        self.first.name = "Foundry"
        self.assertIn("[Foundry / Electricity consumption] - 2 * [W2 / ", self.on_plant.formula_text)
        one, other = self.on_plant.term_ids
        swapped = [Command.update(one.id, {"variable": "b"}), Command.update(other.id, {"variable": "a"})]
        self.on_plant.write({"expression": "b - 2 * a", "term_ids": swapped})
        self.assert_near(self.value(), 80.0)
        with self.assertRaisesRegex(ValidationError, "no variable 'a'"), self.env.cr.savepoint():
            other.variable = "c"
        with self.assertRaisesRegex(ValidationError, "no variable 'a'"), self.env.cr.savepoint():
            other.unlink()

    def test_copies_keep_the_formula(self):
        self.express("a - 2 * b", a=self.power_1, b=self.power_2)
        copied = self.on_plant.copy({"flow": "purchase"})
        self.assertEqual((copied.expression, copied.term_ids.mapped("variable")), ("a - 2 * b", ["a", "b"]))

    def test_usual_formula_replaces_an_expression(self):
        self.express("a - 2 * b", a=self.power_1, b=self.power_2)
        self.on_plant.action_default_formula()
        self.assertFalse(self.on_plant.expression)
        self.assertEqual(self.on_plant.term_ids.source_id, self.power_1 | self.power_2)

    # --- explain, live check, rights ----------------------------------------------------------------------------------
    def test_explain_shows_variables_and_contributions(self):
        self.express("a - 0.5 * b", a=self.power_1, b=(self.power_2, 2.0))
        self.figures(100.0, 40.0)
        self.compute()
        answer = self.env["energy.indicator"].explain(self.on_plant.id, DAY, DAY)
        self.assertEqual(answer["expression"], "a - 0.5 * b")
        self.assertIn("- 0.5 * (2 × [W2 / Electricity consumption])", answer["formula"])
        lines = [
            (line["variable"], line["value"], line["coefficient"], line["contribution"]) for line in answer["lines"]
        ]
        self.assertEqual(lines, [("a", 100.0, 1.0, 100.0), ("b", 40.0, -1.0, -40.0)])
        self.express("max(a, b) + a * h / h", a=self.power_1, b=self.power_2, h=self.hours)
        self.figures(None, None, None, 3.0)
        self.compute()
        answer = self.env["energy.indicator"].explain(self.on_plant.id, JULY, date(2026, 7, 31))
        self.assertEqual([line["contribution"] for line in answer["lines"]], [None] * 3)
        self.assertEqual([line["value"] for line in answer["lines"]], [100.0, 40.0, 3.0])
        self.assertIn("computed for each day", " ".join(answer["notes"]))

    def test_a_formula_broken_behind_its_back_is_blank_and_says_so(self):
        self.express("a + b", a=self.power_1, b=self.power_2)
        self.figures(100.0, 40.0)
        self.assert_near(self.value(), 140.0)
        self.env.cr.execute("UPDATE energy_indicator SET expression = 'a +' WHERE id = %s", [self.on_plant.id])
        self.on_plant.invalidate_recordset()
        self.env["energy.calculation"]._mark(self.on_plant)
        self.assertIsNone(self.value())
        calculation = self.env["energy.calculation"].search([("company_id", "=", self.company.id)])
        self.assertIn("The formula ends where a number", calculation.error)
        answer = self.env["energy.indicator"].explain(self.on_plant.id, DAY, DAY)
        self.assertIn("can no longer be computed: The formula ends", " ".join(answer["notes"]))

    def test_live_check(self):
        check = self.env["energy.indicator"].check_expression
        names = {"a": self.power_1.id, "b": self.gas.id}
        about = {"template_id": self.on_plant.template_id.id, "uom_id": self.on_plant.uom_id.id}
        self.assertEqual(
            check("2 * a", {"a": self.power_1.id}, **about), {"ok": True, "message": False, "position": None}
        )
        self.assertEqual(check("a + )", names, **about)["position"], 4)
        self.assertRegex(check("a + b", names, **about)["message"], "kWh and m³")
        self.assertTrue(check("a + b", {"a": self.power_1.id, "b": False}, **about)["ok"], "no unit known yet")
        self.assertIn("uses no source", check("5", names, **about)["message"])
        unused = check("a", names, **about)
        self.assertTrue(unused["ok"])
        self.assertIn("does not use b", unused["message"])
        about["template_id"] = self.env.ref("energy_carbon.template_t_tce").id
        self.assertIn("takes no expression", check("a", names, **about)["message"])

    def test_only_managers_write_expressions(self):
        self.express("a + b", a=self.power_1, b=self.power_2)
        for role in ("clerk", "viewer", "engineer", "accountant", "auditor"):
            user = self._user(role)
            with self.assertRaises(AccessError), self.env.cr.savepoint():
                self.on_plant.with_user(user).expression = "a"
            with self.assertRaises(AccessError), self.env.cr.savepoint():
                self.on_plant.term_ids[0].with_user(user).variable = "z"
        self.on_plant.with_user(self._user("manager")).expression = "a - b"
        self.assertEqual(self.on_plant.expression, "a - b")

    def test_sources_out_of_sight_are_nameless(self):
        self.on_plant.whole_company = True
        inner = self.add(self.first, "EL.LOSS", source="computed", whole_company=True)
        self.express("max(a, b)", inner, a=self.power_1, b=self.power_2)
        viewer = self._user("viewer")
        self.assertNotIn("other units", inner.with_user(viewer).formula_text)
        viewer.energy_node_ids = self.first
        inner.invalidate_recordset()
        text = inner.with_user(viewer).formula_text
        self.assertIn("[other units]", text)
        self.assertNotIn("W2", text)
        self.figures(5.0, 7.0)
        self.compute()
        answer = self.env["energy.indicator"].with_user(viewer).explain(inner.id, DAY, DAY)
        self.assertEqual([line["label"] for line in answer["lines"]], [self.power_1.name, "other units"])
        self.assertIsNone(answer["lines"][1]["contribution"])

    def _user(self, role):
        """A user of a role who may see the whole plant."""
        user = new_test_user(
            self.env,
            f"expression_{role}",
            f"energy_carbon.group_{role}",
            company_id=self.company.id,
            company_ids=[Command.set(self.company.ids)],
        )
        user.energy_node_ids = self.plant
        return user

    # --- size ---------------------------------------------------------------------------------------------------------
    def test_v4_five_thousand_indicators_in_chains_500_deep(self):
        chains, depth, days = 10, 500, 3
        leaf = self.add(self.node("Feed", "unit", self.plant), "EL.CONS", source="entered")
        ids = self._chains(leaf, chains, depth)
        for offset in range(days):
            self.enter(leaf, DAY + timedelta(days=offset), 100.0 + offset)
        self.compute()
        self.env.cr.execute("SELECT indicator_id, date, value FROM energy_value WHERE indicator_id = ANY(%s)", [ids])
        found = {(indicator, day): value for indicator, day, value in self.env.cr.fetchall()}
        self.assertEqual(len(found), chains * depth * days)
        for offset in range(days):
            fed = 100.0 + offset
            for at, indicator in enumerate(ids):
                chain, level = divmod(at, depth)
                expected = fed * (1 + (level + 1) * (0.5 if chain % 2 else 1.0))
                self.assert_near(found[indicator, DAY + timedelta(days=offset)], expected)

    def test_formulas_that_branch_and_meet_again(self):
        """40 levels, each taking the one before twice: 2^40 ways, no count runs over and nothing hangs."""
        leaf = self.add(self.node("Feed", "unit", self.plant), "EL.CONS", source="entered")
        ids = self._chains(leaf, 1, 40, twice=True)
        self.enter(leaf, DAY, 1.0)
        top = self.env["energy.indicator"].browse(ids[-1])
        self.assert_near(self.value(top), 2.0**40)
        self.assertIn("Feed", top.double_count_warning)
        row = self.row(top, DAY)
        self.assertEqual((row["present"], row["expected"], row["quality"]), (MOST_COUNTED, MOST_COUNTED, "entered"))

    def _chains(self, leaf, chains, depth, twice=False) -> list[int]:
        """Indicators at nodes of their own, made in bulk: each adds (half of) the leaf to the one before it.

        :param twice: each adds the one before it to itself instead
        """
        cr = self.env.cr
        self.env.flush_all()
        cr.execute(
            """INSERT INTO energy_node (name, kind, parent_id, parent_path, company_id, active, depth, placed)
               SELECT 'N' || g, 'unit', %(parent)s, 'x', %(company)s, TRUE, 2, TRUE
                 FROM generate_series(1, %(count)s) g RETURNING id""",
            {"parent": self.plant.id, "company": self.company.id, "count": chains * depth},
        )
        nodes = [row[0] for row in cr.fetchall()]
        cr.execute(
            "UPDATE energy_node SET parent_path = %s || id || '/' WHERE id = ANY(%s)", [self.plant.parent_path, nodes]
        )
        columns = (
            "template_id",
            "company_id",
            "uom_id",
            "flow",
            "use",
            "source",
            "kind",
            "measure",
            "energy_type_id",
            "entry_mode",
            "missing_policy",
            "indicator_class",
            "node_kind",
            "active",
            "whole_company",
        )
        cr.execute(
            f"""INSERT INTO energy_indicator (node_id, expression, {", ".join(columns)})
                SELECT n.id, CASE WHEN ((n.place - 1) / %s) %% 2 = 1 THEN 'if(b > 0, a + b * 0.5, a)' ELSE 'a + b' END,
                       {", ".join(columns)}
                  FROM energy_indicator i, unnest(%s) WITH ORDINALITY AS n(id, place) WHERE i.id = %s
              ORDER BY n.place RETURNING id""",
            [depth, nodes, self.on_plant.id],
        )
        ids = [row[0] for row in cr.fetchall()]
        terms = []
        for at, one in enumerate(ids):
            before = leaf.id if at % depth == 0 else ids[at - 1]
            for variable, source in (("a", before), ("b", before if twice else leaf.id)):
                terms.append((one, source, variable, "sum", 1.0, self.company.id))
        cr.execute_values(
            "INSERT INTO energy_indicator_term (indicator_id, source_id, variable, role, coefficient, company_id) VALUES %s",
            terms,
        )
        self.env.invalidate_all()
        return ids
