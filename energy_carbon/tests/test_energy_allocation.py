"""Allocation keys through the models: shares, dates, remainder, companions, circles, locked months."""

from contextlib import contextmanager
from datetime import date
from decimal import Decimal

from odoo.exceptions import UserError, ValidationError
from odoo.fields import Command
from odoo.tests import Form, tagged

from .plant import PlantCase

DAY = date(2026, 7, 15)


class AllocationCase(PlantCase):
    """A shared meter in a hall, three workshops that use it."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.hall = cls.node("Hall", parent=cls.plant)
        cls.meter = cls.node("Hall meter", "meter", cls.hall, energy_type_id=cls.type("EL").id)
        cls.forward = cls.add(cls.meter, "EL.FWD", source="entered")
        cls.shops = [
            cls.node(f"W{number}", parent=cls.plant, floor_area=area, headcount=heads)
            for number, area, heads in ((1, 1200, 30), (2, 800, 50), (3, 500, 20))
        ]

    @classmethod
    def key(cls, basis, *lines, **values):
        """A key for the hall's meter: lines as (unit, values)."""
        commands = [Command.create({"node_id": node.id, **line}) for node, line in lines]
        return cls.env["energy.allocation"].create(
            {"source_id": cls.forward.id, "basis": basis, "line_ids": commands, **values}
        )

    def thirds(self, **values):
        return self.key("fixed", *((shop, {"share": 1 / 3}) for shop in self.shops), **values)

    def given(self, key, day=DAY, column="value"):
        """What every consumer got and what was left, None where nothing is known."""
        rows = [self.row(line.indicator_id, day) for line in key.line_ids] + [self.row(key.remainder_id, day)]
        return [row and row[column] for row in rows]

    @contextmanager
    def refused(self, message, exception=ValidationError):
        """Expect a refusal whose text matches, and take back what was written before it (as a request would)."""
        with self.assertRaises(exception) as raised:
            yield
        self.assertRegex(str(raised.exception), message)

    def outputs(self):
        """An output indicator at each workshop."""
        product = self.env["product.product"].create({"name": "Ring"})
        for shop in self.shops:
            shop.product_ids = product
        return [shop.indicator_ids.filtered(lambda i: i.template_id.code == "OUT.QTY") for shop in self.shops]

    def by_output(self):
        outputs = self.outputs()
        return outputs, self.key("output", *((shop, {}) for shop in self.shops))


