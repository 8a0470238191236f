"""The settings of a run: one small TOML file, every key optional."""

from __future__ import annotations

import os
import tomllib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from pipeline.errors import Error
from pipeline.files.regular_file import read_regular

DEFAULT_FILE = Path("pipeline.toml")
MOST_BYTES = 1 << 20
FORMATS = ("parquet", "csv")


class ConfigError(Error):
    """The settings file cannot be used; the message says where and what is allowed."""


@dataclass(frozen=True, slots=True)
class Settings:
    """`timeout` is in seconds a document, `memory_mb` and `temp_mb` in MB a worker, `document_mb` a file.

    `jobs` 0 means every core; a worker is replaced after `renew_after` documents. A night saves after every
    `batch` documents, and publishes tables that lack up to the shares `lost_…` of what was there before.
    `prose` says whether terms, similarity and claims are made: 9 ms for every report in the tables.
    """

    passwords: tuple[str, ...] = field(default=(), repr=False)
    timeout: float = 50.0
    jobs: int = 0
    memory_mb: int = 2048
    temp_mb: int = 256
    renew_after: int = 500
    document_mb: int = 512
    batch: int = 250
    lost_documents: float = 0.01
    lost_cells: float = 0.01
    lost_checks: float = 0.01
    prose: bool = True

    @property
    def workers(self) -> int:
        return self.jobs or _cores()

    @property
    def largest(self) -> int:
        """The bytes that a document may have."""
        return self.document_mb << 20


@dataclass(frozen=True, slots=True)
class Key:
    """What a key must be, in words and as a test; what a `secret` one holds is never shown."""

    fits: Callable[[object], bool]
    meaning: str
    secret: bool = False


def _whole(least: int, most: int) -> Callable[[object], bool]:
    return lambda value: type(value) is int and least <= value <= most


def _number(least: float, most: float) -> Callable[[object], bool]:
    return lambda value: type(value) in (int, float) and least <= value <= most  # type: ignore[operator]


def _texts(value: object) -> bool:
    return isinstance(value, list) and all(isinstance(text, str) for text in value)


def _truth(value: object) -> bool:
    return isinstance(value, bool)


_SHARE = Key(_number(0, 1), "the share that a night may lose and still publish, a number from 0 to 1")
KEYS: Mapping[str, Key] = {
    "passwords": Key(_texts, "a list of texts, tried on encrypted reports", secret=True),
    "timeout": Key(
        _number(0.001, 86_400),
        "seconds a document may take, all attempts together, a number above 0, at most 86400",
    ),
    "jobs": Key(_whole(0, 4096), "processes at once, a whole number, 0 for every core, at most 4096"),
    "memory_mb": Key(
        _whole(256, 2**24), "memory a process may take, a whole number of MB, at least 256, at most 16777216"
    ),
    "temp_mb": Key(
        _whole(1, 2**24), "temporary files of a document, a whole number of MB, at least 1, at most 16777216"
    ),
    "renew_after": Key(
        _whole(1, 10**9),
        "documents after which a process is replaced by a new one, a whole number, at least 1, at most 10^9",
    ),
    "document_mb": Key(
        _whole(1, 2**24), "the largest file that is read, a whole number of MB, at least 1, at most 16777216"
    ),
    "batch": Key(
        _whole(1, 10**9),
        "documents after which a night saves what it read, a whole number, at least 1, at most 10^9",
    ),
    "lost_documents": _SHARE,
    "lost_cells": _SHARE,
    "lost_checks": _SHARE,
    "prose": Key(_truth, "true or false: whether terms, similarity and claims are made"),
}


def load_settings(file: Path | None) -> Settings:
    """The settings in `file`, or in pipeline.toml where that is there, or the defaults."""
    if file is None and not os.path.lexists(DEFAULT_FILE):
        return Settings()
    path = file or DEFAULT_FILE
    return _table_to_settings(path, _text_to_table(path, _path_to_text(path)))


def _path_to_text(path: Path) -> str:
    try:
        return read_regular(path, largest=MOST_BYTES).decode("utf-8-sig")
    except OSError as error:
        raise ConfigError(f"{path}: cannot be read ({error.strerror}): check --config") from error
    except UnicodeDecodeError as error:
        place = f"byte {error.start + 1:,}"
        raise ConfigError(f"{path}: is not TOML in UTF-8 (at {place}): save it as UTF-8") from error


def _text_to_table(path: Path, text: str) -> Mapping[str, Any]:
    """The keys and values; an error has no cause, for the parser's own quotes what it read."""
    try:
        return tomllib.loads(text)
    except RecursionError:
        raise ConfigError(f"{path}: is nested too deep for settings: allowed are {_allowed()}") from None
    except ValueError as error:  # also for a number of thousands of digits
        raise ConfigError(f"{path}: is not TOML in UTF-8 ({_reason(error)}): mend that line") from None


def _reason(error: ValueError) -> str:
    """What is wrong and where, without anything that the file holds: it may be a password."""
    told = str(error)
    place = told[told.rfind("(") :].strip("()") if isinstance(error, tomllib.TOMLDecodeError) else ""
    return told if place and not {"'", '"'} & set(told) else place or "a number is too long"


def _table_to_settings(path: Path, table: Mapping[str, Any]) -> Settings:
    if unknown := sorted(set(table) - set(KEYS)):
        told = ", ".join(name if name.isprintable() else ascii(name) for name in unknown)
        raise ConfigError(f"{path}: unknown {_cut(told)}: allowed are {_allowed()}")
    for name, value in table.items():
        if not KEYS[name].fits(value):
            raise ConfigError(f"{path}: {_read(name, value)}: must be {KEYS[name].meaning}")
    values: dict[str, Any] = {**table, "passwords": tuple(table.get("passwords", ()))}
    return Settings(**values)


def _allowed() -> str:
    return ", ".join(KEYS)


def _read(name: str, value: object) -> str:
    """A key as it stands in the file, the value only where it is no secret."""
    return f"{name} (not shown)" if KEYS[name].secret else f"{name} = {_cut(_written(value))}"


def _written(value: object) -> str:
    try:
        return repr(value)
    except (ValueError, RecursionError):  # Python writes no number of more than 4,300 digits
        return "a very long value"


def _cut(text: str, most: int = 200) -> str:
    return text if len(text) <= most else f"{text[:most]}…"


def _cores() -> int:
    """The cores this process may use, which in a container are fewer than the machine has."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
