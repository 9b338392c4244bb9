"""Day amounts of what is collected or typed. Reads readings and entries; knows no formula and no factor."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from datetime import UTC, date, datetime

import numpy as np

from ..engine.calendar import day_borders, slot_borders
from ..engine.day_rows import DayRows
from ..engine.events import MeterEvent, apply_events
from ..engine.intervals import (
    METERS_AT_ONCE,
    CounterReport,
    CounterRules,
    clean_counter,
    day_amounts,
    slot_amounts_many,
    spread,
)
from ..engine.quality import Quality
from . import readings
from .dropped_days import put_dropped
from .readings import Readings
from .stored_leaves import take_stored

ORIGIN = {"collected": 1, "entered": 2, "imported": 3, "computed": 4}
# A register typed once a day leaves two days between readings when somebody is late; longer is an estimate.
TYPED_GAP_SECONDS = 36 * 3600
# A meter read less often than every two hours has gaps, however regular.
LONGEST_USUAL_SECONDS = 2 * 3600
GAUGES = {"mean": np.mean, "max": np.max, "min": np.min}

ENTRIES = """
    SELECT indicator_id, date_from, date_to, mode, value FROM energy_entry
     WHERE indicator_id = ANY(%s) AND state <> 'draft' AND date_to >= %s AND date_from <= %s
     ORDER BY date_to - date_from DESC, date_from
"""
EVENTS = """
    SELECT i.id, EXTRACT(epoch FROM c.time)::int8, c.kind,
           CASE WHEN l.has_closing THEN l.closing::float8 END, CASE WHEN l.has_opening THEN l.opening::float8 END,
           c.old_ratio, c.new_ratio
      FROM energy_indicator i
      JOIN energy_meter_change c ON c.node_id = i.node_id AND c.state = 'confirmed'
 LEFT JOIN energy_meter_change_line l ON l.change_id = c.id AND l.indicator_id = i.id
     WHERE i.id = ANY(%s)
  ORDER BY c.time, c.id
"""
NEAR_REGISTERS = """
    SELECT indicator_id, date_to, value FROM energy_entry
     WHERE indicator_id = ANY(%s) AND state <> 'draft' AND mode = 'register'
       AND date_to BETWEEN %s::date - 400 AND %s::date + 400
