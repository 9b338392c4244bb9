"""Point tables as a file to keep, to change in a spreadsheet, or to take to another database."""

import base64

from odoo import api, fields, models
from odoo.exceptions import UserError

from ..tools.point_file import write_csv, write_xlsx

WRITERS = {"xlsx": write_xlsx, "csv": write_csv}


class EnergyModbusMapExport(models.TransientModel):
    """One file of all points of the chosen tables; importing it gives the same tables."""

    _name = "energy.modbus.map.export"
    _inherit = ["energy.wall.mixin"]
    _description = "Export Point Tables"

    map_ids = fields.Many2many("energy.modbus.map", string="Point Tables", required=True)
    kind = fields.Selection([("xlsx", "Spreadsheet (XLSX)"), ("csv", "CSV")], default="xlsx", required=True)
    file = fields.Binary(readonly=True, attachment=False)
    file_name = fields.Char(readonly=True)

    @api.model
    def default_get(self, fields_list):
        values = super().default_get(fields_list)
        if self.env.context.get("active_model") == "energy.modbus.map":
            values["map_ids"] = [fields.Command.set(self.env.context.get("active_ids") or [])]
        return values

    def action_export(self):
        """Write the file and hand it to the browser."""
        self._ensure_asked_one()
        tables = self.map_ids
        tables.check_access("read")
        rows = tables._file_rows()
        if not rows:
            raise UserError(self.env._("The tables have no points yet, so there is nothing to export."))
        name = tables.display_name if len(tables) == 1 else self.env._("Point Tables")
        self.write(
            {
                "file": base64.b64encode(WRITERS[self.kind](rows)),
                "file_name": f"{name.replace('/', '-')}.{self.kind}",
            }
        )
        return {
            "type": "ir.actions.act_url",
            "url": f"/web/content/{self._name}/{self.id}/file/{self.file_name}?download=true",
            "target": "download",
        }
