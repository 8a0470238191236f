"""Pages without rulings: the labels of the forms and the numbers beside them make a grid."""

from __future__ import annotations

from pathlib import Path

import pytest

from pipeline.bind import raw_to_bound
from pipeline.read import Step, read
from pipeline.read.alignment import pages_to_aligned_tables
from pipeline.read.alignment_labels import glyphs_to_rows, rows_to_labels, rows_to_words
from pipeline.read.frame import Frame
from pipeline.read.glyphs import Glyph
from pipeline.records import BoundTable, RawTable
from tests.generator import Spec, Style, generate
from tests.read.by_hand import page, texts, word, words

DECISIONS = (
    ("信息内容", 60, 100), ("本年处理决定数量", 300, 100),
    ("行政处罚", 60, 120), ("419", 330, 120),
    ("行政强制", 60, 140), ("7", 338, 140),
)  # fmt: skip


def labels_on(*placed: tuple[str, float, float]) -> list[str]:
    return sorted(label.text for label in rows_to_labels(glyphs_to_rows(words(*placed))))


def tables_on(glyphs: list[Glyph], frame: Frame | None = None) -> list[RawTable]:
    return pages_to_aligned_tables([page(glyphs, frame)], "tablers")


def test_words_part_where_the_gap_is_wide() -> None:
    rows = glyphs_to_rows([*word("行政处罚", 60, 100), *word("419", 330, 100), *word("2.58万元", 60, 120)])
    found = {word.text: word.box.x0 for word in rows_to_words(rows)}
    assert found == {"行政处罚": 60, "419": 330, "2.58万元": 60}


def test_a_label_over_several_lines_is_one() -> None:
    assert labels_on(("本年处理", 300, 100), ("决定数量", 300, 113), ("行政处罚", 60, 140)) == [
        "本年处理决定数量", "行政处罚",
    ]  # fmt: skip


def test_a_label_set_one_character_a_line_is_one() -> None:
    assert labels_on(*((char, 300, 100 + 12 * n) for n, char in enumerate("结果维持"))) == ["结果维持"]


def test_a_label_set_wide_is_one() -> None:
    assert labels_on(("总", 300, 100), ("计", 325, 100)) == ["总计"]


def test_the_longest_label_takes_its_characters() -> None:
    """规范性文件 may not take the second line of 行政规范性文件."""
    assert labels_on(("行政", 60, 100), ("规范性文件", 60, 113)) == ["行政规范性文件"]


def test_lines_far_apart_are_no_label() -> None:
    assert labels_on(("本年处理", 300, 100), ("决定数量", 300, 160)) == []


def test_a_label_quoted_by_prose_is_none() -> None:
    assert labels_on(("全年作出行政处罚决定", 60, 100)) == []


def test_a_label_keeps_its_number() -> None:
    assert labels_on(("1.属于国家秘密", 60, 100)) == ["1.属于国家秘密"]


def test_a_number_belongs_to_the_row_beside_it() -> None:
    (table,) = tables_on(words(*DECISIONS))
    assert texts(table) == [["本年处理决定数量"], ["行政处罚", "419"], ["行政强制", "7"]]
    assert table.inferred


def test_a_blank_stays_blank() -> None:
    glyphs = words(*(placed for placed in DECISIONS if placed[0] != "419"))
    (table,) = tables_on(glyphs)
    assert texts(table)[1:] == [["行政处罚", ""], ["行政强制", "7"]]


def test_numbers_go_under_the_header_they_stand_below() -> None:
    """制发 blank, 废止 5, 现行有效 9: counting the numbers in order would shift both."""
    glyphs = words(
        ("信息内容", 60, 100), ("本年制发件数", 150, 100), ("本年废止件数", 250, 100),
        ("现行有效件数", 350, 100),
        ("规章", 60, 120), ("1", 178, 120), ("2", 278, 120), ("3", 378, 120),
        ("行政规范性文件", 60, 140), ("5", 278, 140), ("9", 378, 140),
    )  # fmt: skip
    (table,) = tables_on(glyphs)
    assert texts(table)[1:] == [["规章", "1", "2", "3"], ["行政规范性文件", "", "5", "9"]]


def test_a_row_that_the_form_does_not_know_keeps_its_numbers() -> None:
    glyphs = words(*DECISIONS, ("行政征收", 60, 130), ("88", 333, 130))
    (table,) = tables_on(glyphs)
    assert ["88"] in [[text for text in row if text == "88"] for row in texts(table)]
    assert not any(row[0] in ("行政处罚", "行政强制") and "88" in row for row in texts(table))


def test_prose_gives_no_table() -> None:
    glyphs = words(("我局严格落实行政处罚公示制度，", 60, 100), ("全年办理行政许可 12 件。", 60, 120))
    assert tables_on(glyphs) == []


def test_an_empty_page_gives_no_table() -> None:
    assert tables_on([]) == []


def test_a_turned_page_gives_boxes_as_displayed() -> None:
    frame = Frame(842, 595, 3)
    (table,) = tables_on(words(*DECISIONS), frame)
    (cell,) = [cell for cell in table.cells if cell.text == "419"]
    x0, top, x1, bottom = frame.to_reading(cell.box)
    assert (x0, top, x1, bottom) == (330, 120, 345, 130)


# ---------------------------------------------------------- pages of the generator

NO_RULINGS = Style(ruling="none")
SPECS = {
    "fy2021": Spec("示例市示例局", 2022, style=NO_RULINGS),
    "fy2019": Spec("示例市示例局", 2020, active="fy2019", applications="fy2019", style=NO_RULINGS),
    "fy2014": Spec("示例市示例局", 2017, "", "", False, "national", NO_RULINGS),
}


@pytest.fixture(scope="module")
def printed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("aligned")
    for form, spec in SPECS.items():
        (folder / f"{form}.pdf").write_bytes(generate(spec)[0])
    return folder


def bound(path: Path, reader: str) -> dict[str, BoundTable]:
    raw = read(Step(reader, "aligned"), path)
    return {table.table: table for table in raw_to_bound(raw.tables)[0]}


def shown(value: float) -> str:
    return f"{value:.2f}".rstrip("0").rstrip(".")


@pytest.mark.parametrize("reader", ["tablers", "pdfplumber"])
@pytest.mark.parametrize("form", SPECS)
def test_no_number_is_bound_to_a_wrong_cell(form: str, reader: str, printed: Path) -> None:
    truth = {tuple(row[:3]): row[3] for row in generate(SPECS[form])[1]["cells"]}
    tables = bound(printed / f"{form}.pdf", reader)
    assert tables
    for table in tables.values():
        for cell in table.cells:
            value = shown(truth[cell.table, cell.item, cell.column])
            assert cell.text in (value, f"{value}元"), (cell.item, cell.column)
            assert cell.match != "exact"  # nothing parts these cells: another reader must agree


@pytest.mark.parametrize("form", ["fy2021", "fy2019"])
def test_table_two_is_whole_without_rulings(form: str, printed: Path) -> None:
    table = bound(printed / f"{form}.pdf", "tablers")["active_disclosure"]
    assert table.template == form
    assert table.missing == ()
    assert all(cell.text for cell in table.cells)
