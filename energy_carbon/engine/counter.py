"""What the readings of one counter mean: increments, rollovers, meter errors. Must not know slots, days or units.

Errors are values: an interval whose increment cannot be known is NaN and the reading that caused it is reported.
"""

from dataclasses import dataclass, field

import numpy as np

from .arrays import BoolArray, FloatArray, IntArray

PLAUSIBLE_OVERLOAD = 1.2
"""A step is plausible up to rated power x time x 1.2 (house rule for rollovers)."""
PLAUSIBLE_RANGE_SHARE = 0.1
"""A wrapped step of a meter without a rating is plausible up to a tenth of the register's range (house rule)."""
ROUNDING_SLACK = 1 + 1e-9
"""A step exactly at its limit stays plausible although registers and limits are rounded to binary."""
DISPLAY_STEP_SECONDS = 60
"""Seconds of full load that one display step may stand for (house rule): a five-digit register that holds 1,500 h of full
load steps every 54 s. Allowed on top of the time between readings when a rise is judged."""
FAR_FROM_USUAL = 5.0
"""A rise that is taken back is a spike when it is this many times steeper than the meter usually rises."""


def _no_indices() -> IntArray:
    return np.empty(0, dtype=np.int64)


@dataclass(frozen=True)
class CounterRules:
    """What is known about a counter.

    :param modulus: register maximum + one step, in register units; None: the register never wraps
    :param max_rate: largest rated increase in register units per second (rated power); None: unrated
    :param max_gap_seconds: intervals between two readings longer than this are ESTIMATED; None: two slots
    :raises ValueError: a figure is not positive
    """

    modulus: float | None = None
    max_rate: float | None = None
    max_gap_seconds: int | None = None

    def __post_init__(self) -> None:
        for name in ("modulus", "max_rate", "max_gap_seconds"):
            figure = getattr(self, name)
            if figure is not None and not figure > 0:
                raise ValueError(f"{name} must be positive or None, not {figure}.")


@dataclass(frozen=True)
class CounterReport:
    """Readings that need a person's eye; every array holds ascending indices of readings, int64.

    :param ignored: readings left out: not a number, zeros that return, a spike of one reading or a dip of one or two that return
    :param drops: readings below their predecessor without an explanation; an event to confirm
    :param rollovers: first readings after the register wrapped
    :param jumps: readings that stay higher than the rating allows to climb; an event to confirm
    :param pending: the last reading, when only the next one can tell whether it is an error; not booked yet
    """

    ignored: IntArray = field(default_factory=_no_indices)
    drops: IntArray = field(default_factory=_no_indices)
    rollovers: IntArray = field(default_factory=_no_indices)
    jumps: IntArray = field(default_factory=_no_indices)
    pending: IntArray = field(default_factory=_no_indices)


@dataclass(frozen=True)
class CleanCounter:
    """Readings that count and what happened between them.

    :param kept: indices of the readings that count, shape (k,)
    :param increments: register units between consecutive kept readings, NaN where unknown, shape (k - 1,)
    :param report: what was left out or could not be explained
    """

    kept: IntArray
    increments: FloatArray
    report: CounterReport


def sort_readings(times: IntArray, registers: FloatArray, segment: IntArray | None = None) -> IntArray:
    """Order in which readings must be handed to this module: by time, then segment; of two readings the first wins.

    :param times: UTC seconds, any order, shape (n,)
    :param registers: register values (only their number matters), shape (n,)
    :param segment: ids ascending in time, of the stretches between meter events, shape (n,)
    :return: indices to apply to all three arrays; a later duplicate of the same second and segment is dropped
    :raises ValueError: the arrays differ in length
    """
    times = np.asarray(times, dtype=np.int64)
    segment = np.zeros(len(times), dtype=np.int64) if segment is None else np.asarray(segment)
    if not len(times) == len(registers) == len(segment):
        raise ValueError("Times, registers and segments must have the same length.")
    order = np.lexsort((segment, times))
    repeated = (np.diff(times[order]) == 0) & (np.diff(segment[order]) == 0)
    return order[np.concatenate([[True], ~repeated])] if len(order) else order


def clean_counter(
    times: IntArray, registers: FloatArray, rules: CounterRules, segment: IntArray | None = None
) -> tuple[FloatArray, CounterReport]:
    """Increments between readings; the rules are those of :func:`clean_readings`.

    :param times: UTC seconds, ascending, shape (n,)
    :param registers: register values, shape (n,)
    :param rules: what is known about the counter
    :param segment: ids of the stretches between meter events, shape (n,); None: one stretch
    :return: increments in register units, shape (n - 1,), NaN where unknown, and the report. The increment across an
        ignored reading is shared between the intervals before and after it in proportion to time
    :raises ValueError: times not ascending, or arrays of different length
    """
    clean = clean_readings(times, registers, rules, segment)
    increments = np.full(max(len(registers) - 1, 0), np.nan)
    if len(clean.kept) < 2:
        return increments, clean.report
    times = np.asarray(times, dtype=np.int64)
    index = np.arange(clean.kept[0], clean.kept[-1])
    interval = np.searchsorted(clean.kept, index, side="right") - 1
    span = np.diff(times[clean.kept])[interval]
    part = times[index + 1] - times[index]
    whole = span == part
    increments[index] = clean.increments[interval] * np.where(whole, 1.0, part / np.where(whole, 1, span))
    return increments, clean.report


