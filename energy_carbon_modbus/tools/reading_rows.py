"""Readings as other programs send them: are they numbers at all? Imports no odoo."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import numpy as np

NOT_A_ROW, NOT_A_TIME, NO_ZONE, NOT_A_NUMBER = "row", "time", "zone", "number"
# Further away no calendar reaches; what lies nearer is judged where readings are stored.
_FARTHEST = 1 << 37


@dataclass(slots=True)
class Rows:
    """Readings as arrays, and what is wrong with those that are none.

    :ivar indicator: ids, shape (n,), 0 where there is none
    :ivar seconds: UTC epoch seconds, shape (n,)
    :ivar value: register values, shape (n,), NaN where there is none
    :ivar problems: word by place
    """

    indicator: np.ndarray
    seconds: np.ndarray
    value: np.ndarray
    problems: dict[int, str]


def read_rows(rows: Sequence[Any]) -> Rows:
    """Rows of [indicator id, time, register value].

    :param rows: time as UTC epoch seconds, or as ISO 8601 text with its distance to UTC
    """
    read = Rows(np.zeros(len(rows), np.int64), np.zeros(len(rows), np.int64), np.full(len(rows), math.nan), {})
    for place, row in enumerate(rows):
        if not isinstance(row, list | tuple) or len(row) != 3 or not _is_whole(row[0]) or not 0 < row[0] < 1 << 31:
            read.problems[place] = NOT_A_ROW
        elif (problem := _read_row(read, place, row)) is not None:
            read.problems[place] = problem
    return read


def _read_row(read: Rows, place: int, row: Sequence[Any]) -> str | None:
    seconds = row[1]
    if isinstance(seconds, str):
        try:
            moment = datetime.fromisoformat(seconds)
        except ValueError:
            return NOT_A_TIME
        if moment.tzinfo is None:
            return NO_ZONE
        seconds = math.floor(moment.timestamp())
    if not _is_whole(seconds) or abs(seconds) > _FARTHEST:
        return NOT_A_TIME
    value = row[2]
    if isinstance(value, bool) or not isinstance(value, int | float):
        return NOT_A_NUMBER
    try:
        value = float(value)
    except OverflowError:
        return NOT_A_NUMBER
    if not math.isfinite(value):
        return NOT_A_NUMBER
    read.indicator[place], read.seconds[place], read.value[place] = row[0], seconds, value
    return None


def _is_whole(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool)
