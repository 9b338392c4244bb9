"""Looks of the Excel file: fonts, colours, number formats. Must not know what a row means beyond its kind."""

from __future__ import annotations

from .matrix import BLOCK, CHANGE, COVERAGE, DIFFERENCE, GRAND_TOTAL, TOTAL, UNIT, Row

DARK, PALE, RULE, AMBER, MUTED = "#1F4E5F", "#E8F0F2", "#C5D3D8", "#FFF1CC", "#7A7A7A"

_BY_ROW = {
    BLOCK: {"bold": True, "bg_color": PALE},
    TOTAL: {"bold": True, "top": 1, "top_color": DARK},
    GRAND_TOTAL: {"bold": True, "top": 1, "top_color": DARK, "bg_color": PALE},
    DIFFERENCE: {"italic": True},
}
_BY_PART = {
    "title": {"bold": True, "font_size": 16, "font_color": DARK},
    "subtitle": {"font_size": 10},
    "label": {"font_color": MUTED},
    "head": {
        "bold": True,
        "font_color": "#FFFFFF",
        "bg_color": DARK,
        "align": "center",
        "valign": "vcenter",
        "text_wrap": True,
        "border": 1,
        "border_color": "#FFFFFF",
    },
    "head_unit": {"font_color": DARK, "bg_color": RULE, "align": "center", "border": 1, "border_color": "#FFFFFF"},
    "note": {"font_size": 9, "font_color": MUTED, "text_wrap": True, "valign": "top"},
}


class Styles:
    """Formats of one workbook, each made once."""

    def __init__(self, workbook, font: str = ""):
        self._workbook = workbook
        self._font = {"font_name": font, "font_size": 10} if font else {"font_size": 10}
        self._made = {}

    def part(self, name: str):
        """The format of a heading, subtitle or note."""
        return self._format(_BY_PART[name])

    def label(self, row: Row):
        return self._format({**_row(row), "indent": min(row.depth, 15), "align": "left"})

    def day(self, row: Row, by_day: bool):
        """A date as Excel knows it, written the one way that reads alike in every language."""
        pattern = "yyyy-mm-dd" if by_day else "yyyy-mm"
        return self._format({**_row(row), "num_format": pattern, "align": "left"})

    def number(self, row: Row, decimals: int, partial: bool = False):
        pattern = "#,##0" + ("." + "0" * decimals if decimals else "")
        marked = {"bg_color": AMBER} if partial else {}
        return self._format({**_row(row), **marked, "num_format": pattern})

    def percent(self, row: Row, column_kind: str, partial: bool = False):
        pattern = {CHANGE: "+0.0%;-0.0%;0.0%", COVERAGE: "0.0%"}[column_kind]
        marked = {"bg_color": AMBER} if partial else {}
        return self._format({**_row(row), **marked, "num_format": pattern})

    def text(self, row: Row, muted: bool = False):
        marked = {"italic": True, "font_color": MUTED, "align": "right"} if muted else {"align": "center"}
        return self._format({**_row(row), **marked})

    def _format(self, properties: dict):
        key = tuple(sorted(properties.items()))
        if key not in self._made:
            self._made[key] = self._workbook.add_format({**self._font, **properties})
        return self._made[key]


def _row(row: Row) -> dict:
    """The first unit is what the report is about; it stands out from those below it."""
    look = _BY_ROW[BLOCK] if row.kind == UNIT and row.depth == 0 else _BY_ROW.get(row.kind, {})
    return {"bottom": 4, "bottom_color": RULE, **look}


def text_width(text: str) -> float:
    """Width of a text in Excel's character units; Chinese characters take two.

    >>> text_width("kWh"), text_width("电力")
    (3, 4)
    """
    return sum(2 if ord(character) > 0x2E7F else 1 for character in text)


def number_width(value: float, decimals: int) -> int:
    """
    >>> number_width(1234567.891, 1)
    11
    """
    return len(f"{value:,.{decimals}f}")
