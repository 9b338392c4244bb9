"""Puts a report's data together: tree, indicators, sums of the period, of the compared one, and the course."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date

from odoo.addons.energy_carbon.calculation.boundary import Boundary
from odoo.addons.energy_carbon.tools.uom import uom_factor

from ..report.data import (
    ALL_TYPES,
    AMOUNT,
    CARBON,
    MEDIA,
    TYPE,
    Entry,
    Line,
    Measure,
    ReportData,
    Step,
    add_differences,
)
from ..report.figures import NO_FACTOR, NO_PRICE, OWN_MADE, Figure
from ..report.periods import Span, buckets
from .indicators import choose
from .sums import SumReader
from .tree import Tree


@dataclass(frozen=True)
class Wanted:
    """What the user asked for.

    :ivar root: the ``energy.node`` the report is about
    :ivar types: ``energy.type`` records, empty for all
    :ivar measures: measures shown, in order
    :ivar columns: measure -> column of the stored values
    :ivar scale: measure -> what stored figures are multiplied by (kgce to tce)
    :ivar labels: line key ALL_TYPES and MEDIA, and "difference" -> what the reader reads
    :ivar step_label: names a step of the course
    :ivar days_label: names the days on which a moved unit hung at a place
    """

    root: object
    levels: str
    span: Span
    compared: Span | None
    types: object
    measures: list[Measure]
    columns: dict[str, str]
    scale: dict[str, float]
    labels: dict[str, str]
    step_label: object
    days_label: object
    today: date


class ReportReader:
    """Reads one report."""

    def __init__(self, wanted: Wanted):
        self.wanted, self.env = wanted, wanted.root.env
        self.sums = SumReader(self.env, wanted.columns, wanted.today)
        self.tree = Tree(wanted.root, wanted.levels, wanted.span, wanted.days_label)
        self.units, self.nodes = self.tree.units, self.tree.nodes
        nodes = self.env["energy.node"].union(*self.nodes)
        self.indicators = choose(self.env, nodes, wanted.types, wanted.columns)
        # An indicator may be kept in MWh where its energy type is in kWh; a column has one unit.
        self.scales = {i.id: uom_factor(i.uom_id, i.energy_type_id.uom_id) for i in self.indicators.amounts.values()}
        # Media without emissions of their own (water) have no carbon, rather than an unknown one.
        types = self.env["energy.type"].browse({type_id for _node, type_id in self.indicators.amounts})
        self.carbon_free = {f"type{kind.id}" for kind in types if not kind.scope}
        self.own_made = self._own_made()
        # (unit key, line key, measure) -> indicator read, measure of its row
        self.places = dict(self._places())

    def load(self) -> ReportData:
        wanted = self.wanted
        data = ReportData(wanted.span, wanted.compared, self.units, self._lines(), wanted.measures)
        data.figures = self._period_figures()
        self._drop_unused_archived(data)
        self._read_course(data)
        add_differences(data, wanted.labels["difference"])
        return data

    def _own_made(self) -> set[int]:
        """Indicators of steam, air and the like that the plant makes itself, as the calculation sees it."""
        boundary = Boundary(self.env, self.wanted.root.company_id)
        return {
            indicator.id
            for indicator in self.indicators.amounts.values()
            if boundary.own_made(_path(indicator.node_id), indicator.energy_type_id.id, indicator.flow)
        }

    def _places(self):
        found, columns = self.indicators, self.wanted.columns
        keys: dict[int, list[str]] = {}
        for unit, node in zip(self.units, self.nodes, strict=True):
            keys.setdefault(node.id, []).append(unit.key)
        for (node, type_id), indicator in found.amounts.items():
            for measure in columns:
                for key in keys[node]:
                    yield (key, f"type{type_id}", measure), (indicator.id, measure)
        for (node, line, measure), indicator in found.totals.items():
            if measure in columns:
                for key in keys[node]:
                    yield (key, line, measure), (indicator.id, AMOUNT)

    def _lines(self) -> list[Line]:
        """Energy types in their own order, then what is counted apart, then the total."""
        labels = self.wanted.labels
        ids = {type_id for _node, type_id in self.indicators.amounts}
        types = self.env["energy.type"].with_context(active_test=False).search([("id", "in", list(ids))])
        lines = [Line(f"type{kind.id}", kind.name, TYPE, kind.uom_id.name) for kind in types]
        if any(line == MEDIA for _node, line, _measure in self.indicators.totals) and not self.wanted.types:
            lines.append(Line(MEDIA, labels[MEDIA], MEDIA))
        if len(self.wanted.types) != 1:
            lines.append(Line(ALL_TYPES, labels[ALL_TYPES], ALL_TYPES))
        return lines

    def _period_figures(self) -> dict:
        now = self._totals(self.wanted.span)
        before = self._totals(self.wanted.compared) if self.wanted.compared else None
        return {key: self._entry(key, now[key[0]], before[key[0]] if before else None) for key in self.places}

    def _totals(self, span: Span) -> dict[str, dict]:
        """Figures of each unit's indicators on its days of a period; those with the same days are read at once."""
        spans = {unit.key: tuple(self.tree.spans_of(unit.key, span)) for unit in self.units}
        ids: dict[tuple[Span, ...], set[int]] = {}
        for (unit, _line, _measure), (indicator, _column) in self.places.items():
            ids.setdefault(spans[unit], set()).add(indicator)
        found = {days: self.sums.totals(wanted, days) for days, wanted in ids.items()}
        return {unit: found.get(days, {}) for unit, days in spans.items()}

    def _entry(self, key: tuple, now: dict, before: dict | None) -> Entry:
        indicator, measure = self.places[key]
        scale = self.scales.get(indicator, 1.0) if key[2] == AMOUNT else self.wanted.scale.get(key[2], 1.0)

        def figure(found: dict) -> Figure:
            given = found.get(indicator, {}).get(measure, Figure())
            if given.value is not None:
                return replace(given, value=given.value * scale)
            made_here = indicator in self.own_made and given.reason in (NO_FACTOR, NO_PRICE)
            return replace(given, reason=OWN_MADE) if made_here else given

        if key[2] == CARBON and key[1] in self.carbon_free:
            now, before = {}, {} if before is not None else None
        column = "" if measure == AMOUNT else self.wanted.columns[measure]
        return Entry(figure(now), figure(before) if before is not None else None, indicator, column)

    def _drop_unused_archived(self, data: ReportData) -> None:
        """A closed workshop is listed in the periods in which it had figures, and no longer after."""
        used = {unit for (unit, _line, _measure), entry in data.figures.items() if entry.figure.value is not None}
        gone = set()
        for unit, node in reversed(list(zip(self.units, self.nodes, strict=True))):
            below = {other.key for other in self.units if other.parent == unit.key} - gone
            if not node.active and unit.depth and unit.key not in used and not below:
                gone.add(unit.key)
        data.units = [unit for unit in self.units if unit.key not in gone]

    def _read_course(self, data: ReportData) -> None:
        """The course of the first unit, each step beside the same step of the compared period."""
        wanted, root = self.wanted, self.units[0].key
        steps = buckets(wanted.span)
        if len(steps) < 2:
            return
        places = {key: place for key, place in self.places.items() if key[0] == root}
        ids = {place[0] for place in places.values()}
        now = self.sums.course(ids, steps)
        compared = self._compared_steps(steps)
        before = self.sums.course(ids, compared)
        data.compared_steps = len(compared)
        for number, span in enumerate(steps):
            step = Step(span.first.isoformat(), wanted.step_label(span, steps), span)
            data.steps.append(step)
            earlier = before[number] if number < len(before) else None
            for key in places:
                data.course[step.key, key[1], key[2]] = self._entry(key, now[number], earlier)

    def _compared_steps(self, steps: list[Span]) -> list[Span]:
        """Steps to compare the course's own with, one by one; none where months would face parts of months."""
        span, compared = self.wanted.span, self.wanted.compared
        if not compared:
            return []
        if all(step.days == 1 for step in steps):
            return compared.by_day()
        return compared.by_month() if compared.first.day == span.first.day else []


def _path(node) -> list[int]:
    """Ids from the plant down to the node."""
    return [int(number) for number in (node.parent_path or "").split("/") if number]
