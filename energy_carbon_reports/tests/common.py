"""A plant with two months of typed figures, computed the real way, for the report tests."""

from __future__ import annotations

import io
from datetime import date, timedelta

import openpyxl

from odoo.addons.energy_carbon.tests.common import EnergyCommon

JUNE, JULY = date(2024, 6, 1), date(2024, 7, 1)
# Typed at the meters each day: (June, July). The main meter counts 5 kWh a day that no workshop has.
DAILY = {"main": (100.0, 110.0), "meter_1": (60.0, 65.0), "meter_2": (35.0, 40.0), "gas": (10.0, 12.0)}
PRICE = 0.6


class ReportCommon(EnergyCommon):
    """Plant > W1 (furnace), W2; electricity everywhere, gas at W2; electricity has a price, gas has none.

    W1 and W2 have EL.CONS, the furnace too; the plant has its own main meter. Plant and W1 have totals, W2 has none.
    """

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.main_meter = cls._create_meter("Main meter", cls.plant)
        cls.gas_meter = cls._create_meter("Gas meter", cls.workshop_2, cls.ng)
        cls._create_indicators()
        cls.env["energy.tariff"].create(
            {
                "name": "Electricity",
                "energy_type_id": cls.el.id,
                "company_id": cls.company.id,
                "price_ids": [(0, 0, {"date_from": date(2020, 1, 1), "price": PRICE})],
            }
        )
        cls._type_figures()
        cls._compute()

    @classmethod
    def _create_indicators(cls):
        cls.counted = {
            "main": cls._add(cls.main_meter, "EL.FWD", source="entered"),
            "meter_1": cls._add(cls.meter_1, "EL.FWD", source="entered"),
            "meter_2": cls._add(cls.meter_2, "EL.FWD", source="entered"),
            "gas": cls._add(cls.gas_meter, "NG.STD", source="entered"),
        }
        cls.device_el = cls._add(cls.device_1, "EL.CONS")
        cls.w1_el = cls._add(cls.workshop_1, "EL.CONS")
        cls.w2_el = cls._add(cls.workshop_2, "EL.CONS")
        cls.w2_ng = cls._add(cls.workshop_2, "NG.CONS")
        cls.plant_el = cls._add(cls.plant, "EL.CONS")
        cls.plant_ng = cls._add(cls.plant, "NG.CONS")
        for node in (cls.plant, cls.workshop_1):
            for code in ("T.TCE", "T.CO2L", "T.COST"):
                cls._add(node, code)

    @classmethod
    def _add(cls, node, code, **values):
        template = cls.env["energy.indicator.template"].search([("code", "=", code)])
        indicator = cls.env["energy.indicator"].create({"node_id": node.id, "template_id": template.id, **values})
        indicator._set_default_terms()
        return indicator

    @classmethod
    def _type_figures(cls):
        values = []
        for name, indicator in cls.counted.items():
            for number in range(61):
                day = JUNE + timedelta(number)
                amount = DAILY[name][day >= JULY]
                values.append({"indicator_id": indicator.id, "date_from": day, "date_to": day, "value": amount})
        cls.env["energy.entry"].create(values)

    @classmethod
    def _compute(cls):
        cls.env.flush_all()
        cls.env["energy.calculation"]._process()

    # === WHAT TESTS ASK === #
    def report(self, user=None, **values):
        """A report of July 2024 at the plant, as this user."""
        values = {
            "node_id": self.plant.id,
            "period_kind": "month",
            "date_from": JULY,
            "date_to": JULY,
            "levels": "units",
            **values,
        }
        model = self.env["energy.report.wizard"].with_user(user or self.manager)
        return model.with_context(allowed_company_ids=self.company.ids, lang="en_US").create(values)

    def workbook(self, wizard, values: bool = True):
        """The Excel file read back: cached values, or the formulas."""
        return openpyxl.load_workbook(io.BytesIO(wizard._xlsx()), data_only=values)

    def rows(self, sheet) -> dict:
        """Label of a row -> its row number; only the first of several alike."""
        found = {}
        for cell in sheet["A"]:
            found.setdefault(cell.value, cell.row)
        return found
