"""Texts that a spreadsheet would take for a formula: made harmless in CSV, and taken back."""

from __future__ import annotations

import pyarrow as pa
import pyarrow.compute as pc

# Full-width signs too: Excel takes them for the plain ones where Chinese or Japanese is the language.
STARTS = r"[=+\-@＝＋－＠\t\r\n]"

# An apostrophe that the text itself has before such a start is doubled, so that the way back is exact.
DANGEROUS = rf"^('*{STARTS})"
NEUTRALISED = rf"^'('*{STARTS})"


def neutralise(table: pa.Table) -> pa.Table:
    """The table with `'` before every text that begins like a formula."""
    return _replace(table, DANGEROUS, r"'\1")


def restore(table: pa.Table) -> pa.Table:
    """The texts as they were before `neutralise`."""
    return _replace(table, NEUTRALISED, r"\1")


def _replace(table: pa.Table, pattern: str, replacement: str) -> pa.Table:
    for place, field in enumerate(table.schema):
        if field.type == pa.large_string():
            column = table.column(place)
            table = table.set_column(place, field, _replace_each(column, pattern, replacement))
    return table


def _replace_each(column: pa.ChunkedArray, pattern: str, replacement: str) -> pa.ChunkedArray:
    """Each different text is looked at once, for most columns repeat a few."""
    if not pc.any(pc.match_substring_regex(column.unique(), pattern)).as_py():
        return column
    return pc.replace_substring_regex(column, pattern, replacement)
