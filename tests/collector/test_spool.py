"""Readings on disk: nothing leaves before its answer, nothing is dropped, whatever ends the process."""

from __future__ import annotations

import os
import signal
import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest

from energy_carbon_modbus.collector.spool import Spool, SpoolFull, SpoolTaken, owned, set_aside_damaged

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture
def spool(tmp_path):
    with Spool(tmp_path / "spool.db") as spool:
        yield spool


def rows(count: int, first: int = 0) -> list[tuple[int, int, float]]:
    return [(1, 1_750_000_000 + first + place, float(place)) for place in range(count)]


def test_every_commit_waits_for_the_disk(spool):
    """WAL, and 2 = FULL: the fsync policy that the guide states."""
    assert spool._db.execute("PRAGMA journal_mode").fetchone() == ("wal",)
    assert spool._db.execute("PRAGMA synchronous").fetchone() == (2,)


def test_readings_come_back_in_order_after_a_restart(spool, tmp_path):
    spool.append(rows(5), {"health 1": {"a": 1}})
    spool.close()
    with Spool(tmp_path / "spool.db") as again:
        assert [one.row for one in again.batch(3)] == rows(5)[:3]
        assert (again.count(), again.oldest(), again.get("health 1")) == (5, 1_750_000_000, {"a": 1})


def test_settled_readings_leave_and_refused_ones_keep_their_reason(spool):
    spool.append(rows(4))
    batch = spool.batch(3)
    spool.settle(batch, ["stored", "refused", "known"], {1: "no such indicator"}, 1_750_000_100)
    assert [one.row for one in spool.batch(10)] == rows(4)[3:]
    assert spool.dead_letters() == [(*rows(4)[1], "no such indicator")]
    assert spool.totals() == {"stored": 1, "known": 1, "differing": 0, "refused": 1}
    assert spool.retry_dead_letters() == 1
    assert [one.row for one in spool.batch(10)] == [rows(4)[3], rows(4)[1]]
    assert spool.dead_count() == 0


def test_readings_that_came_meanwhile_stay(spool):
    spool.append(rows(3))
    batch = spool.batch(10)
    spool.append(rows(2, first=10))
    spool.settle(batch, ["stored"] * 3, {}, 0)
    assert [one.row for one in spool.batch(10)] == rows(2, first=10)


@pytest.mark.parametrize("answers", [["stored"], ["stored"] * 3, ["stored", "perhaps"]])
def test_answers_that_do_not_fit_change_nothing(spool, answers):
    spool.append(rows(2))
    with pytest.raises(ValueError, match="2 readings were sent"):
        spool.settle(spool.batch(10), answers, {}, 0)
    assert (spool.count(), spool.dead_count(), spool.totals()["stored"]) == (2, 0, 0)


def test_limit_is_said_before_meters_are_asked_and_drops_nothing(tmp_path):
    with Spool(tmp_path / "spool.db", limit_bytes=200_000) as spool:
        written = 0
        while not spool.is_full():
            written += spool.append(rows(1000, first=written))
        assert spool.used_bytes() >= 200_000
        assert spool.append(rows(10, first=written)) == 10, "what was read is written all the same"
        assert spool.count() == written + 10
        batch = spool.batch(written)
        spool.settle(batch, ["stored"] * len(batch), {}, 0)
        assert not spool.is_full(), "there is room again although the file keeps its size"


def test_full_disk_is_said_and_undone_as_a_whole(spool):
    spool.append(rows(2))
    pages = spool._db.execute("PRAGMA page_count").fetchone()[0]
    spool._db.execute(f"PRAGMA max_page_count = {pages}")  # SQLite then says what it says on a full disk
    with pytest.raises(SpoolFull):
        spool.append(rows(50_000))
    assert spool.count() == 2
    spool._db.execute("PRAGMA max_page_count = 1000000")
    assert spool.append(rows(50_000)) == 50_000


def test_one_agent_a_spool(tmp_path):
    path = tmp_path / "spool.db"
    with owned(path), pytest.raises(SpoolTaken), owned(path):
        pass
    with owned(path):
        pass


def test_damaged_spool_is_set_aside_and_a_sound_one_is_not(tmp_path):
    path = tmp_path / "spool.db"
    assert set_aside_damaged(path) is None
    with Spool(path) as spool:
        spool.append(rows(2000))
    assert set_aside_damaged(path) is None
    damaged = bytearray(path.read_bytes())
    damaged[4096 * 3 : 4096 * 6] = os.urandom(4096 * 3)
    path.write_bytes(damaged)
    aside = set_aside_damaged(path, now=7)
    assert aside == tmp_path / "spool.db.damaged-7" and aside.read_bytes() == damaged
    with Spool(path) as spool:
        assert spool.count() == 0


def test_no_database_at_all_is_set_aside(tmp_path):
    path = tmp_path / "spool.db"
    path.write_bytes(b"not a database" * 1000)
    assert set_aside_damaged(path) is not None


WRITER = """
import sys
from energy_carbon_modbus.collector.spool import Spool
spool = Spool(sys.argv[1])
place = 0
while True:
    spool.append([(1, place + one, float(place + one)) for one in range(7)])
    place += 7
    print(place, flush=True)
"""


def test_killed_while_writing_nothing_that_was_appended_is_lost(tmp_path):
    """SIGKILL: whatever ``append`` returned from is there, whole sweeps only, no reading twice."""
    path = tmp_path / "spool.db"
    for lines in (1, 20, 60):
        path.unlink(missing_ok=True)
        process = subprocess.Popen(
            [sys.executable, "-c", WRITER, str(path)], stdout=subprocess.PIPE, text=True, cwd=ROOT
        )
        said = [int(process.stdout.readline()) for _ in range(lines)][-1]
        process.send_signal(signal.SIGKILL)
        said = max([said, *map(int, process.stdout.read().split())])
        process.wait()
        process.stdout.close()
        with Spool(path) as spool:
            times = [one.time for one in spool.batch(1_000_000)]
            assert times == list(range(len(times)))
            assert len(times) % 7 == 0 and said <= len(times) <= said + 7


def test_unreadable_spool_is_no_damage(tmp_path, monkeypatch):
    path = tmp_path / "spool.db"
    Spool(path).close()

    def locked(*_arguments, **_options):
        raise sqlite3.OperationalError("database is locked")

    monkeypatch.setattr(sqlite3, "connect", locked)
    with pytest.raises(sqlite3.OperationalError):
        set_aside_damaged(path)
    assert path.exists()
