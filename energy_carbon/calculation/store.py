"""Daily and monthly values in and out of their tables. Knows no formula and no factor."""

from __future__ import annotations

from datetime import date

import numpy as np

from ..engine.quality import Quality, Reason
from ..engine.rollup import Cells
from ..tools.selections import COMPANIONS, ORIGINS, QUALITIES
from .bulk import copy_in, copy_out, pg_date

STAGING = "energy_value_staging"
FIGURES = ("value", *COMPANIONS, "numerator", "denominator")
REASON_KEYS = {
    Reason.MISSING_INPUT: "missing_input",
    Reason.ZERO_DENOMINATOR: "zero_denominator",
    Reason.NO_PRICE: "no_price",
    Reason.PARTIAL_PRICE: "partial_price",
    Reason.OVERFLOW: "overflow",
}
NO_BASIS = 0


def _keys(labelled) -> str:
    """Keys of a selection as an SQL array: code 1 is its first key."""
    return "ARRAY[" + ", ".join(f"'{key}'" for key, _label in labelled) + "]"


REASON_ARRAY = "ARRAY[" + ", ".join(f"'{REASON_KEYS[code]}'" for code in sorted(REASON_KEYS)) + "]"
REASON_CODES = sorted(REASON_KEYS)
COLUMNS = (*FIGURES, "expected", "present", "quality", "origin", "reason", "basis_id", "depth")

# Days before an indicator counts are no missing ones: nothing is noted of them.
UPSERT = f"""
    INSERT INTO energy_value (indicator_id, date, {", ".join(COLUMNS)},
                              node_id, template_id, energy_type_id, company_id, uom_id, flow)
    SELECT s.indicator_id, s.date, {", ".join(f"NULLIF(s.{name}, 'NaN')" for name in FIGURES)}, s.expected, s.present,
           ({_keys(QUALITIES)})[s.quality], ({_keys(ORIGINS)})[s.origin], ({REASON_ARRAY})[s.reason],
           NULLIF(s.basis_id, {NO_BASIS}), s.depth,
           i.node_id, i.template_id, i.energy_type_id, i.company_id, i.uom_id, i.flow
      FROM {STAGING} s JOIN energy_indicator i ON i.id = s.indicator_id
     WHERE s.expected > 0 OR s.value <> 'NaN'
        OR EXISTS (SELECT FROM energy_value v WHERE v.indicator_id = s.indicator_id AND v.date = s.date)
        ON CONFLICT (indicator_id, date) DO UPDATE
       SET ({", ".join(COLUMNS)}, uom_id, flow) = ({", ".join(f"EXCLUDED.{name}" for name in COLUMNS)},
            EXCLUDED.uom_id, EXCLUDED.flow)
     WHERE ({", ".join(f"energy_value.{name}" for name in COLUMNS)}, energy_value.uom_id, energy_value.flow)
           IS DISTINCT FROM ({", ".join(f"EXCLUDED.{name}" for name in COLUMNS)}, EXCLUDED.uom_id, EXCLUDED.flow)
"""

# A month's companion is blank when some day has an amount but no factor or price: a part of a cost is no cost.
MONTH_COMPANIONS = ", ".join(
    f"CASE WHEN COUNT(*) FILTER (WHERE v.value IS NOT NULL AND v.{name} IS NULL) = 0 THEN SUM(v.{name}) END"
    for name in COMPANIONS
)
# Days count from the first one with a figure on, whether a row says that nothing is known or there is none: what a month
# expects must not depend on which days happened to be computed.
DUE = "(v.date >= f.first OR v.value IS NOT NULL)"
MONTH_EXPECTED = f"""COALESCE(SUM(v.expected) FILTER (WHERE {DUE}), 0)
         + c.leaves * GREATEST(0, LEAST((m.month + INTERVAL '1 month')::date, %(today)s) - GREATEST(m.month, f.first)
                                  - COUNT(*) FILTER (WHERE v.date < %(today)s AND v.date >= f.first))"""
