"""Lists of values → frames and Arrow tables with the exact columns and types of forms/dictionary.toml."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import pandas as pd
import pyarrow as pa

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


def table_to_schema(table: str) -> pa.Schema:
    """Return the Arrow schema of a table."""
    return pa.schema([(column.name, ARROW_TYPES[column.type]) for column in tables()[table].columns])


def lists_to_frame(table: str, lists: Mapping[str, Iterable[Any]]) -> pd.DataFrame:
    """Return a frame with the table's exact columns and types from a list for each column. ContractError
    for a wrong type."""
    schema = table_to_schema(table)
    return _columns_to_frame(
        table, [_array(f"{table}.{field.name}", list(lists[field.name]), field.type) for field in schema]
    )


def arrow_to_frame(table: str, arrow: pa.Table) -> pd.DataFrame:
    """Return the frame of an Arrow table that has the columns of the table's schema."""
    return _columns_to_frame(table, arrow.columns)


def _columns_to_frame(table: str, columns: Iterable[pa.Array | pa.ChunkedArray]) -> pd.DataFrame:
    """Return the frame of these columns, which are those of the table in its order.

    Column by column it takes half the time of Arrow's own way, which is most of it for one report.
    """
    dtypes = table_to_dtypes(table)
    arrays = map(_column_to_array, columns, dtypes.values())
    return pd.DataFrame(dict(zip(dtypes, arrays, strict=True)), copy=False)


def _column_to_array(column: pa.Array | pa.ChunkedArray, dtype: Any) -> Any:
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
    return arrow_to_frame(table, table_to_schema(table).empty_table())


def _array(place: str, items: list[Any], arrow_type: pa.DataType) -> pa.Array:
    """Return a list as an Arrow array; ContractError if its type is wrong."""
    try:
        return pa.array(items, type=arrow_type)
    except UnicodeEncodeError:  # a broken glyph map can give half a surrogate pair, which no file can hold
        return pa.array([_whole(item) for item in items], type=arrow_type)
    except (pa.ArrowException, OverflowError) as error:
        raise ContractError(f"{place}: expected {arrow_type}, got something else ({error})") from error


def _whole(text: str | None) -> str | None:
    """Return the text with half surrogate pairs replaced."""
    return text and text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")
