"""A plant with figures of three months, for tests of locks and of the journal."""

from contextlib import contextmanager
from datetime import date, timedelta

from freezegun import freeze_time

from odoo.exceptions import UserError

from .plant import PlantCase

JUNE, JULY, AUGUST = date(2026, 6, 1), date(2026, 7, 1), date(2026, 8, 1)
DAY, FREE = date(2026, 7, 5), date(2026, 7, 15)  # with figures, and without
LOCKED = "locked for 2026-07"


class LockCase(PlantCase):
    """Two workshops, a meter in each, prices and a factor; figures of June and July, seen from August."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.startClassPatcher(freeze_time("2026-08-20 04:00:00"))
        cls.electricity = cls.type("EL")
        cls.workshop_1, cls.workshop_2 = (cls.node(name, "unit", cls.plant) for name in ("W1", "W2"))
        cls.meter_1 = cls.node("M1", "meter", cls.workshop_1, energy_type_id=cls.electricity.id)
        cls.meter_2 = cls.node("M2", "meter", cls.workshop_2, energy_type_id=cls.electricity.id)
        cls.forward_1, cls.forward_2 = cls.add(cls.meter_1, "EL.FWD"), cls.add(cls.meter_2, "EL.FWD")
        cls.consumption_1, cls.consumption_2 = (cls.add(one, "EL.CONS") for one in (cls.workshop_1, cls.workshop_2))
        cls.consumption, cls.cost = cls.add(cls.plant, "EL.CONS"), cls.add(cls.plant, "EL.COST")
        cls.tariff = cls.price("EL", 0.7)
        cls.factor = cls._factor(0.6, date(2020, 1, 1))
        for month in (JUNE, JULY, AUGUST):
            for offset in range(10):
                cls.enter(cls.forward_1, month + timedelta(days=offset), 100.0)
                cls.enter(cls.forward_2, month + timedelta(days=offset), 30.0)
        cls.compute()

    @classmethod
    def _factor(cls, value, day, **values):
        return cls.env["energy.factor"].create(
            {
                "energy_type_id": cls.electricity.id,
                "kind": "co2",
                "basis": "location",
                "value": value,
                "uom_id": cls.electricity.uom_id.id,
                "date_from": day,
                "company_id": cls.company.id,
                "document": "Announcement of the test",
                **values,
            }
        )

    @classmethod
    def lock(cls, *figures, plant=None, month=JULY):
        lock = cls.env["energy.lock"]._rows(plant or cls.plant, [month])
        for name in figures or ("quantity",):
            lock._lock_figures(name)
        return lock

    @classmethod
    def snapshot(cls, first=JUNE, last=date(2026, 7, 31)):
        """Every stored figure of the days, as SQL holds it."""
        cls.env.flush_all()
        cls.env.cr.execute(
            """SELECT indicator_id, date, value, coal, coal_equivalent, carbon, carbon_market, cost, quality, origin,
                      reason, expected, present FROM energy_value
                WHERE company_id = %s AND date BETWEEN %s AND %s ORDER BY 1, 2""",
            [cls.company.id, first, last],
        )
        return cls.env.cr.fetchall()

    @contextmanager
    def refused(self, message=LOCKED, exception=UserError):
        """Expect a refusal whose text matches, and take back what was written before it, as a request would."""
        with self.assertRaises(exception) as raised:
            yield
        self.assertRegex(str(raised.exception), message)

    def journal(self, kind):
        self.compute()
        return self.env["energy.restatement"].search([("company_id", "=", self.company.id), ("kind", "=", kind)])
