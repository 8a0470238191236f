"""Ids of reports as earlier versions wrote them, without the letter → as they are now."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from pipeline.records import REPORT_ID_LETTER

if TYPE_CHECKING:
    import pyarrow as pa

COLUMNS = ("report_id", "superseded_by", "other_report_id")
"""The columns of all tables that hold ids of reports."""

_OLD = r"^([0-9a-f]{16}(?:-[0-9]+)?)$"


def with_letters(row: dict[str, Any]) -> dict[str, Any]:
    """Return a row with the letter before its ids of reports."""
    return row | {
        name: re.sub(_OLD, rf"{REPORT_ID_LETTER}\1", row[name]) for name in _named(row) if row[name]
    }


def table_with_letters(table: pa.Table) -> pa.Table:
    """Return a table with the letter before its ids of reports."""
    import pyarrow as pa
    import pyarrow.compute as pc

    for name in _named(table.column_names):
        place, column = table.column_names.index(name), table.column(name)
        if pa.types.is_large_string(column.type) or pa.types.is_string(column.type):
            made = pc.replace_substring_regex(column, _OLD, rf"{REPORT_ID_LETTER}\1")
            table = table.set_column(place, table.schema.field(place), made)
    return table


def _named(columns: Iterable[str]) -> list[str]:
    """Return those of the columns that hold ids of reports."""
    return [name for name in COLUMNS if name in columns]
