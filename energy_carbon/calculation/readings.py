"""The raw store of readings: table, partitions, appending and loading. Knows no indicator beyond its id."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime

import numpy as np
import psycopg2

from odoo.tools import SQL

from . import reading_guard, reading_scan
from .bulk import PG_EPOCH_SECONDS, copy_in, copy_out, copy_out_bytes, pg_timestamp

TABLE = "energy_reading_raw"
# Readings just outside a block that the interval logic needs: a spike or a zero shows by its neighbours.
NEIGHBOURS = 3
MONTHS_AHEAD = 3
# Holds the last readings of the months that were dropped (retention.py), in the place of their partitions.
KEPT = f"{TABLE}_before"

TYPED = 2  # quality of a register that a person typed
# An indicator's part of some readings: UTC epoch seconds of its first and of its last, and how many they are.
SPAN = np.dtype([("indicator", "i8"), ("first", "i8"), ("last", "i8"), ("count", "i8")])

CREATE = f"""
CREATE SEQUENCE IF NOT EXISTS {TABLE}_id_seq;
CREATE TABLE IF NOT EXISTS {TABLE} (
    id bigint NOT NULL DEFAULT nextval('{TABLE}_id_seq'),
    indicator_id integer NOT NULL,
    time timestamp(0) NOT NULL,
    value double precision NOT NULL,
    quality smallint NOT NULL DEFAULT 1,
    PRIMARY KEY (indicator_id, time)
) PARTITION BY RANGE (time);
CREATE INDEX IF NOT EXISTS {TABLE}_id_index ON {TABLE} (id);
CREATE INDEX IF NOT EXISTS {TABLE}_typed_index ON {TABLE} (indicator_id, time) WHERE quality = {TYPED};
"""


def create_table(cursor) -> None:
    """Create the table if it is not there; run at every update."""
    cursor.execute(CREATE)
    reading_guard.create(cursor, TABLE)


def drop_table(cursor) -> None:
    """Remove all readings; for uninstallation only."""
    cursor.execute(f"DROP TABLE IF EXISTS {TABLE}; DROP SEQUENCE IF EXISTS {TABLE}_id_seq")
    reading_guard.drop(cursor)


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
        reading_guard.guard(cursor, name)
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


# Months made ahead are empty, and an empty file holds nothing that anybody can see: they need not be searched.
LAST_MONTH = """
    SELECT MAX(c.relname) FROM pg_inherits i JOIN pg_class c ON c.oid = i.inhrelid
     WHERE i.inhparent = %s::regclass AND c.relname <> %s AND pg_relation_size(c.oid) > 0
"""
# Infinity reads as a time after, or before, all others.
NEWEST = f"""
    SELECT i.id, i.company_id, (i.kind = 'counter')::int4,
           COALESCE(r.reach, 'infinity'::timestamp), COALESCE(r.newest, '-infinity'::timestamp)
      FROM energy_indicator i
CROSS JOIN LATERAL (SELECT MIN(time)::timestamp AS reach, MAX(time)::timestamp AS newest FROM (
                    SELECT time FROM {TABLE} WHERE indicator_id = i.id AND time < %(end)s
                  ORDER BY time DESC LIMIT {NEIGHBOURS}) n) r
     WHERE i.id = ANY(%(ids)s::int4[]) ORDER BY i.id
