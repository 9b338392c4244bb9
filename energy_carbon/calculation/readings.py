"""The raw store of readings: table, partitions, appending and loading. Knows no indicator beyond its id."""

from datetime import UTC, date, datetime

import numpy as np

from odoo.tools import SQL

from .bulk import PG_EPOCH_SECONDS, copy_in, copy_out, pg_timestamp

TABLE = "energy_reading_raw"
# Readings just outside a block that the interval logic needs: a spike or a zero shows by its neighbours.
NEIGHBOURS = 3
MONTHS_AHEAD = 3
# Holds the last readings of the months that were dropped (retention.py), in the place of their partitions.
KEPT = f"{TABLE}_before"

CREATE = f"""
CREATE SEQUENCE IF NOT EXISTS {TABLE}_id_seq;
CREATE TABLE IF NOT EXISTS {TABLE} (
    id bigint NOT NULL DEFAULT nextval('{TABLE}_id_seq'),
    indicator_id integer NOT NULL REFERENCES energy_indicator (id) ON DELETE RESTRICT,
    time timestamp(0) NOT NULL,
    value double precision NOT NULL,
    quality smallint NOT NULL DEFAULT 1,
    PRIMARY KEY (indicator_id, time)
) PARTITION BY RANGE (time);
CREATE INDEX IF NOT EXISTS {TABLE}_id_index ON {TABLE} (id);
"""


def create_table(cursor) -> None:
    """Create the table if it is not there; run at every update."""
    cursor.execute(CREATE)


def drop_table(cursor) -> None:
    """Remove all readings; for uninstallation only."""
    cursor.execute(f"DROP TABLE IF EXISTS {TABLE}; DROP SEQUENCE IF EXISTS {TABLE}_id_seq")


