"""Energy reports: matrix builder, screen and XLSX."""

if __name__.startswith("odoo.addons."):
    from . import controllers, models, wizard
