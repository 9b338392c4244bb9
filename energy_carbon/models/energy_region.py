"""Regions of the electricity grid, for which emission factors are published."""

from odoo import api, fields, models
from odoo.exceptions import ValidationError


class EnergyRegion(models.Model):
    """A country, a grid or a province whose published factors apply to the plants in it.

    Shipped for China; Energy managers add others. A plant without a factor of its province takes that of the grid,
    then that of the country.
    """

    _name = "energy.region"
    _inherit = ["energy.wall.mixin"]
    _description = "Grid Region"
    _order = "sequence, id"
    _parent_store = True
    _rec_names_search = ["name", "code"]

    name = fields.Char(required=True, translate=True)
    code = fields.Char(required=True, help="Short code, unique: CN, CN-EC, CN-JS.")
    sequence = fields.Integer(default=1000)
    level = fields.Selection(
        [("country", "Country"), ("grid", "Grid"), ("province", "Province")],
        required=True,
        default="province",
    )
    parent_id = fields.Many2one("energy.region", string="Part of", index=True, ondelete="restrict")
    parent_path = fields.Char(index=True)
    child_ids = fields.One2many("energy.region", "parent_id", string="Regions in It")
    country_id = fields.Many2one("res.country", index="btree_not_null", ondelete="restrict")
    active = fields.Boolean(default=True)

    _code_unique = models.UniqueIndex("(code)", "There is already a region with this code: choose another.")

    @api.constrains("parent_id", "level")
    def _check_parent(self):
        """A region lies in a larger one: province in grid or country, grid in country."""
        rank = {"country": 0, "grid": 1, "province": 2}
        if self._has_cycle():
            raise ValidationError(self.env._("A region cannot be part of itself: choose another region under Part of."))
        for region in self | self.child_ids:
            parent = region.parent_id
            if parent and rank[parent.level] >= rank[region.level]:
                raise ValidationError(
                    self.env._(
                        "%(region)s cannot be part of %(parent)s: a province lies in a grid or country, a grid in a "
                        "country. Correct the level or Part of.",
                        region=region.name,
                        parent=parent.name,
                    )
                )

    @api.model
    def _default_for_company(self, company):
        """Return the region a new plant starts with: the company's country, else the only country on file.

        :param company: one ``res.company``
        """
        countries = self.search([("level", "=", "country")])
        own = countries.filtered(lambda region: region.country_id and region.country_id == company.country_id)
        return own[:1] or (countries if len(countries) == 1 else self.browse())