"""


@dataclass
class LeafDays:
    """Amounts of leaf indicators, one row a leaf and one column a day.

    :ivar amount: in the indicator's unit, NaN where nothing is known, shape (n, d)
    :ivar quality: engine quality codes; origin: codes of :data:`ORIGIN`, shape (n, d)
    :ivar edges: slot borders, UTC seconds, shape (s + 1,); day_index: day of each slot, shape (s,)
    :ivar slots: slot amounts of the counters, shape (m, s); slot_rows: their rows, shape (m,)
    :ivar even: days whose slots are only typed registers spread evenly, so that they tell no time of use, shape (n, d)
    """

    amount: np.ndarray
    quality: np.ndarray
    origin: np.ndarray
    edges: np.ndarray
    day_index: np.ndarray
    even: np.ndarray
    slots: np.ndarray | None = None
    slot_rows: np.ndarray | None = None


def leaf_days(
    env, company, rows: list, first: date, last: date, held: np.ndarray, stored: DayRows, with_slots: bool
) -> LeafDays:
    """Day amounts of the given leaf indicators for the energy days first..last.

    :param held: cells whose stored amounts hold, mask (n, d): readings and entries do not count there
    :param stored: rows stored, shape (n, d)
    :param with_slots: whether the slots of those cells are needed
    """
    borders, result = _blank(company, len(rows), first, last)
    fresh = [row.id for at, row in enumerate(rows) if not held[at].all()]
    if fresh:
        loaded = _load(env, company, fresh, borders, first, last)
        _counters(env, rows, loaded, result)
        _gauges(rows, loaded, borders, result)
        put_dropped(env, company, rows, first, stored, result)
        collected = result.amount.copy()
        _entries(env, rows, fresh, first, last, result)
        _scale_slots(collected, result)
    if held.any():
        take_stored(env, rows, held, first, stored.take(held.any(axis=1)), result, with_slots)
    return result


def collected_amounts(env, company, rows: list, first: date, last: date) -> np.ndarray:
    """What the readings alone give for the energy days first..last, whatever people typed over it.

    :param rows: collected leaf indicators (n rows)
    :return: amounts in the indicator's unit, NaN where nothing was read or the readings were dropped, shape (n, d)
    """
    borders, result = _blank(company, len(rows), first, last)
    loaded = readings.load(env.cr, [row.id for row in rows], borders[0], borders[-1])
    _counters(env, rows, loaded, result)
    _gauges(rows, loaded, borders, result)
    return result.amount


def _blank(company, n_rows: int, first: date, last: date) -> tuple[np.ndarray, LeafDays]:
    """Day borders, and leaves of which nothing is known yet."""
    borders = day_borders(first, last, company.energy_timezone, company.energy_start_hour)
    shape = (n_rows, len(borders) - 1)
    edges, day_index = slot_borders(borders, int(company.energy_slot_minutes))
    result = LeafDays(
        np.full(shape, np.nan),
        np.full(shape, Quality.MISSING, np.int8),
        np.full(shape, ORIGIN["entered"], np.int8),
        edges,
        day_index,
        np.zeros(shape, bool),
    )
    return borders, result


def _scale_slots(collected: np.ndarray, result: LeafDays) -> None:
    """Where somebody overrode a collected day, its slots keep their shape and add up to what was typed."""
    if result.slots is None:
        return
    amount = result.amount[result.slot_rows]
    with np.errstate(divide="ignore", invalid="ignore"):
        factor = np.where(amount == collected[result.slot_rows], 1.0, amount / collected[result.slot_rows])
    factor[~np.isfinite(factor)] = np.nan
    unknown = np.isnan(amount) & np.isnan(collected[result.slot_rows])
    factor[unknown] = 1.0
    if (factor != 1.0).any():
        result.slots *= factor[:, result.day_index]


def _load(env, company, ids: list[int], borders, first: date, last: date) -> Readings:
    """Readings and typed registers; a reading wins over a register typed for its moment."""
    found = readings.load(env.cr, ids, borders[0], borders[-1])
    env.cr.execute(NEAR_REGISTERS, [ids, first, last])
    rows = env.cr.fetchall()
    if not rows:
        return found
    ends = _day_ends({row[1] for row in rows}, company)
    indicator = np.concatenate([found.indicator, np.array([row[0] for row in rows], np.int64)])
    seconds = np.concatenate([found.seconds, np.array([ends[row[1]] for row in rows], np.int64)])
    values = np.concatenate([found.values, np.array([row[2] for row in rows], np.float64)])
    before = np.zeros(len(found.seconds), bool) if found.typed is None else found.typed
    typed = np.append(before, np.ones(len(rows), bool))
    order = np.lexsort((typed, seconds, indicator))
    keep = np.ones(len(order), bool)
    keep[1:] = (np.diff(indicator[order]) != 0) | (np.diff(seconds[order]) != 0)
    order = order[keep]
    return Readings.of(indicator[order], seconds[order], values[order], typed[order])


def _day_ends(dates: set[date], company) -> dict[date, int]:
    """UTC second at which each energy day ends."""
    return {day: int(day_borders(day, day, company.energy_timezone, company.energy_start_hour)[-1]) for day in dates}


def _rules(row, max_gap_seconds: int) -> CounterRules:
    """What the ledger says about a meter's counter."""
    step = row.register_step or 0.0
    modulus = row.register_maximum + step if row.register_maximum else None
    rate = row.rated_power / 3600.0 / row.multiplier if row.rated_power else None
    return CounterRules(modulus=modulus, max_rate=rate, max_gap_seconds=max_gap_seconds)


def _gaps(seconds: np.ndarray, offsets: np.ndarray, slot_seconds: int, typed: np.ndarray) -> np.ndarray:
    """Longest interval of each counter that is no gap, shape (m,).

    A gap is what is longer than two slots and than twice the meter's usual interval (the median one): a meter that is
    read once an hour has no gap every hour.

    :param seconds: times of readings; those of counter m are offsets[m]:offsets[m + 1], at least one
    """
    gaps = np.where(typed, TYPED_GAP_SECONDS, 2 * slot_seconds)
    spans = np.diff(seconds[offsets[0] : offsets[-1]], append=seconds[-1:])
    offsets = offsets - offsets[0]
    spans[offsets[1:] - 1] = 0
    long = np.add.reduceat(spans > slot_seconds, offsets[:-1], dtype=np.int64)
    counts = np.diff(offsets) - 1
    for at in np.flatnonzero((counts > 1) & (2 * long >= counts) & ~typed):
        usual = int(np.median(spans[offsets[at] : offsets[at + 1] - 1]))
        gaps[at] = 2 * max(slot_seconds, min(usual, LONGEST_USUAL_SECONDS))
    return gaps


