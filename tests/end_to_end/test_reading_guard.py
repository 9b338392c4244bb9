"""An indicator's first reading and its deletion at the same time, in connections of their own, by SQL as by anybody."""

import contextlib

import pytest
from psycopg2.errors import ForeignKeyViolation, LockNotAvailable, SerializationFailure

from tests.end_to_end.database_life import connect, run_logged

BUILD = """
nodes = env["energy.node"]
plant = nodes.create({"name": "Plant", "kind": "unit", "unit_type": "plant"})
template = env["energy.indicator.template"].search([("code", "=", "EL.FWD")])
meters = nodes.create([{"name": f"Meter {number}", "kind": "meter", "parent_id": plant.id,
                        "energy_type_id": env.ref("energy_carbon.type_el").id} for number in range(3)])
indicators = env["energy.indicator"].create([{"node_id": meter.id, "template_id": template.id} for meter in meters])
env["energy.reading"]._append([indicators[2].id], [1780000000], [1.0])
env.cr.commit()
print(*indicators.ids)
"""
INSERT = "INSERT INTO energy_reading_raw (indicator_id, time, value) VALUES (%s, %s, 1.0)"
DELETE = "DELETE FROM energy_indicator WHERE id = %s"
MOMENT, LATER = "2026-11-02 03:04:05", "2026-11-02 03:05:05"
# How readings were guarded in earlier versions.
OLD = """
    DROP TABLE energy_reading_indicator CASCADE;
    DROP FUNCTION energy_reading_note_indicators CASCADE;
    DROP FUNCTION energy_reading_keep_indicators CASCADE;
    ALTER TABLE energy_reading_raw ADD FOREIGN KEY (indicator_id) REFERENCES energy_indicator (id) ON DELETE RESTRICT;
"""
TRIGGERS = """
    SELECT tgrelid::regclass::text, pg_get_triggerdef(oid) FROM pg_trigger
     WHERE NOT tgisinternal AND tgrelid::regclass::text LIKE 'energy_reading%' ORDER BY 1, 2
"""
HELD = "SELECT indicator_id FROM energy_reading_indicator"


@pytest.fixture
def people(odoo_database, run_odoo_script):
    """Two connections as Odoo's are, and three indicators, the last of which has a reading."""
    indicators = [int(word) for word in run_odoo_script(BUILD).split()[-3:]]
    with contextlib.ExitStack() as stack:
        first, second = (stack.enter_context(contextlib.closing(connect(odoo_database))) for _ in range(2))
        for connection in (first, second):
            connection.set_session("REPEATABLE READ")
        with first, first.cursor() as cursor:
            # What else refers to an indicator is no matter here.
            cursor.execute("DELETE FROM energy_dirty")
        yield first, second, indicators


def does(connection, query: str, *params):
    """Run a query that does not wait for long."""
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL lock_timeout = '300ms'")
        cursor.execute(query, params)


def waits(connection, query: str, *params):
    """The query waits for somebody."""
    with pytest.raises(LockNotAvailable):
        does(connection, query, *params)
    connection.rollback()


def test_reading_first(people):
    first, second, (one, _other, _read) = people
    does(first, INSERT, one, MOMENT)
    waits(second, DELETE, one)
    first.commit()
    with pytest.raises(ForeignKeyViolation):
        does(second, DELETE, one)


def test_deletion_first(people):
    first, second, (one, other, _read) = people
    does(first, DELETE, one)
    waits(second, INSERT, one, MOMENT)
    first.commit()
    with pytest.raises(ForeignKeyViolation):
        does(second, INSERT, one, MOMENT)
    second.rollback()
    does(first, DELETE, other)
    waits(second, INSERT, other, MOMENT)
    first.rollback()
    does(second, INSERT, other, MOMENT)


def test_deletion_by_one_who_does_not_see_the_reading(people):
    """A snapshot from before the reading was committed."""
    first, second, (one, _other, _read) = people
    does(second, "SELECT 1")
    does(first, INSERT, one, MOMENT)
    first.commit()
    with pytest.raises((ForeignKeyViolation, SerializationFailure)):
        does(second, DELETE, one)


def test_readings_by_one_who_does_not_see_the_first(people):
    """Two people have an indicator's first readings: the second one tries again and gets his in."""
    first, second, (one, _other, _read) = people
    does(second, "SELECT 1")
    does(first, INSERT, one, MOMENT)
    waits(second, INSERT, one, LATER)
    does(second, "SELECT 1")
    first.commit()
    with pytest.raises(SerializationFailure):
        does(second, INSERT, one, LATER)
    second.rollback()
    does(second, INSERT, one, LATER)


def test_later_readings_hinder_nobody(people):
    """Readings of an indicator that has some do not lock it: what people change of it does not wait for them."""
    first, second, (_one, _other, read) = people
    does(first, INSERT, read, MOMENT)
    does(second, "SELECT 1 FROM energy_indicator WHERE id = %s FOR UPDATE", read)
    second.rollback()
    with pytest.raises(ForeignKeyViolation):
        does(second, DELETE, read)


def test_upgrade_of_a_database_with_the_old_foreign_key(people, odoo_database):
    first, second, (one, other, read) = people
    with first, first.cursor() as cursor:
        cursor.execute(TRIGGERS)
        triggers = cursor.fetchall()
        cursor.execute(OLD)
        cursor.execute(INSERT, [one, MOMENT])
    run_logged("server", "-d", odoo_database, "-u", "energy_carbon", "--stop-after-init", "--max-cron-threads=0")
    with first, first.cursor() as cursor:
        cursor.execute(TRIGGERS)
        assert cursor.fetchall() == triggers
        cursor.execute("SELECT COUNT(*) FROM pg_constraint WHERE contype = 'f' AND conrelid = 'energy_reading_raw'::regclass")
        assert cursor.fetchone() == (0,)
        cursor.execute(HELD)
        assert sorted(cursor.fetchall()) == [(one,), (read,)]
    with pytest.raises(ForeignKeyViolation):
        does(second, DELETE, one)
    second.rollback()
    does(second, DELETE, other)
    second.rollback()
