"""The rot test: every fact in the form files is held against the vocabulary and against the others."""

from __future__ import annotations

import csv
import unicodedata
from collections import Counter
from importlib.resources import files
from typing import Any

import pytest

from pipeline.extract.bind.label_index import anchors, load_form_labels
from pipeline.forms import FormError, Label, TableForm, file_to_tables, load_forms
from pipeline.forms.labels import fold, plain, radicals

FORMS = load_forms()
NAMES = [f"{form.form}-{form.table}" for form in FORMS]
each_form = pytest.mark.parametrize("form", FORMS, ids=NAMES)

PRINTED_TWICE = {
    ("fy2014", "statistics", "被依法纠错数"): {"review.corrected", "litigation.corrected"},
    ("fy2014", "statistics", "其他情形数"): {"review.other", "litigation.other"},
}
"""Labels that a form prints in several of its rows: there position decides."""

BOTH_AXES = {
    ("fy2021", "applications"): {"总计", "合计", "总数", "其他", "其它"},
    ("fy2019", "applications"): {"总计"},
}
"""Labels that name a row and a column of the same table: there the side of the table decides."""

ROWS_ALSO_IGNORED = {("fy2019", "applications"): {"其他处理"}}
"""（六）其他处理 is a row on fy2019 and the name of three rows on fy2021: the numbers beside it decide."""


def vocabulary() -> list[dict[str, str]]:
    text = files("pipeline.forms").joinpath("vocabulary.csv").read_text(encoding="utf-8")
    return list(csv.DictReader(text.splitlines()))


def words_of(form: TableForm, axis: str) -> dict[str, dict[str, str]]:
    """The rows of the vocabulary for one axis of a table, by key."""
    return {
        word["key"]: word
        for word in vocabulary()
        if form.form in word["template"].split("+") and (word["table"], word["axis"]) == (form.table, axis)
    }


def labels_of(form: TableForm) -> frozenset[str]:
    return frozenset().union(*(label.folded for label in (*form.rows, *form.columns)))


def test_the_files_hold_every_table_of_the_vocabulary_and_no_other() -> None:
    named = {(template, word["table"]) for word in vocabulary() for template in word["template"].split("+")}
    assert {(form.form, form.table) for form in FORMS} == named
    assert len(FORMS) == len(named)


def test_the_newest_form_stands_first() -> None:
    forms = [form.form for form in FORMS]
    assert forms == sorted(forms, reverse=True)


@each_form
@pytest.mark.parametrize("axis", ["row", "column"])
def test_keys_are_those_of_the_vocabulary_in_its_order(form: TableForm, axis: str) -> None:
    labels = form.rows if axis == "row" else form.columns
    assert [label.key for label in labels] == list(words_of(form, axis))


@each_form
@pytest.mark.parametrize("axis", ["row", "column"])
def test_the_first_label_is_the_one_of_the_vocabulary(form: TableForm, axis: str) -> None:
    labels = form.rows if axis == "row" else form.columns
    assert {x.key: x.printed for x in labels} == {k: w["label_zh"] for k, w in words_of(form, axis).items()}


@each_form
def test_units_are_those_of_the_vocabulary(form: TableForm) -> None:
    """The unit of a cell is that of its column; the columns of the 统计表 leave it to the row."""
    rows, columns = words_of(form, "row"), words_of(form, "column")
    expected = {(i, c): columns[c]["unit"] or rows[i]["unit"] for i, c in form.units}
    assert dict(form.units) == expected
    assert all(expected.values())


@each_form
def test_every_row_and_every_column_has_a_cell(form: TableForm) -> None:
    assert {item for item, _ in form.expected()} == {row.key for row in form.rows}
    assert {column for _, column in form.units} == {column.key for column in form.columns}


def test_the_forms_print_as_many_numbers_as_they_do() -> None:
    sizes = {(form.form, form.table): len(list(form.expected())) for form in FORMS}
    assert sizes == {
        ("fy2021", "active_disclosure"): 10, ("fy2019", "active_disclosure"): 22,
        ("fy2021", "applications"): 175, ("fy2019", "applications"): 161,
        ("fy2021", "review_litigation"): 15, ("fy2019", "review_litigation"): 15,
        ("fy2014", "statistics"): 58,
    }  # fmt: skip


