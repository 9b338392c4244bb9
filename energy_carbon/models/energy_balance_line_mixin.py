"""What the lines of a balance by day and by month have in common."""

from datetime import date

from odoo import api, fields, models
from odoo.fields import Domain
from odoo.tools import SQL

from ..tools.selections import QUALITIES
from .energy_balance import KINDS

SUMMED = ("amount_in", "amount_out", "difference", "share")
# A difference below this share of what goes in is rounding of binary fractions.
ROUNDING = 1e-9
# The id of a row is that of its balance times this, plus the number of its period.
PERIODS = 100000

# Parts with the days on which they count. One that has figures is expected to go on having them until it is archived,
# scrapped or laid aside: a meter that fell silent leaves the balance incomplete, it makes no loss.
PARTS = SQL(
    """SELECT p.balance_id, p.indicator_id, p.side, p.factor,
              GREATEST(p.date_from, COALESCE(i.date_from, span.first, i.create_date::date)) AS first,
              LEAST(p.date_to, CASE WHEN NOT i.active OR NOT n.active OR n.meter_state IN ('scrapped', 'spare')
                                    THEN COALESCE(span.last, '-infinity'::date) END) AS last
         FROM energy_balance_part p
         JOIN energy_indicator i ON i.id = p.indicator_id
         JOIN energy_node n ON n.id = i.node_id
   CROSS JOIN LATERAL (SELECT (SELECT date FROM energy_value WHERE indicator_id = p.indicator_id AND value IS NOT NULL
                                ORDER BY date LIMIT 1) AS first,
                              (SELECT date FROM energy_value WHERE indicator_id = p.indicator_id AND value IS NOT NULL
                                ORDER BY date DESC LIMIT 1) AS last) span"""
)
# Rows of (balance, period) with the figures of both sides; grouping pushes filters on either down to the values.
LINES = """
    SELECT %(id)s AS id, b.id AS balance_id, b.node_id, b.company_id, b.kind, b.energy_type_id, b.uom_id, line.day AS {day},
           line.amount_in, line.amount_out, line.present, line.expected,
           (%(qualities)s::varchar[])[line.quality] AS quality, line.difference,
           line.difference / NULLIF(line.amount_in, 0) AS share, line.limit_share AS limit,
           CASE WHEN line.difference IS NULL THEN 'incomplete'
                WHEN ABS(line.difference) > ABS(line.amount_in) * line.limit_share / 100 * (1 + %(rounding)s) THEN 'over'
                ELSE 'within' END AS state
      FROM energy_balance b
      JOIN (%(figures)s) line ON line.balance_id = b.id
     WHERE b.active
"""
FIGURES = """
    SELECT balance_id, day, amount_in, amount_out, present, expected, quality, limit_share,
           CASE WHEN NOT complete THEN NULL
                WHEN ABS(amount_in - amount_out) <= ABS(amount_in) * %(rounding)s THEN 0
                ELSE amount_in - amount_out END AS difference
      FROM (SELECT d.balance_id, d.day, SUM(p.factor * v.value) FILTER (WHERE p.side = 'in') AS amount_in,
                   SUM(p.factor * v.value) FILTER (WHERE p.side = 'out') AS amount_out,
                   SUM(COALESCE(v.present, 0)) AS present, SUM(COALESCE(v.expected, 1)) AS expected,
                   MAX(COALESCE(v.quality, %(missing)s)) AS quality,
                   BOOL_AND(v.value IS NOT NULL AND v.present >= v.expected) AS complete,
                   MAX(COALESCE(NULLIF(own.own_limit, 0), NULLIF(n.balance_limit, 0), c.energy_balance_limit)) AS limit_share
              FROM (%(days)s) d
              JOIN energy_balance own ON own.id = d.balance_id
              JOIN energy_node n ON n.id = own.node_id
              JOIN res_company c ON c.id = own.company_id
              JOIN (%(parts)s) p ON p.balance_id = d.balance_id AND %(counts)s
         LEFT JOIN LATERAL (%(values)s) v ON TRUE
          GROUP BY d.balance_id, d.day
            HAVING BOOL_OR(p.side = 'in') AND BOOL_OR(p.side = 'out')) sums
"""


