"""What the tests of a database's life share: Odoo's commands with their log, PostgreSQL asked, what uninstalling leaves."""

import configparser
import os
import re
import subprocess

import psycopg2

from tests import odoo_session

ADDONS = ("energy_carbon_reports", "energy_carbon_modbus", "energy_carbon")
UNINSTALL = f"""
env["ir.module.module"].search([("name", "in", {ADDONS!r})]).button_immediate_uninstall()
"""
INSTALL = f"""
env["ir.module.module"].search([("name", "in", {ADDONS!r})]).button_immediate_install()
"""
# Everything that could stay behind, with the name of the addons or of their tables in it.
LEFT_OVER = {
    "relation": "SELECT relname FROM pg_class WHERE relname LIKE 'energy%' AND relkind IN ('r', 'p', 'S', 'v', 'i', 'I')",
    "type": "SELECT typname FROM pg_type WHERE typname LIKE 'energy%'",
    "function": "SELECT proname FROM pg_proc WHERE proname LIKE 'energy%'",
    "column": """SELECT table_name || '.' || column_name FROM information_schema.columns
                  WHERE column_name ~ '(^|_)energy_' AND table_schema = 'public'""",
    "constraint": "SELECT conname FROM pg_constraint WHERE conname ~ 'energy'",
    "trigger": """SELECT tgname FROM pg_trigger
                   WHERE tgrelid::regclass::text ~ 'energy' OR tgconstrrelid::regclass::text ~ 'energy'""",
    "model": "SELECT model FROM ir_model WHERE model LIKE 'energy.%'",
    "field": "SELECT model || '.' || name FROM ir_model_fields WHERE name LIKE 'energy\\_%'",
    "data": "SELECT module || '.' || name FROM ir_model_data WHERE module LIKE 'energy\\_carbon%'",
    "parameter": "SELECT key FROM ir_config_parameter WHERE key LIKE 'energy\\_carbon%'",
    "cron": "SELECT cron_name FROM ir_cron WHERE cron_name LIKE 'Energy%'",
    "attachment": "SELECT res_model || ' ' || name FROM ir_attachment WHERE res_model LIKE 'energy.%'",
    "message": "SELECT model FROM mail_message WHERE model LIKE 'energy.%'",
    "follower": "SELECT res_model FROM mail_followers WHERE res_model LIKE 'energy.%'",
    "group": "SELECT name->>'en_US' FROM res_groups WHERE name->>'en_US' LIKE 'Energy%'",
    "menu": "SELECT name->>'en_US' FROM ir_ui_menu WHERE name->>'en_US' LIKE 'Energy%'",
}

COMPLAINT = re.compile(r" (WARNING|ERROR|CRITICAL) ")
# What Python warns of in the code of others (a library says that it is deprecated) is no complaint about these addons.
FOREIGN = re.compile(r" WARNING \S+ py\.warnings: (?!\S*/energy_carbon)")


def connect(database: str):
    """A connection to PostgreSQL, without Odoo."""
    options = configparser.ConfigParser()
    options.read(os.environ["EC_ODOO_CONF"])
    known = {key: options["options"].get(f"db_{key}") for key in ("host", "port", "user", "password")}
    return psycopg2.connect(dbname=database, **{key: value for key, value in known.items() if value})


def ask(database: str, query: str) -> list[tuple]:
    """What a query gives, without Odoo."""
    connection = connect(database)
    try:
        with connection.cursor() as cursor:
            cursor.execute(query)
            return cursor.fetchall()
    finally:
        connection.close()


def run_logged(command: str, *arguments: str, script: str = "") -> str:
    """Run an Odoo command, refuse whatever its log warns of, and return what it prints."""
    words = odoo_session.odoo_command(command, *arguments, "--no-http", "--log-level=warn")
    done = subprocess.run(words, input=script, capture_output=True, text=True, check=False)
    log = [line for line in done.stderr.splitlines() if COMPLAINT.search(line) and not FOREIGN.search(line)]
    assert (done.returncode, log) == (0, []), done.stderr
    return done.stdout


def left_over(database: str) -> dict[str, list[tuple]]:
    """What of the addons is still in a database, by kind; nothing after they were uninstalled."""
    found = {kind: ask(database, query) for kind, query in LEFT_OVER.items()}
    return {kind: rows for kind, rows in found.items() if rows}
