"""Formulas of indicators: defaults, circles, units, double counting."""

import numpy as np

from odoo import api, fields, models
from odoo.exceptions import ValidationError

from ..calculation.plant_masters import load_plant
from ..engine.graph import FormulaCircle, find_circle, path_counts
from ..planning.builder import Builder
from ..tools.uom import uom_factor

# What a ratio divides by what, by template code (glossary: 单位产品综合能耗 and its kind).
RATIO_SOURCES = {
    "SEC.TCE": ("T.TCE", "OUT.QTY"),
    "SEC.EL": ("EL.CONS", "OUT.QTY"),
    "SEC.ST": ("ST.CONS", "OUT.QTY"),
    "SEC.WT": ("WT.CONS", "OUT.QTY"),
    "SEC.CO2": ("T.CO2L", "OUT.QTY"),
    "SEC.COST": ("T.COST", "OUT.QTY"),
    "SEC.VAL": ("T.TCE", "OUT.VAL"),
    "SEC.ADD": ("T.TCE", "OUT.ADD"),
    "EL.AVG": ("EL.COST", "EL.CONS"),
    "CA.SEC": ("EL.CONS", "CA.GEN"),
}
# Stands for the indicator itself, which may not be saved yet, among ids.
THIS = 0
# Stands beside an edge that takes all of its source, in the place of the number of what shares it out.
WHOLE = -1
# Value-based ratios are given in tce, totals in kgce.
TCE_RATIOS = ("SEC.VAL", "SEC.ADD")