def clean_readings(
    times: IntArray, registers: FloatArray, rules: CounterRules, segment: IntArray | None = None
) -> CleanCounter:
    """Choose the readings that count and explain every interval between them.

    A fall is a rollover when the modulus is known and the wrapped step is plausible; any other fall is an unexplained drop,
    and the counter goes on from the new level. Left out are: values that are not numbers; zeros that return to at least the
    former level; a spike of one reading and a dip of one or two that return and are implausibly steep (for the rating, or
    against what the meter usually does). With a rating, a rise beyond it that stays is a jump, not energy. The last reading
    is *pending* when it is a first 0.0 or an implausible rise: only its successor can tell, so nothing is booked yet.

    :param times: UTC seconds, ascending; equal only where the segment changes, shape (n,)
    :param registers: register values, shape (n,)
    :param rules: what is known about the counter
    :param segment: ids of the stretches between meter events (swap, ratio, reset); no increment crosses from one to
        another, shape (n,); None: one stretch
    :return: kept readings, increments and report
    :raises ValueError: times not ascending, or arrays of different length
    """
    times, registers, segment = _checked(times, registers, segment)
    kept = np.flatnonzero(np.isfinite(registers))
    kept = kept[~_returning_zeros(registers[kept], segment[kept])]
    kept = kept[~_returning_excursions(times[kept], registers[kept], segment[kept], rules)]
    ignored = np.setdiff1d(np.arange(len(registers)), kept)
    return _explain(times, registers, segment, rules, kept, ignored)


def step_limit(seconds: IntArray | int, rules: CounterRules) -> FloatArray | float:
    """Largest plausible step of the register.

    :param seconds: time between two readings, shape (n,)
    :param rules: what is known about the counter
    :return: register units, shape (n,); infinite when neither rating nor modulus is known
    """
    if rules.max_rate is not None:
        return rules.max_rate * PLAUSIBLE_OVERLOAD * ROUNDING_SLACK * seconds
    share = np.inf if rules.modulus is None else PLAUSIBLE_RANGE_SHARE * ROUNDING_SLACK * rules.modulus
    return np.full(np.shape(seconds), share)


def _checked(times: IntArray, registers: FloatArray, segment: IntArray | None) -> tuple[IntArray, FloatArray, IntArray]:
    """Arrays of equal length in the right types, times ascending."""
    times = np.asarray(times, dtype=np.int64)
    registers = np.asarray(registers, dtype=np.float64)
    segment = np.zeros(len(times), dtype=np.int64) if segment is None else np.asarray(segment)
    if not len(times) == len(registers) == len(segment):
        raise ValueError("Times, registers and segments must have the same length.")
    steps = np.diff(times)
    if (steps < 0).any() or ((steps == 0) & (np.diff(segment) == 0)).any():
        raise ValueError("Readings must be in ascending order of time, one a second; see sort_readings.")
    return times, registers, segment


def _returning_zeros(registers: FloatArray, segment: IntArray) -> BoolArray:
    """Zeros between two readings of one segment that are not zero, the later at least as high as the earlier."""
    zero = registers == 0.0
    solid = np.flatnonzero(~zero)
    result = np.zeros(len(registers), dtype=bool)
    if not zero.any() or len(solid) < 2:
        return result
    holes = np.flatnonzero(zero)
    after = np.searchsorted(solid, holes)
    inside = (after > 0) & (after < len(solid))
    holes, after = holes[inside], after[inside]
    left, right = solid[after - 1], solid[after]
    one_segment = (segment[left] == segment[holes]) & (segment[holes] == segment[right])
    result[holes[one_segment & (registers[right] >= registers[left])]] = True
    return result


def _returning_excursions(times: IntArray, registers: FloatArray, segment: IntArray, rules: CounterRules) -> BoolArray:
    """Spikes of one reading and dips of one or two: out of line between neighbours that are in order with each other.

    Longer dips stay: a block of readings is loaded with three neighbours on each side (calculation.readings.NEIGHBOURS), so
    two readings out of line, the one before and the one after them are what can always be seen. A third would be judged
    otherwise at the edge of a block than in its midst, and readings that come late would not give what those in order give.
    """
    result = np.zeros(len(registers), dtype=bool)
    before, here, after = registers[:-2], registers[1:-1], registers[2:]
    if not len(here):
        return result
    one_segment = (segment[:-2] == segment[1:-1]) & (segment[1:-1] == segment[2:])
    spike = one_segment & (before <= after) & (after < here)
    dip = one_segment & (here < before) & (before <= after)
    if (spike | dip).any():
        implausible = _implausibly_steep(times, registers, rules, spike, dip)
        spike &= implausible
        dip &= implausible
        # A reading between two spikes looks like a dip; the spikes explain it.
        dip[1:] &= ~spike[:-1]
        dip[:-1] &= ~spike[1:]
        result[1:-1] = spike | dip
    pair = _returning_pairs(times, registers, segment, rules)
    result[1:-2] |= pair
    result[2:-1] |= pair
    return result


