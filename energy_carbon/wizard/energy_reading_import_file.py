"""A file of readings from another system: from bytes to arrays, with every fault named by line and column.

Knows no meter and no table: meters and indicators are the texts of the file. Needs pandas, imported when it is used.
"""

from __future__ import annotations

import io
import zipfile
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from .energy_reading_import_times import parse_times, utc_seconds

# Words in the heads of columns, in small letters; Chinese exports use many.
HEADS = {
    "meter": (
        *("meter", "meter code", "meter no", "meter number", "device", "serial number", "code"),
        *("表号", "仪表", "仪表编号", "仪表名称", "计量器具", "计量器具编号"),
        *("电表", "电表编号", "表计", "表计编号", "设备编号", "编号"),
    ),
    "indicator": (
        *("indicator", "indicator code", "quantity", "register name", "parameter", "tag"),
        *("指标", "指标编码", "指标名称", "采集指标", "参数", "数据项", "测点"),
    ),
    "time": (
        *("time", "timestamp", "date time", "datetime", "date and time", "read at"),
        *("时间", "采集时间", "抄表时间", "日期时间", "数据时间", "时刻", "读数时间"),
    ),
    "date": ("date", "day", "日期", "抄表日期", "数据日期"),
    "value": (
        *("value", "reading", "register", "counter", "meter reading"),
        *("读数", "示数", "值", "数值", "表底", "止码", "表码", "抄表值", "采集值"),
    ),
}
# What may stand between a meter and an indicator in the head of a column of the wide form.
SEPARATORS = ("/", "|", "\n")
_SPACES = r"[\s\u00a0\u202f']"
_DIGITS = r"[+-]?(?:\d+|\d{1,3}(?:%(thousands)s\d{3})+)(?:%(decimal)s\d*)?(?:[eE][+-]?\d+)?"
NUMBERS = {
    "point": _DIGITS % {"thousands": ",", "decimal": r"\."},
    "comma": _DIGITS % {"thousands": r"\.", "decimal": ","},
}
BLANKS = ("", "nan", "None", "NaT", "<NA>")
# A workbook is read a hundred times as slowly as a CSV: more would take longer than a request may.
MOST_CELLS = 1_500_000
MOST_UNPACKED = 500 << 20
# Problems kept with their text; all are counted.
MOST_PROBLEMS = 200


class UnreadableFile(ValueError):
    """The file as a whole cannot be understood; the first argument is a word for why, see the wizard's messages."""


@dataclass(frozen=True, slots=True)
class Problem:
    """What is wrong with one cell.

    :ivar line: of the file, 1 the head
    :ivar column: 1 the first
    :ivar word: ``number``, ``time``, ``no_such_time``, ``blank_time``, ``blank_meter``; a wizard adds its own
    :ivar text: what stands in the cell
    """

    line: int
    column: int
    word: str
    text: str


@dataclass(slots=True)
class ReadingFile:
    """The readings of a file, in its order.

    :ivar series: (meter, indicator) as written, the indicator empty when none is named
    :ivar columns: column each series was found in, 0 for the long form
    :ivar code: index into ``series`` of each reading, shape (n,)
    :ivar seconds: UTC epoch seconds, shape (n,)
    :ivar values: shape (n,)
    :ivar line: of the file, shape (n,)
    :ivar problems: the first ``MOST_PROBLEMS``
    :ivar problem_count: all of them
    :ivar blank: cells without a value, which are no readings
    :ivar wide: a column a series
    """

    series: list[tuple[str, str]] = field(default_factory=list)
    columns: list[int] = field(default_factory=list)
    code: np.ndarray = field(default_factory=lambda: np.zeros(0, np.int64))
    seconds: np.ndarray = field(default_factory=lambda: np.zeros(0, np.int64))
    values: np.ndarray = field(default_factory=lambda: np.zeros(0))
    line: np.ndarray = field(default_factory=lambda: np.zeros(0, np.int64))
    problems: list[Problem] = field(default_factory=list)
    problem_count: int = 0
    blank: int = 0
    wide: bool = False

    def complain(self, lines: np.ndarray, column: int, word: str, texts: Any) -> None:
        """Note cells that are wrong.

        :param lines: of the file, shape (k,)
        :param texts: what stands in them, of the same length
        """
        self.problem_count += len(lines)
        for line, text in zip(lines[: MOST_PROBLEMS - len(self.problems)], texts, strict=False):
            self.problems.append(Problem(int(line), column, word, str(text)))


