"""The demo's gateways: a history that polling of the simulator continues without a jump. Extends energy.modbus.gateway."""

from datetime import UTC, timedelta
from zoneinfo import ZoneInfo

from odoo import api, models

from ..collector.demo_plant import DEMO_METERS, readings_at

QUARTER = 900


class EnergyModbusDemo(models.Model):
    """Called by the demo data and the development environment alone; touches no gateway but the demo's two."""

    _inherit = "energy.modbus.gateway"

    @api.model
    def _enable_demo_polling(self):
        """Switch polling on for the demo gateways; called by the development environment beside the simulator."""
        self._demo_gateways().action_polling_on()

    @api.model
    def _load_demo_history(self, days: int) -> int:
        """Append what polling the simulated meters every quarter of an hour would have read.

        :param days: whole days before today, by the company's clock
        :return: readings stored
        """
        found = [
            reading
            for meter in self._demo_gateways().meter_ids
            for reading in self._demo_readings(meter, self._demo_times(meter.company_id, days))
        ]
        if not found:
            return 0
        return self.env["energy.reading"].sudo()._append(*zip(*found, strict=True))["stored"]

    def _demo_gateways(self):
        names = ("demo_gateway_1", "demo_gateway_2")
        gateways = [self.env.ref(f"energy_carbon_modbus.{name}", raise_if_not_found=False) for name in names]
        return self.union(*filter(None, gateways))

    def _demo_times(self, company, days: int) -> range:
        """Every quarter of an hour from a midnight on, in seconds since the epoch."""
        now = self.env.cr.now().replace(tzinfo=UTC)
        today = now.astimezone(ZoneInfo(company.energy_timezone)).replace(hour=0, minute=0, second=0, microsecond=0)
        return range(int((today - timedelta(days)).timestamp()), int(now.timestamp()) + 1, QUARTER)

    def _demo_readings(self, node, times: range) -> list[tuple[int, int, float]]:
        """(indicator id, time, value) of every point of a meter that the simulator knows by port and unit address."""
        points, _names, _problems = node._modbus_points()
        place = (node.modbus_gateway_id.port, node.modbus_unit)
        meters = [meter for meter in DEMO_METERS if (meter.port, meter.unit_id) == place]
        return [reading for meter in meters for reading in readings_at(meter, points, times)]
