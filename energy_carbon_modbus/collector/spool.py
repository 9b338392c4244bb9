"""Readings on disk until Odoo has answered for each of them; knows nothing of meters or of HTTP.

SQLite in WAL mode with ``synchronous=FULL``: every commit waits for the disk (one fsync of the log), so what ``append``
has returned from survives a power cut. A reading leaves the spool in the transaction that notes what Odoo said of it.
"""

from __future__ import annotations

import contextlib
import fcntl
import json
import os
import sqlite3
import time
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

STORED, KNOWN, DIFFERING, REFUSED = "stored", "known", "differing", "refused"
ANSWERS = (STORED, KNOWN, DIFFERING, REFUSED)
BUSY_SECONDS = 30.0

_SCHEMA = """
CREATE TABLE IF NOT EXISTS reading (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    indicator INTEGER NOT NULL, time INTEGER NOT NULL, value REAL NOT NULL
);
CREATE TABLE IF NOT EXISTS dead_letter (
    id INTEGER PRIMARY KEY, indicator INTEGER NOT NULL, time INTEGER NOT NULL, value REAL NOT NULL,
    reason TEXT NOT NULL, refused_at INTEGER NOT NULL
);
CREATE TABLE IF NOT EXISTS state (key TEXT PRIMARY KEY, value TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS total (answer TEXT PRIMARY KEY, readings INTEGER NOT NULL);
"""

Reading = tuple[int, int, float]


class SpoolFull(Exception):
    """The disk is full; nothing was written and nothing was dropped."""


class SpoolTaken(Exception):
    """Another agent works with this spool."""


@dataclass(frozen=True, slots=True)
class SpooledReading:
    """A reading that waits for Odoo.

    :ivar number: its place in the order of arrival
    :ivar indicator: Odoo's id of the indicator
    :ivar time: seconds since the epoch, UTC
    :ivar value: register value
    """

    number: int
    indicator: int
    time: int
    value: float

    @property
    def row(self) -> Reading:
        """What is sent."""
        return self.indicator, self.time, self.value