def _returning_pairs(times: IntArray, registers: FloatArray, segment: IntArray, rules: CounterRules) -> BoolArray:
    """Dips of two readings, at the first of them, shape (n - 3,); the steeper of the two climbs back decides."""
    before, first, second, after = registers[:-3], registers[1:-2], registers[2:-1], registers[3:]
    pair = (segment[:-3] == segment[3:]) & (np.maximum(first, second) < before) & (before <= after)
    if not pair.any():
        return pair
    spans, steps = np.maximum(np.diff(times), 1), np.diff(registers)
    touched = np.zeros(len(steps), dtype=bool)
    for step in range(3):
        touched[step : len(pair) + step] |= pair
    net = (after - before) / (spans[:-2] + spans[1:-1] + spans[2:])
    reference = np.maximum(net, _usual_rate(steps, spans, touched))
    fall, fall_span = steps[:-2], spans[:-2]
    steep = _steep(steps[1:-1], spans[1:-1], fall, fall_span, reference, rules)
    return pair & (steep | _steep(steps[2:], spans[2:], fall, fall_span, reference, rules))


def _implausibly_steep(
    times: IntArray, registers: FloatArray, rules: CounterRules, spike: BoolArray, dip: BoolArray
) -> BoolArray:
    """Whether the climb before a spike or after a dip is too steep for consumption, shape (n - 2,)."""
    spans, steps = np.maximum(np.diff(times), 1), np.diff(registers)
    touched = np.zeros(len(steps), dtype=bool)
    touched[:-1] |= spike | dip
    touched[1:] |= spike | dip
    net = (registers[2:] - registers[:-2]) / (spans[:-1] + spans[1:])
    reference = np.maximum(net, _usual_rate(steps, spans, touched))
    climb, climb_span = np.where(spike, steps[:-1], steps[1:]), np.where(spike, spans[:-1], spans[1:])
    fall, fall_span = np.where(spike, steps[1:], steps[:-1]), np.where(spike, spans[1:], spans[:-1])
    return _steep(climb, climb_span, fall, fall_span, reference, rules)


def _usual_rate(steps: FloatArray, spans: IntArray, touched: BoolArray) -> float:
    """How steeply the meter usually rises, the steps in question left out; 0.0: nothing to go by."""
    usual = (steps / spans)[(steps > 0) & ~touched]
    return float(np.median(usual)) if len(usual) else 0.0


def _steep(
    climb: FloatArray, climb_span: IntArray, fall: FloatArray, fall_span: IntArray, reference: FloatArray, rules: CounterRules
) -> BoolArray:
    """Whether climbs are beyond the rating or far from the reference rate.

    A climb and a fall that a rating and a modulus both explain is a wrap, not an excursion.
    """
    beyond = climb > step_limit(climb_span, rules)
    steep = beyond | (climb / climb_span > FAR_FROM_USUAL * reference)
    if rules.modulus is not None:
        steep &= beyond | ~_plausible_wrap(fall, fall_span, rules)
    return steep


def _plausible_wrap(step: FloatArray, seconds: IntArray, rules: CounterRules) -> BoolArray:
    """Whether falls are wraps of a register whose modulus is known."""
    wrapped = step + rules.modulus
    return (wrapped >= 0) & (wrapped <= step_limit(seconds, rules))


def _explain(
    times: IntArray, registers: FloatArray, segment: IntArray, rules: CounterRules, kept: IntArray, ignored: IntArray
) -> CleanCounter:
    """Increments between kept readings, with the reason for every unknown one."""
    increments, spans = np.diff(registers[kept]), np.diff(times[kept])
    crossing = np.diff(segment[kept]) != 0
    falls = (increments < 0) & ~crossing
    jumps = np.zeros(len(falls), dtype=bool)
    if rules.max_rate is not None:
        jumps = (increments > step_limit(spans + DISPLAY_STEP_SECONDS, rules)) & ~crossing
    pending = np.zeros(len(falls), dtype=bool)
    if len(falls):
        pending[-1] = jumps[-1] or (falls[-1] and registers[kept[-1]] == 0.0)
    wraps = np.zeros(len(falls), dtype=bool)
    if rules.modulus is not None:
        wraps = falls & ~pending & _plausible_wrap(increments, spans, rules)
        increments[wraps] += rules.modulus
    drops, jumps = falls & ~wraps & ~pending, jumps & ~pending
    increments[crossing | drops | jumps | pending] = np.nan
    found = (kept[1:][mask] for mask in (drops, wraps, jumps, pending))
    return CleanCounter(kept, increments, CounterReport(ignored, *found))