def _month_start(months: int) -> date:
    return date(months // 12, months % 12 + 1, 1)


def dropped_span(cursor) -> tuple[date, date] | None:
    """First day of the first month whose readings were dropped and of the first that lives by readings; None: all do."""
    cursor.execute("SELECT MIN(month), (MAX(month) + INTERVAL '1 month')::date FROM energy_reading_retention")
    first, end = cursor.fetchone()
    return (first, end) if first else None


def ensure_partitions(cursor, first_seconds: int, last_seconds: int) -> None:
    """Make the monthly partitions for all times from first to last (UTC epoch seconds).

    Each is made as a table of its own and attached: creating it in place would wait for every reader.
    """
    first, last = (datetime.fromtimestamp(int(s), UTC) for s in (first_seconds, last_seconds))
    wanted = range(first.year * 12 + first.month - 1, last.year * 12 + last.month)
    cursor.execute(
        "SELECT c.relname FROM pg_inherits i JOIN pg_class c ON c.oid = i.inhrelid WHERE i.inhparent = %s::regclass",
        [TABLE],
    )
    present = {row[0] for row in cursor.fetchall()}
    dropped = dropped_span(cursor) if KEPT in present else None
    for months in wanted:
        start, end = _month_start(months), _month_start(months + 1)
        name = f"{TABLE}_{start:%Y_%m}"
        if name in present or (dropped and start < dropped[1]):
            continue
        cursor.execute(
            SQL(
                "CREATE TABLE IF NOT EXISTS %(name)s (LIKE %(parent)s INCLUDING DEFAULTS INCLUDING CONSTRAINTS)",
                name=SQL.identifier(name),
                parent=SQL.identifier(TABLE),
            )
        )
        cursor.execute(
            SQL(
                "ALTER TABLE %(parent)s ATTACH PARTITION %(name)s FOR VALUES FROM (%(start)s) TO (%(end)s)",
                name=SQL.identifier(name),
                parent=SQL.identifier(TABLE),
                start=start,
                end=end,
            )
        )


def ensure_ahead(cursor) -> None:
    """Make the partitions of the coming months, so that no appending transaction has to."""
    now = int(datetime.now(UTC).timestamp())
    ensure_partitions(cursor, now, now + MONTHS_AHEAD * 31 * 86_400)


def append(cursor, indicator: np.ndarray, seconds: np.ndarray, value: np.ndarray, quality: np.ndarray) -> dict:
    """Append readings in one statement; the first value of a moment wins.

    :param indicator: indicator ids, shape (n,); seconds: UTC epoch seconds; value: register values; quality: codes
    :return: ``inserted`` (record array with indicator, seconds), ``duplicates`` and ``differing`` counts
    """
    cursor.execute(
        f"CREATE TEMP TABLE IF NOT EXISTS {TABLE}_staging (ordinal integer, indicator_id integer, time timestamp(0),"
        " value double precision, quality smallint) ON COMMIT DELETE ROWS"
    )
    cursor.execute(f"TRUNCATE {TABLE}_staging")
    copy_in(
        cursor,
        f"{TABLE}_staging",
        {
            "ordinal": np.arange(len(value), dtype=np.int32),
            "indicator_id": indicator.astype(np.int32),
            "time": pg_timestamp(seconds),
            "value": value.astype(np.float64),
            "quality": quality.astype(np.int16),
        },
    )
    cursor.execute(
        f"""WITH inserted AS (
                INSERT INTO {TABLE} (indicator_id, time, value, quality)
                SELECT indicator_id, time, value, quality FROM {TABLE}_staging ORDER BY ordinal
                ON CONFLICT (indicator_id, time) DO NOTHING
                RETURNING indicator_id, time)
            SELECT indicator_id, EXTRACT(epoch FROM MIN(time))::int8, EXTRACT(epoch FROM MAX(time))::int8, COUNT(*)
              FROM inserted GROUP BY indicator_id"""
    )
    inserted = cursor.fetchall()
    stored = sum(row[3] for row in inserted)
    differing = _journal_differing(cursor) if stored < len(value) else 0
    return {"inserted": inserted, "stored": stored, "duplicates": len(value) - stored, "differing": differing}


def _journal_differing(cursor) -> int:
    """Count and note what arrived for moments that already had another value."""
    cursor.execute(
        f"""INSERT INTO energy_reading_conflict
                   (indicator_id, time, stored_value, refused_value, arrived, node_id, company_id)
            SELECT s.indicator_id, s.time, r.value, s.value, now() AT TIME ZONE 'UTC', i.node_id, i.company_id
              FROM {TABLE}_staging s
              JOIN {TABLE} r USING (indicator_id, time)
              JOIN energy_indicator i ON i.id = s.indicator_id
             WHERE r.value <> s.value
                ON CONFLICT DO NOTHING"""
    )
    cursor.execute(
        f"SELECT COUNT(*) FROM {TABLE}_staging s JOIN {TABLE} r USING (indicator_id, time) WHERE r.value <> s.value"
    )
    return cursor.fetchone()[0]


def neighbours(cursor, spans: list[tuple[int, int, int]]) -> dict[int, tuple[int, int]]:
    """How far a change reaches: the times of the readings around each span.

    :param spans: (indicator, first seconds, last seconds)
    :return: indicator -> (time of the third reading before, of the third after), or the span's own end where none is
    """
    cursor.execute(
        f"""SELECT s.indicator_id,
                   LEAST(s.first, COALESCE((SELECT EXTRACT(epoch FROM MIN(time))::int8 FROM (
                       SELECT time FROM {TABLE} WHERE indicator_id = s.indicator_id
                          AND time < to_timestamp(s.first) AT TIME ZONE 'UTC' ORDER BY time DESC LIMIT %s) b), s.first)),
                   GREATEST(s.last, COALESCE((SELECT EXTRACT(epoch FROM MAX(time))::int8 FROM (
                       SELECT time FROM {TABLE} WHERE indicator_id = s.indicator_id
                          AND time > to_timestamp(s.last) AT TIME ZONE 'UTC' ORDER BY time LIMIT %s) a), s.last))
              FROM unnest(%s::int4[], %s::int8[], %s::int8[]) AS s(indicator_id, first, last)""",
        [NEIGHBOURS, NEIGHBOURS, *(list(column) for column in zip(*spans, strict=True))],
    )
    return {row[0]: (row[1], row[2]) for row in cursor.fetchall()}


def load(cursor, indicators: list[int], first_seconds: int, last_seconds: int) -> np.ndarray:
    """Readings of the span and the nearest ones outside it, sorted by indicator and time.

    Unsorted out and sorted here: an ORDER BY of millions of rows takes the server several times longer.

    :return: record array (indicator i4, seconds i8, value f8, quality i2)
    """
    first, last = (
        datetime.fromtimestamp(int(s), UTC).replace(tzinfo=None) for s in (first_seconds, last_seconds)
    )
    columns = "r.indicator_id, r.time, r.value, r.quality"
    rows = copy_out(
        cursor,
        f"""SELECT {columns} FROM {TABLE} r
             WHERE indicator_id = ANY(%s) AND time BETWEEN %s AND %s
         UNION ALL
            SELECT {columns} FROM unnest(%s) AS i(id) CROSS JOIN LATERAL (
                SELECT * FROM {TABLE} WHERE indicator_id = i.id AND time < %s ORDER BY time DESC LIMIT {NEIGHBOURS}) r
         UNION ALL
            SELECT {columns} FROM unnest(%s) AS i(id) CROSS JOIN LATERAL (
                SELECT * FROM {TABLE} WHERE indicator_id = i.id AND time > %s ORDER BY time LIMIT {NEIGHBOURS}) r""",
        [indicators, first, last, indicators, first, indicators, last],
        {"indicator": "i4", "seconds": "i8", "value": "f8", "quality": "i2"},
    )
    rows["seconds"] = rows["seconds"] // 1_000_000 + PG_EPOCH_SECONDS
    return _corrected(cursor, _sorted(rows), indicators)


def _sorted(rows: np.ndarray) -> np.ndarray:
    """Rows by indicator and time; readings mostly lie in runs, which a stable sort of one key passes quickly."""
    key = rows["indicator"].astype(np.int64) << 36 | rows["seconds"]
    return rows if (key[1:] > key[:-1]).all() else rows[np.argsort(key, kind="stable")]


def _corrected(cursor, rows: np.ndarray, indicators: list[int]) -> np.ndarray:
    """Lay corrections over the readings; what is to be left out goes."""
    cursor.execute(
        """SELECT indicator_id, EXTRACT(epoch FROM time)::int8, value, COALESCE(ignore, FALSE)
             FROM energy_reading_correction WHERE indicator_id = ANY(%s)""",
        [indicators],
    )
    keep = np.ones(len(rows), bool)
    for indicator, seconds, value, ignore in cursor.fetchall():
        own = slice(*np.searchsorted(rows["indicator"], [indicator, indicator + 1]))
        at = own.start + int(np.searchsorted(rows["seconds"][own], seconds))
        if at < own.stop and rows["seconds"][at] == seconds:
            rows["value"][at], keep[at] = value, not ignore
    return rows if keep.all() else rows[keep]
