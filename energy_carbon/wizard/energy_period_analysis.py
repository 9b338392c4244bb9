"""Consumption and cost by tariff period: what somebody asks for, and its lines."""

from datetime import date

import numpy as np
from dateutil.relativedelta import relativedelta

from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError
from odoo.tools import SQL

from ..calculation.bulk import copy_in, pg_date
from ..calculation.period_parts import NOT_SPLIT, Parts
from ..tools.selections import PERIODS

STAGING = "energy_period_line_staging"
# Days times indicators: a year of 1,000 meters by day would be 1.8 million lines.
MOST_CELLS = 50_000
PERIOD_KEYS = [*(key for key, _label in PERIODS), "none"]


class EnergyPeriodAnalysis(models.TransientModel):
    """One request: node, days, and what is listed. Anybody may ask for what he may see; cost needs the right to it."""

    _name = "energy.period.analysis"
    _inherit = ["energy.wall.mixin"]
    _description = "Consumption by Tariff Period"

    node_id = fields.Many2one(
        "energy.node",
        required=True,
        default=lambda self: self._default_node(),
        ondelete="cascade",
        help="Unit, device or meter that is split by period.",
    )
    listed = fields.Selection(
        [("node", "This node"), ("children", "What is directly below"), ("meters", "All meters below")],
        string="Shows",
        required=True,
        default="node",
    )
    step = fields.Selection([("day", "By day"), ("month", "By month")], required=True, default="day")
    date_from = fields.Date(string="From", required=True, default=lambda self: self._default_first())
    date_to = fields.Date(string="To", required=True, default=lambda self: self._default_last())
    company_id = fields.Many2one(related="node_id.company_id")
    line_ids = fields.One2many("energy.period.line", "analysis_id", string="Lines")

    # === DEFAULTS === #
    @api.model
    def _default_node(self):
        domain = [("kind", "=", "unit"), ("company_id", "in", self.env.companies.ids)]
        return self.env["energy.node"].search(domain, order="depth, sequence, complete_name, id", limit=1)

    @api.model
    def _default_first(self) -> date:
        return self._default_month()

    @api.model
    def _default_last(self) -> date:
        return self._default_month() + relativedelta(day=31)

    @api.model
    def _default_month(self) -> date:
        """First day of the last month with a figure that can be split; without any, of this month."""
        domain = [
            ("template_id.tou_role", "=", "split"),
            ("company_id", "in", self.env.companies.ids),
            ("quality", "!=", "missing"),
        ]
        latest = self.env["energy.value.month"].search(domain, order="month desc", limit=1)
        return latest.month or fields.Date.context_today(self) + relativedelta(day=1)

    # === CONSTRAINT METHODS === #
    @api.constrains("date_from", "date_to")
    def _check_days(self):
        for analysis in self:
            if analysis.date_from > analysis.date_to:
                raise ValidationError(self.env._("The period ends before it begins: choose a later last day."))

    # === ACTION METHODS === #
    @api.model
    def action_open(self):
        """Show the latest month of the first unit that the user may see; other days and nodes are chosen from there."""
        if self._default_node():
            return self.create({}).action_show()
        return self.env["ir.actions.act_window"]._for_xml_id("energy_carbon.energy_period_line_action")

    def action_show(self):
        """Split the figures and show them as pivot, graph and list."""
        self._ensure_asked_one()
        self._fill()
        action = self.env["ir.actions.act_window"]._for_xml_id("energy_carbon.energy_period_line_action")
        name = self.env._("%(node)s by tariff period", node=self.node_id.name)
        return dict(action, domain=[("analysis_id", "=", self.id)], display_name=name, target="current")

    # === CRUD METHODS === #
    def unlink(self):
        """Remove the lines as well; they have no foreign key."""
        self.sudo().line_ids.unlink()
        return super().unlink()

    # === BUSINESS METHODS === #
    def _indicators(self):
        """Indicators that are split by period, at the nodes asked for, as far as the user may see them."""
        domain = [("template_id.tou_role", "=", "split"), ("kind", "in", ("counter", "amount"))]
        if self.listed == "node":
            domain += [("node_id", "=", self.node_id.id)]
        elif self.listed == "children":
            domain += [("node_id.parent_id", "=", self.node_id.id)]
        else:
            domain += [("node_id", "child_of", self.node_id.id), ("node_id.kind", "=", "meter")]
        return self.env["energy.indicator"].search(domain)

    def _fill(self):
        """Replace the lines of this request."""
        self.sudo().line_ids.unlink()
        indicators = self._indicators()
        n_days = (self.date_to - self.date_from).days + 1
        if len(indicators) * n_days > MOST_CELLS:
            raise UserError(
                self.env._(
                    "%(count)s indicators on %(days)s days are more than a screen can show: choose fewer days, or fewer "
                    "nodes.",
                    count=len(indicators),
                    days=n_days,
                )
            )
        if not indicators:
            return
        parts = indicators._parts(self.date_from, self.date_to)
        starts, ends = self._steps()
        self._write_lines(indicators, _by_step(parts, starts), starts, ends)

    def _steps(self) -> tuple[list[date], list[date]]:
        """First and last day of each step."""
        first, last = self.date_from, self.date_to
        days = [date.fromordinal(day) for day in range(first.toordinal(), last.toordinal() + 1)]
        if self.step == "day":
            return days, days
        starts = [day for day in days if day == first or day.day == 1]
        return starts, [min(last, day + relativedelta(day=31)) for day in starts]

    def _write_lines(self, indicators, parts: Parts, starts: list[date], ends: list[date]):
        """Copy a line for every part of every step that has a figure."""
        known = ~np.isnan(parts.value)
        shown = known[..., None] & ((np.nan_to_num(parts.amount_by) != 0) | ~np.isnan(_padded(parts.registers)))
        shown[..., NOT_SPLIT] |= known & (np.nan_to_num(parts.cost_by[..., NOT_SPLIT]) != 0)
        row, step, period = np.nonzero(shown)
        if not len(row):
            return
        slots, registers = (_padded(by)[row, step, period] for by in (parts.slots, parts.registers))
        split = ~np.isnan(parts.slots[row, step]).all(axis=1)
        origin = np.where(period == NOT_SPLIT, 3, parts.from_registers[row, step] * (1 + (split & (self.step == "month"))))
        ordinals = [np.array([day.toordinal() for day in days]) for days in (starts, ends)]
        self.env.cr.execute(
            SQL(
                """CREATE TEMP TABLE IF NOT EXISTS %(staging)s (indicator int4, first date, last date, period int4,
                          amount float8, total float8, cost float8, origin int4, slots float8, registers float8)
                          ON COMMIT DELETE ROWS;
                   TRUNCATE %(staging)s""",
                staging=SQL.identifier(STAGING),
            )
        )
        copy_in(
            self.env.cr,
            STAGING,
            {
                "indicator": np.array(indicators.ids, np.int32)[row],
                "first": pg_date(ordinals[0][step]),
                "last": pg_date(ordinals[1][step]),
                "period": period.astype(np.int32),
                "amount": parts.amount_by[row, step, period],
                "total": parts.value[row, step],
                "cost": parts.cost_by[row, step, period],
                "origin": origin.astype(np.int32),
                "slots": slots,
                "registers": registers,
            },
        )
        self._insert_staged()

    def _insert_staged(self):
        self.env["energy.period.line"].flush_model()
        self.env.cr.execute(
            SQL(
                """INSERT INTO energy_period_line (create_date, write_date, user_id, analysis_id, indicator_id, node_id,
                          template_id, depth, date, date_to, period_number, period, uom_id, currency_id, amount,
                          total, share, cost, cost_known, origin, compared, by_slots, by_registers, difference,
                          difference_share)
                   SELECT now() AT TIME ZONE 'UTC', now() AT TIME ZONE 'UTC', %(user)s, %(analysis)s, i.id,
                          i.node_id, i.template_id, n.depth, s.first, s.last, s.period, (%(periods)s::varchar[])[s.period + 1],
                          i.uom_id, %(currency)s, s.amount, s.total, s.amount / NULLIF(s.total, 0), NULLIF(s.cost, 'NaN'),
                          s.cost <> 'NaN', (ARRAY['slots', 'registers', 'both', 'none'])[s.origin + 1],
                          s.slots <> 'NaN' AND s.registers <> 'NaN', NULLIF(s.slots, 'NaN'), NULLIF(s.registers, 'NaN'),
                          NULLIF(s.registers - s.slots, 'NaN'),
                          NULLIF((s.registers - s.slots) / NULLIF(s.registers, 0), 'NaN')
                     FROM %(staging)s s JOIN energy_indicator i ON i.id = s.indicator JOIN energy_node n ON n.id = i.node_id""",
                user=self.env.uid,
                analysis=self.id,
                periods=PERIOD_KEYS,
                currency=self.company_id.sudo().currency_id.id,
                staging=SQL.identifier(STAGING),
            )
        )
        self.env["energy.period.line"].invalidate_model()
        self.invalidate_recordset(["line_ids"])


