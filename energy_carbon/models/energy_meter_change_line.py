"""The registers of one counter at a meter event."""

from odoo import fields, models


class EnergyMeterChangeLine(models.Model):
    """Closing register of what was, opening register of what is (表底, 止码); either may be unknown."""

    _name = "energy.meter.change.line"
    _description = "Registers at a Meter Event"
    _check_company_auto = True
    _order = "change_id, id"

    change_id = fields.Many2one("energy.meter.change", required=True, index=True, ondelete="cascade")
    indicator_id = fields.Many2one(
        "energy.indicator", string="Counter", required=True, ondelete="restrict", index=True, check_company=True
    )
    has_closing = fields.Boolean(string="Closing Known")
    closing = fields.Float(string="Closing Register", digits=(16, 4))
    has_opening = fields.Boolean(string="Opening Known")
    opening = fields.Float(string="Opening Register", digits=(16, 4))
    node_id = fields.Many2one(related="change_id.node_id", store=True, index=True, precompute=True)
    company_id = fields.Many2one(related="change_id.company_id", store=True, index=True, precompute=True)

    _one_line = models.UniqueIndex("(change_id, indicator_id)", "Each counter has one line at an event.")
    _not_negative = models.Constraint("CHECK (closing >= 0 AND opening >= 0)", "A register is never below zero.")
