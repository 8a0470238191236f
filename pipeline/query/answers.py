"""Rows of a query → bytes of CSV, JSON or Parquet, and a table on the terminal."""

from __future__ import annotations

import io
import json
import math
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

import pyarrow as pa
import pyarrow.csv
import pyarrow.parquet

from pipeline.export.csvtext import neutralise
from pipeline.printable import json_to_printable, to_lines

if TYPE_CHECKING:
    from rich.console import Console

BOM = "\ufeff".encode()
SHOWN_ROWS = 200


def rows_to_bytes(rows: pa.Table, layout: str) -> bytes:
    """The rows as a csv (UTF-8 with BOM, formulas made harmless), json or parquet file."""
    return _LAYOUTS[layout](rows)


def print_rows(console: Console, rows: pa.Table) -> None:
    """The first rows as a table, and how many there are if not all are shown."""
    from rich.table import Table
    from rich.text import Text

    grid = Table()
    for name, kind in zip(rows.column_names, rows.schema.types, strict=True):
        number = pa.types.is_integer(kind) or pa.types.is_floating(kind)
        grid.add_column(Text(_shown(name)), justify="right" if number else "left", overflow="fold")
    for row in rows.slice(0, SHOWN_ROWS).to_pylist():
        grid.add_row(*(Text(_shown(value)) for value in row.values()))
    console.print(grid)
    if rows.num_rows > SHOWN_ROWS:
        console.print(f"the first {SHOWN_ROWS} of {rows.num_rows:,} rows; --out FILE writes all")


def _shown(value: Any) -> str:
    """A cell as text; what a PDF had in it cannot steer the terminal."""
    if value is None:
        return "NULL"
    return to_lines(f"{value:.10g}" if isinstance(value, float) else str(value))


def _csv(rows: pa.Table) -> bytes:
    sink = io.BytesIO(BOM)
    sink.seek(0, io.SEEK_END)
    pa.csv.write_csv(neutralise(_flat(rows)), sink)
    return sink.getvalue()


def _flat(rows: pa.Table) -> pa.Table:
    """Lists and structs, which CSV cannot hold, as JSON texts."""
    for place, field in enumerate(rows.schema):
        if pa.types.is_nested(field.type):
            texts = [None if v is None else _dumps(v) for v in rows.column(place).to_pylist()]
            rows = rows.set_column(place, field.name, pa.array(texts, pa.large_string()))
    return rows


def _json(rows: pa.Table) -> bytes:
    return b"[" + ",\n ".join(map(_dumps, rows.to_pylist())).encode() + b"]\n"


def _dumps(value: Any) -> str:
    return json_to_printable(json.dumps(_finite(value), ensure_ascii=False, default=str))


def _finite(value: Any) -> Any:
    """JSON has no NaN: null stands for it."""
    if isinstance(value, dict):
        return {name: _finite(each) for name, each in value.items()}
    if isinstance(value, list):
        return [_finite(each) for each in value]
    return None if isinstance(value, float) and not math.isfinite(value) else value


def _parquet(rows: pa.Table) -> bytes:
    sink = io.BytesIO()
    pa.parquet.write_table(rows, sink, compression="zstd")
    return sink.getvalue()


_LAYOUTS: Mapping[str, Callable[[pa.Table], bytes]] = {"csv": _csv, "json": _json, "parquet": _parquet}