class EnergyIndicatorFormula(models.Model):
    """What an indicator is computed from."""

    _inherit = "energy.indicator"

    formula_text = fields.Char(compute="_compute_formula_text")
    double_count_warning = fields.Text(compute="_compute_double_count_warning", string="Counted Twice")

    # === COMPUTE METHODS === #
    @api.depends("term_ids.source_id", "term_ids.coefficient", "term_ids.role", "kind", "measure")
    @api.depends_context("lang", "uid")
    def _compute_formula_text(self):
        for indicator in self:
            indicator.formula_text = indicator._formula_text()

    def _formula_text(self) -> str:
        """The formula as people write it; sources the reader may not see are called *other units*."""
        self.ensure_one()
        visible = set(self.term_ids.sudo().source_id.with_user(self.env.user)._filtered_access("read").ids)
        if self.env.su:
            visible = set(self.term_ids.source_id.ids)
        parts = {"sum": "", "numerator": "", "denominator": ""}
        for term in self.sudo().term_ids:
            name = term.source_id.with_env(self.env).sudo().display_name
            if term.source_id.id not in visible:
                name = self.env._("other units")
            sign = "-" if term.coefficient < 0 else "+"
            size = "" if abs(term.coefficient) == 1 else f"{abs(term.coefficient):g} × "
            begin = ("-" if sign == "-" else "") if not parts[term.role] else f" {sign} "
            parts[term.role] += f"{begin}{size}{name}"
        if self.kind == "ratio":
            return f"({parts['numerator']}) / ({parts['denominator']})"
        if self.kind == "derived" and parts["sum"]:
            return self._of_measure(self.measure, parts["sum"])
        return parts["sum"]

    @api.model
    def _of_measure(self, measure: str, sources: str) -> str:
        """What a derived indicator takes of its sources, in words."""
        label = dict(self._fields["measure"]._description_selection(self.env)).get(measure, "")
        return self.env._("%(measure)s of: %(sources)s", measure=label, sources=sources)

    @api.depends("term_ids.source_id", "term_ids.coefficient")
    def _compute_double_count_warning(self):
        for indicator in self:
            indicator.double_count_warning = indicator._double_count_text() if indicator.term_ids else False

    def _double_count_text(self) -> str | bool:
        """Names what reaches this indicator on two ways: the same leaf, or a meter beside its own sub-meter.

        What is added and what is taken off are looked at apart: a main meter less its sub-meters is no double count.
        """
        if self.kind == "ratio":
            return False
        taken_off = self.term_ids.filtered(lambda term: term.coefficient < 0)
        names = [name for terms in (self.term_ids - taken_off, taken_off) for name in self._counted_twice(terms)]
        if not names:
            return False
        return self.env._(
            "The same energy reaches this indicator twice: %(names)s. Take one of the ways out of the formula.",
            names=", ".join(dict.fromkeys(names)),
        )

    def _counted_twice(self, terms) -> list[str]:
        """Names of the leaves that reach this indicator on two ways through some of its terms."""
        leaves = self._leaf_paths(terms)
        twice = [leaf for leaf, count in leaves.items() if count > 1]
        found = self.sudo().browse(leaves)
        meters = {leaf.node_id: leaf for leaf in found if leaf.node_kind == "meter" and leaf.main_total}
        beside = [leaf.id for meter, leaf in meters.items() if meter.main_meter_id in meters]
        return self.sudo().browse([*twice, *beside]).mapped("display_name")

    def _leaf_paths(self, terms) -> dict[int, int]:
        """Leaf indicators below this one and the number of ways (formula paths) by which each is reached.

        :param terms: own terms to begin with, as they stand on the form, saved or not
        """
        own = [(term.source_id.id, THIS, WHOLE) for term in terms if term.source_id]
        if not own:
            return {}
        edges = [edge for edge in self._counting_edges(self.company_id) if edge[1] != self._origin.id] + own
        table = np.array(edges, np.int64).reshape(-1, 3)
        ids, flat = np.unique(table[:, :2], return_inverse=True)
        flat = flat.reshape(-1, 2)
        try:
            counts = path_counts(len(ids), flat[:, 0], flat[:, 1], int(np.searchsorted(ids, THIS)), table[:, 2])
        except FormulaCircle:
            return {}  # refused when it is saved
        paths = {int(one): int(count) for one, count in zip(ids, counts, strict=True) if count and one != THIS}
        computed = self.sudo().browse(paths).filtered(lambda indicator: indicator.source == "computed")
        return {one: count for one, count in paths.items() if one not in set(computed.ids)}

    def _company_edges(self, company) -> list[tuple[int, int]]:
        """(source, indicator) of everything that is computed from something in a company."""
        return self._term_edges(company)

    def _term_edges(self, company) -> list[tuple[int, int]]:
        """(source, indicator) of every formula term of a company."""
        self.env.flush_all()
        self.env.cr.execute(
            "SELECT source_id, indicator_id FROM energy_indicator_term WHERE company_id = %s", [company.id]
        )
        return self.env.cr.fetchall()

    def _counting_edges(self, company) -> list[tuple[int, int, int]]:
        """(source, indicator, WHOLE or what shares the source out) of everything that takes energy along."""
        return [(*edge, WHOLE) for edge in self._term_edges(company)]

    # === CONSTRAINT METHODS === #
    def _check_terms(self):
        """Refuse terms whose units cannot be added, or that the kind of indicator cannot take."""
        for indicator in self:
            for term in indicator.term_ids:
                if (indicator.kind == "ratio") == (term.role == "sum"):
                    raise ValidationError(
                        self.env._(
                            "%(name)s: a ratio takes numerators and denominators, every other indicator a sum. "
                            "Change the role of %(input)s.",
                            name=indicator.display_name,
                            input=term.source_id.display_name,
                        )
                    )
                if not term.date_to:  # what ended stays where it was when a node moves
                    indicator._check_source_node(term.source_id)
                if term.role == "sum":
                    indicator._check_term(term.source_id)
                indicator._check_term_cost(term.source_id)
            indicator._check_total_flows()

    def _check_source_node(self, source):
        """Sources lie at the node and below unless the whole company is switched on."""
        path = source.node_id.parent_path or ""
        if not self.whole_company and not path.startswith(self.node_id.parent_path or "-"):
            raise ValidationError(
                self.env._(
                    "%(input)s does not lie at or below %(node)s. Switch on “Sources from the Whole Company” to use it.",
                    input=source.display_name,
                    node=self.node_id.display_name,
                )
            )

    def _check_term_cost(self, source):
        """What is made of cost is cost: otherwise it would be shown without the right to see prices."""
        if source.measure == "cost" and self.measure != "cost":
            raise ValidationError(
                self.env._(
                    "%(name)s would show the cost %(input)s to users who may not see prices. Take an indicator template "
                    "whose measure is cost.",
                    name=self.display_name,
                    input=source.display_name,
                )
            )

    def _check_term(self, source):
        """One source of a sum: derived ones take amounts or their own kind, amounts take like units."""
        self.ensure_one()
        if source.kind in ("ratio", "gauge"):
            raise ValidationError(
                self.env._(
                    "%(input)s is a ratio or a momentary figure and cannot be added up into %(name)s.",
                    input=source.display_name,
                    name=self.display_name,
                )
            )
        if self.kind == "derived" and source.kind == "derived":
            if source.measure != self.measure:
                raise ValidationError(
                    self.env._(
                        "%(input)s and %(name)s are of different kinds (calorific and equivalent coal, location- and "
                        "market-based carbon, and cost are never added).",
                        input=source.display_name,
                        name=self.display_name,
                    )
                )
        elif self.kind != "derived":
            if source.kind == "derived":
                raise ValidationError(
                    self.env._(
                        "%(input)s is computed by a factor and cannot be added into the amount %(name)s.",
                        input=source.display_name,
                        name=self.display_name,
                    )
                )
            if self.uom_id != source.uom_id:
                uom_factor(source.uom_id, self.uom_id)

    def _check_total_flows(self):
        """A total takes, for one energy type, either what is consumed or what is bought, made and sold; not both."""
        if self.kind != "derived" or self.scope != "total":
            return
        flows = {}
        for source in self.term_ids.source_id.filtered(lambda s: s.node_id == self.node_id and s.kind != "derived"):
            flows.setdefault(source.energy_type_id, set()).add(source.flow)
        for energy_type, found in flows.items():
            if "consumption" in found and found & {"purchase", "own_generation", "sale", "stock_out"}:
                raise ValidationError(
                    self.env._(
                        "%(name)s would count %(type)s twice: choose either its consumption or its purchase, "
                        "generation and sale.",
                        name=self.display_name,
                        type=energy_type.name,
                    )
                )

    def _check_circle(self):
        """Refuse formulas that need their own result, naming the circle."""
        for company in self.company_id:
            edges = np.array(self._company_edges(company), np.int64).reshape(-1, 2)
            ids, flat = np.unique(edges, return_inverse=True)
            flat = flat.reshape(edges.shape)
            circle = find_circle(len(ids), flat[:, 0], flat[:, 1])
            if circle:
                members = self.sudo().browse([int(ids[at]) for at in [*circle, circle[0]]])
                raise ValidationError(
                    self.env._(
                        "This formula closes a circle: %(circle)s. Take one of these sources out.",
                        circle=" → ".join(member.display_name for member in members),
                    )
                )

    # === DEFAULT FORMULAS === #
    def action_default_formula(self):
        """Replace the formula by the usual one of this template at this node."""
        self._ensure_asked()
        self.expression = False
        self.term_ids.unlink()
        self._set_default_terms()
        return True

    def _set_default_terms(self):
        """Give computed indicators without a formula the usual one: ratios by their template, others by the tree."""
        empty = self.filtered(lambda i: i.source == "computed" and not i.term_ids)
        ratios = empty.filtered(lambda i: i.kind == "ratio")
        values = [one for ratio in ratios for one in ratio._usual_ratio()]
        for indicators in (empty - ratios).grouped("company_id").values():
            values += indicators._usual_sums()
        self.env["energy.indicator.term"].create(values)

    def _usual_sums(self) -> list[dict]:
        """Terms of indicators of one company, as Build Indicators would have them, but of what is there alone."""
        cost = self.env.su or self.env.user.has_group("energy_carbon.group_see_prices")
        builder = Builder(load_plant(self.node_id, fields.Date.context_today(self), cost))
        builder.build()
        return [
            {
                "indicator_id": indicator.id,
                "source_id": term.source,
                "coefficient": term.coefficient,
                "date_from": term.first,
                "date_to": term.last,
            }
            for indicator in self
            for term in builder.usual(indicator.id)
        ]

    def _usual_ratio(self) -> list[dict]:
        """What the template divides by what, both at the node and about the product of the ratio, if they say one."""
        if self.template_id.code not in RATIO_SOURCES:
            return []
        over, under = RATIO_SOURCES[self.template_id.code]
        here = self.search([("node_id", "=", self.node_id.id), ("template_id.code", "in", (over, under))])
        here = here.filtered(lambda i: i.product_id in (self.product_id, i.product_id.browse()))
        scale = 0.001 if self.template_id.code in TCE_RATIOS else 1.0
        return [
            {
                "indicator_id": self.id,
                "source_id": source.id,
                "role": "numerator" if source.template_id.code == over else "denominator",
                "coefficient": scale if source.template_id.code == over else 1.0,
            }
            for source in here
        ]

    @api.model
    def _ensure_output(self, node, products):
        """The output indicator of each product at a unit; made where it is missing, restored where it was archived."""
        template = self.env.ref("energy_carbon.template_out_qty")
        domain = [("node_id", "=", node.id), ("template_id", "=", template.id), ("product_id", "in", products.ids)]
        present = self.with_context(active_test=False).search(domain)
        present.filtered(lambda i: not i.active).active = True
        missing = products - present.product_id
        return present | self.create(
            [
                {"node_id": node.id, "template_id": template.id, "product_id": product.id, "uom_id": product.uom_id.id}
                for product in missing
            ]
        )
