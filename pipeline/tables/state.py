"""The tables of earlier runs → their state, their rows, and what is missing for a run to go on from."""

from __future__ import annotations

import logging
from collections.abc import Collection, Iterable, Iterator, Mapping
from enum import Enum
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pipeline.config import FORMATS
from pipeline.tables.staging import SET, is_unfinished
from pipeline.tables.written_tables import (
    NAMED_STRAYS_MAX,
    TablesError,
    out_to_package,
    out_to_rows,
    out_to_strays,
    package_to_checksums,
)

if TYPE_CHECKING:
    from pipeline.tables.frames import Frames

log = logging.getLogger(__name__)


class TablesState(Enum):
    """What the tables of earlier runs can be used for, from everything to nothing."""

    WHOLE = "one set"
    DERIVED = "a table is of another set that can be made of the others"
    TORN = "a run of an earlier version was killed while it renamed them"
    MIXED = "a table that a run goes on from is of another set"


def out_to_state(out: Path) -> TablesState:
    """Return the state of the tables; log a warning if they are of more than one run."""
    if is_unfinished(out):
        return TablesState.TORN
    strays = out_to_strays(out, thorough=True)
    if not strays:
        return TablesState.WHOLE
    mixed = any(name in strays for name in _read_back(out))
    some = ", ".join(sorted(strays)[:NAMED_STRAYS_MAX])
    again = "everything at hand is read again" if mixed else "they are made anew"
    log.warning("%s: holds tables of more than one run (%s): %s", out, some, again)
    return TablesState.MIXED if mixed else TablesState.DERIVED


def _read_back(out: Path) -> Iterator[str]:
    """Yield the files that a run goes on from: Parquet, else CSV."""
    from pipeline.tables.dictionary import STORED

    for name in STORED:
        there = [f"{name}.{suffix}" for suffix in ("parquet", "csv") if (out / f"{name}.{suffix}").is_file()]
        yield there[0] if there else f"{name}.{FORMATS[0]}"


def out_to_known_rows(out: Path, state: TablesState) -> list[dict[str, Any]]:
    """Return the documents that earlier runs have read, as rows of `reports`. Of tables that are not one
    set, only whole reports count."""
    columns = ("sha256", "source_file", "source_url", "reading_version")
    newer = ("region_given", "reason")
    if state in (TablesState.TORN, TablesState.MIXED):
        whole = load_whole(out).reports[[*columns, *newer]].astype(object)
        rows = whole.where(whole.notna(), None).itertuples(index=False)
        return [dict(zip((*columns, *newer), row, strict=True)) for row in rows]
    return out_to_rows(out, "reports", columns, newer)


def is_misplaced(written: Iterable[Mapping[str, Any]], given: Mapping[str, str]) -> bool:
    """Whether a document's region (`given`, by SHA-256) differs from the one in its row."""
    return any(given.get(row["sha256"], row["region_given"]) != row["region_given"] for row in written)


def load_whole(out: Path) -> Frames:
    """Return the tables of earlier runs. If a file is damaged or of another run, the other format is used.
    TablesError if neither can be read."""
    from pipeline.tables.folder import FolderError, load

    doubtful = out_to_strays(out, thorough=True) if SET in out_to_package(out) else ()
    try:
        return load(out, doubtful)
    except FolderError as error:
        raise TablesError(str(error)) from error


def is_complete(out: Path, formats: Collection[str], with_prose: bool) -> bool:
    """Whether every table exists in these formats and was made by today's code and data."""
    from pipeline.tables.dictionary import PROSE, tables
    from pipeline.tables.file_names import to_file_names
    from pipeline.tables.version import tables_version

    wanted = [name for name in tables() if with_prose or name not in PROSE]
    whole = all((out / name).is_file() for name in to_file_names(formats, wanted))
    package = out_to_package(out)
    of_today = package.get("tables_version") == tables_version() and SET in package
    return whole and of_today and bool(package_to_checksums(package))
