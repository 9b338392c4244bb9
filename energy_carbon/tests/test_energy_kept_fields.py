"""Who decided what: written by the buttons, by no request that names it."""

from datetime import date, datetime

from odoo.exceptions import AccessError, UserError
from odoo.fields import Command
from odoo.tests import Form, tagged

from .common import EnergyCommon

DAY = date(2026, 7, 15)


@tagged("post_install", "-at_install")
class TestEnergyKeptFields(EnergyCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        template = cls.env["energy.indicator.template"].search([("code", "=", "EL.FWD")])
        cls.counter, cls.typed = cls.env["energy.indicator"].create(
            [
                {"node_id": meter.id, "template_id": template.id, "source": source}
                for meter, source in ((cls.meter_1, "collected"), (cls.meter_2, "entered"))
            ]
        )
        cls.entry = (
            cls.env["energy.entry"]
            .with_user(cls.clerk_2)
            .create({"indicator_id": cls.typed.id, "date_from": DAY, "date_to": DAY, "value": 5.0})
        )

    def test_a_clerk_approves_nothing(self):
        values = {"indicator_id": self.typed.id, "date_from": "2026-07-16", "date_to": "2026-07-16", "value": 5.0}
        for change in (
            lambda: self.entry.write({"state": "approved"}),
            lambda: self.entry.create({**values, "state": "approved"}),
            lambda: self.entry.create([values, {**values, "state": "approved"}]),
        ):
            with self.assert_refused(AccessError, "Only an Energy manager approves"):
                change()
        self.assertEqual(self.entry.state, "submitted")
        self.entry.with_user(self.manager).state = "approved"
        self.assertEqual(self.entry.state, "approved")

    def test_nobody_types_in_anothers_name(self):
        values = {"indicator_id": self.typed.id, "date_from": "2026-07-16", "date_to": "2026-07-16", "value": 5.0}
        for user in (self.clerk_2, self.manager):
            entry = self.entry.with_user(user)
            for kept in ({"user_id": self.accountant.id}, {"corrected": False}, {"previous_value": 7.0}):
                with self.assert_refused(AccessError, "by hand"):
                    entry.write(kept)
                with self.assert_refused(AccessError, "by hand"):
                    entry.create({**values, **kept})
        manager = self.entry.with_user(self.manager)
        manager.write({"value": 6.0})
        self.assertEqual((manager.user_id, manager.previous_value, manager.corrected), (self.manager, 5.0, True))
        manager.state = "approved"
        twin = self.entry.copy({"date_from": "2026-07-16", "date_to": "2026-07-16"})
        self.assertEqual((twin.user_id, twin.corrected, twin.state), (self.clerk_2, False, "submitted"))

    def test_a_meter_event_is_decided_by_its_buttons(self):
        events = self.env["energy.meter.change"].with_user(self.engineer)
        line = Command.create({"indicator_id": self.counter.id, "has_opening": True, "opening": 3.0})
        values = {"node_id": self.meter_1.id, "time": datetime(2026, 7, 1), "line_ids": [line]}
        for kept in ({"state": "confirmed"}, {"user_id": self.manager.id}, {"found_by": "calculation"}):
            with self.assert_refused(AccessError, "by hand"):
                events.create({**values, **kept})
        event = events.create(values)
        with self.assert_refused(AccessError, "by hand"):
            event.state = "confirmed"
        event.action_confirm()
        self.assertEqual((event.state, event.user_id), ("confirmed", self.engineer))
        registers = event.line_ids
        kinds = [("kind", "=", "counter"), ("energy_type_id", "=", self.el.id), ("code", "!=", "EL.FWD")]
        other = self.env["energy.indicator"].create(
            {
                "node_id": self.meter_1.id,
                "template_id": self.env["energy.indicator.template"].search(kinds, limit=1).id,
            }
        )
        for change in (
            lambda: registers.write({"opening": 99.0}),
            lambda: registers.unlink(),
            lambda: registers.create({"change_id": event.id, "indicator_id": other.id}),
        ):
            with self.assert_refused(UserError, "counts already"):
                change()
        again = event.copy({"time": datetime(2026, 7, 2)})
        self.assertEqual((again.state, again.user_id, again.found_by), ("proposed", again.user_id.browse(), "person"))
        event.action_reopen()
        registers.opening = 4.0
        event.action_dismiss()
        self.assertEqual((event.state, event.user_id, registers.opening), ("dismissed", self.engineer, 4.0))

    def test_a_correction_keeps_who_and_what_was_read(self):
        moment = datetime(2026, 7, 1, 4)
        self.env["energy.reading"]._append([self.counter.id], [int(moment.timestamp())], [100.0])
        corrections = self.env["energy.reading.correction"].with_user(self.manager)
        values = {"indicator_id": self.counter.id, "time": moment, "value": 90.0, "reason": "Misread"}
        for kept in ({"old_value": 5.0}, {"user_id": self.accountant.id}):
            with self.assert_refused(AccessError, "by hand"):
                corrections.create({**values, **kept})
        correction = corrections.create(values)
        self.assertEqual((correction.old_value, correction.user_id), (100.0, self.manager))
        with self.assert_refused(AccessError, "by hand"):
            correction.write({"value": 80.0, "old_value": 1.0})
        with Form(correction) as form:
            form.value = 85.0
        self.assertEqual((correction.value, correction.old_value), (85.0, 100.0))
