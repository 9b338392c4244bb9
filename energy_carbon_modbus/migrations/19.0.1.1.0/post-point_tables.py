"""29 more meter models are shipped: a database that has the addon already gets their point tables, too."""

from odoo import SUPERUSER_ID, api


def migrate(cr, version):
    """Create the tables that are not there; those that are stay as they are, with all that was changed in them."""
    if version:
        api.Environment(cr, SUPERUSER_ID, {})["energy.modbus.map"]._load_shipped_tables()
