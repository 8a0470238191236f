"""Frames → the files of the contract, all or none, the same bytes for the same input."""

from __future__ import annotations

import hashlib
import io
import json
from collections.abc import Collection, Mapping
from contextlib import ExitStack, nullcontext, suppress
from datetime import datetime
from pathlib import Path
from typing import IO, Any

import pandas as pd
import pyarrow as pa
import pyarrow.csv
import pyarrow.parquet

from pipeline.config import EXPORTS, FORMATS
from pipeline.files.duckdb_file import write_database
from pipeline.files.durable import sync, sync_file
from pipeline.tables.arrow import frame_to_arrow
from pipeline.tables.codebook import to_codebook
from pipeline.tables.csvtext import BOM, neutralise
from pipeline.tables.datapackage import Checksum, frames_to_package, reports_to_created
from pipeline.tables.file_names import CODEBOOK, DATABASE, PACKAGE
from pipeline.tables.schemas import require_valid
from pipeline.tables.sql_views import comments, further_tables, tables_to_views, to_stored_name
from pipeline.tables.staging import (
    SET,
    finish_killed_run,
    publish,
    remove_old_temporaries,
    staging,
)
from pipeline.tables.stata import write_stata

_UNDATED = datetime(1970, 1, 1)
"""The time in the head of a Stata file where no report has a date."""

_SET_NAME_DIGITS = 32
"""Count, hexadecimal. The name of a set has as many digits of the hash of its files."""


def write(
    exported: Mapping[str, pd.DataFrame],
    out: Path,
    formats: Collection[str] = FORMATS,
    tables_version: str = "",
) -> list[Path]:
    """Write every table in every format, the codebook and datapackage.json; return the files.

    `exported` has frames by table name. `tables_version` is recorded. Files of an older set are removed.
    Raises ContractError before anything is touched, ValueError for an unknown format, or if there is none
    from which a run can go on.
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
    """Return the formats, sorted; ValueError for an unknown one, or if none can be read back."""
    known = (*FORMATS, *EXPORTS)
    unknown = sorted(set(formats) - set(known))
    if unknown or not set(formats) & set(FORMATS):
        names = ", ".join(unknown or sorted(formats)) or "(none)"
        raise ValueError(
            f"formats {names}: expected some of {', '.join(known)}, {FORMATS[0]} or {FORMATS[1]} in any case"
        )
    return sorted(set(formats))


def _stage(
    exported: Mapping[str, pd.DataFrame], folder: Path, formats: list[str], tables_version: str
) -> None:
    """Write the whole set into the folder and onto the disk.

    Its name is a hash of the bytes of all Parquet and CSV tables, so the same input gives the same name
    anywhere. Every Parquet file carries the name.
    """
    with ExitStack() as stack:
        files = []
        for name, frame in exported.items():
            arrow = frame_to_arrow(name, frame)
            for fmt in (fmt for fmt in formats if fmt in FORMATS):
                files.append(stack.enter_context(_TableFile(folder / f"{name}.{fmt}")))
                files[-1].fill(arrow)
        made_of = "".join(f"{file.path.name} {file.checksum().hash}\n" for file in files)
        set_name = hashlib.sha256(made_of.encode()).hexdigest()[:_SET_NAME_DIGITS]
        for file in files:
            file.end(set_name)
        checksums = {file.path.name: file.checksum() for file in files}
    further = _stage_exports(exported, folder, formats)
    checksums |= {path.name: _file_to_checksum(path) for path in further}
    package = frames_to_package(exported, formats, checksums, set_name)
    _stage_package({**package, SET: set_name, "tables_version": tables_version}, folder)


def _stage_exports(exported: Mapping[str, pd.DataFrame], folder: Path, formats: list[str]) -> list[Path]:
    """Write the codebook and what is for other programs; return the files that are the same for the same
    tables."""
    (folder / CODEBOOK).write_text(to_codebook(tuple(exported)), encoding="utf-8")
    written = [folder / CODEBOOK]
    if "dta" in formats:
        made_on = reports_to_created(exported["reports"]) or _UNDATED
        for name, frame in exported.items():
            written.append(folder / f"{name}.dta")
            write_stata(name, frame, written[-1], made_on)
    if "duckdb" in formats:
        _write_database(exported, folder / DATABASE)
        sync_file(folder / DATABASE)
    for path in written:
        sync_file(path)
    return written


def _write_database(exported: Mapping[str, pd.DataFrame], path: Path) -> None:
    """Write all tables, and what `sql` offers beside them, into one file of DuckDB."""
    told = {name: frame_to_arrow(name, frame) for name, frame in exported.items()} | further_tables()
    columns = {name: table.column_names for name, table in told.items()}
    statements = [*(view.statement for view in tables_to_views(columns)), *comments(columns)]
    write_database(path, {to_stored_name(name): table for name, table in told.items()}, statements)


def _file_to_checksum(path: Path) -> Checksum:
    """Return size and hash of a file."""
    with path.open("rb") as file:
        return Checksum(path.stat().st_size, hashlib.file_digest(file, "sha256").hexdigest())


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
