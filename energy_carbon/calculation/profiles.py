"""Slot profiles of a day in and out of their table. Knows no formula.

They lie apart from the daily values: with them a year of a large plant weighs ten times as much, and every pivot would
read past them.
"""

from collections import defaultdict
from datetime import date

import numpy as np

from .bulk import array_values, copy_in, copy_out_bytes, pg_date

TABLE = "energy_profile"
STAGING = f"{TABLE}_staging"

CREATE = f"""
CREATE TABLE IF NOT EXISTS {TABLE} (
    indicator_id integer NOT NULL,
    date date NOT NULL,
    slots double precision[] NOT NULL,
    PRIMARY KEY (indicator_id, date)
)
"""


def create_table(cursor) -> None:
    """Create the table if it is not there; run at every update."""
    cursor.execute(CREATE)


def drop_table(cursor) -> None:
    """Remove all profiles; for uninstallation only."""
    cursor.execute(f"DROP TABLE IF EXISTS {TABLE}")


def read_rows(cursor, ids: list[int], first: date, n_days: int) -> list[tuple[np.ndarray, np.ndarray, np.ndarray]]:
    """Stored profiles, those of the same length together.

    :param ids: indicators, in the order wanted
    :return: position in ``ids``, shape (k,); day counted from ``first``, shape (k,); slots, shape (k, length)
    """
    place = {indicator: at for at, indicator in enumerate(ids)}
    rows = copy_out_bytes(
        cursor,
        f"""SELECT indicator_id, int4send(date - %s::date), array_send(slots) FROM {TABLE}
             WHERE indicator_id = ANY(%s) AND date BETWEEN %s AND %s""",
        [first, ids, first, date.fromordinal(first.toordinal() + n_days - 1)],
    )
    by_size = defaultdict(list)
    for row in rows:
        by_size[len(row[2])].append(row)
    return [
        (
            np.array([place[row[0]] for row in own]),
            np.frombuffer(b"".join(row[1] for row in own), ">i4").astype(np.int64),
            array_values(b"".join(row[2] for row in own), len(own)),
        )
        for own in by_size.values()
    ]


def read(cursor, ids: list[int], first: date, n_days: int, n_slots: int) -> np.ndarray:
    """Stored profiles.

    :param ids: indicators, in the order wanted
    :param n_slots: slots of the longest day of the block
    :return: amounts, NaN where none is stored or the day is shorter, shape (n, n_days, n_slots)
    """
    result = np.full((len(ids), n_days, n_slots), np.nan)
    if ids:
        for at, day, slots in read_rows(cursor, ids, first, n_days):
            own = slots[:, :n_slots]
            result[at, day, : own.shape[1]] = own
    return result


def any_stored(cursor, ids: list[int], first: date, last: date) -> bool:
    """Whether any of the indicators has a profile on the days first..last."""
    cursor.execute(
        f"""SELECT 1 FROM unnest(%s::int4[]) AS i(id)
             WHERE EXISTS (SELECT FROM {TABLE} WHERE indicator_id = i.id AND date BETWEEN %s AND %s) LIMIT 1""",
        [ids, first, last],
    )
    return bool(cursor.fetchone())


def write(cursor, ids, first: date, slots: np.ndarray, per_day: np.ndarray, wanted: np.ndarray) -> None:
    """Store profiles; days without any known slot are removed.

    :param ids: indicators, shape (n,)
    :param slots: amounts, NaN where unknown, shape (n, d, s)
    :param per_day: number of slots of each day (a day of a clock change is shorter or longer), shape (d,)
    :param wanted: indicators to be stored, mask (n,)
    """
    ids, n_days = np.asarray(ids, np.int32), slots.shape[1]
    known = ~np.isnan(slots).all(axis=2) & wanted[:, None]
    last = date.fromordinal(first.toordinal() + n_days - 1)
    target = STAGING if any_stored(cursor, ids[wanted].tolist(), first, last) else TABLE
    if target == STAGING:
        cursor.execute(
            f"CREATE TEMP TABLE IF NOT EXISTS {STAGING} (indicator_id int4, date date, slots float8[])"
            f" ON COMMIT DELETE ROWS; TRUNCATE {STAGING}"
        )
    days = pg_date(first.toordinal() + np.arange(n_days))
    columns = {"indicator_id": np.repeat(ids, n_days), "date": np.tile(days, len(ids))}
    rows = slots.reshape(-1, slots.shape[2])
    for length in np.unique(per_day).tolist():
        chosen = np.flatnonzero(known & (per_day == length))
        copy_in(cursor, target, {**columns, "slots": rows[:, :length]}, chosen)
    if target == STAGING:
        _put_staged(cursor, ids[(~known & wanted[:, None]).any(axis=1)].tolist(), first, last)


def _put_staged(cursor, lacking: list[int], first: date, last: date) -> None:
    """Take over what is staged.

    :param lacking: indicators of which not every day is staged: what is stored of the other days goes
    """
    cursor.execute(
        f"""INSERT INTO {TABLE} SELECT * FROM {STAGING}
                ON CONFLICT (indicator_id, date) DO UPDATE SET slots = EXCLUDED.slots
             WHERE {TABLE}.slots IS DISTINCT FROM EXCLUDED.slots"""
    )
    if lacking:
        cursor.execute(
            f"""DELETE FROM {TABLE} p WHERE indicator_id = ANY(%s) AND date BETWEEN %s AND %s
                   AND NOT EXISTS (SELECT FROM {STAGING} s WHERE s.indicator_id = p.indicator_id AND s.date = p.date)""",
            [lacking, first, last],
        )
