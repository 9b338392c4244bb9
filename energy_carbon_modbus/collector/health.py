"""How often a slave that does not answer, and what it refuses, is asked again; pure state, knows nothing of sockets."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields, replace
from typing import Any

from .plan import WHOLE_FUNCTION, Place

LONGEST_BACK_OFF_SECONDS = 600.0
# What was refused is tried again: the firmware may have changed. A function costs one request and stands for many points,
# so it is tried more often, should the slave have been in no state to answer.
REFUSED_ADDRESS_SECONDS = 86_400.0
REFUSED_FUNCTION_SECONDS = 3_600.0


def still_refused(since: Mapping[Place, float], now: float) -> dict[Place, float]:
    """Of the refused places those that are not yet tried again; a clock set back keeps none longer than another.

    :param since: when (seconds since the epoch) each place was found to be refused
    :param now: seconds since the epoch
    """
    return {place: found for place, found in since.items() if abs(now - found) < _refused_seconds(place)}


def _refused_seconds(place: Place) -> float:
    return REFUSED_FUNCTION_SECONDS if place[2] == WHOLE_FUNCTION else REFUSED_ADDRESS_SECONDS


@dataclass(frozen=True, slots=True)
class SlaveHealth:
    """What is known of a slave from sweep to sweep.

    :ivar failures: silences in a row
    :ivar next_try: seconds since the epoch before which the slave is not asked; None when it is asked always
    :ivar last_success: seconds since the epoch of its last answer; None for never
    :ivar last_error: word for the last failure; None after an answer
    :ivar max_registers: most registers it was found to give in one answer; None for the protocol's 125
    """

    failures: int = 0
    next_try: float | None = None
    last_success: float | None = None
    last_error: str | None = None
    max_registers: int | None = None

    @property
    def in_back_off(self) -> bool:
        """Whether the slave's last turn ended in silence: it is then asked last, with one small read."""
        return self.failures > 0

    def is_due(self, now: float) -> bool:
        """Whether the slave may be asked.

        A clock set back cannot keep a slave waiting longer than the longest back-off.

        :param now: seconds since the epoch
        """
        return self.next_try is None or not now < self.next_try <= now + LONGEST_BACK_OFF_SECONDS

    def after_success(self, now: float) -> SlaveHealth:
        """The state after an answer at ``now`` (seconds since the epoch)."""
        return replace(self, failures=0, next_try=None, last_success=now, last_error=None)

    def after_silence(self, now: float, cycle_seconds: float = 60.0, error: str = "silence") -> SlaveHealth:
        """The state after a silence: the next try comes 1, 2, 4 ... cycles later, at most ten minutes.

        Half a cycle is taken off so that a sweep starting a moment early still asks.

        :param now: seconds since the epoch
        :param cycle_seconds: time from sweep to sweep
        :param error: word for the failure
        """
        cycles = 2 ** min(self.failures, 16)
        early = 0.5 * min(cycle_seconds, LONGEST_BACK_OFF_SECONDS)
        wait = min(cycles * cycle_seconds, LONGEST_BACK_OFF_SECONDS) - early
        return replace(self, failures=self.failures + 1, next_try=now + wait, last_error=error)

    def with_limit(self, registers: int) -> SlaveHealth:
        """The state after the slave refused more than ``registers`` in one answer."""
        return replace(self, max_registers=registers)

    def to_dict(self) -> dict[str, Any]:
        """The state as plain JSON values."""
        return {name: getattr(self, name) for name in _NAMES}

    @classmethod
    def from_dict(cls, stored: dict[str, Any] | None) -> SlaveHealth:
        """The state from what ``to_dict`` gave; unknown keys are left out, None is a fresh state."""
        return cls(**{key: value for key, value in (stored or {}).items() if key in _NAMES})


_NAMES = tuple(field.name for field in fields(SlaveHealth))
