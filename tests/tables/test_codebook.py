"""The codebook names every column in both languages, with its values and where it comes from."""

from __future__ import annotations

from html.parser import HTMLParser
from itertools import chain

import pytest

from pipeline.tables.codebook import _sources, column_to_source, to_codebook
from pipeline.tables.dictionary import tables
from pipeline.tables.stata import column_to_value_labels, table_to_stata_names
from pipeline.tables.titles import column_to_title, table_to_title


class Page(HTMLParser):
    """The rows of a page, each as the texts of its cells; and what was opened and not closed."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.rows: list[list[str]] = []
        self.open: list[str] = []
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: object) -> None:
        if tag == "tr":
            self.rows.append([])
        elif tag in ("td", "th"):
            self.rows[-1].append("")
        if tag not in ("meta", "br"):
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        if "td" in self.open or "th" in self.open:
            self.rows[-1][-1] += data


@pytest.fixture(scope="module")
def page() -> Page:
    return Page(to_codebook(tuple(tables())))


def test_the_page_is_whole_and_runs_nothing(page: Page) -> None:
    assert page.open == []
    assert "<script" not in to_codebook(tuple(tables())) and "http" not in to_codebook(tuple(tables()))


def test_every_column_is_there_with_title_meaning_and_its_name_in_stata(page: Page) -> None:
    rows = {(row[0], row[1], row[6].split()[0]) for row in page.rows if len(row) == 7}
    for name, table in tables().items():
        for column in table.columns:
            short = table_to_stata_names(name)[column.name]
            shown = column.name if short == column.name else f"{column.name}{short} (Stata)"
            assert (shown, column_to_title(name, column.name), column.meaning.split()[0]) in rows


def test_every_value_has_the_code_that_it_has_in_stata(page: Page) -> None:
    told = {(row[0], row[1]) for row in page.rows if len(row) == 4}
    for name, table in tables().items():
        for column in table.columns:
            for code, label in column_to_value_labels(name, column.name).items():
                value = label.split()[0].replace("(empty)", '""')
                assert (f"{code}", value) in told


def test_only_the_tables_that_are_there_are_told() -> None:
    page = to_codebook(("reports",))
    assert table_to_title("reports") in page and 'id="observations"' not in page


def test_what_is_listed_as_a_source_is_there_and_listed_once() -> None:
    listed = list(chain.from_iterable(source.columns for source in _sources().values()))
    assert len(listed) == len(set(listed))
    there = {name for table in tables().values() for name in (column.name for column in table.columns)}
    whole = {f"{table.name}.{column.name}" for table in tables().values() for column in table.columns}
    assert set(listed) <= there | whole


@pytest.mark.parametrize(
    ("table", "column", "source"),
    [
        ("observations", "value", "printed"),
        ("panel_applications", "new_received__total", "printed"),
        ("panel_rates", "value", "computed"),
        ("checks", "scope", "form"),
        ("reports", "scope", "places"),
        ("reports", "report_id", "file"),
        ("reports", "reason", "reading"),
        ("panel_nulls", "reason", "computed"),
    ],
)
def test_the_source_of_a_column_is_told(table: str, column: str, source: str) -> None:
    assert column_to_source(table, column) == _sources()[source]
