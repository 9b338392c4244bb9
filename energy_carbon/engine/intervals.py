"""Counter readings to amounts in slots and days, conserving energy. Must not know units, formulas or prices.

Between two readings a counter is taken to run linearly, so a slot border inside the interval splits the increment in
proportion to time (the usual practice for load profiles). A reading stamped at a border ends the slot before it.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from .arrays import BoolArray, FloatArray, IntArray
from .counter import (
    DISPLAY_STEP_SECONDS,
    CounterReport,
    CounterRules,
    clean_counter,
    clean_readings,
    sort_readings,
    step_limit,
)
from .course import SlotAmounts, course_of_increments, course_of_registers, fill_slots
from .quality import Quality

__all__ = [
    "METERS_AT_ONCE",
    "CounterReport",
    "CounterRules",
    "SlotAmounts",
    "clean_counter",
    "day_amounts",
    "slot_amounts",
    "slot_amounts_many",
    "sort_readings",
    "spread",
]

METERS_AT_ONCE = 64
"""Meters spread in one numpy pass: small enough for the work arrays to stay in the processor's cache."""


def slot_amounts(
    times: IntArray,
    registers: FloatArray,
    borders: IntArray,
    rules: CounterRules,
    multiplier: float | FloatArray = 1.0,
    segment: IntArray | None = None,
) -> tuple[SlotAmounts, CounterReport]:
    """Spread a counter's increments over slots, conserving the total.

    :param times: UTC seconds, ascending; equal only where the segment changes (see :func:`sort_readings`), shape (n,)
    :param registers: register values, shape (n,)
    :param borders: slot borders in UTC seconds, ascending, shape (s + 1,)
    :param rules: what is known about the counter
    :param multiplier: amount per register unit (CT x PT): one figure, or one a reading that holds until the next one,
        shape (n,) or (n - 1,)
    :param segment: ids of the stretches between meter events; no interval crosses from one to another. A swap at noon
        is two segments, with the old meter's closing and the new one's opening reading both at noon, shape (n,)
    :return: amounts with quality, shape (s,), and the report on the readings (indices into ``times``)
    :raises ValueError: times or borders not ascending, arrays of different length, or a multiplier that is not positive
    """
    borders = _checked_borders(borders)
    clean = clean_readings(times, registers, rules, segment)
    factor = _checked_multiplier(multiplier)
    if factor.ndim:
        if len(factor) not in (len(registers), len(registers) - 1):
            raise ValueError("A multiplier a reading must have the readings' length.")
        factor = factor[clean.kept[:-1]]
    kept_times = np.asarray(times, dtype=np.int64)[clean.kept]
    course = course_of_increments(kept_times, clean.increments * factor, _max_gap(rules, borders))
    slots = _empty_slots(1, len(borders) - 1)
    fill_slots(course, borders, slots)
    return SlotAmounts(slots.amounts[0], slots.quality[0], slots.covered[0]), clean.report


def slot_amounts_many(
    times: IntArray,
    registers: FloatArray,
    offsets: IntArray,
    borders: IntArray,
    rules: CounterRules | Sequence[CounterRules],
    multiplier: float | FloatArray = 1.0,
    segment: IntArray | None = None,
) -> tuple[SlotAmounts, dict[int, CounterReport]]:
    """Spread many counters at once; meters with anything unusual are worked one by one by :func:`slot_amounts`.

    :param times: UTC seconds, ascending within each meter, shape (n,)
    :param registers: register values, shape (n,)
    :param offsets: meter m owns the readings offsets[m]:offsets[m + 1], shape (m + 1,)
    :param borders: slot borders in UTC seconds, the same for all meters, shape (s + 1,)
    :param rules: one for all, or one a meter (length m)
    :param multiplier: one figure, one a meter, shape (m,), or one a reading, shape (n,); m figures
        are taken as one a meter
    :param segment: ids of the stretches between meter events, shape (n,)
    :return: amounts with quality, shape (m, s), and reports by meter index, only for meters that were not clean; their
        indices count from the meter's own first reading
    :raises ValueError: as :func:`slot_amounts`
    """
    borders = _checked_borders(borders)
    batch = _Batch.of(times, registers, offsets, rules, multiplier, segment)
    slots = _empty_slots(len(batch.rules), len(borders) - 1)
    unusual = _unusual_meters(batch)
    if not unusual.all():
        _fill_clean_meters(batch, borders, slots)
    reports = {meter: _fill_one_meter(batch, meter, borders, slots) for meter in np.flatnonzero(unusual).tolist()}
    return slots, reports


