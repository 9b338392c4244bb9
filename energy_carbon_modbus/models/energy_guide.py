"""What there is to try with meters on a line: read one, break one. Extends energy.guide."""

from __future__ import annotations

from odoo import api, models
from odoo.addons.energy_carbon.models.energy_guide import ENGINEER, MANAGER
from odoo.addons.energy_carbon.tools.guide import Button, Step

DEMO_METER = "energy_carbon.demo_meter_e03"
LOOPBACK = ("127.0.0.1", "localhost")


class EnergyGuide(models.AbstractModel):
    _inherit = "energy.guide"

    @api.model
    def _steps(self) -> list[Step]:
        return [*super()._steps(), self._live_step(), self._break_step()]

    def _live_step(self) -> Step:
        meter = self._line_meter()
        if meter:
            text = self.env._(
                "%(meter)s hangs on the gateway %(gateway)s as unit %(unit)s. Test Read asks it now and shows every point: "
                "registers, value, the bytes on the line. Nothing of it is stored; what is polled each minute is.",
                meter=meter.name,
                gateway=meter.modbus_gateway_id.name,
                unit=meter.modbus_unit,
            )
        else:
            text = self.env._(
                "No meter that you may see is on a line yet. An Instrument engineer adds a gateway, scans its line and "
                "registers what answers."
            )
        buttons = [
            Button("test_read", self.env._("Test Read"), meter.action_modbus_test_read, (ENGINEER, MANAGER)),
            Button("meter", self.env._("The Meter"), lambda: self._open_meter(meter)),
            Button("gateways", self.env._("Gateways"), lambda: self._modbus_screen("gateway"), self._line_groups(meter)),
        ]
        return Step("live", 10, self.env._("Read a live meter"), [text], buttons if meter else buttons[2:])

    def _break_step(self) -> Step:
        meter = self._line_meter()
        simulated = meter and self._has_demo() and meter.modbus_gateway_id.host in LOOPBACK
        if simulated:
            first = self.env._(
                "Beside make run the meters are simulated. Type the first line in another terminal, in the folder of make "
                "run: %(meter)s falls silent. The second line mends it.",
                meter=meter.name,
            )
        else:
            first = self.env._(
                "Take a meter off its line for a while, or give it a unit address that nothing on the line has. Afterwards, "
                "set it right again."
            )
        texts = [
            first,
            self.env._(
                "The journal names its unit address at the next poll, the others are read as before, and it is asked "
                "less and less often. After five intervals there is an alert, and the person responsible has an activity. "
                "No reading is made up. When it answers again both end by themselves, and what its counter went on "
                "meanwhile is spread over the gap and marked as estimated."
            ),
        ]
        groups = self._line_groups(meter)
        buttons = [
            Button("lines", self.env._("Lines at a Glance"), lambda: self._modbus_screen("dashboard"), groups),
            Button("journal", self.env._("Poll Journal"), lambda: self._modbus_screen("poll"), groups),
            Button("alerts", self.env._("Alerts"), lambda: self._modbus_screen("alert"), groups),
        ]
        place = f"{meter.modbus_gateway_id.port}:{meter.modbus_unit}"
        commands = [f"make fault FAULT={place}:silent", "make repair"] if simulated else []
        return Step("break", 30, self.env._("Break a meter and see what happens"), texts, buttons, commands)

    def _line_groups(self, meter) -> tuple[str, ...]:
        """Who has anything to see of lines: whoever may see one with a meter, and those who set lines up."""
        return () if meter else (ENGINEER, MANAGER)

    # === SCREENS === #
    def _modbus_screen(self, name: str) -> dict:
        return self.env["ir.actions.act_window"]._for_xml_id(f"energy_carbon_modbus.energy_modbus_{name}_action")

    def _open_meter(self, meter) -> dict:
        view = self.env.ref("energy_carbon.energy_node_view_form_meter")
        return self._screen("energy_node_action_meter", res_id=meter.id, views=[(view.id, "form")])

    # === RECORDS === #
    @api.model
    def _line_meter(self):
        """A meter on a line that this person may see: the demo's, else the first that is read."""
        gateways = self.env["energy.modbus.gateway"].search([("company_id", "in", self.env.companies.ids)])
        domain = [
            ("kind", "=", "meter"),
            ("modbus_gateway_id", "in", gateways.ids),
            ("modbus_map_id", "!=", False),
            ("meter_state", "=", "in_use"),
            ("collection", "!=", "typed"),
        ]
        meters = self.env["energy.node"]
        demo = self.env.ref(DEMO_METER, raise_if_not_found=False)
        of_demo = meters.search([*domain, ("id", "=", demo.id)]) if demo else meters
        return of_demo or meters.search(domain, limit=1)
