"""Meter events, corrections and differing readings, through the models."""

import random
from datetime import date, datetime, timedelta
from itertools import accumulate

from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.fields import Command
from odoo.tests import new_test_user, tagged

from .plant import PlantCase

DAY = date(2026, 7, 15)
JULY = date(2026, 7, 1)
BEGIN = datetime(2026, 7, 14, 16)
NOON = BEGIN + timedelta(hours=12)


def at(hour, register):
    return BEGIN + timedelta(hours=hour), register


@tagged("post_install", "-at_install")
class TestEnergyMeterChange(PlantCase):
    """40 kWh an hour, 960 a day, whatever happens to the meter."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.meter = cls.node("M1", "meter", cls.plant, energy_type_id=cls.type("EL").id)
        cls.forward = cls.add(cls.meter, "EL.FWD")
        cls.on_plant = cls.add(cls.plant, "EL.CONS")
        cls.manager = new_test_user(
            cls.env,
            "events_manager",
            "energy_carbon.group_manager",
            company_id=cls.company.id,
            company_ids=[Command.set(cls.company.ids)],
        )

    def _event(self, kind, closing=None, opening=None, time=NOON, **values):
        line = {"indicator_id": self.forward.id}
        if closing is not None:
            line.update(has_closing=True, closing=closing)
        if opening is not None:
            line.update(has_opening=True, opening=opening)
        change = (
            self.env["energy.meter.change"]
            .with_user(self.manager)
            .create(
                {"node_id": self.meter.id, "kind": kind, "time": time, "line_ids": [Command.create(line)], **values}
            )
        )
        change.action_confirm()
        self.compute()
        return change

    def assert_day(self, amount, quality=None):
        for indicator in (self.forward, self.on_plant):
            self.assert_near(self.row(indicator, DAY)["value"], amount)
        if quality:
            self.assertEqual(self.row(self.on_plant, DAY)["quality"], quality)

    def test_new_event_is_named_by_its_kind(self):
        event = self.env["energy.meter.change"].new({"kind": "swap"})
        self.assertEqual(event.display_name, "Meter replaced")
        event.node_id = self.meter
        self.assertEqual(event.display_name, f"{self.meter.name}: Meter replaced")

    def test_s3_swap_at_noon(self):
        self.read_at(self.forward, *[at(h, 1000.0 + 40 * h) for h in range(12)])
        self.read_at(self.forward, *[at(h, 40.0 * (h - 12)) for h in range(13, 25)])
        self.compute()
        self.assertEqual(self.row(self.on_plant, DAY)["quality"], "partial")
        change = self._event("swap", 1480.0, 0.0, serial_number="SN-2")
        self.assert_day(960.0)
        self.assertEqual(self.meter.serial_number, "SN-2")
        change.with_user(self.manager).action_dismiss()
        self.compute()
        self.assertEqual(self.row(self.on_plant, DAY)["quality"], "partial")

    def test_s3_swap_to_a_higher_register(self):
        self.read_at(self.forward, *[at(h, 1000.0 + 40 * h) for h in range(12)])
        self.read_at(self.forward, *[at(h, 70_000.0 + 40 * (h - 12)) for h in range(13, 25)])
        self._event("swap", 1480.0, 70_000.0)
        self.assert_day(960.0)

    def test_s3b_drop_without_event_waits_for_a_person(self):
        self.read_at(self.forward, *[at(h, 1000.0 + 40 * h) for h in range(12)])
        self.read_at(self.forward, *[at(h, 5.0 + 40 * (h - 12)) for h in range(12, 25)])
        self.compute()
        self.assert_day(11 * 40 + 12 * 40, "partial")
        proposed = self.env["energy.meter.change"].search([("node_id", "=", self.meter.id)])
        self.assertEqual((proposed.state, proposed.found_by, proposed.time), ("proposed", "calculation", NOON))
        self.assertEqual((proposed.line_ids.closing, proposed.line_ids.opening), (1440.0, 5.0))
        self.env["energy.calculation"]._mark(self.forward)
        self.compute()
        self.assertEqual(self.env["energy.meter.change"].search([("node_id", "=", self.meter.id)]), proposed)
        proposed.line_ids.closing = 1480.0
        proposed.with_user(self.manager).action_confirm()
        self.compute()
        self.assert_day(960.0)

    def test_s4_two_days_late_in_random_order(self):
        """The same readings in order at another meter: the same rows and slots."""
        twin = self.add(self.node("M2", "meter", self.plant, energy_type_id=self.type("EL").id), "EL.FWD")
        picks = random.Random(4)
        registers = accumulate([1000.0] + [picks.uniform(10.0, 70.0) for _hour in range(96)])
        readings = [at(hour, register) for hour, register in enumerate(registers)]
        self.read_at(twin, *readings)
        self.compute()
        late = readings[25:73]
        self.read_at(self.forward, *readings[:25], *readings[73:])
        self.compute()
        picks.shuffle(late)
        for first in range(0, len(late), 7):
            self.read_at(self.forward, *late[first : first + 7])
            self.compute()
        self.assert_same(twin)
        self.env["energy.calculation"]._mark(self.forward)
        self.compute()
        self.assert_same(twin)

    def assert_same(self, twin):
        """The four days and the month of the meter are those of its twin."""
        for offset in range(4):
            day = DAY + timedelta(days=offset)
            mine, other = self.row(self.forward, day), self.row(twin, day)
            for name in ("value", "coal", "carbon"):
                self.assert_near(mine[name], other[name])
            for name in ("quality", "expected", "present"):
                self.assertEqual(mine[name], other[name], (day, name))
            for slot, expected in zip(self.slots(self.forward, day), self.slots(twin, day), strict=True):
                self.assert_near(slot, expected)
        self.assert_near(self.month(self.forward, JULY)["value"], self.month(twin, JULY)["value"])

    def slots(self, indicator, day):
        self.env.cr.execute("SELECT slots FROM energy_profile WHERE indicator_id = %s AND date = %s", [indicator.id, day])
        return self.env.cr.fetchone()[0]

    def flagged(self):
        """Readings of the day that Explain says were left out, and its notes."""
        explained = self.env["energy.indicator"].with_user(self.manager).explain(self.forward.id, str(DAY), str(DAY))
        left_out = [reading["register"] for reading in explained["readings"] if "Left out" in reading["quality"]]
        return left_out, explained["notes"]

    def test_s5_single_zero(self):
        readings = [at(h, 1000.0 + 40 * h) for h in range(25)]
        readings[6] = at(6, 0.0)
        self.read_at(self.forward, *readings)
        self.compute()
        self.assert_day(960.0)
        self.assertFalse(self.env["energy.meter.change"].search([("node_id", "=", self.meter.id)]))
        self.assertEqual(
            self.flagged(), ([0.0], ["Readings left out because they do not fit those around them: 1"])
        )

    def test_s5b_single_tenfold_spike(self):
        readings = [at(h, 1000.0 + 40 * h) for h in range(25)]
        readings[15] = at(15, 16_000.0)
        self.read_at(self.forward, *readings)
        self.compute()
        self.assert_day(960.0)
        self.assertFalse(self.env["energy.meter.change"].search([("node_id", "=", self.meter.id)]))
        self.assertEqual(self.flagged()[0], [16_000.0])

    def test_s5b_two_low_readings_that_return(self):
        """An unrated meter behind a converter that restarts; the second low reading comes last, as late ones do."""
        readings = [at(h, 401_000.0 + 40 * h) for h in range(25)]
        readings[15], readings[16] = at(15, 1.28), at(16, 2.61)
        self.read_at(self.forward, *readings[:16], *readings[17:])
        self.compute()
        self.read_at(self.forward, readings[16])
        self.compute()
        self.assert_day(960.0)
        self.assertFalse(self.env["energy.meter.change"].search([("node_id", "=", self.meter.id)]))
        self.assertEqual(self.flagged()[0], [1.28, 2.61])

    def test_s7_new_meter_with_and_without_opening_reading(self):
        self.read_at(self.forward, *[at(h, 40.0 * (h - 12)) for h in range(13, 25)])
        self.compute()
        self.assert_day(440.0, "partial")
        self._event("swap", None, 0.0)
        self.assert_day(480.0, "partial")

    def test_s8_ratio_changed_at_noon(self):
        self.forward.secondary_side = True
        self.meter.write({"ct_primary": 200, "ct_secondary": 5})
        self.read_at(self.forward, *[at(h, 100.0 + h) for h in range(25)])
        self.compute()
        self.assert_day(24 * 40)
        self._event("ratio", old_ratio=40.0, ct_primary=400, ct_secondary=5)
        self.assert_day(12 * 40 + 12 * 80)
        self.assertEqual(self.meter.ratio, 80.0)

    def test_two_days_later_the_event_still_holds(self):
        self.forward.secondary_side = True
        self.meter.write({"ct_primary": 200, "ct_secondary": 5})
        self.read_at(self.forward, *[at(h, 100.0 + h) for h in range(25)])
        self._event("ratio", old_ratio=40.0, ct_primary=400, ct_secondary=5)
        self.read_at(self.forward, *[at(h, 100.0 + h) for h in range(25, 73)])
        self.compute()
        self.assert_day(12 * 40 + 12 * 80)
        self.assert_near(self.row(self.on_plant, DAY + timedelta(days=2))["value"], 24 * 80.0)

    def test_r3_corrected_reading(self):
        readings = [at(h, 1000.0 + 40 * h) for h in (0, 6, 12, 18, 24, 48)]
        readings[4] = at(24, 1900.0)
        self.read_at(self.forward, *readings)
        self.compute()
        self.assert_day(900.0)
        correction = (
            self.env["energy.reading.correction"]
            .with_user(self.manager)
            .create(
                {
                    "indicator_id": self.forward.id,
                    "time": BEGIN + timedelta(hours=24),
                    "value": 1960.0,
                    "reason": "misread",
                }
            )
        )
        self.compute()
        self.assertEqual(correction.old_value, 1900.0)
        self.assert_day(960.0)
        self.assert_near(self.row(self.on_plant, DAY + timedelta(days=1))["value"], 960.0)
        correction.ignore = True
        self.compute()
        self.assert_day(960.0, "estimated")
        correction.unlink()
        self.compute()
        self.assert_day(900.0)

    def test_correction_needs_a_reading_and_a_reason(self):
        create = self.env["energy.reading.correction"].create
        with self.assertRaisesRegex(UserError, "no reading"):
            create({"indicator_id": self.forward.id, "time": NOON, "value": 1.0, "reason": "x"})
        self.read_at(self.forward, at(0, 1.0))
        with self.assertRaises(ValidationError):
            create({"indicator_id": self.forward.id, "time": BEGIN, "value": 1.0, "reason": "  "})

    def test_l2_second_value_for_one_time(self):
        self.read_at(self.forward, at(0, 1000.0), at(24, 1960.0))
        result = self.read_at(self.forward, at(24, 2000.0))
        self.assertEqual((result["stored"], result["differing"]), (0, 1))
        self.compute()
        self.assert_day(960.0)
        conflict = self.env["energy.reading.conflict"].search([("indicator_id", "=", self.forward.id)])
        self.assertEqual((conflict.stored_value, conflict.refused_value), (1960.0, 2000.0))
        self.read_at(self.forward, at(24, 2000.0))
        self.assertEqual(self.env["energy.reading.conflict"].search_count([("indicator_id", "=", self.forward.id)]), 1)

    def test_confirmed_events_stay(self):
        self.read_at(self.forward, at(0, 0.0), at(24, 960.0))
        change = self._event("reset", 480.0, 480.0)
        for action in (lambda: change.write({"time": BEGIN}), change.unlink):
            with self.assertRaisesRegex(UserError, "Take it back"):
                action()

    def test_rights(self):
        viewer = new_test_user(
            self.env,
            "events_viewer",
            "energy_carbon.group_viewer",
            company_id=self.company.id,
            company_ids=[Command.set(self.company.ids)],
        )
        viewer.energy_node_ids = self.plant
        change = self.env["energy.meter.change"].create({"node_id": self.meter.id, "time": NOON})
        for action in (change.with_user(viewer).action_confirm, change.with_user(viewer).action_dismiss):
            with self.assertRaises(AccessError):
                action()
