"""The energy profile of a company: how it measures time, which coal basis it reports, how deep its metering goes."""

from odoo import fields, models
from odoo.addons.base.models.res_partner import _tz_get


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

    def write(self, vals):
        """Slots, time zone and start of the day decide how readings fall into days."""
        result = super().write(vals)
        if {"energy_timezone", "energy_slot_minutes", "energy_start_hour"} & vals.keys():
            leaves = (
                self.env["energy.indicator"]
                .sudo()
                .search([("company_id", "in", self.ids), ("source", "!=", "computed")])
            )
            self.env["energy.calculation"]._mark(leaves)
        return result
