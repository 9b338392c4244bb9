"""What went wrong, came late or was changed in the demo plant: each rule of the product has its place. Demo data only."""

from datetime import UTC, date, datetime, timedelta

import numpy as np
from dateutil.relativedelta import relativedelta

from odoo import fields, models

from ..demo_plant.calendar import FIRST, start_of
from ..demo_plant.counters import COUNTERS
from .energy_demo import DAY, HOUR, INTERVAL

LOCKED_TO = date(2026, 6, 1)  # the last month that is locked
# The paint line's meter did not answer on a morning of March; its memory was read out after the month was locked.
LATE_LOCKED = date(2026, 3, 10)


class EnergyDemoEvents(models.AbstractModel):
    _inherit = "energy.demo"

    def _silences(self, today: date) -> dict[str, list[tuple[int, int]]]:
        """Spans in which nothing arrived from a meter when the history is loaded, first and last second."""
        return {
            # A gap for good: spread over its slots and marked as estimated.
            "E-13": [self._span(today - timedelta(days=6), 9, 15)],
            # Arrives late, see _arrive_late.
            "E-04": [self._span(today - timedelta(days=10), 1, 5.5)],
            "E-14": [
                self._span(LATE_LOCKED, 8, 12),
                # Silent until today: blank, not zero.
                (start_of(today) - 4 * DAY + 6 * HOUR, start_of(today)),
            ],
        }

    def _slips(self, today: date) -> dict[str, list[tuple[int, float]]]:
        """Readings that a meter gave wrong: moment and error."""
        return {"E-13": [(self._slip(today), 6.5)]}

    def _slip(self, today: date) -> int:
        return start_of(today) - 20 * DAY + 14 * HOUR

    def _span(self, day: date, first_hour: float, last_hour: float) -> tuple[int, int]:
        return start_of(day) + int(first_hour * HOUR), start_of(day) + int(last_hour * HOUR)

    def _happen(self, today: date):
        """Everything that happened after the figures were first computed."""
        self._lock_months()
        self._arrive_late(today)
        self._correct(today)
        self._make_price_final(today)

    def _lock_months(self):
        """A year is closed: the manager locked its quantities, the accountant its cost."""
        months = [FIRST + relativedelta(months=number) for number in range(12)]
        locks = self.env["energy.lock"]._rows(self._ref("plant"), [month for month in months if month <= LOCKED_TO])
        locks.with_user(self._ref("user_manager")).action_lock_quantity()
        locks.with_user(self._ref("user_accountant")).action_lock_cost()

    def _arrive_late(self, today: date):
        """The paint line's morning lies in a locked month and waits; the air station's night came nine days late, restates."""
        for code in ("E-14", "E-04"):
            first, last = self._silences(today)[code][0]
            self._append_readings(code, np.arange(first, last + 1, INTERVAL))
            self.env["energy.calculation"]._process()

    def _correct(self, today: date):
        """A reading corrected, a collected day overridden and an approved slip set right, each with its reason."""
        manager = self._ref("user_manager")
        moment = self._slip(today)
        self.env["energy.reading.correction"].with_user(manager).create(
            {
                "indicator_id": self._total("E-13").id,
                "time": datetime.fromtimestamp(moment, UTC).replace(tzinfo=None),
                "value": float(COUNTERS["E-13"].registers(np.array([moment]))[0]),
                "reason": "Meter sent a stale display while its address was changed",
            }
        )
        day = today - timedelta(days=17)
        drawn = float(np.diff(COUNTERS["E-06"].registers(np.array([start_of(day), start_of(day) + DAY])))[0])
        self.env["energy.entry"].with_user(manager).create(
            {
                "indicator_id": self._total("E-06").id,
                "date_from": day,
                "date_to": day,
                "value": drawn + 38.5,
                "state": "approved",
                "reason": "Meter bridged from 9 to 10 o'clock for work on the riser; added by the clamp meter's mean",
            }
        )
        output = [("indicator_id", "=", self._ref("output_p1").id), ("state", "=", "approved")]
        slip = self.env["energy.entry"].with_user(manager).search(output, order="date_from desc", offset=3, limit=1)
        slip.write({"value": slip.value - 12.5, "reason": "Weighed again: one coil had been counted twice"})

    def _make_price_final(self, today: date):
        """Last month's bill is in: its peak price is higher than was expected, the others are as expected."""
        month = fields.Date.start_of(today, "month") - relativedelta(months=1)
        domain = [("tariff_id", "=", self._ref("tariff_el").id), ("date_from", "=", month)]
        prices = self.env["energy.tariff.price"].with_user(self._ref("user_accountant")).search(domain)
        peak = prices.filtered(lambda price: price.period == "peak")
        peak.write({"price": 0.9570, "state": "final", "note": "As billed"})
        (prices - peak).action_make_final()
