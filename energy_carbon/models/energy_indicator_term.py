"""One term of an indicator's formula."""

from odoo import api, fields, models
from odoo.exceptions import ValidationError

from ..tools.inner_step import is_within
from ..tools.naming import free_names
from ..tools.validity import changed_days

# While an indicator is written with its terms, a term alone cannot be judged: names and expression change one by one.
TERMS_LATER = "energy_formula_terms_later"


class EnergyIndicatorTerm(models.Model):
    """A source indicator with its coefficient and validity; kept by Energy managers as part of the indicator."""

    _name = "energy.indicator.term"
    _inherit = ["energy.wall.mixin"]
    _description = "Formula Term"
    _order = "indicator_id, role, sequence, id"

    indicator_id = fields.Many2one("energy.indicator", required=True, index=True, ondelete="cascade")
    sequence = fields.Integer(default=10)
    role = fields.Selection(
        [("sum", "Sum"), ("numerator", "Numerator"), ("denominator", "Denominator")], default="sum", required=True
    )
    variable = fields.Char(
        help="Short name of the source in this formula, used in its expression. Empty: the next free letter."
    )
    source_id = fields.Many2one(
        "energy.indicator", string="Source Indicator", required=True, index=True, ondelete="restrict"
    )
    source_node_id = fields.Many2one(related="source_id.node_id", string="Source Node")
    source_unit = fields.Char(related="source_id.unit_label", string="Source Unit")
    coefficient = fields.Float(default=1.0, required=True)
    date_from = fields.Date(string="Valid From")
    date_to = fields.Date(string="Valid To", help="Last day on which the source counts.")
    company_id = fields.Many2one(related="indicator_id.company_id", store=True, index=True, precompute=True)
    node_id = fields.Many2one(related="indicator_id.node_id", store=True, index=True, precompute=True)

    _date_order = models.Constraint(
        "CHECK (date_from IS NULL OR date_to IS NULL OR date_from <= date_to)",
        "A term's validity ends before it begins.",
    )

    # === CONSTRAINT METHODS === #
    @api.constrains("indicator_id", "source_id", "role", "date_from", "date_to")
    def _check_formula(self):
        self.indicator_id._check_terms()
        self.indicator_id._check_circle()

    @api.constrains("indicator_id", "source_id", "role", "variable")
    def _check_expression(self):
        if not is_within(self.env, TERMS_LATER):
            self.indicator_id._check_expression()

    @api.constrains("source_id", "indicator_id")
    def _check_company(self):
        for term in self:
            if term.source_id.company_id != term.indicator_id.company_id:
                raise ValidationError(
                    self.env._(
                        "%(input)s belongs to another company than %(target)s.",
                        input=term.source_id.display_name,
                        target=term.indicator_id.display_name,
                    )
                )

    # === CRUD METHODS === #
    @api.model_create_multi
    def create(self, vals_list):
        before = self._formula_texts(self.indicator_id.browse({vals.get("indicator_id") for vals in vals_list}))
        terms = super().create(self._named(vals_list))
        self.env["energy.calculation"]._mark(terms.indicator_id)
        terms._restate([(term.indicator_id, term.date_from, term.date_to) for term in terms], before)
        return terms

    def _named(self, vals_list: list[dict]) -> list[dict]:
        """The values with a free name for every term that has none."""
        grouped: dict[int, list] = {vals.get("indicator_id"): [] for vals in vals_list}
        for term in self.search([("indicator_id", "in", list(grouped))]):
            grouped[term.indicator_id.id].append(term.variable)
        for vals in vals_list:
            grouped[vals.get("indicator_id")].append(vals.get("variable"))
        names = {indicator: free_names(taken) for indicator, taken in grouped.items()}
        return [
            vals if vals.get("variable") else dict(vals, variable=next(names[vals.get("indicator_id")]))
            for vals in vals_list
        ]

    def write(self, vals):
        before = self.indicator_id
        texts, old = self._formula_texts(before), {term.id: term._deciding() for term in self}
        result = super().write(vals)
        self.env["energy.calculation"]._mark(before | self.indicator_id)
        self._restate([row for term in self for row in term._changed_days(old[term.id])], texts)
        return result

    def unlink(self):
        indicators = self.indicator_id
        texts = self._formula_texts(indicators)
        gone = [(term.indicator_id, term.date_from, term.date_to) for term in self]
        result = super().unlink()
        if not is_within(self.env, TERMS_LATER):
            indicators.exists()._check_expression()
        self.env["energy.calculation"]._mark(indicators.exists())
        self._restate(gone, texts)
        return result

    # === LOCKS AND JOURNAL === #
    def _deciding(self) -> tuple:
        """What of this term decides figures: indicator, validity, and the rest."""
        rest = (self.role, self.variable, self.source_id, self.coefficient)
        return self.indicator_id, self.date_from, self.date_to, rest

    def _changed_days(self, old: tuple) -> list[tuple]:
        """(indicator, first day or None, last day or None) on which this term counts otherwise than it did."""
        new = self._deciding()
        if (old[0], old[3]) != (new[0], new[3]):
            return [old[:3], new[:3]]
        return [(self.indicator_id, *span) for span in changed_days(old[1:3], new[1:3])]

    @api.model
    def _formula_texts(self, indicators) -> dict:
        """Formulas as they read, of those of the indicators that have figures."""
        self.env.flush_all()
        self.env.cr.execute(
            """SELECT i.id FROM unnest(%s::int4[]) AS i(id)
                WHERE EXISTS (SELECT FROM energy_value WHERE indicator_id = i.id AND value IS NOT NULL)""",
            [indicators.ids],
        )
        return {row[0]: indicators.sudo().browse(row[0])._formula_text() for row in self.env.cr.fetchall()}

    @api.model
    def _restate(self, rows: list[tuple], texts: dict):
        """Refuse what would change locked figures, and note the formulas that changed.

        :param rows: (indicator, first day or None, last day or None) that change
        :param texts: formulas by indicator id as they were; those without figures have none
        """
        days: dict = {}
        for indicator, first, last in rows:
            days.setdefault(indicator.sudo(), []).append((first or None, last or None))
        self._refuse_locked(days)
        for indicator, spans in days.items():
            if indicator.id not in texts or not indicator.exists():
                continue
            text = indicator._formula_text()
            for span in spans:
                self.env["energy.restatement"]._note(
                    "formula", indicator, texts[indicator.id], text, *span, indicators=indicator
                )

    @api.model
    def _refuse_locked(self, days: dict):
        """Refuse what would change locked figures, naming the formula; asked for all formulas at once first.

        :param days: indicator -> (first day or None, last day or None) that change
        """
        rows = {one: [(one.id, *span) for span in spans] for one, spans in days.items()}
        if not self.env["energy.lock"]._blocking([row for own in rows.values() for row in own]):
            return
        for indicator, own in rows.items():
            if indicator.exists():
                name = self.env._("The formula of %(name)s", name=indicator.display_name)
                self.env["energy.lock"]._refuse_rows(name, own)