@each_form
def test_every_label_folds_to_something(form: TableForm) -> None:
    others = form.headings | form.telling | form.ignored | form.unit_labels
    assert "" not in labels_of(form) | others
    assert all(fold(label.printed) in label.folded for label in (*form.rows, *form.columns))


def claimed_twice(labels: tuple[Label, ...]) -> dict[str, set[str]]:
    claims = Counter(folded for label in labels for folded in label.folded)
    return {
        folded: {label.key for label in labels if folded in label.folded}
        for folded, count in claims.items()
        if count > 1
    }


@each_form
def test_no_label_is_claimed_twice_but_those_that_the_form_repeats(form: TableForm) -> None:
    here = (form.form, form.table)
    known = {label: keys for (*place, label), keys in PRINTED_TWICE.items() if tuple(place) == here}
    assert claimed_twice(form.rows) == known
    assert claimed_twice(form.columns) == {}


@each_form
def test_labels_of_both_axes_are_known(form: TableForm) -> None:
    rows = frozenset().union(*(label.folded for label in form.rows))
    columns = frozenset().union(*(label.folded for label in form.columns))
    assert rows & columns == BOTH_AXES.get((form.form, form.table), set())


@each_form
def test_what_is_ignored_names_no_cell(form: TableForm) -> None:
    assert labels_of(form) & form.ignored == ROWS_ALSO_IGNORED.get((form.form, form.table), set())
    assert not labels_of(form) & (form.headings | form.unit_labels)


def test_forms_together_give_no_label_a_second_meaning() -> None:
    """The forms of a table are bound as one: a variant added to one may not break another."""
    found = {
        (table, label): set(keys)
        for table, form_labels in load_form_labels().items()
        for axis in (form_labels.rows, form_labels.columns)
        for label, keys in axis.keys.items()
        if len(keys) > 1
    }
    assert found == {(table, label): keys for (_, table, label), keys in PRINTED_TWICE.items()}


@each_form
def test_telling_labels_are_printed_by_a_form_of_the_table(form: TableForm) -> None:
    printed = {label for label, table in anchors().items() if table == form.table} | form.ignored
    assert len(form.telling) >= 2
    assert form.telling <= printed


@each_form
def test_identities_sum_known_keys_over_a_sensible_axis(form: TableForm) -> None:
    axes = {"columns": {row.key for row in form.rows}, "rows": {column.key for column in form.columns}}
    for identity in form.identities:
        assert set(identity.weights) <= axes[identity.across]
        assert set(identity.weights.values()) == {1, -1}
        assert identity.name.startswith(f"{form.table}.")


@each_form
def test_identity_names_are_unique(form: TableForm) -> None:
    names = [identity.name for identity in form.identities]
    assert len(names) == len(set(names))


@each_form
def test_every_cell_that_the_forms_can_check_is_covered(form: TableForm) -> None:
    covered = {
        (key, at.key) if identity.across == "columns" else (at.key, key)
        for identity in form.identities
        for key in identity.weights
        for at in (form.columns if identity.across == "columns" else form.rows)
    }
    open_cells = set(form.units) - covered
    if form.table in ("applications", "review_litigation"):
        assert not open_cells
    summed = ("received", "closed", "answered", "refused", "review.", "litigation.", "staff")
    assert not {item for item, _ in open_cells if item.startswith(summed)}


def test_table_three_is_covered_twice_over() -> None:
    """Each of its numbers stands in a sum over its row and in one over its column: two errors cannot hide."""
    for form in FORMS:
        if form.table == "applications":
            down = [i for i in form.identities if i.across == "columns"]
            across = [i for i in form.identities if i.across == "rows"]
            assert set().union(*(i.weights for i in down)) == {row.key for row in form.rows}
            assert set().union(*(i.weights for i in across)) == {column.key for column in form.columns}


# ------------------------------------------------------------------ radicals


def test_every_radical_maps_to_one_ideograph_that_is_none() -> None:
    text = files("pipeline.forms").joinpath("radicals.csv").read_text(encoding="utf-8")
    rows = list(csv.DictReader(text.splitlines()))
    assert len({row["radical"] for row in rows}) == len(rows) == len(radicals())
    for row in rows:
        assert f"U+{ord(row['radical']):04X}" == row["code_point"]
        assert unicodedata.name(row["radical"]).split()[0] in ("CJK", "KANGXI")
        assert unicodedata.name(row["ideograph"]).startswith("CJK UNIFIED IDEOGRAPH")


