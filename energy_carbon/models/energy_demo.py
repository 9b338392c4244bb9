"""The demo plant's history: readings, typed days and a computed year, from what ``demo_plant`` says. Demo data only."""

from datetime import UTC, date, datetime, timedelta

import numpy as np

from odoo import api, fields, models

from ..demo_plant import typed
from ..demo_plant.calendar import CHINA, FIRST, PERIODS, start_of
from ..demo_plant.counters import COUNTERS

INTERVAL = 1800  # seconds between readings: what lies between two of them is no estimate
HOUR, DAY = 3600, 86_400
# What the total of a meter is called in the demo data, by the first letter of the meter's code.
TOTALS = {"E": "el_fwd", "G": "ng_std", "W": "wt_vol"}
# Typed figures by what they are called in demo_plant.typed.
TYPED = {
    "S-01": "s01_st_heat",
    "S-02": "s02_st_heat",
    "S-03": "s03_st_heat",
    "OF steam": "office_st_cons",
    "A-01": "a01_ca_vol",
    "A-02": "a02_ca_vol",
    "A-03": "a03_ca_vol",
    "W-02": "w02_wt_vol",
    "W-03": "w03_wt_vol",
    "P1": "output_p1",
    "P2": "output_p2",
    "P3": "output_p3",
}
OF_THE_CLERK = ("S-02", "A-02", "W-02", "P1", "P2")
PRODUCTS_IN_CHINESE = {"product_p1": "冲压车架", "product_p2": "淬火轴", "product_p3": "注塑壳体"}
# Days that wait for approval at the least, also at the beginning of a month.
WAITING_DAYS = 3


class EnergyDemo(models.AbstractModel):
    """Makes what happened in Plant A from 1 July 2025 to yesterday. Called by the demo data, once; knows nothing random."""

    _name = "energy.demo"
    _description = "Demo Data"

    @api.model
    def _load(self):
        """Load the history, compute it, let things happen, compute again."""
        today = self._today()
        self._swap_meter()
        self._read_meters(today)
        self._type_days(today)
        self.env["energy.calculation"]._process()
        self._happen(today)
        self.env["energy.calculation"]._process()

    @api.model
    def _translate_products(self):
        """Give the products their Chinese names; demo records are not in the translation files."""
        if "zh_CN" in dict(self.env["res.lang"].get_installed()):
            for name, chinese in PRODUCTS_IN_CHINESE.items():
                self._ref(name).with_context(lang="zh_CN").name = chinese

    def _today(self) -> date:
        return fields.Datetime.now().astimezone(CHINA).date()

    def _ref(self, name: str):
        return self.env.ref(f"energy_carbon.demo_{name}")

    def _total(self, code: str, period: str | None = None):
        """The counter of a meter, or of one of its tariff periods."""
        name = f"{code.replace('-', '').lower()}_{TOTALS[code[0]]}"
        return self._ref(f"{name}_{period[0]}" if period else name)

    # === READINGS === #
    def _read_meters(self, today: date):
        """What the meters showed each half-hour until last midnight, but for what did not arrive."""
        for code in COUNTERS:
            if code[0] in TOTALS:
                self._append_readings(code, self._moments(code, today))
        for period in PERIODS:
            self._append_readings("E-01", self._moments("E-01", today), period)

    def _moments(self, code: str, today: date) -> np.ndarray:
        """When a meter was read, UTC seconds."""
        moments = np.arange(start_of(FIRST), start_of(today) + 1, INTERVAL)
        for first, last in self._silences(today).get(code, ()):
            moments = moments[(moments < first) | (moments > last)]
        return moments

    def _append_readings(self, code: str, moments: np.ndarray, period: str | None = None):
        registers = COUNTERS[code].registers(moments, period)
        for at, error in self._slips(self._today()).get(code, ()):
            registers[moments == at] += error
        indicator = self._total(code, period)
        return self.env["energy.reading"].sudo()._append(np.full(len(moments), indicator.id), moments, registers)

    def _swap_meter(self):
        """The furnace's meter was replaced: closing register of the old one, opening register of the new one."""
        counter = COUNTERS["E-12"]
        change = self.env["energy.meter.change"].create(
            {
                "node_id": self._ref("meter_e12").id,
                "kind": "swap",
                "time": datetime.fromtimestamp(counter.swap, UTC).replace(tzinfo=None),
                "old_ratio": 40.0,
                "ct_primary": 200.0,
                "ct_secondary": 5.0,
                "serial_number": "SDM-25117306",
                "note": "Display failed; replaced by one of the same kind",
                "line_ids": [
                    fields.Command.create(
                        {
                            "indicator_id": self._total("E-12").id,
                            "has_closing": True,
                            "closing": counter.closing(),
                            "has_opening": True,
                            "opening": 0.0,
                        }
                    )
                ],
            }
        )
        change.action_confirm()

    # === ENTRIES === #
    def _type_days(self, today: date):
        """What people typed each day; months before the present one are approved."""
        days = [FIRST + timedelta(days=number) for number in range((today - FIRST).days)]
        values = [
            self._entry(self._ref(TYPED[code]), day, typed.day_figure(code, day), today, code in OF_THE_CLERK)
            for code in TYPED
            for day in days
        ]
        check = self._ref("e01_check_el_fwd")
        values += [
            {**self._entry(check, day, typed.check_register(day, check.node_id.ratio), today), "mode": "register"}
            for day in [FIRST - timedelta(days=1), *(day for day in days if day.weekday() == 6)]
        ]
        self.env["energy.entry"].create(values)

    def _entry(self, indicator, day: date, value: float, today: date, by_clerk: bool = False) -> dict:
        approved = day < min(today.replace(day=1), today - timedelta(days=WAITING_DAYS))
        return {
            "indicator_id": indicator.id,
            "date_from": day,
            "date_to": day,
            "value": value,
            "user_id": self._ref("user_clerk" if by_clerk else "user_manager").id,
            "state": "approved" if approved else "submitted",
        }
