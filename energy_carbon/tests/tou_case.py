"""A plant's own meter under a time-of-use tariff, for tests."""

from datetime import date, datetime
from zoneinfo import ZoneInfo

from odoo.fields import Command

from .plant import PlantCase

DAY = date(2026, 7, 15)
# P-4: two hours sharp, six peak, seven flat, nine valley.
PLANT_A = [
    {"period": "sharp", "start": 19.0, "end": 21.0},
    {"period": "peak", "start": 8.0, "end": 11.0},
    {"period": "peak", "start": 16.0, "end": 19.0},
    {"period": "valley", "start": 23.0, "end": 8.0},
]
PLANT_A_PRICES = {"sharp": 1.14, "peak": 0.95, "flat": 0.622, "valley": 0.3555}


class TouCase(PlantCase):
    """Short words for tariffs by period and loads by slot."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.electricity = cls.type("EL")
        cls.meter = cls.node("M1", "meter", cls.plant, energy_type_id=cls.electricity.id)
        cls.forward = cls.add(cls.meter, "EL.FWD")
        cls.consumption = cls.add(cls.plant, "EL.CONS")
        cls.cost = cls.add(cls.plant, "EL.COST")

    @classmethod
    def tou(cls, bands, prices, default="flat", day=date(2020, 1, 1), **values):
        """A tariff with one version; prices by period, None for the price without period."""
        return cls.env["energy.tariff"].create(
            {
                "name": "10 kV",
                "energy_type_id": cls.electricity.id,
                "company_id": cls.company.id,
                "kind": "tou",
                "version_ids": [
                    Command.create(
                        {"date_from": day, "default_period": default, "band_ids": [Command.create(b) for b in bands]}
                    )
                ],
                "price_ids": [
                    Command.create({"date_from": day, "period": period or False, "price": price})
                    for period, price in prices.items()
                ],
                **values,
            }
        )

    def load(self, first, amounts, minutes=60, zone="Asia/Shanghai", indicator=None):
        """Registers a slot apart from local midnight (or a local datetime) on that step by the amounts."""
        local = first if isinstance(first, datetime) else datetime(first.year, first.month, first.day)
        begin = int(local.replace(tzinfo=ZoneInfo(zone)).timestamp())
        registers = [0.0]
        for amount in amounts:
            registers.append(registers[-1] + amount)
        self.read_at(
            indicator or self.forward, *((begin + minutes * 60 * step, value) for step, value in enumerate(registers))
        )
        self.compute()

    def costs(self, day=DAY):
        return self.row(self.forward, day)["cost"]
