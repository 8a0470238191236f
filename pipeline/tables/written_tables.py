"""The tables that a run has written → rows, and whether they are one whole set; without loading pandas."""

from __future__ import annotations

import csv
import hashlib
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from pipeline.errors import QUOTED_MAX_CHARACTERS, Error
from pipeline.files.regular_file import read_json
from pipeline.tables.file_names import DATABASE, PACKAGE, is_read_back
from pipeline.tables.report_ids import with_letters
from pipeline.tables.staging import SET, files

NAMED_STRAYS_MAX = 3
"""Count. A message names no more files that do not belong to the set."""


class TablesError(Error):
    """The tables in the output folder cannot be read back."""


def out_to_rows(
    out: Path, table: str, columns: Sequence[str], newer: Sequence[str] = ()
) -> list[dict[str, Any]]:
    """Return the rows of one table as dictionaries, [] if it does not exist. From a CSV every value is text.

    Columns in `newer` may be missing in the table and are None then. Ids of reports are as this version
    writes them. Raises TablesError.
    """
    for suffix, read in ((".parquet", _parquet_to_rows), (".csv", _csv_to_rows)):
        file = out / f"{table}{suffix}"
        if file.is_file():
            try:
                return [with_letters(dict.fromkeys(newer) | row) for row in read(file, columns, newer)]
            except (ValueError, KeyError, OSError) as error:
                what = " ".join(str(error).split())[:QUOTED_MAX_CHARACTERS]
                todo = "remove that folder or give another --out, and run again"
                raise TablesError(f"{file}: is not what a run writes ({what}): {todo}") from error
    return []


def out_to_package(out: Path) -> dict[str, Any]:
    """Return the content of datapackage.json, {} if it cannot be read."""
    try:
        package = read_json(out / PACKAGE)
    except (OSError, ValueError):
        return {}
    return package if isinstance(package, dict) else {}


def out_to_strays(out: Path, *, thorough: bool = False) -> frozenset[str]:
    """Return the file names that do not belong to the set named in datapackage.json, or are missing from it.

    A Parquet file names its set in its footer; of a CSV the size is compared. With `thorough`, files changed
    after datapackage.json are hashed too, which alone tells two CSV files of one size apart. For tables of an
    earlier version, which name no set, the number of rows is compared.
    """
    package = out_to_package(out)
    there = {path.name: path for path in files(out) if path.name != DATABASE}
    checksums = package_to_checksums(package)
    if not checksums:
        return frozenset(_without_checksums(there, package.get("counts")))
    since = (out / PACKAGE).stat().st_ctime_ns if thorough else None
    name = str(package.get(SET))
    whole = {
        file
        for file, path in there.items()
        if file in checksums and _fits(path, checksums[file], name, since)
    }
    return frozenset({*there, *checksums} - whole)


@contextmanager
def one_set(out: Path) -> Iterator[None]:
    """Guard the reading of several tables: TablesError if they are not one whole set before and after it.

    Files that are not read back, which another program may have changed, do not count.
    """
    before = out_to_package(out).get(SET)
    if strays := _strays_read_back(out):
        some = ", ".join(strays[:NAMED_STRAYS_MAX])
        todo = "wait for the run that is at work there, or run again if none is"
        raise TablesError(f"{out}: its tables are not one whole set ({some}): {todo}")
    yield
    if out_to_package(out).get(SET) != before or _strays_read_back(out):
        raise TablesError(f"{out}: was written anew while it was being read: give the command again")


def _strays_read_back(out: Path) -> list[str]:
    """Return the files that do not belong to the set, of those that are read back."""
    return sorted(filter(is_read_back, out_to_strays(out)))


def package_to_checksums(package: Mapping[str, Any]) -> dict[str, Mapping[str, Any]]:
    """Return size and hash of every file of a set by name; {} if the package has none."""
    try:
        listed = [dict(resource) for resource in package["resources"]]
        return {str(r["path"]): r for r in listed if r.keys() >= {"path", "bytes", "hash"}}
    except (LookupError, TypeError, ValueError):
        return {}


def _fits(path: Path, checksum: Mapping[str, Any], name: str, since: int | None) -> bool:
    """Whether a file has this checksum. `since` (ns): files not changed after it are not hashed, None:
    none is."""
    try:
        found = path.stat()
        if found.st_size != checksum["bytes"] or (
            path.suffix == ".parquet" and _parquet_to_set(path) != name
        ):
            return False
        return since is None or found.st_ctime_ns <= since or f"sha256:{_hash(path)}" == checksum["hash"]
    except OSError:
        return False


def _without_checksums(there: Mapping[str, Path], told: object) -> Iterator[str]:
    """Yield files of an earlier version that are of another set than its table `reports`.

    `told` are the rows of every table that its datapackage.json states.
    """
    counts = told if isinstance(told, dict) else {}
    parquet = {name: path for name, path in there.items() if path.suffix == ".parquet"}
    names = {name: _parquet_to_set(path) for name, path in parquet.items()}
    register = names.get("reports.parquet")
    for name, path in parquet.items():
        if names[name] != register or counts.get(path.stem, rows := _rows(path)) != rows:
            yield name


def _parquet_to_set(path: Path) -> str | None:
    """Return the set that a Parquet file names, None if it names none."""
    import pyarrow as pa
    import pyarrow.parquet

    try:
        found = pyarrow.parquet.read_metadata(path).metadata or {}
    except (pa.ArrowException, OSError):
        return None
    return found.get(SET.encode(), b"").decode() or None


def _rows(path: Path) -> int:
    """Return the number of rows of a Parquet file, -1 if it is none."""
    import pyarrow as pa
    import pyarrow.parquet

    try:
        return int(pyarrow.parquet.read_metadata(path).num_rows)
    except (pa.ArrowException, OSError):
        return -1


def _hash(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _parquet_to_rows(file: Path, columns: Sequence[str], newer: Sequence[str]) -> list[dict[str, Any]]:
    import pyarrow.parquet

    # read_table would load pandas, which takes as long as all else of a run with nothing new.
    with pyarrow.parquet.ParquetFile(file) as table:
        there = [name for name in newer if name in table.schema_arrow.names]
        rows: list[dict[str, Any]] = table.read(columns=[*columns, *there]).to_pylist()
    missing = [name for name in columns if rows and name not in rows[0]]
    if missing:
        raise KeyError(f"column {missing[0]}")
    return rows


def _csv_to_rows(file: Path, columns: Sequence[str], newer: Sequence[str]) -> list[dict[str, Any]]:
    from pipeline.tables.csvtext import restored

    with file.open(encoding="utf-8-sig", newline="") as lines:
        reader = csv.DictReader(lines)
        wanted = [*columns, *(name for name in newer if name in (reader.fieldnames or ()))]
        return [{name: restored(row[name]) for name in wanted} for row in reader]