def day_amounts(
    slot: SlotAmounts, day_index: IntArray, n_days: int, seconds: IntArray | None = None
) -> tuple[FloatArray, IntArray, FloatArray]:
    """Sum slots to days.

    :param slot: amounts of slots, shape (s,) or (m, s)
    :param day_index: day of each slot, ascending, shape (s,) (see :func:`.calendar.slot_borders`)
    :param n_days: number of days
    :param seconds: length of each slot for weighing the coverage, shape (s,); None: all slots are equally long
    :return: amount (NaN only when all slots are missing), quality (worst; PARTIAL when some slots are missing) and
        covered share 0 to 1, each shape (n_days,) or (m, n_days)
    """
    day_index = np.asarray(day_index)
    shape = (*slot.amounts.shape[:-1], n_days)
    amount, covered = np.full(shape, np.nan), np.zeros(shape)
    quality = np.full(shape, Quality.MISSING, dtype=np.int8)
    if not len(day_index):
        return amount, quality, covered
    starts = np.flatnonzero(np.concatenate([[True], np.diff(day_index) != 0]))
    days = day_index[starts]
    missing = slot.quality == Quality.MISSING
    some = np.add.reduceat(~missing, starts, axis=-1, dtype=np.int64) > 0
    total = np.add.reduceat(np.where(missing, 0.0, slot.amounts), starts, axis=-1)
    worst = np.maximum.reduceat(np.where(missing, np.int8(Quality.PARTIAL), slot.quality), starts, axis=-1)
    weight = np.ones(len(day_index)) if seconds is None else np.asarray(seconds, dtype=np.float64)
    amount[..., days] = np.where(some, total, np.nan)
    quality[..., days] = np.where(some, worst, Quality.MISSING)
    covered[..., days] = np.add.reduceat(slot.covered * weight, starts, axis=-1) / np.add.reduceat(weight, starts)
    return amount, quality, covered


def spread(total: float, seconds: IntArray) -> FloatArray:
    """Spread the total of a period over its parts so that they add up to it exactly.

    Parts are whole multiples of the total's last binary digit and the last part takes the remainder of rounding, so
    that sums in any order are exact.

    :param total: amount of the period
    :param seconds: lengths of the parts; ones for equal shares, shape (n,)
    :return: amounts in the total's unit, shape (n,)
    :raises ValueError: no part has a length, or a length is negative
    """
    seconds = np.asarray(seconds, dtype=np.float64)
    if not seconds.sum() > 0 or (seconds < 0).any():
        raise ValueError("A period needs parts of positive length.")
    digit = np.spacing(abs(float(total)))
    amounts = np.rint(total * seconds / seconds.sum() / digit) * digit
    last = np.flatnonzero(seconds)[-1]
    amounts[last] = 0.0
    amounts[last] = total - amounts.sum()
    return amounts


def _checked_borders(borders: IntArray) -> IntArray:
    """Borders as ascending whole seconds."""
    borders = np.asarray(borders, dtype=np.int64)
    if len(borders) < 2 or (np.diff(borders) <= 0).any():
        raise ValueError("Slot borders must be ascending and enclose at least one slot.")
    return borders


def _checked_multiplier(multiplier: float | FloatArray) -> FloatArray:
    """Multiplier as an array of positive figures, of no or one dimension."""
    factor = np.asarray(multiplier, dtype=np.float64)
    if not (np.isfinite(factor) & (factor > 0)).all():
        raise ValueError("A multiplier must be a positive number.")
    return factor


def _max_gap(rules: CounterRules, borders: IntArray) -> int:
    """Longest interval in seconds that is not estimated: as ruled, else twice the first slot."""
    return int(2 * (borders[1] - borders[0])) if rules.max_gap_seconds is None else rules.max_gap_seconds


def _empty_slots(n_meters: int, n_slots: int) -> SlotAmounts:
    """Slots to be filled in place, shape (m, s)."""
    shape = (n_meters, n_slots)
    return SlotAmounts(np.empty(shape), np.empty(shape, dtype=np.int8), np.empty(shape))


