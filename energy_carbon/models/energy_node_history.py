"""Dated membership of nodes: keeps the rows of ``energy.node.parent`` in step with ``parent_id``."""

from datetime import timedelta

from odoo import api, fields, models
from odoo.exceptions import UserError


class EnergyNode(models.Model):
    _inherit = "energy.node"

    parent_history_ids = fields.One2many("energy.node.parent", "node_id", string="Earlier Places", copy=False)

    # === CRUD METHODS === #
    @api.model_create_multi
    def create(self, vals_list):
        nodes = super().create(vals_list)
        self.env["energy.node.parent"].sudo().create(
            [node._place_values(self._given_move_date()) for node in nodes if node.parent_id]
        )
        return nodes

    def write(self, vals):
        if "parent_id" not in vals:
            return super().write(vals)
        before = {node.id: node.parent_id for node in self}
        result = super().write(vals)
        for node in self:
            if node.parent_id != before[node.id]:
                node._record_move()
        return result

    # === BUSINESS METHODS === #
    @api.model
    def _given_move_date(self):
        """Return the day the user gave for a move to take effect, False when none was given."""
        return fields.Date.to_date(self.env.context.get("energy_move_date")) or False

    def _place_values(self, date_from) -> dict:
        self.ensure_one()
        return {"node_id": self.id, "parent_id": self.parent_id.id, "date_from": date_from}

    def _record_move(self):
        """Close the place a node leaves and open the one it comes to, as of the move date.

        The first place of a device or meter counts from the beginning: it was only not registered before.
        """
        self.ensure_one()
        rows = self.env["energy.node.parent"].sudo().search([("node_id", "=", self.id)])
        day = self._given_move_date()
        if not day and (rows or self.kind == "unit"):
            day = fields.Date.context_today(self)
        self._close_place(rows.filtered(lambda row: not row.date_to), day)
        if not self.parent_id:
            return
        resumed = rows.exists().filtered(
            lambda row: day and row.date_to == day - timedelta(days=1) and row.parent_id == self.parent_id
        )
        if resumed:
            resumed.date_to = False
        else:
            rows.create([self._place_values(day)])

    def _close_place(self, row, day):
        """End the open place the day before ``day``; one that started that very day never was."""
        if not row:
            return
        latest = max(filter(None, [row.date_from, *self._closed_until()]), default=None)
        if latest and latest > day:
            raise UserError(
                self.env._(
                    "%(node)s hangs under %(parent)s since %(since)s: it cannot be moved as of %(day)s. Choose a later "
                    "day.",
                    node=self.name,
                    parent=row.parent_id.name,
                    since=row.date_from or latest,
                    day=day,
                )
            )
        if row.date_from == day:
            row.unlink()
        else:
            row.date_to = day - timedelta(days=1)
            row.flush_recordset(["date_to"])  # before the new place is inserted: only one may be open

    def _closed_until(self) -> list:
        """Return the last days of the places this node has left."""
        return [row.date_to for row in self.sudo().parent_history_ids if row.date_to]
