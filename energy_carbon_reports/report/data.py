"""What a report is built from: units, lines, measures and their figures, with nothing of Odoo in them.

A *line* is an energy type's consumption, the unit's total by the boundary rule, or its purchased working media; a
*measure* is the amount itself, standard coal, carbon or cost.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, replace

from .figures import MISSING, Figure, add, difference
from .periods import Span

AMOUNT, COAL, CARBON, COST = "amount", "coal", "carbon", "cost"
TYPE, MEDIA, ALL_TYPES = "type", "media", "total"
NO_INDICATOR = "no_indicator"


@dataclass(frozen=True)
class Unit:
    """A node of the management tree at one of its places in the period, or what its children leave over.

    :ivar rest_of: key of the unit whose difference this is, or ""
    :ivar spans: days on which it hung there, () for all days of the period
    """

    key: str
    name: str
    code: str = ""
    depth: int = 0
    parent: str = ""
    rest_of: str = ""
    spans: tuple[Span, ...] = ()


@dataclass(frozen=True)
class Line:
    key: str
    label: str
    kind: str = TYPE
    unit: str = ""


@dataclass(frozen=True)
class Measure:
    """:ivar decimals: fixed digits behind the point (money), or None to let the figures decide"""

    key: str
    label: str
    unit: str = ""
    decimals: int | None = None


@dataclass(frozen=True)
class Entry:
    """A figure of the period, that of the compared period, and what explains both.

    :ivar column: column of the indicator's values that the figure is, or "" for the amount itself
    """

    figure: Figure = Figure()
    previous: Figure | None = None
    indicator_id: int | None = None
    column: str = ""


@dataclass(frozen=True)
class Step:
    """A step of the course (a day or a month) with the step it is compared with."""

    key: str
    label: str
    span: Span


@dataclass
class ReportData:
    """All figures of one report.

    :ivar units: in the order of the tree, a parent before its children; the first is what the report is about
    :ivar figures: (unit key, line key, measure key) -> Entry
    :ivar course: (step key, line key, measure key) -> Entry of the first unit
    """

    span: Span
    compared: Span | None = None
    units: list[Unit] = field(default_factory=list)
    lines: list[Line] = field(default_factory=list)
    measures: list[Measure] = field(default_factory=list)
    steps: list[Step] = field(default_factory=list)
    compared_steps: int = 0
    figures: dict[tuple[str, str, str], Entry] = field(default_factory=dict)
    course: dict[tuple[str, str, str], Entry] = field(default_factory=dict)
    _indexed: list[Unit] | None = field(default=None, repr=False)
    _children: dict[str, list[Unit]] = field(default_factory=dict, repr=False)

    def entry(self, unit: str, line: str, measure: str) -> Entry | None:
        return self.figures.get((unit, line, measure))

    def type_lines(self) -> list[Line]:
        return [line for line in self.lines if line.kind == TYPE]

    def children(self, unit: str) -> list[Unit]:
        """Direct children shown in the report, without the difference."""
        if self._indexed is not self.units:
            self._indexed, self._children = self.units, {}
            for child in self.units:
                if not child.rest_of:
                    self._children.setdefault(child.parent, []).append(child)
        return self._children.get(unit, [])

    def coverage(self, unit: str) -> Figure:
        """Present and expected source-days of all energy types of a unit, unweighted; carries no value."""
        entries = [self.entry(unit, line.key, AMOUNT) for line in self.type_lines()]
        total = add(entry.figure for entry in entries if entry)
        return replace(total, value=None)

    def parts(self, unit: str, line: str, measure: str) -> tuple[str, ...]:
        """Keys of the units whose figures of this line and measure add up to this unit's, the difference last.

        Empty when the unit's own figure stands alone: it has no children here, or none of them has a figure.
        """
        rest = f"rest:{unit}"
        if (rest, line, measure) not in self.figures:
            return ()
        keys = [child.key for child in self.children(unit) if (child.key, line, measure) in self.figures]
        return (*keys, rest)


def add_differences(data: ReportData, label: str) -> None:
    """Put a unit "difference" below the last descendant of every unit whose children have figures.

    Children plus difference = parent, exactly, for each line and measure; a parent is never added to its children.

    :param label: name of the difference as the reader sees it
    """
    units: list[Unit] = []
    for unit, is_last_of in _with_last_descendants(data.units):
        units.append(unit)
        for parent in is_last_of:
            if _differences_of(data, parent):
                units.append(Unit(f"rest:{parent.key}", label, "", parent.depth + 1, parent.key, parent.key))
    data.units = units


def _with_last_descendants(units: list[Unit]) -> Iterator[tuple[Unit, list[Unit]]]:
    """Each unit with the ancestors whose last descendant it is, the nearest first."""
    path: list[Unit] = []
    for index, unit in enumerate(units):
        path = [*path[: unit.depth], unit]
        following = units[index + 1].depth if index + 1 < len(units) else 0
        yield unit, [parent for parent in reversed(path[:-1]) if parent.depth >= following]


def _differences_of(data: ReportData, parent: Unit) -> bool:
    """Write the differences of one unit; False when there is nothing to compare."""
    found = False
    for line in data.lines:
        for measure in data.measures:
            entry = data.entry(parent.key, line.key, measure.key)
            parts = [data.entry(child.key, line.key, measure.key) for child in data.children(parent.key)]
            parts = [part for part in parts if part]
            if entry is None or not parts:
                continue
            rest = difference(entry.figure, [part.figure for part in parts])
            if rest.value is not None and _lacks_total(data, parent, line, measure):
                rest = replace(rest, quality="partial", reason=MISSING)
            before = None
            if entry.previous is not None:
                before = difference(entry.previous, [part.previous or Figure() for part in parts])
            if rest.value is not None or (before and before.value is not None):
                data.figures[f"rest:{parent.key}", line.key, measure.key] = Entry(rest, before)
                found = True
    return found


def _lacks_total(data: ReportData, parent: Unit, line: Line, measure: Measure) -> bool:
    """Whether a unit below uses energy but has no indicator for its total, so that the difference holds all of it."""
    return line.kind == ALL_TYPES and any(
        not data.entry(child.key, line.key, measure.key)
        and any(data.entry(child.key, kind.key, AMOUNT) for kind in data.type_lines())
        for child in data.children(parent.key)
    )
