"""What a client asks for by ids and days, made sure of before the database is asked. Knows no model of the product."""

from __future__ import annotations

from datetime import date
from typing import Any

from odoo import fields
from odoo.exceptions import UserError

LARGEST_ID = 2**31 - 1  # PostgreSQL's int4
FIRST_DAY, LAST_DAY = date(1970, 1, 1), date(2199, 12, 31)
# What is explained is worked out anew, slot by slot: nobody shall ask for all of history at once.
MOST_DAYS = 3_660


def asked_records(model, ids: Any):
    """Records of ids that a client sent, as far as all are there and the reader may see each.

    :raises UserError: something else than ids, or ids that nothing has
    :raises AccessError: one is not for this reader
    """
    if not isinstance(ids, list | tuple | set) or not all(type(one) is int and 0 < one <= LARGEST_ID for one in ids):
        raise UserError(model.env._("What was asked for is no longer there: open the screen again from the menu."))
    records = model.browse(ids)
    records.check_access("read")
    if records.exists() != records:
        raise UserError(model.env._("What was asked for is no longer there: open the screen again from the menu."))
    return records


def asked_record(model, record_id: Any):
    """The one record of an id that a client sent; see :func:`asked_records`."""
    return asked_records(model, [record_id])


def asked_day(env, day: Any) -> date:
    """A day that a client sent, ISO or a date.

    :raises UserError: it is none, or of another century
    """
    try:
        found = fields.Date.to_date(day)
    except (TypeError, ValueError):
        found = None
    if not found or not FIRST_DAY <= found <= LAST_DAY:
        raise UserError(env._("%(day)s is no day that can have figures: choose it anew.", day=day))
    return found


def asked_days(env, date_from: Any, date_to: Any) -> tuple[date, date]:
    """First and last day of a period that a client sent; see :func:`asked_day`.

    :raises UserError: the period is longer than what can be shown
    """
    first, last = asked_day(env, date_from), asked_day(env, date_to)
    if (last - first).days >= MOST_DAYS:
        raise UserError(env._("The period is longer than ten years: choose fewer days."))
    return first, last
