"""The journal of polls."""

from datetime import timedelta

from odoo import api, fields, models

from ..tools.messages import gateway_text
from .energy_modbus_gateway import GATEWAY_STATES

KEPT_DAYS = 30
DELETED_AT_ONCE = 10_000


class EnergyModbusPoll(models.Model):
    """One poll of one gateway: what was asked, what came, what was stored. Written by the scheduled action only."""

    _name = "energy.modbus.poll"
    _inherit = ["energy.wall.mixin"]
    _description = "Modbus Poll"
    _order = "start desc, id desc"
    _rec_name = "start"

    gateway_id = fields.Many2one("energy.modbus.gateway", required=True, readonly=True, ondelete="cascade")
    company_id = fields.Many2one(related="gateway_id.company_id", store=True, index=True, precompute=True)
    start = fields.Datetime(required=True, readonly=True, index=True)
    seconds = fields.Float(
        readonly=True, digits=(10, 3), aggregator="avg", help="From the first request to the last answer."
    )
    requests = fields.Integer(readonly=True)
    round_trip = fields.Float(
        string="Round-trip Time (ms)",
        readonly=True,
        digits=(10, 2),
        aggregator="avg",
        help="From a request to its answer, on average over the meters that answered; 0 when none did.",
    )
    points_ok = fields.Integer(string="Points Read", readonly=True)
    points_failed = fields.Integer(readonly=True)
    stored = fields.Integer(string="Readings Stored", readonly=True)
    duplicates = fields.Integer(
        readonly=True, help="Readings that were there already with the same value, for instance after a restart."
    )
    differing = fields.Integer(
        readonly=True, help="Second values for a time that already had another one. The first one stays."
    )
    refused = fields.Integer(readonly=True, help="Readings that were not stored; the error says why.")
    state = fields.Selection(GATEWAY_STATES, readonly=True)
    error_detail = fields.Json(readonly=True)
    error = fields.Char(compute="_compute_error")

    _by_gateway = models.Index("(gateway_id, start DESC)")

    # === COMPUTE METHODS === #
    @api.depends("error_detail")
    @api.depends_context("lang")
    def _compute_error(self):
        for poll in self:
            gateway = poll.gateway_id
            poll.error = gateway_text(self.env, poll.error_detail, gateway._address())

    # === BUSINESS METHODS === #
    @api.autovacuum
    def _gc_old_polls(self):
        limit = fields.Datetime.now() - timedelta(days=KEPT_DAYS)
        polls = self.search([("start", "<", limit)], limit=DELETED_AT_ONCE)
        polls.unlink()
        return len(polls), len(polls) == DELETED_AT_ONCE