"""


def newest(cursor, indicator: np.ndarray) -> np.ndarray:
    """What new readings meet: their indicators and the newest readings of those.

    :param indicator: indicator ids, any order
    :return: a record for each indicator that exists, ascending: ``indicator``, ``company``, ``counter``, and in UTC epoch
        seconds ``reach``, the time of the third newest reading (of the oldest when there are fewer), and ``newest``
    """
    kinds = {"indicator": "i4", "company": "i4", "counter": "i4", "reach": "i8", "newest": "i8"}
    ids = ",".join(map(str, np.unique(indicator).tolist()))  # as text, which PostgreSQL reads faster than an expression
    end = _end_of_readings(cursor)
    cursor.execute("SET LOCAL jit = off")  # many short searches, whose cost seems worth compiling them
    found = copy_out(cursor, NEWEST, {"ids": f"{{{ids}}}", "end": end}, kinds)
    cursor.execute("RESET jit")
    for name in ("reach", "newest"):
        found[name] = found[name] // 1_000_000 + PG_EPOCH_SECONDS
    return found


def _end_of_readings(cursor) -> date:
    """First day of a month from which on there are no readings."""
    cursor.execute(LAST_MONTH, [TABLE, KEPT])
    name = cursor.fetchone()[0]
    if not name:  # all that there is, if anything, lies in KEPT
        return date.max
    year, month = map(int, name.removeprefix(f"{TABLE}_").split("_"))
    return _month_start(year * 12 + month)


def spans(indicator: np.ndarray, seconds: np.ndarray) -> np.ndarray:
    """The indicators of readings, ascending, as records of ``SPAN``."""
    order = np.lexsort((seconds, indicator))
    ids, starts, counts = np.unique(indicator[order], return_index=True, return_counts=True)
    found = np.empty(len(ids), SPAN)
    found["indicator"], found["count"] = ids, counts
    found["first"], found["last"] = seconds[order][starts], seconds[order][starts + counts - 1]
    return found


def append_newer(cursor, indicator: np.ndarray, seconds: np.ndarray, value: np.ndarray, quality: np.ndarray) -> bool:
    """Append readings that seem to be newer than all that is stored: a meter's readings mostly are.

    :return: False, and nothing is stored, when one of their moments has a reading already; :func:`append` says which
    """
    try:
        with cursor.savepoint(flush=False):
            copy_in(cursor, TABLE, _columns(indicator, seconds, value, quality))
    except psycopg2.errors.UniqueViolation:
        return False
    return True


def _columns(indicator: np.ndarray, seconds: np.ndarray, value: np.ndarray, quality: np.ndarray) -> dict[str, np.ndarray]:
    return {
        "indicator_id": indicator.astype(np.int32),
        "time": pg_timestamp(seconds),
        "value": value.astype(np.float64),
        "quality": quality.astype(np.int16),
    }


def append(cursor, indicator: np.ndarray, seconds: np.ndarray, value: np.ndarray, quality: np.ndarray) -> dict:
    """Append readings in one statement; the first value of a moment wins.

    :param indicator: indicator ids, shape (n,); seconds: UTC epoch seconds; value: register values; quality: codes
    :return: ``inserted``, as :func:`spans`; ``stored``, ``duplicates`` and ``differing`` counts
    """
    cursor.execute(
        f"CREATE TEMP TABLE IF NOT EXISTS {TABLE}_staging (ordinal integer, indicator_id integer, time timestamp(0),"
        " value double precision, quality smallint) ON COMMIT DELETE ROWS"
    )
    cursor.execute(f"TRUNCATE {TABLE}_staging")
    copy_in(
        cursor,
        f"{TABLE}_staging",
        {"ordinal": np.arange(len(value), dtype=np.int32), **_columns(indicator, seconds, value, quality)},
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
    inserted = np.array(cursor.fetchall(), SPAN)
    stored = int(inserted["count"].sum())
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


@dataclass
class Readings:
    """Readings of several indicators one after another.

    :ivar ids: indicators that have any, ascending, shape (m,); the rows of the m-th are offsets[m]:offsets[m + 1]
    :ivar seconds: UTC epoch seconds, ascending within an indicator, shape (n,)
    :ivar values: register values, shape (n,)
    :ivar typed: registers that a person typed, mask (n,); None: none of them
    """

    ids: np.ndarray
    offsets: np.ndarray
    seconds: np.ndarray
    values: np.ndarray
    typed: np.ndarray | None = None

    @classmethod
    def of(cls, indicator: np.ndarray, seconds: np.ndarray, values: np.ndarray, typed: np.ndarray | None) -> Readings:
        """Readings in order of indicator and time, as arrays of one row a reading."""
        ids, starts = np.unique(indicator, return_index=True)
        return cls(ids.astype(np.int64), np.append(starts, len(indicator)), seconds, values, typed)

    @property
    def indicator(self) -> np.ndarray:
        """Indicator of each row, shape (n,)."""
        return np.repeat(self.ids, np.diff(self.offsets))

    def of_only(self, ids: np.ndarray) -> Readings:
        """The readings of some indicators."""
        mine = np.isin(self.ids, ids)
        if mine.all():
            return self
        rows = np.repeat(mine, np.diff(self.offsets))
        offsets = np.concatenate([[0], np.cumsum(np.diff(self.offsets)[mine])])
        typed = None if self.typed is None else self.typed[rows]
        return Readings(self.ids[mine], offsets, self.seconds[rows], self.values[rows], typed)


# The nearest readings outside a span, packed as those of the span.
AROUND = f"""
    SELECT i.id, string_agg(timestamp_send(r.time), '' ORDER BY r.time), string_agg(float8send(r.value), '' ORDER BY r.time)
      FROM unnest(%(ids)s::int4[]) AS i(id) CROSS JOIN LATERAL (
            SELECT time, value FROM {TABLE} WHERE indicator_id = i.id AND time {{side}}
          ORDER BY time {{order}} LIMIT {NEIGHBOURS}) r GROUP BY i.id
