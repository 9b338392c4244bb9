"""How PostgreSQL reads the readings of a span: one process, or two that read half a partition each.

Knows the partitions by name and how many pages they have; nothing of what a reading means.
"""

from datetime import datetime, timedelta

# A row an indicator, its readings as bytes one after another: handed over row by row they would take twice the time. They
# come in the order in which they are stored, which mostly is that of time.
PACKED = """
    SELECT indicator_id, string_agg(timestamp_send(time), ''), string_agg(float8send(value), '')
      FROM {table} WHERE indicator_id = ANY(%(ids)s){where} GROUP BY indicator_id
"""
# From here on a partition is read page by page rather than by its index: so many indicators, so much of it, pages (32 MB).
MANY_INDICATORS = 100
MUCH_TIME = timedelta(days=7)
MANY_PAGES = 4096

# NULL pages: the month has no partition of its own.
PARTITIONS = """
    SELECT month, month + INTERVAL '1 month', name,
           pg_relation_size(to_regclass(name)) / current_setting('block_size')::int AS pages
      FROM generate_series(date_trunc('month', %(first)s), %(last)s, '1 month') AS month
CROSS JOIN LATERAL (SELECT %(table)s || to_char(month, '_YYYY_MM') AS name) n
"""


def query(cursor, table: str, n_indicators: int, first: datetime, last: datetime) -> str:
    """The query for the readings first..last of the indicators ``ids``: indicator, times and values, packed.

    An indicator may have several rows; those of each lie before or after those of the others.

    :param table: the partitioned table; the transaction has read from it, so that no partition can go any more
    """
    if n_indicators >= MANY_INDICATORS and last - first >= MUCH_TIME:
        cursor.execute(PARTITIONS, {"table": table, "first": first, "last": last})
        partitions = cursor.fetchall()
        if all(pages is not None for *_month, pages in partitions):
            # The planner gives the parts of a UNION ALL to processes that work side by side, if it has any.
            return " UNION ALL ".join(part for month in partitions for part in _parts(*month, first, last))
    return PACKED.format(table=table, where=" AND time BETWEEN %(first)s AND %(last)s")


def _parts(begin: datetime, end: datetime, name: str, pages: int, first: datetime, last: datetime) -> list[str]:
    """The query for what is wanted of one partition, or two for its halves."""
    where = " AND time >= %(first)s" * (begin < first) + " AND time <= %(last)s" * (last < end)
    if pages < MANY_PAGES or min(end, last) - max(begin, first) < MUCH_TIME:
        return [PACKED.format(table=name, where=where)]
    middle = f"'({pages // 2},0)'"
    return [PACKED.format(table=name, where=f"{where} AND ctid {side} {middle}") for side in ("<", ">=")]
