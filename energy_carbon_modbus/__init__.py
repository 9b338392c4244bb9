"""Modbus collection: ``collector`` runs without Odoo, the models only when Odoo loads the addon."""

if __name__.startswith("odoo.addons."):
    from . import models, wizard
