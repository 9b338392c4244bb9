"""Meter events cut a counter's readings into stretches. Must not know who confirmed them or where they are kept.

A *stretch* is the time one register counted with one multiplier. A swap or a reset ends a stretch with the closing reading
of the old register and starts one with the opening reading of the new; a change of ratio ends one and starts one at the
same register.
"""

from dataclasses import dataclass

import numpy as np

from .arrays import FloatArray, IntArray


@dataclass(frozen=True)
class MeterEvent:
    """Something happened to a meter at a moment.

    :param time: UTC seconds
    :param closing: last register value of the old stretch, None when nobody noted it
    :param opening: first register value of the new stretch, None when nobody noted it
    :param before: multiplier (CT x PT) until the event
    :param after: multiplier from the event on
    :param continues: the same register goes on (change of ratio): unknown closing and opening are interpolated
    """

    time: int
    closing: float | None
    opening: float | None
    before: float
    after: float
    continues: bool = False


@dataclass(frozen=True)
class Stretches:
    """A counter's readings with its events worked in, ready for :func:`.intervals.slot_amounts`.

    :param times: UTC seconds, ascending; equal only where the stretch changes, shape (n,)
    :param registers: register values, shape (n,)
    :param segment: number of the stretch, ascending, shape (n,)
    :param multiplier: amount per register unit, holding until the next reading, shape (n,)
    """

    times: IntArray
    registers: FloatArray
    segment: IntArray
    multiplier: FloatArray


def apply_events(times: IntArray, registers: FloatArray, events: list[MeterEvent], multiplier: float) -> Stretches:
    """Work events into readings.

    A reading stamped at the very moment of an event is the old register's; where a closing reading was noted, the note
    replaces it.

    :param times: UTC seconds, ascending, shape (n,)
    :param registers: register values, shape (n,)
    :param events: in order of time
    :param multiplier: multiplier when there are no events
    :raises ValueError: the events are not in order of time
    """
    moments = np.array([event.time for event in events], dtype=np.int64)
    if (np.diff(moments) < 0).any():
        raise ValueError("Events must be in order of time.")
    if not events:
        return Stretches(times, registers, np.zeros(len(times), np.int64), np.full(len(times), multiplier))
    segment = np.searchsorted(moments, times, side="left")
    noted = [at for at, event in enumerate(events) if _closing(event, times, registers) is not None]
    replaced = np.isin(times, moments[noted]) & np.isin(segment, noted)
    kept = ~replaced
    rows = list(zip(times[kept].tolist(), segment[kept].tolist(), registers[kept].tolist(), strict=True))
    for at, event in enumerate(events):
        closing, opening = _closing(event, times, registers), _opening(event, times, registers)
        if closing is not None:
            rows.append((event.time, at, closing))
        if opening is not None:
            rows.append((event.time, at + 1, opening))
    rows.sort(key=lambda row: (row[1], row[0]))
    factors = np.array([events[0].before, *(event.after for event in events)])
    segments = np.array([row[1] for row in rows], np.int64)
    return Stretches(
        np.array([row[0] for row in rows], np.int64),
        np.array([row[2] for row in rows], np.float64),
        segments,
        factors[segments],
    )


def _closing(event: MeterEvent, times: IntArray, registers: FloatArray) -> float | None:
    """The old register's last value: as noted, or as it ran where the register goes on."""
    return event.closing if event.closing is not None or not event.continues else _running(event.time, times, registers)


def _opening(event: MeterEvent, times: IntArray, registers: FloatArray) -> float | None:
    """The new register's first value: as noted, or the closing one where the register goes on."""
    return event.opening if event.opening is not None or not event.continues else _closing(event, times, registers)


def _running(moment: int, times: IntArray, registers: FloatArray) -> float | None:
    """Register at a moment between two readings, taken to run linearly; None outside them."""
    if not len(times) or not times[0] <= moment <= times[-1]:
        return None
    return float(np.interp(moment, times, registers))