@tagged("post_install", "-at_install")
class TestEnergyAllocation(AllocationCase):
    # === CASES OF THE ISSUE === #
    def test_a1_thirds_with_a_change_in_mid_month(self):
        """1/3 each until the 15th, then 1/2, 1/4, 1/4: each side counts for its own days, to the last digit."""
        first, second = self.shops[0], self.shops[1:]
        half = [
            Command.create({"node_id": first.id, "share": 0.5, "date_from": "2026-07-16"}),
            *(Command.create({"node_id": shop.id, "share": 0.25, "date_from": "2026-07-16"}) for shop in second),
        ]
        key = self.key("fixed", *((shop, {"share": 1 / 3, "date_to": "2026-07-15"}) for shop in self.shops))
        key.line_ids = half
        days = [date(2026, 7, day) for day in range(1, 32)]
        for day in days:
            self.enter(self.forward, day, 100.0 + 0.001 * day.day)
        self.compute()
        for day in days:
            parts = [Decimal(repr(value)) for value in self._parts(key, day)]
            self.assertEqual(sum(parts), Decimal(repr(self.row(self.forward, day)["value"])), day)
        allocated = key.line_ids.indicator_id.filtered(lambda i: i.node_id == first)
        self.assert_near(self.row(allocated, date(2026, 7, 15))["value"], 100.015 / 3, 1e-4)
        self.assert_near(self.row(allocated, date(2026, 7, 16))["value"], 50.008, 1e-9)
        month = [self.month(one, date(2026, 7, 1))["value"] for one in key._targets()]
        self.assert_near(sum(month), self.month(self.forward, date(2026, 7, 1))["value"])

    def _parts(self, key, day):
        return [self.row(one, day)["value"] for one in key._targets()]

    def test_a2_the_remainder_is_visible_at_the_source(self):
        self.price("EL", 0.8)
        key = self.key("fixed", (self.shops[0], {"share": 0.5}), (self.shops[1], {"share": 0.4}))
        self.enter(self.forward, DAY, 1000.0)
        self.compute()
        self.assertEqual(self.given(key), [500.0, 400.0, 100.0])
        self.assertEqual(key.remainder_id.node_id, self.meter)
        self.assertEqual(self.given(key, column="cost"), [400.0, 320.0, 80.0])
        self.env["energy.tariff"].search([("company_id", "=", self.company.id)]).price_ids.price = 1.0
        self.compute()
        self.assertEqual(self.given(key, column="cost"), [500.0, 400.0, 100.0])
        coal = self.row(self.forward, DAY)["coal"]
        self.assert_near(sum(self.given(key, column="coal")), coal)

    def test_others_floor_area(self):
        key = self.key("area", *((shop, {}) for shop in self.shops))
        self.enter(self.forward, DAY, 30_000.0)
        self.compute()
        self.assertEqual(self.given(key), [14_400.0, 9_600.0, 6_000.0, 0.0])

    # === BASES === #
    def test_headcount_from_ledger_and_typed(self):
        key = self.key("headcount", (self.shops[0], {}), (self.shops[1], {"figure": 70}))
        self.enter(self.forward, DAY, 1000.0)
        self.compute()
        self.assertEqual(self.given(key), [300.0, 700.0, 0.0])
        self.shops[0].headcount = 130
        self.compute()
        self.assertEqual(self.given(key), [650.0, 350.0, 0.0])

    def test_late_output_restates_the_shares(self):
        outputs, key = self.by_output()
        self.enter(self.forward, DAY, 900.0)
        self.enter(outputs[0], DAY, 20.0)
        self.compute()
        self.assertEqual(self.given(key), [900.0, None, None, 0.0])
        self.assertEqual(self.row(key.line_ids[0].indicator_id, DAY)["quality"], "partial")
        self.enter(outputs[1], DAY, 10.0)
        self.enter(outputs[2], DAY, 0.0)
        self.compute()
        self.assertEqual(self.given(key), [600.0, 300.0, 0.0, 0.0])
        self.assertEqual(self.row(key.line_ids[0].indicator_id, DAY)["quality"], "entered")

    def test_nothing_to_allocate_by_stays_at_the_source(self):
        outputs, key = self.by_output()
        self.enter(self.forward, DAY, 900.0)
        self.compute()
        self.assertEqual(self.given(key), [None, None, None, 900.0])
        self.assertEqual(self.given(key, column="reason"), ["no_basis"] * 4)
        for output in outputs:
            self.enter(output, DAY, 0.0)
        self.compute()
        self.assertEqual(self.given(key), [0.0, 0.0, 0.0, 900.0])
        self.assertEqual(self.given(key, column="reason"), ["no_basis"] * 4)
        notes = self.env["energy.indicator"].explain(key.remainder_id.id, "2026-07-15", "2026-07-15")["notes"]
        self.assertIn("Nothing to allocate by", notes)

    def test_hours_and_submeters(self):
        hours = [self.add(shop, "OP.H") for shop in self.shops[:2]]
        key = self.key("hours", *((shop, {}) for shop in self.shops[:2]))
        self.assertEqual(key.line_ids.mapped("basis_id"), hours[0] | hours[1])
        self.enter(self.forward, DAY, 100.0)
        for indicator, worked in zip(hours, (6.0, 2.0), strict=True):
            self.enter(indicator, DAY, worked)
        self.compute()
        self.assertEqual(self.given(key), [75.0, 25.0, 0.0])
        subs = []
        for shop in self.shops[:2]:
            meter = self.node(f"Sub {shop.name}", "meter", shop, energy_type_id=self.type("EL").id)
            subs.append(self.add(meter, "EL.FWD", source="entered"))
        key.basis = "submeter"
        self.assertEqual(key.line_ids.mapped("basis_id"), subs[0] | subs[1])
        for sub, amount in zip(subs, (1.0, 3.0), strict=True):
            self.enter(sub, DAY, amount)
        self.compute()
        self.assertEqual(self.given(key), [25.0, 75.0, 0.0])

    def test_dates_of_the_key(self):
        key = self.thirds(date_from="2026-07-10", date_to="2026-07-14")
        for day in (9, 10, 14, 15):
            self.enter(self.forward, date(2026, 7, day), 300.0)
        self.compute()
        self.assertEqual([self.given(key, date(2026, 7, day)) for day in (9, 15)], [[None] * 4] * 2)
        self.assertEqual(self.given(key, date(2026, 7, 10)), [100.0, 100.0, 100.0, 0.0])
        key.date_to = "2026-07-15"
        self.compute()
        self.assertEqual(self.given(key), [100.0, 100.0, 100.0, 0.0])
        key.date_from = "2026-07-12"
        self.compute()
        self.assertEqual(self.given(key, date(2026, 7, 10)), [None] * 4)

    def test_removed_consumer_and_archived_key(self):
        key = self.thirds()
        self.enter(self.forward, DAY, 300.0)
        self.compute()
        gone = key.line_ids[2].indicator_id
        key.line_ids[2].unlink()
        self.compute()
        self.assertIsNone(self.row(gone, DAY)["value"])
        self.assertEqual(self.given(key), [100.0, 100.0, 100.0])
        key.active = False
        self.compute()
        self.assertEqual(self.given(key), [None] * 3)

    def test_another_source_takes_the_consumers_along(self):
        key = self.thirds()
        self.enter(self.forward, DAY, 300.0)
        water = self.node("Water", "meter", self.hall, energy_type_id=self.type("WT").id)
        volume = self.add(water, "WT.VOL", source="entered")
        self.enter(volume, DAY, 30.0)
        self.compute()
        old = key._targets()
        key.source_id = volume
        self.compute()
        self.assertEqual(set(key._targets().mapped("template_id.code")), {"WT.ALLOC", "WT.REST"})
        self.assertEqual(self.given(key), [10.0, 10.0, 10.0, 0.0])
        self.assertEqual([self.row(one, DAY)["value"] for one in old], [None] * 4)

    # === LOCKED MONTHS === #
    def test_locked_month_of_a_consumer_refuses_source_figure_and_ledger(self):
        """The shared meter stands in one plant, a consumer in another one that is locked."""
        other = self.node("Plant B", "unit", unit_type="plant", floor_area=300)
        key = self.key("area", (self.shops[0], {}), (other, {}))
        output = self.outputs()[0]
        typed = self.enter(self.forward, DAY, 1500.0)
        self.compute()
        self.env["energy.lock"]._rows(other, [date(2026, 7, 1)])._lock_figures("quantity")
        for change in (
            lambda: typed.write({"value": 15.0}),
            lambda: self.shops[0].write({"floor_area": 700}),
            lambda: key.write({"basis": "headcount"}),
            lambda: key.line_ids[0].write({"figure": 5}),
            lambda: key.unlink(),
        ):
            with self.refused("Plant B are locked for", UserError):
                change()
        self.compute()
        self.assertEqual(self.given(key), [1200.0, 300.0, 0.0])
        self.enter(output, DAY, 5.0)  # not the basis of this key

    # === IN TOTALS === #
    def test_consumption_takes_it_and_the_plant_counts_once(self):
        totals = [self.add(shop, "EL.CONS") for shop in self.shops]
        plant = self.formula(self.add(self.plant, "EL.CONS"), *totals)
        tce = self.add(self.shops[0], "T.TCE")
        key = self.thirds()
        key.action_add_to_consumption()
        self.enter(self.forward, DAY, 300.0)
        self.compute()
        self.assertEqual([self.row(one, DAY)["value"] for one in totals], [100.0] * 3)
        self.assertEqual(self.row(plant, DAY)["value"], 300.0)
        self.assert_near(self.row(tce, DAY)["value"], 12.29)
        self.assertFalse(plant.double_count_warning)
        self.assertFalse(key.double_count_warning)
        self.env["energy.indicator.term"].create({"indicator_id": plant.id, "source_id": key.remainder_id.id})
        plant.invalidate_recordset(["double_count_warning"])
        self.assertFalse(plant.double_count_warning)
        self.env["energy.indicator.term"].create({"indicator_id": plant.id, "source_id": self.forward.id})
        plant.invalidate_recordset(["double_count_warning"])
        self.assertRegex(plant.double_count_warning, "Hall meter")
        key.invalidate_recordset(["double_count_warning"])
        self.assertRegex(key.double_count_warning, "Plant A")

    def test_default_formula_takes_what_was_allocated(self):
        key = self.thirds()
        total = self.add(self.shops[0], "EL.CONS")
        self.assertEqual(total.term_ids.source_id, key.line_ids[0].indicator_id)

    def test_slots_follow_the_amount(self):
        meter = self.node("Line meter", "meter", self.hall, energy_type_id=self.type("EL").id)
        collected = self.add(meter, "EL.FWD")
        key = self.key("fixed", (self.shops[0], {"share": 0.25}), source_id=collected.id)
        begin = 1784044800  # 2026-07-15 00:00 in Shanghai
        self.read_at(collected, *((begin + 3600 * hour, 10.0 * hour) for hour in range(25)))
        self.compute()
        self.env.cr.execute(
            "SELECT indicator_id, slots FROM energy_profile WHERE indicator_id = ANY(%s) AND date = %s",
            [[collected.id, key.line_ids.indicator_id.id], DAY],
        )
        slots = dict(self.env.cr.fetchall())
        self.assertEqual(self.given(key), [60.0, 180.0])
        self.assertEqual([value * 0.25 for value in slots[collected.id]], slots[key.line_ids.indicator_id.id])

    # === BAD INPUT === #
    def test_shares_above_one_are_refused(self):
        with self.refused("100.*as of the beginning make 110"):
            self.key("fixed", (self.shops[0], {"share": 0.6}), (self.shops[1], {"share": 0.5}), name="Hall 100")
        key = self.thirds()
        with self.refused("more than the whole"):
            key.line_ids[0].share = 0.34
        with self.refused("between 0 and 100"):
            key.line_ids[0].share = -0.1

    def test_allocation_to_itself_is_refused(self):
        with self.refused("Hall cannot be allocated to itself"):
            self.key("fixed", (self.hall, {"share": 1.0}), source_id=self.add(self.hall, "EL.CONS").id)

    def test_circle_is_refused_naming_it(self):
        total = self.add(self.hall, "EL.CONS", whole_company=True)
        key = self.key("fixed", (self.shops[0], {"share": 0.5}), source_id=total.id)
        back = self.key("fixed", (self.shops[1], {"share": 0.5}), source_id=key.line_ids.indicator_id.id, name="Onward")
        with self.refused("closes a circle: .*W2 / .* → Hall / "):
            self.env["energy.indicator.term"].create(
                {"indicator_id": total.id, "source_id": back.line_ids.indicator_id.id}
            )
        shop_total = self.add(self.shops[0], "EL.CONS")
        with self.refused("closes a circle"):
            self.key("submeter", (self.shops[0], {"basis_id": shop_total.id})).action_add_to_consumption()

    def test_twice_on_a_day_is_refused(self):
        key = self.thirds()
        with self.refused("already allocated by"):
            self.thirds()
        with self.refused("W1 is twice"):
            key.line_ids = [Command.create({"node_id": self.shops[0].id, "share": 0.0})]

    def test_unlike_bases_are_refused(self):
        hours = self.add(self.shops[0], "OP.H")
        meter = self.node("Sub", "meter", self.shops[1], energy_type_id=self.type("EL").id)
        kwh = self.add(meter, "EL.FWD")
        with self.assertRaises(UserError):
            self.key("hours", (self.shops[0], {"basis_id": hours.id}), (self.shops[1], {"basis_id": kwh.id}))
        with self.refused("Choose for W3"):
            self.key("hours", (self.shops[2], {}))

    def test_allocated_indicators_are_kept_by_the_key(self):
        allocated = self.thirds().line_ids[0].indicator_id
        with self.refused("is kept by the allocation"):
            allocated.active = False
        with self.refused("is kept by the allocation"):
            allocated.source = "entered"
        with self.refused("belongs to the allocation", UserError):
            allocated.unlink()
        with self.refused("belongs to the allocation", UserError):
            self.forward.unlink()

    # === SCREENS === #
    def test_form_with_lines_and_preview(self):
        with Form(self.env["energy.allocation"]) as form:
            form.source_id = self.forward
            form.basis = "area"
            for shop in self.shops:
                with form.line_ids.new() as line:
                    line.node_id = shop
        key = form.record
        self.assertEqual([round(line.preview_share, 9) for line in key.line_ids], [0.48, 0.32, 0.2])
        self.assertFalse(key.has_last_month)
        last = key.last_month
        self.enter(self.forward, last, 1000.0)
        self.compute()
        key.invalidate_recordset()
        key.line_ids.invalidate_recordset()
        self.assertEqual((key.last_month_amount, key.last_month_rest), (1000.0, 0.0))
        self.assertEqual(key.line_ids.mapped("last_month_amount"), [480.0, 320.0, 200.0])

    def test_new_version_and_equal_shares(self):
        key = self.key("fixed", *((shop, {}) for shop in self.shops))
        key.action_equal_shares()
        self.assertEqual(key.share_total, 1.0)
        action = key.action_new_version()
        new = self.env["energy.allocation"].browse(action["res_id"])
        self.assertEqual((new.date_from - key.date_to).days, 1)
        self.assertEqual(new.line_ids.mapped("share"), [1 / 3] * 3)
        self.assertEqual(new.remainder_id, key.remainder_id)

    def test_explain_shows_source_share_and_figures(self):
        self.price("EL", 0.5)
        key = self.key("area", *((shop, {}) for shop in self.shops))
        self.enter(self.forward, DAY, 30_000.0)
        self.compute()
        mine = key.line_ids[0].indicator_id
        answer = self.env["energy.indicator"].explain(mine.id, "2026-07-15", "2026-07-15")
        self.assertEqual(answer["value"], 14_400.0)
        self.assertRegex(answer["formula"], "share of Hall meter / .* by Floor area")
        (line,) = answer["lines"]
        self.assertEqual((line["value"], line["coefficient"], line["contribution"]), (30_000.0, 0.48, 14_400.0))
        (table,) = answer["shares"]
        rows = [(row["node"], row["figure"], row["share"], row["amount"]) for row in table["rows"]]
        self.assertEqual(rows[1], ("W2", 800.0, 0.32, 9600.0))
        cost = self.env["energy.indicator"].explain(mine.id, "2026-07-15", "2026-07-15", "cost")
        self.assertEqual(
            (cost["value"], cost["lines"][0]["value"], cost["lines"][0]["contribution"]), (7200.0, 15_000.0, 7200.0)
        )
        rest = self.env["energy.indicator"].explain(key.remainder_id.id, "2026-07-15", "2026-07-15")
        self.assertEqual((rest["value"], rest["lines"][0]["contribution"]), (0.0, 0.0))
