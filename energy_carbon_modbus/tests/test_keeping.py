"""Nothing read is lost: PostgreSQL that fails, outages that records fill, values that cannot be true."""

import os
import shutil
import tempfile
from datetime import datetime, timedelta
from pathlib import Path
from unittest.mock import patch

import numpy as np
import psycopg2

from odoo.tests import BaseCase, tagged
from odoo.tools import config, mute_logger

from ..tools.batch_spool import BATCH, BatchSpool
from ..tools.plausibility import DOUBTFUL, GOOD, Expectation, quality
from ..tools.polling import is_due
from .common import ModbusCommon, long_registers
from .test_polling import epoch

BATCHES = "odoo.addons.energy_carbon_modbus.models.energy_modbus_batch"
STORING = "odoo.addons.energy_carbon_modbus.models.energy_modbus_storing"


@tagged("post_install", "-at_install")
class TestKeeping(ModbusCommon):
    def setUp(self):
        super().setUp()
        folder = tempfile.mkdtemp(prefix="ec-spool-")
        self.addCleanup(shutil.rmtree, folder)
        self.startPatcher(patch.dict(config.options if hasattr(config, "options") else config, {"data_dir": folder}))
        uuid = self.env["ir.config_parameter"].sudo().get_param("database.uuid")
        self.spool = BatchSpool(config["data_dir"], uuid)

    def failing(self, error):
        """PostgreSQL fails after the sweep, while readings are written."""
        return patch.object(type(self.env["energy.reading"]), "_append", side_effect=error)

    def test_postgresql_failing_mid_write_keeps_the_batch(self):
        with self.failing(psycopg2.OperationalError("server closed the connection")), mute_logger(STORING):
            self.poll(epoch("2026-07-01 00:00:30"))
        self.assertFalse(self.readings(self.forward_1))
        [(place, batch)] = self.spool.batches()
        self.assertEqual(len(batch), 3)
        self.assertFalse(list(place.parent.glob("*.tmp")))
        self._set_meters(forward_1=101.0, forward_2=201.0)
        self.poll(epoch("2026-07-01 00:01:30"))
        self.assertEqual(
            self.readings(self.forward_1),
            [(datetime(2026, 7, 1, 0, 0, 30), 100.0), (datetime(2026, 7, 1, 0, 1, 30), 101.0)],
        )
        self.assertEqual(list(self.spool.batches()), [])

    def test_postgresql_failing_mid_write_keeps_the_batch_of_every_gateway(self):
        second = self._create_gateway("line B", self.line.port)
        self.meter_2.modbus_gateway_id = second
        with self.failing(psycopg2.OperationalError("server closed the connection")), mute_logger(STORING):
            self.poll(epoch("2026-07-01 00:00:30"))
        self.assertFalse(self.readings(self.forward_1))
        batches = sorted(sorted(batch["indicator"].tolist()) for _place, batch in self.spool.batches())
        self.assertEqual(batches, sorted([sorted((self.forward_1 | self.power_1).ids), self.forward_2.ids]))
        self.poll(epoch("2026-07-01 00:01:30"))
        for indicator in (self.forward_1, self.forward_2):
            self.assertEqual(len(self.readings(indicator)), 2)
        self.assertEqual(list(self.spool.batches()), [])

    def test_kept_batch_is_written_though_no_gateway_is_due(self):
        with self.failing(psycopg2.OperationalError("gone")), mute_logger(STORING):
            self.poll(epoch("2026-07-01 00:00:30"))
        self.gateway.action_polling_off()
        self.assertEqual(self.poll(epoch("2026-07-01 00:00:40")), 0)
        self.assertEqual(len(self.readings(self.forward_1)), 1)

    def test_kept_batch_stored_twice_is_stored_once(self):
        with self.failing(psycopg2.OperationalError("gone")), mute_logger(STORING):
            self.poll(epoch("2026-07-01 00:00:30"))
        [(place, batch)] = self.spool.batches()
        self.poll(epoch("2026-07-01 00:01:30"))
        self.spool.keep(1, batch)
        self.poll(epoch("2026-07-01 00:02:30"))
        self.assertEqual(len(self.readings(self.forward_1)), 3)

    def test_half_written_batch_is_put_aside(self):
        self.spool.keep(1, np.zeros(1, BATCH)).write_bytes(b"half")
        self.poll(epoch("2026-07-01 00:00:30"))
        self.assertEqual(len(self.readings(self.forward_1)), 1)
        self.assertEqual(len(list(self.spool.folder.glob("*.bad"))), 1)

    def test_batch_of_another_database_is_left_alone(self):
        other = BatchSpool(config["data_dir"], "another-database")
        other.keep(1, np.zeros(1, BATCH))
        self.poll(epoch("2026-07-01 00:00:30"))
        self.assertEqual(len(list(other.batches())), 1)

    def test_the_same_sweep_twice_stores_once(self):
        now = epoch("2026-07-01 00:00:30")
        self.poll(now)
        self.gateway.next_poll = False
        self.poll(now)
        self.assertEqual(len(self.readings(self.forward_1)), 1)
        self.assertRecordValues(self.journal()[0], [{"stored": 0, "duplicates": 3, "differing": 0}])

    # === PLAUSIBILITY === #
    def quality_of_last(self):
        return self.env["energy.reading"].search([("indicator_id", "=", self.forward_1.id)], limit=1).quality

    def test_single_zero_is_doubtful_and_stays(self):
        qualities = []
        for minute, register in enumerate((100.0, 0.0, 101.0)):
            self._set_meters(forward_1=register, forward_2=200.0)
            self.poll(epoch(f"2026-07-01 00:0{minute}:30"))
            qualities.append(self.quality_of_last())
        self.assertEqual(qualities, ["1", "3", "1"])
        self.assertEqual([value for _time, value in self.readings(self.forward_1)], [101.0, 0.0, 100.0][::-1])

    def test_rollover_is_plausible(self):
        self.meter_1.register_maximum = 1000.0
        self._set_meters(forward_1=995.0, forward_2=200.0)
        self.poll(epoch("2026-07-01 00:00:30"))
        self._set_meters(forward_1=3.0, forward_2=200.0)
        self.poll(epoch("2026-07-01 00:01:30"))
        self.assertEqual(self.quality_of_last(), "1")

    def test_more_than_the_rated_power_is_doubtful(self):
        self.meter_1.parent_id = self.device_1
        self.device_1.rated_power = 60.0
        for minute, register, expected in ((0, 100.0, "1"), (1, 101.0, "1"), (2, 150.0, "3"), (3, 151.0, "1")):
            self._set_meters(forward_1=register, forward_2=200.0)
            self.poll(epoch(f"2026-07-01 00:0{minute}:30"))
            self.assertEqual(self.quality_of_last(), expected, register)


