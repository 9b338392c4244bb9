"""A plant in the setup: one there is, or a new one."""

from odoo import api, fields, models
from odoo.fields import Command


class EnergySetupPlant(models.TransientModel):
    """One plant with its region, whose grid factor makes its carbon of electricity."""

    _name = "energy.setup.plant"
    _description = "Plant in the Energy Setup"
    _inherit = ["energy.wall.mixin"]
    _transient_max_hours = 0.2

    setup_id = fields.Many2one("energy.setup", required=True, ondelete="cascade", index=True)
    node_id = fields.Many2one("energy.node", string="Plant", readonly=True, ondelete="cascade")
    name = fields.Char(required=True)
    region_id = fields.Many2one(
        "energy.region",
        default=lambda self: self.env["energy.region"]._default_for_company(self.env.company),
        help="Grid region whose emission factor holds for the plant: its province, if there is one for it.",
    )

    @api.model
    def _commands(self, plants) -> list:
        """Lines for plants there are."""
        return [
            Command.create({"node_id": plant.id, "name": plant.name, "region_id": plant.region_id.id}) for plant in plants
        ]

    def _write_plants(self):
        """Write what differs, as the Energy manager who set up."""
        for line in self:
            changed = [name for name in ("name", "region_id") if line[name] != line.node_id[name]]
            if changed:
                line.node_id.write(line._convert_to_write({name: line[name] for name in changed}))

    def _create_plants(self):
        """Make the new plants, as the Energy manager who set up."""
        return self.env["energy.node"].create(
            [
                {
                    "name": line.name,
                    "kind": "unit",
                    "unit_type": "plant",
                    "company_id": line.setup_id.company_id.id,
                    "region_id": line.region_id.id,
                }
                for line in self
            ]
        )