"""
BEFORE = AROUND.format(side="< %(first)s", order="DESC")
AFTER = AROUND.format(side="> %(last)s", order="ASC")
# Memory the grouping may take before it goes to disk: a month of quarter-hours of 5,000 meters. And one process beside the
# backend at most: the backend reads the other half itself, of which nothing has to be handed over then. The planner counts
# on the backend for little more than collecting, so it must be left to plan with two.
GROUPING = """
    SELECT set_config('work_mem', '256MB', TRUE),
           set_config('max_parallel_workers', LEAST(current_setting('max_parallel_workers')::int, 1)::text, TRUE)
"""
ROWS_AT_ONCE = 64


def load(cursor, indicators: list[int], first_seconds: int, last_seconds: int) -> Readings:
    """Readings of the span and the nearest ones outside it."""
    first, last = (datetime.fromtimestamp(int(s), UTC).replace(tzinfo=None) for s in (first_seconds, last_seconds))
    span = {"ids": indicators, "first": first, "last": last}
    cursor.execute(GROUPING)
    rows = [row for outside in (BEFORE, AFTER) for row in copy_out_bytes(cursor, outside, span)]
    rows += copy_out_bytes(cursor, reading_scan.query(cursor, TABLE, len(indicators), first, last), span)
    cursor.execute("RESET work_mem; RESET max_parallel_workers")
    rows.sort(key=lambda row: (row[0], bytes(row[1][:8])))  # by the first of their times
    ids, starts = np.unique(np.array([row[0] for row in rows], np.int64), return_index=True)
    ends = np.concatenate([[0], np.cumsum([len(row[1]) // 8 for row in rows])]).astype(np.int64)
    found = _sorted(Readings(ids, ends[[*starts, len(rows)]], *_unpacked(rows, ends)))
    _mark_typed(cursor, found)
    return _corrected(cursor, found, indicators)


def _unpacked(rows: list[tuple], ends: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Seconds and values of rows of packed readings, some rows at a time: whole they would not fit in the cache.

    :param ends: where each row's readings begin, and where the last one's end
    """
    seconds, values = np.empty(ends[-1], np.int64), np.empty(ends[-1])
    for begin in range(0, len(rows), ROWS_AT_ONCE):
        some = rows[begin : begin + ROWS_AT_ONCE]
        own = slice(ends[begin], ends[begin + len(some)])
        # Whole seconds, and far below 2**53: exact as floating-point numbers, which divide faster.
        seconds[own] = np.frombuffer(b"".join(row[1] for row in some), ">i8") / 1e6
        values[own] = np.frombuffer(b"".join(row[2] for row in some), ">f8")
    seconds += PG_EPOCH_SECONDS
    return seconds, values


def _mark_typed(cursor, found: Readings) -> None:
    """Find the registers that were typed: few, and with an index of their own."""
    if not len(found.seconds):
        return
    first = datetime.fromtimestamp(int(found.seconds.min()), UTC).replace(tzinfo=None)
    cursor.execute(
        f"""SELECT indicator_id, EXTRACT(epoch FROM time)::int8 FROM {TABLE}
             WHERE quality = {TYPED} AND indicator_id = ANY(%s) AND time >= %s""",
        [found.ids.tolist(), first],
    )
    rows = cursor.fetchall()
    if rows:
        keys = np.array([indicator << 36 | seconds for indicator, seconds in rows])
        found.typed = np.isin(found.indicator << 36 | found.seconds, keys)


def _sorted(found: Readings) -> Readings:
    """Bring the readings of each indicator into order of time; mostly they are."""
    falls = found.seconds[1:] <= found.seconds[:-1]
    falls[found.offsets[1:-1] - 1] = False
    if falls.any():
        order = np.argsort(found.indicator << 36 | found.seconds, kind="stable")
        found.seconds, found.values = found.seconds[order], found.values[order]
    return found


def _corrected(cursor, found: Readings, indicators: list[int]) -> Readings:
    """Lay corrections over the readings; what is to be left out goes."""
    cursor.execute(
        """SELECT indicator_id, EXTRACT(epoch FROM time)::int8, value, COALESCE(ignore, FALSE)
             FROM energy_reading_correction WHERE indicator_id = ANY(%s)""",
        [indicators],
    )
    keep = np.ones(len(found.seconds), bool)
    for indicator, seconds, value, ignore in cursor.fetchall():
        place = np.searchsorted(found.ids, indicator)
        if place == len(found.ids) or found.ids[place] != indicator:
            continue
        own = slice(*found.offsets[place : place + 2])
        at = own.start + int(np.searchsorted(found.seconds[own], seconds))
        if at < own.stop and found.seconds[at] == seconds:
            found.values[at], keep[at] = value, not ignore
    if keep.all():
        return found
    typed = None if found.typed is None else found.typed[keep]
    return Readings.of(found.indicator[keep], found.seconds[keep], found.values[keep], typed)
