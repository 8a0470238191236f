"""Look into the tables that a run has written, without the cost of pandas."""

from __future__ import annotations

import csv
import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any


class WrittenError(Exception):
    """A table in the output folder cannot be read back."""


def out_to_rows(
    out: Path, table: str, columns: Sequence[str], newer: Sequence[str] = ()
) -> list[dict[str, Any]]:
    """The rows of one written table, [] where there is none; from a CSV every value is text.

    Columns that are `newer` than the table are None.
    """
    for suffix, read in ((".parquet", _parquet_to_rows), (".csv", _csv_to_rows)):
        file = out / f"{table}{suffix}"
        if file.exists():
            try:
                return [dict.fromkeys(newer) | row for row in read(file, columns, newer)]
            except (ValueError, KeyError, OSError) as error:
                what = " ".join(str(error).split())[:200]
                todo = "remove that folder or give another --out, and run again"
                raise WrittenError(f"{file}: is not what a run writes ({what}): {todo}") from error
    return []


def out_to_tables_version(out: Path) -> str | None:
    """What made the tables in this folder; None where they do not say."""
    try:
        package = json.loads((out / "datapackage.json").read_text(encoding="utf-8"))
        return str(package["tables_version"])
    except (OSError, ValueError, LookupError, TypeError):
        return None


def _parquet_to_rows(file: Path, columns: Sequence[str], newer: Sequence[str]) -> list[dict[str, Any]]:
    import pyarrow.parquet

    there = [name for name in newer if name in pyarrow.parquet.read_schema(file).names]
    rows: list[dict[str, Any]] = pyarrow.parquet.read_table(file, columns=[*columns, *there]).to_pylist()
    missing = [name for name in columns if rows and name not in rows[0]]
    if missing:
        raise KeyError(f"column {missing[0]}")
    return rows


def _csv_to_rows(file: Path, columns: Sequence[str], newer: Sequence[str]) -> list[dict[str, Any]]:
    from pipeline.export.csvtext import restored

    with file.open(encoding="utf-8-sig", newline="") as lines:
        reader = csv.DictReader(lines)
        wanted = [*columns, *(name for name in newer if name in (reader.fieldnames or ()))]
        return [{name: restored(row[name]) for name in wanted} for row in reader]
