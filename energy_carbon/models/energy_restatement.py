"""Journal of restatements: what changed figures of the past."""

from odoo import SUPERUSER_ID, api, fields, models
from odoo.exceptions import UserError

KINDS = [
    ("price", "Price"),
    ("factor", "Factor"),
    ("reading", "Late readings"),
    ("correction", "Reading correction"),
    ("entry", "Entry"),
    ("event", "Meter event"),
    ("formula", "Formula"),
    ("move", "Move in the tree"),
    ("allocation", "Allocation"),
    ("master", "Master data"),
    ("reopening", "Reopened month"),
]
# Lines of a change that a list shows.
SHOWN_LINES = 3


class EnergyRestatement(models.Model):
    """One change of something in the past, who made it and why, and what it did to the figures of the plants.

    Written by whatever changes figures of days before today; nobody changes a line afterwards. The figures after the change
    are filled in as soon as they are calculated.
    """

    _name = "energy.restatement"
    _inherit = ["energy.wall.mixin"]
    _description = "Restatement"
    _order = "date desc, id desc"
    _rec_name = "name"
    _log_access = False

    date = fields.Datetime(string="Changed On", required=True, readonly=True, default=fields.Datetime.now)
    user_id = fields.Many2one("res.users", string="Changed By", required=True, readonly=True)
    company_id = fields.Many2one("res.company", required=True, readonly=True, index=True, ondelete="cascade")
    kind = fields.Selection(KINDS, required=True, readonly=True)
    res_model = fields.Char(string="Model", readonly=True)
    res_id = fields.Many2oneReference(model_field="res_model", string="Record ID", readonly=True)
    name = fields.Char(string="What", required=True, readonly=True, help="Name of the record when it was changed.")
    reason = fields.Char(string="Why", readonly=True)
    old_text = fields.Text(string="Before", readonly=True)
    new_text = fields.Text(string="After", readonly=True)
    old_summary = fields.Text(compute="_compute_summaries", string="Before, Shortened")
    new_summary = fields.Text(compute="_compute_summaries", string="After, Shortened")
    date_from = fields.Date(string="First Day", required=True, readonly=True)
    date_to = fields.Date(string="Last Day", required=True, readonly=True, help="Last closed day that it can change.")
    closed_to = fields.Date(required=True, readonly=True, help="Months are compared up to this day.")
    node_ids = fields.Many2many("energy.node", string="Where", readonly=True)
    state = fields.Selection(
        [("waiting", "Being calculated"), ("done", "Calculated")], required=True, readonly=True, default="waiting"
    )
    changed = fields.Integer(
        string="Daily Figures Changed",
        readonly=True,
        aggregator=None,
        help="Daily figures that the calculation changed in these months. Changes calculated together share them.",
    )
    line_ids = fields.One2many("energy.restatement.line", "restatement_id", string="Months", readonly=True)
    tops = fields.Json(readonly=True, help="Indicators at the top of each plant whose months are compared.")

    _waiting = models.Index("(company_id) WHERE state = 'waiting'")

    # === COMPUTE METHODS === #
    @api.depends("old_text", "new_text")
    def _compute_summaries(self):
        """A change of many records is told in full on its own page, in a list by its first lines."""
        for line in self:
            line.old_summary, line.new_summary = (line._shortened(text) for text in (line.old_text, line.new_text))

    def _shortened(self, text) -> str:
        lines = (text or "").splitlines()
        if len(lines) <= SHOWN_LINES:
            return text or ""
        more = self.env._("... and %(count)s more", count=len(lines) - SHOWN_LINES)
        return "\n".join([*lines[:SHOWN_LINES], more])

    # === ACTION METHODS === #
    def action_open_record(self):
        """Open what was changed, if it still exists and the reader may see it."""
        self._ensure_asked_one()
        record = self.env[self.res_model].browse(self.res_id).exists() if self.res_model in self.env else None
        if not record:
            raise UserError(self.env._("%(name)s does not exist any more.", name=self.name))
        record.check_access("read")
        return {
            "type": "ir.actions.act_window",
            "res_model": self.res_model,
            "res_id": self.res_id,
            "views": [[False, "form"]],
        }

    # === NOTING === #
    @api.model
    def _note(
        self, kind, record, old, new, date_from, date_to=None, reason=None, energy_types=None, indicators=None,
        companies=None, key=None,
    ):  # fmt: skip
        """Note a change that may restate figures of closed days; called before the values are calculated again.

        Only what reaches back before today, where figures exist already, makes an entry. What one record goes through in a
        transaction makes one entry.

        :param kind: one of :data:`KINDS`
        :param record: what was changed; its name is kept
        :param old: what it was, as text or figure; new: what it is now
        :param date_from: first day that changes, None: from the beginning; date_to: last day, None: until further notice
        :param indicators: those changed directly, or else
        :param energy_types: all sources of these types; companies: only of these
        :param key: what records share that make one entry together, a line of text each
        """
        record.ensure_one()
        # For all who read the journal: what its name is does not depend on who changed it.
        name = record.with_user(SUPERUSER_ID).display_name
        queue = self._queue()
        key = (kind, key or (record._name, record.id))
        note = queue.setdefault(
            key,
            {
                "kind": kind,
                "user": self.env.uid,
                "record": (record._name, record.id, name),
                "texts": {},
                "reason": reason,
                "spans": [],
                "indicators": set(),
                "types": set(),
                "companies": set(),
            },
        )
        texts = note["texts"].setdefault((record._name, record.id), [name, old, new])
        texts[2] = new
        note["reason"] = reason or note["reason"]
        note["spans"].append((fields.Date.to_date(date_from) or None, fields.Date.to_date(date_to) or None))
        note["indicators"].update(indicators.ids if indicators else [])
        note["types"].update(energy_types.ids if energy_types else [])
        note["companies"].update(companies.ids if companies else [])
