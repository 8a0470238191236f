"""The crosswalk names every key that forms do not share, once, and is what the data say."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest

from pipeline.derive.crosswalk import (
    NEWER,
    OLDER_TABLE,
    OlderRows,
    UnmatchedKeys,
    older_rows,
    rate_to_forms,
    to_markdown,
    unmatched_keys,
)
from pipeline.forms import load_forms
from pipeline.tables.dictionary import cells, keys, sums, tables, vocabulary
from pipeline.tables.rate_definitions import rates

DOCUMENT = Path(__file__).parents[2] / "docs" / "crosswalk.md"


def test_the_document_is_what_the_data_say() -> None:
    told = DOCUMENT.read_text(encoding="utf-8")
    assert told == to_markdown(), "python -m pipeline schema --format crosswalk writes it anew"


def test_every_key_that_one_of_the_newer_forms_alone_prints_is_explained_once() -> None:
    prints: dict[tuple[str, str], set[str]] = {}
    for key in vocabulary():
        prints.setdefault((key.table, key.key), set()).update(key.templates)
    alone = {place for place, forms in prints.items() if len(forms & set(NEWER)) == 1}
    told = Counter((each.table, key) for each in unmatched_keys() for key in each.keys)
    assert set(told) == alone and set(told.values()) == {1}


def test_every_row_of_fy2014_is_explained_once() -> None:
    told = Counter(item for each in older_rows() for item in each.items)
    assert set(told) == set(keys(OLDER_TABLE, "row")) and set(told.values()) == {1}


@pytest.mark.parametrize("each", older_rows(), ids=lambda each: each.items[0])
def test_what_is_near_is_a_cell_of_a_newer_form(each: OlderRows) -> None:
    printed = {f"{table}.{item}__{column}" for table, item, column in cells()}
    assert set(each.near) <= printed
    assert each.why.endswith((".", "?"))


@pytest.mark.parametrize("each", unmatched_keys(), ids=lambda each: each.keys[0])
def test_near_pairs_are_of_the_keys_explained(each: UnmatchedKeys) -> None:
    assert {key for pair in each.near for key in pair} <= set(each.keys) and each.why


def test_keys_left_apart_share_no_panel_column() -> None:
    for each in unmatched_keys():
        forms = {form.form: set(form.units) for form in load_forms() if form.table == each.table}
        both = forms["fy2019"] & forms["fy2021"]
        assert not {pair for pair in both if set(pair) & set(each.keys)}


def test_the_one_row_that_is_summed_is_said_to_be() -> None:
    for total in sums():
        assert any(
            {total.item, *total.parts} <= set(each.keys) and "sum" in each.why for each in unmatched_keys()
        )


def test_the_query_of_the_intro_names_columns_that_there_are() -> None:
    columns = {name: {column.name for column in table.columns} for name, table in tables().items()}
    assert {"agency", "fiscal_year", "new_received__total", "template"} <= columns["panel_applications"]
    assert {"agency", "fiscal_year", "received__count", "template"} <= columns["panel_statistics"]
    assert "panel_statistics" in to_markdown() and "received__count" in to_markdown()


def test_rates_of_fy2014_have_names_of_their_own() -> None:
    for rate in rates():
        assert rate_to_forms(rate), rate.name
        assert ("fy2014" in rate_to_forms(rate)) == rate.name.startswith("fy2014_")
