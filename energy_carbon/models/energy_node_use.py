"""Which unit uses which energy type, and how."""

from odoo import api, fields, models
from odoo.exceptions import ValidationError


class EnergyNodeUse(models.Model):
    """One energy type at one unit in one role: purchased, used, made, sold or recovered.

    Kept by Energy managers when the plant is set up; it says what indicators the unit needs.
    """

    _name = "energy.node.use"
    _description = "Energy Use of a Unit"
    _order = "node_id, energy_type_id, role, id"
    _check_company_auto = True

    node_id = fields.Many2one("energy.node", string="Unit", required=True, index=True, ondelete="cascade")
    company_id = fields.Many2one(related="node_id.company_id", store=True, index=True, precompute=True)
    energy_type_id = fields.Many2one("energy.type", required=True, index=True, ondelete="restrict", check_company=True)
    role = fields.Selection(
        [
            ("purchased", "Purchased"),
            ("used", "Used"),
            ("made", "Made"),
            ("sold", "Sold"),
            ("recovered", "Recovered"),
        ],
        required=True,
        default="used",
    )

    _role_unique = models.UniqueIndex(
        "(node_id, energy_type_id, role)", "This unit already has this energy type in this role: remove one line."
    )

    @api.depends("node_id.name", "energy_type_id.name", "role")
    def _compute_display_name(self):
        roles = dict(self._fields["role"]._description_selection(self.env))
        for use in self:
            use.display_name = f"{use.node_id.name}: {use.energy_type_id.name} ({roles.get(use.role, '')})"

    @api.constrains("node_id")
    def _check_unit(self):
        for use in self:
            if use.node_id.kind != "unit":
                raise ValidationError(
                    self.env._(
                        "%(node)s is no unit: uses of energy are kept on plants, workshops and other units.",
                        node=use.node_id.complete_name,
                    )
                )

    # === CRUD METHODS === #
    @api.model_create_multi
    def create(self, vals_list):
        uses = super().create(vals_list)
        uses._mark_changed()
        return uses

    def write(self, vals):
        self._mark_changed()
        result = super().write(vals)
        self._mark_changed()
        return result

    def unlink(self):
        self._mark_changed()
        return super().unlink()

    def _mark_changed(self):
        """Whether an energy is bought or made in the plant decides what its figures may be added to."""
        self.env["energy.calculation"]._mark_types(self.energy_type_id, companies=self.company_id)
