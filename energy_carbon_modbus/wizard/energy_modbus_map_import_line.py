"""A wrong cell of a file of point tables."""

from odoo import fields, models


class EnergyModbusMapImportLine(models.TransientModel):
    """Where a cell is wrong, what is wrong with it and what to do; written by the check."""

    _name = "energy.modbus.map.import.line"
    _inherit = ["energy.wall.mixin"]
    _description = "Wrong Cell of a Point Table"
    _order = "id"

    import_id = fields.Many2one("energy.modbus.map.import", required=True, index=True, ondelete="cascade")
    sheet = fields.Char()
    row = fields.Integer(help="Row of the file, the titles being row 1. 0: the whole file.")
    column = fields.Char(help="Column as a spreadsheet shows it.")
    name = fields.Char(string="Title")
    text = fields.Char(string="Content")
    message = fields.Text(string="What to Do")
