"""Lists of values → frames and Arrow tables with the exact columns and types of forms/dictionary.toml."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import cache
from typing import Any, NamedTuple

import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from pipeline.errors import DefectError
from pipeline.tables.dictionary import Column, tables

ARROW_TYPES = {
    "string": pa.large_string(),
    "date": pa.large_string(),
    "int16": pa.int16(),
    "int32": pa.int32(),
    "float32": pa.float32(),
    "float64": pa.float64(),
}


class _Field(NamedTuple):
    """The types of a column in Arrow and in pandas."""

    arrow_type: pa.DataType
    dtype: Any


class ContractError(DefectError, ValueError):
    """A table that breaks the data contract and must not be written. The message names table, column, rows
    and what was expected. It is also raised for values of a wrong type."""


def column_to_dtype(column: Column) -> Any:
    """Return the pandas dtype of a column. Null is NaN in a float, NA in other types."""
    if column.type in ("string", "date"):
        return pd.StringDtype("pyarrow")
    if column.type == "int16" and column.null:
        return pd.Int16Dtype()
    return column.type


def table_to_dtypes(table: str) -> dict[str, Any]:
    """Return the pandas dtypes of a table by column."""
    return {column.name: column_to_dtype(column) for column in tables()[table].columns}


@cache
def table_to_schema(table: str) -> pa.Schema:
    """Return the Arrow schema of a table."""
    return pa.schema([(column.name, ARROW_TYPES[column.type]) for column in tables()[table].columns])


@cache
def _fields(table: str) -> Mapping[str, _Field]:
    """Return the types of the columns of a table by name, in its order."""
    return {
        column.name: _Field(ARROW_TYPES[column.type], column_to_dtype(column))
        for column in tables()[table].columns
    }


def lists_to_frame(table: str, lists: Mapping[str, Iterable[Any]]) -> pd.DataFrame:
    """Return a frame with the table's exact columns and types from a list for each column. ContractError
    for a wrong type."""
    return arrays_to_frame(table, {name: list_to_array(table, name, lists[name]) for name in _fields(table)})


def arrays_to_frame(table: str, arrays: Mapping[str, pa.Array | pa.ChunkedArray]) -> pd.DataFrame:
    """Return the frame of a table from an Arrow array of the column's type for each column.

    Column by column it takes half the time of Arrow's own way, which is most of it for one report.
    """
    columns = {name: _to_column(arrays[name], field.dtype) for name, field in _fields(table).items()}
    rows = len(next(iter(columns.values())))
    return pd.DataFrame(columns, index=pd.RangeIndex(rows), copy=False)


def arrow_to_frame(table: str, arrow: pa.Table) -> pd.DataFrame:
    """Return the frame of an Arrow table that has the columns of the table's schema."""
    return arrays_to_frame(table, dict(zip(arrow.column_names, arrow.columns, strict=True)))


def list_to_column(table: str, column: str, items: Iterable[Any]) -> Any:
    """Return a list as pandas keeps this column of the table. ContractError for a wrong type."""
    return array_to_column(table, column, list_to_array(table, column, items))


def array_to_column(table: str, column: str, array: pa.Array) -> Any:
    """Return an Arrow array as pandas keeps this column of the table."""
    return _to_column(array, _fields(table)[column].dtype)


def _to_column(column: pa.Array | pa.ChunkedArray, dtype: Any) -> Any:
    """Return a column as pandas keeps it; TypeError where a number is null and may not be."""
    if hasattr(dtype, "__from_arrow__"):  # texts are not copied
        return dtype.__from_arrow__(column)
    numbers = column.to_numpy(zero_copy_only=False).astype(dtype, casting="same_kind")
    numbers += 0  # -0.0 (减 0) becomes 0.0
    return numbers


def frame_to_arrow(table: str, frame: pd.DataFrame) -> pa.Table:
    """Return an Arrow table with one chunk per column: the places of chunks would show in the bytes of a
    Parquet file."""
    return pa.Table.from_pandas(frame, schema=table_to_schema(table), preserve_index=False).combine_chunks()


def empty_frame(table: str) -> pd.DataFrame:
    """Return a frame of the table without rows."""
    return _empty_frame(table).copy(deep=False)


@cache
def _empty_frame(table: str) -> pd.DataFrame:
    """Return the frame of the table without rows that all others are copies of."""
    return arrow_to_frame(table, table_to_schema(table).empty_table())


def index_in(texts: Iterable[str], known: Iterable[str]) -> pa.Array:
    """Return the place of each text in `known`, null where it is not there."""
    array = pa.array(texts)
    return pc.index_in(array, value_set=pa.array(known, type=array.type))


def list_to_array(table: str, column: str, items: Iterable[Any]) -> pa.Array:
    """Return a list as the Arrow array of this column of the table. ContractError for a wrong type."""
    field, items = _fields(table)[column], list(items)
    try:
        return pa.array(items, type=field.arrow_type)
    except UnicodeEncodeError:  # a broken glyph map can give half a surrogate pair, which no file can hold
        return pa.array([_whole(item) for item in items], type=field.arrow_type)
    except (pa.ArrowException, OverflowError) as error:
        words = f"expected {field.arrow_type}, got something else ({error})"
        raise ContractError(f"{table}.{column}: {words}") from error


def _whole(text: str | None) -> str | None:
    """Return the text with half surrogate pairs replaced."""
    return text and text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")
