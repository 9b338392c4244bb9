"""Whose tariff, factor and certificate hold: the nearest node on the day, and what a change of it reaches."""

from datetime import date

from odoo.exceptions import AccessError
from odoo.fields import Command
from odoo.tests import tagged

from .common import EnergyCommon
from .lock_case import AUGUST, DAY, JULY, JUNE, LockCase

FREE_DAY, AUGUST_DAY = date(2026, 7, 8), date(2026, 8, 5)


@tagged("post_install", "-at_install")
class TestEnergyTariffPlace(LockCase):
    """Company 0.7; workshops, a meter and another plant get their own prices."""

    def own(self, node, price, day=date(2020, 1, 1)):
        tariff = self.tariff.copy({"name": f"Price of {node.name}", "node_id": node.id, "price_ids": False})
        tariff.price_ids = [Command.create({"date_from": day, "price": price, "uom_id": self.tariff.uom_id.id})]
        return tariff

    def assert_price(self, price, day=DAY):
        self.compute()
        self.assert_near(self.row(self.forward_1, day)["cost"], 100 * price)

    def test_meter_before_node_before_parent_of_the_day_before_company(self):
        of_plant, of_shop, of_meter = self.own(self.plant, 0.6), self.own(self.workshop_1, 0.5), self.own(self.meter_1, 0.4)
        self.assert_price(0.4)
        self.assert_near(self.row(self.forward_2, DAY)["cost"], 30 * 0.6)
        self.assert_near(self.row(self.cost, DAY)["value"], 100 * 0.4 + 30 * 0.6)
        for tariff, price in ((of_meter, 0.5), (of_shop, 0.6), (of_plant, 0.7)):
            tariff.active = False
            self.assert_price(price)
        (of_shop | self.own(self.workshop_2, 0.9)).active = True
        self.meter_1.with_context(energy_move_date=FREE_DAY).parent_id = self.workshop_2
        self.assert_price(0.5)
        self.assert_price(0.9, FREE_DAY)

    def test_r1_price_of_the_workshop_that_a_meter_has_left(self):
        """The meter left in August: another price of July still reaches its July, and says so in the journal."""
        tariff = self.own(self.workshop_1, 0.5)
        self.meter_1.with_context(energy_move_date=AUGUST).parent_id = self.workshop_2
        self.assert_price(0.5)
        known = self.journal("price")
        tariff.price_ids.price = 0.55
        self.assert_price(0.55)
        self.assert_price(0.7, AUGUST_DAY)
        line = self.journal("price") - known
        july = line.line_ids.filtered(lambda one: one.indicator_id == self.consumption and one.month == JULY)
        self.assertEqual(july.cost_text, "710.000 → 760.000")
        self.assertNotIn(AUGUST, line.line_ids.mapped("month"))

    def test_r1_price_of_the_workshop_that_a_meter_has_left_in_a_locked_month(self):
        tariff, factor = self.own(self.workshop_1, 0.5), self._factor(0.4, date(2020, 1, 1), node_id=self.workshop_1.id)
        self.meter_1.with_context(energy_move_date=AUGUST).parent_id = self.workshop_2
        self.compute()
        self.lock("quantity", "cost")
        before = self.snapshot()
        with self.refused("Price of W1, 2020-01-01 cannot change: the cost of Plant A is locked for 2026-07"):
            tariff.price_ids.price = 0.55
        with self.refused("Electricity, CO₂.* cannot change: the quantities of Plant A are locked for 2026-07"):
            factor.value = 0.3
        self.compute()
        self.assertEqual(self.snapshot(), before)

    def test_lock_of_the_place_where_a_meter_is_now(self):
        """The new plant's locked July stands against no price of the days before the meter came there."""
        other = self.node("Plant B", "unit", unit_type="plant")
        tariff, factor = self.own(self.workshop_1, 0.5), self._factor(0.4, date(2020, 1, 1), node_id=self.workshop_1.id)
        self.meter_1.with_context(energy_move_date=JULY).parent_id = other
        self.compute()
        self.lock("quantity", "cost", plant=other)
        tariff.price_ids.price, factor.value = 0.55, 0.3
        self.assert_price(0.55, JUNE)
        self.assert_near(self.row(self.forward_1, JUNE)["carbon"], 30.0)
        self.assert_price(0.7)
        self.assert_near(self.row(self.forward_1, DAY)["carbon"], 60.0)

    def test_r4_workshop_moved_as_of_a_day_when_its_meter_was_there(self):
        other = self.node("Plant B", "unit", unit_type="plant")
        self.own(other, 1.0)
        self.meter_1.with_context(energy_move_date=AUGUST).parent_id = self.workshop_2
        self.workshop_1.with_context(energy_move_date=FREE_DAY).parent_id = other
        self.assert_price(0.7)
        self.assert_price(1.0, FREE_DAY)
        self.assert_price(0.7, AUGUST_DAY)

    def test_region_of_the_plant_that_a_meter_has_left(self):
        self.factor.unlink()
        other = self.node("Plant B", "unit", unit_type="plant", region_id=self.env.ref("energy_carbon.region_cn").id)
        self.plant.region_id = self.env.ref("energy_carbon.region_cn")
        self.meter_1.with_context(energy_move_date=AUGUST).parent_id = other
        self.compute()
        before = {day: self.row(self.forward_1, day)["carbon"] for day in (DAY, AUGUST_DAY)}
        self.plant.region_id = self.env.ref("energy_carbon.region_cn_js")
        self.compute()
        self.assertNotAlmostEqual(self.row(self.forward_1, DAY)["carbon"], before[DAY])
        self.assertEqual(self.row(self.forward_1, AUGUST_DAY)["carbon"], before[AUGUST_DAY])


