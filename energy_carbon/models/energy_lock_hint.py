"""What is still missing or provisional in a month, to look at before it is locked."""

from dateutil.relativedelta import relativedelta

from odoo import fields, models

# The nodes of the plant are today's: a hint, not a figure.
COUNTS = {
    "draft_count": """SELECT COUNT(*) FROM energy_entry e WHERE e.state = 'draft' AND e.node_id = ANY(%(nodes)s)
                         AND e.date_from < %(end)s AND e.date_to >= %(month)s""",
    "event_count": """SELECT COUNT(*) FROM energy_meter_change c WHERE c.state = 'proposed' AND c.node_id = ANY(%(nodes)s)
                         AND c.time >= %(month)s AND c.time < %(end)s""",
    "missing_count": """SELECT COUNT(*) FROM energy_value v JOIN energy_indicator i ON i.id = v.indicator_id
                         WHERE i.source <> 'computed' AND v.node_id = ANY(%(nodes)s) AND v.value IS NULL
                           AND v.date >= %(month)s AND v.date < %(end)s""",
    "late_count": """SELECT COUNT(*) FROM energy_late_reading l WHERE l.counted_on IS NULL AND l.lock_id = %(lock)s""",
    "provisional_count": """SELECT COUNT(*) FROM (
            SELECT p.state, p.date_from, LEAD(p.date_from) OVER (PARTITION BY p.tariff_id, p.period ORDER BY p.date_from) AS until
              FROM energy_tariff_price p JOIN energy_tariff t ON t.id = p.tariff_id
             WHERE t.company_id = %(company)s AND (t.node_id IS NULL OR t.node_id = ANY(%(nodes)s))) p
             WHERE p.state = 'provisional' AND p.date_from < %(end)s AND (p.until IS NULL OR p.until > %(month)s)""",
}


class EnergyLockHint(models.Model):
    """Counts beside each month; nothing here keeps anybody from locking."""

    _inherit = "energy.lock"

    draft_count = fields.Integer(compute="_compute_hints", string="Drafts", help="Entries that nobody submitted yet.")
    event_count = fields.Integer(compute="_compute_hints", string="Events to Confirm", help="Meter events to confirm.")
    missing_count = fields.Integer(
        compute="_compute_hints", string="Missing Days", help="Days without a figure of a meter or of what is typed."
    )
    late_count = fields.Integer(
        compute="_compute_hints",
        string="Late Readings",
        help="Readings that came after locking and wait for reopening.",
    )
    provisional_count = fields.Integer(
        compute="_compute_hints",
        string="Provisional Prices",
        help="Prices of this month that are not final.",
        groups="energy_carbon.group_see_prices",
    )

    def _compute_hints(self):
        self.env.flush_all()
        nodes = {
            plant: self.env["energy.node"]
            .sudo()
            .with_context(active_test=False)
            .search([("id", "child_of", plant.id)])
            .ids
            for plant in self.sudo().node_id
        }
        for lock in self:
            own = lock.sudo()
            asked = {
                "lock": lock._origin.id,
                "nodes": nodes[own.node_id],
                "company": own.company_id.id,
                "month": own.month,
                "end": own.month + relativedelta(months=1),
            }
            for name, query in COUNTS.items():
                self.env.cr.execute(query, asked)
                own[name] = self.env.cr.fetchone()[0]

    def action_open_late(self):
        """The readings that wait for this month to be reopened."""
        self._ensure_asked_one()
        action = self.env["ir.actions.act_window"]._for_xml_id("energy_carbon.energy_late_reading_action")
        return dict(action, domain=[("lock_id", "=", self.id)])
