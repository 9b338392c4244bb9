"""The registers of one counter at a meter event."""

from odoo import api, fields, models
from odoo.exceptions import ValidationError


class EnergyMeterChangeLine(models.Model):
    """Closing register of what was, opening register of what is (表底, 止码); either may be unknown."""

    _name = "energy.meter.change.line"
    _inherit = ["energy.wall.mixin"]
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

    # === CONSTRAINT METHODS === #
    @api.constrains("indicator_id", "change_id")
    def _check_counter(self):
        """What happened to a meter happened to its own registers."""
        for line in self:
            counter = line.indicator_id
            if counter.company_id != line.company_id:
                continue  # refused as such
            if counter.node_id != line.node_id or counter.kind != "counter":
                raise ValidationError(
                    self.env._(
                        "%(indicator)s is no counter of %(meter)s: choose one of the meter's own counters.",
                        indicator=counter.display_name,
                        meter=line.node_id.display_name,
                    )
                )

    # === CRUD METHODS === #
    @api.model_create_multi
    def create(self, vals_list):
        lines = super().create(vals_list)
        if not self.env.su:  # what arrives as a whole, confirmed already, is told by the program
            lines.change_id._refuse_decided()
        return lines

    def write(self, vals):
        self.change_id._refuse_decided()
        result = super().write(vals)
        self.change_id._refuse_decided()
        return result

    @api.ondelete(at_uninstall=False)
    def _unlink_except_confirmed(self):
        self.change_id._refuse_decided()