@tagged("post_install", "-at_install")
class TestEnergyTariffWalls(EnergyCommon):
    """A tariff of a node is for those whom its prices concern."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.accountant.energy_node_ids = cls.workshop_2
        cls.spare = cls.env["energy.node"].create(
            {"name": "Spare", "kind": "meter", "energy_type_id": cls.el.id, "company_id": cls.company.id}
        )
        places = (False, cls.plant, cls.workshop_1, cls.workshop_2, cls.meter_1, cls.meter_2, cls.spare)
        cls.tariffs = cls.env["energy.tariff"].create([cls._values(place) for place in places])

    @classmethod
    def _values(cls, place):
        day = {"date_from": "2026-01-01"}
        return {
            "name": f"Tariff of {place.name if place else 'all'}",
            "energy_type_id": cls.el.id,
            "company_id": cls.company.id,
            "node_id": place and place.id,
            "kind": "tou",
            "price_mode": "components",
            "version_ids": [
                Command.create(
                    {**day, "default_period": "flat", "band_ids": [Command.create({"period": "peak", "start": 8, "end": 9})]}
                )
            ],
            "component_ids": [
                Command.create({"kind": "purchase", "floats": True, "price_ids": [Command.create({**day, "price": 0.5})]})
            ],
            "float_ids": [Command.create({**day, "period": "peak", "value": 50.0})],
            "tier_ids": [Command.create({**day, "above": 100.0, "kind": "surcharge", "price": 0.1})],
            "charge_ids": [Command.create({**day, "kind": "fixed", "price": 30.0})],
        }

    def _names(self, user, model="energy.tariff", path="name"):
        return set(self.env[model].with_user(user).search([]).sudo().mapped(path))

    def test_tariffs_of_other_nodes_are_out_of_sight(self):
        own = {"Tariff of all", "Tariff of Plant", "Tariff of W2", "Tariff of Meter 2"}
        everything = set(self.tariffs.mapped("name"))
        self.assertEqual(self._names(self.accountant), own)
        self.assertEqual(self._names(self.auditor), everything - {"Tariff of Spare"})
        self.assertEqual(self._names(self.manager), everything)
        hidden = self.tariffs.filtered(lambda tariff: tariff.name not in own).with_user(self.accountant)
        for tariff in hidden:
            with self.assertRaises(AccessError):
                tariff.read(["name"])
        with self.assertRaises(AccessError):
            hidden[0].write({"note": "Mine"})

    def test_what_hangs_at_a_tariff_shares_its_wall(self):
        own = {"Tariff of all", "Tariff of Plant", "Tariff of W2", "Tariff of Meter 2"}
        for model, path in (
            ("price", "tariff_id.name"),
            ("version", "tariff_id.name"),
            ("band", "version_id.tariff_id.name"),
            ("component", "tariff_id.name"),
            ("component.price", "component_id.tariff_id.name"),
            ("float", "tariff_id.name"),
            ("tier", "tariff_id.name"),
            ("charge", "tariff_id.name"),
        ):
            self.assertEqual(self._names(self.accountant, f"energy.tariff.{model}", path), own, model)
            self.assertIn("Tariff of Spare", self._names(self.manager, f"energy.tariff.{model}", path), model)

    def test_explain_shows_the_price_used_of_a_tariff_out_of_sight(self):
        """The meter came from W1 yesterday's month: the price of W1 made the figure and is told with it."""
        forward = self.env["energy.indicator"].create(
            {"node_id": self.meter_2.id, "template_id": self.env.ref("energy_carbon.template_el_fwd").id, "source": "entered"}
        )
        self.tariffs.filtered(lambda tariff: tariff.node_id == self.meter_2).active = False
        self.meter_2.with_context(energy_move_date="2026-06-01").parent_id = self.workshop_1
        self.meter_2.with_context(energy_move_date="2026-07-01").parent_id = self.workshop_2
        self.env["energy.entry"].create(
            {"indicator_id": forward.id, "date_from": "2026-06-10", "date_to": "2026-06-10", "value": 10.0}
        )
        self.env["energy.calculation"]._process()
        explain = self.env["energy.indicator"].with_user(self.accountant).explain
        prices = explain(forward.id, "2026-06-10", "2026-06-10", "cost")["prices"]
        self.assertEqual([(line["tariff"], line["price"]) for line in prices], [("Tariff of W1", 0.5)])