MONTH_COLUMNS = (*FIGURES, "expected", "present", "quality", "origin", "reason", "depth", "uom_id", "flow")
# The days are added in order of date: the same month has the same last digit however it was computed.
MONTHS = f"""
    INSERT INTO energy_value_month (indicator_id, month, {", ".join(MONTH_COLUMNS)},
                                    node_id, template_id, energy_type_id, company_id)
    SELECT i.id, m.month, a.*, i.node_id, i.template_id, i.energy_type_id, i.company_id
      FROM unnest(%(ids)s, %(leaves)s) AS c(id, leaves)
      JOIN energy_indicator i ON i.id = c.id
      JOIN energy_indicator_template t ON t.id = i.template_id
CROSS JOIN LATERAL (SELECT COALESCE(i.date_from, (SELECT date FROM energy_value
                     WHERE indicator_id = i.id AND value IS NOT NULL ORDER BY date LIMIT 1)) AS first) f
CROSS JOIN unnest(%(months)s) AS m(month)
CROSS JOIN LATERAL (
    SELECT
           CASE WHEN i.kind = 'ratio' THEN SUM(v.numerator) / NULLIF(SUM(v.denominator), 0)
                WHEN i.kind = 'gauge' AND t.aggregation = 'max' THEN MAX(v.value)
                WHEN i.kind = 'gauge' AND t.aggregation = 'min' THEN MIN(v.value)
                WHEN i.kind = 'gauge' THEN AVG(v.value)
                WHEN i.kind = 'stock' THEN (ARRAY_AGG(v.value ORDER BY v.date DESC) FILTER (WHERE v.value IS NOT NULL))[1]
                WHEN i.kind = 'derived' AND t.scope <> 'total' AND BOOL_OR(v.reason = 'no_price') THEN NULL
                ELSE SUM(v.value) END,
           {MONTH_COMPANIONS}, SUM(v.numerator), SUM(v.denominator),
           {MONTH_EXPECTED}, SUM(v.present),
           CASE WHEN COUNT(v.value) = 0 THEN 'missing'
                WHEN BOOL_OR(v.quality = 'partial' OR v.quality = 'missing' AND {DUE}) THEN 'partial'
                WHEN SUM(v.present) < {MONTH_EXPECTED} THEN 'partial'
                ELSE (%(qualities)s::varchar[])[MAX(ARRAY_POSITION(%(qualities)s::varchar[], v.quality)) FILTER (WHERE {DUE})]
                END,
           MAX(v.origin),
           CASE WHEN BOOL_OR(v.reason = 'no_price') AND COALESCE(t.scope, '') <> 'total' THEN 'no_price'
                WHEN BOOL_OR(v.reason IN ('no_price', 'partial_price')) THEN 'partial_price'
                WHEN i.kind = 'ratio' AND SUM(v.denominator) = 0 THEN 'zero_denominator'
                WHEN COUNT(v.value) = 0 THEN MIN(v.reason) END,
           (ARRAY_AGG(v.depth ORDER BY v.date DESC))[1], i.uom_id, i.flow
      FROM (SELECT * FROM energy_value WHERE indicator_id = i.id AND date >= m.month
               AND date < (m.month + INTERVAL '1 month')::date ORDER BY date) v
    HAVING COUNT(*) > 0) a
        ON CONFLICT (indicator_id, month) DO UPDATE
       SET ({", ".join(MONTH_COLUMNS)}) = ({", ".join(f"EXCLUDED.{name}" for name in MONTH_COLUMNS)})
     WHERE ({", ".join(f"energy_value_month.{name}" for name in MONTH_COLUMNS)})
           IS DISTINCT FROM ({", ".join(f"EXCLUDED.{name}" for name in MONTH_COLUMNS)})
"""

# The first day with a figure moved: the month in which it used to lie expects more days, or fewer.
NEXT_MONTHS = """
    SELECT DISTINCT date_trunc('month', later.date)::date FROM unnest(%(ids)s) AS i(id)
CROSS JOIN LATERAL (SELECT date FROM energy_value WHERE indicator_id = i.id AND date > %(last)s AND value IS NOT NULL
                     ORDER BY date LIMIT 1) later
     WHERE NOT EXISTS (SELECT FROM energy_value WHERE indicator_id = i.id AND date < %(first)s AND value IS NOT NULL)
"""


