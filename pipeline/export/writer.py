"""Frames → the files of the contract, all or nothing, the same bytes for the same input."""

from __future__ import annotations

import json
import os
from collections.abc import Collection, Mapping
from pathlib import Path
from typing import IO, Any

import pandas as pd
import pyarrow as pa
import pyarrow.csv
import pyarrow.parquet

from pipeline.export.arrow import empty_frame, frame_to_arrow
from pipeline.export.csvtext import neutralise
from pipeline.export.datapackage import frames_to_package
from pipeline.export.derived import frames_to_derived
from pipeline.export.dictionary import PROSE, tables
from pipeline.export.frames import Frames
from pipeline.export.schemas import require_valid
from pipeline.export.staging import FORMATS, PACKAGE, publish, sweep, temporary

BOM = b"\xef\xbb\xbf"


def write(
    frames: Frames,
    out: Path,
    formats: Collection[str] = FORMATS,
    prose: Mapping[str, pd.DataFrame] | None = None,
    tables_version: str = "",
) -> list[Path]:
    """The files written: every table, the panels among them, in every format, and datapackage.json.

    `prose` are the tables made of the prose of these reports; without it they are empty. `tables_version` is
    what the tables depend on beside the reports.

    Raises ContractError before anything is touched if a table breaks the contract, ValueError for an
    unknown format. Files of a format not asked for are removed: they would tell of an older run.
    """
    chosen = _known_formats(formats)
    told = prose or {name: empty_frame(name) for name in PROSE}
    exported = {**told, **frames_to_derived(frames), **frames.tables()}
    require_valid(exported)
    out.mkdir(parents=True, exist_ok=True)
    sweep(out)
    written = [publish(path) for path in _stage(exported, out, chosen, tables_version)]
    _remove_formats(out, set(FORMATS) - set(chosen))
    _sync_folder(out)
    return written


def _known_formats(formats: Collection[str]) -> list[str]:
    """CSV before Parquet: Parquet is what is read back, so its renaming is what counts."""
    unknown = sorted(set(formats) - set(FORMATS))
    if unknown or not formats:
        raise ValueError(f"formats {', '.join(unknown) or '(none)'}: expected some of {', '.join(FORMATS)}")
    return sorted(set(formats))


def _stage(
    exported: Mapping[str, pd.DataFrame], out: Path, formats: list[str], tables_version: str
) -> list[Path]:
    """The paths to publish, in order: what is staged for them is complete and on the disk."""
    try:
        paths = [_stage_table(name, frame, out, fmt) for name, frame in exported.items() for fmt in formats]
        package = {**frames_to_package(exported, formats), "tables_version": tables_version}
        return [*paths, _stage_package(package, out)]
    except BaseException:
        sweep(out)
        raise


def _stage_table(name: str, frame: pd.DataFrame, out: Path, fmt: str) -> Path:
    arrow = frame_to_arrow(name, frame)
    path = out / f"{name}.{fmt}"
    with temporary(path).open("wb") as file:
        (_write_parquet if fmt == "parquet" else _write_csv)(arrow, file)
        _sync(file)
    return path


def _write_parquet(arrow: pa.Table, file: IO[bytes]) -> None:
    pa.parquet.write_table(arrow, file, compression="zstd")


def _write_csv(arrow: pa.Table, file: IO[bytes]) -> None:
    """Texts in quotes, nulls empty: so "" and null stay apart; numbers as short as they are exact."""
    file.write(BOM)
    pa.csv.write_csv(neutralise(arrow), file)


def _stage_package(package: Mapping[str, Any], out: Path) -> Path:
    path = out / PACKAGE
    with temporary(path).open("wb") as file:
        text = json.dumps(package, ensure_ascii=False, indent=2)
        file.write(text.encode() + b"\n")
        _sync(file)
    return path


def _sync(file: IO[bytes]) -> None:
    file.flush()
    os.fsync(file.fileno())


def _sync_folder(folder: Path) -> None:
    if os.name == "posix":  # elsewhere a folder cannot be opened
        handle = os.open(folder, os.O_RDONLY)
        os.fsync(handle)
        os.close(handle)


def _remove_formats(out: Path, formats: Collection[str]) -> None:
    for name in tables():
        for fmt in formats:
            (out / f"{name}.{fmt}").unlink(missing_ok=True)
