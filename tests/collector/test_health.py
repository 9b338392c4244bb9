"""Back-off doubles up to ten minutes, ends with an answer and survives storage and clocks set back."""

from __future__ import annotations

import json

from energy_carbon_modbus.collector.health import SlaveHealth, still_refused
from energy_carbon_modbus.collector.plan import WHOLE_FUNCTION


def test_back_off_doubles_up_to_ten_minutes():
    health, waits = SlaveHealth(), []
    for _ in range(7):
        health = health.after_silence(1000.0, 60.0)
        waits.append(health.next_try - 1000.0 + 30.0)
    assert waits == [60.0, 120.0, 240.0, 480.0, 600.0, 600.0, 600.0]
    assert health.failures == 7


def test_asked_on_the_next_cycle_even_when_it_starts_early():
    health = SlaveHealth().after_silence(1000.0, 60.0)
    assert not health.is_due(1020.0)
    assert health.is_due(1059.0)


def test_an_answer_ends_it():
    health = SlaveHealth(max_registers=20).after_silence(1000.0).after_success(1100.0)
    assert health == SlaveHealth(last_success=1100.0, max_registers=20)
    assert health.is_due(0.0)
    assert not health.in_back_off


def test_a_clock_set_back_does_not_keep_it_waiting():
    health = SlaveHealth().after_silence(1_000_000.0, 60.0)
    assert health.is_due(5_000.0)


def test_many_failures_do_not_overflow():
    assert SlaveHealth(failures=100_000).after_silence(0.0, 60.0).next_try == 570.0


def test_long_cycles():
    assert SlaveHealth().after_silence(0.0, 3600.0).next_try == 300.0


def test_storage():
    health = SlaveHealth().after_silence(1000.0, error="exception 11").with_limit(40)
    stored = json.loads(json.dumps(health.to_dict()))
    assert SlaveHealth.from_dict(stored | {"of_a_later_version": 1}) == health
    assert SlaveHealth.from_dict(None) == SlaveHealth.from_dict({}) == SlaveHealth()


def test_what_was_refused_is_tried_again():
    address, function = (1, 3, 17), (1, 4, WHOLE_FUNCTION)
    since = {address: 100_000.0, function: 100_000.0}
    assert still_refused(since, 100_000.0 + 3_599) == since
    assert still_refused(since, 100_000.0 + 3_600) == {address: 100_000.0}
    assert still_refused(since, 100_000.0 + 86_400) == {}
    assert still_refused(since, 13_000.0) == {}, "the clock was set back by a day"
