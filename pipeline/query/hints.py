"""A query that failed or found nothing → what it may have meant: near names, near values."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import cache
from itertools import pairwise
from typing import NamedTuple

import duckdb
from rapidfuzz import fuzz, process

from pipeline.files.duckdb_file import quoted
from pipeline.tables.dictionary import tables
from pipeline.tables.sql_views import ALL, ALL_TITLE, TITLED, VALUES
from pipeline.tables.titles import column_to_title, table_to_title, value_kind, value_titles

NEAR_NAMES = 5
"""Count. A hint has no more names."""

NEAR_VALUES = 3
"""Count. A hint has no more values for a text that is none."""

NEAR_RATIO = 60
"""Ratio of rapidfuzz, 0 to 100. Texts that are less alike are not near."""

LISTED_COLUMNS_MAX = 12
"""Count. A view with no more columns is listed whole."""

SEARCHED_TEXTS_MAX = 8
"""Count. No more texts of a query that found nothing are looked for."""

NAMES = ("agency", "region_name", "bureau_type")
"""Columns whose values are no terms of this project, but names that may be misspelt."""

_NO_COLUMN = re.compile(r'(?:column|named) "([^"]+)"', re.IGNORECASE)
_NO_TABLE = re.compile(r"Table with name (.+?) does not exist")
_THEIRS = re.compile(r"\s*(?:Candidate (?:bindings|tables)|Did you mean).*", re.DOTALL)
_NUMBER = re.compile(r"\.?\d[\w.]*")
_TEXT = re.compile(r"'((?:[^']|'')*)'")
_PLAIN = re.compile(r"(?!\d)[\w\u0080-\U0010ffff]+")


class Token(NamedTuple):
    """A word or sign of a query: its kind in DuckDB's words, and the query from there on."""

    kind: str
    rest: str


def query_to_tokens(query: str) -> list[Token]:
    """Return the tokens of a query, whose places DuckDB counts in bytes."""
    data = query.encode()
    return [Token(kind.name, data[place:].decode()) for place, kind in duckdb.tokenize(query)]


def query_to_glued(query: str) -> str:
    """Return the first name that stands right behind a number, with the number, "" if there is none.

    `1.属于国家秘密` is the number 1. to DuckDB, under that name: the same for every agency.
    """
    data, places = query.encode(), list(duckdb.tokenize(query))
    for (number, kind), (name, following) in pairwise(places):
        between = data[number:name].decode()
        glued = (kind.name, following.name) == ("numeric_const", "identifier") and _NUMBER.fullmatch(between)
        if glued and (found := _PLAIN.match(data[name:].decode())):
            return between + found[0]
    return ""


def views_to_near(views: Mapping[str, Sequence[str]], name: str) -> str:
    """Return the columns of these views nearest to a name, in words."""
    return "; ".join(_near_columns(view, columns, name) for view, columns in views.items())


def error_to_hint(message: str, views: Mapping[str, Sequence[str]], query: str) -> str:
    """Return the message with the nearest tables or columns there are instead of DuckDB's own."""
    bare = " ".join(_THEIRS.sub("", message).split()).rstrip("!;")
    if found := _NO_TABLE.search(message):
        near = ", ".join(map(_as_sql, _nearest(found[1], views)))
        return f"{bare}; near: {near}; all: show tables"
    if found := _NO_COLUMN.search(message):
        named = {view: columns for view, columns in views.items() if view in query_to_names(query)}
        return "; ".join(filter(None, [bare, views_to_near(named, found[1])]))
    return " ".join(message.split())


def query_to_names(query: str) -> set[str]:
    """Return the names in a query, without their quotes."""
    words = (_PLAIN.match(rest.lstrip('"')) for kind, rest in query_to_tokens(query) if kind == "identifier")
    return {word[0] for word in words if word}


def _near_columns(view: str, columns: Sequence[str], name: str) -> str:
    """Return the columns of a view nearest to a name; all of them if they are few."""
    if len(columns) <= LISTED_COLUMNS_MAX:
        return f"columns of {view}: {', '.join(map(_as_sql, columns))}"
    near = ", ".join(map(_as_sql, _nearest(name, columns)))
    return f"near in {view}: {near}; all {len(columns)}: describe {view}"


def _nearest(name: str, names: Iterable[str]) -> list[str]:
    """Return the names that are most like this one."""
    found = process.extract(name, list(names), scorer=fuzz.partial_ratio, processor=str.casefold, limit=None)
    best = sorted(found, key=lambda match: (-match[1], -fuzz.ratio(name, match[0])))
    return [each for each, _, _ in best[:NEAR_NAMES]]


