"""The agent's own configuration file: where Odoo is, where the spool lies; knows nothing of gateways."""

from __future__ import annotations

import os
import tomllib
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any

LEAST_SPOOL_MB = 1


class SettingsError(Exception):
    """The configuration file cannot be used; the text says what to change."""


@dataclass(frozen=True, slots=True)
class Settings:
    """What the configuration file says.

    :ivar url: address of Odoo, ``https://`` (``http://`` is for tests and closed networks: the key goes in the clear)
    :ivar spool: path of the spool file
    :ivar key: the agent's API key; better in a file of its own
    :ivar key_file: file that holds the key, readable by the agent alone
    :ivar database: name of Odoo's database; None where the server has but one
    :ivar ca_file: certificates of an own authority
    :ivar spool_limit_mb: how much the readings may take on disk; 35 bytes each, so 1024 MB hold 30 million
    :ivar push_seconds: time from push to push while Odoo answers
    :ivar fetch_seconds: time from one question for a new configuration to the next
    :ivar timeout_seconds: wait for an answer of Odoo
    """

    url: str
    spool: str
    key: str | None = None
    key_file: str | None = None
    database: str | None = None
    ca_file: str | None = None
    spool_limit_mb: int = 1024
    push_seconds: float = 10.0
    fetch_seconds: float = 60.0
    timeout_seconds: float = 60.0

    def read_key(self) -> str:
        """The API key, read anew so that a renewed one needs no restart.

        :raises SettingsError: there is none
        """
        if self.key:
            return self.key
        try:
            key = Path(self.key_file).read_text(encoding="utf-8").strip()
        except (OSError, UnicodeDecodeError) as error:
            raise SettingsError(f"key_file {self.key_file}: {error}") from error
        if not key or not key.isascii() or not key.isprintable():
            raise SettingsError(f"key_file {self.key_file} holds no key")
        return key


def load_settings(path: str | Path) -> Settings:
    """Read the configuration file (TOML); paths in it are relative to its folder.

    :raises SettingsError: it cannot be read, a name is unknown, or a value does not fit
    """
    try:
        data = tomllib.loads(Path(path).read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise SettingsError(f"{path}: {error}") from error
    if unknown := data.keys() - {field.name for field in fields(Settings)}:
        raise SettingsError(f"{path}: {', '.join(sorted(unknown))} is not known")
    for needed in ("url", "spool"):
        if needed not in data:
            raise SettingsError(f"{path}: {needed} is missing")
    if ("key" in data) == ("key_file" in data):
        raise SettingsError(f"{path}: give either key or key_file")
    _check(path, data)
    for name in ("spool", "key_file", "ca_file"):
        if name in data:
            data[name] = os.path.join(os.path.dirname(os.path.abspath(path)), data[name])
    return Settings(**data)


def _check(path: str | Path, data: dict[str, Any]) -> None:
    numbers = {"spool_limit_mb", "push_seconds", "fetch_seconds", "timeout_seconds"}
    for name, value in data.items():
        kinds = (int, float) if name in numbers else (str,)
        if not isinstance(value, kinds) or isinstance(value, bool) or (name in numbers and value <= 0):
            raise SettingsError(f"{path}: {name} = {value!r} does not fit")
    if not data["url"].startswith(("https://", "http://")):
        raise SettingsError(f"{path}: url must begin with https:// (or http:// in a closed network)")
    if data.get("spool_limit_mb", LEAST_SPOOL_MB) < LEAST_SPOOL_MB:
        raise SettingsError(f"{path}: spool_limit_mb is at least {LEAST_SPOOL_MB}")
