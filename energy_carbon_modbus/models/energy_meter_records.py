"""The records a meter froze by itself, by which an outage is filled. Extends energy.node."""

from odoo import models

from ..collector.history import History, scaled


class EnergyMeterRecords(models.Model):
    """A meter whose point table knows of kept records; called by the collection after an outage."""

    _inherit = "energy.node"

    def _modbus_histories(self) -> list[History]:
        """The meter's kept records, values keyed by the indicator id of the register they are a record of.

        A record frozen on the secondary side for a register counting on the primary comes multiplied by CT x PT, and the
        other way round, so that it stands beside that register's readings.
        """
        self.ensure_one()
        indicators = {point: indicator for point, indicator in self._modbus_pairs()}
        histories = []
        for history in self.modbus_map_id.history_ids:
            points = [
                (indicators[point.frozen_point_id], point)
                for point in history.point_ids
                if point.enabled and point.frozen_point_id in indicators
            ]
            if points:
                layout = history._layout(self.modbus_unit, [(indicator.id, point) for indicator, point in points])
                factors = {indicator.id: self._record_factor(indicator, point) for indicator, point in points}
                histories.append(scaled(layout, factors))
        return histories

    def _record_factor(self, indicator, point) -> float:
        """What a kept record is multiplied by to stand beside the indicator's register."""
        factor = point._uom_scale(indicator.uom_id)
        if point.secondary_side and not indicator.secondary_side:
            factor *= self.ratio or 1.0
        elif indicator.secondary_side and not point.secondary_side:
            factor /= self.ratio or 1.0
        return factor