class Spool:
    """One connection to the spool file; a thread opens its own, or hands it on with a lock of its own.

    :raises sqlite3.DatabaseError: the file is no spool, or damaged (see ``set_aside_damaged``)
    """

    def __init__(self, path: str | Path, limit_bytes: int = 1 << 30) -> None:
        """Open the spool, making it when there is none.

        :param limit_bytes: how much readings and dead letters may take on disk
        """
        self.path = Path(path)
        self.limit_bytes = limit_bytes
        self._db = sqlite3.connect(self.path, timeout=BUSY_SECONDS, isolation_level=None, check_same_thread=False)
        self._db.execute("PRAGMA journal_mode = WAL")
        self._db.execute("PRAGMA synchronous = FULL")
        self._db.executescript(_SCHEMA)

    def close(self) -> None:
        """Close the file; what was committed is on disk."""
        self._db.close()

    def __enter__(self) -> Spool:
        return self

    def __exit__(self, *_exc: object) -> None:
        self.close()

    # === READINGS === #
    def append(self, readings: Iterable[Reading], state: Mapping[str, Any] | None = None) -> int:
        """Write readings, and what must agree with them, in one transaction.

        :param readings: (indicator, UTC seconds, value)
        :param state: JSON values to be kept by ``get``
        :return: readings written
        :raises SpoolFull: the disk is full; nothing was written. The spool's own limit is looked at before meters are
            asked (``is_full``): what was read is written
        """
        rows = list(readings)
        with self._transaction():
            self._db.executemany("INSERT INTO reading (indicator, time, value) VALUES (?, ?, ?)", rows)
            self._put(state or {})
        return len(rows)

    def batch(self, limit: int) -> list[SpooledReading]:
        """The oldest readings that Odoo has not answered for."""
        rows = self._db.execute("SELECT id, indicator, time, value FROM reading ORDER BY id LIMIT ?", [limit])
        return [SpooledReading(*row) for row in rows]

    def settle(
        self, batch: Sequence[SpooledReading], answers: Sequence[str], reasons: Mapping[int, str], now: float
    ) -> None:
        """Note Odoo's answer to every reading of a batch: only now they leave the spool, refused ones as dead letters.

        :param batch: as ``batch`` gave it, whole
        :param answers: one of ``ANSWERS`` for each
        :param reasons: why, by place in the batch, of the refused ones
        :param now: seconds since the epoch
        :raises ValueError: not every reading has an answer that is known; nothing was changed
        """
        if len(answers) != len(batch) or not set(answers) <= set(ANSWERS):
            raise ValueError(f"{len(batch)} readings were sent, and {len(answers)} answers came or unknown ones")
        refused = [
            (*one.row, reasons.get(place, ""), int(now))
            for place, (one, answer) in enumerate(zip(batch, answers, strict=True))
            if answer == REFUSED
        ]
        with self._transaction():
            self._db.executemany(
                "INSERT INTO dead_letter (indicator, time, value, reason, refused_at) VALUES (?, ?, ?, ?, ?)", refused
            )
            # New readings get higher numbers, so between the batch's first and last there is nothing else.
            self._db.execute(
                "DELETE FROM reading WHERE id BETWEEN ? AND ?", [batch[0].number, batch[-1].number] if batch else [0, 0]
            )
            self._db.executemany(
                "INSERT INTO total VALUES (?, ?) ON CONFLICT (answer) DO UPDATE SET readings = readings + excluded.readings",
                [(answer, answers.count(answer)) for answer in ANSWERS],
            )

    def retry_dead_letters(self) -> int:
        """Put all dead letters back to be sent again, for when their reason is gone.

        :return: readings put back
        """
        with self._transaction():
            self._db.execute(
                "INSERT INTO reading (indicator, time, value) SELECT indicator, time, value FROM dead_letter ORDER BY id"
            )
            return self._db.execute("DELETE FROM dead_letter").rowcount

    def dead_letters(self, limit: int = 1000) -> list[tuple[int, int, float, str]]:
        """Readings that Odoo refused, with its reason, the latest first."""
        query = "SELECT indicator, time, value, reason FROM dead_letter ORDER BY id DESC LIMIT ?"
        return self._db.execute(query, [limit]).fetchall()

    # === FIGURES === #
    def count(self) -> int:
        """Readings that wait."""
        return self._db.execute("SELECT COUNT(*) FROM reading").fetchone()[0]

    def dead_count(self) -> int:
        """Readings that Odoo refused."""
        return self._db.execute("SELECT COUNT(*) FROM dead_letter").fetchone()[0]

    def oldest(self) -> int | None:
        """Time of the reading that waits longest, UTC seconds; None when none waits."""
        row = self._db.execute("SELECT time FROM reading ORDER BY id LIMIT 1").fetchone()
        return row and row[0]

    def totals(self) -> dict[str, int]:
        """How many readings got which answer since the spool was made."""
        return dict.fromkeys(ANSWERS, 0) | dict(self._db.execute("SELECT answer, readings FROM total"))

    def used_bytes(self) -> int:
        """What readings and dead letters take on disk; room that deleted ones left is free to be used again."""
        pages, free, size = (
            self._db.execute(f"PRAGMA {name}").fetchone()[0] for name in ("page_count", "freelist_count", "page_size")
        )
        return (pages - free) * size

    def is_full(self) -> bool:
        """Whether the readings have reached the limit: nothing may be read before some are answered for."""
        return self.used_bytes() >= self.limit_bytes

    # === STATE === #
    def get(self, key: str, default: Any = None) -> Any:
        """What was put under a key."""
        row = self._db.execute("SELECT value FROM state WHERE key = ?", [key]).fetchone()
        return json.loads(row[0]) if row else default

    def put(self, **state: Any) -> None:
        """Keep JSON values; None forgets."""
        with self._transaction():
            self._put(state)

    def _put(self, state: Mapping[str, Any]) -> None:
        for key, value in state.items():
            if value is None:
                self._db.execute("DELETE FROM state WHERE key = ?", [key])
            else:
                self._db.execute("INSERT OR REPLACE INTO state VALUES (?, ?)", [key, json.dumps(value)])

    @contextlib.contextmanager
    def _transaction(self):
        """A write transaction, undone as a whole on any failure.

        :raises SpoolFull: the disk is full
        """
        try:
            self._db.execute("BEGIN IMMEDIATE")
            yield
            self._db.execute("COMMIT")
        except BaseException as error:
            if self._db.in_transaction:
                self._db.execute("ROLLBACK")
            if isinstance(error, sqlite3.OperationalError) and "full" in str(error):
                raise SpoolFull(f"{self.path}: {error}") from error
            raise


@contextlib.contextmanager
def owned(path: str | Path):
    """Hold the spool for this process alone: two agents on one spool would ask the meters twice.

    The system frees the lock when the process ends, however it ends.

    :raises SpoolTaken: another process holds it
    """
    with open(f"{path}.lock", "a", encoding="ascii") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            raise SpoolTaken(f"another agent works with {path}") from error
        yield


def set_aside_damaged(path: str | Path, now: float | None = None) -> Path | None:
    """Rename a spool that SQLite cannot read, so that collecting goes on; its readings may still be saved by hand.

    :param now: seconds since the epoch; the present when not said
    :return: its new name; None when the spool is sound or there is none
    """
    path = Path(path)
    if not path.exists():
        return None
    try:
        with contextlib.closing(sqlite3.connect(path, timeout=BUSY_SECONDS)) as db:
            if db.execute("PRAGMA quick_check").fetchone() == ("ok",):
                return None
    except sqlite3.DatabaseError as error:
        if isinstance(error, sqlite3.OperationalError):  # not readable now (rights, a lock): that is no damage
            raise
    aside = path.with_name(f"{path.name}.damaged-{int(time.time() if now is None else now)}")
    for suffix in ("", "-wal", "-shm"):
        if os.path.exists(f"{path}{suffix}"):
            os.rename(f"{path}{suffix}", f"{aside}{suffix}")
    return aside