def _counters(env, rows: list, loaded: Readings, result: LeafDays) -> None:
    """Counter readings, with the meters' events worked in -> slots -> days."""
    position = {row.id: place for place, row in enumerate(rows) if row.kind == "counter"}
    mine = loaded.of_only(np.fromiter(position, np.int64, len(position)))
    if not len(mine.ids):
        return
    chosen = np.array([position[indicator] for indicator in mine.ids.tolist()])
    counters = [rows[place] for place in chosen]
    typed = np.zeros(len(chosen), bool)
    if mine.typed is not None:
        typed = np.logical_or.reduceat(mine.typed, mine.offsets[:-1])
    course = _Course(mine.seconds, mine.values, mine.offsets, np.array([row.multiplier for row in counters]), None)
    course = _with_events(env, counters, course)
    result.slots, result.slot_rows = np.empty((len(chosen), len(result.day_index))), chosen
    result.origin[chosen] = np.where(typed[:, None], ORIGIN["entered"], ORIGIN["collected"])
    for first in range(0, len(chosen), METERS_AT_ONCE):
        meters = slice(first, first + METERS_AT_ONCE)
        _some_counters(env, meters, mine, counters[meters], typed[meters], course, result)
    for at in np.flatnonzero(typed):
        own = slice(*mine.offsets[at : at + 2])
        result.even[chosen[at]] = _even_days(mine.seconds[own][~mine.typed[own]], result)


def _some_counters(
    env, meters: slice, mine: Readings, counters: list, typed: np.ndarray, course: _Course, result: LeafDays
) -> None:
    """Slots and days of a few of the counters, so that what is worked with stays in the processor's cache.

    :param meters: which ones; counters: their graph rows; typed: those of which registers were typed
    """
    edges, chosen, part = result.edges, result.slot_rows[meters], course.part(meters)
    gaps = _gaps(mine.seconds, mine.offsets[meters.start : meters.stop + 1], int(edges[1] - edges[0]), typed).tolist()
    rules = [_rules(row, gap) for row, gap in zip(counters, gaps, strict=True)]
    slots, reports = slot_amounts_many(
        part.seconds, part.registers, part.offsets, edges, rules, part.multiplier, part.segment
    )
    _propose_events(env, mine.ids[meters], part, reports)
    amount, quality, _covered = day_amounts(slots, result.day_index, result.amount.shape[1], np.diff(edges))
    quality = np.where(typed[:, None] & (quality == Quality.MEASURED), Quality.ENTERED, quality)
    result.amount[chosen], result.quality[chosen], result.slots[meters] = amount, quality, slots.amounts


def counter_report(env, company, row, first: date, last: date) -> tuple[np.ndarray, CounterReport, np.ndarray]:
    """What the calculation makes of the readings of one counter for the energy days first..last.

    :return: UTC seconds of the readings, shape (n,); what is odd about which of them; those that end a gap, indices
    """
    borders, result = _blank(company, 1, first, last)
    loaded = _load(env, company, [row.id], borders, first, last)
    if not len(loaded.ids):
        return loaded.seconds, CounterReport(), np.empty(0, np.int64)
    typed = np.array([loaded.typed is not None and loaded.typed.any()])
    [gap] = _gaps(loaded.seconds, loaded.offsets, int(result.edges[1] - result.edges[0]), typed).tolist()
    course = _Course(loaded.seconds, loaded.values, loaded.offsets, np.array([row.multiplier]), None)
    course = _with_events(env, [row], course)
    _increments, report = clean_counter(course.seconds, course.registers, _rules(row, gap), course.segment)
    return course.seconds, report, np.flatnonzero(np.diff(course.seconds) > gap) + 1


def _even_days(seconds: np.ndarray, result: LeafDays) -> np.ndarray:
    """Days on which nothing was read from the meter itself, shape (d,).

    :param seconds: times of what was read from it
    """
    edges = result.edges
    slot = np.searchsorted(edges, seconds[(seconds > edges[0]) & (seconds <= edges[-1])]) - 1
    return ~np.isin(np.arange(result.even.shape[1]), result.day_index[slot])


