"""The development environment: gets Odoo and PostgreSQL, makes databases, runs every test. No addon imports it."""
