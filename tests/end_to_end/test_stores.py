"""The stores that the ORM does not know (readings in partitions, profiles) through the life of a database.

Duplicated, dumped and restored, upgraded, uninstalled and installed again, with real readings, a month whose readings were
dropped, and values. What is compared is read from PostgreSQL directly.
"""

from datetime import date, timedelta

import pytest

from tests import odoo_session
from tests.end_to_end.database_life import INSTALL, UNINSTALL, ask, left_over, run_logged
from tests.end_to_end.workers import workers

DROP = """
env["ir.config_parameter"].set_param("energy_carbon.reading_retention_months", "2")
env["energy.calculation"]._cron_close_day()
env["energy.calculation"]._cron_process()
env.cr.commit()
"""
APPEND = """
import time
indicator = env["energy.indicator"].search([("kind", "=", "counter")], limit=1)
last = indicator.last_register
result = env["energy.reading"]._append([indicator.id], [int(time.time())], [last + 1.0])
assert result["stored"] == 1, result
env["energy.calculation"]._cron_process()
env.cr.commit()
assert indicator.last_register == last + 1.0
print("appended")
"""
STRUCTURE = """
    SELECT c.relname, c.relkind::text, pg_get_expr(c.relpartbound, c.oid), con.def, i.def, t.def
      FROM pg_class c
 LEFT JOIN LATERAL (SELECT string_agg(conname || ' ' || pg_get_constraintdef(oid), '; ' ORDER BY conname) AS def
                      FROM pg_constraint WHERE conrelid = c.oid) con ON TRUE
 LEFT JOIN LATERAL (SELECT string_agg(pg_get_indexdef(indexrelid), '; ' ORDER BY pg_get_indexdef(indexrelid)) AS def
                      FROM pg_index WHERE indrelid = c.oid) i ON TRUE
 LEFT JOIN LATERAL (SELECT string_agg(pg_get_triggerdef(oid), '; ' ORDER BY tgname) AS def
                      FROM pg_trigger WHERE tgrelid = c.oid AND NOT tgisinternal) t ON TRUE
     WHERE c.relname LIKE 'energy%' AND c.relnamespace = 'public'::regnamespace ORDER BY 1
"""
TABLES = r"""
    SELECT relname FROM pg_class WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace
       AND relname ~ '^energy_(reading|value|profile|basis|entry|dirty)'
"""
PARTITIONS = "SELECT relname FROM pg_class WHERE relispartition AND relkind = 'r' ORDER BY 1"


def contents(database: str) -> dict[str, tuple[int, str]]:
    """Number of rows and a checksum of every table with readings, values or what they are made of."""
    return {
        table: ask(database, f"SELECT COUNT(*), MD5(STRING_AGG(t::text, '|' ORDER BY t::text)) FROM {table} t")[0]
        for [table] in ask(database, TABLES)
    }


def fill(database: str) -> None:
    """Seven months of readings up to yesterday, computed; the readings older than two months dropped."""
    begin = (date.today().replace(day=1) - timedelta(days=200)).replace(day=1)
    days = (date.today() - begin).days
    with workers(database, 1) as (worker,):
        worker.do("build", plant="many_readings", name="Stores", meters=4, days=days, begin=begin.isoformat())
    odoo_session.run_script(database, DROP)


@pytest.fixture(scope="module")
def filled():
    """A database with everything in its stores; tests only read it, or work on copies."""
    if not odoo_session.is_available():
        pytest.fail("no Odoo to test with: run `make test ONLY=tests/end_to_end`")
    with odoo_session.database() as name:
        fill(name)
        yield name


@pytest.fixture
def copy(filled):
    """A copy of it that a test may change."""
    name = f"{filled}_copy"
    odoo_session.run_odoo("db", "duplicate", filled, name)
    try:
        yield name
    finally:
        odoo_session.run_odoo("db", "drop", name)


def test_the_filled_database(filled):
    """The other tests compare something: all stores hold rows, and some readings were dropped."""
    counts = {table: count for table, (count, _sum) in contents(filled).items()}
    partitions = [row[0] for row in ask(filled, PARTITIONS)]
    assert "energy_reading_raw_before" in partitions
    assert 0 < counts["energy_reading_raw_before"] < 4 * 100
    assert counts["energy_reading_retention"] >= 4
    assert counts["energy_value"] > 4 * 180
    assert counts["energy_profile"] > 4 * 180
    assert counts["energy_dirty"] == 0
    ahead = f"energy_reading_raw_{date.today() + timedelta(days=62):%Y_%m}"
    assert ahead in partitions, "partitions are made ahead"


def test_duplicate(filled, copy):
    assert ask(copy, STRUCTURE) == ask(filled, STRUCTURE)
    assert contents(copy) == contents(filled)
    assert "appended" in odoo_session.run_script(copy, APPEND)


def test_dump_and_restore(filled, tmp_path):
    dump, name = tmp_path / "dump.zip", f"{filled}_restored"
    odoo_session.run_odoo("db", "dump", filled, str(dump))
    odoo_session.run_odoo("db", "load", name, str(dump))
    try:
        assert ask(name, STRUCTURE) == ask(filled, STRUCTURE)
        assert contents(name) == contents(filled)
        assert "appended" in odoo_session.run_script(name, APPEND)
    finally:
        odoo_session.run_odoo("db", "drop", name)


def test_upgrade(filled, copy):
    run_logged("server", "-d", copy, "-u", "energy_carbon", "--stop-after-init", "--max-cron-threads=0")
    assert ask(copy, STRUCTURE) == ask(filled, STRUCTURE)
    assert contents(copy) == contents(filled)
    assert "appended" in odoo_session.run_script(copy, APPEND)


def test_uninstall_and_install_again(copy):
    run_logged("shell", "-d", copy, script=UNINSTALL)
    assert left_over(copy) == {}
    run_logged("shell", "-d", copy, script=INSTALL)
    assert [row[0] for row in ask(copy, PARTITIONS)] != []
    fill(copy)
    assert contents(copy)["energy_value"][0] > 4 * 180
    assert "appended" in odoo_session.run_script(copy, APPEND)