def parse(data: bytes, name: str, timezone: str, decimal: str = "point", order: str = "year") -> ReadingFile:
    """Read a file in long form (meter, indicator, time, value) or wide form (time, a column a series).

    :param data: CSV (UTF-8 or GB 18030; comma, semicolon or tab) or XLSX
    :param name: of the file; its ending tells which
    :param timezone: of times that name none
    :param decimal: ``point`` or ``comma``; the other one may group thousands
    :param order: what comes first in dates that do not begin with the year: ``day`` or ``month``, else ``year``
    :raises UnreadableFile: ``format``, ``too_big``, ``empty``, ``no_time``, ``no_value``
    """
    return from_frame(_frame(data, name), timezone, decimal, order)


def from_frame(frame: Any, timezone: str, decimal: str = "point", order: str = "year") -> ReadingFile:
    """The same from a pandas frame of cells, the heads in its first row."""
    if frame.shape[0] < 2 or frame.shape[1] < 2:
        raise UnreadableFile("empty")
    roles = _roles([str(head) for head in frame.iloc[0]])
    if "time" not in roles and "date" not in roles:
        raise UnreadableFile("no_time", ", ".join(str(head) for head in frame.iloc[0]))
    found = ReadingFile(wide="meter" not in roles)
    if not found.wide and "value" not in roles:
        raise UnreadableFile("no_value", ", ".join(str(head) for head in frame.iloc[0]))
    body = frame.iloc[1:]
    lines = np.arange(2, len(frame) + 1)
    filled = ~np.logical_and.reduce([_Texts.of(body[column]).blank for column in body.columns])
    body, lines = body[filled], lines[filled]
    when = _when(body, roles, found, lines, order)
    if found.wide:
        _take_wide(frame, body, roles, when, lines, found, timezone, decimal)
    else:
        _take_long(body, roles, when, lines, found, timezone, decimal)
    return found


# === CELLS === #
def _frame(data: bytes, name: str) -> Any:
    """All cells as they are: text of a CSV, text, numbers and times of an XLSX."""
    import pandas as pd

    if name.lower().endswith((".xlsx", ".xlsm")):
        return pd.DataFrame(_workbook_rows(data), dtype=object)
    if name.lower().endswith(".xls"):
        raise UnreadableFile("format", ".xls")
    encoding = _encoding(data)
    head = data[:4096].decode(encoding, "replace").split("\n", 1)[0]
    separator = max((";", "\t", ","), key=head.count)
    try:
        return pd.read_csv(
            io.BytesIO(data), header=None, dtype=str, sep=separator, encoding=encoding, keep_default_na=False,
            skipinitialspace=True, skip_blank_lines=False,
        )
    except (ValueError, UnicodeDecodeError) as error:
        raise UnreadableFile("format", str(error)) from error


def _workbook_rows(data: bytes) -> list[tuple]:
    """Cells of the first sheet; not by pandas, which wants a newer openpyxl than Odoo brings."""
    import openpyxl

    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            # An archive of a few kilobytes may unpack to gigabytes.
            if sum(part.file_size for part in archive.infolist()) > MOST_UNPACKED:
                raise UnreadableFile("too_big", f"{MOST_CELLS:,}")
        sheet = openpyxl.load_workbook(io.BytesIO(data), read_only=True, data_only=True).worksheets[0]
        rows, cells = [], 0
        for row in sheet.iter_rows(values_only=True):
            cells += len(row)
            if cells > MOST_CELLS:
                raise UnreadableFile("too_big", f"{MOST_CELLS:,}")
            rows.append(row)
        return rows
    except UnreadableFile:
        raise
    except Exception as error:  # whatever openpyxl stumbles over, the file is no workbook for us
        raise UnreadableFile("format", str(error)) from error