def _as_sql(name: str) -> str:
    """Return a name as it is written in a query."""
    return name if _PLAIN.fullmatch(name) and name not in _reserved() else quoted(name)


@cache
def _reserved() -> frozenset[str]:
    """Return the words of SQL that are no names without quotes."""
    free = "('unreserved', 'column_name')"
    query = f"SELECT keyword_name FROM duckdb_keywords() WHERE keyword_category NOT IN {free}"
    with duckdb.connect() as connection:
        return frozenset(word for (word,) in connection.execute(query).fetchall())


def empty_to_hint(
    connection: duckdb.DuckDBPyConnection, query: str, views: Mapping[str, Sequence[str]]
) -> str:
    """Return what is near the texts of a query that no view it names holds, "" if it names none such."""
    named = [view for view in views if view in query_to_names(query)]
    matches = (_TEXT.match(rest) for kind, rest in query_to_tokens(query) if kind == "string_const")
    texts = dict.fromkeys(found[1].replace("''", "'") for found in matches if found)
    asked = [text for text in texts if text and "%" not in text][:SEARCHED_TEXTS_MAX]
    unknown = [text for text in asked if not any(_holds(connection, view, text) for view in named)]
    hints = [_text_to_hint(connection, text, named) for text in unknown if named]
    coded = any(text == each.title for text in unknown for each in value_titles())
    titled = [TITLED + table_to_title(_view_to_table(view)[0]) for view in named]
    return "; ".join(hints) + (f"; {titled[0]} has Chinese values" if coded and titled[0] in views else "")


def _holds(connection: duckdb.DuckDBPyConnection, view: str, text: str) -> bool:
    """Return whether a text stands in a column of a view."""
    kinds = connection.execute(f"DESCRIBE {quoted(view)}").fetchall()
    columns = [quoted(name) for name, kind, *_ in kinds if kind == "VARCHAR"]
    where = " OR ".join(f"{column} = $1" for column in columns) or "false"
    return connection.execute(f"FROM {quoted(view)} WHERE {where} LIMIT 1", [text]).fetchone() is not None


def _text_to_hint(connection: duckdb.DuckDBPyConnection, text: str, named: Sequence[str]) -> str:
    """Return the values of these views that are most like a text, as conditions of SQL."""
    told: dict[str, float] = {}
    for view in named:
        for condition, *words in _conditions(connection, view):
            ratio = max(fuzz.ratio(text, word) for word in words)
            told[condition] = max(ratio, told.get(condition, 0))
    near = sorted((c for c in told if told[c] >= NEAR_RATIO), key=lambda c: -told[c])[:NEAR_VALUES]
    return f"{_as_text(text)} stands in no column of {', '.join(named)}" + (
        f"; near: {'; '.join(near)}" if near else ""
    )


def _conditions(connection: duckdb.DuckDBPyConnection, view: str) -> Iterator[tuple[str, ...]]:
    """Yield conditions on a view, each with the words that mean it: a value and its title, or a name."""
    name, title = _view_to_table(view)
    columns = [column.name for column in tables()[name].columns] if name in tables() else []
    for column in columns:
        shown = _as_sql(column if view == name else column_to_title(name, column))
        if kind := value_kind(name, column):
            values = connection.execute(f"SELECT DISTINCT {quoted(column)} FROM {quoted(name)}").fetchall()
            there = {value for (value,) in values}
            for each in value_titles():
                if each.column == kind and each.value in there:
                    said = each.title if title else each.value
                    more = "" if title else f" ({each.title})"
                    yield f"{shown} = {_as_text(said)}{more}", each.value, each.title
        elif column in NAMES:
            for (value,) in connection.execute(
                f"SELECT DISTINCT {quoted(column)} FROM {quoted(name)}"
            ).fetchall():
                if value:
                    yield f"{shown} = {_as_text(value)}", value


def _view_to_table(view: str) -> tuple[str, bool]:
    """Return the table that a view shows, and whether it shows titles for values."""
    bare = view.removeprefix(TITLED)
    table = bare.removeprefix(ALL_TITLE).removeprefix(ALL)
    name = next((name for name in (*tables(), VALUES) if table in (name, table_to_title(name))), view)
    return name, bare != view


def _as_text(text: str) -> str:
    doubled = text.replace("'", "''")
    return f"'{doubled}'"
