"""Keeps an indicator that has readings from being deleted. Knows no reading, only who has any.

A foreign key of the readings themselves would be checked, and its indicator locked, row by row: more work than storing
them. Instead ``energy_reading_indicator`` lists the indicators that have readings, once each, and has the foreign key
(ON DELETE RESTRICT). A trigger enters who is missing, set-wise after each statement that inserts readings, in its
transaction: so an indicator's first reading locks it like any foreign key, and from then on its row, which nobody can
delete, holds it for good. Whether a transaction sees that row matters to nobody: who does not see it enters it again and
is refused, or made to try again, by its unique key.
"""

from odoo.sql_db import db_connect
from odoo.tools import SQL

HOLDERS = "energy_reading_indicator"
NOTE, REFUSE = "energy_reading_note_indicators", "energy_reading_keep_indicators"
# Who does not come by this time is waited for by nobody.
LOCK_TIMEOUT = "30s"

# The plan is made anew for each statement, which may bring one reading or a hundred thousand.
CREATE = f"""
CREATE TABLE IF NOT EXISTS {HOLDERS} (
    indicator_id integer PRIMARY KEY REFERENCES energy_indicator (id) ON DELETE RESTRICT
);
CREATE OR REPLACE FUNCTION {NOTE}() RETURNS trigger LANGUAGE plpgsql SET plan_cache_mode = force_custom_plan AS $$
BEGIN
    INSERT INTO {HOLDERS} (indicator_id)
    SELECT DISTINCT r.indicator_id FROM new_readings r
     WHERE NOT EXISTS (SELECT FROM {HOLDERS} h WHERE h.indicator_id = r.indicator_id)
  ORDER BY r.indicator_id
        ON CONFLICT DO NOTHING;
    RETURN NULL;
END $$;
CREATE OR REPLACE FUNCTION {REFUSE}() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'An indicator keeps its readings: % of % is refused', TG_OP, TG_TABLE_NAME
          USING ERRCODE = 'restrict_violation';
END $$;
"""
# For the parent and each partition: a statement fires the triggers of the table that it names.
TRIGGERS = f"""
CREATE TRIGGER {NOTE} AFTER INSERT ON %(table)s REFERENCING NEW TABLE AS new_readings
   FOR EACH STATEMENT EXECUTE FUNCTION {NOTE}();
CREATE TRIGGER {REFUSE} BEFORE UPDATE OF indicator_id ON %(table)s FOR EACH STATEMENT EXECUTE FUNCTION {REFUSE}();
"""
HOLDERS_TRIGGER = f"""
CREATE TRIGGER {REFUSE} BEFORE UPDATE OR DELETE OR TRUNCATE ON {HOLDERS} FOR EACH STATEMENT EXECUTE FUNCTION {REFUSE}()
"""
HAS_TRIGGER = "SELECT 1 FROM pg_trigger WHERE tgrelid = %s::regclass AND tgname = %s"
PARTITIONS = "SELECT inhrelid::regclass::text FROM pg_inherits WHERE inhparent = %s::regclass"
FOREIGN_KEY = """
    SELECT conname FROM pg_constraint
     WHERE conrelid = %s::regclass AND contype = 'f' AND confrelid = 'energy_indicator'::regclass
"""
# From one indicator with readings to the next, by the readings' primary key.
WITH_READINGS = """
    WITH RECURSIVE one AS (
         SELECT MIN(indicator_id) AS id FROM %(table)s
          UNION ALL
         SELECT (SELECT MIN(indicator_id) FROM %(table)s WHERE indicator_id > one.id) FROM one WHERE one.id IS NOT NULL)
    SELECT id FROM one WHERE id IS NOT NULL
"""


def create(cursor, table: str) -> None:
    """Guard the readings of a table and its partitions, as far as that is not done; run at every update."""
    cursor.execute(CREATE)
    if not _has_trigger(cursor, HOLDERS, REFUSE):
        cursor.execute(HOLDERS_TRIGGER)
    _replace_foreign_key(cursor, table)
    cursor.execute(PARTITIONS, [table])
    for name in [table, *(row[0] for row in cursor.fetchall())]:
        guard(cursor, name)


def guard(cursor, table: str) -> None:
    """Guard the readings that will be inserted into a table; those in it have their indicators listed already."""
    if not _has_trigger(cursor, table, NOTE):
        cursor.execute(SQL(TRIGGERS, table=SQL.identifier(table)))


def drop(cursor) -> None:
    """Remove all this, after the readings; for uninstallation only."""
    cursor.execute(f"DROP TABLE IF EXISTS {HOLDERS}; DROP FUNCTION IF EXISTS {NOTE}(), {REFUSE}()")


def _has_trigger(cursor, table: str, name: str) -> bool:
    cursor.execute(HAS_TRIGGER, [table, name])
    return bool(cursor.fetchone())


def _replace_foreign_key(cursor, table: str) -> None:
    """Let the list take the place of the foreign key that the readings of earlier versions had."""
    cursor.execute(FOREIGN_KEY, [table])
    names = [row[0] for row in cursor.fetchall()]
    if not names:
        return
    name = SQL.identifier(table)
    cursor.execute(SQL("LOCK TABLE %s IN SHARE ROW EXCLUSIVE MODE", name))
    # What others committed before the lock is seen by a transaction that begins behind it: ours may be older.
    with db_connect(cursor.dbname).cursor() as fresh:
        fresh.execute(SQL("SELECT set_config('lock_timeout', %s, TRUE)", LOCK_TIMEOUT))
        fresh.execute(SQL(WITH_READINGS, table=name))
        indicators = [row[0] for row in fresh.fetchall()]
    cursor.execute(f"INSERT INTO {HOLDERS} SELECT unnest(%s::int4[]) ON CONFLICT DO NOTHING", [indicators])
    for constraint in names:
        cursor.execute(SQL("ALTER TABLE %s DROP CONSTRAINT %s", name, SQL.identifier(constraint)))
