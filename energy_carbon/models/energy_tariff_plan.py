"""The calendar of a tariff: its picture by version, and the proof of a year."""

from odoo import api, fields, models

from ..calculation.special_days import special_days


class EnergyTariff(models.Model):
    """What hangs on the tariff as a whole when its periods are looked at."""

    _inherit = "energy.tariff"

    calendar_plan = fields.Json(compute="_compute_calendar_plan", string="Calendar")

    @api.depends("kind", "version_ids.date_from", "version_ids.day_plan", "version_ids.document")
    @api.depends_context("lang")
    def _compute_calendar_plan(self):
        """The picture of each version, the one that holds today chosen first."""
        today = fields.Date.context_today(self)
        for tariff in self:
            versions = tariff.version_ids.filtered("date_from").sorted("date_from")
            holding = versions.filtered(lambda version: version.date_from <= today)
            tariff.calendar_plan = {
                "versions": [
                    {"label": version._plan_label(), "plan": version.day_plan}
                    for version in versions
                    if version.day_plan
                ],
                "chosen": max(len(holding) - 1, 0),
            }

    # === ACTION METHODS === #
    def action_check(self):
        """Open the proof of this year: one period for each minute, a price for each period."""
        self._ensure_asked_one()
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Check Tariff"),
            "res_model": "energy.tariff.check",
            "views": [(False, "form")],
            "target": "new",
            "context": {"default_tariff_id": self.id, "dialog_size": "extra-large"},
        }

    def action_from_calendar(self):
        """Open the wizard that adds the periods of a published calendar to this tariff."""
        self._ensure_asked_one()
        action = self.env["ir.actions.act_window"]._for_xml_id("energy_carbon.energy_tariff_from_calendar_action")
        return {**action, "context": {"default_tariff_id": self.id, "default_company_id": self.company_id.id}}

    # === BUSINESS METHODS === #
    def _editions(self) -> list:
        """Versions as the engine sees them, by first day, with the special days of the company."""
        self.ensure_one()
        specials = special_days(self.env, self.company_id)
        return [
            version._edition(specials, version.date_from.toordinal())
            for version in self.version_ids.sorted("date_from")
        ]
