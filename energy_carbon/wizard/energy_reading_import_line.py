"""One problem of a file of readings."""

from odoo import fields, models


class EnergyReadingImportLine(models.TransientModel):
    """What is wrong with one cell of the file."""

    _name = "energy.reading.import.line"
    _inherit = ["energy.wall.mixin"]
    _description = "Problem of a File of Readings"
    _order = "id"

    import_id = fields.Many2one("energy.reading.import", required=True, index=True, ondelete="cascade")
    line = fields.Integer()
    cell = fields.Char()
    text = fields.Char(string="Problem")
