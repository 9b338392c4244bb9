"""The demo's gateways: a history that polling of the simulator continues without a jump. Extends energy.modbus.gateway."""

from datetime import UTC, date, datetime, time
from zoneinfo import ZoneInfo

from odoo import api, models

from ..collector.demo_plant import DEMO_METERS, readings_at

QUARTER, HOUR = 900, 3600


class EnergyModbusDemo(models.Model):
    """Called by the demo data and the development environment alone; touches no gateway but the demo's two."""

    _inherit = "energy.modbus.gateway"

    @api.model
    def _enable_demo_polling(self):
        """Switch polling on for the demo gateways; called by the development environment beside the simulator."""
        self._demo_gateways().action_polling_on()

    @api.model
    def _load_demo_history(self, date_from: date) -> int:
        """Append what polling the simulated meters would have read: momentary figures hourly, counters since their last
        reading (the demo data of energy_carbon end last midnight) each quarter of an hour.

        :param date_from: first day of the momentary figures, by the company's clock
        :return: readings stored
        """
        found = [reading for meter in self._demo_gateways().meter_ids for reading in self._demo_readings(meter, date_from)]
        if not found:
            return 0
        return self.env["energy.reading"].sudo()._append(*zip(*found, strict=True))["stored"]

    def _demo_gateways(self):
        names = ("demo_gateway_1", "demo_gateway_2")
        gateways = [self.env.ref(f"energy_carbon_modbus.{name}", raise_if_not_found=False) for name in names]
        return self.union(*filter(None, gateways))

    def _demo_readings(self, node, date_from: date) -> list[tuple[int, int, float]]:
        """(indicator id, time, value) of every point of a meter that the simulator knows by port and unit address."""
        place = (node.modbus_gateway_id.port, node.modbus_unit)
        points, _names, _problems = node._modbus_points()
        return [
            reading
            for meter in DEMO_METERS
            for point in points
            if (meter.port, meter.unit_id) == place
            for reading in readings_at(meter, point, self._demo_moments(point.key, date_from))
        ]

    def _demo_moments(self, indicator_id: int, date_from: date) -> range:
        """When an indicator would have been read, UTC seconds."""
        now = int(self.env.cr.now().replace(tzinfo=UTC).timestamp())
        indicator = self.env["energy.indicator"].browse(indicator_id)
        if indicator.kind != "counter":
            zone = ZoneInfo(indicator.company_id.energy_timezone)
            return range(int(datetime.combine(date_from, time(), zone).timestamp()), now + 1, HOUR)
        last = self.env["energy.reading"]._last_readings([indicator_id]).get(indicator_id)
        begin = int(last[0].replace(tzinfo=UTC).timestamp()) + QUARTER if last else now
        return range(begin, now + 1, QUARTER)
