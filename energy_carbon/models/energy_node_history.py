"""Dated membership of nodes: keeps the rows of ``energy.node.parent`` in step with ``parent_id``."""

from datetime import timedelta

from odoo import api, fields, models
from odoo.exceptions import UserError


class EnergyNode(models.Model):
    _inherit = "energy.node"

    parent_history_ids = fields.One2many("energy.node.parent", "node_id", string="Earlier Places", copy=False)

    # === CONSTRAINT METHODS === #
    @api.constrains("in_service_date")
    def _check_in_service(self):
        for node in self.filtered("in_service_date"):
            for place in node.sudo().parent_history_ids:
                node._refuse_before_service(place.date_from)

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
        moving = self.filtered(lambda node: node.parent_id.id != (vals["parent_id"] or False))
        for node in moving:  # here the plant it leaves; where it comes to, the new place asks
            self.env["energy.node.parent"]._refuse_locked([(node, node._move_day(), None)])
        result = super().write(vals)
        for node in moving:
            node._refuse_before_service(node._move_day())
            node._note_move(before[node.id])
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

    def _places(self):
        return self.env["energy.node.parent"].sudo().search([("node_id", "=", self.id)])

    def _move_day(self):
        """First day at the new place, None: from the beginning.

        The first place of a device or meter counts from the beginning: it was only not registered before.
        """
        self.ensure_one()
        day = self._given_move_date()
        if not day and (self._places() or self.kind == "unit"):
            day = fields.Date.context_today(self)
        return day or None

    def _indicators_below(self):
        """Indicators at this node and below."""
        return (
            self.env["energy.indicator"]
            .sudo()
            .with_context(active_test=False)
            .search([("node_id", "child_of", self.ids)])
        )

    def _refuse_before_service(self, day):
        """A device or meter takes no other place before it is there; its first place counts from the beginning."""
        self.ensure_one()
        since = self.in_service_date
        if day and since and day < since:
            raise UserError(
                self.env._(
                    "%(node)s is in service since %(since)s: it cannot be moved as of %(day)s. Choose a day from then on, or "
                    "correct the day in the ledger.",
                    node=self.name,
                    since=since,
                    day=day,
                )
            )

    def _note_move(self, before):
        """Note a move as of a day in the past."""
        old, new = (place.sudo().complete_name or "" for place in (before, self.parent_id))
        self.env["energy.restatement"]._note(
            "move",
            self,
            old,
            new,
            self._move_day(),
            indicators=self._indicators_below() | self.sudo()._sources_between(None, self._move_day()),
        )

    def _record_move(self):
        """Close the place a node leaves and open the one it comes to, as of the move date."""
        self.ensure_one()
        rows, day = self._places(), self._move_day() or False
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
