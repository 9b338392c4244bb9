"""What to ask of gateways as JSON, from Odoo to the agent; both ends use this module, so they cannot differ.

What has its default value is left out. So a name that the other end does not know always carries a meaning it lacks,
and is refused: an agent older than Odoo says so instead of reading wrong values.
"""

from __future__ import annotations

import types
import typing
from dataclasses import MISSING, Field, fields, is_dataclass
from functools import cache
from typing import Any

from .results import Gateway

# What the agent keeps itself from sweep to sweep.
OWN = ("health", "bad", "first_unit")


def gateway_to_wire(gateway: Gateway) -> dict[str, Any]:
    """A gateway as JSON values, without what the agent itself keeps from sweep to sweep."""
    return {name: value for name, value in to_wire(gateway).items() if name not in OWN}


def gateway_from_wire(data: dict[str, Any]) -> Gateway:
    """The gateway from what ``gateway_to_wire`` gave.

    :raises ValueError: it names something this program does not know, or something is out of its range
    """
    return from_wire(Gateway, data)


def to_wire(value: Any) -> Any:
    """Records, tuples, sets and dicts as JSON values; fields at their default are left out."""
    if is_dataclass(value):
        return {
            field.name: to_wire(item)
            for field in fields(value)
            if field.init and (item := getattr(value, field.name)) != _default(field)
        }
    if isinstance(value, dict):
        return {str(key): to_wire(item) for key, item in value.items()}
    if isinstance(value, list | tuple | set | frozenset):
        return [to_wire(item) for item in value]
    return value


def from_wire(kind: Any, data: Any) -> Any:
    """A value of a type from what ``to_wire`` gave.

    :param kind: a record's class or a type as annotated in one
    :raises ValueError: it is no such value
    """
    try:
        return _read(kind, data)
    except (TypeError, AttributeError, KeyError) as error:
        raise ValueError(f"not understood: {error}") from error


def _read(kind: Any, data: Any) -> Any:
    if is_dataclass(kind):
        return _read_record(kind, data)
    origin, arguments = typing.get_origin(kind), typing.get_args(kind)
    if origin in (types.UnionType, typing.Union):
        return None if data is None else _read(next(one for one in arguments if one is not types.NoneType), data)
    if origin is tuple and arguments[-1] is not ...:
        return tuple(_read(one, item) for one, item in zip(arguments, data, strict=True))
    if origin in (tuple, list, set, frozenset):
        return origin(_read(arguments[0], item) for item in data)
    if origin is dict:
        return {_read(arguments[0], key): _read(arguments[1], item) for key, item in data.items()}
    return _read_plain(kind, data)


def _read_plain(kind: type, data: Any) -> Any:
    if kind in (int, float) and isinstance(data, str | int | float) and not isinstance(data, bool):
        return kind(data)  # keys of a dict are text in JSON, and 1.0 is the same as 1
    if not isinstance(data, kind):
        raise ValueError(f"{data!r} is no {kind.__name__}")
    return data


def _read_record(kind: type, data: dict[str, Any]) -> Any:
    known = _known(kind)
    if strange := data.keys() - known.keys():
        raise ValueError(
            f"{kind.__name__} has {', '.join(sorted(strange))}, which this agent does not know: update the agent"
        )
    return kind(**{name: _read(known[name], item) for name, item in data.items()})


@cache
def _known(kind: type) -> dict[str, Any]:
    hints = typing.get_type_hints(kind)
    return {field.name: hints[field.name] for field in fields(kind) if field.init}


def _default(field: Field) -> Any:
    return field.default_factory() if field.default_factory is not MISSING else field.default
