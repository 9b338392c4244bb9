"""Daily and monthly values in and out of their tables. Knows no formula and no factor."""

from __future__ import annotations

from calendar import monthrange
from dataclasses import dataclass
from datetime import date, timedelta

import numpy as np

from ..engine.cells import Cells
from ..engine.day_rows import NO_DAY, DayRows, MonthRules, month_rows
from ..engine.quality import Quality, Reason
from ..tools.selections import COMPANIONS, ORIGINS, QUALITIES
from .bulk import Labels, Nullable, copy_in, copy_out, pg_date

NO_BASIS = 0
AMOUNTS = ("value", *COMPANIONS)
FIGURES = (*AMOUNTS, "numerator", "denominator")
# Codes start at 1 and go without a gap, so the key of a code is an element of an SQL array.
ARRAYS = {
    "quality": [key for key, _label in QUALITIES],
    "origin": [key for key, _label in ORIGINS],
    "reason": [reason.name.lower() for reason in Reason if reason],
}
OWNERS = ("node_id", "template_id", "company_id", "energy_type_id", "uom_id")
# A row that was stored in another unit or for another flow differs from whatever is computed now.
STALE = -1


@dataclass(frozen=True)
class Table:
    """A table of values: its name and the column of its date."""

    name: str
    date: str
    columns: tuple[str, ...]

    @property
    def staging(self) -> str:
        return f"{self.name}_staging"


_COLUMNS = (*FIGURES, "expected", "present", "quality", "origin", "reason", "depth")
DAYS = Table("energy_value", "date", (*_COLUMNS, "basis_id"))
MONTHS = Table("energy_value_month", "month", _COLUMNS)


def _array(name: str) -> str:
    return "ARRAY[" + ", ".join(f"'{key}'" for key in ARRAYS[name]) + "]"


def read_rows(cursor, table: Table, ids, first: date, last: date, besides: tuple[date, date] | None = None) -> DayRows:
    """Stored rows of the days first..last (of a table of months: of their first days), a row an id in that order.

    :param besides: days to leave out, inclusive
    """
    ids = np.asarray(ids, np.int64)
    rows = DayRows.blank(len(ids), (last - first).days + 1)
    if not len(ids):
        return rows
    figures = ", ".join(f"COALESCE(v.{name}, 'NaN')" for name in FIGURES)
    codes = ", ".join(f"COALESCE(ARRAY_POSITION({_array(name)}, v.{name}::text), 0)::int4" for name in ARRAYS)
    basis = "COALESCE(v.basis_id, 0)" if "basis_id" in table.columns else "0"
    out, back = besides or (first, first - timedelta(days=1))
    found = copy_out(
        cursor,
        f"""SELECT v.indicator_id, (v.{table.date} - %s::date)::int4, {figures}, COALESCE(v.expected, 0),
                   COALESCE(v.present, 0), {codes}, {basis},
                   CASE WHEN v.uom_id IS NOT DISTINCT FROM i.uom_id AND v.flow IS NOT DISTINCT FROM i.flow
                        THEN COALESCE(v.depth, 0) ELSE {STALE} END
              FROM {table.name} v JOIN energy_indicator i ON i.id = v.indicator_id
             WHERE v.indicator_id = ANY(%s) AND v.{table.date} BETWEEN %s AND %s
               AND v.{table.date} NOT BETWEEN %s AND %s""",
        [first, ids.tolist(), first, last, out, back],
        {
            "id": "i4",
            "day": "i4",
            **dict.fromkeys(FIGURES, "f8"),
            **dict.fromkeys(("expected", "present", *ARRAYS, "basis", "depth"), "i4"),
        },
    )
    order = np.argsort(ids)
    at = order[np.searchsorted(ids[order], found["id"])], found["day"]
    for column, name in enumerate(AMOUNTS):
        rows.value[(*at, column)] = found[name]
    for name in ("numerator", "denominator", "expected", "present", *ARRAYS, "basis", "depth"):
        getattr(rows, name)[at] = found[name]
    rows.exists[at] = True
    return rows


def put_cells(cells: Cells, at: np.ndarray, rows: DayRows) -> None:
    """Write stored rows into the cells of some indicators.

    :param at: where they are among the cells; rows: of the same number of indicators
    """
    there = rows.exists
    for name in ("value", "numerator", "denominator", "expected", "present", "quality", "reason"):
        target = getattr(cells, name)
        own = target[at]
        own[there] = getattr(rows, name)[there]
        target[at] = own
    unpriced = there & np.isin(rows.reason, (Reason.NO_PRICE, Reason.PARTIAL_PRICE))
    cells.missing_price[at, :, 0] |= unpriced


