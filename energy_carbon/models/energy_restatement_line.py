"""A plant's month before and after a restatement."""

from odoo import api, fields, models
from odoo.tools import SQL

FIGURES = ("value", "coal", "carbon", "cost")


class EnergyRestatementLine(models.Model):
    """One figure at the top of a plant in one month, closed days only; written by the calculation."""

    _name = "energy.restatement.line"
    _inherit = ["energy.wall.mixin"]
    _description = "Restated Month"
    _order = "restatement_id desc, month, node_id, indicator_id"
    _rec_name = "indicator_id"
    _log_access = False

    restatement_id = fields.Many2one("energy.restatement", required=True, readonly=True, index=True, ondelete="cascade")
    company_id = fields.Many2one(related="restatement_id.company_id", store=True, index=True)
    indicator_id = fields.Many2one("energy.indicator", required=True, readonly=True, index=True, ondelete="cascade")
    node_id = fields.Many2one(
        "energy.node", string="Plant", required=True, readonly=True, index=True, ondelete="cascade"
    )
    unit_label = fields.Char(related="indicator_id.unit_label", string="Unit")
    month = fields.Date(required=True, readonly=True)
    month_label = fields.Char(compute="_compute_month_label", string="Month as Text")
    value_before = fields.Float(string="Amount Before", readonly=True, aggregator=None)
    value_after = fields.Float(string="Amount After", readonly=True, aggregator=None)
    coal_before = fields.Float(string="Standard Coal Before (kgce)", readonly=True, aggregator=None)
    coal_after = fields.Float(string="Standard Coal After (kgce)", readonly=True, aggregator=None)
    carbon_before = fields.Float(string="Carbon Before (kgCO2)", readonly=True, aggregator=None)
    carbon_after = fields.Float(string="Carbon After (kgCO2)", readonly=True, aggregator=None)
    cost_before = fields.Float(readonly=True, aggregator=None, groups="energy_carbon.group_see_prices")
    cost_after = fields.Float(readonly=True, aggregator=None, groups="energy_carbon.group_see_prices")

    value_text = fields.Char(compute="_compute_texts", string="Amount")
    coal_text = fields.Char(compute="_compute_texts", string="Standard Coal (kgce)")
    carbon_text = fields.Char(compute="_compute_texts", string="Carbon (kgCO2)")
    cost_text = fields.Char(compute="_compute_cost_text", string="Cost", groups="energy_carbon.group_see_prices")

    _one_each = models.UniqueIndex("(restatement_id, indicator_id, month)")

    # === COMPUTE METHODS === #
    @api.depends("month")
    def _compute_month_label(self):
        for line in self:
            line.month_label = f"{line.month:%Y-%m}" if line.month else ""

    @api.depends("value_before", "value_after", "coal_before", "coal_after", "carbon_before", "carbon_after")
    def _compute_texts(self):
        for name in ("value", "coal", "carbon"):
            self._put_text(name)

    @api.depends("cost_before", "cost_after")
    def _compute_cost_text(self):
        self._put_text("cost")

    def _put_text(self, name: str):
        """Before and after; a figure that did not change stands alone, a blank one is no zero."""
        self.env.cr.execute(
            SQL(
                "SELECT id, %s, %s FROM energy_restatement_line WHERE id = ANY(%s)",
                SQL.identifier(f"{name}_before"),
                SQL.identifier(f"{name}_after"),
                list(self._origin.ids),
            )
        )
        found = {row[0]: row[1:] for row in self.env.cr.fetchall()}
        for line in self:
            before, after = ("–" if one is None else f"{one:,.3f}" for one in found.get(line._origin.id, (None, None)))
            line[f"{name}_text"] = before if before == after else f"{before} → {after}"

    # === ACTION METHODS === #
    def action_explain(self):
        """Explain the month as it is now."""
        self._ensure_asked_one()
        last = fields.Date.end_of(self.month, "month")
        return self.env["energy.value"]._explain_action(self.indicator_id, self.month, last)
