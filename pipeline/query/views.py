"""A folder of tables → a DuckDB connection with its tables as views, in English and Chinese, and nothing
else."""

from __future__ import annotations

from pathlib import Path

import duckdb
import pyarrow as pa
import pyarrow.dataset as ds

from pipeline.errors import Error
from pipeline.installation.program import to_command
from pipeline.printable import to_printable
from pipeline.tables.dictionary import tables
from pipeline.tables.sql_views import further_tables, tables_to_views, to_stored_name

NEEDED = ("observations", "checks", "panel_rates", "coverage", "revisions", "reports")
# The tables are handed over as Arrow data sets, so DuckDB itself needs no file, and may open none.
CLOSED = (
    "SET autoinstall_known_extensions = false",
    "SET autoload_known_extensions = false",
    "SET allow_community_extensions = false",
    "SET python_enable_replacements = false",  # a name in the query is never a variable of this program
    "SET temp_directory = ''",  # what does not fit into memory goes nowhere else
    "SET arrow_large_buffer_size = true",
    "SET enable_external_access = false",
    "SET lock_configuration = true",
)


class QueryError(Error, ValueError):
    """A folder or a query that cannot be used; the message says why, and what exists."""


def folder_to_connection(folder: Path, memory_mb: int | None = None) -> duckdb.DuckDBPyConnection:
    """Return a connection with a view for every Parquet table of the folder, one with Chinese title and
    columns, and one with Chinese values too.

    It opens no file and no network, and what is created in it is gone with it. Without `memory_mb` it may use
    four fifths of the machine's memory, DuckDB's default. Raises QueryError.
    """
    connection = duckdb.connect()
    if memory_mb:
        connection.execute(f"SET memory_limit = '{memory_mb}MB'")
    there = _folder_to_data(folder)
    for name, data in there.items():
        connection.register(to_stored_name(name), data)
    for view in tables_to_views({name: data.schema.names for name, data in there.items()}):
        connection.execute(view.statement)
    for setting in CLOSED:
        connection.execute(setting)
    return connection


def _folder_to_data(folder: Path) -> dict[str, ds.Dataset | pa.Table]:
    """Return the tables of the folder and the vocabulary by name; QueryError if a needed one is missing."""
    paths = {name: folder / f"{name}.parquet" for name in tables()}
    if missing := [to_printable(str(paths[name])) for name in NEEDED if not paths[name].is_file()]:
        told = f"{', '.join(missing)}: not there; give the folder of tables with --processed, or make it:"
        raise QueryError(f"{told} {_how_to_make(folder)}")
    there = {name: _open(path, name) for name, path in paths.items() if path.is_file()}
    return {**there, **further_tables()}


def _how_to_make(folder: Path) -> str:
    """Return the command that makes the tables in Parquet.

    Tables in CSV alone are of reports that the user gave: data/raw, the default, would be added to them.
    """
    formats = ("--formats", "parquet,csv", "--out", folder)
    if (folder / "observations.csv").is_file():
        return f"{to_command('run', 'REPORTS', *formats)} (REPORTS: those of the CSV that is there)"
    return to_command("run", *formats)


def _open(path: Path, name: str) -> ds.Dataset:
    """Open a Parquet table; QueryError if it cannot be used."""
    try:
        data = ds.dataset(path, format="parquet")
    except (pa.ArrowException, OSError) as error:
        why = to_printable(f"{path}: is no Parquet table ({error})")
        again = to_command("run", "--force", "--out", path.parent)
        raise QueryError(f"{why}; read the documents again: {again}") from error
    lacking = [column.name for column in tables()[name].columns if column.name not in data.schema.names]
    if lacking:
        raise QueryError(
            f"{to_printable(str(path))}: has no column {', '.join(lacking)}: another version of this program"
            f" wrote it; run again on the documents: {to_command('run', '--out', path.parent)}"
        )
    return data
