"""Import of point tables from a file, with a dry run that shows every wrong cell."""

import base64
from contextlib import suppress

from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError

from ..tools.point_columns import Fault
from ..tools.point_faults import fault_text
from ..tools.point_file import FileUnreadable, Sheet, read_file
from ..tools.point_tables import collect

FAULTS_SHOWN = 500


class _Undo(Exception):
    """Leaves a savepoint with everything in it undone."""


class EnergyModbusMapImport(models.TransientModel):
    """A file of point tables on its way in: nothing is imported as long as anything is wrong."""

    _name = "energy.modbus.map.import"
    _inherit = ["energy.wall.mixin"]
    _description = "Import Point Tables"

    file = fields.Binary(required=True, attachment=False, help="Spreadsheet (XLSX) or CSV, as an export gives them.")
    file_name = fields.Char()
    company_id = fields.Many2one("res.company", help="Whose tables they are. Empty: every company may use them.")
    state = fields.Selection(
        [("draft", "Not Checked"), ("faulty", "Cells Are Wrong"), ("ready", "Can Be Imported")],
        default="draft",
        readonly=True,
    )
    summary = fields.Text(readonly=True)
    line_ids = fields.One2many("energy.modbus.map.import.line", "import_id", string="Wrong Cells", readonly=True)

    # === ONCHANGE METHODS === #
    @api.onchange("file", "company_id")
    def _onchange_file(self):
        """What was found in another file says nothing of this one."""
        self.state, self.summary, self.line_ids = "draft", False, [fields.Command.clear()]

    # === ACTION METHODS === #
    def action_check(self):
        """Try the import and undo it: shows what would happen, or what is wrong."""
        self._ensure_asked_one()
        self._run(dry=True)
        return self._reopen()

    def action_import(self):
        """Import the tables; shows what is wrong instead when anything is."""
        self._ensure_asked_one()
        tables = self._run(dry=False)
        if self.state != "ready":
            return self._reopen()
        action = self.env["ir.actions.act_window"]._for_xml_id("energy_carbon_modbus.energy_modbus_map_action")
        if len(tables) == 1:
            return dict(action, views=[(False, "form")], view_mode="form", res_id=tables.id)
        return dict(action, domain=[("id", "in", tables.ids)])

    # === BUSINESS METHODS === #
    def _run(self, dry: bool):
        """Check and write all tables of the file, or none.

        :return: the tables written
        """
        self.ensure_one()
        if not self.env.user.has_group("energy_carbon.group_engineer"):
            raise AccessError(self.env._("Only Instrument engineers and Energy managers may import point tables."))
        if not self.file:
            raise UserError(self.env._("Choose the file to import."))
        maps = self.env["energy.modbus.map"]
        sheets, file_tables, faults = self._read()
        outcome = []
        with suppress(_Undo), self.env.cr.savepoint():
            if not faults:
                outcome, faults = maps._write_file_tables(file_tables, self.company_id)
            lines = [self._outcome_text(*row) for row in outcome]
            if dry or faults:
                raise _Undo
        self._show(sheets, faults, lines)
        return maps if dry or faults else maps.union(*(row[0] for row in outcome))

    def _read(self) -> tuple[list[Sheet], list, list[Fault]]:
        """The file's sheets and tables, and what is wrong with them by themselves."""
        try:
            sheets = read_file(base64.b64decode(self.file))
        except FileUnreadable:
            return [], [], [Fault("", 0, "", self.file_name or "", "unreadable")]
        return (sheets, *collect(sheets))

    def _outcome_text(self, table, is_new: bool, created: int, changed: int, removed: int) -> str:
        if is_new:
            return self.env._("%(table)s: new, %(count)s points", table=table.display_name, count=created)
        if not created and not changed and not removed:
            return self.env._("%(table)s: no change", table=table.display_name)
        return self.env._(
            "%(table)s: %(created)s points new, %(changed)s changed, %(removed)s removed",
            table=table.display_name,
            created=created,
            changed=changed,
            removed=removed,
        )

    def _show(self, sheets: list[Sheet], faults: list[Fault], outcome: list[str]):
        """Put what was found on the screen."""
        self.line_ids.unlink()
        by_name = {sheet.name: sheet for sheet in sheets}
        summary = "\n".join(outcome)
        if faults:
            summary = self.env._(
                "%(count)s cells are wrong, and nothing was imported. Correct the file and choose it again.",
                count=len(faults),
            )
        self.write(
            {
                "state": "faulty" if faults else "ready",
                "summary": summary,
                "line_ids": [
                    fields.Command.create(
                        {
                            "sheet": fault.sheet,
                            "row": fault.row,
                            "column": self._column(by_name.get(fault.sheet), fault),
                            "name": fault.column,
                            "text": fault.text,
                            "message": fault_text(self.env, fault),
                        }
                    )
                    for fault in faults[:FAULTS_SHOWN]
                ],
            }
        )

    @api.model
    def _column(self, sheet: Sheet | None, fault: Fault) -> str:
        """The column's letter."""
        if fault.code == "unknown_column":
            return fault.column
        return sheet.place(fault.column) if sheet else ""

    def _reopen(self) -> dict:
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Import Point Tables"),
            "res_model": self._name,
            "res_id": self.id,
            "view_mode": "form",
            "target": "new",
            "context": {"dialog_size": "extra-large"},
        }
