"""Explain starting from a balance: both sides, each indicator down to its readings."""

from datetime import date

from odoo import api, fields, models

from ..tools.asked import asked_days, asked_record
from ..tools.selections import QUALITIES


class EnergyBalance(models.Model):
    """Answers in the shape of ``energy.indicator.explain``, so that the same screen shows it."""

    _inherit = "energy.balance"

    def _explain_action(self, first: date, last: date) -> dict:
        """The client action that explains the balance of the days first..last."""
        self.ensure_one()
        return {
            "type": "ir.actions.client",
            "tag": "energy_carbon.explain",
            "name": self.env._("Explain"),
            "params": {
                "balance_id": self.id,
                "date_from": fields.Date.to_string(first),
                "date_to": fields.Date.to_string(last),
            },
        }

    @api.model
    def explain(self, balance_id: int, date_from: str, date_to: str) -> dict:
        """Explain what is left of a balance in a period.

        :param balance_id: which balance; the reader must be allowed to see it
        :param date_from: first day, ISO; date_to: last day, ISO
        :return: as ``energy.indicator.explain``; what the reader may not see is one line *other units* a side
        """
        balance = asked_record(self, balance_id)
        first, last = asked_days(self.env, date_from, date_to)
        lines, figures = balance._explain_sides(first, last)
        return {**balance._explain_head(first, last, lines, figures), "lines": balance._hide_foreign(lines)}

    def _explain_sides(self, first: date, last: date) -> tuple[list[dict], list[dict]]:
        """A line a part, and the figures of its days behind it."""
        lines, found = [], []
        indicators = self.env["energy.indicator"]
        for part in self.sudo().part_ids:
            begin, end = max(first, part.date_from or first), min(last, part.date_to or last)
            if begin > end:
                continue
            indicator = part.indicator_id
            figures = indicators._period_figures([indicator.id], begin, end).get(indicator.id, {})
            factor = part.factor if part.side == "in" else -part.factor
            value = figures.get("value")
            found.append(figures)
            lines.append(
                {
                    "indicator_id": indicator.id,
                    "label": indicator.name,
                    "node": indicator.node_id.name,
                    "side": part.side,
                    "coefficient": factor,
                    "value": value,
                    "contribution": None if value is None else value * factor,
                    "unit": indicator.unit_label or "",
                    "measure": None,
                    "date_from": fields.Date.to_string(begin),
                    "date_to": fields.Date.to_string(end),
                    "hidden": False,
                    "note": self._side_label(part.side),
                }
            )
        return lines, found

    def _side_label(self, side: str) -> str:
        return dict(self.env["energy.balance.part"]._fields["side"]._description_selection(self.env))[side]

    def _hide_foreign(self, lines: list[dict]) -> list[dict]:
        """Join what the reader may not see to one nameless line a side."""
        if self.env.su:
            return lines
        ids = [line["indicator_id"] for line in lines]
        allowed = set(self.env["energy.indicator"].with_context(active_test=False).search([("id", "in", ids)]).ids)
        shown = [line for line in lines if line["indicator_id"] in allowed]
        for side in ("in", "out"):
            hidden = [line for line in lines if line["side"] == side and line["indicator_id"] not in allowed]
            known = [line["contribution"] for line in hidden if line["contribution"] is not None]
            if hidden:
                shown.append(
                    {
                        **dict.fromkeys(("coefficient", "value", "measure")),
                        "indicator_id": False,
                        "label": self.env._("other units"),
                        "node": "",
                        "side": side,
                        "contribution": sum(known) if known else None,
                        "unit": self.uom_id.name or "",
                        "hidden": True,
                        "note": self._side_label(side),
                    }
                )
        return shown

    def _explain_head(self, first: date, last: date, lines: list[dict], figures: list[dict]) -> dict:
        complete = bool(lines) and all(
            found.get("value") is not None and (found["present"] or 0) >= (found["expected"] or 0) for found in figures
        )
        amount_in = sum(line["contribution"] or 0.0 for line in lines if line["side"] == "in")
        difference = sum(line["contribution"] for line in lines) if complete else None
        worst = max((found.get("quality") or len(QUALITIES) for found in figures), default=len(QUALITIES))
        quality = QUALITIES[worst - 1][0] if complete else "partial"
        labels = dict(self.env["energy.value"]._fields["quality"]._description_selection(self.env))
        days = [fields.Date.to_string(day) for day in (first, last)]
        return {
            "title": self.display_name,
            "node": self.node_id.complete_name,
            "indicator": self.env._("Difference: %(balance)s", balance=self.display_name),
            "indicator_id": False,
            "balance_id": self.id,
            "period": days[0] if first == last else " – ".join(days),
            "date_from": days[0],
            "date_to": days[1],
            "value": difference,
            "unit": self.uom_id.name or "",
            "quality": quality,
            "quality_label": labels[quality],
            "coverage": {
                "present": sum(int(found.get("present") or 0) for found in figures),
                "expected": sum(int(found.get("expected") or 0) for found in figures),
            },
            "formula": "",
            "notes": [self._explain_note(amount_in, difference)],
            **{key: [] for key in ("factors", "prices", "readings", "entries")},
        }

    def _explain_note(self, amount_in: float, difference: float | None) -> str:
        if difference is None:
            return self.env._("Data are missing on one side: what is left is not known, and no loss is claimed.")
        if not amount_in:
            return self.env._("Nothing went in.")
        return self.env._(
            "%(share)s %% of what went in is left; the limit is %(limit)s %%.",
            share=f"{difference / amount_in * 100:.2f}",
            limit=f"{self.limit:g}",
        )
