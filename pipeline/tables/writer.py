"""Frames → the files of the contract, all or none, the same bytes for the same input."""

from __future__ import annotations

import hashlib
import io
import json
from collections.abc import Collection, Mapping
from contextlib import ExitStack, nullcontext, suppress
from pathlib import Path
from typing import IO, Any

import pandas as pd
import pyarrow as pa
import pyarrow.csv
import pyarrow.parquet

from pipeline.config import FORMATS
from pipeline.files.durable import sync
from pipeline.tables.arrow import frame_to_arrow
from pipeline.tables.csvtext import BOM, neutralise
from pipeline.tables.datapackage import Checksum, frames_to_package
from pipeline.tables.schemas import require_valid
from pipeline.tables.staging import (
    PACKAGE,
    SET,
    finish_killed_run,
    publish,
    remove_old_temporaries,
    staging,
)

_SET_NAME_DIGITS = 32
"""Count, hexadecimal. The name of a set has as many digits of the hash of its files."""


def write(
    exported: Mapping[str, pd.DataFrame],
    out: Path,
    formats: Collection[str] = FORMATS,
    tables_version: str = "",
) -> list[Path]:
    """Write every table in every format, and datapackage.json; return the files.

    `exported` has frames by table name. `tables_version` is recorded. Files of an older set are removed.
    Raises ContractError before anything is touched, ValueError for an unknown format.
    """
    chosen = _known_formats(formats)
    require_valid(exported)
    out.mkdir(parents=True, exist_ok=True)
    finish_killed_run(out)
    with staging(out) as folder:
        _stage(exported, folder, chosen, tables_version)
        written = publish(folder, out)
    remove_old_temporaries(out)
    return written


def _known_formats(formats: Collection[str]) -> list[str]:
    """Return the formats, sorted; ValueError for an unknown one."""
    unknown = sorted(set(formats) - set(FORMATS))
    if unknown or not formats:
        raise ValueError(f"formats {', '.join(unknown) or '(none)'}: expected some of {', '.join(FORMATS)}")
    return sorted(set(formats))


def _stage(
    exported: Mapping[str, pd.DataFrame], folder: Path, formats: list[str], tables_version: str
) -> None:
    """Write the whole set into the folder and onto the disk.

    Its name is a hash of all tables' bytes, so the same input gives the same name anywhere. Every Parquet
    file carries the name.
    """
    with ExitStack() as stack:
        files = []
        for name, frame in exported.items():
            arrow = frame_to_arrow(name, frame)
            for fmt in formats:
                files.append(stack.enter_context(_TableFile(folder / f"{name}.{fmt}")))
                files[-1].fill(arrow)
        made_of = "".join(f"{file.path.name} {file.checksum().hash}\n" for file in files)
        set_name = hashlib.sha256(made_of.encode()).hexdigest()[:_SET_NAME_DIGITS]
        for file in files:
            file.end(set_name)
        checksums = {file.path.name: file.checksum() for file in files}
    package = frames_to_package(exported, formats, checksums)
    _stage_package({**package, SET: set_name, "tables_version": tables_version}, folder)


class _TableFile:
    """A table being written into a file that stays open until the name of its set is known."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._raw = _HashingFile(path, "wb")
        self._file = io.BufferedWriter(self._raw)
        self._parquet: pa.parquet.ParquetWriter | None = None

    def __enter__(self) -> _TableFile:
        return self

    def __exit__(self, kind: object, *_: object) -> None:
        with suppress(OSError) if kind else nullcontext():  # a full disk takes no end of the file either
            if self._parquet:
                self._parquet.close()
            self._file.close()

    def fill(self, arrow: pa.Table) -> None:
        """Write the table."""
        if self.path.suffix == ".parquet":
            self._parquet = pa.parquet.ParquetWriter(self._file, arrow.schema, compression="zstd")
            _write_parquet(arrow, self._parquet)
        else:
            _write_csv(arrow, self._file)

    def checksum(self) -> Checksum:
        """Return size and hash of what is written so far."""
        self._file.flush()
        return Checksum(self._raw.size, self._raw.digest.hexdigest())

    def end(self, set_name: str) -> None:
        """Add the name of the set and sync."""
        if self._parquet:
            self._parquet.add_key_value_metadata({SET: set_name})
            self._parquet.close()
        sync(self._file)


class _HashingFile(io.FileIO):
    """A file that is hashed while it is written."""

    def __init__(self, path: Path, mode: str) -> None:
        super().__init__(path, mode)
        self.digest = hashlib.sha256()
        self.size = 0

    def write(self, data: Any) -> int:
        written = super().write(data)
        self.digest.update(memoryview(data)[:written])
        self.size += written
        return written


def _write_parquet(arrow: pa.Table, writer: pa.parquet.ParquetWriter) -> None:
    """Write a Parquet file (one function, so that tests can let it fail)."""
    writer.write_table(arrow)


def _write_csv(arrow: pa.Table, file: IO[bytes]) -> None:
    """Write a CSV: texts quoted, nulls empty, so that "" and null differ; numbers in their shortest exact
    form."""
    file.write(BOM)
    pa.csv.write_csv(neutralise(arrow), file)


def _stage_package(package: Mapping[str, Any], folder: Path) -> None:
    """Write datapackage.json."""
    with (folder / PACKAGE).open("wb") as file:
        text = json.dumps(package, ensure_ascii=False, indent=2)
        file.write(text.encode() + b"\n")
        sync(file)
