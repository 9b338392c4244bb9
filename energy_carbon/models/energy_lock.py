"""A plant's month: whether its quantities and its cost may still change."""

import numpy as np
from dateutil.relativedelta import relativedelta

from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError, ValidationError

from ..calculation.lock_book import PlantBook

STATES = [
    ("open", "Open"),
    ("quantity", "Quantities locked"),
    ("cost", "Cost locked"),
    ("both", "Quantities and cost locked"),
]
# Months in which a plant has figures; each gets a row, so that people see what is still open.
MONTHS_WITH_FIGURES = """
    INSERT INTO energy_lock (company_id, node_id, month, quantity_locked, cost_locked, state)
    SELECT n.company_id, n.id, m.month, FALSE, FALSE, 'open'
      FROM energy_node n
      JOIN energy_node below ON below.parent_path LIKE n.parent_path || '%%'
      JOIN (SELECT DISTINCT node_id, month FROM energy_value_month WHERE value IS NOT NULL) m ON m.node_id = below.id
     WHERE n.kind = 'unit' AND n.parent_id IS NULL AND n.company_id = ANY(%s)
     GROUP BY 1, 2, 3
        ON CONFLICT (node_id, month) DO NOTHING
"""


class EnergyLock(models.Model):
    """One plant and month. Quantities (coal and carbon with them) are locked by Energy managers, cost by Energy accountants.

    What is locked keeps its figures whatever arrives; reopening is a right of its own, needs a reason and is logged.
    """

    _name = "energy.lock"
    _inherit = ["energy.wall.mixin"]
    _description = "Energy Month Lock"
    _order = "month desc, node_id"
    _check_company_auto = True

    node_id = fields.Many2one(
        "energy.node",
        string="Plant",
        required=True,
        readonly=True,
        index=True,
        ondelete="restrict",
        check_company=True,
        domain=[("kind", "=", "unit"), ("parent_id", "=", False)],
    )
    company_id = fields.Many2one(related="node_id.company_id", store=True, index=True, precompute=True)
    month = fields.Date(required=True, readonly=True, help="First day of the month.")
    month_label = fields.Char(compute="_compute_month_label", string="Month as Text")
    quantity_locked = fields.Boolean(string="Quantities Locked", readonly=True)
    quantity_user_id = fields.Many2one("res.users", string="Quantities Locked By", readonly=True)
    quantity_date = fields.Datetime(string="Quantities Locked On", readonly=True)
    cost_locked = fields.Boolean(readonly=True)
    cost_user_id = fields.Many2one("res.users", string="Cost Locked By", readonly=True)
    cost_date = fields.Datetime(string="Cost Locked On", readonly=True)
    state = fields.Selection(STATES, compute="_compute_state", store=True, precompute=True)
    reason = fields.Char(string="Last Reason", readonly=True)
    log_ids = fields.One2many("energy.lock.log", "lock_id", readonly=True)

    _unique_month = models.UniqueIndex("(node_id, month)", "This plant already has a row for this month.")
    _first_day = models.Constraint("CHECK (EXTRACT(day FROM month) = 1)", "A month begins on its first day.")

    # === COMPUTE METHODS === #
    @api.depends("node_id.name", "month")
    @api.depends_context("lang")
    def _compute_display_name(self):
        for lock in self:
            lock.display_name = f"{lock.node_id.sudo().name or ''}, {lock.month_label}"

    @api.depends("quantity_locked", "cost_locked")
    def _compute_state(self):
        for lock in self:
            both = lock.quantity_locked and lock.cost_locked
            lock.state = (
                "both" if both else "quantity" if lock.quantity_locked else "cost" if lock.cost_locked else "open"
            )

    @api.depends("month")
    def _compute_month_label(self):
        for lock in self:
            lock.month_label = f"{lock.month:%Y-%m}" if lock.month else ""

    # === CONSTRAINT METHODS === #
    @api.constrains("node_id")
    def _check_plant(self):
        for lock in self:
            if lock.node_id.kind != "unit" or lock.node_id.parent_id:
                raise ValidationError(
                    self.env._(
                        "%(node)s is no plant: months are locked for the unit at the top of the tree.",
                        node=lock.node_id.complete_name,
                    )
                )

    @api.constrains("month", "quantity_locked", "cost_locked")
    def _check_ended(self):
        for lock in self.filtered(lambda one: one.state != "open"):
            if lock.month + relativedelta(months=1) > lock._today():
                raise ValidationError(
                    self.env._(
                        "%(month)s of %(plant)s has not ended yet: it can be locked from %(day)s on.",
                        month=lock.month_label,
                        plant=lock.node_id.name,
                        day=lock.month + relativedelta(months=1),
                    )
                )

    def _today(self):
        return fields.Date.context_today(self.with_context(tz=self.company_id.sudo().energy_timezone))

    @api.ondelete(at_uninstall=False)
    def _unlink_except_locked(self):
        if locked := self.filtered(lambda lock: lock.state != "open" or lock.log_ids):
            raise UserError(self.env._("%(lock)s was locked once: its log is kept.", lock=locked[0].display_name))

    # === LOCKING === #
    @api.model
    def _rows(self, plants, months):
        """The rows of plants and months, made where there are none; the caller may see the plants."""
        found = self.sudo().search([("node_id", "in", plants.ids), ("month", "in", months)])
        known = {(lock.node_id.id, lock.month) for lock in found}
        missing = [
            {"node_id": plant.id, "month": month}
            for plant in plants
            for month in months
            if (plant.id, month) not in known
        ]
        return (found | self.sudo().create(missing)).with_env(self.env)

    def action_lock_quantity(self):
        """Lock the quantities of these months: amounts, standard coal and carbon."""
        self._ensure_asked()
        return self._lock_figures("quantity")

    def action_lock_cost(self):
        """Lock the cost of these months."""
        self._ensure_asked()
        return self._lock_figures("cost")

    def _lock_figures(self, figures: str):
        self._check_may_lock(figures)
        chosen = self.filtered(lambda lock: not lock[f"{figures}_locked"])
        chosen._settle()
        now = fields.Datetime.now()
        chosen.sudo().write({f"{figures}_locked": True, f"{figures}_user_id": self.env.uid, f"{figures}_date": now})
        chosen._log(figures, "lock")
        return True

    def _check_may_lock(self, figures: str):
        """Quantities are the Energy manager's, cost is the Energy accountant's; both within their own nodes."""
        group = "energy_carbon.group_accountant" if figures == "cost" else "energy_carbon.group_manager"
        if not self.env.su and not self.env.user.has_group(group):
            raise AccessError(
                self.env._("Only an Energy accountant locks the cost of a month.")
                if figures == "cost"
                else self.env._("Only an Energy manager locks the quantities of a month.")
            )
        self.check_access("read")
        self.node_id.check_access("read")

    def _settle(self):
        """Have everything computed before it is locked, and nobody computing meanwhile."""
        calculation = self.env["energy.calculation"].sudo()
        for company in self.sudo().company_id:
            calculation._process_now(company)
            own = self.sudo().filtered(lambda lock, company=company: lock.company_id == company)
            if not calculation._lock(company) or own._has_dirty():
                raise UserError(
                    self.env._(
                        "Figures of %(lock)s are still being calculated. Try again in a minute.",
                        lock=own[0].display_name,
                    )
                )

    def _has_dirty(self) -> bool:
        """Whether days of these months wait for the calculation."""
        self.env.cr.execute(
            """SELECT 1 FROM energy_dirty
                WHERE company_id = ANY(%s) AND error IS NULL
                  AND COALESCE(date_from, '-infinity') < %s AND COALESCE(date_to, 'infinity') >= %s LIMIT 1""",
            [self.company_id.ids, max(self.mapped("month")) + relativedelta(months=1), min(self.mapped("month"))],
        )
        return bool(self.env.cr.fetchone())

    # === REOPENING === #
    def action_reopen(self):
        """Ask what is to be reopened and why."""
        self._ensure_asked()
        self._check_may_reopen()
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Reopen Month"),
            "res_model": "energy.lock.reopen",
            "view_mode": "form",
            "target": "new",
            "context": {"default_lock_ids": [fields.Command.set(self.ids)]},
        }

    def _check_may_reopen(self):
        if not self.env.su and not self.env.user.has_group("energy_carbon.group_unlock"):
            raise AccessError(self.env._("Reopening a locked month is a right of its own: ask somebody who has it."))
        self.check_access("read")
        self.node_id.check_access("read")

    def _reopen(self, figures: str, reason: str):
        """Reopen quantities or cost; whatever came meanwhile counts from now on.

        :raises UserError: no reason is given
        """
        self._check_may_reopen()
        if not (reason or "").strip():
            raise UserError(self.env._("Reopening a month needs a reason."))
        chosen = self.filtered(f"{figures}_locked")
        chosen.sudo().write(
            {
                f"{figures}_locked": False,
                f"{figures}_user_id": False,
                f"{figures}_date": False,
                "reason": reason.strip(),
            }
        )
        chosen._log(figures, "reopen", reason.strip())
        self.env["energy.late.reading"]._count_reopened(chosen, figures)
        chosen._note_and_mark(figures, reason.strip())

    def _log(self, figures: str, act: str, reason: str | bool = False):
        self.env["energy.lock.log"].sudo().create(
            [
                {"lock_id": lock.id, "figures": figures, "act": act, "user_id": self.env.uid, "reason": reason}
                for lock in self
            ]
        )

    def _note_and_mark(self, figures: str, reason: str):
        """What may have come while the month was locked is computed now: everything in the plant and month."""
        locked, opened = self.env._("locked"), self.env._("reopened")
        for lock in self.sudo():
            last = lock.month + relativedelta(months=1, days=-1)
            indicators = lock._indicators()
            self.env["energy.restatement"]._note(
                "reopening", lock, locked, opened, lock.month, last, reason=reason, indicators=indicators
            )
            self.env["energy.calculation"]._mark(indicators, lock.month, last)

    def _indicators(self):
        """Sources that hung in this plant on some day of the month, wherever they hang today."""
        self.ensure_one()
        sources = self.env["energy.indicator"].search(
            [("company_id", "=", self.company_id.id), ("source", "!=", "computed")]
        )
        last = self.month + relativedelta(months=1, days=-1)
        days = np.arange(self.month.toordinal(), last.toordinal() + 1)
        inside = PlantBook(self.env, self.company_id).plants(sources.node_id.ids, days) == self.node_id.id
        nodes = set(np.array(sources.node_id.ids)[inside.any(axis=1)].tolist())
        return sources.filtered(lambda one: one.node_id.id in nodes)

    # === SCREEN === #
    @api.model
    def _make_months(self):
        """A row for every plant and month with figures."""
        self.env["energy.value.month"].flush_model()
        self.env.cr.execute(MONTHS_WITH_FIGURES, [self.env.companies.ids])

    @api.model
    def action_open_months(self):
        """The list of plants and months, with a row for every month that has figures."""
        self.check_access("read")
        self._make_months()
        return self.env["ir.actions.act_window"]._for_xml_id("energy_carbon.energy_lock_action")
