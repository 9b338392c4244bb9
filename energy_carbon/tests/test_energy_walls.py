"""Walls: what a clerk of one workshop can learn of another, and who sees prices."""

from datetime import date

from odoo.addons.mail.tools.discuss import Store
from odoo.exceptions import AccessError, ValidationError
from odoo.fields import Command
from odoo.tests import tagged

from .common import EnergyCommon

DAY = date(2026, 7, 15)


@tagged("post_install", "-at_install")
class TestEnergyWalls(EnergyCommon):
    """A clerk of workshop 2 looks for workshop 1."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.indicators = {}
        for node, code in (
            (cls.meter_1, "EL.FWD"),
            (cls.meter_2, "EL.FWD"),
            (cls.device_1, "EL.CONS"),
            (cls.workshop_1, "EL.CONS"),
            (cls.workshop_2, "EL.CONS"),
            (cls.plant, "EL.CONS"),
            (cls.plant, "EL.COST"),
        ):
            template = cls.env["energy.indicator.template"].search([("code", "=", code)])
            indicator = cls.env["energy.indicator"].create({"node_id": node.id, "template_id": template.id})
            indicator._set_default_terms()
            cls.indicators[node.name, code] = indicator
        cls.env["energy.tariff"].create(
            {
                "name": "Power",
                "energy_type_id": cls.el.id,
                "company_id": cls.company.id,
                "price_ids": [(0, 0, {"date_from": date(2020, 1, 1), "price": 0.7, "uom_id": cls.el.uom_id.id})],
            }
        )
        for node, amount in ((cls.meter_1, 100.0), (cls.meter_2, 30.0)):
            cls.env["energy.entry"].create(
                {
                    "indicator_id": cls.indicators[node.name, "EL.FWD"].id,
                    "date_from": DAY,
                    "date_to": DAY,
                    "value": amount,
                }
            )
        cls.env["energy.calculation"]._process()
        cls.hidden = cls.indicators["W1", "EL.CONS"]

    def flush_tracking(self):
        """Write the logs of what changed, as a commit does."""
        self.env.flush_all()
        self.cr.precommit.run()

    def test_by_id(self):
        indicator = self.hidden.with_user(self.clerk_2)
        with self.assertRaises(AccessError):
            indicator.read(["name"])
        with self.assertRaises(AccessError):
            self.workshop_1.with_user(self.clerk_2).read(["name"])
        value = self.env["energy.value"].search([("indicator_id", "=", self.hidden.id)])
        self.assertTrue(value)
        with self.assertRaises(AccessError):
            value.with_user(self.clerk_2).read(["value"])

    def test_by_name_search(self):
        self.assertFalse(self.env["energy.node"].with_user(self.clerk_2).name_search("W1"))
        self.assertFalse(self.env["energy.indicator"].with_user(self.clerk_2).name_search("W1"))
        self.assertTrue(self.env["energy.node"].with_user(self.clerk_2).name_search("W2"))

    def test_factors_of_other_nodes(self):
        own, other, above = self.env["energy.factor"].create(
            [
                {
                    "energy_type_id": self.el.id,
                    "kind": "co2",
                    "basis": "location",
                    "value": 0.5,
                    "uom_id": self.el.uom_id.id,
                    "date_from": DAY,
                    "company_id": self.company.id,
                    "node_id": node.id,
                    "document": "Measured",
                }
                for node in (self.workshop_2, self.workshop_1, self.plant)
            ]
        )
        seen = self.env["energy.factor"].with_user(self.clerk_2).search([("document", "=", "Measured")])
        self.assertEqual(seen, own | above, "what holds for the plant holds for the workshop too")
        self.assertNotIn(other, seen)

    def test_linked_nodes_of_other_workshops_have_no_name(self):
        """A many2one is shown with the name of what it points to, whoever may read that."""
        self.meter_2.main_meter_id = self.meter_1
        mine = self.meter_2.with_user(self.clerk_2)
        self.env.invalidate_all()
        self.assertEqual(mine.read(["main_meter_id"])[0]["main_meter_id"], (self.meter_1.id, "other units"))
        asked = {"main_meter_id": {"fields": {"display_name": {}}}, "parent_id": {"fields": {"display_name": {}}}}
        shown = mine.web_read(asked)[0]
        self.assertEqual(shown["main_meter_id"]["display_name"], "other units")
        self.assertEqual(shown["parent_id"]["display_name"], self.meter_2.parent_id.complete_name)
        groups = mine.formatted_read_group([("id", "=", mine.id)], ["main_meter_id"])
        self.assertEqual(groups[0]["main_meter_id"], (self.meter_1.id, "other units"))
        above = self.workshop_2.with_user(self.clerk_2).read(["parent_id"])[0]["parent_id"]
        self.assertEqual(above, (self.plant.id, self.plant.complete_name), "where one's own unit hangs has its name")
        self.clerk_2.energy_node_ids = self.plant
        self.env.invalidate_all()  # another request
        self.assertEqual(mine.read(["main_meter_id"])[0]["main_meter_id"][1], self.meter_1.complete_name)

    def test_log_of_a_move_names_no_other_workshop(self):
        """A meter moved into a workshop brings its log along, not the place it came from."""
        moved = self.meter_1.with_context(tracking_disable=False, mail_notrack=False)
        self.flush_tracking()
        moved.write({"parent_id": self.workshop_2.id, "name": "Meter that moved"})
        self.flush_tracking()

        def log(user):
            store = Store().add(self.meter_1.with_user(user).message_ids)
            messages = store.get_result()["mail.message"]
            return [value["fieldInfo"]["changedField"] for one in messages for value in one["trackingValues"]]

        self.assertCountEqual(log(self.manager), ["Name", "Under"])
        self.assertEqual(log(self.clerk_2), ["Name"])

    def test_in_pivot(self):
        for model in ("energy.value", "energy.value.month"):
            groups = self.env[model].with_user(self.clerk_2)._read_group([], ["node_id"], ["value:sum"])
            self.assertEqual({node.name for node, _value in groups}, {"W2", "Meter 2"})

    def test_readings_and_entries(self):
        self.env["energy.reading"]._append([self.indicators["Meter 1", "EL.FWD"].id], [1752500000], [5.0])
        clerk = self.clerk_2
        self.assertFalse(self.env["energy.reading"].with_user(clerk).search([]))
        self.assertEqual(self.env["energy.entry"].with_user(clerk).search([]).node_id, self.meter_2)

    def test_in_explain(self):
        explain = self.env["energy.indicator"].with_user(self.clerk_2).explain
        with self.assertRaises(AccessError):
            explain(self.hidden.id, "2026-07-15", "2026-07-15")
        self.clerk_2.energy_node_ids = self.workshop_2
        mine = explain(self.indicators["W2", "EL.CONS"].id, "2026-07-15", "2026-07-15")
        self.assertEqual(mine["value"], 30.0)
        self.assertFalse(mine["prices"])

    def test_explain_shows_other_units(self):
        shared = self.indicators["W2", "EL.CONS"]
        shared.whole_company = True
        self.env["energy.indicator.term"].create({"indicator_id": shared.id, "source_id": self.hidden.id})
        self.env["energy.calculation"]._process()
        answer = self.env["energy.indicator"].with_user(self.clerk_2).explain(shared.id, "2026-07-15", "2026-07-15")
        self.assertEqual(answer["value"], 130.0)
        hidden = [line for line in answer["lines"] if line["hidden"]]
        self.assertEqual([line["contribution"] for line in hidden], [100.0])
        self.assertNotIn("W1", str(answer))

    def test_entry_in_a_forbidden_workshop(self):
        values = {
            "indicator_id": self.indicators["Meter 1", "EL.FWD"].id,
            "date_from": DAY,
            "date_to": DAY,
            "value": 1.0,
        }
        with self.assertRaises(AccessError):
            self.env["energy.entry"].with_user(self.clerk_2).create(
                dict(values, date_from="2026-07-14", date_to="2026-07-14")
            )

    def test_cost_needs_the_right(self):
        cost = self.indicators["Plant", "EL.COST"]
        self.assertTrue(cost.with_user(self.accountant).read(["name"]))
        with self.assertRaises(AccessError):
            cost.with_user(self.viewer).read(["name"])
        values = self.env["energy.value"].with_user(self.viewer)
        self.assertFalse(values.search([("indicator_id", "=", cost.id)]))
        with self.assertRaises(AccessError):
            values.search([]).read(["cost"])
        with self.assertRaises(AccessError):
            values._read_group([], [], ["cost:sum"])
        with self.assertRaises(AccessError):
            self.env["energy.indicator"].with_user(self.viewer).explain(
                self.indicators["Plant", "EL.CONS"].id, "2026-07-15", "2026-07-15", "cost"
            )
        self.assertFalse(
            self.env["energy.tariff"].with_user(self.accountant).search([]) - self.env["energy.tariff"].search([])
        )
        with self.assertRaises(AccessError):
            self.env["energy.tariff"].with_user(self.clerk_1).search([])

    def test_what_is_made_of_cost_is_cost(self):
        """An own ratio of cost would tell prices to everybody who sees the unit."""
        indicators = self.env["energy.indicator"].with_user(self.manager)
        values = {"name": "Cost per kWh", "indicator_class": "efficiency", "kind": "ratio", "aggregation": "ratio"}
        values["scope"] = "none"
        terms = [
            {"source_id": self.indicators["Plant", "EL.COST"].id, "role": "numerator"},
            {"source_id": self.indicators["Plant", "EL.CONS"].id, "role": "denominator"},
        ]
        for measure in ("amount", "cost"):
            template = self.env["energy.indicator.template"].create(
                {**values, "code": f"OWN.{measure}", "measure": measure, "unit_text": "CNY/kWh"}
            )
            made = {
                "node_id": self.plant.id,
                "template_id": template.id,
                "term_ids": [Command.create(term) for term in terms],
            }
            if measure == "amount":
                with self.assert_refused(ValidationError, "may not see prices"), self.env.cr.savepoint():
                    indicators.create(made)
            else:
                ratio = indicators.create(made)
                self.assertNotIn(ratio, self.env["energy.indicator"].with_user(self.viewer).search([]))
                self.assertIn(ratio, indicators.search([]))

    def test_auditor_changes_nothing(self):
        indicator = self.hidden.with_user(self.auditor)
        self.assertTrue(indicator.read(["name"]))
        entry = self.env["energy.entry"].search([], limit=1).with_user(self.auditor)
        for action in (
            lambda: indicator.write({"active": False}),
            lambda: entry.write({"value": 1.0}),
            lambda: entry.action_approve(),
            lambda: indicator.action_default_formula(),
            lambda: self.env["energy.indicator"].with_user(self.auditor).picker_add(self.plant.id, []),
            lambda: self.env["energy.indicator"].with_user(self.auditor).entry_save([], [], "2026-07-01", "2026-07-31"),
        ):
            with self.assertRaises(AccessError):
                action()

    def test_other_company(self):
        other = self.env["res.company"].create({"name": "Other Works"})
        stranger = self._create_user("energy_stranger", "energy_carbon.group_manager")
        stranger.write(
            {"company_ids": [(6, 0, other.ids)], "company_id": other.id, "energy_node_ids": [(6, 0, self.plant.ids)]}
        )
        for model in (
            "energy.node",
            "energy.indicator",
            "energy.value",
            "energy.value.month",
            "energy.entry",
            "energy.reading",
        ):
            self.assertFalse(
                self.env[model].with_user(stranger).with_context(allowed_company_ids=other.ids).search([]), model
            )
