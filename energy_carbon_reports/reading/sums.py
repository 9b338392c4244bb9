"""Sums of stored values over a period: whole months from the month table, the days left over from the daily one."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from datetime import date, timedelta

from ..report.data import AMOUNT, COST
from ..report.figures import NO_FACTOR, NO_PRICE, Figure, add
from ..report.periods import Span

# Part -> figure of each measure; a part is a row of the aggregation, not yet a period.
Figures = dict[str, Figure]


class SumReader:
    """Reads figures of indicators in the user's name; walls and price rights are the database's, not ours.

    :param measures: measure shown -> column it is kept in
    :param today: the company's day; days before it are expected to have values
    """

    def __init__(self, env, measures: dict[str, str], today: date):
        self.env, self.measures, self.today = env, measures, today

    def totals(self, ids: Iterable[int], spans: Iterable[Span]) -> dict[int, Figures]:
        """Figures of all days of the spans, indicator id -> measure -> figure."""
        parts: dict[int, list[Figures]] = defaultdict(list)
        for span in spans:
            for indicator, _first, figures in self._parts(ids, span, ()):
                parts[indicator].append(figures)
        return {indicator: self._added(rows) for indicator, rows in parts.items()}

    def course(self, ids: Iterable[int], steps: list[Span]) -> list[dict[int, Figures]]:
        """The same for each step of a course, in its order."""
        if not steps:
            return []
        whole = Span(steps[0].first, steps[-1].last)
        if all(step.days == 1 for step in steps):
            rows = self._days(ids, whole, ("date:day",))
        else:
            rows = self._parts(ids, whole, ("first",))
        found: list[dict[int, list[Figures]]] = [defaultdict(list) for _step in steps]
        index = {
            day: n for n, step in enumerate(steps) for day in (step.first + timedelta(i) for i in range(step.days))
        }
        for indicator, first, figures in rows:
            found[index[first]][indicator].append(figures)
        return [{indicator: self._added(parts) for indicator, parts in step.items()} for step in found]

    def _parts(self, ids, span: Span, by_step: tuple) -> list[tuple[int, date | None, Figures]]:
        months = span.whole_months()
        rows = self._months(ids, months, ("month:month",) if by_step else ()) if months else []
        for odd in span.odd_days():
            rows += [(indicator, odd.first, figures) for indicator, _day, figures in self._days(ids, odd, ())]
        return rows

    def _added(self, parts: list[Figures]) -> Figures:
        return {
            measure: add((part[measure] for part in parts), whole_only=measure != AMOUNT) for measure in self.measures
        }

    def _months(self, ids, months: list[date], groups: tuple) -> list:
        domain = [("indicator_id", "in", list(ids)), ("month", ">=", months[0]), ("month", "<=", months[-1])]
        return self._read("energy.value.month", domain, groups)

    def _days(self, ids, span: Span, groups: tuple) -> list:
        domain = [("indicator_id", "in", list(ids)), ("date", ">=", span.first), ("date", "<=", span.last)]
        rows = self._read("energy.value", domain, groups)
        return rows if groups else rows + self._unknown_days(ids, domain, span)

    def _read(self, model: str, domain: list, groups: tuple) -> list:
        """Rows of one aggregation; depth and quality are grouped by, since only like figures are added."""
        columns = list(self.measures.values())
        aggregates = [f"{column}:sum" for column in columns] + [f"{column}:count" for column in columns]
        groupby = ["indicator_id", *groups, "depth", "quality", "reason"]
        rows = []
        for values in self.env[model]._read_group(domain, groupby, ["present:sum", "expected:sum", *aggregates]):
            indicator, first = values[0], values[1] if groups else None
            quality, reason, present, expected, *sums = values[2 + len(groups) :]
            base = Figure(None, present or 0, expected or 0, quality or "", reason or "")
            rows.append((indicator.id, first, self._figures(base, sums)))
        return rows

    def _figures(self, base: Figure, sums: list) -> Figures:
        """Figures of one row: sums of all columns, then how many of their values are known."""
        size = len(self.measures)
        known_amounts = sums[size]
        figures = {}
        for n, measure in enumerate(self.measures):
            total, known = sums[n], sums[size + n]
            reason = base.reason
            if measure != AMOUNT and known < known_amounts:
                # One day without its price blanks the sum: a part of a cost is no cost.
                total, reason = None, NO_PRICE if measure == COST else NO_FACTOR
            value = total if known else None
            figures[measure] = Figure(value, base.present, base.expected, base.quality, reason)
        return figures

    def _unknown_days(self, ids, domain: list, span: Span) -> list:
        """Past days for which nothing at all is stored, such as those after a meter died, are missing days too."""
        last = min(span.last, self.today - timedelta(1))
        rows = []
        groups = self.env["energy.value"]._read_group(domain, ["indicator_id"], ["date:min", "__count", "expected:max"])
        for indicator, first, count, leaves in groups:
            missing = (last - first).days + 1 - count
            if missing > 0 and leaves:
                blank = Figure(None, 0, missing * leaves, "missing")
                rows.append((indicator.id, None, dict.fromkeys(self.measures, blank)))
        return rows
