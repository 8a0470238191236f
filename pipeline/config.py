"""The settings of a run: one small TOML file, every key optional."""

from __future__ import annotations

import os
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pipeline.acquire.regular_file import read_regular

_LARGEST_FILE = 16 << 20
DEFAULT_FILE = Path("pipeline.toml")
FORMATS = ("parquet", "csv")


class ConfigError(Exception):
    """The settings file cannot be used; the message says where and what is allowed."""


@dataclass(frozen=True, slots=True)
class Settings:
    """`timeout` is in seconds a document, `memory_mb` and `temp_mb` in MB a worker, `document_mb` a file.

    `jobs` 0 means every core; a worker is replaced after `renew_after` documents. A night saves after every
    `batch` documents, and publishes tables that lack up to the shares `lost_…` of what was there before.
    `prose` says whether terms, similarity and claims are made: 9 ms for every report in the tables.
    """

    passwords: tuple[str, ...] = ()
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


_SHARE = "the share that a night may lose and still publish, a number from 0 to 1"
KEYS = {
    "passwords": "a list of texts, tried on encrypted reports",
    "timeout": "seconds a document may take, all attempts together, a number above 0",
    "jobs": "processes at once, a whole number, 0 for every core",
    "memory_mb": "memory a process may take, a whole number of MB, at least 256",
    "temp_mb": "temporary files of a document, a whole number of MB, at least 1",
    "renew_after": "documents after which a process is replaced by a new one, a whole number, at least 1",
    "document_mb": "the largest file that is read, a whole number of MB, at least 1",
    "batch": "documents after which a night saves what it read, a whole number, at least 1",
    "lost_documents": _SHARE,
    "lost_cells": _SHARE,
    "lost_checks": _SHARE,
    "prose": "true or false: whether terms, similarity and claims are made",
}


def load_settings(file: Path | None) -> Settings:
    """The settings in `file`, or in pipeline.toml where that is there, or the defaults."""
    if file is None and not DEFAULT_FILE.exists():
        return Settings()
    path = file or DEFAULT_FILE
    try:
        table = tomllib.loads(read_regular(path, largest=_LARGEST_FILE).decode("utf-8"))
    except OSError as error:
        raise ConfigError(f"{path}: cannot be opened ({error.strerror}): check --config") from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise ConfigError(f"{path}: is not TOML in UTF-8 ({error}): mend that line") from error
    return _table_to_settings(path, table)


def _table_to_settings(path: Path, table: Mapping[str, Any]) -> Settings:
    if unknown := sorted(set(table) - set(KEYS)):
        raise ConfigError(f"{path}: unknown {', '.join(unknown)}: allowed are {', '.join(KEYS)}")
    for key, value in table.items():
        if not _fits(key, value):
            raise ConfigError(f"{path}: {key} = {value!r}: must be {KEYS[key]}")
    values: dict[str, Any] = {**table, "passwords": tuple(table.get("passwords", ()))}
    return Settings(**values)


def _fits(key: str, value: object) -> bool:
    if isinstance(value, bool) or key == "prose":
        return isinstance(value, bool) and key == "prose"
    if key == "passwords":
        return isinstance(value, list) and all(isinstance(text, str) for text in value)
    if key == "timeout":
        return isinstance(value, int | float) and 0 < value < float("inf")
    if key.startswith("lost_"):
        return isinstance(value, int | float) and 0 <= value <= 1
    least = {"jobs": 0, "memory_mb": 256, "temp_mb": 1, "document_mb": 1, "renew_after": 1, "batch": 1}[key]
    return isinstance(value, int) and value >= least


def _cores() -> int:
    """The cores this process may use, which in a container are fewer than the machine has."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
