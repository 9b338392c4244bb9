"""Proof that each minute of each day of a year has exactly one period. Must not know tables, prices or languages."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from itertools import product

import numpy as np

from .arrays import BoolArray, IntArray
from .tou import HOLE, DayClasses, Edition, Flaw, Period, bands_of_day, check_day, day_course, kinds_of_day


@dataclass(frozen=True)
class Finding:
    """Days of one edition and one kind of day on which the same is wrong.

    :ivar days: ordinals, ascending
    :ivar edition: index of the edition, -1 where none holds
    :ivar classes: classes of the days, empty where no edition holds
    :ivar flaw: hole or overlap; None where no edition holds
    """

    days: tuple[int, ...]
    edition: int
    classes: DayClasses
    flaw: Flaw | None


@dataclass(frozen=True)
class YearCheck:
    """What a year of a tariff looks like.

    :ivar findings: empty when each minute has exactly one period
    :ivar first_day: ordinal of 1 January; used: whether a period occurs on each day, shape (d, 5)
    :ivar editions: index of the edition of each day, -1 for none, shape (d,)
    """

    findings: list[Finding]
    first_day: int
    used: BoolArray
    editions: IntArray


def check_year(editions: Sequence[Edition], year: int) -> YearCheck:
    """Look at every day of a year; days of one edition, month and kind are looked at once.

    :param editions: by first day, ascending
    """
    first, last = date(year, 1, 1).toordinal(), date(year, 12, 31).toordinal()
    days = np.arange(first, last + 1)
    holding = np.searchsorted([edition.first_day for edition in editions], days, side="right") - 1
    used = np.zeros((len(days), len(Period)), bool)
    groups: dict[tuple[int, int, DayClasses], list[int]] = defaultdict(list)
    for ordinal, index in zip(days.tolist(), holding.tolist(), strict=True):
        day = date.fromordinal(ordinal)
        groups[(index, day.month, editions[index].classes(day)) if index >= 0 else (-1, 0, ())].append(ordinal)
    found: dict[tuple[int, DayClasses, Flaw | None], list[int]] = defaultdict(list)
    for (index, month, classes), own in groups.items():
        if index < 0:
            found[-1, (), None] += own
            continue
        edition = editions[index]
        course = day_course(edition.bands, month, classes, edition.default)
        used[np.ix_(np.array(own) - first, np.unique(course[course != HOLE]))] = True
        for flaw in check_day(edition.bands, month, classes, edition.default):
            found[index, classes, flaw] += own
    findings = [Finding(tuple(sorted(own)), *key) for key, own in found.items()]
    return YearCheck(sorted(findings, key=lambda one: one.days[0]), first, used, holding)


def idle_overlays(edition: Edition) -> list[int]:
    """Overlays that never take effect: the period they lie on is at other hours. Indices into the edition's bands."""
    idle = {index for index, band in enumerate(edition.bands) if band.overlay is not None}
    for month, classes in product(range(1, 13), kinds_of_day(edition.bands)):
        plain, overlays = bands_of_day(edition.bands, month, classes)
        base = day_course(plain, month, classes, edition.default)
        idle -= {
            index
            for index in idle
            if any(
                edition.bands[index] is band and (band.minutes() & (base == band.overlay)).any() for band in overlays
            )
        }
    return sorted(idle)
