"""The rows of a query → bytes of CSV, JSON or Parquet, or a table for the terminal."""

from __future__ import annotations

import io
import json
import math
from collections.abc import Callable, Iterator, Mapping
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv
import pyarrow.parquet

from pipeline.printable import json_to_printable, to_lines, to_printable
from pipeline.query.duckdb_types import EXACT_DIGITS, JSON
from pipeline.query.terminal_table import TerminalTable
from pipeline.tables.csvtext import BOM, neutralise

TERMINAL_ROWS_MAX = 200
"""Count. A terminal shows no more rows."""

TERMINAL_VALUE_MAX_CHARACTERS = 2000
"""Count. A terminal shows no more characters of a value."""


def rows_to_bytes(rows: pa.Table, layout: str) -> bytes:
    """Return the rows as a file in the layout csv (UTF-8 with BOM, formulas escaped), json or parquet."""
    return _LAYOUTS[layout](rows)


def rows_to_terminal_table(rows: pa.Table) -> TerminalTable:
    """Return the first rows as texts that are safe to show."""
    some = rows.slice(0, TERMINAL_ROWS_MAX)
    columns = [[_shown(value) for value in column.to_pylist()] for column in some.columns]
    right = [pa.types.is_integer(kind) or pa.types.is_floating(kind) for kind in rows.schema.types]
    names = [to_printable(name) for name in rows.column_names]
    return TerminalTable(names, right, [list(row) for row in zip(*columns, strict=True)], rows.num_rows)


def _shown(value: Any) -> str:
    """Return a value as safe text, shortened if it is long."""
    if value is None:
        return "NULL"
    text = f"{value:.{EXACT_DIGITS}g}" if isinstance(value, float) else _value_to_text(value)
    cut = (
        f"{text[:TERMINAL_VALUE_MAX_CHARACTERS]}… ({len(text):,} characters)"
        if len(text) > TERMINAL_VALUE_MAX_CHARACTERS
        else text
    )
    return to_lines(cut)


def _value_to_text(value: Any) -> str:
    """Return nested values as JSON, bytes in DuckDB's own notation, anything else as Python writes it."""
    if isinstance(value, list | dict):
        return _dumps(value)
    if not isinstance(value, bytes):
        return str(value)
    return "".join(chr(b) if 32 <= b < 127 and b not in b"\\\"'" else f"\\x{b:02X}" for b in value)


def _csv(rows: pa.Table) -> bytes:
    """Return the rows as CSV."""
    sink = io.BytesIO(BOM)
    sink.seek(0, io.SEEK_END)
    pa.csv.write_csv(neutralise(_without_empty_lines(_flat(rows))), sink)
    return sink.getvalue()


def _flat(rows: pa.Table) -> pa.Table:
    """Return the rows with nested and binary columns as texts, which CSV needs."""
    for place, kind in enumerate(rows.schema.types):
        if pa.types.is_nested(kind) or pa.types.is_binary(kind) or pa.types.is_large_binary(kind):
            rows = _with_texts(rows, place)
    return rows


def _without_empty_lines(rows: pa.Table) -> pa.Table:
    """Return a single column with empty texts for nulls: most CSV readers skip an empty line."""
    if rows.num_columns > 1 or not rows.column(0).null_count:
        return rows
    texts = pc.fill_null(rows.column(0).cast(pa.large_string()), "")
    return rows.set_column(0, rows.column_names[0], texts)


def _with_texts(rows: pa.Table, place: int) -> pa.Table:
    """Return the rows with one column as texts."""
    texts = [None if value is None else _value_to_text(value) for value in rows.column(place).to_pylist()]
    return rows.set_column(place, rows.column_names[place], pa.array(texts, pa.large_string()))


def _json(rows: pa.Table) -> bytes:
    """Return the rows as a JSON list of objects."""
    names = [json.dumps(name, ensure_ascii=False) for name in rows.column_names]
    columns = [_column_to_json(rows.column(place), field) for place, field in enumerate(rows.schema)]
    records = (
        ", ".join(f"{name}: {value}" for name, value in zip(names, row, strict=True))
        for row in zip(*columns, strict=True)
    )
    return b"[" + ",\n ".join(f"{{{record}}}" for record in records).encode() + b"]\n"


def _column_to_json(column: pa.ChunkedArray, field: pa.Field) -> Iterator[str]:
    """Yield the values of a column as JSON."""
    values = (value for chunk in column.chunks for value in chunk.to_pylist())
    if field.metadata == JSON:
        return ("null" if value is None else value for value in values)
    return map(_dumps, values)


def _dumps(value: Any) -> str:
    """Return a value as JSON that is safe to show."""
    return json_to_printable(json.dumps(_finite(value), ensure_ascii=False, default=_value_to_text))


def _finite(value: Any) -> Any:
    """Return the value with null for NaN and a text for infinity, as JSON has neither."""
    if isinstance(value, dict):
        return {name: _finite(each) for name, each in value.items()}
    if isinstance(value, list):
        return [_finite(each) for each in value]
    if not isinstance(value, float) or math.isfinite(value):
        return value
    return None if math.isnan(value) else "Infinity" if value > 0 else "-Infinity"


def _parquet(rows: pa.Table) -> bytes:
    """Return the rows as Parquet."""
    sink = io.BytesIO()
    pa.parquet.write_table(rows, sink, compression="zstd")
    return sink.getvalue()


_LAYOUTS: Mapping[str, Callable[[pa.Table], bytes]] = {"csv": _csv, "json": _json, "parquet": _parquet}
