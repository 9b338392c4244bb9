"""What there is to try with reports. Extends energy.guide."""

from __future__ import annotations

from odoo import api, fields, models
from odoo.addons.energy_carbon.tools.guide import Button, Step


class EnergyGuide(models.AbstractModel):
    _inherit = "energy.guide"

    @api.model
    def _steps(self) -> list[Step]:
        return [*super()._steps(), self._report_step()]

    def _report_step(self) -> Step:
        texts = [
            self.env._(
                "%(month)s of your unit: consumption, standard coal, carbon and, with the right to see prices, cost. A click "
                "on a figure explains it, the arrows go a month on or back, and the Excel file has the same figures.",
                month=self._month_label(self._month()),
            )
        ]
        buttons = [Button("report", self.env._("Energy Report"), lambda: self._open_report("none"))]
        return Step("report", 60, self.env._("Read the report"), texts, buttons)

    def _compare_step(self) -> Step:
        step = super()._compare_step()
        step.buttons.append(Button("report", self.env._("As a Report"), lambda: self._open_report("previous")))
        return step

    def _open_report(self, compare: str) -> dict:
        """The report of the month to look at, of the unit at which the reader begins."""
        action = self.env["ir.actions.client"]._for_xml_id("energy_carbon_reports.energy_report_action")
        params = {"period_kind": "month", "date_from": fields.Date.to_string(self._month()), "compare": compare}
        return dict(action, params=params)
