"""Build indicators: nothing twice, nothing overwritten, locks and hints."""

from datetime import date
from unittest.mock import patch

from odoo.exceptions import UserError
from odoo.fields import Command
from odoo.tests import tagged

from .build_case import WorkshopCase
from .example_p import JULY

DAY = date(2026, 7, 15)


@tagged("post_install", "-at_install")
class TestEnergyBuild(WorkshopCase):
    def _type(self, amounts=(100.0, 40.0)):
        for meter, amount in zip(self.meters, amounts, strict=True):
            self.enter(self.at(meter, "EL.FWD"), DAY, amount)
        self.compute()

    def test_figures_follow_bottom_up(self):
        self.apply()
        self._type()
        for node, expected in [(self.devices[0], 100.0), (self.workshop, 140.0), (self.plant, 140.0)]:
            self.assert_near(self.row(self.at(node, "EL.CONS"), DAY)["value"], expected)
            self.assert_near(self.row(self.at(node, "T.TCE"), DAY)["value"], expected * 0.1229)

    def test_own_meter_and_children(self):
        main = self.node("M W1", "meter", self.workshop, energy_type_id=self.el.id, collection="typed")
        self.meters[0].main_meter_id = main
        sub = self.node(
            "Lamps", "meter", self.workshop, energy_type_id=self.el.id, main_meter_id=main.id, collection="typed"
        )
        self.apply()
        self.assertEqual(self.at(self.workshop, "EL.CONS").term_ids.source_id, self.at(main, "EL.FWD"))
        self.assertTrue(self.at(sub, "EL.FWD"))
        self.assertFalse(self.at(self.workshop, "EL.CONS").double_count_warning)

    def test_shared_meter_counts_where_it_went(self):
        """A meter at the plant serves both workshops by a key; the plant does not take the meter for its own total."""
        other = self.node("W2", "unit", self.plant)
        shared = self.node("Shared", "meter", self.plant, energy_type_id=self.el.id, collection="typed")
        total = self.add(shared, "EL.FWD")
        key = self.env["energy.allocation"].create(
            {
                "source_id": total.id,
                "line_ids": [
                    Command.create({"node_id": node.id, "share": share})
                    for node, share in [(self.workshop, 0.5), (other, 0.3)]
                ],
            }
        )
        self.apply()
        sources = self.at(self.plant, "EL.CONS").term_ids.source_id
        self.assertEqual(sources, self.at(self.workshop, "EL.CONS") | self.at(other, "EL.CONS") | key.remainder_id)
        self._type()
        self.enter(total, DAY, 50.0)
        self.compute()
        self.assert_near(self.row(self.at(self.workshop, "EL.CONS"), DAY)["value"], 165.0)
        self.assert_near(self.row(self.at(other, "EL.CONS"), DAY)["value"], 15.0)
        self.assert_near(self.row(self.at(self.plant, "EL.CONS"), DAY)["value"], 190.0)
        self.assertFalse(self.open_lines(self.propose()))

    def test_the_usual_formula_costs_no_more_queries_in_a_larger_plant(self):
        spent = []
        for size in (1, 8):
            for number in range(size):
                unit = self.node(f"Hall {size}.{number}", "unit", self.plant)
                self.node(f"M {size}.{number}", "meter", unit, energy_type_id=self.el.id, collection="typed")
            self.apply()
            coal = self.at(self.plant, "EL.TCE").with_user(self.manager)
            coal.action_default_formula()  # what is cached of users, views and fields is so from here on
            self.env.invalidate_all()
            before = self.env.cr.sql_log_count
            coal.action_default_formula()
            spent.append(self.env.cr.sql_log_count - before)
        self.assertEqual(*spent)

    def test_tenant_is_left_out_of_the_statistics_figure(self):
        tenant = self.node("Tenant", "unit", self.plant, unit_type="tenant")
        self.meters.append(self.node("M T", "meter", tenant, energy_type_id=self.el.id, collection="typed"))
        self.apply()
        self._type((100.0, 40.0, 10.0))
        self.assert_near(self.row(self.at(self.plant, "T.TCE"), DAY)["value"], 150 * 0.1229)
        self.assert_near(self.row(self.at(self.plant, "T.NBS"), DAY)["value"], 140 * 0.1229)

    def test_a_persons_formula_stays_unless_it_is_ticked(self):
        meter = self.add(self.meters[0], "EL.FWD")
        half = self.formula(self.add(self.devices[0], "EL.CONS"), (meter, 0.5))
        build = self.propose()
        line = build.line_ids.filtered(lambda one: one.indicator_id == half and one.action == "change")
        self.assertFalse(line.ticked)
        self.assertIn("0.5", line.old_formula)
        self.assertEqual(line.formula, "M Press / Total forward active energy")
        build.action_apply()
        self.assertEqual(half.term_ids.coefficient, 0.5)
        build = self.propose()
        self.open_lines(build).action_tick()
        build.action_apply()
        self.assertEqual(half.term_ids.mapped("coefficient"), [1.0])
        self.assertFalse(self.open_lines(self.propose()))

    def test_a_changed_formula_may_hold_from_a_day_on(self):
        meter = self.add(self.meters[0], "EL.FWD")
        half = self.formula(self.add(self.devices[0], "EL.CONS"), (meter, 0.5))
        build = self.propose()
        build.line_ids.filtered(lambda one: one.indicator_id == half).action_tick()
        build.date_from = DAY
        build.action_apply()
        self.assertEqual(
            [(term.coefficient, term.date_from, term.date_to) for term in half.term_ids.sorted("id")],
            [(0.5, False, date(2026, 7, 14)), (1.0, DAY, False)],
        )
        self.assertEqual(self.at(self.plant, "EL.CONS").date_from, DAY)
        for day, expected in [(date(2026, 7, 14), 50.0), (DAY, 100.0)]:
            self.enter(meter, day, 100.0)
            self.compute()
            self.assert_near(self.row(half, day)["value"], expected)

    def test_a_written_formula_is_kept(self):
        meter = self.add(self.meters[0], "EL.FWD")
        other = self.add(self.meters[1], "EL.FWD")
        written = self.formula(self.add(self.devices[0], "EL.CONS", whole_company=True), meter, other)
        written.expression = "a + b / 2"
        build = self.propose()
        self.assertIn(("Press", "written"), self.hints(build))
        build.line_ids.action_tick()
        build.action_apply()
        self.assertEqual(written.expression, "a + b / 2")

    def test_what_depends_on_an_unticked_line_is_left_out_with_it(self):
        build = self.propose()
        build.line_ids.filtered(lambda line: line.node_id == self.meters[0]).action_untick()
        build.action_apply()
        self.assertFalse(
            self.env["energy.indicator"].search([("node_id", "in", (self.meters[0] | self.devices[0]).ids)])
        )
        self.assertEqual(self.at(self.workshop, "EL.CONS").term_ids.source_id.node_id, self.devices[1])

    def test_a_change_meanwhile_is_not_overlooked(self):
        build = self.propose()
        self.meters[1].main_meter_id = self.meters[0]
        self.meters[1].parent_id = self.devices[0]
        with self.assert_refused(UserError, "changed since this was worked out"):
            build.action_apply()

    def test_forged_lines_write_nothing_of_their_own(self):
        """Only the tick counts: what a line says is worked out again."""
        build = self.propose()
        line = build.line_ids.filtered(lambda one: one.node_id == self.workshop and one.action == "add")[:1]
        line.write({"key": line.key.replace(str(self.workshop.id), str(self.plant.id), 1)})
        with self.assert_refused(UserError, "changed since this was worked out"):
            build.action_apply()

    def test_locked_months_refuse_a_changed_formula_by_name(self):
        self.apply()
        self._type()
        indicator = self.at(self.workshop, "EL.CONS")
        indicator.term_ids[0].unlink()
        self.compute()
        self.env["energy.lock"]._rows(self.plant, [JULY]).sudo().write({"quantity_locked": True})
        build = self.propose()
        build.line_ids.filtered(lambda line: line.indicator_id == indicator).action_tick()
        with self.assert_refused(UserError, r"formula of W1 / Electricity consumption.* locked for 2026-07"):
            build.action_apply()
        build.date_from = date(2026, 8, 1)
        build.action_apply()
        self.assertEqual(len(indicator.term_ids), 2)

    def test_new_indicators_beside_locked_months(self):
        """Nothing that is locked changes, so nothing is refused: the locked month stays as it was."""
        meter = self.add(self.meters[0], "EL.FWD")
        self.enter(meter, DAY, 100.0)
        self.compute()
        self.env["energy.lock"]._rows(self.plant, [JULY]).sudo().write({"quantity_locked": True})
        self.apply()
        self.compute()
        self.assertIsNone((self.row(self.at(self.plant, "EL.CONS"), DAY) or {"value": None})["value"])

    def test_hints(self):
        self.node("Spare part", "device", self.workshop)
        self.node("Spare", "meter", self.workshop, energy_type_id=self.el.id, meter_state="spare")
        other = self.node("Office", "unit", self.plant, unit_type="office")
        self.env["energy.node.use"].create({"node_id": other.id, "energy_type_id": self.type("ST").id, "role": "used"})
        found = self.hints(self.propose())
        expected = {
            ("Spare part", "no_meter"),
            ("Spare", "not_in_use"),
            ("Office", "unmeasured"),
            ("Plant A", "no_price"),
        }
        self.assertEqual(expected - found, set())
        self.price("EL", 0.7)
        self.assertNotIn(("Plant A", "no_price"), self.hints(self.propose()))

    def test_days_are_marked_once(self):
        self.env.cr.execute("DELETE FROM energy_dirty")
        with patch.object(type(self.env["energy.calculation"]), "_process_before_commit"):
            self.apply()
            self.env.cr.execute("SELECT indicator_id, count(*) FROM energy_dirty GROUP BY 1")
            counts = dict(self.env.cr.fetchall())
        made = self.env["energy.indicator"].search([("company_id", "=", self.company.id)])
        self.assertEqual(counts.keys(), set(made.ids))
        self.assertEqual(set(counts.values()), {1})

    def test_queries_do_not_grow_with_the_plant(self):
        def count(number):
            workshop = self.node(f"Large {number}", "unit", self.plant)
            devices = self.env["energy.node"].create(
                [{"name": f"D{at}", "kind": "device", "parent_id": workshop.id} for at in range(number)]
            )
            self.env["energy.node"].create(
                [
                    {"name": f"M{at}", "kind": "meter", "parent_id": device.id, "energy_type_id": self.el.id}
                    for at, device in enumerate(devices)
                ]
            )
            self.env.flush_all()
            self.env.invalidate_all()
            before = self.env.cr.sql_log_count
            build = self.propose(workshop)
            self.env.flush_all()
            proposed = self.env.cr.sql_log_count
            build.action_apply()
            self.env.flush_all()
            return proposed - before, self.env.cr.sql_log_count - proposed

        with patch.object(type(self.env["energy.calculation"]), "_process_before_commit"):
            count(2)  # what is read once
            small, large = count(10), count(40)
        # Rows are written a hundred a statement, and read a thousand at a time.
        self.assertLessEqual(large[0] - small[0], 10)
        self.assertLessEqual(large[1] - small[1], 40)
