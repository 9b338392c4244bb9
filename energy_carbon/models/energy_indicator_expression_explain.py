"""Explain for expressions: the formula with its variables, and what each of them was."""

from odoo import models

from ..engine.expression import FormulaError
from ..tools.formula_problems import sentence
from ..tools.selections import COMPANIONS


class EnergyIndicatorExpressionExplain(models.Model):
    """What an expression was computed from; a contribution is told only where the expression is a weighted sum."""

    _inherit = "energy.indicator"

    def _explain_head(self, figures, first, last, measure) -> dict:
        head = super()._explain_head(figures, first, last, measure)
        head["expression"] = self.expression or False
        if self.expression and self.source == "computed":
            head["notes"] += self._expression_notes(first, last, measure)
        return head

    def _expression_notes(self, first, last, measure) -> list[str]:
        """What a reader of the inputs must know."""
        compiled = self._compiled()
        if isinstance(compiled, FormulaError):
            problem = sentence(self.env, compiled, self._unit_table())
            return [self.env._("The formula can no longer be computed: %(problem)s", problem=problem)]
        notes = []
        if first != last and not compiled.share:
            notes.append(
                self.env._(
                    "The formula is computed for each day, and the days make the figure of the period. The inputs shown "
                    "are those of the whole period."
                )
            )
        if not compiled.share and self._is_amount() and measure in COMPANIONS:
            notes.append(self._no_companions())
        return notes

    def _no_companions(self) -> str:
        return self.env._("Computed by a formula that is no weighted sum: it has no standard coal, carbon or cost.")

    def _explain_line(self, term, first, last, measure, boundary) -> dict:
        line = super()._explain_line(term, first, last, measure, boundary)
        source = term.source_id
        if line["measure"] and source.expression and source.source == "computed" and not line["note"]:
            compiled = source._compiled()
            line["note"] = "" if not isinstance(compiled, FormulaError) and compiled.share else self._no_companions()
        if self.expression and term.role == "sum":
            line.update(self._expression_line(term, line))
        return line

    def _expression_line(self, term, line) -> dict:
        """What an expression makes of a term: variable, coefficient and, in a weighted sum, what it adds."""
        compiled = self._compiled()
        changed = {"variable": term.variable, "coefficient": term.coefficient, "contribution": None}
        if isinstance(compiled, FormulaError):
            return changed
        if term.variable not in compiled.weight:
            return dict(changed, note=self.env._("Not used in the expression: does not count"))
        if compiled.share is None:
            return changed
        weights = compiled.share if line["measure"] else compiled.weight
        factor = term.coefficient * weights[term.variable]
        value = line["value"]
        return dict(changed, coefficient=factor, contribution=None if value is None else value * factor)

    def _term_conversion(self, source, takes: str, role: str) -> float:
        if self.expression and role == "sum":
            return 1.0  # the expression converts where units meet
        return super()._term_conversion(source, takes, role)
