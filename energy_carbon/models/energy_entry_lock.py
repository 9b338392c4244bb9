"""Typed figures and locked months, and the journal of what was typed anew."""

from odoo import api, fields, models
from odoo.exceptions import UserError


class EnergyEntryLock(models.Model):
    """An entry that counts is refused in a locked month; one that changes a figure of the past is noted."""

    _inherit = "energy.entry"

    @api.depends("indicator_id", "date_from", "date_to")
    @api.depends_context("lang")
    def _compute_display_name(self):
        for entry in self:
            days = [fields.Date.to_string(day) for day in (entry.date_from, entry.date_to) if day]
            entry.display_name = f"{entry.indicator_id.display_name or ''}, {' – '.join(dict.fromkeys(days))}"

    # === CRUD METHODS === #
    @api.model_create_multi
    def create(self, vals_list):
        entries = super().create(vals_list)
        entries.filtered(lambda one: one.state != "draft")._note_first()
        return entries

    def write(self, vals):
        before = {entry.id: entry._counting() for entry in self}
        result = super().write(vals)
        for entry in self:
            old, new = before[entry.id], entry._counting()
            if old and old != new:
                entry._note_change(old[0], new[0] if new else "", old[1:3])
            elif new and not old:
                entry._note_first()
        return result

    def unlink(self):
        for entry in self.filtered(lambda one: one.state != "draft"):
            entry._note_change(entry.value, "")
        return super().unlink()

    # === LOCKS === #
    def _refuse_closed(self):
        super()._refuse_closed()
        lock, counting = self.env["energy.lock"], self.filtered(lambda one: one.state != "draft")
        if not counting or not lock._any():
            return
        # All at once, however many there are; which of them it was is asked only when one is refused.
        if counting._locked():
            for entry in counting:
                if found := entry._locked():
                    raise UserError(found._sentence(entry))

    def _locked(self):
        """The first lock that stands against these entries: of their own days, or of figures their registers decide."""
        lock = self.env["energy.lock"]
        days = [(entry.indicator_id.id, entry.date_from, entry.date_to) for entry in self]
        reach = [(entry.indicator_id.id, *entry._register_days()) for entry in self if entry.mode == "register"]
        return lock._blocking(days, own_days=True) or lock._blocking(reach)

    def _register_days(self):
        """The days whose amounts this register decides: from the register before to the next one."""
        domain = [("indicator_id", "=", self.indicator_id.id), ("mode", "=", "register"), ("state", "!=", "draft")]
        before = self.sudo().search([*domain, ("date_to", "<", self.date_to)], order="date_to desc", limit=1)
        after = self.sudo().search([*domain, ("date_to", ">", self.date_to)], order="date_to", limit=1)
        return before and fields.Date.add(before.date_to, days=1) or self.date_from, after.date_to or self.date_to

    # === JOURNAL === #
    def _counting(self) -> tuple | None:
        """What of this entry decides figures; None while it is a draft."""
        return None if self.state == "draft" else (self.value, self.date_from, self.date_to, self.mode)

    def _stored(self) -> dict:
        """The figures that stand on the days of these entries, by entry id; those of which nothing stands have none."""
        self.flush_recordset()
        self.env.cr.execute(
            """SELECT e.id, SUM(v.value) FROM energy_entry e
                 JOIN energy_value v ON v.indicator_id = e.indicator_id AND v.date BETWEEN e.date_from AND e.date_to
                WHERE e.id = ANY(%s) AND v.value IS NOT NULL GROUP BY e.id""",
            [self.ids],
        )
        return dict(self.env.cr.fetchall())

    def _note_first(self):
        """Note entries that count from now on, where they take the place of a figure."""
        stored = self._stored()
        for entry in self:
            if entry.mode == "register":
                entry._note_change("", entry.value)
            elif entry.id in stored:
                entry._note_change(stored[entry.id], entry.value)

    def _note_change(self, old, new, days=None):
        """Note what was typed, for the entry's own days and those it had before."""
        first, last = self._register_reach() if self.mode == "register" else (self.date_from, self.date_to)
        for begin, end in [(first, last), *([days] if days else [])]:
            self.env["energy.restatement"]._note(
                "entry", self, old, new, begin, end, reason=self.reason or None, indicators=self.indicator_id,
                key=self.indicator_id,
            )  # fmt: skip
