"""Texts in CSV: those that a spreadsheet would run as a formula, or that break readers, are escaped and
restored."""

from __future__ import annotations

import codecs
import re

import pyarrow as pa
import pyarrow.compute as pc

BOM = codecs.BOM_UTF8
"""The mark by which a spreadsheet knows that a CSV file is UTF-8."""

# Every sign that begins a formula or folds to one that does (NFKC): Excel takes full-width signs for the
# plain ones where Chinese or Japanese is the language.
SIGNS = "=+\\-@＝＋－＠﹦﹢﹣﹫⁺⁼₊₌﬩⩵⩶"

# Invisible characters: controls, blanks, marks. Spreadsheets remove some of them before they look for a sign;
# which ones differs from program to program.
BLANKS = (
    "\x01-\x20\x7f-\xa0\xad\u034f\u0600-\u0605\u061c\u06dd\u070f\u0890\u0891\u08e2\u115f\u1160\u1680"
    "\u17b4\u17b5\u180b-\u180f\u2000-\u200f\u2028-\u202f\u205f-\u206f\u2800\u3000\u3164\ufe00-\ufe0f\ufeff"
    "\uffa0\ufff0-\ufffb\U000110bd\U000110cd\U00013430-\U0001343f\U0001bca0-\U0001bca3"
    "\U0001d173-\U0001d17a\U000e0000-\U000e0fff"
)
_START = rf"(?:[\t\r\n]|[{BLANKS}]*[{SIGNS}])"

# An apostrophe that the text itself has before such a start is doubled, so that the way back is exact.
DANGEROUS = rf"^('*{_START})"
NEUTRALISED = rf"^'('*{_START})"

# A NUL ends a text in readers written in C, Ctrl-Z a file under Windows. In this order they are replaced,
# in the other order brought back: every ␀ that is written has one letter after it.
WRITTEN = {"␀": "␀S", "\x00": "␀N", "\x1a": "␀Z"}
BREAKING = f"[{''.join(WRITTEN)}]"


def neutralise(table: pa.Table) -> pa.Table:
    """Return the table as written to CSV: `'` before each text that begins like a formula, ␀N and ␀Z for
    NUL and Ctrl-Z."""
    for place, field in _texts(table):
        column = _written(table.column(place).cast(pa.large_string()))
        made = _replaced(column, DANGEROUS, r"'\1")
        table = table.set_column(place, pa.field(field.name, pa.large_string()), made)
    return table.rename_columns([neutralised(name) for name in table.column_names])


def restore(table: pa.Table) -> pa.Table:
    """Return the table with the texts as before `neutralise`."""
    for place, field in _texts(table):
        column = _replaced(table.column(place), NEUTRALISED, r"\1")
        table = table.set_column(place, field, _read(column))
    return table


def neutralised(text: str) -> str:
    """Return one text as `neutralise` writes it."""
    for sign, code in WRITTEN.items():
        text = text.replace(sign, code)
    return re.sub(DANGEROUS, r"'\1", text)


def restored(text: str) -> str:
    """Return one text as `restore` reads it."""
    text = re.sub(NEUTRALISED, r"\1", text)
    for sign, code in reversed(WRITTEN.items()):
        text = text.replace(code, sign)
    return text


def _texts(table: pa.Table) -> list[tuple[int, pa.Field]]:
    """Return index and field of each text column."""
    return [(place, field) for place, field in enumerate(table.schema) if _is_text(field.type)]


def _is_text(kind: pa.DataType) -> bool:
    """Whether a type is text."""
    kind = kind.value_type if pa.types.is_dictionary(kind) else kind
    return bool(pa.types.is_string(kind) or pa.types.is_large_string(kind) or pa.types.is_string_view(kind))


def _written(column: pa.ChunkedArray) -> pa.ChunkedArray:
    """Return the column with breaking characters replaced."""
    if not _any(column, BREAKING):
        return column
    for sign, code in WRITTEN.items():
        column = pc.replace_substring(column, sign, code)
    return column


def _read(column: pa.ChunkedArray) -> pa.ChunkedArray:
    """Return the column with breaking characters restored."""
    if not _any(column, BREAKING):
        return column
    for sign, code in reversed(WRITTEN.items()):
        column = pc.replace_substring(column, code, sign)
    return column


def _replaced(column: pa.ChunkedArray, pattern: str, replacement: str) -> pa.ChunkedArray:
    """Return the column with a pattern replaced, if it occurs."""
    return pc.replace_substring_regex(column, pattern, replacement) if _any(column, pattern) else column


def _any(column: pa.ChunkedArray, pattern: str) -> bool:
    """Whether any text matches. Each different text is tested once, as most columns repeat a few."""
    return bool(pc.any(pc.match_substring_regex(column.unique(), pattern)).as_py())