def _encoding(data: bytes) -> str:
    for encoding in ("utf-8-sig", "gb18030"):
        try:
            data.decode(encoding)
        except UnicodeDecodeError:
            continue
        return encoding
    raise UnreadableFile("format", "UTF-8, GB 18030")


def _roles(heads: list[str]) -> dict[str, int]:
    """Place of the column of each role; the first that fits."""
    roles: dict[str, int] = {}
    for place, head in enumerate(heads):
        word = head.strip().lower().replace("_", " ")
        for role, words in HEADS.items():
            if word in words:
                roles.setdefault(role, place)
    return roles


@dataclass(slots=True)
class _Texts:
    """The cells of a column as text without blanks around: few different ones are handled once each.

    :ivar code: index into ``unique`` of each cell, shape (n,)
    :ivar unique: pandas series of the different texts
    """

    code: np.ndarray
    unique: Any

    @classmethod
    def of(cls, cells: Any) -> _Texts:
        import pandas as pd

        code, unique = pd.factorize(cells, use_na_sentinel=False)
        return cls(code, pd.Series(unique).astype(str).str.strip())

    @property
    def blank(self) -> np.ndarray:
        """Which cells hold nothing, shape (n,)."""
        return self.unique.isin(BLANKS).to_numpy(bool)[self.code]

    @property
    def all(self) -> np.ndarray:
        """The text of each cell, shape (n,)."""
        return self.unique.to_numpy(object)[self.code]


# === TIMES === #
def _when(body: Any, roles: dict[str, int], found: ReadingFile, lines: np.ndarray, order: str) -> Any:
    """Times of the rows as two arrays: naive local ones, and UTC where a zone was named; NaT where the cell is wrong."""
    import pandas as pd

    column = roles.get("time", roles.get("date"))
    cells = _Texts.of(body.iloc[:, column])
    blank = cells.blank
    if "time" in roles and "date" in roles:
        # A workbook's date has a clock of its own, 00:00:00.
        dates = [str(day)[:10] for day in _Texts.of(body.iloc[:, roles["date"]]).all]
        cells = _Texts.of(pd.Series(dates) + " " + pd.Series(cells.all))
    naive, zoned = parse_times(cells.unique, order)
    bad = np.isnat(naive) & np.isnat(zoned)
    wrong = bad[cells.code]
    if wrong.any():
        texts = cells.all
        found.complain(lines[blank], column + 1, "blank_time", texts[blank])
        found.complain(lines[wrong & ~blank], column + 1, "time", texts[wrong & ~blank])
    return naive[cells.code], zoned[cells.code]


