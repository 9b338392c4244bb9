"""Where a node hung in the management tree, and when."""

from odoo import api, fields, models
from odoo.exceptions import ValidationError

from ..tools.validity import changed_days


class EnergyNodeParent(models.Model):
    """The membership of a node in its parent from one day to another, both included.

    Written when a node is placed or moved; an empty start is "from the beginning", an empty end "until further notice".
    Figures of a day go to the parent of that day, rights follow today's.
    """

    _name = "energy.node.parent"
    _inherit = ["energy.wall.mixin"]
    _description = "Place of a Node in the Tree"
    _order = "node_id, date_from desc nulls last, id desc"

    node_id = fields.Many2one("energy.node", required=True, index=True, ondelete="cascade")
    parent_id = fields.Many2one("energy.node", string="Under", required=True, index=True, ondelete="restrict")
    company_id = fields.Many2one(related="node_id.company_id", store=True, index=True, precompute=True)
    date_from = fields.Date(string="From", help="Empty: from the beginning.")
    date_to = fields.Date(string="To", help="Empty: until further notice.")

    _one_open = models.UniqueIndex(
        "(node_id) WHERE date_to IS NULL", "A node hangs at one place at a time: close the earlier line first."
    )
    _dates_in_order = models.Constraint(
        "CHECK (date_to IS NULL OR date_from IS NULL OR date_from <= date_to)",
        "A place in the tree cannot end before it starts: correct the dates.",
    )

    @api.depends("node_id.name", "parent_id.name", "date_from")
    def _compute_display_name(self):
        for row in self:
            row.display_name = f"{row.node_id.name} / {row.parent_id.name} {row.date_from or ''}".strip()

    @api.constrains("node_id", "date_from", "date_to")
    def _check_overlap(self):
        for node, _rows in self.grouped("node_id").items():
            rows = self.sudo().search([("node_id", "=", node.id)])
            ordered = rows.sorted(lambda r: r.date_from or fields.Date.to_date("0001-01-01"))
            for earlier, later in zip(ordered, ordered[1:], strict=False):
                if not earlier.date_to or not later.date_from or earlier.date_to >= later.date_from:
                    raise ValidationError(
                        self.env._(
                            "%(node)s would hang under %(first)s and under %(second)s on the same day: correct the "
                            "dates so that one ends before the other starts.",
                            node=node.name,
                            first=earlier.parent_id.name,
                            second=later.parent_id.name,
                        )
                    )

    @api.constrains("node_id", "date_from")
    def _check_in_service(self):
        for row in self:
            row.node_id._refuse_before_service(row.date_from)

    # === CRUD METHODS === #
    @api.model_create_multi
    def create(self, vals_list):
        rows = super().create(vals_list)
        rows._restate([row._place() for row in rows])
        return rows

    def write(self, vals):
        before = {row.id: row._place() for row in self}
        moved = {"node_id", "parent_id"} & vals.keys()
        if moved:
            self._refuse_locked(before.values())
        result = super().write(vals)
        if moved:
            self._restate([*before.values(), *(row._place() for row in self)])
        else:
            spans = [(row, changed_days(before[row.id][1:], row._place()[1:])) for row in self]
            self._restate([(row.node_id, *span) for row, found in spans for span in found])
        return result

    def unlink(self):
        gone = [row._place() for row in self]
        self._refuse_locked(gone)
        result = super().unlink()
        self._restate(gone)
        return result

    # === LOCKS === #
    def _place(self) -> tuple:
        """Node, first and last day."""
        return self.node_id, self.date_from or None, self.date_to or None

    @api.model
    def _restate(self, places):
        """What hangs at the nodes and below is computed again for these days, if nothing of it is locked.

        :param places: (node, first day or None, last day or None)
        """
        places = [(*place, rows) for place in places if (rows := place[0]._reached(*place[1:]))]
        self._refuse_locked(place[:3] for place in places)
        for node, _first, _last, rows in places:
            company = node.company_id.id
            self.env["energy.calculation"]._mark_rows([(one, company, *days) for one, *days in rows])

    @api.model
    def _refuse_locked(self, places):
        for node, first, last in places if self.env["energy.lock"]._any() else ():
            self.env["energy.lock"]._refuse_rows(
                self.env._("The place of %(node)s", node=node.sudo().name), node._reached(first, last)
            )
