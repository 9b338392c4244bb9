"""From the spool to Odoo: exactly once, whatever happens to an answer; and what each failure is taken for."""

from __future__ import annotations

import contextlib
import tempfile
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from energy_carbon_modbus.collector.push import (
    ANSWERED_NO,
    FORBIDDEN,
    MOST_ROWS,
    OTHER_DATABASE,
    UNAUTHORIZED,
    UNREACHABLE,
    BackOff,
    LinkFailure,
    OdooApi,
    Pusher,
)
from energy_carbon_modbus.collector.spool import Spool

from .fake_odoo import FAULTS, FakeOdoo


@pytest.fixture
def odoo():
    with FakeOdoo() as odoo:
        yield odoo


@pytest.fixture
def spool(tmp_path):
    with Spool(tmp_path / "spool.db") as spool:
        spool.put(database="db-1")
        yield spool


def pusher(spool: Spool, odoo: FakeOdoo, key: str = "k") -> Pusher:
    return Pusher(spool, OdooApi(odoo.url, key, timeout=5.0), clock=lambda: 1_750_000_000.0)


def rows(count: int, first: int = 0) -> list[tuple[int, int, float]]:
    return [(1 + place % 3, 1_750_000_000 + first + place // 3, place / 7) for place in range(count)]


def push_all(one: Pusher) -> int:
    total = 0
    while sent := one.push_batch():
        total += sent
    return total


def test_all_are_pushed_in_batches_of_at_most_10000(spool, odoo):
    spool.append(rows(25_000))
    assert push_all(pusher(spool, odoo)) == 25_000
    assert odoo.calls == ["append_readings"] * 3
    assert odoo.stored == {row[:2]: row[2] for row in rows(25_000)}
    assert (spool.count(), spool.totals()["stored"]) == (0, 25_000)


def test_refused_rows_become_dead_letters_with_their_reason(spool, odoo):
    odoo.refuse = lambda row: "no such indicator" if row[0] == 2 else None
    spool.append(rows(9))
    push_all(pusher(spool, odoo))
    assert spool.count() == 0
    assert sorted(letter[:3] for letter in spool.dead_letters()) == [row for row in sorted(rows(9)) if row[0] == 2]
    assert {letter[3] for letter in spool.dead_letters()} == {"no such indicator"}


def test_first_value_wins_and_the_second_is_counted(spool, odoo):
    spool.append([(1, 1_750_000_000, 1.0), (1, 1_750_000_000, 2.0), (1, 1_750_000_000, 1.0)])
    push_all(pusher(spool, odoo))
    assert odoo.stored == {(1, 1_750_000_000): 1.0}
    assert spool.totals() == {"stored": 1, "known": 1, "differing": 1, "refused": 0}


@pytest.mark.parametrize(
    ("fault", "state"),
    [
        (401, UNAUTHORIZED),
        (403, FORBIDDEN),
        (500, UNREACHABLE),
        (503, UNREACHABLE),
        (429, UNREACHABLE),
        (404, ANSWERED_NO),
        (422, ANSWERED_NO),
        ("drop", UNREACHABLE),
        ("before", UNREACHABLE),
        ("garbage", UNREACHABLE),
        ("short answer", ANSWERED_NO),
    ],
)
def test_each_failure_has_its_name_and_keeps_the_spool(spool, odoo, fault, state):
    spool.append(rows(6))
    odoo.faults = [fault]
    one = pusher(spool, odoo)
    with pytest.raises(LinkFailure) as failure:
        one.push_batch()
    assert failure.value.state == state
    assert (spool.count(), spool.dead_count()) == (6, 0)
    assert push_all(one) == 6
    assert odoo.stored == {row[:2]: row[2] for row in rows(6)}
    assert set(odoo.arrivals.values()) == {1}


def test_wrong_key_is_401_and_loses_nothing(spool, odoo):
    spool.append(rows(3))
    with pytest.raises(LinkFailure) as failure:
        pusher(spool, odoo, key="old").push_batch()
    assert failure.value.state == UNAUTHORIZED
    assert (spool.count(), odoo.stored) == (3, {})


def test_nobody_there_is_unreachable(spool, odoo):
    spool.append(rows(3))
    odoo.close()
    with pytest.raises(LinkFailure) as failure:
        pusher(spool, odoo).push_batch()
    assert failure.value.state == UNREACHABLE
    assert spool.count() == 3


def test_too_large_a_call_is_halved_until_it_is_taken(spool, odoo):
    odoo.most_rows = 3000
    spool.append(rows(10_000))
    one = pusher(spool, odoo)
    for _ in range(2):
        with pytest.raises(LinkFailure):
            one.push_batch()
    assert one.most_rows == 2500
    assert push_all(one) == 10_000
    assert len(odoo.stored) == 10_000


def test_another_database_gets_nothing(spool, odoo):
    odoo.database = "a copy"
    spool.append(rows(3))
    with pytest.raises(LinkFailure) as failure:
        pusher(spool, odoo).push_batch()
    assert failure.value.state == OTHER_DATABASE
    assert (spool.count(), odoo.stored) == (3, {})


def test_redirect_is_not_followed_with_the_key(spool, odoo):
    spool.append(rows(3))
    odoo.faults = [302]
    with pytest.raises(LinkFailure) as failure:
        pusher(spool, odoo).push_batch()
    assert failure.value.state == ANSWERED_NO
    assert odoo.calls == ["append_readings"]


def test_waiting_grows_to_five_minutes_and_starts_anew():
    back_off = BackOff(spread=lambda: 1.0)
    assert [back_off.failed() for _ in range(11)] == [1, 2, 4, 8, 16, 32, 64, 128, 256, 300, 300]
    back_off.succeeded()
    assert back_off.failed() == 1
    assert BackOff(spread=lambda: 0.0).failed() == 0.5
    assert MOST_ROWS == 10_000


KILL_STEPS = st.sampled_from(["none", "after batch", "after answer", "in settle"])
STEPS = st.lists(
    st.tuples(st.integers(0, 40), st.sampled_from([None, None, *FAULTS]), KILL_STEPS), min_size=1, max_size=25
)


class Killed(BaseException):
    """The process ends here."""


def push_until_killed(spool: Spool, odoo: FakeOdoo, step: str) -> None:
    """One push that ends as SIGKILL would end it: what is not committed is gone, the rest is as it was."""
    one = pusher(spool, odoo)

    def killed(*_arguments, **_options):
        raise Killed

    if step == "after batch":
        one.api.call = killed
    elif step == "after answer":
        one._settle = killed
    elif step == "in settle":
        # The dead letters are written, the deletion is not: the whole transaction is undone.
        connection = spool._db

        class HalfDone:
            def __getattr__(self, name):
                return getattr(connection, name)

            def execute(self, statement, *parameters):
                if statement.startswith("DELETE FROM reading"):
                    raise Killed
                return connection.execute(statement, *parameters)

        spool._db = HalfDone()
    with contextlib.suppress(LinkFailure, Killed):
        one.push_batch()


@settings(max_examples=60, deadline=None)
@given(steps=STEPS, refuse_every=st.integers(2, 9))
def test_random_failures_lose_nothing_and_store_nothing_twice(steps, refuse_every):
    """Drops of answers, 500, 401, kills between and in the steps: each reading ends once, stored or as dead letter."""
    with tempfile.TemporaryDirectory() as folder, FakeOdoo() as odoo:
        path = Path(folder) / "spool.db"
        odoo.refuse = lambda row: "refused" if row[1] % refuse_every == 0 else None
        appended = 0
        with Spool(path) as spool:
            spool.put(database="db-1")
        for count, fault, kill in steps:
            with Spool(path) as spool:  # a new process after each step
                spool.append(rows(3 * count, first=appended))
                appended += count
                odoo.faults = [fault]
                push_until_killed(spool, odoo, kill)
        odoo.faults = []
        with Spool(path) as spool:
            push_all(pusher(spool, odoo))
            dead = [letter[:3] for letter in spool.dead_letters(10**6)]
            assert sorted([(*key, value) for key, value in odoo.stored.items()] + dead) == all_rows(steps)
            assert set(odoo.arrivals.values()) <= {1}
            assert odoo.differing == 0
            assert spool.count() == 0


def all_rows(steps) -> list[tuple[int, int, float]]:
    """What the steps appended."""
    appended, result = 0, []
    for count, _fault, _kill in steps:
        result += rows(3 * count, first=appended)
        appended += count
    return sorted(result)
