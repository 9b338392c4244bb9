"""Explain of allocated figures: the source, the share, and by what it was shared out."""

from odoo import api, fields, models

from ..calculation.allocation_book import FIXED
from ..tools.selections import COMPANIONS


class EnergyAllocationExplain(models.Model):
    """An allocated figure is the source's figure times the share; the share comes from the figures of all consumers."""

    _inherit = "energy.indicator"

    @api.model
    def explain(self, indicator_id, date_from, date_to, measure=None) -> dict:
        answer = super().explain(indicator_id, date_from, date_to, measure)
        indicator = self.browse(indicator_id)
        first, last = fields.Date.to_date(date_from), fields.Date.to_date(date_to)
        answer["shares"] = [
            table for key in indicator._allocations() if (table := indicator._share_table(key, first, last))
        ]
        return answer

    def _formula_text(self) -> str:
        """Which source is shared out, and by what."""
        keys = self._allocations()
        if not keys:
            return super()._formula_text()
        basis = dict(self.env["energy.allocation"]._fields["basis"]._description_selection(self.env))
        return " + ".join(
            self.env._(
                "share of %(shared)s by %(basis)s", shared=self._shown_name(key.source_id), basis=basis[key.basis]
            )
            if key.remainder_id != self
            else self.env._("what is left of %(shared)s", shared=self._shown_name(key.source_id))
            for key in keys
        )

    def _shown_name(self, source) -> str:
        """A source's name, or *other units* where the reader may not see it."""
        if not self._may_see(source):
            return self.env._("other units")
        return source.with_env(self.env).sudo().display_name

    def _may_see(self, record) -> bool:
        return self.env.su or record.with_user(self.env.user).has_access("read")

    def _explain_lines(self, first, last, measure) -> tuple[list[dict], list[str]]:
        keys = self._allocations()
        if not keys:
            return super()._explain_lines(first, last, measure)
        lines = [line for key in keys if (line := self._allocated_line(key, first, last, measure))]
        return lines, []

    def _allocated_line(self, key, first, last, measure) -> dict | None:
        """The source with its figure, and the part of it that came here."""
        takes = measure if measure in COMPANIONS else None
        figures = key._figures(first, last, takes or "value")
        if figures is None:
            return None
        mine = key.line_ids.filtered(lambda line: line.indicator_id == self).ids or [False]
        chosen, value = (figures.companion, figures.taken) if takes else (figures.given, figures.amount)
        known = [chosen[line] for line in mine if chosen.get(line) is not None]
        seen, source = self._may_see(key.source_id), key.source_id.with_env(self.env).sudo()
        part = sum(known) * self._term_conversion(source, takes or "value", "sum") if known else None
        return {
            "indicator_id": source.id if seen else False,
            "label": source.name if seen else self.env._("other units"),
            "node": source.node_id.name if seen else "",
            "role": "sum",
            "coefficient": part / value if seen and part is not None and value else None,
            "value": value if seen else None,
            "contribution": part,
            "unit": source._measure_unit(takes or "amount"),
            "measure": takes,
            "date_from": fields.Date.to_string(first),
            "date_to": fields.Date.to_string(last),
            "hidden": not seen,
            "note": self.env._("Allocated by %(key)s", key=key.name) if seen else "",
        }

    def _share_table(self, key, first, last) -> dict | None:
        """Every consumer's figure and part; those the reader may not see together as *other units*."""
        figures = key._figures(first, last)
        if figures is None:
            return None
        seen = self._may_see(key.source_id)
        rows = self._consumer_rows(key, figures)
        if seen and figures.rest:
            label = self.env._("left at the source")
            rows.append(_row(label, None, figures.rest, own=key.remainder_id == self))
        for row in rows:
            # A share, or what the others got, would tell the figure of a source the reader may not see.
            shown = seen and row["amount"] is not None and figures.amount
            row["share"] = row["amount"] / figures.amount if shown else None
            if row.get("hidden") and not seen:
                row["figure"] = row["amount"] = None
        return {
            "title": key.name if seen else self.env._("other units"),
            "basis": dict(key._fields["basis"]._description_selection(self.env))[key.basis],
            "basis_unit": self._basis_unit(key),
            "fixed": key.basis == FIXED,
            "unit": key.source_id.with_env(self.env).sudo().unit_label or "",
            "rows": rows,
        }

    def _consumer_rows(self, key, figures) -> list[dict]:
        """A row for every consumer that took part; what the reader may not see is one row."""
        rows, hidden = [], []
        for line in key.line_ids:
            given, figure = figures.given.get(line.id), figures.figure.get(line.id)
            if figure is not None or given is not None:
                row = _row(line.node_id.name, figure, given, own=line.indicator_id == self)
                (rows if self._may_see(line.node_id) else hidden).append(row)
        if hidden:
            figure, given = (_known_sum(row[name] for row in hidden) for name in ("figure", "amount"))
            rows.append(dict(_row(self.env._("other units"), figure, given), hidden=True))
        return rows

    def _basis_unit(self, key) -> str:
        """Unit of the figures by which was shared out."""
        if key.basis == "area":
            return "m²"
        if key.basis == "headcount":
            return self.env._("persons")
        return key.line_ids.basis_id[:1].with_env(self.env).sudo().unit_label or ""


def _row(node: str, figure: float | None, amount: float | None, own: bool = False) -> dict:
    return {"node": node, "figure": figure, "amount": amount, "hidden": False, "own": own}


def _known_sum(values) -> float | None:
    known = [value for value in values if value is not None]
    return sum(known) if known else None
