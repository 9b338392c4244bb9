"""Figures grouped by the parent of the day (R4 in pivots and lists)."""

from datetime import date, timedelta

from odoo.fields import Command
from odoo.tests import new_test_user, tagged

from .plant import PlantCase

JULY = date(2026, 7, 1)


@tagged("post_install", "-at_install")
class TestEnergyValueParent(PlantCase):
    """A furnace that moves from W1 to W2 on 11 July."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.w1, cls.w2 = (cls.node(name, "unit", cls.plant, unit_type="workshop") for name in ("W1", "W2"))
        cls.furnace = cls.node("Furnace", "device", cls.w1)
        cls.press = cls.node("Press", "device", cls.w2)
        for device in (cls.furnace, cls.press):
            cls.enter(cls.add(device, "EL.CONS", source="entered"), JULY, 310.0, date(2026, 7, 31))
        cls.furnace.with_context(energy_move_date="2026-07-11").parent_id = cls.w2
        cls.compute()
        cls.domain = [("node_id", "in", (cls.furnace | cls.press).ids)]

    def test_r4_days_by_parent_of_the_day(self):
        values = self.env["energy.value"]
        sums = {
            parent.name: (total, count)
            for parent, total, count in values._read_group(self.domain, ["parent_id"], ["value:sum", "__count"])
        }
        self.assertEqual(set(sums), {"W1", "W2"})
        self.assert_near(sums["W1"][0], 100.0)
        self.assert_near(sums["W2"][0], 310.0 + 210.0)
        self.assertEqual(sums["W1"][1], 10)

    def test_r4_pivot_with_its_totals(self):
        sets = self.env["energy.value"].formatted_read_grouping_sets(
            self.domain, [[], ["parent_id"], ["parent_id", "date:month"]], ["value:sum"]
        )
        self.assert_near(sets[0][0]["value:sum"], 620.0)
        self.assertEqual([group["parent_id"][0] for group in sets[1]], [self.w1.id, self.w2.id])
        self.assert_near(sum(group["value:sum"] for group in sets[2]), 620.0)

    def test_search_and_list(self):
        values = self.env["energy.value"].search([*self.domain, ("parent_id", "=", self.w1.id)], order="date desc")
        self.assertEqual((len(values), values[0].date), (10, JULY + timedelta(9)))
        self.assertEqual(values.parent_id, self.w1)
        self.assertEqual(self.env["energy.value"].search_count([*self.domain, ("parent_id", "!=", self.w1.id)]), 52)
        self.assertFalse(self.env["energy.value"].search(self.domain, order="parent_id desc", limit=1).parent_id - self.w2)

    def test_a_month_has_the_parent_that_held_all_of_it(self):
        months = self.env["energy.value.month"].search(self.domain)
        parents = {month.node_id.name: month.parent_id for month in months}
        self.assertEqual(parents, {"Furnace": self.env["energy.node"], "Press": self.w2})
        groups = self.env["energy.value.month"]._read_group(self.domain, ["parent_id"], ["value:sum"])
        self.assertEqual({parent.name or "": round(total, 6) for parent, total in groups}, {"": 310.0, "W2": 310.0})

    def test_a_move_as_of_a_past_date_is_seen_at_once(self):
        self.press.with_context(energy_move_date="2026-07-21").parent_id = self.w1
        self.env.flush_all()
        groups = dict(self.env["energy.value"]._read_group(self.domain, ["parent_id"], ["__count"]))
        self.assertEqual(groups[self.w1], 10 + 11)

    def test_a_parent_behind_the_wall_is_none(self):
        viewer = new_test_user(
            self.env,
            "parent_viewer",
            "energy_carbon.group_viewer",
            company_id=self.company.id,
            company_ids=[Command.set(self.company.ids)],
        )
        viewer.energy_node_ids = self.w2
        values = self.env["energy.value"].with_user(viewer)
        names = {parent.name or "" for parent, _count in values._read_group(self.domain, ["parent_id"], ["__count"])}
        self.assertEqual(names, {"", "W2"})
        self.assertFalse(values.search([*self.domain, ("parent_id", "=", self.w1.id)]))
        first = values.search([("node_id", "=", self.furnace.id), ("date", "=", JULY)])
        self.assertFalse(first.parent_id)
