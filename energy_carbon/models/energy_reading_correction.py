"""A reading that was wrong, and what it should have been."""

from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError

from ..tools.inner_step import within
from .energy_wall_mixin import KEPT


class EnergyReadingCorrection(models.Model):
    """Old register, new register, who and why. The reading itself stays; the correction is laid over it when read.

    Made by Energy managers; a correction is taken back by deleting it.
    """

    _name = "energy.reading.correction"
    _inherit = ["energy.wall.mixin"]
    _description = "Reading Correction"
    _order = "time desc, id desc"
    _rec_name = "indicator_id"
    _kept_fields = frozenset({"old_value", "user_id"})

    indicator_id = fields.Many2one("energy.indicator", required=True, index=True, ondelete="restrict")
    time = fields.Datetime(string="Time of the Reading", required=True)
    old_value = fields.Float(string="Register as Read", readonly=True, copy=False)
    ignore = fields.Boolean(string="Leave the Reading Out")
    value = fields.Float(string="Corrected Register")
    reason = fields.Char(required=True)
    user_id = fields.Many2one("res.users", default=lambda self: self.env.user, readonly=True, required=True, copy=False)
    node_id = fields.Many2one(related="indicator_id.node_id", store=True, index=True, precompute=True)
    company_id = fields.Many2one(related="indicator_id.company_id", store=True, index=True, precompute=True)

    _one_each = models.UniqueIndex("(indicator_id, time)", "This reading is already corrected: change that correction.")
    _not_negative = models.Constraint("CHECK (value >= 0)", "A register is never below zero.")

    # === COMPUTE METHODS === #
    @api.depends("indicator_id", "time")
    @api.depends_context("lang", "tz")
    def _compute_display_name(self):
        for correction in self:
            local = correction.time and fields.Datetime.context_timestamp(correction, correction.time)
            time = f"{local:%Y-%m-%d %H:%M:%S}" if local else ""
            correction.display_name = f"{correction.indicator_id.display_name or ''}, {time}"

    # === CONSTRAINT METHODS === #
    @api.constrains("reason")
    def _check_reason(self):
        for correction in self:
            if not (correction.reason or "").strip():
                raise ValidationError(self.env._("A correction needs a reason."))

    # === CRUD METHODS === #
    @api.model_create_multi
    def create(self, vals_list):
        corrections = super().create(vals_list)
        for correction in corrections:
            self.env["energy.reading"]._refuse_closed(correction.sudo().indicator_id, correction.time)
            within(correction, KEPT).old_value = correction._reading()
        corrections._mark()
        for correction in corrections:
            correction._note_change(correction.old_value, correction._corrected())
        return corrections

    def write(self, vals):
        if {"indicator_id", "time"} & vals.keys():
            raise UserError(self.env._("A correction stays with its reading. Delete it and make a new one."))
        before = {correction.id: correction._corrected() for correction in self}
        result = super().write(vals)
        if {"value", "ignore"} & vals.keys():
            within(self, KEPT).user_id = self.env.user
            self._mark()
            for correction in self:
                correction._note_change(before[correction.id], correction._corrected())
        return result

    def unlink(self):
        self._mark()
        for correction in self:
            correction._note_change(correction._corrected(), correction.old_value)
        return super().unlink()

    def _reading(self) -> float:
        """The register as it was read at that moment."""
        self.env.cr.execute(
            "SELECT value FROM energy_reading_raw WHERE indicator_id = %s AND time = %s",
            [self.indicator_id.id, self.time],
        )
        row = self.env.cr.fetchone()
        if row is None:
            raise UserError(
                self.env._("%(indicator)s has no reading at that time.", indicator=self.indicator_id.display_name)
            )
        return row[0]

    # === BUSINESS METHODS === #
    def _corrected(self):
        """The register that counts, empty where the reading is left out."""
        return "" if self.ignore else self.value

    def _mark(self):
        for correction in self.sudo():
            self.env["energy.reading"]._mark_around(correction.indicator_id, correction.time, correction)

    def _note_change(self, old, new):
        indicator = self.sudo().indicator_id
        first, last = self.env["energy.reading"]._days_around(indicator, self.time)
        self.env["energy.restatement"]._note(
            "correction", self, old, new, first, last, reason=self.reason, indicators=indicator
        )
