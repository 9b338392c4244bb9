"""The scheduled action against real peers: what is stored, what is said, and that nobody stops anybody."""

import socket
from datetime import UTC, datetime, timedelta
from unittest.mock import patch

from odoo import fields
from odoo.tests import tagged
from odoo.tools import mute_logger

from ..collector.sweep import run_sweep
from ..models.energy_modbus_polling import LEASE
from .common import ModbusCommon, float_registers

POLLING = "odoo.addons.energy_carbon_modbus.models.energy_modbus_polling"
STORING = "odoo.addons.energy_carbon_modbus.models.energy_modbus_storing"


def epoch(text: str) -> float:
    return datetime.fromisoformat(text).replace(tzinfo=UTC).timestamp()


@tagged("post_install", "-at_install")
class TestPolling(ModbusCommon):
    def test_readings_state_and_journal(self):
        self.assertEqual(self.poll(epoch("2026-07-01 00:00:30")), 1)
        moment = datetime(2026, 7, 1, 0, 0, 30)
        self.assertEqual(self.readings(self.forward_1), [(moment, 100.0)])
        self.assertEqual(self.readings(self.power_1), [(moment, 12.5)], "W in the table, kW at the indicator")
        self.assertEqual(self.readings(self.forward_2), [(moment, 200.0)])
        self.assertRecordValues(
            self.gateway,
            [
                {
                    "state": "ok",
                    "last_error": False,
                    "last_poll": moment,
                    "last_success": moment,
                    "next_poll": datetime(2026, 7, 1, 0, 1),
                    "lease_until": False,
                    "lease_owner": False,
                }
            ],
        )
        self.assertRecordValues(
            self.meter_1 | self.meter_2, [{"modbus_state": "ok", "modbus_last_success": moment}] * 2
        )
        self.assertRecordValues(
            self.journal(),
            [
                {
                    "start": moment,
                    "points_ok": 3,
                    "points_failed": 0,
                    "stored": 3,
                    "duplicates": 0,
                    "differing": 0,
                    "state": "ok",
                    "error": False,
                }
            ],
        )

    def test_not_due_is_left_alone(self):
        self.poll(epoch("2026-07-01 00:00:30"))
        self.assertEqual(self.poll(epoch("2026-07-01 00:00:59")), 0)
        self.assertEqual(self.poll(epoch("2026-07-01 00:01:00")), 1)
        self.gateway.interval = 900
        self.poll(epoch("2026-07-01 00:02:00"))
        self.assertEqual(self.gateway.next_poll, datetime(2026, 7, 1, 0, 15))

    def test_second_value_of_a_moment(self):
        """The first value stays, an equal second is a duplicate, another one is counted as differing."""
        now = epoch("2026-07-01 00:00:30")
        self.poll(now)
        self.gateway.next_poll = False
        self._set_meters(forward_1=101.0, forward_2=200.0)
        self.poll(now)
        self.assertEqual([value for _time, value in self.readings(self.forward_1)], [100.0])
        self.assertRecordValues(self.journal()[0], [{"stored": 0, "duplicates": 2, "differing": 1}])

    def test_dead_meter_stops_nobody(self):
        self._set_meters(forward_2=200.0)
        self.poll(epoch("2026-07-01 00:00:30"))
        self.assertFalse(self.readings(self.forward_1))
        self.assertEqual(len(self.readings(self.forward_2)), 1)
        self.assertRecordValues(self.meter_1 | self.meter_2, [{"modbus_state": "silent"}, {"modbus_state": "ok"}])
        self.assertIn("No answer", self.meter_1.modbus_last_error)
        self.assertFalse(self.meter_2.modbus_last_error)
        self.assertEqual(self.gateway.state, "partial")
        self.assertIn("Unit 1", self.gateway.last_error)
        self.assertFalse(self.gateway.last_success)
        self.assertRecordValues(self.journal(), [{"points_ok": 1, "points_failed": 2, "state": "partial"}])

    def test_back_off_and_return(self):
        """A silent meter is asked less and less, keeps its error meanwhile, and is read again once it answers."""
        self._set_meters(forward_2=200.0)
        self.poll(epoch("2026-07-01 00:00:00"))
        self.poll(epoch("2026-07-01 00:01:00"))
        self.line.requests.clear()
        self.poll(epoch("2026-07-01 00:02:00"))
        self.assertFalse([request for request in self.line.requests if request[0] == 1], "in back-off")
        self.assertIn("No answer", self.meter_1.modbus_last_error, "not: not asked")
        self._set_meters(forward_1=100.0, forward_2=200.0)
        self.poll(epoch("2026-07-01 00:13:00"))
        self.assertEqual(len(self.readings(self.forward_1)), 1)
        self.assertRecordValues(self.gateway, [{"state": "ok", "last_error": False}])
        self.assertRecordValues(self.meter_1, [{"modbus_state": "ok", "modbus_last_error": False}])

    def test_dead_gateway_stops_nobody(self):
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            closed_port = probe.getsockname()[1]
        dead = self._create_gateway("dead", closed_port)
        meter = self._create_meter("Meter 3", self.workshop_2)
        meter.write({"modbus_gateway_id": dead.id, "modbus_unit": 1, "modbus_map_id": self.sdm630.id})
        self._create_indicator(meter, "EL.FWD")
        self.assertEqual(self.poll(epoch("2026-07-01 00:00:30")), 2)
        self.assertEqual(self.gateway.state, "ok")
        self.assertEqual(dead.state, "silent")
        self.assertIn(f"127.0.0.1:{closed_port}", dead.last_error)
        self.assertEqual(meter.modbus_state, "silent")
        self.assertEqual(self.journal(dead).points_failed, 1)

    def test_refused_address_costs_one_point(self):
        self.line.refused.add((1, 4, 0x0034))
        self.poll(epoch("2026-07-01 00:00:30"))
        self.poll(epoch("2026-07-01 00:01:30"))
        self.assertEqual(len(self.readings(self.forward_1)), 2)
        self.assertEqual(self.meter_1.modbus_state, "partial")
        self.assertIn("Active power", self.meter_1.modbus_last_error)
        self.assertIn("no such address", self.meter_1.modbus_last_error)
        self.assertEqual([row[:3] for row in self.gateway.health["refused"]], [[1, 4, 0x0034]])
        self.poll(epoch("2026-07-02 00:01:31"))
        self.assertEqual(self.gateway.health["refused"][0][3], epoch("2026-07-02 00:01:31"), "tried again after a day")

    def test_value_that_is_none(self):
        self.line.set(1, 4, 0x0048, float_registers(float("nan")))
        self.poll(epoch("2026-07-01 00:00:30"))
        self.assertFalse(self.readings(self.forward_1))
        self.assertIn("no number", self.meter_1.modbus_last_error)
        self.assertIn("1 points", self.gateway.last_error)

    def test_copy_of_the_database_is_silent(self):
        self.gateway.polling_uuid = "00000000-0000-0000-0000-000000000000"
        self.assertEqual(self.gateway.polling, "elsewhere")
        self.assertEqual(self.poll(), 0)
        self.assertFalse(self.line.requests)
        self.gateway.action_polling_on()
        self.assertEqual(self.gateway.polling, "on")
        self.assertEqual(self.poll(), 1)

    def test_polling_off_and_archived(self):
        self.gateway.action_polling_off()
        self.assertRecordValues(self.gateway, [{"polling": "off", "state": "disabled"}])
        self.assertEqual(self.poll(), 0)
        self.gateway.action_polling_on()
        self.gateway.active = False
        self.assertEqual(self.poll(), 0)

    def test_lease_of_another_run(self):
        now = epoch("2026-07-01 00:00:30")
        until = datetime(2026, 7, 1, 0, 0, 30) + LEASE
        self.gateway.write({"lease_until": until, "lease_owner": "another"})
        self.assertEqual(self.poll(now), 0)
        self.assertEqual(self.gateway.lease_owner, "another")
        self.assertEqual(self.poll(now + LEASE.total_seconds()), 1, "the lease of a killed process runs out")

    def test_lease_lost_meanwhile(self):
        """A run that took longer than its lease keeps its readings and leaves the state to the run that took over."""

        def take_over(_gateways, **_options):
            self.gateway.with_env(gateways.env).lease_owner = "another"
            return run_sweep(_gateways, **_options)

        with self.polling() as gateways, patch(f"{POLLING}.run_sweep", take_over):
            gateways._poll_due(epoch("2026-07-01 00:00:30"))
        self.assertEqual(len(self.readings(self.forward_1)), 1)
        self.assertRecordValues(self.gateway, [{"state": "never", "lease_owner": "another"}])

    def test_locked_gateway_is_skipped(self):
        other = self._create_gateway("line B", self.line.port)
        gateway_class = type(self.gateway)

        def only_other(records, **_options):
            return records.filtered(lambda gateway: gateway.id == other.id)

        with patch.object(gateway_class, "try_lock_for_update", only_other):
            self.assertEqual(self.poll(), 1)
        self.assertFalse(self.line.requests)

    def test_failure_of_one_gateway_is_its_own(self):
        """Whatever goes wrong while one gateway's readings are stored is journalled; the others get theirs."""
        second = self._create_gateway("line B", self.line.port)
        self.meter_2.modbus_gateway_id = second
        reading_class = type(self.env["energy.reading"])
        append = reading_class._append

        def fail_for_meter_1(readings, indicator_ids, *arguments, **options):
            if self.forward_1.id in indicator_ids:
                raise ZeroDivisionError("boom")
            return append(readings, indicator_ids, *arguments, **options)

        with patch.object(reading_class, "_append", fail_for_meter_1), mute_logger(STORING):
            self.assertEqual(self.poll(epoch("2026-07-01 00:00:30")), 2)
        self.assertEqual(len(self.readings(self.forward_2)), 1)
        self.assertEqual(second.state, "ok")
        self.assertRecordValues(self.gateway, [{"state": "silent", "lease_until": False}])
        self.assertIn("ZeroDivisionError: boom", self.gateway.last_error)
        self.assertIn("boom", self.journal().error)

    def _two_gateways(self):
        second = self._create_gateway("line B", self.line.port)
        self.meter_2.modbus_gateway_id = second
        return second

    def test_gateways_are_stored_together(self):
        """One batch for both; each has its own figures in the journal."""
        second = self._two_gateways()
        reading_class = type(self.env["energy.reading"])
        append = reading_class._append
        batches = []

        def watch(readings, indicator_ids, *arguments, **options):
            batches.append(sorted(indicator_ids))
            return append(readings, indicator_ids, *arguments, **options)

        with patch.object(reading_class, "_append", watch):
            self.assertEqual(self.poll(epoch("2026-07-01 00:00:30")), 2)
        self.assertEqual(batches, [sorted((self.forward_1 | self.power_1 | self.forward_2).ids)])
        self.assertRecordValues(self.journal(), [{"points_ok": 2, "stored": 2, "refused": 0, "state": "ok"}])
        self.assertRecordValues(self.journal(second), [{"points_ok": 1, "stored": 1, "refused": 0, "state": "ok"}])
        self.assertRecordValues(self.gateway | second, [{"state": "ok", "lease_until": False}] * 2)

    def test_many_readings_are_stored_in_portions(self):
        second = self._two_gateways()
        with patch(f"{STORING}.READINGS_AT_ONCE", 2):
            self.poll(epoch("2026-07-01 00:00:30"))
        self.assertRecordValues(self.journal() | self.journal(second), [{"stored": 2}, {"stored": 1}])

    def test_readings_known_already_are_counted_where_they_belong(self):
        second = self._two_gateways()
        now = epoch("2026-07-01 00:00:30")
        self.poll(now)
        self._set_meters(forward_1=111.0, forward_2=200.0)
        (self.gateway | second).write({"next_poll": False})
        self.poll(now)
        self.assertRecordValues(self.journal()[0], [{"stored": 0, "duplicates": 1, "differing": 1}])
        self.assertRecordValues(self.journal(second)[0], [{"stored": 0, "duplicates": 1, "differing": 0}])

    def test_a_reading_that_is_refused_is_its_gateways(self):
        """The indicator is gone by the time its reading comes."""
        second = self._two_gateways()

        def delete(_gateways, **_options):
            results = run_sweep(_gateways, **_options)
            self.env.cr.execute("DELETE FROM energy_dirty WHERE indicator_id = %s", [self.power_1.id])
            self.env.cr.execute("DELETE FROM energy_indicator WHERE id = %s", [self.power_1.id])
            return results

        with patch(f"{POLLING}.run_sweep", delete):
            self.poll(epoch("2026-07-01 00:00:30"))
        self.assertRecordValues(self.journal(), [{"points_ok": 2, "stored": 1, "refused": 1, "state": "partial"}])
        self.assertRecordValues(self.journal(second), [{"points_ok": 1, "stored": 1, "refused": 0, "state": "ok"}])

    def test_values_follow(self):
        day = {"node_id": self.meter_1.id, "template_id.code": "EL.FWD", "date": "2026-07-01"}
        domain = [(field, "=", value) for field, value in day.items()]
        self.poll(epoch("2026-06-30 15:59:00"))
        self._set_meters(forward_1=108.0, forward_2=200.0)
        self.poll(epoch("2026-06-30 16:01:00"))
        self._set_meters(forward_1=184.0, forward_2=200.0)
        self.poll(epoch("2026-07-01 16:00:00"))
        self.assertEqual(self.env["energy.value"].search(domain).value, 80.0)

    def test_calculation_never_costs_a_reading(self):
        calculation_class = type(self.env["energy.calculation"])
        failing = patch.object(calculation_class, "_process_company", side_effect=ZeroDivisionError("no value"))
        with failing, mute_logger(POLLING):
            self.poll(epoch("2026-07-01 00:00:30"))
        self.assertEqual(len(self.readings(self.forward_1)), 1)
        self.assertEqual(self.gateway.state, "ok")
        cron = self.env.ref("energy_carbon.ir_cron_energy_calculation")
        self.assertTrue(self.env["ir.cron.trigger"].search_count([("cron_id", "=", cron.id)]))
        self.assertTrue(self.env["energy.dirty"].search_count([("indicator_id", "=", self.forward_1.id)]))

    def test_collector_failure_is_that_gateways_own(self):
        second = self._create_gateway("line B", self.line.port)
        self.meter_2.modbus_gateway_id = second

        def stumble(gateways, **options):
            if self.gateway.id in [gateway.key for gateway in gateways]:
                raise RuntimeError("broken")
            return run_sweep(gateways, **options)

        with patch(f"{POLLING}.run_sweep", stumble), mute_logger(POLLING):
            self.poll(epoch("2026-07-01 00:00:30"))
        self.assertIn("RuntimeError: broken", self.gateway.last_error)
        self.assertIn("RuntimeError: broken", self.journal().error)
        self.assertEqual(self.gateway.next_poll, datetime(2026, 7, 1, 0, 1))
        self.assertEqual(second.state, "ok")
        self.assertEqual(len(self.readings(self.forward_2)), 1)

    def test_planning_failure_is_that_gateways_own(self):
        second = self._create_gateway("line B", self.line.port)
        self.meter_2.modbus_gateway_id = second
        self.env.cr.execute("UPDATE energy_modbus_gateway SET framer = 'unknown' WHERE id = %s", [self.gateway.id])
        self.gateway.invalidate_recordset()
        with mute_logger(POLLING):
            self.poll(epoch("2026-07-01 00:00:30"))
        self.assertRecordValues(self.gateway, [{"state": "silent", "lease_until": False}])
        self.assertIn("ValueError", self.gateway.last_error)
        self.assertEqual(second.state, "ok")

    def test_readings_that_cannot_be_stored(self):
        """A clock more than a day ahead: PostgreSQL takes nothing, and the journal says why."""
        ahead = datetime.now(UTC) + timedelta(days=3)
        self.poll(ahead.timestamp())
        self.assertRecordValues(self.journal(), [{"stored": 0, "refused": 3, "state": "partial"}])
        self.assertIn("not stored", self.gateway.last_error)

    def test_time_is_up(self):
        """What was not reached is read next time, and is not called silent."""
        with patch(f"{POLLING}.SWEEP_SECONDS", 0.0):
            self.poll(epoch("2026-07-01 00:00:30"))
        self.assertEqual(self.gateway.state, "partial")
        self.assertIn("within the time", self.gateway.last_error)
        self.assertRecordValues(self.meter_1, [{"modbus_state": "never"}])
        self.assertIn("Not reached", self.meter_1.modbus_last_error)
        self.assertEqual(self.gateway.health["next_unit"], 1)
        self.poll(epoch("2026-07-01 00:01:30"))
        self.assertRecordValues(self.gateway, [{"state": "ok", "last_error": False}])

    def test_nothing_to_read(self):
        (self.forward_1 | self.power_1 | self.forward_2).active = False
        self.poll(epoch("2026-07-01 00:00:30"))
        self.assertEqual(self.gateway.state, "idle")
        self.assertIn("Nothing to read", self.gateway.last_error)
        self.assertFalse(self.line.requests)
        self.assertFalse(self.journal())

    def test_meters_that_are_not_read(self):
        self.meter_1.collection = "typed"
        self.meter_2.meter_state = "faulty"
        self.poll(epoch("2026-07-01 00:00:30"))
        self.assertEqual(self.gateway.state, "idle")
        self.assertIn("Not read", self.meter_1.modbus_hint)

    def test_meter_no_longer_read_keeps_no_old_error(self):
        self._set_meters(forward_2=200.0)
        self.poll(epoch("2026-07-01 00:00:30"))
        self.meter_1.meter_state = "spare"
        self.poll(epoch("2026-07-01 00:01:30"))
        self.assertRecordValues(self.meter_1, [{"modbus_state": "never", "modbus_last_error": False}])
        self.meter_2.meter_state = "spare"
        self.poll(epoch("2026-07-01 00:02:30"))
        self.assertEqual(self.meter_2.modbus_state, "never")

    def test_all_companies(self):
        """The scheduled action runs without a user's companies in mind."""
        other = self._create_company("Other Castings")
        plant = self.env["energy.node"].create({"name": "Other plant", "kind": "unit", "company_id": other.id})
        meter = self._create_meter("Other meter", plant, company_id=other.id)
        gateway = self._create_gateway("line O", self.line.port, company_id=other.id, node_id=plant.id)
        meter.write({"modbus_gateway_id": gateway.id, "modbus_unit": 2, "modbus_map_id": self.adl400.id})
        indicator = self._create_indicator(meter, "EL.FWD")
        self.assertEqual(self.poll(epoch("2026-07-01 00:00:30")), 2)
        self.assertEqual(self.env["energy.reading"].sudo().search_count([("indicator_id", "=", indicator.id)]), 1)

    def test_scheduled_action(self):
        cron = self.env.ref("energy_carbon_modbus.ir_cron_energy_modbus_poll")
        with self.enter_registry_test_mode():
            cron.method_direct_trigger()
        self.assertEqual(self.gateway.state, "ok")
        self.assertEqual(len(self.readings(self.forward_1)), 1)
        self.assertTrue(cron.active)

    def test_read_now(self):
        self.poll(epoch("2026-07-01 00:00:30"))
        cron = self.env.ref("energy_carbon_modbus.ir_cron_energy_modbus_poll")
        self.gateway.with_user(self.engineer).action_poll_now()
        self.assertTrue(self.env["ir.cron.trigger"].search_count([("cron_id", "=", cron.id)]))
        self.assertFalse(self.gateway.next_poll)

    def test_old_polls_are_vacuumed(self):
        self.poll(epoch("2026-07-01 00:00:30"))
        old, new = self.journal(), self.journal().copy({"start": fields.Datetime.now()})
        self.env["energy.modbus.poll"]._gc_old_polls()
        self.assertFalse(old.exists())
        self.assertTrue(new.exists())
