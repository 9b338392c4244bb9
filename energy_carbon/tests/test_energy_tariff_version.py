"""Time-of-use tariffs: periods that leave no hole, rights, the form."""

from datetime import date

from odoo.exceptions import AccessError, ValidationError
from odoo.fields import Command
from odoo.tests import Form, new_test_user, tagged

from .tou_case import DAY, PLANT_A, PLANT_A_PRICES, TouCase


@tagged("post_install", "-at_install")
class TestEnergyTariffVersion(TouCase):
    """What the accountant enters, and who may see it."""

    # === BAD INPUT === #
    def assert_refused(self, bands, words, default=False):
        with self.assertRaisesRegex(ValidationError, words), self.cr.savepoint():
            self.tou(bands, {}, default=default)

    def test_flaws_are_refused_with_a_sentence(self):
        self.assert_refused([{"period": "peak", "start": 8.0, "end": 22.5}], "00:00–08:00 have no period")
        self.assert_refused([], "00:00–24:00 have no period")
        overlap = [{"period": "peak", "start": 8.0, "end": 12.5}, {"period": "valley", "start": 12.0, "end": 13.0}]
        self.assert_refused(overlap, "10 kV.*12:00–12:30 lie in more than one band: Peak, Valley", "flat")
        self.assert_refused(
            [{"period": "peak", "start": 8.0, "end": 9.0, "months": "6-13"}], "6-13” is no month", "flat"
        )
        self.assert_refused([{"period": "peak", "start": 8.0, "end": 8.0}], "does not end where it starts", "flat")

    def test_bands_move_together_and_never_leave_a_hole(self):
        tariff = self.tou(
            [{"period": "peak", "start": 8.0, "end": 20.0}, {"period": "valley", "start": 20.0, "end": 8.0}],
            {},
            default=False,
        )
        peak, valley = tariff.version_ids.band_ids.sorted("start")
        with self.assertRaises(ValidationError), self.cr.savepoint():
            peak.end = 22.0
        with self.assertRaises(ValidationError), self.cr.savepoint():
            valley.unlink()
        tariff.write(
            {
                "version_ids": [
                    Command.update(
                        tariff.version_ids.id,
                        {
                            "band_ids": [
                                Command.update(peak.id, {"end": 22.0}),
                                Command.update(valley.id, {"start": 22.0}),
                            ]
                        },
                    )
                ]
            }
        )
        self.assertEqual(
            tariff.version_ids.summary, "1–12 · All Days: Peak 08:00–22:00 · Valley 00:00–08:00, 22:00–24:00"
        )

    def test_two_rows_for_one_day_are_refused(self):
        tariff = self.tou([], {"flat": 0.6, None: 0.5})
        for period in ("flat", False):
            with self.assertRaisesRegex(ValidationError, "10 kV.* already has a price from 2020-01-01 on"):
                self.env["energy.tariff.price"].create(
                    {"tariff_id": tariff.id, "date_from": date(2020, 1, 1), "period": period, "price": 1.0}
                )
        with self.assertRaisesRegex(ValidationError, "10 kV already has periods from 2020-01-01 on"):
            tariff.version_ids.copy()

    def test_flat_tariff_has_no_periods(self):
        tariff = self.price("EL", 0.6)
        with self.assertRaisesRegex(ValidationError, "is flat"), self.cr.savepoint():
            tariff.price_ids.period = "peak"
        tariff.kind = "tou"
        tariff.price_ids.period = "peak"
        with self.assertRaisesRegex(ValidationError, "is flat"), self.cr.savepoint():
            tariff.kind = "flat"

    # === RIGHTS AND SCREEN === #
    def _user(self, role, company=None):
        company = company or self.company
        return new_test_user(
            self.env,
            f"tou_{role}_{company.id}",
            f"energy_carbon.group_{role}",
            company_id=company.id,
            company_ids=[Command.set(company.ids)],
        )

    def test_rights(self):
        tariff = self.tou(PLANT_A, PLANT_A_PRICES)
        records = [tariff.version_ids, tariff.version_ids.band_ids[0], tariff.price_ids[0]]
        viewer, auditor, accountant = (self._user(role) for role in ("viewer", "auditor", "accountant"))
        stranger = self._user("manager", self.env["res.company"].create({"name": "Other Works"}))
        elsewhere = self.env(user=stranger, context={"allowed_company_ids": stranger.company_ids.ids})
        for record in records:
            with self.assertRaises(AccessError):
                record.with_user(viewer).read(["company_id"])
            with self.assertRaises(AccessError):
                record.with_env(elsewhere).read(["company_id"])
            self.assertTrue(record.with_user(auditor).read(["company_id"]))
            with self.assertRaises(AccessError):
                record.with_user(auditor).write({"company_id": self.company.id})
        for model in ("version", "band", "price"):
            self.assertFalse(elsewhere[f"energy.tariff.{model}"].search([]))
        with self.assertRaises(AccessError):
            self.env["energy.tariff.version"].with_user(viewer).search([])
        tariff.version_ids.with_user(accountant).document = "No. 426"

    def test_viewer_is_shown_no_price(self):
        self.company.energy_slot_minutes = "60"
        self.tou(PLANT_A, PLANT_A_PRICES)
        self.load(DAY, [10.0] * 24)
        viewer = self._user("viewer")
        viewer.energy_node_ids = self.plant
        answer = self.env["energy.indicator"].with_user(viewer).explain(self.forward.id, DAY, DAY)
        self.assertEqual((answer["value"], answer["prices"]), (240.0, []))

    def test_accountant_fills_the_form(self):
        accountant = self._user("accountant")
        form = Form(self.env["energy.tariff"].with_user(accountant))
        form.name, form.energy_type_id, form.kind = "Industrial", self.electricity, "tou"
        with form.version_ids.new() as version:
            version.date_from = "2026-01-01"
            with version.band_ids.new() as band:
                band.months, band.period, band.start, band.end = "7-8", "peak", 14.0, 22.0
        for period, price in (("flat", 0.6), ("peak", 0.9)):
            with form.price_ids.new() as line:
                line.date_from, line.period, line.price = "2026-01-01", period, price
        tariff = form.save()
        self.assertEqual(tariff.current_price, f"0.6 – 0.9 {self.company.currency_id.name}/kWh")
        self.assertIn("7, 8 · All Days: Peak 14:00–22:00", tariff.version_ids.summary)
        self.assertTrue(tariff.copy({"active": False}).version_ids.band_ids)