def _padded(by: np.ndarray) -> np.ndarray:
    """Five periods and nothing for what is in none."""
    return np.concatenate([by, np.full((*by.shape[:2], 1), np.nan)], axis=2)


def _by_step(parts: Parts, starts: list[date]) -> Parts:
    """Days added up to steps. A step's cost is blank when a day of it with an amount has none."""
    first = starts[0].toordinal()
    at = np.array([day.toordinal() - first for day in starts])
    value, cost = parts.value, parts.cost
    unpriced = np.logical_or.reduceat(~np.isnan(value) & np.isnan(cost), at, axis=1)

    def added(array: np.ndarray) -> np.ndarray:
        known = np.logical_or.reduceat(~np.isnan(array), at, axis=1)
        return np.where(known, np.add.reduceat(np.nan_to_num(array), at, axis=1), np.nan)

    both = ~np.isnan(parts.slots) & ~np.isnan(parts.registers) if len(starts) < value.shape[1] else None
    slots, registers = parts.slots, parts.registers
    if both is not None:
        # Only days that have both are compared.
        any_both = both.any(axis=(1, 2), keepdims=True)
        slots = np.where(both | ~any_both, slots, np.nan)
        registers = np.where(both | ~any_both, registers, np.nan)
    return Parts(
        added(value),
        np.where(unpriced, np.nan, added(cost)),
        added(parts.amount_by),
        np.where(unpriced[..., None], np.nan, added(parts.cost_by)),
        added(slots),
        added(registers),
        np.logical_or.reduceat(parts.from_registers, at, axis=1),
    )
