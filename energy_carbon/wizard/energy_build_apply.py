"""Build indicators, the writing part: what was ticked, in bulk."""

from datetime import timedelta

from odoo import fields, models
from odoo.exceptions import UserError

from ..models.energy_indicator import MARKED_LATER
from ..planning.proposal import ADD, APPLICABLE, Proposal, Ref, Term
from ..tools.inner_step import within
from .energy_build import fingerprint


class EnergyBuildApply(models.TransientModel):
    """Writes with the rights of the person who applies; locked months refuse as they do when a formula is edited."""

    _inherit = "energy.build"

    def action_apply(self):
        """Write what is ticked, and show the indicators of the units."""
        self._ensure_asked_one()
        chosen = self._chosen()
        made = self._write(chosen)
        action = self.env["ir.actions.act_window"]._for_xml_id("energy_carbon.energy_indicator_action")
        text = self.env._(
            "%(count)s indicators were added. Their figures follow as they are computed.", count=len(made)
        )
        return {
            "type": "ir.actions.client",
            "tag": "display_notification",
            "params": {
                "type": "success",
                "message": text if made else self.env._("The formulas were changed."),
                "next": dict(action, domain=[("node_id", "child_of", self.node_ids.ids)], context={}, target="main"),
            },
        }

    # === WHAT IS WRITTEN === #
    def _chosen(self) -> list[Proposal]:
        """The ticked lines, worked out anew.

        :raises UserError: nothing is ticked, or somebody changed meanwhile what a line was worked out from
        """
        self.check_access("read")
        lines = self.env["energy.build.line"].search([("build_id", "=", self.id), ("ticked", "=", True)])
        ticked = {line.key: line.fingerprint for line in lines if line.action in APPLICABLE}
        if not ticked:
            raise UserError(self.env._("Nothing is ticked: tick what is to be applied."))
        found = [line for _plant, proposals in self._proposed() for line in proposals if line.action in APPLICABLE]
        now = {line.key: fingerprint(line) for line in found}
        if any(now.get(key) != shown for key, shown in ticked.items()):
            raise UserError(
                self.env._(
                    "The tree or its formulas changed since this was worked out. Open Build Indicators again and look at "
                    "what it proposes now."
                )
            )
        return self._with_sources([line for line in found if line.key in ticked])

    @staticmethod
    def _with_sources(lines: list[Proposal]) -> list[Proposal]:
        """Leave out sources that are not ticked, and formulas of which nothing is left."""
        there: set[Ref] = set()
        kept = []
        for line in lines:
            if not line.terms or any(_is_there(term, there) for term in line.terms if term.last is None):
                kept.append(line)
                there.add(line.target)
        for line in kept:
            line.terms = tuple(term for term in line.terms if _is_there(term, there))
        return kept

    def _write(self, lines: list[Proposal]):
        """Make the indicators, then all terms at once; return the new indicators."""
        new = [line for line in lines if line.action == ADD]
        values = [
            {"node_id": line.node, "template_id": line.template, "flow": line.flow, "date_from": self.date_from}
            for line in new
        ]
        made = within(self.env["energy.indicator"], MARKED_LATER).create(values).with_env(self.env)
        ids: dict[Ref, int] = dict(zip((line.target for line in new), made.ids, strict=True))
        term_values = []
        for line in lines:
            term_values += self._term_values(line, ids.get(line.target, line.target), ids)
        self.env["energy.indicator.term"].create(term_values)
        with_terms = {values["indicator_id"] for values in term_values}
        self.env["energy.calculation"]._mark(made.filtered(lambda one: one.id not in with_terms))
        return made

    def _term_values(self, line: Proposal, indicator: int, ids: dict[Ref, int]) -> list[dict]:
        """The terms that a line adds, and what they replace taken away."""
        day, stored = None, set()
        if line.action != ADD:
            day = self.date_from
            stored = self._end_terms(line, indicator)
        return [
            {
                "indicator_id": indicator,
                "source_id": ids.get(term.source, term.source),
                "coefficient": term.coefficient,
                "date_from": max(filter(None, (day, term.first)), default=False),
                "date_to": term.last or False,
            }
            for term in line.terms
            if (term.source, term.coefficient) not in stored
        ]

    def _end_terms(self, line: Proposal, indicator: int) -> set[tuple]:
        """End the terms that the formula has no more; return (source, coefficient) of those that stay."""
        today = fields.Date.context_today(self)
        terms = (
            self.env["energy.indicator"]
            .browse(indicator)
            .term_ids.filtered(lambda term: term.role == "sum" and (not term.date_to or term.date_to >= today))
        )
        wanted = {(term.source, term.coefficient) for term in line.terms}
        stays = terms.filtered(lambda term: (term.source_id.id, term.coefficient) in wanted)
        ending, day = terms - stays, self.date_from
        gone = ending.filtered(lambda term: not day or (term.date_from and term.date_from >= day))
        gone.unlink()
        if ended := ending - gone:
            ended.date_to = day - timedelta(days=1)
        return {(term.source_id.id, term.coefficient) for term in stays}


def _is_there(term: Term, there: set[Ref]) -> bool:
    return isinstance(term.source, int) or term.source in there
