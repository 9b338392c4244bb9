"""Explain: from any figure down to formula, inputs, factors, prices, readings and persons (DESIGN.md, rule 1)."""

from datetime import timedelta

from odoo import api, fields, models
from odoo.exceptions import AccessError

from ..calculation.boundary import Boundary
from ..calculation.company_graph import MEASURE_COLUMN
from ..tools.asked import asked_days, asked_record, asked_text
from ..tools.selections import COMPANIONS, QUALITIES, REASONS
from ..tools.uom import uom_factor

PERIOD = """
    SELECT indicator_id,
           CASE WHEN COUNT(*) FILTER (WHERE value IS NOT NULL AND {column} IS NULL) = 0 THEN SUM({column}) END AS value,
           SUM(numerator) AS numerator, SUM(denominator) AS denominator,
           SUM(expected) AS expected, SUM(present) AS present,
           MAX(ARRAY_POSITION(%(qualities)s::varchar[], quality)) AS quality,
           ARRAY_AGG(DISTINCT reason) FILTER (WHERE reason IS NOT NULL) AS reasons,
           AVG(value) AS mean, COUNT(value) AS days
      FROM energy_value WHERE indicator_id = ANY(%(ids)s) AND date BETWEEN %(first)s AND %(last)s
  GROUP BY indicator_id
"""


