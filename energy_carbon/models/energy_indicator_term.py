"""One term of an indicator's formula."""

from odoo import api, fields, models
from odoo.exceptions import ValidationError

from ..tools.naming import free_names

# While an indicator is written with its terms, a term alone cannot be judged: names and expression change one by one.
TERMS_LATER = "energy_formula_terms_later"


class EnergyIndicatorTerm(models.Model):
    """A source indicator with its coefficient and validity; kept by Energy managers as part of the indicator."""

    _name = "energy.indicator.term"
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
        if not self.env.context.get(TERMS_LATER):
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
        terms = super().create(self._named(vals_list))
        self.env["energy.calculation"]._mark(terms.indicator_id)
        return terms

    def _named(self, vals_list: list[dict]) -> list[dict]:
        """The values with a free name for every term that has none."""
        grouped: dict[int, list[dict]] = {}
        for vals in vals_list:
            grouped.setdefault(vals.get("indicator_id"), []).append(vals)
        names = {}
        for indicator, given in grouped.items():
            taken = self.search([("indicator_id", "=", indicator)]).mapped("variable")
            names[indicator] = free_names([*taken, *(vals.get("variable") for vals in given)])
        return [
            vals if vals.get("variable") else dict(vals, variable=next(names[vals.get("indicator_id")]))
            for vals in vals_list
        ]

    def write(self, vals):
        before = self.indicator_id
        result = super().write(vals)
        self.env["energy.calculation"]._mark(before | self.indicator_id)
        return result

    def unlink(self):
        indicators = self.indicator_id
        result = super().unlink()
        if not self.env.context.get(TERMS_LATER):
            indicators.exists()._check_expression()
        self.env["energy.calculation"]._mark(indicators.exists())
        return result
