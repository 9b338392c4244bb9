"""What a client asks for by ids and days, made sure of before the database is asked. Knows no model of the product."""

from __future__ import annotations

import sys
from datetime import date
from typing import Any

from odoo import fields, models
from odoo.exceptions import UserError
from odoo.fields import Command, Domain

LARGEST_ID = 2**31 - 1  # PostgreSQL's int4
LARGEST_FLOAT = sys.float_info.max
FIRST_DAY, LAST_DAY = date(1970, 1, 1), date(2199, 12, 31)
# A meter may hang there for longer than anything was counted, but days have neighbours, which year 1 and 9999 lack.
FIRST_YEAR = 1900
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


def known_ids(env, ids: Any) -> list[int]:
    """Those of the ids that a client sent which a record could have; nothing chosen is left out.

    :raises UserError: something else than ids
    """
    chosen = [one for one in ids if one]
    if not all(type(one) is int for one in chosen):
        raise odd_request(env)
    return [one for one in chosen if 0 < one <= LARGEST_ID]


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


def check_day(env, label: str, day: Any):
    """Refuse what a client sent for a field of days or moments and what nothing can be reckoned with.

    :param label: the field's name, in the reader's language
    :raises UserError: it is no day, or of another century
    """
    try:
        found = fields.Date.to_date(day)
    except (TypeError, ValueError):
        found = None
    if not found or not FIRST_YEAR <= found.year <= LAST_DAY.year:
        raise UserError(
            env._(
                "“%(field)s” cannot be %(day)s: choose a day between %(first)s and %(last)s.",
                field=label,
                day=day,
                first=FIRST_YEAR,
                last=LAST_DAY.year,
            )
        )


def asked_days(env, date_from: Any, date_to: Any) -> tuple[date, date]:
    """First and last day of a period that a client sent; see :func:`asked_day`.

    :raises UserError: the period is longer than what can be shown
    """
    first, last = asked_day(env, date_from), asked_day(env, date_to)
    if (last - first).days >= MOST_DAYS:
        raise UserError(env._("The period is longer than ten years: choose fewer days."))
    return first, last


def asked_domain(model, domain: Any) -> Domain:
    """A domain that a client sent.

    :raises UserError: it is none, or one of other fields
    """
    try:
        found = Domain(domain)
        found.validate(model)
    except (TypeError, ValueError, KeyError, AttributeError):
        raise odd_request(model.env) from None
    for condition in found.iter_conditions():
        if condition.field_expr == "id":
            known_ids(model.env, condition.value if isinstance(condition.value, list | tuple | set) else [condition.value])
    return found


def asked_dict(env, value: Any) -> dict:
    """Names and what is meant by each, as a client sent them; None and False are none.

    :raises UserError: it is something else
    """
    if not isinstance(value or {}, dict):
        raise odd_request(env)
    return value or {}


def asked_number(env, value: Any) -> float | None:
    """A figure that a client sent, None where it sent none.

    :raises UserError: it is no number, or larger than any that can be stored
    """
    if value is None or type(value) is float or (type(value) is int and abs(value) <= LARGEST_FLOAT):
        return value
    raise odd_request(env)


def asked_text(env, value: Any) -> str:
    """A text that a client sent; None and False are none.

    :raises UserError: it is something else, or what no database keeps
    """
    if isinstance(value or "", str) and "\0" not in (value or ""):
        return value or ""
    raise odd_request(env)


def odd_request(env) -> UserError:
    """What somebody is told whose program, or whose old page, sends what no screen of ours would."""
    return UserError(env._("This request cannot be understood: open the screen again from the menu."))


def linked_ids(field, value: Any) -> list:
    """Ids that a client's value of a link names, whether they are any or not; new records have none.

    :param field: the link, to one record or to several
    :param value: an id, commands or records
    """
    if isinstance(value, models.BaseModel):
        return value._origin.ids
    if isinstance(value, dict):
        return []
    if field.type == "many2one":
        return [value[0] if isinstance(value, tuple) else value]
    ids = []
    for command in value if isinstance(value, list | tuple) else [value]:
        if not isinstance(command, list | tuple):
            ids += linked_ids(field, command) if isinstance(command, dict | models.BaseModel) else [command]
        elif command[0] in (Command.UPDATE, Command.LINK):
            ids.append(command[1])
        elif command[0] == Command.SET:
            ids += command[2]
    return ids


def sent_lines(field, value: Any) -> list[tuple[list, dict]]:
    """Lines that a form sends along: the line's id in a list, empty for a new one, and what is to be in it."""
    if field.type == "many2one" or not isinstance(value, list | tuple):
        return []
    commands = [command for command in value if isinstance(command, list | tuple)]
    kept = [command for command in commands if command[0] in (Command.CREATE, Command.UPDATE)]
    return [([command[1]] if command[0] == Command.UPDATE else [], command[2]) for command in kept]
