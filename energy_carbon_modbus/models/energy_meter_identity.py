"""What a meter says of itself over Modbus: serial number and transformer ratios. Extends energy.node.

The ledger is what counts. A meter that says something else proposes a meter event, which a person confirms.
"""

from datetime import timedelta

from odoo import fields, models

from ..collector.codec import decode, decode_text
from ..collector.point import Point

RATIOS = {"ct_ratio": "ct", "pt_ratio": "pt"}
PURPOSES = (*RATIOS, "serial_number")
ASK_EVERY = timedelta(hours=1)
RATIO_TOLERANCE = 1e-4  # ratio registers have whole numbers or four digits


class EnergyMeterIdentity(models.Model):
    """A meter whose point table has a serial number or a transformer ratio; written by the poll."""

    _inherit = "energy.node"

    modbus_serial = fields.Char(
        string="Serial Number Read", readonly=True, copy=False, help="What the meter gave as its serial number."
    )
    modbus_ct_ratio = fields.Float(string="CT Ratio Read", readonly=True, copy=False, digits=0, aggregator=None)
    modbus_pt_ratio = fields.Float(string="PT Ratio Read", readonly=True, copy=False, digits=0, aggregator=None)
    modbus_identity_on = fields.Datetime(string="Identity Read On", readonly=True, copy=False)

    def _modbus_identity_points(self) -> list:
        """The table's points by which the meter says who it is; empty when they need not be asked for now.

        Asked each hour, and whenever the meter was silent: who swaps a meter switches it off.
        """
        self.ensure_one()
        silent = self.modbus_state not in ("ok", "partial")
        if not silent and self.modbus_identity_on and self.modbus_identity_on > fields.Datetime.now() - ASK_EVERY:
            return []
        asked = PURPOSES if self._ratio_matters() else ("serial_number",)
        return [point for point in self.modbus_map_id.point_ids if point.enabled and point.purpose in asked]

    def _take_modbus_identity(self, said: dict[str, tuple[Point, tuple[int, ...]]], time):
        """Compare what a meter said with what is known; another value proposes a meter event.

        :param said: point and its registers by purpose, good answers only
        :param time: when the meter was first asked in this round, UTC
        """
        self.ensure_one()
        known = {"modbus_identity_on": time}
        found = {purpose: self._identity_value(purpose, *answer) for purpose, answer in said.items()}
        if serial := found.get("serial_number"):
            if self._is_other_serial(serial):
                self._propose_swap(serial, time)
            known["modbus_serial"] = serial
        ratios = {purpose: found[purpose] for purpose in RATIOS if found.get(purpose)}
        if any(self._is_other_ratio(purpose, value) for purpose, value in ratios.items()):
            self._propose_ratio(ratios, time)
        known.update({f"modbus_{purpose}": value for purpose, value in ratios.items()})
        self.sudo().write(known)

    def _identity_value(self, purpose: str, point: Point, registers: tuple[int, ...]):
        """Text of a serial number, number of a ratio; None when the meter says that it has none."""
        if point.datatype == "string":
            return decode_text(point, registers) or None
        value = decode(point, registers).value
        if value is None or purpose in RATIOS:
            return value
        return f"{value:.0f}" if value == int(value) else f"{value}"

    # === SERIAL NUMBER === #
    def _is_other_serial(self, serial: str) -> bool:
        """Whether another meter hangs there than before; the ledger's number counts until one was read."""
        if self.modbus_serial:
            return self.modbus_serial != serial
        return bool(self.serial_number) and not _is_same_serial(self.serial_number, serial)

    def _propose_swap(self, serial: str, time):
        """A swap at the moment the new meter first answered, or what the calculation took for a fallen register."""
        events = self.env["energy.meter.change"].sudo()
        fallen = events.search(
            [
                ("node_id", "=", self.id),
                ("state", "=", "proposed"),
                ("kind", "=", "reset"),
                ("found_by", "=", "calculation"),
                ("time", ">=", self.modbus_identity_on or time),
                ("time", "<=", time),
            ],
            order="time",
            limit=1,
        )
        note = self.env._(
            "The meter now gives the serial number %(new)s (before: %(old)s). Confirm when it was replaced.",
            new=serial,
            old=self.modbus_serial or self.serial_number,
        )
        if fallen:
            fallen.write({"kind": "swap", "serial_number": serial, "note": note})
        else:
            self._propose_event(time, kind="swap", serial_number=serial, note=note)

    # === RATIOS === #
    def _is_other_ratio(self, purpose: str, value: float) -> bool:
        """Whether a ratio differs from the ledger's and was not proposed before."""
        ledger, _typed = self._ledger_ratio(purpose)
        return not _is_close(value, ledger) and not _is_close(value, self[f"modbus_{purpose}"])

    def _ledger_ratio(self, purpose: str) -> tuple[float, bool]:
        """The ledger's ratio, 1 when none is typed, and whether one is."""
        side = RATIOS[purpose]
        primary, secondary = self[f"{side}_primary"], self[f"{side}_secondary"]
        return (primary / secondary, True) if primary and secondary else (1.0, False)

    def _ratio_matters(self) -> bool:
        """A meter whose registers count on the primary side needs no ratio in the ledger; with one it must be right."""
        typed = any(self._ledger_ratio(purpose)[1] for purpose in RATIOS)
        return typed or any(self.sudo().indicator_ids.mapped("secondary_side"))

    def _propose_ratio(self, ratios: dict[str, float], time):
        values = {name: self[name] for name in ("ct_primary", "ct_secondary", "pt_primary", "pt_secondary")}
        for purpose, value in ratios.items():
            side = RATIOS[purpose]
            if not _is_close(value, self._ledger_ratio(purpose)[0]):
                secondary = self[f"{side}_secondary"] or 1.0
                values.update({f"{side}_primary": value * secondary, f"{side}_secondary": secondary})
        note = self.env._(
            "The meter is set to CT %(ct)s and PT %(pt)s. The ledger says CT %(ledger_ct)s and PT %(ledger_pt)s. Confirm "
            "when the transformers were changed; correct the meter's setting when they were not.",
            ct=f"{ratios.get('ct_ratio', 0.0):g}" if "ct_ratio" in ratios else "-",
            pt=f"{ratios.get('pt_ratio', 0.0):g}" if "pt_ratio" in ratios else "-",
            ledger_ct=f"{self._ledger_ratio('ct_ratio')[0]:g}",
            ledger_pt=f"{self._ledger_ratio('pt_ratio')[0]:g}",
        )
        self._propose_event(time, kind="ratio", note=note, **values)

    def _propose_event(self, time, **values):
        """Put an event before somebody, unless one of that moment waits already."""
        events = self.env["energy.meter.change"].sudo()
        taken = [("node_id", "=", self.id), ("time", "=", time), ("state", "!=", "dismissed")]
        if events.search_count(taken, limit=1):
            return
        ratios = {name: self[name] for name in ("ct_primary", "ct_secondary", "pt_primary", "pt_secondary")}
        events.create(
            {
                **ratios,
                "node_id": self.id,
                "time": time,
                "found_by": "calculation",
                "old_ratio": self.ratio or 1.0,
                **values,
            }
        )


def _is_close(one: float, other: float) -> bool:
    return abs(one - other) <= RATIO_TOLERANCE * max(abs(one), abs(other))


def _is_same_serial(one: str, other: str) -> bool:
    """The type plate's number and the register's: leading zeros, blanks and what stands before the number differ."""
    first, second = (text.replace(" ", "").replace("-", "").lstrip("0").upper() for text in (one, other))
    return first.endswith(second) or second.endswith(first)