def rows_of(cells: Cells, origin, basis, depth) -> DayRows:
    """The rows to be stored of computed cells; days before an indicator counts are no missing ones and have none.

    :param origin: origin codes; basis: ids of basis rows or 0; depth: depth of the nodes, each of shape (n, d)
    """
    return DayRows(
        cells.value,
        cells.numerator,
        cells.denominator,
        cells.expected.astype(np.int32),
        cells.present.astype(np.int32),
        np.clip(cells.quality, Quality.MEASURED, Quality.MISSING).astype(np.int8),
        cells.reason.astype(np.int8),
        np.asarray(origin, np.int8),
        np.asarray(basis, np.int32),
        np.asarray(depth, np.int32),
        (cells.expected > 0) | ~np.isnan(cells.value[..., 0]),
    )


def write_days(cursor, ids, first: date, rows: DayRows, stored: DayRows, rules: MonthRules, today: date) -> int:
    """Store the rows and bring the months up to date; unchanged rows are left alone.

    A stored day of which nothing is known or expected any more keeps its row, blank.

    :param ids: indicator of each row, shape (n,)
    :param first: date of the first column; the block lies in one month
    :param stored: what :func:`read_rows` finds in their place
    :param rules: how the indicators add up; of those without a first day the first figure stored counts
    :param today: the company's day; days before it are expected to have values
    :return: number of rows that changed
    """
    ids = np.asarray(ids, np.int32)
    changed = _write(cursor, DAYS, ids, first, rows, stored)
    if changed:
        last = first + timedelta(days=rows.exists.shape[1] - 1)
        rules = _with_first_days(cursor, ids, rules)
        _write_month(cursor, ids, first.replace(day=1), rules, today, (rows, first, last))
        # The first day with a figure moved: the month in which it used to lie expects more days, or fewer.
        moved = rules.first >= first.toordinal()
        cursor.execute(NEXT_MONTHS, {"ids": ids[moved].tolist(), "last": last})
        for (month,) in cursor.fetchall():
            if month != first.replace(day=1):
                _write_month(cursor, ids, month, rules, today)
    return changed


NEXT_MONTHS = """
    SELECT DISTINCT date_trunc('month', later.date)::date FROM unnest(%(ids)s::int4[]) AS i(id)
CROSS JOIN LATERAL (SELECT date FROM energy_value WHERE indicator_id = i.id AND date > %(last)s AND value IS NOT NULL
                     ORDER BY date LIMIT 1) later
"""
FIRST_DAYS = """
    SELECT i.id, f.date FROM unnest(%s::int4[]) AS i(id)
CROSS JOIN LATERAL (SELECT date FROM energy_value WHERE indicator_id = i.id AND value IS NOT NULL ORDER BY date LIMIT 1) f
"""


def _with_first_days(cursor, ids, rules: MonthRules) -> MonthRules:
    """The rules with the first day of which there is a figure, where the indicator does not say from when it counts."""
    unknown = np.flatnonzero(rules.first == NO_DAY)
    place = {int(ids[at]): at for at in unknown}
    cursor.execute(FIRST_DAYS, [list(place)])
    first = rules.first.copy()
    for indicator, day in cursor.fetchall():
        first[place[indicator]] = day.toordinal()
    return MonthRules(rules.how, rules.unpriced_blanks, rules.total, first, rules.leaves)


def _write_month(cursor, ids, month: date, rules: MonthRules, today: date, block=None) -> None:
    """Rebuild the month rows of the indicators.

    :param block: days just written: (rows, first date, last date); they need not be read again
    """
    n_days = monthrange(month.year, month.month)[1]
    last = month.replace(day=n_days)
    if block and (block[1], block[2]) == (month, last):
        days = block[0]
    else:
        days = read_rows(cursor, DAYS, ids, month, last, block and block[1:])
        if block:
            days.put(block[0], (block[1] - month).days)
    rows = month_rows(days, rules, month.toordinal(), today.toordinal())
    _write(cursor, MONTHS, ids, month, rows, read_rows(cursor, MONTHS, ids, month, month))


def _write(cursor, table: Table, ids, first: date, rows: DayRows, stored: DayRows) -> int:
    """Insert the rows that are not there, update those that differ: number of both. ``rows.exists`` gets what is there."""
    if not stored.exists.any():
        return _insert(cursor, table, ids, first, rows, rows.exists)
    rows.exists |= stored.exists
    differing = rows.exists & rows.differs(stored)
    new = _insert(cursor, table, ids, first, rows, differing & ~stored.exists)
    return new + _update(cursor, table, ids, first, rows, differing & stored.exists)