@pytest.mark.parametrize(
    ("radical", "ideograph"),
    ["⺠民", "⻓长", "⻔门", "⻅见", "⻛风", "⼀一", "⾏行", "⼈人", "⽆无", "⼯工", "⽤用", "⾃自", "⼆二"],
)
def test_radicals_that_browsers_print(radical: str, ideograph: str) -> None:
    assert plain(radical) == ideograph
    assert fold(radical) == ideograph


def test_a_label_in_radicals_is_the_label() -> None:
    assert fold("⼀、本年新收政府信息公开申请数量") == fold("一、本年新收政府信息公开申请数量")
    assert fold("⾃然⼈") == "自然人"


@pytest.mark.parametrize(
    ("printed", "folded"),
    [
        ("（六） 其他处理", "其他处理"), ("6、其他处理", "其他处理"), ("总 计", "总计"),
        ("商 业 企业", "商业企业"),
        ("3.危及“三安全一稳定”", "危及三安全一稳定"), ('3. 危及"三安全一稳定"', "危及三安全一稳定"),
        ("(三) 不予公开", "不予公开"), ("１．属于国家秘密", "属于国家秘密"), ("本年增/减", "本年增减"),
        ("本年增（减）", "本年增减"), ("三、\n本年度\n办理\n结果", "本年度办理结果"), ("—", ""), ("一、", ""),
        ("第二十条第(五)项", "第二十条第五项"),
    ],
)  # fmt: skip
def test_fold(printed: str, folded: str) -> None:
    assert fold(printed) == folded


# --------------------------------------------------------- files that are wrong


def form_file(**changes: Any) -> dict[str, Any]:
    """A form of two rows and two columns, as a file reads."""
    table = {
        "telling": ["甲数", "乙数"],
        "rows": [{"key": "a", "labels": ["甲数"]}, {"key": "b", "labels": ["乙数"]}],
        "columns": [{"key": "count", "labels": ["统计数"]}, {"key": "total", "labels": ["总计"]}],
        "cells": [{"rows": "*", "columns": ["count"], "unit": "件"}],
        "identities": [{"name": "t.sum", "across": "columns", "weights": {"a": 1, "b": -1}}],
    }
    return {"form": "fy2099", "source": "none", "t": table | changes}


def test_a_new_form_is_a_new_file() -> None:
    (table,) = file_to_tables("fy2099.toml", form_file())
    assert (table.form, table.table) == ("fy2099", "t")
    assert list(table.expected()) == [("a", "count"), ("b", "count")]
    assert table.units == {("a", "count"): "件", ("b", "count"): "件"}
    assert table.identities[0].weights == {"a": 1, "b": -1}


def test_a_row_unit_holds_where_the_block_has_none() -> None:
    rows = [{"key": "a", "labels": ["甲数"], "unit": "条"}, {"key": "b", "labels": ["乙数"], "unit": "人次"}]
    cells = [{"rows": "*", "columns": ["count"]}]
    (table,) = file_to_tables("fy2099.toml", form_file(rows=rows, cells=cells))
    assert table.units == {("a", "count"): "条", ("b", "count"): "人次"}


def test_optional_columns_are_not_expected() -> None:
    (table,) = file_to_tables("fy2099.toml", form_file(optional_columns=["total"]))
    assert ("a", "total") in table.units
    assert list(table.expected()) == [("a", "count"), ("b", "count")]


@pytest.mark.parametrize(
    ("place", "entry", "key"),
    [
        ("cells", {"rows": ["a", "zz"], "columns": "*", "unit": "件"}, "zz (rows)"),
        ("cells", {"rows": "*", "columns": ["qq"], "unit": "件"}, "qq (columns)"),
        ("identities", {"name": "t.sum", "across": "columns", "weights": {"a": 1, "zz": -1}}, "zz (rows)"),
        ("identities", {"name": "t.sum", "across": "rows", "weights": {"a": 1, "total": -1}}, "a (columns)"),
    ],
)
def test_an_unknown_key_is_named(place: str, entry: dict[str, Any], key: str) -> None:
    with pytest.raises(FormError) as error:
        file_to_tables("fy2099.toml", form_file(**{place: [entry]}))
    assert key in str(error.value)
    assert "forms/fy2099.toml [t]" in str(error.value)
