"""Which unit uses which energy type, and how."""

from odoo import api, fields, models
from odoo.exceptions import ValidationError

# Roles that decide whether an energy was made inside the plant, so that adding it would count twice.
DECIDING = ("purchased", "made")


class EnergyNodeUse(models.Model):
    """One energy type at one unit in one role: purchased, used, made, sold or recovered.

    Kept by Energy managers when the plant is set up; it says what indicators the unit needs.
    """

    _name = "energy.node.use"
    _inherit = ["energy.wall.mixin"]
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
        uses._note_change("", uses)
        return uses

    def write(self, vals):
        self._mark_changed()
        before = {use.id: use.display_name for use in self}
        result = super().write(vals)
        self._mark_changed()
        for use in self:
            use._note_change(before[use.id], use)
        return result

    def unlink(self):
        self._mark_changed()
        for use in self:
            use._note_change(use.display_name, self.browse())
        return super().unlink()

    def _mark_changed(self):
        """Whether an energy is bought or made in the plant decides what its figures may be added to."""
        for use in self if self.env["energy.lock"]._any() else ():
            self.env["energy.lock"]._refuse(use, use._decided(), figures=("quantity",))
        self.env["energy.calculation"]._mark_types(self.energy_type_id, companies=self.company_id)

    def _decided(self):
        """Sources of this type in the plant whose total they count in or not, if the role decides that."""
        sources = self.env["energy.indicator"].sudo()
        if self.role not in DECIDING:
            return sources
        plant = (self.node_id.parent_path or "").split("/")[0]
        return sources.search(
            [
                ("node_id", "child_of", int(plant) if plant else self.node_id.id),
                ("energy_type_id", "=", self.energy_type_id.id),
                ("source", "!=", "computed"),
            ]
        )

    def _note_change(self, old: str, new):
        """Note a use that decides figures of the past."""
        for use in self:
            if decided := use._decided():
                self.env["energy.restatement"]._note(
                    "master", use.node_id, old, new and use.display_name, None, indicators=decided
                )
