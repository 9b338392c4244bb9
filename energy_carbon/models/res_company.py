"""The energy profile of a company: how it measures time, which coal basis it reports, how deep its metering goes."""

from odoo import fields, models
from odoo.addons.base.models.res_partner import _tz_get
from odoo.exceptions import UserError

from ..calculation.readings import dropped_span
from ..calculation.retention import first_second, have_dropped

# Settings that decide how readings fall into days and slots.
TIME_SETTINGS = {"energy_timezone", "energy_slot_minutes", "energy_start_hour"}


class ResCompany(models.Model):
    _inherit = "res.company"

    energy_timezone = fields.Selection(
        _tz_get,
        string="Energy Time Zone",
        default="Asia/Shanghai",
        required=True,
        help="Local wall clock of the plants: days, months and tariff periods are cut by it.",
    )
    energy_slot_minutes = fields.Selection(
        [("15", "15 minutes"), ("30", "30 minutes"), ("60", "60 minutes")],
        string="Slot Length",
        default="15",
        required=True,
        help="Length of the slots that counter readings are spread over.",
    )
    energy_start_hour = fields.Integer(
        string="Start of Day",
        default=0,
        help="Hour at which the energy day starts, 0 to 23. With 8, the day of 1 July runs from 1 July 08:00 "
        "to 2 July 08:00.",
    )
    energy_coal_basis = fields.Selection(
        [("calorific", "Calorific"), ("equivalent", "Equivalent")],
        string="Coal Basis",
        default="calorific",
        required=True,
        help="Basis of standard coal shown first. The two are always kept apart and never added.",
    )
    energy_metering_level = fields.Selection(
        [
            ("1", "1 - Plant"),
            ("2", "2 - Workshops and other units"),
            ("3", "3 - Equipment"),
        ],
        string="Metering Level Kept",
        default="2",
        required=True,
        help="How deep metering goes. Units and devices that lack a meter for this level are listed.",
    )
    energy_industry = fields.Char(string="Industry", help="Industry of the energy-using organization.")
    energy_node_properties_definition = fields.PropertiesDefinition(string="Device and Meter Properties")

    _energy_start_hour_range = models.Constraint(
        "CHECK (energy_start_hour BETWEEN 0 AND 23)",
        "The start of the energy day is an hour from 0 to 23.",
    )

    energy_has_figures = fields.Boolean(
        compute="_compute_energy_has_figures",
        compute_sudo=True,
        help="Figures were computed already: time zone, start of day and slot length no longer change without consequences.",
    )

    def _compute_energy_has_figures(self):
        for company in self:
            domain = [("company_id", "=", company.id), ("quality", "!=", "missing")]
            company.energy_has_figures = bool(self.env["energy.value"].search_count(domain, limit=1))

    def write(self, vals):
        """Slots, time zone and start of the day decide how readings fall into days."""
        changed = {company: company._changed_settings(vals) for company in self}
        for company, names in changed.items():
            company._check_days_free(names & {"energy_timezone", "energy_start_hour"})
        result = super().write(vals)
        for company in self:
            if changed[company]:
                self.env["energy.calculation"]._mark(company._energy_leaves())
        return result

    def _changed_settings(self, vals: dict) -> set[str]:
        """Those settings of time that these values change."""
        return {name for name in TIME_SETTINGS & vals.keys() if vals[name] != self[name]}

    def _energy_leaves(self):
        """Indicators whose figures come from outside."""
        domain = [("company_id", "=", self.id), ("source", "!=", "computed")]
        return self.env["energy.indicator"].sudo().search(domain)

    def _check_days_free(self, names: set[str]):
        """Refuse to cut days anew beside days that keep their figures: what was used in between would count twice, or not.

        :param names: settings that change
        :raises UserError: a month is locked, or its readings were dropped
        """
        if not names or not self.energy_has_figures:
            return
        setting = self._fields[min(names)]._description_string(self.env)
        self.env["energy.lock"]._refuse(setting, self._energy_leaves())
        dropped = dropped_span(self.env.cr)
        if dropped and have_dropped(self.env.cr, self._energy_leaves().ids, first_second(self, dropped[1])):
            raise UserError(
                self.env._(
                    "%(setting)s cannot change: the readings before %(month)s were dropped, so those days cannot be computed "
                    "anew.",
                    setting=setting,
                    month=f"{dropped[1]:%Y-%m}",
                )
            )
