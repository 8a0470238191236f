"""The views over the tables, as SQL for DuckDB: without superseded reports, with Chinese names and values."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict
from typing import TYPE_CHECKING, NamedTuple

from pipeline.files.duckdb_file import quoted
from pipeline.places.county_units import county_rows
from pipeline.tables.dictionary import Column, tables, vocabulary
from pipeline.tables.titles import CHECKED, column_to_title, table_to_title, value_kind, value_titles

if TYPE_CHECKING:
    import pyarrow as pa

SUPERSEDED = ("observations", "checks", "sections", "leftovers", "reports")
"""The tables with rows of reports that another one supersedes, which their views leave out."""
ALL, ALL_TITLE = "all_", "全部"
"""How the names of the views begin that have these rows too."""
VALUES = "value_titles"
TITLED = "中文"
"""How the name of a view begins whose values have Chinese titles: 中文数据."""
CELL_KINDS = ("item", "column", CHECKED)
VOCABULARY = "vocabulary"
COUNTY_UNITS = "county_units"


class View(NamedTuple):
    """A view: its name, the table that it shows, how it shows it in words, and its query."""

    name: str
    table: str
    how: str
    query: str

    @property
    def statement(self) -> str:
        """Return the statement that makes it."""
        return f"CREATE VIEW {quoted(self.name)} AS {self.query}"


def to_stored_name(table: str) -> str:
    """Return the name of a table with all its rows: where its plain name is that of a view of fewer."""
    return ALL + table if table in SUPERSEDED else table


def tables_to_views(columns: Mapping[str, Sequence[str]]) -> Iterator[View]:
    """Yield the views over tables with these columns, in an order in which they can be made.

    Of a table with superseded reports, the view of its name leaves them out.
    """
    for name in (name for name in SUPERSEDED if name in columns):
        kept = f"report_id IN (SELECT report_id FROM {ALL}reports WHERE superseded_by IS NULL)"
        yield View(name, name, "reports that stand", f"FROM {quoted(ALL + name)} WHERE {kept}")
        title = ALL_TITLE + table_to_title(name)
        told = "all rows, Chinese names of columns"
        yield View(title, name, told, _renamed(name, ALL + name, columns[name]))
    for name, here in columns.items():
        yield View(table_to_title(name), name, "Chinese names of columns", _renamed(name, name, here))
        if name != VALUES and any(value_kind(name, column) for column in here):
            yield View(
                TITLED + table_to_title(name),
                name,
                "Chinese names of columns and values",
                _titled(name, here),
            )


def further_tables() -> dict[str, pa.Table]:
    """Return the vocabulary, the titles of values and the counties with their units: tables to SQL alone."""
    import pyarrow as pa

    words = [{**asdict(key), "templates": "+".join(key.templates)} for key in vocabulary()]
    titles = [each._asdict() for each in value_titles()]
    counties = [each._asdict() for each in county_rows()]
    rows = {VALUES: titles, VOCABULARY: words, COUNTY_UNITS: counties}
    return {name: pa.Table.from_pylist(held) for name, held in rows.items()}


def comments(columns: Mapping[str, Sequence[str]]) -> Iterator[str]:
    """Yield the statements that say of tables, columns and views what they mean, in Chinese and English."""
    for name, here in columns.items():
        stored = quoted(to_stored_name(name))
        known = tables().get(name)
        meaning = f": {known.meaning}" if known else ""
        yield f"COMMENT ON TABLE {stored} IS {_text(table_to_title(name) + meaning)}"
        told = {column.name: column for column in known.columns} if known else {}
        for column in here:
            words = column_to_title(name, column) + (_explained(told[column]) if column in told else "")
            yield f"COMMENT ON COLUMN {stored}.{quoted(column)} IS {_text(words)}"
    for view in tables_to_views(columns):
        yield f"COMMENT ON VIEW {quoted(view.name)} IS {_text(f'{view.table}: {view.how}')}"


def _renamed(table: str, source: str, columns: Sequence[str]) -> str:
    """Return the query with Chinese names of columns."""
    renamed = ", ".join(f"{quoted(column)} AS {quoted(column_to_title(table, column))}" for column in columns)
    return f"SELECT {renamed} FROM {quoted(source)}"


def _titled(name: str, columns: Sequence[str]) -> str:
    """Return the query with Chinese names of columns and Chinese titles of values."""
    coded = [(column, value_kind(name, column)) for column in columns]
    shown = [
        f"{f'coalesce(v{place}.title, t.{quoted(column)})' if kind else f't.{quoted(column)}'}"
        f" AS {quoted(column_to_title(name, column))}"
        for place, (column, kind) in enumerate(coded)
    ]
    joins = [
        f"LEFT JOIN (FROM {VALUES} WHERE \"column\" = '{kind}') v{place}"
        f" ON v{place}.value = t.{quoted(column)}"
        + (f' AND v{place}."table" = t."table"' if kind in CELL_KINDS else "")
        for place, (column, kind) in enumerate(coded)
        if kind
    ]
    return f"SELECT {', '.join(shown)} FROM {quoted(name)} t {' '.join(joins)}"


def _explained(column: Column) -> str:
    """Return what a column means, behind its title."""
    return f": {column.meaning}" + (f" ({column.unit})" if column.unit else "")


def _text(text: str) -> str:
    """Return a text as SQL quotes it."""
    doubled = text.replace("'", "''")
    return f"'{doubled}'"
