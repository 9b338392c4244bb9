"""What a locked month refuses."""

from datetime import date, datetime, timedelta

from odoo.fields import Command
from odoo.tests import tagged

from .lock_case import AUGUST, DAY, FREE, JULY, JUNE, LOCKED, LockCase


@tagged("post_install", "-at_install")
class TestEnergyLockRefusal(LockCase):
    """What would change locked figures is refused in the user's own transaction, naming lock and record."""

    def test_entries(self):
        self.lock()
        entry = self.env["energy.entry"].search([("indicator_id", "=", self.forward_1.id), ("date_from", "=", JULY)])
        for change in (
            lambda: entry.write({"value": 1.0}),
            entry.unlink,
            lambda: self.enter(self.forward_1, FREE, 5.0),
            lambda: self.enter(self.forward_1, date(2026, 7, 31), 5.0, last=AUGUST),
        ):
            with self.refused():
                change()
        with self.refused("M1 / .*, 2026-07-15 cannot change: the quantities of Plant A are locked for 2026-07"):
            self.enter(self.forward_1, FREE, 5.0)
        self.assertEqual(entry.value, 100.0)
        self.enter(self.forward_1, date(2026, 6, 20), 5.0)
        self.enter(self.forward_1, date(2026, 8, 15), 5.0)
        draft = self.enter(self.forward_1, FREE, 5.0, state="draft")
        with self.refused():
            draft.state = "submitted"

    def test_cost_lock_keeps_quantities_too(self):
        """A cost that is posted belongs to the amounts it was made of."""
        self.lock("cost")
        with self.refused("the cost of Plant A is locked"):
            self.enter(self.forward_1, FREE, 5.0)
        self.factor.value = 0.5  # carbon is no cost

    def test_grid_names_the_lock_in_each_cell(self):
        self.lock()
        changes = [
            {"indicator_id": self.forward_1.id, "date": "2026-07-20", "value": 7.0, "version": None},
            {"indicator_id": self.forward_1.id, "date": "2026-08-15", "value": 7.0, "version": None},
        ]
        answer = self.env["energy.indicator"].entry_save(
            changes, [("id", "=", self.forward_1.id)], "2026-07-01", "2026-07-31"
        )
        self.assertEqual([error["date"] for error in answer["errors"]], ["2026-07-20"])
        cells = answer["grid"]["cells"][str(self.forward_1.id)]
        self.assertEqual(
            (cells["2026-07-20"]["locked"], cells["2026-07-20"]["lock"]), (True, "Locked: Plant A, 2026-07")
        )
        self.assertRegex(answer["errors"][0]["message"], LOCKED)
        typed = self.env["energy.entry"].search([("indicator_id", "=", self.forward_1.id)])
        self.assertNotIn(date(2026, 8, 15), typed.mapped("date_from"), "all or nothing")

    def test_formula(self):
        self.lock()
        term = self.consumption.term_ids.filtered(lambda one: one.source_id == self.consumption_1)
        for change in (
            lambda: term.write({"coefficient": 2.0}),
            term.unlink,
            lambda: term.write({"date_to": date(2026, 7, 3)}),
            lambda: self.env["energy.indicator.term"].create(
                {"indicator_id": self.consumption.id, "source_id": self.forward_1.id}
            ),
            lambda: self.consumption.write({"missing_policy": "blank"}),
        ):
            with self.refused("formula of Plant A / .* cannot change|Plant A / .* cannot change"):
                change()
        term.date_to = date(2026, 7, 31)  # as of the first open day
        self.compute()
        self.assertEqual(self.row(self.consumption, JULY)["value"], 130.0)
        self.assertEqual(self.row(self.consumption, AUGUST)["value"], 30.0)

    def test_new_indicator_is_no_change(self):
        self.lock()
        before = self.snapshot()
        carbon = self.add(self.plant, "EL.CO2")
        self.compute()
        self.assertFalse([row for row in self.snapshot(JULY) if row[0] == carbon.id])
        self.assertEqual([row for row in self.snapshot() if row[0] != carbon.id], before)
        self.assert_near(self.row(carbon, JUNE)["value"], 78.0)
        self.assertTrue(self.row(carbon, AUGUST)["value"])

    def test_reading_correction_and_meter_event(self):
        meter = self.node("M3", "meter", self.workshop_1, energy_type_id=self.electricity.id)
        forward = self.add(meter, "EL.FWD")
        times = [datetime(2026, 7, 30, 16) + timedelta(days=step) for step in range(4)]
        self.read_at(forward, *zip(times, (0.0, 10.0, 25.0, 45.0), strict=True))
        self.compute()
        self.lock()
        correct = self.env["energy.reading.correction"].create
        with self.refused("M3 / .* cannot change"):
            correct({"indicator_id": forward.id, "time": times[1], "value": 11.0, "reason": "Typo"})
        correct({"indicator_id": forward.id, "time": times[2], "value": 26.0, "reason": "Typo"})
        event = self.env["energy.meter.change"].create(
            {
                "node_id": meter.id,
                "kind": "reset",
                "time": times[1] - timedelta(hours=2),
                "line_ids": [Command.create({"indicator_id": forward.id, "closing": 9, "opening": 0,
                                             "has_closing": True, "has_opening": True})],
            }
        )  # fmt: skip
        with self.refused("M3: .* cannot change"):
            event.action_confirm()
        event.time = times[2] + timedelta(hours=2)
        event.action_confirm()

    def test_ledger(self):
        self.forward_1.secondary_side = True
        self.lock()
        with self.refused("M1 cannot change"):
            self.meter_1.write({"ct_primary": 100, "ct_secondary": 5})
        with self.refused("Plant A cannot change"):
            self.plant.region_id = self.env["energy.region"].search([("id", "!=", self.plant.region_id.id)], limit=1)
        self.meter_1.rated_power = 100  # what is plausible is no figure

    def test_node_use(self):
        self.lock()
        use = {"node_id": self.plant.id, "energy_type_id": self.electricity.id}
        self.env["energy.node.use"].create(dict(use, role="used"))
        with self.refused("Plant A: .* cannot change"):
            self.env["energy.node.use"].create(dict(use, role="made"))

    def test_r1_price_in_a_locked_month_is_refused(self):
        self.lock("cost")
        before = self.snapshot()
        with self.refused("Price EL, 2020-01-01 cannot change: the cost of Plant A is locked for 2026-07"):
            self.tariff.price_ids.price = 0.8
        with self.refused():
            self.tariff.price_ids = [Command.create({"date_from": DAY, "price": 0.8, "uom_id": self.tariff.uom_id.id})]
        self.compute()
        self.assertEqual(self.snapshot(), before)
        self.tariff.price_ids = [Command.create({"date_from": AUGUST, "price": 0.8, "uom_id": self.tariff.uom_id.id})]
        self.compute()
        self.assertEqual(self.snapshot(), before)
        self.assert_near(self.row(self.consumption, AUGUST)["cost"], 130 * 0.8)

    def test_r2_factor_in_a_locked_month_is_refused(self):
        self.lock()
        before = self.snapshot()
        with self.refused("CO₂.* cannot change: the quantities of Plant A are locked"):
            self.factor.value = 0.5
        with self.refused():
            self._factor(0.5, DAY)
        with self.refused():
            self.factor.unlink()
        self.compute()
        self.assertEqual(self.snapshot(), before)
        elsewhere = self.node("Plant B", "unit", unit_type="plant")
        self._factor(0.4, JULY, node_id=elsewhere.id)

    def test_r4_move_in_a_locked_month_is_refused(self):
        self.lock()
        before = self.snapshot()
        with self.refused("The place of M1 cannot change"):
            self.meter_1.with_context(energy_move_date=DAY).parent_id = self.workshop_2
        with self.refused():
            self.env["energy.node.parent"].search([("node_id", "=", self.meter_1.id)]).date_from = DAY
        self.assertEqual(self.meter_1.parent_id, self.workshop_1)
        self.compute()
        self.assertEqual(self.snapshot(), before)
        self.meter_1.with_context(energy_move_date=AUGUST).parent_id = self.workshop_2
        self.compute()
        self.assertEqual(self.snapshot(), before)
        self.assertEqual(self.row(self.consumption_2, AUGUST)["value"], 130.0)

    def test_move_from_and_to_a_locked_plant(self):
        """Either plant's lock stands against a move between them."""
        other = self.node("Plant B", "unit", unit_type="plant")
        with self.env.cr.savepoint() as point:
            self.lock(plant=self.plant)
            with self.refused("quantities of Plant A"):
                self.workshop_1.with_context(energy_move_date=JULY).parent_id = other
            point.rollback()
        self.env.invalidate_all()
        self.lock(plant=other)
        with self.refused("quantities of Plant B"):
            self.workshop_1.with_context(energy_move_date=JULY).parent_id = other

    def test_periods_and_holidays(self):
        """What decides the period of an hour decides cost."""
        self.tariff.kind = "tou"
        version = {"tariff_id": self.tariff.id, "default_period": "flat"}
        bands = [Command.create({"period": "peak", "start": 8.0, "end": 11.0, "day_class": "workday"})]
        self.env["energy.tariff.version"].create(dict(version, date_from=JUNE, band_ids=bands))
        self.compute()
        self.lock("cost")
        versions = self.env["energy.tariff.version"]
        with self.refused("cannot change: the cost of Plant A is locked"):
            versions.create(dict(version, date_from=date(2026, 7, 3), band_ids=bands))
        with self.refused():
            self.tariff.version_ids.band_ids.end = 12.0
        holiday = {"kind": "announced", "company_id": self.company.id}
        with self.refused("cannot change: the cost"):
            self.env["energy.day"].create(dict(holiday, date=DAY))
        self.env["energy.day"].create(dict(holiday, date=date(2026, 8, 12)))
        versions.create(dict(version, date_from=AUGUST, band_ids=bands))

    def test_allocation(self):
        key = self.env["energy.allocation"].create(
            {
                "name": "Shared",
                "source_id": self.forward_1.id,
                "basis": "fixed",
                "date_from": JUNE,
                "line_ids": [
                    Command.create({"node_id": self.workshop_1.id, "share": 0.5}),
                    Command.create({"node_id": self.workshop_2.id, "share": 0.5}),
                ],
            }
        )
        self.compute()
        target = key.line_ids[0].indicator_id
        self.assert_near(self.row(target, DAY)["value"], 50.0)
        self.lock()
        before = self.snapshot()
        with self.refused("Shared cannot change"):
            key.line_ids[0].share = 0.4
        with self.refused("Shared cannot change"):
            key.unlink()
        key.date_to = date(2026, 7, 31)
        self.compute()
        self.assertEqual(self.snapshot(), before)
        key.date_to = date(2026, 8, 5)
        key.line_ids[0].date_to = date(2026, 8, 2)

    def test_certificate(self):
        self.lock()
        values = {
            "name": "Green",
            "document": "Registry",
            "energy_type_id": self.electricity.id,
            "node_id": self.plant.id,
            "quantity": 10.0,
            "uom_id": self.electricity.uom_id.id,
        }
        with self.refused("cannot change: the quantities of Plant A are locked"):
            self.env["energy.certificate"].create(dict(values, date_from=JUNE, date_to=date(2026, 7, 31)))
        self.env["energy.certificate"].create(dict(values, date_from=AUGUST, date_to=date(2026, 8, 31)))

    def test_r5_a_factor_from_next_year_on(self):
        """It changes nothing this year, and is welcome while this year is locked."""
        self.lock("quantity", "cost")
        before = self.snapshot(JUNE, date(2026, 12, 31))
        self._factor(0.5, date(2027, 1, 1))
        self.tariff.price_ids = [
            Command.create({"date_from": date(2027, 1, 1), "price": 0.9, "uom_id": self.tariff.uom_id.id})
        ]
        self.compute()
        self.assertEqual(self.snapshot(JUNE, date(2026, 12, 31)), before)
        self.assertFalse(self.journal("factor"))
