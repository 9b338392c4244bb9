"""Balances: main against sub-meters, check against billing meter, a node against what is below it (X6)."""

from datetime import date, timedelta

from odoo.exceptions import AccessError, ValidationError
from odoo.fields import Command
from odoo.tests import tagged

from .common import EnergyCommon
from .example_p import ExampleP
from .plant import PlantCase

JULY = date(2026, 7, 1)
DAYS = [JULY + timedelta(number) for number in range(31)]


@tagged("post_install", "-at_install")
class TestEnergyBalance(PlantCase):
    """A main meter with two sub-meters and a check meter; two workshops below the plant."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.electricity = cls.type("EL")
        cls.w1, cls.w2 = (cls.node(name, "unit", cls.plant, unit_type="workshop") for name in ("W1", "W2"))
        cls.main = cls.meter("Main", cls.plant, meter_role="billing")
        cls.check = cls.meter("Check", cls.plant, meter_role="check")
        cls.sub_1 = cls.meter("Sub 1", cls.w1, main_meter_id=cls.main.id)
        cls.sub_2 = cls.meter("Sub 2", cls.w2, main_meter_id=cls.main.id)
        cls.totals = {m.name: cls.add(m, "EL.FWD", source="entered") for m in (cls.main, cls.check, cls.sub_1, cls.sub_2)}
        cls.units = {
            cls.plant: cls.formula(cls.add(cls.plant, "EL.CONS"), cls.totals["Main"]),
            cls.w1: cls.formula(cls.add(cls.w1, "EL.CONS"), cls.totals["Sub 1"]),
            cls.w2: cls.formula(cls.add(cls.w2, "EL.CONS"), cls.totals["Sub 2"]),
        }
        for day in DAYS:
            for name, amount in (("Main", 100.0), ("Check", 99.0), ("Sub 1", 60.0), ("Sub 2", 30.0)):
                cls.enter(cls.totals[name], day, amount)
        cls.compute()
        cls.env["energy.balance"]._sync(cls.company)

    @classmethod
    def meter(cls, name, parent, **values):
        return cls.node(name, "meter", parent, energy_type_id=cls.electricity.id, **values)

    def line(self, node, kind, model="energy.balance.month", day=JULY):
        field = "month" if model == "energy.balance.month" else "date"
        self.env.flush_all()
        self.env.invalidate_all()
        return self.env[model].search([("node_id", "=", node.id), ("kind", "=", kind), (field, "=", day)])

    def test_made_from_the_topology(self):
        balances = self.env["energy.balance"].search([("company_id", "=", self.company.id)])
        sides = {
            (b.node_id.name, b.kind): (
                b.part_ids.filtered(lambda p: p.side == "in").node_id.mapped("name"),
                sorted(b.part_ids.filtered(lambda p: p.side == "out").node_id.mapped("name")),
            )
            for b in balances
        }
        self.assertEqual(
            sides,
            {
                ("Main", "main_sub"): (["Main"], ["Sub 1", "Sub 2"]),
                ("Main", "check"): (["Main"], ["Check"]),
                ("Plant A", "tree"): (["Plant A"], ["W1", "W2"]),
            },
        )

    def test_rows_are_read_by_id_within_their_balances_and_periods(self):
        for model, periods in (("energy.balance.line", {DAYS[3], DAYS[17]}), ("energy.balance.month", {JULY})):
            field = self.env[model]._period_field
            rows = self.env[model].search([("node_id", "=", self.main.id), (field, "in", periods)])
            self.assertEqual(len(rows), 2 * len(periods), "main and sub-meters, billing and check meter")
            expected = {row.id: (row.balance_id, row[field], row.amount_in) for row in rows}
            bounds = self.env[model]._bounds(rows.ids)
            found = self.env[model].search(bounds)
            self.assertEqual(found.balance_id, rows.balance_id)
            self.assertEqual({min(found.mapped(field)), max(found.mapped(field))}, periods)
            self.env.invalidate_all()
            again = {row.id: (row.balance_id, row[field], row.amount_in) for row in self.env[model].browse(rows.ids)}
            self.assertEqual(again, expected)

    def test_main_and_sub_meters_by_month_and_day(self):
        month = self.line(self.main, "main_sub")
        self.assert_near(month.amount_in, 3100.0)
        self.assert_near(month.amount_out, 2790.0)
        self.assert_near(month.difference, 310.0)
        self.assert_near(month.share, 0.1)
        self.assertEqual((month.limit, month.state, month.coverage), (5.0, "over", 1.0))
        day = self.line(self.main, "main_sub", "energy.balance.line", DAYS[4])
        self.assert_near(day.difference, 10.0)
        self.assertEqual(day.state, "over")

    def test_check_meter_beside_the_billing_meter(self):
        month = self.line(self.main, "check")
        self.assert_near(month.difference, 31.0)
        self.assert_near(month.share, 0.01)
        self.assertEqual(month.state, "within")

    def test_limit_of_balance_before_node_before_company(self):
        balance = self.line(self.main, "main_sub").balance_id
        self.main.balance_limit = 12.0
        self.assertEqual((balance.limit, self.line(self.main, "main_sub").state), (12.0, "within"))
        balance.own_limit = 9.9
        self.assertEqual((balance.limit, self.line(self.main, "main_sub").state), (9.9, "over"))
        self.main.balance_limit = balance.own_limit = 0.0
        self.company.energy_balance_limit = 10.0  # exactly what is left: not over
        self.assertEqual(self.line(self.main, "main_sub").state, "within")

    def test_over_the_limit_is_a_filter(self):
        over = self.env["energy.balance.month"].search(
            [("company_id", "=", self.company.id), ("state", "=", "over"), ("month", "=", JULY)]
        )
        self.assertEqual(set(over.mapped("kind")), {"main_sub", "tree"})

    def test_missing_data_are_coverage_and_no_loss(self):
        gone = self.env["energy.entry"].search(
            [("indicator_id", "=", self.totals["Sub 1"].id), ("date_from", "in", DAYS[9:12])]
        )
        gone.unlink()
        self.compute()
        month = self.line(self.main, "main_sub")
        self.assertEqual((month.state, month.difference), ("incomplete", 0.0))
        self.assertEqual((month.present, month.expected), (3 * 31 - 3, 3 * 31))
        self.assert_near(month.coverage, 90 / 93)
        self.env.cr.execute("SELECT 1")
        self.assertEqual(self.line(self.main, "main_sub", "energy.balance.line", DAYS[9]).state, "incomplete")
        self.assertEqual(self.line(self.main, "main_sub", "energy.balance.line", DAYS[12]).state, "over")
        answer = self.env["energy.balance"].explain(month.balance_id.id, "2026-07-01", "2026-07-31")
        self.assertIsNone(answer["value"])
        self.assertEqual(answer["coverage"], {"present": 90, "expected": 93})

    def test_a_meter_that_fell_silent_is_missed(self):
        """After its last figure nothing at all is stored of it: the balance must not call that a loss."""
        august = [date(2026, 8, 1) + timedelta(number) for number in range(31)]
        for day in august:
            for name in ("Main", "Sub 1"):
                self.enter(self.totals[name], day, 100.0)
        self.compute()
        self.assertEqual(self.line(self.main, "main_sub", day=august[0]).state, "incomplete")
        self.sub_2.meter_state = "scrapped"
        self.assertEqual(self.line(self.main, "main_sub", day=august[0]).state, "within")
        self.assertEqual(self.line(self.main, "main_sub").state, "over")

    def test_tree_by_parent_of_the_day(self):
        """A device that moves on the 11th counts ten days at one workshop and 21 at the other."""
        device = self.node("Furnace", "device", self.w1)
        meter = self.meter("Meter", device)
        total = self.add(meter, "EL.FWD", source="entered")
        self.add(device, "EL.CONS")
        for day in DAYS:
            self.enter(total, day, 20.0)
        self.compute()
        device.with_context(energy_move_date="2026-07-11").parent_id = self.w2
        self.compute()
        self.env["energy.balance"]._sync(self.company)
        first, second = self.line(self.w1, "tree"), self.line(self.w2, "tree")
        self.assert_near(first.amount_out, 10 * 20.0)
        self.assert_near(second.amount_out, 21 * 20.0)
        self.assertEqual((first.state, second.state), ("over", "over"))
        self.assertFalse(self.line(self.w2, "tree", "energy.balance.line", DAYS[9]))
        self.assert_near(self.line(self.w2, "tree", "energy.balance.line", DAYS[10]).amount_out, 20.0)

    def test_topology_changes_follow(self):
        balance = self.line(self.main, "main_sub").balance_id
        balance.own_limit = 3.0
        self.sub_2.main_meter_id = False
        self.env["energy.balance"]._sync(self.company)
        self.assertEqual(balance.part_ids.filtered(lambda p: p.side == "out").node_id, self.sub_1)
        self.assertEqual(balance.own_limit, 3.0)
        self.sub_1.main_meter_id = False
        self.env["energy.balance"]._sync(self.company)
        self.assertFalse(balance.exists())

    def test_changes_are_followed_before_the_commit(self):
        self.env.cr.precommit.clear()
        self.sub_2.main_meter_id = False
        self.env.cr.precommit.run()
        self.assertNotIn(self.sub_2, self.line(self.main, "main_sub").balance_id.part_ids.node_id)

    def test_own_comparison_in_another_unit(self):
        mwh = self.env.ref("energy_carbon.uom_mwh")
        self.units[self.w2].uom_id = mwh
        self.compute()
        balance = self.own([("in", self.totals["Main"], 1.0), ("out", self.units[self.w2], 1.0)])
        line = self.line(self.plant, "own")
        self.assertEqual((line.balance_id, line.uom_id), (balance, self.totals["Main"].uom_id))
        self.assert_near(line.amount_out, 930.0)

    def own(self, parts, **values):
        return self.env["energy.balance"].create(
            {
                "name": "Feeder",
                "node_id": self.plant.id,
                "part_ids": [
                    Command.create({"side": side, "indicator_id": indicator.id, "coefficient": coefficient})
                    for side, indicator, coefficient in parts
                ],
                **values,
            }
        )

    def test_own_comparison_that_makes_no_sense_is_refused(self):
        with self.assertRaisesRegex(ValidationError, "either side"):
            self.own([("in", self.totals["Main"], 1.0)])
        water = self.node("Water", "meter", self.plant, energy_type_id=self.type("WT").id)
        volume = self.add(water, "WT.VOL", source="entered")
        with self.assertRaisesRegex(ValidationError, "Water"):
            self.own([("in", self.totals["Main"], 1.0), ("out", volume, 1.0)])
        cost = self.add(self.plant, "EL.COST")
        with self.assertRaisesRegex(ValidationError, "no amount"):
            self.own([("in", self.totals["Main"], 1.0), ("out", cost, 1.0)])

    def test_sums_over_periods_of_one_balance_only(self):
        domain = [("company_id", "=", self.company.id), ("node_id", "=", self.main.id)]
        groups = self.env["energy.balance.line"]._read_group(domain, ["kind"], ["difference:sum", "share:sum"])
        self.assertEqual([kind for kind, *_sums in groups], ["check", "main_sub"])
        self.assert_near(groups[1][1], 310.0)
        self.assert_near(groups[1][2], 0.1)
        total = self.env["energy.balance.line"]._read_group(domain, [], ["difference:sum"])
        self.assertFalse(total[0][0], "two balances are no sum")

    def test_explain_reaches_either_side(self):
        month = self.line(self.main, "main_sub")
        action = month.action_explain()
        self.assertEqual((action["tag"], action["params"]["date_to"]), ("energy_carbon.explain", "2026-07-31"))
        answer = self.env["energy.balance"].explain(
            action["params"]["balance_id"], action["params"]["date_from"], action["params"]["date_to"]
        )
        self.assert_near(answer["value"], 310.0)
        self.assert_near(sum(line["contribution"] for line in answer["lines"]), 310.0)
        deeper = self.env["energy.indicator"].explain(answer["lines"][1]["indicator_id"], "2026-07-01", "2026-07-31")
        self.assertEqual(len(deeper["entries"]), 31)


@tagged("post_install", "-at_install")
class TestEnergyBalanceExampleP(PlantCase):
    """Plant A in July 2026."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.example = ExampleP(cls)
        cls.compute()
        cls.env["energy.balance"]._sync(cls.company)

    def month(self, node, kind):
        self.env.flush_all()
        self.env.invalidate_all()
        return self.env["energy.balance.month"].search(
            [("node_id", "=", node.id), ("kind", "=", kind), ("energy_type_id.code", "=", "EL"), ("month", "=", JULY)]
        )

    def test_p_6_balance(self):
        """600 000 in = 240 000 + 180 000 + 30 000 + 72 000 + 24 000 + 18 000 + 12 000 + loss 24 000 (4.00 %)."""
        for node, kind in ((self.example.main_meter, "main_sub"), (self.plant, "tree")):
            line = self.month(node, kind)
            self.assert_near(line.amount_in, 600_000.0)
            self.assert_near(line.amount_out, 576_000.0)
            self.assert_near(line.difference, 24_000.0)
            self.assertEqual(f"{line.share * 100:.2f}", "4.00")
            self.assertEqual((line.state, line.coverage), ("within", 1.0))
            answer = self.env["energy.balance"].explain(line.balance_id.id, "2026-07-01", "2026-07-31")
            self.assert_near(answer["value"], 24_000.0)
            contributions = sorted(round(row["contribution"], 6) for row in answer["lines"])
            self.assertEqual(
                contributions, [-240_000.0, -180_000.0, -72_000.0, -30_000.0, -24_000.0, -18_000.0, -12_000.0, 600_000.0]
            )

    def test_p_6_at_a_limit_of_four_percent_it_is_not_over(self):
        self.company.energy_balance_limit = 4.0
        self.assertEqual(self.month(self.plant, "tree").state, "within")
        self.company.energy_balance_limit = 3.99
        self.assertEqual(self.month(self.plant, "tree").state, "over")


