"""Installation and uninstallation of what the ORM does not know about."""

from odoo.tools import SQL

from .calculation import profiles, readings


def post_init_hook(env):
    """Make the first partitions of the readings and the calculation row of every company."""
    readings.ensure_ahead(env.cr)
    env.cr.execute(
        "INSERT INTO energy_calculation (company_id, run) SELECT id, 0 FROM res_company ON CONFLICT DO NOTHING"
    )


def uninstall_hook(env):
    """Remove what Odoo does not know of, and what would keep it from removing the rest.

    Odoo deletes the shipped records first, while people's records still refer to them, and drops the tables afterwards.
    """
    readings.drop_table(env.cr)
    profiles.drop_table(env.cr)
    for table, constraint in _foreign_keys(env.cr):
        env.cr.execute(SQL("ALTER TABLE %s DROP CONSTRAINT %s", SQL.identifier(table), SQL.identifier(constraint)))
    # Without indicators, a factor that goes makes nobody compute.
    env.cr.execute("DELETE FROM energy_indicator")
    env["ir.config_parameter"].search([("key", "=like", "energy_carbon.%")]).unlink()


def _foreign_keys(cursor) -> list[tuple[str, str]]:
    """Foreign keys of the product's own tables: (table, constraint)."""
    cursor.execute(
        r"""SELECT t.relname, c.conname FROM pg_constraint c JOIN pg_class t ON t.oid = c.conrelid
             WHERE c.contype = 'f' AND t.relname LIKE 'energy\_%' AND t.relnamespace = current_schema()::regnamespace"""
    )
    return cursor.fetchall()