def _insert(cursor, table: Table, ids, first: date, rows: DayRows, chosen: np.ndarray) -> int:
    """Append the chosen cells (mask of the rows' shape), none of which is there."""
    row, day = np.nonzero(chosen)
    if not len(row):
        return 0
    cells = _cells(table, ids, first, rows, row, day)
    columns = {
        **{name: cells.pop(name) for name in ("indicator_id", table.date, "expected", "present", "depth")},
        **{name: Labels(cells.pop(name), ARRAYS[name]) for name in ARRAYS},
        **{name: Nullable(cells.pop(name), np.isnan(values)) for name, values in list(cells.items()) if name in FIGURES},
        **{name: Nullable(values, values == NO_BASIS) for name, values in cells.items()},
    }
    return copy_in(cursor, table.name, {**columns, **_owners(cursor, ids, row)})


def _owners(cursor, ids, row: np.ndarray) -> dict:
    """What a row repeats of its indicator, for the rows of the indicators ids[row]."""
    cursor.execute(
        """SELECT id, node_id, template_id, company_id, energy_type_id, uom_id, flow FROM energy_indicator
            WHERE id = ANY(%s)""",
        [ids.tolist()],
    )
    by_id = {found[0]: found[1:] for found in cursor.fetchall()}
    owners = list(zip(*(by_id[indicator] for indicator in ids.tolist()), strict=True))
    flows = sorted({flow for flow in owners[5] if flow})
    code = np.array([flows.index(flow) + 1 if flow else 0 for flow in owners[5]], np.int16)
    columns = {
        name: np.array([value or 0 for value in values], np.int32)[row]
        for name, values in zip(OWNERS, owners[:5], strict=True)
    }
    for name in ("energy_type_id", "uom_id"):
        columns[name] = Nullable(columns[name], columns[name] == 0)
    return {**columns, "flow": Labels(code[row], flows)}


def _cells(table: Table, ids, first: date, rows: DayRows, row: np.ndarray, day: np.ndarray) -> dict[str, np.ndarray]:
    """The columns of some cells, figures with NaN and keys as codes."""
    columns = {
        "indicator_id": ids[row],
        table.date: pg_date(first.toordinal() + day),
        **{name: rows.value[row, day, column] for column, name in enumerate(AMOUNTS)},
        **{name: getattr(rows, name)[row, day] for name in ("numerator", "denominator", "expected", "present")},
        **{name: getattr(rows, name)[row, day].astype(np.int16) for name in ARRAYS},
        "depth": rows.depth[row, day],
    }
    if "basis_id" in table.columns:
        columns["basis_id"] = rows.basis[row, day]
    return columns


def _update(cursor, table: Table, ids, first: date, rows: DayRows, chosen: np.ndarray) -> int:
    """Write the chosen cells (mask of the rows' shape) over those that are there, by way of a staging table."""
    row, day = np.nonzero(chosen)
    if not len(row):
        return 0
    _make_staging(cursor, table)
    copy_in(cursor, table.staging, _cells(table, ids, first, rows, row, day))
    taken = {
        **{name: f"NULLIF(s.{name}, 'NaN')" for name in FIGURES},
        **{name: f"({_array(name)})[s.{name}]" for name in ARRAYS},
        "basis_id": f"NULLIF(s.basis_id, {NO_BASIS})",
    }
    columns = (*table.columns, "uom_id", "flow")
    # By the unique index row by row: joined to a table of years, the planner may read all of it. All rows are there, so that
    # none gets the id 0; the next of the sequence would be used up by each row and run out within years.
    cursor.execute(
        f"""INSERT INTO {table.name} (id, indicator_id, {table.date}, {", ".join(table.columns)}, {", ".join(OWNERS)}, flow)
            SELECT 0, s.indicator_id, s.{table.date}, {", ".join(taken.get(name, f"s.{name}") for name in table.columns)},
                   {", ".join(f"i.{name}" for name in OWNERS)}, i.flow
              FROM {table.staging} s JOIN energy_indicator i ON i.id = s.indicator_id
                ON CONFLICT (indicator_id, {table.date}) DO UPDATE
               SET ({", ".join(columns)}) = ({", ".join(f"EXCLUDED.{name}" for name in columns)})"""
    )
    return cursor.rowcount


def _make_staging(cursor, table: Table) -> None:
    figures = ", ".join(f"{name} float8" for name in FIGURES)
    basis = ", basis_id int4" if "basis_id" in table.columns else ""
    cursor.execute(
        f"""CREATE TEMP TABLE IF NOT EXISTS {table.staging} (indicator_id int4, {table.date} date, {figures},
            expected int4, present int4, quality int2, origin int2, reason int2, depth int4{basis}) ON COMMIT DELETE ROWS;
            TRUNCATE {table.staging}"""
    )
