"""Amount and cost of one period, as one analysis found them."""

from odoo import api, fields, models
from odoo.tools import SQL

from ..tools.fields import LooseMany2one
from ..tools.selections import PERIODS

SUMMED = ("amount", "cost", "share", "by_slots", "by_registers", "difference")


class EnergyPeriodLine(models.TransientModel):
    """A line an indicator, day or month, and tariff period; written when somebody asks, for this person only."""

    _name = "energy.period.line"
    _inherit = ["energy.wall.mixin"]
    _description = "Amount by Tariff Period"
    _order = "date, node_id, indicator_id, period_number"
    _rec_name = "indicator_id"

    # Without foreign keys, those of create_uid included: they would cost more than all the rest.
    analysis_id = LooseMany2one("energy.period.analysis", required=True, readonly=True, index=True)
    user_id = LooseMany2one("res.users", readonly=True, help="Who asked.")
    indicator_id = LooseMany2one("energy.indicator", readonly=True)
    node_id = LooseMany2one("energy.node", readonly=True)
    template_id = LooseMany2one("energy.indicator.template", string="Template", readonly=True)
    depth = fields.Integer(readonly=True, aggregator=None)
    date = fields.Date(readonly=True)
    date_to = fields.Date(readonly=True, string="To")
    period_number = fields.Integer(readonly=True, aggregator=None)
    period = fields.Selection([*PERIODS, ("none", "Not split")], string="Tariff Period", readonly=True)
    uom_id = LooseMany2one("uom.uom", string="Unit of Measure", readonly=True)
    currency_id = LooseMany2one("res.currency", readonly=True)
    amount = fields.Float(readonly=True)
    total = fields.Float(readonly=True, aggregator=None, help="Amount of all periods of the day or month.")
    share = fields.Float(readonly=True, help="Share of the amount of all periods.")
    cost = fields.Float(readonly=True, groups="energy_carbon.group_see_prices")
    cost_known = fields.Boolean(readonly=True)
    origin = fields.Selection(
        [("slots", "Slots"), ("registers", "Own registers"), ("both", "Own registers and slots"), ("none", "Not split")],
        string="Split By",
        readonly=True,
    )
    compared = fields.Boolean(readonly=True, help="The meter has period registers of its own, and slots as well.")
    by_slots = fields.Float(readonly=True)
    by_registers = fields.Float(readonly=True)
    difference = fields.Float(readonly=True, help="By registers - by slots.")
    difference_share = fields.Float(
        readonly=True, aggregator=None, help="Difference as a share of the amount by registers."
    )

    # === AGGREGATION === #
    @api.model
    def _read_group_select(self, aggregate_spec, query):
        """Figures of one unit and one level only; the share is that of the sums."""
        fname, _sep, func = aggregate_spec.partition(":")
        if fname not in SUMMED or func not in ("sum", "avg"):
            return super()._read_group_select(aggregate_spec, query)
        super()._read_group_select(aggregate_spec, query)  # refuses a field the user may not read
        table = self._table
        total = SQL("SUM(%s)", SQL.identifier(table, fname))
        if fname == "share":
            total = SQL("SUM(%s) / NULLIF(SUM(%s), 0)", SQL.identifier(table, "amount"), SQL.identifier(table, "total"))
        if fname == "cost":
            # A part of a cost is no cost.
            total = SQL("CASE WHEN BOOL_AND(%s) THEN %s END", SQL.identifier(table, "cost_known"), total)
        return SQL(
            "CASE WHEN MIN(%(depth)s) = MAX(%(depth)s) AND MIN(%(template)s) = MAX(%(template)s)"
            " AND MIN(%(uom)s) = MAX(%(uom)s) THEN %(total)s END",
            depth=SQL.identifier(table, "depth"),
            template=SQL.identifier(table, "template_id"),
            uom=SQL.identifier(table, "uom_id"),
            total=total,
        )

    # === ACTION METHODS === #
    def action_explain(self):
        """Explain the day's or month's figure that this is a part of."""
        self._ensure_asked_one()
        return self.env["energy.value"]._explain_action(self.indicator_id, self.date, self.date_to)
