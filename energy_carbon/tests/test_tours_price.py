"""From a price to the plant's cost, the journal and the lock; from the plant's cost down to a meter's reading."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from dateutil.relativedelta import relativedelta

from odoo import fields
from odoo.fields import Command
from odoo.tests import HttpCase, tagged

from .common import EnergyCommon

SCREEN = "/odoo/energy-monthly-values"
TIME_ZONE = "Asia/Shanghai"


@tagged("post_install", "-at_install")
class TestToursPrice(EnergyCommon, HttpCase):
    """A meter below a device, a workshop and the plant: 960 kWh on the first day of last month, at 0.65 CNY/kWh."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.env["res.lang"]._activate_lang("en_US")
        (cls.manager | cls.auditor).write({"lang": "en_US"})
        cls.forward = cls._add(cls.meter_1, "el_fwd")
        for node in (cls.device_1, cls.workshop_1, cls.plant):
            cls._add(node, "el_cons")
        cls.cost = cls._add(cls.plant, "el_cost")
        cls.tariff = cls.env["energy.tariff"].create(
            {
                "name": "Works tariff",
                "energy_type_id": cls.el.id,
                "company_id": cls.company.id,
                "price_ids": [Command.create({"date_from": "2020-01-01", "price": 0.65})],
            }
        )
        today = fields.Date.context_today(cls.env.user.with_context(tz=TIME_ZONE))
        cls.month = today.replace(day=1) - relativedelta(months=1)
        cls._read_first_day()

    @classmethod
    def _add(cls, node, template):
        template = cls.env.ref(f"energy_carbon.template_{template}")
        indicator = cls.env["energy.indicator"].create({"node_id": node.id, "template_id": template.id})
        indicator._set_default_terms()
        return indicator

    @classmethod
    def _read_first_day(cls):
        local = datetime(cls.month.year, cls.month.month, 1, tzinfo=ZoneInfo(TIME_ZONE))
        times = [int((local.astimezone(UTC) + timedelta(minutes=15 * step)).timestamp()) for step in range(97)]
        cls.env["energy.reading"]._append([cls.forward.id] * 97, times, [10.0 * step for step in range(97)])
        cls.env["energy.calculation"]._process()

    def _figures(self):
        self.env.flush_all()
        self.env.cr.execute(
            "SELECT indicator_id, date, value, cost FROM energy_value WHERE company_id = %s ORDER BY 1, 2",
            [self.company.id],
        )
        return self.env.cr.fetchall()

    def test_manager_changes_price_and_locks(self):
        """R1, X4, X5: the cost follows the price, the journal says so, and a locked month refuses the next price."""
        self.manager.group_ids |= self.env.ref("energy_carbon.group_accountant")
        before = self._figures()
        self.start_tour(SCREEN, "energy_manager_restates_and_locks", login="energy_manager", timeout=180)
        self.assertAlmostEqual(self.tariff.price_ids.price, 0.7)
        entry = self.env["energy.restatement"].search([("company_id", "=", self.company.id), ("kind", "=", "price")])
        self.assertEqual(len(entry), 1)
        self.assertEqual(entry.user_id, self.manager)
        lock = self.env["energy.lock"].search([("node_id", "=", self.plant.id), ("state", "!=", "open")])
        self.assertRecordValues(lock, [{"month": self.month, "state": "both", "cost_user_id": self.manager.id}])
        value = {row[:2]: row[2] for row in self._figures()}
        self.assertAlmostEqual(value[self.cost.id, self.month], 672.0)
        others = [row for row in before if row[0] != self.cost.id and row[2] is not None]
        for indicator, day, amount, _cost in others:
            self.assertEqual(value[indicator, day], amount)

    def test_manager_locks_quantities(self):
        """R2, X5: an Energy manager alone locks amounts, coal and carbon; the next factor of that month is refused."""
        factor = self.env["energy.factor"].create(
            {
                "energy_type_id": self.el.id,
                "kind": "co2",
                "basis": "location",
                "value": 0.6,
                "uom_id": self.el.uom_id.id,
                "date_from": "2020-01-01",
                "company_id": self.company.id,
                "document": "Own laboratory",
            }
        )
        self.env["energy.calculation"]._process()
        before = self._figures()
        self.start_tour(SCREEN, "energy_manager_locks_quantities", login="energy_manager", timeout=120)
        lock = self.env["energy.lock"].search([("node_id", "=", self.plant.id), ("state", "!=", "open")])
        self.assertRecordValues(lock, [{"month": self.month, "state": "quantity", "quantity_user_id": self.manager.id}])
        self.assertAlmostEqual(factor.value, 0.6)
        self.assertEqual(self._figures(), before)

    def test_auditor_reaches_reading(self):
        """X3: from the plant's cost down to the register that was read, by somebody who changes nothing."""
        self.start_tour(SCREEN, "energy_auditor_explains_cost", login="energy_auditor", timeout=120)
