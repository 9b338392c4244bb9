"""Prices built of components, provisional and final, with and without VAT."""

from datetime import date

from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.fields import Command
from odoo.tests import Form, new_test_user, tagged

from .test_energy_lock import LockCase
from .tou_case import DAY, TouCase

JUNE, JULY, AUGUST = date(2026, 6, 1), date(2026, 7, 1), date(2026, 8, 1)
# A province's notice: only the purchase price floats.
NOTICE = {"purchase": 0.42, "line_loss": 0.02, "transmission": 0.16, "system": 0.03, "funds": 0.03}
BANDS = [{"period": "valley", "start": 0.0, "end": 8.0}, {"period": "peak", "start": 8.0, "end": 12.0}]


@tagged("post_install", "-at_install")
class TestEnergyTariffComponent(TouCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.company.energy_slot_minutes = "60"

    @classmethod
    def built(cls, prices=None, floats=None, floating=("purchase",), day=JULY, **values):
        """A tariff built of components with a price from a day on."""
        floats = {"peak": 80.0, "valley": -65.0} if floats is None else floats
        return cls.tou(
            BANDS,
            {},
            price_mode="components",
            component_ids=[
                Command.create(
                    {
                        "kind": kind,
                        "floats": kind in floating,
                        "price_ids": [Command.create({"date_from": day, "price": price})],
                    }
                )
                for kind, price in (prices or NOTICE).items()
            ],
            float_ids=[
                Command.create({"date_from": day, "period": period, "value": value}) for period, value in floats.items()
            ],
            **values,
        )

    def component(self, tariff, kind):
        return tariff.component_ids.filtered(lambda one: one.kind == kind)

    def figures(self, tariff):
        return {(row.date_from, row.period): round(row.price, 9) for row in tariff.price_ids}

    # === BUILDING === #
    def test_jiangsu_only_the_purchase_price_floats(self):
        tariff = self.built()
        flat = round(sum(NOTICE.values()), 9)
        self.assertEqual(
            self.figures(tariff),
            {
                (JULY, False): flat,
                (JULY, "peak"): round(flat + 0.80 * 0.42, 9),
                (JULY, "valley"): round(flat - 0.65 * 0.42, 9),
            },
        )
        self.load(DAY, [10.0] * 24)
        self.assert_near(self.costs(), 240 * flat + 40 * 0.80 * 0.42 - 80 * 0.65 * 0.42)

    def test_new_month_of_one_component(self):
        tariff = self.built()
        self.load(DAY, [10.0] * 24)
        self.component(tariff, "purchase").price_ids = [Command.create({"date_from": AUGUST, "price": 0.50})]
        peak = tariff.price_ids.filtered(lambda row: row.period == "peak").sorted("date_from")
        self.assertEqual(peak.mapped("date_from"), [JULY, AUGUST])
        self.assert_near(peak[1].price, 0.24 + 1.8 * 0.50)
        self.env.cr.execute("SELECT count(*) FROM energy_dirty WHERE date_from < %s", [AUGUST])
        self.assertEqual(self.env.cr.fetchone()[0], 0, "July's price is the same: nothing of July is computed again")

    def test_price_of_one_month_asks_for_that_month_only(self):
        tariff = self.built()
        self.component(tariff, "purchase").price_ids = [Command.create({"date_from": AUGUST, "price": 0.50})]
        self.compute()
        self.component(tariff, "purchase").price_ids.filtered(lambda row: row.date_from == JULY).price = 0.41
        self.env.cr.execute("SELECT DISTINCT date_from, date_to FROM energy_dirty")
        self.assertEqual(self.env.cr.fetchall(), [(JULY, date(2026, 7, 31))])

    def test_day_from_eight_takes_the_day_before_along(self):
        self.company.energy_start_hour = 8
        tariff = self.built()
        self.compute()
        self.component(tariff, "purchase").price_ids.price = 0.5
        self.env.cr.execute("SELECT min(date_from) FROM energy_dirty")
        self.assertEqual(self.env.cr.fetchone()[0], date(2026, 6, 30))

    def test_cost_follows_and_comes_back(self):
        """Restating and restating back changes nothing."""
        tariff = self.built()
        self.load(DAY, [10.0] * 24)
        before = self.costs()
        purchase = self.component(tariff, "purchase").price_ids
        for price, expected in ((0.52, before + 0.1 * (240 + 40 * 0.8 - 80 * 0.65)), (0.42, before)):
            purchase.price = price
            self.compute()
            self.assert_near(self.costs(), expected)
            self.assert_near(self.row(self.cost, DAY)["value"], expected)

    def test_published_prices_stay_until_components_begin(self):
        tariff = self.tou(BANDS, {"peak": 1.0, "valley": 0.3, "flat": 0.6})
        tariff.write(
            {
                "price_mode": "components",
                "component_ids": [
                    Command.create(
                        {
                            "kind": "purchase",
                            "floats": True,
                            "price_ids": [Command.create({"date_from": JULY, "price": 0.7})],
                        }
                    )
                ],
            }
        )
        self.load(DAY, [10.0] * 24)
        second = self.add(self.node("M2", "meter", self.plant, energy_type_id=self.electricity.id), "EL.FWD")
        self.load(date(2026, 6, 15), [10.0] * 24, indicator=second)
        self.assert_near(self.costs(), 240 * 0.7)
        self.assert_near(self.row(second, date(2026, 6, 15))["cost"], 40 * 1.0 + 80 * 0.3 + 120 * 0.6)
        with self.assert_refused(ValidationError, "10 kV.*built of components from 2026-07-01"):
            tariff.price_ids = [Command.create({"date_from": AUGUST, "period": "peak", "price": 1.0})]

    def test_back_to_published_keeps_the_figures(self):
        tariff = self.built()
        before = self.figures(tariff)
        tariff.price_mode = "published"
        self.assertEqual(self.figures(tariff), before)
        tariff.price_ids.filtered(lambda row: row.period == "peak").price = 1.1

    def test_price_per_megawatt_hour(self):
        tariff = self.built(floats={})
        purchase = self.component(tariff, "purchase").price_ids
        purchase.write({"price": 420.0, "uom_id": self.env.ref("energy_carbon.uom_mwh").id})
        self.assert_near(tariff.price_ids.price, sum(NOTICE.values()))

    def test_table_shows_months_and_periods(self):
        tariff = self.built()
        self.component(tariff, "purchase").price_ids = [
            Command.create({"date_from": AUGUST, "price": 0.5, "state": "final"})
        ]
        table = str(tariff.price_table)
        for text in ("2026-07-01", "2026-08-01", "Peak", "Valley", "0.996", "0.387", "1.14"):
            self.assertIn(text, table)

    # === EXPLAIN === #
    def test_explain_shows_components(self):
        tariff = self.built()
        self.load(DAY, [10.0] * 24)
        answer = self.env["energy.indicator"].explain(self.forward.id, DAY, DAY, "cost")
        peak = next(line for line in answer["prices"] if line["period"] == "peak")
        parts = {part["label"]: part["price"] for part in peak["parts"]}
        self.assert_near(parts["Purchase Price × 1.8"], 0.42 * 1.8)
        self.assert_near(parts["Funds and Surcharges"], 0.03)
        self.assert_near(sum(parts.values()), peak["price"])
        self.assert_near(sum(line["price"] * line["amount"] for line in answer["prices"]), answer["value"])
        self.component(tariff, "funds").name = "Funds"
        again = self.env["energy.indicator"].explain(self.forward.id, DAY, DAY, "cost")
        self.assertIn("Funds", [part["label"] for part in again["prices"][0]["parts"]])

    # === PROVISIONAL AND FINAL === #
    def test_r6_provisional_price_made_final(self):
        """The bill comes with another figure: cost follows at the meter, the plant and in the month; all is restated."""
        tariff = self.built()
        self.load(DAY, [10.0] * 24)
        purchase = self.component(tariff, "purchase").price_ids
        self.assertEqual(set(tariff.price_ids.mapped("state")), {"provisional"})
        before = self.costs()
        purchase.write({"price": 0.52, "state": "final"})
        self.compute()
        expected = before + 0.1 * (240 + 40 * 0.8 - 80 * 0.65)
        for indicator, field in ((self.forward, "cost"), (self.consumption, "cost"), (self.cost, "value")):
            self.assert_near(self.row(indicator, DAY)[field], expected)
            self.assert_near(self.month(indicator, JULY)[field], expected)
        self.assertEqual(set(tariff.price_ids.mapped("state")), {"provisional"}, "the other components still are")
        tariff.component_ids.price_ids.filtered(lambda row: row.state == "provisional").action_make_final()
        self.assertEqual(set(tariff.price_ids.mapped("state")), {"final"})

    def test_r6_published_price_made_final(self):
        tariff = self.price("EL", 0.6)
        self.load(DAY, [10.0] * 24)
        self.assert_near(self.row(self.cost, DAY)["value"], 144.0)
        tariff.price_ids.write({"price": 0.65, "state": "final"})
        self.compute()
        self.assert_near(self.month(self.cost, JULY)["value"], 156.0)
        with self.assert_refused(UserError, "Price EL, 2020-01-01 is final already"):
            tariff.price_ids.action_make_final()

    def test_making_final_without_another_figure_computes_nothing(self):
        tariff = self.price("EL", 0.6)
        self.compute()
        tariff.price_ids.action_make_final()
        self.env.cr.execute("SELECT count(*) FROM energy_dirty")
        self.assertEqual(self.env.cr.fetchone()[0], 0)

    def test_wizard_takes_a_whole_month(self):
        tariff = self.built(day=JUNE)
        water = self.env["energy.tariff"].create(
            {
                "name": "Water",
                "energy_type_id": self.type("WT").id,
                "company_id": self.company.id,
                "price_ids": [Command.create({"date_from": JULY, "price": 4.0})],
            }
        )
        wizard = self.env["energy.tariff.month.prices"].create(
            {"month": DAY, "tariff_ids": [Command.set((tariff | water).ids)]}
        )
        self.assertEqual(len(wizard.line_ids), len(NOTICE) + 1)
        wizard.line_ids.filtered(lambda line: line.component_id.kind == "purchase").price = 0.5
        wizard.line_ids.filtered("price_id").price = 4.2
        wizard.action_apply()
        july = tariff.price_ids.filtered(lambda row: row.date_from == JULY)
        self.assertEqual(set(july.mapped("state")), {"final"})
        self.assert_near(july.filtered(lambda row: not row.period).price, 0.24 + 0.5)
        self.assertEqual((water.price_ids.price, water.price_ids.state), (4.2, "final"))
        june = tariff.price_ids.filtered(lambda row: row.date_from == JUNE)
        self.assertEqual(set(june.mapped("state")), {"provisional"})

    def test_wizard_as_a_clerk_of_prices_fills_it(self):
        """The form sends what it only shows, too: a month's new price of a component is created, not lost."""
        tariff = self.built(day=JUNE)
        form = Form(
            self.env["energy.tariff.month.prices"].with_context(active_model="energy.tariff", active_ids=tariff.ids)
        )
        form.month = JULY
        form.final = False
        kinds = [component.kind for component in tariff.component_ids]
        with form.line_ids.edit(kinds.index("purchase")) as line:
            self.assertEqual((line.old_price, line.date_from), (0.42, JULY))
            line.price = 0.45
        form.save().action_apply()
        self.assert_near(tariff.price_ids.filtered(lambda r: r.date_from == JULY and not r.period).price, 0.24 + 0.45)
        self.assertEqual(set(tariff.price_ids.mapped("state")), {"provisional"})

    def test_only_managers_and_accountants_make_final(self):
        tariff = self.price("EL", 0.6)
        auditor = new_test_user(
            self.env,
            "price_auditor",
            "energy_carbon.group_auditor",
            company_id=self.company.id,
            company_ids=self.company.ids,
        )
        with self.assertRaises(AccessError):
            tariff.price_ids.with_user(auditor).action_make_final()
        accountant = new_test_user(
            self.env,
            "price_accountant",
            "energy_carbon.group_accountant",
            company_id=self.company.id,
            company_ids=self.company.ids,
        )
        tariff.price_ids.with_user(accountant).action_make_final()
        self.assertEqual(tariff.price_ids.state, "final")
        built = self.built(node_id=self.plant.id)
        self.component(built, "purchase").price_ids.with_user(accountant).price = 0.43
        with self.assertRaises(AccessError):
            self.component(built, "purchase").price_ids.with_user(auditor).price = 0.44

    def test_walls_hold_on_what_prices_are_built_of(self):
        """Without the right to see prices nothing of a tariff shows; of another company nothing ever does."""
        tariff = self.built(
            tier_ids=[Command.create({"date_from": JULY, "above": 100.0, "price": 0.1})],
            charge_ids=[Command.create({"date_from": JULY, "kind": "fixed", "price": 10.0})],
        )
        company = self.env["res.company"].create({"name": "Elsewhere"})
        viewer, stranger = (
            new_test_user(self.env, login, group, company_id=own.id, company_ids=own.ids)
            for login, group, own in (
                ("price_viewer", "energy_carbon.group_viewer", self.company),
                ("price_stranger", "energy_carbon.group_accountant", company),
            )
        )
        records = [
            tariff.component_ids,
            tariff.component_ids.price_ids,
            tariff.float_ids,
            tariff.tier_ids,
            tariff.charge_ids,
        ]
        for found in records:
            self.assertTrue(found)
            with self.assertRaises(AccessError):
                found.with_user(viewer).mapped("display_name")
            with self.assertRaises(AccessError):
                found.with_user(stranger).with_context(allowed_company_ids=company.ids).mapped("display_name")
        with self.assertRaises(AccessError):
            tariff.with_user(viewer)._month_bill(JULY)
        with self.assertRaises(AccessError):
            self.env["energy.tariff.month.prices"].with_user(viewer).create({"month": JULY})

    def test_copy_builds_its_own_prices(self):
        tariff = self.built()
        twin = tariff.copy({"node_id": self.plant.id})
        self.assertEqual(self.figures(twin), self.figures(tariff))
        parts = {part["component"] for row in twin.price_ids for part in row.parts}
        self.assertEqual(parts, set(twin.component_ids.ids))
        twin.component_ids.unlink()
        self.assertFalse(twin.price_ids)
        self.assertTrue(tariff.price_ids)

    # === VAT === #
    def test_cost_is_net_of_vat(self):
        tariff = self.price("EL", 1.13)
        tariff.write({"prices_include_vat": True, "vat_rate": 13.0})
        self.load(DAY, [10.0] * 24)
        self.assert_near(self.costs(), 240.0)
        self.assert_near(tariff.price_ids.price_net, 1.0)
        self.assert_near(tariff.price_ids.price_gross, 1.13)
        answer = self.env["energy.indicator"].explain(self.forward.id, DAY, DAY, "cost")
        self.assert_near(answer["prices"][0]["price"], 1.0)
        self.assertIn("13 % VAT", answer["prices"][0]["vat"])
        tariff.prices_include_vat = False
        self.compute()
        self.assert_near(self.costs(), 240 * 1.13)
        self.assert_near(tariff.price_ids.price_gross, 1.13 * 1.13)

    def test_components_with_vat(self):
        self.built(floats={}, prices_include_vat=True, vat_rate=13.0)
        self.load(DAY, [10.0] * 24)
        self.assert_near(self.costs(), 240 * sum(NOTICE.values()) / 1.13)
        answer = self.env["energy.indicator"].explain(self.forward.id, DAY, DAY, "cost")
        self.assert_near(sum(part["price"] for part in answer["prices"][0]["parts"]), sum(NOTICE.values()) / 1.13)

    # === N3 === #
    def test_n3_no_price_is_blank_and_says_so(self):
        """Before the first price there is no cost, at no level; never a zero."""
        self.built(day=AUGUST)
        self.load(DAY, [10.0] * 24)
        for indicator in (self.forward, self.consumption):
            self.assertIsNone(self.row(indicator, DAY)["cost"])
            self.assertIsNone(self.month(indicator, JULY)["cost"])
        for row in (self.row(self.cost, DAY), self.month(self.cost, JULY)):
            self.assertEqual((row["value"], row["reason"]), (None, "no_price"))
        answer = self.env["energy.indicator"].explain(self.cost.id, DAY, DAY)
        self.assertIsNone(answer["value"])
        self.assertIn("No price or factor", answer["notes"])

    # === BAD INPUT === #
    def test_price_below_zero(self):
        with self.assert_refused(ValidationError, "Price EL, 2020-01-01.*below zero"):
            self.price("EL", -0.1)
        with self.assert_refused(ValidationError, "10 kV, Purchase Price, 2026-07-01.*below zero"):
            self.built({"purchase": -0.1})
        self.assertTrue(self.built({"purchase": 0.4, "system": -0.01}), "published settlement differences are negative")

    def test_floats_below_zero(self):
        with self.assert_refused(ValidationError, "10 kV, Valley, from 2026-07-01 on.*below zero"):
            tariff = self.built(floats={})
            tariff.float_ids = [
                Command.create({"date_from": JULY, "period": "valley", "method": "amount", "value": -1.0})
            ]
        with self.assert_refused(ValidationError, "10 kV.*-120"):
            self.built(floats={"valley": -120.0}, node_id=self.plant.id)

    def test_component_without_price_from_the_first_month(self):
        tariff = self.built()
        with self.assert_refused(ValidationError, "10 kV: the component Other has no price from 2026-07-01"):
            tariff.component_ids = [
                Command.create({"kind": "other", "price_ids": [Command.create({"date_from": AUGUST, "price": 0.01})]})
            ]

    def test_two_prices_for_one_day(self):
        tariff = self.price("EL", 0.6)
        with self.assert_refused(ValidationError, "Price EL already has a price from 2020-01-01"):
            tariff.price_ids = [Command.create({"date_from": "2020-01-01", "price": 0.7})]
        built = self.built(node_id=self.plant.id)
        with self.assert_refused(ValidationError, "10 kV, Purchase Price already has a price from 2026-07-01"):
            self.component(built, "purchase").price_ids = [Command.create({"date_from": JULY, "price": 0.7})]
        with self.assert_refused(ValidationError, "10 kV, Peak already floats from 2026-07-01"):
            built.float_ids = [Command.create({"date_from": JULY, "period": "peak", "value": 1.0})]

    def test_built_price_is_not_changed_by_hand(self):
        tariff = self.built()
        with self.assert_refused(UserError, "10 kV, 2026-07-01.*built of components"):
            tariff.price_ids[0].price = 1.0
        with self.assert_refused(UserError, "built of components"):
            tariff.price_ids[0].unlink()

    def test_floats_need_something_that_floats(self):
        with self.assert_refused(ValidationError, "10 kV: no component floats"):
            self.built(floating=())
        with self.assert_refused(ValidationError, "10 kV is flat"):
            self.built(kind="flat", version_ids=False)


@tagged("post_install", "-at_install")
class TestEnergyTariffRestatement(LockCase):
    """Prices of the past in the journal, and against locked cost."""

    def test_r6_provisional_price_made_final_is_journalled(self):
        before = self.month(self.cost, JULY)["value"]
        self.tariff.price_ids = [Command.create({"date_from": JULY, "price": 0.7})]
        self.compute()
        july = self.tariff.price_ids.filtered(lambda row: row.date_from == JULY)
        wizard = self.env["energy.tariff.month.prices"].create(
            {"month": JULY, "tariff_ids": [Command.set(self.tariff.ids)]}
        )
        wizard.line_ids.price = 0.75
        wizard.action_apply()
        line, unit = self.journal("price")[:1], f"{self.company.currency_id.name}/kWh"
        self.assertIn("2026-07-01", line.name)
        self.assertEqual((line.old_text, line.new_text), (f"0.7 {unit} (provisional)", f"0.75 {unit}"))
        self.assertEqual((line.date_from, line.state), (JULY, "done"))
        self.assertEqual(july.state, "final")
        self.assert_near(self.month(self.cost, JULY)["value"], before * 0.75 / 0.7)
        self.assert_near(self.month(self.cost, JUNE)["value"], before)

    def test_r6_final_price_in_a_month_of_locked_cost(self):
        self.tariff.price_ids = [Command.create({"date_from": JULY, "price": 0.7})]
        self.compute()
        self.lock("cost")
        before = self.snapshot()
        july = self.tariff.price_ids.filtered(lambda row: row.date_from == JULY)
        with self.refused("Price EL, 2026-07-01 cannot change: the cost of Plant A is locked for 2026-07"):
            july.write({"price": 0.75, "state": "final"})
        july.action_make_final()
        self.compute()
        self.assertEqual(self.snapshot(), before, "the same figure, now final, changes no cost")

    def test_tiers_and_vat_are_refused_and_journalled(self):
        self.lock("cost")
        for change in (
            lambda: self.tariff.write(
                {"tier_ids": [Command.create({"date_from": JULY, "above": 500.0, "price": 0.1})]}
            ),
            lambda: self.tariff.write({"prices_include_vat": True, "vat_rate": 13.0}),
        ):
            with self.refused("cannot change: the cost of Plant A is locked"):
                change()
        self.tariff.tier_ids = [Command.create({"date_from": AUGUST, "above": 500.0, "price": 0.1})]
        self.assertIn("above 500 kWh", self.journal("price").new_text)
        self.assert_near(self.month(self.forward_1, AUGUST)["cost"], 1_000 * 0.7 + 500 * 0.1)
