"""The entry grid: reading, saving, refusing."""

from ast import literal_eval
from datetime import date, timedelta

from lxml import etree

from odoo import fields
from odoo.exceptions import UserError, ValidationError
from odoo.tests import tagged

from .common import EnergyCommon

FIRST, LAST = date(2026, 7, 1), date(2026, 7, 31)


@tagged("post_install", "-at_install")
class TestEnergyIndicatorEntry(EnergyCommon):
    """A clerk types his workshop's figures."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        find = cls.env["energy.indicator.template"]
        cls.typed = cls.env["energy.indicator"]
        for code in ("EL.CONS", "NG.CONS", "WT.CONS", "ST.CONS", "CA.CONS"):
            cls.typed |= cls.env["energy.indicator"].create(
                {
                    "node_id": cls.workshop_1.id,
                    "template_id": find.search([("code", "=", code)]).id,
                    "source": "entered",
                }
            )
        cls.collected = cls.env["energy.indicator"].create(
            {"node_id": cls.meter_1.id, "template_id": find.search([("code", "=", "EL.FWD")]).id}
        )
        cls.meter_1.collection = "collected"
        cls.total = cls.env["energy.indicator"].create(
            {"node_id": cls.workshop_1.id, "template_id": find.search([("code", "=", "T.TCE")]).id}
        )
        cls.total._set_default_terms()
        cls.domain = [("node_id", "child_of", cls.workshop_1.id)]

    def _save(self, user, changes):
        period = fields.Date.to_string(FIRST), fields.Date.to_string(LAST)
        return self.env["energy.indicator"].with_user(user).entry_save(changes, self.domain, *period)

    def _change(self, indicator, day, value, **more):
        return dict(more, indicator_id=indicator.id, date=fields.Date.to_string(day), value=value)

    def test_a_month_of_five_indicators_in_one_save(self):
        changes = [
            self._change(indicator, FIRST + timedelta(days=offset), 100.0 + offset)
            for indicator in self.typed
            for offset in range(31)
        ]
        answer = self._save(self.clerk_1, changes)
        self.assertFalse(answer["errors"])
        self.assertEqual(len(answer["grid"]["dates"]), 31)
        power = answer["grid"]["cells"][str(self.typed[0].id)]
        self.assertEqual([power[f"2026-07-{d:02}"]["value"] for d in (1, 31)], [100.0, 130.0])
        total = answer["grid"]["cells"][str(self.total.id)]["2026-07-01"]["value"]
        self.assertAlmostEqual(total, 100 * (0.1229 + 1.2143 + 34.12), 6)
        self.assertEqual(self.env["energy.entry"].search_count([("indicator_id", "in", self.typed.ids)]), 155)

    def test_saving_takes_few_queries(self):
        changes = [self._change(i, FIRST + timedelta(days=d), 1.0) for i in self.typed for d in range(31)]
        self._save(self.clerk_1, changes[:1])
        self.env.flush_all()
        self.env.invalidate_all()
        before = self.env.cr.sql_log_count
        answer = self._save(self.clerk_1, changes[1:])
        self.assertFalse(answer["errors"])
        after = self.env.cr.sql_log_count
        self.assertLess(after - before, 150, "queries must not grow with the number of cells")

    def test_columns_say_who_may_do_what(self):
        columns = {
            column["id"]: column
            for column in self.env["energy.indicator"]
            .with_user(self.clerk_1)
            .entry_grid(self.domain, "2026-07-01", "2026-07-31")["columns"]
        }
        self.assertTrue(columns[self.typed[0].id]["editable"])
        self.assertFalse(columns[self.collected.id]["overridable"])
        self.assertFalse(columns[self.total.id]["editable"])
        for user, may in ((self.manager, True), (self.auditor, False)):
            grid = self.env["energy.indicator"].with_user(user).entry_grid(self.domain, "2026-07-01", "2026-07-31")
            column = next(column for column in grid["columns"] if column["id"] == self.collected.id)
            self.assertEqual(column["overridable"], may)

    def test_nothing_is_saved_when_one_cell_is_wrong(self):
        answer = self._save(
            self.clerk_1,
            [
                self._change(self.typed[0], FIRST, 10.0),
                self._change(self.typed[1], FIRST, -3.0),
                self._change(self.total, FIRST, 5.0),
                self._change(self.collected, FIRST, 5.0, reason="I know better"),
                self._change(self.typed[2], fields.Date.today() + timedelta(days=40), 5.0),
            ],
        )
        self.assertEqual(len(answer["errors"]), 4)
        self.assertEqual(
            {error["indicator_id"] for error in answer["errors"]},
            {self.typed[1].id, self.typed[2].id, self.total.id, self.collected.id},
        )
        self.assertFalse(self.env["energy.entry"].search_count([("indicator_id", "in", self.typed.ids)]))

    def test_two_people_at_once(self):
        answer = self._save(self.clerk_1, [self._change(self.typed[0], FIRST, 10.0)])
        version = answer["grid"]["cells"][str(self.typed[0].id)]["2026-07-01"]["version"]
        self.assertFalse(
            self._save(self.manager, [self._change(self.typed[0], FIRST, 12.0, version=version)])["errors"]
        )
        late = self._save(self.clerk_1, [self._change(self.typed[0], FIRST, 11.0, version=version)])
        self.assertIn("meanwhile", late["errors"][0]["message"])
        unseen = self._save(self.clerk_1, [self._change(self.typed[0], FIRST, 11.0)])
        self.assertIn("meanwhile", unseen["errors"][0]["message"])

    def test_blanking_is_not_zero(self):
        answer = self._save(self.clerk_1, [self._change(self.typed[0], FIRST, 0.0)])
        cell = answer["grid"]["cells"][str(self.typed[0].id)]["2026-07-01"]
        self.assertEqual(cell["value"], 0.0)
        answer = self._save(self.clerk_1, [self._change(self.typed[0], FIRST, None, version=cell["version"])])
        self.assertFalse(answer["errors"])
        cell = answer["grid"]["cells"][str(self.typed[0].id)]["2026-07-01"]
        self.assertIsNone(cell["value"])
        self.assertEqual(cell["quality"], "missing")

    def test_override_needs_a_manager_and_a_reason(self):
        without = self._save(self.manager, [self._change(self.collected, FIRST, 5.0)])
        self.assertIn("reason", without["errors"][0]["message"])
        with_reason = self._save(self.manager, [self._change(self.collected, FIRST, 5.0, reason="stuck")])
        self.assertFalse(with_reason["errors"])

    def test_overridden_cell_shows_what_was_collected(self):
        """However often somebody typed: the figure before is the meter's."""
        begin = 1782835200
        self.env["energy.reading"]._append([self.collected.id] * 2, [begin, begin + 86400], [0.0, 9.0])
        self.env["energy.calculation"]._process()
        cell = None
        for value in (5.0, 6.0):
            version = cell and cell["version"]
            change = self._change(self.collected, FIRST, value, reason="stuck", version=version)
            answer = self._save(self.manager, [change])
            self.assertFalse(answer["errors"])
            cell = answer["grid"]["cells"][str(self.collected.id)]["2026-07-01"]
            self.assertEqual((cell["value"], cell["entered"], cell["original"]), (value, value, 9.0))
        change = self._change(self.collected, FIRST + timedelta(days=1), 4.0, reason="nothing read")
        cell = self._save(self.manager, [change])["grid"]["cells"][str(self.collected.id)]["2026-07-02"]
        self.assertIsNone(cell["original"])

    def test_meter_kept_both_ways(self):
        self.meter_1.collection = "both"
        self.assertFalse(self._save(self.clerk_1, [self._change(self.collected, FIRST, 5.0)])["errors"])
        begin = 1782835200
        self.env["energy.reading"]._append([self.collected.id] * 2, [begin + 86400 * 2, begin + 86400 * 3], [0.0, 9.0])
        self.env["energy.calculation"]._process()
        days = [FIRST + timedelta(days=offset) for offset in range(1, 5)]
        changes = [self._change(self.collected, day, 5.0) for day in days]
        errors = self._save(self.clerk_1, changes)["errors"]
        self.assertTrue(errors)
        self.assertLess(len(errors), len(changes), "only days with a collected figure are refused")
        refused = self._save(self.manager, [self._change(self.collected, FIRST + timedelta(days=2), 5.0)])["errors"]
        self.assertIn("needs a reason", refused[0]["message"])
        answer = self._save(self.manager, [self._change(self.collected, FIRST + timedelta(days=9), 5.0)])
        self.assertFalse(answer["errors"], "a manager fills a gap without a reason, too")
        column = next(one for one in answer["grid"]["columns"] if one["id"] == self.collected.id)
        self.assertTrue(column["both_ways"])

    def test_what_may_be_typed_is_found_first(self):
        """Typed figures, and what people type when the meter gives nothing; a meter that is read is no column."""
        search = self.env.ref("energy_carbon.energy_indicator_view_search_entry")
        [domain] = etree.fromstring(search.arch).xpath("//filter[@name='filter_entered']/@domain")
        asked = self.env["energy.indicator"].with_user(self.clerk_1)
        self.assertNotIn(self.collected, asked.search(literal_eval(domain)))
        self.assertIn(self.typed[0], asked.search(literal_eval(domain)))
        self.meter_1.collection = "both"
        self.assertIn(self.collected, asked.search(literal_eval(domain)))

    def test_approved_entries(self):
        self._save(self.clerk_1, [self._change(self.typed[0], FIRST, 10.0)])
        entry = self.env["energy.entry"].search([("indicator_id", "=", self.typed[0].id)])
        entry.with_user(self.manager).action_approve()
        self.env.flush_all()
        with self.assertRaises(UserError):
            entry.with_user(self.clerk_1).value = 11.0
        grid = self.env["energy.indicator"].with_user(self.clerk_1).entry_grid(self.domain, "2026-07-01", "2026-07-31")
        cell = grid["cells"][str(self.typed[0].id)]["2026-07-01"]
        self.assertTrue(cell["locked"])
        refused = self._save(self.clerk_1, [self._change(self.typed[0], FIRST, 11.0, version=cell["version"])])
        self.assertIn("approved", refused["errors"][0]["message"])
        with self.assertRaises(UserError):
            entry.with_user(self.manager).value = 11.0
        entry.with_user(self.manager).write({"value": 11.0, "reason": "typing error"})
        self.assertEqual((entry.previous_value, entry.reason), (10.0, "typing error"))

    def test_draft_does_not_count(self):
        entry = (
            self.env["energy.entry"]
            .with_user(self.clerk_1)
            .create(
                {"indicator_id": self.typed[0].id, "date_from": FIRST, "date_to": FIRST, "value": 7.0, "state": "draft"}
            )
        )
        self.env["energy.calculation"]._process()
        self.env.cr.execute("SELECT value FROM energy_value WHERE indicator_id = %s", [self.typed[0].id])
        self.assertEqual([row[0] for row in self.env.cr.fetchall()], [None])
        entry.state = "submitted"
        self.env["energy.calculation"]._process()
        self.env.cr.execute("SELECT value FROM energy_value WHERE indicator_id = %s", [self.typed[0].id])
        self.assertEqual([row[0] for row in self.env.cr.fetchall()], [7.0])

    def test_wrong_entries_are_refused_everywhere(self):
        create = self.env["energy.entry"].with_user(self.clerk_1).create
        base = {"indicator_id": self.typed[0].id, "date_from": FIRST, "date_to": FIRST}
        for value in (-1.0, float("nan"), float("inf")):
            with self.assertRaises(ValidationError):
                create(dict(base, value=value))

    def test_output_entry(self):
        product = self.env["product.product"].create({"name": "Castings"})
        self.workshop_1.product_ids = product
        output = self.env["energy.indicator"].search([("product_id", "=", product.id)])
        self.assertEqual((output.source, output.template_id.code), ("entered", "OUT.QTY"))
        answer = self._save(self.clerk_1, [self._change(output, FIRST, 42.0)])
        self.assertEqual(answer["grid"]["cells"][str(output.id)]["2026-07-01"]["value"], 42.0)