@tagged("post_install", "-at_install")
class TestEnergyBalanceWalls(EnergyCommon):
    """Who sees a balance, and what of its other side."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.main = cls._create_meter("Main", cls.workshop_2)
        cls.meter_1.main_meter_id = cls.meter_2.main_meter_id = cls.main
        cls.indicators = {}
        template = cls.env.ref("energy_carbon.template_el_fwd")
        for meter, amount in ((cls.main, 100.0), (cls.meter_1, 60.0), (cls.meter_2, 30.0)):
            indicator = cls.env["energy.indicator"].create(
                {"node_id": meter.id, "template_id": template.id, "source": "entered"}
            )
            cls.indicators[meter] = indicator
            cls.env["energy.entry"].create(
                {"indicator_id": indicator.id, "date_from": JULY, "date_to": JULY, "value": amount}
            )
        cls.env["energy.calculation"]._process()
        cls.env["energy.balance"]._sync(cls.company)
        cls.balance = cls.env["energy.balance"].search([("node_id", "=", cls.main.id)])

    def test_a_clerk_sees_the_balances_of_his_nodes_only(self):
        for model in ("energy.balance", "energy.balance.line", "energy.balance.month"):
            self.assertFalse(self.env[model].with_user(self.clerk_1).search([]), model)
            self.assertEqual(self.env[model].with_user(self.clerk_2).search([]).node_id, self.main, model)
        with self.assertRaises(AccessError):
            self.env["energy.balance"].with_user(self.clerk_1).explain(self.balance.id, "2026-07-01", "2026-07-01")

    def test_what_he_may_not_see_of_the_other_side_is_nameless(self):
        balance = self.balance.with_user(self.clerk_2)
        names = balance.part_ids.node_id.mapped("name")
        self.assertEqual(sorted(names), ["Main", "Meter 2"])
        self.env.invalidate_all()
        answer = self.env["energy.balance"].with_user(self.clerk_2).explain(self.balance.id, "2026-07-01", "2026-07-01")
        self.assertAlmostEqual(answer["value"], 10.0)
        hidden = [line for line in answer["lines"] if line["hidden"]]
        self.assertEqual([line["contribution"] for line in hidden], [-60.0])
        self.assertNotIn("Meter 1", str(answer))

    def test_auditor_reads_and_changes_nothing(self):
        balance = self.balance.with_user(self.auditor)
        self.assertEqual(balance.limit, 5.0)
        self.assertTrue(self.env["energy.balance.month"].with_user(self.auditor).search([]))
        with self.assertRaises(AccessError):
            balance.write({"own_limit": 1.0})
        with self.assertRaises(AccessError):
            self.env["energy.balance.line"].with_user(self.manager).search([]).write({"amount_in": 1.0})

    def test_a_manager_keeps_own_comparisons(self):
        own = (
            self.env["energy.balance"]
            .with_user(self.manager)
            .create(
                {
                    "name": "Feeder",
                    "node_id": self.plant.id,
                    "part_ids": [
                        Command.create({"side": "in", "indicator_id": self.indicators[self.main].id}),
                        Command.create({"side": "out", "indicator_id": self.indicators[self.meter_1].id}),
                    ],
                }
            )
        )
        line = self.env["energy.balance.line"].with_user(self.manager).search([("balance_id", "=", own.id)])
        self.assertEqual((line.state, line.date), ("over", JULY))
        self.assertAlmostEqual(line.difference, 40.0)
        with self.assertRaises(AccessError):
            self.env["energy.balance"].with_user(self.engineer).create({"name": "x", "node_id": self.plant.id})

    def test_other_company(self):
        other = self._create_company("Other Works")
        stranger = self._create_user("energy_stranger", "energy_carbon.group_manager")
        stranger.write(
            {
                "company_ids": [Command.set(other.ids)],
                "company_id": other.id,
                "energy_node_ids": [Command.set(self.plant.ids)],
            }
        )
        for model in ("energy.balance", "energy.balance.part", "energy.balance.line", "energy.balance.month"):
            found = self.env[model].with_user(stranger).with_context(allowed_company_ids=other.ids).search([])
            self.assertFalse(found, model)
