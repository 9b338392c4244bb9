"""Readings of old months are dropped; the values computed from them stay, whatever is computed again."""

from datetime import date, datetime, timedelta
from unittest.mock import patch

import numpy as np
from freezegun import freeze_time

from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tests import new_test_user, tagged

from ..calculation.readings import KEPT
from ..calculation.stored_leaves import regrid
from ..tools.parameters import READING_RETENTION
from .plant import PlantCase

# UTC; the energy day of 1 March in Asia/Shanghai begins at 16:00 UTC of the day before.
BEGIN = datetime(2026, 2, 28, 16)
TODAY = "2026-07-20"
APRIL, MAY = date(2026, 4, 1), date(2026, 5, 1)
HOUR = timedelta(hours=1)


def registers(first, last, step, rate=40.0, start=1000.0):
    """Registers of a load that grows by the hour of the day, ``step`` apart."""
    found, moment, value = [], first, start
    while moment <= last:
        found.append((moment, value))
        value += rate * (step / HOUR) * (1 + moment.hour / 24)
        moment += step
    return found


@tagged("post_install", "-at_install")
@freeze_time(TODAY)
class TestEnergyReadingRetention(PlantCase):
    """Readings from March to July; kept for two months, so that March and April go."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        electricity = cls.type("EL").id
        cls.meter = cls.node("M1", "meter", cls.plant, energy_type_id=electricity)
        cls.forward = cls.add(cls.meter, "EL.FWD")
        cls.power = cls.add(cls.meter, "EL.P")
        cls.on_plant = cls.add(cls.plant, "EL.CONS")
        cls.cost = cls.add(cls.plant, "EL.COST")
        cls.tariff = cls.price("EL", 0.5)
        cls.read_at(cls.forward, *registers(BEGIN, datetime(2026, 7, 10), HOUR))
        cls.read_at(cls.power, *[(BEGIN + timedelta(hours=6 * at), 10.0 + at % 7) for at in range(500)])
        cls.compute()

    @classmethod
    def keep(cls, months):
        cls.env["ir.config_parameter"].set_param(READING_RETENTION, str(months))

    def drop(self, months=2):
        self.keep(months)
        self.env["energy.reading"]._drop_now()

    def stored(self, keep_uom=True):
        """Everything computed, without ids."""
        self.env.flush_all()
        found = {}
        for table in ("energy_value", "energy_value_month", "energy_profile"):
            self.env.cr.execute(
                f"SELECT to_jsonb(t) - 'id' - 'basis_id' FROM {table} t JOIN energy_indicator i ON i.id = t.indicator_id"
                " WHERE i.company_id = %s ORDER BY 1",
                [self.company.id],
            )
            found[table] = [row[0] for row in self.env.cr.fetchall()]
        return found

    def count(self, first, last, indicator=None):
        self.env.cr.execute(
            "SELECT COUNT(*) FROM energy_reading_raw WHERE indicator_id = %s AND time >= %s AND time < %s",
            [(indicator or self.forward).id, first, last],
        )
        return self.env.cr.fetchone()[0]

    def recompute(self):
        """Everything of the company anew: number of rows that changed."""
        leaves = self.env["energy.indicator"].search([("company_id", "=", self.company.id), ("source", "!=", "computed")])
        self.env["energy.calculation"]._mark(leaves)
        return self.env["energy.calculation"]._process()

    # === DROPPING === #
    def test_whole_months_are_dropped_and_noted(self):
        before = self.count(MAY, date(2026, 8, 1))
        self.drop()
        journal = self.env["energy.reading.retention"].search([], order="month")
        self.assertEqual(journal.mapped("month"), [date(2026, 2, 1), date(2026, 3, 1), APRIL])
        self.assertEqual(journal[-1].readings, 720 + 120, "hourly registers and four readings a day")
        self.env.cr.execute("SELECT relname FROM pg_class WHERE relname LIKE 'energy_reading_raw_2026_0%%' ORDER BY 1")
        kept = [row[0][-7:] for row in self.env.cr.fetchall() if row[0][-2:].isdigit()]
        self.assertEqual(kept[:3], ["2026_05", "2026_06", "2026_07"])
        self.assertEqual(self.count(MAY, date(2026, 8, 1)), before)
        self.assertEqual(self.count(date(2026, 1, 1), MAY), 3 + 14, "what the first of May is computed from")

    def test_a_month_later(self):
        self.drop()
        with freeze_time("2026-08-20"):
            self.drop()
        self.assertEqual(self.env["energy.reading.retention"].search([], limit=1).month, MAY)
        self.assertEqual(self.count(date(2026, 1, 1), date(2026, 6, 1)), 3 + 14)
        self.assertEqual(self.recompute(), 0)
        self.drop()
        self.assertEqual(self.env["energy.reading.retention"].search_count([]), 4, "once each")

    def test_kept_for_ever(self):
        for value in (False, "0", "", "many", "-3"):
            self.env["ir.config_parameter"].set_param(READING_RETENTION, value)
            self.assertIsNone(self.env["energy.reading"]._retention_border())
        self.env["energy.reading"]._drop_old()
        self.assertFalse(self.env["energy.reading.retention"].search_count([]))

    def test_months_with_values_to_compute_stay(self):
        self.keep(2)
        readings = self.env["energy.reading"]
        self.assertEqual(readings._oldest_open_month(), MAY)
        self.env["energy.calculation"]._mark(self.forward, date(2026, 6, 2), date(2026, 6, 3))
        self.assertEqual(readings._oldest_open_month(), MAY)
        self.env["energy.calculation"]._mark(self.forward, date(2026, 4, 9), date(2026, 4, 9))
        self.assertEqual(readings._oldest_open_month(), APRIL)
        readings._drop_now()
        self.assertEqual(self.env["energy.reading.retention"].search([], limit=1).month, date(2026, 3, 1))
        self.env["energy.calculation"]._mark(self.forward)
        self.assertEqual(readings._oldest_open_month(), date.min, "any day may have to be computed")

    def test_nothing_is_dropped_while_somebody_computes(self):
        calculation = type(self.env["energy.calculation"])
        with patch.object(calculation, "_lock", lambda _self, company: company != self.company):
            self.drop()
        self.assertFalse(self.env["energy.reading.retention"].search_count([]))

    # === VALUES STAY === #
    def test_values_survive_any_recomputation(self):
        sparse = self.add(self.node("M2", "meter", self.plant, energy_type_id=self.type("EL").id), "EL.FWD")
        self.read_at(sparse, *registers(BEGIN, datetime(2026, 7, 1), timedelta(days=9)))
        self.formula(self.on_plant, self.forward, sparse)
        self.recompute()
        self.assertTrue(self.row(sparse, date(2026, 4, 30))["value"], "a figure from readings on both sides of the border")
        before = self.stored()
        self.drop()
        self.assertEqual(self.recompute(), 0)
        self.assertEqual(self.stored(), before)

    def test_a_new_price_reaches_dropped_months(self):
        self.drop()
        amount = self.row(self.on_plant, APRIL)["value"]
        price = {"tariff_id": self.tariff.id, "date_from": APRIL, "price": 0.9, "uom_id": self.type("EL").uom_id.id}
        self.env["energy.tariff.price"].create(price)
        self.compute()
        self.assertEqual(self.row(self.on_plant, APRIL)["value"], amount)
        self.assert_near(self.row(self.cost, APRIL)["value"], 0.9 * amount)
        self.assert_near(self.row(self.cost, date(2026, 3, 31))["cost"] or 0.0, 0.0)

    def test_another_formula_takes_dropped_months(self):
        self.drop()
        amount = self.row(self.forward, APRIL)["value"]
        self.on_plant.term_ids.coefficient = 2.0
        self.compute()
        self.assert_near(self.row(self.on_plant, APRIL)["value"], 2 * amount)

    def test_days_after_the_border_are_computed_from_readings(self):
        self.drop()
        before = self.row(self.power, MAY)["value"]
        self.read_at(self.power, (datetime(2026, 4, 30, 17), 99.0))
        self.compute()
        self.assertNotEqual(self.row(self.power, MAY)["value"], before, "the first hour of 1 May, in April by UTC")

    def test_another_unit(self):
        amount = self.row(self.forward, APRIL)["value"]
        profile = self.profile(self.forward, APRIL)
        self.drop()
        self.forward.uom_id = self.env.ref("energy_carbon.uom_mwh")
        self.compute()
        self.assert_near(self.row(self.forward, APRIL)["value"], amount / 1000)
        self.assert_near(sum(self.profile(self.forward, APRIL)), sum(profile) / 1000)
        self.assert_near(self.row(self.on_plant, APRIL)["value"], amount)

    def test_other_slots(self):
        amount = self.row(self.forward, APRIL)["value"]
        self.drop()
        self.company.energy_slot_minutes = "60"
        self.compute()
        self.assertEqual(len(self.profile(self.forward, APRIL)), 24)
        self.assertEqual(self.row(self.forward, APRIL)["value"], amount)
        self.assert_near(sum(self.profile(self.forward, APRIL)), amount)

    def profile(self, indicator, day):
        self.env.cr.execute("SELECT slots FROM energy_profile WHERE indicator_id = %s AND date = %s", [indicator.id, day])
        return self.env.cr.fetchone()[0]

    def test_regrid(self):
        nan = float("nan")
        self.assertEqual(regrid(np.array([[1.0, 2.0, 3.0, 4.0]]), 2).tolist(), [[3.0, 7.0]])
        self.assertEqual(regrid(np.array([[3.0, 7.0]]), 4).tolist(), [[1.5, 1.5, 3.5, 3.5]])
        self.assertEqual(str(regrid(np.array([[nan, 2.0, 3.0, 4.0]]), 2).tolist()), "[[nan, 7.0]]")

    # === WHAT CAN NO LONGER CHANGE === #
    def test_other_days(self):
        """Days that keep their figures beside days cut anew would count hours twice, or not at all."""
        self.drop()
        for name, value in (("energy_start_hour", 8), ("energy_timezone", "Europe/Berlin")):
            with self.assertRaisesRegex(UserError, "the readings before 2026-05 were dropped"):
                self.company[name] = value
        self.env["res.company"].create({"name": "Elsewhere"}).energy_start_hour = 8

    def test_late_readings_are_refused_one_by_one(self):
        self.drop()
        late, kept = datetime(2026, 4, 10, 0, 30), datetime(2026, 5, 10, 0, 30)
        border = datetime(2026, 4, 30, 16)
        result = self.read_at(
            self.forward, (late, 1.0), (border - timedelta(minutes=1), 2.0), (border + timedelta(minutes=1), 3.0), (kept, 4.0)
        )
        self.assertEqual((result["stored"], len(result["refused"])), (2, 2))
        self.assertIn("dropped", result["refused"][0][2])

    def test_late_readings_by_the_days_of_their_company(self):
        self.company.write({"energy_timezone": "America/New_York", "energy_start_hour": 6})
        self.compute()
        self.drop()
        result = self.read_at(self.forward, (datetime(2026, 5, 1, 9, 30), 1.0), (datetime(2026, 5, 1, 10, 30), 2.0))
        self.assertEqual((result["stored"], len(result["refused"])), (1, 1), "1 May begins at 10:00 UTC")

    def test_entries_of_dropped_months(self):
        typed = self.add(self.plant, "NG.CONS", source="entered")
        override = self.enter(self.forward, APRIL, 7.0, reason="meter stood still")
        other = self.enter(typed, APRIL, 70.0)
        self.compute()
        self.drop()
        for change in (
            lambda: override.unlink(),
            lambda: override.write({"value": 8.0}),
            lambda: override.write({"state": "draft"}),
            lambda: self.enter(self.forward, date(2026, 4, 2), 9.0, reason="why"),
            lambda: self.enter(self.forward, date(2026, 4, 20), 9.0, last=date(2026, 5, 3), reason="why"),
        ):
            with self.assertRaisesRegex(UserError, "2026-04 were dropped"):
                change()
        override.state = "approved"
        self.enter(self.forward, MAY, 9.0, reason="why")
        other.value = 71.0
        self.compute()
        self.assertEqual(self.row(self.forward, APRIL)["value"], 7.0)
        self.assertEqual(self.row(typed, APRIL)["value"], 71.0)
        self.assertEqual(self.row(self.forward, MAY)["value"], 9.0)

    def test_the_entry_grid_says_why(self):
        override = self.enter(self.forward, APRIL, 7.0, reason="meter stood still")
        self.compute()
        self.drop()
        changes = [
            {"indicator_id": self.forward.id, "date": "2026-04-02", "value": 1.0, "reason": "why", "version": None},
            {"indicator_id": self.forward.id, "date": "2026-04-01", "value": None, "version": override._grid_version()},
            {"indicator_id": self.forward.id, "date": "2026-05-02", "value": 1.0, "reason": "why", "version": None},
        ]
        errors = self.env["energy.indicator"].entry_save(changes, [("id", "=", self.forward.id)], APRIL, APRIL)["errors"]
        self.assertEqual([error["date"] for error in errors], ["2026-04-02", "2026-04-01"])
        self.assertIn("dropped", errors[0]["message"])

    def test_corrections_and_meter_events_of_dropped_months(self):
        self.drop()
        values = {"indicator_id": self.forward.id, "time": datetime(2026, 4, 30, 3), "value": 1.0, "reason": "why"}
        with self.assertRaisesRegex(UserError, "2026-04 were dropped"):
            self.env["energy.reading.correction"].create(values)
        event = {"node_id": self.meter.id, "time": datetime(2026, 4, 9), "kind": "reset"}
        with self.assertRaisesRegex(UserError, "2026-04 were dropped"):
            self.env["energy.meter.change"].create(event).action_confirm()

    # === TELLING === #
    def test_explain_says_when_they_were_dropped(self):
        self.drop()
        explain = self.env["energy.indicator"].explain
        notes = explain(self.forward.id, "2026-04-01", "2026-04-30")["notes"]
        self.assertEqual(notes, ["Readings of 2026-04 were dropped on 2026-07-20."])
        self.assertEqual(explain(self.forward.id, "2026-05-01", "2026-05-31")["notes"], [])
        typed = self.add(self.plant, "NG.CONS", source="entered")
        self.assertNotIn("dropped", str(explain(typed.id, "2026-04-01", "2026-04-30")["notes"]))

    def test_readers(self):
        self.drop()
        journal = self.env["energy.reading.retention"]
        for role in ("manager", "auditor"):
            user = new_test_user(self.env, f"retention_{role}", f"energy_carbon.group_{role}")
            self.assertTrue(journal.with_user(user).search_count([]))
            for write in ("write", "create", "unlink"):
                self.assertFalse(journal.with_user(user).has_access(write))
        for role in ("viewer", "clerk", "engineer", "accountant"):
            user = new_test_user(self.env, f"retention_{role}", f"energy_carbon.group_{role}")
            with self.assertRaises(AccessError):
                journal.with_user(user).search_count([])

    def test_settings(self):
        settings = self.env["res.config.settings"].create({"energy_reading_retention_months": 36})
        settings.execute()
        self.assertEqual(self.env["ir.config_parameter"].get_param(READING_RETENTION), "36")
        self.assertEqual(self.env["energy.reading"]._retention_border(), date(2023, 7, 1))
        self.env["res.config.settings"].create({"energy_reading_retention_months": 0}).execute()
        self.assertFalse(self.env["ir.config_parameter"].get_param(READING_RETENTION))
        with self.assertRaises(ValidationError):
            self.env["res.config.settings"].create({"energy_reading_retention_months": -1})

    def test_partitions_after_dropping(self):
        """New partitions are never made where the kept readings lie."""
        self.drop()
        self.env.cr.execute("SELECT pg_get_expr(relpartbound, oid) FROM pg_class WHERE relname = %s", [KEPT])
        self.assertIn("FROM (MINVALUE) TO ('2026-05-01", self.env.cr.fetchone()[0])
        other = self.add(self.node("M3", "meter", self.plant, energy_type_id=self.type("EL").id), "EL.FWD")
        self.assertEqual(self.read_at(other, (datetime(2026, 4, 30, 17), 1.0), (datetime(2026, 5, 1), 2.0))["stored"], 2)
