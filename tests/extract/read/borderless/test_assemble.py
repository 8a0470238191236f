"""Pages without rulings: the labels of the forms and the numbers beside them make a grid."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from random import Random

import pytest

from pipeline.extract.bind import raw_to_bound
from pipeline.extract.read import Step, read
from pipeline.extract.read.borderless.assemble import CELL_MARGIN, content_to_page, pages_to_borderless_tables
from pipeline.extract.read.borderless.label_search import rows_to_labels
from pipeline.extract.read.borderless.words import glyphs_to_rows, rows_to_words
from pipeline.extract.read.orientation import PageOrientation
from pipeline.extract.read.pdf_file import PdfFile
from pipeline.forms import load_forms
from pipeline.records import BoundTable, Glyph, RawTable
from tests.extract.read.by_hand import page, texts, width_of, word, words
from tools.generator import Spec, Style, generate

DECISIONS = (
    ("信息内容", 60, 100), ("本年处理决定数量", 300, 100),
    ("行政处罚", 60, 120), ("419", 330, 120),
    ("行政强制", 60, 140), ("7", 338, 140),
)  # fmt: skip


def labels_on(*placed: tuple[str, float, float]) -> list[str]:
    return sorted(label.text for label in rows_to_labels(glyphs_to_rows(words(*placed))))


def tables_on(glyphs: list[Glyph], frame: PageOrientation | None = None) -> list[RawTable]:
    return pages_to_borderless_tables([content_to_page(page(glyphs, frame))], "pypdfium2")


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
    frame = PageOrientation(842, 595, 3)
    (table,) = tables_on(words(*DECISIONS), frame)
    (cell,) = [cell for cell in table.cells if cell.text == "419"]
    x0, top, x1, bottom = frame.to_reading(cell.box)
    assert (x0, top, x1, bottom) == (330, 120 - CELL_MARGIN, 345, 130 + CELL_MARGIN)


KEYS = ("natural_person", "business", "research", "nonprofit", "legal_service", "other_org", "total")
COLUMNS = ("自然人", "商业企业", "科研机构", "社会公益组织", "法律服务机构", "其他", "总计")
EDGES = (260, 310, 360, 410, 460, 510, 550, 590)
"""Table 三 by hand: 50 points a column, so that 社会公益组织 stands in two lines."""


def cell_at(text: str, left: float, right: float, top: float, align: str) -> list[Glyph]:
    """Text in a cell, one line of 10 points; a header of more than four characters in two."""
    if len(text) > 4 and not text.isascii():
        halves = (text[:4], top), (text[4:], top + 11)
        return [glyph for half, y in halves for glyph in cell_at(half, left, right, y, align)]
    width = sum(width_of(char) for char in text)
    x = {"left": left + 2, "right": right - 2 - width, "centre": (left + right - width) / 2}[align]
    return word(text, x, top)


def header(top: float, align: str = "centre", edges: Sequence[float] = EDGES) -> list[Glyph]:
    cells = zip(COLUMNS, edges, edges[1:], strict=False)
    return [glyph for text, left, right in cells for glyph in cell_at(text, left, right, top, align)]


def row(label: str, numbers: Sequence[str], top: float, align: str = "centre") -> list[Glyph]:
    glyphs = word(label, 60, top)
    for text, left, right in zip(numbers, EDGES, EDGES[1:], strict=False):
        glyphs += cell_at(text, left, right, top, align)
    return glyphs


def other_rows(top: float, align: str = "centre") -> list[Glyph]:
    """Rows without which a header and a single row were too little to be taken for table 三."""
    labels = ("4.保护第三方合法权益", "7.属于行政执法案卷", "8.属于行政查询事项")
    return [glyph for at, text in enumerate(labels) for glyph in row(text, NUMBERS, top + 20 * at, align)]


def bound_on(*pages: list[Glyph]) -> tuple[dict[tuple[str, str], str], list[str]]:
    """The texts of the named cells of the first table, and those that no name was found for."""
    made = [replace(page(glyphs), number=number) for number, glyphs in enumerate(pages, 1)]
    tables, unknown = raw_to_bound(pages_to_borderless_tables([*map(content_to_page, made)], "pypdfium2"))
    cells = {(cell.item, cell.column): cell.text for table in tables for cell in table.cells}
    left = (*(left for table in tables for left in table.leftovers), *unknown)
    return cells, [leftover.text for leftover in left]


NUMBERS = ("12", "3", "0", "0", "1", "0", "16")


@pytest.mark.parametrize("align", ["left", "right", "centre"])
def test_a_number_may_stand_left_or_right_of_its_header(align: str) -> None:
    """自然人 is 30 points wide in a column of 50: a number at its left edge stands before the header."""
    rows = [*row("1.属于国家秘密", NUMBERS, 140, align), *other_rows(160, align)]
    cells, left = bound_on([*header(100), *rows])
    assert [cells["refused.state_secret", column] for column in KEYS] == list(NUMBERS)
    assert left == []


@pytest.mark.parametrize("align", ["left", "right"])
def test_blanks_move_no_number_to_another_column(align: str) -> None:
    sparse = ("", "3", "", "", "1", "", "16")
    rows = [row("1.属于国家秘密", NUMBERS, 140, align), row("2.重复申请", sparse, 160, align)]
    cells, _ = bound_on([*header(100), *rows[0], *rows[1]])
    assert [cells["declined.repeated", column] for column in KEYS] == list(sparse)


def test_a_number_between_two_headers_with_nothing_to_tell_by_is_in_neither() -> None:
    heads = words(("本年制发件数", 150, 100), ("本年废止件数", 300, 100), ("现行有效件数", 480, 100))
    cells, left = bound_on([*heads, *words(("规章", 60, 120), ("7", 250, 120))])
    assert "7" in left
    assert ("regulations", "made") not in cells and ("regulations", "repealed") not in cells


def test_numbers_that_touch_over_the_edge_of_a_column_are_in_none() -> None:
    rows = row("1.属于国家秘密", NUMBERS, 140) + row("2.重复申请", NUMBERS, 160)
    rows += [*word("5.属于三类内部事务信息", 60, 180), *word("12345678", 282, 180)]
    cells, left = bound_on([*header(100), *rows])
    assert "12345678" in left
    assert ("refused.internal_affairs", "natural_person") not in cells


def test_a_page_without_a_header_stands_under_the_one_before() -> None:
    second = row("2.重复申请", ("", "3", "", "", "", "", "3"), 60)
    cells, left = bound_on([*header(700), *row("1.属于国家秘密", NUMBERS, 740)], second)
    assert cells["declined.repeated", "business"] == "3"
    assert cells["declined.repeated", "natural_person"] == ""
    assert left == []


def test_a_page_number_is_no_row() -> None:
    cells, left = bound_on([*header(100), *other_rows(140), *word("- 3 -", 285, 205)])
    assert len(cells) == 3 * len(KEYS)
    assert left == []


TORN = "5.要求行政机关确认或重新出具已", "获取信息"
"""A label that the end of a page parts."""


def torn_pages(*between: list[Glyph], top: float = 85) -> list[list[Glyph]]:
    """A row of which one page has a piece of the label and the last one the rest, with a 0 for 总计 alone."""
    first = [*header(100), *other_rows(140), *word(TORN[0], 60, 200)]
    rest = row(TORN[1], ("", "", "", "", "", "", "0"), top)
    below = [*row("（七）总计", NUMBERS, 110), *row("四、结转下年度继续办理", NUMBERS, 150)]
    return [first, *between, [*rest, *below]]


@pytest.mark.parametrize("top", [85, 60])
def test_one_number_alone_may_be_all_that_is_left_of_a_torn_row(top: float) -> None:
    """The rows below may be so high that it stands far above them."""
    _, left = bound_on(*torn_pages(top=top))
    assert left == ["0"]


def test_a_page_with_a_piece_of_a_label_alone_does_not_end_the_table() -> None:
    first, last = torn_pages()
    cells, left = bound_on(first[: -len(word(TORN[0], 0, 0))], word(TORN[0], 60, 60), last)
    assert cells["handled_total", "total"] == "16" and "0" in left


def test_a_page_of_prose_ends_it() -> None:
    prose = [glyph for line in range(14) for glyph in word("我局主动公开政府信息", 60, 60 + 20 * line)]
    first, last = torn_pages()
    cells, _ = bound_on(first, prose, last)
    assert ("handled_total", "total") not in cells


@pytest.mark.parametrize("numbers, is_left", [((2, 3), False), ((2, 2), True)])
def test_bare_numbers_that_count_the_pages_are_no_row(numbers: tuple[int, int], is_left: bool) -> None:
    pages = [[*header(100), *other_rows(140)], row("2.重复申请", NUMBERS, 180)]
    counted = [[*glyphs, *word(str(n), 282, 205)] for glyphs, n in zip(pages, numbers, strict=True)]
    cells, left = bound_on(*counted)
    assert len(cells) == 4 * len(KEYS)
    assert left == ["2", "2"] * is_left


def test_a_label_with_a_typing_error_names_its_row() -> None:
    rows = [
        *row("1.属于国家秘密", NUMBERS, 140),
        *row("2.其他法律行政规禁止公开", ("", "4", "", "", "", "", "4"), 160),
        *row("3.危及“三安全一稳定”", NUMBERS, 180),
    ]
    cells, _ = bound_on([*header(100), *rows])
    assert cells["refused.prohibited_by_law", "business"] == "4"


def test_a_number_beside_a_label_of_two_lines_is_in_its_row() -> None:
    label = words(("5.要求行政机关确认或重新", 60, 210), ("出具已获取信息", 60, 221))
    cells, _ = bound_on([*header(100), *other_rows(140), *label, *row("", NUMBERS, 215)])
    assert [cells["declined.reconfirmation", column] for column in KEYS] == list(NUMBERS)


def test_a_unit_set_apart_stays_with_its_number() -> None:
    (table,) = tables_on([*words(*DECISIONS), *word("件", 351, 120)])
    assert texts(table)[1] == ["行政处罚", "419 件"]


def test_a_unit_below_a_header_is_no_part_of_it() -> None:
    """本年收费金额 with 5.5万元 below reads as 本年收费金额万元, a label of the form."""
    (table,) = tables_on(
        words(("本年收费金额", 300, 100), ("行政事业性收费", 60, 114), ("5.5万元", 310, 114))
    )
    assert texts(table) == [["本年收费金额"], ["行政事业性收费", "5.5万元"]]


REVIEW = ("结果维持", "结果纠正", "其他结果", "尚未审结", "总计") * 3


def review_header(top: float) -> list[Glyph]:
    groups = words(("行政复议", 110, top), ("未经复议直接起诉", 260, top), ("复议后起诉", 445, top))
    heads = [glyph for at, text in enumerate(REVIEW) for glyph in halves(text, 40 + 34 * at, top + 15)]
    return [*groups, *heads]


def halves(text: str, x: float, top: float) -> list[Glyph]:
    return [*word(text[:2], x + 7, top), *word(text[2:], x + 7, top + 11)]


def test_rows_named_in_the_header_share_one_line_of_numbers() -> None:
    numbers = [glyph for at in range(15) for glyph in word(str(at), 54 + 34 * at, 160)]
    cells, _ = bound_on([*review_header(100), *numbers])
    assert cells["review", "upheld"] == "0"
    assert cells["litigation_direct", "total"] == "9"
    assert cells["litigation_after_review", "pending"] == "13"


def test_the_line_of_numbers_may_stand_on_the_next_page_under_its_title() -> None:
    numbers = [glyph for at in range(15) for glyph in word(str(at), 54 + 34 * at, 90)]
    title = word("示例市示例局政府信息公开工作年度报告", 60, 50)
    cells, _ = bound_on([*review_header(740), *word("- 3 -", 285, 810)], [*title, *numbers])
    assert cells["litigation_after_review", "total"] == "14"


def test_a_heading_or_page_number_below_a_header_is_no_line_of_numbers() -> None:
    cells, _ = bound_on([*review_header(100), *word("- 3 -", 285, 250)])
    assert not any(cells.values())


def random_table(seed: int) -> tuple[list[Glyph], dict[tuple[str, str], str]]:
    """Table 三 with columns of random widths, one alignment, and some cells blank; and its cells."""
    rng = Random(seed)
    edges = [260.0]
    for _ in COLUMNS:
        edges.append(edges[-1] + rng.uniform(44, 70))
    align, blank = rng.choice(["left", "right", "centre"]), rng.choice([0.0, 0.4, 0.9])
    glyphs, truth = header(100, rng.choice(["left", "centre", "right"]), edges), {}
    (form,) = [f for f in load_forms() if (f.form, f.table) == ("fy2019", "applications")]
    for at, label in enumerate(form.rows):
        lines = [label.printed[i : i + 18] for i in range(0, len(label.printed), 18)]
        for line, text in enumerate(lines):
            glyphs += word(text, 60, 140 + 25 * at + 11 * line)
        middle = 140 + 25 * at + 5.5 * (len(lines) - 1)
        for key, left, right in zip(KEYS, edges, edges[1:], strict=False):
            text = "" if rng.random() < blank else str(rng.choice([0, 7, 16, 419, 7730]))
            truth[label.key, key] = text
            glyphs += cell_at(text, left, right, middle, align)
    return glyphs, truth


@pytest.mark.parametrize("seed", range(40))
def test_no_cell_of_a_random_table_is_read_as_another(seed: int) -> None:
    """A cell may be left unnamed where nothing tells its column; it may not hold what it does not print."""
    glyphs, truth = random_table(seed)
    cells, _ = bound_on(glyphs)
    assert {key: text for key, text in cells.items() if truth[key] != text} == {}
    assert len(cells) > 0.9 * len(truth)


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
    with closing(PdfFile(path)) as file:
        raw = read(Step(reader, "aligned"), file)
    return {table.table: table for table in raw_to_bound(raw.tables)[0]}


def shown(value: float) -> str:
    return f"{value:.2f}".rstrip("0").rstrip(".")


@pytest.mark.parametrize("reader", ["pypdfium2", "pdfplumber"])
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
    table = bound(printed / f"{form}.pdf", "pypdfium2")["active_disclosure"]
    assert table.template == form
    assert table.missing == ()
    assert all(cell.text for cell in table.cells)