# === NUMBERS === #
def _numbers(cells: Any, decimal: str) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Values, which cells are blank and which are no numbers; each of shape (n,)."""
    import pandas as pd

    values = pd.to_numeric(cells, errors="coerce").to_numpy(float, copy=True)
    # Most cells are plain numbers. The others are looked at; with a decimal comma 1.234 is no plain number either.
    # Cells of a workbook are numbers already, whatever sign the file has.
    text = cells.map(lambda cell: isinstance(cell, str)).to_numpy(bool) if decimal == "comma" else np.zeros(len(cells), bool)
    closer = np.flatnonzero(~np.isfinite(values) | text)
    texts = cells.iloc[closer].astype(str)
    blank, bad = np.zeros(len(cells), bool), np.zeros(len(cells), bool)
    empty = texts.str.strip().isin(BLANKS).to_numpy(bool)
    plain = texts.str.replace(_SPACES, "", regex=True)
    sound = plain.str.fullmatch(NUMBERS[decimal]).to_numpy(bool)
    plain = plain.str.replace("." if decimal == "comma" else ",", "", regex=False).str.replace(",", ".", regex=False)
    looked_at = pd.to_numeric(plain, errors="coerce").to_numpy(float)
    values[closer] = looked_at
    blank[closer] = empty
    bad[closer] = ~empty & ~(sound & np.isfinite(looked_at))
    return values, blank, bad


# === THE TWO FORMS === #
def _take_long(
    body: Any, roles: dict, when: tuple, lines: np.ndarray, found: ReadingFile, timezone: str, decimal: str
) -> None:
    import pandas as pd

    meters = _Texts.of(body.iloc[:, roles["meter"]])
    no_meter = meters.blank
    found.complain(lines[no_meter], roles["meter"] + 1, "blank_meter", meters.all[no_meter])
    pairs, names = meters.code, [""]
    if "indicator" in roles:
        indicators = _Texts.of(body.iloc[:, roles["indicator"]])
        names = ["" if name in BLANKS else name for name in indicators.unique]
        pairs = meters.code * len(names) + indicators.code
    code, keys = pd.factorize(pairs)
    known = meters.unique.tolist()
    found.series = [(known[key // len(names)], names[key % len(names)]) for key in keys]
    found.columns = [0] * len(found.series)
    column = roles["value"]
    _add(found, body.iloc[:, column], column + 1, code, when, lines, ~no_meter, timezone, decimal)


def _take_wide(
    frame: Any, body: Any, roles: dict, when: tuple, lines: np.ndarray, found: ReadingFile, timezone: str, decimal: str
) -> None:
    times = set(roles.values()) & {roles.get("time"), roles.get("date")}
    parts = []
    for column in range(frame.shape[1]):
        head = str(frame.iloc[0, column]).strip()
        if column in times or not head or head == "nan":
            continue
        found.series.append(_split(head))
        found.columns.append(column + 1)
        code = np.full(len(body), len(found.series) - 1)
        part = ReadingFile()
        _add(part, body.iloc[:, column], column + 1, code, when, lines, np.ones(len(body), bool), timezone, decimal)
        parts.append(part)
        found.problems += part.problems[: MOST_PROBLEMS - len(found.problems)]
        found.problem_count += part.problem_count
        found.blank += part.blank
    if parts:
        for name in ("code", "seconds", "values", "line"):
            setattr(found, name, np.concatenate([getattr(part, name) for part in parts]))


def _split(head: str) -> tuple[str, str]:
    """Meter and indicator of a column's head."""
    for separator in SEPARATORS:
        meter, found, indicator = head.partition(separator)
        if found:
            return meter.strip(), indicator.strip()
    return head, ""


def _add(
    found: ReadingFile,
    cells: Any,
    column: int,
    code: np.ndarray,
    when: tuple[np.ndarray, np.ndarray],
    lines: np.ndarray,
    wanted: np.ndarray,
    timezone: str,
    decimal: str,
) -> None:
    """Take the readings of one column of values."""
    values, blank, bad = _numbers(cells, decimal)
    timed = ~(np.isnat(when[0]) & np.isnat(when[1]))
    found.complain(lines[bad & wanted], column, "number", cells[bad & wanted])
    found.blank += int((blank & wanted).sum())
    good = wanted & timed & ~blank & ~bad
    seconds = utc_seconds(when[0][good], when[1][good], code[good], timezone)
    lost = np.isnan(seconds)
    found.complain(lines[good][lost], column, "no_such_time", [str(time) for time in when[0][good][lost]])
    found.code, found.seconds = code[good][~lost], seconds[~lost].astype(np.int64)
    found.values, found.line = values[good][~lost], lines[good][~lost]