class EnergyIndicatorExplain(models.Model):
    """How a figure came about, one step of the way at a time."""

    _inherit = "energy.indicator"

    @api.model
    def explain(self, indicator_id, date_from, date_to, measure=None) -> dict:
        """Explain an indicator's figure of a period.

        :param indicator_id: which indicator; the reader must be allowed to see it
        :param date_from: first day, ISO; date_to: last day, ISO
        :param measure: which companion of an amount is meant (coal, carbon, cost ...); None: the amount itself
        :raises AccessError: the indicator, or cost, is not for this reader
        """
        indicator = asked_record(self, indicator_id)
        measure = asked_text(self.env, measure) or (indicator.measure if indicator.kind == "derived" else "amount") or "amount"
        if measure == "cost" and not self.env.user.has_group("energy_carbon.group_see_prices"):
            raise AccessError(self.env._("Cost and prices are shown only with the right “See prices”."))
        first, last = asked_days(self.env, date_from, date_to)
        column = measure if indicator._is_amount() and measure in COMPANIONS else "value"
        figures = self._period_figures([indicator.id], first, last, column).get(indicator.id, {})
        answer = indicator._explain_head(figures, first, last, measure)
        if indicator.source == "computed":
            answer["lines"], notes = indicator._explain_lines(first, last, measure)
            answer["notes"] += notes
        else:
            answer.update(indicator._explain_basis(first, last, measure))
            answer["notes"] += self.env["energy.reading.retention"]._sentences(indicator, first, last)
            answer["readings"], notes = indicator._explain_readings(first, last)
            answer["notes"] += notes
            answer["entries"] = indicator._explain_entries(first, last)
        return answer

    def _is_amount(self) -> bool:
        return self.kind in ("counter", "amount")

    @api.model
    def _period_figures(self, ids, first, last, column="value") -> dict:
        """Sums over the days first..last of indicators the caller has checked.

        :param column: value or one of COMPANIONS
        :return: indicator id -> {value, numerator, denominator, expected, present, quality, reasons, mean, days}
        """
        self.env["energy.value"].flush_model()
        self.env.cr.execute(
            PERIOD.format(column="value" if column == "value" else f'"{column}"'),
            {"ids": list(ids), "first": first, "last": last, "qualities": [key for key, _label in QUALITIES]},
        )
        names = [description.name for description in self.env.cr.description]
        return {row[0]: dict(zip(names, row, strict=True)) for row in self.env.cr.fetchall()}

    def _figure(self, figures: dict):
        """The period's figure by kind: ratio of sums, mean of a gauge, sum of the rest; None where nothing is known."""
        if self.kind == "ratio":
            over, under = figures.get("numerator"), figures.get("denominator")
            return over / under if over is not None and under else None
        if self.kind == "gauge":
            return figures.get("mean")
        value = figures.get("value")
        no_price = "no_price" in (figures.get("reasons") or []) and self.kind == "derived" and self.scope != "total"
        return None if no_price else value

    def _explain_head(self, figures, first, last, measure) -> dict:
        quality = QUALITIES[(figures.get("quality") or len(QUALITIES)) - 1][0]
        if quality == "missing" and self._figure(figures) is not None:
            quality = "partial"
        labels = dict(self.env["energy.value"]._fields["quality"]._description_selection(self.env))
        reasons = dict(self.env["energy.value"]._fields["reason"]._description_selection(self.env))
        formatted = [fields.Date.to_string(day) for day in (first, last)]
        return {
            "title": self.display_name,
            "node": self.node_id.complete_name,
            "indicator": self.name,
            "indicator_id": self.id,
            "measure": measure,
            "measure_label": self._measure_label(measure),
            "period": formatted[0] if first == last else " – ".join(formatted),
            "date_from": formatted[0],
            "date_to": formatted[1],
            "value": self._figure(figures),
            "unit": self._measure_unit(measure),
            "quality": quality,
            "quality_label": labels[quality],
            "coverage": {"present": int(figures.get("present") or 0), "expected": int(figures.get("expected") or 0)},
            "source": self.source,
            "formula": self.formula_text,
            "numerator": figures.get("numerator"),
            "denominator": figures.get("denominator"),
            "notes": [reasons[key] for key, _label in REASONS if key in (figures.get("reasons") or [])],
            "lines": [],
            "factors": [],
            "prices": [],
            "readings": [],
            "entries": [],
        }

    def _measure_label(self, measure: str) -> str:
        return dict(self._fields["measure"]._description_selection(self.env)).get(measure, measure)

    def _measure_unit(self, measure: str) -> str:
        """Unit of the figure shown: the indicator's own, or that of the companion asked for."""
        if not self._is_amount() or measure not in COMPANIONS:
            return self.unit_label or ""
        if measure == "cost":
            return self.company_id.currency_id.name
        name = "uom_kgco2" if measure.startswith("carbon") else "uom_kgce"
        return self.env.ref(f"energy_carbon.{name}").name

    # === INPUTS === #
    def _explain_lines(self, first, last, measure) -> tuple[list[dict], list[str]]:
        """One line an input the reader may see; the rest together as *other units*."""
        boundary = Boundary(self.env, self.company_id)
        lines, notes, hidden = [], [], []
        for term in self.sudo().term_ids:
            begin, end = max(first, term.date_from or first), min(last, term.date_to or last)
            if begin > end:
                continue
            source = term.source_id
            line = self._explain_line(term, begin, end, measure, boundary)
            if source.with_user(self.env.user).has_access("read") or self.env.su:
                lines.append(line)
            else:
                hidden.append(line["contribution"])
        if hidden:
            known = [contribution for contribution in hidden if contribution is not None]
            lines.append(
                {
                    "indicator_id": False,
                    "label": self.env._("other units"),
                    "node": "",
                    "coefficient": None,
                    "value": None,
                    "contribution": sum(known) if known else None,
                    "unit": self._measure_unit(measure),
                    "hidden": True,
                }
            )
        return lines, notes

    def _explain_line(self, term, first, last, measure, boundary) -> dict:
        """What one term adds in the period."""
        source = term.source_id
        takes = measure if source._is_amount() and measure in COMPANIONS and term.role == "sum" else "value"
        figures = self._period_figures([source.id], first, last, takes).get(source.id, {})
        value = source._figure(figures) if source.kind == "gauge" else figures.get("value")
        weight, why = boundary.weight(_BoundarySide(self), _BoundarySide(source))
        factor = term.coefficient * weight * self._term_conversion(source, takes, term.role)
        labels = self._left_out_labels()
        return {
            "indicator_id": source.id,
            "label": source.with_env(self.env).sudo().name,
            "node": source.node_id.name,
            "role": term.role,
            "coefficient": factor if not why else 0.0,
            "value": value,
            "contribution": None if value is None else value * factor,
            "unit": source.with_env(self.env).sudo()._measure_unit(takes if takes != "value" else "amount"),
            "measure": takes if takes != "value" else None,
            "date_from": fields.Date.to_string(first),
            "date_to": fields.Date.to_string(last),
            "hidden": False,
            "note": labels.get(why, "") if why else "",
        }

    def _left_out_labels(self) -> dict[str, str]:
        return {
            "own_made": self.env._("Made inside the plant: already counted as the energy that made it"),
            "medium": self.env._("A working medium: shown in a line of its own"),
            "no_medium": self.env._("Not a working medium"),
            "no_scope": self.env._("Causes no emissions by convention"),
            "inside": self.env._("Does not cross the boundary"),
        }

    def _term_conversion(self, source, takes: str, role: str) -> float:
        """Unit factor from what is taken of the source to this indicator's unit; as in the calculation."""
        if role != "sum" or not self.uom_id or takes == "cost":
            return 1.0
        uom = source.uom_id
        if takes in MEASURE_COLUMN and takes != "amount":
            uom = self.env.ref(f"energy_carbon.{'uom_kgco2' if takes.startswith('carbon') else 'uom_kgce'}")
            if self._is_amount():
                return 1.0  # companions are carried along in their own unit
        return uom_factor(uom, self.uom_id) if uom and uom != self.uom_id else 1.0

    # === LEAVES === #
    def _explain_basis(self, first, last, measure) -> dict:
        """Factors and prices used in the period, with validity and source."""
        self.env.cr.execute(
            """SELECT DISTINCT b.id FROM energy_value v JOIN energy_basis b ON b.id = v.basis_id
                WHERE v.indicator_id = %s AND v.date BETWEEN %s AND %s AND v.value IS NOT NULL ORDER BY b.id""",
            [self.id, first, last],
        )
        bases = self.env["energy.basis"].sudo().browse(row[0] for row in self.env.cr.fetchall())
        factors, prices = [], []
        for basis in bases:
            for key, used in (basis.factors or {}).get("measures", {}).items():
                if measure in ("amount", key):
                    line = self._explain_factor(key, used)
                    if line not in factors:
                        factors.append(line)
            if measure in ("amount", "cost") and self.env.user.has_group("energy_carbon.group_see_prices"):
                prices += [line for line in self._explain_prices(basis.detail) if line not in prices]
        if any(line.get("period") for line in prices):
            self._add_period_amounts(prices, first, last)
        return {"factors": factors, "prices": prices}

    def _explain_factor(self, measure: str, used: dict) -> dict:
        factor = self.env["energy.factor"].sudo().browse(used["id"]).exists() if used["id"] > 0 else None
        unit = self._measure_unit(measure)
        line = {
            "measure": measure,
            "label": self._measure_label(measure),
            "value": used["per_unit"],
            "unit": f"{unit}/{self.uom_id.name}",
            "factor_id": factor.id if factor else False,
        }
        if not factor:
            return dict(line, document=self.env._("None of its own: generated or sold on, not bought"), year=False)
        return dict(
            line,
            valid_from=fields.Date.to_string(factor.date_from),
            year=factor.data_year,
            document=factor.document or "",
            level=dict(factor._fields["level"]._description_selection(self.env)).get(factor.level, ""),
            region=factor.region_id.name or "",
            to_be_checked=factor.to_be_checked,
            stated=f"{factor.value:g} {unit}/{factor.uom_id.name}",
        )

    def _explain_prices(self, detail) -> list[dict]:
        """A line a price: one, or one for each period of a day under a time-of-use tariff."""
        if not detail:
            return []
        if "periods" in detail:
            return self._explain_period_prices(detail)
        return [self._explain_price(detail)]

    def _explain_price(self, detail) -> dict:
        """The price that was used, also where its tariff is of a node that the reader does not see: it made this figure."""
        price = self.env["energy.tariff.price"].sudo().browse(detail["id"]).exists() if detail["id"] > 0 else None
        line = {
            "label": price.tariff_id.name if price else self.env._("Own generation or sale: nothing bought"),
            "price": detail["per_unit"],
            "unit": f"{self.company_id.currency_id.name}/{self.uom_id.name}",
        }
        if price:
            states = dict(price._fields["state"]._description_selection(self.env))
            line.update(
                valid_from=fields.Date.to_string(price.date_from),
                tariff=price.tariff_id.name,
                state=states.get(price.state, ""),
            )
        return line

    def _explain_entries(self, first, last) -> list[dict]:
        entries = self.env["energy.entry"].search(
            [("indicator_id", "=", self.id), ("date_to", ">=", first - timedelta(days=1)), ("date_from", "<=", last)],
            order="date_from",
        )
        modes = dict(entries._fields["mode"]._description_selection(self.env))
        states = dict(entries._fields["state"]._description_selection(self.env))
        return [
            {
                "date_from": fields.Date.to_string(entry.date_from),
                "date_to": fields.Date.to_string(entry.date_to),
                "value": entry.value,
                "mode": modes[entry.mode],
                "user": entry.sudo().user_id.name,
                "date": fields.Datetime.to_string(entry.write_date),
                "reason": entry.reason or "",
                "state": states[entry.state],
                "previous": entry.previous_value if entry.corrected else None,
            }
            for entry in entries
            if entry.mode == "register" or entry.date_to >= first
        ]


class _BoundarySide:
    """An indicator as the boundary rule sees it."""

    def __init__(self, indicator):
        self.kind, self.scope, self.measure = indicator.kind, indicator.scope, indicator.measure
        self.code, self.flow = indicator.template_id.code, indicator.flow
        self.energy_type_id = indicator.energy_type_id.id
        self.path = [int(part) for part in (indicator.node_id.parent_path or "").split("/") if part]
        self.is_amount = indicator._is_amount()
