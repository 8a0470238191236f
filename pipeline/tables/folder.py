"""A folder of tables written by earlier runs → frames to go on from."""

from __future__ import annotations

import logging
from collections.abc import Callable, Collection
from dataclasses import replace
from pathlib import Path

import pandas as pd
import pyarrow as pa
import pyarrow.csv
import pyarrow.parquet

from pipeline.errors import Error
from pipeline.tables.arrow import ARROW_TYPES, arrow_to_frame, table_to_schema
from pipeline.tables.csvtext import restore
from pipeline.tables.dictionary import STORED, tables
from pipeline.tables.frames import Frames, count, keep_reports
from pipeline.tables.report_ids import table_with_letters

REMEDY = "Move the folder away, or give another --out, and run again on all documents."

# Why a report is not ok that an earlier version wrote, which had no `reason`.
REASONS = {
    "flagged": "doubtful",
    "partial": "incomplete",
    "no_tables": "no_tables",
    "not_a_report": "not_a_report",
    "failed": "error",
}

log = logging.getLogger(__name__)


class FolderError(Error, ValueError):
    """The tables in a folder cannot be read back; the message names the file and what to do."""


def load(folder: Path, doubtful: Collection[str] = ()) -> Frames:
    """Return the stored tables of a folder, from Parquet, else CSV; empty ones if there are none.

    Files in `doubtful` are used only if the other format does not have the table. Columns that an earlier
    version of the program did not write are empty. A report whose cells are not all there (a run was killed
    while renaming files) is left out, so that it is read again. Raises FolderError.
    """
    frames = Frames(**{name: arrow_to_frame(name, _read(folder, name, doubtful)) for name in STORED})
    return _without_torn(folder, _with_reasons(frames))


def read_table(folder: Path, name: str) -> pd.DataFrame:
    """Return any table of a folder, from Parquet, else CSV; without rows if it is not there. FolderError."""
    return arrow_to_frame(name, _read(folder, name, ()))


def _read(folder: Path, name: str, doubtful: Collection[str]) -> pa.Table:
    """Return a table from the first usable file, empty if there is none."""
    ways = ((folder / f"{name}.parquet", _read_parquet), (folder / f"{name}.csv", _read_csv))
    there = [(path, read) for path, read in ways if path.is_file()]
    for path, read in sorted(there, key=lambda way: way[0].name in doubtful):
        return _with_schema(path, name, read)
    return table_to_schema(name).empty_table()


def _with_schema(path: Path, name: str, read: Callable[[Path, pa.Schema], pa.Table]) -> pa.Table:
    """Return a table in its schema; FolderError if that is impossible."""
    schema = table_to_schema(name)
    try:
        table = table_with_letters(_with_new_columns(path, name, read(path, schema)))
        _require_columns(path, table.column_names, schema.names)
        return table.select(schema.names).cast(schema)
    except (pa.ArrowException, OSError) as error:
        raise FolderError(f"{path}: cannot be read back ({_reason(error)}). {REMEDY}") from error


def _reason(error: Exception) -> str:
    """Return the library's message without the bytes it quotes: a link may lead to a file of somebody
    else."""
    return str(error).partition(", got")[0].partition(": invalid value")[0]


def _read_parquet(path: Path, schema: pa.Schema) -> pa.Table:
    """Read a Parquet file."""
    return pa.parquet.read_table(path)


def _read_csv(path: Path, schema: pa.Schema) -> pa.Table:
    """Read a CSV. A quoted text is a text, even an empty one; an empty cell without quotes is null."""
    convert = pa.csv.ConvertOptions(
        column_types=schema, null_values=[""], strings_can_be_null=True, quoted_strings_can_be_null=False
    )
    parse = pa.csv.ParseOptions(newlines_in_values=True)
    return restore(pa.csv.read_csv(path, parse_options=parse, convert_options=convert))


def _with_new_columns(path: Path, name: str, table: pa.Table) -> pa.Table:
    """Return the table with empty columns for those that it lacks at its end: new columns are always the
    last."""
    columns, found = tables()[name].columns, table.column_names
    lacking = columns[len(found) :]
    if not lacking or found != [column.name for column in columns[: len(found)]]:
        return table
    for column in lacking:
        nothing = pa.scalar(None if column.null else "", ARROW_TYPES[column.type])
        table = table.append_column(column.name, pa.repeat(nothing, len(table)))
    names = ", ".join(column.name for column in lacking)
    log.warning("%s: an earlier version of this program wrote it, empty columns added: %s", path, names)
    return table


def _with_reasons(frames: Frames) -> Frames:
    """Return the frames with a reason for every report that is not ok."""
    reports = frames.reports
    bare = (reports["reason"] == "") & reports["status"].isin(REASONS)
    if not bare.any():
        return frames
    reasons = reports["reason"].mask(bare, reports["status"].map(REASONS))
    return replace(frames, reports=reports.assign(reason=reasons.astype(reports["reason"].dtype)))


def _require_columns(path: Path, found: list[str], wanted: list[str]) -> None:
    """Raise FolderError if columns are missing or unexpected."""
    missing, unexpected = sorted(set(wanted) - set(found)), sorted(set(found) - set(wanted))
    if missing or unexpected:
        raise FolderError(
            f"{path}: missing columns: {', '.join(missing) or 'none'};"
            f" unexpected columns: {', '.join(map(_named, unexpected)) or 'none'}. {REMEDY}"
        )


def _named(column: str) -> str:
    """Return the name of a column for a message. What is no name is not quoted: it may be the first line
    of any file."""
    return column if column.isidentifier() else "(what is no name)"


def _without_torn(folder: Path, frames: Frames) -> Frames:
    """Return the frames without reports whose cells are not all there."""
    reports = frames.reports
    there = reports["report_id"].map(frames.observations["report_id"].value_counts()).fillna(0)
    torn = (there != reports["cells"]).to_numpy(dtype=bool)
    if torn.any():
        log.warning("%s: %d reports are not whole there and will be read again", folder, torn.sum())
    return count(keep_reports(frames, reports.loc[~torn, "report_id"]))
