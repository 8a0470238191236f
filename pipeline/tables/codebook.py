"""The data dictionary → the codebook, a page in Chinese and English that lies beside the tables."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from functools import cache
from html import escape
from importlib.resources import files
from string import Template

from pipeline.installation.version import VERSION
from pipeline.tables.dictionary import (
    PANELS,
    Column,
    coded_values,
    panel_cells,
    panel_column,
    tables,
)
from pipeline.tables.stata import table_to_stata_names
from pipeline.tables.titles import column_to_english, column_to_title, table_to_title, value_to_title
from pipeline.typed_toml import Strict, load_packaged

TYPES = {
    "string": "文本 text",
    "date": "日期 date",
    "int16": "整数 integer",
    "int32": "整数 integer",
    "float32": "小数 number",
    "float64": "小数 number",
}


class ColumnSource(Strict, frozen=True):
    """Where the content of columns comes from, in words; `columns` are names, or table.column."""

    chinese: str
    english: str
    columns: tuple[str, ...]


class _File(Strict, frozen=True):
    """What codebook.toml holds."""

    sources: dict[str, ColumnSource]


@cache
def to_codebook(names: tuple[str, ...]) -> str:
    """Return the page on these tables, HTML without scripts."""
    shown = [name for name in tables() if name in names]
    page = Template(files("pipeline.tables").joinpath("codebook.html").read_text(encoding="utf-8"))
    return page.substitute(
        version=escape(VERSION),
        contents="\n".join(map(_to_entry, shown)),
        tables="\n".join(map(_to_section, shown)),
    )


def column_to_source(table: str, column: str) -> ColumnSource:
    """Return where the content of a column comes from."""
    sources = _sources()
    if table in PANELS and column in _cells(table):
        return sources["printed"]
    listed = {name: source for source in sources.values() for name in source.columns}
    return listed.get(f"{table}.{column}") or listed.get(column) or sources["computed"]


@cache
def _sources() -> Mapping[str, ColumnSource]:
    """Return the sources by their names in codebook.toml."""
    return load_packaged("pipeline.tables", "codebook.toml", _File).sources


@cache
def _cells(panel: str) -> frozenset[str]:
    """Return the columns of a panel that are cells of the form."""
    return frozenset(panel_column(*cell) for cell in panel_cells(PANELS[panel]))


def _to_entry(name: str) -> str:
    title = f"{escape(table_to_title(name))} <code>{name}</code>"
    first = tables()[name].meaning.partition(". ")[0].partition(": ")[0].rstrip(".")
    return f'<li><a href="#{name}">{title}</a> <span class="en">{_prose(first)}</span></li>'


def _to_section(name: str) -> str:
    """Return the part of the page on one table."""
    table = tables()[name]
    keys = ", ".join(f"<code>{key}</code>" for key in table.key)
    key = f'<p>主键 <span class="en">Key</span>: {keys}</p>' if keys else ""
    heads = (
        *("变量 Column", "中文名 Chinese", "英文名 English", "类型 Type"),
        *("单位 Unit", "来源 Source", "含义 Meaning"),
    )
    rows = [_column_to_row(name, column) for column in table.columns]
    coded = [column.name for column in table.columns if coded_values(name, column.name)]
    return "\n".join(
        [
            f'<h2 id="{name}">{escape(table_to_title(name))} <code>{name}</code></h2>',
            f'<p class="en">{_prose(table.meaning)}</p>{key}',
            f'<div class="wide">{_rows_to_table(heads, rows)}</div>',
            *(_values_to_details(name, column) for column in coded),
        ]
    )


def _column_to_row(table: str, column: Column) -> Iterator[str]:
    """Yield the cells on one column, as HTML."""
    short = table_to_stata_names(table)[column.name]
    named = f"<code>{column.name}</code>"
    yield named if short == column.name else f"{named}<br><code>{short}</code> <span class=en>(Stata)</span>"
    yield escape(column_to_title(table, column.name))
    yield escape(column_to_english(column.name))
    yield TYPES[column.type] + (" <span class=en>(可空 may be null)</span>" if column.null else "")
    yield escape(column.unit)
    source = column_to_source(table, column.name)
    yield f"{escape(source.chinese)} <span class=en>{escape(source.english)}</span>"
    yield _prose(column.meaning)


def _values_to_details(table: str, column: str) -> str:
    """Return the values of a column with their codes in Stata."""
    rows = [
        (f"{code}", _quoted(value), escape(value_to_title(column, value)), _prose(meaning))
        for code, (value, meaning) in enumerate(coded_values(table, column).items(), 1)
    ]
    head = ("码 Code", "取值 Value", "中文 Chinese", "含义 Meaning")
    name = f"<code>{column}</code> 的取值 <span class=en>values</span> ({len(rows)})"
    return f"<details><summary>{name}</summary>{_rows_to_table(head, rows)}</details>"


def _prose(text: str) -> str:
    """Return a text as HTML, what stands between backticks as code."""
    return re.sub(r"`([^`]+)`", r"<code>\1</code>", escape(text))


def _quoted(value: str) -> str:
    """Return a value as HTML; the empty text as two quotation marks."""
    return f"<code>{escape(value) or '&quot;&quot;'}</code>"


def _rows_to_table(head: Iterable[str], rows: Iterable[Iterable[str]]) -> str:
    """Return a table of cells that are HTML."""
    lines = [f"<tr>{''.join(f'<td>{cell}</td>' for cell in row)}</tr>" for row in rows]
    heads = "".join(f"<th scope=col>{cell}</th>" for cell in head)
    return f"<table><thead><tr>{heads}</tr></thead><tbody>\n" + "\n".join(lines) + "\n</tbody></table>"
