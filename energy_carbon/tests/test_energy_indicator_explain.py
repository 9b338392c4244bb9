"""Explain and the picker: from a figure to its readings, from a node to its indicators."""

from datetime import date, datetime, timedelta

from odoo.tests import tagged

from .common import EnergyCommon

DAY = date(2026, 7, 15)
BEGIN = datetime(2026, 7, 14, 16)


@tagged("post_install", "-at_install")
class TestEnergyIndicatorExplain(EnergyCommon):
    """A manager builds indicators bottom-up with the picker and asks where a cost comes from."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.price = cls.env["energy.tariff"].create(
            {
                "name": "Grid power",
                "energy_type_id": cls.el.id,
                "company_id": cls.company.id,
                "price_ids": [(0, 0, {"date_from": date(2026, 1, 1), "price": 0.65, "uom_id": cls.el.uom_id.id})],
            }
        )

    def _pick(self, node, *codes):
        indicators = self.env["energy.indicator"].with_user(self.manager)
        templates = self.env["energy.indicator.template"].search([("code", "in", codes)])
        return indicators.browse(indicators.picker_add(node.id, templates.ids))

    def _build(self):
        (meter,) = self._pick(self.meter_1, "EL.FWD")
        self._pick(self.device_1, "EL.CONS", "EL.TCE")
        self._pick(self.workshop_1, "EL.CONS")
        plant = self._pick(self.plant, "T.COST", "EL.COST", "EL.CONS", "T.TCE", "EL.CO2")
        start = int((BEGIN - datetime(1970, 1, 1)) / timedelta(seconds=1))
        self.env["energy.reading"]._append(
            [meter.id] * 25, [start + 3600 * h for h in range(25)], [40.0 * h for h in range(25)]
        )
        self.env["energy.calculation"]._process()
        return meter, {indicator.template_id.code: indicator for indicator in plant}

    def test_picker_tree(self):
        tree = self.env["energy.indicator"].with_user(self.manager).picker_tree(self.meter_1.id)
        self.assertEqual([one["key"] for one in tree["classes"]], ["collected", "efficiency"])
        power = next(one for one in tree["classes"][0]["types"] if one["id"] == self.el.id)
        self.assertEqual(power["templates"][0]["code"], "EL.FWD")
        self.assertTrue(power["templates"][0]["main_total"])
        self._pick(self.meter_1, "EL.FWD")
        tree = self.env["energy.indicator"].with_user(self.manager).picker_tree(self.meter_1.id)
        power = next(one for one in tree["classes"][0]["types"] if one["id"] == self.el.id)
        self.assertTrue(power["templates"][0]["present"])

    def test_totals_find_what_is_picked_with_them(self):
        _meter, plant = self._build()
        self.assertEqual(plant["T.COST"].term_ids.source_id, plant["EL.CONS"])
        self.assertEqual(plant["EL.CONS"].term_ids.source_id.node_id, self.workshop_1)

    def test_from_cost_down_to_a_reading(self):
        _meter, plant = self._build()
        explain = self.env["energy.indicator"].with_user(self.auditor).explain
        answer = explain(plant["T.COST"].id, "2026-07-15", "2026-07-15")
        self.assertAlmostEqual(answer["value"], 624.0, 9)
        steps = []
        while answer["lines"]:
            (line,) = answer["lines"]
            self.assertAlmostEqual(line["contribution"], answer["value"], 9)
            steps.append(line["node"])
            answer = explain(line["indicator_id"], line["date_from"], line["date_to"], line["measure"])
        self.assertEqual(steps, ["Plant", "W1", "Furnace", "Meter 1"])
        self.assertAlmostEqual(answer["value"], 624.0, 9)
        self.assertEqual(answer["prices"][0]["price"], 0.65)
        self.assertEqual(answer["prices"][0]["valid_from"], "2026-01-01")
        self.assertEqual(len(answer["readings"]), 25)
        self.assertEqual(answer["readings"][-1]["register"], 960.0)

    def test_factor_names_its_year_and_source(self):
        _meter, plant = self._build()
        explain = self.env["energy.indicator"].with_user(self.manager).explain
        answer = explain(plant["EL.CO2"].id, "2026-07-15", "2026-07-15")
        while answer["lines"]:
            line = answer["lines"][0]
            answer = explain(line["indicator_id"], line["date_from"], line["date_to"], line["measure"])
        (factor,) = answer["factors"]
        self.assertEqual(factor["measure"], "carbon")
        self.assertTrue(factor["document"])
        self.assertTrue(factor["year"])
        self.assertAlmostEqual(factor["value"] * 960, self._value(plant["EL.CO2"]), 6)

    def _value(self, indicator):
        self.env.cr.execute("SELECT value FROM energy_value WHERE indicator_id = %s AND date = %s", [indicator.id, DAY])
        return self.env.cr.fetchone()[0]

    def test_typed_figures_name_the_person(self):
        (meter,) = self._pick(self.meter_2, "EL.FWD")
        self.env["energy.entry"].with_user(self.manager).create(
            {"indicator_id": meter.id, "date_from": DAY, "date_to": DAY, "value": 12.0, "reason": "read by hand"}
        )
        self.env["energy.calculation"]._process()
        answer = self.env["energy.indicator"].with_user(self.auditor).explain(meter.id, "2026-07-15", "2026-07-15")
        (entry,) = answer["entries"]
        self.assertEqual((entry["user"], entry["reason"], entry["value"]), (self.manager.name, "read by hand", 12.0))
        self.assertEqual(answer["quality"], "entered")