@dataclass(frozen=True)
class _Batch:
    """Readings of m meters, one after the other; meter m owns the rows offsets[m]:offsets[m + 1]."""

    times: IntArray
    registers: FloatArray
    offsets: IntArray
    rules: list[CounterRules]
    multiplier: FloatArray
    segment: IntArray

    @classmethod
    def of(
        cls,
        times: IntArray,
        registers: FloatArray,
        offsets: IntArray,
        rules: CounterRules | Sequence[CounterRules],
        multiplier: float | FloatArray,
        segment: IntArray | None,
    ) -> "_Batch":
        """Checked arrays, with a multiplier and a segment for every reading."""
        times, registers = np.asarray(times, dtype=np.int64), np.asarray(registers, dtype=np.float64)
        offsets, n = np.asarray(offsets, dtype=np.int64), len(times)
        n_meters = len(offsets) - 1
        segment = np.zeros(n, dtype=np.int64) if segment is None else np.asarray(segment)
        if offsets[0] != 0 or (np.diff(offsets) < 0).any() or not n == len(registers) == len(segment) == offsets[-1]:
            raise ValueError("Times, registers and segments must have the length that the offsets say.")
        rules = [rules] * n_meters if isinstance(rules, CounterRules) else list(rules)
        factor = _checked_multiplier(multiplier)
        if len(rules) != n_meters or (factor.ndim and len(factor) not in (n_meters, n)):
            raise ValueError("Rules and multipliers must be one for all, or one a meter.")
        if factor.ndim == 0 or len(factor) == n_meters:
            factor = np.repeat(np.broadcast_to(factor, n_meters), np.diff(offsets))
        return cls(times, registers, offsets, rules, factor, segment)


def _unusual_meters(batch: _Batch) -> BoolArray:
    """Meters with a fall, a rise beyond the rating, a value that is no number, disorder in time or an event, (m,)."""
    counts = np.diff(batch.offsets)
    unusual = np.zeros(len(counts), dtype=bool)
    if len(batch.times) < 2:
        return unusual | ~np.isfinite(batch.registers).all()
    spans, steps = np.diff(batch.times), np.diff(batch.registers)
    odd = ~(steps >= 0) | (spans <= 0)
    if batch.segment.any() or (batch.multiplier[1:] != batch.multiplier[:-1]).any():
        odd |= (np.diff(batch.segment) != 0) | (np.diff(batch.multiplier) != 0)
    rate = np.array([np.inf if rule.max_rate is None else step_limit(1, rule) for rule in batch.rules])
    if np.isfinite(rate).any():
        odd |= steps > np.repeat(rate, counts)[1:] * (spans + DISPLAY_STEP_SECONDS)
    # What lies between the last reading of a meter and the first of the next one is no step.
    borders = batch.offsets[1:-1]
    odd[borders[(borders > 0) & (borders < len(batch.times))] - 1] = False
    odd = np.append(odd, False) | ~np.isfinite(batch.registers)
    some = counts > 0
    unusual[some] = np.logical_or.reduceat(odd, batch.offsets[:-1][some])
    return unusual


def _fill_clean_meters(batch: _Batch, borders: IntArray, slots: SlotAmounts) -> None:
    """Fill all rows, chunk by chunk, as if every meter were clean; unusual ones are written over later."""
    gaps = np.array([_max_gap(rule, borders) for rule in batch.rules])
    for first in range(0, len(batch.rules), METERS_AT_ONCE):
        meters = slice(first, first + METERS_AT_ONCE)
        offsets = batch.offsets[first : first + METERS_AT_ONCE + 1]
        rows = slice(offsets[0], offsets[-1])
        course = course_of_registers(
            batch.times[rows], batch.registers[rows], offsets - offsets[0], batch.multiplier[rows], gaps[meters]
        )
        part = SlotAmounts(slots.amounts[meters], slots.quality[meters], slots.covered[meters])
        fill_slots(course, borders, part)


def _fill_one_meter(batch: _Batch, meter: int, borders: IntArray, slots: SlotAmounts) -> CounterReport:
    """Fill the row of one meter with all the care of :func:`slot_amounts`."""
    rows = slice(batch.offsets[meter], batch.offsets[meter + 1])
    one, report = slot_amounts(
        batch.times[rows],
        batch.registers[rows],
        borders,
        batch.rules[meter],
        batch.multiplier[rows],
        batch.segment[rows],
    )
    slots.amounts[meter], slots.quality[meter], slots.covered[meter] = one.amounts, one.quality, one.covered
    return report
