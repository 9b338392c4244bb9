"""Slot profiles of a day in and out of their table. Knows no formula.

They lie apart from the daily values: with them a year of a large plant weighs ten times as much, and every pivot would
read past them.
"""

from datetime import date

import numpy as np

from .bulk import copy_in, pg_date

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


def read(cursor, ids: list[int], first: date, n_days: int, n_slots: int) -> np.ndarray:
    """Stored profiles.

    :param ids: indicators, in the order wanted
    :param n_slots: slots of the longest day of the block
    :return: amounts, NaN where none is stored or the day is shorter, shape (n, n_days, n_slots)
    """
    result = np.full((len(ids), n_days, n_slots), np.nan)
    if not ids:
        return result
    place = {indicator: at for at, indicator in enumerate(ids)}
    last = date.fromordinal(first.toordinal() + n_days - 1)
    cursor.execute(
        f"SELECT indicator_id, date, slots FROM {TABLE} WHERE indicator_id = ANY(%s) AND date BETWEEN %s AND %s",
        [ids, first, last],
    )
    for indicator, day, slots in cursor.fetchall():
        own = slots[:n_slots]
        result[place[indicator], (day - first).days, : len(own)] = own
    return result


def any_stored(cursor, ids: list[int], first: date, last: date) -> bool:
    """Whether any of the indicators has a profile on the days first..last."""
    cursor.execute(
        f"""SELECT 1 FROM unnest(%s::int4[]) AS i(id)
             WHERE EXISTS (SELECT FROM {TABLE} WHERE indicator_id = i.id AND date BETWEEN %s AND %s) LIMIT 1""",
        [ids, first, last],
    )
    return bool(cursor.fetchone())


def write(cursor, ids, first: date, slots: np.ndarray, per_day: np.ndarray) -> None:
    """Store profiles; days without any known slot are removed.

    :param ids: indicators, shape (n,)
    :param slots: amounts, NaN where unknown, shape (n, d, s)
    :param per_day: number of slots of each day (a day of a clock change is shorter or longer), shape (d,)
    """
    ids = np.asarray(ids, np.int32)
    known = ~np.isnan(slots).all(axis=2)
    days = pg_date(first.toordinal() + np.arange(slots.shape[1]))
    last = date.fromordinal(first.toordinal() + slots.shape[1] - 1)
    target = STAGING if any_stored(cursor, ids.tolist(), first, last) else TABLE
    if target == STAGING:
        cursor.execute(
            f"CREATE TEMP TABLE IF NOT EXISTS {STAGING} (indicator_id int4, date date, slots float8[])"
            f" ON COMMIT DELETE ROWS; TRUNCATE {STAGING}"
        )
    for length in np.unique(per_day).tolist():
        row, day = np.nonzero(known & (per_day == length))
        if len(row):
            copy_in(cursor, target, {"indicator_id": ids[row], "date": days[day], "slots": slots[row, day, :length]})
    if target == TABLE:
        return
    cursor.execute(
        f"""INSERT INTO {TABLE} SELECT * FROM {STAGING}
                ON CONFLICT (indicator_id, date) DO UPDATE SET slots = EXCLUDED.slots
             WHERE {TABLE}.slots IS DISTINCT FROM EXCLUDED.slots"""
    )
    if not known.all():
        row, day = np.nonzero(~known)
        cursor.execute(
            f"""DELETE FROM {TABLE} p WHERE indicator_id = ANY(%s) AND date BETWEEN %s AND %s
                   AND NOT EXISTS (SELECT FROM {STAGING} s WHERE s.indicator_id = p.indicator_id AND s.date = p.date)""",
            [np.unique(ids[row]).tolist(), first, last],
        )