def read_days(cursor, ids: list[int], first: date, last: date, cells: Cells) -> None:
    """Fill cells (one row an id, in that order) with the stored values of the days first..last."""
    if not ids:
        return
    figures = {name: "f8" for name in FIGURES}
    rows = copy_out(
        cursor,
        f"""SELECT indicator_id, (date - %s::date)::int4, {", ".join(f"COALESCE({name}, 'NaN')" for name in FIGURES)},
                   expected::int4, present::int4, ARRAY_POSITION({_keys(QUALITIES)}, quality::text)::int4,
                   COALESCE(ARRAY_POSITION({REASON_ARRAY}, reason::text), 0)::int4
              FROM energy_value WHERE indicator_id = ANY(%s) AND date BETWEEN %s AND %s""",
        [first, list(ids), first, last],
        {"id": "i4", "day": "i4", **figures, "expected": "i4", "present": "i4", "quality": "i4", "reason": "i4"},
    )
    order = np.argsort(ids)
    at = order[np.searchsorted(np.asarray(ids)[order], rows["id"])], rows["day"]
    for column, name in enumerate(("value", *COMPANIONS)):
        cells.value[(*at, column)] = rows[name]
    for name in ("numerator", "denominator", "expected", "present", "quality"):
        getattr(cells, name)[at] = rows[name]
    reasons = np.array([0, *REASON_CODES])[rows["reason"]]
    cells.reason[at] = reasons
    cells.missing_price[(*at, 0)] = (reasons == Reason.NO_PRICE) | (reasons == Reason.PARTIAL_PRICE)


def write_days(cursor, ids, first: date, cells: Cells, origin, basis, depth, leaf_count, today: date) -> int:
    """Store all cells and bring the months up to date; unchanged rows are left alone.

    :param ids: indicator of each row of the cells, shape (n,)
    :param first: date of the first column
    :param cells: values, shape (n, d)
    :param origin: origin codes, shape (n, d); basis: ids of basis rows or 0, shape (n, d); depth: shape (n, d)
    :param leaf_count: source-days a day of each indicator expects, shape (n,)
    :param today: the company's day; days before it are expected to have values
    :return: number of rows that changed
    """
    n_days = cells.value.shape[1]
    days = first.toordinal() + np.arange(n_days)
    codes = np.zeros(max(REASON_CODES) + 1, np.int16)
    codes[REASON_CODES] = np.arange(1, len(REASON_CODES) + 1)
    columns = {
        "indicator_id": np.repeat(np.asarray(ids, np.int32), n_days),
        "date": np.tile(pg_date(days), len(ids)),
        **{name: cells.value[..., column].ravel() for column, name in enumerate(("value", *COMPANIONS))},
        "numerator": cells.numerator.ravel(),
        "denominator": cells.denominator.ravel(),
        "expected": cells.expected.astype(np.int32).ravel(),
        "present": cells.present.astype(np.int32).ravel(),
        "quality": np.clip(cells.quality, 1, Quality.MISSING).astype(np.int16).ravel(),
        "origin": np.asarray(origin, np.int16).ravel(),
        "reason": codes[cells.reason].ravel(),
        "basis_id": np.asarray(basis, np.int32).ravel(),
        "depth": np.asarray(depth, np.int32).ravel(),
    }
    _staging(cursor)
    copy_in(cursor, STAGING, columns)
    cursor.execute(UPSERT)
    changed = cursor.rowcount
    if changed:
        refresh_months(cursor, ids, leaf_count, first, date.fromordinal(int(days[-1])), today)
    return changed


def _staging(cursor) -> None:
    figures = ", ".join(f"{name} float8" for name in FIGURES)
    cursor.execute(
        f"""CREATE TEMP TABLE IF NOT EXISTS {STAGING} (indicator_id int4, date date, {figures}, expected int4,
            present int4, quality int2, origin int2, reason int2, basis_id int4, depth int4) ON COMMIT DELETE ROWS;
            TRUNCATE {STAGING}"""
    )


def refresh_months(cursor, ids, leaf_count, first: date, last: date, today: date) -> None:
    """Rebuild the month rows that the days first..last lie in, or that expect other days because of them."""
    months = {date.fromordinal(day).replace(day=1) for day in range(first.toordinal(), last.toordinal() + 1)}
    ids = [int(identifier) for identifier in ids]
    cursor.execute(NEXT_MONTHS, {"ids": ids, "first": first, "last": last})
    months.update(row[0] for row in cursor.fetchall())
    cursor.execute(
        MONTHS,
        {
            "ids": ids,
            "leaves": [int(count) for count in leaf_count],
            "months": sorted(months),
            "today": today,
            "qualities": [key for key, _label in QUALITIES],
        },
    )
