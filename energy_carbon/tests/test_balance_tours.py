"""The way to a loss through the screens: balance, Explain, pivot, hours, tariff periods."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from odoo import fields
from odoo.fields import Command
from odoo.tests import HttpCase, tagged

from .common import EnergyCommon
from .tou_case import PLANT_A, PLANT_A_PRICES


@tagged("post_install", "-at_install")
class TestBalanceTours(EnergyCommon, HttpCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.env["res.lang"]._activate_lang("en_US")
        (cls.manager | cls.auditor).write({"lang": "en_US"})
        cls.main = cls._create_meter("Main", cls.plant, meter_role="billing")
        cls.meter_1.main_meter_id = cls.main
        template = cls.env.ref("energy_carbon.template_el_fwd")
        consumption = cls.env.ref("energy_carbon.template_el_cons")
        add = cls.env["energy.indicator"].create
        cls.totals = {m: add({"node_id": m.id, "template_id": template.id}) for m in (cls.main, cls.meter_1)}
        plant = add({"node_id": cls.plant.id, "template_id": consumption.id})
        cls.env["energy.indicator.term"].create({"indicator_id": plant.id, "source_id": cls.totals[cls.main].id})
        cls.env["energy.tariff"].create(
            {
                "name": "10 kV",
                "energy_type_id": cls.el.id,
                "company_id": cls.company.id,
                "kind": "tou",
                "version_ids": [
                    Command.create(
                        {
                            "date_from": "2020-01-01",
                            "default_period": "flat",
                            "band_ids": [Command.create(band) for band in PLANT_A],
                        }
                    )
                ],
                "price_ids": [
                    Command.create({"date_from": "2020-01-01", "period": period, "price": price})
                    for period, price in PLANT_A_PRICES.items()
                ],
            }
        )
        cls._read_first_day()

    @classmethod
    def _read_first_day(cls):
        """Quarter-hours of the first day of this month: 100 kWh at the main meter, 90 at the sub-meter."""
        first = fields.Date.context_today(cls.env.user.with_context(tz="Asia/Shanghai")).replace(day=1)
        begin = datetime(first.year, first.month, first.day, tzinfo=ZoneInfo("Asia/Shanghai")).astimezone(UTC)
        for meter, amount in ((cls.main, 100.0), (cls.meter_1, 90.0)):
            times = [int((begin + timedelta(minutes=15 * step)).timestamp()) for step in range(97)]
            registers = [amount * step / 96 for step in range(97)]
            cls.env["energy.reading"]._append([cls.totals[meter].id] * 97, times, registers)
        cls.env["energy.calculation"]._process()
        cls.env["energy.balance"]._sync(cls.company)

    def test_manager_follows_a_loss(self):
        self.start_tour("/odoo/energy-monthly-values", "energy_manager_balances", login="energy_manager", timeout=180)
