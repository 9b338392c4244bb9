"""The picture of the management tree: what it shows of a month, to whom, and with how many queries."""

import json
from datetime import UTC, date, datetime, timedelta

from odoo.exceptions import AccessError, UserError
from odoo.fields import Command
from odoo.tests import new_test_user, tagged

from .common import EnergyCommon

MONTH, FIRST = "2026-07", date(2026, 7, 1)
# What a manager's picture asks the database once the rights of the person are known, however many nodes there are.
MOST_QUERIES = 27


class NodeTreeCase(EnergyCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.meter_1.write({"metering_level": "3", "code": "E-1"})
        cls.indicators = {
            (node, code): cls._add(node, code)
            for node, code in (
                (cls.meter_1, "EL.FWD"),
                (cls.meter_2, "EL.FWD"),
                (cls.device_1, "EL.CONS"),
                (cls.workshop_1, "EL.CONS"),
                (cls.workshop_2, "EL.CONS"),
                (cls.plant, "EL.CONS"),
                (cls.plant, "EL.COST"),
                (cls.plant, "T.TCE"),
            )
        }
        cls._type(cls.meter_1, 100.0)
        cls._type(cls.meter_2, 30.0)
        cls.env["energy.calculation"]._process()
        cls.env["energy.balance"]._sync(cls.company)

    @classmethod
    def _add(cls, node, code):
        template = cls.env["energy.indicator.template"].search([("code", "=", code), ("company_id", "=", False)])
        indicator = cls.env["energy.indicator"].create({"node_id": node.id, "template_id": template.id})
        indicator._set_default_terms()
        return indicator

    @classmethod
    def _type(cls, meter, amount, day=FIRST):
        indicator = cls.indicators[meter, "EL.FWD"]
        values = {"indicator_id": indicator.id, "date_from": day, "date_to": day, "value": amount}
        return cls.env["energy.entry"].create(values)

    def picture(self, user=None, month=MONTH, root=False):
        return self.env["energy.node"].with_user(user or self.manager).plant_tree(month, root)

    def card(self, node, answer=None):
        return next(card for card in (answer or self.picture())["nodes"] if card["id"] == node.id)

    def marks(self, node, **options):
        return {mark["text"]: mark["level"] for mark in self.card(node, **options)["marks"]}


@tagged("post_install", "-at_install")
class TestEnergyNodeTree(NodeTreeCase):
    def test_places_and_ledger(self):
        answer = self.picture()
        places = {card["id"]: card["parent"] for card in answer["nodes"]}
        nodes = self.plant | self.workshop_1 | self.workshop_2 | self.device_1 | self.meter_1 | self.meter_2
        self.assertEqual(places, {node.id: node.parent_id.id for node in nodes})
        meter = self.card(self.meter_1, answer)
        self.assertEqual((meter["kind"], meter["name"], meter["code"]), ("meter", "Meter 1", "E-1"))
        self.assertEqual((meter["metering_level"], meter["meter_role"]), ("3", "sub"))
        self.assertEqual(answer["labels"]["meter_role"]["sub"], "Sub-meter")
        self.assertEqual([row["type"] for row in meter["rows"]], self.el.ids)
        self.assertEqual(answer["roots"], [{"id": self.plant.id, "name": "Plant"}])

    def test_figures_of_the_month(self):
        answer = self.picture()
        plant = self.card(self.plant, answer)
        self.assertAlmostEqual(plant["total"]["value"], 130 * 0.1229)
        self.assertEqual(plant["total"]["unit"], "kgce")
        self.assertEqual(plant["total"]["indicator_id"], self.indicators[self.plant, "T.TCE"].id)
        consumption = plant["rows"][0]["figure"]
        self.assertEqual((consumption["value"], consumption["unit"], consumption["quality"]), (130.0, "kWh", "partial"))
        self.assertEqual(consumption["coverage"], {"present": 2, "expected": 62}, "two meters on one of 31 days")
        self.assertEqual(self.card(self.meter_1, answer)["rows"][0]["figure"]["value"], 100.0)
        self.assertIsNone(self.card(self.meter_1, answer)["total"], "a meter shows what it measures")

    def test_blank_is_not_zero(self):
        self._type(self.meter_2, 0.0, date(2026, 8, 1))
        self.env["energy.calculation"]._process()
        answer = self.picture(month="2026-08")
        self.assertEqual(self.card(self.meter_2, answer)["rows"][0]["figure"]["value"], 0.0)
        self.assertIsNone(self.card(self.meter_1, answer)["rows"][0]["figure"]["value"])
        self.assertIsNone(self.card(self.device_1, answer)["total"], "no indicator, no figure")

    def test_equivalent_basis_of_the_company(self):
        equivalent = self._add(self.plant, "T.TCEQ")
        self.assertEqual(self.card(self.plant)["total"]["indicator_id"], self.indicators[self.plant, "T.TCE"].id)
        self.company.energy_coal_basis = "equivalent"
        self.assertEqual(self.card(self.plant)["total"]["indicator_id"], equivalent.id)

    def test_energy_types_used(self):
        self.env["energy.node.use"].create(
            [
                {"node_id": self.plant.id, "energy_type_id": energy_type.id, "role": role}
                for energy_type, role in ((self.el, "purchased"), (self.st, "made"), (self.st, "used"))
            ]
        )
        self.device_1.energy_type_ids = self.ca
        answer = self.picture()
        roles = {row["type"]: row["roles"] for row in self.card(self.plant, answer)["rows"]}
        self.assertEqual(roles, {self.el.id: "Purchased", self.st.id: "Made, Used"})
        self.assertEqual(answer["types"][self.st.id], "Steam")
        self.assertEqual({row["type"] for row in self.card(self.device_1, answer)["rows"]}, {self.ca.id, self.el.id})

    def test_unmetered_share(self):
        """100 + 30 kWh at the workshops of 200 at the plant's own meter."""
        main = self._create_meter("Main", self.plant, meter_role="billing")
        self.indicators[main, "EL.FWD"] = self._add(main, "EL.FWD")
        consumption = self.indicators[self.plant, "EL.CONS"]
        consumption.term_ids.unlink()
        self.env["energy.indicator.term"].create(
            {"indicator_id": consumption.id, "source_id": self.indicators[main, "EL.FWD"].id}
        )
        self.assertIsNone(self.card(self.plant)["rows"][0]["balance"], "nothing is known of the main meter")
        # A balance of a month needs all its days.
        for indicator, amount in ((main, 200.0), (self.meter_1, 100.0), (self.meter_2, 30.0)):
            self.env["energy.entry"].search([("node_id", "=", indicator.id)]).unlink()
            values = {"indicator_id": self.indicators[indicator, "EL.FWD"].id, "value": amount}
            self.env["energy.entry"].create({**values, "date_from": FIRST, "date_to": date(2026, 7, 31)})
        self.env["energy.calculation"]._process()
        self.env["energy.balance"]._sync(self.company)
        balance = self.card(self.plant)["rows"][0]["balance"]
        self.assertAlmostEqual(balance["share"], 0.35)
        self.assertTrue(balance["over"])
        self.assertEqual(self.env["energy.balance"].browse(balance["balance_id"]).kind, "tree")

    def test_what_is_amiss(self):
        idle = self._create_node("Idle", kind="device", parent_id=self.workshop_1.id)
        lacking = self._create_meter("New", self.workshop_2)
        broken = self._create_meter("Broken", self.workshop_2, meter_state="faulty")
        spare = self._create_meter("Spare", self.workshop_2, meter_state="spare")
        self.company.energy_metering_level = "3"
        answer = self.picture()
        self.assertEqual(self.marks(self.plant, answer=answer), {"Without meter": "warning"})
        self.assertEqual(self.marks(idle, answer=answer), {"Without meter": "info"})
        self.assertEqual(self.marks(lacking, answer=answer), {"No indicator": "warning"})
        self.assertEqual(self.marks(broken, answer=answer), {"Faulty": "danger", "No indicator": "warning"})
        self.assertEqual(self.marks(spare, answer=answer), {"Spare": "info"})
        self.assertEqual(self.marks(self.meter_1, answer=answer), {})

    def test_silent_meters(self):
        """One whose readings stopped days ago; not one that is read, typed or laid aside."""
        now = datetime.now(UTC)
        laid_aside = self._create_meter("Aside", self.workshop_2, meter_state="spare")
        typed = self._create_meter("Typed", self.workshop_2, collection="typed")
        ages = {self.meter_1: 3, self.meter_2: 0, laid_aside: 3, typed: 3}
        for meter, days in ages.items():
            indicator = self.indicators.get((meter, "EL.FWD")) or self._add(meter, "EL.FWD")
            time = int((now - timedelta(days=days, minutes=5)).timestamp())
            self.env["energy.reading"]._append([indicator.id], [time], [5.0])
        answer = self.picture()
        found = {meter: [mark for mark in self.marks(meter, answer=answer) if "reading" in mark] for meter in ages}
        self.assertEqual({meter for meter, texts in found.items() if texts}, {self.meter_1})
        self.assertRegex(found[self.meter_1][0], r"^No reading since .*\d")

    def test_opens_at_the_node(self):
        action = self.device_1.with_user(self.clerk_1).action_open_tree()
        self.assertEqual((action["tag"], action["params"]), ("energy_carbon.plant_tree", {"node_id": self.device_1.id}))


@tagged("post_install", "-at_install")
class TestEnergyNodeTreeRights(NodeTreeCase):
    def test_clerk_sees_the_own_workshop(self):
        answer = self.picture(self.clerk_1)
        self.assertEqual(
            {card["id"] for card in answer["nodes"]}, set((self.workshop_1 | self.device_1 | self.meter_1).ids)
        )
        top = self.card(self.workshop_1, answer)
        self.assertEqual((top["parent"], top["above"]), (False, "Plant"))
        self.assertEqual(answer["roots"], [{"id": self.workshop_1.id, "name": "Plant / W1"}])
        self.assertEqual(answer["keeps"], [])
        self.assertNotIn("W2", json.dumps(answer))
        self.assertNotIn("Meter 2", json.dumps(answer))

    def test_main_meter_of_another_workshop_has_no_name(self):
        self.meter_1.main_meter_id = self.meter_2
        self.assertEqual(
            self.card(self.meter_1, self.picture(self.clerk_1))["main_meter"], {"id": False, "name": "other units"}
        )
        main = self.card(self.meter_1)["main_meter"]
        self.assertEqual(main, {"id": self.meter_2.id, "name": self.meter_2.complete_name})

    def test_no_cost_for_anybody(self):
        """Not even beside the figures of somebody who may see prices: the picture shows energy."""
        cost = self.indicators[self.plant, "EL.COST"]
        for user in (self.viewer, self.manager, self.accountant):
            answer = self.picture(user)
            self.assertNotIn(cost.template_id.id, answer["templates"])
            self.assertNotIn(f'"indicator_id": {cost.id},', json.dumps(answer))

    def test_who_keeps_what(self):
        unplaced = self._create_node("Unplaced", kind="device")
        kept = {self.manager: ["device", "meter", "unit"], self.engineer: ["device", "meter"]}
        for user in (self.manager, self.engineer, self.accountant, self.auditor, self.viewer, self.clerk_1):
            with self.subTest(user=user.login):
                answer = self.picture(user)
                self.assertEqual(answer["keeps"], kept.get(user, []))
                shown = {card["id"]: card["placed"] for card in answer["nodes"]}
                self.assertEqual(shown.get(unplaced.id), False if user in kept else None)

    def test_company_wall(self):
        other = self._create_company("Other Works")
        self.manager.company_ids |= other
        plant = self.env["energy.node"].create({"name": "Far", "company_id": other.id})
        self.assertIn(plant, self.manager.energy_node_ids)
        nodes = self.env["energy.node"].with_user(self.manager)
        for companies in (self.company, other, self.company | other):
            answer = nodes.with_context(allowed_company_ids=companies.ids).plant_tree(MONTH)
            shown = {card["company_id"] for card in answer["nodes"]}
            self.assertEqual(shown, set(companies.ids))
            self.assertEqual(len(answer["roots"]), len(companies))

    def test_one_of_several_roots(self):
        other = self._create_node("Plant B", unit_type="plant")
        answer = self.picture(root=other.id)
        self.assertEqual((answer["root_id"], [card["id"] for card in answer["nodes"]]), (other.id, other.ids))
        self.assertEqual(len(answer["roots"]), 2)
        for root in (self.workshop_1.id, 10**12, "1", None):
            answer = self.picture(root=root)
            self.assertFalse(answer["root_id"], "no place where this reader's tree begins: all of it")
            self.assertIn(other.id, {card["id"] for card in answer["nodes"]})

    def test_nobody_without_a_role(self):
        stranger = new_test_user(self.env, "stranger", groups="base.group_user", company_id=self.company.id,
                                 company_ids=[Command.set(self.company.ids)])  # fmt: skip
        with self.assertRaises(AccessError):
            self.picture(stranger)
        self.clerk_1.energy_node_ids = False
        self.assertEqual(self.picture(self.clerk_1)["nodes"], [])

    def test_no_month(self):
        for month in ("2026-13", "", "x", "9999-01"):
            with self.subTest(month=month), self.assertRaises(UserError):
                self.picture(month=month)

    def test_queries_do_not_follow_the_number_of_nodes(self):
        for more in (2, 40):
            for number in range(more):
                meter = self._create_meter(f"Meter {number} of {more}", self.workshop_1, main_meter_id=self.meter_2.id)
                self._add(meter, "EL.FWD")
            self.env.flush_all()
            self.env.cr.flush()
            self.picture()  # what a session knows by heart: rights, selections, names of rules
            self.env.invalidate_all()
            with self.assertQueryCount(MOST_QUERIES):
                self.assertEqual(len(self.picture(self.manager)["nodes"]), 6 + (2 if more == 2 else 42))