@tagged("post_install", "-at_install")
class TestBackfill(ModbusCommon):
    def test_24_hour_outage_then_backfill(self):
        """The ADL400 froze its register at midnight; after the outage the gap is filled from there."""
        self.adl400.history_ids.unlink()
        history = self.env["energy.modbus.map.history"].create(
            {"map_id": self.adl400.id, "name": "days", "address": 0x6000, "stride": 10, "records": 90}
        )
        register = self.adl400.point_ids.filtered(
            lambda one: one.enabled and one.template_id == self.forward_2.template_id and one.purpose == "value"
        )
        self.env["energy.modbus.map.point"].create(
            {
                "map_id": self.adl400.id,
                "name": "Total at midnight",
                "purpose": "history",
                "function": "3",
                "address": 0x6003,
                "datatype": "uint32",
                "scale": 0.1,
                "uom_id": register.uom_id.id,
                "history_id": history.id,
                "frozen_point_id": register.id,
            }
        )
        self.poll(epoch("2026-07-01 10:00:30"))
        (layout,) = self.meter_2._modbus_histories()
        # Midnight of the second by the meter's clock, which is the company's: 16:00 UTC of the first.
        registers = [26 << 8 | 7, 2 << 8 | 0, 0, *long_registers(2100)]
        self._set_meters(forward_1=150.0, forward_2=220.0)
        self.line.set(2, layout.function, layout.address, registers)
        self.poll(epoch("2026-07-02 10:00:30"))
        moment = datetime(2026, 7, 1, 16)
        self.assertEqual(
            self.readings(self.forward_2),
            [(datetime(2026, 7, 1, 10, 0, 30), 200.0), (moment, 210.0), (datetime(2026, 7, 2, 10, 0, 30), 220.0)],
        )
        self.assertFalse(self.gateway.health["gaps"])
        self.line.requests.clear()
        self.poll(epoch("2026-07-02 10:01:30"))
        self.assertFalse([request for request in self.line.requests if request[2] >= 0x6000], "asked once")


@tagged("post_install", "-at_install")
class TestPlausibility(BaseCase):
    def test_rules(self):
        hourly = Expectation(hourly=60.0)
        last = (1_000_000, 100.0, GOOD)
        self.assertEqual(quality(hourly, 1_000_000 + 3600, 172.0, last), GOOD, "20 % more than rated for an hour")
        self.assertEqual(quality(hourly, 1_000_000 + 3600, 173.0, last), DOUBTFUL)
        self.assertEqual(quality(hourly, 1_000_000 + 1, 101.0, last), GOOD, "a register counts in steps")
        self.assertEqual(quality(hourly, 1_000_000 - 60, 50.0, last), GOOD, "an older reading is not judged by a newer one")
        self.assertEqual(quality(Expectation(), 1_000_060, 99.9, last), DOUBTFUL, "a counter does not fall")
        self.assertEqual(quality(Expectation(), 1_000_060, 0.0, None), GOOD)
        wrap = Expectation(maximum=1000.0)
        self.assertEqual(quality(wrap, 1_000_060, 1.0, (1_000_000, 999.0, GOOD)), GOOD)
        self.assertEqual(quality(wrap, 1_000_060, 1.0, (1_000_000, 500.0, GOOD)), DOUBTFUL)

    def test_due(self):
        now = 1_782_864_000.0
        when = datetime(2026, 7, 1)
        self.assertTrue(is_due(False, now, 60))
        self.assertTrue(is_due(when, now, 60))
        self.assertFalse(is_due(when + timedelta(seconds=60), now, 60))
        self.assertTrue(is_due(when + timedelta(seconds=61), now, 60), "further away than any interval: the clock stepped")

    def test_spool_is_whole_or_not_there(self):
        folder = tempfile.mkdtemp(prefix="ec-spool-")
        self.addCleanup(shutil.rmtree, folder)
        spool = BatchSpool(folder, "uuid")
        batch = np.ones(3, BATCH)
        with patch.object(os, "fsync", side_effect=OSError("disk full")), self.assertRaises(OSError):
            spool.keep(7, batch)
        self.assertEqual(list(spool.batches()), [])
        place = spool.keep(7, batch)
        [(found, read)] = spool.batches()
        self.assertEqual((Path(found), read.tolist()), (place, batch.tolist()))