class EnergyBalanceLineMixin(models.AbstractModel):
    """A balance in one period: what went in, what accounts for it, what is left.

    Computed by the database when read. Where data are missing there is no difference: it would be a false loss.
    """

    _name = "energy.balance.line.mixin"
    _inherit = ["energy.wall.mixin", "energy.node.panel.mixin"]
    _description = "Balance of a Period"

    balance_id = fields.Many2one("energy.balance", readonly=True)
    node_id = fields.Many2one("energy.node", readonly=True)
    company_id = fields.Many2one("res.company", readonly=True)
    kind = fields.Selection(KINDS, readonly=True, string="Compares")
    energy_type_id = fields.Many2one("energy.type", readonly=True)
    uom_id = fields.Many2one("uom.uom", string="Unit of Measure", readonly=True)
    amount_in = fields.Float(string="In", readonly=True)
    amount_out = fields.Float(string="Out", readonly=True)
    difference = fields.Float(readonly=True, help="In - out. Blank while data are missing on either side.")
    share = fields.Float(readonly=True, help="Difference as a share of what went in.")
    limit = fields.Float(string="Limit (%)", readonly=True, aggregator=None)
    state = fields.Selection(
        [("within", "Within the limit"), ("over", "Over the limit"), ("incomplete", "Data missing")], readonly=True
    )
    present = fields.Integer(readonly=True, string="Source-days with a Value", aggregator=None)
    expected = fields.Integer(readonly=True, string="Expected Source-days", aggregator=None)
    coverage = fields.Float(compute="_compute_coverage", aggregator=None)
    quality = fields.Selection(QUALITIES, readonly=True)

    # === COMPUTE METHODS === #
    @api.depends("balance_id")
    def _compute_display_name(self):
        for line in self:
            first, _last = line._period()
            line.display_name = f"{line.balance_id.display_name} · {first}"

    @api.depends("expected", "present")
    def _compute_coverage(self):
        for line in self:
            line.coverage = line.present / line.expected if line.expected else 0.0

    # === READING === #
    @api.model
    def _search(self, domain, *args, **kwargs):
        """Rows asked for by id, as every reading of fields does, are looked for in their balances and periods only.

        An id holds both, but the database cannot turn that round: it would work out all periods of all balances.
        """
        wanted = list(domain)
        if len(wanted) == 1 and tuple(wanted[0][:2]) == ("id", "in") and isinstance(wanted[0][2], (list, tuple)):
            ids = [number for number in wanted[0][2] if number]
            domain = Domain(domain) & self._bounds(ids) if ids else domain
        return super()._search(domain, *args, **kwargs)

    @api.model
    def _bounds(self, ids) -> Domain:
        """Balances and periods that rows lie in, a domain that their ids imply."""
        periods = [self._period_of(number % PERIODS) for number in ids]
        return (
            Domain("balance_id", "in", {number // PERIODS for number in ids})
            & Domain(self._period_field, ">=", min(periods))
            & Domain(self._period_field, "<=", max(periods))
        )

    @api.model
    def _period_of(self, number: int) -> date:
        """The period that is the lower part of an id."""
        raise NotImplementedError

    def _lines_sql(self, day: str, identifier: SQL, days: SQL, counts: SQL, values: SQL) -> SQL:
        """The query behind the model.

        :param day: column of the period
        :param identifier: id of the row, of ``b.id`` and ``line.day``
        :param days: periods of each balance that have values: ``balance_id``, ``day``
        :param counts: whether part ``p`` counts in period ``d.day``
        :param values: figures of part ``p`` in period ``d.day``: value, present, expected, quality (as position)
        """
        figures = SQL(
            FIGURES,
            rounding=ROUNDING,
            missing=len(QUALITIES),
            days=days,
            parts=PARTS,
            counts=counts,
            values=values,
        )
        return SQL(
            LINES.format(day=day),
            id=identifier,
            qualities=[key for key, _label in QUALITIES],
            rounding=ROUNDING,
            figures=figures,
        )

    @staticmethod
    def _quality_position(column: str) -> SQL:
        return SQL("ARRAY_POSITION(%s::varchar[], %s)", [key for key, _label in QUALITIES], SQL(column))

    @api.model
    def _read_group_select(self, aggregate_spec, query):
        """Sums over several periods of one balance only: a plant's balance holds those below it.

        The share is that of the sums, over the periods that have a difference.
        """
        fname, _sep, func = aggregate_spec.partition(":")
        if fname not in SUMMED or func not in ("sum", "avg"):
            return super()._read_group_select(aggregate_spec, query)
        super()._read_group_select(aggregate_spec, query)  # refuses a field the user may not read
        column = {name: SQL.identifier(self._table, name) for name in (*SUMMED, "balance_id")}
        total = SQL("SUM(%s)", column[fname])
        if fname == "share":
            total = SQL(
                "SUM(%(difference)s) / NULLIF(SUM(%(amount_in)s) FILTER (WHERE %(difference)s IS NOT NULL), 0)", **column
            )
        return SQL("CASE WHEN MIN(%(one)s) = MAX(%(one)s) THEN %(total)s END", one=column["balance_id"], total=total)

    # === ACTION METHODS === #
    def _period(self):
        """First and last day of the line."""
        raise NotImplementedError

    def action_explain(self):
        """Explain the difference: both sides with every indicator, each down to its readings."""
        self._ensure_asked_one()
        return self.balance_id._explain_action(*self._period())
