"""DuckDB's types → columns that CSV, JSON and Parquet can hold with the same value.

Values that Arrow or Python would change or refuse (times at 24:00, infinite dates, integers beyond 64 bits,
intervals …) are requested from DuckDB as text. A column that fits into a narrower type gets that type.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from pipeline.files.duckdb_file import quoted

AS_THEY_ARE = frozenset({
    "null", "boolean", "tinyint", "smallint", "integer", "bigint", "utinyint", "usmallint", "uinteger",
    "ubigint", "float", "double", "varchar", "blob",
})  # fmt: skip
NARROWER: Mapping[str, pa.DataType] = {
    "hugeint": pa.int64(),
    "uhugeint": pa.int64(),
    "bignum": pa.int64(),
    "date": pa.date32(),
    "timestamp_s": pa.timestamp("s"),
    "timestamp_ms": pa.timestamp("ms"),
    "timestamp": pa.timestamp("us"),
    "timestamp_ns": pa.timestamp("ns"),
    "timestamp with time zone": pa.timestamp("us", "UTC"),
}
NATIVE = frozenset({"list", "array", "struct"})
NESTED = frozenset({*NATIVE, "map", "tuple", "union", "variant"})

NESTED_MAX_LEVELS = 10
"""Count. A value that is nested deeper is written as JSON: Arrow reads a few dozen levels and no more."""

EXACT_DIGITS = 15
"""Count. A double holds exactly as many digits of a decimal."""

JSON = {b"content": b"JSON"}
"""The metadata of a column whose texts are JSON."""
NO_NUMBER = "-?Infinity|NaN"
"""What DuckDB writes into JSON, which has no such numbers."""
_TEXT_OR_NO_NUMBER = re.compile(rf'"(?:[^"\\]|\\.)*"|{NO_NUMBER}')


def columns_to_projection(names: Sequence[str], kinds: Sequence[Any]) -> str:
    """Return the select list that requests every column, by its position, in a form that keeps its value."""
    places = enumerate(zip(names, kinds, strict=True), 1)
    return ", ".join(f"{_kind_to_sql(f'#{place}', kind)} AS {quoted(name)}" for place, (name, kind) in places)


def rows_to_narrow(rows: pa.Table, kinds: Sequence[Any]) -> pa.Table:
    """Return the rows with the narrowest types that hold all values of a column."""
    columns = [_column_to_narrow(rows.column(place), kind) for place, kind in enumerate(kinds)]
    fields = [
        pa.field(name, column.type, metadata=JSON if _is_json(kind) else None)
        for name, column, kind in zip(rows.column_names, columns, kinds, strict=True)
    ]
    return pa.table(columns, pa.schema(fields))


def _kind_to_sql(column: str, kind: Any) -> str:
    """Return the SQL that requests a column of this type."""
    if _is_json(kind):
        return f"CAST(to_json({column}) AS VARCHAR)"
    return column if kind.id in AS_THEY_ARE or kind.id in NATIVE else f"CAST({column} AS VARCHAR)"


def _is_json(kind: Any) -> bool:
    """Whether a column is written as JSON: nested values that Arrow would change, and DuckDB's own JSON."""
    return str(kind) == "JSON" or (kind.id in NESTED and not _is_native(kind, NESTED_MAX_LEVELS))


def _is_native(kind: Any, levels: int) -> bool:
    """Whether Arrow holds a nested type exactly, up to so many levels."""
    if kind.id in NATIVE:
        parts = [part for name, part in kind.children if name != "size" or kind.id != "array"]
        return bool(parts) and levels > 0 and all(_is_native(part, levels - 1) for part in parts)
    return kind.id in AS_THEY_ARE - {"blob"} and str(kind) != "JSON"


def _column_to_narrow(column: pa.ChunkedArray, kind: Any) -> pa.ChunkedArray:
    """Return the column in the narrowest type that holds all its values."""
    if pa.types.is_string(column.type) or pa.types.is_string_view(column.type):
        column = column.cast(pa.large_string())
    if _is_json(kind):
        return _column_to_strict_json(column)
    for narrower in _kind_to_narrower(column, kind):
        try:
            return column.cast(narrower)
        except pa.ArrowInvalid:
            continue
    return column


def _column_to_strict_json(column: pa.ChunkedArray) -> pa.ChunkedArray:
    """Return the JSON texts with null for NaN and a text for infinity."""
    if not pc.any(pc.match_substring_regex(column, NO_NUMBER)).as_py():
        return column
    texts = [text and _TEXT_OR_NO_NUMBER.sub(_to_strict, text) for text in column.to_pylist()]
    return pa.chunked_array([pa.array(texts, pa.large_string())])


def _to_strict(found: re.Match[str]) -> str:
    """Return a match as valid JSON."""
    text = found[0]
    return text if text.startswith('"') else "null" if text == "NaN" else f'"{text}"'


def _kind_to_narrower(column: pa.ChunkedArray, kind: Any) -> Iterator[pa.DataType]:
    """Yield the narrower types to try."""
    if kind.id in NARROWER:
        yield NARROWER[kind.id]
    elif kind.id == "decimal" and not str(kind).endswith(",0)"):
        if _digits(column) <= EXACT_DIGITS:
            yield pa.float64()
    elif kind.id == "decimal":
        yield pa.int64()


def _digits(column: pa.ChunkedArray) -> int:
    """Return the most digits that a number of the column has, without zeros at its ends."""
    bare = pc.replace_substring_regex(column, r"^-?0*\.?0*|\.?0*$", "")
    return pc.max(pc.utf8_length(bare)).as_py() or 0
