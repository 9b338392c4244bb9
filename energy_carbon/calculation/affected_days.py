"""The energy days that readings can change. Reads nothing stored."""

from __future__ import annotations

from datetime import date

import numpy as np

from ..engine.arrays import BoolArray, DayArray, IntArray
from ..engine.calendar import day_of_instant, local_date


def affected_spans(
    company, first_seconds: IntArray, last_seconds: IntArray, closes: BoolArray
) -> tuple[DayArray, DayArray]:
    """The energy days that readings between two moments can change, of n indicators.

    :param first_seconds: earlier moments, shape (n,); last_seconds: later ones
    :param closes: counters: their reading at a day's end belongs to that day, a gauge's to the next one, mask (n,)
    :return: first and last days, shape (n,) each
    """
    zone, hour = company.energy_timezone, company.energy_start_hour
    last_seconds = np.asarray(last_seconds, np.int64)
    first = day_of_instant(np.asarray(first_seconds, np.int64), zone, hour)
    last = np.where(closes, local_date(last_seconds, zone, hour), day_of_instant(last_seconds, zone, hour))
    return np.minimum(first, last), last


def affected_days(company, first_seconds, last_seconds, closes) -> tuple[list[date], list[date]]:
    """As :func:`affected_spans`, as dates."""
    first, last = affected_spans(company, first_seconds, last_seconds, closes)
    return first.tolist(), last.tolist()
