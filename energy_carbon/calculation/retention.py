"""Dropping old readings: which days still live by readings, and what becomes of the others. Knows no settings.

A *dropped month* is a calendar month of energy days whose readings are gone. Its days keep the amounts that were computed
from them; the days after it are still computed from readings, for which the last few readings before them are kept.
"""

from datetime import date, datetime, timedelta

from ..engine.calendar import day_borders
from . import reading_guard
from .readings import KEPT, NEIGHBOURS, TABLE, dropped_span

# Clocks are at most 14 hours ahead of UTC: a month never begins earlier anywhere.
EARLIEST_START = timedelta(hours=14)
# They are at most 12 hours behind it, and a day begins at 23 o'clock at the latest.
LATEST_END = timedelta(hours=12 + 23)

PARTITIONS = """
    SELECT c.relname FROM pg_inherits i JOIN pg_class c ON c.oid = i.inhrelid WHERE i.inhparent = %s::regclass
"""
KEEP = f"""
    INSERT INTO {TABLE}_new
    SELECT r.* FROM energy_indicator i CROSS JOIN LATERAL (
           SELECT * FROM {TABLE} WHERE indicator_id = i.id AND time < %(start)s ORDER BY time DESC LIMIT {NEIGHBOURS}) r
     UNION ALL
    SELECT * FROM {TABLE} WHERE time >= %(start)s AND time < %(end)s
"""


# === DROPPING === #
def months(cursor) -> dict[date, str]:
    """Months that have a partition of their own, and its name."""
    cursor.execute(PARTITIONS, [TABLE])
    names = {row[0].removeprefix(f"{TABLE}_"): row[0] for row in cursor.fetchall()}
    names.pop("before", None)
    return {date(*map(int, month.split("_")), 1): name for month, name in names.items()}


def drop(cursor, border: date) -> dict[date, int]:
    """Drop the readings of the months before ``border``, but for the few that later days are computed from.

    The caller holds the table's exclusive lock.

    :param border: first day of the first month that stays
    :return: number of readings of each month dropped, without a gap; empty when there were none
    """
    names = {month: name for month, name in months(cursor).items() if month < border}
    counts = {month: _count(cursor, f"SELECT COUNT(*) FROM {name}") for month, name in sorted(names.items())}
    if not any(counts.values()):
        return {}
    month, end = _first_touched(cursor, counts), _month_after(max(names))
    start = datetime(end.year, end.month, 1) - EARLIEST_START
    cursor.execute(f"CREATE TABLE {TABLE}_new (LIKE {TABLE} INCLUDING DEFAULTS INCLUDING CONSTRAINTS)")
    cursor.execute(KEEP, {"start": start, "end": end})
    cursor.execute(f"DROP TABLE IF EXISTS {', '.join([KEPT, *names.values()])}")
    cursor.execute(f"ALTER TABLE {TABLE}_new RENAME TO {KEPT}")
    reading_guard.guard(cursor, KEPT)
    cursor.execute(f"ALTER TABLE {TABLE} ATTACH PARTITION {KEPT} FOR VALUES FROM (MINVALUE) TO (%s)", [end])
    found = {}
    while month < end:
        found[month] = counts.get(month, 0)
        month = _month_after(month)
    return found


def _first_touched(cursor, counts: dict[date, int]) -> date:
    """First month with days that are computed from what is dropped now."""
    if before := dropped_span(cursor):
        return before[1]
    month = min(month for month, count in counts.items() if count)
    begin = datetime(month.year, month.month, 1)
    # Where the day begins late, the last day of the month before reaches into this one.
    if _count(cursor, f"SELECT COUNT(*) FROM {TABLE} WHERE time < %s", [begin + LATEST_END]):
        month = (month - timedelta(days=1)).replace(day=1)
    return month


def _count(cursor, query: str, params=None) -> int:
    cursor.execute(query, params)
    return cursor.fetchone()[0]


def _month_after(month: date) -> date:
    return (month + timedelta(days=32)).replace(day=1)


# === WHAT IS LEFT === #
def first_second(company, month: date) -> int:
    """UTC second at which a company's first energy day of a month begins."""
    return int(day_borders(month, month, company.energy_timezone, company.energy_start_hour)[0])


def have_dropped(cursor, indicators: list[int], second: int) -> list[int]:
    """Those of the indicators that have readings before a moment: some of theirs were dropped."""
    cursor.execute(
        f"""SELECT i.id FROM unnest(%s::int4[]) AS i(id)
             WHERE EXISTS (SELECT FROM {TABLE} WHERE indicator_id = i.id
                              AND time < to_timestamp(%s) AT TIME ZONE 'UTC')""",
        [indicators, second],
    )
    return [row[0] for row in cursor.fetchall()]
