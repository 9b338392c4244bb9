"""The collector's words for what went wrong, in the reader's language and with what to do. Knows no model.

State and journal keep the words themselves, so that a text shows in the language of whoever looks.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

# How many unit addresses a message names before it says how many more there are.
NAMED_UNITS = 8


def error_text(env, word: str | None) -> str:
    """What a collector's error word means.

    :param word: a word of ``collector.link.ERRORS``, ``exception 2`` and the like, or a quality; None for no error
    """
    if not word:
        return ""
    if word.startswith("exception "):
        return _exception_text(env, word.removeprefix("exception "))
    texts = {
        "garbled": env._(
            "What came is no answer (wrong checksum or length): check wiring, termination, and parity and speed of the line"
        ),
        "busy": env._(
            "Gateway busy: it lets nobody in, or hangs up at once; another program or another Odoo has its connection"
        ),
        "silence": env._("No answer within the time-out: check wiring, unit address and line settings"),
        "short": env._("The answer was incomplete or of another length"),
        "wrong_function": env._("The answer was for another function code: two masters on the line?"),
        "closed": env._(
            "The gateway closed the connection: perhaps it serves one connection only and another program has it"
        ),
        "connect": env._("No connection to the gateway"),
        "unsupported": env._("The meter does not know the function code (exception 1): check the point table"),
        "back-off": env._("Not asked this time: silent before, the next try comes later"),
        "not reached": env._("Not reached within the time a run may take"),
        "not asked": env._("Not asked"),
        "sentinel": env._("The meter says that it has no value"),
        "not_a_number": env._("The value is no number: check data type and byte order"),
        "bad_bcd": env._("The digits are no BCD: check the data type"),
        "implausible": env._("The value is not plausible"),
        "unknown_unit": env._(
            "The meter counts in a unit whose code the point table does not know: add the code to the unit's point"
        ),
        "missing": env._("No value"),
    }
    return texts.get(word, word)


def quality_text(env, word: str) -> str:
    """What a collector's quality word means."""
    return env._("Good") if word == "good" else error_text(env, word)


def gateway_text(env, detail: Mapping[str, Any] | bool, address: str) -> str | bool:
    """A poll's errors in one line, the gravest first; False when there are none.

    :param detail: as written by the poll: ``code`` (a word, or ``idle``, ``internal`` with ``text``), ``slaves`` (word
        by unit address), ``points`` (number by word), ``refused`` (messages), ``settings`` (messages)
    :param address: host and port
    """
    if not detail:
        return False
    parts = [_code_text(env, detail, address)] if detail.get("code") else _slave_texts(env, detail.get("slaves") or {})
    for word, count in sorted((detail.get("points") or {}).items()):
        parts.append(env._("%(count)s points: %(error)s", count=count, error=error_text(env, word)))
    parts += detail.get("settings") or []
    if refused := detail.get("refused"):
        parts.append(env._("%(count)s readings were not stored: %(reason)s", count=len(refused), reason=refused[0]))
    return " · ".join(parts) or False


def reason_text(env, reason: str | None, address: str) -> str:
    """Why there is no connection, and what to do.

    :param reason: a word of ``collector.wire.REASONS``; None when it is not known
    :param address: host and port, or the serial port
    """
    texts = {
        "unknown_name": env._(
            "%(address)s: the name is not known. Check the spelling, or type the IP address.", address=address
        ),
        "refused": env._(
            "%(address)s refuses connections. Check the port and whether Modbus TCP is switched on in the gateway.",
            address=address,
        ),
        "timeout": env._(
            "%(address)s does not answer. Check its power, the network and the IP address.", address=address
        ),
        "unreachable": env._(
            "%(address)s cannot be reached. Check the network between Odoo and the gateway.", address=address
        ),
        "in_use": env._("%(address)s is in use: another program on this computer has the port open.", address=address),
        "no_port": env._(
            "%(address)s cannot be opened. Check that the adapter is plugged in, and that Odoo's system user may use "
            "serial ports (on Debian: group dialout).",
            address=address,
        ),
    }
    unknown = env._("No connection to %(address)s: check its power, the network, address and port", address=address)
    return texts.get(reason, unknown)


def meter_text(env, detail: Mapping[str, Any] | bool) -> str | bool:
    """A meter's errors in one line; False when there are none.

    :param detail: ``code`` (a word or None) and ``points`` (names by word)
    """
    if not detail:
        return False
    parts = [error_text(env, detail["code"])] if detail.get("code") else []
    for word, names in sorted((detail.get("points") or {}).items()):
        parts.append(env._("%(points)s: %(error)s", points=", ".join(names), error=error_text(env, word)))
    return " · ".join(parts) or False


def dumps(detail: Mapping[str, Any] | None) -> str | None:
    """A detail as PostgreSQL takes it; None when it says nothing."""
    return json.dumps(detail) if detail and any(detail.values()) else None


def _code_text(env, detail: Mapping[str, Any], address: str) -> str:
    code = detail["code"]
    if code == "connect":
        return reason_text(env, detail.get("reason"), address)
    if code == "busy":
        return env._(
            "Gateway busy: %(address)s lets nobody in, or hangs up at once. Another program or another Odoo has its "
            "connection: find it, or have the gateway serve several. If there is none, restart the gateway",
            address=address,
        )
    if code == "deadline":
        return env._("Not all meters could be read within the time a run may take: split the line, or read less of it")
    if code == "idle":
        return env._("Nothing to read: no meter of the gateway has a point table with an indicator of its own")
    return env._("Internal error, see the server log: %(text)s", text=detail.get("text") or code)


def _slave_texts(env, slaves: Mapping[str, str]) -> list[str]:
    units_by_word: dict[str, list[int]] = {}
    for unit, word in slaves.items():
        units_by_word.setdefault(word, []).append(int(unit))
    return [
        env._("Unit %(units)s: %(error)s", units=_named(env, sorted(units)), error=error_text(env, word))
        for word, units in units_by_word.items()
    ]


def _named(env, units: list[int]) -> str:
    named = ", ".join(str(unit) for unit in units[:NAMED_UNITS])
    more = len(units) - NAMED_UNITS
    return env._("%(units)s and %(count)s more", units=named, count=more) if more > 0 else named


def _exception_text(env, code: str) -> str:
    meanings = {
        "2": env._("the meter has no such address: check the point table and the firmware"),
        "3": env._("the meter refuses the number of registers: lower Registers per Read in the point table"),
        "4": env._("the meter reports a fault of its own"),
        "5": env._("the meter is busy"),
        "6": env._("the meter is busy"),
        "10": env._("the gateway has no way to the meter: check its unit table"),
        "11": env._("the gateway got no answer from the meter: check wiring and unit address"),
    }
    meaning = meanings.get(code)
    if not meaning:
        return env._("Exception %(code)s", code=code)
    return env._("Exception %(code)s: %(meaning)s", code=code, meaning=meaning)
