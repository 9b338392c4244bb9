"""Days whose readings were dropped: the amounts computed from them are taken from where they are stored."""

from __future__ import annotations

from datetime import date

import numpy as np

from ..engine.day_rows import DayRows
from .readings import dropped_span
from .retention import first_second, have_dropped
from .stored_leaves import take_stored


def put_dropped(env, company, rows: list, first: date, stored: DayRows, result) -> None:
    """Put stored amounts in the place of what can no longer be computed.

    :param rows: leaf indicators, one a row of the result
    :param first: day of the result's first column; its days do not lie in several months
    :param stored: their stored rows
    :param result: :class:`.leaves.LeafDays`, written in place
    """
    span = dropped_span(env.cr)
    if not span or not span[0] <= first < span[1]:
        return
    place = {row.id: at for at, row in enumerate(rows)}
    ids = have_dropped(env.cr, list(place), first_second(company, span[1]))
    held = np.zeros(result.amount.shape, bool)
    held[[place[indicator] for indicator in ids], : (span[1] - first).days] = True
    if held.any():
        take_stored(env, rows, held, first, stored.take(held.any(axis=1)), result)
