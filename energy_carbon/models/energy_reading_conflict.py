"""A second, different value for the moment of a reading."""

from odoo import fields, models


class EnergyReadingConflict(models.Model):
    """What arrived for a moment that already had a reading; the first one stays. Written by acquisition."""

    _name = "energy.reading.conflict"
    _inherit = ["energy.wall.mixin"]
    _description = "Differing Reading"
    _order = "time desc, id desc"
    _rec_name = "indicator_id"
    _log_access = False

    indicator_id = fields.Many2one("energy.indicator", required=True, readonly=True, index=True, ondelete="cascade")
    time = fields.Datetime(string="Time of the Reading", required=True, readonly=True)
    stored_value = fields.Float(string="Stored Register", readonly=True)
    refused_value = fields.Float(string="Refused Register", readonly=True)
    arrived = fields.Datetime(readonly=True)
    node_id = fields.Many2one(related="indicator_id.node_id", store=True, index=True)
    company_id = fields.Many2one(related="indicator_id.company_id", store=True, index=True)

    _one_each = models.UniqueIndex("(indicator_id, time, refused_value)")
