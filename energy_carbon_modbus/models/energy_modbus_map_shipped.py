"""The point tables the addon brings along, from the lists in its data folder. Extends energy.modbus.map."""

from odoo import api, models

from ..tools.shipped_tables import ShippedPoint, ShippedTable, shipped_tables

MODULE = "energy_carbon_modbus"


class EnergyModbusMapShipped(models.Model):
    """Creates what is shipped; called once by the data file and by the migration that adds models."""

    _inherit = "energy.modbus.map"

    @api.model
    def _load_shipped_tables(self):
        """Create the shipped tables that are not there, under xml ids of their own, and leave the others alone.

        Whoever changed or deleted one keeps it so: the data file calls this when the addon is installed, not when it is
        updated.
        """
        tables = self.with_context(tracking_disable=True)
        templates = self.env["energy.indicator.template"].with_context(active_test=False).search([("code", "!=", False)])
        by_code = {template.code: template for template in templates}
        for shipped in shipped_tables():
            if not self.env.ref(f"{MODULE}.map_{shipped.name}", raise_if_not_found=False):
                tables._create_shipped(shipped, by_code)

    def _create_shipped(self, shipped: ShippedTable, templates: dict):
        """One table with its points, and what hangs them together."""
        table = self._load_records([self._shipped_row(f"map_{shipped.name}", shipped.values)])
        names = {point.name: f"point_{shipped.name}_{point.name}" for point in shipped.points}
        points = table.point_ids._load_records(
            [
                self._shipped_row(names[point.name], dict(self._point_values(point, templates), map_id=table.id))
                for point in shipped.points
            ]
        )
        by_name = dict(zip(names, points, strict=True))
        for point in shipped.points:
            if point.decimal:
                by_name[point.name].decimal_point_id = by_name[point.decimal]
        if shipped.history:
            values = dict(shipped.history, map_id=table.id)
            history = table.history_ids._load_records([self._shipped_row(f"history_{shipped.name}", values)])
            for point in shipped.points:
                if point.frozen:
                    by_name[point.name].write({"history_id": history.id, "frozen_point_id": by_name[point.frozen].id})

    @api.model
    def _shipped_row(self, name: str, values: dict) -> dict:
        return {"xml_id": f"{MODULE}.{name}", "values": values, "noupdate": True}

    @api.model
    def _point_values(self, point: ShippedPoint, templates: dict) -> dict:
        values = dict(point.values)
        template = templates.get(values.pop("template"), self.env["energy.indicator.template"])
        named = values.pop("uom")
        uom = named and self.env.ref(named, raise_if_not_found=False)
        # A unit is only named where it is another one than the indicator's.
        values["uom_id"] = uom.id if uom and template.uom_id and uom != template.uom_id else False
        return dict(values, template_id=template.id)