@dataclass
class _Course:
    """Readings of m counters one after another.

    :ivar offsets: counter m owns offsets[m]:offsets[m + 1]; segment: stretch between events, None when there are none
    :ivar multiplier: one a counter, or one a reading where there are events
    """

    seconds: np.ndarray
    registers: np.ndarray
    offsets: np.ndarray
    multiplier: np.ndarray
    segment: np.ndarray | None

    def part(self, meters: slice) -> _Course:
        """The readings of some of the counters."""
        offsets = self.offsets[meters.start : meters.stop + 1]
        rows = slice(offsets[0], offsets[-1])
        events = self.segment is not None
        return _Course(
            self.seconds[rows],
            self.registers[rows],
            offsets - offsets[0],
            self.multiplier[rows if events else meters],
            self.segment[rows] if events else None,
        )


def _with_events(env, rows: list, course: _Course) -> _Course:
    """Work confirmed meter events into the readings of the counters that have any."""
    env.cr.execute(EVENTS, [[row.id for row in rows]])
    events = defaultdict(list)
    for indicator, seconds, kind, closing, opening, before, after in env.cr.fetchall():
        events[indicator].append((seconds, kind, closing, opening, before, after))
    if not events:
        return course
    parts = []
    for at, row in enumerate(rows):
        own = slice(course.offsets[at], course.offsets[at + 1])
        found = [
            MeterEvent(
                seconds,
                closing,
                opening,
                before if row.secondary_side else 1.0,
                after if row.secondary_side else 1.0,
                kind == "ratio",
            )
            for seconds, kind, closing, opening, before, after in events.get(row.id, [])
        ]
        parts.append(apply_events(course.seconds[own], course.registers[own], found, course.multiplier[at]))
    return _Course(
        np.concatenate([part.times for part in parts]),
        np.concatenate([part.registers for part in parts]),
        np.concatenate([[0], np.cumsum([len(part.times) for part in parts])]),
        np.concatenate([part.multiplier for part in parts]),
        np.concatenate([part.segment for part in parts]),
    )


def _propose_events(env, ids, course: _Course, reports: dict) -> None:
    """Falls and jumps that nobody explained yet wait for a person."""
    found = []
    for meter, report in reports.items():
        start = course.offsets[meter]
        for index in {*report.drops.tolist(), *report.jumps.tolist()}:
            at = int(start + index)
            if index:
                moments = (
                    datetime.fromtimestamp(int(course.seconds[i]), UTC).replace(tzinfo=None) for i in (at - 1, at)
                )
                before, time = moments
                found.append(
                    (int(ids[meter]), before, float(course.registers[at - 1]), time, float(course.registers[at]))
                )
    if found:
        env["energy.meter.change"].sudo()._propose(found)


def _gauges(rows: list, loaded: Readings, borders, result: LeafDays) -> None:
    """Mean, highest, lowest or last reading of each day, as the template says."""
    by_id = {row.id: position for position, row in enumerate(rows) if row.kind in ("gauge", "stock")}
    mine = loaded.of_only(np.fromiter(by_id, np.int64, len(by_id)))
    day = np.searchsorted(borders, mine.seconds, side="right") - 1
    inside = (day >= 0) & (day < len(borders) - 1)
    groups = defaultdict(list)
    for indicator, column, value in zip(mine.indicator[inside], day[inside], mine.values[inside], strict=True):
        groups[by_id[int(indicator)], int(column)].append(value)
    for (position, column), values in groups.items():
        how = GAUGES.get(rows[position].aggregation)
        result.amount[position, column] = how(values) if how else values[-1]
        result.quality[position, column] = Quality.MEASURED
        result.origin[position, column] = ORIGIN["collected"]


def _entries(env, rows: list, ids: list[int], first: date, last: date, result: LeafDays) -> None:
    """Typed amounts: the day's own entry, else a period's amount spread evenly over its days (an estimate).

    Long periods come first from the query, so that a shorter, more exact entry overwrites them.
    """
    position = {row.id: place for place, row in enumerate(rows)}
    start, n_days = first.toordinal(), result.amount.shape[1]
    env.cr.execute(ENTRIES, [ids, first, last])
    for indicator, entry_from, entry_to, mode, value in env.cr.fetchall():
        if mode == "register":
            continue
        place = position[indicator]
        n_own = (entry_to - entry_from).days + 1
        spread_over_days = n_own > 1 and rows[place].kind in ("counter", "amount")
        amounts = spread(value, np.ones(n_own)) if spread_over_days else np.full(n_own, value)
        begin = entry_from.toordinal() - start
        low, high = max(begin, 0), min(begin + n_own, n_days)
        result.amount[place, low:high] = amounts[low - begin : high - begin]
        result.quality[place, low:high] = Quality.ESTIMATED if n_own > 1 else Quality.ENTERED
        result.origin[place, low:high] = ORIGIN["entered"]
