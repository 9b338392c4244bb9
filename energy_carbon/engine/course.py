"""The accumulated course of counters, read off at slot borders. Must not know what readings mean."""

from dataclasses import dataclass

import numpy as np

from .arrays import BoolArray, FloatArray, IntArray
from .quality import Quality


@dataclass(frozen=True)
class SlotAmounts:
    """Amounts of slots; shapes are (s,) for one meter, (m, s) for many.

    :param amounts: in the counter's unit x multiplier, NaN where nothing is known
    :param quality: :class:`.quality.Quality` codes, int8: MEASURED, ESTIMATED (in a long interval), PARTIAL, MISSING
    :param covered: share of the slot's seconds that lie in intervals with a known increment, 0 to 1
    """

    amounts: FloatArray
    quality: IntArray
    covered: FloatArray


@dataclass(frozen=True)
class Course:
    """Accumulated amounts at readings; the rows of meter m are offsets[m]:offsets[m + 1], each opens an interval.

    :param times: UTC seconds, ascending within a meter, shape (n,)
    :param offsets: first row of each meter and the end of the last, shape (m + 1,)
    :param level: amount booked up to the row, shape (n,)
    :param step: amount from the row to the next; 0 where unknown and at a meter's last row, shape (n,)
    :param span: seconds from the row to the next, at least 1, shape (n,)
    :param known: whether the interval's amount is known (False at a meter's last row), shape (n,)
    :param max_gap: longest interval in seconds that is not estimated, shape (m,)
    """

    times: IntArray
    offsets: IntArray
    level: FloatArray
    step: FloatArray
    span: IntArray
    known: BoolArray
    max_gap: IntArray


def course_of_increments(times: IntArray, increments: FloatArray, max_gap: int) -> Course:
    """Course of one counter whose increments may be unknown.

    :param times: UTC seconds, ascending, shape (n,)
    :param increments: amounts between the times, NaN where unknown, shape (n - 1,)
    :param max_gap: longest interval in seconds that is not estimated
    :return: course of one meter
    """
    known = np.isfinite(increments)
    step = np.where(known, increments, 0.0)
    level = np.concatenate([[0.0], np.cumsum(step)])[: len(times)]
    tail = [0] * min(len(times), 1)
    return Course(
        times=times,
        offsets=np.array([0, len(times)]),
        level=level,
        step=np.append(step, tail),
        span=np.maximum(np.append(np.diff(times), tail), 1).astype(np.int64),
        known=np.append(known, tail).astype(bool),
        max_gap=np.array([max_gap]),
    )


def course_of_registers(
    times: IntArray, registers: FloatArray, offsets: IntArray, multiplier: FloatArray, max_gap: IntArray
) -> Course:
    """Course of counters without any anomaly: levels are the registers' rise since each meter's first reading.

    :param times: UTC seconds, ascending within a meter, shape (n,)
    :param registers: register values, never falling within a meter, shape (n,)
    :param offsets: first row of each meter and the end of the last, shape (m + 1,)
    :param multiplier: amount per register unit, the same within a meter, shape (n,)
    :param max_gap: longest interval in seconds that is not estimated, shape (m,)
    :return: course of m meters
    """
    counts = np.diff(offsets)
    base = np.zeros(len(counts))
    base[counts > 0] = registers[offsets[:-1][counts > 0]]
    level = (registers - np.repeat(base, counts)) * multiplier
    step, span = np.zeros(len(times)), np.ones(len(times), dtype=np.int64)
    known = np.ones(len(times), dtype=bool)
    step[:-1] = level[1:] - level[:-1]
    span[:-1] = times[1:] - times[:-1]
    ends = offsets[1:][counts > 0] - 1
    step[ends], span[ends], known[ends] = 0.0, 1, False
    return Course(times, offsets, level, step, span, known, max_gap)


