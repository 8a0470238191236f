"""The workbook, opened by another library."""

from __future__ import annotations

import io
from dataclasses import replace
from pathlib import Path
from typing import Any

import openpyxl
import pytest

from pipeline.cli import main
from pipeline.compare.figures import Comparison, folder_to_comparison
from pipeline.compare.selection import Selection
from pipeline.compare.workbook import comparison_to_xlsx
from pipeline.tables.dictionary import dictionary
from tests.compare.sample import FORMULA, write_sample

pytestmark = pytest.mark.long


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_sample(tmp_path_factory.mktemp("processed"))


@pytest.fixture(scope="module")
def comparison(folder: Path) -> Comparison:
    items = ("applications.new_received.total", "share_granted")
    return folder_to_comparison(folder, Selection(years=(2021, 2022), items=items))


@pytest.fixture(scope="module")
def book(comparison: Comparison) -> openpyxl.Workbook:
    return openpyxl.load_workbook(io.BytesIO(comparison_to_xlsx(comparison)))


def test_every_sheet_has_a_frozen_chinese_head_and_rows(book: openpyxl.Workbook) -> None:
    assert book.sheetnames == ["说明", "排名", "历年", "比率", "覆盖", "须核对", "数据字典"]
    for sheet in book:
        assert sheet.freeze_panes == "A2"
        assert all(not cell.value.isascii() for cell in sheet[1])
        assert sheet.max_row > 2


def test_numbers_are_numbers_in_their_format(book: openpyxl.Workbook, comparison: Comparison) -> None:
    rows = list(book["排名"].iter_rows(min_row=2))
    assert len(rows) == 2 * 12
    counts = [row[8] for row in rows[:12] if row[8].value is not None]
    shares = [row[8] for row in rows[12:] if row[8].value is not None]
    assert {cell.number_format for cell in counts} == {"#,##0.##"}
    assert {cell.number_format for cell in shares} == {"0.0%"}
    assert all(isinstance(cell.value, int | float) for cell in counts + shares)


def test_what_is_not_known_is_empty(book: openpyxl.Workbook) -> None:
    absent = [row for row in book["排名"].iter_rows(min_row=2, values_only=True) if row[10] == "无报告"]
    assert absent
    assert {(row[6], row[8]) for row in absent} == {(None, None)}


def test_a_text_that_begins_like_a_formula_is_a_text(book: openpyxl.Workbook) -> None:
    cells = [cell for row in book["须核对"].iter_rows(min_row=2) for cell in row]
    dangerous = [cell for cell in cells if str(cell.value).startswith(FORMULA)]
    assert dangerous
    assert {cell.data_type for cell in dangerous} == {"s"}
    assert all(cell.data_type != "f" for sheet in book for row in sheet.iter_rows() for cell in row)


TEXTS = [
    "=1+1",
    "{=1+1}",
    "+1",
    "@SUM(1)",
    " =1",
    "http://outside.example",
    "internal:A1",
    "1",
    "_x0041_",
    "a\tb",
    "长" * 32_767,
]
LONG = ["长" * 40_000, "𠀀" * 20_000, "a" + "𠀀" * 20_000]
SIGNS = ["\x00", "\x1f", "\ufffe", "\uffff", "\x7f", "\u2028"]


@pytest.fixture(scope="module")
def shown(comparison: Comparison) -> dict[str, Any]:
    """The cells of one workbook that show these texts, which a report had in doubtful places."""
    texts = [*TEXTS, *LONG, *(f"a{sign}b" for sign in SIGNS)]
    made = comparison_to_xlsx(with_doubtful(comparison, texts))
    cells = [row[4] for row in openpyxl.load_workbook(io.BytesIO(made))["须核对"].iter_rows(min_row=2)]
    return dict(zip(texts, cells, strict=True))


def with_doubtful(comparison: Comparison, texts: list[str]) -> Comparison:
    troubles = comparison.troubles.head(1)
    return replace(comparison, troubles=troubles.loc[troubles.index.repeat(len(texts))].assign(shown=texts))


@pytest.mark.parametrize("text", TEXTS, ids=lambda text: ascii(text[:24]))
def test_any_text_is_the_same_text_in_its_cell(shown: dict[str, Any], text: str) -> None:
    cell = shown[text]
    assert (cell.value, cell.data_type, cell.hyperlink) == (text, "s", None)


@pytest.mark.parametrize("text", LONG, ids=range(len(LONG)))
def test_a_text_that_is_too_long_is_seen_to_be_cut(shown: dict[str, Any], text: str) -> None:
    kept, mark, rest = shown[text].value.partition("……（过长，未完）")
    assert text.startswith(kept) and mark and rest == ""
    assert 32_765 <= len(shown[text].value.encode("utf-16-le")) / 2 <= 32_767


@pytest.mark.parametrize("sign", SIGNS, ids=ascii)
def test_every_sign_leaves_a_whole_file(shown: dict[str, Any], sign: str) -> None:
    value = shown[f"a{sign}b"].value
    assert (value[0], value[-1]) == ("a", "b")


def test_the_dictionary_is_whole(book: openpyxl.Workbook) -> None:
    told = {(row[1], row[3], row[6]) for row in book["数据字典"].iter_rows(min_row=2, values_only=True)}
    assert told == {(entry.table, entry.column, entry.meaning) for entry in dictionary()}


def test_the_same_comparison_gives_the_same_bytes(comparison: Comparison) -> None:
    assert comparison_to_xlsx(comparison) == comparison_to_xlsx(comparison)


def test_the_command_writes_it(folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    out = tmp_path / "one.xlsx"
    assert main(["compare", "--processed", str(folder), "--region", "6302", "--out", str(out)]) == 0
    assert capsys.readouterr().out == f"written: {out}\n"
    assert openpyxl.load_workbook(out)["说明"]["B2"].value.startswith("示例省东示例市：2023 年度")
