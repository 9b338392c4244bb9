"""Formulas that are more than a weighted sum: arithmetic over the variables of the terms."""

from odoo import api, fields, models
from odoo.exceptions import ValidationError

from ..calculation.company_graph import MEASURE_UOMS
from ..calculation.expressions import compile_text, formula_units
from ..engine.expression import FormulaError, parse, variables
from ..engine.expression_parser import is_name
from ..engine.expression_tree import Variable, walk
from ..tools.asked import asked_dict, asked_records, known_ids
from ..tools.formula_problems import excerpt, place, sentence
from ..tools.inner_step import within
from ..tools.naming import free_names
from .energy_indicator_term import TERMS_LATER

KINDS = ("counter", "amount", "gauge")


class EnergyIndicatorExpression(models.Model):
    """An indicator whose formula is written out, ``if(b > 0, a / b, 0)``; kept by Energy managers."""

    _inherit = "energy.indicator"

    expression = fields.Text(
        help="Arithmetic over the variables of the sources: + - * / ( ), comparisons, if(condition, then, else), min, "
        "max, abs, round(x, digits) and coalesce(x, 0). Empty: the sum of the sources. A variable is its source's figure "
        "of the day times the coefficient, in the source's unit; units are converted where they meet. A missing "
        "variable leaves the day blank unless coalesce gives it another value; a division by zero does so too."
    )
    expression_warning = fields.Char(compute="_compute_expression_warning")

    # === COMPUTE METHODS === #
    @api.depends("expression", "term_ids.variable")
    def _compute_formula_text(self):
        return super()._compute_formula_text()

    @api.depends("expression", "term_ids.variable", "term_ids.source_id")
    @api.depends_context("lang", "uid")
    def _compute_expression_warning(self):
        for indicator in self:
            indicator.expression_warning = indicator._unused_text()

    def _unused_text(self) -> str | bool:
        """Names the sources that the expression does not use."""
        if not self.expression:
            return False
        try:
            used = variables(parse(self.expression))
        except FormulaError:
            return False
        unused = self.term_ids.filtered(lambda term: term.role == "sum" and term.variable not in used)
        names = ", ".join(term.variable or "–" for term in unused)
        return names and self.env._("The expression does not use %(names)s: these sources do not count.", names=names)

    def _formula_text(self) -> str:
        """The expression with the names of its sources in square brackets."""
        if not self.expression:
            return super()._formula_text()
        names, text = self._source_names(), self.expression
        try:
            tree = parse(text)
        except FormulaError:
            return text
        found = [node for node in walk(tree) if isinstance(node, Variable)]
        for node in sorted(found, key=lambda one: -one.position):
            end = node.position + len(node.name)
            text = text[: node.position] + names.get(node.name, node.name) + text[end:]
        return text

    def _source_names(self) -> dict[str, str]:
        """Variable -> name of its source with the coefficient; what the reader may not see is *other units*."""
        sources = self.sudo().term_ids.source_id
        visible = sources if self.env.su else sources.with_user(self.env.user)._filtered_access("read")
        names = {}
        for term in self.sudo().term_ids:
            name = term.source_id.with_env(self.env).sudo().display_name
            name = name if term.source_id.id in visible.ids else self.env._("other units")
            names[term.variable] = f"[{name}]" if term.coefficient == 1 else f"({term.coefficient:g} × [{name}])"
        return names

    # === ONCHANGE METHODS === #
    @api.onchange("term_ids")
    def _onchange_term_ids(self):
        nameless = self.term_ids.filtered(lambda term: term.source_id and not term.variable)
        names = free_names(self.term_ids.mapped("variable"))
        for term, name in zip(nameless, names, strict=False):
            term.variable = name

    # === CONSTRAINT METHODS === #
    @api.constrains("expression", "term_ids", "uom_id", "template_id")
    def _check_expression(self):
        """Refuse variables and expressions that cannot be computed with."""
        for indicator in self:
            if indicator.expression:
                indicator._check_text()
            else:
                indicator._check_variables()
                indicator._check_terms()

    def _check_text(self):
        """Refuse an expression by itself first, so that a hopeless text is refused before anything is looked up."""
        table = None
        try:
            tree = parse(self.expression)
            self._check_meaning(tree, self.template_id)
            self._check_variables()
            self._check_terms()
            table = self._unit_table()
            self._compile(table)
        except FormulaError as error:
            raise ValidationError(self._refusal(error, table)) from error

    def _refusal(self, error, table) -> str:
        """What is wrong and where, with the text around it."""
        lines = [
            self.env._("The expression of %(name)s cannot be used.", name=self.display_name),
            sentence(self.env, error, table),
        ]
        if place(error) is not None:
            shown = excerpt(self.expression, error.position)
            lines.append(self.env._("Character %(position)s: %(text)s", position=error.position + 1, text=shown))
        return "\n".join(lines)

    @api.model
    def _check_meaning(self, tree, template):
        """An expression uses sources, and ratios and what follows from factors have a rule of their own."""
        if not variables(tree):
            raise ValidationError(self.env._("The expression uses no source: a figure needs one to come from."))
        if template.kind not in KINDS and (template.kind, template.scope) != ("derived", "none"):
            raise ValidationError(
                self.env._(
                    "%(template)s takes no expression: coal, carbon, cost, stocks and ratios have a rule of their own. "
                    "Clear the expression.",
                    template=template.name,
                )
            )

    def _check_variables(self):
        """Names are needed, readable and each only once."""
        seen = set()
        for term in self.term_ids:
            if not is_name(term.variable or ""):
                raise ValidationError(
                    self.env._(
                        "%(variable)s cannot be the name of a variable: use letters, digits and _, a letter first.",
                        variable=repr(term.variable or "")[:50],
                    )
                )
            if term.variable in seen:
                raise ValidationError(
                    self.env._(
                        "Two sources of %(name)s have the variable %(variable)s: give each its own.",
                        name=self.display_name,
                        variable=term.variable,
                    )
                )
            seen.add(term.variable)

    def _check_term(self, source):
        """One source of an expression: its figure of the day, whatever its unit; never a ratio."""
        if not self.expression or "derived" in (self.kind, source.kind):
            return super()._check_term(source)
        if source.kind == "ratio":
            raise ValidationError(
                self.env._(
                    "%(input)s is a ratio, and ratios of days cannot be computed with. Use what it divides as "
                    "sources of %(name)s.",
                    input=source.display_name,
                    name=self.display_name,
                )
            )
        return None

    # === CRUD METHODS === #
    @api.model_create_multi
    def create(self, vals_list):
        later = within(self, TERMS_LATER)
        indicators = super(EnergyIndicatorExpression, later).create([self._stripped(vals) for vals in vals_list])
        return indicators.with_env(self.env)

    def write(self, vals):
        if not {"expression", "term_ids"} & vals.keys():
            return super().write(vals)
        later = within(self, TERMS_LATER)
        result = super(EnergyIndicatorExpression, later).write(self._stripped(vals))
        if "expression" in vals:
            self.env["energy.calculation"]._mark(self)
        return result

    def _stripped(self, vals: dict) -> dict:
        if "expression" not in vals or not isinstance(vals["expression"], str):
            return vals
        return dict(vals, expression=vals["expression"].strip() or False)

    # === BUSINESS METHODS === #
    @api.model
    def _taken_uom(self, kind: str, measure: str, source):
        """Unit of measure of what a formula takes of a source: its own, or that of its coal or carbon."""
        if kind != "derived" or not source._is_amount() or measure == "amount":
            return source.uom_id
        name = MEASURE_UOMS.get(measure)
        return self.env.ref(f"energy_carbon.{name}") if name else source.uom_id.browse()

    def _formula_uoms(self) -> tuple:
        """Unit of measure of the indicator and of what it takes of each variable's source."""
        terms = self.term_ids.filtered(lambda term: term.role == "sum")
        sources = {term.variable: self._taken_uom(self.kind, self.measure, term.source_id) for term in terms}
        return self.uom_id, sources

    def _unit_table(self):
        """The units of the indicator and of its sources."""
        return formula_units(self.env, *self.sudo()._formula_uoms())

    def _compile(self, table):
        """The compiled expression.

        :raises FormulaError: it cannot be computed
        """
        return compile_text(self.expression, self.kind, *self.sudo()._formula_uoms(), table)

    def _compiled(self):
        """The compiled expression, or the FormulaError when it can no longer be computed."""
        try:
            return self._compile(self._unit_table())
        except FormulaError as error:
            return error

    @api.model
    def check_expression(self, text, names, template_id=False, uom_id=False) -> dict:
        """Judge an expression while it is typed.

        :param names: variable -> id of its source, False while none is chosen
        :param template_id: of the indicator it is for, if known; uom_id: its unit of measure
        :return: {"ok", "message": what is wrong or to be noted, "position": of the character or None}
        """
        self.check_access("read")
        names = asked_dict(self.env, names)
        template = asked_records(self.env["energy.indicator.template"], [template_id] if template_id else [])
        table = None
        try:
            tree = parse(text or "")
            if template:
                self._check_meaning(tree, template)
            uom, sources = self._typed_uoms(names, template, uom_id)
            table = formula_units(self.env, uom, sources)
            compile_text(text, template.kind, uom, sources, table)
        except FormulaError as error:
            return {"ok": False, "message": sentence(self.env, error, table), "position": place(error)}
        except ValidationError as error:
            return {"ok": False, "message": str(error), "position": None}
        unused = ", ".join(name for name in names if name not in variables(tree))
        note = unused and self.env._("The expression does not use %(names)s: these sources do not count.", names=unused)
        return {"ok": True, "message": note or False, "position": None}

    def _typed_uoms(self, names: dict, template, uom_id) -> tuple:
        """Units of the result and of each source; none at all while one is not chosen or not for the reader's eyes."""
        uom = asked_records(self.env["uom.uom"], [uom_id] if uom_id else [])
        found = self.browse(known_ids(self.env, names.values())).exists()._filtered_access("read")
        known = {source.id: self._taken_uom(template.kind, template.measure, source) for source in found}
        if not all(source in known for source in names.values()):
            return uom.browse(), dict.fromkeys(names, uom.browse())
        return uom, {name: known[source] for name, source in names.items()}