def fill_slots(course: Course, borders: IntArray, slots: SlotAmounts) -> None:
    """Read courses off at slot borders and write amounts, quality and coverage of every slot.

    :param course: m meters
    :param borders: slot borders in UTC seconds, ascending, shape (s + 1,)
    :param slots: arrays of shape (m, s), written in place
    """
    row, elapsed = _rows_at_borders(course, borders)
    if not len(course.times):
        slots.amounts[:], slots.quality[:], slots.covered[:] = np.nan, Quality.MISSING, 0.0
        return
    level = course.level[row]
    if elapsed.any():
        # step x elapsed / span rather than a slope: whole amounts stay whole (200 kWh over 5 h is 40 kWh an hour).
        level += course.step[row] * elapsed / course.span[row]
    np.subtract(level[:, 1:], level[:, :-1], out=slots.amounts)
    # Rounding alone can make a slot of an idle meter a negative ulp.
    np.maximum(slots.amounts, 0.0, out=slots.amounts)
    slots.quality[:], slots.covered[:] = Quality.MEASURED, 1.0
    long = course.known & (course.span > np.repeat(course.max_gap, np.diff(course.offsets)))
    if long.any():
        slots.quality[_counted_seconds(course, long, row, elapsed) > 0] = Quality.ESTIMATED
    if not _is_whole(course, borders):
        _mark_uncovered(course, borders, row, elapsed, slots)


def _is_whole(course: Course, borders: IntArray) -> bool:
    """Whether every slot of every meter lies in intervals with a known amount."""
    first, last = course.offsets[:-1], course.offsets[1:] - 1
    return bool(
        (last > first).all()
        and (course.times[first] <= borders[0]).all()
        and (course.times[last] >= borders[-1]).all()
        and np.count_nonzero(~course.known) == len(last)
    )


def _mark_uncovered(course: Course, borders: IntArray, row: IntArray, elapsed: IntArray, slots: SlotAmounts) -> None:
    """Write coverage, and quality and amounts where it is not whole."""
    lengths = np.diff(borders)
    seconds = _counted_seconds(course, course.known, row, elapsed)
    np.divide(seconds, lengths, out=slots.covered)
    slots.quality[seconds < lengths] = Quality.PARTIAL
    missing = seconds == 0
    slots.quality[missing] = Quality.MISSING
    slots.amounts[missing] = np.nan


def _rows_at_borders(course: Course, borders: IntArray) -> tuple[IntArray, IntArray]:
    """Last row at or before each border and the seconds since; the first row and 0 where there is none, (m, s + 1)."""
    counts = np.diff(course.offsets)
    n_borders = len(borders)
    position = _border_at_or_after(course.times, borders) + np.repeat(np.arange(len(counts)) * (n_borders + 1), counts)
    hits = np.bincount(position, minlength=len(counts) * (n_borders + 1)).reshape(len(counts), n_borders + 1)
    row = np.cumsum(hits[:, :-1], axis=1)
    row += course.offsets[:-1, None] - 1
    before = row < course.offsets[:-1, None]
    row += before
    np.minimum(row, max(len(course.times) - 1, 0), out=row)
    if not len(course.times):
        return row, np.zeros_like(row)
    elapsed = borders - course.times[row]
    elapsed[before | ~course.known[row]] = 0
    empty = counts == 0
    elapsed[empty] = 0
    return row, elapsed


def _border_at_or_after(times: IntArray, borders: IntArray) -> IntArray:
    """Index of the first border at or after each time; len(borders) when there is none."""
    length = borders[1] - borders[0]
    if (np.diff(borders) == length).all():
        return np.clip(-((borders[0] - times) // length), 0, len(borders))
    return np.searchsorted(borders, times, side="left")


def _counted_seconds(course: Course, counted: BoolArray, row: IntArray, elapsed: IntArray) -> IntArray:
    """Seconds of each slot that lie in the counted intervals, shape (m, s)."""
    seconds = np.where(counted, course.span, 0)
    # Running over all meters is exact: whole seconds, and only differences within a meter are used.
    passed = (np.cumsum(seconds) - seconds)[row]
    passed += np.where(counted[row], elapsed, 0)
    return passed[:, 1:] - passed[:, :-1]
