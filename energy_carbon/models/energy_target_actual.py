"""What was reached of a target, and where it leads."""

from datetime import timedelta

from odoo import api, fields, models
from odoo.fields import Domain

from .energy_target import ADDED_UP

# The days of every target's indicator; those before today are whole and carry the forecast.
REACHED = """
    SELECT t.id, SUM(v.value) AS value, SUM(v.numerator) AS numerator, SUM(v.denominator) AS denominator,
           AVG(v.value) AS mean, ARRAY_AGG(DISTINCT v.reason) FILTER (WHERE v.reason IS NOT NULL) AS reasons,
           SUM(v.value) FILTER (WHERE v.date < %(today)s) AS before,
           COUNT(v.value) FILTER (WHERE v.date < %(today)s) AS days
      FROM unnest(%(ids)s, %(indicators)s, %(first)s::date[], %(last)s::date[]) AS t(id, indicator, first, last)
      JOIN energy_value v ON v.indicator_id = t.indicator AND v.date BETWEEN t.first AND t.last
  GROUP BY t.id
"""


class EnergyTargetActual(models.Model):
    """Figures beside the target; computed when looked at, never stored."""

    _inherit = "energy.target"

    actual = fields.Float(compute="_compute_actual", digits=(16, 3), aggregator=None)
    has_actual = fields.Boolean(compute="_compute_actual")
    percent = fields.Float(compute="_compute_actual", string="Reached", aggregator=None)
    forecast = fields.Float(
        compute="_compute_actual",
        digits=(16, 3),
        aggregator=None,
        help="Where the period ends if its remaining days are like the mean of those so far. Of ratios and means: the "
        "figure so far.",
    )
    forecast_percent = fields.Float(compute="_compute_actual", string="Forecast of Target", aggregator=None)
    state = fields.Selection(
        [
            ("none", "No figure yet"),
            ("on_track", "On track"),
            ("at_risk", "At risk"),
            ("missed", "Missed"),
            ("met", "Met"),
        ],
        compute="_compute_actual",
        search="_search_state",
    )

    # === COMPUTE METHODS === #
    @api.depends("indicator_id", "value", "date_from", "date_to", "direction")
    def _compute_actual(self):
        reached = self._reached()
        today = fields.Date.context_today(self)
        for target in self:
            figures = reached.get(target._origin.id)
            actual = target.indicator_id._figure(figures) if figures else None
            forecast = None if actual is None else target._forecast(actual, figures, today)
            target.has_actual = actual is not None
            target.actual, target.forecast = actual or 0.0, forecast or 0.0
            target.percent = target.actual / target.value if target.value else 0.0
            target.forecast_percent = target.forecast / target.value if target.value else 0.0
            target.state = target._judged(actual, forecast, target.date_to and target.date_to < today)

    def _reached(self) -> dict[int, dict]:
        """Target id -> sums over the days of its period; the caller may read the targets, so their figures, too."""
        rows = [one for one in self if one._origin.id and one.indicator_id and one.date_from]
        if not rows:
            return {}
        self.env["energy.value"].flush_model()
        self.env.cr.execute(
            REACHED,
            {
                "ids": [one._origin.id for one in rows],
                "indicators": [one.indicator_id.id for one in rows],
                "first": [one.date_from for one in rows],
                "last": [one.date_to for one in rows],
                "today": fields.Date.context_today(self),
            },
        )
        names = [column.name for column in self.env.cr.description]
        return {row[0]: dict(zip(names, row, strict=True)) for row in self.env.cr.fetchall()}

    def _forecast(self, actual: float, figures: dict, today) -> float:
        """The figure at the end of the period by the run rate of the days that are over."""
        if self.template_id.kind not in ADDED_UP or self.date_to < today or not figures["days"]:
            return actual
        length = (self.date_to - self.date_from + timedelta(days=1)).days
        return figures["before"] / figures["days"] * length

    def _judged(self, actual, forecast, over: bool) -> str:
        """State of the target by what was reached and where it leads."""
        if actual is None:
            return "none"
        sign = 1 if self.direction == "at_most" else -1
        beyond = sign * (actual - self.value) > 0
        if over or (self.direction == "at_most" and beyond and self.template_id.kind in ADDED_UP):
            return "missed" if beyond else "met"
        return "at_risk" if sign * (forecast - self.value) > 0 else "on_track"

    def _search_state(self, operator, value):
        if operator != "in":
            return NotImplemented
        figures = Domain.TRUE if "none" in value else Domain("indicator_id", "!=", False)
        return Domain("id", "in", self.search(figures).filtered(lambda target: target.state in value).ids)
