"""Load the settings of a run from one small TOML file. Every key is optional."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

from pipeline.errors import Error, TomlError
from pipeline.files.regular_file import DOCUMENT_MAX_BYTES, MB, read_regular
from pipeline.setting_keys import (
    DAY_SECONDS,
    MEMORY_MIN_MB,
    SIZE_MAX_MB,
    TIMEOUT_MIN_SECONDS,
    key,
    keys,
    table_to_record,
)

DEFAULT_FILE = Path("pipeline.toml")
"""The settings file that is read if no other is given."""

SETTINGS_MAX_BYTES = 1 << 20
"""Bytes that a settings file may have. A larger one is another file, given by mistake."""

JOBS_MAX = 4096
"""Count. No more processes read at once."""

DOCUMENTS_MAX = 10**9
"""Count. No setting gives a larger number of documents."""

FORMATS = ("parquet", "csv")
"""The formats in which tables are written unless others are asked for; a run goes on from either."""

EXPORTS = ("dta", "duckdb")
"""The further formats, for Stata and DuckDB, that are written beside one of these."""

_LOST = "share of the {} of before that a night may lose and still publish"


class ConfigError(Error):
    """The settings file cannot be used. The message says where, and what is allowed."""


@dataclass(frozen=True, slots=True)
class Settings:
    """The settings that pipeline.toml may give. None has to be given."""

    passwords: tuple[str, ...] = key((), "tried on encrypted reports", secret=True)
    timeout: float = key(
        50.0,
        "seconds a document may take, all attempts together",
        least=TIMEOUT_MIN_SECONDS,
        most=DAY_SECONDS,
    )
    jobs: int = key(0, "processes at once, 0 for every core", least=0, most=JOBS_MAX)
    memory_mb: int = key(2048, "MB of memory that a process may take", least=MEMORY_MIN_MB, most=SIZE_MAX_MB)
    temp_mb: int = key(256, "MB of temporary files of a document", least=1, most=SIZE_MAX_MB)
    renew_after: int = key(
        500, "documents after which a process is replaced by a new one", least=1, most=DOCUMENTS_MAX
    )
    document_mb: int = key(
        DOCUMENT_MAX_BYTES // MB, "MB of the largest file that is read", least=1, most=SIZE_MAX_MB
    )
    batch: int = key(250, "documents after which a night saves what it read", least=1, most=DOCUMENTS_MAX)
    lost_documents: float = key(0.01, _LOST.format("documents"), least=0, most=1)
    lost_cells: float = key(0.01, _LOST.format("cells"), least=0, most=1)
    lost_checks: float = key(0.01, _LOST.format("passed checks"), least=0, most=1)
    picture_seconds: float = key(
        4.0,
        "seconds more for each page that is read as a picture",
        least=0,
        most=DAY_SECONDS,
    )
    prose: bool = key(True, "whether terms, similarity and claims are made: 9 ms a report")

    @property
    def workers(self) -> int:
        """Return the number of processes that read at once."""
        return self.jobs or _cores()

    @property
    def largest(self) -> int:
        """Return the bytes that a document may have."""
        return self.document_mb * MB


KEYS = keys(Settings)


def load_settings(file: Path | None) -> Settings:
    """Return the settings in `file`. Without one, those in pipeline.toml if it exists, or the defaults.

    Raises ConfigError.
    """
    if file is None and not os.path.lexists(DEFAULT_FILE):
        return Settings()
    from pipeline.typed_toml import bytes_to_table

    path = file or DEFAULT_FILE
    try:
        return table_to_record(bytes_to_table(read_regular(path, largest=SETTINGS_MAX_BYTES)), Settings)
    except OSError as error:
        raise ConfigError(f"{path}: cannot be read ({error.strerror}): check --config") from error
    except TomlError as error:
        raise ConfigError(f"{path}: {error}") from None


def _cores() -> int:
    """Return the cores that this process may use. In a container they are fewer than the machine has."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
