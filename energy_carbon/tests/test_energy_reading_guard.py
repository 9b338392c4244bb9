"""An indicator that has readings cannot be deleted: PostgreSQL itself refuses, whoever asks."""

from datetime import UTC, datetime

import psycopg2

from odoo.exceptions import UserError
from odoo.tests import tagged
from odoo.tools import mute_logger

from ..calculation import readings, retention
from .plant import PlantCase

MOMENT = datetime(2026, 7, 14, 16)
# A month that no other test, and no demo plant, has readings of.
OTHER = datetime(2031, 5, 6)


@tagged("post_install", "-at_install")
class TestEnergyReadingGuard(PlantCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        meter = cls.node("M1", "meter", cls.plant, energy_type_id=cls.type("EL").id)
        cls.counter, cls.gauge = cls.add(meter, "EL.FWD"), cls.add(meter, "EL.P")
        cls.read_at(cls.counter, (MOMENT, 5.0))
        cls.env.flush_all()

    def _is_refused(self, query, *params, error=psycopg2.errors.RestrictViolation):
        with mute_logger("odoo.sql_db"), self.assertRaises(error), self.env.cr.savepoint(flush=False):
            self.env.cr.execute(query, params)

    def _delete(self, indicator):
        """Delete an indicator and what computing made of it, by SQL."""
        for table in ("energy_dirty", "energy_value", "energy_value_month", "energy_profile"):
            self.env.cr.execute(f"DELETE FROM {table} WHERE indicator_id = %s", [indicator.id])
        self.env.cr.execute("DELETE FROM energy_indicator WHERE id = %s", [indicator.id])

    def _is_held(self, indicator):
        """Whether PostgreSQL refuses to delete it; nothing is deleted in the end."""
        savepoint = self.env.cr.savepoint(flush=False)
        try:
            with mute_logger("odoo.sql_db"):
                self._delete(indicator)
        except psycopg2.errors.ForeignKeyViolation:
            return True
        finally:
            savepoint.close(rollback=True)
        return False

    def test_people_are_told_to_archive(self):
        with self.assertRaises(UserError):
            self.counter.unlink()

    def test_raw_delete_is_refused(self):
        self.assertTrue(self._is_held(self.counter))
        self.assertFalse(self._is_held(self.gauge), "it has no readings")

    def test_staged_readings_hold_too(self):
        """Not newer than what is stored: the other way in."""
        self.read_at(self.gauge, (MOMENT, 1.0), (MOMENT, 2.0))
        self.assertTrue(self._is_held(self.gauge))

    def test_raw_inserts_hold_too(self):
        insert = "INSERT INTO {} (indicator_id, time, value) VALUES (%s, %s, 1.0)"
        savepoint = self.env.cr.savepoint(flush=False)
        self.env.cr.execute(insert.format(readings.TABLE), [self.gauge.id, MOMENT])
        self.assertTrue(self._is_held(self.gauge))
        savepoint.close(rollback=True)
        moment = int(OTHER.replace(tzinfo=UTC).timestamp())
        readings.ensure_partitions(self.env.cr, moment, moment)
        self.env.cr.execute(insert.format(f"{readings.TABLE}_2031_05"), [self.gauge.id, OTHER])
        self.assertTrue(self._is_held(self.gauge), "a partition made later, named by itself")

    def test_reading_of_nobody_is_refused(self):
        nobody = (1 << 31) - 1
        insert = f"INSERT INTO {readings.TABLE} (indicator_id, time, value) VALUES (%s, %s, 1.0)"
        self._is_refused(insert, nobody, MOMENT, error=psycopg2.errors.ForeignKeyViolation)

    def test_a_reading_keeps_its_indicator(self):
        for table in (readings.TABLE, f"{readings.TABLE}_2026_07"):
            self._is_refused(f"UPDATE {table} SET indicator_id = %s WHERE indicator_id = %s", self.gauge.id, self.counter.id)

    def test_the_list_cannot_be_thinned(self):
        self._is_refused("DELETE FROM energy_reading_indicator WHERE indicator_id = %s", self.counter.id)
        self._is_refused("UPDATE energy_reading_indicator SET indicator_id = %s", self.gauge.id)
        self._is_refused("TRUNCATE energy_reading_indicator")

    def test_what_is_kept_of_dropped_months_is_guarded(self):
        self.read_at(self.counter, (datetime(2026, 8, 20), 9.0))
        retention.drop(self.env.cr, datetime(2026, 8, 1).date())
        self.assertTrue(self._is_held(self.counter))
        self.env.cr.execute(
            f"INSERT INTO {readings.KEPT} (indicator_id, time, value) VALUES (%s, %s, 1.0)", [self.gauge.id, MOMENT]
        )
        self.assertTrue(self._is_held(self.gauge))
